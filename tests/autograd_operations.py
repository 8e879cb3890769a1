"""Every operation of `Value` and `Tensor`: how we call it, how torch does, and at which numbers.

A name begins with the method that it is about. The tests of forward values, of derivatives and of
memory run over these two tables, and one test fails where a method is in neither.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F


class Operation(NamedTuple):
    ours: Callable
    theirs: Callable
    samples: tuple[tuple[Any, ...], ...]  # each the operands of one call, all of them leaves
    smooth: bool = True  # False: the samples lie where the derivative jumps or is infinite


def same(function: Callable, *samples: Any) -> Operation:
    """Make an operation that is written alike for torch."""
    return pair(function, function, *samples)


def pair(ours: Callable, theirs: Callable, *samples: Any) -> Operation:
    tuples = [sample if isinstance(sample, tuple) else (sample,) for sample in samples]
    return Operation(ours, theirs, tuple(tuples))


def corner(operation: Operation) -> Operation:
    return operation._replace(smooth=False)


PAIRS = ((2.0, -3.5), (-0.7, 1.5), (1.0, 1.0))
NUMBERS = (-4.0, -0.3, 1.0, 2.5)
POSITIVE = (0.2, 1.0, 2.5)

VALUE = {
    "__add__": same(lambda a, b: a + b, *PAIRS),
    "__add__, number": same(lambda a: a + 2.5, *NUMBERS),
    "__add__, itself": same(lambda a: a + a, *NUMBERS),
    "__radd__": same(lambda a: 2.5 + a, *NUMBERS),
    "__sub__": same(lambda a, b: a - b, *PAIRS),
    "__sub__, number": same(lambda a: a - 2.5, *NUMBERS),
    "__sub__, itself": same(lambda a: a - a, *NUMBERS),
    "__rsub__": same(lambda a: 2.5 - a, *NUMBERS),
    "__mul__": same(lambda a, b: a * b, *PAIRS),
    "__mul__, number": same(lambda a: a * -3, *NUMBERS),
    "__mul__, itself": same(lambda a: a * a, *NUMBERS),
    "__rmul__": same(lambda a: -3 * a, *NUMBERS),
    "__truediv__": same(lambda a, b: a / b, *PAIRS),
    "__truediv__, number": same(lambda a: a / -8, *NUMBERS),
    "__truediv__, itself": same(lambda a: a / a, *NUMBERS),
    "__rtruediv__": same(lambda a: 3 / a, *NUMBERS),
    "__pow__": same(lambda a, b: a**b, (2.0, -3.5), (0.7, 1.5), (1.3, 0.0)),
    "__pow__, square": same(lambda a: a**2, *NUMBERS, 0.0),
    "__pow__, cube": same(lambda a: a**3.0, *NUMBERS, 0.0),
    "__pow__, inverse": same(lambda a: a**-1, *NUMBERS),
    "__pow__, root": same(lambda a: a**0.5, *POSITIVE),
    "__pow__, one": same(lambda a: a**1, *NUMBERS, 0.0),
    "__pow__, zero": same(lambda a: a**0, *NUMBERS),
    "__pow__, zero to the zero": corner(same(lambda a: a**0, 0.0)),
    "__pow__, root of zero": corner(same(lambda a: a**0.5, 0.0)),
    "__pow__, itself": same(lambda a: a**a, *POSITIVE),
    "__rpow__": same(lambda a: 1.7**a, *NUMBERS, 0.0),
    "__neg__": same(lambda a: -a, *NUMBERS),
    "exp": same(lambda a: a.exp(), *NUMBERS),
    "log": same(lambda a: a.log(), *POSITIVE),
    "tanh": same(lambda a: a.tanh(), *NUMBERS, 30.0),
    "relu": same(lambda a: a.relu(), *NUMBERS),
    "relu, at zero": corner(same(lambda a: a.relu(), 0.0)),
    "relu, of NaN": corner(same(lambda a: a.relu(), float("nan"))),
}

RNG = np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape)


def positive(*shape: int) -> np.ndarray:
    return RNG.uniform(0.5, 2.0, shape)


def apart(*shape: int) -> np.ndarray:
    """Draw numbers of which no two are close, none to zero: max and relu are smooth there."""
    size = int(np.prod(shape))
    return (RNG.permutation(size) - size / 2 + 0.3).reshape(shape)


C, CUBE = normal(2, 3), positive(2, 3)
D = torch.tensor(C)
SHAPES = (
    ((2, 3), (2, 3)),
    ((2, 3), (3,)),
    ((), (2, 3)),
    ((2, 1), (1, 3)),
    ((4, 1, 3), (2, 1)),
    ((1,), (1, 1)),
    ((), ()),
    ((0, 3), (1, 3)),
)
SOME = (normal(2, 3), normal(1, 3), normal(3), normal())  # what broadcasts with C
BINARY = tuple((normal(*a), positive(*b)) for a, b in SHAPES)
POWERS = tuple((positive(*a), normal(*b)) for a, b in SHAPES)
MATRICES = tuple(
    (normal(*a), normal(*b))
    for a, b in (
        ((2, 3), (3, 4)),
        ((3,), (3,)),
        ((3,), (3, 4)),
        ((2, 3), (3,)),
        ((5, 2, 3), (5, 3, 4)),
        ((5, 2, 3), (3, 4)),
        ((2, 3), (5, 3, 4)),
        ((6, 1, 2, 3), (5, 3, 4)),
        ((5, 2, 3), (3,)),
        ((3,), (5, 3, 4)),
        ((1, 1), (1, 1)),
    )
)
ANY = (normal(2, 3), normal(4), normal(), normal(2, 1, 3))
APART = (apart(2, 3, 4),)
TIES = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
BLOCK = normal(2, 3, 4)
INDEX, SOFT = np.array([2, 0, 1, 2]), RNG.dirichlet(np.ones(3), size=4)


def taken(index: Any, *samples: np.ndarray) -> Operation:
    """Take an index; torch takes the same positions out of the flat tensor."""

    def theirs(x: torch.Tensor) -> torch.Tensor:
        positions = np.arange(x.numel()).reshape(x.shape)[index]
        return x.reshape(-1)[torch.tensor(positions.copy())]

    return pair(lambda x: x[index], theirs, *(samples or (BLOCK,)))


TENSOR = {
    "__add__": same(lambda x, y: x + y, *BINARY),
    "__add__, array": pair(lambda x: x + C, lambda x: x + D, *SOME),
    "__add__, number": same(lambda x: x + 2, *ANY),
    "__add__, itself": same(lambda x: x + x, *ANY),
    "__radd__": pair(lambda x: C + x, lambda x: D + x, *SOME),
    "__sub__": same(lambda x, y: x - y, *BINARY),
    "__sub__, array": pair(lambda x: x - C, lambda x: x - D, *SOME),
    "__rsub__": pair(lambda x: C - x, lambda x: D - x, *SOME),
    "__mul__": same(lambda x, y: x * y, *BINARY),
    "__mul__, array": pair(lambda x: x * C, lambda x: x * D, *SOME),
    "__mul__, number": same(lambda x: x * -3, *ANY),
    "__mul__, itself": same(lambda x: x * x, *ANY),
    "__rmul__": pair(lambda x: C * x, lambda x: D * x, *SOME),
    "__truediv__": same(lambda x, y: x / y, *BINARY),
    "__truediv__, array": pair(lambda x: x / C, lambda x: x / D, *SOME),
    "__truediv__, itself": same(lambda x: x / x, *ANY),
    "__rtruediv__": pair(lambda x: C / x, lambda x: D / x, *SOME),
    "__pow__": same(lambda x, y: x**y, *POWERS),
    "__pow__, square": same(lambda x: x**2, *ANY),
    "__pow__, inverse": same(lambda x: x**-1, *ANY),
    "__pow__, zero": same(lambda x: x**0, *ANY),
    "__pow__, array": pair(lambda x: x**C, lambda x: x**D, positive(2, 3), positive(3)),
    "__pow__, itself": same(lambda x: x**x, positive(2, 3)),
    "__pow__, of zeros": corner(
        same(lambda x, y: x**y, (np.zeros(5), np.array([0.0, 1.0, 2.0, 0.5, 3.0])))
    ),
    "__rpow__": pair(lambda x: CUBE**x, lambda x: torch.tensor(CUBE) ** x, *SOME),
    "__rpow__, number": same(lambda x: 2**x, *ANY),
    "__matmul__": same(lambda x, y: x @ y, *MATRICES),
    "__matmul__, array": pair(lambda x: x @ C, lambda x: x @ D, normal(4, 2), normal(2)),
    "__matmul__, itself": same(lambda x: x @ x, normal(3, 3), normal(3)),
    "__rmatmul__": pair(lambda x: C @ x, lambda x: D @ x, normal(3, 4), normal(3)),
    "__neg__": same(lambda x: -x, *ANY),
    "exp": same(lambda x: x.exp(), *ANY),
    "log": same(lambda x: x.log(), positive(2, 3), positive()),
    "tanh": same(lambda x: x.tanh(), *ANY, np.array([30.0, -30.0])),
    "sigmoid": same(lambda x: x.sigmoid(), *ANY, np.array([30.0, -30.0])),
    "relu": same(lambda x: x.relu(), *APART, np.array(0.4), np.array(-0.4)),
    "relu, at zero and NaN": corner(same(lambda x: x.relu(), np.array([0.0, -0.0, np.nan]))),
    "sum": same(lambda x: x.sum(), *ANY, np.zeros((0, 3))),
    "sum, axis": same(lambda x: x.sum(axis=1), BLOCK, normal(2, 3)),
    "sum, last axis": same(lambda x: x.sum(axis=-1), BLOCK, normal(3)),
    "sum, axis of a number": same(lambda x: x.sum(axis=0), normal()),
    "sum, axes": same(lambda x: x.sum(axis=(0, -1)), BLOCK),
    "sum, axis kept": same(lambda x: x.sum(axis=1, keepdims=True), BLOCK),
    "sum, all kept": pair(
        lambda x: x.sum(keepdims=True), lambda x: x.sum((0, 1, 2), keepdim=True), BLOCK
    ),
    "mean": same(lambda x: x.mean(), *ANY),
    "mean, axis": same(lambda x: x.mean(axis=-2), BLOCK),
    "mean, axes kept": same(lambda x: x.mean(axis=(2, 0), keepdims=True), BLOCK),
    "max": pair(lambda x: x.max(), lambda x: x.amax(), *APART, normal()),
    "max, axis": pair(lambda x: x.max(axis=1), lambda x: x.amax(1), *APART),
    "max, axes": pair(lambda x: x.max(axis=(-1, 0)), lambda x: x.amax((-1, 0)), *APART),
    "max, axis kept": pair(
        lambda x: x.max(axis=0, keepdims=True), lambda x: x.amax(0, keepdim=True), *APART
    ),
    "max, ties": corner(pair(lambda x: x.max(), lambda x: x.amax(), TIES)),
    "max, ties along an axis": corner(pair(lambda x: x.max(axis=1), lambda x: x.amax(1), TIES)),
    "reshape": same(lambda x: x.reshape(4, 6), BLOCK),
    "reshape, tuple": same(lambda x: x.reshape((4, -1)), BLOCK),
    "reshape, of a sum": same(lambda x: (x + x).reshape(-1), BLOCK, normal()),
    "transpose": pair(lambda x: x.transpose(), lambda x: x.permute(2, 1, 0), BLOCK),
    "transpose, axes": pair(lambda x: x.transpose(1, 2, 0), lambda x: x.permute(1, 2, 0), BLOCK),
    "transpose, tuple": pair(lambda x: x.transpose((2, 0, 1)), lambda x: x.permute(2, 0, 1), BLOCK),
    "transpose, from the end": pair(
        lambda x: x.transpose(-1, 0, -2), lambda x: x.permute(-1, 0, -2), BLOCK, normal(3, 3, 3)
    ),
    "T": pair(lambda x: x.T, lambda x: x.permute(2, 1, 0), BLOCK),
    "T, of a matrix": same(lambda x: x.T, normal(2, 3)),
    "T, of a vector": pair(lambda x: x.T, lambda x: x, normal(3), normal()),
    "__getitem__, position": taken(1),
    "__getitem__, last": taken(-1),
    "__getitem__, one entry": taken((1, 2, -3)),
    "__getitem__, slices": taken((slice(None), slice(1, None), slice(None, None, 2))),
    "__getitem__, backward": taken((slice(None, None, -1), 0)),
    "__getitem__, new axis": taken((None, 0, None)),
    "__getitem__, all before": taken((..., 2)),
    "__getitem__, list": taken([1, 0]),
    "__getitem__, repeated": taken(np.array([1, 0, 1, 1, -1])),
    "__getitem__, repeated pairs": taken((np.array([0, 1, 0]), np.array([2, 1, 2]))),
    "__getitem__, table": taken(np.array([[0, 1], [1, 1]])),
    "__getitem__, column of rows": taken((slice(None), np.array([[0], [2]]), np.array([1, 1]))),
    "__getitem__, mask": taken(C > 0, normal(2, 3), BLOCK),
    "__getitem__, mask of rows": taken(np.array([False, True])),
    "__getitem__, nothing": taken(np.array([], dtype=int)),
    "__getitem__, of a number": taken((), normal()),
    "__getitem__, all of a number": taken((..., None), normal()),
    "cross_entropy": pair(
        lambda x: x.cross_entropy(INDEX),
        lambda x: F.cross_entropy(x, torch.tensor(INDEX)),
        normal(4, 3),
        normal(4, 3) * 30,
    ),
    "cross_entropy, rows": pair(
        lambda x: x.cross_entropy(SOFT),
        lambda x: F.cross_entropy(x, torch.tensor(SOFT)),
        C[[0] * 4],
    ),
}
