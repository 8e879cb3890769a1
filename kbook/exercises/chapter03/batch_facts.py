"""What must hold of an order of batches; exercise 03-10 has more than one right answer."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.tasks import Function, Outputs

__all__ = ["FACTS", "Batch", "Facts"]

Batch = NDArray[Any]
Order = Callable[[int, int, int, int], Batch]
Epochs = dict[tuple[int, int], list[Batch]]

_LATE_EPOCH = 10**7
"""An epoch which nobody reaches in two seconds by replaying those before it."""

_STATE = 310
"""Seed of the global generators while an answer runs."""

FACTS = (
    "a batch must be a one-dimensional array of whole numbers from 0 to n − 1",
    "the batches have the wrong lengths: batch_size each, the rest in the last one of an epoch",
    "an index occurs twice in one batch",
    "an epoch leaves some samples out",
    "an epoch shows some samples twice",
    "asking twice for the same batch gives two answers",
    "two epochs show the samples in the same order",
    "the same samples are together in each epoch",
    "two seeds give the same epoch",
    "an epoch of one seed is another epoch of the next seed",
    "the global random generator of numpy, Python or torch is changed, from which others draw too",
)


def _states() -> tuple[Any, ...]:
    """Return the states of the global generators, in a form that can be compared."""
    legacy: Any = np.random.get_state(legacy=False)  # noqa: NPY002
    return (
        legacy["state"]["key"].tobytes(),
        legacy["state"]["pos"],
        random.getstate(),
        bytes(torch.get_rng_state().numpy()),
    )


@contextmanager
def _own_generators() -> Iterator[None]:
    """Start the global generators from known states; give them back as they were before."""
    states = np.random.get_state(), random.getstate(), torch.get_rng_state()  # noqa: NPY002
    np.random.seed(_STATE)  # noqa: NPY002
    random.seed(_STATE)
    torch.default_generator.manual_seed(_STATE)
    try:
        yield
    finally:
        np.random.set_state(states[0])  # noqa: NPY002
        random.setstate(states[1])
        torch.set_rng_state(states[2])


def _is_batch(batch: Batch, n: int) -> bool:
    """Tell whether something is a list of indices."""
    whole = batch.ndim == 1 and batch.dtype.kind in "iu"
    return bool(whole and (batch >= 0).all() and (batch < n).all())


def _facts(answer: Order, n: int, batch_size: int, seed: int) -> Any:
    """Return 1 or 0 for each of the facts; the stub's dots are handed on as they are."""
    before = _states()
    first: Any = answer(0, n, batch_size, seed)
    if first is None or first is ...:
        return first
    count = -(-n // batch_size)
    steps = [*range(3 * count), _LATE_EPOCH * count]
    asked = list(product((seed, seed + 1), steps))
    got = {at: np.asarray(answer(at[1], n, batch_size, at[0])) for at in asked}
    again = {at: np.asarray(answer(at[1], n, batch_size, at[0])) for at in reversed(asked)}
    clean = _states() == before
    if not all(_is_batch(batch, n) for batch in got.values()):
        return np.zeros(len(FACTS))
    repeats = all(np.array_equal(got[at], again[at]) for at in asked)
    epochs = {
        (s, e): [got[s, e * count + i] for i in range(count)]
        for s, e in product((seed, seed + 1), range(3))
    }
    facts = (True, *_within(epochs, n, batch_size), repeats, *_between(epochs), clean)
    return np.array(facts, dtype=np.float64)


def _within(epochs: Epochs, n: int, batch_size: int) -> tuple[bool, ...]:
    """Return the facts about single epochs: lengths, no repeats, and all samples once."""
    lengths = [min(batch_size, n - at) for at in range(0, n, batch_size)]
    joined = [np.concatenate(batches) for batches in epochs.values()]
    return (
        all([len(b) for b in batches] == lengths for batches in epochs.values()),
        all(len(set(b)) == len(b) for batches in epochs.values() for b in batches),
        all(len(set(order)) == n for order in joined),
        all(len(set(order)) == len(order) for order in joined),
    )


def _between(epochs: Epochs) -> tuple[bool, ...]:
    """Return the facts about pairs: epochs and seeds differ, and so do the samples of a batch."""
    order = {at: np.concatenate(batches).tolist() for at, batches in epochs.items()}
    groups = {at: {frozenset(b.tolist()) for b in batches} for at, batches in epochs.items()}
    pairs = [(a, b) for a, b in product(epochs, epochs) if a < b]
    same_seed = [(a, b) for a, b in pairs if a[0] == b[0]]
    other_seed = [(a, b) for a, b in pairs if a[0] != b[0]]
    return (
        all(order[a] != order[b] for a, b in same_seed),
        any(len(groups[a]) == 1 or groups[a] != groups[b] for a, b in same_seed),
        all(order[a] != order[b] for a, b in other_seed if a[1] == b[1]),
        all(order[a] != order[b] for a, b in other_seed if a[1] != b[1]),
    )


class Facts(Function):
    """Judge the batches by what must hold of them, as no order is the only right one."""

    def run(self, answer: object) -> tuple[Outputs, bool]:
        """Return one array of facts for each case, and False: numbers cannot be changed."""
        if not callable(answer):
            return super().run(answer)
        with _own_generators():
            return super().run(lambda *given: _facts(answer, *given))

    def describe(self, got: Outputs, want: Outputs) -> str:
        """Name the first fact that does not hold."""
        for case, facts in zip(self.cases(), got, strict=True):
            if not facts.all():
                return f"for {case.name}: {FACTS[int(facts.argmin())]}"
        return "it is not the function asked for"
