"""Exercises 03-1 to 03-3: two steps, a limit and a mean, by hand."""

from __future__ import annotations

import numpy as np
import torch

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Number


def _after_two_steps() -> float:
    """Return where torch's SGD with momentum takes θ = 5 on L = θ² in two steps."""
    theta = torch.tensor(5.0, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=0.1, momentum=0.9)
    for _ in range(2):
        theta.grad = 2 * theta.detach()
        optimizer.step()
    return float(theta.detach())


MOMENTUM_BY_HAND = Exercise(
    id="03-1",
    title="Two steps with momentum",
    level="recall",
    minutes=5,
    task=Number(_after_two_steps),
    solution=4 - 0.1 * (0.9 * 10 + 8),
    praise="v is 10, then 0.9 · 10 + 8 = 17, so θ goes from 5 to 4 and then by 1.7 to 2.3: the "
    "second step is the longer one, although the slope has fallen.",
    nudge="each step has three lines: the gradient 2θ where θ is now, the new v, the new θ",
    wrong=(
        Mistake(3.2, "this is plain gradient descent: the velocity of the first step is lost."),
        Mistake(
            4.712,
            "here the gradient enters with the weight 1 − β = 0.1, as in a running average; in the "
            "chapter's form it enters in full.",
        ),
        Mistake(3.6, "the gradient of θ² is 2θ, not θ."),
        Mistake(
            2.1,
            "the second step uses the gradient of the first one again; θ is 4 by then, and g is 8.",
        ),
        Mistake(2.2, "the old velocity came along in full, as with β = 1; only 0.9 of it is kept."),
        Mistake(
            1.3,
            "the gradient of the first step was never reset: in step 2 g is 8, not 10 + 8; only v "
            "remembers.",
        ),
        Mistake(
            1.112,
            "this is Nesterov's variant, which adds β·v to the gradient once more; the chapter's "
            "rule subtracts η·v.",
        ),
        Mistake(4.0, "this is θ after the first step; take one more."),
        Mistake(0.31, "this is θ after three steps; asked is θ after two."),
        Mistake(17.0, "this is the velocity v in step 2; asked is θ, which moves by −η·v."),
        Mistake(-4.0, "the learning rate is missing: θ moves by −η·v, a tenth of v."),
        Mistake(8.1, "this climbs: a step is subtracted, θ ← θ − η·v."),
    ),
)


def _largest_stable_rate() -> float:
    """Bisect for the rate at which the faster of two measured changes keeps its size."""
    change = (np.array([0.9, -0.2]) - 1) / 0.01  # of the distance, for each unit of the rate
    low, high = 0.0, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        if np.abs(1 + rate * change).max() < 1:
            low = rate
        else:
            high = rate
    return low


STABLE_RATE = Exercise(
    id="03-2",
    title="How far up can the learning rate go?",
    level="recall",
    minutes=5,
    task=Number(_largest_stable_rate),
    solution=2 / 120,
    praise="1 − 0.01 a = −0.2 gives the steep side a curvature of 120, and 2/120 = 0.0167.",
    nudge="1 − ηa is the factor: get both curvatures from it, then ask when it reaches −1",
    wrong=(
        Mistake(
            0.2,
            "this is the limit of the flat direction, curvature 10; the steep one diverges long "
            "before.",
        ),
        Mistake(
            0.025,
            "the minus sign is lost: 1 − 0.01 a is −0.2, not 0.2, so a is 120 and not 80.",
        ),
        Mistake(
            1 / 120,
            "at 1/a the steep direction arrives in one step; beyond that it overshoots, but it "
            "still converges, up to 2/a.",
        ),
        Mistake(
            2 / 130,
            "this is the rate at which both directions shrink equally fast; stability ends later.",
        ),
        Mistake(
            2 / 65, "this takes the mean of both curvatures; the largest one alone sets the limit."
        ),
        Mistake(0.1, "the factor is 1 − ηa, so ηa is 1.2, not 0.2."),
        Mistake(120.0, "this is the curvature of the steep direction; the limit is 2 over it."),
        Mistake(60.0, "this is upside down: the limit is 2/a, not a/2."),
        Mistake(12.0, "this is the condition number, the ratio of both curvatures."),
        Mistake(
            0.01,
            "a factor of −0.2 changes the side, but the distance shrinks to a fifth: at 0.01 there "
            "is room left.",
        ),
    ),
)

_COUNTS, _MEANS = np.array([32, 32, 6]), np.array([0.5, 0.4, 1.1])


def _mean_over_samples() -> float:
    """Return the mean over 70 samples that have the means of their batches."""
    return float(np.repeat(_MEANS, _COUNTS).mean())


MEAN_OF_BATCHES = Exercise(
    id="03-3",
    title="The loss of seventy samples",
    level="recall",
    minutes=4,
    task=Number(_mean_over_samples),
    solution=(32 * 0.5 + 32 * 0.4 + 6 * 1.1) / 70,
    praise="(16 + 12.8 + 6.6) / 70 = 0.506: six odd samples of seventy weigh 6/70, not a third.",
    nudge="turn each mean back into the sum of its batch, add the sums, and divide once",
    wrong=(
        Mistake(
            2 / 3,
            "this is the mean of the three means: a program with losses.append(loss) and a mean "
            "at the end lets six samples count as much as 32.",
        ),
        Mistake(
            2 / 70,
            "this divides the sum of the means by 70: a program that adds loss.item(), not "
            "loss.item() * len(x), before it divides by the samples.",
        ),
        Mistake(
            64 / 70,
            "here each batch counts 32 samples: a program that multiplies by batch_size, though "
            "the last batch has only six.",
        ),
        Mistake(
            35.4 / 96,
            "the sum is right, but it is divided by 3 · 32: the number of batches times batch_size "
            "is not the number of samples.",
        ),
        Mistake(
            0.45,
            "this leaves the last batch out, as drop_last=True does: fine for training, not for "
            "evaluation.",
        ),
        Mistake(35.4, "this is the sum over the samples; divide it by their number, 70."),
        Mistake(11.8, "the sum 35.4 is divided by the three batches; divide by the 70 samples."),
        Mistake(2.0, "this is the sum of the means, not a mean."),
        Mistake(1.1, "this is the loss of the last batch, which is all that a variable keeps."),
    ),
)
