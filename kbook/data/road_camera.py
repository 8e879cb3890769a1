"""What a camera behind the windshield sees of a road: rendered, many cars at once.

The land is flat, so each row of pixels below the horizon lies at one distance, and where the center
line crosses that distance decides the whole row. All edges are softened over a pixel's width: the
colors change steadily with the pose, and the page's `parts/road_camera.js` renders the same ones.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kbook.data.counter_hash import hashed, normal_bytes
from kbook.data.road import Pose, Roads, along

__all__ = ["SMALL", "Camera", "line_mask", "render"]

MOUNT = 1.3  # meters from the ground to the camera
FAR, NEAR_FAR = 70.0, 50.0  # meters: between the two the road fades away
HORIZON = np.float32(200)  # meters to the hills, for the fog
PAVED, LINE = 2.4, (1.8, 2.0)  # meters from the center to the edge of the road, and to its lines
DASH, PERIOD = 3.0, 6.0  # meters of paint, and from one dash to the next
CHUNK = 32  # frames at a time: their arrays fit into the processor's cache
NOISE, RAIN = 3, 4  # what a number is drawn for

GRASS, DRY = (0.25, 0.42, 0.15), (0.6, 0.52, 0.28)
BRICK = (0.52, 0.27, 0.2)
SKY, HAZE, HILLS = (0.36, 0.58, 0.9), (0.78, 0.84, 0.9), (0.3, 0.4, 0.38)

Floats = NDArray[np.float32]


class Camera(NamedTuple):
    """A camera that looks straight ahead, 1.3 m above the ground.

    Attributes
    ----------
    height, width : int
        Of the picture, in pixels.
    """

    height: int
    width: int

    @property
    def focal(self) -> float:
        """Return the focal length in pixels: 77° from the left edge to the right."""
        return 0.625 * self.width

    @property
    def horizon(self) -> float:
        """Return how many rows are above the horizon."""
        return 0.33 * self.height


SMALL = Camera(32, 96)


class Ground(NamedTuple):
    """The ground behind the pixels below the horizon: N frames, G rows, W columns.

    Attributes
    ----------
    depth : ndarray of shape (G,)
        Meters ahead.
    s : ndarray of shape (N, G, 1)
        Meters along the road, where the center line crosses the row.
    d : ndarray of shape (N, G, W)
        Meters to the left of the center line.
    wide, long : ndarray of shape (N, G, 1)
        Meters that a pixel covers across the road, and along it.
    """

    depth: Floats
    s: Floats
    d: Floats
    wide: Floats
    long: Floats


def render(roads: Roads, pose: Pose, frame: NDArray[np.integer], camera: Camera = SMALL) -> Tensor:
    """Render what N cars see.

    Parameters
    ----------
    roads : Roads
        R roads.
    pose : Pose
        Of N cars, at least 1.
    frame : ndarray of shape (N,)
        Whole numbers from 0; each gives other noise and other drops of rain.
    camera : Camera, default SMALL
        The size of the pictures.

    Returns
    -------
    Tensor of shape (N, 3, height, width)
        uint8, red, green and blue.
    """
    parts = [
        _render(roads, _part(pose, start), frame[start : start + CHUNK], camera)
        for start in range(0, len(pose.s), CHUNK)
    ]
    return torch.from_numpy(np.concatenate(parts))


def line_mask(roads: Roads, pose: Pose, camera: Camera = SMALL) -> Tensor:
    """Return where the lines of the road are in the picture.

    Parameters
    ----------
    roads, pose, camera
        As for `render`.

    Returns
    -------
    Tensor of shape (N, height, width)
        float32, the share of each pixel that paint covers.
    """
    ground = _ground(roads, pose, camera)
    mask = np.zeros((len(pose.s), camera.height, camera.width), np.float32)
    mask[:, -len(ground.depth) :] = _painted(roads, pose, ground)
    return torch.from_numpy(mask)


def _part(pose: Pose, start: int) -> Pose:
    part = slice(start, start + CHUNK)
    return Pose(pose.road[part], pose.s[part], pose.e[part], pose.psi[part])


def _render(
    roads: Roads, pose: Pose, frame: NDArray[np.integer], camera: Camera
) -> NDArray[np.uint8]:
    look = {
        name: value[pose.road].astype(np.float32)[:, None, None]
        for name, value in roads.look.items()
    }
    ground = _ground(roads, pose, camera)
    sky = _sky(roads, pose, look, camera)
    land = _land(roads, pose, ground, look)
    light: Any = look["light"] * 255
    tints: tuple[Any, ...] = (1 + look["warmth"], np.float32(1), 1 - look["warmth"])
    picture = np.empty((len(pose.s), 3, camera.height, camera.width), np.float32)
    for channel, tint in enumerate(tints):
        picture[:, channel, : len(sky[channel][0])] = sky[channel] * (light * tint)
        picture[:, channel, len(sky[channel][0]) :] = land[channel] * (light * tint)
    picture += _weather(roads, pose, frame, look, camera)
    return np.clip(picture + np.float32(0.5), 0, 255).astype(np.uint8)


def _ground(roads: Roads, pose: Pose, camera: Camera) -> Ground:
    """Find out which part of the road is behind each pixel."""
    rows = np.arange(int(np.ceil(camera.horizon - 0.5)), camera.height)
    slope = (rows + 0.5 - camera.horizon) / camera.focal
    depth = MOUNT / np.maximum(slope, 1e-3)
    s, side, turn = _crossing(roads, pose, np.minimum(depth, FAR))
    cos, sin = np.cos(turn), np.abs(np.sin(turn))
    columns = np.arange(camera.width) + 0.5 - camera.width / 2
    left = (-columns / camera.focal)[None, :] * depth[:, None]
    across, ahead = depth / camera.focal, depth**2 / (MOUNT * camera.focal)  # of a pixel
    return Ground(
        depth.astype(np.float32),
        s.astype(np.float32)[..., None],
        ((left - side[..., None]) * cos[..., None]).astype(np.float32),
        (across * np.abs(cos) + np.minimum(ahead, 2) * sin).astype(np.float32)[..., None],
        (ahead * np.abs(cos) + across * sin).astype(np.float32)[..., None],
    )


def _crossing(
    roads: Roads, pose: Pose, depth: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Find where the center line crosses each distance ahead, by four steps of Newton's method.

    Returns s, the meters to the left of the car's axis, and by how much the road turns from it.
    """
    road = pose.road[:, None]
    x, y, heading = along(roads, pose.road, pose.s)
    car_x, car_y = x - pose.e * np.sin(heading), y + pose.e * np.cos(heading)
    car = (heading + pose.psi)[:, None]
    forward, left = (np.cos(car), np.sin(car)), (-np.sin(car), np.cos(car))
    s = pose.s[:, None] + depth
    for _ in range(4):
        x, y, heading = along(roads, road, s)
        x, y, turn = x - car_x[:, None], y - car_y[:, None], heading - car
        ahead = x * forward[0] + y * forward[1]
        s = s + (depth - ahead) / np.maximum(np.cos(turn), 0.3)
    x, y, heading = along(roads, road, s)
    side = (x - car_x[:, None]) * left[0] + (y - car_y[:, None]) * left[1]
    return s, side, np.clip(heading - car, -1.4, 1.4)


def _within(value: Floats, low: float, high: float, soft: Floats) -> Floats:
    """Return the share of an interval around each value, `soft` wide, that is from low to high."""
    below = np.clip((np.float32(high) - value) / soft + np.float32(0.5), 0, 1)
    above = np.clip((np.float32(low) - value) / soft + np.float32(0.5), 0, 1)
    return below - above


def _painted(roads: Roads, pose: Pose, ground: Ground) -> Floats:
    """Return the share of each pixel that the lines cover."""
    turns = ground.s / np.float32(PERIOD)
    off = np.abs(turns - np.floor(turns) - np.float32(0.5)) * np.float32(PERIOD)
    dash = np.clip((np.float32(DASH / 2) - off) / ground.long + np.float32(0.5), 0, 1)
    near = np.clip((FAR - ground.depth) / (FAR - NEAR_FAR), 0, 1)[:, None].astype(np.float32)
    covered = np.zeros_like(ground.d)
    for name, sign in (("left", 1), ("right", -1)):
        cover, solid = (
            roads.look[key][pose.road].astype(np.float32)[:, None, None]
            for key in (name, name + "_solid")
        )
        line = _within(sign * ground.d, *LINE, ground.wide)
        covered += line * (cover * near * np.where(solid < 0.5, dash, np.float32(1)))
    return covered


def _land(roads: Roads, pose: Pose, ground: Ground, look: dict[str, Floats]) -> list[Floats]:
    """Return red, green and blue of the ground, from 0 to 1, as shapes (N, G, W)."""
    depth = ground.depth[:, None]
    near = np.clip((FAR - depth) / (FAR - NEAR_FAR), 0, 1)
    paved = _within(ground.d, -PAVED, PAVED, ground.wide) * near
    painted = _painted(roads, pose, ground)
    d = ground.d * np.float32(roads.side)
    fine = np.clip(np.float32(1.2) - depth / np.float32(25), 0, 1)
    grain = np.sin(np.float32(1.1) * ground.s) * np.sin(np.float32(1.3) * d) * fine
    wave = np.sin(np.float32(0.31) * ground.s) + np.sin(np.float32(0.53) * ground.s + d)
    shade = np.clip(np.float32(3) * wave - np.float32(2.4), 0, 1)
    dark = 1 - look["shadow"] * shade * np.clip(2 - depth / np.float32(20), 0, 1)
    seen = np.exp(-look["fog"] * np.minimum(depth, HORIZON))
    colors = []
    for channel in range(3):
        grass = GRASS[channel] + (DRY[channel] - GRASS[channel]) * look["dry"]
        road = look["asphalt"] + (np.float32(BRICK[channel]) - look["asphalt"]) * look["brick"]
        color = grass * (1 + np.float32(0.15) * grain)
        color += (road - color) * paved
        color += (look["paint"] - color) * painted
        color *= dark
        colors.append(HAZE[channel] + (color - np.float32(HAZE[channel])) * seen)
    return colors


def _sky(roads: Roads, pose: Pose, look: dict[str, Floats], camera: Camera) -> list[Floats]:
    """Return red, green and blue of what is above the horizon, as shapes (N, H - G, W)."""
    columns = np.arange(camera.width) + 0.5 - camera.width / 2
    heading = along(roads, pose.road, pose.s)[2] + pose.psi
    bearing = roads.side * (heading[:, None] - np.arctan(columns / camera.focal))
    hills = 0.05 + 0.02 * np.sin(2 * bearing + 1) + 0.015 * np.sin(5 * bearing)
    above = camera.horizon - 0.5 - np.arange(int(np.ceil(camera.horizon - 0.5)))[:, None]
    inside = np.clip(camera.focal * hills[:, None, :] - above + 0.5, 0, 1).astype(np.float32)
    inside *= np.exp(-HORIZON * look["fog"])
    gray = np.minimum(look["fog"] * 25, 1)
    share = (above / camera.horizon).astype(np.float32)
    colors = []
    for channel in range(3):
        top = SKY[channel] + (HAZE[channel] - np.float32(SKY[channel])) * gray
        color = HAZE[channel] + (top - HAZE[channel]) * share
        colors.append(color + (np.float32(HILLS[channel]) - color) * inside)
    return colors


def _weather(
    roads: Roads,
    pose: Pose,
    frame: NDArray[np.integer],
    look: dict[str, Floats],
    camera: Camera,
) -> Floats:
    """Return what noise and drops of rain add, in gray levels, as shape (N, 3, H, W)."""
    seeds = roads.seeds[pose.road]
    pixels = np.arange(3 * camera.height * camera.width, dtype=np.uint32)
    key = hashed(seeds, NOISE, frame)[:, None]
    words = hashed(key ^ pixels)
    shape = (len(pose.s), 3, camera.height, camera.width)
    grain = normal_bytes(words).reshape(shape) * (look["noise"][..., None] / np.float32(147.8))
    if not look["rain"].any():
        return grain
    rows, columns = np.arange(camera.height) // 4, np.arange(camera.width)
    key = hashed(seeds, RAIN, frame)[:, None, None]
    drops = hashed(key ^ (rows[:, None] * camera.width + columns).astype(np.uint32)) / 2.0**32
    return grain + np.float32(60) * (drops < look["rain"])[:, None]
