"""Apples and oranges: photographs of two domains without pairs, downloaded on first use.

J.-Y. Zhu, T. Park, P. Isola, A. A. Efros, "Unpaired Image-to-Image Translation using
Cycle-Consistent Adversarial Networks", ICCV 2017, chose them from ImageNet. 995 apples and 1,019
oranges are for training, 266 and 248 for the test, 256 by 256 pixels each.
"""

from kbook.data import unpaired_folders
from kbook.data.cache import Archive
from kbook.data.unpaired_folders import Domains, Published

__all__ = ["load", "source"]

PUBLISHED = Published(
    name="apple2orange",
    domains=("apples", "oranges"),
    counts={"trainA": 995, "trainB": 1_019, "testA": 266, "testB": 248},
    archive=Archive(
        name="apple2orange.zip",
        mirrors=("https://efrosgans.eecs.berkeley.edu/cyclegan/datasets/apple2orange.zip",),
        md5="",
        instead="The rendered horses and zebras (kbook.data.animals) need no download: the quick "
        "profile uses them.",
        sha256="845a191e9af8926408ea597001cd03a452e3300a1f44a79fe329b3d59f6e3eb8",
    ),
)


def load(size: int, train: bool = True) -> Domains:
    """Return all apples and all oranges of one part, and print a line about them.

    A folder ``apple2orange`` that lies in the cache is used as it is, whatever the size of its
    pictures; otherwise 78 MB are downloaded.

    Parameters
    ----------
    size : int
        Height and width in pixels, to which the pictures are scaled.
    train : bool, default True
        The pictures for training, or else those for the test.

    Returns
    -------
    x, y : Tensor of shape (N, 3, size, size), (M, 3, size, size)
        Apples and oranges, float32, from -1 to 1, sorted by the files' names.

    Raises
    ------
    ValueError
        If `size` is no whole number from 1 on.
    kbook.data.cache.DataUnavailable
        If they are not there and cannot be downloaded, the folder holds others, or one of them
        cannot be read.
    """
    return unpaired_folders.load(PUBLISHED, size, train)


def source() -> str:
    """Return name and checksum of the data, for a record."""
    return unpaired_folders.source(PUBLISHED)
