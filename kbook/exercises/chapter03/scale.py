"""Exercise 03-6: the initial weights of a layer behind a leaky relu and dropout."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.symptoms import is_constant
from kbook.exercises.tasks import Case, Function

Scale = Callable[[int, float, float], float]


def _cases() -> tuple[Case, ...]:
    """Return numbers of inputs with the slope of the leaky relu and the share that is dropped."""
    given = (
        (100, 0.0, 0.0),
        (64, 0.0, 0.5),
        (64, 0.2, 0.0),
        (50, 1.0, 0.0),
        (256, 0.1, 0.1),
        (30, 0.5, 0.2),
        (9, 0.3, 0.75),
    )
    return tuple(Case(f"n = {n}, slope = {a} and drop = {q}", (n, a, q)) for n, a, q in given)


def _oracle(n: int, slope: float, drop: float) -> float:
    """Integrate the second moment of what a standard normal z becomes, mask by mask."""
    nodes, density = np.polynomial.hermite_e.hermegauss(40)  # even: no node at the kink z = 0
    h = np.where(nodes > 0, nodes, slope * nodes)
    masks = ((drop, 0.0), (1 - drop, 1 / (1 - drop)))
    moment = sum(p * (density * (mask * h) ** 2).sum() for p, mask in masks) / density.sum()
    return float(1 / np.sqrt(n * moment))


def _root(variance: Scale) -> Scale:
    """Return the standard deviation that belongs to a variance."""
    return lambda n, a, q: math.sqrt(variance(n, a, q))


def _variance(n: int, slope: float, drop: float) -> float:
    """Return the variance that keeps the variance of z the same from layer to layer."""
    return 2 * (1 - drop) / ((1 + slope**2) * n)


INITIAL_SCALE = Exercise(
    id="03-6",
    title="The first weights behind leaky relu and dropout",
    level="apply",
    minutes=12,
    task=Function(_cases, _oracle, atol=0),
    solution=_root(_variance),
    praise="slope 0 without dropout gives He's √(2/n), slope 1 the √(1/n) of a linear layer; "
    "dropout raises the mean square, so the weights start smaller.",
    nudge="find the mean of h² for a z of variance 1, first behind the leaky relu, then behind "
    "dropout; n · Var(w) times that must be 1",
    wrong=(
        Mistake(_variance, "this is the variance; asked is the standard deviation, its root."),
        Mistake(
            _root(lambda n, a, q: 2 / ((1 + a**2) * n)),
            "right without dropout; what dropout keeps is divided by 1 − drop, so the mean of h² "
            "is larger with it.",
        ),
        Mistake(
            _root(lambda n, a, q: 2 * (1 - q) / n),
            "this is right for slope 0; the negative half of z passes slope² of its square on.",
        ),
        Mistake(
            _root(lambda n, a, q: 2 / n),
            "this is He's rule for plain relu without dropout; both slope and drop change the "
            "mean of h².",
        ),
        Mistake(
            _root(lambda n, a, q: 1 / n),
            "this is the rule for linear layers; half of a relu's inputs lose all or most of their "
            "square.",
        ),
        Mistake(
            _root(lambda n, a, q: 2 / ((1 + a**2) * n * (1 - q))),
            "this counts (1 − drop) · n inputs, but those kept are divided by 1 − drop, and that "
            "square outweighs the loss.",
        ),
        Mistake(
            _root(lambda n, a, q: 2 * (1 - q) ** 2 / ((1 + a**2) * n)),
            "the square of what is kept grows by 1/(1 − drop)², but only the share 1 − drop is "
            "kept.",
        ),
        Mistake(
            _root(lambda n, a, q: 2 * (1 - q) / ((1 + a) * n)),
            "the negative half is multiplied by the slope, so its square by slope².",
        ),
        Mistake(
            _root(lambda n, a, q: 2 * (1 - q) / ((1 + a) ** 2 * n)),
            "the two halves of z never occur together: their squares add to 1 + slope², with no "
            "mixed term.",
        ),
        Mistake(
            _root(lambda n, a, q: (1 - q) / ((1 + a**2) * n)),
            "each half of z occurs half of the time, so the mean of h² is (1 + slope²)/2.",
        ),
        Mistake(
            _root(
                lambda n, a, q: 1 / (n * ((1 + a**2) / 2 / (1 - q) - (1 - a) ** 2 / (2 * math.pi)))
            ),
            "this takes the variance of h; the products w · h need the mean of h², as h does not "
            "have the mean 0.",
        ),
        Mistake(
            lambda n, a, q: 1 / math.sqrt(_variance(n, a, q)),
            "this is upside down: the more inputs, the smaller the weights.",
        ),
        Mistake(
            lambda n, a, q: 0.01,
            "one number for all layers: the scale depends on n, slope and drop.",
            sees=is_constant,
        ),
    ),
)
