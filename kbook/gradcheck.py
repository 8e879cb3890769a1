"""Checks for the claims of the notebooks: equal numbers, and gradients by finite differences."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["central_difference", "compare"]


def compare(name: str, ours: Any, reference: Any, *, tolerance: float = 1e-10) -> None:
    """Print one line when two results agree, and raise when they do not.

    The line says what was claimed, never how large the rounding happened to be, so it is the
    same on every machine: "name: exact" for integers and booleans or with `tolerance=0`,
    otherwise "name: within 1e-10".

    Parameters
    ----------
    name : str
        What is compared; the line begins with it.
    ours, reference : array-like or torch.Tensor, both of the same shape
        The result and what it is held against: real numbers or booleans.
    tolerance : float, at least 0
        Allowed difference of each entry, times max(1, |reference|). Integers and booleans on
        both sides must be equal.

    Raises
    ------
    AssertionError
        If the shapes differ, an entry differs by more than the tolerance, or one is NaN.
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If there is nothing to compare, or the tolerance is negative or not finite.
    """
    if not 0 <= tolerance < np.inf:
        raise ValueError(f"tolerance must be a finite number of at least 0, got {tolerance}")
    a, b = _as_array("ours", ours), _as_array("reference", reference)
    if a.shape != b.shape:
        raise AssertionError(f"{name}: shapes differ, ours {a.shape}, reference {b.shape}")
    if a.size == 0:
        raise ValueError(f"{name}: nothing to compare, both have shape {a.shape}")
    exact = tolerance == 0 or (a.dtype.kind in "biu" and b.dtype.kind in "biu")
    claim = "exact" if exact else f"within {tolerance:g}"
    difference, close = _differences(a, b, tolerance)
    if exact:
        close = a == b  # in their own types: float64 cannot tell large integers apart
    if not np.all(close):
        raise AssertionError(f"{name}: not {claim}, {_largest(a, b, difference, close)}")
    print(f"{name}: {claim}")


def central_difference(
    f: Callable[[NDArray[np.float64]], Any], x: ArrayLike
) -> NDArray[np.float64]:
    """Estimate the gradient of a scalar function by (f(x + h) - f(x - h)) / 2h, entry by entry.

    The step is h = eps^(1/3) max(1, |x|), where the error of the formula (it grows as h²) and
    the rounding of f (as 1/h) are about equal. For smooth f and entries of order one the result
    is right to about 1e-9.

    Parameters
    ----------
    f : callable
        Takes a float64 array shaped like x and returns a number, computed in float64. It gets a
        fresh copy at each call.
    x : array-like of any shape
        The point; it is not changed.

    Returns
    -------
    ndarray of float64, shaped like x
        The gradient.

    Raises
    ------
    TypeError
        If x is not real numbers, or f returns something else than a float64 number.
    ValueError
        If x is empty or not finite, or f returns NaN, infinity or more than a single number.

    References
    ----------
    Press et al. (2007), "Numerical Recipes", third edition, section 5.7.
    """
    point = _as_array("x", x).astype(np.float64)
    if point.size == 0:
        raise ValueError(f"x must not be empty, got shape {point.shape}")
    if not np.isfinite(point).all():
        raise ValueError(f"x must be finite, got {point[~np.isfinite(point)][0]}")
    gradient = np.empty_like(point)
    step = np.cbrt(np.finfo(np.float64).eps) * np.maximum(1, np.abs(point))
    for index in np.ndindex(point.shape):
        above, below = point.copy(), point.copy()
        above[index] += step[index]
        below[index] -= step[index]
        # x + h and x - h are rounded: divide by the distance that they really have.
        distance = above[index] - below[index]
        gradient[index] = (_value(f, above) - _value(f, below)) / distance
    return gradient


def _differences(
    ours: np.ndarray, reference: np.ndarray, tolerance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return |ours - reference| of each entry, and whether that is within the tolerance."""
    a, b = ours.astype(np.float64), reference.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):  # infinities are judged below
        difference = np.abs(a - b)
        bound = tolerance * np.maximum(1, np.abs(b))
    # An infinity is close to itself alone, NaN to nothing.
    return difference, (a == b) | (np.isfinite(difference) & (difference <= bound))


def _largest(
    ours: np.ndarray, reference: np.ndarray, difference: np.ndarray, close: np.ndarray
) -> str:
    """Describe the largest of the differences that are not close."""
    size = np.where(np.isnan(difference), np.inf, difference)
    flat = np.argmax(np.where(close, -1.0, size))
    index = tuple(int(i) for i in np.unravel_index(flat, ours.shape))
    where = f" at {index}" if index else ""
    values = f"ours {ours[index]}, reference {reference[index]}"
    return f"largest difference {difference[index]:.3g}{where}: {values}"


def _value(f: Callable[[NDArray[np.float64]], Any], x: NDArray[np.float64]) -> float:
    """Return f(x) after checking that it is one finite number with the digits of float64."""
    value = _as_array("f(x)", f(x))
    if value.shape != ():
        raise ValueError(f"f must return a single number, got an array of shape {value.shape}")
    if value.dtype.kind == "f" and value.dtype.itemsize < 8:
        raise TypeError(f"f must compute in float64, or h is lost in rounding; got {value.dtype}")
    if not np.isfinite(value):
        raise ValueError(f"f must return a finite number, got {value}")
    return float(value)


def _as_array(name: str, values: Any) -> np.ndarray:
    """Return numbers or booleans as an array; a torch tensor is detached first."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be real numbers or booleans, got dtype {array.dtype}")
    return array
