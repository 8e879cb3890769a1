"""Arrays that are changed in place between an operation of Tensor and its backward pass."""

import numpy as np
import pytest

from kbook.autograd import Tensor
from kbook.autograd.graph import topological_order
from tests.autograd_operations import TENSOR

# Operation → which arrays its derivatives read: the operands x and y, the constant c, the result r.
READS = {
    "x + y": "",
    "x - y": "",
    "x * y": "xy",
    "x / y": "xy",
    "x ** y": "xy",
    "x @ y": "xy",
    "x + c": "",
    "c + x": "",
    "x - c": "",
    "c - x": "",
    "x * c": "c",
    "c * x": "c",
    "x / c": "c",
    "c / x": "cx",
    "x ** c": "cx",
    "c ** x": "cx",
    "x @ c": "c",
    "c @ x": "c",
    "x * x": "x",
    "x ** 2": "x",
    "x * 2": "",
    "-x": "",
    "x.exp()": "r",
    "x.log()": "x",
    "x.tanh()": "r",
    "x.sigmoid()": "r",
    "x.relu()": "",
    "x.sum()": "",
    "x.mean(axis=0)": "",
    "x.max(axis=1)": "",
    "x.reshape(4)": "",
    "x.T": "",
    "x[0]": "",
    "x[[0, 0]]": "",
    "x.cross_entropy(c)": "x",
}


def record(text):
    """Compute an operation; return its arrays by name, its leaves and a number to start from."""
    rng = np.random.default_rng(0)
    x, y = Tensor(rng.uniform(0.5, 2, (2, 2))), Tensor(rng.uniform(0.5, 2, (2, 2)))
    c = rng.dirichlet(np.ones(2), size=2)
    r = eval(text, {"x": x, "y": y, "c": c})
    return {"x": x.data, "y": y.data, "c": c, "r": r.data}, (x, y), (r * (r.data + 1)).sum()


def gradients(leaves):
    return [np.asarray(leaf.grad).tolist() for leaf in leaves]


@pytest.mark.parametrize("array", "xycr")
@pytest.mark.parametrize("text", READS)
def test_a_change_of_what_the_gradient_reads_is_an_error_and_of_nothing_else(text, array):
    _, leaves, loss = record(text)
    loss.backward()
    expected = gradients(leaves)
    arrays, leaves, loss = record(text)
    arrays[array][...] += 0.25
    if array in READS[text]:
        with pytest.raises(ValueError, match="changed in place"):
            loss.backward()
        expected = [0.0, 0.0]
    else:
        loss.backward()
    assert gradients(leaves) == expected


@pytest.mark.parametrize("name", TENSOR)
def test_after_any_change_in_place_the_gradient_is_right_or_refused(name):
    operation = TENSOR[name]
    for sample in operation.samples:
        leaves = [Tensor(argument) for argument in sample]
        operation.ours(*leaves).sum().backward()
        expected = [leaf.grad for leaf in leaves]
        for changed in range(len(sample) + 1):
            leaves = [Tensor(argument) for argument in sample]
            result = operation.ours(*leaves)
            [*leaves, result][changed].data[...] += 0.25
            try:
                result.sum().backward()
            except ValueError as error:
                assert "changed in place" in str(error)
                assert gradients(leaves) == [0.0] * len(leaves)
            else:
                for leaf, gradient in zip(leaves, expected, strict=True):
                    assert np.array_equal(leaf.grad, gradient, equal_nan=True)


def test_the_smallest_change_of_one_entry_is_seen():
    x = Tensor(np.ones((50, 50)))
    loss = (x * x).sum()
    x.data[31, 7] = np.nextafter(1, 2)
    with pytest.raises(ValueError, match="changed in place"):
        loss.backward()


def test_two_entries_that_change_places_are_seen():
    x = Tensor([1.0, 2.0])
    loss = (x * x).sum()
    x.data[:] = x.data[::-1].copy()
    with pytest.raises(ValueError, match="changed in place"):
        loss.backward()


def test_a_number_without_axes_is_watched_too():
    x = Tensor(2.0)
    loss = x * x
    x.data += 1
    with pytest.raises(ValueError, match="changed in place"):
        loss.backward()


def test_a_new_array_in_data_is_no_change_of_the_old_one():
    x = Tensor([1.0, 2.0])
    loss = (x * x).sum()
    x.data = x.data + 10
    loss.backward()
    assert x.grad.tolist() == [2, 4]


def test_a_change_through_a_view_is_seen():
    x = Tensor([1.0, 2.0])
    flat = x.reshape(2)
    loss = (flat * flat).sum()
    x.data[0] = 5
    with pytest.raises(ValueError, match="changed in place"):
        loss.backward()


def test_after_the_error_no_gradient_has_been_touched():
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    loss = ((x * y).exp() + x).sum()
    loss.backward()
    nodes = topological_order(loss)
    before = [np.array(node.grad) for node in nodes]
    y.data += 1
    with pytest.raises(ValueError, match="changed in place"):
        loss.backward()
    assert all(np.array_equal(node.grad, old) for node, old in zip(nodes, before, strict=True))


def test_a_second_backward_after_a_step_of_the_optimizer_is_refused():
    W, b = Tensor([[1.0], [2.0]]), Tensor([0.0])
    hidden = Tensor([[3.0, 4.0]]) @ W + b
    loss = (hidden * hidden).sum()
    loss.backward()
    W.data -= 0.1 * W.grad
    with pytest.raises(ValueError, match="run the forward pass again"):
        loss.backward()
    (Tensor([[3.0, 4.0]]) @ W + b).sum().backward()


def test_indices_masks_and_targets_may_be_changed_after_their_use():
    index, mask, targets = np.array([0, 0]), np.array([True, False]), np.array([0, 1])
    rows = [0, 1]
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    loss = x[index].sum() + x[mask].sum() + x[rows].sum() + x.cross_entropy(targets)
    loss.backward()
    expected, x.grad = x.grad, 0.0
    index[:], mask[:], targets[:], rows[0] = 1, True, 0, 1
    loss.backward()
    assert x.grad.tolist() == expected.tolist()
