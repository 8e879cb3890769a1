"""Exercise 01-10: temperature scaling, which repairs the confidence of a classifier."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy as torch_cross_entropy

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import minimizer
from kbook.exercises.symptoms import is_constant
from kbook.exercises.tasks import Case, Function
from kbook.losses import cross_entropy, softmax

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def validation_set(seed: int = 0, sharpness: float = 2.0) -> tuple[Array, Labels]:
    """Make the logits and labels of a badly calibrated classifier.

    Labels are drawn from the softmax of logits u, except that one in twenty is drawn at random;
    the classifier then reports `sharpness` times u.

    Parameters
    ----------
    seed : int
        Of the generator; the same seed gives the same set.
    sharpness : float
        Above 1 the classifier is too sure of itself, below 1 not sure enough.

    Returns
    -------
    logits : array of shape (400, 5)
        What the classifier says.
    targets : array of shape (400,)
        Class indices 0 to 4.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger (2017), "On Calibration of Modern Neural Networks", ICML,
    section 4.2 (temperature scaling).
    """
    rng = np.random.default_rng(seed)
    u = rng.normal(0, 2, (400, 5))
    targets = (u + rng.gumbel(size=u.shape)).argmax(axis=1)  # a draw from softmax(u)
    noisy = rng.random(400) < 0.05
    return sharpness * u, np.where(noisy, rng.integers(0, 5, 400), targets)


def _calibration_cases() -> tuple[Case, ...]:
    """Return validation sets of classifiers that are too sure, or not sure enough."""
    return (
        Case("validation_set()", validation_set()),
        Case("a classifier that is not sure enough", validation_set(1, 0.5)),
        Case("a classifier that is a little too sure", validation_set(2, 1.4)),
    )


def _calibration_oracle(z: Array, y: Labels) -> float:
    """Return the best temperature from torch's loss, which is convex in 1/T."""
    logits, targets = torch.from_numpy(z), torch.from_numpy(y)
    return 1 / minimizer(lambda b: torch_cross_entropy(b * logits, targets), 0.1, 10.0)


_GRID = np.linspace(0.25, 4.0, 376)  # temperatures in steps of 0.01


def _best(score: Callable[[Array, Labels], float]) -> Callable[[Array, Labels], float]:
    """Return a function that finds the T on the grid with the smallest score of z/T."""
    return lambda z, y: float(_GRID[np.argmin([score(z / t, y) for t in _GRID])])


def _squared_error(z: Array, y: Labels) -> float:
    """Return the mean squared error of the probabilities (Brier score)."""
    return float(np.square(softmax(z) - np.eye(z.shape[1])[y]).sum(axis=1).mean())


def _confidence_gap(z: Array, y: Labels) -> float:
    """Return how far the mean confidence lies from the accuracy."""
    return float(abs(softmax(z).max(axis=1).mean() - (z.argmax(axis=1) == y).mean()))


_best_temperature = _best(cross_entropy)

CALIBRATE = Exercise(
    id="01-10",
    title="Calibrate a classifier that is too sure",
    level="design",
    minutes=20,
    task=Function(_calibration_cases, _calibration_oracle, rtol=0, atol=0.02),
    solution=_best_temperature,
    praise="one number, fitted on validation data, repairs the confidence and keeps every class.",
    nudge="try temperatures in steps of 0.01 and keep the one with the smallest cross-entropy",
    wrong=(
        Mistake(lambda z, y: 1.0, "T = 1 leaves the logits as they are; try others as well."),
        Mistake(
            lambda z, y: 1 / _best_temperature(z, y),
            "this is 1/T: the logits are divided by T, not multiplied.",
        ),
        Mistake(
            _best(lambda z, y: -float((z.argmax(axis=1) == y).mean())),
            "you give the same T for every set; the accuracy, for one, cannot choose it, as "
            "dividing by T keeps the order of the logits.",
            sees=is_constant,
        ),
        Mistake(
            _best(lambda z, y: cross_entropy(softmax(z), y)),
            "a softmax too many: the loss wants the logits z/T, not their softmax.",
        ),
        Mistake(
            _best(_squared_error),
            "this T minimizes the squared error of the probabilities, not the cross-entropy.",
        ),
        Mistake(
            _best(_confidence_gap),
            "this T makes the mean confidence equal to the accuracy; asked is the smallest loss.",
        ),
        Mistake(
            lambda z, y: float(z.std()),
            "this is the spread of the logits; the best T depends on the labels too.",
        ),
    ),
)
