"""What must hold for kbook.losses on any input: symmetries, bounds and identities."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kbook.losses import (
    binary_cross_entropy,
    binary_cross_entropy_grad,
    cross_entropy,
    cross_entropy_grad,
    log_softmax,
    sigmoid,
    softmax,
)

# The same examples in every run, however slow the machine.
STEADY = settings(deadline=None, derandomize=True)

LIMIT = 1e4
SMALLEST = np.finfo(np.float64).tiny


def floats(low, high):
    """Draw floats without the subnormal ones, whose last digits no formula keeps."""
    return st.floats(low, high, allow_subnormal=False)


def logits(shape, limit=LIMIT):
    return hnp.arrays(np.float64, shape, elements=floats(-limit, limit))


@st.composite
def class_batches(draw, limit=LIMIT):
    """Draw logits (N, K), class indices (N,) and distributions (N, K)."""
    n, k = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    z = draw(logits((n, k), limit))
    index = draw(hnp.arrays(np.int64, n, elements=st.integers(0, k - 1)))
    weight = draw(hnp.arrays(np.float64, (n, k), elements=floats(0, 1))) + 1e-3
    return z, index, weight / weight.sum(axis=1, keepdims=True)


@st.composite
def binary_batches(draw):
    """Draw logits (N,) and targets (N,) in [0, 1], the ends among them."""
    n = draw(st.integers(1, 8))
    y = draw(hnp.arrays(np.float64, n, elements=floats(0, 1)))
    return draw(logits(n)), y


def assert_close(a, b, tolerance=1e-12):
    assert (np.abs(a - b) <= tolerance * np.maximum(1, np.abs(b))).all()


def entropy(q):
    """Compute -sum q log q of each row, with 0 log 0 = 0."""
    return -(q * np.log(np.where(q > 0, q, 1))).sum(axis=1)


# Sigmoid and softmax


@STEADY
@given(logits((6,)))
def test_sigmoid_of_z_and_of_minus_z_sum_to_one(z):
    assert_close(sigmoid(z) + sigmoid(-z), np.ones(6), 1e-15)


@STEADY
@given(logits((6,)))
def test_sigmoid_rises_from_zero_to_one(z):
    p = sigmoid(np.sort(z))
    assert (np.diff(p) >= -1e-16).all()
    assert p[0] >= 0 and p[-1] <= 1
    assert np.array_equal(p >= 0.5, np.sort(z) >= -2e-16)


@STEADY
@given(logits((6,), limit=700))
def test_log_odds_give_the_logit_back(z):
    # log(p / (1 - p)) = z, where 1 - p is taken from the other side so that nothing cancels.
    assert_close(np.log(sigmoid(z)) - np.log(sigmoid(-z)), z)


@STEADY
@given(class_batches())
def test_softmax_rows_are_distributions(batch):
    p = softmax(batch[0])
    assert (p >= 0).all()
    assert_close(p.sum(axis=1), np.ones(len(p)), 1e-14)


@STEADY
@given(class_batches(limit=100), floats(-LIMIT, LIMIT))
def test_a_shift_of_all_logits_changes_nothing(batch, shift):
    z, index, soft = batch
    # z + shift is rounded to about 2e-12, and so are the results.
    assert_close(softmax(z + shift), softmax(z), 1e-11)
    assert_close(log_softmax(z + shift), log_softmax(z), 1e-11)
    assert_close(cross_entropy(z + shift, index), cross_entropy(z, index), 1e-11)
    assert_close(cross_entropy_grad(z + shift, soft), cross_entropy_grad(z, soft), 1e-11)


@STEADY
@given(class_batches(), st.randoms(use_true_random=False))
def test_renaming_the_classes_renames_the_results(batch, random):
    z, index, soft = batch
    order = np.array(random.sample(range(z.shape[1]), z.shape[1]))
    new_name = np.argsort(order)  # old class k is called new_name[k]
    assert_close(softmax(z[:, order]), softmax(z)[:, order], 1e-14)
    assert_close(log_softmax(z[:, order]), log_softmax(z)[:, order], 1e-14)
    assert_close(cross_entropy(z[:, order], new_name[index]), cross_entropy(z, index), 1e-14)
    renamed = cross_entropy_grad(z[:, order], soft[:, order])
    assert_close(renamed, cross_entropy_grad(z, soft)[:, order], 1e-14)


@STEADY
@given(class_batches())
def test_the_larger_logit_has_the_larger_probability(batch):
    z = batch[0]
    order = np.argsort(z, axis=1)
    assert (np.diff(np.take_along_axis(softmax(z), order, axis=1), axis=1) >= 0).all()
    assert (np.diff(np.take_along_axis(log_softmax(z), order, axis=1), axis=1) >= 0).all()


@STEADY
@given(class_batches())
def test_log_softmax_is_the_logarithm_of_softmax(batch):
    z = batch[0]
    log_p, p = log_softmax(z), softmax(z)
    assert (log_p <= 0).all()
    assert_close(np.exp(log_p), p)
    visible = p > SMALLEST
    assert_close(np.log(p[visible]), log_p[visible])


@STEADY
@given(class_batches())
def test_log_softmax_twice_is_log_softmax_once(batch):
    log_p = log_softmax(batch[0])
    assert_close(log_softmax(log_p), log_p)


@STEADY
@given(class_batches())
def test_the_axis_says_where_the_classes_are(batch):
    z = batch[0]
    assert np.array_equal(softmax(z.T, axis=0), softmax(z, axis=1).T)
    assert np.array_equal(log_softmax(z.T, axis=0), log_softmax(z, axis=1).T)
    assert np.array_equal(softmax(z), softmax(z, axis=1))
    assert np.array_equal(log_softmax(z), log_softmax(z, axis=1))


# Cross-entropy


@STEADY
@given(class_batches())
def test_cross_entropy_is_bounded_below(batch):
    z, index, soft = batch
    assert cross_entropy(z, index) >= 0
    least = entropy(soft).mean()  # Gibbs' inequality: H(q, p) >= H(q)
    loss = cross_entropy(z, soft)
    assert loss >= least - 1e-12 * max(1, loss)


@STEADY
@given(class_batches())
def test_the_target_itself_is_the_best_answer(batch):
    soft = batch[2]
    assert_close(cross_entropy(np.log(soft), soft), entropy(soft).mean())
    assert_close(cross_entropy_grad(np.log(soft), soft), np.zeros_like(soft), 1e-14)


@STEADY
@given(class_batches())
def test_class_indices_and_one_hot_rows_are_the_same_target(batch):
    z, index, _ = batch
    one_hot = np.eye(z.shape[1])[index]
    assert cross_entropy(z, index) == cross_entropy(z, one_hot)
    assert np.array_equal(cross_entropy_grad(z, index), cross_entropy_grad(z, one_hot))


@STEADY
@given(class_batches(), floats(0, 1))
def test_label_smoothing_is_linear(batch, smoothing):
    z, index, soft = batch
    uniform = np.full_like(soft, 1 / z.shape[1])
    for function in (cross_entropy, cross_entropy_grad):
        for targets in (index, soft):
            ends = function(z, targets), function(z, uniform)
            between = function(z, targets, label_smoothing=smoothing)
            assert_close(between, (1 - smoothing) * ends[0] + smoothing * ends[1], 1e-11)


@STEADY
@given(class_batches(), floats(0, 1))
def test_gradient_rows_sum_to_zero(batch, smoothing):
    z, index, soft = batch
    for targets in (index, soft):
        gradient = cross_entropy_grad(z, targets, label_smoothing=smoothing)
        assert_close(gradient.sum(axis=1), np.zeros(len(z)), 1e-14)


@STEADY
@given(class_batches())
def test_gradient_pulls_the_target_up_and_everything_else_down(batch):
    z, index, _ = batch
    gradient, is_target = cross_entropy_grad(z, index), np.eye(z.shape[1], dtype=bool)[index]
    assert (gradient[is_target] <= 0).all()
    assert (gradient[~is_target] >= 0).all()
    assert (np.abs(gradient) <= 1 / len(z)).all()


@STEADY
@given(class_batches())
def test_a_batch_is_the_mean_of_its_samples(batch):
    z, index, soft = batch
    n = len(z)
    for targets in (index, soft):
        alone = [cross_entropy(z[i : i + 1], targets[i : i + 1]) for i in range(n)]
        assert_close(cross_entropy(z, targets), np.mean(alone))
        alone = [cross_entropy_grad(z[i : i + 1], targets[i : i + 1])[0] / n for i in range(n)]
        assert_close(cross_entropy_grad(z, targets), np.array(alone), 1e-15)


# Binary cross-entropy


@STEADY
@given(binary_batches())
def test_binary_equals_two_classes_with_logits_zero_and_z(batch):
    z, y = batch
    pair = np.stack([np.zeros_like(z), z], axis=1)  # (N, 2)
    targets = np.stack([1 - y, y], axis=1)  # (N, 2)
    assert_close(binary_cross_entropy(z, y), cross_entropy(pair, targets))
    assert_close(binary_cross_entropy_grad(z, y), cross_entropy_grad(pair, targets)[:, 1])


@STEADY
@given(binary_batches())
def test_binary_equals_the_formula_of_the_stable_form(batch):
    z, y = batch
    stable = np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))
    # Where z - z y cancels, this form is rounded to 2e-16 |z|.
    assert_close(binary_cross_entropy(z, y), stable.mean(), 4e-12)


@STEADY
@given(binary_batches())
def test_binary_does_not_care_which_label_is_called_one(batch):
    z, y = batch
    mirrored = (1 - (1 - y)) == y  # 1 - y is rounded for tiny y
    z, y = np.where(mirrored, z, 0), np.where(mirrored, y, 0)
    assert binary_cross_entropy(-z, 1 - y) == binary_cross_entropy(z, y)
    assert np.array_equal(binary_cross_entropy_grad(-z, 1 - y), -binary_cross_entropy_grad(z, y))


@STEADY
@given(binary_batches())
def test_binary_is_bounded_below(batch):
    z, y = batch
    least = entropy(np.stack([1 - y, y], axis=1)).mean()
    loss = binary_cross_entropy(z, y)
    assert loss >= least - 1e-12 * max(1, loss)
    assert binary_cross_entropy(z, np.round(y)) >= 0


@STEADY
@given(binary_batches())
def test_binary_gradient_has_the_sign_of_the_error(batch):
    z, y = batch
    y = np.round(y)
    gradient = binary_cross_entropy_grad(z, y)
    assert (gradient[y == 1] <= 0).all()
    assert (gradient[y == 0] >= 0).all()
    assert (np.abs(gradient) <= 1 / len(z)).all()
    # However sure the model is, the gradient vanishes only where exp(-|z|) itself does.
    assert (gradient[np.abs(z) < 700] != 0).all()


@STEADY
@given(binary_batches())
def test_a_binary_batch_is_the_mean_of_its_samples(batch):
    z, y = batch
    n = len(z)
    alone = [binary_cross_entropy(z[i : i + 1], y[i : i + 1]) for i in range(n)]
    assert_close(binary_cross_entropy(z, y), np.mean(alone))
    alone = [binary_cross_entropy_grad(z[i : i + 1], y[i : i + 1])[0] / n for i in range(n)]
    assert_close(binary_cross_entropy_grad(z, y), np.array(alone), 1e-15)
