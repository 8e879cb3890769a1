"""Random programs on Value: all data and gradients equal micrograd's, and torch's."""

import operator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kbook.autograd import Value
from tests.autograd_programs import CLEAR, alike, assert_close, extend, run

# The same examples in every run, however slow the machine.
STEADY = settings(deadline=None, derandomize=True, max_examples=200)

# What micrograd can do as well, and what only ours and torch can; with one operand or two.
OLD_ONE = {
    "negative": lambda x: -x,
    "relu": lambda x: x.relu(),
    "square": lambda x: x**2,
    "root": lambda x: (x * x + 0.5) ** 0.5,
    "inverse": lambda x: (x * x + 0.5) ** -1,
    "constants": lambda x: 3 - 2 * x + x * 0.5 - 1,
    "quotients": lambda x: 2 / (x * x + 0.5) + x / 4,
}
OLD_TWO = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda x, y: x / (y * y + 0.5),
}
NEW_ONE = {
    "tanh": lambda x: x.tanh(),
    "exp": lambda x: x.exp(),
    "log": lambda x: (x * x + 0.5).log(),
    "power of two": lambda x: 2**x,
}
NEW_TWO = {"**": lambda x, y: (x * x + 0.5) ** y}


@st.composite
def programs(draw, one, two):
    """Draw two numbers and some steps."""
    leaves = [draw(st.floats(-2, 2, allow_subnormal=False)) for _ in range(2)]
    nodes, steps = [torch.tensor(leaf, dtype=torch.float64) for leaf in leaves], []
    for _ in range(draw(st.integers(4, 12))):
        name = draw(st.sampled_from([*two, *one]))
        i, j = (draw(st.integers(0, len(nodes) - 1)) for _ in "ij")
        if name in two:
            extend(steps, nodes, alike(name, two[name], i, j))
        elif name != "relu" or i < 2 or abs(nodes[i]) > CLEAR:
            extend(steps, nodes, alike(name, one[name], i))
    return leaves, steps


@STEADY
@given(programs(OLD_ONE, OLD_TWO))
def test_value_equals_micrograd(program):
    engine = pytest.importorskip("micrograd.engine", reason="want the package micrograd")
    leaves, steps = program
    ours = run(steps, map(Value, leaves), "ours")
    theirs = run(steps, map(engine.Value, leaves), "theirs")
    for nodes in (ours, theirs):
        sum(nodes).backward()
    for our_node, their_node in zip(ours, theirs, strict=True):
        assert_close(our_node.data, their_node.data)
        assert_close(our_node.grad, their_node.grad)


@STEADY
@given(programs(OLD_ONE | NEW_ONE, OLD_TWO | NEW_TWO))
def test_value_equals_torch_also_when_backward_is_called_twice(program):
    leaves, steps = program
    ours = run(steps, map(Value, leaves), "ours")
    parameters = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in leaves]
    theirs = run(steps, parameters, "theirs")
    for node in theirs:
        node.retain_grad()
    loss, their_loss = sum(ours), sum(theirs)
    for _ in range(2):
        loss.backward()
        their_loss.backward(retain_graph=True)
        for our_node, their_node in zip(ours, theirs, strict=True):
            assert_close(our_node.data, their_node.item())
            assert_close(our_node.grad, their_node.grad)
