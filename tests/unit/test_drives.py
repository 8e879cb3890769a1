"""kbook.driving: what a drive counts, who is put back, the wind, and the policy of a net."""

import numpy as np
import pytest
import torch
from torch import nn

from kbook.data.counter_hash import hashed
from kbook.data.road import ANY, Pose, Roads, roads
from kbook.data.road_camera import render
from kbook.driving import Drive, advance, drive, pure_pursuit, pushed, score, seeing, started

Floats = np.ndarray


def straight(many: int = 1) -> Roads:
    return roads(range(many), length=1)


def steering(curvature: float):
    return lambda given, at, step: np.full(len(at.s), curvature)


def test_ten_interventions_in_600_seconds_are_an_autonomy_of_90_percent() -> None:
    # the paper's own example
    times, cars = 1500, 4
    zero = np.zeros((times, cars))
    taken = np.zeros((times, cars), dtype=bool)
    taken[100:200:10, 2] = True
    counted = score(Drive(Pose(zero.astype(int), zero, zero, zero), zero, taken))
    assert counted == (pytest.approx(0.9), 10, 0.75, 0, 0)


def test_distances_are_those_of_all_decisions_and_autonomy_stops_at_0() -> None:
    e = np.array([[0.5, -0.25], [0.0, -0.75]])
    at = Pose(np.zeros((2, 2), dtype=int), e, e, e)
    driven = Drive(at, e, np.array([[True, False], [False, False]]))
    assert score(driven) == (0.0, 1, 0.5, 0.375, 0.75)


@pytest.mark.parametrize("side", [1, -1])
def test_a_car_off_the_line_is_put_back_along_the_road(side: int) -> None:
    driven = drive(steering(side * 0.05), straight(2), 6.0)
    rows, cars = np.nonzero(driven.intervened)
    assert len(rows) > 4
    before = Pose(*(values[rows, cars] for values in driven.pose))
    after = Pose(*(values[rows[:-2] + 1, cars[:-2]] for values in driven.pose))
    np.testing.assert_array_equal([after.e, after.psi], 0)
    beyond = advance(straight(2), before, driven.curvature[rows, cars])
    assert (abs(beyond.e) > 1).all() and abs(driven.pose.e).max() <= 1
    np.testing.assert_allclose(after.s, beyond.s[:-2])
    # a circle of 20 m is a meter off after 0.64 s: the decision before the seventh
    assert rows[0] == 6


def test_a_drive_has_one_row_for_each_decision() -> None:
    given, seen = straight(3), []

    def policy(roads: Roads, at: Pose, step: int) -> Floats:
        seen.append((step, at))
        return np.array([0.01, 0.0, -0.01]) * step

    driven = drive(policy, given, 2.0)
    assert [step for step, _ in seen] == list(range(20))
    for name in ("road", "s", "e", "psi"):
        rows = np.stack([getattr(at, name) for _, at in seen])
        np.testing.assert_array_equal(getattr(driven.pose, name), rows)
        assert rows.shape == (20, 3)
    np.testing.assert_allclose(driven.curvature, np.outer(np.arange(20), [0.01, 0, -0.01]))
    assert driven.intervened.dtype == bool and driven.intervened.shape == (20, 3)


@pytest.mark.parametrize("wind", [0.0, 1.0])
def test_cars_do_not_depend_on_each_other(wind: float) -> None:
    together = drive(pure_pursuit, roads(range(4)), 15.0, wind=wind)
    for number in range(4):
        alone = drive(pure_pursuit, roads([number]), 15.0, wind=wind)
        np.testing.assert_array_equal(alone.pose.e[:, 0], together.pose.e[:, number])
        np.testing.assert_array_equal(alone.curvature[:, 0], together.curvature[:, number])


def test_the_wind_is_that_of_the_road_and_of_the_time() -> None:
    given = roads(range(200), length=1)
    turned = np.diff(drive(steering(0.0), given, 4.0, wind=1).pose.psi, axis=0)
    again = np.diff(drive(steering(0.0), given, 4.0, wind=1).pose.psi, axis=0)
    np.testing.assert_array_equal(turned, again)
    # a gust after an intervention is not seen, nor is the turn back: look at the first of each
    gusts = turned[np.argmax(turned != 0, axis=0), np.arange(200)]
    first = abs(gusts[gusts != 0])
    assert 0.12 <= first.min() < 0.13 and 0.18 < first.max() <= 0.19
    assert 0.3 < (gusts[gusts != 0] > 0).mean() < 0.7
    calm_until = np.where((turned != 0).any(axis=0), np.argmax(turned != 0, axis=0), 39)
    assert (calm_until == 39).mean() == pytest.approx((1 - 0.015) ** 39, abs=0.12)


def test_wind_is_a_factor_and_a_calm_day_has_none() -> None:
    given = roads(range(50), length=1)
    weak, strong = (drive(steering(0.0), given, 3.0, wind=wind) for wind in (0.5, 1.0))
    first = np.argmax(strong.pose.psi != 0, axis=0)
    cars = np.flatnonzero(first)
    assert len(cars) > 5
    at = first[cars], cars
    np.testing.assert_allclose(strong.pose.psi[at], 2 * weak.pose.psi[at])
    assert (drive(steering(0.0), given, 3.0).pose.psi == 0).all()


def test_a_gust_is_drawn_from_the_counters_of_road_and_decision() -> None:
    # by hand, in whole numbers: the chance is 0.015, and the third number says the side
    given = roads(range(30), length=1)
    driven = drive(steering(0.0), given, 2.0, wind=1)
    for car in range(30):
        psi = 0.0
        for step in range(19):
            often, size, side = (
                int(hashed(car, 5, step, number)[0]) / 2**32 for number in range(3)
            )
            if often < 0.015:
                psi += (0.12 + 0.07 * size) * (-1 if side < 0.5 else 1)
            if driven.intervened[: step + 1, car].any():
                break
            assert driven.pose.psi[step + 1, car] == pytest.approx(psi)


class Center(nn.Module):
    """Steer by the red of the middle pixel, and remember the frames."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1e-4))
        self.seen: list[torch.Tensor] = []
        self.was_training = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.was_training |= self.training
        self.seen.append(x)
        return self.scale * x[:, 0, 20, 48, None]


def test_a_net_sees_what_the_camera_sees_and_is_asked_in_evaluation_mode() -> None:
    given, net = roads(range(3), ANY), Center()
    driven = drive(seeing(net), given, 0.5)
    assert not net.was_training and len(net.seen) == 5
    for step, frame in enumerate(net.seen):
        at = Pose(*(values[step] for values in driven.pose))
        assert torch.equal(frame, render(given, at, np.full(3, step)))
        np.testing.assert_allclose(driven.curvature[step], 1e-4 * frame[:, 0, 20, 48], rtol=1e-6)
    assert driven.curvature.dtype == np.float64 and net.scale.grad is None


def test_a_drive_may_start_anywhere() -> None:
    given = roads(range(6))
    first = Pose(*(values[0] for values in drive(pure_pursuit, given, 0.1).pose))
    for mine, theirs in zip(first, started(given), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    start = pushed(given)
    driven = drive(pure_pursuit, given, 6.0, pose=start)
    np.testing.assert_array_equal(driven.pose.e[0], start.e)
    assert not driven.intervened.any() and abs(driven.pose.e[-1]).max() < 0.15


def test_cars_are_pushed_to_both_sides_and_point_away() -> None:
    start = pushed(roads(range(20)), aside=0.5, turn=0.1)
    assert start.road.tolist() == list(range(20))
    np.testing.assert_allclose(start.e, 0.5 * (-1.0) ** np.arange(20))
    np.testing.assert_allclose(start.psi, 0.1 * (-1.0) ** np.arange(20))
    assert start.s.min() == 20 and start.s.max() < 60 and (np.diff(start.s) > 0).all()
    usual = pushed(roads([0]))
    assert (usual.e[0], usual.psi[0]) == (0.7, 0.16)
