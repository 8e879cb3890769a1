"""A task whose inputs may hold nan, which is not equal to itself."""

from __future__ import annotations

import pickle
from typing import Any

from kbook.exercises.tasks import Function, Outputs

__all__ = ["FunctionOfNan"]


class FunctionOfNan(Function):
    """Ask for a function whose inputs may hold nan; compare them byte by byte for changes."""

    def run(self, answer: object) -> tuple[Outputs, bool]:
        """Return what a function gives for each case, and whether it changed one of its inputs."""
        if not callable(answer):
            return super().run(answer)
        changed = False

        def watched(*given: Any) -> Any:
            nonlocal changed
            before = pickle.dumps(given)
            value = answer(*given)
            changed |= pickle.dumps(given) != before
            return value

        return super().run(watched)[0], changed
