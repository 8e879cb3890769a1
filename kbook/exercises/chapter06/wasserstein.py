"""Exercise 06-6: the Wasserstein distance of two samples on a line."""

from __future__ import annotations

from collections.abc import Callable
from math import lcm

import numpy as np
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.symptoms import is_constant
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
Distance = Callable[[Array, Array], float]


def _cases() -> tuple[Case, ...]:
    """Return two samples, of one size or of two."""
    rng = np.random.default_rng(66)
    a = rng.normal(size=30)
    return (
        Case("a = [0, 1, 3] and b = [5, 6, 8]", (np.array([0.0, 1, 3]), np.array([5.0, 6, 8]))),
        Case("a = [3, 0] and b = [0, 1, 5]", (np.array([3.0, 0]), np.array([0.0, 1, 5]))),
        Case("one number against four", (np.array([2.0]), np.array([7.0, -1, 2, 4]))),
        Case("the same sample in another order", (a, rng.permutation(a))),
        Case("the same mean and another width", (a - a.mean(), 4 * (a[::-1] - a.mean()))),
        Case("each number of b twice in a", (np.array([1.0, 9, 1, 9]), np.array([9.0, 1]))),
        Case("20 numbers that occur often", (rng.integers(4, size=20) * 1.0, np.array([0.0, 3]))),
        Case("40 numbers against 25", (rng.normal(size=40), rng.exponential(2, size=25) - 9)),
        Case("two heaps against one", (rng.normal(size=24) * 0.1 + 5 * (-1) ** (a[:24] > 0), a)),
    )


def _oracle(a: Array, b: Array) -> float:
    """Repeat the numbers of both until there are as many, and move them in order."""
    count = lcm(len(a), len(b))
    grains = (np.sort(np.repeat(x, count // len(x))) for x in (a, b))
    return float(np.abs(np.subtract(*grains)).mean())


def _share(sample: Array, at: Array) -> Array:
    """Return the share of a sample that is at most `at`."""
    return np.asarray(np.searchsorted(np.sort(sample), at, side="right") / len(sample))


def _steps(a: Array, b: Array) -> tuple[Array, Array]:
    """Return the difference of both shares on each interval, and the lengths of these."""
    x = np.sort(np.concatenate([a, b]))
    return _share(a, x[:-1]) - _share(b, x[:-1]), np.diff(x)


def _distance(a: Array, b: Array) -> float:
    """Return the reference solution of exercise 06-6."""
    difference, length = _steps(a, b)
    return float(np.abs(difference) @ length)


def _pairs(a: Array, b: Array) -> Array:
    """Return all distances of a number of a to one of b."""
    return np.abs(a[:, None] - b)


def _first_ones(order: Callable[[Array], Array]) -> Distance:
    """Return a function that drops what the larger sample has more."""

    def distance(a: Array, b: Array) -> float:
        n = min(len(a), len(b))
        return float(np.abs(order(a)[:n] - order(b)[:n]).mean())

    return distance


def _quantiles(count: int) -> Distance:
    """Return a function that compares quantiles, interpolated between the numbers."""

    def distance(a: Array, b: Array) -> float:
        q = np.linspace(0, 1, count)
        return float(np.abs(np.quantile(a, q) - np.quantile(b, q)).mean())

    return distance


def _at_larger_size(a: Array, b: Array) -> float:
    """Interpolate the smaller sample to the size of the larger one."""
    return _quantiles(max(len(a), len(b)))(a, b)


def _repeated_as_it_is(a: Array, b: Array) -> float:
    """Repeat the smaller sample from its start until it is as large."""
    n = max(len(a), len(b))
    return float(np.abs(np.sort(np.resize(a, n)) - np.sort(np.resize(b, n))).mean())


def _squares(a: Array, b: Array) -> float:
    """Return the root of the mean square, the other Wasserstein distance."""
    count = lcm(len(a), len(b))
    grains = (np.sort(np.repeat(x, count // len(x))) for x in (a, b))
    return float(np.sqrt(np.square(np.subtract(*grains)).mean()))


WASSERSTEIN = Exercise(
    id="06-6",
    title="What it costs to move one sample onto another",
    level="apply",
    minutes=12,
    task=Function(_cases, _oracle),
    solution=_distance,
    praise="on a line the order decides: what lies furthest left goes to the place that is "
    "furthest left, so sorting is all it takes.",
    nudge="on each interval between two neighboring numbers of both samples the shares at the left "
    "differ by a constant; this much mass must cross, over the length of the interval",
    slow="sorting and np.searchsorted take microseconds",
    wrong=(
        Mistake(
            lambda a, b: abs(a.mean() - b.mean()),
            "this is the distance of the means, in which ways to the left and to the right cancel.",
        ),
        Mistake(
            _first_ones(lambda x: x),
            "numbers were paired in the order in which they came, and cut to the shorter sample; "
            "sort first.",
        ),
        Mistake(
            _first_ones(np.sort),
            "this cuts the larger sample to the size of the smaller one, and drops its largest "
            "numbers.",
        ),
        Mistake(
            _at_larger_size,
            "the smaller sample was interpolated; it has no mass between its numbers.",
        ),
        Mistake(
            _quantiles(101),
            "quantiles on a grid only come close, and np.quantile interpolates between numbers.",
        ),
        Mistake(
            _quantiles(1001),
            "a finer grid of quantiles only comes closer; the exact area is a finite sum.",
        ),
        Mistake(
            _repeated_as_it_is,
            "repeating the smaller sample from its start gives some of its numbers more weight "
            "than others.",
        ),
        Mistake(
            lambda a, b: _pairs(a, b).mean(),
            "this is the mean over all pairs, which is not 0 even for two equal samples.",
        ),
        Mistake(
            lambda a, b: _pairs(a, b).min(axis=1).mean(),
            "each number went to the nearest of b, however many did; every number of b takes only "
            "its share.",
        ),
        Mistake(
            lambda a, b: (_pairs(a, b).min(axis=1).mean() + _pairs(a, b).min(axis=0).mean()) / 2,
            "this is the distance to the nearest, both ways; it does not ask how much mass is "
            "where.",
        ),
        Mistake(
            lambda a, b: np.abs(_steps(a, b)[0]).max(),
            "this is the largest difference of the shares, as in the test of Kolmogorov and "
            "Smirnov; it does not see how far.",
        ),
        Mistake(
            lambda a, b: np.abs(_steps(a, b)[0]).mean(),
            "the differences of the shares are averaged; each counts as much as its interval is "
            "long.",
        ),
        Mistake(
            _squares,
            "this is the root of the mean square; asked is the mean distance, without squares.",
        ),
        Mistake(
            lambda a, b: len(a) * _distance(a, b),
            "this is a sum over the numbers of a; each carries a mass of one over their count.",
        ),
        Mistake(
            lambda a, b: 5.0,
            "the distance is the same whatever the samples are.",
            sees=is_constant,
        ),
    ),
)
