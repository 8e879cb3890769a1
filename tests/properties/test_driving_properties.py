"""What must hold for roads and cars anywhere: mirrors, steady lines, the way back to the road."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kbook.data.road import Pose, Roads, along, mirrored, roads
from kbook.driving import advance, drive, pure_pursuit

# The same examples in every run, however slow the machine.
STEADY = settings(deadline=None, derandomize=True)

FIRST = np.zeros(1, dtype=int)


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False)


Car = tuple[int, float, float, float]
CARS = st.tuples(st.integers(0, 2**32 - 1), numbers(-20, 320), numbers(-1, 1), numbers(-0.6, 0.6))


def placed(car: Car) -> tuple[Roads, Pose]:
    """Return the road with a seed, and a car on it: s, e and psi."""
    seed, *where = car
    return roads([seed], length=300), Pose(FIRST, *(np.array([one]) for one in where))


@STEADY
@given(CARS, numbers(-0.2, 0.2))
def test_in_a_mirror_everything_moves_the_other_way(car: Car, curvature: float) -> None:
    road, at = placed(car)
    turned = at._replace(e=-at.e, psi=-at.psi)
    asked, other = pure_pursuit(road, at), pure_pursuit(mirrored(road), turned)
    np.testing.assert_allclose(other, -asked, atol=1e-12)
    ours = advance(road, at, np.array([curvature]))
    theirs = advance(mirrored(road), turned, np.array([-curvature]))
    np.testing.assert_allclose(
        [theirs.s, theirs.e, theirs.psi], [ours.s, -ours.e, -ours.psi], atol=1e-9
    )


@STEADY
@given(CARS, numbers(1e-3, 0.4))
def test_along_the_center_line_a_step_is_as_long_as_its_meters(car: Car, step: float) -> None:
    road, at = placed(car)
    (x, other_x), (y, other_y), (heading, turned) = along(road, FIRST, at.s + [0, step])
    chord = np.hypot(other_x - x, other_y - y)
    assert 0.999 * step < chord < 1.0001 * step
    assert abs(turned - heading) <= 0.04 * step + 1e-9


@STEADY
@given(CARS, numbers(-0.2, 0.2))
def test_a_car_moves_a_meter_in_a_tenth_of_a_second(car: Car, curvature: float) -> None:
    road, at = placed(car)
    ends = []
    for where in (at, advance(road, at, np.array([curvature]))):
        x, y, heading = along(road, FIRST, where.s)
        ends.append((x - where.e * np.sin(heading), y + where.e * np.cos(heading)))
    moved = np.hypot(*(np.subtract(*ends)))
    assert abs(moved - 1) < 0.01  # an arc of 5 m radius has a chord of 0.998 m


@settings(STEADY, max_examples=30)
@given(CARS)
def test_the_expert_brings_every_car_back(car: Car) -> None:
    road, at = placed(car)
    at = at._replace(e=0.8 * at.e, psi=at.psi / 4)
    driven = drive(pure_pursuit, road, 5.0, pose=at)
    assert not driven.intervened.any() and abs(driven.pose.e[-1, 0]) < 0.2
