"""kbook.data.cache: downloads are whole and checked, or one sentence says what failed."""

import hashlib
import io
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kbook.data import cache
from kbook.data.cache import Archive, DataUnavailable

CONTENT = {"things/one.txt": b"1" * 1_000, "things/two.txt": b"2" * 2_000}
INSTEAD = "Take the digits."
NAME = "things.tar.gz"


def packed(content: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


PACKED = packed(CONTENT)


def archive(*mirrors: str, content: bytes = PACKED) -> Archive:
    return Archive(NAME, mirrors, hashlib.md5(content).hexdigest(), INSTEAD)


def is_whole(root: Path) -> bool:
    return all(
        (root / name).is_file() and (root / name).read_bytes() == data
        for name, data in CONTENT.items()
    )


class Server(ThreadingHTTPServer):
    """Answers /good, /broken (half of it), /other, /silent (never) and nothing else."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.go = threading.Event()
        self.go.set()

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.go.wait()
        body = {"/good": PACKED, "/broken": PACKED, "/other": b"<html>Moved</html>"}.get(self.path)
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:100] if self.path == "/broken" else body)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.go.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KBOOK_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def found(root: Path) -> dict[str, bytes]:
    """The files in a folder, without the lock, which stays."""
    files = {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    files.pop(f".{NAME}.lock", None)
    return files


def sentence(wanted: Archive, whole: Callable[[Path], bool] = is_whole) -> str:
    with pytest.raises(DataUnavailable) as caught:
        cache.fetch(wanted, whole)
    return str(caught.value)


def test_the_folder_is_the_variables_or_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KBOOK_DATA", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache.folder() == tmp_path / ".cache" / "kbook"
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache.folder() == Path("/caches/kbook")
    monkeypatch.setenv("KBOOK_DATA", "~/mine")
    assert cache.folder() == tmp_path / "mine"


def test_a_download_is_unpacked_and_nothing_else_is_left(root: Path, server: Server) -> None:
    assert cache.fetch(archive(server.address("good")), is_whole) == root
    assert found(root) == CONTENT
    cache.fetch(archive(server.address("good")), is_whole)
    assert server.asked == ["/good"]


def test_what_is_whole_is_used_without_network_and_without_writing(root: Path) -> None:
    for name, data in CONTENT.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    cache.fetch(archive(), is_whole)
    assert [path.name for path in root.iterdir()] == ["things"]


def test_an_archive_that_lies_there_is_used_and_kept(root: Path) -> None:
    root.mkdir()
    (root / NAME).write_bytes(PACKED)
    cache.fetch(archive(), is_whole)
    assert found(root) == {**CONTENT, NAME: PACKED}


def test_mirrors_are_tried_in_turn_until_one_is_right(root: Path, server: Server) -> None:
    names = ("none", "broken", "other", "good", "never")
    cache.fetch(archive(*map(server.address, names)), is_whole)
    assert server.asked == ["/none", "/broken", "/other", "/good"]
    assert found(root) == CONTENT


def test_a_mirror_may_be_a_file(root: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(PACKED)
    cache.fetch(archive((tmp_path / "copy").as_uri()), is_whole)
    assert found(root) == CONTENT


def test_when_all_fail_the_sentence_says_why_and_what_to_do(root: Path, server: Server) -> None:
    wanted = archive(
        *map(server.address, ("none", "broken", "other")), "file:///no/such", "nonsense"
    )
    assert sentence(wanted) == (
        "things.tar.gz could not be downloaded: "
        f"{server.address('none')} failed (HTTP 404 Not Found); "
        f"{server.address('broken')} failed (broke off after 100 of {len(PACKED)} bytes); "
        f"{server.address('other')} gave another file (its md5 is not {wanted.md5}); "
        "file:///no/such failed (No such file or directory); "
        "nonsense failed (unknown url type: 'nonsense'). Take the digits."
    )
    assert found(root) == {}


def test_a_mirror_that_falls_silent_fails(
    root: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "PATIENCE", 0.1)
    server.go.clear()
    address = server.address("good")
    assert sentence(archive(address)) == (
        f"things.tar.gz could not be downloaded: {address} failed (timed out). Take the digits."
    )


def test_a_machine_without_network_is_a_sentence(root: Path, server: Server) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_port
    assert sentence(archive(f"http://127.0.0.1:{port}/x")) == (
        f"things.tar.gz could not be downloaded: http://127.0.0.1:{port}/x failed "
        "(Connection refused). Take the digits."
    )


def test_what_an_earlier_run_left_half_written_is_not_used(root: Path, server: Server) -> None:
    (root / "things").mkdir(parents=True)
    (root / "things" / "one.txt").write_bytes(b"1" * 10)  # cut off
    (root / "things" / "mine.txt").write_bytes(b"keep")
    (root / NAME).write_bytes(PACKED[:50])
    draft = root / f".{NAME}.draft"
    (draft / "content" / "things").mkdir(parents=True)
    (draft / NAME).write_bytes(PACKED[:70])
    (draft / "content" / "things" / "three.txt").write_bytes(b"3")
    cache.fetch(archive(server.address("good")), is_whole)
    assert found(root) == {**CONTENT, "things/mine.txt": b"keep", NAME: PACKED[:50]}
    assert not draft.exists()


@pytest.mark.parametrize("name", ["../outside.txt", "things/../../outside.txt"])
def test_an_archive_writes_nothing_outside(name: str, root: Path, tmp_path: Path) -> None:
    content = packed({**CONTENT, name: b"x"})
    (tmp_path / "copy").write_bytes(content)
    text = sentence(archive((tmp_path / "copy").as_uri(), content=content))
    assert text.startswith("things.tar.gz cannot be unpacked (") and "outside" in text
    assert text.endswith(" Take the digits.")
    assert found(root) == {}
    assert not list(tmp_path.rglob("outside.txt"))


def test_a_link_in_an_archive_leads_nowhere_outside(root: Path, tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as written:
        link = tarfile.TarInfo("things")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        written.addfile(link)
        written.addfile(tarfile.TarInfo("things/outside.txt"))
    (tmp_path / "copy").write_bytes(stream.getvalue())
    text = sentence(archive((tmp_path / "copy").as_uri(), content=stream.getvalue()))
    assert text.startswith("things.tar.gz cannot be unpacked (")
    assert not (tmp_path / "outside.txt").exists()


def test_what_is_no_archive_or_lacks_files_is_a_sentence(root: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(b"no archive")
    text = sentence(archive((tmp_path / "copy").as_uri(), content=b"no archive"))
    assert text.startswith("things.tar.gz cannot be unpacked (")
    less = packed({"things/one.txt": CONTENT["things/one.txt"]})
    (tmp_path / "copy").write_bytes(less)
    text = sentence(archive((tmp_path / "copy").as_uri(), content=less))
    assert text == "things.tar.gz lacks files. Take the digits."
    assert found(root) == {}


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("KBOOK_DATA", str(tmp_path / "file" / "data"))
    assert sentence(archive("file:///never")) == (
        f"things.tar.gz cannot be stored in {tmp_path}/file/data (Not a directory); "
        "the variable KBOOK_DATA names another folder. Take the digits."
    )


def test_a_full_disk_is_a_sentence(
    root: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tarfile.TarFile, "extractall", fail)
    assert sentence(archive(server.address("good"))) == (
        f"things.tar.gz cannot be stored in {root} (No space left on device); "
        "the variable KBOOK_DATA names another folder. Take the digits."
    )
    assert found(root) == {} and not (root / f".{NAME}.draft").exists()


FETCH = """
import sys
from pathlib import Path
from kbook.data import cache

def is_whole(root):
    whole = (root / "things" / "two.txt").is_file()
    print(whole, flush=True)
    return whole

cache.fetch(cache.Archive(sys.argv[1], (sys.argv[2],), sys.argv[3], ""), is_whole)
"""


def test_two_at_once_download_once(root: Path, server: Server) -> None:
    server.go.clear()  # no download ends before both have seen that there is nothing yet
    wanted = archive(server.address("good"))
    command = [sys.executable, "-c", FETCH, NAME, *wanted.mirrors, wanted.md5]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in running:
        assert process.stdout and process.stdout.readline() == "False\n"
    server.go.set()
    for process in running:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    assert server.asked == ["/good"]
    assert found(root) == CONTENT
