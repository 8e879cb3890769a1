"""Move through the recorded training of plain and residual nets of four depths."""

import json
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet

__all__ = ["DepthExplorer"]

_RECORD = resources.files("kbook") / "assets" / "recorded" / "05_depths.json"
_MEASURES = ["training accuracy", "validation accuracy", "training loss"]
_KINDS = ["plain", "residual"]


@cache
def _recorded() -> dict[str, Any]:
    """Return what the recorded run measured, label to value."""
    values: dict[str, Any] = json.loads(_RECORD.read_text(encoding="utf-8"))["values"]
    return values


class DepthExplorer(Widget):
    """Show how eight recorded nets learned, and the gradients of two of them layer by layer.

    The reader chooses a depth and moves through the epochs: above, one measure of all nets over
    the epochs; below, the norm of the gradient by each convolution's weights of the chosen depth's
    plain and residual net at that epoch.

    Attributes
    ----------
    depth : int
        The nets looked at: one of the recorded depths, in layers with weights.
    epoch : int
        The epoch looked at, from 0 (before training) to the last recorded one.
    measure : {"training accuracy", "validation accuracy", "training loss"}
        What is drawn over the epochs.
    shown : list of str
        Which nets are drawn, "plain", "residual" or both.
    curves : dict, read-only
        The recorded run "05_depths": "depths", "epochs", and a list for each net and measure.
        Training loss and accuracy are taken with the statistics of the batch, as in training,
        validation accuracy in evaluation mode. Two columns are not drawn: "in evaluation mode (%)",
        how many training digits that mode reads, and "early weights", a norm.

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described.
    """

    module = "depth_explorer"
    summary = (
        "Plain and residual nets of 8 to 56 layers: move through their recorded training, and see "
        "how much of the training digits each reads, and how large its gradient is in every layer."
    )
    photographed = MappingProxyType({"epoch": 12})
    _esm = module_text("depth_explorer")
    _css = stylesheet()

    depth = traitlets.Int(56).tag(sync=True)
    epoch = traitlets.Int(0).tag(sync=True)
    measure = traitlets.Enum(_MEASURES, "training accuracy").tag(sync=True)
    shown = traitlets.List(traitlets.Unicode(), _KINDS).tag(sync=True)
    curves = traitlets.Dict(read_only=True).tag(sync=True)

    @traitlets.default("curves")
    def _load_curves(self) -> dict[str, Any]:
        return _recorded()

    @traitlets.validate("depth")
    def _check_depth(self, proposal: dict[str, Any]) -> int:
        depth: int = proposal["value"]
        if depth not in self.curves["depths"]:
            raise traitlets.TraitError(
                f"want one of the recorded depths {self.curves['depths']} as depth, got {depth}"
            )
        return depth

    @traitlets.validate("epoch")
    def _check_epoch(self, proposal: dict[str, Any]) -> int:
        epoch: int = proposal["value"]
        if not 0 <= epoch <= self.curves["epochs"]:
            raise traitlets.TraitError(f"want epoch from 0 to {self.curves['epochs']}, got {epoch}")
        return epoch

    @traitlets.validate("shown")
    def _check_shown(self, proposal: dict[str, Any]) -> list[str]:
        kinds: list[str] = proposal["value"]
        if not kinds or len(set(kinds)) < len(kinds) or not set(kinds) <= set(_KINDS):
            raise traitlets.TraitError(
                f"want one or both of {_KINDS} as shown, each once, got {kinds}"
            )
        return [kind for kind in _KINDS if kind in kinds]
