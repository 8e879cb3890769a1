"""Exercise 04-8: the gradient of a strided convolution by its input, in one dimension."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import gradient
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]


def _cases() -> tuple[Case, ...]:
    """Return gradients, kernels, lengths, strides and paddings; some windows leave a rest."""
    rng = np.random.default_rng(48)

    def random(name: str, shape: tuple[int, int, int], n: int, stride: int, padding: int) -> Case:
        places = (n + 2 * padding - shape[2]) // stride + 1
        g, w = rng.normal(size=(shape[0], places)), rng.normal(size=shape)
        return Case(name, (g, w, n, stride, padding))

    one, two = np.array([[1.0, 10.0]]), np.array([[[1.0, 2.0, 3.0]]])
    return (
        Case("g = [[1, 10]], w = [[[1, 2, 3]]] and n = 4, no steps", (one, two, 4, 1, 0)),
        Case("g = [[1, 10]], w = [[[1, 2, 3]]], n = 5, stride 2", (one, two, 5, 2, 0)),
        random("n = 8, k = 3 and stride 2, one entry at the end not read", (1, 1, 3), 8, 2, 0),
        random("three channels and two kernels", (2, 3, 4), 9, 1, 0),
        random("a padding of 2", (1, 2, 5), 7, 1, 2),
        random("k = 3, stride 2 and a padding of 1", (4, 3, 3), 8, 2, 1),
        random("k = 2 and stride 4", (2, 2, 2), 13, 4, 0),
        random("k = 4, stride 5 and a padding of 1", (3, 2, 4), 17, 5, 1),
        random("k = 1, stride 3", (2, 4, 1), 9, 3, 0),
    )


def _oracle(g: Array, w: Array, n: int, stride: int, padding: int) -> Array:
    """Return torch's automatic derivative."""
    over, kernel = torch.from_numpy(g), torch.from_numpy(w)

    def loss(x: torch.Tensor) -> torch.Tensor:
        out = torch.nn.functional.conv1d(x[None], kernel, stride=stride, padding=padding)
        return (out[0] * over).sum()

    return gradient(loss, np.zeros((w.shape[1], n)))


def _padded(g: Array, w: Array, n: int, stride: int, padding: int) -> Array:
    """Return the gradient by the padded input, one window after the other."""
    dx = np.zeros((w.shape[1], n + 2 * padding))
    for t in range(g.shape[1]):
        dx[:, t * stride : t * stride + w.shape[2]] += np.tensordot(g[:, t], w, 1)
    return dx


def _backward(g: Array, w: Array, n: int, stride: int, padding: int) -> Array:
    """Cut the padding off."""
    return _padded(g, w, n, stride, padding)[:, padding : padding + n]


def _flipped(g: Array, w: Array, n: int, stride: int, padding: int) -> Array:
    """Turn the kernel around."""
    return _backward(g, w[:, :, ::-1], n, stride, padding)


def _overwritten(g: Array, w: Array, n: int, stride: int, padding: int) -> Array:
    """Put each window over what is there."""
    dx = np.zeros((w.shape[1], n + 2 * padding))
    for t in range(g.shape[1]):
        dx[:, t * stride : t * stride + w.shape[2]] = np.tensordot(g[:, t], w, 1)
    return dx[:, padding : padding + n]


def _averaged(g: Array, w: Array, n: int, stride: int, padding: int) -> Array:
    """Divide by the number of windows that read an entry."""
    ones, every = np.ones((1, g.shape[1])), np.ones((1, 1, w.shape[2]))
    readers = _backward(ones, every, n, stride, padding)
    return _backward(g, w, n, stride, padding) / np.maximum(readers, 1)


def _shortest(g: Array, w: Array, n: int, stride: int, padding: int) -> Array:
    """Return as many entries as the windows reach, without the rest."""
    shortest = (g.shape[1] - 1) * stride + w.shape[2] - 2 * padding
    return _backward(g, w, n, stride, padding)[:, :shortest]


def _rest_in_front(g: Array, w: Array, n: int, stride: int, padding: int) -> Array:
    """Put the entries that no window reads in front."""
    rest = n + 2 * padding - (g.shape[1] - 1) * stride - w.shape[2]
    return np.roll(_padded(g, w, n, stride, padding), rest, axis=1)[:, padding : padding + n]


def _channels_summed(g: Array, w: Array, n: int, stride: int, padding: int) -> Array:
    """Add up kernels and gradients of all outputs before they are multiplied."""
    summed = g.sum(axis=0, keepdims=True), w.sum(axis=0, keepdims=True)
    return _backward(*summed, n, stride, padding)


INPUT_GRADIENT = Exercise(
    id="04-8",
    title="The way back through a stride",
    level="design",
    minutes=20,
    task=Function(_cases, _oracle),
    solution=_backward,
    praise="each output hands its gradient back through its own window, the padding keeps none of "
    "it, and what no window reads gets 0.",
    nudge="make zeros as long as the padded input; for each t add the sum over o of g[o, t] · w[o] "
    "to the window that starts at t · stride; cut the padding off",
    wrong=(
        Mistake(
            _flipped,
            "the kernel is turned around; the first entry of a window was multiplied with the "
            "first weight, and gets it back.",
        ),
        Mistake(
            _overwritten,
            "windows overlap, and each of them overwrites the one before: add with +=.",
        ),
        Mistake(
            _averaged,
            "where windows overlap their gradients are averaged; an entry that is used twice gets "
            "the sum.",
        ),
        Mistake(
            lambda g, w, n, stride, padding: _backward(g, w, n, 1, padding),
            "the stride is missing: window t starts at t · stride.",
        ),
        Mistake(
            lambda g, w, n, stride, padding: _padded(g, w, n, stride, padding)[:, :n],
            "the padding is cut off at the end only; in front there are `padding` entries too.",
        ),
        Mistake(
            _padded,
            "this is the gradient by the padded input; its first and last `padding` entries are "
            "not the input's.",
        ),
        Mistake(
            lambda g, w, n, stride, padding: _padded(g, w, n, stride, padding)[:, 2 * padding :],
            "the padding is cut off in front only; at the end there are `padding` entries too.",
        ),
        Mistake(
            _shortest,
            "the length follows from g, w and stride only up to a rest: entries at the end that no "
            "window reads have a gradient as well, 0.",
        ),
        Mistake(
            _rest_in_front,
            "what no window reads is at the end of the input, not in front.",
        ),
        Mistake(
            _channels_summed,
            "the kernels are added up before they meet their gradients: each has a gradient of its "
            "own.",
        ),
        Mistake(
            lambda g, w, n, stride, padding: _backward(g, np.ones_like(w), n, stride, padding),
            "the weights are missing: an entry gets the gradient times the weight that it met.",
        ),
    ),
)
