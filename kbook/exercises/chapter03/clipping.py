"""Exercise 03-8: the factor that shortens a gradient and keeps its direction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function, Outputs

Array = NDArray[np.floating]
Gradients = list[Array]
Norm = Callable[[Gradients], float]

_HUGE = range(5, 6)
"""This case is finite, but the squares of its entries are not, in single precision."""
_BROKEN = range(7, 10)
"""These cases hold nan or inf."""


def _single(*lists: list[float]) -> Gradients:
    """Return arrays in single precision, as gradients are."""
    return [np.array(values, dtype=np.float32) for values in lists]


def _cases() -> tuple[Case, ...]:
    """Return lists of gradients with a limit: long, short, zero, huge, broken."""
    rng = np.random.default_rng(38)
    shapes: tuple[tuple[int, ...], ...] = ((4, 3), (3,), (), (2, 2, 2))
    some = [np.asarray(rng.normal(size=shape), dtype=np.float32) for shape in shapes]
    return (
        Case("gradients [3] and [4], limit 1", (_single([3], [4]), 1.0)),
        Case("gradients [0.3] and [0.4], limit 1", (_single([0.3], [0.4]), 1.0)),
        Case("four arrays of different shapes, limit 0.5", (some, 0.5)),
        Case("one array with negative entries alone, limit 2", (_single([-1, -2, -2]), 2.0)),
        Case("gradients that are all zero, limit 1", (_single([0, 0], [0]), 1.0)),
        Case("entries of 3e25 and 4e25, limit 1", (_single([3e25, 0], [-4e25]), 1.0)),
        Case("a norm equal to the limit", (_single([3], [4]), 5.0)),
        Case("a nan in one array", (_single([1, np.nan], [2]), 1.0)),
        Case("an infinite entry", (_single([1, 2], [-np.inf]), 1.0)),
        Case("nan and inf among short gradients", (_single([np.inf, 0.1], [np.nan]), 1.0)),
    )


def _oracle(gradients: Gradients, limit: float) -> float:
    """Return what torch's norm of all entries at once, in double precision, asks for."""
    entries = torch.cat([torch.from_numpy(np.array(g)).double().ravel() for g in gradients])
    if not bool(torch.isfinite(entries).all()):
        return 0.0
    norm = float(torch.linalg.vector_norm(entries))
    return 1.0 if norm <= limit else limit / norm


def _norms(gradients: Gradients) -> Array:
    """Return the norm of each array, in double precision."""
    return np.array([np.sqrt(np.square(g, dtype=np.float64).sum()) for g in gradients])


def _common(gradients: Gradients) -> float:
    """Return the norm of all arrays together."""
    return float(np.sqrt(np.square(_norms(gradients)).sum()))


def _factor(norm: Norm, *, shorten: bool = True, zero: float = 1.0, broken: float = 0.0) -> object:
    """Return a function that finds the factor from a norm; some of its choices may be wrong."""

    def answer(gradients: Gradients, limit: float) -> float:
        if not np.isfinite(np.concatenate([g.ravel() for g in gradients])).all():
            return broken
        length = norm(gradients)
        if length == 0:
            return zero
        return min(1.0, limit / length) if shorten else limit / length

    return answer


def _wrong_first_in(cases: range) -> Callable[[Outputs, Outputs], bool]:
    """Return what recognizes answers that are right before these cases and wrong in one of them."""

    def sees(got: Outputs, want: Outputs) -> bool:
        pairs = zip(got, want, strict=True)
        right = [g.shape == () and bool(np.isclose(g, w, 1e-5, 0)) for g, w in pairs]
        return all(right[: cases.start]) and not all(right[cases.start : cases.stop])

    return sees


def _in_single_precision(gradients: Gradients) -> float:
    """Square in the precision of the gradients, which overflows at 1.8e19."""
    return float(np.sqrt(sum(np.square(g).sum() for g in gradients)))


CLIP = Exercise(
    id="03-8",
    title="Shorten a gradient, keep its direction",
    level="design",
    minutes=20,
    task=Function(_cases, _oracle, rtol=1e-5, atol=0),
    solution=_factor(_common),
    praise="one factor for all arrays keeps the direction of the whole step, short and zero "
    "gradients stay as they are, and a broken one is reported, not hidden.",
    nudge="the norm is the root of the sum of all squares over all arrays, and the factor is "
    "limit/norm, but never above 1",
    wrong=(
        Mistake(
            _factor(_common, shorten=False),
            "this stretches short gradients to the limit; a norm below it needs the factor 1.",
        ),
        Mistake(
            _factor(lambda gradients: float(_norms(gradients).sum())),
            "the norms of the arrays are added; the norm of all is the root of their squares' sum.",
        ),
        Mistake(
            _factor(lambda gradients: float(_norms(gradients).max())),
            "this is the norm of the longest array alone; all arrays are one vector.",
        ),
        Mistake(
            _factor(lambda gradients: float(_norms(gradients).mean())),
            "this is the mean of the arrays' norms; the limit is for all entries as one vector.",
        ),
        Mistake(
            _factor(lambda gradients: max(float(np.abs(g).max()) for g in gradients)),
            "this is the largest entry; the norm is the root of the sum of all squares.",
        ),
        Mistake(
            _factor(lambda gradients: sum(float(np.abs(g).sum()) for g in gradients)),
            "this adds up sizes; the norm adds up squares and takes the root.",
        ),
        Mistake(
            _factor(lambda gradients: _common(gradients) ** 2),
            "the root is missing: the norm is the root of the sum of squares.",
        ),
        Mistake(
            lambda gradients, limit: max(1.0, _common(gradients) / limit),
            "this is what to divide by; asked is the factor to multiply with.",
        ),
        Mistake(
            _factor(_common, zero=0.0),
            "a gradient of zero is no fault, and nothing is to be shortened: the factor is 1.",
        ),
        Mistake(
            _factor(_in_single_precision),
            "entries of 3e25 are finite, but their squares overflow in float32: convert to float64 "
            "or divide by the largest entry first.",
            sees=_wrong_first_in(_HUGE),
        ),
        Mistake(
            lambda gradients, limit: float(np.minimum(1.0, limit / (_common(gradients) or 1e-9))),
            "all finite gradients are right; with nan or inf in any entry the factor must be 0.",
            sees=_wrong_first_in(_BROKEN),
        ),
        Mistake(
            _factor(_common, broken=1.0),
            "a gradient with nan or inf passes with the factor 1 and would spoil all weights; "
            "return 0.",
        ),
        Mistake(
            lambda gradients, limit: 1.0,
            "the factor is always 1, so nothing is shortened.",
        ),
    ),
)
