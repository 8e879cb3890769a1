"""Learning-rate schedules: the share of the learning rate at each time of a training.

A schedule is a function from the progress t, 0 at the first step and below 1 at the last, to the
factor by which the optimizer's learning rate is multiplied.
"""

import math

__all__ = ["constant", "cosine", "one_cycle"]


def constant(t: float) -> float:
    """Return 1 at any time: the learning rate as it was given."""
    return 1.0


def cosine(t: float) -> float:
    """Fall from 1 to 0 along half a cosine wave (Loshchilov and Hutter, 2017, eq. 5)."""
    return (1 + math.cos(math.pi * t)) / 2


def one_cycle(t: float) -> float:
    """Rise from 1/25 to 1 over the first three tenths, then fall to nearly 0, along cosines.

    The idea is Smith and Topin's (2019), the shape and its numbers are those of torch's OneCycleLR:
    the learning rate is the peak, and at t = 1 a 250,000th of it is left. (Torch's also lowers the
    momentum meanwhile; this does not.)
    """
    low, peak, warm, last = 1 / 25, 1.0, 0.3, 1 / 25 / 1e4
    if t < warm:
        return peak + (low - peak) * cosine(t / warm)
    return last + (peak - last) * cosine((t - warm) / (1 - warm))
