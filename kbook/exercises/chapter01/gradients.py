"""Exercises 01-4, 01-7 and 01-9: gradients by hand, judged by torch's automatic ones."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import gradient
from kbook.exercises.symptoms import gives_nan_or_inf
from kbook.exercises.tasks import Case, Function
from kbook.losses import sigmoid, softmax

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def _one_hot(targets: Labels, k: int) -> Array:
    """Return the rows of the identity matrix that the class indices name."""
    return np.eye(k)[targets]


def _batch(seed: int, n: int, k: int) -> tuple[Array, Labels]:
    """Return random logits (N, K) and class indices (N,)."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, 2, (n, k)), rng.integers(0, k, n)


def _binary_cases() -> tuple[Case, ...]:
    """Return logits with labels, some of them far from zero."""
    rng = np.random.default_rng(4)
    z, y = rng.normal(0, 2, 12), rng.integers(0, 2, 12).astype(float)
    extreme = np.array([1000.0, -1000.0, 1000.0, -1000.0])
    return (
        Case("z = [0] and y = [1]", (np.array([0.0]), np.array([1.0]))),
        Case("z = [2, −1, 0.5] and y = [1, 0, 0]", (np.array([2, -1, 0.5]), np.eye(3)[0])),
        Case("twelve random logits", (z, y)),
        Case("logits of ±1000", (extreme, np.array([1.0, 0.0, 0.0, 1.0]))),
    )


def _binary_oracle(z: Array, y: Array) -> Array:
    """Return torch's gradient of the mean binary cross-entropy."""
    targets = torch.from_numpy(y)
    return gradient(lambda t: binary_cross_entropy_with_logits(t, targets), z)


BCE_GRADIENT = Exercise(
    id="01-4",
    title="The gradient of binary cross-entropy",
    level="apply",
    minutes=10,
    task=Function(_binary_cases, _binary_oracle),
    solution=lambda z, y: (sigmoid(z) - y) / len(z),
    praise="(σ(z) − y)/N, never larger than 1/N, even where the logit is wrong by a thousand.",
    nudge="compare your function with a central difference of the loss at z = [0], y = [1]",
    wrong=(
        Mistake(
            lambda z, y: sigmoid(z) - y,
            "this is the gradient of the sum; L is a mean, so divide by N.",
        ),
        Mistake(
            lambda z, y: (y - sigmoid(z)) / len(z),
            "the sign is wrong: a step along minus your gradient would climb the loss.",
        ),
        Mistake(
            lambda z, y: (sigmoid(z) - y) * sigmoid(z) * (1 - sigmoid(z)) / len(z),
            "the factor p(1 − p) belongs to the squared error; in cross-entropy it cancels.",
        ),
        Mistake(
            lambda z, y: 2 * (sigmoid(z) - y) * sigmoid(z) * (1 - sigmoid(z)) / len(z),
            "this is the gradient of the squared error (p − y)², not of the cross-entropy.",
        ),
        Mistake(
            lambda z, y: (sigmoid(z) - y) / (sigmoid(z) * (1 - sigmoid(z))) / len(z),
            "this is the gradient with respect to p; the chain rule multiplies it by p(1 − p).",
        ),
        Mistake(
            lambda z, y: (z - y) / len(z),
            "here the logit stands in for the probability: p is the sigmoid of z.",
        ),
        Mistake(
            lambda z, y: (np.exp(z) / (1 + np.exp(z)) - y) / len(z),
            "right for small logits, but nan or inf at ±1000: use a stable sigmoid, never 1/σ.",
            sees=gives_nan_or_inf,
        ),
    ),
)


def _temperature_cases() -> tuple[Case, ...]:
    """Return logits, class indices and temperatures."""
    return (
        Case("z = [[0, 0]], target [0] and T = 2", (np.zeros((1, 2)), np.array([0]), 2.0)),
        Case("a random batch and T = 1", (*_batch(70, 4, 3), 1.0)),
        Case("a random batch and T = 2.5", (*_batch(71, 5, 4), 2.5)),
        Case("a random batch and T = 0.5", (*_batch(72, 6, 3), 0.5)),
        Case("logits of ±10,000", (1e4 * np.eye(3) - 5e3, np.array([0, 0, 1]), 3.0)),
    )


def _temperature_oracle(z: Array, y: Labels, temperature: float) -> Array:
    """Return torch's gradient of the cross-entropy of z/T."""
    targets = torch.from_numpy(y)
    return gradient(lambda t: cross_entropy(t / temperature, targets), z)


TEMPERATURE_GRADIENT = Exercise(
    id="01-7",
    title="A gradient through a temperature",
    level="apply",
    minutes=15,
    task=Function(_temperature_cases, _temperature_oracle),
    solution=lambda z, y, t: (softmax(z / t) - _one_hot(y, z.shape[1])) / (t * len(z)),
    praise="(p − y)/(N T) with p the softmax of z/T, so a high temperature also means small steps.",
    nudge="put u = z/T, use the chapter's gradient for u, then the chain rule",
    wrong=(
        Mistake(
            lambda z, y, t: (softmax(z / t) - _one_hot(y, z.shape[1])) / len(z),
            "the inner derivative is missing: z/T changes by 1/T when z changes by 1.",
        ),
        Mistake(
            lambda z, y, t: (softmax(z) - _one_hot(y, z.shape[1])) / (t * len(z)),
            "the probabilities must be those of the loss: the softmax of z/T, not of z.",
        ),
        Mistake(
            lambda z, y, t: t * (softmax(z * t) - _one_hot(y, z.shape[1])) / len(z),
            "the logits are divided by T, not multiplied.",
        ),
        Mistake(
            lambda z, y, t: t * (softmax(z / t) - _one_hot(y, z.shape[1])) / len(z),
            "the inner derivative is 1/T, not T.",
        ),
        Mistake(
            lambda z, y, t: (softmax(z / t) - _one_hot(y, z.shape[1])) / t,
            "this is the gradient of the sum; L is a mean, so divide by N.",
        ),
        Mistake(
            lambda z, y, t: (softmax(z) - _one_hot(y, z.shape[1])) / len(z),
            "the temperature is missing altogether.",
        ),
        Mistake(
            lambda z, y, t: (_one_hot(y, z.shape[1]) - softmax(z / t)) / (t * len(z)),
            "the sign is wrong: a step along minus your gradient would climb the loss.",
        ),
    ),
)


def _weighted_cases() -> tuple[Case, ...]:
    """Return logits, class indices and one weight for each class."""
    z, y = _batch(91, 5, 3)
    return (
        Case("equal weights of 1", (*_batch(90, 4, 3), np.ones(3))),
        Case(
            "z = [[0, 0], [0, 0]], targets [0, 1] and weights [1, 3]",
            (np.zeros((2, 2)), np.array([0, 1]), np.array([1.0, 3.0])),
        ),
        Case("a batch without the heaviest class", (z, y % 2, np.array([1.0, 2.0, 9.0]))),
        Case("a random batch", (*_batch(92, 8, 4), np.array([0.5, 1.0, 2.0, 4.0]))),
    )


def _weighted_oracle(z: Array, y: Labels, weights: Array) -> Array:
    """Return torch's gradient of the weighted cross-entropy with reduction="mean"."""
    targets, w = torch.from_numpy(y), torch.from_numpy(weights)
    return gradient(lambda t: cross_entropy(t, targets, weight=w), z)


def _weighted(z: Array, y: Labels, w: Array) -> Array:
    """Return the weight of each target times (p − y), before any division."""
    return w[y, None] * (softmax(z) - _one_hot(y, z.shape[1]))


WEIGHTED_GRADIENT = Exercise(
    id="01-9",
    title="Rare classes count more",
    level="design",
    minutes=20,
    task=Function(_weighted_cases, _weighted_oracle),
    solution=lambda z, y, w: _weighted(z, y, w) / w[y].sum(),
    praise="this is torch's weighted mean: doubling all weights changes nothing.",
    nudge="the loss of row i is multiplied by the weight of its target, so its gradient is too",
    wrong=(
        Mistake(
            lambda z, y, w: _weighted(z, y, w) / len(z),
            "this divides by N; torch's weighted mean divides by the sum of the targets' weights.",
        ),
        Mistake(
            lambda z, y, w: w * (softmax(z) - _one_hot(y, z.shape[1])) / w[y].sum(),
            "the weights are on the wrong axis: row i as a whole has the weight of its target.",
        ),
        Mistake(
            lambda z, y, w: (softmax(z) - _one_hot(y, z.shape[1])) / len(z),
            "the weights are missing: this is the gradient of the plain mean.",
        ),
        Mistake(
            lambda z, y, w: _weighted(z, y, w) / w.sum(),
            "this divides by the sum over all classes; sum the weights of the targets instead.",
        ),
        Mistake(
            _weighted,
            "this is the gradient of the weighted sum; divide by the sum of the targets' weights.",
        ),
        Mistake(
            lambda z, y, w: (w[y, None] * softmax(z) - _one_hot(y, z.shape[1])) / w[y].sum(),
            "the weight multiplies the whole loss of a sample, so p and the one-hot target alike.",
        ),
    ),
)
