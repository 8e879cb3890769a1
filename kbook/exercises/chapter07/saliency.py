"""Exercise 07-10: how much of a gradient falls on the paint, against chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.symptoms import gives_nan_or_inf
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]


def _cases() -> tuple[Case, ...]:
    """Return gradients (N, 3, H, W) and masks (N, H, W) from 0 to 1."""
    rng = np.random.default_rng(80)

    def case(name: str, count: int, height: int, width: int) -> Case:
        mask = np.clip(rng.normal(-0.5, 0.7, (count, height, width)), 0, 1)
        scale = 10.0 ** rng.uniform(-4, 1, (count, 1, 1, 1))
        gradient = scale * rng.normal(0, 1, (count, 3, height, width))
        return Case(name, (gradient * (1 + 2 * mask[:, None]), mask))

    one = np.array([3.0, -3.0, 2.0])[None, :, None, None] * np.array([[1.0, 0.25, 0.0, 0.0]])
    paint = np.array([[[1.0, 0.0, 0.0, 0.0]]])
    gradient, mask = case("", 3, 5, 8).arguments
    gradient[0], mask[1] = 0, 0
    return (
        Case("one frame of four pixels, the first of them paint", (one, paint)),
        case("four frames", 4, 6, 9),
        Case("a frame without gradient and one without paint", (gradient, mask)),
        case("twelve frames", 12, 8, 5),
    )


def _oracle(gradient: Array, mask: Array) -> Array:
    """Weigh the paint by the importance, frame by frame, and divide by its plain mean."""
    out = []
    for slope, paint in zip(gradient, mask, strict=True):
        weights = torch.from_numpy(slope).abs().sum(dim=0).numpy()
        if not weights.any() or not paint.any():
            out.append(1.0)
        else:
            out.append(float(np.average(paint, weights=weights)) / float(paint.mean()))
    return np.array(out)


@dataclass(frozen=True)
class _Score:
    """Say how the score is taken; the defaults are right."""

    colors: str = "absolute"
    chance: bool = True  # whether the share is divided by the mask's
    together: bool = False  # all frames as one
    hard: bool = False  # whether any paint is a whole pixel of it
    empty: float = 1.0

    def __call__(self, gradient: Array, mask: Array) -> Array:
        """Return the score of each frame."""
        weight = {
            "absolute": np.abs(gradient).sum(axis=1),
            "signed": gradient.sum(axis=1),
            "late": np.abs(gradient.sum(axis=1)),
            "square": (gradient**2).sum(axis=1),
            "largest": np.abs(gradient).max(axis=1),
        }[self.colors]
        paint = (mask > 0).astype(float) if self.hard else mask
        axis = None if self.together else (1, 2)
        total, area = weight.sum(axis=axis), paint.mean(axis=axis)
        known = (total != 0) & (area > 0)
        share = (weight * paint).sum(axis=axis) / np.where(known, total, 1)
        score = share / np.where(known, area, 1) if self.chance else share
        return np.where(known, score, self.empty) * (np.ones(len(mask)) if self.together else 1)


SALIENCY = Exercise(
    id="07-10",
    title="Better than chance?",
    level="design",
    minutes=15,
    task=Function(_cases, _oracle),
    solution=_Score(),
    praise="a score of 1 is blind chance, however much paint a frame has; at most it is the "
    "largest value of the mask over its mean.",
    nudge="make one nonnegative importance of the three colors, find which share of it falls on "
    "the mask in each frame, and divide by the mask's own share",
    wrong=(
        Mistake(_Score(colors="signed"), "the slopes keep their signs, so they cancel; take "
                "absolute values first."),
        Mistake(_Score(colors="late"), "the colors are added before the absolute value, so they "
                "cancel; take it of each."),
        Mistake(_Score(colors="square"), "squares were added; absolute values are asked for."),
        Mistake(_Score(colors="largest"), "the largest color counts alone; add the three."),
        Mistake(_Score(chance=False), "this is the share on the paint; divide it by the share of "
                "the picture that is paint."),
        Mistake(_Score(together=True), "all frames are taken as one, so frames with steep slopes "
                "decide; score each for itself."),
        Mistake(_Score(hard=True), "a pixel that is half paint counts half; the mask is not to be "
                "rounded up."),
        Mistake(_Score(empty=0.0), "a frame without paint or without a gradient tells nothing: "
                "return 1 for it, not 0."),
        Mistake(_Score(empty=np.nan), "a frame without paint or without a gradient gives 0/0; "
                "return 1 for it.", gives_nan_or_inf),
    ),
)  # fmt: skip
