"""Tapes of a computation, and the sweeps along them that exercises 02-8 and 02-9 ask for."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = [
    "FORK",
    "FORK_NAME",
    "SLOW",
    "Tape",
    "chain",
    "doublings",
    "forward",
    "rebuild",
    "reverse",
    "tangle",
    "unit_slopes",
]

Array = NDArray[np.float64]
Tape = list[list[tuple[int, float]]]
"""For each node, in the order of computation, its parents, each with the slope by it."""

FORK: Tape = [[], [], [(0, -3.0), (1, 4.0)], [(2, 1.0), (0, 1.0)], [(3, -16.0)]]
"""(a·b + a)² at a = 4 and b = −3, as in exercise 02-1: a, b, a·b, the sum, its square."""

FORK_NAME = "the tape of exercise 02-1"
SLOW = "visit each node once, since 60 forks in a row already have more than 10¹⁸ paths"


def chain(length: int) -> Tape:
    """Return nodes that each have the one before as their parent.

    Parameters
    ----------
    length : int
        Number of nodes; the slopes of any three arrows in a row multiply to −1.

    Returns
    -------
    list
        The tape.
    """
    return [[], *([(i, (2.0, 0.5, -1.0)[i % 3])] for i in range(length - 1))]


def doublings(count: int) -> Tape:
    """Return forks in a row, each node being the one before plus itself.

    Parameters
    ----------
    count : int
        Number of forks; there are 2 to the power of it paths from the first node to the last.

    Returns
    -------
    list
        The tape.
    """
    return [[], *([(i, 1.0), (i, 1.0)] for i in range(count))]


def tangle(seed: int, length: int) -> Tape:
    """Return four leaves, then nodes with one to three of the six before them as parents.

    Parameters
    ----------
    seed : int
        Of the generator; the same seed gives the same tape.
    length : int
        Number of nodes, more than four; the last does not depend on all of them.

    Returns
    -------
    list
        The tape.
    """
    rng = np.random.default_rng(seed)

    def node(i: int) -> list[tuple[int, float]]:
        parents = rng.integers(max(0, i - 6), i, rng.integers(1, 4)).tolist()
        return [(p, float(rng.choice([-2, -1, -0.5, 0.5, 1.5, 3]))) for p in parents]

    return [[], [], [], [], *(node(i) for i in range(4, length))]


def rebuild(tape: Tape, inputs: dict[int, Tensor]) -> list[Tensor]:
    """Compute a tape in torch: every node is the sum of its parents times their slopes.

    Parameters
    ----------
    tape : list
        The tape.
    inputs : dict
        Tensors that stand in for some of the nodes; other leaves are 0.

    Returns
    -------
    list of scalar tensors
        The nodes.
    """
    nodes: list[Tensor] = []
    for i, arrows in enumerate(tape):
        terms = (slope * nodes[parent] for parent, slope in arrows)
        zero = torch.zeros((), dtype=torch.float64)
        nodes.append(inputs[i] if i in inputs else sum(terms, start=zero))
    return nodes


def forward(tape: Tape, seeds: list[int], *, add: bool = True, keep: bool = True) -> Array:
    """Sweep along the tape: the reference solution of exercise 02-8, and its mistakes.

    Parameters
    ----------
    tape : list
        The tape.
    seeds : list of int
        The nodes that start from 1.
    add : bool
        Whether the contributions of several parents are added up.
    keep : bool
        Whether the seeds stay as they are, even if they have parents.

    Returns
    -------
    array
        For each node its derivative by the seeds.
    """
    d = np.zeros(len(tape))
    d[seeds] = 1.0
    for i, arrows in enumerate(tape):
        if arrows and not (keep and i in seeds):
            terms = [s * d[p] for p, s in arrows]
            d[i] = sum(terms) if add else terms[-1]
    return d


def reverse(tape: Tape, seeds: tuple[int, ...] = (-1,), *, add: bool = True) -> Array:
    """Sweep against the tape: the reference solution of exercise 02-9, and its mistakes.

    Parameters
    ----------
    tape : list
        The tape.
    seeds : tuple of int
        The nodes that start from 1.
    add : bool
        Whether what a node receives is added to what it has.

    Returns
    -------
    array
        The derivative of the seeds by each node.
    """
    g = np.zeros(len(tape))
    g[list(seeds)] = 1.0
    for i in reversed(range(len(tape))):
        for p, s in tape[i]:
            g[p] = g[p] * add + s * g[i]
    return g


def unit_slopes(tape: Tape) -> Tape:
    """Return a tape with 1 in place of each slope.

    Parameters
    ----------
    tape : list
        The tape; it is not changed.

    Returns
    -------
    list
        The tape whose derivatives count paths.
    """
    return [[(p, 1.0) for p, _ in arrows] for arrows in tape]
