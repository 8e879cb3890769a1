"""Exercise 02-7: the backward pass of a net with two layers and a short cut around the first."""

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
    """Return inputs (N, D), labels (N, 1) and weights (D, H), (H, 1) and (D, 1)."""
    rng = np.random.default_rng(1969)

    def random(n: int, d: int, h: int, *, first: float = 1, last: float = 1) -> tuple[Array, ...]:
        x, y = rng.normal(size=(n, d)), rng.integers(0, 2, (n, 1)).astype(float)
        w1, w2, v = (rng.normal(size=shape) for shape in ((d, h), (h, 1), (d, 1)))
        return x, y, first * w1, last * w2, last * v

    one = tuple(np.array([[number]]) for number in (0.0, 1.0, 4.0, 2.0, 3.0))
    return (
        Case("x = [[0]], y = [[1]], W1 = [[4]], W2 = [[2]] and V = [[3]]", one),
        Case("a random net 2-3-1 and four samples", random(4, 2, 3)),
        Case("a random net 3-3-1 and three samples", random(3, 3, 3)),
        Case("a net with logits of several hundred", random(8, 2, 4, last=300)),
        Case("a net with saturated hidden units", random(3, 2, 4, first=200)),
    )


def _net_oracle(x: Array, y: Array, w1: Array, w2: Array, v: Array) -> Array:
    """Return torch's gradient by the inputs."""
    labels, first, last, short = map(torch.from_numpy, (y, w1, w2, v))
    return gradient(
        lambda t: binary_cross_entropy_with_logits(
            torch.sigmoid(t @ first) @ last + t @ short, labels
        ),
        x,
    )


def _forward(x: Array, w1: Array, w2: Array, v: Array) -> tuple[Array, Array]:
    """Return the hidden layer (N, H) and the probabilities (N, 1)."""
    h = sigmoid(x @ w1)
    return h, sigmoid(h @ w2 + x @ v)


def _ways(x: Array, y: Array, w1: Array, w2: Array, v: Array) -> tuple[Array, Array]:
    """Return what x receives through the hidden layer and what it receives on the short cut."""
    h, p = _forward(x, w1, w2, v)
    g = (p - y) / len(x)
    return (g @ w2.T * h * (1 - h)) @ w1.T, g @ v.T


def _input(x: Array, y: Array, w1: Array, w2: Array, v: Array) -> Array:
    """Return the reference solution of exercise 02-7."""
    hidden, short = _ways(x, y, w1, w2, v)
    return hidden + short


def _product(x: Array, y: Array, w1: Array, w2: Array, v: Array) -> Array:
    """Multiply where the two ways meet."""
    hidden, short = _ways(x, y, w1, w2, v)
    return hidden * short


def _output_slope(x: Array, w1: Array, w2: Array, v: Array) -> Array:
    """Return the slope of the last sigmoid, which the loss has cancelled."""
    p = _forward(x, w1, w2, v)[1]
    return p * (1 - p)


def _without_hidden_slope(x: Array, y: Array, w1: Array, w2: Array, v: Array) -> Array:
    """Leave out the slope of the first sigmoid."""
    g = (_forward(x, w1, w2, v)[1] - y) / len(x)
    return g @ w2.T @ w1.T + g @ v.T


def _without_second_weights(x: Array, y: Array, w1: Array, w2: Array, v: Array) -> Array:
    """Go from the logit to the hidden layer without passing through W2."""
    h, p = _forward(x, w1, w2, v)
    g = (p - y) / len(x)
    return (g * h * (1 - h)) @ w1.T + g @ v.T


def _short_cut_left_out_forward(x: Array, y: Array, w1: Array, w2: Array, v: Array) -> Array:
    """Compute p from the hidden layer alone, but send the gradient back on both ways."""
    h, p = _forward(x, w1, w2, 0 * v)
    g = (p - y) / len(x)
    return (g @ w2.T * h * (1 - h)) @ w1.T + g @ v.T


def _squashed_twice(x: Array, y: Array, w1: Array, w2: Array, v: Array) -> Array:
    """Use the slope of the sigmoid at its output instead of its input."""
    h, p = _forward(x, w1, w2, v)
    g, again = (p - y) / len(x), sigmoid(h)
    return (g @ w2.T * again * (1 - again)) @ w1.T + g @ v.T


def _first_weights(x: Array, y: Array, w1: Array, w2: Array, v: Array) -> Array:
    """Return the gradient by the first weights, which is not asked for."""
    h, p = _forward(x, w1, w2, v)
    return x.T @ ((p - y) / len(x) @ w2.T * h * (1 - h))


def _through_probability(x: Array, y: Array, w1: Array, w2: Array, v: Array) -> Array:
    """Divide by p(1 − p) and multiply by it again, which is 0/0 where p is 0 or 1."""
    slope = _output_slope(x, w1, w2, v)
    return _input(x, y, w1, w2, v) / slope * slope


TWO_LAYER_GRADIENT = Exercise(
    id="02-7",
    title="A net with a short cut",
    level="apply",
    minutes=15,
    task=Function(_net_cases, _net_oracle),
    solution=_input,
    praise="two ways, one sum; where all of h is saturated, the gradient takes the short cut, "
    "and chapter 5 builds its residual nets on that.",
    nudge="draw the graph: x is a fork, so write the shape of what it receives beside each way",
    wrong=(
        Mistake(
            lambda x, y, w1, w2, v: np.zeros_like(x),
            "zeros mean that nothing was computed from x; but two things are, x W1 and x V.",
        ),
        Mistake(
            lambda x, y, w1, w2, v: _ways(x, y, w1, w2, v)[0],
            "this is the way through the hidden layer alone; the short cut x V moves z as well.",
        ),
        Mistake(
            lambda x, y, w1, w2, v: _ways(x, y, w1, w2, v)[1],
            "this is the short cut alone; x moves z through the hidden layer as well.",
        ),
        Mistake(
            _product,
            "slopes multiply along a way, but x is a fork: what arrives on its two ways adds up.",
        ),
        Mistake(
            lambda x, y, w1, w2, v: _ways(x, y, w1, w2, v)[0] * v.T,
            "V is multiplied onto the way through the hidden layer; the short cut is no step of it "
            "but a second way, which is added.",
        ),
        Mistake(
            _without_hidden_slope,
            "the slope h(1 − h) of the first sigmoid is missing on the way from h to x W1.",
        ),
        Mistake(
            _without_second_weights,
            "W2 is missing: z = h W2 + x V, so h moves z with the slope W2.",
        ),
        Mistake(
            lambda x, y, w1, w2, v: (
                _ways(x, y, w1, w2, v)[0] + (_forward(x, w1, w2, v)[1] - y) / len(x)
            ),
            "V is missing: the short cut adds x V and not x itself, so its slope is V and not 1.",
        ),
        Mistake(
            _short_cut_left_out_forward,
            "the short cut is in the way back, but not in p: z = h W2 + x V.",
        ),
        Mistake(
            lambda x, y, w1, w2, v: _input(x, y, w1, w2, v) * _output_slope(x, w1, w2, v),
            "one p(1 − p) too many: by the logit z, cross-entropy has the slope (p − y)/N.",
        ),
        Mistake(
            lambda x, y, w1, w2, v: 2 * _input(x, y, w1, w2, v) * _output_slope(x, w1, w2, v),
            "2(p − y) p(1 − p) is the slope of the squared error; L is the cross-entropy, with the "
            "slope p − y.",
        ),
        Mistake(
            lambda x, y, w1, w2, v: _input(x, y, w1, w2, v) / _output_slope(x, w1, w2, v),
            "you began with ∂L/∂p, but both ways start at the logit z: multiplied by p(1 − p) and "
            "cancelled, it becomes (p − y)/N.",
        ),
        Mistake(
            lambda x, y, w1, w2, v: len(x) * _input(x, y, w1, w2, v),
            "this is the gradient of the sum; L is a mean, so divide by N.",
        ),
        Mistake(
            _squashed_twice,
            "h is the output of the sigmoid already, so its slope is h(1 − h), without another σ.",
        ),
        Mistake(
            lambda x, y, w1, w2, v: x.T @ (_forward(x, w1, w2, v)[1] - y) / len(x),
            "this is ∂L/∂V; asked is ∂L/∂x, where V stands in for x: G Vᵀ, plus the other way.",
        ),
        Mistake(
            _first_weights,
            "this is ∂L/∂W1; from x W1 go back to x instead, by W1ᵀ, and add the short cut.",
        ),
        Mistake(
            lambda x, y, w1, w2, v: _input(x, y, w1, w2, v).T,
            "this is the transpose; samples are rows, and the shape is that of x.",
        ),
        Mistake(
            lambda x, y, w1, w2, v: -_input(x, y, w1, w2, v),
            "the sign is wrong: a step of x along minus your gradient would climb the loss.",
        ),
        Mistake(
            _through_probability,
            "right for small logits, but nan or inf where p is 0 or 1: cancel p(1 − p) on paper, "
            "which leaves p − y.",
            sees=gives_nan_or_inf,
        ),
    ),
)
