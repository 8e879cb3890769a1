"""Exercise 02-10: the backward pass of layer normalization."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import layer_norm

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import gradient
from kbook.exercises.symptoms import gives_nan_or_inf
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]


def _norm_cases() -> tuple[Case, ...]:
    """Return inputs (N, D), upstream gradients (N, D) and eps."""
    rng = np.random.default_rng(30)

    def random(n: int, d: int, eps: float) -> tuple[Array, Array, float]:
        return rng.normal(1, 2, (n, d)), rng.normal(0, 1, (n, d)), eps

    level = np.array([[5.0, 5.0, 5.0], [1.0, 2.0, 6.0]])
    return (
        Case(
            "x = [[1, 3]], G = [[1, 0]] and eps = 3",
            (np.array([[1.0, 3.0]]), np.array([[1.0, 0.0]]), 3.0),
        ),
        Case("four random rows and eps = 1e-5", random(4, 6, 1e-5)),
        Case("a square batch and eps = 0.1", random(5, 5, 0.1)),
        Case("a row of equal numbers", (level, rng.normal(0, 1, (2, 3)), 0.01)),
    )


def _norm_oracle(x: Array, g: Array, eps: float) -> Array:
    """Return torch's gradient for the upstream gradient g."""
    upstream = torch.from_numpy(g)
    return gradient(lambda t: (layer_norm(t, t.shape[1:], eps=eps) * upstream).sum(), x)


def _norm(
    x: Array, g: Array, eps: float, *, paths: tuple[float, float] = (1.0, 1.0), ddof: int = 0
) -> Array:
    """Return the reference solution of exercise 02-10.

    The two `paths`, through the mean and through the variance, can be switched off with a 0.
    """
    sd = np.sqrt(x.var(axis=1, ddof=ddof, keepdims=True) + eps)
    hat = (x - x.mean(axis=1, keepdims=True)) / sd
    through_mean = g.mean(axis=1, keepdims=True)
    through_spread = hat * (g * hat).sum(axis=1, keepdims=True) / (x.shape[1] - ddof)
    return (g - paths[0] * through_mean - paths[1] * through_spread) / sd


def _spread_alone(x: Array, g: Array, eps: float) -> Array:
    """Divide by D − 1 in the variance, as torch's var does, but by D in the backward pass."""
    sd = np.sqrt(x.var(axis=1, ddof=1, keepdims=True) + eps)
    hat = (x - x.mean(axis=1, keepdims=True)) / sd
    return (g - g.mean(axis=1, keepdims=True) - hat * (g * hat).mean(axis=1, keepdims=True)) / sd


def _without_rows(x: Array, g: Array, eps: float) -> Array:
    """Take the two means of the backward pass over the whole batch."""
    sd = np.sqrt(x.var(axis=1, keepdims=True) + eps)
    hat = (x - x.mean(axis=1, keepdims=True)) / sd
    return (g - g.mean() - hat * (g * hat).mean()) / sd


def _without_means(x: Array, g: Array, eps: float) -> Array:
    """Sum over the row where the mean is right."""
    sd = np.sqrt(x.var(axis=1, keepdims=True) + eps)
    hat = (x - x.mean(axis=1, keepdims=True)) / sd
    sums = g.sum(axis=1, keepdims=True) + hat * (g * hat).sum(axis=1, keepdims=True)
    return (g - sums) / sd


LAYER_NORM_VJP = Exercise(
    id="02-10",
    title="Back through layer normalization",
    level="design",
    minutes=25,
    task=Function(_norm_cases, _norm_oracle),
    solution=_norm,
    praise="three paths in one line; the rows sum to 0, as shifting a row of x changes nothing.",
    nudge="x reaches x̂ on three paths: directly, through the mean, and through the variance",
    wrong=(
        Mistake(
            lambda x, g, eps: _norm(x, g, eps, paths=(0.0, 0.0)),
            "this treats mean and variance as constants; every x_j moves both, and with them the "
            "whole row.",
        ),
        Mistake(
            lambda x, g, eps: _norm(x, g, eps, paths=(0.0, 1.0)),
            "the path through the mean is missing: each x_j moves μ by 1/D, and μ moves all of x̂.",
        ),
        Mistake(
            lambda x, g, eps: _norm(x, g, eps, paths=(1.0, 0.0)),
            "the path through the variance is missing: moving x_j also rescales the whole row.",
        ),
        Mistake(
            lambda x, g, eps: _norm(x, g, eps, ddof=1),
            "this uses the variance with D − 1; normalization divides by D.",
        ),
        Mistake(
            _spread_alone,
            "s comes from a variance with D − 1, as ddof=1 or torch's var gives it; layer "
            "normalization divides by D.",
        ),
        Mistake(
            lambda x, g, eps: _norm(x.T, g.T, eps).T,
            "this normalizes the columns, as batch normalization does; layer normalization works "
            "along each row.",
        ),
        Mistake(
            lambda x, g, eps: _norm(x, g, 0.0),
            "eps is missing: under the root, beside the variance, it keeps rows of equal numbers "
            "finite.",
            sees=gives_nan_or_inf,
        ),
        Mistake(
            _without_rows,
            "the means of G and of G x̂ are taken over the whole batch; each row has its own, "
            "shape (N, 1).",
        ),
        Mistake(
            _without_means,
            "the two corrections are means over the row: μ and the variance carry a factor 1/D.",
        ),
        Mistake(
            lambda x, g, eps: _norm(x, g, eps) * np.sqrt(x.var(axis=1, keepdims=True) + eps),
            "the bracket is right, but x̂ changes by 1/√(var + eps) when x changes by 1: divide.",
        ),
        Mistake(
            lambda x, g, eps: _norm(x, g, 2 * eps * x.std(axis=1, keepdims=True) + eps**2),
            "eps stands under the root, beside the variance; you added it to the root.",
        ),
    ),
)
