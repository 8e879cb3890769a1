"""Switch the skips of a stack of blocks and see what reaches its ends: signal and gradient."""

from types import MappingProxyType
from typing import Any

import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet
from kbook.widgets.traits import ArrayList, within

__all__ = ["SkipLab"]

_RANGES = {"blocks": (1, 30), "gain": (0.25, 2), "seed": (0, 9_999)}


class SkipLab(Widget):
    """Show the size of signal and gradient along a stack of blocks whose skips can be switched.

    A block computes y = x + F(x) with its skip and y = F(x) without, where F(x) = W2 relu(W1 x) on
    vectors of 16 numbers. The browser computes both passes for 32 samples in 64 bits; the traits
    follow what the reader sets.

    Attributes
    ----------
    blocks : int
        How many blocks the stack has, from 1 to 30.
    off : list of int
        The blocks whose skip is off, counted from 1, each once; they are kept in order. Fewer
        `blocks` drop those that are no longer there.
    gain : float
        What multiplies the weights, from 0.25 to 2. With 1 they have He's scale: a block without
        its skip keeps the mean square of the signal on average over all weights.
    normalize : bool
        Whether each branch starts with batch normalization, without scale and shift.
    seed : int
        From 0 to 9,999: other weights.

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described.
    """

    module = "skip_lab"
    summary = (
        "A stack of residual blocks: switch skips off, one by one or all, change depth, gain and "
        "normalization, and see how large signal and gradient are at every block."
    )
    photographed = MappingProxyType({"off": [5, 10, 15]})
    _esm = module_text("skip_lab")
    _css = stylesheet()

    blocks = traitlets.Int(20).tag(sync=True)
    off = ArrayList(traitlets.Int(), []).tag(sync=True)
    gain = traitlets.Float(0.5).tag(sync=True)
    normalize = traitlets.Bool(False).tag(sync=True)
    seed = traitlets.Int(1).tag(sync=True)

    _check_range = within(_RANGES)

    @traitlets.validate("off")
    def _check_off(self, proposal: dict[str, Any]) -> list[int]:
        off: list[int] = proposal["value"]
        if len(set(off)) < len(off) or not all(1 <= block <= self.blocks for block in off):
            raise traitlets.TraitError(
                f"want in off block numbers from 1 to {self.blocks}, each once, got {off}"
            )
        return sorted(off)

    @traitlets.observe("blocks")
    def _drop_blocks_that_are_gone(self, change: dict[str, Any]) -> None:
        self.off = [block for block in self.off if block <= change["new"]]
