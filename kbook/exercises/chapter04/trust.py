"""Exercise 04-7: what a prediction is worth where the classes come in other shares."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.symptoms import gives_nan_or_inf
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
Trust = Callable[[Labels, Labels, Array], Array]


def _cases() -> tuple[Case, ...]:
    """Return labels, predictions and shares: balanced and unbalanced sets, classes never named."""
    rng = np.random.default_rng(47)
    ill = np.repeat([0, 1], 20)
    alarm = np.concatenate([[1], np.zeros(19), np.ones(18), [0, 0]]).astype(np.int64)

    def random(size: int, weights: list[float], right: float) -> tuple[Labels, Labels]:
        k = len(weights)
        y = np.concatenate([np.arange(k), rng.choice(k, size - k, p=weights)])
        return y, np.where(rng.random(size) < right, y, rng.integers(0, k, size))

    def shares(*values: float) -> Array:
        return np.array(values, dtype=np.float64)

    mixed = random(60, [0.6, 0.3, 0.1], 0.7)
    silent = random(50, [0.3, 0.4, 0.3], 0.6)
    silent = silent[0], np.where(silent[1] == 2, 0, silent[1])
    return (
        Case("20 healthy and 20 ill, shares = [0.5, 0.5]", (ill, alarm, shares(0.5, 0.5))),
        Case("20 healthy and 20 ill, shares = [0.99, 0.01]", (ill, alarm, shares(0.99, 0.01))),
        Case("three classes of unequal size", (*mixed, shares(0.2, 0.3, 0.5))),
        Case(
            "four classes and equal shares",
            (*random(80, [0.1, 0.2, 0.3, 0.4], 0.5), shares(*[0.25] * 4)),
        ),
        Case("a class that is never predicted", (*silent, shares(0.5, 0.2, 0.3))),
        Case("a class with a share of 0", (*mixed, shares(0.4, 0.6, 0))),
    )


def _oracle(y: Labels, predicted: Labels, shares: Array) -> list[float]:
    """Let each sample stand for its part of the world, and ask those that get a prediction."""
    stands_for = [shares[label] / list(y).count(label) for label in y]
    trust = []
    for k in range(len(shares)):
        named = [i for i, guess in enumerate(predicted) if guess == k]
        all_named = sum(stands_for[i] for i in named)
        right = sum(stands_for[i] for i in named if y[i] == k)
        trust.append(right / all_named if all_named > 0 else 0.0)
    return trust


def _confusion(y: Labels, predicted: Labels, shares: Array) -> Array:
    """Return the confusion matrix, true classes as rows."""
    counts = np.zeros((len(shares), len(shares)))
    np.add.at(counts, (y, predicted), 1)
    return counts


def _from_matrix(joint: Callable[[Array, Array], Array], empty: float = 0.0) -> Trust:
    """Return a function that divides a diagonal by the sums of the columns."""

    def trust(y: Labels, predicted: Labels, shares: Array) -> Array:
        matrix = joint(_confusion(y, predicted, shares), shares)
        columns = matrix.sum(axis=0)
        values = np.diag(matrix) / np.where(columns > 0, columns, 1)
        return np.where(columns > 0, values, empty)

    return trust


def _recalls(counts: Array, shares: Array) -> Array:
    """Return for each true class which part of it gets which prediction."""
    return counts / counts.sum(axis=1, keepdims=True)


def _joint(counts: Array, shares: Array) -> Array:
    """Return the part of the world with each pair of class and prediction."""
    return shares[:, None] * _recalls(counts, shares)


_trust = _from_matrix(_joint)

TRUST = Exercise(
    id="04-7",
    title="What a diagnosis is worth elsewhere",
    level="apply",
    minutes=15,
    task=Function(_cases, _oracle),
    solution=_trust,
    praise="18 of 19 alarms are right on the balanced test set; where one in a hundred is ill, "
    "15 of 100 alarms are.",
    nudge="turn each row of the confusion matrix into parts of its class, multiply it with the "
    "share of the class, then ask which part of a column is right",
    wrong=(
        Mistake(
            _from_matrix(lambda counts, shares: counts),
            "this is the precision on the test set itself: the shares have no effect.",
        ),
        Mistake(
            lambda *given: np.diag(_recalls(_confusion(*given), given[2])),
            "this is the recall: which part of a class is found, not which part of an alarm is "
            "right.",
        ),
        Mistake(
            _from_matrix(_recalls),
            "this is the precision for equal shares; multiply each row by the share of its class.",
        ),
        Mistake(
            _from_matrix(lambda counts, shares: shares[:, None] * counts),
            "the counts are weighed as if the test set held as many of each class: divide each row "
            "by its sum first.",
        ),
        Mistake(
            _from_matrix(lambda counts, shares: _joint(counts.T + 1e-300, shares)),
            "labels and predictions are swapped: rows of the matrix are true classes.",
        ),
        Mistake(
            lambda *given: np.diag(_joint(_confusion(*given), given[2])),
            "this is how often a class occurs and is named; divide by how often it is named.",
        ),
        Mistake(
            lambda *given: given[2] * _from_matrix(lambda counts, shares: counts)(*given),
            "the precision is multiplied with the share at the end; weigh the rows before the "
            "columns are summed.",
        ),
        Mistake(
            lambda *given: np.array(np.diag(_joint(_confusion(*given), given[2])).sum()),
            "this is the accuracy to be expected; asked is one number for each prediction.",
        ),
        Mistake(
            _from_matrix(_joint, empty=np.nan),
            "0 / 0 is nan: a class that is never named gets a 0 here.",
            sees=gives_nan_or_inf,
        ),
        Mistake(
            _from_matrix(_joint, empty=1.0),
            "a class that is never named gets a 0 here, not a 1.",
        ),
        Mistake(
            lambda *given: 1 - _trust(*given),
            "this is the part of the alarms that is false; asked is the part that is right.",
        ),
    ),
)
