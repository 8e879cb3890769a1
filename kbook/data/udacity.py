"""Recordings of Udacity's driving simulator: three cameras and the steering of whoever drove.

The simulator (https://github.com/udacity/self-driving-car-sim) writes a folder with a table,
``driving_log.csv``, and pictures, ``IMG``. There is no download that could be checked: record one
yourself, or take Udacity's sample data, and put it as ``udacity`` into the folder for downloads.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Generator, Tensor

from kbook.data import cache
from kbook.data.cache import DataUnavailable
from kbook.data.driving_log import CAMERAS, LOG, Row, read_log
from kbook.data.pictures import UnreadablePicture, examine

__all__ = ["BOTTOM", "TOP", "Recording", "Split", "balanced", "load", "source", "split"]

TOP, BOTTOM = 0.375, 0.85  # what is kept of the height: above is sky, below the car's own hood
INSTEAD = (
    "The rendered roads (kbook.data.road) need no recording: the quick profile drives on them."
)


class Recording(NamedTuple):
    """What the three cameras saw and how it was steered, in the order of time.

    Attributes
    ----------
    center, left, right : Tensor of shape (N, 3, H, W)
        uint8, RGB, 0 to 255.
    steering : Tensor of shape (N,)
        float32, -1 to 1, as a part of the largest angle of the wheels, which the simulator's source
        sets to 25 degrees. Positive is to the right: the other way round than a curvature here.
    seconds : Tensor of shape (N,)
        float64, since the first row.
    """

    center: Tensor
    left: Tensor
    right: Tensor
    steering: Tensor
    seconds: Tensor


class Split(NamedTuple):
    """Rows, int64 and rising, for training and for the test."""

    train: Tensor
    test: Tensor


def load(height: int = 66, width: int = 200) -> Recording:
    """Return the whole recording, cropped and scaled, and print a line about it.

    Of each picture the rows from 37.5% to 85% of its height are kept (of 160 rows those from 60
    on and before 136): the road from the horizon to the car's hood. They are scaled to the wanted
    size with antialiasing, whatever that does to the proportions: 320 x 76 pixels become 200 x 66.
    The table may have a header or none, and its paths may be of any machine: the pictures are
    looked for in ``IMG``. Rows are sorted by time.

    Parameters
    ----------
    height, width : int
        Of the frames that are returned, in pixels. 2,074 rows of three frames of 66 by 200 pixels
        take 246 MB.

    Returns
    -------
    Recording

    Raises
    ------
    ValueError
        If `height` or `width` is no whole number from 1 on.
    kbook.data.cache.DataUnavailable
        If there is no recording, or a row or a picture cannot be used.
    """
    for name, size in (("height", height), ("width", width)):
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ValueError(f"{name} must be a whole number of pixels from 1 on; got {size!r}.")
    rows = read_log(_log(), INSTEAD)
    folder = _log().parent / "IMG"
    _require_pictures(folder, rows)
    center, left, right = (
        torch.empty(len(rows), 3, height, width, dtype=torch.uint8) for _ in CAMERAS
    )
    sizes = set()
    for number, row in enumerate(rows):
        for camera, name in zip((center, left, right), row.names, strict=True):
            sizes.add(_fill(camera[number], folder / name))
    steering = torch.tensor([row.steering for row in rows], dtype=torch.float32)
    times = [(row.time - rows[0].time).total_seconds() for row in rows]
    seconds = torch.tensor(times, dtype=torch.float64)
    recording = Recording(center, left, right, steering, seconds)
    print(_line(recording, sizes))
    return recording


def source() -> str:
    """Return name and checksum of the recording, for a record.

    Returns
    -------
    str
        With the sha256 of the table; the pictures have none.

    Raises
    ------
    kbook.data.cache.DataUnavailable
        If there is no recording.
    """
    return f"udacity, sha256 of {LOG} {hashlib.sha256(_log().read_bytes()).hexdigest()[:12]}…"


def split(count: int, *, held_out: float = 0.2, blocks: int = 5, gap: int = 10) -> Split:
    """Split a recording by blocks of time, so that no frame for the test has a twin in training.

    Neighboring frames are nearly the same picture, which a random split would have on both sides.
    Time is cut into stretches of equal length; the end of each is for the test. On a track that is
    driven more than once, training still sees the places of the test, in other laps.

    Parameters
    ----------
    count : int
        Rows of the recording.
    held_out : float, default 0.2
        Which part of each stretch is for the test, between 0 and 1.
    blocks : int, default 5
        Stretches, each with one block for the test.
    gap : int, default 10
        Rows that are left out between training and test, on both sides of a block.

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        If a setting is out of range, or a stretch would have nothing for training or the test.
    """
    if not 0 < held_out < 1 or blocks < 1 or gap < 0:
        raise ValueError(
            "split wants held_out between 0 and 1, blocks from 1 on and a gap from 0 on; got "
            f"{held_out}, {blocks} and {gap}."
        )
    train, test = [], []
    for block in range(blocks):
        start, end = count * block // blocks, count * (block + 1) // blocks
        cut = end - round(held_out * (end - start))
        first = start + (gap if block else 0)
        train.append(torch.arange(first, max(cut - gap, first)))
        test.append(torch.arange(cut, end))
        if len(train[-1]) == 0 or len(test[-1]) == 0:
            raise ValueError(
                f"{count} rows in {blocks} blocks, {held_out:.0%} of each for the test and gaps of "
                f"{gap}, leave a block without rows for training or for the test."
            )
    return Split(torch.cat(train), torch.cat(test))


def balanced(steering: Tensor, share: float, generator: Generator) -> Tensor:
    """Return which rows to keep so that driving straight ahead does not outweigh everything else.

    Parameters
    ----------
    steering : Tensor of shape (N,)
        Rows with exactly 0 are thinned; all others are kept.
    share : float
        Which part of the rows with 0 is kept, from 0 to 1.
    generator : torch.Generator
        On the CPU; it decides which.

    Returns
    -------
    Tensor of shape (M,)
        int64, rising.

    Raises
    ------
    ValueError
        If `steering` is no vector, or `share` is not from 0 to 1.
    """
    if steering.ndim != 1 or not 0 <= share <= 1:
        raise ValueError(
            "balanced wants steering of shape (N,) and a share from 0 to 1; got "
            f"{tuple(steering.shape)} and {share}."
        )
    zeros = (steering == 0).nonzero().flatten().cpu()
    order = torch.randperm(len(zeros), generator=generator)
    kept = zeros[order[: round(share * len(zeros))]]
    return torch.cat([(steering != 0).nonzero().flatten().cpu(), kept]).sort().values


def _log() -> Path:
    """Return the table of the recording, or say how to get one."""
    log = cache.folder() / "udacity" / LOG
    if not log.is_file() or not (log.parent / "IMG").is_dir():
        raise DataUnavailable(
            f"There is no recording in {log.parent}: it wants {LOG} and the folder IMG. Record it "
            "with Udacity's simulator (https://github.com/udacity/self-driving-car-sim), or take "
            f"Udacity's sample data; the variable {cache.VARIABLE} names another folder. {INSTEAD}"
        )
    return log


def _require_pictures(folder: Path, rows: list[Row]) -> None:
    names = [name for row in rows for name in row.names]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise DataUnavailable(
            f"{len(missing):,} of {len(names):,} pictures that {LOG} names are not in {folder}, "
            f"first of all {missing[0]}. {INSTEAD}"
        )


def _fill(frame: Tensor, file: Path) -> tuple[int, int]:
    """Put a picture's road into a frame; return the picture's width and height."""
    try:
        picture, _ = examine(file, "RGB")
    except UnreadablePicture as reason:
        raise DataUnavailable(
            f"{file} cannot be used: {reason}. Delete its row from {LOG}. {INSTEAD}"
        ) from reason
    height, width = frame.shape[1:]
    top, bottom = (round(part * picture.height) for part in (TOP, BOTTOM))
    road = picture.crop((0, top, picture.width, bottom))
    scaled = road.resize((width, height), Image.Resampling.BILINEAR)  # Pillow's is antialiased
    frame.copy_(torch.from_numpy(np.array(scaled)).permute(2, 0, 1))
    return picture.size


def _line(recording: Recording, sizes: set[tuple[int, int]]) -> str:
    """Say in one line what was read and how it was changed."""
    came = "{} x {} pixels".format(*min(sizes)) if len(sizes) == 1 else f"of {len(sizes)} sizes"
    height, width = recording.center.shape[2:]
    straight = (recording.steering == 0).float().mean()
    return (
        f"udacity: {len(recording.steering):,} steps in {recording.seconds[-1]:.0f} s, three "
        f"cameras, {came}, {TOP:.1%} to {BOTTOM:.1%} of the height scaled to {width} x {height}; "
        f"steering {recording.steering.min():.2f} to {recording.steering.max():.2f}, "
        f"{straight:.1%} exactly 0; no checksum is known."
    )
