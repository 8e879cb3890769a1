"""Right answers from torch's automatic derivatives, independent of the book's formulas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["gradient", "minimizer"]


def gradient(loss: Callable[[Tensor], Tensor], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gradient of a scalar loss.

    Parameters
    ----------
    loss : callable
        Takes a float64 tensor of the shape of `at`, returns a scalar tensor.
    at : array
        Where to differentiate.

    Returns
    -------
    array of the shape of `at`
        The gradient, also under `torch.no_grad()`.
    """
    with torch.enable_grad():
        x = torch.from_numpy(np.array(at, dtype=np.float64)).requires_grad_()
        (slope,) = torch.autograd.grad(loss(x), x)
    return slope.numpy()


def minimizer(loss: Callable[[Tensor], Tensor], low: float, high: float) -> float:
    """Return where a convex loss of one variable is smallest, by bisection of its slope.

    Parameters
    ----------
    loss : callable
        Takes a float64 scalar tensor, returns one.
    low, high : float
        Bounds between which the slope changes its sign.

    Returns
    -------
    float
        The minimizer, to about 1e-12 of the distance between the bounds.
    """
    for _ in range(40):
        middle = (low + high) / 2
        if gradient(loss, np.array(middle)) > 0:
            high = middle
        else:
            low = middle
    return (low + high) / 2
