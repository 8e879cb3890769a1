"""kbook.data.udacity, on tiny recordings in the layout of the simulator's."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from kbook.data import cache, udacity
from kbook.data.cache import DataUnavailable
from tests.udacity_lines import CAMERAS, INSTEAD, LINES, TIMES, name

WIDTH, HEIGHT = 24, 40


def pixels(camera: str, row: int) -> np.ndarray:
    seed = 10 * row + CAMERAS.index(camera)
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a recording of four rows; its pictures are PNG, which loses nothing."""
    monkeypatch.setenv("KBOOK_DATA", str(tmp_path))
    (tmp_path / "udacity" / "IMG").mkdir(parents=True)
    for row, time in enumerate(TIMES):
        for camera in CAMERAS:
            picture = Image.fromarray(pixels(camera, row))
            picture.save(tmp_path / "udacity" / "IMG" / name(camera, time), "PNG")
    write(tmp_path / "udacity", LINES)
    return tmp_path / "udacity"


def write(folder: Path, lines: list[str], end: str = "\n") -> None:
    (folder / "driving_log.csv").write_text(
        "".join(text + end for text in lines), "utf-8", newline=""
    )


def sentence(call: Callable[[], object] = udacity.load) -> str:
    with pytest.raises(DataUnavailable) as caught:
        call()
    return str(caught.value)


def test_frames_are_the_rows_of_the_road_in_the_order_of_the_cameras(folder: Path) -> None:
    recording = udacity.load(34 - 15, WIDTH)  # 37.5% and 85% of 40 rows: nothing is scaled
    assert (udacity.TOP, udacity.BOTTOM) == (0.375, 0.85)
    for camera, frames in zip(CAMERAS, recording[:3], strict=True):
        assert frames is getattr(recording, camera)
        assert frames.dtype == torch.uint8 and frames.shape == (4, 3, 19, WIDTH)
        wanted = np.stack([pixels(camera, row)[15:34] for row in range(4)])
        np.testing.assert_array_equal(frames.permute(0, 2, 3, 1), wanted)


@pytest.mark.parametrize("size", [(7, 9), (66, 200), (19, 5)])
def test_frames_are_scaled_with_antialiasing_and_see_nothing_of_sky_and_hood(
    size: tuple[int, int], folder: Path
) -> None:
    frames = udacity.load(*size).left
    road = torch.from_numpy(pixels("left", 2)[15:34]).permute(2, 0, 1)[None].float()
    wanted = F.interpolate(road, size, mode="bilinear", antialias=True)[0]
    assert (frames[2].float() - wanted).abs().max() <= 1  # two roundings


def test_the_size_is_the_published_nets_unless_another_is_asked_for(folder: Path) -> None:
    assert udacity.load().right.shape == (4, 3, 66, 200)


def test_steering_and_seconds_are_those_of_the_table(folder: Path) -> None:
    recording = udacity.load(4, 8)
    assert recording.steering.dtype == torch.float32
    torch.testing.assert_close(recording.steering, torch.tensor([0, -0.05, 1, 0.031]))
    assert recording.seconds.dtype == torch.float64
    wanted = torch.tensor([0, 0.105, 1.099, 2.35], dtype=torch.float64)  # across a new year
    torch.testing.assert_close(recording.seconds, wanted, rtol=0, atol=1e-9)


@pytest.mark.parametrize("lacking", ["everything", "driving_log.csv", "IMG"])
def test_without_a_recording_the_sentence_says_where_from_and_what_else(
    lacking: str, folder: Path
) -> None:
    gone = folder if lacking == "everything" else folder / lacking
    gone.rename(folder.parent / "elsewhere")
    assert sentence() == sentence(udacity.source)
    assert sentence() == (
        f"There is no recording in {folder}: it wants driving_log.csv and the folder IMG. Record "
        "it with Udacity's simulator (https://github.com/udacity/self-driving-car-sim), or take "
        f"Udacity's sample data; the variable KBOOK_DATA names another folder. {INSTEAD}"
    )
    assert not folder.exists() or lacking != "everything"  # nothing is made


def test_pictures_follow_the_order_of_time_and_not_of_the_table(folder: Path) -> None:
    wanted = udacity.load(4, 8)
    write(folder, [LINES[2], LINES[0], LINES[3], LINES[1]])
    for ours, theirs in zip(udacity.load(4, 8), wanted, strict=True):
        assert torch.equal(ours, theirs)


def test_a_bad_row_is_refused_before_any_picture_is_read(folder: Path) -> None:
    write(folder, [LINES[0], LINES[1].replace("-0.05", "5")])
    for file in (folder / "IMG").iterdir():
        file.write_bytes(b"")
    assert sentence() == (
        f"{folder}/driving_log.csv cannot be used: line 2 wants a steering from -1 to 1; got '5'. "
        f"{INSTEAD}"
    )


def test_missing_pictures_are_counted_and_the_first_is_named(folder: Path) -> None:
    for camera, row in (("left", 1), ("center", 3)):
        (folder / "IMG" / name(camera, TIMES[row])).unlink()
    assert sentence() == (
        f"2 of 12 pictures that driving_log.csv names are not in {folder}/IMG, first of all "
        f"left_{TIMES[1]}.jpg. {INSTEAD}"
    )


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "empty"), (b"no picture", "no picture that Pillow knows")]
)
def test_a_damaged_picture_is_refused_by_name(content: bytes, reason: str, folder: Path) -> None:
    file = folder / "IMG" / name("right", TIMES[2])
    file.write_bytes(content)
    assert sentence() == (
        f"{file} cannot be used: {reason}. Delete its row from driving_log.csv. {INSTEAD}"
    )


@pytest.mark.parametrize("size", [0, -1, 66.0, True, "66"])
@pytest.mark.parametrize("which", ["height", "width"])
def test_a_size_is_a_whole_number(which: str, size: object, folder: Path) -> None:
    with pytest.raises(ValueError) as caught:
        udacity.load(**{which: size})  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"{which} must be a whole number of pixels from 1 on; got {size!r}."
    )


def test_one_line_says_what_was_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    udacity.load(4, 8)
    Image.new("L", (50, 20)).save(folder / "IMG" / name("left", TIMES[0]), "PNG")
    udacity.load(4, 8)
    end = (
        "37.5% to 85.0% of the height scaled to 8 x 4; steering -0.05 to 1.00, 25.0% exactly 0; "
        "no checksum is known.\n"
    )
    assert capsys.readouterr().out == (
        f"udacity: 4 steps in 2 s, three cameras, 24 x 40 pixels, {end}"
        f"udacity: 4 steps in 2 s, three cameras, of 2 sizes, {end}"
    )


def test_the_source_is_the_table_by_its_checksum(folder: Path) -> None:
    sha256 = hashlib.sha256((folder / "driving_log.csv").read_bytes()).hexdigest()
    assert udacity.source() == f"udacity, sha256 of driving_log.csv {sha256[:12]}…"
    write(folder, LINES[:3])
    assert sha256[:12] not in udacity.source()
    assert cache.folder() == folder.parent
