"""Roads that are drawn from a seed: their curves, their paint, their light.

A road has a center line, along which s counts meters. A place beside it is given by s and the
distance d to the left. Everything follows from the seed by a hash of counters, so the page's
`parts/road.js` has the same roads. `kbook.data.road_camera` renders what a car sees of them.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kbook.data.counter_hash import uniform

__all__ = ["ANY", "DAY", "LOOKS", "Pose", "Roads", "along", "mirrored", "roads"]

NODE = 0.5  # meters from one node of the center line to the next
LENGTH = 500  # meters
SHARPEST = 0.04  # 1/m: a circle of 25 m
CURVES, LOOK = 1, 2  # what a number is drawn for

Floats = NDArray[np.float64]
Range = tuple[float, float]

# How a road looks: each number is drawn between two bounds. DAY is fair weather; ANY is everything.
DAY: Mapping[str, Range] = MappingProxyType(
    {
        "light": (0.9, 1.1),  # factor of all colors
        "warmth": (-0.04, 0.04),  # more red and less blue, or less and more
        "asphalt": (0.3, 0.4),  # gray of the road, from 0 to 1
        "brick": (0.0, 0.0),  # how far the road is red brick
        "dry": (0.0, 0.3),  # how far the grass is dry
        "paint": (0.8, 0.95),  # gray of the lines
        "left": (1.0, 1.0),  # how well the left line covers: 0 is no line
        "right": (1.0, 1.0),
        "left_solid": (0.0, 1.0),  # from 0.5 on the line is solid, below it is dashed
        "right_solid": (0.0, 1.0),
        "shadow": (0.0, 0.3),  # how dark the shadows of trees are
        "fog": (0.0, 0.005),  # 1/m
        "rain": (0.0, 0.0),  # share of the picture that drops cover
        "noise": (2.0, 4.0),  # standard deviation, in gray levels from 0 to 255
    }
)
ANY: Mapping[str, Range] = MappingProxyType(
    {
        **DAY,
        "light": (0.3, 1.3),
        "warmth": (-0.15, 0.15),
        "asphalt": (0.15, 0.6),
        "brick": (0.0, 1.0),
        "dry": (0.0, 1.0),
        "paint": (0.6, 1.0),
        "left": (-0.4, 1.6),  # held between 0 and 1
        "right": (-0.4, 1.6),
        "shadow": (0.0, 0.7),
        "fog": (0.0, 0.04),
        "rain": (-0.03, 0.03),
        "noise": (0.0, 12.0),
    }
)
LOOKS = tuple(DAY)
_BETWEEN_0_AND_1 = ("left", "right", "rain")


class Roads(NamedTuple):
    """R roads: nodes of their center lines, half a meter apart, and how they look.

    Between two nodes the curvature is that of the first.

    Attributes
    ----------
    seeds : ndarray of shape (R,)
        uint32.
    curvature : ndarray of shape (R, M)
        1/m, positive to the left.
    heading : ndarray of shape (R, M)
        Radians, counter-clockwise, from 0.
    x, y : ndarray of shape (R, M)
        Meters; a road starts at the origin, along x.
    look : dict of str to ndarray of shape (R,)
        A number for each name in `LOOKS`.
    side : float
        1, or -1 where the land is that of a mirror.
    """

    seeds: NDArray[np.uint32]
    curvature: Floats
    heading: Floats
    x: Floats
    y: Floats
    look: dict[str, Floats]
    side: float = 1.0


class Pose(NamedTuple):
    """Where N cars are.

    Attributes
    ----------
    road : ndarray of shape (N,)
        Which of the roads each is on.
    s, e, psi : ndarray of shape (N,)
        Meters along the center line, meters to the left of it, radians of heading to the left of
        the road's.
    """

    road: NDArray[np.intp]
    s: Floats
    e: Floats
    psi: Floats


def roads(seeds: Sequence[int], look: Mapping[str, Range] = DAY, *, length: int = LENGTH) -> Roads:
    """Draw one road for each seed.

    Parameters
    ----------
    seeds : sequence of int
        From 0 to 2**32 - 1. The same seed gives the same road on every machine, and a longer road
        begins like a shorter one.
    look : mapping of name to (low, high), default DAY
        Bounds for each name in `LOOKS`; a missing one is that of DAY.
    length : int, default 500
        Meters, at least 1. A road goes on straight after its end.

    Returns
    -------
    Roads

    Raises
    ------
    ValueError
        If a seed is missing or out of range, `look` names something else, or `length` is below 1.
    """
    numbers = np.asarray(seeds)
    if numbers.ndim != 1 or not numbers.size or not np.issubdtype(numbers.dtype, np.integer):
        raise ValueError(f"Roads want a list of whole numbers as seeds; got {seeds!r}.")
    if numbers.min() < 0 or numbers.max() >= 2**32:
        raise ValueError(f"A road's seed must lie between 0 and 2**32 - 1; got {seeds!r}.")
    if length < 1:
        raise ValueError(f"A road wants a length of at least 1 meter; got {length}.")
    if unknown := sorted(set(look) - set(DAY)):
        raise ValueError(f"A road's look has the names {', '.join(LOOKS)}; got {unknown}.")
    words = numbers.astype(np.uint32)
    return _laid(words, _curvature(words, length), _drawn_look(words, {**DAY, **look}), 1.0)


def mirrored(given: Roads) -> Roads:
    """Return the roads as a mirror shows them: left is right.

    Parameters
    ----------
    given : Roads
        Any roads.

    Returns
    -------
    Roads
    """
    look = dict(given.look)
    for name in ("", "_solid"):
        look["left" + name], look["right" + name] = look["right" + name], look["left" + name]
    return _laid(given.seeds, -given.curvature, look, -given.side)


def along(given: Roads, road: NDArray[np.intp], s: Floats) -> tuple[Floats, Floats, Floats]:
    """Return place and heading of the center line.

    Parameters
    ----------
    given : Roads
        R roads.
    road : ndarray of int
        Which of them, of a shape that fits to that of `s`.
    s : ndarray
        Meters along the road. Before its start and after its end it is straight.

    Returns
    -------
    x, y, heading : ndarray
        Meters and radians, shaped like `s`.
    """
    node = np.clip(np.floor(s / NODE), 0, given.x.shape[1] - 1).astype(np.intp)
    rest = s - node * NODE
    heading, curvature = given.heading[road, node], given.curvature[road, node]
    middle = heading + curvature * rest / 2  # the chord of an arc points halfway
    x = given.x[road, node] + rest * np.cos(middle)
    y = given.y[road, node] + rest * np.sin(middle)
    return x, y, heading + curvature * rest


def _curvature(seeds: NDArray[np.uint32], length: int) -> Floats:
    """Return the curvature at the nodes: straights, and curves that swell and fade as sin²."""
    many = length // 40 + 2  # a straight and a curve measure at least 40 m
    drawn = uniform(seeds[:, None, None], CURVES, np.arange(4 * many).reshape(many, 4))
    straight, extent = 15 + 30 * drawn[..., 0], 25 + 35 * drawn[..., 1]
    sharp = SHARPEST * (0.25 + 0.75 * drawn[..., 2]) * np.where(drawn[..., 3] < 0.5, -1, 1)
    end = np.cumsum(straight + extent, axis=1)
    s = np.arange(2 * length) * NODE
    curvature = np.zeros((len(seeds), len(s)))
    for curve in range(many):
        start = end[:, curve, None] - extent[:, curve, None]
        share = np.clip((s - start) / extent[:, curve, None], 0, 1)
        curvature += sharp[:, curve, None] * np.sin(np.pi * share) ** 2
    curvature[:, [0, -1]] = 0  # straight before the start and after the end
    return curvature


def _drawn_look(seeds: NDArray[np.uint32], look: Mapping[str, Range]) -> dict[str, Floats]:
    drawn = {}
    for number, (name, bounds) in enumerate((name, look[name]) for name in LOOKS):
        low, high = bounds
        values = low + (high - low) * uniform(seeds, LOOK, number)
        drawn[name] = np.clip(values, 0, 1) if name in _BETWEEN_0_AND_1 else values
    return drawn


def _laid(
    seeds: NDArray[np.uint32], curvature: Floats, look: dict[str, Floats], side: float
) -> Roads:
    """Add up the arcs between the nodes."""
    turns = curvature[:, :-1] * NODE
    heading = np.pad(np.cumsum(turns, axis=1), ((0, 0), (1, 0)))
    middle = heading[:, :-1] + turns / 2
    x = np.pad(np.cumsum(NODE * np.cos(middle), axis=1), ((0, 0), (1, 0)))
    y = np.pad(np.cumsum(NODE * np.sin(middle), axis=1), ((0, 0), (1, 0)))
    return Roads(seeds, curvature, heading, x, y, look, side)
