"""Exercises 07-1 to 07-3: a score, a row of the picture and a bus, by hand."""

from __future__ import annotations

from cmath import phase
from math import atan, degrees, radians, tan

import numpy as np

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Number

_SECONDS, _TAKEN = (60, 30, 20, 10), (2, 0, 1, 3)


def _autonomy_by_counting() -> float:
    """Count the seconds that are charged, drive by drive and all together."""

    def share(seconds: int, charged: int) -> float:
        return float(np.mean(np.arange(seconds) >= charged))  # never below 0

    charged = [sum(6 for _ in range(taken)) for taken in _TAKEN]
    each = [share(*pair) for pair in zip(_SECONDS, charged, strict=True)]
    return share(sum(_SECONDS), sum(charged)) - float(np.mean(each))


AUTONOMY = Exercise(
    id="07-1",
    title="Two ways to report one test",
    level="recall",
    minutes=6,
    task=Number(_autonomy_by_counting),
    solution=(1 - 36 / 120) - (0.8 + 1 + 0.7 + 0) / 4,
    praise="0.700 against 0.625, from the same drives; a report has to say how its roads were put "
    "together.",
    nudge="charge 6 s for each of the six interventions in 120 s; then score each drive alone, "
    "where the last one has 18 s charged in 10 s, and take the mean of the four",
    wrong=(
        Mistake(0.275, "the last drive counts −0.8 here; an autonomy is never below 0."),
        Mistake(0.7, "this is the autonomy of all drives together; subtract the mean of the four."),
        Mistake(0.625, "this is the mean of the four autonomies; it is still to be subtracted."),
        Mistake(0.425, "this is the mean of the four with −0.8 for the last; and it is to be "
                "subtracted."),
        Mistake(-0.075, "the sign is turned around: all together minus the mean of the four."),
        Mistake(-0.2 / 3, "the four were weighted by their times; a plain mean is asked for."),
        Mistake(7.5, "this is in percentage points; give it as a share."),
        Mistake(0.7 - 2.5 / 3, "the last drive was left out of the mean; it counts as 0."),
    ),
)  # fmt: skip


def _rows_by_bisection() -> float:
    """Search for the distance at which the lines are 40 columns apart, and project it."""
    near, far = 0.1, 100.0
    for _ in range(80):
        middle = (near + far) / 2
        left, right = (60 * y / middle for y in (1.9, -1.9))
        near, far = (middle, far) if left - right > 40 else (near, middle)
    return 60 * 1.3 / near


ROWS = Exercise(
    id="07-2",
    title="A row from the width of the road",
    level="recall",
    minutes=6,
    task=Number(_rows_by_bisection),
    solution=40 * 1.3 / 3.8,
    praise="13.7 rows; the focal length cancels, so the height of the camera can be read from any "
    "straight road whose width is known.",
    nudge="find the distance x at which 3.8 m are 40 columns wide, then how far below the horizon "
    "the ground lies there",
    wrong=(
        Mistake(5.7, "this is the distance in meters; asked is how far below "
                "the horizon the ground lies there."),
        Mistake(9.75, "this is the row 8 m ahead; the 40 columns decide how far ahead it is."),
        Mistake(52 / 1.9, "the lines are 3.8 m apart; 1.9 m is the way from the middle to one."),
        Mistake(26 / 3.8, "20 columns were taken for 3.8 m; 40 columns belong to the whole width."),
        Mistake(52 / 3.8 + 10.56, "this is counted from the upper edge of the picture, not from "
                "the horizon."),
        Mistake(40 * 3.8 / 1.3, "width and height are exchanged: the height of 1.3 m gives the "
                "rows, the width of 3.8 m the columns."),
        Mistake(13, "give three digits, also of a row that is no whole number."),
        Mistake(60 * 1.3 / 40, "the 40 columns were taken for meters ahead."),
    ),
)  # fmt: skip


def _bus_by_motion() -> float:
    """Turn both vehicles around one center, and look where their front axles move."""

    def front(wheelbase: float, radius: float) -> float:
        return phase(1j * (wheelbase - 1j * radius))  # at right angles to the way to the center

    low, high = 5.0, 500.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if front(2.7, middle) > radians(5) else (low, middle)
    return degrees(front(6, low))


BUS = Exercise(
    id="07-3",
    title="The bus on the same circle",
    level="recall",
    minutes=6,
    task=Number(_bus_by_motion),
    solution=degrees(atan(6 * tan(radians(5)) / 2.7)),
    praise="11.0°: a net that gives the angle of a wheel has learned one vehicle; a curvature of "
    "0.0324 / m holds for both.",
    nudge="find the curvature of the car's circle from its angle and wheelbase, then the angle "
    "that the bus needs for it, and turn it into degrees",
    wrong=(
        Mistake(100 / 9, "the angles were taken as proportional to the wheelbases; their tangents "
                "are."),
        Mistake(2.2545, "the wheelbases are exchanged: the longer vehicle must turn its wheels "
                "further."),
        Mistake(0.19203, "this is in radians; degrees are asked for."),
        Mistake(30.861, "this is the radius of the circle in meters; asked is the bus's angle."),
        Mistake(68.580, "this is the bus's radius with its wheels at 5°; it has to drive the car's "
                "circle."),
        Mistake(5, "at 5° the bus drives a larger circle: the axles are further apart."),
        Mistake(11.168, "the sine was used; the wheelbase and the radius are the two short sides, "
                "so it is the tangent."),
        Mistake(0.032403, "this is the curvature of the circle in 1/m; asked is the angle that "
                "the bus needs for it."),
    ),
)  # fmt: skip
