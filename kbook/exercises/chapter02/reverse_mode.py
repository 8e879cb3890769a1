"""Exercise 02-9: reverse mode, one sweep against the tape."""

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
    rebuild,
    reverse,
    tangle,
    unit_slopes,
)
from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]


def _reverse_cases() -> tuple[Case, ...]:
    """Return tapes, some with nodes that the last one does not depend on."""
    return (
        Case(FORK_NAME, (FORK,)),
        Case("a tape of two leaves", ([[], []],)),
        Case("a product a · a", ([[], [(0, 3.0), (0, 3.0)]],)),
        Case("a tape of 12 nodes", (tangle(1, 12),)),
        Case("a tape of 20 nodes", (tangle(2, 20),)),
        Case("60 forks in a row", (doublings(60),)),
        Case("a chain of 8000 nodes", (chain(8000),)),
    )


def _reverse_oracle(tape: Tape) -> list[float]:
    """Return torch's reverse mode."""
    leaves = [i for i, arrows in enumerate(tape) if not arrows]
    ones = {i: torch.ones((), dtype=torch.float64, requires_grad=True) for i in leaves}
    with torch.enable_grad():
        nodes = rebuild(tape, ones)
        slopes = torch.autograd.grad(nodes[-1], nodes, allow_unused=True)
    return [0.0 if slope is None else float(slope) for slope in slopes]


def _too_early(tape: Tape, turn: int) -> Array:
    """Let nodes pass their gradients on as they are met from the end: first or last met, first."""
    g = np.zeros(len(tape))
    g[-1] = 1.0
    waiting = [len(tape) - 1]
    met = set(waiting)
    while waiting:
        i = waiting.pop(turn)
        for p, s in tape[i]:
            g[p] += s * g[i]
            if p not in met:
                met.add(p)
                waiting.append(p)
    return g


def _slopes_alone(tape: Tape) -> Array:
    """Leave out the gradient of the node that hands it on."""
    g = np.zeros(len(tape))
    g[-1] = 1.0
    for arrows in reversed(tape):
        for p, s in arrows:
            g[p] += s
    return g


def _upward(tape: Tape) -> Array:
    """Pass gradients on in the order of computation instead of against it."""
    g = np.zeros(len(tape))
    g[-1] = 1.0
    for i, arrows in enumerate(tape):
        for p, s in arrows:
            g[p] += s * g[i]
    return g


def _miscounted(tape: Tape) -> Array:
    """Count the nodes from the end, but the gradients from the front."""
    g = np.zeros(len(tape))
    g[-1] = 1.0
    for i, arrows in enumerate(reversed(tape)):
        for p, s in arrows:
            g[p] += s * g[i]
    return g


def _unused(tape: Tape) -> tuple[int, ...]:
    """Return the nodes that no other node uses, the last one among them."""
    used = {p for arrows in tape for p, _ in arrows}
    return tuple(i for i in range(len(tape)) if i not in used)


def _only_leaves(tape: Tape) -> Array:
    """Set the gradients of all nodes with parents to zero."""
    return np.where([not arrows for arrows in tape], reverse(tape), 0.0)


REVERSE_MODE = Exercise(
    id="02-9",
    title="An engine in ten lines",
    level="design",
    minutes=20,
    task=Function(_reverse_cases, _reverse_oracle),
    solution=reverse,
    praise="the slopes of one output by all nodes, however many nodes and paths there are.",
    nudge="from the last node to the first, each hands its gradient times the slope to its parents",
    slow=f"one sweep is enough: {SLOW}",
    wrong=(
        Mistake(
            lambda tape: reverse(tape, add=False),
            "what a node receives replaces what it had; at a fork, gradients add.",
        ),
        Mistake(
            _upward,
            "this goes through the tape from the front, where nothing has arrived yet; start at "
            "the last node and go back.",
        ),
        Mistake(
            _miscounted,
            "enumerate(reversed(tape)) gives the last node the number 0; count down with "
            "reversed(range(len(tape))).",
        ),
        Mistake(
            lambda tape: reverse(tape, ()),
            "all zeros: the sweep has nothing to hand on unless the last node starts from 1, its "
            "slope by itself.",
        ),
        Mistake(
            lambda tape: reverse(tape, tuple(range(len(tape)))),
            "every node starts from 1 here; only the last one does, the others start from 0.",
        ),
        Mistake(
            lambda tape: reverse(tape, _unused(tape)),
            "every node that nothing uses starts from 1 here; what the last node does not depend "
            "on has the gradient 0.",
        ),
        Mistake(
            lambda tape: reverse(unit_slopes(tape)),
            "this counts the paths to the last node: multiply by the slope of each arrow on the "
            "way.",
        ),
        Mistake(
            _slopes_alone,
            "you add up the slopes of the arrows alone; multiply each by the gradient of the node "
            "that hands it on.",
        ),
        Mistake(
            lambda tape: _too_early(tape, 0),
            "a node handed its gradient on before all nodes that use it had reported; the reversed "
            "tape is a safe order.",
        ),
        Mistake(
            lambda tape: _too_early(tape, -1),
            "a stack lets a node hand its gradient on before all nodes that use it have reported; "
            "go through the tape instead.",
        ),
        Mistake(
            lambda tape: forward(tape, [0]),
            "this is forward mode, the slopes of all nodes by node 0; asked are the slopes of the "
            "last node by all.",
        ),
        Mistake(
            _only_leaves,
            "the gradients of the leaves are right; return those of the nodes in between as well.",
        ),
        Mistake(
            lambda tape: reverse(tape) - np.eye(len(tape))[-1],
            "all right except for the last entry: the slope of the last node by itself is 1.",
        ),
    ),
)
