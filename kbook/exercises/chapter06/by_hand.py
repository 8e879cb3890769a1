"""Exercises 06-1 to 06-3: two values of the game and the size of a patch, by hand."""

from __future__ import annotations

from itertools import product
from math import log

import torch
from torch import Tensor
from torch.nn.functional import conv1d

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import gradient, minimizer
from kbook.exercises.tasks import Number

_REAL, _MADE = (0.4, 0.4, 0.2, 0.0), (0.1, 0.4, 0.0, 0.5)


def _value_by_search() -> float:
    """Search for the best answer to each kind of picture that the discriminator can tell apart."""

    def best(p: float, q: float) -> float:
        def lost(d: Tensor) -> Tensor:
            return -(p * d.log() + q * torch.log1p(-d))

        return -float(lost(torch.tensor(minimizer(lost, 0, 1), dtype=torch.float64)))

    seen = [(_REAL[0], _MADE[0]), (_REAL[1] + _REAL[2], _MADE[1] + _MADE[2]), (_REAL[3], _MADE[3])]
    return sum(best(p, q) for p, q in seen)


VALUE = Exercise(
    id="06-1",
    title="A discriminator that cannot see everything",
    level="recall",
    minutes=7,
    task=Number(_value_by_search),
    solution=0.4 * log(0.8) + 0.6 * log(0.6) + 0.1 * log(0.2) + 0.4 * log(0.4),
    praise="the value is −0.923, where full sight reaches −0.805; what a discriminator cannot see, "
    "no generator learns from it.",
    nudge="add the probabilities of what looks alike, take D* = p/(p + q) for each of the three "
    "kinds that are left, and then the sum of p ln D* and q ln(1 − D*)",
    wrong=(
        Mistake(
            -0.804719,
            "this discriminator tells 2 and 3 apart; to the one in question they are one kind.",
        ),
        Mistake(
            -0.977328,
            "the two answers for 2 and 3 were averaged; add their probabilities first, then D* is "
            "0.6/(0.6 + 0.4).",
        ),
        Mistake(
            0.923213,
            "this is the discriminator's loss; the value is a sum of logarithms of probabilities, "
            "so below 0.",
        ),
        Mistake(
            0.231541,
            "this is the Jensen–Shannon divergence of what it sees; the value is 2 · JSD − ln 4.",
        ),
        Mistake(0.463081, "this is twice the divergence; the value has − ln 4 beside it."),
        Mistake(-1.331915, "these are logarithms to base 2; the game is played with ln."),
        Mistake(
            -1.386294,
            "− ln 4 is the value when p and q are equal; here D* is better than a guess.",
        ),
        Mistake(-0.395753, "the second half is missing: q ln(1 − D*), over the made pictures."),
        Mistake(-0.527460, "the first half is missing: p ln D*, over the real pictures."),
        Mistake(-0.461606, "the two expectations are added, not averaged."),
        Mistake(
            -1.090611,
            "D was taken as p alone; the best answer compares p with q, p/(p + q).",
        ),
    ),
)


def _value_of_pairs() -> float:
    """Add up the divergence of all 64 ordered pairs of modes."""
    divergence = 0.0
    for pair in product(range(8), repeat=2):
        p, q = 1 / 64, 1 / 16 if max(pair) < 4 else 0.0
        middle = (p + q) / 2
        divergence += 0.5 * p * log(p / middle) + (0.5 * q * log(q / middle) if q else 0)
    return 2 * divergence - log(4)


PAIRS = Exercise(
    id="06-2",
    title="A discriminator that sees two at once",
    level="recall",
    minutes=7,
    task=Number(_value_of_pairs),
    solution=0.25 * log(0.2) + log(0.8),
    praise="−0.626 instead of −0.955 with single pictures: missing modes show better in pairs, "
    "which is the idea of PacGAN.",
    nudge="find the share of the real pairs whose two modes the generator has both; on these the "
    "density of the made pairs is larger by one over this share",
    wrong=(
        Mistake(
            -0.954771,
            "this is the game with single pictures; of the real pairs only a quarter lies on the "
            "four modes.",
        ),
        Mistake(
            -1.909543,
            "this is twice the game with single pictures; two pictures make one pair with one "
            "answer.",
        ),
        Mistake(-0.392436, "these are packs of three; a pair lies on the four modes in 1 of 4."),
        Mistake(
            -0.237700,
            "this is 1/16 of the real pairs; both pictures lie on the four modes with probability "
            "½ · ½, whichever of them these are.",
        ),
        Mistake(
            -0.669027,
            "10 of 36 pairs are not equally likely: two different modes come in two orders, "
            "so count 16 of 64.",
        ),
        Mistake(
            -0.287682,
            "this takes ¾ for ¼: three of four real pairs give the generator away, one does not.",
        ),
        Mistake(
            0,
            "0 needs real and made pairs that never look alike; a quarter of the real ones could "
            "have been made.",
        ),
        Mistake(
            -1.386294,
            "− ln 4 is the value when nothing tells them apart; three of four real pairs do.",
        ),
        Mistake(0.625503, "the value is below 0: a sum of logarithms of probabilities."),
        Mistake(
            0.380396, "this is the Jensen–Shannon divergence of pairs; the value is 2 · JSD − ln 4."
        ),
        Mistake(0.760791, "this is twice the divergence; the value has − ln 4 beside it."),
        Mistake(-0.902410, "these are logarithms to base 2; the game is played with ln."),
        Mistake(
            -0.402359, "the made pairs are missing: the best answer to them is D = 0.2, not 0."
        ),
        Mistake(
            -0.223144, "the real pairs on the four modes are missing: D = 0.2 costs there as well."
        ),
    ),
)

_STRIDES = (2, 2, 2, 2, 1, 1)


def _patch_by_gradient() -> float:
    """Count the pixels of a row by which the gradient of one score is not 0."""
    kernel = torch.ones(1, 1, 4, dtype=torch.float64) / 4

    def score(row: Tensor) -> Tensor:
        for stride in _STRIDES:
            row = conv1d(row, kernel, stride=stride, padding=1)
        return row[0, 0, row.shape[2] // 2]

    return float((gradient(score, torch.zeros(1, 1, 1024).numpy()) != 0).sum())


PATCH = Exercise(
    id="06-3",
    title="Larger patches for larger pictures",
    level="recall",
    minutes=5,
    task=Number(_patch_by_gradient, rtol=0),
    solution=((((1 + 3 + 3 - 1) * 2 + 4 - 1) * 2 + 4 - 1) * 2 + 4 - 1) * 2 + 4,
    praise="1, 4, 7, 16, 34, 70, 142: read backward, each layer with stride 2 doubles the patch "
    "and adds two.",
    nudge="begin with one score and go backward: r outputs side by side see (r − 1) · stride + 4 "
    "inputs",
    wrong=(
        Mistake(70, "this is the critic of section 5, without the fourth layer of stride 2."),
        Mistake(286, "this has five layers of stride 2; there are four, and two of stride 1."),
        Mistake(94, "one of the two layers of stride 1 is missing."),
        Mistake(46, "the two layers of stride 1 are missing; their kernels are 4 wide as well."),
        Mistake(190, "here all six layers have stride 2; the last two have stride 1."),
        Mistake(19, "the strides are left out: behind a stride of 2, one step is two pixels."),
        Mistake(24, "six kernels of 4 do not add up: they overlap, and strides spread them."),
        Mistake(
            52,
            "the order is turned around: the layers of stride 1 come last, where one step is 16 "
            "pixels.",
        ),
        Mistake(
            204,
            "r outputs have r − 1 steps between them: (r − 1) · stride + 4, not r · stride + 4.",
        ),
        Mistake(140, "the patch does not only double: a kernel of 4 at stride 2 adds two pixels."),
        Mistake(16, "this is the distance from one patch to the next, not the width of a patch."),
        Mistake(30, "this is the number of scores along a side of 512 pixels."),
        Mistake(20_164, "this is the number of pixels of a patch; asked is its side."),
    ),
)
