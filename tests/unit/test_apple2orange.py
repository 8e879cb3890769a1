"""kbook.data.apple2orange and horse2zebra, on a tiny zip in the layout of the real ones."""

import hashlib
import io
import zipfile
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image

from kbook.data import apple2orange, cache, horse2zebra, unpaired_folders
from kbook.data.augmentation import crop_and_flip
from kbook.data.cache import DataUnavailable
from kbook.training import Recipe, fit_cyclegan
from tests.tiny_cyclegan import gan_of

COUNTS = {"trainA": 3, "trainB": 4, "testA": 2, "testB": 1}
SIDE = 8
REAL = {module: module.PUBLISHED for module in (apple2orange, horse2zebra)}
KNOWN = "as many as published, no checksum is known of single pictures."
INSTEAD = (
    "The rendered horses and zebras (kbook.data.animals) need no download: the quick profile uses "
    "them."
)


def names(part: str) -> list[str]:
    """Not in their order: 10 comes before 2, and capitals come first."""
    return [f"{part}/{name}.png" for name in ("n2", "n10", "N3", "n4")[: COUNTS[part]]]


NAMES = {part: sorted(names(part)) for part in COUNTS}
PIXELS = {
    name: np.random.default_rng(number).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    for number, name in enumerate(name for part in COUNTS for name in names(part))
}


def encoded(picture: Image.Image, form: str = "PNG") -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form)
    return stream.getvalue()


FILES = {name: encoded(Image.fromarray(pixels)) for name, pixels in PIXELS.items()}


def serve(module: ModuleType, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a tiny zip and put it in the place of the real one."""
    real = module.PUBLISHED
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in FILES.items():
            archive.writestr(f"{real.name}/{name}", content)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    tiny = real.archive._replace(mirrors=(file.as_uri(),), sha256=sha256)
    monkeypatch.setattr(module, "PUBLISHED", real._replace(archive=tiny, counts=COUNTS))


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of the tiny apple2orange."""
    monkeypatch.setenv("KBOOK_DATA", str(tmp_path / "data"))
    serve(apple2orange, tmp_path / "copy", monkeypatch)
    return tmp_path / "copy"


@pytest.fixture
def folder(mirror: Path) -> Path:
    """Return the folder of the four, unpacked by hand; the mirror is gone."""
    for name, content in FILES.items():
        file = cache.folder() / "apple2orange" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    mirror.unlink()
    return cache.folder() / "apple2orange"


def sentence() -> str:
    with pytest.raises(DataUnavailable) as caught:
        apple2orange.load(SIDE)
    return str(caught.value)


@pytest.mark.parametrize("train", [True, False])
def test_pictures_are_those_of_the_files_sorted_by_name(train: bool, mirror: Path) -> None:
    both = apple2orange.load(SIDE, train)
    for part, pictures in zip(("A", "B"), both, strict=True):
        wanted = np.stack([PIXELS[name] for name in NAMES[("train" if train else "test") + part]])
        assert pictures.dtype == torch.float32 and pictures.is_contiguous()
        bytes_again = (pictures + 1) * 127.5
        np.testing.assert_allclose(bytes_again.permute(0, 2, 3, 1), wanted, atol=1e-4)
    assert both.x is both[0] and both.y is both[1]


def test_the_training_part_is_the_default_and_can_be_trained_on(mirror: Path) -> None:
    x, y = apple2orange.load(16)
    assert (x.shape, y.shape) == ((3, 3, 16, 16), (4, 3, 16, 16))
    gan = gan_of(Recipe(steps=2))
    curves = fit_cyclegan(gan, x, y, augment=crop_and_flip, progress=False)
    assert all(len(curve) == 2 for curve in curves.values())


def test_black_is_minus_one_and_white_is_one(folder: Path) -> None:
    for name, color in zip(NAMES["trainA"], ("black", "white", "red"), strict=True):
        Image.new("RGB", (SIDE, SIDE), color).save(folder / name)
    x = apple2orange.load(4).x
    assert (x[0] == -1).all() and (x[1] == 1).all()
    assert (x[2, 0] == 1).all() and (x[2, 1:] == -1).all()


@pytest.mark.parametrize("size", [3, 4, 16])
def test_pictures_are_scaled_as_pillow_scales(size: int, folder: Path) -> None:
    pictures = apple2orange.load(size).x
    for picture, name in zip(pictures, NAMES["trainA"], strict=True):
        scaled = Image.fromarray(PIXELS[name]).resize((size, size), Image.Resampling.BICUBIC)
        wanted = np.asarray(scaled).transpose(2, 0, 1) / 127.5 - 1
        np.testing.assert_allclose(picture, wanted, atol=1e-6)


def test_one_line_says_what_was_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apple2orange.load(4)
    apple2orange.load(SIDE, train=False)
    assert capsys.readouterr().out.splitlines() == [
        f"apple2orange, training: 3 apples and 4 oranges, 8 x 8 pixels, scaled to 4 x 4; {KNOWN}",
        f"apple2orange, test: 2 apples and 1 oranges, 8 x 8 pixels; {KNOWN}",
    ]


def test_odd_pictures_are_converted_and_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gray = Image.fromarray(PIXELS["trainA/N3.png"][:, :, 0])
    gray.save(folder / "trainA" / "N3.png")
    wide = np.zeros((SIDE, 2 * SIDE, 3), dtype=np.uint8)
    wide[:, SIDE // 2 : -SIDE // 2] = 255  # white in the middle, black at both sides
    Image.fromarray(wide).save(folder / "trainA" / "n10.png")
    Image.fromarray(wide[:, :, 0]).save(folder / "trainB" / "n4.png")
    both = apple2orange.load(SIDE)
    expected = torch.from_numpy(np.array(gray)).float() / 127.5 - 1
    torch.testing.assert_close(both.x[0], expected.expand(3, -1, -1))
    assert (both.x[1] == 1).all() and (both.y[3] == 1).all()
    assert capsys.readouterr().out == (
        "apple2orange, training: 3 apples and 4 oranges, of 2 sizes, scaled to 8 x 8; "
        f"{KNOWN} Converted to RGB squares: 1 L, 1 not square, 1 L not square "
        "(trainA/N3.png, trainA/n10.png, trainB/n4.png).\n"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"no picture", "no picture that Pillow knows"),
        (FILES["trainB/n4.png"][:80], "cut short"),
    ],
)
def test_what_cannot_be_decoded_is_refused_by_name(
    content: bytes, reason: str, folder: Path
) -> None:
    (folder / "trainB" / "n4.png").write_bytes(content)
    assert sentence() == (
        f"{folder}/trainB/n4.png cannot be used: {reason}. Delete it, and apple2orange.zip is "
        f"fetched anew. {INSTEAD}"
    )


def test_what_is_unpacked_already_is_used_as_it_is(mirror: Path) -> None:
    apple2orange.load(SIDE)
    mirror.unlink()
    apple2orange.load(SIDE, train=False)
    there = cache.folder() / "apple2orange"
    assert {p.relative_to(there).as_posix() for p in there.rglob("*.*")} == set(FILES)


def test_what_systems_hide_is_no_picture(folder: Path) -> None:
    for name in (".DS_Store", "._n2.png", "Thumbs.db"):
        (folder / "trainA" / name).write_bytes(b"x")
    (folder / "trainA" / "more").mkdir()
    assert len(apple2orange.load(SIDE).x) == 3


def test_a_half_unpacked_folder_is_completed(mirror: Path) -> None:
    apple2orange.load(SIDE)
    (cache.folder() / "apple2orange" / "testB" / "n2.png").unlink()
    assert len(apple2orange.load(SIDE, train=False).y) == 1


def test_too_few_pictures_never_count(folder: Path, mirror: Path) -> None:
    (folder / "testA" / "n2.png").unlink()
    (folder / "trainB" / "n4.png").unlink()
    assert sentence() == (
        f"apple2orange.zip could not be downloaded: {mirror.as_uri()} failed (No such file or "
        f"directory). {folder} holds 3 instead of 4 pictures in trainB, 1 instead of 2 pictures in "
        f"testA. {INSTEAD}"
    )


def test_others_are_refused_without_a_download(mirror: Path) -> None:
    apple2orange.load(SIDE)
    folder = cache.folder() / "apple2orange"
    (folder / "trainB" / "n2.png").rename(folder / "trainA" / "other.png")
    before = sorted(folder.rglob("*"))
    assert sentence() == (
        f"{folder} holds 4 instead of 3 pictures in trainA, 3 instead of 4 pictures in trainB: "
        "others than apple2orange's. Move it away, and the right ones are fetched. " + INSTEAD
    )
    assert sorted(folder.rglob("*")) == before


def test_others_to_which_a_download_was_added_are_refused(mirror: Path) -> None:
    apple2orange.load(SIDE)
    folder = cache.folder() / "apple2orange"
    (folder / "trainA" / "n2.png").rename(folder / "trainA" / "other.png")
    (folder / "testA" / "n2.png").unlink()
    assert "holds 4 instead of 3 pictures in trainA: others" in sentence()


def test_a_zip_with_too_few_pictures_is_refused(
    mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = apple2orange.PUBLISHED
    more = tiny._replace(counts={**COUNTS, "testB": 2})
    monkeypatch.setattr(apple2orange, "PUBLISHED", more)
    assert sentence() == f"apple2orange.zip lacks files. {INSTEAD}"
    assert not (cache.folder() / "apple2orange").exists()


def test_without_network_the_rendered_animals_are_offered(mirror: Path) -> None:
    mirror.unlink()
    assert sentence() == (
        f"apple2orange.zip could not be downloaded: {mirror.as_uri()} failed (No such file or "
        f"directory). {INSTEAD}"
    )


@pytest.mark.parametrize("size", [0, -1, 64.0, True, "64"])
def test_a_size_is_a_whole_number(size: object, mirror: Path) -> None:
    with pytest.raises(ValueError) as caught:
        apple2orange.load(size)  # type: ignore[arg-type]
    assert str(caught.value) == (f"size must be a whole number of pixels from 1 on; got {size!r}.")
    assert not cache.folder().exists()


def test_the_source_is_the_archive_until_there_are_pictures(mirror: Path) -> None:
    sha256 = apple2orange.PUBLISHED.archive.sha256
    archive = f"apple2orange, sha256 of apple2orange.zip {sha256[:12]}…"
    assert apple2orange.source() == archive
    apple2orange.load(SIDE)
    lines = [f"{hashlib.sha256(FILES[name]).hexdigest()}  {name}\n" for name in sorted(FILES)]
    wanted = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert apple2orange.source() == f"apple2orange, sha256 of its 10 files {wanted[:12]}…"
    (cache.folder() / "apple2orange" / "testB" / "n2.png").unlink()
    assert apple2orange.source() == archive


@pytest.mark.parametrize(
    ("module", "domains", "counts", "start"),
    [
        (apple2orange, ("apples", "oranges"), (995, 1019, 266, 248), "845a191e9af8"),
        (horse2zebra, ("horses", "zebras"), (1067, 1334, 120, 140), "a74d9d392eec"),
    ],
)
def test_the_real_ones_are_the_authors(
    module: ModuleType, domains: tuple[str, str], counts: tuple[int, ...], start: str, mirror: Path
) -> None:
    published = REAL[module]
    name, archive = published.name, published.archive
    assert name == module.__name__.rsplit(".", 1)[-1] and published.domains == domains
    assert published.counts == dict(zip(COUNTS, counts, strict=True))
    assert archive.mirrors == (f"https://efrosgans.eecs.berkeley.edu/cyclegan/datasets/{name}.zip",)
    assert archive.name == f"{name}.zip" and archive.instead == INSTEAD
    assert len(archive.sha256) == 64 and archive.md5 == ""
    assert unpaired_folders.source(published) == f"{name}, sha256 of {name}.zip {start}…"


def test_horses_and_zebras_are_loaded_the_same_way(
    mirror: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(horse2zebra, mirror, monkeypatch)
    assert [len(pictures) for pictures in horse2zebra.load(SIDE)] == [3, 4]
    assert [len(pictures) for pictures in horse2zebra.load(SIDE, False)] == [2, 1]
    assert "horse2zebra, test: 2 horses and 1 zebras" in capsys.readouterr().out
