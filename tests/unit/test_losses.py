"""kbook.losses against mpmath's exact values, and against torch; what may come in."""

import inspect
import json
import runpy
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from kbook import losses
from kbook.losses import (
    binary_cross_entropy,
    binary_cross_entropy_grad,
    cross_entropy,
    cross_entropy_grad,
    log_softmax,
    sigmoid,
    softmax,
)

CASES_FOLDER = Path(__file__).parents[1] / "cases"
CASES = json.loads((CASES_FOLDER / "losses.json").read_text(encoding="utf-8"))


def assert_close(ours, reference, tolerance=1e-12):
    """Hold the difference to tolerance · max(1, |reference|), the promise of the library."""
    ours, reference = np.asarray(ours), np.asarray(reference)
    assert ours.shape == reference.shape
    assert (np.abs(ours - reference) <= tolerance * np.maximum(1, np.abs(reference))).all()


def assert_same_digits(ours, reference):
    """Hold the relative error to 1e-13, down to where float64 itself runs out of digits."""
    assert abs(ours - reference) <= 1e-13 * abs(reference) + 1e-300


# Exact values


def test_the_cases_file_is_what_its_maker_writes():
    maker = runpy.run_path(str(CASES_FOLDER / "make_losses.py"))
    assert maker["make_cases"]() == CASES


@pytest.mark.parametrize("case", CASES["binary"], ids=lambda case: f"z={case['z']},y={case['y']}")
def test_binary_functions_keep_all_digits(case):
    z, y = case["z"], case["y"]
    assert_same_digits(sigmoid(z), case["sigmoid"])
    assert_same_digits(binary_cross_entropy([z], [y]), case["loss"])
    assert_same_digits(binary_cross_entropy_grad([z], [y])[0], case["gradient"])


@pytest.mark.parametrize("case", CASES["classes"], ids=lambda case: case["kind"])
def test_class_functions_meet_the_exact_values(case):
    z, target = np.array(case["logits"]), case["target"]
    np.testing.assert_allclose(softmax(z), case["softmax"], rtol=1e-12, atol=1e-300)
    assert_close(log_softmax(z), case["log_softmax"])
    assert_close(z - log_softmax(z), np.full(len(z), case["log_sum_exp"]))
    assert_close(cross_entropy([z], [target]), case["loss"])
    assert_close(cross_entropy_grad([z], [target]), [case["gradient"]], tolerance=1e-15)


def test_soft_binary_targets_next_to_a_label_keep_their_digits():
    gradient = 2.0**-40 - 4.248354255291589e-18  # σ(40) - y = (1 - y) - σ(-40)
    assert_same_digits(binary_cross_entropy_grad([40.0], [1 - 2.0**-40])[0], gradient)
    assert_same_digits(binary_cross_entropy_grad([-40.0], [2.0**-40])[0], -gradient)


@pytest.mark.parametrize(("k", "floor"), [(2, 0.3133), (10, 1.4612), (1000, 5.9095)])
def test_probabilities_fed_as_logits_cannot_reach_zero_loss(k, floor):
    sure = np.eye(k)[:1]  # (1, K): what softmax gives for a perfect answer
    assert cross_entropy(sure, [0]) == pytest.approx(floor, abs=5e-5)


@pytest.mark.parametrize("k", [1, 2, 10, 1000])
def test_equal_logits_cost_ln_k(k):
    assert cross_entropy(np.zeros((3, k)), [0, k - 1, k // 2]) == pytest.approx(np.log(k))
    assert cross_entropy(np.zeros((1, k)), [0], label_smoothing=0.3) == pytest.approx(np.log(k))


# Against torch


def random_batch(seed):
    """Draw logits (N, K) of some scale, class indices (N,) and distributions (N, K)."""
    rng = np.random.default_rng(seed)
    n, k = rng.integers(1, 8), rng.integers(2, 11)
    logits = rng.normal(size=(n, k)) * 10.0 ** rng.integers(-1, 5)
    return logits.clip(-1e4, 1e4), rng.integers(0, k, size=n), rng.dirichlet(np.ones(k), size=n)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
def test_cross_entropy_equals_torch(seed, smoothing):
    logits, index, soft = random_batch(seed)
    for targets in (index, soft):
        theirs = F.cross_entropy(
            torch.tensor(logits), torch.tensor(targets), label_smoothing=smoothing
        )
        assert_close(cross_entropy(logits, targets, label_smoothing=smoothing), theirs.item())


@pytest.mark.parametrize("seed", range(20))
def test_binary_cross_entropy_equals_torch(seed):
    logits, index, soft = random_batch(seed)
    for targets in (index == 0, soft[:, 0]):
        theirs = F.binary_cross_entropy_with_logits(
            torch.tensor(logits[:, 0]), torch.tensor(targets, dtype=torch.float64)
        )
        assert_close(binary_cross_entropy(logits[:, 0], targets), theirs.item())


@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 3, 4)])
def test_functions_of_any_shape_equal_torch_along_every_axis(shape):
    z = np.random.default_rng(0).normal(size=shape) * 20
    assert_close(sigmoid(z), torch.sigmoid(torch.tensor(z)))
    for axis in range(-len(shape), len(shape)):
        assert_close(softmax(z, axis=axis), torch.softmax(torch.tensor(z), dim=axis))
        assert_close(log_softmax(z, axis=axis), torch.log_softmax(torch.tensor(z), dim=axis))


def test_targets_rounded_to_float32_are_used_as_they_are():
    # Their rows sum to one only up to 1e-7; making them sum to one would change the loss.
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(50, 10)) * 5
    targets = softmax(rng.normal(size=(50, 10))).astype(np.float32)
    assert (targets.astype(np.float64).sum(axis=1) != 1).any()
    z = torch.tensor(logits, requires_grad=True)
    loss = F.cross_entropy(z, torch.tensor(targets, dtype=torch.float64))
    loss.backward()
    assert_close(cross_entropy(logits, targets), loss.item(), tolerance=1e-14)
    assert_close(cross_entropy_grad(logits, targets), z.grad, tolerance=1e-14)


# What may come in, and what goes out

Z = np.array([[1.5, -2.0, 0.25], [0.0, 3.0, 1.0]])
FUNCTIONS = {
    "sigmoid": lambda z: sigmoid(z),
    "softmax": lambda z: softmax(z),
    "log_softmax": lambda z: log_softmax(z),
    "cross_entropy": lambda z: cross_entropy(z, [0, 2]),
    "cross_entropy_grad": lambda z: cross_entropy_grad(z, [0, 2]),
    "binary_cross_entropy": lambda z: binary_cross_entropy([row[0] for row in z], [1, 0]),
    "binary_cross_entropy_grad": lambda z: binary_cross_entropy_grad([r[0] for r in z], [1, 0]),
}


def test_every_public_function_is_listed_and_covered_here():
    public = {
        name
        for name, value in vars(losses).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }
    assert set(losses.__all__) == public == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_real_type_is_computed_in_float64(name):
    function, expected = FUNCTIONS[name], FUNCTIONS[name](Z)
    # The values of Z are exact in float16, so that the results must be the same bits.
    for z in (Z.astype(np.float32), Z.astype(np.float16), Z.tolist(), torch.tensor(Z)):
        result = function(z)
        assert np.asarray(result).dtype == np.float64
        assert np.array_equal(result, expected)
    whole = np.array([[200, 0], [7, 255]], dtype=np.uint8)  # 0 - 200 would wrap around
    assert np.array_equal(
        FUNCTIONS["softmax"](whole), FUNCTIONS["softmax"](whole.astype(np.float64))
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint64, np.int32])
def test_every_integer_type_is_a_class_index(dtype):
    index = np.array([0, 2], dtype=dtype)
    assert cross_entropy(Z, index) == cross_entropy(Z, [0, 2])
    assert np.array_equal(cross_entropy_grad(Z, index), cross_entropy_grad(Z, [0, 2]))


def test_booleans_are_labels_and_one_hot_rows():
    assert binary_cross_entropy([1.0, 2.0], [True, False]) == binary_cross_entropy([1, 2], [1, 0])
    one_hot = np.array([0, 2])[:, None] == np.arange(3)
    assert cross_entropy(Z, one_hot) == cross_entropy(Z, [0, 2])


def test_losses_are_plain_floats_and_never_minus_zero():
    for loss in (binary_cross_entropy([1e4, -1e4], [1, 0]), cross_entropy([[1e4, -1e4]], [0])):
        assert type(loss) is float
        assert str(loss) == "0.0"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arguments_stay_as_they_are_and_nothing_overflows(name):
    z = np.array([[1e4, -1e4, 0.0], [-1e4, 0.0, 1e4]])
    before = z.copy()
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        result = FUNCTIONS[name](z)
    assert np.isfinite(result).all()
    assert np.array_equal(z, before)
