"""Downloads: kept in one folder, checked, whole or not there at all."""

import hashlib
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock
from tqdm import tqdm

from kbook.data.unpacking import UnusableArchive, is_archive, unpack
from kbook.errors import OneSentence

__all__ = ["Archive", "DataUnavailable", "fetch", "folder"]

VARIABLE = "KBOOK_DATA"
PATIENCE = 30  # seconds without a byte, after which a mirror has failed


class DataUnavailable(OneSentence, RuntimeError):
    """Say which data could not be had, why, and what to use instead."""


class Archive(NamedTuple):
    """Say where a packed data set is, and how to know it.

    Attributes
    ----------
    name : str
        The file's name; a zip, or a tar packed in any way that Python reads.
    mirrors : tuple of str
        Addresses of the file, tried in this order.
    md5 : str
        The file's checksum, or "" where it is not known.
    instead : str
        What to do without it: the last part of the error's sentence.
    sha256 : str, default ""
        Another checksum. Where neither is known, what is in the archive is all that is checked.
    """

    name: str
    mirrors: tuple[str, ...]
    md5: str
    instead: str
    sha256: str = ""


def folder() -> Path:
    """Return the folder for downloads: KBOOK_DATA, else ``kbook`` in the user's cache folder.

    Returns
    -------
    Path
        It need not exist yet.
    """
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "kbook"


def fetch(archive: Archive, is_whole: Callable[[Path], bool]) -> Path:
    """Return the folder for downloads once it holds what is in an archive.

    What is there and whole is used as it is, without network and without writing. Otherwise the
    archive is taken from that folder, if it lies there, or else downloaded; both are checked. If no
    checksum is known, a printed line says so. Two processes at once download once. What a broken
    run has left behind is never used.

    Parameters
    ----------
    archive : Archive
        What to fetch.
    is_whole : callable
        Tells of a folder whether it holds all that is in the archive, undamaged.

    Returns
    -------
    Path
        ``folder()``.

    Raises
    ------
    DataUnavailable
        If no mirror gave the file, or it cannot be unpacked, or the folder cannot be written.
    """
    root = folder()
    if is_whole(root):
        return root
    with _sole_writer(archive, root) as draft:
        if not is_whole(root):  # another process may have fetched it meanwhile
            _unpack(archive, _packed(archive, root, draft), draft / "content")
            if not is_whole(draft / "content"):
                raise DataUnavailable(f"{archive.name} lacks files. {archive.instead}")
            _move(draft / "content", root)
            if not (archive.md5 or archive.sha256):
                print(f"{archive.name}: no checksum is known; the files in it were checked.")
    return root


@contextmanager
def _sole_writer(archive: Archive, root: Path) -> Iterator[Path]:
    """Yield an empty folder in `root`, to one process at a time; afterwards it is gone."""
    draft = root / f".{archive.name}.draft"
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / f".{archive.name}.lock"):
            try:
                shutil.rmtree(draft, ignore_errors=True)  # of a run that was killed
                draft.mkdir()
                yield draft
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    except (OSError, NotImplementedError) as error:  # some file systems have no locks
        raise DataUnavailable(
            f"{archive.name} cannot be stored in {root} ({_why(error)}); the variable {VARIABLE} "
            f"names another folder. {archive.instead}"
        ) from error


def _packed(archive: Archive, root: Path, draft: Path) -> Path:
    """Return the archive's file, from `root` or from the first mirror that gives it."""
    if (root / archive.name).is_file() and not _fault(archive, root / archive.name):
        return root / archive.name
    file, failures = draft / archive.name, []
    for mirror in archive.mirrors:
        try:
            _download(mirror, file)
        except (OSError, HTTPException, ValueError) as error:
            failures.append(f"{mirror} failed ({_why(error)})")
            continue
        if not (fault := _fault(archive, file)):
            return file
        failures.append(f"{mirror} gave {fault}")
    raise DataUnavailable(
        f"{archive.name} could not be downloaded: {'; '.join(failures)}. {archive.instead}"
    )


def _download(address: str, file: Path) -> None:
    request = urllib.request.Request(address, headers={"User-Agent": "kbook"})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer, file.open("wb") as written:
        size = int(answer.headers.get("Content-Length", 0))  # 0: the server does not say
        with tqdm.wrapattr(answer, "read", total=size or None, desc=file.name) as source:
            shutil.copyfileobj(source, written)
    if size and file.stat().st_size != size:
        raise OSError(f"broke off after {file.stat().st_size:,} of {size:,} bytes")


def _fault(archive: Archive, file: Path) -> str:
    """Say what a file is if it is not the archive; nothing if it is, as far as is known."""
    if archive.sha256 and _checksum(file, "sha256") != archive.sha256:
        return f"another file (its sha256 is not {archive.sha256})"
    if archive.md5 and _checksum(file, "md5") != archive.md5:
        return f"another file (its md5 is not {archive.md5})"
    known = archive.sha256 or archive.md5
    return "" if known or is_archive(file) else "a file that is no archive"


def _checksum(file: Path, kind: str) -> str:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, lambda: hashlib.new(kind, usedforsecurity=False))
    return digest.hexdigest()


def _unpack(archive: Archive, file: Path, target: Path) -> None:
    try:
        unpack(file, target)
    except UnusableArchive as error:
        raise DataUnavailable(
            f"{archive.name} cannot be unpacked ({error}). {archive.instead}"
        ) from error


def _move(source: Path, target: Path) -> None:
    """Move file by file: each is whole or not there, and what else is in `target` stays."""
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        place = target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        file.replace(place)


def _why(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code} {error.reason}"
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, OSError):
        error = error.reason
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
