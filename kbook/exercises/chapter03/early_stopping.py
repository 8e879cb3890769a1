"""Exercise 03-7: when to stop, and which weights to keep."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
Epochs = NDArray[np.int64]
Better = Callable[[float, float, float], bool]

_NAN = math.nan


def _cases() -> tuple[Case, ...]:
    """Return losses with the patience: ties, nan, new lows in time and too late, no stop at all."""
    given: tuple[tuple[str, list[float], int], ...] = (
        ("losses = [3, 2, 4, 5, 1] and patience = 2", [3, 2, 4, 5, 1], 2),
        ("losses that fall all the way", [5, 4, 3, 2.5], 3),
        ("losses = [3, 2, 2.5, 1] and patience = 1", [3, 2, 2.5, 1], 1),
        ("a new lowest loss just in time, again and again", [5, 4, 4.5, 3, 3.5, 2, 6, 7, 8, 1], 3),
        ("losses = [3, 2, 2, 2, 1] and patience = 2", [3, 2, 2, 2, 1], 2),
        ("losses = [1, 5, 4, 3, 2, 0.5] and patience = 3", [1, 5, 4, 3, 2, 0.5], 3),
        ("losses = [3, 2, 2.5] and patience = 2", [3, 2, 2.5], 2),
        ("losses = [3, 2, nan, 2.5, 1, 4] and patience = 3", [3, 2, _NAN, 2.5, 1, 4], 3),
        ("losses = [nan, 3, 2, 4, 5, 6] and patience = 2", [_NAN, 3, 2, 4, 5, 6], 2),
        ("losses = [4, 3, nan, nan, 2] and patience = 2", [4, 3, _NAN, _NAN, 2], 2),
    )
    return tuple(Case(name, (np.array(losses), patience)) for name, losses, patience in given)


def _oracle(losses: Array, patience: int) -> list[int]:
    """Apply the definition: which epochs are new lows, and the first window without any."""
    known = np.where(np.isnan(losses), np.inf, losses)
    low = [bool(known[s] < min(known[:s], default=np.inf)) for s in range(len(known))]
    ends = range(patience - 1, len(known))
    stop = next((s for s in ends if not any(low[s - patience + 1 : s + 1])), len(known) - 1)
    return [max(s for s in range(stop + 1) if low[s]), stop]


def _stop(
    losses: Array,
    patience: int,
    *,
    better: Better = lambda loss, best, _last: loss < best,
    reset: bool = True,
    start: float = math.inf,
) -> Epochs:
    """Return the epochs to keep and to stop at; the reference solution, and its ways to err."""
    keep, waited, best, last = 0, 0, start, start
    for epoch, loss in enumerate(losses):
        if better(loss, best, last):
            best, keep, waited = loss, epoch, 0 if reset else waited
        else:
            waited += 1
        last = loss
        if waited == patience:
            break
    return np.array([keep, epoch])


def _with(change: Callable[[Array, int, int, int], tuple[int, int]]) -> Callable[..., Epochs]:
    """Return a function that changes the right answer, given as keep and stop."""
    return lambda losses, patience: np.array(change(losses, patience, *_stop(losses, patience)))


def _ran_out(losses: Array, patience: int) -> bool:
    """Tell whether patience ran out, on the last epoch or before."""
    keep, stop = _stop(losses, patience)
    return bool(stop - keep == patience)


EARLY_STOPPING = Exercise(
    id="03-7",
    title="When to stop, and what to keep",
    level="apply",
    minutes=12,
    task=Function(_cases, _oracle),
    solution=_stop,
    praise="the weights of the best epoch are kept, not those of the last one, and no loss is used "
    "that a running training could not know yet.",
    nudge="for each epoch: is it a new lowest loss? then remember it and count again from 0; else "
    "count one more, and stop where the count reaches `patience`",
    wrong=(
        Mistake(
            _with(lambda losses, patience, keep, stop: (stop, stop)),
            "these are the last weights; keep those of the epoch with the lowest loss so far.",
        ),
        Mistake(
            _with(lambda losses, patience, keep, stop: (stop - patience, stop)),
            "keep = stop − patience is right only if patience ran out; training may also end with "
            "the last epoch.",
        ),
        Mistake(
            _with(lambda losses, patience, keep, stop: (int(np.nanargmin(losses)), stop)),
            "this looks ahead: the lowest of all losses may come after the stop, where no weights "
            "exist.",
        ),
        Mistake(
            _with(lambda losses, patience, keep, stop: (int(losses[: stop + 1].argmin()), stop)),
            "argmin takes nan for the smallest number; a nan is never a new lowest loss.",
        ),
        Mistake(
            lambda losses, patience: _stop(losses, patience, start=losses[0]),
            "nothing is smaller than nan, so a nan in epoch 0 blocks all that follow; start from "
            "infinity.",
        ),
        Mistake(
            lambda losses, patience: _stop(losses, patience, reset=False),
            "the bad epochs are counted over the whole training; a new lowest loss sets the count "
            "back to 0.",
        ),
        Mistake(
            lambda losses, patience: _stop(
                losses, patience, better=lambda loss, best, last: loss < last
            ),
            "this compares with the loss before; a loss that comes down from a peak is not a new "
            "lowest one.",
        ),
        Mistake(
            lambda losses, patience: _stop(
                losses, patience, better=lambda loss, best, last: loss <= best
            ),
            "a loss that only equals the lowest one is not lower: compare with <, not with <=.",
        ),
        Mistake(
            lambda losses, patience: _stop(
                losses, patience, better=lambda loss, best, last: not loss >= best
            ),
            "`not loss >= best` is true for nan as well; a nan is not lower, and loss < best says "
            "so.",
        ),
        Mistake(
            lambda losses, patience: _stop(losses, patience + 1),
            "training runs one epoch too long: stop as soon as the count reaches `patience`.",
        ),
        Mistake(
            _with(
                lambda losses, patience, keep, stop: (
                    keep,
                    stop if _ran_out(losses, patience) else len(losses),
                )
            ),
            "epochs count from 0, so a training that never stops early ends at len(losses) − 1.",
        ),
        Mistake(
            _with(lambda losses, patience, keep, stop: (keep, keep + patience)),
            "keep + patience may lie behind the last epoch; training ends there at the latest.",
        ),
        Mistake(
            _with(lambda losses, patience, keep, stop: (stop, keep)),
            "both numbers are right, but swapped: first the epoch to keep, then the last one.",
        ),
        Mistake(
            lambda losses, patience: np.array([np.nanargmin(losses), len(losses) - 1]),
            "this trains to the end; stop when `patience` epochs in a row were not a new lowest.",
        ),
        Mistake(
            _with(lambda losses, patience, keep, stop: (keep + 1, stop + 1)),
            "epochs count from 0 here; yours count from 1.",
        ),
    ),
)
