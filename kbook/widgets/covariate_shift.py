"""Show where cars are on the road under a cloned net, and after each round of DAgger."""

import json
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet

__all__ = ["CovariateShift"]

_RECORD = resources.files("kbook") / "assets" / "recorded" / "07_rounds.json"


@cache
def _recorded() -> list[dict[str, Any]]:
    """Return the recorded rounds in their order, places as whole millimeters and milliradians."""
    values = json.loads(_RECORD.read_text(encoding="utf-8"))["values"]
    found: dict[str, dict[str, Any]] = {}
    for label, value in values.items():
        name, key = label.rsplit(", ", 1)
        if key in ("e", "psi"):
            value = [round(1000 * number) for number in value]
        found.setdefault(name, {"name": name})[key] = value
    return list(found.values())


class CovariateShift(Widget):
    """Show the states that a driver comes through, beside those of the demonstration.

    Each dot is a car at one decision: how far it is off the center line, and by how much it points
    away from the road. The reader moves from the demonstration to the cloned net and on through
    the rounds of DAgger; a sentence says what the net's error is on the states of each.

    Attributes
    ----------
    chosen : int
        The driver looked at: 0 is the demonstration, 1 the cloned net, then a round each.
    rounds : list of dict, read-only
        The recorded run "07_rounds": for each driver "name", "e" in millimeters, "psi" in
        milliradians, its score, and for a net the errors "gap" on its own states and "shown gap".

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described.
    """

    module = "covariate_shift"
    summary = (
        "Where cars are on the road, meters off the line and degrees off its direction: in the "
        "demonstration, under the net that was cloned from it, and after each round of DAgger."
    )
    photographed = MappingProxyType({"chosen": 1})
    _esm = module_text("covariate_shift")
    _css = stylesheet()

    chosen = traitlets.Int(0).tag(sync=True)
    rounds = traitlets.List(traitlets.Dict(), read_only=True).tag(sync=True)

    @traitlets.default("rounds")
    def _load_rounds(self) -> list[dict[str, Any]]:
        return _recorded()

    @traitlets.validate("chosen")
    def _check_chosen(self, proposal: dict[str, Any]) -> int:
        chosen: int = proposal["value"]
        last = len(self.rounds) - 1
        if not 0 <= chosen <= last:
            raise traitlets.TraitError(f"want chosen from 0 to {last}, got {chosen}")
        return chosen
