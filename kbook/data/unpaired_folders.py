"""Photographs of two domains without pairs, in four folders: trainA, trainB, testA, testB.

So CycleGAN's authors publish theirs. `apple2orange` and `horse2zebra` say which; here is the rest.
"""

import hashlib
import os
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from kbook.data import cache
from kbook.data.inspection import is_hidden
from kbook.data.pictures import UnreadablePicture, examine
from kbook.data.report import few, printable

__all__ = ["Domains", "Published", "load", "source"]

TRAIN, TEST = ("trainA", "trainB"), ("testA", "testB")


class Domains(NamedTuple):
    """Pictures of two domains, none of which has its counterpart.

    Attributes
    ----------
    x, y : Tensor of shape (N, 3, size, size), (M, 3, size, size)
        float32, from -1 to 1.
    """

    x: Tensor
    y: Tensor


class Published(NamedTuple):
    """Say which pictures were published, and where.

    Attributes
    ----------
    name : str
        Of the folder that holds the four.
    domains : tuple of str
        What the pictures of A and of B show, in the plural.
    counts : dict from str to int
        How many pictures each of the four folders holds.
    archive : kbook.data.cache.Archive
        A zip of the folder.
    """

    name: str
    domains: tuple[str, str]
    counts: dict[str, int]
    archive: cache.Archive


class _Part(NamedTuple):
    """One folder as it was read: tensor, sizes of the files' pictures, name to what was changed."""

    pictures: Tensor
    sizes: set[tuple[int, int]]
    changes: dict[str, str]


def load(published: Published, size: int, train: bool) -> Domains:
    """Return all pictures of one part at once, sorted by name, and print a line about them.

    A folder that lies in the cache is used as it is, whatever the size of its pictures, if it holds
    as many as were published. What is no square is cut to the one in its middle.

    Parameters
    ----------
    published : Published
        What to load.
    size : int
        Height and width of the pictures that are returned, in pixels; they are scaled to it.
    train : bool
        The pictures for training, or else those for the test.

    Returns
    -------
    Domains

    Raises
    ------
    ValueError
        If `size` is no whole number from 1 on.
    kbook.data.cache.DataUnavailable
        If they are not there and cannot be downloaded, the folder holds others, or one of them
        cannot be read.
    """
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise ValueError(f"size must be a whole number of pixels from 1 on; got {size!r}.")
    folder = _fetched(published)
    parts = [_part(folder / name, size, published) for name in (TRAIN if train else TEST)]
    print(_line(published, parts, "training" if train else "test"))
    return Domains(*(part.pictures for part in parts))


def source(published: Published) -> str:
    """Return name and checksum of the pictures, for a record.

    Of a folder in the cache it is the sha256 of what `sha256sum */*` prints in it, in the order of
    the bytes of the names; where there is none yet, that of the archive, which `load` will fetch.

    Parameters
    ----------
    published : Published
        What is recorded.

    Returns
    -------
    str
    """
    folder = cache.folder() / published.name
    if _miscounted(folder, published):
        archive = published.archive
        return f"{published.name}, sha256 of {archive.name} {archive.sha256[:12]}…"
    digest = hashlib.sha256()
    for path in (path for name in sorted(published.counts) for path in _files(folder / name)):
        of_file = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(os.fsencode(f"{of_file}  {path.relative_to(folder).as_posix()}\n"))
    files = f"{sum(published.counts.values()):,} files"
    return f"{published.name}, sha256 of its {files} {digest.hexdigest()[:12]}…"


def _fetched(published: Published) -> Path:
    """Return the folder of the four, downloaded first if need be."""
    folder = cache.folder() / published.name
    archive = published.archive
    if folder.exists() and (fault := _miscounted(folder, published)):
        archive = archive._replace(instead=f"{folder} holds {fault}. {archive.instead}")
        _refuse_others(folder, published)  # a download would only add to them
    cache.fetch(archive, lambda root: not _miscounted(root / published.name, published))
    _refuse_others(folder, published)
    return folder


def _refuse_others(folder: Path, published: Published) -> None:
    """Refuse a folder with more pictures than were published."""
    counts = published.counts
    if any(len(_files(folder / name)) > count for name, count in counts.items()):
        raise cache.DataUnavailable(
            f"{folder} holds {_miscounted(folder, published)}: others than {published.name}'s. "
            f"Move it away, and the right ones are fetched. {published.archive.instead}"
        )


def _miscounted(folder: Path, published: Published) -> str:
    """Say which folders hold another number of pictures than published; nothing if none does."""
    found = {name: len(_files(folder / name)) for name in published.counts}
    return ", ".join(
        f"{found[name]:,} instead of {count:,} pictures in {name}"
        for name, count in published.counts.items()
        if found[name] != count
    )


def _files(folder: Path) -> list[Path]:
    """Return what is in a folder, sorted by the bytes of the names; nothing if there is none."""
    if not folder.is_dir():
        return []
    shown = (path for path in folder.iterdir() if path.is_file() and not is_hidden(path.name))
    return sorted(shown, key=lambda path: os.fsencode(path.name))


def _part(folder: Path, size: int, published: Published) -> _Part:
    """Read all pictures of a folder."""
    files = _files(folder)
    part = _Part(torch.empty(len(files), 3, size, size), set(), {})
    for place, file in zip(part.pictures, files, strict=True):
        try:
            picture, change = examine(file, "RGB")
        except UnreadablePicture as reason:
            raise cache.DataUnavailable(
                f"{file} cannot be used: {reason}. Delete it, and {published.archive.name} is "
                f"fetched anew. {published.archive.instead}"
            ) from reason
        part.sizes.add(picture.size)
        if picture.width != picture.height:
            change = f"{change} not square".lstrip()
        if change:
            part.changes[f"{folder.name}/{file.name}"] = change
        square = ImageOps.fit(picture, (size, size), Image.Resampling.BICUBIC)
        place.copy_(torch.from_numpy(np.array(square)).permute(2, 0, 1)).div_(127.5).sub_(1)
    return part


def _line(published: Published, parts: list[_Part], purpose: str) -> str:
    """Say in one line what was read, what was converted, and how much is known of it."""
    of_each = (
        f"{len(part.pictures):,} {domain}"
        for part, domain in zip(parts, published.domains, strict=True)
    )
    line = f"{published.name}, {purpose}: {' and '.join(of_each)}, {_scale(parts)}; as many as "
    line += "published, no checksum is known of single pictures."
    changes = {name: change for part in parts for name, change in part.changes.items()}
    if changes:
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in Counter(changes.values()).items())
        line += f" Converted to RGB squares: {kinds} ({few(map(printable, changes))})."
    return line


def _scale(parts: list[_Part]) -> str:
    sizes = set().union(*(part.sizes for part in parts))
    came = "{} x {} pixels".format(*min(sizes)) if len(sizes) == 1 else f"of {len(sizes)} sizes"
    side = parts[0].pictures.shape[-1]
    return came if sizes == {(side, side)} else f"{came}, scaled to {side} x {side}"
