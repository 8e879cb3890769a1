"""Every operation of both engines against torch and against central differences.

The tables of `tests.autograd_operations` drive all tests: an operation that is not in them fails
the first one.
"""

from types import FunctionType

import numpy as np
import pytest
import torch

from kbook.autograd import Tensor, Value
from kbook.gradcheck import central_difference
from tests.autograd_operations import TENSOR, VALUE

TABLES = {Value: VALUE, Tensor: TENSOR}
OTHERS = {"__init__", "__repr__", "__len__", "__iter__", "backward", "shape"}
ENTRIES = [
    pytest.param(engine, name, id=f"{engine.__name__} {name}")
    for engine, table in TABLES.items()
    for name in table
]
SMOOTH = [entry for entry in ENTRIES if TABLES[entry.values[0]][entry.values[1]].smooth]


def method_of(name):
    return name.split(",")[0]


def weights(shape):
    """Return a number for each entry of a result, never one, so that no two count the same."""
    return np.cos(1 + np.arange(np.prod(shape))).reshape(shape)


def scalar(result):
    """Make one number of a result of ours, from which a backward pass can start."""
    if isinstance(result, Value):
        return result * float(weights(()))
    return (result * weights(result.shape)).sum()


def torch_scalar(result):
    return (result * torch.tensor(weights(result.shape))).sum()


def runs(engine, name):
    """Yield our leaves and result, and torch's, for each sample of an entry."""
    operation = TABLES[engine][name]
    for sample in operation.samples:
        ours = [engine(argument) for argument in sample]
        theirs = [
            torch.tensor(argument, dtype=torch.float64, requires_grad=True) for argument in sample
        ]
        yield ours, operation.ours(*ours), theirs, operation.theirs(*theirs)


def assert_close(ours, reference):
    assert np.shape(ours) == np.shape(reference)
    np.testing.assert_allclose(ours, reference, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("engine", TABLES)
def test_every_operation_is_in_the_list(engine):
    defined = {
        name
        for name, thing in vars(engine).items()
        if isinstance(thing, FunctionType | property)
        and (name.startswith("__") or not name.startswith("_"))
    }
    assert {method_of(name) for name in TABLES[engine]} == defined - OTHERS


@pytest.mark.parametrize(("engine", "name"), ENTRIES)
def test_an_entry_calls_the_method_that_it_is_named_after(engine, name, monkeypatch):
    class Called(Exception):
        pass

    def spy(*_, **__):
        raise Called

    method = method_of(name)
    monkeypatch.setattr(engine, method, property(spy) if method == "T" else spy)
    with pytest.raises(Called):
        next(runs(engine, name))


@pytest.mark.parametrize(("engine", "name"), ENTRIES)
def test_forward_equals_torch(engine, name):
    for _, ours, _, theirs in runs(engine, name):
        assert isinstance(ours, engine)
        assert_close(ours.data, theirs.detach().numpy())


@pytest.mark.parametrize(("engine", "name"), ENTRIES)
def test_derivative_equals_torch(engine, name):
    for leaves, ours, their_leaves, theirs in runs(engine, name):
        scalar(ours).backward()
        torch_scalar(theirs).backward()
        for leaf, their_leaf in zip(leaves, their_leaves, strict=True):
            assert_close(leaf.grad, their_leaf.grad.numpy())


@pytest.mark.parametrize(("engine", "name"), SMOOTH)
def test_derivative_equals_central_differences_of_our_own_result(engine, name):
    operation = TABLES[engine][name]
    for sample in operation.samples:
        leaves = [engine(argument) for argument in sample]
        scalar(operation.ours(*leaves)).backward()
        for position, leaf in enumerate(leaves):

            def f(point, sample=sample, position=position):
                moved = [*sample[:position], point, *sample[position + 1 :]]
                numbers = [float(a) if engine is Value else a for a in moved]
                return scalar(operation.ours(*map(engine, numbers))).data

            if np.size(leaf.data):
                measured = central_difference(f, leaf.data)
                np.testing.assert_allclose(leaf.grad, measured, rtol=1e-8, atol=1e-8)
