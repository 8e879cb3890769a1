"""Exercise 04-5: the way back through max pooling."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import gradient
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
Share = Callable[[Array], Array]


def _cases() -> tuple[Case, ...]:
    """Return pictures with windows apart, side by side and overlapping, some with ties."""
    rng = np.random.default_rng(45)

    def case(name: str, x: Array, k: int, stride: int) -> Case:
        places = [(n - k) // stride + 1 for n in x.shape]
        return Case(name, (x, rng.normal(size=places), k, stride))

    def numbers(*shape: int) -> Array:
        return rng.normal(size=shape)

    few = rng.integers(-1, 2, (6, 8)).astype(np.float64)
    dark = np.maximum(few[:, :5], 0)
    dark[:4, :4] = 0
    return (
        Case(
            "x = [[1, 3], [2, 0]] and g = [[5]]",
            (np.array([[1.0, 3], [2, 0]]), np.array([[5.0]]), 2, 2),
        ),
        case("a 4 × 6 picture, k = 2 and stride 2", numbers(4, 6), 2, 2),
        case("a 5 × 7 picture, k = 3 and stride 1", numbers(5, 7), 3, 1),
        case("a 7 × 9 picture, k = 3 and stride 2", numbers(7, 9), 3, 2),
        case("a 7 × 8 picture of negative numbers, k = 3 and stride 3", -abs(numbers(7, 8)), 3, 3),
        case("a 9 × 6 picture, k = 2 and stride 3", numbers(9, 6), 2, 3),
        case("a picture with ties and windows side by side", few, 2, 2),
        case("a picture with ties and overlapping windows", few, 3, 2),
        case("a picture that is mostly zero, as behind relu", dark, 2, 1),
    )


def _oracle(x: Array, g: Array, k: int, stride: int) -> Array:
    """Return torch's automatic derivative."""
    over = torch.from_numpy(g)

    def pooled(t: torch.Tensor) -> torch.Tensor:
        return (torch.nn.functional.max_pool2d(t[None, None], k, stride)[0, 0] * over).sum()

    return gradient(pooled, x)


def _places(g: Array, k: int, stride: int) -> list[tuple[tuple[int, int], tuple[slice, slice]]]:
    """Return each place of the output with its window."""
    return [
        ((i, j), (slice(i * stride, i * stride + k), slice(j * stride, j * stride + k)))
        for i, j in np.ndindex(*g.shape)
    ]


def _shared(share: Share) -> Callable[[Array, Array, int, int], Array]:
    """Return a function that hands each window's gradient to the shares of its entries."""

    def backward(x: Array, g: Array, k: int, stride: int) -> Array:
        dx = np.zeros(x.shape)
        for at, window in _places(g, k, stride):
            dx[window] += g[at] * share(x[window])
        return dx

    return backward


def _one(index: Callable[[Array], int | np.intp]) -> Share:
    """Return the share that gives all to one entry, by its number in the flat window."""

    def share(window: Array) -> Array:
        return (np.arange(window.size) == index(window)).reshape(window.shape).astype(np.float64)

    return share


_first = _one(lambda window: window.argmax())


def _last(window: Array) -> int:
    """Return the number of the last maximum."""
    return window.size - 1 - int(window.ravel()[::-1].argmax())


def _first_by_columns(window: Array) -> int:
    """Return the number of the maximum that is first when the columns are read one by one."""
    column, row = divmod(int(window.T.argmax()), window.shape[0])
    return row * window.shape[1] + column


def _overwritten(x: Array, g: Array, k: int, stride: int) -> Array:
    """Put each gradient where it belongs, over whatever is there."""
    dx = np.zeros(x.shape)
    for at, window in _places(g, k, stride):
        dx[window][_first(x[window]) > 0] = g[at]
    return dx


def _windows_overwritten(x: Array, g: Array, k: int, stride: int) -> Array:
    """Put each window in full, its zeros over what earlier windows left."""
    dx = np.zeros(x.shape)
    for at, window in _places(g, k, stride):
        dx[window] = g[at] * _first(x[window])
    return dx


POOL_GRADIENT = Exercise(
    id="04-5",
    title="The way back through max pooling",
    level="apply",
    minutes=12,
    task=Function(_cases, _oracle),
    solution=_shared(_first),
    praise="one entry of each window gets all of its gradient, an entry that wins several windows "
    "gets all of theirs, and the rest gets nothing, as in torch.",
    nudge="for each output find its window and the first maximum in it, and add the gradient there",
    wrong=(
        Mistake(
            _shared(lambda window: (window == window.max()).astype(np.float64)),
            "with ties every maximum gets the whole gradient; only the first one in reading order "
            "should.",
        ),
        Mistake(
            _shared(lambda window: (window == window.max()) / (window == window.max()).sum()),
            "with ties the gradient is split among the maxima; the first one in reading order gets "
            "all of it.",
        ),
        Mistake(
            _shared(_one(_last)),
            "among ties the last one gets the gradient, as a loop with >= would find it; take the "
            "first.",
        ),
        Mistake(
            _shared(_one(_first_by_columns)),
            "ties are searched column by column; take the first one in reading order, row by row.",
        ),
        Mistake(
            _overwritten,
            "an entry that wins several windows keeps one gradient only: add with +=, as an entry "
            "used twice gets both.",
        ),
        Mistake(
            _windows_overwritten,
            "each window wipes out what the windows before it left in the overlap: add to it "
            "instead.",
        ),
        Mistake(
            _shared(lambda window: np.full(window.shape, 1 / window.size)),
            "this is the gradient of average pooling; with max pooling the maximum gets it all.",
        ),
        Mistake(
            _shared(lambda window: np.ones(window.shape)),
            "every entry of a window gets its gradient; a small change of an entry that is not the "
            "maximum changes no output.",
        ),
        Mistake(
            _shared(lambda window: _first(np.abs(window))),
            "this takes the entry of the largest size; the maximum of −3 and 1 is 1.",
        ),
        Mistake(
            _shared(lambda window: _first(np.maximum(window, 0))),
            "the search starts from 0, so windows of negative numbers have no maximum; start from "
            "−infinity.",
        ),
        Mistake(
            _shared(lambda window: _first(window) * window),
            "the gradient is multiplied with the maximum itself; the slope of max is 1 there.",
        ),
        Mistake(_shared(lambda window: _first(-window)), "this finds the smallest entry."),
    ),
)
