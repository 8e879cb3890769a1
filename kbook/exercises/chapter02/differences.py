"""Exercises 02-2 and 02-6: what difference quotients cost, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import minimizer
from kbook.exercises.symptoms import is_constant
from kbook.exercises.tasks import Case, Function, Number
from kbook.gradcheck import central_difference


def _evaluations() -> float:
    """Count how often central differences evaluate a function of 64 · 10 + 10 parameters."""
    count = 0

    def loss(_parameters: NDArray[np.float64]) -> float:
        nonlocal count
        count += 1
        return 0.0

    central_difference(loss, np.concatenate([np.ones((64, 10)).ravel(), np.zeros(10)]))
    return float(count)


COUNT_EVALUATIONS = Exercise(
    id="02-2",
    title="The price of asking one weight at a time",
    level="recall",
    minutes=4,
    task=Number(_evaluations, rtol=0),
    solution=2 * (64 * 10 + 10),
    praise="1300 evaluations, where back-propagation makes one forward and one backward pass.",
    nudge="count the parameters first, then the evaluations that each of them needs",
    wrong=(
        Mistake(
            650, "650 parameters is right, but a central difference evaluates L on both sides."
        ),
        Mistake(
            651,
            "this is what one-sided differences need, which share L at the weights themselves; a "
            "central one looks at both sides of each parameter.",
        ),
        Mistake(
            1301,
            "L at the parameters themselves is not needed: it occurs in no central difference.",
        ),
        Mistake(1280, "the ten biases are parameters too, and they have slopes."),
        Mistake(
            640, "count the ten biases as well, and evaluate L on both sides of each parameter."
        ),
        Mistake(
            2,
            "this is back-propagation, or a single parameter: difference quotients move one "
            "parameter at a time.",
        ),
        Mistake(
            650**2,
            "parameters are moved one at a time, not in pairs: the cost grows with their number, "
            "not with its square.",
        ),
    ),
)

_DOUBLE, _SINGLE = 2.0**-52, 2.0**-23
_WEIGHTS = {-2: 1, -1: -8, 1: 8, 2: -1}
"""The four-point quotient: twelve h times it is the sum of these multiples of f(x + i h)."""


def _step_cases() -> tuple[Case, ...]:
    """Return a relative accuracy ε, the size of f and a bound M on its fifth derivative."""
    return (
        Case("ε = 2⁻⁵², |f| = 1 and M = 1", (_DOUBLE, 1.0, 1.0)),
        Case("ε = 2⁻²³, |f| = 1 and M = 1", (_SINGLE, 1.0, 1.0)),
        Case("ε = 2⁻⁵², |f| = 1000 and M = 1", (_DOUBLE, 1000.0, 1.0)),
        Case("ε = 2⁻⁵², |f| = 1 and M = 1000", (_DOUBLE, 1.0, 1000.0)),
        Case("ε = 2⁻⁵², |f| = 0.5 and M = 40", (_DOUBLE, 0.5, 40.0)),
    )


def _best_step(eps: float, f: float, m: float) -> float:
    """Find the smallest bound by bisection; in ln h it is a sum of exponentials, so convex."""
    rounded = sum(abs(weight) for weight in _WEIGHTS.values()) * eps * f / 2
    best = minimizer(
        lambda u: rounded / (12 * torch.exp(u)) + torch.exp(u) ** 4 * m / 30, -40.0, 10.0
    )
    return float(np.exp(best))


def _root(factor: float, order: int = 5) -> Callable[[float, float, float], float]:
    """Return the step whose power is a multiple of ε|f|/M; 45/8 and the fifth power are right."""
    return lambda eps, f, m: (factor * eps * f / m) ** (1 / order)


BEST_STEP = Exercise(
    id="02-6",
    title="The best step of a four-point quotient",
    level="apply",
    minutes=12,
    task=Function(_step_cases, _best_step, rtol=2e-3, atol=0),
    solution=_root(45 / 8),
    praise="1.0e−3 in double precision if |f| = M = 1, for an error of at most 2e−13: about 13 "
    "digits, where two points give about 11.",
    nudge="add up what each of the four rounded values can do to the quotient, add the truncation "
    "error, and minimize the sum",
    wrong=(
        Mistake(
            _root(15 / 4),
            "the round-off error is still that of the central quotient, ε|f|/2h; here four values "
            "are rounded, and two of them count eight times.",
        ),
        Mistake(
            _root(45 / 4),
            "each value is rounded by up to ε|f|/2, half of what you counted: ε|f| is what a "
            "difference of two can be off by.",
        ),
        Mistake(
            _root(45 / 2),
            "here both errors are equal, but their sum is smallest where their slopes cancel, and "
            "the slope of h⁴ has a factor of 4.",
        ),
        Mistake(
            _root(135 / 2),
            "the round-off error must be divided by 12h, as the quotient is; you divided by h "
            "alone.",
        ),
        Mistake(
            lambda eps, f, m: 0.0,
            "8 − 8 − 1 + 1 = 0 would hold if all four were rounded alike; each has an error of its "
            "own, so add the sizes 8 + 8 + 1 + 1.",
        ),
        Mistake(
            _root(35 / 8),
            "you subtracted the errors of the outer pair; in the worst case all errors pull the "
            "same way, so add their sizes.",
        ),
        Mistake(
            _root(5 / 4),
            "you counted four errors of equal weight; the two inner values are multiplied by 8, "
            "and their rounding errors with them.",
        ),
        Mistake(
            _root(45 / 8, order=3),
            "the cube root belongs to the central quotient, whose truncation error grows as h²; "
            "here it grows as h⁴, which leads to h⁵.",
        ),
        Mistake(
            _root(45 / 8, order=4),
            "the fourth root forgets that round-off is divided by h; set the slope with h³ "
            "against that with 1/h², which leads to h⁵.",
        ),
        Mistake(
            _root(3 / 2, order=3),
            "this is the best step of the central quotient in section 6; four points bear a larger "
            "one, as h⁴ falls so much faster than h².",
        ),
        Mistake(
            _root(2, order=2),
            "this is the best step of the one-sided quotient in section 6, whose truncation error "
            "grows as h; here it grows as h⁴.",
        ),
        Mistake(
            lambda eps, f, m: eps ** (1 / 5),
            "ε^(1/5) is the rule of thumb; the best step also grows with |f| and shrinks with M.",
        ),
        Mistake(
            _root(1),
            "the power is right, but the factor is missing: it comes from the weights of the four "
            "values, from 12, from 30, and from the slope of h⁴.",
        ),
        Mistake(
            lambda eps, f, m: (45 * eps * m / (8 * f)) ** (1 / 5),
            "|f| and M are swapped: larger values want a larger step, a larger fifth derivative a "
            "smaller one.",
        ),
        Mistake(
            _root(8 / 45),
            "the factor is upside down: 3ε|f|/4h² = 4h³M/30 gives h⁵ = 45ε|f|/8M.",
        ),
        Mistake(lambda eps, f, m: 45 * eps * f / (8 * m), "this is h⁵; take the fifth root."),
        Mistake(
            lambda eps, f, m: 3 * eps * f / (4 * (45 * eps * f / (8 * m)) ** (1 / 5)),
            "this is the round-off error at the best step; asked is the step.",
        ),
        Mistake(
            lambda eps, f, m: 15 * eps * f / (16 * (45 * eps * f / (8 * m)) ** (1 / 5)),
            "this is the smallest bound, both errors together; asked is the step that has it.",
        ),
        Mistake(
            lambda eps, f, m: 1e-3,
            "one step for all inputs: the best h depends on ε, on |f| and on M.",
            sees=is_constant,
        ),
    ),
)
