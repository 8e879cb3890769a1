"""Random programs on Tensor: every node and every leaf's gradient equal torch's."""

import operator

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kbook.autograd import Tensor
from tests.autograd_programs import CLEAR, Step, alike, assert_close, extend, run

# The same examples in every run, however slow the machine.
STEADY = settings(deadline=None, derandomize=True, max_examples=300)

SIZE = 60  # of the largest array

ONE = {
    "exp": lambda x: x.exp(),
    "tanh": lambda x: x.tanh(),
    "sigmoid": lambda x: x.sigmoid(),
    "log": lambda x: (x * x + 1).log(),
    "negative": lambda x: -x,
    "square": lambda x: x**2,
    "inverse": lambda x: (x * x + 1) ** -1,
    "constants": lambda x: 3 - 2 * x,
    "quotient": lambda x: 2 / (x * x + 0.5),
    "power of two": lambda x: 2**x,
}
TWO = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda x, y: x / (y * y + 0.5),
    "**": lambda x, y: (x * x + 0.5) ** y.tanh(),
    "@": operator.matmul,
}


# Steps with one operand that need more than a function: each draws one for the tensor x, node i,
# or returns None. `exact` says that x is a leaf, equal on both sides to the last digit.


def draw_axes(draw, x):
    """Draw numpy's and torch's arguments of a reduction."""
    axes = [None, *range(-x.ndim, x.ndim)] + [(0, -1)] * (x.ndim > 1)
    axis, keep = draw(st.sampled_from(axes)), draw(st.booleans())
    every = tuple(range(x.ndim)) if axis is None else axis
    return {"axis": axis, "keepdims": keep}, {"dim": every, "keepdim": keep}


def draw_sum(draw, x, i, exact):
    ours, theirs = draw_axes(draw, x)
    return Step(lambda t: t.sum(**ours), lambda t: t.sum(**theirs), (i,), f"sum {ours}")


def draw_mean(draw, x, i, exact):
    ours, theirs = draw_axes(draw, x)
    return Step(lambda t: t.mean(**ours), lambda t: t.mean(**theirs), (i,), f"mean {ours}")


def clear(x):
    """Whether no two entries, nor one and zero, are so close that rounding decides."""
    return np.diff(np.sort(np.append(x.flatten(), 0.0))).min() > CLEAR


def draw_max(draw, x, i, exact):
    ours, theirs = draw_axes(draw, x)
    if exact or clear(x):
        return Step(lambda t: t.max(**ours), lambda t: t.amax(**theirs), (i,), f"max {ours}")
    return None


def draw_relu(draw, x, i, exact):
    return alike("relu", lambda t: t.relu(), i) if exact or clear(x) else None


def draw_reshape(draw, x, i, exact):
    shape = draw(st.sampled_from([(-1,), tuple(x.shape)[::-1], (1, *x.shape), (*x.shape, 1)]))
    return alike(f"reshape {shape}", lambda t: t.reshape(shape), i)


def draw_transpose(draw, x, i, exact):
    axes = draw(st.permutations(range(x.ndim)))
    return Step(lambda t: t.transpose(*axes), lambda t: t.permute(axes), (i,), f"axes {axes}")


def draw_index(draw, x, i, exact):
    if x.ndim == 0:
        return None
    shape = tuple(x.shape)
    repeated = hnp.integer_array_indices(shape, result_shape=hnp.array_shapes(max_dims=2))
    basic = hnp.basic_indices(shape, allow_newaxis=True)
    index = draw(repeated | basic | hnp.arrays(bool, shape[0]))
    positions = np.arange(x.numel()).reshape(shape)[index].copy()
    if not 0 < positions.size <= SIZE:
        return None
    flat = torch.tensor(positions)
    return Step(lambda t: t[index], lambda t: t.reshape(-1)[flat], (i,), f"index {index}")


def draw_loss(draw, x, i, exact):
    if x.ndim != 2:
        return None
    y = draw(hnp.arrays(np.int64, x.shape[0], elements=st.integers(0, x.shape[1] - 1)))
    classes = torch.tensor(y)
    return Step(
        lambda t: t.cross_entropy(y), lambda t: F.cross_entropy(t, classes), (i,), f"loss {y}"
    )


FORMS = {
    "sum": draw_sum,
    "mean": draw_mean,
    "max": draw_max,
    "relu": draw_relu,
    "reshape": draw_reshape,
    "transpose": draw_transpose,
    "index": draw_index,
    "loss": draw_loss,
}


def fits(function, x, y):
    """Whether two tensors can be combined, to one that is not too large."""
    try:
        return 0 < function(np.zeros(x.shape), np.zeros(y.shape)).size <= SIZE
    except ValueError:
        return False


def draw_two(draw, name, nodes, i):
    """Draw an operation of node i and any other that it can be combined with."""
    function = np.matmul if name == "@" else np.add
    partners = [j for j, y in enumerate(nodes) if fits(function, nodes[i], y)]
    return alike(name, TWO[name], i, draw(st.sampled_from(partners))) if partners else None


@st.composite
def programs(draw):
    """Draw three leaves of shapes that broadcast with each other, and some steps."""
    shapes = draw(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3))
    numbers = st.floats(-2, 2, allow_subnormal=False)
    leaves = [draw(hnp.arrays(np.float64, s, elements=numbers)) for s in shapes.input_shapes]
    nodes, steps = [torch.tensor(leaf) for leaf in leaves], []
    for _ in range(draw(st.integers(4, 12))):
        i = draw(st.integers(0, len(nodes) - 1))
        name = draw(st.sampled_from([*FORMS, *FORMS, *TWO, *TWO, *ONE]))
        if name in ONE:
            step = alike(name, ONE[name], i)
        elif name in TWO:
            step = draw_two(draw, name, nodes, i)
        else:
            step = FORMS[name](draw, nodes[i], i, i < len(leaves))
        if step:
            extend(steps, nodes, step)
    return leaves, steps


def weighed(nodes, constant):
    """Add up all entries of all nodes, each with a weight of its own."""
    total = 0
    for node in nodes:
        size = int(np.prod(node.shape))
        total = total + (node.reshape(size) * constant(np.cos(1 + np.arange(size)))).sum()
    return total


@STEADY
@given(programs())
def test_tensor_equals_torch(program):
    leaves, steps = program
    ours = run(steps, map(Tensor, leaves), "ours")
    theirs = run(steps, [torch.tensor(leaf, requires_grad=True) for leaf in leaves], "theirs")
    for our_node, their_node in zip(ours, theirs, strict=True):
        assert_close(our_node.data, their_node.detach())
    weighed(ours, np.array).backward()
    weighed(theirs, torch.tensor).backward()
    for our_leaf, their_leaf in zip(ours[:3], theirs[:3], strict=True):
        assert_close(our_leaf.grad, their_leaf.grad)
