"""Exercise 06-7: translations that fool a classifier and are further from the truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Measure = Callable[[Array, Array, Array, Array, Array], Array]


def _cases() -> tuple[Case, ...]:
    """Return pictures x, made and true (N, 3, H, W), masks (N, 1, H, W) and scores (N,)."""
    rng = np.random.default_rng(67)

    def case(name: str, shape: tuple[int, int], errors: list[float], scores: list[float]) -> Case:
        """Return pictures whose animals are off by `errors` times what doing nothing leaves."""
        n = len(errors)
        mask = np.clip(rng.normal(0.4, 0.5, size=(n, 1, *shape)), 0, 1)
        x = rng.uniform(-1, 1, size=(n, 3, *shape))
        true = np.clip(x + mask * rng.normal(0, 0.6, size=x.shape), -1, 1)
        wide = np.array(errors)[:, None, None, None]
        noise = rng.normal(0, 0.6, size=x.shape)
        made = np.clip(true + wide * (mask * noise + 0.05 * np.flip(noise, axis=1)), -1, 1)
        return Case(name, (x, made, true, mask, np.array(scores)))

    one = np.ones((1, 3, 1, 2))
    left = one * np.array([1.0, 0])  # the animal's pixel
    simple = (0 * one, 0.6 * left + 0.3, 0.5 * left, left[:, :1], np.array([0.9]))
    return (
        Case("one picture of an animal pixel and a background pixel", simple),
        case("four pictures", (5, 4), [0.1, 3, 0.2, 2.5], [0.9, 0.8, 0.2, 0.1]),
        case("a classifier that is always fooled", (4, 4), [2, 0.5, 0.4], [0.99, 0.97, 1.0]),
        case("a classifier that is never fooled", (4, 6), [0.1, 2], [0.03, 0.5]),
        case("ten pictures", (6, 3), [3, 0.3, 2, 2, 0.1, 0.2, 4, 0.1, 2, 0.3],
             [0.6, 0.7, 0.4, 0.9, 0.2, 0.9, 0.8, 0.1, 0.3, 0.6]),
    )  # fmt: skip


def _oracle(x: Array, made: Array, true: Array, mask: Array, scores: Array) -> Array:
    """Go through the pictures and colors one by one."""
    sums, weights, both = [0.0, 0.0], [0.0, 0.0], 0
    for i in range(len(x)):
        ours, nothing, truth = (torch.from_numpy(a[i] / 2 + 0.5) for a in (made, x, true))
        for color in range(3):
            off = (ours[color] - truth[color]).abs()
            for k, part in enumerate((mask[i, 0], 1 - mask[i, 0])):
                share = torch.from_numpy(part)
                sums[k] += float((off * share).sum())
                weights[k] += float(share.sum())
        worse = torch.dist(ours, truth, 1) > torch.dist(nothing, truth, 1)
        both += bool(worse) and scores[i] > 0.5
    return np.array([sums[0] / weights[0], sums[1] / weights[1], both / len(x)])


def _inside(off: Array, mask: Array) -> float:
    """Return the mean of colors (N, 3, H, W), weighted with the mask."""
    return float((off * mask).sum() / (3 * mask.sum()))


def _per_picture(off: Array) -> Array:
    """Return the mean of each picture."""
    return np.asarray(off.mean(axis=(1, 2, 3)))


def _measure(
    distance: Callable[[Array, Array], Array] = lambda a, b: np.abs(a - b) / 2,
    inside: Callable[[Array, Array], float] = _inside,
    share: Callable[[Flags, Flags], float] = lambda worse, fooled: float((worse & fooled).mean()),
    border: float = 0.5,
) -> Measure:
    """Return the reference solution, or one that errs in a way that is given."""

    def measure(x: Array, made: Array, true: Array, mask: Array, scores: Array) -> Array:
        off, nothing = distance(made, true), distance(x, true)
        worse = _per_picture(np.abs(off)) > _per_picture(np.abs(nothing))
        parts = [inside(off, mask), inside(off, 1 - mask)]
        return np.array([*parts, share(worse, scores > border)])

    return measure


_right = _measure()


def _animal_decides(x: Array, made: Array, true: Array, mask: Array, scores: Array) -> Array:
    """Ask only for the animal whether a picture is worse than nothing."""
    off, nothing = (np.abs(a - true) * mask for a in (made, x))
    worse = _per_picture(off) > _per_picture(nothing)
    return np.array([*_right(x, made, true, mask, scores)[:2], (worse & (scores > 0.5)).mean()])


def _all_or_none(x: Array, made: Array, true: Array, mask: Array, scores: Array) -> Array:
    """Compare the distances of the whole set, not of each picture."""
    worse = np.abs(made - true).mean() > np.abs(x - true).mean()
    out = _right(x, made, true, mask, scores)
    return np.array([*out[:2], worse * (scores > 0.5).mean()])


def _by_picture(off: Array, mask: Array) -> float:
    """Average the pictures' own means, a small animal as much as a large one."""
    rows = (off * mask).sum(axis=(1, 2, 3)) / (3 * mask.sum(axis=(1, 2, 3)))
    return float(rows.mean())


MEASURED = Exercise(
    id="06-7",
    title="Fooled, and further from the truth",
    level="apply",
    minutes=15,
    task=Function(_cases, _oracle),
    solution=_right,
    praise="a classifier sees whether there are stripes, the truth where they belong; the third "
    "number is how often the two disagree.",
    nudge="halve the differences of colors from −1 to 1, weight them with the mask and divide by "
    "the mask's sum over all pictures and three colors; compare picture by picture for the third",
    slow="operations on whole arrays take milliseconds",
    wrong=(
        Mistake(
            _measure(distance=lambda a, b: np.abs(a - b)),
            "the colors run from −1 to 1 here; from 0 to 1 every difference is half as large.",
        ),
        Mistake(
            _measure(distance=lambda a, b: (a - b) ** 2 / 4),
            "these are squares; asked is the mean absolute difference.",
        ),
        Mistake(
            _measure(distance=lambda a, b: (a - b) / 2),
            "too bright and too dark cancel here; take the absolute value first.",
        ),
        Mistake(
            _measure(inside=lambda off, mask: 3 * _inside(off, mask)),
            "three colors were added up; the mean is over pixels and colors.",
        ),
        Mistake(
            _measure(inside=lambda off, mask: float((off * mask).mean())),
            "divide by the sum of the mask: this divides by all pixels, inside and outside.",
        ),
        Mistake(
            _measure(inside=_by_picture),
            "this averages the pictures' means; asked is the mean over the pixels of all of them.",
        ),
        Mistake(
            _measure(inside=lambda off, mask: _inside(off, (mask > 0.5) * 1.0)),
            "the mask was rounded; a pixel that is half animal counts half on either side.",
        ),
        Mistake(
            _measure(inside=lambda off, mask: _inside(off, (mask > 0) * 1.0)),
            "a pixel with a trace of animal counts as a whole one; weight it with its share.",
        ),
        Mistake(
            lambda x, made, true, mask, scores: _right(x, made, true, 1 - mask, scores),
            "animal and background are exchanged: the mask is 1 on the animal.",
        ),
        Mistake(
            lambda x, made, true, mask, scores: np.array(
                [*_right(true, made, x, mask, scores)[:2], _right(x, made, true, mask, scores)[2]]
            ),
            "the distances are to the untouched pictures; the truth is what they are measured "
            "against.",
        ),
        Mistake(
            _measure(share=lambda worse, fooled: float(fooled.mean())),
            "the third number counts all that fool the classifier, good or bad.",
        ),
        Mistake(
            _measure(share=lambda worse, fooled: float(worse.mean())),
            "the third number counts all that are worse than nothing, whether the classifier is "
            "fooled or not.",
        ),
        Mistake(
            _measure(share=lambda worse, fooled: float((worse | fooled).mean())),
            "the third number takes one or the other; both must hold for the same picture.",
        ),
        Mistake(
            _measure(share=lambda worse, fooled: float((~worse & fooled).mean())),
            "the third number counts those that fool the classifier and are nearer to the truth.",
        ),
        Mistake(
            _measure(
                share=lambda worse, fooled: float((worse & fooled).sum() / max(1, sum(fooled)))
            ),
            "the third number is a share of those that fool the classifier; asked is one of all.",
        ),
        Mistake(
            _measure(share=lambda worse, fooled: float((worse & fooled).sum())),
            "the third number is a count; asked is a share.",
        ),
        Mistake(
            _measure(border=0.499),
            "a score of exactly ½ fools nobody: the text says above ½.",
        ),
        Mistake(
            _animal_decides,
            "a picture is worse by the whole of it; what the net did to the background counts as "
            "well.",
        ),
        Mistake(
            _all_or_none,
            "the third number compares the distances of the whole set; ask picture by picture.",
        ),
    ),
)
