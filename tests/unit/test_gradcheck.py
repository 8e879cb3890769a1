"""kbook.gradcheck: what it prints, what it refuses, and how right its gradients are."""

import numpy as np
import pytest
import torch

from kbook import gradcheck
from kbook.gradcheck import central_difference, compare

NAN, INF = float("nan"), float("inf")


def test_public_names():
    assert gradcheck.__all__ == ["central_difference", "compare"]


# compare: results that agree


@pytest.mark.parametrize(
    ("ours", "reference", "options", "line"),
    [
        (3, 3, {}, "claim: exact"),
        ([1, 2], np.array([1, 2], dtype=np.uint8), {}, "claim: exact"),
        ([True, False], [True, False], {}, "claim: exact"),
        (True, 1, {}, "claim: exact"),
        (2**62 + 1, 2**62 + 1, {"tolerance": 10}, "claim: exact"),
        (0.5, 0.5, {"tolerance": 0}, "claim: exact"),
        ([INF, -INF, 1.0], [INF, -INF, 1.0], {"tolerance": 0}, "claim: exact"),
        (0.5, 0.5, {}, "claim: within 1e-10"),
        (0.5, 0.5 + 9e-11, {}, "claim: within 1e-10"),
        ([[1.0]], [[1.0 - 9e-11]], {}, "claim: within 1e-10"),
        (1e6 + 9e-5, 1e6, {}, "claim: within 1e-10"),
        (-1e6 - 9e-5, -1e6, {}, "claim: within 1e-10"),
        (1, 1.0, {}, "claim: within 1e-10"),
        ([-INF, 0.0], [-INF, 0.0], {}, "claim: within 1e-10"),
        (0.12, 0.1, {"tolerance": 0.025}, "claim: within 0.025"),
        (np.float32(0.1), 0.1, {"tolerance": 1e-7}, "claim: within 1e-07"),
        (0.5, torch.tensor(0.5, requires_grad=True), {}, "claim: within 1e-10"),
        (torch.tensor([1, 2]), [1, 2], {}, "claim: exact"),
    ],
)
def test_agreement_is_one_line_that_states_the_claim(ours, reference, options, line, capsys):
    assert compare("claim", ours, reference, **options) is None
    assert capsys.readouterr().out == line + "\n"


def test_the_line_does_not_depend_on_rounding(capsys):
    for noise in (0.0, 1e-16, 3e-13):
        compare("sum", 0.3 + noise, 0.3)
    assert set(capsys.readouterr().out.splitlines()) == {"sum: within 1e-10"}


# compare: results that differ


@pytest.mark.parametrize(
    ("ours", "reference", "options", "message"),
    [
        ([1.0, 2.0], [[1.0, 2.0]], {}, r"shapes differ, ours \(2,\), reference \(1, 2\)"),
        ([1.0], 1.0, {}, r"shapes differ, ours \(1,\), reference \(\)"),
        (0.5, 0.5 + 2e-10, {}, r"not within 1e-10, largest difference 2e-10: ours 0.5"),
        (1e6 + 2e-4, 1e6, {}, "largest difference 0.0002"),
        (1e6, 1.0, {}, "largest difference 1e[+]06: ours 1000000.0, reference 1.0"),
        (2.0, 1.0, {"tolerance": 0.6}, "not within 0.6, largest difference 1: ours 2.0"),
        (1.0, 1.0 + 2e-16, {"tolerance": 0}, "not exact, largest difference 2.22e-16"),
        (3, 4, {"tolerance": 10}, "not exact, largest difference 1: ours 3, reference 4"),
        (2**53, 2**53 + 1, {}, "not exact"),
        ([True, False], [True, True], {}, r"at \(1,\): ours False, reference True"),
        ([[0, 1, 2], [3, 5, 9]], [[0, 1, 2], [3, 4, 5]], {}, r"difference 4 at \(1, 2\): ours 9"),
        ([0.0, 1e6 + 1e-5], [1e-6, 1e6], {}, r"largest difference 1e-06 at \(0,\)"),
        ([1.0, NAN], [1.0, 2.0], {}, r"largest difference nan at \(1,\): ours nan"),
        ([2.0, NAN], [1.0, NAN], {}, r"largest difference nan at \(1,\)"),
        (1.0, NAN, {"tolerance": 1e9}, "reference nan"),
        (1.0, INF, {"tolerance": 1e9}, "largest difference inf: ours 1.0, reference inf"),
        (INF, 1.0, {}, "largest difference inf: ours inf, reference 1.0"),
        (INF, -INF, {}, "ours inf, reference -inf"),
        (1e308, -1e308, {}, "largest difference inf"),
    ],
)
def test_disagreement_says_where_and_how_much(ours, reference, options, message, capsys):
    with pytest.raises(AssertionError, match=f"^claim: .*{message}"):
        compare("claim", ours, reference, **options)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("ours", "reference", "options", "error", "message"),
    [
        ([], [], {}, ValueError, "nothing to compare"),
        (1.0, 1.0, {"tolerance": -1e-9}, ValueError, "at least 0, got -1e-09"),
        (1.0, 1.0, {"tolerance": NAN}, ValueError, "got nan"),
        (1.0, 1.0, {"tolerance": INF}, ValueError, "got inf"),
        ("a", "a", {}, TypeError, "ours must be real numbers or booleans, got dtype <U1"),
        (1.0, None, {}, TypeError, "reference must be real numbers or booleans, got dtype object"),
        (1j, 1j, {}, TypeError, "dtype complex128"),
    ],
)
def test_what_cannot_be_compared_is_refused(ours, reference, options, error, message):
    with pytest.raises(error, match=message):
        compare("claim", ours, reference, **options)


# central_difference

SMOOTH = {
    "exp": (lambda x: np.exp(x).sum(), np.exp),
    "sin": (lambda x: np.sin(x).sum(), np.cos),
    "cube": (lambda x: (x**3).sum(), lambda x: 3 * x**2),
    "product": (lambda x: x.prod(), lambda x: x.prod() / x),
    "log": (lambda x: np.log(x**2 + 1).sum(), lambda x: 2 * x / (x**2 + 1)),
}


@pytest.mark.parametrize("shape", [(), (1,), (4,), (2, 3), (2, 1, 2)])
@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_gradients_are_right_to_a_billionth(name, shape):
    f, gradient = SMOOTH[name]
    x = np.random.default_rng(0).uniform(0.5, 2, size=shape)
    measured = central_difference(f, x)
    assert measured.shape == shape
    assert measured.dtype == np.float64
    np.testing.assert_allclose(measured, gradient(x), rtol=1e-9)


def test_the_step_grows_with_x():
    # With the step of x = 1 the rounding of x² would cost four digits here.
    assert central_difference(lambda x: x[0] ** 2, [1e6])[0] == pytest.approx(2e6, rel=1e-9)


def test_the_step_does_not_vanish_at_zero():
    assert central_difference(lambda x: np.sin(x).sum(), np.zeros(2)) == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize("x", [0.0, 0.1, -7.3, 1e4 / 3])
def test_the_identity_has_slope_one_to_the_last_digit(x):
    # Only if the divisor is the distance that the two rounded points really have.
    assert central_difference(lambda point: point[0], [x])[0] == 1.0


def test_a_linear_function_meets_only_rounding():
    slope = np.array([[3.0, -2.0], [0.5, 1e3]])
    x = np.array([[0.1, 7.3], [-20.7, 0.3]])
    measured = central_difference(lambda point: (slope * point).sum(), x)
    np.testing.assert_allclose(measured, slope, rtol=1e-7)  # f is 300, the slopes start at 0.5


def test_x_stays_as_it_is_even_if_f_writes_into_its_argument():
    def f(point):
        point *= 2
        return point.sum()

    x = np.array([1.0, 2.0])
    assert central_difference(f, x) == pytest.approx([2, 2], rel=1e-9)
    assert x.tolist() == [1.0, 2.0]


def test_f_gets_float64_of_the_same_shape_whatever_x_was():
    seen = []

    def f(point):
        seen.append((point.dtype, point.shape))
        return point.sum()

    for x in ([[1, 2]], np.ones((1, 2), dtype=np.float32), torch.ones(1, 2)):
        assert central_difference(f, x) == pytest.approx(np.ones((1, 2)), rel=1e-9)
    assert set(seen) == {(np.dtype(np.float64), (1, 2))}


@pytest.mark.parametrize(
    "value", [2, 2.0, np.float64(2), np.array(2.0), torch.tensor(2.0).double()]
)
def test_any_kind_of_number_is_a_value(value):
    assert central_difference(lambda x: value, [1.0]).tolist() == [0.0]


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (np.ones(3), ValueError, r"single number, got an array of shape \(3,\)"),
        (np.ones(1), ValueError, r"single number, got an array of shape \(1,\)"),
        ([1.0], ValueError, r"single number, got an array of shape \(1,\)"),
        (NAN, ValueError, "finite number, got nan"),
        (INF, ValueError, "finite number, got inf"),
        (None, TypeError, r"f\(x\) must be real numbers"),
        ("1", TypeError, r"f\(x\) must be real numbers"),
        (np.float32(1), TypeError, "float64.*got float32"),
        (torch.tensor(1.0), TypeError, "float64.*got float32"),
    ],
)
def test_values_that_are_no_number_are_refused(value, error, message):
    with pytest.raises(error, match=message):
        central_difference(lambda x: value, [1.0])


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([], ValueError, "not be empty"),
        ([1.0, NAN], ValueError, "finite, got nan"),
        ([INF], ValueError, "finite, got inf"),
        (["a"], TypeError, "x must be real numbers"),
        ([1j], TypeError, "x must be real numbers"),
    ],
)
def test_points_that_are_no_numbers_are_refused(x, error, message):
    with pytest.raises(error, match=message):
        central_difference(lambda point: point.sum(), x)
