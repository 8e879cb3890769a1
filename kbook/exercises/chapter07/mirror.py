"""Exercise 07-6: a net that treats left and right alike."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
Frames = NDArray[np.uint8]
Net = Callable[[Frames, Array], Array]


def _net(seed: int, shape: tuple[int, ...]) -> Net:
    """Return a small net with fixed weights: frames (N, 3, H, W) and turn rates (N,) to (N,)."""
    rng = np.random.default_rng(seed)
    weights, share = rng.normal(0, 1, shape) / np.prod(shape), float(rng.uniform(0.2, 0.5))

    def net(frames: Frames, rate: Array) -> Array:
        seen = (frames / 255 * weights).sum(axis=(1, 2, 3))
        out: Array = 0.1 * np.tanh(8 * seen + share * rate + 0.2) + 0.02 * rate * seen
        return out

    return net


def _cases() -> tuple[Case, ...]:
    """Return nets, frames (N, 3, H, W) and turn rates (N,)."""
    rng = np.random.default_rng(76)

    def case(name: str, count: int, height: int, width: int) -> Case:
        frames = rng.integers(0, 256, (count, 3, height, width)).astype(np.uint8)
        net = _net(count + width, (3, height, width))
        return Case(name, (net, frames, rng.normal(0, 0.4, count)))

    return (
        case("one frame of 2 × 3 pixels", 1, 2, 3),
        case("four frames of 4 × 6 pixels", 4, 4, 6),
        case("nine frames of 8 × 8 pixels", 9, 8, 8),
    )


def _oracle(net: Net, frames: Frames, rate: Array) -> Array:
    """Build each mirrored picture column by column."""
    out = []
    for frame, turn in zip(frames, rate, strict=True):
        columns = [frame[:, :, j] for j in range(frame.shape[2])]
        mirror = np.stack(columns[::-1], axis=2)
        said = net(np.stack([frame]), np.array([turn]))[0]
        other = net(np.stack([mirror]), np.array([-turn]))[0]
        out.append((said - other) / 2)
    return np.array(out)


def _even(
    net: Net, frames: Frames, rate: Array, axis: int = 3, signs: tuple[float, float] = (-1.0, -1.0)
) -> Array:
    """Return the reference solution; other axes or signs of rate and answer err."""
    mirrored = net(np.flip(frames, axis=axis), signs[0] * rate)
    return (net(frames, rate) + signs[1] * mirrored) / 2


MIRROR = Exercise(
    id="07-6",
    title="Left and right alike",
    level="apply",
    minutes=10,
    task=Function(_cases, _oracle),
    solution=_even,
    praise="this policy has no favorite side, whatever the net has learned; all its sensors and "
    "its answer are mirrored, none may be forgotten.",
    nudge="ask the net once about the frame and once about the mirror's world, with every sensor "
    "mirrored, mirror the second answer back, and take the mean",
    wrong=(
        Mistake(lambda net, frames, rate: _even(net, frames, rate, signs=(-1.0, 1.0)),
                "the mirror's answer is not mirrored back: a left curve there is a right curve "
                "here."),
        Mistake(lambda net, frames, rate: _even(net, frames, rate, signs=(1.0, -1.0)),
                "the gyroscope is not mirrored: who turns left here turns right in the mirror."),
        Mistake(lambda net, frames, rate: _even(net, frames, rate, signs=(1.0, 1.0)),
                "only the picture is mirrored, neither the gyroscope nor the answer."),
        Mistake(lambda net, frames, rate: _even(net, frames, rate, axis=2),
                "this turns the picture upside down; the columns are the last axis."),
        Mistake(lambda net, frames, rate: _even(net, frames, rate, axis=1),
                "this exchanges red and blue; the columns are the last axis."),
        Mistake(lambda net, frames, rate: _even(net, frames[::-1], -rate)[::-1],
                "the gyroscope belongs to its frame; the frames were put in another order."),
        Mistake(lambda net, frames, rate: 2 * _even(net, frames, rate),
                "the two answers are averaged, not added up."),
        Mistake(lambda net, frames, rate: net(frames, rate),
                "this is the net as it was; ask it about the mirrored frame as well."),
        Mistake(lambda net, frames, rate: -net(np.flip(frames, axis=3), -rate),
                "this is the mirror's answer alone, as one-sided as the net's own."),
    ),
)  # fmt: skip
