"""Exercises 02-1 and 02-3: the slopes of single nodes, by hand."""

from __future__ import annotations

import numpy as np
import torch

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import gradient
from kbook.exercises.tasks import Case, Function, Number


def _slope_at_fork() -> float:
    """Return torch's slope of exercise 02-1."""
    return float(gradient(lambda a: (a * -3.0 + a) ** 2, np.array(4.0)))


FORK_BY_HAND = Exercise(
    id="02-1",
    title="A fork by hand",
    level="recall",
    minutes=5,
    task=Number(_slope_at_fork),
    solution=-16.0 * (-3.0 + 1.0),
    praise="−16 · (−3) through the product plus −16 · 1 past it: at a fork the paths add up to 32.",
    nudge="find s = a·b + a, then ∂L/∂s = 2s, and follow both arrows from s back to a",
    wrong=(
        Mistake(
            48.0,
            "this is the path through the product alone; a is used twice, so add the path of the "
            "second a.",
        ),
        Mistake(
            -16.0,
            "this is ∂L/∂s = 2s, which the path past the product passes on as it is; the path "
            "through the product is missing.",
        ),
        Mistake(-64.0, "this is ∂L/∂b, which is ∂L/∂s · a; asked is the slope by a."),
        Mistake(64.0, "this is L itself, the result of the forward pass; asked is a slope."),
        Mistake(16.0, "the slope of the square is 2s, not s: you have half of the answer."),
        Mistake(
            -2.0,
            "this is ∂s/∂a, which stops at the sum; multiply by the slope 2s of the square.",
        ),
        Mistake(-32.0, "the sign is wrong: s and ∂s/∂a are both negative here."),
        Mistake(
            -8.0, "this is s, the sum before it is squared: the forward pass up to the last node."
        ),
    ),
)


def _division_cases() -> tuple[Case, ...]:
    """Return numerators and denominators, of both signs."""
    pairs = ((6.0, 2.0), (1.0, 4.0), (-3.0, 0.5), (2.5, -5.0), (-7.0, -2.0))
    return tuple(Case(f"a = {a:g} and b = {b:g}".replace("-", "−"), (a, b)) for a, b in pairs)


DIVISION_NODE = Exercise(
    id="02-3",
    title="A node that divides",
    level="recall",
    minutes=8,
    task=Function(
        _division_cases, lambda a, b: gradient(lambda t: torch.div(t[0], t[1]), np.array([a, b]))
    ),
    solution=lambda a, b: np.array([1 / b, -a / b**2]),
    praise="1/b and −a/b² = −q/b: a node that keeps its result q has both for one division each.",
    nudge="hold one operand fixed, move the other, and write one slope for each parent",
    wrong=(
        Mistake(
            lambda a, b: np.array([1 / b, a / b**2]),
            "the sign of the second slope is wrong: 6/2 becomes smaller when the 2 grows.",
        ),
        Mistake(
            lambda a, b: np.array([b, a]),
            "these are the slopes of a product; q = a/b is a times 1/b.",
        ),
        Mistake(
            lambda a, b: np.array([1 / b, -1 / b**2]),
            "the second slope is that of 1/b; the numerator a multiplies it.",
        ),
        Mistake(
            lambda a, b: np.array([1 / b, -a / b]),
            "in the second slope b is squared: q = a·b⁻¹, and the derivative of b⁻¹ is −b⁻².",
        ),
        Mistake(
            lambda a, b: np.array([-a / b**2, 1 / b]),
            "both slopes are right, but swapped: the slope by a comes first, then that by b.",
        ),
        Mistake(
            lambda a, b: 1 / b - a / b**2,
            "you added the two slopes; each parent gets its own, so return an array of both.",
        ),
        Mistake(
            lambda a, b: np.array([1.0, -a / b**2]),
            "the first slope is not 1: when a grows by 1, a/b grows by 1/b.",
        ),
        Mistake(
            lambda a, b: np.array([1 / b, 1 / b]),
            "the quotient is linear in a, but not in b: hold a fixed and differentiate a·b⁻¹.",
        ),
    ),
)
