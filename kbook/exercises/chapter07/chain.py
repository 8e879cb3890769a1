"""Exercise 07-8: how many decisions are wrong, if a mistake leads to the next."""

from __future__ import annotations

import numpy as np

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function


def _cases() -> tuple[Case, ...]:
    """Return the number of decisions, the chance of a mistake and that of coming back."""
    return (
        Case("T = 2, epsilon = 0.1, back = 0.4", (2, 0.1, 0.4)),
        Case("T = 1, epsilon = 0.25, back = 0.5", (1, 0.25, 0.5)),
        Case("who never comes back", (350, 0.002, 0.0)),
        Case("who comes back at once", (350, 0.002, 1.0)),
        Case("who flips with the same chance", (350, 0.002, 0.002)),
        Case("who takes ten decisions to come back", (1000, 0.01, 0.1)),
        Case("who is never wrong", (50, 0.0, 0.3)),
        Case("who is always wrong", (20, 1.0, 0.0)),
    )


def _oracle(T: int, epsilon: float, back: float) -> float:
    """Take the T-th power of the chain, with the wrong decisions counted in a third place."""
    to_right = [1 - epsilon, back, 0]
    to_wrong = [epsilon, 1 - back, 0]
    chain = np.array([to_right, to_wrong, [*to_wrong[:2], 1]])
    return float(np.linalg.matrix_power(chain, T)[2, 0])


def _count(
    T: int, epsilon: float, back: float, *, first: float = 0.0, early: bool = False
) -> float:
    """Return the reference solution; with another start or an early count it errs."""
    wrong, total = first, 0.0
    for _ in range(T):
        total += wrong if early else 0
        wrong = wrong * (1 - back) + (1 - wrong) * epsilon
        total += 0 if early else wrong
    return total


def _all_can_err(T: int, epsilon: float, back: float) -> float:
    """Let those err again who are wrong already."""
    wrong, total = 0.0, 0.0
    for _ in range(T):
        wrong = wrong * (1 - back) + epsilon
        total += wrong
    return total


def _last(T: int, epsilon: float, back: float) -> float:
    return _count(T, epsilon, back) - _count(T - 1, epsilon, back)


CHAIN = Exercise(
    id="07-8",
    title="Between a line and a square",
    level="design",
    minutes=15,
    task=Function(_cases, _oracle),
    solution=_count,
    praise="who comes back within a few decisions pays about T ε / back, a line; only who never "
    "comes back pays the square.",
    nudge="carry the probability of being wrong from one decision to the next: those who were "
    "wrong and did not come back, and those who were right and erred",
    wrong=(
        Mistake(lambda T, epsilon, back: T * epsilon,
                "this is T ε, as if each decision were made afresh from the right state."),
        Mistake(lambda T, epsilon, back: T**2 * epsilon / 2,
                "this is the bound for small ε without return; `back` has no effect."),
        Mistake(lambda T, epsilon, back: T * (T + 1) / 2 * epsilon,
                "this sums up the lost steps as if nobody erred twice or came back."),
        Mistake(lambda T, epsilon, back: _count(T, epsilon, 0.0),
                "here nobody comes back; `back` has no effect."),
        Mistake(_all_can_err, "only who is right can err: multiply epsilon by the probability of "
                "being right."),
        Mistake(lambda T, epsilon, back: _count(T, epsilon, back, early=True),
                "the state before the first decision is counted, and the last decision is not."),
        Mistake(lambda T, epsilon, back: _count(T, epsilon, 1 - back),
                "back is the chance to come back, not the chance to stay wrong."),
        Mistake(lambda T, epsilon, back: _count(T, epsilon, back, first=1.0),
                "this begins in the wrong state; the drive begins right."),
        Mistake(_last, "this is the chance that the last decision is wrong; add up all T."),
        Mistake(lambda T, epsilon, back: T * epsilon / max(epsilon + back, 1e-12),
                "this takes the long run for the whole drive; it begins right, so with fewer "
                "mistakes."),
    ),
)  # fmt: skip
