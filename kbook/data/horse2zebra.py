"""Horses and zebras: photographs of two domains without pairs, downloaded on first use.

J.-Y. Zhu, T. Park, P. Isola, A. A. Efros, "Unpaired Image-to-Image Translation using
Cycle-Consistent Adversarial Networks", ICCV 2017, chose them from ImageNet. 1,067 horses and 1,334
zebras are for training, 120 and 140 for the test, 256 by 256 pixels each.
"""

from kbook.data import unpaired_folders
from kbook.data.cache import Archive
from kbook.data.unpaired_folders import Domains, Published

__all__ = ["load", "source"]

PUBLISHED = Published(
    name="horse2zebra",
    domains=("horses", "zebras"),
    counts={"trainA": 1_067, "trainB": 1_334, "testA": 120, "testB": 140},
    archive=Archive(
        name="horse2zebra.zip",
        mirrors=("https://efrosgans.eecs.berkeley.edu/cyclegan/datasets/horse2zebra.zip",),
        md5="",
        instead="The rendered horses and zebras (kbook.data.animals) need no download: the quick "
        "profile uses them.",
        sha256="a74d9d392eecca9966b51287a76ca126af473d9de4f3e8fc0e9cda08fa1730a1",
    ),
)


def load(size: int, train: bool = True) -> Domains:
    """Return all horses and all zebras of one part, and print a line about them.

    A folder ``horse2zebra`` that lies in the cache is used as it is, whatever the size of its
    pictures; otherwise 117 MB are downloaded.

    Parameters
    ----------
    size : int
        Height and width in pixels, to which the pictures are scaled.
    train : bool, default True
        The pictures for training, or else those for the test.

    Returns
    -------
    x, y : Tensor of shape (N, 3, size, size), (M, 3, size, size)
        Horses and zebras, float32, from -1 to 1, sorted by the files' names.

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
