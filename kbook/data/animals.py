"""Horses and zebras, rendered: two domains of pictures in which every true counterpart is known.

A scene is nine numbers from 0 to 1. Rendered as a horse or as a zebra, it differs in the animal's
coat alone: the stripes are a fixed pattern in the coordinates of the body, so there is exactly one
zebra to every horse. The page's `parts/animals.js` renders the same pixels from the same numbers.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["DOMAINS", "SIZE", "Unpaired", "animal_mask", "render", "scenes", "unpaired"]

DOMAINS = ("horse", "zebra")
SIZE = 32  # pixels, of a side
NUMBERS = ("x", "y", "size", "facing", "stride", "horizon", "sky", "grass", "cloud")

FINE = 2  # rays along each side of a pixel
CHUNK = 64  # scenes at a time: their arrays fit into the processor's cache
PERIOD = 0.75  # of the stripes, in units of the body: its half length is 1

Part = tuple[tuple[float, float], tuple[float, float], float]

# Parts of an animal that faces right, seen from its middle, y upward: from, to, radius.
TRUNK: Part = ((-0.55, 0.0), (0.55, 0.05), 0.47)
NECK: Part = ((0.7, 0.15), (1.2, 0.85), 0.24)
HEAD: Part = ((1.2, 0.85), (1.6, 0.6), 0.19)
TAIL: Part = ((-0.95, 0.25), (-1.25, -0.45), 0.09)
MANE: Part = ((0.55, 0.5), (1.05, 1.05), 0.1)
LEGS = ((-0.85, -1), (-0.55, 1), (0.5, 1), (0.8, -1))  # hip, and the direction of its swing

BROWN = (0.55, 0.32, 0.16)
BLACK = (0.09, 0.09, 0.1)
WHITE = (0.95, 0.95, 0.93)
DARK = (0.2, 0.13, 0.1)  # mane and tail, of both animals

Floats = NDArray[np.float64]


class Unpaired(NamedTuple):
    """Pictures of two domains that show different scenes, so that none has its counterpart.

    Attributes
    ----------
    horses, zebras : Tensor of shape (N, 3, 32, 32)
        float32, from -1 to 1.
    """

    horses: Tensor
    zebras: Tensor


def unpaired(count: int, seed: int) -> Unpaired:
    """Render `count` horses and as many zebras, each in a scene of its own.

    Parameters
    ----------
    count : int
        Pictures of each domain, at least 1.
    seed : int
        The same seed gives the same pictures on every machine.

    Returns
    -------
    Unpaired
    """
    drawn = scenes(2 * count, seed)
    return Unpaired(render(drawn[:count], "horse"), render(drawn[count:], "zebra"))


def scenes(count: int, seed: int) -> Floats:
    """Draw scenes at random, all equally likely.

    Parameters
    ----------
    count : int
        How many, at least 1.
    seed : int
        For numpy's generator.

    Returns
    -------
    ndarray of shape (count, 9)
        From 0 to 1: place of the animal, its size, the side it faces, its stride; the horizon, the
        colors of sky and grass, the place of the cloud.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1; got {count}.")
    return np.random.default_rng(seed).random((count, len(NUMBERS)))


def render(scenes: Floats, domain: str) -> Tensor:
    """Render scenes with a horse or with a zebra.

    Parameters
    ----------
    scenes : ndarray of shape (N, 9)
        From 0 to 1, as `scenes` draws them.
    domain : {"horse", "zebra"}
        Which animal.

    Returns
    -------
    Tensor of shape (N, 3, 32, 32)
        float32, from -1 to 1.

    Raises
    ------
    ValueError
        If `scenes` is no such array, or there is no such domain.
    """
    if domain not in DOMAINS:
        raise ValueError(f"domain must be one of {', '.join(DOMAINS)}; got {domain!r}.")
    rendered = [_render(part, domain) for part in _chunks(scenes)]
    colors = np.concatenate(rendered).transpose(0, 3, 1, 2)
    return torch.from_numpy((2 * colors - 1).astype(np.float32, order="C"))


def animal_mask(scenes: Floats) -> Tensor:
    """Return where the animal is: 1 where it fills a pixel, 0 in the background.

    Parameters
    ----------
    scenes : ndarray of shape (N, 9)
        From 0 to 1.

    Returns
    -------
    Tensor of shape (N, 1, 32, 32)
        float32, the covered share of each pixel.

    Raises
    ------
    ValueError
        If `scenes` is no such array.
    """
    covered = [_average(np.logical_or(*_shape(*_body(part), part))) for part in _chunks(scenes)]
    return torch.from_numpy(np.concatenate(covered)[:, None].astype(np.float32))


def _chunks(scenes: Floats) -> list[Floats]:
    scenes = np.asarray(scenes, dtype=np.float64)
    if scenes.ndim != 2 or scenes.shape[1] != len(NUMBERS) or len(scenes) == 0:
        raise ValueError(
            f"Scenes want the shape (N, {len(NUMBERS)}), N at least 1; got {scenes.shape}."
        )
    if not ((scenes >= 0) & (scenes <= 1)).all():
        raise ValueError("Scenes want numbers from 0 to 1; got some outside.")
    return [scenes[start : start + CHUNK] for start in range(0, len(scenes), CHUNK)]


def _render(scenes: Floats, domain: str) -> Floats:
    """Return colors from 0 to 1, of shape (N, 32, 32, 3)."""
    u, v = _body(scenes)
    coated, dark = _shape(u, v, scenes)
    light = np.clip(0.92 + 0.16 * v, 0.7, 1.05)[..., None]  # the belly lies in the shade
    picture = np.where(coated[..., None], np.minimum(_coat(u, v, domain) * light, 1), _land(scenes))
    return _average(np.where(dark[..., None], DARK, picture))


def _average(fine: NDArray[np.generic]) -> Floats:
    """Return the mean of the rays of each pixel."""
    shape = (len(fine), SIZE, FINE, SIZE, FINE, *fine.shape[3:])
    averaged: Floats = fine.reshape(shape).mean(axis=(2, 4))
    return averaged


def _rays() -> tuple[Floats, Floats]:
    """Return x, to the right, and y, downward, of all rays, as shapes (1, 1, 64) and (1, 64, 1)."""
    along = (np.arange(SIZE * FINE) + 0.5) / (SIZE * FINE)
    return along[None, None, :], along[None, :, None]


def _columns(scenes: Floats) -> list[Floats]:
    """Return each of the nine numbers as shape (N, 1, 1)."""
    return [column[:, None, None] for column in scenes.T]


def _body(scenes: Floats) -> tuple[Floats, Floats]:
    """Return the rays in the coordinates of the body: u toward the head, v upward."""
    x, y, size, facing = _columns(scenes)[:4]
    right, down = _rays()
    unit = 0.19 + 0.05 * size
    u = (right - (0.35 + 0.3 * x)) / unit * np.where(facing < 0.5, -1.0, 1.0)
    v = ((0.5 + 0.14 * y) - down) / unit
    return u + np.zeros_like(v), v + np.zeros_like(u)


def _shape(u: Floats, v: Floats, scenes: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which rays meet the coat, and which the mane and the tail, which hide it."""
    swing = 0.35 * (2 * _columns(scenes)[4] - 1)
    coated = _capsule(u, v, TRUNK) | _capsule(u, v, NECK) | _capsule(u, v, HEAD)
    for hip, direction in LEGS:
        middle = hip + direction * swing * np.clip((-0.2 - v) / 1.1, 0, 1)
        coated |= (np.abs(u - middle) < 0.14) & (v < -0.2) & (v > -1.3)
    return coated, _capsule(u, v, TAIL) | _capsule(u, v, MANE)


def _capsule(u: Floats, v: Floats, part: Part) -> NDArray[np.bool_]:
    """Tell which rays are nearer to a line from one end to the other than the radius."""
    (start_u, start_v), (end_u, end_v), radius = part
    along_u, along_v = end_u - start_u, end_v - start_v
    share = ((u - start_u) * along_u + (v - start_v) * along_v) / (along_u**2 + along_v**2)
    share = np.clip(share, 0, 1)
    off_u, off_v = u - start_u - share * along_u, v - start_v - share * along_v
    inside: NDArray[np.bool_] = off_u * off_u + off_v * off_v < radius * radius
    return inside


def _coat(u: Floats, v: Floats, domain: str) -> Floats:
    """Return the color of the coat: brown, or stripes that slant a little."""
    if domain == "horse":
        return np.array(BROWN)
    wave = (u + 0.3 * v) / PERIOD
    return np.where((wave - np.floor(wave) < 0.5)[..., None], BLACK, WHITE)


def _land(scenes: Floats) -> Floats:
    """Return what is behind the animal: a sky with one cloud, and grass."""
    horizon, sky, grass, cloud = _columns(scenes)[5:]
    right, down = _rays()
    horizon = 0.3 + 0.25 * horizon
    height, depth = down / horizon, (down - horizon) / (1 - horizon)
    above = [0.35 + 0.3 * sky + 0.3 * height, 0.6 + 0.1 * sky + 0.2 * height, 0.95 - 0.15 * sky]
    below = [0.25 + 0.35 * grass + 0.1 * depth, 0.55 + 0.1 * grass - 0.15 * depth]
    below.append(0.2 + 0.05 * grass)
    picture = np.where((down < horizon)[..., None], _colors(above), _colors(below))
    in_cloud = ((right - cloud) / 0.16) ** 2 + ((down - 0.5 * horizon) / 0.05) ** 2 < 1
    return np.where(in_cloud[..., None], 0.97, picture)


def _colors(channels: list[Floats]) -> Floats:
    """Stack red, green and blue, each given as far as it varies."""
    return np.stack(np.broadcast_arrays(*channels, np.zeros((1, SIZE * FINE, 1)))[:3], axis=-1)
