"""Train a small net in the page: its decision boundary, its training loss and its test loss."""

import math
from types import MappingProxyType
from typing import Any

import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet
from kbook.widgets.traits import ArrayList, within

__all__ = ["Playground"]

_MOST_POINTS = 200
_EDGE = 3  # the plane reaches from -3 to 3 both ways
_RANGES = {
    "noise": (0, 1),
    "seed": (0, 9_999),
    "width": (1, 16),
    "depth": (0, 3),
    "rate": (1e-4, 10),
    "strength": (1e-5, 1),
    "steps": (0, 20_000),
}


class Playground(Widget):
    """Train a multilayer perceptron on points of two classes, live in the browser.

    Every step is taken with all training points, in 64 bits, from start weights that a small
    generator of random numbers makes: the same settings give the same net everywhere, also in the
    PyTorch program that the widget writes. The traits follow what the reader sets.

    Attributes
    ----------
    data : {"moons", "circles", "spirals", "own"}
        80 training and 80 test points of one of three data sets, or `points`.
    noise : float
        The standard deviation of the points about their curves, from 0 to 1; the plane reaches
        from -3 to 3.
    points : list of at most 200 [x, y, label]
        The points of "own", x and y from -3 to 3 (kept to two decimals), label 0 or 1. Every fifth
        is a test point.
    seed : int
        From 0 to 9,999: other points and other start weights.
    width, depth : int
        Units in a hidden layer, 1 to 16, and number of hidden layers, 0 to 3.
    activation : {"relu", "tanh", "sigmoid"}
        What follows each hidden layer.
    optimizer : {"sgd", "momentum", "adam", "adamw"}
        As in ``torch.optim``; momentum is SGD with a momentum of 0.9.
    rate : float
        The learning rate, from 0.0001 to 10.
    penalty : {"none", "L2", "L1"}
        L2 is torch's ``weight_decay``: `strength` times the weight is added to its gradient, or,
        with "adamw", `rate` times that is taken off the weight directly. L1 adds `strength` times
        the sum of all absolute weights to what is minimized. Both count the biases too.
    strength : float
        Of the penalty, from 0.00001 to 1.
    steps : int
        How many steps are trained before the reader does anything, 0 to 20,000.

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described.
    """

    module = "playground"
    summary = (
        "A small net learns to tell two classes of points apart: choose its size, activation, "
        "optimizer and penalty, train it, and watch its boundary and its training and test loss."
    )
    photographed = MappingProxyType({"data": "spirals", "noise": 0.2, "steps": 250})
    _esm = module_text("playground")
    _css = stylesheet()

    data = traitlets.Enum(["moons", "circles", "spirals", "own"], "moons").tag(sync=True)
    noise = traitlets.Float(0.3).tag(sync=True)
    points = ArrayList().tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)
    width = traitlets.Int(8).tag(sync=True)
    depth = traitlets.Int(2).tag(sync=True)
    activation = traitlets.Enum(["relu", "tanh", "sigmoid"], "tanh").tag(sync=True)
    optimizer = traitlets.Enum(["sgd", "momentum", "adam", "adamw"], "adam").tag(sync=True)
    rate = traitlets.Float(0.02).tag(sync=True)
    penalty = traitlets.Enum(["none", "L2", "L1"], "none").tag(sync=True)
    strength = traitlets.Float(0.001).tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)

    _check_range = within(_RANGES)

    @traitlets.validate("points")
    def _check_points(self, proposal: dict[str, Any]) -> list[list[float]]:
        """Refuse what does not lie on the plane; round the rest to two decimals."""
        points = proposal["value"]
        if len(points) > _MOST_POINTS:
            raise traitlets.TraitError(f"want at most {_MOST_POINTS} points, got {len(points)}")
        return [_check_point(point) for point in points]


def _check_point(point: Any) -> list[float]:
    """Return [x, y, label] with x and y rounded to two decimals."""
    try:
        x, y, label = (float(number) for number in point)
    except (TypeError, ValueError):
        raise traitlets.TraitError(f"want points [x, y, label], got {point!r}") from None
    on_plane = all(math.isfinite(v) and abs(v) <= _EDGE for v in (x, y))
    if not on_plane or label not in (0, 1):
        raise traitlets.TraitError(
            f"want x and y from -{_EDGE} to {_EDGE} and a label of 0 or 1, got {point!r}"
        )
    return [round(x, 2) + 0.0, round(y, 2) + 0.0, int(label)]
