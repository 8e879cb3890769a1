"""Exercise 04-4: a convolution in one dimension, with stride and dilation."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]


def _cases() -> tuple[Case, ...]:
    """Return signals and kernels, with a rest that no window reaches, or with one output only."""
    rng = np.random.default_rng(44)

    def random(name: str, shape: tuple[int, int, int], n: int, step: tuple[int, int]) -> Case:
        return Case(name, (rng.normal(size=(shape[1], n)), rng.normal(size=shape), *step))

    short, kernel = np.array([[1.0, 2, 4, 8, 16]]), np.array([[[1.0, 0, -1]]])
    return (
        Case("x = [[1, 2, 4, 8, 16]], w = [[[1, 0, -1]]] and no steps", (short, kernel, 1, 1)),
        Case("x = [[1, 2, 4, 8, 16]], w = [[[1, 0, -1]]], dilation 2", (short, kernel, 1, 2)),
        random("n = 8, k = 3 and stride 2", (1, 1, 3), 8, (2, 1)),
        random("three channels and two kernels", (2, 3, 3), 9, (1, 1)),
        random("n = 17, k = 4, stride 3 and dilation 2", (2, 3, 4), 17, (3, 2)),
        random("stride 2 and dilation 3", (4, 2, 3), 20, (2, 3)),
        random("k = 1 and stride 2", (3, 2, 1), 6, (2, 4)),
        random("a window as long as the signal", (2, 2, 3), 7, (2, 3)),
        random("a stride longer than the window", (1, 2, 2), 14, (5, 2)),
    )


def _oracle(x: Array, w: Array, stride: int, dilation: int) -> Array:
    """Return torch's convolution."""
    signal, kernel = torch.from_numpy(x)[None], torch.from_numpy(w)
    out = torch.nn.functional.conv1d(signal, kernel, stride=stride, dilation=dilation)
    return np.asarray(out[0])


def _conv(x: Array, w: Array, stride: int, dilation: int) -> Array:
    """Add up one tap of the kernel after the other, for all windows at once."""
    k = w.shape[2]
    starts = np.arange(0, x.shape[1] - dilation * (k - 1), stride)
    return np.asarray(sum(w[:, :, i] @ x[:, starts + i * dilation] for i in range(k)))


def _extended(x: Array, w: Array, stride: int, dilation: int) -> Array:
    """Take as many windows as begin inside, with zeros behind the end of the signal."""
    return _conv(np.pad(x, ((0, 0), (0, stride - 1))), w, stride, dilation)


def _padded(x: Array, w: Array, stride: int, dilation: int) -> Array:
    """Put zeros at both ends, half a window each."""
    half = dilation * (w.shape[2] - 1) // 2
    return _conv(np.pad(x, ((0, 0), (half, half))), w, stride, dilation)


def _neighbors(x: Array, w: Array, stride: int, dilation: int) -> Array:
    """Return the right number of outputs, from windows without gaps."""
    return _conv(x, w, stride, 1)[:, : _conv(x, w, stride, dilation).shape[1]]


def _strided_rows(x: Array, w: Array, stride: int, dilation: int) -> Array:
    """Return the right number of outputs, from windows that start one after the other."""
    return _conv(x, w, 1, dilation)[:, : _conv(x, w, stride, dilation).shape[1]]


CONV1D = Exercise(
    id="04-4",
    title="A convolution in one dimension",
    level="apply",
    minutes=12,
    task=Function(_cases, _oracle),
    solution=_conv,
    praise="the stride moves the windows, the dilation spreads the taps inside of one, and all "
    "channels are summed; torch's conv1d agrees.",
    nudge="output t of kernel o adds w[o, c, i] · x[c, t·stride + i·dilation] over c and i",
    wrong=(
        Mistake(
            lambda x, w, stride, dilation: _conv(x, w[:, :, ::-1], stride, dilation),
            "the kernel is flipped, as np.convolve does; here the first tap meets the first entry "
            "of the window.",
        ),
        Mistake(
            lambda x, w, stride, dilation: _conv(x, w, stride, 1),
            "the dilation has no effect: the taps of a window are `dilation` apart, not one.",
        ),
        Mistake(
            _neighbors,
            "there are as many outputs as there should be, but their windows have no gaps: tap i "
            "reads i · dilation behind the start.",
        ),
        Mistake(
            lambda x, w, stride, dilation: _conv(x, w, 1, dilation),
            "the stride has no effect: a window starts at 0, stride, 2 · stride and so on.",
        ),
        Mistake(
            _strided_rows,
            "there are as many outputs as there should be, but their windows start one entry "
            "apart, not `stride`.",
        ),
        Mistake(
            lambda x, w, stride, dilation: _conv(x, w, dilation, stride),
            "stride and dilation are swapped: the stride moves the window, the dilation spreads "
            "its taps.",
        ),
        Mistake(
            lambda x, w, stride, dilation: _conv(x, w, stride, dilation + 1),
            "the gaps are one too wide: dilation 1 means neighbors, so there are dilation − 1 "
            "entries between two taps.",
        ),
        Mistake(
            _extended,
            "a last window hangs over the end of the signal; only whole windows count, so round "
            "down.",
        ),
        Mistake(
            lambda *given: _conv(*given)[:, :-1],
            "the last window is missing: floor((n − dilation·(k − 1) − 1) / stride) + 1 of them "
            "fit.",
        ),
        Mistake(_padded, "zeros are put at both ends; here nothing is padded."),
        Mistake(
            lambda x, w, stride, dilation: _conv(
                x.sum(axis=0, keepdims=True), w.sum(axis=1, keepdims=True), stride, dilation
            ),
            "the channels are summed before they are multiplied; each has weights of its own.",
        ),
        Mistake(
            lambda *given: _conv(*given).T,
            "the values are right, but transposed: a row is a kernel, a column is a place.",
        ),
        Mistake(
            lambda x, w, stride, dilation: _conv(x, w, stride, dilation) / len(x),
            "the channels are averaged; a convolution adds them up.",
        ),
    ),
)
