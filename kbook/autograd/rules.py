"""Vector-Jacobian products on bare arrays: from the gradient of a result to that of an operand.

The Jacobian itself, a number for each pair of an output and an input, is never built.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["BINARY", "Rule", "spread", "unbroadcast"]

Array = NDArray[np.float64]


class Rule(NamedTuple):
    """Hold how the gradient reaches one operand of ``a ∘ b``.

    Attributes
    ----------
    pull : callable
        Takes the gradient g of the result and the arrays a and b; returns the gradient of the
        operand, before broadcasting is undone.
    reads : str
        Which of "a" and "b" the pull reads, and so must still be what they were.
    """

    pull: Callable[[Array, Array, Array], Array]
    reads: str


def unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """Sum a gradient over the axes along which an operand was repeated.

    Parameters
    ----------
    g : ndarray
        Gradient in the shape of the result.
    shape : tuple of int
        The operand's shape, which broadcasts to that of `g`.

    Returns
    -------
    ndarray of the shape `shape`
        An entry that was used n times gets the sum of n gradients.
    """
    if g.shape == shape:
        return g
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return g.sum(axis=stretched, keepdims=True)


def spread(
    g: Array, shape: tuple[int, ...], axis: int | tuple[int, ...] | None, keepdims: bool
) -> Array:
    """Repeat the gradient of a reduction along the axes that it reduced: a read-only view."""
    if shape and axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, shape)


def _power_base(g: Array, a: Array, b: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.where(b == 0, 0.0, g * b * a ** (b - 1))  # x ** 0 is constant, also at x = 0


def _power_exponent(g: Array, a: Array, b: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.where((a == 0) & (b >= 0), 0.0, g * a**b * np.log(a))


def _as_matrices(g: Array, a: Array, b: Array) -> tuple[Array, Array, Array]:
    """Give vectors the axis of length one that `matmul` gives and takes away again."""
    if b.ndim == 1:
        g, b = g[..., None], b[:, None]
    if a.ndim == 1:
        g, a = g[..., None, :], a[None, :]
    return g, a, b


def _matmul_left(g: Array, a: Array, b: Array) -> Array:
    g, rows, columns = _as_matrices(g, a, b)  # (…, N, K), (…, N, D), (…, D, K)
    return unbroadcast(g @ columns.swapaxes(-1, -2), rows.shape).reshape(a.shape)


def _matmul_right(g: Array, a: Array, b: Array) -> Array:
    g, rows, columns = _as_matrices(g, a, b)
    return unbroadcast(rows.swapaxes(-1, -2) @ g, columns.shape).reshape(b.shape)


# Sign of an operation → how numpy computes it, and the rules for its two operands.
BINARY: dict[str, tuple[np.ufunc, Rule, Rule]] = {
    "+": (np.add, Rule(lambda g, a, b: g, ""), Rule(lambda g, a, b: g, "")),
    "-": (np.subtract, Rule(lambda g, a, b: g, ""), Rule(lambda g, a, b: -g, "")),
    "*": (np.multiply, Rule(lambda g, a, b: g * b, "b"), Rule(lambda g, a, b: g * a, "a")),
    "/": (np.divide, Rule(lambda g, a, b: g / b, "b"), Rule(lambda g, a, b: -g * a / b / b, "ab")),
    "**": (np.power, Rule(_power_base, "ab"), Rule(_power_exponent, "ab")),
    "@": (np.matmul, Rule(_matmul_left, "b"), Rule(_matmul_right, "a")),
}
