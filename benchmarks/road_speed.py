"""How fast the road is: frames in a second and decisions of cars in a second, on one thread.

``python -m benchmarks.road_speed`` prints the table. The frames are those of PilotNet's small form,
3 × 32 × 96, of 32 roads in any look; the target is 2,000 a second. The car is the expert on 32
roads without a camera. Medians of seven rounds after a warm-up.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from kbook.data.road import ANY, Pose, Roads, roads
from kbook.data.road_camera import render
from kbook.driving import drive, pure_pursuit

ROUNDS, CARS = 7, 32
FRAMES, SECONDS = 640, 5.0


def scene(frames: int) -> tuple[Roads, Pose, np.ndarray]:
    """Return roads, cars all over them and the numbers of their frames."""
    rng = np.random.default_rng(0)
    where = [rng.uniform(*bounds, frames) for bounds in ((0, 400), (-1, 1), (-0.2, 0.2))]
    return roads(range(CARS), ANY), Pose(np.arange(frames) % CARS, *where), np.arange(frames)


def rate(work: Callable[[], object], amount: float) -> float:
    """Return how much of the work is done in a second: the median over the rounds."""
    work()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return amount / statistics.median(times)


def measure() -> dict[str, float]:
    """Return the table."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    given, where, numbers = scene(FRAMES)
    decisions = CARS * round(10 * SECONDS)
    table = {
        "frames (3 × 32 × 96) a second": rate(lambda: render(given, where, numbers), FRAMES),
        "the expert's decisions a second": rate(
            lambda: drive(pure_pursuit, given, SECONDS), decisions
        ),
    }
    torch.set_num_threads(before)
    return table


if __name__ == "__main__":
    for label, value in measure().items():
        print(f"{label:32} {value:12,.0f}")
