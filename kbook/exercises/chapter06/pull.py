"""Exercise 06-5: how strongly four objectives pull a generator that is far off."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import logsigmoid

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import gradient
from kbook.exercises.symptoms import gives_nan_or_inf
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
Pull = Callable[[Array, float], Array]


def _cases() -> tuple[Case, ...]:
    """Return noise z and the place m of the generator."""
    z = np.random.default_rng(65).normal(size=50)
    return (
        Case("z = [0] and m = 2", (np.zeros(1), 2.0)),
        Case("z = [−1, 0, 2] and m = 1", (np.array([-1.0, 0, 2]), 1.0)),
        Case("a generator that has arrived", (z, 0.0)),
        Case("a generator to the left", (z, -1.5)),
        Case("a generator at 0.3", (z, 0.3)),
        Case("a generator at 8", (z, 8.0)),
        Case("a generator at −60", (z, -60.0)),
        Case("noise that is far out", (np.array([-45.0, -44, 3, 45]), 3.0)),
    )


def _oracle(z: Array, m: float) -> Array:
    """Differentiate the four losses by m with torch; the critics keep the old m."""
    noise, slope = torch.from_numpy(z), torch.tensor(-m, dtype=torch.float64)

    def slope_of(loss: Callable[[Tensor, Tensor], Tensor]) -> float:
        def of_place(place: Tensor) -> Tensor:
            x = place + noise
            return loss(slope * x + m**2 / 2, x).mean()

        return float(gradient(of_place, np.array(float(m))))

    return np.array(
        [
            slope_of(lambda a, x: logsigmoid(-a)),
            slope_of(lambda a, x: -logsigmoid(a)),
            slope_of(lambda a, x: (a.sigmoid() - 1).square()),
            slope_of(lambda a, x: -slope.sign() * x),
        ]
    )


def _sigmoid(a: Array) -> Array:
    """Return the logistic function, without an overflow."""
    return np.asarray(np.exp(-np.logaddexp(0, -a)))


def _logit(z: Array, m: float) -> Array:
    """Return ln p − ln q at the made x = m + z."""
    return -m * (m + z) + m**2 / 2


def _rows(d: Array, slope: Array | float, critic: float) -> Array:
    """Return the four means, given D, the slope of its logit by m, and that of the critic."""
    return np.array(
        [
            np.mean(-d * slope),
            np.mean(-(1 - d) * slope),
            np.mean(-2 * (1 - d) ** 2 * d * slope),
            -critic,
        ]
    )


def _pull(z: Array, m: float) -> Array:
    """Return the reference solution of exercise 06-5."""
    return _rows(_sigmoid(_logit(z, m)), -m, -np.sign(m))


def _by_densities(z: Array, m: float) -> Array:
    """Compute D from two densities, which may both vanish."""
    p, q = np.exp(-((m + z) ** 2) / 2), np.exp(-(z**2) / 2)
    return _rows(p / (p + q), -m, -np.sign(m))


def _scaled(factors: tuple[float, float, float, float]) -> Pull:
    """Return a function whose rows are off by factors."""
    return lambda z, m: _pull(z, m) * np.array(factors)


def _by_d(z: Array, m: float) -> Array:
    """Differentiate the first three losses by D and forget the slope of the sigmoid."""
    d = _sigmoid(_logit(z, m))
    return np.array([np.mean(m / (1 - d)), np.mean(m / d), np.mean(2 * (1 - d) * m), np.sign(m)])


def _unbounded(z: Array, m: float) -> Array:
    """Take the logit for the score of the least-squares critic."""
    out = _pull(z, m)
    out[2] = np.mean(-2 * m * (_logit(z, m) - 1))
    return out


def _without_slope(z: Array, m: float) -> Array:
    """Forget the slope of the sigmoid in the least-squares loss alone."""
    out = _pull(z, m)
    out[2] = np.mean(2 * m * (1 - _sigmoid(_logit(z, m))))
    return out


PULL = Exercise(
    id="06-5",
    title="Who still pulls from far away?",
    level="apply",
    minutes=15,
    task=Function(_cases, _oracle, rtol=1e-6, atol=1e-9),
    solution=_pull,
    praise="from far away the first and the third pull vanish, the second grows with the distance, "
    "and the fourth is 1 wherever the generator is.",
    nudge="for each loss: the derivative by the logit at x = m + z, times the slope of the logit "
    "by x, which is −m; the mean comes last",
    wrong=(
        Mistake(
            lambda z, m: _rows(_sigmoid(_logit(z, m)), -m - z, -np.sign(m)),
            "the m inside the discriminator was differentiated too; it is the other player's, and "
            "stands still in this step.",
        ),
        Mistake(
            _scaled((-1, -1, -1, -1)),
            "the signs are turned around: for m > 0 all four losses grow when m grows.",
        ),
        Mistake(
            _scaled((-1, 1, 1, 1)),
            "the generator minimizes ln(1 − D); for m > 0 this too grows with m.",
        ),
        Mistake(
            _scaled((1, 1, 1, -1)),
            "the generator minimizes − f: the critic is high where the real ones are, so f falls "
            "with the distance.",
        ),
        Mistake(
            lambda z, m: _pull(z, m)[[1, 0, 2, 3]],
            "the first two are exchanged: ln(1 − D) is the saturating one.",
        ),
        Mistake(
            lambda z, m: _rows(_sigmoid(_logit(z, m)), 1.0, 1.0),
            "these are the derivatives by the score; the generator's m moves it by the slope of "
            "the discriminator.",
        ),
        Mistake(
            _by_d,
            "these are the derivatives by D; between D and the logit lies the sigmoid with its "
            "slope D (1 − D).",
        ),
        Mistake(
            _unbounded,
            "the least-squares critic's best score is D itself, between 0 and 1, not its logit.",
        ),
        Mistake(
            _without_slope,
            "in the third the slope of D is missing: D (1 − D) times that of the logit.",
        ),
        Mistake(_scaled((1, 1, 0.5, 1)), "the third is half of it: the loss is (D − 1)², no ½."),
        Mistake(
            lambda z, m: _pull(z, m) * np.array([len(z)] * 3 + [1]),
            "the losses are means over the noise, not sums.",
        ),
        Mistake(
            lambda z, m: _rows(_sigmoid(m**2 / 2 - m * z), -m, -np.sign(m)),
            "D is taken at x = z, where the real ones are; the generator is judged at x = m + z.",
        ),
        Mistake(
            lambda z, m: _rows(_sigmoid(-_logit(z, m)), -m, -np.sign(m)),
            "D and 1 − D are exchanged: the logit is ln p − ln q, with p for real.",
        ),
        Mistake(
            lambda z, m: _rows(_sigmoid(np.mean(_logit(z, m), keepdims=True)), -m, -np.sign(m)),
            "the logits were averaged first; the loss is a mean of losses, and so is its gradient.",
        ),
        Mistake(
            lambda z, m: _rows(_sigmoid(_logit(z, m)), -m, -m),
            "the Wasserstein critic may not be steeper than 1; the fourth does not grow with m.",
        ),
        Mistake(
            lambda z, m: _rows(_sigmoid(_logit(z, m)), -m, -1.0),
            "the fourth has the same sign everywhere; to the left of 0 the pull goes right, and at "
            "0 there is none.",
        ),
        Mistake(
            _by_densities,
            "far out both densities are 0 in the computer, and 0/0 is nan; use the logit, in which "
            "nothing vanishes.",
            sees=gives_nan_or_inf,
        ),
    ),
)
