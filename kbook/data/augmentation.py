"""Augmentation of a whole batch at once, on the device where the batch lies."""

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

__all__ = ["flip_and_shift"]


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
    count, _, height, width = images.shape
    shifts = torch.randint(2 * by + 1, (2, count, 1), generator=generator)
    mirrored = torch.rand(count, 1, generator=generator) < 0.5
    rows = torch.arange(height) + shifts[0]
    columns = torch.arange(width) + shifts[1]
    columns = torch.where(mirrored, columns.flip(1), columns)
    rows, columns = rows.to(images.device), columns.to(images.device)
    sample = torch.arange(count, device=images.device)
    padded = F.pad(images, (by, by, by, by))
    # An index array in front of and behind a slice: their shared shape (N, H, W) comes first.
    pixels = padded[sample[:, None, None], :, rows[:, :, None], columns[:, None, :]]
    return pixels.permute(0, 3, 1, 2)
