"""Roads and cars of the simplest kinds, for the tests of the driving world."""

import numpy as np

from kbook.data.road import NODE, Pose, Roads


def bent(base: Roads, curvature: float, nodes: int = 800) -> Roads:
    """Return one road as a circle, made of arcs between nodes that lie on it."""
    turned = curvature * NODE * np.arange(nodes)
    x, y = np.sin(turned) / curvature, (1 - np.cos(turned)) / curvature
    same = np.full((1, nodes), curvature)
    return base._replace(curvature=same, heading=turned[None], x=x[None], y=y[None])


def pose(s: float = 0.0, e: float = 0.0, psi: float = 0.0) -> Pose:
    """Return one car on the first road."""
    return Pose(np.zeros(1, dtype=int), np.array([s]), np.array([e]), np.array([psi]))
