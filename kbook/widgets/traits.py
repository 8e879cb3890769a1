"""Traits and validators that several widgets need."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets

__all__ = ["ArrayList", "within"]


class ArrayList(traitlets.List):
    """A list that also takes a numpy array."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Return a list of Python's own numbers, checked as any list is."""
        return super().validate(obj, value.tolist() if isinstance(value, np.ndarray) else value)


def within(ranges: Mapping[str, tuple[float, float]]) -> Any:
    """Return a validator for the body of a widget class: each trait named must lie in its range.

    Parameters
    ----------
    ranges : mapping of str to (float, float)
        Name of a trait → the smallest and the largest value allowed.
    """

    @traitlets.validate(*ranges)
    def check(widget: traitlets.HasTraits, proposal: traitlets.Bunch) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        low, high = ranges[name]
        if not low <= value <= high:
            raise traitlets.TraitError(f"want {name} from {low} to {high}, got {value}")
        return value

    return check
