"""Random programs for both engines: each step computes a node more from any of those before it.

Steps are drawn beside torch, which says what shapes and sizes there are; the tests then run them on
our engines. What is far from one is scaled back, so that no digits get lost.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

CLEAR = 1e-6  # max and relu want entries at least so far apart: rounding must not decide
LIMIT = 4.0  # the largest number of a program


class Step(NamedTuple):
    ours: Callable
    theirs: Callable
    operands: tuple[int, ...]  # positions of nodes
    name: str

    def __repr__(self) -> str:
        return f"{self.name} of {self.operands}"


def alike(name: str, function: Callable, *operands: int) -> Step:
    """Make a step that is written alike for torch."""
    return Step(function, function, operands, name)


def run(steps: list[Step], leaves: Iterable, side: str) -> list[Any]:
    """Compute all nodes of a program, the leaves first; side is "ours" or "theirs"."""
    nodes = list(leaves)
    for step in steps:
        nodes.append(getattr(step, side)(*(nodes[i] for i in step.operands)))
    return nodes


def extend(steps: list[Step], nodes: list[Any], step: Step) -> None:
    """Append a step to a program and its result to torch's nodes, scaled back if it is large."""
    result = step.theirs(*(nodes[i] for i in step.operands))
    size = float(abs(result).max())
    if size > LIMIT:
        small = 2.0 ** -np.ceil(np.log2(size / LIMIT))
        step = Step(
            lambda *a, f=step.ours: f(*a) * small,
            lambda *a, f=step.theirs: f(*a) * small,
            step.operands,
            f"{small} {step.name}",
        )
        result = result * small
    steps.append(step)
    nodes.append(result)


def assert_close(ours: Any, reference: Any, tolerance: float = 1e-10) -> None:
    ours, reference = np.asarray(ours), np.asarray(reference)
    assert ours.shape == reference.shape
    assert (np.abs(ours - reference) <= tolerance * np.maximum(1, np.abs(reference))).all()
