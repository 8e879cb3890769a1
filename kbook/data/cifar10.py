"""CIFAR-10: 60,000 small color photographs of ten kinds of things, downloaded on first use.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", University of Toronto, 2009.
50,000 pictures are for training and 10,000 for the test, 32 by 32 pixels each.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torchvision.datasets import CIFAR10
from torchvision.datasets.utils import check_integrity

from kbook.data import cache

__all__ = ["CLASSES", "dataset", "load", "source"]

CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)

ARCHIVE = cache.Archive(
    name=CIFAR10.filename,
    mirrors=(CIFAR10.url,),
    md5=CIFAR10.tgz_md5,
    instead="The digits (kbook.data.digits) need no download: the quick profile uses them.",
)


def load(train: bool) -> tuple[Tensor, Tensor]:
    """Return all pictures of one part at once.

    Parameters
    ----------
    train : bool
        The 50,000 for training, or else the 10,000 for the test.

    Returns
    -------
    images : Tensor of shape (N, 3, 32, 32)
        uint8, 0 to 255: a quarter of the memory of floats.
    labels : Tensor of shape (N,)
        int64, places in `CLASSES`.

    Raises
    ------
    kbook.data.cache.DataUnavailable
        If they are not there and cannot be downloaded.
    """
    part = dataset(train)
    images = torch.from_numpy(part.data).permute(0, 3, 1, 2)
    return images, torch.tensor(part.targets, dtype=torch.int64)


def dataset(train: bool, transform: Callable[[Any], Any] | None = None) -> CIFAR10:
    """Return one part as torchvision's data set, downloaded first if need be.

    Parameters
    ----------
    train : bool
        The 50,000 pictures for training, or else the 10,000 for the test.
    transform : callable, optional
        From a PIL picture to what the data set gives.

    Returns
    -------
    torchvision.datasets.CIFAR10

    Raises
    ------
    kbook.data.cache.DataUnavailable
        If they are not there and cannot be downloaded.
    """
    return CIFAR10(str(cache.fetch(ARCHIVE, _is_whole)), train=train, transform=transform)


def source() -> str:
    """Return name and checksum of the data, for a record."""
    name, md5 = CIFAR10.train_list[0]
    return f"CIFAR-10, md5 of {name} {md5[:12]}…"


def _is_whole(root: Path) -> bool:
    """Tell whether torchvision will find every file as it was published."""
    files = [*CIFAR10.train_list, *CIFAR10.test_list]
    files.append([CIFAR10.meta["filename"], CIFAR10.meta["md5"]])
    return all(check_integrity(root / CIFAR10.base_folder / name, md5) for name, md5 in files)
