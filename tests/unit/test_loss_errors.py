"""What kbook.losses refuses at its doors, with which error and in which words."""

import numpy as np
import pytest

from kbook.losses import (
    binary_cross_entropy,
    binary_cross_entropy_grad,
    cross_entropy,
    cross_entropy_grad,
    log_softmax,
    sigmoid,
    softmax,
)

Z = np.array([[1.5, -2.0, 0.25], [0.0, 3.0, 1.0]])
NAN, INF = float("nan"), float("inf")

BAD_NUMBERS = [
    ([[0.0, NAN]], ValueError, "finite, got nan"),
    ([[INF, 0.0]], ValueError, "finite, got inf"),
    ([[0.0, -INF]], ValueError, "finite, got -inf"),
    (np.zeros((0, 3)), ValueError, r"not be empty, got shape \(0, 3\)"),
    ([], ValueError, "not be empty"),
    ([["a", "b"]], TypeError, "real numbers, got dtype <U1"),
    ([[1j, 0]], TypeError, "real numbers, got dtype complex128"),
    ([[None, 0.0]], TypeError, "real numbers, got dtype object"),
    ([[True, False]], TypeError, "real numbers, got dtype bool"),
]


@pytest.mark.parametrize("function", [sigmoid, softmax, log_softmax])
@pytest.mark.parametrize(("z", "error", "message"), BAD_NUMBERS)
def test_functions_of_logits_refuse(function, z, error, message):
    with pytest.raises(error, match=f"^z must .*{message}"):
        function(z)


@pytest.mark.parametrize("function", [softmax, log_softmax])
@pytest.mark.parametrize("axis", [2, -3])
def test_an_axis_that_is_not_there_is_refused(function, axis):
    with pytest.raises(ValueError, match="out of bounds"):
        function(Z, axis=axis)


@pytest.mark.parametrize("function", [cross_entropy, cross_entropy_grad])
@pytest.mark.parametrize(("z", "error", "message"), BAD_NUMBERS)
def test_class_losses_refuse_bad_logits(function, z, error, message):
    with pytest.raises(error, match=f"^logits must .*{message}"):
        function(z, [0])


@pytest.mark.parametrize("function", [cross_entropy, cross_entropy_grad])
@pytest.mark.parametrize(
    ("logits", "targets", "error", "message"),
    [
        ([0.0, 1.0], [0, 1], ValueError, r"want logits \(N, K\).*got \(2,\), \(2,\)"),
        (np.zeros((2, 3, 1)), [0, 1], ValueError, r"got \(2, 3, 1\)"),
        (Z, [0], ValueError, r"got \(2, 3\), \(1,\)"),
        (Z, [[0], [1]], ValueError, r"got \(2, 3\), \(2, 1\)"),
        (Z, np.ones((3, 2)) / 2, ValueError, r"got \(2, 3\), \(3, 2\)"),
        (Z, 1, ValueError, r"got \(2, 3\), \(\)"),
        (Z, [0, 3], ValueError, "0 to 2, got 0 to 3"),
        (Z, [-1, 0], ValueError, "0 to 2, got -1 to 0"),
        (Z, [-100, 0], ValueError, "got -100 to 0"),
        (Z, [0.0, 1.0], TypeError, "integers, got dtype float64"),
        (Z, [True, False], TypeError, "integers, got dtype bool"),
        (Z, [[0.5, 0.5, 0.1], [1, 0, 0]], ValueError, "row sums 1.0 to 1.1"),
        (Z, [[0.5, 0.5, 0.0], [0, 0, 0]], ValueError, "row sums 0.0 to 1.0"),
        (Z, [[0.5, 0.5, 2e-6], [1, 0, 0]], ValueError, "with sum 1"),
        (Z, [[1.5, -0.5, 0.0], [1, 0, 0]], ValueError, "smallest entry -0.5"),
        (Z, [[NAN, 0.5, 0.5], [1, 0, 0]], ValueError, "targets must be finite, got nan"),
    ],
)
def test_class_losses_refuse(function, logits, targets, error, message):
    with pytest.raises(error, match=message):
        function(logits, targets)


@pytest.mark.parametrize("function", [cross_entropy, cross_entropy_grad])
@pytest.mark.parametrize("smoothing", [-0.01, 1.01, NAN, INF])
def test_smoothing_outside_zero_to_one_is_refused(function, smoothing):
    with pytest.raises(ValueError, match=r"label_smoothing must lie in \[0, 1\], got"):
        function(Z, [0, 1], label_smoothing=smoothing)


@pytest.mark.parametrize("function", [binary_cross_entropy, binary_cross_entropy_grad])
@pytest.mark.parametrize(
    ("logits", "targets", "error", "message"),
    [
        ([NAN], [0], ValueError, "logits must be finite, got nan"),
        ([INF], [0], ValueError, "logits must be finite, got inf"),
        ([0.0], [NAN], ValueError, "targets must be finite, got nan"),
        ([], [], ValueError, "logits must not be empty"),
        ([0.0], [], ValueError, "targets must not be empty"),
        ([0.0, 1.0], [0], ValueError, r"got \(2,\) and \(1,\)"),
        ([0.0, 1.0], [[0], [1]], ValueError, r"got \(2,\) and \(2, 1\)"),
        ([[0.0], [1.0]], [[0], [1]], ValueError, r"got \(2, 1\) and \(2, 1\)"),
        (0.0, 1, ValueError, r"got \(\) and \(\)"),
        ([0.0], [1.01], ValueError, r"\[0, 1\], got 1.01 to 1.01"),
        ([0.0, 0.0], [-0.01, 1], ValueError, r"\[0, 1\], got -0.01 to 1.0"),
        ([0.0, 0.0], [-1, 1], ValueError, r"\[0, 1\], got -1.0 to 1.0"),
        (["a"], [0], TypeError, "logits must be real numbers, got dtype <U1"),
        ([0.0], ["a"], TypeError, "targets must be real numbers, got dtype <U1"),
        ([True], [1], TypeError, "logits must be real numbers, got dtype bool"),
    ],
)
def test_binary_losses_refuse(function, logits, targets, error, message):
    with pytest.raises(error, match=message):
        function(logits, targets)
