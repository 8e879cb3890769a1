"""Pictures in folders, one for each class: write them, look them through, open them for training.

``inspect`` tries every file and reports; ``open_splits`` gives torchvision's ImageFolder for three
sibling folders with one class map, or says in one sentence why it cannot.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from kbook.data.inspection import UnusableFolder, inspect, is_hidden
from kbook.data.pictures import UnreadablePicture, read
from kbook.data.report import Report
from kbook.data.splits import Splits, open_splits

__all__ = [
    "Report",
    "Splits",
    "UnreadablePicture",
    "UnusableFolder",
    "inspect",
    "open_splits",
    "read",
    "statistics",
    "write",
]


def write(root: str | Path, images: Tensor, labels: Tensor, classes: Sequence[str]) -> None:
    """Write pictures as PNG files, ``root/<class>/<number>.png``, all of them or none.

    Parameters
    ----------
    root : str or Path
        A folder that does not exist yet, or is empty.
    images : Tensor of shape (N, 1, H, W) or (N, 3, H, W)
        Gray or color, floats from 0 (black) to 1, rounded to 8 bits.
    labels : Tensor of shape (N,)
        Whole numbers: the place of each picture's class in `classes`.
    classes : sequence of str
        The folders' names; one without pictures is made, too.

    Raises
    ------
    UnusableFolder
        If `root` holds anything.
    ValueError
        If `images`, `labels` or `classes` are others than said.
    """
    root = Path(root).expanduser()
    _check_pictures(images, labels, classes)
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UnusableFolder(f"{root} is not empty: nothing was written.")
    pixels = (images.detach().cpu() * 255).round().to(torch.uint8).permute(0, 2, 3, 1)
    digits = max(4, len(str(len(images) - 1)))
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=root.parent) as draft:
        for name in classes:
            Path(draft, "all", name).mkdir(parents=True)
        for number, (picture, label) in enumerate(zip(pixels, labels.tolist(), strict=True)):
            file = Path(draft, "all", classes[label], f"{number:0{digits}}.png")
            Image.fromarray(picture.squeeze(2).numpy()).save(file)
        if root.exists():
            root.rmdir()  # it is empty, and not every system renames onto an empty folder
        Path(draft, "all").rename(root)


def statistics(dataset: Dataset[Any]) -> tuple[list[float], list[float]]:
    """Return mean and standard deviation of each channel, over all pixels of a data set.

    One pass, in float64. They are what ``torchvision.transforms.v2.Normalize`` wants.

    Parameters
    ----------
    dataset : Dataset
        With a length. Each item begins with a picture: a float tensor of shape (C, H, W), where
        height and width may differ from picture to picture.

    Returns
    -------
    mean, std : list of float
        A number for each channel. As numpy, `std` divides by the number of pixels.

    Raises
    ------
    TypeError
        If an item is no float tensor, as it is before ``ToImage`` and ``ToDtype``.
    ValueError
        If there are no pictures, or they differ in their channels.
    """
    count, mean, squares = 0, torch.zeros(()), torch.zeros(())
    for index in range(len(dataset)):  # type: ignore[arg-type]
        picture = dataset[index][0]
        _check_picture(picture, mean if count else None)
        pixels = picture.double().flatten(1)  # (C, H·W)
        size = pixels.shape[1]
        own = pixels.mean(1)
        # Chan, Golub and LeVeque: sums of squared distances from a mean join without cancellation.
        squares = squares + (pixels - own[:, None]).square().sum(1)
        squares = squares + (own - mean).square() * count * size / (count + size)
        mean = mean + (own - mean) * size / (count + size)
        count += size
    if not count:
        raise ValueError("statistics wants at least one picture; got none.")
    return mean.tolist(), (squares / count).sqrt().tolist()


def _check_pictures(images: Tensor, labels: Tensor, classes: Sequence[str]) -> None:
    if images.ndim != 4 or images.shape[1] not in (1, 3) or not images.is_floating_point():
        raise ValueError(
            "write wants images as floats of shape (N, 1, H, W) or (N, 3, H, W); "
            f"got {images.dtype} of shape {tuple(images.shape)}."
        )
    if not ((images >= 0) & (images <= 1)).all():  # NaN, too, is not
        raise ValueError("write wants images from 0 to 1; some pixels are not.")
    if labels.shape != images.shape[:1] or labels.is_floating_point() or labels.is_complex():
        raise ValueError(
            f"write wants a whole number as the label of each of the {len(images)} images; "
            f"got {labels.dtype} of shape {tuple(labels.shape)}."
        )
    if len(set(classes)) < len(classes) or any(not _is_plain(name) for name in classes):
        raise ValueError(f"write wants distinct names of folders as classes; got {list(classes)}.")
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(classes):
        raise ValueError(
            f"write wants labels from 0 to {len(classes) - 1}, places among the classes; "
            f"got {labels.min()} to {labels.max()}."
        )


def _is_plain(name: str) -> bool:
    return bool(name) and Path(name).name == name and not is_hidden(name)


def _check_picture(picture: Any, mean: Tensor | None) -> None:
    if not isinstance(picture, Tensor) or not picture.is_floating_point() or picture.ndim != 3:
        got = type(picture).__name__
        if isinstance(picture, Tensor):
            got = f"{picture.dtype} of shape {tuple(picture.shape)}"
        raise TypeError(
            "statistics wants float tensors of shape (C, H, W), as the transforms ToImage and "
            f"ToDtype(torch.float32, scale=True) give; got {got}."
        )
    if mean is not None and len(picture) != len(mean):
        raise ValueError(
            f"statistics wants pictures with the same channels; got {len(mean)} and {len(picture)}."
        )
