"""kbook.data.pictures: what can be converted is, and what cannot be decoded is refused."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kbook.data.pictures import UnreadablePicture, examine, read

NOISE = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
COLOR = Image.fromarray(NOISE)


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    content = io.BytesIO()
    image.save(content, form, **options)
    return content.getvalue()


def stored(folder: Path, content: bytes) -> Path:
    path = folder / "picture"  # no ending: it must not matter
    path.write_bytes(content)
    return path


def reason(path: Path) -> str:
    with pytest.raises(UnreadablePicture) as caught:
        examine(path, "RGB")
    return str(caught.value)


@pytest.mark.parametrize("form", ["PNG", "BMP", "PPM", "TIFF", "WEBP"])
def test_a_color_picture_is_read_as_it_is(form: str, tmp_path: Path) -> None:
    path = stored(tmp_path, encoded(COLOR, form, **({"lossless": True} if form == "WEBP" else {})))
    image, change = examine(path, "RGB")
    assert np.array_equal(np.asarray(image), NOISE) and change == ""
    assert np.array_equal(np.asarray(read(str(path))), NOISE)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "GIF", "TIFF", "PPM"])
def test_a_file_cut_short_is_refused(form: str, tmp_path: Path) -> None:
    content = encoded(COLOR, form)
    assert reason(stored(tmp_path, content[: len(content) // 2])) == "cut short"


def damaged_png() -> bytes:
    content = bytearray(encoded(COLOR, "PNG"))
    content[len(content) // 2] ^= 0x55
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", "no picture that Pillow knows"),
        (b"cats: see the other folder\n", "no picture that Pillow knows"),
        (b"", "empty"),
        (damaged_png(), "cannot be decoded"),
        (encoded(COLOR, "WEBP")[:500], "cannot be decoded"),
        (encoded(Image.new("F", (4, 4), 0.5), "TIFF"), "pixels of 32 bits, whose range is unknown"),
        (encoded(Image.new("I", (4, 4), -1), "TIFF"), "pixels of 32 bits, whose range is unknown"),
        (encoded(Image.new("I", (4, 4), 200), "TIFF"), "pixels of 32 bits, whose range is unknown"),
        (
            encoded(Image.new("I", (4, 4), 65_536), "TIFF"),
            "pixels of 32 bits, whose range is unknown",
        ),
    ],
)
def test_what_gives_no_picture_is_refused_with_the_reason(
    content: bytes, why: str, tmp_path: Path
) -> None:
    path = stored(tmp_path, content)
    assert reason(path) == why
    with pytest.raises(UnreadablePicture) as caught:
        read(path)
    assert str(caught.value) == f"{path}: {why}."


@pytest.mark.parametrize("limit", [1_999, 999])  # Pillow warns, and from twice as much it raises
def test_a_decompression_bomb_is_refused(
    limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stored(tmp_path, encoded(COLOR, "PNG"))  # 2,000 pixels
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    assert reason(path) == f"more than {limit:,} pixels"


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(tmp_path / "nowhere")
    os.mkfifo(pipe)  # opening it would wait for a writer forever
    assert reason(link) == "no file"
    assert reason(pipe) == "no file"


def test_a_file_that_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Image, "open", refuse)
    assert reason(stored(tmp_path, b"x")) == "cannot be read (Permission denied)"


GRAY = np.array([[0, 100, 255]], dtype=np.uint8)


@pytest.mark.parametrize(
    ("image", "mode", "change", "expected"),
    [
        (Image.fromarray(GRAY), "L", "", GRAY),
        (Image.fromarray(GRAY), "RGB", "L", np.stack([GRAY] * 3, axis=2)),
        (Image.fromarray(np.stack([GRAY] * 3, axis=2)), "L", "RGB", GRAY),
        (Image.fromarray(GRAY > 50), "L", "1", [[0, 255, 255]]),
        (Image.fromarray(GRAY).convert("P"), "L", "P", GRAY),
        (Image.new("RGB", (1, 1), "red"), "L", "RGB", [[76]]),  # 0.299 · 255
        (Image.new("CMYK", (1, 1), (0, 255, 255, 0)), "RGB", "CMYK", [[[255, 0, 0]]]),
        (Image.new("CMYK", (1, 1), (0, 0, 0, 255)), "L", "CMYK", [[0]]),
        (Image.new("LAB", (1, 1), (255, 128, 128)), "L", "LAB", [[255]]),
    ],
)
def test_what_can_be_converted_is(
    image: Image.Image, mode: str, change: str, expected: object, tmp_path: Path
) -> None:
    path = stored(tmp_path, encoded(image, "TIFF"))
    result, found = examine(path, mode)
    assert (result.mode, found) == (mode, change)
    assert np.array_equal(np.asarray(result), expected)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_are_scaled_and_not_clipped(form: str, tmp_path: Path) -> None:
    values = np.array([[0, 257, 25_700, 30_000, 65_535]], dtype=np.uint16)
    result, change = examine(stored(tmp_path, encoded(Image.fromarray(values), form)), "L")
    assert np.array_equal(np.asarray(result), [[0, 1, 100, 117, 255]])
    assert change.startswith("I")


def test_what_is_transparent_shows_white_paper(tmp_path: Path) -> None:
    # Black ink, black hidden below full transparency, and half transparent black.
    pixels = np.array([[[0, 0, 0, 255], [0, 0, 0, 0], [0, 0, 0, 128]]], dtype=np.uint8)
    ink = Image.fromarray(pixels)
    assert np.array_equal(read(stored(tmp_path, encoded(ink, "PNG")), "L"), [[0, 255, 127]])
    gray = ink.convert("LA")
    assert np.array_equal(read(stored(tmp_path, encoded(gray, "PNG")), "L"), [[0, 255, 127]])


@pytest.mark.parametrize(
    ("image", "key", "change"),
    [
        (Image.fromarray(GRAY), 100, "transparent L"),
        (Image.fromarray(GRAY).convert("P"), 100, "P"),
    ],
)
def test_a_color_that_means_transparent_shows_white_paper(
    image: Image.Image, key: int, change: str, tmp_path: Path
) -> None:
    path = stored(tmp_path, encoded(image, "PNG", transparency=key))
    result, found = examine(path, "L")
    assert np.array_equal(result, [[0, 255, 255]]) and found == change


UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.T,
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].T,
    8: np.rot90,
    9: lambda a: a,  # no such note: as it is
}


@pytest.mark.parametrize("note", UPRIGHT)
def test_pictures_are_turned_upright(note: int, tmp_path: Path) -> None:
    values = np.arange(6, dtype=np.uint8).reshape(2, 3)
    exif = Image.Exif()
    exif[0x0112] = note
    path = stored(tmp_path, encoded(Image.fromarray(values), "PNG", exif=exif))
    result, change = examine(path, "L")
    assert np.array_equal(result, UPRIGHT[note](values))
    assert change == ("turned" if 2 <= note <= 8 else "")
    assert examine(path, "RGB")[1] == ("L turned" if 2 <= note <= 8 else "L")


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"Exif\0\0MM\0*\0\0\0\x08\0\x05\x01\x12"])
def test_damaged_exif_data_spoil_no_picture(
    exif: bytes, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    image, change = examine(stored(tmp_path, encoded(COLOR, "JPEG", exif=exif)), "RGB")
    assert image.size == COLOR.size and change == ""
    assert not recwarn.list


def test_of_several_frames_the_first_is_read(tmp_path: Path) -> None:
    frames = [Image.new("L", (3, 2), value) for value in (200, 10)]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert np.array_equal(read(stored(tmp_path, content), "L"), np.full((2, 3), 200))
