"""Exercises 02-2 and 02-6: what difference quotients cost, and how far they can be trusted."""

from __future__ import annotations

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


def _step_cases() -> tuple[Case, ...]:
    """Return a relative rounding error ε, the size of f and a bound M on its third derivative."""
    return (
        Case("ε = 2⁻⁵², |f| = 1 and M = 1", (_DOUBLE, 1.0, 1.0)),
        Case("ε = 2⁻²³, |f| = 1 and M = 1", (_SINGLE, 1.0, 1.0)),
        Case("ε = 2⁻⁵², |f| = 1000 and M = 1", (_DOUBLE, 1000.0, 1.0)),
        Case("ε = 2⁻⁵², |f| = 1 and M = 1000", (_DOUBLE, 1.0, 1000.0)),
        Case("ε = 2⁻⁵², |f| = 0.5 and M = 40", (_DOUBLE, 0.5, 40.0)),
    )


def _best_step(eps: float, f: float, m: float) -> float:
    """Find the smallest bound by bisection; in ln h it is a sum of exponentials, so convex."""
    best = minimizer(lambda u: eps * f * torch.exp(-u) + torch.exp(2 * u) * m / 6, -40.0, 10.0)
    return float(np.exp(best))


BEST_STEP = Exercise(
    id="02-6",
    title="The best step of a difference quotient",
    level="apply",
    minutes=12,
    task=Function(_step_cases, _best_step, rtol=2e-3, atol=0),
    solution=lambda eps, f, m: (3 * eps * f / m) ** (1 / 3),
    praise="(3ε|f|/M)^(1/3): 8.7e−6 in double precision and 7.1e−3 in single, if |f| = M = 1.",
    nudge="the sum of the two bounds is smallest where its derivative by h is zero",
    wrong=(
        Mistake(
            lambda eps, f, m: (6 * eps * f / m) ** (1 / 3),
            "here both bounds are equal; their sum is smallest where their slopes cancel, so "
            "differentiate it first.",
        ),
        Mistake(
            lambda eps, f, m: 2 * (eps * f / m) ** (1 / 2),
            "a square root belongs to the one-sided quotient, whose truncation error grows as h; "
            "here it grows as h².",
        ),
        Mistake(
            lambda eps, f, m: eps ** (1 / 2),
            "√ε is the rule of thumb for one-sided quotients; this one is central, and |f| and M "
            "count too.",
        ),
        Mistake(
            lambda eps, f, m: eps ** (1 / 3),
            "ε^(1/3) is the rule of thumb; the best step also grows with |f| and shrinks with M.",
        ),
        Mistake(
            lambda eps, f, m: (eps * f / m) ** (1 / 3),
            "the factor is missing: the derivative of h²M/6 is hM/3, so a 3 stays in h³.",
        ),
        Mistake(
            lambda eps, f, m: (3 * eps * m / f) ** (1 / 3),
            "|f| and M are swapped: a strongly curved slope wants a smaller step.",
        ),
        Mistake(
            lambda eps, f, m: (eps * f / (3 * m)) ** (1 / 3),
            "the 3 is on the wrong side: ε|f|/h² = hM/3 gives h³ = 3ε|f|/M.",
        ),
        Mistake(lambda eps, f, m: 3 * eps * f / m, "this is h³; take the cube root."),
        Mistake(
            lambda eps, f, m: eps,
            "the smallest step is the worst one: at h = ε the round-off error is as large as f.",
        ),
        Mistake(
            lambda eps, f, m: eps * f / (3 * eps * f / m) ** (1 / 3),
            "this is the round-off error at the best step; asked is the step.",
        ),
        Mistake(
            lambda eps, f, m: 1e-5,
            "one step for all inputs: the best h depends on ε, on |f| and on M.",
            sees=is_constant,
        ),
    ),
)
