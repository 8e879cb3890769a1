"""Plots that chapters need more than once.

Each takes an axis (`ax`, by default one on a new figure), draws on it and gives it back.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

__all__ = ["plot_curves", "plot_images"]

# The dashes of kbook.mplstyle, for axes that were made without it.
LINE_STYLES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (7, 2, 1, 2, 1, 2)), (0, (2, 1)))
MOST_INSIDE = 3  # a legend of more lines than that hides the curves


def plot_curves(
    curves: ArrayLike | Mapping[str, ArrayLike],
    *,
    ax: Axes | None = None,
    xlabel: str = "step",
    ylabel: str = "loss",
) -> Axes:
    """Draw one curve, or several with a legend, each with its own dashes.

    The legend of more than three curves stands above the axis, in the place of a title.

    Parameters
    ----------
    curves : array-like of shape (N,), or mapping of label to array-like
        Values at steps 0, 1, …; NaN leaves a gap.
    ax : matplotlib.axes.Axes, optional
    xlabel, ylabel : str
        What the axes measure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no curve, or one is empty or not one-dimensional.
    """
    named = _named(curves)
    ax = ax or plt.subplots()[1]
    for label, values in named.items():
        ax.plot(values, linestyle=LINE_STYLES[len(ax.lines) % len(LINE_STYLES)], label=label)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if len(named) > MOST_INSIDE:
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    elif any(named):
        ax.legend()
    return ax


def plot_images(
    images: ArrayLike,
    *,
    titles: Sequence[str] | None = None,
    columns: int = 8,
    ax: Axes | None = None,
) -> Axes:
    """Draw small pictures in rows, dark ink on white paper, all on one scale.

    Zero is white and the largest value black. If any value is negative (weights, gradients), zero
    stays white, positive values are red and negative ones blue.

    Parameters
    ----------
    images : array-like of shape (N, H, W)
        Finite numbers.
    titles : sequence of N str, optional
        A line above each picture.
    columns : int, default 8
        Pictures in a row.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, or `columns` is below 1.
    """
    pictures = _floats(images)
    if pictures.ndim != 3 or not pictures.size or not np.isfinite(pictures).all():
        raise ValueError(f"plot_images wants finite values (N, H, W); got shape {pictures.shape}.")
    if columns < 1 or (titles is not None and len(titles) != len(pictures)):
        raise ValueError(
            f"plot_images wants at least one column and a title for each of the {len(pictures)} "
            f"pictures; got columns={columns} and {0 if titles is None else len(titles)} titles."
        )
    sheet, corners = _sheet(pictures, min(columns, len(pictures)), titled=titles is not None)
    height, width = sheet.shape
    ax = ax or plt.subplots(figsize=(6.4, 6.4 * height / width))[1]
    top = np.abs(pictures).max()
    signed = pictures.min() < 0
    ax.imshow(sheet, cmap="RdBu_r" if signed else "gray_r", vmin=-top if signed else 0.0, vmax=top)
    for title, (row, column) in zip(titles or (), corners, strict=False):
        middle = column + (pictures.shape[2] - 1) / 2
        ax.text(middle, row - 1, title, ha="center", va="bottom", fontsize="small")
    ax.set_axis_off()
    return ax


def _named(values: ArrayLike | Mapping[str, ArrayLike]) -> dict[str, np.ndarray]:
    """Return label to array; a bare array gets an empty label."""
    given = values if isinstance(values, Mapping) else {"": values}
    named = {str(label): _floats(value) for label, value in given.items()}
    if not named:
        raise ValueError("There is nothing to draw: got an empty mapping.")
    for label, array in named.items():
        if array.ndim != 1 or not array.size:
            raise ValueError(f"Wanted one-dimensional values; {label!r} has shape {array.shape}.")
    return named


def _floats(values: ArrayLike) -> np.ndarray:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"Wanted an array of numbers; got {type(values).__name__}.") from error


def _sheet(
    pictures: np.ndarray, columns: int, *, titled: bool
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Lay pictures on one sheet, NaN (transparent) between them; return it with their corners."""
    count, height, width = pictures.shape
    gap = 1 + height // 12
    down, across = height + gap + (height // 3 + 1 if titled else 0), width + gap
    rows = -(-count // columns)
    sheet = np.full((rows * down, columns * across - gap), np.nan)
    corners = [((k // columns + 1) * down - height, k % columns * across) for k in range(count)]
    for picture, (row, column) in zip(pictures, corners, strict=True):
        sheet[row : row + height, column : column + width] = picture
    return sheet, corners
