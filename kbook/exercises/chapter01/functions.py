"""Exercises 01-3 and 01-5: functions that must stay right where naive ones break."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.symptoms import gives_nan_or_inf, hides_infinity
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]


def _log_sum_exp(z: Array) -> Array:
    """Return the reference solution of exercise 01-3."""
    m = z.max(axis=1, keepdims=True)  # (N, 1)
    return m[:, 0] + np.log(np.exp(z - m).sum(axis=1))


def _log_sum_exp_cases() -> tuple[Case, ...]:
    """Return logits (N, K) on all scales up to 10,000."""
    return (
        Case("z = [[0, 0]]", (np.zeros((1, 2)),)),
        Case("four random rows", (np.random.default_rng(3).normal(0, 3, (4, 3)),)),
        Case("logits around 10,000", (np.array([[1e4, 1e4 - 1, 0], [9e3, 9e3, 9e3]]),)),
        Case("logits around −10,000", (np.array([[-1e4, -1e4 + 2]]),)),
        Case("rows on different scales", (np.array([[1e4, 0], [-1e4, -1e4 + 2], [1, 2]]),)),
    )


LOG_SUM_EXP = Exercise(
    id="01-3",
    title="Log-sum-exp that cannot overflow",
    level="recall",
    minutes=8,
    task=Function(_log_sum_exp_cases, lambda z: torch.logsumexp(torch.from_numpy(z), dim=1)),
    solution=_log_sum_exp,
    praise="exact for logits up to ±10,000, because no exponent is ever above zero.",
    nudge="per row: the maximum m, plus the log of the sum of exp(z − m)",
    wrong=(
        Mistake(
            lambda z: np.log(np.exp(z).sum(axis=1)),
            "right for small logits, but nan or inf for large ones: exp overflows above 709, so "
            "subtract the largest logit of each row first.",
            sees=gives_nan_or_inf,
        ),
        Mistake(
            lambda z: z.max(axis=0) + np.log(np.exp(z - z.max(axis=0)).sum(axis=0)),
            "this sums over the samples; the classes are on axis 1.",
        ),
        Mistake(
            lambda z: np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1)),
            "you subtracted the maximum of each row, but did not add it back after the log.",
        ),
        Mistake(
            lambda z: z.max() + np.log(np.exp(z - z.max()).sum(axis=1)),
            "one maximum for the whole array turns rows of small logits into −inf; take the "
            "maximum of each row.",
        ),
        Mistake(
            lambda z: _log_sum_exp(z)[:, None],
            "the values are right, but the shape is (N, 1): drop the kept axis at the end.",
        ),
        Mistake(
            lambda z: _log_sum_exp(z) - math.log(z.shape[1]),
            "this is the log of the mean of the exponentials, smaller by ln K; sum them.",
        ),
        Mistake(lambda z: z.max(axis=1), "this is the maximum alone; the log is missing."),
    ),
)


def _terms(q: Array, p: Array) -> Array:
    """Return q ln(q/p) entry by entry, with zero where q is zero."""
    return np.where(q > 0, q * (np.log(np.where(q > 0, q, 1)) - np.log(p)), 0.0)


def _kl_cases() -> tuple[Case, ...]:
    """Return rows of target distributions q and model distributions p, with zeros in both."""
    rng = np.random.default_rng(5)
    even, skewed = np.array([[0.5, 0.5]]), np.array([[0.9, 0.1]])
    zeros = np.array([[1.0, 0.0, 0.0], [0.5, 0.0, 0.5]])
    return (
        Case("q = [[0.5, 0.5]] and p = [[0.9, 0.1]]", (even, skewed)),
        Case("q equal to p", (skewed, skewed.copy())),
        Case("six random rows", (rng.dirichlet(np.ones(4), 6), rng.dirichlet(np.ones(4), 6))),
        Case("rows with q = 0", (zeros, np.array([[0.7, 0.2, 0.1], [0.6, 0.0, 0.4]]))),
        Case("a row with p = 0 < q", (zeros, np.array([[0.7, 0.2, 0.1], [0.0, 0.5, 0.5]]))),
    )


def _kl_oracle(q: Array, p: Array) -> list[float]:
    """Return the divergences by scalar arithmetic, one term after the other."""

    def term(a: float, b: float) -> float:
        if a == 0:
            return 0.0
        return math.inf if b == 0 else a * math.log(a / b)

    return [math.fsum(map(term, *rows)) for rows in zip(q.tolist(), p.tolist(), strict=True)]


KL_DIVERGENCE = Exercise(
    id="01-5",
    title="KL divergence with zeros",
    level="apply",
    minutes=12,
    task=Function(_kl_cases, _kl_oracle),
    solution=lambda q, p: _terms(q, p).sum(axis=1),
    praise="never negative, 0 for equal rows, and inf where p rules out what q allows.",
    nudge="each term is q times the log of q/p, and a row's terms are added up",
    wrong=(
        Mistake(
            lambda q, p: _terms(p, q).sum(axis=1),
            "the arguments are swapped: KL(q‖p) weights the log ratio with q.",
        ),
        Mistake(
            lambda q, p: -np.where(q > 0, q * np.log(p), 0.0).sum(axis=1),
            "this is the cross-entropy H(q, p); subtract the entropy H(q).",
        ),
        Mistake(
            lambda q, p: (q * np.log(q / p)).sum(axis=1),
            "an entry with q = 0 gives nan, as 0 · log 0 does in floating point; its limit is 0.",
            sees=gives_nan_or_inf,
        ),
        Mistake(
            lambda q, p: _terms(q, p).sum(axis=1) / math.log(2),
            "this is in bits, with log to base 2; the book's log is natural.",
        ),
        Mistake(
            lambda q, p: _terms(q, np.maximum(p, 1e-12)).sum(axis=1),
            "where p = 0 < q the answer is inf; a clipped or shifted p hides that the model rules "
            "out what does happen.",
            sees=hides_infinity,
        ),
        Mistake(
            lambda q, p: _terms(q, p).sum(axis=1).mean(),
            "this is one number for the whole batch; return one for each row.",
        ),
        Mistake(
            lambda q, p: -_terms(q, p).sum(axis=1),
            "the sign is wrong: KL(q‖p) is never negative.",
        ),
    ),
)
