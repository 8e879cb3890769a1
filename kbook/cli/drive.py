"""Let a saved net drive on roads that are drawn from a seed, and print its score."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from kbook import driving
from kbook.assets.nets import read_net
from kbook.data.road import Pose, Roads, roads
from kbook.data.road_camera import Camera

__all__ = ["drive", "scores"]

SIZES = ((32, 96), (66, 200))  # of the frames: the course's small net, and PilotNet as published
PUSHED = 6.0  # seconds to come back in
ROWS = (
    ("autonomy", "{:.1%}"),
    ("interventions", "{:.0f}"),
    ("clean roads", "{:.0%}"),
    ("mean |e| (m)", "{:.3f}"),
    ("largest |e| (m)", "{:.3f}"),
    ("back after a push", "{:.0%}"),
)


def drive(
    weights: Path, tracks: int = 20, seed: int = 1000, wind: float = 1.0, seconds: float = 35.0
) -> None:
    """Print how well a net drives, and the expert beside it.

    Parameters
    ----------
    weights : Path
        A file that `kbook.assets.nets.save_net` wrote, of a net that steers by frames of 32 × 96 or
        66 × 200.
    tracks : int, default 20
        How many roads.
    seed : int, default 1000
        Of the first road; the next ones follow.
    wind : float, default 1
        As for `kbook.driving.drive`: 0 is a calm day.
    seconds : float, default 35
        How long on each road.

    Raises
    ------
    SystemExit
        With one sentence, if an argument is out of its range or the file is no such net.
    """
    _check(tracks, seed, wind, seconds)
    net, camera = _steering_net(weights)
    length = max(500, math.ceil(driving.SPEED * seconds))
    given = roads(range(seed, seed + tracks), length=length)
    columns = [
        scores(policy, given, wind=wind, seconds=seconds)
        for policy in (_watched(driving.seeing(net, camera), weights), driving.pure_pursuit)
    ]
    which = f"roads {seed} to {seed + tracks - 1}" if tracks > 1 else f"road {seed}"
    print(f"{weights}: {which}, {seconds:g} s each, wind {wind:g}\n")
    print(f"{'':20}{'net':>9}{'expert':>9}")
    for (name, form), *values in zip(ROWS, *columns, strict=True):
        print(f"{name:20}" + "".join(f"{form.format(value):>9}" for value in values))


def scores(
    policy: driving.Policy, given: Roads, *, wind: float = 1.0, seconds: float = 35.0
) -> Sequence[float]:
    """Return the numbers of the table, in the order of its rows.

    Parameters
    ----------
    policy : callable
        As for `kbook.driving.drive`.
    given : Roads
        One car drives on each. After that it is pushed off the line, on a calm day, and has six
        seconds to come back without an intervention.
    wind, seconds : float
        As for `drive`.
    """
    score = driving.score(driving.drive(policy, given, seconds, wind=wind))
    after = driving.drive(policy, given, PUSHED, pose=driving.pushed(given))
    return *score, 1 - float(after.intervened.any(axis=0).mean())


def _check(tracks: int, seed: int, wind: float, seconds: float) -> None:
    if tracks < 1:
        raise SystemExit(f"--tracks must be at least 1; got {tracks}.")
    if seed < 0 or seed + tracks > 2**32:
        raise SystemExit(f"--seed must lie between 0 and {2**32 - tracks}; got {seed}.")
    if not 0 <= wind <= 10:
        raise SystemExit(f"--wind must lie between 0 (calm) and 10; got {wind:g}.")
    if not driving.PERIOD <= seconds <= 3600:
        raise SystemExit(f"--seconds must lie between {driving.PERIOD} and 3600; got {seconds:g}.")


def _steering_net(weights: Path) -> tuple[nn.Module, Camera]:
    """Read a net and try it on two frames of noise."""
    try:
        net, shape = read_net(weights)
    except FileNotFoundError:
        raise SystemExit(f"There is no file {weights}.") from None
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None
    wanted = [(3, *size) for size in SIZES]
    if shape not in wanted:
        sizes = " or ".join(map(str, wanted))
        raise SystemExit(f"The net must take frames of shape {sizes}; {weights} takes {shape}.")
    frames = torch.randint(256, (2, *shape), generator=torch.Generator().manual_seed(0))
    try:
        with torch.no_grad():
            said = net(frames.to(torch.uint8))
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise SystemExit(f"The net in {weights} cannot take frames of bytes: {reason}") from None
    if said.shape != (2, 1):
        answer = tuple(said.shape[1:])
        raise SystemExit(f"The net must say one curvature for a frame; {weights} says {answer}.")
    return net, Camera(*shape[1:])


def _watched(policy: driving.Policy, weights: Path) -> driving.Policy:
    """Return the policy, with a sentence for the case that it says what is no number."""

    def watched(given: Roads, pose: Pose, step: int) -> driving.Floats:
        said = policy(given, pose, step)
        if not np.isfinite(said).all():
            raise SystemExit(f"The net in {weights} says a curvature that is not finite.")
        return said

    return watched
