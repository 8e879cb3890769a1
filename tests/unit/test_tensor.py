"""kbook.autograd.Tensor: what it holds, what it refuses, and what calls of backward() add up to."""

import numpy as np
import pytest
import torch

from kbook.autograd import Tensor, Value
from kbook.autograd.graph import topological_order

NAN, INF = float("nan"), float("inf")
BLOCK = np.arange(24.0).reshape(2, 3, 4)


# Data and gradients


@pytest.mark.parametrize(
    "data", [3, 2.5, True, [1, 2], [[True], [False]], np.ones(2, np.float32), [], np.zeros((0, 3))]
)
def test_data_is_a_float64_array_of_whatever_real_numbers_came(data):
    tensor = Tensor(data)
    assert isinstance(tensor.data, np.ndarray) and tensor.data.dtype == np.float64
    assert tensor.shape == tensor.data.shape == np.shape(data)
    assert tensor.data.tolist() == np.asarray(data).tolist()


def test_the_array_that_is_given_is_copied():
    given = np.array([1.0, 2.0])
    tensor = Tensor(given)
    given[0] = 7
    assert tensor.data.tolist() == [1, 2]
    tensor.data[1] = 9
    assert given.tolist() == [7, 2]


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (["a"], "real numbers, got list with dtype <U1"),
        ("a", "real numbers, got str with dtype <U1"),
        (1j, "real numbers, got complex with dtype complex128"),
        (None, "real numbers, got NoneType with dtype object"),
        (Tensor([1.0, 2.0]), "real numbers, got Tensor with dtype object"),
        ([Tensor(1.0)], "real numbers, got list with dtype object"),
        (Value(1.0), "real numbers, got Value with dtype object"),
        (np.array(["2020-01-01"], dtype="datetime64"), "real numbers, got ndarray with dtype date"),
    ],
)
def test_what_does_not_hold_real_numbers_is_refused(thing, message):
    with pytest.raises(TypeError, match=message):
        Tensor(thing)


@pytest.mark.parametrize("other", ["x", ["x"], None, 1j, np.array([1j]), Value(1.0), object()])
@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "**", "@"])
def test_other_things_on_either_side_are_refused(sign, other):
    names = {"x": Tensor([1.0]), "other": other}
    for text in (f"x {sign} other", f"other {sign} x"):
        with pytest.raises(TypeError):
            eval(text, names)


def test_length_iteration_and_repr():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    assert len(x) == 2
    first, second = x
    (first * 3 + second).sum().backward()
    assert x.grad.tolist() == [[3, 3], [1, 1]]
    assert repr(x) == "Tensor(data=[[1.0, 2.0], [3.0, 4.0]], grad=[[3.0, 3.0], [1.0, 1.0]])"
    assert repr(Tensor(2)) == "Tensor(data=2.0, grad=0.0)"


@pytest.mark.parametrize("look", [len, iter, list])
def test_a_single_number_has_no_length_and_no_parts(look):
    with pytest.raises(TypeError):
        look(Tensor(3.0))


def test_numpy_numbers_and_lists_on_either_side():
    for other in (np.float64(2), np.float32(2), np.int64(2), np.array(2), 2, [2, 2], [2.0]):
        x = Tensor([1.0, 3.0])
        result = other * x - other / x + (x - other) ** 2 + other**x
        assert isinstance(result, Tensor)
        assert result.data.tolist() == [2 - 2 + 1 + 2, 6 - 2 / 3 + 1 + 8]
        result.sum().backward()
        assert x.grad == pytest.approx([2 + 2 - 2 + 2 * np.log(2), 2 + 2 / 9 + 2 + 8 * np.log(2)])


def test_whole_numbers_act_like_floats():
    x = Tensor([2, 4])
    assert (x**-1).data.tolist() == [0.5, 0.25]
    assert (np.array([2, 4]) ** (-x)).data.tolist() == [0.25, 4**-4]
    assert (x / np.array([4, 8])).data.tolist() == [0.5, 0.5]


def test_sum_of_a_list_of_tensors():
    tensors = [Tensor([1.0, 2.0]), Tensor([3.0, 4.0])]
    total = sum(tensors)
    assert total.data.tolist() == [4, 6]
    total.sum().backward()
    assert [tensor.grad.tolist() for tensor in tensors] == [[1, 1], [1, 1]]


@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 1), (2, 3), (0,), (2, 0)])
def test_every_gradient_has_the_shape_of_its_data(shape):
    x, y = Tensor(np.ones(shape)), Tensor(np.ones((1, *shape)))
    loss = ((x * y).exp() @ np.ones(shape[-1:]) if shape else x * y).sum()
    loss.backward()
    for node in topological_order(loss):
        assert np.shape(node.grad) == node.shape
        assert np.asarray(node.grad).dtype == np.float64


def test_a_result_that_is_read_as_an_array_shares_nothing_with_a_slice():
    x = Tensor([1.0, 2.0])
    part = x[:1]
    part.data[0] = 9
    assert x.data.tolist() == [1, 2]


# What follows numpy


def test_results_that_are_no_numbers_follow_numpy():
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert Tensor([0.0]).log().data[0] == -INF
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert Tensor([1000.0]).exp().data[0] == INF
    with pytest.warns(RuntimeWarning, match="invalid value"):
        assert np.isnan((Tensor([-8.0]) ** (1 / 3)).data[0])


@pytest.mark.filterwarnings("error")
def test_no_warning_where_torch_has_a_finite_gradient():
    # 0 ** y and x ** 0 meet log(0) and 0 ** -1 on the way; relu gets an infinite gradient.
    x, y = Tensor([0.0, 0.0, -2.0]), Tensor([2.0, 0.0, 3.0])
    (x ** [2.0, 0.0, 3.0] + [0.0, 0.0, 1.0] ** y).sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([0, 0, 12], [0, 0, 0])
    with np.errstate(divide="ignore"):
        z = Tensor([-1.0, 2.0])
        z.relu().log().sum().backward()
    assert z.grad.tolist() == [0, 0.5]


# Refusals


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda x: x + np.ones(4), r"want shapes that broadcast, got \(2, 3\) \+ \(4,\)"),
        (lambda x: np.ones(4) - x, r"want shapes that broadcast, got \(4,\) - \(2, 3\)"),
        (lambda x: x * Tensor([1.0, 2.0]), r"want shapes that broadcast, got \(2, 3\) \* \(2,\)"),
        (lambda x: np.ones((3, 2)) / x, r"want shapes that broadcast, got \(3, 2\) / \(2, 3\)"),
        (lambda x: x ** np.ones(2), r"want shapes that broadcast, got \(2, 3\) \*\* \(2,\)"),
        (lambda x: x @ x, r"want shapes .* @ .*, got \(2, 3\) @ \(2, 3\)"),
        (lambda x: np.ones(3) @ x, r"want shapes .* @ .*, got \(3,\) @ \(2, 3\)"),
        (lambda x: x @ 2, r"want shapes .* @ .*, got \(2, 3\) @ \(\)"),
        (lambda x: Tensor(2) @ x, r"want shapes .* @ .*, got \(\) @ \(2, 3\)"),
        (lambda x: x.backward(), r"single number, got shape \(2, 3\): .*\.sum\(\)"),
        (lambda x: x[:0].sum(axis=1).backward(), r"single number, got shape \(0,\)"),
        (lambda x: x.reshape(4), r"reshape array of size 6 into shape \(4,\)"),
        (lambda x: x.transpose(0, 0), "repeated axis"),
        (lambda x: x.transpose(0), "axes don't match"),
        (lambda x: x.sum(axis=2), "axis 2 is out of bounds .* dimension 2"),
        (lambda x: x[:0].mean(), r"mean wants at least one entry, got shape \(0, 3\)"),
        (lambda x: x[:0].mean(axis=1), r"mean wants at least one entry, got shape \(0, 3\)"),
        (lambda x: x[:0].max(), "zero-size array .* maximum"),
        (lambda x: x[:0].sigmoid(), "must not be empty"),
        (lambda x: (x * INF).sigmoid(), "finite"),
        (lambda x: x.cross_entropy([0, 3]), "0 to 2, got 0 to 3"),
        (lambda x: x[0].cross_entropy([0]), r"\(3,\)"),
    ],
)
def test_errors_are_one_sentence_that_names_what_came(compute, message):
    with pytest.raises(ValueError, match=message) as raised:
        compute(Tensor(np.ones((2, 3))))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("index", [2, (0, 3), 1.5, "a", Tensor([0, 1])])
def test_wrong_indices_are_refused(index):
    with pytest.raises(IndexError):
        Tensor(np.ones((2, 3)))[index]


def test_a_tensor_is_no_operand_of_numpys_functions():
    with pytest.raises(TypeError, match="'Tensor' does not support ufuncs"):
        np.exp(Tensor([1.0]))


# Calling backward()


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_backward_starts_from_any_array_of_one_number(shape):
    x = Tensor(np.full(shape, 3.0))
    (x * x).backward()
    assert np.shape(x.grad) == shape
    assert np.asarray(x.grad).item() == 6


def test_what_does_not_depend_on_a_leaf_leaves_its_gradient_alone():
    x, y = Tensor([1.0]), Tensor([2.0])
    (x * 2).sum().backward()
    assert y.grad == 0.0
    x.backward()
    assert x.grad.tolist() == [3]


@pytest.mark.parametrize("nothing", [0, 0.0, None, np.zeros(2)])
def test_a_gradient_that_was_set_back_starts_again(nothing):
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    y.backward()
    x.grad = nothing
    y.backward()
    assert x.grad.tolist() == [2, 4]


def deep(x, y):
    h = x * y
    for _ in range(3):
        h = (h @ x + y).tanh()
    return [x, y, h, (h * h).sum(0).sum()]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_each_backward_adds_the_same_gradient_to_every_node_as_in_torch(times):
    rng = np.random.default_rng(0)
    arrays = rng.normal(size=(3, 3)), rng.normal(size=3)
    ours = deep(*map(Tensor, arrays))
    theirs = deep(*(torch.tensor(a, requires_grad=True) for a in arrays))
    for node in theirs:
        node.retain_grad()
    for _ in range(times):
        ours[-1].backward()
        theirs[-1].backward(retain_graph=True)
    for our_node, their_node in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our_node.grad, their_node.grad.numpy(), rtol=1e-12, atol=1e-13)


def test_a_training_step_with_numpy_in_place_is_that_of_torch():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 3)), rng.integers(0, 4, size=20)
    start = rng.normal(size=(3, 4)), np.zeros(4)
    ours = [Tensor(a) for a in start]
    theirs = [torch.tensor(a, requires_grad=True) for a in start]
    descent = torch.optim.SGD(theirs, lr=0.5)
    for _ in range(5):
        loss = (X @ ours[0] + ours[1]).cross_entropy(y)
        for p in ours:
            p.grad = 0.0
        loss.backward()
        for p in ours:
            p.data -= 0.5 * p.grad
        descent.zero_grad()
        scores = torch.tensor(X) @ theirs[0] + theirs[1]
        torch.nn.functional.cross_entropy(scores, torch.tensor(y)).backward()
        descent.step()
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=1e-12, atol=1e-13)
