"""Exercise 05-7: what a loader that works ahead saves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Times = NDArray[np.int64]


def _cases() -> tuple[Case, ...]:
    """Return times in whole milliseconds: steady or not, a slow loader or a slow net."""
    rng = np.random.default_rng(57)

    def case(name: str, load: list[int], step: list[int], ahead: int) -> Case:
        return Case(name, (np.array(load), np.array(step), ahead))

    def random(name: str, high: tuple[int, int], ahead: int) -> Case:
        load, step = (rng.integers(1, top, 14).tolist() for top in high)
        return case(name, load, step, ahead)

    return (
        case("load = [2, 2, 2], step = [3, 3, 3] and ahead = 0", 3 * [2], 3 * [3], 0),
        case("load = [2, 2, 2], step = [3, 3, 3] and ahead = 1", 3 * [2], 3 * [3], 1),
        case("load = [5, 5, 5, 5], step = [2, 2, 2, 2] and ahead = 1", 4 * [5], 4 * [2], 1),
        case("one batch", [4], [6], 3),
        random("uneven times and ahead = 0", (9, 9), 0),
        random("uneven times and ahead = 1", (9, 9), 1),
        random("uneven times and ahead = 2", (12, 12), 2),
        random("a slow loader and ahead = 3", (20, 6), 3),
        random("a slow net and ahead = 3", (6, 20), 3),
        random("uneven times and ahead = 20", (15, 15), 20),
        case("a slow batch among fast ones", [1, 1, 1, 1, 9, 1, 1, 1], 8 * [4], 2),
        case("a slow step among fast ones", 8 * [3], [2, 2, 14, 1, 1, 1, 1, 2], 2),
    )


def _oracle(load: Times, step: Times, ahead: int) -> list[int]:
    """Watch loader and training, millisecond by millisecond."""
    ends: list[int] = []
    begun, loaded, loading, training, now = 0, 0, 0, 0, 0
    while len(ends) < len(step):
        if not training and loaded > len(ends):
            training = int(step[len(ends)])
        if not loading and begun < len(load) and begun - len(ends) < 1 + ahead:
            loading = int(load[begun])
            begun += 1
        now += 1
        if loading:
            loading -= 1
            loaded += not loading
        if training:
            training -= 1
            if not training:
                ends.append(now)
    return ends


def _ends(load: Times, step: Times, ahead: int, *, workers: bool = False) -> Times:
    """Return when the steps end; the reference solution, and ways to err."""
    n = len(load)
    loaded, ends = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for i in range(n):
        room = ends[i - 1 - ahead] if i > ahead else 0
        before = loaded[i - 1] if i and not workers else 0
        loaded[i] = max(before, room) + load[i]
        ends[i] = max(loaded[i], ends[i - 1] if i else 0) + step[i]
    return ends


LOADER = Exercise(
    id="05-7",
    title="What a loader that works ahead saves",
    level="apply",
    minutes=15,
    task=Function(_cases, _oracle),
    solution=_ends,
    praise="with room for a batch or two the slower of both sets the pace, and making the other "
    "one faster gains nothing.",
    nudge="for each batch note when it is loaded and when its step ends; either begins as soon as "
    "the later of two things has happened",
    slow="one loop over the batches takes microseconds",
    wrong=(
        Mistake(
            lambda load, step, ahead: np.cumsum(load + step),
            "nothing overlaps here: with room for another batch it is loaded during the step.",
        ),
        Mistake(
            lambda load, step, ahead: _ends(load, step, len(load)),
            "the loader never waits for room: it may hold 1 + ahead batches, the one in training "
            "included.",
        ),
        Mistake(
            lambda load, step, ahead: _ends(load, step, ahead + 1),
            "there is room for one batch too many: the one in training takes up room until its "
            "step ends.",
        ),
        Mistake(
            lambda load, step, ahead: _ends(load, step, max(ahead - 1, 0)),
            "there is room for `ahead` batches beside the one that is being trained on: you have "
            "one less.",
        ),
        Mistake(
            lambda load, step, ahead: _ends(load, step, 1),
            "`ahead` has no effect: there is always room for one batch more.",
        ),
        Mistake(
            lambda load, step, ahead: _ends(load, step, ahead, workers=True),
            "several batches are loaded at once; one process loads them one by one.",
        ),
        Mistake(
            lambda load, step, ahead: np.cumsum(np.maximum(load, step)),
            "each step takes as long as the slower of both here; but step i overlaps with the "
            "loading of later batches, not of its own.",
        ),
        Mistake(
            lambda load, step, ahead: np.maximum(np.cumsum(load), np.cumsum(step)),
            "the larger of both sums is a bound that is never reached: step i cannot begin before "
            "batch i is loaded.",
        ),
        Mistake(
            lambda load, step, ahead: np.cumsum(load) + step,
            "the steps never wait for each other here; one net trains on one batch at a time.",
        ),
        Mistake(
            lambda load, step, ahead: load[0] + np.cumsum(step),
            "after the first batch the training never waits here; a slow loader keeps it waiting.",
        ),
        Mistake(
            lambda load, step, ahead: np.cumsum(step),
            "the loading costs nothing here; not even the first batch can be trained on before it "
            "is there.",
        ),
        Mistake(
            lambda load, step, ahead: _ends(load, step, ahead) - step,
            "these are the times when the steps begin; asked is when they end.",
        ),
        Mistake(
            lambda load, step, ahead: np.diff(_ends(load, step, ahead), prepend=0),
            "these are the times from one end to the next; count all from the start of the first "
            "loading.",
        ),
    ),
)
