"""Exercise 02-7: the backward pass of a net with two layers."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import binary_cross_entropy_with_logits

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import gradient
from kbook.exercises.symptoms import gives_nan_or_inf
from kbook.exercises.tasks import Case, Function
from kbook.losses import sigmoid

Array = NDArray[np.float64]


def _net_cases() -> tuple[Case, ...]:
    """Return inputs (N, D), labels (N, 1) and weights (D, H) and (H, 1)."""
    rng = np.random.default_rng(106)

    def random(n: int, d: int, h: int, scale: float = 1.0) -> tuple[Array, ...]:
        x, y = rng.normal(size=(n, d)), rng.integers(0, 2, (n, 1)).astype(float)
        return x, y, rng.normal(size=(d, h)), scale * rng.normal(size=(h, 1))

    one = (np.array([[1.0]]), np.array([[1.0]]), np.array([[0.0]]), np.array([[2.0]]))
    return (
        Case("x = [[1]], y = [[1]], W1 = [[0]] and W2 = [[2]]", one),
        Case("a random net 2-3-1 and four samples", random(4, 2, 3)),
        Case("a random net 3-3-1 and three samples", random(3, 3, 3)),
        Case("a net with logits of several hundred", random(8, 2, 4, 1000.0)),
    )


def _net_oracle(x: Array, y: Array, w1: Array, w2: Array) -> Array:
    """Return torch's gradient by the first weights."""
    inputs, labels, last = map(torch.from_numpy, (x, y, w2))
    return gradient(
        lambda w: binary_cross_entropy_with_logits(torch.sigmoid(inputs @ w) @ last, labels), w1
    )


def _forward(x: Array, w1: Array, w2: Array) -> tuple[Array, Array]:
    """Return the hidden layer (N, H) and the probabilities (N, 1)."""
    h = sigmoid(x @ w1)
    return h, sigmoid(h @ w2)


def _first_weights(x: Array, y: Array, w1: Array, w2: Array) -> Array:
    """Return the reference solution of exercise 02-7."""
    h, p = _forward(x, w1, w2)
    return x.T @ ((p - y) / len(x) @ w2.T * h * (1 - h))


def _second_weights(x: Array, y: Array, w1: Array, w2: Array) -> Array:
    """Return the gradient by the second weights, which is not asked for."""
    h, p = _forward(x, w1, w2)
    return h.T @ (p - y) / len(x)


def _without_hidden_slope(x: Array, y: Array, w1: Array, w2: Array) -> Array:
    """Leave out the slope of the first sigmoid."""
    return x.T @ ((_forward(x, w1, w2)[1] - y) / len(x) @ w2.T)


def _with_output_slope(x: Array, y: Array, w1: Array, w2: Array) -> Array:
    """Multiply by the slope of the last sigmoid, although the loss has cancelled it."""
    h, p = _forward(x, w1, w2)
    return x.T @ ((p - y) * p * (1 - p) / len(x) @ w2.T * h * (1 - h))


def _without_second_weights(x: Array, y: Array, w1: Array, w2: Array) -> Array:
    """Go from the last logit to the hidden layer without passing through W2."""
    h, p = _forward(x, w1, w2)
    return x.T @ ((p - y) / len(x) * h * (1 - h))


def _squashed_twice(x: Array, y: Array, w1: Array, w2: Array) -> Array:
    """Use the slope of the sigmoid at its output instead of its input."""
    h, p = _forward(x, w1, w2)
    return x.T @ ((p - y) / len(x) @ w2.T * sigmoid(h) * (1 - sigmoid(h)))


def _through_probability(x: Array, y: Array, w1: Array, w2: Array) -> Array:
    """Divide by p(1 − p) and multiply by it again, which is 0/0 where p is 0 or 1."""
    h, p = _forward(x, w1, w2)
    by_p = (p - y) / (p * (1 - p)) / len(x)
    return x.T @ (by_p * p * (1 - p) @ w2.T * h * (1 - h))


TWO_LAYER_GRADIENT = Exercise(
    id="02-7",
    title="Repair a formula that never learns",
    level="apply",
    minutes=15,
    task=Function(_net_cases, _net_oracle),
    solution=_first_weights,
    praise="the way back is the way forward, node by node: logit, h, first logit, W1.",
    nudge="go back node by node, and write the shape beside each gradient",
    wrong=(
        Mistake(
            lambda x, y, w1, w2: np.zeros_like(w1),
            "zeros are what a factor such as ∂W2/∂W1 gives: no weight depends on another one, so "
            "go back through h, which does depend on W1.",
        ),
        Mistake(
            _without_hidden_slope,
            "the slope h(1 − h) of the first sigmoid is missing on the way from h to x W1.",
        ),
        Mistake(
            _with_output_slope,
            "one p(1 − p) too many: by the last logit, cross-entropy has the slope (p − y)/N.",
        ),
        Mistake(
            lambda x, y, w1, w2: 2 * _with_output_slope(x, y, w1, w2),
            "2(p − y) p(1 − p) is the slope of the squared error; L is the cross-entropy, with the "
            "slope p − y.",
        ),
        Mistake(
            lambda x, y, w1, w2: len(x) * _first_weights(x, y, w1, w2),
            "this is the gradient of the sum; L is a mean, so divide by N.",
        ),
        Mistake(
            _without_second_weights,
            "W2 is missing: the last logit is h W2, so h moves it with the slope W2.",
        ),
        Mistake(
            _squashed_twice,
            "h is the output of the sigmoid already, so its slope is h(1 − h), without another σ.",
        ),
        Mistake(_second_weights, "this is ∂L/∂W2; go on, back through h, to W1."),
        Mistake(
            lambda x, y, w1, w2: _first_weights(x, y, w1, w2).T,
            "this is the transpose; samples are rows, so xᵀ stands on the left, and the shape is "
            "that of W1.",
        ),
        Mistake(
            lambda x, y, w1, w2: -_first_weights(x, y, w1, w2),
            "the sign is wrong: a step along minus your gradient would climb the loss.",
        ),
        Mistake(
            _through_probability,
            "right for small logits, but nan or inf where p is 0 or 1: cancel p(1 − p) on paper, "
            "which leaves p − y.",
            sees=gives_nan_or_inf,
        ),
    ),
)
