"""Exercise 06-8: how many translations a GAN, a cycle and a kept background leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import product
from math import factorial, prod

import numpy as np
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Counts = NDArray[np.int64]
Rule = Callable[[tuple[int, ...], Counts, Counts], bool]


def _cases() -> tuple[Case, ...]:
    """Return counts and backgrounds of the horses, then of the zebras."""

    def case(name: str, *rows: list[int]) -> Case:
        return Case(name, tuple(np.array(row) for row in rows))

    return (
        case("three horses and three zebras, each once", [1] * 3, [0, 1, 2], [1] * 3, [0, 1, 2]),
        case("two rare horses and two rare zebras", [1, 1, 2], [0, 1, 1], [2, 1, 1], [1, 0, 1]),
        case("counts that are all different", [1, 2, 4], [0, 0, 0], [4, 1, 2], [0, 0, 0]),
        case("two horses for one zebra", [1, 1, 2], [0, 0, 1], [2, 2], [0, 1]),
        case("a zebra that never occurs", [3, 3], [0, 1], [3, 0, 3], [1, 1, 0]),
        case("sums that fit in several ways", [1, 1, 1, 2, 1], [0] * 5, [2, 3, 1], [0] * 3),
        case("counts that never fit", [2, 2], [0, 0], [3, 1], [0, 0]),
        case("five of each, on two backgrounds", [2] * 5, [0, 0, 0, 1, 1], [2] * 5,
             [1, 0, 1, 0, 0]),
        case("backgrounds in other numbers", [1] * 4, [0, 0, 0, 1], [1] * 4, [0, 1, 1, 0]),
        case("spare zebras and many sums", [1, 1, 2, 2], [0, 1, 0, 1], [2, 0, 2, 2, 0],
             [0, 1, 1, 0, 1]),
    )  # fmt: skip


def _oracle(p: Counts, p_ground: Counts, q: Counts, q_ground: Counts) -> Counts:
    """Give the horses their zebras one by one, and count the ways that are left."""
    first, second = p.tolist(), [p_ground.tolist(), q_ground.tolist()]

    @cache
    def ways(i: int, room: tuple[int, ...], rule: int) -> int:
        if i == len(first):
            return 1  # no room is left, as both domains have as many pictures
        total = 0
        for j, left in enumerate(room):
            whole = left == q[j] == first[i]  # a zebra of one horse alone
            kept = second[0][i] == second[1][j]
            if left >= first[i] and (rule < 1 or whole) and (rule < 2 or kept):
                total += ways(i + 1, (*room[:j], left - first[i], *room[j + 1 :]), rule)
        return total

    return np.array([ways(0, tuple(q.tolist()), rule) for rule in range(3)])


def _matches(g: tuple[int, ...], p: Counts, q: Counts) -> bool:
    """Tell whether the made zebras occur as often as the real ones."""
    return bool((np.bincount(g, weights=p, minlength=len(q)) == q).all())


def _has_way_back(g: tuple[int, ...], _p: Counts, _q: Counts) -> bool:
    """Tell whether no two horses became the same zebra."""
    return len(set(g)) == len(g)


def _covers(g: tuple[int, ...], _p: Counts, q: Counts) -> bool:
    """Tell whether the zebras that are made are those that occur, however often."""
    return set(g) == set(np.flatnonzero(q).tolist())


def _count(
    gan: Rule = _matches, back: Rule = _has_way_back
) -> Callable[[Counts, Counts, Counts, Counts], Counts]:
    """Return the reference solution, or one with another rule."""

    def count(p: Counts, p_ground: Counts, q: Counts, q_ground: Counts) -> Counts:
        left = np.zeros(3, dtype=np.int64)
        for g in product(range(len(q)), repeat=len(p)):
            if gan(g, p, q):
                keeps = bool((q_ground[list(g)] == p_ground).all())
                left += np.array([1, back(g, p, q), back(g, p, q) and keeps])
        return left

    return count


_right = _count()


def _permutations_alone(p: Counts, p_ground: Counts, q: Counts, q_ground: Counts) -> Counts:
    """Try permutations alone, and miss two horses that become one zebra."""
    gan, cycle, kept = _right(p, p_ground, q, q_ground)
    return np.array([cycle, cycle, kept]) + 0 * gan


def _pairs_of_maps(p: Counts, p_ground: Counts, q: Counts, q_ground: Counts) -> Counts:
    """Count the ways back too, which are free for zebras that never occur."""
    return _right(p, p_ground, q, q_ground) * np.array([1, *2 * [len(p) ** (q == 0).sum()]])


def _kept_without_back(p: Counts, p_ground: Counts, q: Counts, q_ground: Counts) -> Counts:
    """Count the maps that keep the background, with a way back or not."""
    free = _count(back=lambda g, p, q: True)(p, p_ground, q, q_ground)
    return np.array([*_right(p, p_ground, q, q_ground)[:2], free[2]])


def _factorials(p: Counts, p_ground: Counts, q: Counts, q_ground: Counts) -> Counts:
    """Multiply factorials of groups of one count, and of one count and background."""
    pairs = Counter(zip(p.tolist(), p_ground.tolist(), strict=True))
    ways = [prod(map(factorial, c.values())) for c in (Counter(p.tolist()), pairs)]
    return np.array([ways[0], ways[0], ways[1]])


MAPS = Exercise(
    id="06-8",
    title="How many translations are left?",
    level="design",
    minutes=20,
    task=Function(_cases, _oracle, rtol=0, atol=0.1),
    solution=_right,
    praise="a GAN leaves every map that gets the frequencies right and a cycle all of them with a "
    "way back; only what you know beyond both says which is meant.",
    nudge="try all len(q) ** len(p) ways to give each horse a zebra, add up the counts that land "
    "on each zebra, and ask the three questions one after the other",
    slow="there are at most 3125 maps in a case, and a few operations on each take milliseconds",
    wrong=(
        Mistake(
            lambda p, pg, q, qg: np.array([factorial(len(p))] * 3),
            "this counts all orders of the horses; a map that gets the frequencies wrong is found "
            "out.",
        ),
        Mistake(
            _permutations_alone,
            "two horses may become the same zebra, if their counts add up; a GAN alone does not "
            "mind.",
        ),
        Mistake(
            _count(gan=_covers),
            "every zebra that occurs must be made, but also as often as it occurs.",
        ),
        Mistake(
            _count(gan=lambda g, p, q: True),
            "these are all maps; the critic sees zebras that are too frequent or never occur.",
        ),
        Mistake(
            _count(gan=lambda g, p, q: _has_way_back(g, p, q) and set(np.flatnonzero(q)) <= set(g)),
            "the counts have no effect; a critic that sees many pictures knows how often each "
            "occurs.",
        ),
        Mistake(
            _count(back=lambda g, p, q: True),
            "the second number counts maps without a way back; two horses that became one zebra "
            "are one to F.",
        ),
        Mistake(
            lambda p, pg, q, qg: _right(p, pg, q, qg) * (len(p) == int((q > 0).sum()) == len(q)),
            "the zebras that never occur do no harm: neither domain needs as many as the other.",
        ),
        Mistake(
            _pairs_of_maps,
            "this counts the ways back as well; a map counts once, if there is one at all.",
        ),
        Mistake(
            _kept_without_back,
            "the third number is part of the second: a way back and the background kept.",
        ),
        Mistake(
            lambda p, pg, q, qg: _right(p, pg, q, qg)[[0, 2, 1]],
            "the last two are exchanged: the cycle comes before the background.",
        ),
        Mistake(
            lambda p, pg, q, qg: _right(p, 0 * pg, q, 0 * qg),
            "the backgrounds have no effect on the third number.",
        ),
        Mistake(
            lambda p, pg, q, qg: np.array([len(q) ** len(p), *_right(p, pg, q, qg)[:2]]),
            "this begins with all maps there are; the first number is of those that the critic "
            "cannot find out.",
        ),
        Mistake(
            _factorials,
            "equal counts among the horses are not enough; the zebras must have the same counts.",
        ),
    ),
)
