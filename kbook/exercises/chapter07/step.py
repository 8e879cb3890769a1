"""Exercise 07-5: one step of a car beside the center line, by the midpoint method."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin

import numpy as np
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]


def _cases() -> tuple[Case, ...]:
    """Return poses (N, 3), curvatures (N,), the road's curvatures (N,), speed and time step."""
    rng = np.random.default_rng(75)

    def case(name: str, count: int, speed: float, dt: float) -> Case:
        pose = rng.uniform([0, -2, -0.5], [100, 2, 0.5], (count, 3))
        curvature, bend = rng.uniform(-0.1, 0.1, (2, count))
        return Case(name, (pose, curvature, bend, speed, dt))

    zero, one = np.zeros(1), np.array([[0.0, 0.0, 0.5]])
    return (
        Case("a straight road, psi = 0.5, 10 m/s for 0.1 s", (one, zero, zero, 10.0, 0.1)),
        Case("a left curve with the car 2 m left, along the road",
             (np.array([[5.0, 2.0, 0.0]]), np.array([0.05]), np.array([0.05]), 10.0, 0.1)),
        case("five cars", 5, 10.0, 0.1),
        case("ten cars at 30 m/s", 10, 30.0, 0.05),
    )  # fmt: skip


def _oracle(pose: Array, curvature: Array, bend: Array, speed: float, dt: float) -> Array:
    """Go car by car: half a step, then a whole one with the velocity found there."""
    out = []
    for (s, e, psi), wanted, road in zip(pose.tolist(), curvature, bend, strict=True):
        forward = speed * cos(psi) / (1 - road * e)
        e_half = e + speed * sin(psi) * dt / 2
        psi_half = psi + (speed * wanted - road * forward) * dt / 2
        forward = speed * cos(psi_half) / (1 - road * e_half)
        aside = speed * sin(psi_half)
        turned = speed * wanted - road * forward
        out.append([s + dt * forward, e + dt * aside, psi + dt * turned])
    return np.array(out)


@dataclass(frozen=True)
class _Step:
    """Say how a step is made; the defaults are right."""

    method: str = "midpoint"
    inside: float = 1.0  # the factor of bend · e
    road: float = 1.0  # the factor of the road's own turn
    along: bool = True  # whether the road turns by what is driven along it
    aside: float = 1.0

    def __call__(
        self, pose: Array, curvature: Array, bend: Array, speed: float, dt: float
    ) -> Array:
        """Return the poses after the step."""

        def velocity(pose: Array) -> Array:
            _, e, psi = pose.T
            s = speed * np.cos(psi) / (1 - self.inside * bend * e)
            turn = bend * (s if self.along else speed)
            return np.stack(
                [s, self.aside * speed * np.sin(psi), speed * curvature - self.road * turn], axis=1
            )

        first = velocity(pose)
        if self.method == "euler":
            return pose + dt * first
        if self.method == "heun":
            return pose + dt * (first + velocity(pose + dt * first)) / 2
        if self.method == "whole":
            return pose + dt * velocity(pose + dt * first)
        middle = pose + dt / 2 * first
        start = middle if self.method == "twice" else pose
        return start + dt * velocity(middle)


STEP = Exercise(
    id="07-5",
    title="Half a step first",
    level="apply",
    minutes=15,
    task=Function(_cases, _oracle),
    solution=_Step(),
    praise="with half the time step the error of a drive is a quarter, where Euler's is a half; "
    "the library's car moves by the same rule.",
    nudge="write the velocities of s, e and psi as a function of the pose, take half a step by "
    "them, and a whole one from the start by the velocities found there",
    wrong=(
        Mistake(_Step(method="euler"), "this is Euler's step; take the velocity half a step on."),
        Mistake(_Step(method="heun"), "this is the mean of the velocities at both ends; asked is "
                "the one in the middle."),
        Mistake(_Step(method="whole"), "the velocity is that of a whole step on; go half a step to "
                "find it."),
        Mistake(_Step(method="twice"), "the whole step must begin at the start, not in the middle: "
                "one and a half steps were made."),
        Mistake(_Step(inside=0), "on the inside of a curve s grows faster: divide by "
                "1 − bend · e."),
        Mistake(_Step(inside=-1), "left of a left curve is its inside: divide by 1 − bend · e, not "
                "1 + bend · e."),
        Mistake(_Step(road=0), "psi is the heading relative to the road, and the road turns too."),
        Mistake(_Step(road=-1), "the road's turn is subtracted: who goes straight in a left curve "
                "ends up pointing right of the road."),
        Mistake(_Step(along=False), "the road turns by bend times the way along it, ds/dt, not by "
                "bend times the speed."),
        Mistake(_Step(aside=-1), "e grows to the left, where a positive psi points."),
    ),
)  # fmt: skip
