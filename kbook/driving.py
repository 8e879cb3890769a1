"""A car on a road: how it moves, who steers it, and how well that goes.

Distances are meters, times seconds, angles radians, left is positive. A policy says for each car
the curvature (1/m) of the circle that it wants to drive.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kbook.data.counter_hash import uniform
from kbook.data.road import NODE, Pose, Roads, along
from kbook.data.road_camera import SMALL, Camera, render

__all__ = [
    *("PERIOD", "SPEED", "Drive", "Score", "advance", "drive"),
    *("pure_pursuit", "pushed", "score", "seeing", "started"),
]

SPEED = 10.0  # m/s
PERIOD = 0.1  # seconds from one decision to the next
TICKS = 6  # of the car's motion in each period, so 60 in a second
AHEAD = 8.0  # m from the car to the point that the expert aims at
TIGHTEST = 0.2  # 1/m: a circle of 5 m, front wheels at 28°
LIMIT = 1.0  # m off the center line: there somebody takes the wheel,
PENALTY = 6.0  # and 6 seconds do not count as driven (Bojarski et al., 2016)

OFTEN, GUST = (
    0.015,
    (0.12, 0.19),
)  # of wind: the chance at a decision, and radians that it turns a car
GUSTS = 5  # what a number is drawn for

Floats = NDArray[np.float64]
Policy = Callable[[Roads, Pose, int], Floats]


class Drive(NamedTuple):
    """What happened on a drive of N cars over T decisions.

    Attributes
    ----------
    pose : Pose
        Of shapes (T, N): before each decision.
    curvature : ndarray of shape (T, N)
        What the policy said.
    intervened : ndarray of bool, shape (T, N)
        Whether the car was put back to the center line after the decision.
    """

    pose: Pose
    curvature: Floats
    intervened: NDArray[np.bool_]


class Score(NamedTuple):
    """How well cars were driven.

    Attributes
    ----------
    autonomy : float
        1 - interventions · 6 s / time, at least 0 (Bojarski et al., 2016).
    interventions : int
        On all roads.
    clean : float
        Share of the roads without an intervention.
    mean, largest : float
        Of the distance from the center line, in meters, over all decisions.
    """

    autonomy: float
    interventions: int
    clean: float
    mean: float
    largest: float


def started(roads: Roads) -> Pose:
    """Return one car on each road, at its start, on the center line."""
    count = len(roads.seeds)
    return Pose(np.arange(count), *(np.zeros(count) for _ in range(3)))


def advance(roads: Roads, pose: Pose, curvature: Floats) -> Pose:
    """Drive for a tenth of a second with the steering wheel held.

    The kinematic bicycle model in the coordinates of the road, by six steps of the midpoint method.

    Parameters
    ----------
    roads : Roads
        The roads.
    pose : Pose
        Of N cars.
    curvature : ndarray of shape (N,)
        1/m, held between -0.2 and 0.2.

    Returns
    -------
    Pose
    """
    steered = np.clip(curvature, -TIGHTEST, TIGHTEST)
    step = PERIOD / TICKS
    for _ in range(TICKS):
        half = _moved(pose, _velocity(roads, pose, steered), step / 2)
        pose = _moved(pose, _velocity(roads, half, steered), step)
    return pose


def pure_pursuit(roads: Roads, pose: Pose, step: int = 0) -> Floats:
    """Return the curvature of the circle through the car and a point of the center line ahead.

    Parameters
    ----------
    roads : Roads
        The roads.
    pose : Pose
        Of N cars.
    step : int, default 0
        Not used: every policy is told it.

    Returns
    -------
    ndarray of shape (N,)
        1/m.

    References
    ----------
    Coulter (1992), "Implementation of the Pure Pursuit Path Tracking Algorithm".
    """
    x, y, heading = along(roads, pose.road, pose.s)
    goal_x, goal_y, _ = along(roads, pose.road, pose.s + AHEAD)
    goal_x, goal_y = goal_x - x + pose.e * np.sin(heading), goal_y - y - pose.e * np.cos(heading)
    car = heading + pose.psi
    left = -np.sin(car) * goal_x + np.cos(car) * goal_y
    curvature: Floats = 2 * left / (goal_x**2 + goal_y**2)
    return curvature


def seeing(net: nn.Module, camera: Camera = SMALL) -> Policy:
    """Return the policy of a net that gets the camera's frame and gives a curvature.

    Parameters
    ----------
    net : nn.Module
        (N, 3, height, width), uint8 → (N, 1), 1/m. It is put into evaluation mode.
    camera : Camera, default SMALL
        The size of the frames.
    """
    net.eval()
    device = next(net.parameters()).device

    def policy(roads: Roads, pose: Pose, step: int) -> Floats:
        frame = np.full(len(pose.s), step)
        with torch.no_grad():
            said = net(render(roads, pose, frame, camera).to(device))
        curvature: Floats = said[:, 0].double().cpu().numpy()
        return curvature

    return policy


def drive(
    policy: Policy,
    roads: Roads,
    seconds: float = 35.0,
    *,
    wind: float = 0.0,
    pose: Pose | None = None,
) -> Drive:
    """Let a policy drive one car on each road, all at once.

    A car that is more than a meter off the center line is put back onto it, along the road.

    Parameters
    ----------
    policy : callable
        (roads, pose, step) → curvature of shape (N,); `seeing` makes one of a net.
    roads : Roads
        The roads.
    seconds : float, default 35
        How long.
    wind : float, default 0
        0 is a calm day; with 1 a gust turns each car by 7° to 11° every seven seconds
        or so.
    pose : Pose, optional
        Where the cars start; by default `started`.

    Returns
    -------
    Drive
    """
    pose = started(roads) if pose is None else pose
    poses, said, taken = [], [], []
    for step in range(round(seconds / PERIOD)):
        curvature = policy(roads, pose, step)
        poses.append(pose)
        said.append(curvature)
        pose = advance(roads, pose, curvature)
        pose = pose._replace(psi=pose.psi + wind * _gust(roads, pose, step))
        off = np.abs(pose.e) > LIMIT
        taken.append(off)
        pose = pose._replace(e=np.where(off, 0.0, pose.e), psi=np.where(off, 0.0, pose.psi))
    return Drive(Pose(*map(np.stack, zip(*poses, strict=True))), np.stack(said), np.stack(taken))


def score(driven: Drive) -> Score:
    """Measure a drive.

    Parameters
    ----------
    driven : Drive
        T decisions of N cars.

    Returns
    -------
    Score
    """
    count = int(driven.intervened.sum())
    time = driven.intervened.size * PERIOD
    off = np.abs(driven.pose.e)
    clean = 1 - driven.intervened.any(axis=0).mean()
    autonomy = max(0.0, 1 - count * PENALTY / time)
    return Score(autonomy, count, float(clean), float(off.mean()), float(off.max()))


def pushed(roads: Roads, *, aside: float = 0.7, turn: float = 0.16) -> Pose:
    """Return one car on each road that was pushed off, to the left and to the right by turns.

    Parameters
    ----------
    roads : Roads
        The roads; the cars stand where the first curves are, 20 to 60 m from the start.
    aside : float, default 0.7
        Meters from the center line.
    turn : float, default 0.16
        Radians by which the car points further away from it.

    Returns
    -------
    Pose
    """
    start = started(roads)
    count = len(start.s)
    sign = (-1.0) ** np.arange(count)
    s = 20 + 40 * np.arange(count) / count
    return start._replace(s=s, e=aside * sign, psi=turn * sign)


def _gust(roads: Roads, pose: Pose, step: int) -> Floats:
    """Return by how much the wind turns each car after a decision: mostly not at all."""
    drawn = uniform(roads.seeds[pose.road, None], GUSTS, step, np.arange(3))
    low, high = GUST
    size = low + (high - low) * drawn[:, 1]
    return np.where(drawn[:, 0] < OFTEN, np.where(drawn[:, 2] < 0.5, -size, size), 0.0)


def _velocity(roads: Roads, pose: Pose, steered: Floats) -> tuple[Floats, Floats, Floats]:
    """Return how fast s, e and psi change."""
    node = np.clip(np.floor(pose.s / NODE), 0, roads.curvature.shape[1] - 1).astype(np.intp)
    bend = roads.curvature[pose.road, node]
    s = SPEED * np.cos(pose.psi) / (1 - bend * pose.e)
    return s, SPEED * np.sin(pose.psi), SPEED * steered - bend * s


def _moved(pose: Pose, velocity: tuple[Floats, Floats, Floats], seconds: float) -> Pose:
    s, e, psi = (old + seconds * speed for old, speed in zip(pose[1:], velocity, strict=True))
    return Pose(pose.road, s, e, psi)
