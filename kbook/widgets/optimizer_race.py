"""Race SGD, momentum, Adam and AdamW from one start over a landscape in two weights."""

from types import MappingProxyType
from typing import Any

import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet
from kbook.widgets.traits import within

__all__ = ["OptimizerRace"]

_SURFACES = ["bowl", "valley", "tilted", "banana", "saddle", "ripples"]
_OPTIMIZERS = ["sgd", "momentum", "adam", "adamw"]
_REACH = 2  # the map shows x and y from -2 to 2
_RANGES = {"rate": (0.001, 1), "decay": (0, 0.5), "steps": (0, 200)}


class OptimizerRace(Widget):
    """Show the paths of up to four optimizers on a contour map, and their heights over the steps.

    The reader chooses the surface, drags the start, ticks who runs, and moves the step size. The
    browser computes the paths with the update rules of `torch.optim`; the traits follow.

    Attributes
    ----------
    surface : {"bowl", "valley", "tilted", "banana", "saddle", "ripples"}
        The loss over two weights. "valley" has the curvatures ¼ and 25 along its axes, "tilted" is
        the same valley turned by 45 degrees, "ripples" has nine minima.
    start : list of two floats
        Where all runners start, x and y from -2 to 2.
    optimizers : list of str
        Who runs, at least one of "sgd", "momentum" (0.9), "adam", "adamw", each once.
    rate : float
        The step size (learning rate) of all runners, from 0.001 to 1.
    decay : float
        The weight decay of AdamW, from 0 to 0.5; the others run without.
    steps : int
        How many steps are shown, from 0 to 200.

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described.
    """

    module = "optimizer_race"
    summary = (
        "SGD, momentum, Adam and AdamW run from one start over a landscape of your choice: see "
        "their paths on a contour map, and the height of each over the steps."
    )
    photographed = MappingProxyType({"steps": 30})
    _esm = module_text("optimizer_race")
    _css = stylesheet()

    surface = traitlets.Enum(_SURFACES, "valley").tag(sync=True)
    start = traitlets.List(traitlets.Float(), [-1.6, 1.4], minlen=2, maxlen=2).tag(sync=True)
    optimizers = traitlets.List(traitlets.Unicode(), _OPTIMIZERS).tag(sync=True)
    rate = traitlets.Float(0.071).tag(sync=True)
    decay = traitlets.Float(0.1).tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)

    @traitlets.validate("start")
    def _check_start(self, proposal: dict[str, Any]) -> list[float]:
        start: list[float] = proposal["value"]
        if not all(abs(value) <= _REACH for value in start):
            raise traitlets.TraitError(
                f"want a start with x and y from -{_REACH} to {_REACH}, got {start}"
            )
        return start

    @traitlets.validate("optimizers")
    def _check_optimizers(self, proposal: dict[str, Any]) -> list[str]:
        names: list[str] = proposal["value"]
        if not names or len(set(names)) < len(names) or not set(names) <= set(_OPTIMIZERS):
            raise traitlets.TraitError(
                f"want one or more of {_OPTIMIZERS} as optimizers, each once, got {names}"
            )
        return [name for name in _OPTIMIZERS if name in names]

    _check_range = within(_RANGES)
