"""Exercise 06-10: a picture hidden in another one, where nobody sees it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Picture = NDArray[np.uint8]
Whole = NDArray[np.int64]


def _cases() -> tuple[Case, ...]:
    """Return a zebra, a horse in a few levels of gray, and their number."""
    rng = np.random.default_rng(70)

    def case(name: str, levels: int, cover: Whole, secret: Whole) -> Case:
        return Case(name, (cover.astype(np.uint8), secret.astype(np.uint8), levels))

    def random(name: str, levels: int, low: int, high: int) -> Case:
        return case(
            name, levels, rng.integers(low, high, (6, 7)), rng.integers(0, levels, size=(6, 7))
        )

    cover = np.array([[100, 101, 102, 103]])
    return (
        case("[100, 101, 102, 103] with the secret [1, 1, 1, 1] of 4", 4, cover, 1 + 0 * cover),
        case("an even number of levels and ties", 4, cover, (cover + 2) % 4),
        random("two levels", 2, 0, 256),
        random("five levels", 5, 5, 250),
        random("a dark zebra", 8, 0, 4),
        random("a bright zebra", 8, 252, 256),
        random("seven levels on a bright zebra", 7, 248, 256),
        random("sixteen levels", 16, 0, 256),
        case("a secret that is there already", 10, *2 * [np.arange(10)[None]]),
    )


def _oracle(cover: Picture, secret: Picture, levels: int) -> Whole:
    """Try all 256 values for each pixel."""
    out = np.empty(cover.shape, dtype=np.int64)
    for place in np.ndindex(cover.shape):
        old, wanted = int(cover[place]), int(secret[place])
        fits = (value for value in range(256) if value % levels == wanted)
        out[place] = min(fits, key=lambda value: (abs(value - old), value))
    return out


def _hide(
    cover: Picture, secret: Picture, levels: int, *, ties_up: bool = False, bounds: bool = True
) -> Whole:
    """Return the reference solution of exercise 06-10, or one that errs as given."""
    old = cover.astype(np.int64)
    up = (secret.astype(np.int64) - old) % levels
    lower, upper = old + up - levels, old + up
    down = levels - up < up if ties_up else levels - up <= up
    if bounds:
        down = (down & (lower >= 0)) | (upper > 255)
    return np.where(down, lower, upper)


def _block(cover: Picture, secret: Picture, levels: int) -> Whole:
    """Replace the remainder, wherever that leads."""
    old = cover.astype(np.int64)
    return old - old % levels + secret.astype(np.int64)


def _upward(cover: Picture, secret: Picture, levels: int) -> Whole:
    """Go upward to the next value that fits."""
    old = cover.astype(np.int64)
    return old + (secret.astype(np.int64) - old) % levels


def _downward(cover: Picture, secret: Picture, levels: int) -> Whole:
    """Go downward to the next value that fits."""
    old = cover.astype(np.int64)
    return old - (old - secret.astype(np.int64)) % levels


def _rounded(cover: Picture, secret: Picture, levels: int) -> Whole:
    """Round the picture to multiples, then add the secret."""
    multiple: Whole = np.round(cover / levels).astype(np.int64) * levels
    return multiple + secret.astype(np.int64)


def _wrapped(cover: Picture, secret: Picture, levels: int) -> Whole:
    """Compute the way to go in eight bits, where 256 is 0."""
    up = (secret - cover) % np.uint8(levels)
    old = cover.astype(np.int64)
    lower, upper = old + up - levels, old + up
    down = ((levels - up.astype(np.int64) <= up) & (lower >= 0)) | (upper > 255)
    return np.where(down, lower, upper)


HIDDEN = Exercise(
    id="06-10",
    title="Hide a horse in a zebra",
    level="design",
    minutes=20,
    task=Function(_cases, _oracle, rtol=0, atol=0.1),
    solution=_hide,
    praise="the horse comes back exactly from a picture that looks like any zebra, so a perfect "
    "cycle proves nothing about the translation.",
    nudge="each pixel has a nearest value at or above it that fits and one `levels` below that; "
    "take the nearer, the lower of two that are as near, and stay within 0 and 255",
    slow="a few operations on whole arrays take microseconds",
    wrong=(
        Mistake(
            lambda cover, secret, levels: cover.astype(int),
            "the picture is unchanged: its remainders are its own, not the secret.",
        ),
        Mistake(
            lambda cover, secret, levels: secret.astype(int),
            "this is the secret itself, in plain sight; it has to look like the cover.",
        ),
        Mistake(
            lambda cover, secret, levels: cover.astype(int) + secret,
            "the secret was added; nobody can tell it from what was there before.",
        ),
        Mistake(
            _block,
            "the remainder was replaced in place; the nearest value that fits may be in the next "
            "block of `levels`.",
        ),
        Mistake(
            _upward,
            "this goes only upward; a value below may be nearer.",
        ),
        Mistake(
            _downward,
            "this goes only downward; a value above may be nearer.",
        ),
        Mistake(
            _rounded,
            "rounding first and adding the secret then takes the nearest multiple, not the nearest "
            "value that fits.",
        ),
        Mistake(
            lambda cover, secret, levels: _hide(cover, secret, levels, ties_up=True),
            "of two values that are as near the lower one is asked for.",
        ),
        Mistake(
            lambda cover, secret, levels: _hide(cover, secret, levels, bounds=False),
            "some values are below 0 or above 255; take the other neighbor there.",
        ),
        Mistake(
            lambda cover, secret, levels: np.clip(
                _hide(cover, secret, levels, bounds=False), 0, 255
            ),
            "clipping to 0 and 255 destroys the secret there; take the other neighbor instead.",
        ),
        Mistake(
            lambda cover, secret, levels: _hide(cover, secret, levels, bounds=False) % 256,
            "some values left the range and came back at its other end, where 256 is 0; take the "
            "other neighbor there.",
        ),
        Mistake(
            _wrapped,
            "secret − cover wraps around at 256 in 8 bits; make integers of both first.",
        ),
    ),
)
