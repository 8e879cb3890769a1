"""What the graphs of both engines leave behind: nothing; and how long they may be: very long."""

import gc
import sys
import weakref

import numpy as np
import pytest

from kbook.autograd import Tensor, Value
from kbook.autograd.graph import topological_order
from tests.autograd_operations import TENSOR, VALUE

LONG = 100_000
TABLES = {Value: VALUE, Tensor: TENSOR}
ENTRIES = [
    pytest.param(engine, operation, id=f"{engine.__name__} {name}")
    for engine, table in TABLES.items()
    for name, operation in table.items()
]


@pytest.fixture
def no_collector():
    """Run without the cyclic collector: only what no cycle holds is freed then."""
    gc.disable()
    yield
    gc.enable()


def number(result):
    return result.sum() if isinstance(result, Tensor) else result


def remembered(root):
    """Return weak references to all nodes of a graph."""
    return [weakref.ref(node) for node in topological_order(root)]


def alive(references):
    return sum(reference() is not None for reference in references)


@pytest.mark.parametrize("times", [0, 1], ids=["built", "back-propagated"])
@pytest.mark.parametrize(("engine", "operation"), ENTRIES)
def test_a_graph_is_freed_without_the_collector(engine, operation, times, no_collector):
    root = number(operation.ours(*map(engine, operation.samples[0])))
    for _ in range(times):
        root.backward()
    nodes = remembered(root)
    assert alive(nodes) == len(nodes) > 1
    del root
    assert alive(nodes) == 0


def test_a_graph_whose_backward_pass_failed_is_freed(no_collector):
    x = Tensor([1.0, 2.0])
    root = x.exp()
    nodes = remembered(root)
    with pytest.raises(ValueError, match="single number"):
        root.backward()
    root = root.sum()
    topological_order(root)[1].data[0] = 7
    with pytest.raises(ValueError, match="changed in place"):
        root.backward()
    del root, x
    assert alive(nodes) == 0


@pytest.mark.parametrize("make", [Value, lambda x: Tensor([x])])
def test_results_are_freed_while_their_operands_live(make, no_collector):
    weight = make(2.0)
    for _ in range(3):
        loss = number((weight * weight).tanh())
        loss.backward()
        nodes = remembered(loss)
        del loss
        assert alive(nodes) == 1 and nodes[0]() is weight


@pytest.mark.parametrize("make", [Value, lambda x: Tensor([x])])
def test_the_gradients_hold_no_graph(make, no_collector):
    x = make(2.0)
    root = number(x * x)
    root.backward()
    nodes = remembered(root)
    gradient = x.grad
    del root, x
    assert alive(nodes) == 0
    assert gradient == 4


LINKS = {
    "Value, +": (Value, lambda x, _: x + 1.0, 1.0),
    "Value, two operands": (Value, lambda x, first: x + first, LONG + 1.0),
    "Value, functions": (Value, lambda x, _: (-x).relu() if x.data < 0 else -x, -1.0),
    "Tensor, +": (Tensor, lambda x, _: x + 1.0, 1.0),
    "Tensor, two operands": (Tensor, lambda x, first: x + first, LONG + 1.0),
    "Tensor, functions": (Tensor, lambda x, _: (-x).reshape(()), 1.0),
}


@pytest.mark.parametrize("name", LINKS)
def test_chains_of_a_hundred_thousand_operations_work(name, no_collector):
    engine, link, slope = LINKS[name]
    assert sys.getrecursionlimit() < LONG / 10
    first = engine(1.0)
    last = first
    for _ in range(LONG):
        last = link(last, first)
    last.backward()
    assert abs(first.grad) == abs(slope)
    nodes = [weakref.ref(first), weakref.ref(last)]
    del first, last
    assert alive(nodes) == 0


@pytest.mark.parametrize("engine", TABLES)
def test_a_sum_of_a_hundred_thousand_terms_works(engine, no_collector):
    x = engine(0.5)
    sum([x] * LONG).backward()
    assert x.grad == LONG


@pytest.mark.parametrize("engine", TABLES)
def test_paths_are_not_walked_one_by_one(engine):
    first = last = engine(1.0)
    for _ in range(18):
        last = last + last
    assert len(topological_order(last)) == 19  # and 2 ** 18 paths
    last.backward()
    assert first.grad == 2**18


def test_the_order_has_each_node_once_after_its_parents():
    a, b = Value(2.0), Value(3.0)
    c = a * b
    d = (c + a) * (c - b) + c
    order = topological_order(d)
    assert len(order) == len(set(order)) == 7
    assert order[-1] is d
    place = {node: i for i, node in enumerate(order)}
    for node in order:
        assert all(place[parent] < place[node] for parent in node._parents())


def test_no_two_gradients_share_memory():
    x, y, z = Tensor(np.ones((2, 2))), Tensor(np.ones((2, 2))), Tensor(np.ones((2, 2)))
    ((x + y).T.reshape(2, 2) - (-z)).sum().backward()
    leaves = [x, y, z]
    for leaf in leaves:
        leaf.grad *= 10  # in place
        assert [other.grad.sum() for other in leaves].count(40) == 1
        leaf.grad /= 10


def test_every_gradient_of_a_graph_can_be_changed_in_place():
    x, y = Tensor(np.ones((2, 3))), Tensor(np.ones(3))
    loss = ((x + y) - x.reshape(3, 2).T.reshape(2, 3) + x[:]).mean(axis=0).max()
    loss.backward()
    nodes = [node for node in topological_order(loss) if node.shape]
    for node in nodes:
        assert node.grad.flags.writeable  # no view of something that was repeated
        for other in nodes:
            assert other is node or not np.shares_memory(node.grad, other.grad)
