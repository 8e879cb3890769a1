"""Exercise 02-8: forward mode, one sweep along the tape."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.chapter02.tape import (
    FORK,
    FORK_NAME,
    SLOW,
    Tape,
    chain,
    doublings,
    forward,
    reverse,
    tangle,
    unit_slopes,
)
from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]


def _forward_cases() -> tuple[Case, ...]:
    """Return tapes with the node by which to differentiate: leaves, and nodes with parents."""
    return (
        Case(f"{FORK_NAME} and node 0", (FORK, 0)),
        Case(f"{FORK_NAME} and node 1", (FORK, 1)),
        Case(f"{FORK_NAME} and node 2", (FORK, 2)),
        Case("a tape of 12 nodes and node 2", (tangle(1, 12), 2)),
        Case("a tape of 20 nodes and node 1", (tangle(2, 20), 1)),
        Case("a tape of 20 nodes and node 7", (tangle(3, 20), 7)),
        Case("60 forks in a row and node 0", (doublings(60), 0)),
        Case("a chain of 1200 nodes and node 1", (chain(1200), 1)),
    )


def _forward_oracle(tape: Tape, wrt: int) -> Array:
    """Solve the equations d = S d + e for all nodes at once, with the slopes as a matrix S."""
    unit = torch.eye(len(tape), dtype=torch.float64)
    slopes = torch.zeros_like(unit)
    for i, arrows in enumerate(tape):
        for p, s in arrows if i != wrt else []:
            slopes[i, p] += s
    return torch.linalg.solve_triangular(unit - slopes, unit[:, [wrt]], upper=False)[:, 0].numpy()


def _leaves(tape: Tape) -> list[int]:
    """Return the nodes without parents."""
    return [i for i, arrows in enumerate(tape) if not arrows]


def _neighbors(tape: Tape, wrt: int) -> Array:
    """Return the slopes of the arrows that start at a node, and 1 for itself."""
    own = [sum(s for p, s in arrows if p == wrt) for arrows in tape]
    return np.array(own) + np.eye(len(tape))[wrt]


FORWARD_MODE = Exercise(
    id="02-8",
    title="Forward mode on a tape",
    level="design",
    minutes=20,
    task=Function(_forward_cases, _forward_oracle),
    solution=lambda tape, wrt: forward(tape, [wrt]),
    praise="one sweep gives the slopes of all nodes by one input; a second input costs a second.",
    nudge="each node's slope by the input is the sum, over its parents, of slope times theirs",
    slow=SLOW,
    wrong=(
        Mistake(
            lambda tape, wrt: reverse(tape),
            "this is reverse mode, the slopes of the last node by all others; asked are the slopes "
            "of all nodes by one.",
        ),
        Mistake(
            lambda tape, wrt: np.zeros(len(tape)),
            "all zeros: a sweep starts from ∂v/∂v = 1 at the chosen node, and must not overwrite "
            "it on the way.",
        ),
        Mistake(
            lambda tape, wrt: forward(tape, [wrt], keep=False),
            "the chosen node was computed again from its own parents, which wiped out its 1.",
        ),
        Mistake(
            lambda tape, wrt: forward(tape, [wrt], add=False),
            "only the last parent of each node counts here; what arrives from several parents adds "
            "up.",
        ),
        Mistake(
            lambda tape, wrt: forward(tape, [*_leaves(tape), wrt]),
            "other leaves start from 1 too, which adds up several derivatives; they stand still, "
            "so give them 0.",
        ),
        Mistake(
            lambda tape, wrt: forward(unit_slopes(tape), [wrt]),
            "this counts paths: what a parent hands on is multiplied by the slope of the arrow.",
        ),
        Mistake(
            _neighbors,
            "these are the arrows that start at the chosen node; their ends hand the slope on to "
            "nodes further down.",
        ),
        Mistake(
            lambda tape, wrt: forward(tape, [wrt])[-1],
            "this is the slope of the last node alone; return those of all nodes as an array.",
        ),
    ),
)
