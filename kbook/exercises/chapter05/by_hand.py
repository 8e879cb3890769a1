"""Exercises 05-1 to 05-3: parameters, paths and running statistics, by hand."""

from __future__ import annotations

from itertools import product
from math import comb

import torch
from torch import nn

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Number


def _parameters_by_torch() -> float:
    """Build the layers of the block and count what torch would train."""
    layers = [
        nn.Conv2d(24, 40, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(40),
        nn.Conv2d(40, 40, 3, padding=1, bias=False),
        nn.BatchNorm2d(40),
        nn.Conv2d(24, 40, 1, stride=2, bias=False),
        nn.BatchNorm2d(40),
    ]
    return float(sum(p.numel() for layer in layers for p in layer.parameters()))


PARAMETERS = Exercise(
    id="05-1",
    title="The parameters of a block that changes the shape",
    level="recall",
    minutes=5,
    task=Number(_parameters_by_torch, rtol=0),
    solution=9 * 24 * 40 + 9 * 40 * 40 + 24 * 40 + 3 * 2 * 40,
    praise="8640 and 14,400 in the branch, 960 in the projection and 3 · 80 in the norms are "
    "24,240; shortcut A would save 1040 of them.",
    nudge="a convolution has k · k · inputs · outputs weights, a batch norm two trained numbers "
    "for each channel; there are three of either",
    wrong=(
        Mistake(
            23_200,
            "this is the block with shortcut A; B has a 1 × 1 convolution and a batch norm more.",
        ),
        Mistake(24_160, "the batch norm behind the 1 × 1 convolution of the shortcut is missing."),
        Mistake(24_000, "the batch norms are missing: γ and β of each channel are trained too."),
        Mistake(
            24_120,
            "a batch norm trains two numbers for each channel, γ and β; here it has one.",
        ),
        Mistake(
            24_480,
            "running means and variances are kept in the file, but no gradient trains them.",
        ),
        Mistake(
            24_483,
            "this counts the whole weight file; running statistics and the counters of batches "
            "are not trained.",
        ),
        Mistake(
            24_360,
            "this counts a bias for each convolution; the batch norm behind subtracts it again, "
            "so there is none.",
        ),
        Mistake(18_480, "the second convolution reads the 40 channels that the first one made."),
        Mistake(30_000, "the first convolution reads 24 channels; both have 40 inputs here."),
        Mistake(24_880, "the projection reads the input of the block, which has 24 channels."),
        Mistake(31_920, "the projection of the shortcut is 1 × 1, not 3 × 3."),
        Mistake(8880, "a 3 × 3 kernel has 9 weights for each input channel, not 3."),
        Mistake(
            24_208,
            "a batch norm stands behind its convolution, so all three have 40 channels.",
        ),
        Mistake(
            6060,
            "a stride of 2 leaves a quarter of the outputs, but every weight is still there.",
        ),
    ),
)


def _paths_by_walking() -> float:
    """Try all ways through 13 blocks: a 1 for the branch, a 0 for the skip."""
    skips, branches = 2 * [False] + 11 * [True], 9 * [True] + 4 * [False]
    ways = product((0, 1), repeat=13)
    is_open = (
        sum(way) == 5
        and all(
            branch if turn else skip
            for turn, skip, branch in zip(way, skips, branches, strict=True)
        )
        for way in ways
    )
    return float(sum(is_open))


PATHS = Exercise(
    id="05-2",
    title="The paths of a damaged net",
    level="recall",
    minutes=5,
    task=Number(_paths_by_walking, rtol=0),
    solution=comb(13 - 2 - 4, 5 - 2),
    praise="two branches are forced, three more come from the seven whole blocks: 35 of 128 open "
    "paths; the undamaged net has 1287 of 8192.",
    nudge="find the blocks that still leave a choice, and the branches that are on every path "
    "anyway",
    wrong=(
        Mistake(1287, "this is the undamaged net, C(13, 5)."),
        Mistake(
            21,
            "five of the seven whole blocks and the two without a skip make seven branches; "
            "asked are five in all.",
        ),
        Mistake(
            126,
            "the two blocks without a skip leave no choice: every open path takes their branches.",
        ),
        Mistake(
            165,
            "the four dead branches are taken by some of these paths; what goes in there never "
            "comes out.",
        ),
        Mistake(
            462,
            "this chooses five of the eleven blocks that have a skip; four of those have a dead "
            "branch, and two branches are forced.",
        ),
        Mistake(
            7,
            "the two damages are swapped: without a skip a path must take the branch, with a dead "
            "branch it must not.",
        ),
        Mistake(128, "these are all open paths, 2 to the power of 7; asked are those of length 5."),
        Mistake(8192, "these are all paths of the undamaged net, 2 to the power of 13."),
        Mistake(64, "these are the open paths of at most five branches."),
        Mistake(99, "these are the open paths of at least five branches."),
        Mistake(
            210,
            "7 · 6 · 5 counts the same three blocks once for each order; a path meets them in one.",
        ),
        Mistake(35 / 128, "this is the share of the open paths; asked is their number."),
    ),
)

_BATCHES = ((1.0, 1, 1, 5), (3, 3, 9, 9), (4, 10, 10, 16))


def _evaluated_by_torch() -> float:
    """Show the batches to torch's layer in training mode, then a 10 in evaluation mode."""
    layer = nn.BatchNorm2d(1, dtype=torch.float64)
    with torch.no_grad():
        for batch in _BATCHES:
            layer(torch.tensor(batch, dtype=torch.float64).reshape(2, 1, 1, 2))
        return float(layer.eval()(torch.full((1, 1, 1, 1), 10.0, dtype=torch.float64)))


RUNNING = Exercise(
    id="05-3",
    title="Statistics that lag behind",
    level="recall",
    minutes=7,
    task=Number(_evaluated_by_torch),
    solution=(10 - 1.702) / 4.533**0.5,
    praise="(10 − 1.702)/√4.533: the last batch makes a 0 of this pixel in training mode, but the "
    "running statistics are still on their way.",
    nudge="both start at 0 and 1 and become 0.9 · old + 0.1 · new three times; the means are 2, 6 "
    "and 10, the variances with n − 1 are 4, 12 and 24",
    wrong=(
        Mistake(
            4.38440,
            "a batch is normalized with the variance that divides by n, but into the running "
            "variance goes the one with n − 1.",
        ),
        Mistake(
            0,
            "this is the output in training mode, from the mean of the last batch; evaluation "
            "uses the running statistics.",
        ),
        Mistake(
            0.0927357,
            "momentum is turned around: in torch the new batch gets 0.1 and the old value 0.9.",
        ),
        Mistake(
            1.09545,
            "this averages the three batches; running statistics are weighted, and begin at 0 "
            "and 1.",
        ),
        Mistake(
            1.26491,
            "this averages the three batches, with n in the variance; running statistics are "
            "weighted, and begin at 0 and 1.",
        ),
        Mistake(1.83058, "divide by the root of the running variance, not by the variance."),
        Mistake(
            4.25455, "the running variance begins at 1, so that 0.9³ of this 1 is still in it."
        ),
        Mistake(
            2.63859,
            "the first batch does not replace the start values 0 and 1; it too gets 0.1.",
        ),
        Mistake(
            0.992786,
            "both statistics are divided by 1 − 0.9³ to make up for their start; Adam does that, "
            "batch norm does not.",
        ),
        Mistake(
            4.90232,
            "deviations are averaged here; the layer keeps a variance and takes the root at the "
            "end.",
        ),
        Mistake(4.69687, "the mean is missing: subtract the running mean before you divide."),
        Mistake(4.14640, "the batches came in the other order: the last one gets the whole 0.1."),
        Mistake(
            4.95434,
            "only the last batch is counted; the two before it have moved the statistics as well.",
        ),
        Mistake(4.533, "this is the running variance; asked is what the layer makes of a 10."),
        Mistake(1.702, "this is the running mean; asked is what the layer makes of a 10."),
    ),
)
