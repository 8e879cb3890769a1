"""Augmentation of a whole batch at once, on the device where the batch lies."""

import math

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

__all__ = ["crop_and_flip", "flip_and_shift"]


def flip_and_shift(images: Tensor, generator: Generator, by: int = 4) -> Tensor:
    """Mirror each picture with probability ½ and shift it, each by a lot of its own.

    What is shifted in from outside is 0: normalize before. He et al. (2016), section 4.2, do the
    same, picture by picture: "4 pixels are padded on each side, and a 32×32 crop is randomly
    sampled".

    Parameters
    ----------
    images : Tensor of shape (N, C, H, W)
    generator : torch.Generator
        On the CPU; the lots come from it, whatever the device of the images.
    by : int, default 4
        Pixels, the longest shift in each of the four directions.

    Returns
    -------
    Tensor of shape (N, C, H, W)
        A new one, with the channels last in memory.
    """
    height, width = images.shape[2:]
    return _windows(F.pad(images, (by, by, by, by)), height, width, generator)


def crop_and_flip(images: Tensor, generator: Generator, enlarge: float = 286 / 256) -> Tensor:
    """Enlarge the pictures, cut each to its old size at random, mirror it with probability ½.

    So the authors of CycleGAN train on photographs: enlarged from 256 to 286 pixels, 256 of them
    are cut out.

    Parameters
    ----------
    images : Tensor of shape (N, C, H, W)
        Floats from -1 to 1.
    generator : torch.Generator
        On the CPU; the lots come from it, whatever the device of the images.
    enlarge : float, default 286 / 256
        At least 1: how many times as high and as wide, rounded to whole pixels.

    Returns
    -------
    Tensor of shape (N, C, H, W)
        New ones, from -1 to 1.

    Raises
    ------
    ValueError
        If `images` are no such floats, or `enlarge` is below 1 or infinite.
    """
    if images.ndim != 4 or not images.is_floating_point():
        raise ValueError(
            "crop_and_flip wants floats of shape (N, C, H, W); "
            f"got {images.dtype} of shape {tuple(images.shape)}."
        )
    if not 1 <= enlarge < math.inf:
        raise ValueError(f"crop_and_flip wants enlarge to be a number from 1 on; got {enlarge}.")
    height, width = images.shape[2:]
    larger = (round(enlarge * height), round(enlarge * width))
    images = F.interpolate(images, larger, mode="bicubic", antialias=True)  # as Pillow enlarges
    return _windows(images.clamp(-1, 1), height, width, generator).contiguous()


def _windows(images: Tensor, height: int, width: int, generator: Generator) -> Tensor:
    """Cut a window out of each picture at random, and mirror it with probability ½."""
    count, _, whole_height, whole_width = images.shape
    down = torch.randint(whole_height - height + 1, (count, 1), generator=generator)
    right = torch.randint(whole_width - width + 1, (count, 1), generator=generator)
    mirrored = torch.rand(count, 1, generator=generator) < 0.5
    device = images.device
    down, right, mirrored = _sent(torch.stack([down, right, mirrored]), device)
    rows = torch.arange(height, device=device) + down
    columns = torch.arange(width, device=device) + right
    columns = torch.where(mirrored.bool(), columns.flip(1), columns)
    sample = torch.arange(count, device=device)
    # An index array in front of and behind a slice: their shared shape (N, H, W) comes first.
    pixels = images[sample[:, None, None], :, rows[:, :, None], columns[:, None, :]]
    return pixels.permute(0, 3, 1, 2)


def _sent(lots: Tensor, device: torch.device) -> Tensor:
    """Copy to a device; a GPU gets it from pinned memory, so that nobody waits for its queue."""
    if device.type == "cuda":
        lots = lots.pin_memory()
    return lots.to(device, non_blocking=True)
