"""Exercises 02-4 and 02-5: vector-Jacobian products of broadcasting and of softmax."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import gradient
from kbook.exercises.tasks import Case, Function
from kbook.losses import softmax

Array = NDArray[np.float64]
Shape = tuple[int, ...]


def _added(g: Array, shape: Shape) -> Shape:
    """Return the axes of g that broadcasting has put in front."""
    return tuple(range(g.ndim - len(shape)))


def _ones(shape: Shape, start: int = 0) -> Shape:
    """Return the axes of length 1, which broadcasting may have stretched, counted from `start`."""
    return tuple(start + axis for axis, length in enumerate(shape) if length == 1)


def _unbroadcast(g: Array, shape: Shape) -> Array:
    """Return the reference solution of exercise 02-4."""
    return g.sum(axis=_added(g, shape)).sum(axis=_ones(shape), keepdims=True)


def _align_left(g: Array, shape: Shape) -> Array:
    """Take the axes that were added for the last ones instead of the first ones."""
    return g.sum(axis=tuple(range(len(shape), g.ndim))).sum(axis=_ones(shape), keepdims=True)


def _one_copy(g: Array, shape: Shape) -> Array:
    """Keep the gradient of one copy of each entry."""
    g = g[(0,) * (g.ndim - len(shape))]
    return g[tuple(slice(1) if length == 1 else slice(None) for length in shape)]


def _unbroadcast_cases() -> tuple[Case, ...]:
    """Return upstream gradients and shapes: axes added, stretched, both, all and none."""
    rng = np.random.default_rng(24)
    pairs: tuple[tuple[Shape, Shape], ...] = (
        ((4, 3), (1, 3)),
        ((4, 3), (4, 1)),
        ((4, 3), ()),
        ((4, 3), (1, 1)),
        ((3, 3), (3,)),
        ((3, 3), (3, 1)),
        ((2, 3, 4), (3, 1)),
        ((2, 1, 3), (2, 1, 3)),
        ((5, 2, 3), (1, 2, 1)),
        ((5,), (1,)),
    )
    simple = Case("g = [[0, 1, 2], [3, 4, 5]] and shape (3,)", (np.arange(6.0).reshape(2, 3), (3,)))
    others = (Case(f"g of shape {a} and shape {b}", (rng.normal(size=a), b)) for a, b in pairs)
    return (simple, *others)


def _unbroadcast_oracle(g: Array, shape: Shape) -> Array:
    """Return torch's gradient of what was broadcast, for the upstream gradient g."""
    upstream = torch.from_numpy(g)
    return gradient(lambda x: (x.broadcast_to(g.shape) * upstream).sum(), np.zeros(shape))


UNBROADCAST = Exercise(
    id="02-4",
    title="Broadcasting, backward",
    level="apply",
    minutes=12,
    task=Function(_unbroadcast_cases, _unbroadcast_oracle),
    solution=_unbroadcast,
    praise="each entry collects the gradients of all of its copies, and the shape is that of x.",
    nudge="sum the axes in front that x does not have, then, with keepdims, those of length 1",
    wrong=(
        Mistake(
            lambda g, shape: g,
            "g is passed on as it is, but a gradient has the shape of its array; entries that were "
            "copied forward add up backward.",
        ),
        Mistake(
            lambda g, shape: g.sum(axis=0),
            "summing over axis 0 is right for a bias of shape (K,); which axes were added or "
            "stretched depends on the shape.",
        ),
        Mistake(
            lambda g, shape: g.sum(axis=_added(g, shape)),
            "you summed over the axes added in front; an axis that was stretched from length 1 "
            "needs a sum too.",
        ),
        Mistake(
            lambda g, shape: g.sum(axis=_ones(shape, g.ndim - len(shape)), keepdims=True),
            "you summed over the axes of length 1; those that broadcasting added in front are "
            "still there.",
        ),
        Mistake(
            lambda g, shape: g.sum(axis=_added(g, shape)).sum(axis=_ones(shape)),
            "the sums are right, but an axis of length 1 belongs to the shape: keep it with "
            "keepdims=True.",
        ),
        Mistake(
            lambda g, shape: g.mean(axis=_added(g, shape)).mean(axis=_ones(shape), keepdims=True),
            "this is the mean over the copies; every copy moves L, so their gradients add.",
        ),
        Mistake(
            _one_copy,
            "this is the gradient of one copy; all copies of an entry move with it, so add theirs.",
        ),
        Mistake(
            _align_left,
            "the shapes are matched from the left; broadcasting matches them from the right and "
            "adds axes in front.",
        ),
        Mistake(
            lambda g, shape: np.full(shape, g.sum()),
            "this adds up all of g; entries that were not copied keep their own gradients.",
        ),
    ),
)


def _softmax_cases() -> tuple[Case, ...]:
    """Return probabilities (N, K) with upstream gradients, square ones and certain ones too."""
    rng = np.random.default_rng(25)
    certain = np.array([[1.0, 0.0, 0.0], [0.2, 0.0, 0.8]])

    def random(n: int, k: int) -> tuple[Array, Array]:
        return softmax(rng.normal(0, 2, (n, k))), rng.normal(0, 1, (n, k))

    return (
        Case(
            "p = [[0.25, 0.75]] and G = [[1, 0]]", (np.array([[0.25, 0.75]]), np.array([[1.0, 0]]))
        ),
        Case("five random rows", random(5, 3)),
        Case("a square batch", random(4, 4)),
        Case("rows with p = 0", (certain, rng.normal(0, 1, (2, 3)))),
    )


def _softmax_oracle(p: Array, g: Array) -> Array:
    """Return torch's gradient at the logits ln p."""
    upstream = torch.from_numpy(g)
    with np.errstate(divide="ignore"):
        return gradient(lambda z: (torch.softmax(z, dim=1) * upstream).sum(), np.log(p))


def _minus(shift: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    """Return the product p ⊙ (G − shift), with a shift of some kind."""
    return lambda p, g: p * (g - shift(p, g))


_softmax_vjp = _minus(lambda p, g: (g * p).sum(axis=1, keepdims=True))

SOFTMAX_VJP = Exercise(
    id="02-5",
    title="Back through softmax without its Jacobian",
    level="apply",
    minutes=12,
    task=Function(_softmax_cases, _softmax_oracle),
    solution=_softmax_vjp,
    praise="each row of the gradient sums to 0, as softmax ignores a shift of its logits; without "
    "a K × K matrix, the work grows as K.",
    nudge="∂p_j/∂z_k is p_j (1 − p_j) for j = k and −p_j p_k else; multiply by G_j, sum over j",
    wrong=(
        Mistake(
            lambda p, g: p * (1 - p) * g,
            "p(1 − p) is only the diagonal of the Jacobian: each logit also moves the other "
            "probabilities of its row.",
        ),
        Mistake(
            lambda p, g: p * g,
            "this is the part that would remain without the division by the sum; the shared sum "
            "adds −p times (G·p).",
        ),
        Mistake(
            lambda p, g: g - (g * p).sum(axis=1, keepdims=True),
            "the factor p in front is missing: a logit with p = 0 moves nothing.",
        ),
        Mistake(
            _minus(lambda p, g: g.sum(axis=1, keepdims=True)),
            "the sum lacks its weights: subtract the sum of G times p, not of G alone.",
        ),
        Mistake(
            _minus(lambda p, g: g.mean(axis=1, keepdims=True)),
            "subtract the mean of G weighted with p, not the plain mean of the row.",
        ),
        Mistake(
            _minus(lambda p, g: (g * p).sum(axis=0)),
            "this sums over the samples; the classes of a row are on axis 1.",
        ),
        Mistake(
            _minus(lambda p, g: (g * p).sum()),
            "one sum for the whole batch mixes the samples: each row needs its own.",
        ),
        Mistake(
            lambda p, g: p - g,
            "p − y is softmax and cross-entropy in one; here G can be anything, as softmax stands "
            "alone.",
        ),
        Mistake(
            lambda p, g: _softmax_vjp(p, g) / len(p),
            "the 1/N of a mean is in G already: G is the gradient of L; dividing by N again is one "
            "too many.",
        ),
        Mistake(
            lambda p, g: -_softmax_vjp(p, g),
            "the sign is wrong: the logit of a class with a large G must get a positive slope.",
        ),
        Mistake(
            lambda p, g: _softmax_vjp(softmax(p), g),
            "softmax was applied a second time: what you are given are probabilities already.",
        ),
    ),
)
