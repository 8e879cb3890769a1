"""Drag logits and see what softmax, the cross-entropy and its gradient make of them."""

import math
from typing import Any

import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet

__all__ = ["SoftmaxLoss"]

_LARGEST = 10.0  # the sliders end at ±5, and gradient steps may go beyond


class SoftmaxLoss(Widget):
    """Show probabilities, loss and gradient p - y of a few logits that the reader drags.

    Attributes
    ----------
    logits : list of 2 to 6 floats
        One for each class, between -10 and 10 (the sliders: -5 to 5).
    names : list of str, as many as logits
        What the classes are called.
    target : int
        Index of the true class.
    scale : {1, 10, 100, 1000}
        What the logits are multiplied with before the loss sees them.
    naive : bool
        Whether softmax is computed as it is written, and so can overflow.

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described. To change the number of classes, set logits and names inside
        ``with widget.hold_trait_notifications():``.
    """

    module = "softmax_loss"
    summary = (
        "Four classes with a logit each: drag a logit or choose another true class, and see the "
        "probabilities p, the loss −ln p of the true class, and the gradient p − y."
    )
    _esm = module_text("softmax_loss")
    _css = stylesheet()

    logits = traitlets.List([2.0, 1.0, 0.0, -1.0]).tag(sync=True)
    names = traitlets.List(["cat", "dog", "horse", "zebra"]).tag(sync=True)
    target = traitlets.Int(1).tag(sync=True)
    scale = traitlets.CaselessStrEnum(["1", "10", "100", "1000"], "1").tag(sync=True)
    naive = traitlets.Bool(False).tag(sync=True)

    @traitlets.validate("logits")
    def _check_logits(self, proposal: dict[str, Any]) -> list[float]:
        logits = proposal["value"]
        good = [
            isinstance(z, int | float) and math.isfinite(z) and abs(z) <= _LARGEST for z in logits
        ]
        if not (2 <= len(logits) <= 6 and all(good)):
            raise traitlets.TraitError(f"want 2 to 6 logits from -10 to 10, got {logits}")
        if len(logits) != len(self.names):
            raise traitlets.TraitError(f"want {len(self.names)} logits, as many as names: {logits}")
        return [float(z) for z in logits]

    @traitlets.validate("names")
    def _check_names(self, proposal: dict[str, Any]) -> list[str]:
        names = proposal["value"]
        if len(names) != len(self.logits) or not all(isinstance(n, str) and n for n in names):
            raise traitlets.TraitError(f"want {len(self.logits)} names, got {names}")
        return list(names)

    @traitlets.validate("target")
    def _check_target(self, proposal: dict[str, Any]) -> int:
        target: int = proposal["value"]
        if not 0 <= target < len(self.logits):
            raise traitlets.TraitError(
                f"want a class from 0 to {len(self.logits) - 1}, got {target}"
            )
        return target
