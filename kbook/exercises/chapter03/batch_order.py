"""Exercise 03-10: an order of the batches that a killed training finds again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kbook.exercises.chapter03.batch_facts import FACTS, Batch, Facts
from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Outputs

Order = Callable[[int, int, int, int], Batch]


def _cases() -> tuple[Case, ...]:
    """Return numbers of samples and batch sizes that divide them or do not, and seeds."""
    given = ((10, 4, 0), (24, 4, 7), (23, 8, 3), (12, 16, 1))
    return tuple(
        Case(f"n = {n}, batch_size = {size} and seed = {seed}", (n, size, seed))
        for n, size, seed in given
    )


def _order(key: Callable[[int, int], object]) -> Order:
    """Return an order that makes the generator of each epoch from a key of seed and epoch."""

    def batch(step: int, n: int, batch_size: int, seed: int) -> Batch:
        epoch, i = divmod(step, -(-n // batch_size))
        rng = np.random.default_rng(key(seed, epoch))  # type: ignore[arg-type]
        return rng.permutation(n)[i * batch_size : (i + 1) * batch_size]

    return batch


_by_seed_and_epoch = _order(lambda seed, epoch: (seed, epoch))


def _unshuffled(step: int, n: int, batch_size: int, _seed: int) -> Batch:
    """Cut the samples into batches in the order in which they come."""
    i = step % -(-n // batch_size)
    return np.arange(n)[i * batch_size : (i + 1) * batch_size]


def _forgetful(step: int, n: int, batch_size: int, _seed: int) -> Batch:
    """Draw another permutation whenever it is asked."""
    i = step % -(-n // batch_size)
    return np.random.default_rng().permutation(n)[i * batch_size : (i + 1) * batch_size]


def _new_for_each_batch(step: int, n: int, batch_size: int, seed: int) -> Batch:
    """Make a permutation for each batch instead of each epoch."""
    i = step % -(-n // batch_size)
    rng = np.random.default_rng((seed, step))
    return rng.permutation(n)[i * batch_size : (i + 1) * batch_size]


def _with_replacement(step: int, n: int, batch_size: int, seed: int) -> Batch:
    """Draw each index on its own."""
    return np.random.default_rng((seed, step)).integers(
        0, n, len(_unshuffled(step, n, batch_size, 0))
    )


def _full_batches(step: int, n: int, batch_size: int, seed: int) -> Batch:
    """Leave the last, shorter batch of an epoch out."""
    batch_size = min(n, batch_size)
    epoch, i = divmod(step, n // batch_size)
    rng = np.random.default_rng((seed, epoch))
    return rng.permutation(n)[i * batch_size : (i + 1) * batch_size]


def _filled_up(step: int, n: int, batch_size: int, seed: int) -> Batch:
    """Fill the last batch up with samples from the front of the epoch."""
    epoch, i = divmod(step, -(-n // batch_size))
    order = np.random.default_rng((seed, epoch)).permutation(n)
    return np.resize(order, (i + 1) * batch_size)[i * batch_size :]


def _even_batches(step: int, n: int, batch_size: int, seed: int) -> Batch:
    """Cut an epoch into batches of about equal length."""
    batches = -(-n // batch_size)
    epoch, i = divmod(step, batches)
    return np.array_split(np.random.default_rng((seed, epoch)).permutation(n), batches)[i]


def _epochs_by_samples(step: int, n: int, batch_size: int, seed: int) -> Batch:
    """Take a step for a sample, not for a batch."""
    epoch, i = divmod(step, n)
    rng = np.random.default_rng((seed, epoch))
    return rng.permutation(n)[i * batch_size : (i + 1) * batch_size]


def _whole_batches(step: int, n: int, batch_size: int, seed: int) -> Batch:
    """Shuffle the batches, each of which keeps its samples; the shorter one stays the last."""
    full = n // batch_size
    epoch, i = divmod(step, -(-n // batch_size))
    rng = np.random.default_rng((seed, epoch))
    chunk = rng.permutation(full)[i] if i < full else full
    return rng.permutation(np.arange(n)[chunk * batch_size : (chunk + 1) * batch_size])


def _reseeding(step: int, n: int, batch_size: int, seed: int) -> Batch:
    """Set the seed of numpy's global generator."""
    epoch, i = divmod(step, -(-n // batch_size))
    np.random.seed((seed, epoch))  # noqa: NPY002
    return np.random.permutation(n)[i * batch_size : (i + 1) * batch_size]  # noqa: NPY002


def _gives_two_answers(got: Outputs, _want: Outputs) -> bool:
    """Recognize batches that are not the same when they are asked for again."""
    return all(f[0] == 1 and f[5] == 0 for f in got)


def _keeps_batches(got: Outputs, _want: Outputs) -> bool:
    """Recognize epochs that differ, but in the order of unchanging batches alone."""
    several = np.array(got[:-1])  # in the last case an epoch is a single batch
    return bool(several[:, 6].any() and not several[:, 7].any() and several[:, 0].all())


BATCH_ORDER = Exercise(
    id="03-10",
    title="Batches that a killed training finds again",
    level="design",
    minutes=25,
    task=Facts(_cases, lambda *_given: np.ones(len(FACTS))),
    solution=_by_seed_and_epoch,
    praise="batch number `step` is a function of its arguments alone, so a checkpoint needs to "
    "hold the step and nothing of a generator.",
    nudge="epoch and place follow from step; make a new generator from seed and epoch, permute, "
    "and cut the batch out",
    slow="replaying all epochs before this one takes ever longer; make the generator from seed and "
    "epoch, such as default_rng((seed, epoch))",
    wrong=(
        Mistake(
            _unshuffled,
            "nothing is shuffled: each epoch shows the samples in the order in which they are "
            "stored.",
        ),
        Mistake(
            _order(lambda seed, epoch: seed),
            "every epoch has the same order: the generator starts from the seed alone, so it "
            "needs the epoch as well.",
        ),
        Mistake(
            _order(lambda seed, epoch: epoch),
            "the seed has no effect: two runs that should differ would see the same batches.",
        ),
        Mistake(
            _order(lambda seed, epoch: seed + epoch),
            "seed + epoch makes epoch 1 of seed 0 the same as epoch 0 of seed 1: give the "
            "generator both numbers, (seed, epoch).",
        ),
        Mistake(
            _forgetful,
            "the same question gets another answer each time: make a new generator, from seed and "
            "epoch, inside the function.",
            sees=_gives_two_answers,
        ),
        Mistake(
            _new_for_each_batch,
            "an epoch leaves samples out and shows others twice: all batches of an epoch must be "
            "cut from one permutation.",
        ),
        Mistake(
            _with_replacement,
            "a sample occurs twice in one batch: draw without replacement, best as a permutation.",
        ),
        Mistake(
            _full_batches,
            "the last, shorter batch is missing: an epoch has n / batch_size batches, rounded up.",
        ),
        Mistake(
            _filled_up,
            "the last batch is filled up with samples that the epoch has shown before; leave it "
            "short.",
        ),
        Mistake(
            _even_batches,
            "the batches are of about equal length, as np.array_split makes them; asked are full "
            "ones, and one that holds the rest.",
        ),
        Mistake(
            _epochs_by_samples,
            "`step` counts batches, not samples: an epoch has n / batch_size of them, rounded up.",
        ),
        Mistake(
            _whole_batches,
            "only whole batches change places: the same samples are together in each epoch, so "
            "shuffle the samples themselves.",
            sees=_keeps_batches,
        ),
        Mistake(
            _reseeding,
            "all batches are right, but a global generator is changed, from which others draw: use "
            "a generator of your own.",
        ),
    ),
)
