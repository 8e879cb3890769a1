"""Exercise 04-10: the area under a ROC curve from pairs, with its standard error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function, Outputs

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
Win = Callable[[Array, Array], Array]
Area = Callable[[Array, Labels], float]
Error = Callable[[Array], float]


def _cases() -> tuple[Case, ...]:
    """Return scores and labels: with ties and without, rare positives, infinite scores."""
    rng = np.random.default_rng(410)

    def case(name: str, scores: list[float], labels: list[int]) -> Case:
        return Case(name, (np.array(scores, dtype=np.float64), np.array(labels)))

    def random(name: str, size: int, share: float, digits: int) -> Case:
        labels = np.concatenate([[0, 0, 1, 1], rng.random(size) < share]).astype(np.int64)
        scores = np.round(rng.normal(size=size + 4) + 0.8 * labels, digits)
        return Case(name, (scores, labels))

    low = -np.inf
    return (
        case("scores = [0.1, 0.4, 0.35, 0.8], labels = [0, 0, 1, 1]", [0.1, 0.4, 0.35, 0.8],
             [0, 0, 1, 1]),
        case("scores = [1, 2, 2, 3], labels = [0, 1, 0, 1]", [1, 2, 2, 3], [0, 1, 0, 1]),
        random("90 scores without ties", 90, 0.4, 9),
        random("120 scores with many ties, a tenth of them positive", 120, 0.1, 0),
        case("scores that are all equal", [2.0] * 6, [1, 0, 1, 0, 0, 0]),
        case("log-probabilities, some of them −inf", [low, -3, low, -0.1, low, -2, -3],
             [0, 0, 1, 1, 0, 1, 1]),
        case("scores that separate the classes", [5, 7, 1, 6, 2], [1, 1, 0, 1, 0]),
        case("scores that are worse than chance", [1, 2, 3, 4, 2.5], [1, 1, 0, 0, 1]),
        case("scores that differ by 1e-12", [0.5, 0.5 + 1e-12, 0.2, 0.9], [0, 1, 1, 0]),
        random("1500 scores, rounded to 0.1", 1500, 0.5, 1),
    )  # fmt: skip


def _oracle(scores: Array, labels: Labels) -> Array:
    """Compare all pairs with torch; each row and each column of wins has a mean."""
    s, one = torch.from_numpy(scores), torch.from_numpy(labels) == 1
    positive, negative = s[one][:, None], s[~one][None, :]
    wins = (positive > negative).double() + (positive == negative).double() / 2
    variances = [wins.mean(dim=d).var(correction=1) / wins.shape[1 - d] for d in (0, 1)]
    return np.array([float(wins.mean()), float(sum(variances)) ** 0.5])


def _half_ties(positive: Array, negative: Array) -> Array:
    """Return for each pair 1 for a win of the positive, 1/2 for a tie."""
    return (positive > negative) + (positive == negative) / 2


def _both_samples(wins: Array) -> float:
    """Return the standard error, from the spread over positives and over negatives."""
    m, n = wins.shape
    return float(
        np.sqrt(wins.mean(axis=1).var(ddof=1) / m + wins.mean(axis=0).var(ddof=1) / n),
    )


def _from_pairs(
    win: Win = _half_ties, error: Error = _both_samples
) -> Callable[[Array, Labels], Array]:
    """Return a function of scores and labels from a rule for pairs and one for the error."""

    def answer(scores: Array, labels: Labels) -> Array:
        wins = win(scores[labels == 1][:, None], scores[labels == 0][None, :])
        return np.array([wins.mean(), error(wins)])

    return answer


_auc = _from_pairs()


def _sum_of_ranks(scores: Array, labels: Labels) -> float:
    """Return the area from ranks in which ties come in the order of the samples."""
    ranks = scores.argsort(kind="stable").argsort()
    m = (labels == 1).sum()
    return float((ranks[labels == 1].sum() - m * (m - 1) / 2) / (m * (len(labels) - m)))


def _curve(scores: Array, labels: Labels) -> float:
    """Return the area under the curve that takes one sample after the other, highest first."""
    hits = labels[np.argsort(-scores, kind="stable")] == 1
    return float(np.cumsum(hits)[~hits].sum() / (hits.sum() * (~hits).sum()))


def _even_thresholds(scores: Array, labels: Labels) -> float:
    """Return the area from a hundred thresholds between 0 and 1."""
    at = np.linspace(1, 0, 101)
    found, false = ((scores[labels == k] >= at[:, None]).mean(axis=1) for k in (1, 0))
    return float(((found[1:] + found[:-1]) / 2 * np.diff(false)).sum())


def _accuracy(scores: Array, labels: Labels) -> float:
    """Return the accuracy at the threshold 0.5."""
    return float(((scores > 0.5) == labels).mean())


def _with_area(area: Area) -> Callable[[Array, Labels], Array]:
    """Return a function with another area and the right standard error."""
    return lambda scores, labels: np.array([area(scores, labels), _auc(scores, labels)[1]])


def _with_area_of(change: Callable[[float], float]) -> Callable[[Array, Labels], Array]:
    """Return a function that changes the right area."""
    return _with_area(lambda scores, labels: change(_auc(scores, labels)[0]))


def _same_area(answer: Callable[[Array, Labels], Array]) -> Callable[[Outputs, Outputs], bool]:
    """Return what recognizes the area of an answer, whatever the standard error is."""

    def sees(got: Outputs, _want: Outputs) -> bool:
        areas = [answer(*case.arguments)[0] for case in _cases()]
        right_shape = all(g.shape == (2,) for g in got)
        return right_shape and np.allclose([g[0] for g in got], areas, equal_nan=True)

    return sees


def _wrong_area(answer: Callable[[Array, Labels], Array], hint: str) -> Mistake:
    """Return a mistake that is recognized by its areas."""
    return Mistake(answer, hint, sees=_same_area(answer))


AUC = Exercise(
    id="04-10",
    title="How sure is an area under the curve?",
    level="design",
    minutes=25,
    task=Function(_cases, _oracle),
    solution=_auc,
    praise="the area is the chance that a positive beats a negative, ties half; as a mean over two "
    "samples it has an error bar, and both samples add to it.",
    nudge="p[i] is the share of the negatives that positive i beats, ties half, and q[j] the share "
    "of the positives that beat negative j; the rest is means and variances",
    wrong=(
        _wrong_area(
            _from_pairs(lambda positive, negative: (positive > negative) * 1.0),
            "a tie counts as a loss here; it is worth one half.",
        ),
        _wrong_area(
            _from_pairs(lambda positive, negative: (positive >= negative) * 1.0),
            "a tie counts as a win here, and a net that says the same of all would be perfect; it "
            "is worth one half.",
        ),
        _wrong_area(
            _from_pairs(
                lambda positive, negative: np.where(
                    np.isclose(positive, negative),
                    0.5,
                    _half_ties(positive, negative),
                )
            ),
            "scores that are merely close are taken for ties; a tie is an equal score.",
        ),
        _wrong_area(
            _from_pairs(lambda positive, negative: (1 + np.sign(positive - negative)) / 2),
            "−inf minus −inf is nan: compare the scores instead of subtracting them.",
        ),
        _wrong_area(
            _with_area(_sum_of_ranks),
            "with ties the area depends on the order of the samples, as the ranks do; samples with "
            "equal scores need the same, mean rank.",
        ),
        _wrong_area(
            _with_area(_curve),
            "with ties the area depends on the order of the samples; the curve must take all "
            "samples of one score in one slanted step.",
        ),
        _wrong_area(
            _with_area(_even_thresholds),
            "evenly spaced thresholds miss what lies between and outside of them; the scores "
            "themselves are the thresholds.",
        ),
        _wrong_area(
            _with_area_of(lambda area: 1 - area),
            "this is the chance that the negative has the higher score.",
        ),
        _wrong_area(
            _with_area_of(lambda area: max(area, 1 - area)),
            "a net that is worse than chance has an area below 0.5; do not turn it around.",
        ),
        _wrong_area(
            _with_area_of(lambda area: 2 * area - 1),
            "this is the Gini coefficient, 2 · area − 1.",
        ),
        _wrong_area(_with_area(_accuracy), "this is the accuracy at 0.5; no threshold is asked."),
        Mistake(
            _from_pairs(
                error=lambda wins: float(np.sqrt(wins.mean(axis=1).var(ddof=1) / len(wins)))
            ),
            "the area is right; the negatives are drawn by chance too, so var(q) / n is missing "
            "under the root.",
        ),
        Mistake(
            _from_pairs(error=lambda wins: float(wins.std(ddof=1) / np.sqrt(wins.size))),
            "the area is right; the pairs are not independent, each sample is in many of them, so "
            "the error is far larger.",
        ),
        Mistake(
            _from_pairs(
                error=lambda wins: float(
                    np.sqrt(sum(wins.mean(axis=1 - d).var() / wins.shape[d] for d in (0, 1)))
                )
            ),
            "the area is right; the variances divide by the number minus 1, ddof=1 in numpy.",
        ),
        Mistake(
            _from_pairs(error=lambda wins: _both_samples(wins) ** 2),
            "the area is right; this is the squared standard error, take the root.",
        ),
        Mistake(
            _from_pairs(
                error=lambda wins: float(
                    sum(wins.mean(axis=1 - d).std(ddof=1) / wins.shape[d] ** 0.5 for d in (0, 1))
                )
            ),
            "the area is right; independent errors add up as squares, under the root.",
        ),
        Mistake(
            _from_pairs(
                error=lambda wins: float(np.sqrt(wins.mean() * (1 - wins.mean()) / sum(wins.shape)))
            ),
            "the area is right; a(1 − a)/N is for a share of N independent yes-or-no answers, and "
            "an area is none.",
        ),
    ),
)
