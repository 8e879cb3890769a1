"""Unpack a tar or a zip: everything lands inside the folder that is named, or nothing does."""

import lzma
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path, PureWindowsPath

__all__ = ["UnusableArchive", "is_archive", "unpack"]

ENCRYPTED = 0x1  # the bit of a zip's flags that says so
FAILURES = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(EOFError, NotImplementedError),
)


class UnusableArchive(ValueError):
    """Say why an archive cannot be unpacked."""


def is_archive(file: Path) -> bool:
    """Tell whether a file begins as a tar does, packed or not, or is a zip with its directory.

    Parameters
    ----------
    file : Path
        An existing file.

    Returns
    -------
    bool
    """
    try:
        return zipfile.is_zipfile(file) if _is_zip(file) else tarfile.is_tarfile(file)
    except FAILURES:  # a packed tar that breaks off at once
        return False


def unpack(file: Path, target: Path) -> None:
    """Unpack an archive.

    Parameters
    ----------
    file : Path
        A zip, or a tar packed in any way that Python reads; its name does not matter.
    target : Path
        The folder for what is in it; made if need be.

    Raises
    ------
    UnusableArchive
        If it is no archive or a damaged one, or a name in it leads outside. Of a zip, nothing has
        been written then that it refuses by name: links, and files with a password.
    """
    try:
        if _is_zip(file):
            _unzip(file, target)
        else:
            with tarfile.open(file) as packed:
                packed.extractall(target, filter="data")  # refuses what would land outside
    except FAILURES as error:
        raise UnusableArchive(str(error)) from error
    except OSError as error:
        if error.errno is None:  # gzip and bz2 say so of damaged data, no system does
            raise UnusableArchive(str(error)) from error
        raise


def _is_zip(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(2) == b"PK"


def _unzip(file: Path, target: Path) -> None:
    with zipfile.ZipFile(file) as packed:
        for member in packed.infolist():
            if fault := _fault(member):
                raise UnusableArchive(f"{member.filename!r} {fault}")
        packed.extractall(target)  # compares the checksum of each file


def _fault(member: zipfile.ZipInfo) -> str:
    """Say why a file of a zip is refused; nothing if it is not.

    Python itself would drop what leads outside from the name, and write the file all the same.
    """
    name = PureWindowsPath(member.filename)  # it knows drives, and both kinds of slashes
    if name.anchor or ".." in name.parts:
        return "would land outside"
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or no file at all"
    return "has a password" if member.flag_bits & ENCRYPTED else ""
