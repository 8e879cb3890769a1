"""Exercise 05-9: a loss scale that adjusts itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
Single = NDArray[np.float32]


def _cases() -> tuple[Case, ...]:
    """Return gradients step by step: tiny, large, broken, mixed; with scale and interval."""
    rng = np.random.default_rng(59)

    def random(steps: int, low: float, high: float) -> Single:
        sizes = np.exp(rng.uniform(np.log(low), np.log(high), (steps, 3)))
        return (sizes * rng.choice([-1, 1], sizes.shape)).astype(np.float32)

    def rows(*values: list[float]) -> Single:
        return np.array(values, dtype=np.float32)

    ones = np.ones((8, 2), dtype=np.float32)
    broken = random(14, 1e-6, 1e-3)
    broken[4, 1], broken[9, 0] = np.nan, -np.inf
    peaks = random(24, 1e-5, 1e-2)
    peaks[[3, 11, 12], 2] = 30.0
    waves = random(40, 1e-9, 1e-7) * np.float32(10) ** np.repeat(rng.integers(0, 8, 10), 4)[:, None]
    return (
        Case("gradients of 1, scale = 8 and interval = 3", (ones, 8.0, 3)),
        Case(
            "gradients of 1, 70000, 1 and 1, scale = 2 and interval = 2",
            (rows([1], [70000], [1], [1]), 2.0, 2),
        ),
        Case("gradients of about 1e-8, scale = 1024", (random(6, 1e-8, 2e-8), 1024.0, 100)),
        Case("gradients of about 1e-8, scale = 1", (random(9, 1e-8, 2e-8), 1.0, 2)),
        Case("one gradient of three too large", (peaks, 65536.0, 4)),
        Case("a gradient that is nan and one that is −inf", (broken, 4096.0, 3)),
        Case("a scale far too high", (random(10, 1, 2), 2.0**24, 3)),
        Case("gradients between 1e-9 and 1", (waves, 2.0**16, 3)),
        Case("interval = 1", (random(30, 1e-4, 1), 2.0**10, 1)),
    )


def _oracle(gradients: Single, scale: float, interval: int) -> Array:
    """Let torch's GradScaler and its SGD do it: a step from 0 at rate 1 shows the gradient."""
    w = torch.zeros(gradients.shape[1], requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=1.0)
    scaler = torch.amp.GradScaler("cpu", init_scale=scale, growth_interval=interval)
    rows = []
    for g in gradients:
        used = scaler.get_scale()
        with torch.no_grad():
            w.zero_()
            w.grad = scaler.scale(torch.from_numpy(g.copy())).half().float()
        scaler.step(optimizer)
        scaler.update()
        rows.append([used, *(-w.detach()).tolist()])
    return np.array(rows)


@dataclass(frozen=True)
class _Rule:
    """What happens in a step: the right thing by default, and fields for each way to err."""

    half: Callable[[Array, float], Array] = lambda g, scale: (g * scale).astype(np.float16)
    unscale: Callable[[Array, float], Array] = lambda half, scale: half.astype(np.float32) / scale
    is_bad: Callable[[Array], bool] = lambda half: not np.isfinite(half).all()
    backoff: float = 0.5
    growth: float = 2.0
    counts_on: bool = False  # over a skipped step


def _scaled(**changes: Any) -> Callable[[Single, float, int], Array]:
    """Return a function that follows the rule with some changes."""
    rule = _Rule(**changes)

    def answer(gradients: Single, scale: float, interval: int) -> Array:
        good, rows = 0, []
        for g in gradients:
            half = rule.half(g, scale)
            if rule.is_bad(half):
                rows.append([scale, *np.zeros(len(g))])
                scale, good = scale * rule.backoff, good if rule.counts_on else 0
                continue
            rows.append([scale, *rule.unscale(half, scale)])
            good += 1
            if good == interval:
                scale, good = scale * rule.growth, 0
        return np.array(rows, dtype=np.float64)

    return answer


_right = _scaled()


def _half(g: Single, scale: float) -> Array:
    """Return the gradient that float16 arithmetic would have found."""
    return np.asarray((g * np.float32(scale)).astype(np.float16))


def _driven(next_scale: Callable[[int, bool, int], float]) -> Callable[..., Array]:
    """Return a function with another factor behind a good step.

    It is told the interval, whether it divides the number of the step, and the good ones in a row.
    """

    def answer(gradients: Single, scale: float, interval: int) -> Array:
        good, rows = 0, []
        for t, g in enumerate(gradients, start=1):
            rows.append(_right(g[None], scale, interval)[0])
            bad = not np.isfinite(_half(g, scale)).all()
            good = 0 if bad else good + 1
            scale *= 0.5 if bad else next_scale(interval, t % interval == 0, good)
        return np.array(rows)

    return answer


def _partly(gradients: Single, scale: float, interval: int) -> Array:
    """Set only the broken entries of a step to 0, and use the rest."""
    rows = _right(gradients, scale, interval)
    for row, g in zip(rows, gradients, strict=True):
        half = _half(g, row[0])
        row[1:] = np.where(np.isfinite(half), half.astype(np.float32) / row[0], 0)
    return rows


def _tried_again(gradients: Single, scale: float, interval: int) -> Array:
    """Halve the scale until a gradient fits, and make the step with it."""
    good, rows = 0, []
    for g in gradients:
        whole = bool(np.isfinite(g).all())
        while whole and not np.isfinite(_half(g, scale)).all():
            scale, good = scale / 2, 0
        rows.append(_right(g[None], scale, interval)[0])
        good = good + 1 if whole else 0
        scale *= 0.5 if not whole else 2 if good % interval == 0 else 1
    return np.array(rows)


def _afterwards(gradients: Single, scale: float, interval: int) -> Array:
    """Report the scale behind each step."""
    rows = _right(np.concatenate([gradients, gradients[:1]]), scale, interval)
    return np.column_stack([rows[1:, 0], rows[:-1, 1:]])


LOSS_SCALE = Exercise(
    id="05-9",
    title="A loss scale that adjusts itself",
    level="design",
    minutes=20,
    task=Function(_cases, _oracle, rtol=1e-5, atol=1e-14),
    solution=_right,
    praise="the scale climbs until something overflows, gives up one step and halves; this is the "
    "trajectory of torch's GradScaler.",
    nudge="for each step: multiply, round to float16, look for inf and nan; then either skip the "
    "step, halve and count anew, or divide in float32 and count on",
    slow="one loop over the steps takes a millisecond",
    wrong=(
        Mistake(
            _scaled(half=lambda g, scale: g.astype(np.float16).astype(np.float32) * scale),
            "the gradient is rounded to float16 before it is multiplied: what was too small is "
            "gone by then.",
        ),
        Mistake(
            _scaled(half=lambda g, scale: g * np.float32(scale)),
            "nothing is rounded to float16 here; that is where gradients vanish and overflow.",
        ),
        Mistake(
            _scaled(unscale=lambda half, scale: half),
            "the optimizer gets the scaled gradient: divide by the scale first.",
        ),
        Mistake(
            _scaled(unscale=lambda half, scale: (half.astype(float) / scale).astype(np.float16)),
            "the scale is divided out in float16, where small gradients vanish again: convert to "
            "float32 first.",
        ),
        Mistake(
            _scaled(half=lambda g, scale: np.nan_to_num(_half(g, scale))),
            "what is too large is cut to 65504; it is no longer the gradient, so such a step is "
            "to be skipped.",
        ),
        Mistake(
            _partly,
            "only the broken entries are set to 0; one of them tells that the scale is too high, "
            "and the whole step is skipped.",
        ),
        Mistake(
            _scaled(is_bad=lambda half: bool(np.isinf(half).any())),
            "a nan gets through to the weights; a step is good only if all entries are finite.",
        ),
        Mistake(
            _scaled(is_bad=lambda half: bool(np.isnan(half).any())),
            "an infinity gets through to the weights; a step is good only if all entries are "
            "finite.",
        ),
        Mistake(
            _scaled(backoff=1.0), "a skipped step must halve the scale, or the next overflows too."
        ),
        Mistake(
            _scaled(growth=1.0),
            "the scale only falls here; after `interval` good steps in a row it doubles.",
        ),
        Mistake(
            _scaled(counts_on=True),
            "good steps must follow each other: a skipped one sets the count back to 0.",
        ),
        Mistake(
            _driven(lambda interval, is_multiple, good: 2 if is_multiple else 1),
            "this doubles by the number of the step; count the good steps since the scale last "
            "changed.",
        ),
        Mistake(
            _driven(lambda interval, is_multiple, good: 2 if good >= interval else 1),
            "once there were `interval` good steps the scale doubles each time; begin to count "
            "anew when it doubles.",
        ),
        Mistake(
            lambda gradients, scale, interval: _right(gradients, scale, interval + 1),
            "the scale doubles one step too late: behind the `interval`-th good step, so that the "
            "next has the new one.",
        ),
        Mistake(
            _tried_again,
            "the same step is tried again with a lower scale; it is skipped, as the gradient "
            "would have to be computed anew.",
        ),
        Mistake(
            _afterwards,
            "the first column is the scale behind each step; asked is the one that the step was "
            "made with.",
        ),
    ),
)
