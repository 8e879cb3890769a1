"""Exercises 07-4 and 07-7: the circle to a goal on a map, and the label of a side camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.symptoms import gives_nan_or_inf
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]


def _goals() -> tuple[Case, ...]:
    """Return places (N, 2), headings (N,) and goals (N, 2)."""
    rng = np.random.default_rng(74)

    def case(name: str, count: int) -> Case:
        car = rng.uniform(-50, 50, (count, 2))
        return Case(name, (car, rng.uniform(-7, 7, count), car + rng.normal(0, 8, (count, 2))))

    here = np.array([[2.0, 1.0]])
    north = np.array([np.pi / 2])
    return (
        Case("a car at (2, 1) that points along y, goal (1, 9)", (here, north, here + [[-1, 8]])),
        Case("a car that has arrived", (here, north, here.copy())),
        case("four cars", 4),
        case("twenty cars", 20),
    )


def _circle(car: Array, heading: Array, goal: Array) -> Array:
    """Follow the angle to the goal: 2 sin(angle) / distance."""
    out = np.zeros(len(car))
    for i, (dx, dy) in enumerate(goal - car):
        far = np.hypot(dx, dy)
        if far > 0:
            out[i] = 2 * np.sin(np.arctan2(dy, dx) - heading[i]) / far
    return out


def _pursue(car: Array, heading: Array, goal: Array, turn: float = 1.0) -> Array:
    """Return the reference solution of exercise 07-4; `turn` other than 1 errs."""
    x, y = (goal - car).T
    left = np.cos(heading) * y - turn * np.sin(heading) * x
    square = x**2 + y**2
    curvature: Array = 2 * left / np.where(square > 0, square, 1)
    return curvature


def _unguarded(car: Array, heading: Array, goal: Array) -> Array:
    """Divide by the distance of a goal that is reached."""
    far = ((goal - car) ** 2).sum(axis=1)
    out: Array = _pursue(car, heading, goal) * far / far
    return out


def _ahead_only(car: Array, heading: Array, goal: Array) -> Array:
    """Divide by the square of x, not of the distance."""
    x, y = (goal - car).T
    left = np.cos(heading) * y - np.sin(heading) * x
    ahead = (np.cos(heading) * x + np.sin(heading) * y) ** 2
    curvature: Array = 2 * left / np.where(ahead > 0, ahead, 1)
    return curvature


def _not_moved(car: Array, heading: Array, goal: Array) -> Array:
    return _pursue(0 * car, heading, goal)


def _not_turned(car: Array, heading: Array, goal: Array) -> Array:
    return _pursue(car, 0 * heading, goal)


def _forward(car: Array, heading: Array, goal: Array) -> Array:
    return _pursue(car, heading - np.pi / 2, goal)


def _root(car: Array, heading: Array, goal: Array) -> Array:
    far: Array = np.hypot(*(goal - car).T)
    return _pursue(car, heading, goal) * far


PURSUIT = Exercise(
    id="07-4",
    title="A goal on the map",
    level="apply",
    minutes=12,
    task=Function(_goals, _circle),
    solution=_pursue,
    praise="seen from the car every goal is (x, y), and only y decides to which side; the map and "
    "its north have dropped out.",
    nudge="subtract the car's place, find how far the goal is to the left of the way that the car "
    "points, and divide twice this by the squared distance",
    wrong=(
        Mistake(_not_turned, "the heading has no effect; y must be counted to the left of the car, "
                "not along the map's y."),
        Mistake(_not_moved, "the goal is taken from the map's origin; subtract the car's place."),
        Mistake(lambda car, heading, goal: _pursue(car, heading, goal, turn=-1.0),
                "the goal was turned by +heading; to see it from the car, turn it by −heading."),
        Mistake(lambda car, heading, goal: -_pursue(car, heading, goal),
                "the sign is turned around: a goal on the left wants a positive curvature."),
        Mistake(lambda car, heading, goal: _pursue(car, heading, goal) / 2,
                "the factor 2 is missing: the circle is tangent to the car, not a straight way."),
        Mistake(_forward, "this is how far the goal is ahead; asked is how far it is to the left."),
        Mistake(_ahead_only, "divide by x² + y², the squared distance, not by x² alone."),
        Mistake(_root, "divide by the squared distance, not by the distance."),
        Mistake(_unguarded, "a car that has arrived gives 0/0; return 0 there.", gives_nan_or_inf),
    ),
)  # fmt: skip


def _cameras() -> tuple[Case, ...]:
    """Return curvatures (N,), how far left the cameras are (N,), and the distance of the goal."""
    rng = np.random.default_rng(77)

    def case(name: str, count: int, ahead: float, widest: float) -> Case:
        curvature = rng.uniform(-1, 1, count) / ahead
        return Case(name, (curvature, rng.uniform(-widest, widest, count), ahead))

    return (
        Case("straight on, half a meter left, 8 m ahead", (np.zeros(1), np.array([0.5]), 8.0)),
        Case("a curve and a camera in the middle", (np.array([0.04, -0.1]), np.zeros(2), 8.0)),
        case("five cameras, 8 m ahead", 5, 8.0, 1.5),
        case("ten cameras, 5 m ahead", 10, 5.0, 2.0),
        case("ten cameras, 20 m ahead", 10, 20.0, 3.0),
    )


def _seen_aside(curvature: Array, aside: Array, ahead: float) -> Array:
    """Place the goal by its angle, and look at it from the camera."""
    goal = ahead * np.exp(1j * np.arcsin(curvature * ahead / 2)) - 1j * aside
    out: Array = 2 * np.sin(np.angle(goal)) / np.abs(goal)
    return out


def _label(curvature: Array, aside: Array, ahead: float) -> Array:
    """Return the reference solution of exercise 07-7."""
    y = curvature * ahead**2 / 2
    x_squared = ahead**2 - y**2
    out: Array = 2 * (y - aside) / (x_squared + (y - aside) ** 2)
    return out


def _straight(curvature: Array, aside: Array, ahead: float) -> Array:
    """Take the distance of the goal for its x."""
    y = curvature * ahead**2 / 2 - aside
    out: Array = 2 * y / (ahead**2 + y**2)
    return out


SIDE_CAMERA = Exercise(
    id="07-7",
    title="What the left camera should have said",
    level="apply",
    minutes=15,
    task=Function(_cameras, _seen_aside),
    solution=_label,
    praise="near 0 the correction is −2 · aside / ahead², so aiming twice as near corrects four "
    "times as hard; 8 m for half a meter are 1/64 per meter.",
    nudge="find x and y of the goal in the middle camera's coordinates from curvature and "
    "distance, move them to the side camera, then take the circle there",
    wrong=(
        Mistake(lambda curvature, aside, ahead: _label(curvature, -aside, ahead),
                "the sign is turned around: a camera on the left must be told to go right."),
        Mistake(lambda curvature, aside, ahead: curvature - 2 * aside / ahead**2,
                "this is right for small angles only; the goal's distance from the side camera is "
                "not `ahead`."),
        Mistake(lambda curvature, aside, ahead: curvature,
                "this is the middle camera's label; from the side it would keep the car aside."),
        Mistake(lambda curvature, aside, ahead: curvature + _label(0 * curvature, aside, ahead),
                "the two curvatures were added; the goal of a curve lies elsewhere than straight "
                "ahead, so move that goal."),
        Mistake(_straight, "`ahead` is the distance of the goal, so x² is ahead² − y²."),
        Mistake(lambda curvature, aside, ahead: curvature - aside / ahead**2,
                "the factor 2 of the circle is missing, and the formula is for small angles only."),
        Mistake(lambda curvature, aside, ahead: _label(2 * curvature, aside, ahead),
                "the goal's y is half of curvature · ahead²: turn κ = 2y / ahead² around."),
    ),
)  # fmt: skip
