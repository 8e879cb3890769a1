"""Exercises 01-1, 01-2, 01-6 and 01-8: values of the loss that pen and paper can find."""

from __future__ import annotations

import math

import torch
from torch.nn.functional import binary_cross_entropy, cross_entropy

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import minimizer
from kbook.exercises.tasks import Case, Function, Number


def _bce_of_three() -> float:
    """Return the mean binary cross-entropy of exercise 01-1 as torch computes it."""
    p, y = torch.tensor([[0.9, 0.6, 0.2], [1.0, 0.0, 1.0]], dtype=torch.float64)
    return float(binary_cross_entropy(p, y))


BCE_BY_HAND = Exercise(
    id="01-1",
    title="Three predictions by hand",
    level="recall",
    minutes=5,
    task=Number(_bce_of_three),
    solution=-(math.log(0.9) + math.log(0.4) + math.log(0.2)) / 3,
    praise="the labels received the probabilities 0.9, 0.4 and 0.2, so L = −ln(0.072)/3 = 0.877.",
    nudge="write down the probability that each label received, then average minus their logs",
    wrong=(
        Mistake(2.631, "this is the sum of the three losses; L is their mean, so divide by N = 3."),
        Mistake(1.265, "this is in bits, with log to base 2; the book's log is natural."),
        Mistake(0.381, "this uses log to base 10; the book's log is natural."),
        Mistake(
            1.012, "the labels are swapped: a label of 1 costs −ln p, a label of 0 −ln(1 − p)."
        ),
        Mistake(
            -0.877, "the minus sign is missing: logs of probabilities are negative, not losses."
        ),
        Mistake(0.742, "the second label is 0, so it costs −ln(1 − p) = −ln 0.4, not −ln p."),
        Mistake(0.072, "this is the likelihood itself; take minus its log, then divide by N = 3."),
        Mistake(0.337, "this is the mean squared error; the cross-entropy uses logs."),
    ),
)


def _loss_of_equal_logits() -> float:
    """Return torch's cross-entropy of 1000 equal logits."""
    return float(cross_entropy(torch.zeros(1, 1000, dtype=torch.float64), torch.tensor([0])))


INITIAL_LOSS = Exercise(
    id="01-2",
    title="Where an untrained net starts",
    level="recall",
    minutes=3,
    task=Number(_loss_of_equal_logits),
    solution=math.log(1000),
    praise="every class has p = 1/1000, so the loss starts at ln 1000 = 6.908.",
    nudge="all K = 1000 classes have the same probability, and the loss is −ln of it",
    wrong=(
        Mistake(0.001, "this is the probability of one class; the loss is minus its log."),
        Mistake(3.0, "this uses log to base 10; the book's log is natural."),
        Mistake(9.966, "this is in bits, with log to base 2; the book's log is natural."),
        Mistake(0.693, "this is ln 2, the start for two classes; here there are a thousand."),
        Mistake(-6.908, "the sign is wrong: −ln(1/K) is positive."),
        Mistake(
            0.0, "a loss of zero is where a perfect net ends, not where a clueless one starts."
        ),
    ),
)


def _floor_cases() -> tuple[Case, ...]:
    """Return numbers of classes."""
    return tuple(Case(f"K = {k}", (k,)) for k in (2, 3, 10, 1000))


def _loss_of_one_hot(k: int) -> float:
    """Return torch's cross-entropy when the best output of a softmax serves as logits."""
    best = torch.eye(k, dtype=torch.float64)[:1]
    return float(cross_entropy(best, torch.tensor([0])))


FLOOR = Exercise(
    id="01-6",
    title="The floor under a double softmax",
    level="apply",
    minutes=10,
    task=Function(_floor_cases, _loss_of_one_hot),
    solution=lambda k: math.log(math.e + k - 1) - 1,
    praise="ln(e + K − 1) − 1 is the fingerprint of a softmax applied twice: 1.461 for K = 10.",
    nudge="the best that the first softmax can give is a one-hot vector; use it as logits",
    wrong=(
        Mistake(lambda k: 0.0, "zero needs a logit gap without end, but p lies between 0 and 1."),
        Mistake(math.log, "this is ln K, the loss of equal logits; a one-hot p does better."),
        Mistake(
            lambda k: math.log(math.e + k) - 1,
            "one entry of p is 1 and only the other K − 1 are 0, so e + K counts one too many.",
        ),
        Mistake(
            lambda k: math.log(math.e + k - 1),
            "this is the log of the sum alone; subtract the logit of the true class, which is 1.",
        ),
        Mistake(
            lambda k: math.e / (math.e + k - 1),
            "this is the largest p after the second softmax; the loss is −ln of it.",
        ),
        Mistake(
            lambda k: math.log(k - 1) - 1,
            "the true class is missing from the sum: it adds exp(1) = e.",
        ),
    ),
)


def _gap_cases() -> tuple[Case, ...]:
    """Return numbers of classes with smoothing parameters."""
    pairs = ((2, 0.1), (10, 0.1), (10, 0.3), (1000, 0.1))
    return tuple(Case(f"K = {k}, ε = {eps}", (k, eps)) for k, eps in pairs)


def _best_gap(k: int, eps: float) -> float:
    """Return the logit gap at which torch's smoothed cross-entropy is smallest."""
    first = torch.eye(k, dtype=torch.float64)[:1]
    target = torch.tensor([0])
    return minimizer(lambda g: cross_entropy(g * first, target, label_smoothing=eps), 0.0, 50.0)


SMOOTHING_GAP = Exercise(
    id="01-8",
    title="How far apart smoothing wants the logits",
    level="apply",
    minutes=15,
    task=Function(_gap_cases, _best_gap),
    solution=lambda k, eps: math.log((1 - eps + eps / k) / (eps / k)),
    praise="with smoothing the best gap is finite: 4.51 for K = 10 and ε = 0.1.",
    nudge="at the minimum p equals the smoothed target q, and a logit gap is the log of a ratio",
    wrong=(
        Mistake(
            lambda k, eps: math.log((1 - eps) * (k - 1) / eps),
            "here only the other K − 1 classes share ε; in this book all K classes do.",
        ),
        Mistake(
            lambda k, eps: math.log((1 - eps) / eps),
            "here each other class gets the whole ε; it is shared, ε/K for each.",
        ),
        Mistake(
            lambda k, eps: math.log((1 - eps) / (eps / k)),
            "the true class gets its share of ε as well: 1 − ε + ε/K.",
        ),
        Mistake(lambda k, eps: math.inf, "an infinite gap is best only for hard labels, ε = 0."),
        Mistake(
            lambda k, eps: 1 - eps + eps / k,
            "this is the probability of the true class; asked is the gap between two logits.",
        ),
        Mistake(
            lambda k, eps: 1 - eps,
            "this is the gap between two probabilities; asked is the gap between two logits.",
        ),
        Mistake(
            lambda k, eps: -math.log((1 - eps + eps / k) / (eps / k)),
            "the sign is wrong: the true class has the larger logit.",
        ),
    ),
)
