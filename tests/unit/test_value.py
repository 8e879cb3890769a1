"""kbook.autograd.Value: its interface, what it refuses, and what calls of backward() add up to."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from kbook import autograd
from kbook.autograd import Value

NAN, INF = float("nan"), float("inf")


def test_public_names():
    assert autograd.__all__ == ["Tensor", "Value"]


# Data and gradients


@pytest.mark.parametrize(
    "number",
    [3, 3.0, True, Fraction(3), np.float64(3), np.float32(3), np.float16(3), np.int8(3), 3 + 2**60],
)
def test_data_is_a_float_of_whatever_real_number_came(number):
    value = Value(number)
    assert type(value.data) is float and value.data == float(number)
    assert value.grad == 0


@pytest.mark.parametrize("thing", ["3", None, 3j, [3], (3,), np.array([3.0]), Value(3)])
def test_what_is_no_real_number_is_refused(thing):
    with pytest.raises(TypeError, match=f"real number, got {type(thing).__name__}"):
        Value(thing)


def test_repr_is_that_of_micrograd():
    x = Value(-4.0)
    assert repr(x) == "Value(data=-4.0, grad=0.0)"
    (x * 2).backward()
    assert repr(x) == "Value(data=-4.0, grad=2.0)"


def test_backward_on_a_leaf_is_the_derivative_by_itself():
    x = Value(3.0)
    x.backward()
    assert x.grad == 1


def test_every_node_gets_a_gradient_and_no_other():
    a, b, aside = Value(2.0), Value(3.0), Value(4.0)
    c = a * b
    d = c + a
    unused = c * aside
    d.backward()
    assert [node.grad for node in (a, b, c, d)] == [4, 2, 1, 1]
    assert aside.grad == unused.grad == 0


def test_a_node_between_reports_once_all_gradients_have_come():
    # If x reported to w before the longer path had reached x, w would miss half of it.
    w = Value(3.0)
    x = w * 1
    y = x + (x * 1) * 1
    y.backward()
    assert w.grad == 2


def test_operators_make_new_nodes_and_leave_their_operands():
    a = x = Value(2.0)
    a += 1
    a *= 3
    a -= 1
    a /= 2
    assert (x.data, a.data) == (2, 4)
    a.backward()
    assert x.grad == 1.5


def test_sum_of_a_list_of_values():
    values = [Value(1.0), Value(2.0)]
    total = sum(values)
    total.backward()
    assert total.data == 3
    assert [value.grad for value in values] == [1, 1]


def test_values_are_told_apart_though_their_numbers_are_equal():
    a, b = Value(1.0), Value(1.0)
    assert a != b and len({a, b}) == 2
    (a * b + a).backward()
    assert (a.grad, b.grad) == (2, 1)


def test_a_change_of_data_reaches_what_is_computed_later_only():
    x = Value(2.0)
    y = x * x
    x.data = 5.0
    y.backward()
    assert (y.data, x.grad) == (4, 4)
    x.grad = 0.0
    (x * x).backward()
    assert x.grad == 10


# Numbers on either side

NUMBERS = {
    kind.__name__: kind
    for kind in (int, float, Fraction, np.float64, np.float32, np.float16, np.int8, np.uint8)
}
OPERATORS = {
    "value + number": lambda x, n: x + n,
    "number + value": lambda x, n: n + x,
    "value - number": lambda x, n: x - n,
    "number - value": lambda x, n: n - x,
    "value * number": lambda x, n: x * n,
    "number * value": lambda x, n: n * x,
    "value / number": lambda x, n: x / n,
    "number / value": lambda x, n: n / x,
    "value ** number": lambda x, n: x**n,
    "number ** value": lambda x, n: n**x,
}


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("operator", OPERATORS)
def test_any_number_on_either_side_acts_like_the_float(operator, kind):
    # 0.1 in single precision would show: it differs from 0.1 in the eighth digit.
    results = []
    for number in (NUMBERS[kind](3), 3.0):
        x = Value(0.1)
        result = OPERATORS[operator](x, number)
        result.backward()
        assert type(result) is Value and type(result.data) is type(x.grad) is float
        results.append((result.data, x.grad))
    assert results[0] == results[1]


@pytest.mark.parametrize("other", ["x", None, 1j, [1.0], np.ones(2), np.array(1.0), Value])
@pytest.mark.parametrize("operator", OPERATORS)
def test_other_things_on_either_side_are_refused(operator, other):
    with pytest.raises(TypeError):
        OPERATORS[operator](Value(2.0), other)


def test_the_sentence_for_a_wrong_type_names_both():
    with pytest.raises(TypeError, match=r"for \+: 'Value' and 'str'"):
        Value(2.0) + "x"
    with pytest.raises(TypeError, match=r"for -: 'str' and 'Value'"):
        "x" - Value(2.0)
    with pytest.raises(TypeError, match=r"for /: 'Value' and 'complex'"):
        Value(2.0) / 1j


# What has no derivative, or no value


@pytest.mark.parametrize(
    ("compute", "error", "message"),
    [
        (lambda: Value(0.0).log(), ValueError, "log wants a positive number, got 0"),
        (lambda: Value(-2.5).log(), ValueError, "log wants a positive number, got -2.5"),
        (lambda: Value(NAN).log(), ValueError, "log wants a positive number, got nan"),
        (lambda: Value(3) / 0, ZeroDivisionError, "cannot divide 3 by zero"),
        (lambda: Value(3) / Value(0), ZeroDivisionError, "cannot divide 3 by zero"),
        (lambda: 3 / Value(0), ZeroDivisionError, "cannot divide 3 by zero"),
        (lambda: 3 / Value(-0.0), ZeroDivisionError, "cannot divide 3 by zero"),
        (lambda: Value(3) / np.float64(0), ZeroDivisionError, "cannot divide 3 by zero"),
        (lambda: np.float64(3) / Value(0), ZeroDivisionError, "cannot divide 3 by zero"),
        (lambda: Value(0) ** -1, ZeroDivisionError, "0 to the negative power -1"),
        (lambda: Value(0) ** -0.5, ZeroDivisionError, "0 to the negative power -0.5"),
        (lambda: 0 ** Value(-2), ZeroDivisionError, "0 to the negative power -2"),
        (lambda: Value(710).exp(), OverflowError, r"exp\(710\) is too large for a float"),
        (lambda: Value(10) ** 400, OverflowError, r"\(10\) \*\* 400 .*too large"),
        (lambda: Value(10) ** Value(400), OverflowError, r"\(10\) \*\* 400 .*too large"),
        (lambda: 10 ** Value(400), OverflowError, r"\(10\) \*\* 400 .*too large"),
        (lambda: Value(-10) ** 401, OverflowError, r"\(-10\) \*\* 401 .*too large"),
        (lambda: Value(-8) ** (1 / 3), ValueError, r"\(-8\) \*\* 0.333333 is not a real number"),
        (lambda: Value(-8) ** Value(0.5), ValueError, r"\(-8\) \*\* 0.5 is not a real number"),
        (lambda: (-8) ** Value(0.5), ValueError, r"\(-8\) \*\* 0.5 is not a real number"),
        (lambda: Value(-2) ** Value(3), ValueError, "exponent wants a positive base, got -2"),
        (lambda: Value(0) ** Value(3), ValueError, "exponent wants a positive base, got 0"),
        (lambda: (-2) ** Value(3), ValueError, "exponent wants a positive base, got -2"),
        (lambda: 0 ** Value(3), ValueError, "exponent wants a positive base, got 0"),
    ],
)
def test_errors_are_one_sentence_that_names_what_came(compute, error, message):
    with pytest.raises(error, match=message) as raised:
        compute()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("number", [np.float64(0.0), 0])
def test_data_that_was_assigned_as_another_number_meets_the_same_errors(number):
    x = Value(1.0)
    x.data = number
    with pytest.raises(ZeroDivisionError, match="0 to the negative power -1"):
        x**-1
    with pytest.raises(ZeroDivisionError, match="cannot divide 1 by zero"):
        1 / x
    with pytest.raises(ValueError, match="exponent wants a positive base, got -2"):
        (-2) ** x


@pytest.mark.parametrize(("base", "sign"), [(1e-200, -1), (-1e-200, -1)])
def test_a_slope_too_large_is_infinite_with_its_sign(base, sign):
    for result in (lambda x: x**-1, lambda x: 1 / x):
        x = Value(base)
        y = result(x)
        y.backward()
        assert y.data == pytest.approx(1 / base) and x.grad == sign * INF


def test_large_but_representable_results_are_no_error():
    assert Value(709.0).exp().data == pytest.approx(8.218e307, rel=1e-3)
    assert (Value(10.0) ** 308).data == 1e308
    assert (Value(1e308) * 10.0).data == INF  # as Python's floats
    assert (Value(1e308) * np.float64(10)).data == INF


@pytest.mark.parametrize("base", [1e-200, -1e-200])
def test_a_slope_that_is_too_large_is_infinite(base):
    for compute in (lambda x: x**-1, lambda x: 1 / x):
        x = Value(base)
        result = compute(x)
        result.backward()
        assert result.data == pytest.approx(1 / base)
        assert x.grad == -INF
    root = Value(5e-324)
    (root**0.001).backward()
    assert root.grad == INF


# Calling backward() again


def deep(x, y):
    h = x * y
    for _ in range(3):
        h = (h * x + y).tanh()
    return [x, y, h, h * h + x]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_each_backward_adds_the_same_gradient_to_every_node_as_in_torch(times):
    ours = deep(Value(0.5), Value(-0.3))
    theirs = deep(*(torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (0.5, -0.3)))
    for node in theirs:
        node.retain_grad()
    for _ in range(times):
        ours[-1].backward()
        theirs[-1].backward(retain_graph=True)
    for our_node, their_node in zip(ours, theirs, strict=True):
        assert our_node.grad == pytest.approx(their_node.grad.item(), rel=1e-12)


def test_two_results_that_share_nodes_add_their_gradients():
    x = Value(3.0)
    shared = x * x
    (shared * 2).backward()
    (shared * 5).backward()
    assert (shared.grad, x.grad) == (7, 42)


@pytest.mark.parametrize("nothing", [0, 0.0, None])
def test_a_gradient_that_was_set_back_starts_again(nothing):
    x = Value(3.0)
    y = x * x
    y.backward()
    x.grad = nothing
    y.backward()
    assert x.grad == 6
