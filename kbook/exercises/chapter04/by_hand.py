"""Exercises 04-1 to 04-3: one output, a width and a number of multiplications, by hand."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import conv2d

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Number

_PICTURE = np.array([[3, 3, 5, 1], [3, 4, 2, 0], [0, 2, 4, 3], [5, 3, 2, 5]], dtype=np.float64)
_KERNEL = np.array([[-1, 1, -2], [0, 0, -1], [2, 2, 0]], dtype=np.float64)


def _output_by_torch() -> float:
    """Return the output in row 1 and column 0 from torch's convolution."""
    picture, kernel = (torch.from_numpy(a)[None, None] for a in (_PICTURE, _KERNEL))
    return float(conv2d(picture, kernel)[0, 0, 1, 0])


KERNEL_BY_HAND = Exercise(
    id="04-1",
    title="One output by hand",
    level="recall",
    minutes=5,
    task=Number(_output_by_torch),
    solution=-3 + 4 - 2 * 2 - 4 + 2 * 5 + 2 * 3,
    praise="the window covers rows 1 to 3 and columns 0 to 2, and −3 + 4 − 4 − 4 + 10 + 6 = 9.",
    nudge="lay the kernel on rows 1 to 3 and columns 0 to 2 as it is printed, multiply what lies "
    "on each other, and add up",
    wrong=(
        Mistake(
            3,
            "the kernel was turned by 180°: that is the convolution of mathematics; here, as in "
            "torch, it is not flipped.",
        ),
        Mistake(-4, "the kernel was transposed: its rows lie on the picture's columns."),
        Mistake(6, "the kernel was mirrored left to right; lay it on the picture as it is."),
        Mistake(4, "the kernel was mirrored top to bottom; lay it on the picture as it is."),
        Mistake(-8, "this is the output in row 0; one row down the window covers rows 1 to 3."),
        Mistake(12, "row and column are swapped: this is the output in row 0 and column 1."),
        Mistake(5, "this is the output in row 1 and column 1; asked is column 0."),
        Mistake(
            -7,
            "this is what padding with zeros puts there; without padding the first window starts "
            "in column 0.",
        ),
        Mistake(1, "this is the mean of the nine products; an output is their sum."),
        Mistake(18, "this is the sum of all four outputs; asked is one of them."),
        Mistake(31, "the minus signs of the kernel are lost."),
        Mistake(
            25, "the sum of the window times the sum of the kernel is not the sum of products."
        ),
        Mistake(7, "this adds up a matrix product; multiply entry by entry instead."),
    ),
)

# Layers (window, stride, dilation): two convolutions, a pooling, a convolution. None pads.
_STACK = ((5, 2, 1), (3, 1, 3), (2, 2, 1), (5, 1, 1))


def _smallest_width() -> float:
    """Return the first width for which torch's layers give an output of four columns."""
    with torch.no_grad():
        for width in range(1, 200):
            x = torch.zeros(1, 1, 1, width, dtype=torch.float64)
            try:
                for k, stride, dilation in _STACK:
                    ones = torch.ones(1, 1, 1, k, dtype=torch.float64)
                    x = conv2d(x, ones, stride=stride, dilation=dilation)
            except RuntimeError:
                continue  # the window of a layer is wider than its input
            if x.shape[3] == 4:
                return float(width)
    raise AssertionError("no width gives four columns")


WIDTH = Exercise(
    id="04-2",
    title="The smallest picture for four columns",
    level="recall",
    minutes=7,
    task=Number(_smallest_width, rtol=0),
    solution=((((4 + 4) * 2) + 6) - 1) * 2 + 5,
    praise="4 ← 8 ← 16 ← 22 ← 47, and by the other way 35 + 3 · 4 = 47: one output sees 35 "
    "columns, and each further one begins 4 columns later.",
    nudge="go backward from 4: a layer with n outputs reads (n − 1)·s + d·(k − 1) + 1 columns",
    wrong=(
        Mistake(
            39,
            "the dilation is missing: three weights with dilation 3 span 3·2 + 1 = 7 columns.",
        ),
        Mistake(
            35, "this is the receptive field of one output; four of them see three jumps more."
        ),
        Mistake(51, "from the first of four outputs to the last there are three jumps, not four."),
        Mistake(43, "this width gives three columns; there is one more jump to go."),
        Mistake(140, "the windows overlap: each output begins 4 columns after the one before."),
        Mistake(
            48,
            "48 columns give four as well, but the last one of them is not read; one less will do.",
        ),
        Mistake(
            53,
            "n outputs at stride s read (n − 1)·s + k columns, not n·s + k; this holds for the "
            "pooling too.",
        ),
        Mistake(
            49,
            "the first layer reads (n − 1)·s + k columns for n outputs, not n·s + k; for the "
            "pooling you have it right.",
        ),
        Mistake(57, "at stride 1 a window adds d·(k − 1) columns, not d·k."),
        Mistake(19, "both strides are missing: behind them the same number of columns is wider."),
        Mistake(33, "the stride of the pooling is missing: 8 columns behind it are 16 before it."),
        Mistake(26, "the stride of the first layer is missing: its windows begin 2 columns apart."),
        Mistake(31, "the last layer is missing: its 4 outputs read 8 columns."),
        Mistake(16, "only the strides are counted; without padding each window costs k − 1 too."),
    ),
)


def _multiplications_by_counting() -> float:
    """Add up ones: with ones for picture and weights an output is its number of products."""
    ones = torch.ones
    padded = ones(1, 32, 24, 24, dtype=torch.float64)  # 20 and twice the padding of 2
    depthwise = conv2d(padded, ones(32, 1, 5, 5, dtype=torch.float64), stride=2, groups=32)
    between = torch.ones_like(depthwise)
    pointwise = conv2d(between, ones(48, 32, 1, 1, dtype=torch.float64))
    return float(depthwise.sum() + pointwise.sum())


COST = Exercise(
    id="04-3",
    title="What a convolution in two steps costs",
    level="recall",
    minutes=5,
    task=Number(_multiplications_by_counting),
    solution=100 * (25 * 32 + 32 * 48),
    praise="100 places times 25 · 32 + 32 · 48 = 2336 is 233,600, against 3,840,000 for the full "
    "convolution: 16 times less.",
    nudge="there are 10 × 10 places; at each of them count the weights that the two layers use",
    wrong=(
        Mistake(
            3_840_000,
            "this is the full convolution; a depthwise kernel reads its own channel alone.",
        ),
        Mistake(
            934_400,
            "stride 2 leaves 10 × 10 places, not 20 × 20: count outputs, not inputs.",
        ),
        Mistake(
            694_400,
            "the stride is in the depthwise layer, so the pointwise one sees 10 × 10 places too.",
        ),
        Mistake(2336, "these are the weights; each of them is used once at each of 100 places."),
        Mistake(80_000, "this is the depthwise layer alone; the pointwise one mixes its channels."),
        Mistake(153_600, "this is the pointwise layer alone; the depthwise one comes before it."),
        Mistake(122_880_000, "the layers come one after the other: add their multiplications."),
        Mistake(
            273_600,
            "the depthwise layer has one kernel for each of its 32 inputs; the 48 outputs come "
            "from the pointwise one.",
        ),
        Mistake(
            3_920_000,
            "a pointwise kernel has 1 × 1 weights for each input channel, not 5 × 5.",
        ),
        Mistake(169_600, "a 5 × 5 kernel has 25 weights for each channel, not 5."),
        Mistake(241_600, "this counts the biases, which are added, but multiply nothing."),
        Mistake(467_200, "this counts additions apart; a multiply-add counts once here."),
        Mistake(
            149_504,
            "8 × 8 places are left without padding; with 2 at each side there are 10 × 10.",
        ),
        Mistake(16.44, "this is how many times less it costs than a full convolution."),
    ),
)
