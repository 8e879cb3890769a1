"""Exercise 05-4: which explanation of a worse deeper net its measurements leave."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.symptoms import is_constant
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
Verdict = Callable[[Array, Array, Array], int]

NOT_WORSE, OVER_FITTING, VANISHING, NEITHER = range(4)


def _cases() -> tuple[Case, ...]:
    """Return accuracies of a shallow and a deep net over seeds, and the deep net's gradients."""
    even, grown = np.geomspace(0.3, 0.2, 20), np.geomspace(40, 0.02, 55)
    gone, faint = np.geomspace(1e-7, 0.02, 55), np.geomspace(3e-5, 2e-5, 30)
    dip = np.concatenate([np.geomspace(0.1, 1e-6, 10), np.geomspace(1e-6, 0.1, 10)])

    def case(name: str, accuracies: tuple[list[list[float]], list[list[float]]], g: Array) -> Case:
        shallow, deep = (np.array(rows, dtype=np.float64) for rows in accuracies)
        return Case(name, (shallow, deep, g))

    good = [[100.0, 100, 100], [97, 96.4, 97.2]]
    return (
        case("a deep net that is better", ([[98.0], [95]], [[100.0], [97]]), even),
        case("a deep net at 100 % and 92 %", ([[99.0], [97]], [[100.0], [92]]), even),
        case("a deep net at 20 % and 19 %, its gradients gone", (good, [[20.0], [19]]), gone),
        case("a deep net at 40 % and 39 %, its gradients alike", (good, [[40.0], [39]]), even),
        case(
            "two deep nets out of five that fail",
            (good, [[100.0, 24, 13, 99, 98], [97, 23, 12, 96.4, 97]]),
            grown,
        ),
        case(
            "two deep nets out of three that fail", (good, [[100.0, 60, 61], [97, 59, 60]]), grown
        ),
        case("a deep net at 90 % and 70 %", (good, [[90.0, 91], [70, 72]]), even),
        case("a deep net with a wider gap", ([[96.0], [95]], [[100.0, 100], [97.5, 97]]), even),
        case("a deep net better without a gradient", ([[98.0], [95]], [[99.0], [96]]), gone),
        case("a deep net at 100 % and 91 %, its gradients gone", (good, [[100.0], [91]]), gone),
        case("gradients that are small in all layers", (good, [[30.0, 35], [28, 36]]), faint),
        case("gradients that are smallest halfway", (good, [[50.0], [49]]), dip),
        case("gradients that grow on their way back", (good, [[60.0], [61]]), gone[::-1].copy()),
        case("validation digits lower by 0.7 points", (good, [[97.0], [96.2]]), even),
        case("training digits lower by 0.6 points", (good, [[99.4], [90]]), even),
        case("training digits lower, validation not", (good, [[97.5], [97]]), even),
        case("a last seed that is the worst", (good, [[100.0] * 4, [97, 97, 97, 95.5]]), even),
        case("a first seed that is the worst", (good, [[90.0, 100, 100], [94, 97, 98]]), even),
        case("training digits lower by 2 points", (good, [[98.0], [90]]), even),
        case("gradients shrunk to 1/300", (good, [[55.0], [54]]), np.geomspace(1e-4, 0.03)),
        case("gradients shrunk to 1/5000", (good, [[55.0], [54]]), np.geomspace(2e-5, 0.1)),
    )


def _oracle(shallow: Array, deep: Array, norms: Array) -> int:
    """Follow the text of the exercise, row by row."""
    lost = [fmean(a.tolist()) - fmean(b.tolist()) for a, b in zip(shallow, deep, strict=True)]
    if lost[1] <= 1:
        return NOT_WORSE
    if lost[0] <= 1:
        return OVER_FITTING
    return VANISHING if 1000 * norms.tolist()[0] < norms.tolist()[-1] else NEITHER


def _judge(
    mean: Callable[..., Array] = np.mean,
    margin: float = 1.0,
    vanished: Callable[[Array], bool] = lambda norms: norms[0] < norms[-1] / 1000,
) -> Verdict:
    """Return the reference solution, or one that errs in a way that is given."""

    def verdict(shallow: Array, deep: Array, norms: Array) -> int:
        training, validation = mean(shallow, axis=1) - mean(deep, axis=1)
        if validation <= margin:
            return NOT_WORSE
        if training <= margin:
            return OVER_FITTING
        return VANISHING if vanished(norms) else NEITHER

    return verdict


_verdict = _judge()


def _by_gap(shallow: Array, deep: Array, norms: Array) -> int:
    """Take the gap between training and validation digits for a sign of over-fitting."""
    right, (training, validation) = _verdict(shallow, deep, norms), deep.mean(axis=1)
    gap = training - validation > 1
    return right if right == NOT_WORSE or (right != OVER_FITTING and not gap) else OVER_FITTING


def _by_gap_alone(shallow: Array, deep: Array, norms: Array) -> int:
    """Call every net with a gap over-fitted, a better one as well."""
    training, validation = deep.mean(axis=1)
    return OVER_FITTING if training - validation > 1 else _verdict(shallow, deep, norms)


def _by_validation(shallow: Array, deep: Array, norms: Array) -> int:
    """Call every net that is worse over-fitted."""
    return min(_verdict(shallow, deep, norms), OVER_FITTING)


def _by_training(shallow: Array, deep: Array, norms: Array) -> int:
    """Ask first whether the training digits are worse."""
    if deep[0].mean() >= shallow[0].mean() - 1:
        return NOT_WORSE
    return _judge(mean=lambda rows, axis: np.array([rows[0].mean()] * 2))(shallow, deep, norms)


def _gradients_first(shallow: Array, deep: Array, norms: Array) -> int:
    """Blame vanished gradients, whatever the accuracies say."""
    return VANISHING if norms[0] < norms[-1] / 1000 else _verdict(shallow, deep, norms)


def _gradients_before_fitting(shallow: Array, deep: Array, norms: Array) -> int:
    """Ask for vanished gradients as soon as the validation digits are worse."""
    right = _verdict(shallow, deep, norms)
    return right if right == NOT_WORSE else _gradients_first(shallow, deep, norms)


VERDICT = Exercise(
    id="05-4",
    title="Which explanation is left?",
    level="apply",
    minutes=10,
    task=Function(_cases, _oracle),
    solution=_verdict,
    praise="over-fitting needs good training digits and vanishing a small gradient at the input; "
    "a net that has neither is worse for another reason.",
    nudge="ask in order whether the validation digits are worse, whether the training digits "
    "are, and whether the first norm is below a thousandth of the last",
    wrong=(
        Mistake(
            _by_gap,
            "a gap between training and validation digits is no over-fitting as long as the "
            "training digits are worse than the shallow net's.",
        ),
        Mistake(
            _by_gap_alone,
            "a gap is found in good nets as well; first ask whether the deep net is worse than "
            "the shallow one.",
        ),
        Mistake(
            _by_validation,
            "worse validation digits alone show no over-fitting: look whether the training digits "
            "are worse too.",
        ),
        Mistake(
            _by_training,
            "the first question is about the validation digits; a net that over-fits is fine on "
            "the training digits.",
        ),
        Mistake(
            _gradients_first,
            "vanished gradients explain nothing in a net that is not worse, or that fits its "
            "training digits.",
        ),
        Mistake(
            _gradients_before_fitting,
            "a net that fits its training digits was reached by its gradients, however small: "
            "ask about over-fitting first.",
        ),
        Mistake(
            _judge(vanished=lambda norms: norms[-1] < norms[0] / 1000),
            "the direction is wrong: the gradient goes from the last layer to the first, so the "
            "first one vanishes.",
        ),
        Mistake(
            _judge(vanished=lambda norms: not 1e-3 < norms[0] / norms[-1] < 1e3),
            "gradients that grow on their way back have not vanished; only the first norm far "
            "below the last counts.",
        ),
        Mistake(
            _judge(vanished=lambda norms: norms[0] < 1e-3),
            "a norm is small or large only beside another: the unit of the loss scales them all; "
            "compare first and last layer.",
        ),
        Mistake(
            _judge(vanished=lambda norms: norms.min() < norms.max() / 1000),
            "smallest and largest norm may lie anywhere; what arrives is the first one, what "
            "started is the last.",
        ),
        Mistake(
            _judge(vanished=lambda norms: norms[0] < norms[-1]),
            "a gradient that shrinks a little has not vanished; the border is a thousandth.",
        ),
        Mistake(
            _judge(mean=np.max),
            "this compares the best seeds; take the mean, as the one that trains well may be luck.",
        ),
        Mistake(
            _judge(mean=np.median),
            "this compares medians, and hides the seeds that fail; the text asks for means.",
        ),
        Mistake(
            _judge(mean=lambda rows, axis: rows[:, 0]),
            "this compares the first seeds alone; take the mean over all.",
        ),
        Mistake(
            _judge(margin=0.0),
            "a few tenths of a point are chance with so few digits; worse means by more than one "
            "point.",
        ),
        Mistake(
            lambda shallow, deep, norms: NEITHER,
            "the verdict is the same whatever was measured.",
            sees=is_constant,
        ),
    ),
)
