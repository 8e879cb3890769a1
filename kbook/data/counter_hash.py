"""Random numbers without a state: the same few integers give the same number in every language.

A hash turns a counter into 32 bits, so any number of a sequence is had without the ones before it,
and the page's `parts/counter_hash.js` gives the same bits. The mixing function is "lowbias32"
(C. Wellons, "Prospecting for Hash Functions", 2018).
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["hashed", "normal_bytes", "uniform"]

Words = NDArray[np.uint32]


def hashed(*counters: ArrayLike) -> Words:
    """Return 32 random bits for each tuple of counters.

    Parameters
    ----------
    *counters : arrays of int
        From 0 to 2**32 - 1, of shapes that fit together; the first says which world, the next ones
        what for and which one.

    Returns
    -------
    ndarray of uint32
        Of the common shape.
    """
    bits = np.zeros((), dtype=np.uint32)
    for counter in counters:
        bits = _mix(bits ^ np.asarray(counter, dtype=np.uint32))
    return bits


def uniform(*counters: ArrayLike) -> NDArray[np.float64]:
    """Return numbers from 0 to below 1, each of the 2**32 possible ones equally likely.

    Parameters
    ----------
    *counters : arrays of int
        As for `hashed`.
    """
    return hashed(*counters) / 2.0**32


def normal_bytes(bits: Words) -> NDArray[Any]:
    """Return the sum of the four bytes of each word, from -510 to 510.

    The sum of four is nearly normal, with mean 0 and the variance 4 (256² - 1) / 12, whose root is
    147.8. It is a whole number: it is the same everywhere, to the last bit.

    Parameters
    ----------
    bits : ndarray of uint32
        From `hashed`.

    Returns
    -------
    ndarray of int16
    """
    pairs = (bits & np.uint32(0x00FF00FF)) + ((bits >> np.uint32(8)) & np.uint32(0x00FF00FF))
    total = (pairs & np.uint32(0xFFFF)) + (pairs >> np.uint32(16))
    return total.astype(np.int16) - np.int16(510)


def _mix(bits: Words) -> Words:
    """Mix the bits of each word so that one changed bit changes half of them."""
    bits = np.atleast_1d(bits)  # of arrays products wrap around silently
    bits = (bits ^ (bits >> np.uint32(16))) * np.uint32(0x7FEB352D)
    bits = (bits ^ (bits >> np.uint32(15))) * np.uint32(0x846CA68B)
    return bits ^ (bits >> np.uint32(16))
