"""Exercise 03-4: what Adam would do without its bias correction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.symptoms import is_constant
from kbook.exercises.tasks import Case, Function


def _cases() -> tuple[Case, ...]:
    """Return numbers of steps with both β; β1 = 0 is RMSProp."""
    given = (
        (1, 0.9, 0.999),
        (2, 0.9, 0.999),
        (10, 0.9, 0.999),
        (500, 0.9, 0.999),
        (1, 0.5, 0.75),
        (7, 0.8, 0.98),
        (4, 0.0, 0.99),
        (30, 0.95, 0.95),
    )
    return tuple(Case(f"t = {t}, β1 = {b1} and β2 = {b2}", (t, b1, b2)) for t, b1, b2 in given)


def _oracle(t: int, beta1: float, beta2: float) -> float:
    """Run both averages over a constant gradient of −3, as Adam does."""
    m = v = 0.0
    for _ in range(t):
        m = beta1 * m + (1 - beta1) * -3.0
        v = beta2 * v + (1 - beta2) * 9.0
    return abs(m) / v**0.5


def _filled(t: int, beta: float) -> np.float64:
    """Return the share that an average of t equal values, begun at 0, has reached."""
    return 1 - np.float64(beta) ** t


Size = Callable[[int, float, float], np.float64]


def _ratio(first: Callable[[int, float], np.float64], second: Size) -> Size:
    """Return a function of t, β1 and β2: the first average over something."""
    return lambda t, b1, b2: first(t, b1) / second(t, b1, b2)


_size = _ratio(_filled, lambda t, b1, b2: np.sqrt(_filled(t, b2)))

UNCORRECTED = Exercise(
    id="03-4",
    title="Adam without its bias correction",
    level="apply",
    minutes=12,
    task=Function(_cases, _oracle),
    solution=_size,
    praise="for 0.9 and 0.999 the first step is 3.2 times as long as it should be, the twelfth 6.6 "
    "times: a loss that jumps at the start may be this bug.",
    nudge="with the same g at every step, m is g times a factor and v is g² times a factor; find "
    "both, then divide",
    slow="a power such as beta1**t needs no loop",
    wrong=(
        Mistake(
            lambda t, b1, b2: 1.0,
            "with the correction each step has the length η, whatever t is; without it the length "
            "depends on t, β1 and β2.",
            sees=is_constant,
        ),
        Mistake(
            lambda t, b1, b2: (1 - b1) / np.sqrt(1 - b2),
            "this is right for t = 1 alone; both averages go on filling up, each at its own pace.",
        ),
        Mistake(
            _ratio(_filled, lambda t, b1, b2: _filled(t, b2)),
            "the root is missing: a step divides by √v, not by v.",
        ),
        Mistake(
            lambda t, b1, b2: 1 / _size(t, b1, b2),
            "this is the factor by which the correction changes the step; asked is the step that "
            "lacks it.",
        ),
        Mistake(
            lambda t, b1, b2: np.float64(b1) ** t / np.sqrt(np.float64(b2) ** t),
            "β to the power of t is the share that is still missing; an average has reached "
            "1 minus that.",
        ),
        Mistake(
            lambda t, b1, b2: _size(t - 1, b1, b2),
            "this is one step behind: in step t the averages have seen t gradients, the first one "
            "in step 1.",
        ),
        Mistake(
            lambda t, b1, b2: _size(t + 1, b1, b2),
            "this is one step ahead: in step t the averages have seen t gradients.",
        ),
        Mistake(
            lambda t, b1, b2: _filled(t, b1),
            "v is corrected here, but neither average should be.",
        ),
        Mistake(
            lambda t, b1, b2: 1 / np.sqrt(_filled(t, b2)),
            "m is corrected here, but neither average should be.",
        ),
        Mistake(
            lambda t, b1, b2: _size(t, b2, b1),
            "β1 and β2 are swapped: m, the average of the gradients, belongs to β1.",
        ),
        Mistake(
            lambda t, b1, b2: _size(t, b1, b2) * np.sqrt(1 - b2) / (1 - b1),
            "here each new gradient enters in full, as in momentum; Adam's averages weigh it by "
            "1 − β.",
        ),
        Mistake(
            lambda t, b1, b2: np.sum([_size(s, b1, b2) for s in range(1, t + 1)]),
            "this is the whole way of t steps; asked is the length of step number t.",
        ),
    ),
)
