"""kbook.driving: motion against circles and scipy, and the geometry of the expert."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from kbook.data.road import ANY, Pose, Roads, along, mirrored, roads
from kbook.driving import PERIOD, SPEED, advance, drive, pure_pursuit, score
from tests.road_scenes import bent, pose

Floats = np.ndarray


def straight() -> Roads:
    return roads([0], length=1)


def circle(curvature: float) -> Roads:
    return bent(straight(), curvature)


def in_the_world(given: Roads, at: Pose) -> Floats:
    """Return x, y and heading of the cars, from above: shape (3, N)."""
    x, y, heading = along(given, at.road, at.s)
    return np.stack([x - at.e * np.sin(heading), y + at.e * np.cos(heading), heading + at.psi])


@pytest.mark.parametrize("curvature", [0.1, -0.05, 0.2, 0.001])
@pytest.mark.parametrize("psi", [0.0, 0.3])
def test_on_a_straight_road_a_held_wheel_drives_a_circle(curvature: float, psi: float) -> None:
    at = pose(3.0, 0.2, psi)
    for _ in range(5):
        at = advance(straight(), at, np.array([curvature]))
    turned = psi + curvature * SPEED * 5 * PERIOD
    x = 3 + (np.sin(turned) - np.sin(psi)) / curvature
    y = 0.2 - (np.cos(turned) - np.cos(psi)) / curvature
    np.testing.assert_allclose([at.s[0], at.e[0], at.psi[0]], [x, y, turned], atol=1e-3)


def test_a_car_that_goes_straight_stays_on_a_straight_road() -> None:
    at = pose()
    for _ in range(10):
        at = advance(straight(), at, np.zeros(1))
    assert (at.e[0], at.psi[0]) == (0, 0) and at.s[0] == pytest.approx(10, abs=1e-9)


@pytest.mark.parametrize("curvature", [0.04, -0.03])
def test_a_car_follows_a_circle_with_its_curvature(curvature: float) -> None:
    at, other = pose(), pose(e=-0.8)
    for _ in range(30):
        at = advance(circle(curvature), at, np.array([curvature]))
        other = advance(circle(curvature), other, np.array([curvature / (1 + 0.8 * curvature)]))
    np.testing.assert_allclose([at.s[0], at.e[0], at.psi[0]], [30, 0, 0], atol=1e-9)
    # on the concentric circle beside it, the road's meters pass at another pace
    np.testing.assert_allclose(
        [other.s[0], other.e[0], other.psi[0]], [30 / (1 + 0.8 * curvature), -0.8, 0], atol=1e-9
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_on_a_curved_road_the_car_moves_as_in_the_world(seed: int) -> None:
    given, rng = roads([seed]), np.random.default_rng(seed)
    at, said = pose(25.0, 0.3, -0.1), rng.uniform(-0.06, 0.06, 30)
    world = in_the_world(given, at)[:, 0]
    for number, curvature in enumerate(said):
        at = advance(given, at, np.array([curvature]))

        def velocity(_: float, state: Floats, curvature: float = curvature) -> list[float]:
            return [SPEED * np.cos(state[2]), SPEED * np.sin(state[2]), SPEED * curvature]

        world = solve_ivp(velocity, (0, PERIOD), world, rtol=1e-9, atol=1e-9).y[:, -1]
        off = abs(in_the_world(given, at)[:, 0] - world)
        # the middle of a step may lie in the next node's arc: that much the road's turn is off
        assert off[:2].max() < 0.02 and off[2] < 3e-3, number


def test_a_decision_is_six_steps_of_the_midpoint_method() -> None:
    # in plain numbers, on a road that bends: the page takes the same steps
    s, e, psi, bend, steered = 40.0, -0.4, 0.2, 0.03, -0.05

    def velocity(e: float, psi: float) -> tuple[float, float, float]:
        pace = 10 * np.cos(psi) / (1 - bend * e)
        return pace, 10 * np.sin(psi), 10 * steered - bend * pace

    at = advance(circle(bend), pose(s, e, psi), np.array([steered]))
    for _ in range(6):
        _, sideways, turning = velocity(e, psi)
        rates = velocity(e + sideways / 120, psi + turning / 120)
        s, e, psi = (old + rate / 60 for old, rate in zip((s, e, psi), rates, strict=True))
    np.testing.assert_allclose([at.s[0], at.e[0], at.psi[0]], [s, e, psi], atol=1e-12)


def test_the_wheel_turns_only_so_far() -> None:
    for asked in (0.5, 0.2001, np.inf):
        held = advance(straight(), pose(), np.array([asked]))
        assert np.array_equal(held, advance(straight(), pose(), np.array([0.2])))
        held = advance(straight(), pose(), np.array([-asked]))
        assert np.array_equal(held, advance(straight(), pose(), np.array([-0.2])))


@pytest.mark.parametrize(("e", "psi"), [(0.5, 0.0), (-0.9, 0.2), (0.3, -0.4), (0.0, 0.0)])
@pytest.mark.parametrize("curvature", [None, 0.04])
def test_the_expert_drives_the_circle_that_leads_to_its_goal(
    e: float, psi: float, curvature: float | None
) -> None:
    given = straight() if curvature is None else circle(curvature)
    at = pose(10.0, e, psi)
    said = pure_pursuit(given, at)[0]
    x, y, heading = in_the_world(given, at)[:, 0]
    goal = np.array(along(given, np.zeros(1, dtype=int), np.array([18.0]))[:2])[:, 0]
    if abs(said) < 1e-9:
        assert (e, psi, curvature) == (0, 0, None)
        return
    # the center of a circle that touches the car's axis is beside the car
    center = np.array([x - np.sin(heading) / said, y + np.cos(heading) / said])
    assert np.hypot(*(goal - center)) == pytest.approx(1 / abs(said), rel=1e-9)


def test_the_expert_steers_as_the_circle_and_against_its_error() -> None:
    assert pure_pursuit(circle(0.04), pose(10.0))[0] == pytest.approx(0.04, rel=1e-9)
    assert pure_pursuit(straight(), pose(e=0.5))[0] == pytest.approx(-2 * 0.5 / (64 + 0.25))
    assert pure_pursuit(straight(), pose(psi=0.1))[0] == pytest.approx(-2 * np.sin(0.1) / 8)


def test_the_expert_drives_unseen_roads_by_itself() -> None:
    for given in (roads(range(20)), mirrored(roads(range(20), ANY))):
        driven = score(drive(pure_pursuit, given))
        assert (driven.autonomy, driven.interventions, driven.clean) == (1.0, 0, 1.0)
        assert driven.largest < 0.2 and driven.mean < 0.05
    windy = score(drive(pure_pursuit, roads(range(20)), wind=1))
    assert windy.autonomy == 1.0 and 0.3 < windy.largest < 1
