"""Exercise 05-6: the gradient by the input of a residual block with shortcut A."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad, relu

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import gradient
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
Way = Callable[[Array, tuple[int, ...], int], Array]


class Branch:
    """Lead a gradient back through two layers, relu(x V) W, for one input.

    Parameters
    ----------
    x : array of shape (N, C, H, W)
        The input, whose pixels and channels the layers read as one row.
    first, second : array
        V and W. Matrices stand for convolutions here, as those are matrices too.
    shape : tuple of int
        The output's.
    """

    def __init__(self, x: Array, first: Array, second: Array, shape: tuple[int, ...]) -> None:
        self.x, self.first, self.second, self.shape = x, first, second, shape

    def __call__(self, u: Array) -> Array:
        """Return the gradient by x for the gradient u by the branch's output."""
        if np.shape(u) != self.shape:
            raise ValueError(f"back wants the shape {self.shape} of the output, got {np.shape(u)}")
        hidden = self.x.reshape(len(self.x), -1) @ self.first
        by_hidden = np.reshape(u, (len(self.x), -1)) @ self.second.T
        return np.asarray((by_hidden * (hidden > 0)) @ self.first.T).reshape(self.x.shape)

    def block(self, t: Tensor, stride: int) -> Tensor:
        """Return relu(F(x) + x), with shortcut A in place of x where the shape changes."""
        first, second = torch.from_numpy(self.first), torch.from_numpy(self.second)
        branch = (relu(t.flatten(1) @ first) @ second).reshape(self.shape)
        behind = (0, 0, 0, 0, 0, self.shape[1] - t.shape[1])
        return relu(branch + pad(t[:, :, ::stride, ::stride], behind))

    def __deepcopy__(self, _memo: object) -> Branch:
        """Return itself: a call changes nothing in it."""
        return self


def _cases() -> tuple[Case, ...]:
    """Return blocks that keep the shape, halve the map, add channels, or do both."""
    rng = np.random.default_rng(56)

    def block(name: str, shape: tuple[int, ...], width: int, stride: int) -> Case:
        x = rng.normal(0.3, 1, size=shape)
        out = (shape[0], width, -(-shape[2] // stride), -(-shape[3] // stride))
        sizes = x[0].size, 12, int(np.prod(out[1:]))
        first, second = (rng.normal(size=pair) / pair[0] ** 0.5 for pair in pairwise(sizes))
        back = Branch(x, first, second, out)
        y = back.block(torch.from_numpy(x), stride).numpy()
        return Case(name, (x, y, rng.normal(size=out), stride, back))

    return (
        block("one channel of 2 × 2 pixels and the identity as shortcut", (1, 1, 2, 2), 1, 1),
        block("two channels of 4 × 4 pixels and the identity as shortcut", (3, 2, 4, 4), 2, 1),
        block("one channel more", (2, 2, 3, 4), 3, 1),
        block("a stride of 2", (2, 2, 4, 6), 2, 2),
        block("a stride of 2 and twice the channels", (2, 2, 6, 4), 4, 2),
        block("a stride of 2 and an odd number of rows and columns", (1, 3, 5, 7), 5, 2),
        block("a stride of 3", (1, 2, 7, 6), 6, 3),
    )


def _oracle(x: Array, y: Array, g: Array, stride: int, back: Branch) -> Array:
    """Return torch's gradient of the whole block."""
    upstream = torch.from_numpy(g)
    return gradient(lambda t: (back.block(t, stride) * upstream).sum(), x)


def _scattered(u: Array, shape: tuple[int, ...], stride: int) -> Array:
    """Put a gradient back on the pixels and channels that shortcut A kept."""
    dx = np.zeros(shape)
    dx[:, :, ::stride, ::stride] = u[:, : shape[1]]
    return dx


def _last_channels(u: Array, shape: tuple[int, ...], stride: int) -> Array:
    """Take the channels of zeros for the ones that were kept."""
    return _scattered(u[:, u.shape[1] - shape[1] :], shape, stride)


def _middle_channels(u: Array, shape: tuple[int, ...], stride: int) -> Array:
    """Take the channels that were kept for the ones in the middle."""
    return _scattered(u[:, (u.shape[1] - shape[1]) // 2 :], shape, stride)


def _folded_channels(u: Array, shape: tuple[int, ...], stride: int) -> Array:
    """Add the gradients of the zeros to those of the first channels."""
    kept = u[:, : shape[1]].copy()
    for channel in range(shape[1], u.shape[1]):
        kept[:, channel % shape[1]] += u[:, channel]
    return _scattered(kept, shape, stride)


def _repeated(u: Array, shape: tuple[int, ...], stride: int) -> Array:
    """Give each gradient to all pixels of its square."""
    large = u[:, : shape[1]].repeat(stride, axis=2).repeat(stride, axis=3)
    return large[:, :, : shape[2], : shape[3]]


def _in_the_corner(u: Array, shape: tuple[int, ...], stride: int) -> Array:
    """Put the small map side by side into the upper left corner."""
    dx = np.zeros(shape)
    dx[:, :, : u.shape[2], : u.shape[3]] = u[:, : shape[1]]
    return dx


def _both(
    masks: tuple[bool, bool] = (True, True),
    weights: tuple[float, float] = (1.0, 1.0),
    way: Way = _scattered,
) -> Callable[[Array, Array, Array, int, Branch], Array]:
    """Return the sum of branch and skip; masks and weights belong to the two in this order."""

    def answer(x: Array, y: Array, g: Array, stride: int, back: Branch) -> Array:
        through, along = (g * (y > 0) if mask else g for mask in masks)
        return weights[0] * back(through) + weights[1] * way(along, x.shape, stride)

    return answer


_back = _both()


BLOCK_GRADIENT = Exercise(
    id="05-6",
    title="Back through a residual block",
    level="apply",
    minutes=15,
    task=Function(_cases, _oracle),
    solution=_back,
    praise="behind the plus sign both ways get the same gradient, and the shortcut hands its own "
    "back as it is; what was dropped gets only the branch's.",
    nudge="go back from y: first the relu, then the plus sign, which hands the same gradient to "
    "branch and shortcut, then add what both bring to x",
    wrong=(
        Mistake(
            _both(masks=(True, False)),
            "the skip gets g as it came; the relu lies behind the plus sign and stops both ways.",
        ),
        Mistake(
            _both(masks=(False, True)),
            "the branch gets g as it came; the relu lies behind the plus sign and stops both ways.",
        ),
        Mistake(
            _both(masks=(False, False)),
            "the last relu is missing: where y is 0, nothing goes back.",
        ),
        Mistake(
            lambda x, y, g, stride, back: (
                _both(masks=(False, False))(x, y, g, stride, back) * (x > 0)
            ),
            "the relu is applied at x; it lies at the output, so it is y that tells where it "
            "stopped the gradient.",
        ),
        Mistake(
            lambda x, y, g, stride, back: _back(x, y, g * y, stride, back),
            "g is multiplied with y itself; the slope of relu is 1 where y > 0.",
        ),
        Mistake(
            _both(weights=(1, 0)),
            "this is the branch alone; the skip brings the gradient to x as well.",
        ),
        Mistake(
            _both(weights=(0, 1)),
            "this is the skip alone; the branch brings a gradient to x as well.",
        ),
        Mistake(
            _both(weights=(0.5, 0.5)),
            "the gradient is shared between the ways; a plus sign hands all of it to both.",
        ),
        Mistake(
            _both(way=_repeated),
            "the skip's gradient is spread over squares; the shortcut dropped these pixels, so "
            "only those that it kept get some.",
        ),
        Mistake(
            _both(way=_in_the_corner),
            "the small map is put into the upper left corner; its pixels were `stride` apart in x.",
        ),
        Mistake(
            _both(way=_last_channels),
            "the zeros were appended behind the channels of x, so the first channels are the kept "
            "ones.",
        ),
        Mistake(
            _both(way=_middle_channels),
            "the zeros were all appended behind the channels of x, not half of them in front.",
        ),
        Mistake(
            _both(way=_folded_channels),
            "the channels of zeros do not depend on x: their gradient goes nowhere.",
        ),
    ),
)
