"""Exercise 05-8: a stack of blocks whose skips nothing touches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import batch_norm, conv2d

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]


class _Norm:
    """Normalize each channel with the statistics of the batch."""

    def __init__(self, gamma: Array, beta: Array) -> None:
        self.gamma, self.beta = gamma, beta

    def __call__(self, x: Array) -> Array:
        """Return (N, C, H, W) normalized."""
        mean, variance = (f(x, axis=(0, 2, 3), keepdims=True) for f in (np.mean, np.var))
        scale, shift = self.gamma[:, None, None], self.beta[:, None, None]
        return np.asarray(scale * (x - mean) / np.sqrt(variance + 1e-5) + shift)

    def by_torch(self, x: Tensor) -> Tensor:
        """Return what torch makes of x."""
        gamma, beta = torch.from_numpy(self.gamma), torch.from_numpy(self.beta)
        return batch_norm(x, None, None, gamma, beta, training=True)

    def __deepcopy__(self, _memo: object) -> _Norm:
        """Return itself: a call changes nothing in it."""
        return self


class _Conv:
    """Convolve, with a padding that keeps height and width at stride 1."""

    def __init__(self, weight: Array, stride: int) -> None:
        self.weight, self.stride = weight, stride

    def __call__(self, x: Array) -> Array:
        """Return (N, C, H, W) convolved."""
        (height, width), k, stride = x.shape[2:], self.weight.shape[2], self.stride
        padded = np.pad(x, ((0, 0), (0, 0), (k // 2, k // 2), (k // 2, k // 2)))
        out = 0.0
        for i, j in np.ndindex(k, k):
            tap = padded[:, :, i : i + height : stride, j : j + width : stride]
            out = out + np.einsum("oc,nchw->nohw", self.weight[:, :, i, j], tap)
        return np.asarray(out)

    def by_torch(self, x: Tensor) -> Tensor:
        """Return what torch makes of x."""
        padding = self.weight.shape[2] // 2
        return conv2d(x, torch.from_numpy(self.weight), stride=self.stride, padding=padding)

    def __deepcopy__(self, _memo: object) -> _Conv:
        """Return itself: a call changes nothing in it."""
        return self


Block = tuple[_Norm, _Conv, _Norm, _Conv, "_Conv | None"]
Step = Callable[[Array, Block], Array]


def _cases() -> tuple[Case, ...]:
    """Return inputs with stacks of blocks: one, several, some of which change the shape."""
    rng = np.random.default_rng(58)

    def norm(c: int) -> _Norm:
        return _Norm(rng.normal(0.4, 0.5, size=c), rng.normal(0.4, 0.5, size=c))

    def conv(c: int, width: int, k: int, stride: int = 1) -> _Conv:
        return _Conv(rng.normal(size=(width, c, k, k)) / (k * c**0.5), stride)

    def case(name: str, c: int, plan: list[tuple[int, int]]) -> Case:
        x, blocks = rng.normal(size=(3, c, 4, 4)), []
        for width, stride in plan:
            project = None if (c, 1) == (width, stride) else conv(c, width, 1, stride)
            branch = norm(c), conv(c, width, 3, stride), norm(width), conv(width, width, 3)
            blocks.append((*branch, project))
            c = width
        return Case(name, (x, blocks, norm(c)))

    return (
        case("one block that keeps the shape", 2, [(2, 1)]),
        case("no block at all", 2, []),
        case("one block with a stride", 2, [(2, 2)]),
        case("one block that adds channels", 2, [(3, 1)]),
        case("three blocks that keep the shape", 3, [(3, 1)] * 3),
        case("two stages of two blocks", 2, [(2, 1), (2, 1), (4, 2), (4, 1)]),
        case("three stages of one block", 1, [(2, 1), (3, 2), (5, 2)]),
    )


def _oracle(x: Array, blocks: list[Block], norm: _Norm) -> Array:
    """Do it with torch's layers."""
    stream = torch.from_numpy(x)
    for norm1, conv1, norm2, conv2, project in blocks:
        read = norm1.by_torch(stream).relu()
        if project is not None:
            stream = project.by_torch(read)
        stream = stream + conv2.by_torch(norm2.by_torch(conv1.by_torch(read)).relu())
    return norm.by_torch(stream).relu().numpy()


def _relu(a: Array) -> Array:
    """Return the positive part."""
    return np.maximum(a, 0)


def _branch(ready: Array, block: Block) -> Array:
    """Return what the branch makes of a normalized and rectified input."""
    _, conv1, norm2, conv2, _ = block
    return conv2(_relu(norm2(conv1(ready))))


def _block(x: Array, block: Block) -> Array:
    """Return the output of one block."""
    ready = _relu(block[0](x))
    return _branch(ready, block) + (x if block[4] is None else block[4](ready))


def _ready(x: Array, norm: _Norm) -> Array:
    """Return x normalized and rectified."""
    return _relu(norm(x))


def _stack(
    step: Step = _block, end: Callable[[Array, _Norm], Array] = _ready
) -> Callable[..., Array]:
    """Return a function that applies the blocks in turn, then what comes last."""

    def net(x: Array, blocks: list[Block], norm: _Norm) -> Array:
        for block in blocks:
            x = step(x, block)
        return end(x, norm)

    return net


def _skip_from(
    source: Callable[[Array, Block], Array], always: bool = False
) -> Callable[..., Array]:
    """Return a stack whose projections, or all of whose skips, start elsewhere."""

    def step(x: Array, block: Block) -> Array:
        ready, start = _relu(block[0](x)), source(x, block)
        skip = block[4](start) if block[4] is not None else (start if always else x)
        return _branch(ready, block) + skip

    return _stack(step)


def _other_branch(branch: Callable[[Array, Block], Array]) -> Callable[..., Array]:
    """Return a stack with another branch, as a function of the block's input."""

    def step(x: Array, block: Block) -> Array:
        skip = x if block[4] is None else block[4](_relu(block[0](x)))
        return branch(x, block) + skip

    return _stack(step)


PREACTIVATION = Exercise(
    id="05-8",
    title="Skips that nothing touches",
    level="design",
    minutes=20,
    task=Function(_cases, _oracle),
    solution=_stack(),
    praise="nothing lies in the way along the skips, so the Jacobian of a block that keeps the "
    "shape is I + J exactly.",
    nudge="in each block the order is norm1, relu, conv1, norm2, relu, conv2, and then the sum; "
    "think about where the skip begins, and what comes after the last block",
    wrong=(
        Mistake(
            _stack(lambda x, block: _relu(_block(x, block))),
            "a relu behind the sum cuts the skip, as in the original block: the Jacobian is "
            "D(I + J).",
        ),
        Mistake(
            _skip_from(lambda x, block: _relu(block[0](x)), always=True),
            "where the shape is kept the skip starts behind norm and relu: it must be x itself.",
        ),
        Mistake(
            _skip_from(lambda x, block: x),
            "`project` reads the raw x; like conv1 it should read a normalized and rectified "
            "input.",
        ),
        Mistake(
            _skip_from(lambda x, block: block[0](x)),
            "`project` reads the norm, but not the relu: let it read what conv1 reads.",
        ),
        Mistake(
            _other_branch(lambda x, block: _branch(block[0](_relu(x)), block)),
            "the first relu stands before the norm; each convolution should read what a relu has "
            "made.",
        ),
        Mistake(
            _other_branch(lambda x, block: _branch(block[0](x), block)),
            "the relu between norm1 and conv1 is missing.",
        ),
        Mistake(
            _other_branch(
                lambda x, block: block[3](block[2](block[1](_relu(block[0](x))))),
            ),
            "the relu between norm2 and conv2 is missing.",
        ),
        Mistake(
            _other_branch(lambda x, block: block[3](block[2](_relu(block[1](_relu(block[0](x))))))),
            "the second relu stands before its norm; the order is norm2, relu, conv2.",
        ),
        Mistake(
            _other_branch(lambda x, block: _branch(_relu(x), block)),
            "norm1 is missing in the branch: conv1 reads a raw sum.",
        ),
        Mistake(
            _other_branch(lambda x, block: block[3](_relu(block[1](_relu(block[0](x)))))),
            "norm2 is missing in the branch.",
        ),
        Mistake(
            _other_branch(lambda x, block: _relu(_branch(_relu(block[0](x)), block))),
            "a relu behind conv2 lets a branch only add, never take away; the branch ends with "
            "its convolution.",
        ),
        Mistake(
            _stack(lambda x, block: _branch(_relu(block[0](x)), block)),
            "the skips are missing: this is a plain net.",
        ),
        Mistake(
            _stack(end=lambda x, norm: x),
            "norm and relu behind the last block are missing: its sum is raw.",
        ),
        Mistake(
            _stack(end=lambda x, norm: norm(x)),
            "the relu behind the last norm is missing.",
        ),
    ),
)
