"""Exercise 05-5: back through batch normalization, from its output alone."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import gradient
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]


def _cases() -> tuple[Case, ...]:
    """Return outputs (N, C, H, W) with upstream gradients, gamma, beta and s = √(σ² + ε)."""
    rng = np.random.default_rng(55)

    def made(name: str, x: Array, g: Array, eps: float) -> Case:
        channels = x.shape[1]
        gamma = rng.uniform(0.5, 2, channels) * np.where(np.arange(channels) % 2, -1, 1)
        beta = rng.normal(size=channels)
        s = np.sqrt(x.var(axis=(0, 2, 3)) + eps)
        centered = x - x.mean(axis=(0, 2, 3), keepdims=True)
        y = _spread(gamma / s) * centered + _spread(beta)
        return Case(name, (y, g, gamma, beta, s))

    def random(name: str, shape: tuple[int, ...], eps: float) -> Case:
        return made(name, rng.normal(1, 2, shape), rng.normal(size=shape), eps)

    two, one = np.array([-0.5, 0.5]).reshape(2, 1, 1, 1), np.ones(1)
    level = np.concatenate([np.full((3, 1, 2, 2), 7.0), rng.normal(size=(3, 1, 2, 2))], axis=1)
    same = np.broadcast_to(np.array([2.0, -1, 3])[:, None, None], (4, 3, 2, 2)).copy()
    return (
        Case(
            "y = [−0.5, 0.5], g = [1, 0], gamma = 1, beta = 0 and s = 2",
            (two, np.array([1.0, 0]).reshape(2, 1, 1, 1), one, 0 * one, 2 * one),
        ),
        random("five samples of one pixel in one channel", (5, 1, 1, 1), 1e-5),
        random("three channels of 4 × 5 pixels", (2, 3, 4, 5), 1e-5),
        random("three samples of three channels of 3 × 3 pixels", (3, 3, 3, 3), 0.5),
        made("a channel that is the same everywhere", level, rng.normal(size=level.shape), 0.01),
        made("the same g for all pixels of a channel", rng.normal(size=(4, 3, 2, 2)), same, 1e-5),
        random("a single picture", (1, 2, 4, 4), 1e-3),
    )


def _oracle(y: Array, g: Array, gamma: Array, beta: Array, s: Array) -> Array:
    """Undo the layer, let torch do it anew and differentiate; eps is s² less the variance."""
    scale, shift, upstream = (torch.from_numpy(a) for a in (_spread(gamma), _spread(beta), g))
    x = (y - _spread(beta)) * _spread(s / gamma)
    eps = torch.from_numpy(_spread(s**2)) - torch.from_numpy(x).var((0, 2, 3), False, keepdim=True)

    def loss(t: Tensor) -> Tensor:
        variance, mean = torch.var_mean(t, (0, 2, 3), correction=0, keepdim=True)
        return ((scale * (t - mean) / (variance + eps).sqrt() + shift) * upstream).sum()

    return gradient(loss, x)


def _spread(channels: Array) -> Array:
    """Return one number for each channel in the shape (1, C, 1, 1)."""
    return channels[:, None, None]


def _mean(a: Array, axes: tuple[int, ...] | None = (0, 2, 3)) -> Array:
    """Return means with the axes kept."""
    return np.asarray(a.mean(axis=axes, keepdims=True))


def _bracket(
    g: Array,
    hat: Array,
    *,
    paths: tuple[float, float] = (1.0, 1.0),
    axes: tuple[int, ...] | None = (0, 2, 3),
) -> Array:
    """Take off what comes back through the mean and through the variance."""
    return g - paths[0] * _mean(g, axes) - paths[1] * hat * _mean(g * hat, axes)


def _normalized(y: Array, gamma: Array, beta: Array) -> Array:
    """Return x̂, from what the layer made of it."""
    return (y - _spread(beta)) / _spread(gamma)


def _back(y: Array, g: Array, gamma: Array, beta: Array, s: Array) -> Array:
    """Return the reference solution of exercise 05-5."""
    return _spread(gamma / s) * _bracket(g, _normalized(y, gamma, beta))


def _with_paths(through_mean: float, through_variance: float) -> object:
    """Return a function in which the two paths have other weights."""
    paths = (through_mean, through_variance)
    return lambda y, g, gamma, beta, s: (
        _spread(gamma / s) * _bracket(g, _normalized(y, gamma, beta), paths=paths)
    )


def _over(axes: tuple[int, ...] | None) -> object:
    """Return a function that takes its means over other axes."""
    return lambda y, g, gamma, beta, s: (
        _spread(gamma / s) * _bracket(g, _normalized(y, gamma, beta), axes=axes)
    )


def _summed(y: Array, g: Array, gamma: Array, beta: Array, s: Array) -> Array:
    """Sum where the mean is right."""
    hat, n = _normalized(y, gamma, beta), float(y[:, 0].size)
    return _spread(gamma / s) * _bracket(g, hat, paths=(n, n))


def _one_less(y: Array, g: Array, gamma: Array, beta: Array, s: Array) -> Array:
    """Divide by n − 1 on the path through the variance."""
    hat, n = _normalized(y, gamma, beta), float(y[:, 0].size)
    return _spread(gamma / s) * _bracket(g, hat, paths=(1.0, n / (n - 1)))


def _from_y(y: Array, g: Array, gamma: Array, beta: Array, s: Array) -> Array:
    """Take the output for the normalized input."""
    return _spread(gamma / s) * _bracket(g, y)


def _normalized_again(y: Array, g: Array, gamma: Array, beta: Array, s: Array) -> Array:
    """Normalize the output once more, and lose eps."""
    spread = np.sqrt(_mean((y - _mean(y)) ** 2))
    hat = (y - _mean(y)) / np.where(spread > 1e-12, spread, 1)
    return _spread(gamma / s) * _bracket(g, hat * np.sign(_spread(gamma)))


NORM_GRADIENT = Exercise(
    id="05-5",
    title="Back through batch normalization, without its input",
    level="apply",
    minutes=15,
    task=Function(_cases, _oracle, rtol=1e-6, atol=1e-7),
    solution=_back,
    praise="the output is enough: it gives x̂ back, and with s the whole gradient, so the input "
    "need not be kept in memory.",
    nudge="get x̂ from y first; then x reaches it directly, through the mean and through the "
    "variance, and the means run over batch, rows and columns",
    wrong=(
        Mistake(
            _with_paths(0, 0),
            "this is right in evaluation mode, where the statistics are constants; in training "
            "each pixel moves both.",
        ),
        Mistake(
            _with_paths(0, 1),
            "the path through the mean is missing: a part of g that all pixels share must vanish.",
        ),
        Mistake(
            _with_paths(1, 0),
            "the path through the variance is missing: a pixel also rescales all others.",
        ),
        Mistake(
            _from_y,
            "y stands where x̂ belongs: take off beta and divide by gamma first.",
        ),
        Mistake(
            lambda y, g, gamma, beta, s: _back(y, g, gamma, 0 * beta, s),
            "beta is still in x̂: take it off before you divide by gamma.",
        ),
        Mistake(
            lambda y, g, gamma, beta, s: _back(y, g, gamma, beta, s * gamma),
            "gamma is missing in front: the gradient by x̂ is gamma times g.",
        ),
        Mistake(
            lambda y, g, gamma, beta, s: _back(y, g, gamma, beta, s / gamma),
            "gamma is multiplied twice.",
        ),
        Mistake(
            lambda y, g, gamma, beta, s: _spread(np.sign(gamma)) * _back(y, g, gamma, beta, s),
            "gamma may be negative; its sign belongs in front, and in x̂.",
        ),
        Mistake(
            _over((0,)),
            "the means are taken for each pixel alone; a channel has one mean, over batch, rows "
            "and columns.",
        ),
        Mistake(
            _over((2, 3)),
            "the means are taken for each picture alone, as in instance normalization; they run "
            "over the batch too.",
        ),
        Mistake(_over(None), "the means run over the channels as well; each channel has its own."),
        Mistake(
            _over((1, 2, 3)),
            "this is layer normalization: the means run over the channels of one picture.",
        ),
        Mistake(_summed, "the two corrections are means, not sums: μ and σ² carry a factor 1/n."),
        Mistake(
            _one_less,
            "the variance of a training batch divides by n, so its path does too; n − 1 is for "
            "the running one.",
        ),
        Mistake(
            lambda y, g, gamma, beta, s: _back(y, g, gamma, beta, s**0),
            "x̂ changes by 1/s when x changes by 1: divide by s.",
        ),
        Mistake(
            lambda y, g, gamma, beta, s: _back(y, g, gamma, beta, s**2),
            "s is the root already: divide by s, not by its square.",
        ),
        Mistake(
            _normalized_again,
            "y was normalized once more, which loses eps: the variance of x̂ is a little below 1.",
        ),
    ),
)
