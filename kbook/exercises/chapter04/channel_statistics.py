"""Exercise 04-6: mean and standard deviation of each channel, from batches that come once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
Batch = NDArray[np.uint8]
Part = Callable[[Batch], Array]


class Stream:
    """Give batches out once, in order, as if each were read from a disk into the same memory.

    Parameters
    ----------
    batches : list of arrays
        What to give out.
    """

    def __init__(self, batches: list[Batch]) -> None:
        self._batches = batches
        self._begun = False

    def __iter__(self) -> Iterator[Batch]:
        """Begin to give out the batches; a second beginning is refused."""
        if self._begun:
            raise RuntimeError("the batches can be gone through only once")
        self._begun = True
        return self._read()

    def _read(self) -> Iterator[Batch]:
        for batch in self._batches:
            memory = batch.copy()
            yield memory
            memory[:] = 0  # used again for the next batch

    def __eq__(self, other: object) -> bool:
        """Tell whether another stream holds the same batches, used up or not."""
        if not isinstance(other, Stream) or len(self._batches) != len(other._batches):
            return False
        return all(map(np.array_equal, self._batches, other._batches))

    __hash__ = None  # type: ignore[assignment]


def _cases() -> tuple[Case, ...]:
    """Return batches of unequal numbers and sizes of pictures; one channel, three or two."""
    rng = np.random.default_rng(46)

    def batch(shape: tuple[int, ...], low: int = 0, high: int = 256) -> Batch:
        return rng.integers(low, high, shape, dtype=np.uint8)

    def of(*values: int) -> Batch:
        return np.array(values, dtype=np.uint8).reshape(-1, 1, 1, 1)

    flat = [np.full((3 - i, 2, 2, 2), 40 + 100 * i, dtype=np.uint8) for i in range(2)]
    white = batch((4, 2, 3, 3))
    white[:, 1] = 255
    given = {
        "one batch with the pixels 1, 2, 3 and 6": [of(1, 2, 3, 6)],
        "two batches with the pixels 10, 200 and 30, 40": [of(10, 200), of(30, 40)],
        "a batch of 7 gray pictures and one of 2": [
            batch((7, 1, 4, 4)),
            batch((2, 1, 4, 4), 0, 60),
        ],
        "three batches in color, the last one short": [
            batch((8, 3, 5, 5)),
            batch((8, 3, 5, 5), 100, 140),
            batch((1, 3, 5, 5), 240, 256),
        ],
        "pictures of other sizes in each batch": [
            batch((2, 3, 3, 4), 0, 50),
            batch((2, 3, 9, 7), 50, 250),
            batch((1, 3, 6, 6)),
        ],
        "batches of one gray level each": flat,
        "a channel that is white throughout": [white],
        "channels of unlike brightness": [
            np.concatenate([batch((5, 1, 6, 6), 0, 30), batch((5, 1, 6, 6), 200, 256)], axis=1)
        ],
    }
    return tuple(Case(name, (Stream(batches),)) for name, batches in given.items())


def _oracle(batches: Stream) -> Array:
    """Return mean and deviation of all pixels at once, in double precision."""
    pixels = [torch.from_numpy(x.astype(np.float64)).movedim(1, 0).flatten(1) for x in batches]
    deviation, mean = torch.std_mean(torch.cat(pixels, dim=1), dim=1, correction=0)
    return np.stack([mean.numpy(), deviation.numpy()])


def _kept(batches: Stream) -> list[Batch]:
    """Return copies of all batches."""
    return [batch.copy() for batch in batches]


def _sums(values: NDArray[Any]) -> Array:
    """Return the sum over everything but the channels."""
    return np.asarray(values.sum(axis=(0, 2, 3)), dtype=np.float64)


def _statistics(
    batches: Stream,
    *,
    prepare: Callable[[Batch], Batch | Array] = lambda x: x.astype(np.float64),
    weigh: Callable[[Batch], float] = lambda x: x[:, 0].size,
) -> Array:
    """Add up values and squares on the way; the reference solution, and ways to err."""
    mean: Array | float = 0.0
    square: Array | float = 0.0
    total = 0.0
    for batch in batches:
        x, pixels, weight = prepare(batch), batch[:, 0].size, weigh(batch)
        mean = mean + weight * _sums(x) / pixels
        square = square + weight * _sums(x**2) / pixels
        total += weight
    mean, square = np.asarray(mean / total), np.asarray(square / total)
    return np.stack([mean, np.sqrt(square - mean**2)])


def _from_parts(part: Part, back: Callable[[Array], Array] = lambda a: a) -> Callable[..., Array]:
    """Return a function whose mean is right and whose deviation is a mean of the batches' own."""

    def answer(batches: Stream) -> Array:
        kept = _kept(batches)
        weights = [x[:, 0].size for x in kept]
        spread = back(np.average([part(x) for x in kept], axis=0, weights=weights))
        return np.stack([_statistics(Stream(kept))[0], spread])

    return answer


def _of_batches(batches: Stream) -> Array:
    """Average the means and the deviations of the batches as they are."""
    kept = _kept(batches)
    means, deviations = ([f(x, axis=(0, 2, 3)) for x in kept] for f in (np.mean, np.std))
    return np.stack([np.mean(means, axis=0), np.mean(deviations, axis=0)])


def _changed(change: Callable[[Array, int], Array]) -> Callable[[Stream], Array]:
    """Return a function that changes the right answer, knowing the number of pixels."""

    def answer(batches: Stream) -> Array:
        kept = _kept(batches)
        return change(_statistics(Stream(kept)), sum(x[:, 0].size for x in kept))

    return answer


STATISTICS = Exercise(
    id="04-6",
    title="The statistics of a set that does not fit in memory",
    level="apply",
    minutes=12,
    task=Function(_cases, _oracle, rtol=1e-5, atol=1e-5),
    solution=_statistics,
    praise="every pixel counts the same, whichever batch it came in, and one pass is enough.",
    nudge="over all batches keep three sums for each channel: pixels, values, squares of values; "
    "divide once, at the end",
    wrong=(
        Mistake(
            lambda batches: _statistics(batches, prepare=lambda x: x),
            "a byte squared does not fit into a byte: 200² wraps around to 64; convert to float "
            "first.",
        ),
        Mistake(
            lambda batches: _statistics(Stream(list(batches))),
            "the batches were put aside and looked at later, when their memory was in use for "
            "others; take from each what you need when it comes.",
        ),
        Mistake(
            _of_batches,
            "this averages the batches as if they were equal; a short batch of small pictures "
            "counts for as much as a long one.",
        ),
        Mistake(
            _from_parts(lambda x: np.std(x, axis=(0, 2, 3))),
            "the mean is right, but deviations cannot be averaged: how the batches differ from "
            "each other is missing.",
        ),
        Mistake(
            _from_parts(lambda x: np.var(x, axis=(0, 2, 3)), np.sqrt),
            "the mean is right; to the mean variance within the batches comes the variance of "
            "their means.",
        ),
        Mistake(
            lambda batches: _statistics(batches, weigh=len),
            "the batches are weighed by their pictures; a large picture has more pixels, so weigh "
            "by N · H · W.",
        ),
        Mistake(
            lambda batches: _statistics(batches, weigh=lambda x: 1),
            "every batch counts the same here, the last one with few pictures as well; weigh by "
            "pixels.",
        ),
        Mistake(
            _changed(lambda s, n: np.stack([s[0], s[1] ** 2])),
            "the second row is the variance; take its root.",
        ),
        Mistake(
            _changed(lambda s, n: np.stack([s[0], np.sqrt(s[0] ** 2 + s[1] ** 2)])),
            "the second row is the root of the mean square; subtract the square of the mean first.",
        ),
        Mistake(
            _changed(lambda s, n: np.stack([s[0], s[1] * np.sqrt(n / (n - 1))])),
            "the sum of squares is divided by the number of pixels minus 1; divide by the number.",
        ),
        Mistake(
            _changed(lambda s, n: s.T), "the shape is (2, C): means in one row, then deviations."
        ),
        Mistake(
            _changed(lambda s, n: s[::-1]),
            "both rows are right, but swapped: first means, then deviations.",
        ),
        Mistake(
            _changed(lambda s, n: s / 255),
            "these are statistics of pictures between 0 and 1; leave the bytes as they are.",
        ),
        Mistake(
            _changed(lambda s, n: np.sqrt([s[0].mean() ** 2, np.mean(s[1] ** 2) + s[0].var()])),
            "these are the statistics of all channels together; asked are those of each channel.",
        ),
    ),
)
