"""Exercise 06-4: the best critic of any least-squares game."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import minimizer
from kbook.exercises.symptoms import gives_nan_or_inf
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
Critic = Callable[[Array, Array, float, float, float], Array]


def _cases() -> tuple[Case, ...]:
    """Return densities of real and made pictures, both targets, and the share of made pictures."""
    rng = np.random.default_rng(64)

    def random(count: int, empty: int = 0) -> Array:
        density = rng.random(count) ** 3
        density[rng.permutation(count)[:empty]] = 0
        return np.asarray(density / density.sum())

    p, q = np.array([0.5, 0.3, 0.2, 0]), np.array([0.1, 0.3, 0, 0.6])
    here, there = (np.array(row) for row in ([0.4, 0.6, 0, 0, 0], [0, 0.2, 0.8, 0, 0]))
    return (
        Case("p = [0.5, 0.3, 0.2, 0] and the targets 0 and 1", (p, q, 0.0, 1.0, 0.5)),
        Case("the targets −1 and 1", (p, q, -1.0, 1.0, 0.5)),
        Case("three made pictures to each real one", (p, q, 0.0, 1.0, 0.75)),
        Case("kinds that nobody has ever seen", (here, there, -2.0, 1.0, 0.5)),
        Case("nine real pictures to each made one", (random(8, 2), random(8, 2), 0.5, 3.0, 0.1)),
        Case("a made target above the real one", (random(6), random(6), 4.0, -1.5, 0.6)),
        Case("equal densities", (here, here, -1.0, 2.0, 0.3)),
        Case("densities that are tiny", (p * 1e-9, q * 1e-9, 0.0, 1.0, 0.4)),
    )


def _oracle(p: Array, q: Array, made: float, real: float, share: float) -> Array:
    """Minimize the loss at each kind of picture by bisection."""

    def best(a: float, b: float) -> float:
        total = a + b
        if total == 0:
            return (made + real) / 2

        def lost(d: Tensor) -> Tensor:
            return torch.tensor(a / total) * (d - real) ** 2 + b / total * (d - made) ** 2

        return minimizer(lost, -10, 10)

    return np.array([best((1 - share) * a, share * b) for a, b in zip(p, q, strict=True)])


def _weighted(a: Array, b: Array, made: float, real: float) -> Array:
    """Return the mean of both targets with the weights a and b, their middle where both are 0."""
    total = a + b
    scores = (a * real + b * made) / np.where(total > 0, total, 1)
    return np.where(total > 0, scores, (made + real) / 2)


def _best(p: Array, q: Array, made: float, real: float, share: float) -> Array:
    """Return the reference solution of exercise 06-4."""
    return _weighted((1 - share) * p, share * q, made, real)


def _without_care(p: Array, q: Array, made: float, real: float, share: float) -> Array:
    """Divide by 0 where nothing falls."""
    a, b = (1 - share) * p, share * q
    return np.asarray((a * real + b * made) / (a + b))


def _with_epsilon(p: Array, q: Array, made: float, real: float, share: float) -> Array:
    """Keep the denominator from 0 with a small number."""
    a, b = (1 - share) * p, share * q
    return (a * real + b * made) / (a + b + 1e-8)


def _unseen(value: Callable[[float, float, float], float]) -> Critic:
    """Return a function that is right but for the kinds that nobody has seen."""
    return lambda p, q, made, real, share: np.where(
        p + q > 0, _best(p, q, made, real, share), value(made, real, share)
    )


LEAST_SQUARES = Exercise(
    id="06-4",
    title="The best critic of any least-squares game",
    level="apply",
    minutes=10,
    task=Function(_cases, _oracle),
    solution=_best,
    praise="the best score is the mean of the two targets, weighted with how often real and made "
    "pictures of this kind were shown.",
    nudge="for one kind of picture write down what the critic pays for the score d, with both "
    "densities and the share, and set the slope by d to 0",
    wrong=(
        Mistake(
            lambda p, q, made, real, share: _best(p, q, real, made, share),
            "the targets are exchanged: real pictures pull the score toward `real`.",
        ),
        Mistake(
            lambda p, q, made, real, share: _best(p, q, made, real, 0.5),
            "the share has no effect; of 100 pictures that the critic is shown, 100 · share are "
            "made.",
        ),
        Mistake(
            lambda p, q, made, real, share: _best(p, q, made, real, 1 - share),
            "the share belongs to the made pictures; the real ones have the rest.",
        ),
        Mistake(
            lambda p, q, made, real, share: _best(p, q, 0, 1, share),
            "this is the best critic for the targets 0 and 1 alone.",
        ),
        Mistake(
            lambda p, q, made, real, share: _weighted(
                ((1 - share) * p) ** 2, (share * q) ** 2, made, real
            ),
            "the weights are squared; in the slope of the loss each density stands once.",
        ),
        Mistake(
            lambda p, q, made, real, share: _weighted(
                np.sqrt((1 - share) * p), np.sqrt(share * q), made, real
            ),
            "the weights are roots; in the slope of the loss each density stands as it is.",
        ),
        Mistake(
            lambda p, q, made, real, share: np.clip(_best(p, q, made, real, share), 0, 1),
            "the scores are clipped to 0 and 1; a least-squares critic has no such bounds.",
        ),
        Mistake(
            lambda p, q, made, real, share: np.where(
                (1 - share) * p >= share * q, float(real), float(made)
            ),
            "this decides for one of the targets; squares are smallest in between.",
        ),
        Mistake(
            lambda p, q, made, real, share: (1 - share) * p * real + share * q * made,
            "this is not divided by what falls there in all, (1 − share) · p + share · q.",
        ),
        Mistake(
            _without_care,
            "0/0 where neither p nor q has any mass; there the middle of the targets is asked for.",
            sees=gives_nan_or_inf,
        ),
        Mistake(
            _with_epsilon,
            "a small number in the denominator changes every score; ask where the sum is 0 "
            "instead.",
        ),
        Mistake(
            _unseen(lambda made, real, share: 0.0),
            "where nobody has seen anything the score is the middle of the targets, not 0.",
        ),
        Mistake(
            _unseen(lambda made, real, share: share * made + (1 - share) * real),
            "where nobody has seen anything the middle of the targets is asked for, whatever the "
            "share.",
        ),
    ),
)
