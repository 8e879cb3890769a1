"""Exercise 03-5: a learning rate that warms up in a line and comes down along a cosine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
Schedule = Callable[[Array, float, float], Array]


def _cases() -> tuple[Case, ...]:
    """Return progresses with the share of the warm-up and the floor."""
    coarse, fine = np.linspace(0, 1, 5), np.linspace(0, 1, 41)
    return (
        Case("t = [0, 0.25, 0.5, 0.75, 1], warmup = 0.5 and floor = 0", (coarse, 0.5, 0.0)),
        Case("41 values of t, warmup = 0.1 and floor = 0.01", (fine, 0.1, 0.01)),
        Case("41 values of t, warmup = 0 and floor = 0.2", (fine, 0.0, 0.2)),
        Case("t in reverse, warmup = 0.3 and floor = 0.05", (fine[::-1].copy(), 0.3, 0.05)),
        Case("41 values of t, warmup = 0.9 and floor = 1", (fine, 0.9, 1.0)),
        Case("a single t of 0.7, warmup = 0.2 and floor = 0.5", (np.array([0.7]), 0.2, 0.5)),
    )


def _oracle(t: Array, warmup: float, floor: float) -> list[float]:
    """Blend 1 and the floor by cos², one progress after the other; (1 + cos 2x)/2 is cos² x."""
    values = []
    for progress in t:
        high = np.cos(np.pi / 2 * max(progress - warmup, 0) / (1 - warmup)) ** 2
        up = np.interp(progress, [0, warmup], [0, 1]) if progress < warmup else 1
        values.append(float(up * high + (1 - high) * floor))
    return values


def _cosine(u: Array) -> Array:
    """Return half a wave: 1 at u = 0, 0 at u = 1."""
    return np.asarray((1 + np.cos(np.pi * u)) / 2)


def _joined(down: Schedule) -> Schedule:
    """Return a schedule that warms up in a line, then follows `down`."""
    return lambda t, w, f: np.where(t < w, t / (w or 1), down(t, w, f))


def _after(shape: Callable[[Array], Array]) -> Schedule:
    """Return the way down to the floor, from where the warm-up ends, in the shape given."""
    return lambda t, w, f: f + (1 - f) * shape((t - w) / (1 - w))


_schedule = _joined(_after(_cosine))

SCHEDULE = Exercise(
    id="03-5",
    title="Up in a line, down along a cosine",
    level="apply",
    minutes=12,
    task=Function(_cases, _oracle),
    solution=_schedule,
    praise="both pieces meet at 1 where the warm-up ends, and the last one lands on the floor.",
    nudge="the way down has a progress of its own, 0 where the warm-up ends and 1 at t = 1; the "
    "factor must be 1 at its start and `floor` at its end",
    wrong=(
        Mistake(
            _joined(lambda t, w, f: f + (1 - f) * _cosine(t)),
            "the cosine starts at t = 0, so the factor drops where the warm-up ends; it should "
            "start there, from 1.",
        ),
        Mistake(
            lambda t, w, f: np.minimum(t / w if w else 1.0, 1) * (f + (1 - f) * _cosine(t)),
            "the warm-up is multiplied with a cosine that runs from t = 0: the factor never gets "
            "to 1.",
        ),
        Mistake(
            _joined(lambda t, w, f: f + (1 - f) * _cosine(t - w)),
            "the cosine is shifted, but not compressed: it has only 1 − warmup of the time to come "
            "down.",
        ),
        Mistake(
            _joined(lambda t, w, f: _cosine((t - w) / (1 - w))),
            "this comes down to 0; it should come down to the floor, and smoothly.",
        ),
        Mistake(
            _joined(lambda t, w, f: f + _cosine((t - w) / (1 - w))),
            "the floor is added on top, so the way down starts at 1 + floor; only the height "
            "above the floor is scaled.",
        ),
        Mistake(
            _joined(lambda t, w, f: np.maximum(_cosine((t - w) / (1 - w)), f)),
            "the cosine is cut off at the floor and stays there; it should reach it at t = 1, not "
            "before.",
        ),
        Mistake(
            lambda t, w, f: np.where(t < w, f + (1 - f) * t / (w or 1), _schedule(t, w, f)),
            "the way down is right; the warm-up starts from 0, not from the floor.",
        ),
        Mistake(
            _joined(_after(lambda u: 1 - u)), "the way down is a line here; asked is a cosine."
        ),
        Mistake(
            _joined(_after(lambda u: np.cos(np.pi / 2 * u))),
            "this is a quarter of a wave, steepest where it ends; half a wave, (1 + cos πu)/2, "
            "is flat at both ends.",
        ),
        Mistake(
            _joined(_after(lambda u: np.cos(np.pi * u))),
            "a cosine runs from 1 to −1, so the factor falls below the floor: raise it by 1 and "
            "halve it.",
        ),
        Mistake(
            _joined(_after(lambda u: _cosine(2 * u))),
            "the wave is a whole one, so the factor comes back up; the way down is half a wave, up "
            "to cos π.",
        ),
        Mistake(
            _after(lambda u: _cosine(np.maximum(u, 0))),
            "the warm-up is missing: before t = warmup the factor climbs in a line from 0 to 1.",
        ),
        Mistake(
            lambda t, w, f: np.where(t < w, _cosine(1 - t / (w or 1)), _schedule(t, w, f)),
            "the way up is a cosine too, as in one-cycle; asked is a straight line.",
        ),
    ),
)
