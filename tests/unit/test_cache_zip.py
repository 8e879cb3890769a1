"""kbook.data.cache with zips: sha256, no checksum at all, and names that lead elsewhere."""

import hashlib
import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from kbook.data import cache
from kbook.data.cache import Archive, DataUnavailable

CONTENT = {"things/one.txt": b"1" * 1_000, "things/deep/two.txt": b"2" * 2_000}
INSTEAD = "Take the digits."
NAME = "things.zip"
LINK, PIPE = stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o644


def zipped(content: dict[str, bytes], mode: int = 0, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack; `mode` is that of the last file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in content.items():
            member = zipfile.ZipInfo(name)
            member.filename = name  # as it is: the constructor cuts at a zero byte
            member.compress_type = method
            if name == list(content)[-1]:
                member.external_attr = mode << 16
            archive.writestr(member, data)
    return stream.getvalue()


PACKED = zipped(CONTENT)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def is_whole(root: Path) -> bool:
    return all((root / n).is_file() and (root / n).read_bytes() == d for n, d in CONTENT.items())


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KBOOK_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    (tmp_path / "mirror").write_bytes(PACKED)
    return tmp_path / "mirror"


def archive(*mirrors: Path, md5: str = "", sha256: str = "") -> Archive:
    return Archive(NAME, tuple(file.as_uri() for file in mirrors), md5, INSTEAD, sha256)


def found(folder: Path) -> dict[str, bytes]:
    """The files in a folder, without the lock, which stays."""
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    files.pop(f".{NAME}.lock", None)
    return {name: file.read_bytes() for name, file in files.items()}


def sentence(wanted: Archive) -> str:
    with pytest.raises(DataUnavailable) as caught:
        cache.fetch(wanted, is_whole)
    return str(caught.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_zip_is_unpacked_and_nothing_else_is_left(method: int, root: Path, mirror: Path) -> None:
    content = zipped(CONTENT, method=method)
    mirror.write_bytes(content)
    assert cache.fetch(archive(mirror, sha256=sha256(content)), is_whole) == root
    assert found(root) == CONTENT
    mirror.unlink()
    cache.fetch(archive(mirror, sha256=sha256(content)), is_whole)


def test_a_zip_is_known_by_its_first_bytes_and_not_by_its_name(root: Path, mirror: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as written:  # an open tar that ends with a zip
        for name, data in {**CONTENT, "things/z.zip": PACKED}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            written.addfile(member, io.BytesIO(data))
    mirror.write_bytes(stream.getvalue())
    cache.fetch(archive(mirror, sha256=sha256(stream.getvalue())), is_whole)
    assert found(root) == {**CONTENT, "things/z.zip": PACKED}


def test_folders_of_their_own_in_a_zip_are_no_files(root: Path, mirror: Path) -> None:
    content = zipped({**CONTENT, "things/empty/": b""}, stat.S_IFDIR | 0o755)
    mirror.write_bytes(content)
    cache.fetch(archive(mirror, sha256=sha256(content)), is_whole)
    assert found(root) == CONTENT


@pytest.mark.parametrize("wrong", ["sha256", "md5"])
def test_each_checksum_that_is_known_must_be_right(wrong: str, root: Path, mirror: Path) -> None:
    known = {"md5": hashlib.md5(PACKED).hexdigest(), "sha256": sha256(PACKED)}
    known[wrong] = "0" * len(known[wrong])
    assert sentence(archive(mirror, **known)) == (
        f"things.zip could not be downloaded: {mirror.as_uri()} gave another file "
        f"(its {wrong} is not {known[wrong]}). Take the digits."
    )
    assert found(root) == {}


def test_an_archive_that_lies_there_must_be_right_too(root: Path, mirror: Path) -> None:
    root.mkdir()
    (root / NAME).write_bytes(PACKED[:-1])
    cache.fetch(archive(mirror, sha256=sha256(PACKED)), is_whole)
    assert found(root) == {**CONTENT, NAME: PACKED[:-1]}


def test_with_a_checksum_nothing_is_printed(
    root: Path, mirror: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.fetch(archive(mirror, sha256=sha256(PACKED)), is_whole)
    assert capsys.readouterr().out == ""


def test_without_a_checksum_the_files_decide_and_a_line_says_so(
    root: Path, mirror: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page").write_text("<html>Moved</html>")
    (tmp_path / "half").write_bytes(PACKED[: len(PACKED) // 2])
    cache.fetch(archive(tmp_path / "page", tmp_path / "half", mirror), is_whole)
    assert found(root) == CONTENT
    line = "things.zip: no checksum is known; the files in it were checked.\n"
    assert capsys.readouterr().out == line
    cache.fetch(archive(mirror), is_whole)
    assert capsys.readouterr().out == ""


def test_without_a_checksum_other_files_are_refused(root: Path, mirror: Path) -> None:
    mirror.write_bytes(zipped({"things/one.txt": b"1" * 1_000}))
    assert sentence(archive(mirror)) == "things.zip lacks files. Take the digits."
    mirror.write_bytes(b"\x1f\x8b\x08")  # a packed tar that breaks off at once
    assert sentence(archive(mirror)) == (
        f"things.zip could not be downloaded: {mirror.as_uri()} gave a file that is no archive. "
        "Take the digits."
    )
    assert found(root) == {}


@pytest.mark.parametrize(
    "name",
    [
        *("../outside.txt", "things/../../outside.txt", "/tmp/outside.txt", "things/.."),
        *("..\\outside.txt", "\\outside.txt", "C:\\outside.txt", "C:outside.txt"),
    ],
)
def test_a_zip_with_a_name_that_leads_outside_is_refused(
    name: str, root: Path, mirror: Path, tmp_path: Path
) -> None:
    mirror.write_bytes(zipped({**CONTENT, name: b"x"}))
    assert sentence(archive(mirror)) == (
        f"things.zip cannot be unpacked ({name!r} would land outside). Take the digits."
    )
    assert found(root) == {} and not list(tmp_path.rglob("*outside*"))


def test_dots_that_lead_nowhere_are_names(root: Path, mirror: Path) -> None:
    content = {**CONTENT, "things/..two..txt": b"2"}
    mirror.write_bytes(zipped(content))
    cache.fetch(archive(mirror), is_whole)
    assert found(root) == content


@pytest.mark.parametrize("mode", [LINK, PIPE])
def test_links_and_pipes_in_a_zip_are_refused(mode: int, root: Path, mirror: Path) -> None:
    mirror.write_bytes(zipped({**CONTENT, "things/link": b"/"}, mode))
    assert sentence(archive(mirror)) == (
        "things.zip cannot be unpacked ('things/link' is a link or no file at all). "
        "Take the digits."
    )
    assert found(root) == {}


def test_a_zip_with_a_password_is_refused(root: Path, mirror: Path) -> None:
    content = bytearray(PACKED)
    content[6] |= 1  # the flags in front of the first file, and those in the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    mirror.write_bytes(content)
    assert sentence(archive(mirror)) == (
        "things.zip cannot be unpacked ('things/one.txt' has a password). Take the digits."
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_damaged_file_in_a_zip_is_a_sentence(method: int, root: Path, mirror: Path) -> None:
    content = bytearray(zipped(CONTENT, method=method))
    for place in range(50, 54):  # behind the 30 bytes and the name in front of the first file
        content[place] ^= 0xFF
    mirror.write_bytes(content)
    text = sentence(archive(mirror))
    assert text.startswith("things.zip cannot be unpacked (") and text.endswith(" Take the digits.")
    assert found(root) == {}


def test_a_method_that_python_does_not_know_is_a_sentence(root: Path, mirror: Path) -> None:
    content = bytearray(PACKED)
    content[8] = content[content.index(b"PK\x01\x02") + 10] = 97
    mirror.write_bytes(content)
    assert sentence(archive(mirror)).startswith("things.zip cannot be unpacked (")
