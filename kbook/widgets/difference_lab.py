"""Shrink the step of a difference quotient and see its error fall, then rise, and digits cancel."""

import math
from types import MappingProxyType
from typing import Any

import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet

__all__ = ["DifferenceLab"]

_FUNCTIONS = ["sin", "exp", "cube", "tanh", "offset", "relu"]


class DifferenceLab(Widget):
    """Show the errors of the one-sided and the central difference quotient over the step h.

    The reader moves h and looks for the best one. Beside the two errors stand the values that are
    subtracted, with the leading digits that cancel, and the quotients, with the digits that are
    right.

    Attributes
    ----------
    function : {"sin", "exp", "cube", "tanh", "offset", "relu"}
        What is differentiated: "cube" is x³, "offset" is sin x + 1,000,000.
    x : float
        Where, from -2 to 2, a multiple of 0.01.
    exponent : float
        The step is about 10**exponent: from -16 to -1, a multiple of 0.25. Between the powers of
        ten h has two digits: 1e-5, 1.8e-5, 3.2e-5, 5.6e-5.
    shows_best : bool
        Whether the best h of each quotient is ringed and printed.

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described.
    """

    module = "difference_lab"
    summary = (
        "A function, a point, and a step h from 0.1 down to 1e-16: see the error of the one-sided "
        "and of the central difference quotient fall, then rise again as digits cancel."
    )
    photographed = MappingProxyType({"exponent": -10.0, "shows_best": True})
    _esm = module_text("difference_lab")
    _css = stylesheet()

    function = traitlets.Enum(_FUNCTIONS, "sin").tag(sync=True)
    x = traitlets.Float(1.0).tag(sync=True)
    exponent = traitlets.Float(-1.0).tag(sync=True)
    shows_best = traitlets.Bool(False).tag(sync=True)

    @traitlets.validate("x")
    def _check_x(self, proposal: dict[str, Any]) -> float:
        x: float = proposal["value"]
        if not (math.isfinite(x) and abs(x) <= 2 and x == round(x, 2)):
            raise traitlets.TraitError(f"want x from -2 to 2, a multiple of 0.01, got {x}")
        return x

    @traitlets.validate("exponent")
    def _check_exponent(self, proposal: dict[str, Any]) -> float:
        exponent: float = proposal["value"]
        if not (-16 <= exponent <= -1 and (4 * exponent).is_integer()):
            raise traitlets.TraitError(
                f"want an exponent from -16 to -1, a multiple of 0.25, got {exponent}"
            )
        return exponent
