"""The exercises of chapter 3: other right answers, other wordings of mistakes, and the oracles."""

import copy
import math
import random
import signal

import numpy as np
import pytest
import torch

from kbook.exercises import grade
from tests.exercise_tasks import BY_ID, cases, close, oracle

posix = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX interval timers")


# --- right answers that share no code with the reference solutions --------------------------------


def step_length_by_weights(t, beta1, beta2):
    ages = np.arange(t)  # of the gradients in the averages
    return (1 - beta1) * np.sum(beta1**ages) / math.sqrt((1 - beta2) * np.sum(beta2**ages))


def schedule_one_by_one(t, warmup, floor):
    factors = []
    for now in t:
        if now < warmup:
            factors.append(now / warmup)
        else:
            u = (now - warmup) / (1 - warmup)
            factors.append((1 + floor) / 2 + (1 - floor) / 2 * math.cos(math.pi * u))
    return factors


def schedule_by_masks(t, warmup, floor):
    factor = torch.zeros(len(t), dtype=torch.float64)
    up = torch.from_numpy(t) < warmup
    factor[up] = torch.from_numpy(t)[up] / warmup
    u = (torch.from_numpy(t)[~up] - warmup) / (1 - warmup)
    factor[~up] = floor + (1 - floor) * torch.cos(torch.pi / 2 * u) ** 2
    return factor


def scale_by_gain(n, slope, drop):
    return torch.nn.init.calculate_gain("leaky_relu", slope) * math.sqrt((1 - drop) / n)


def stop_by_looking_back(losses, patience):
    seen = [math.inf if math.isnan(loss) else loss for loss in losses.tolist()]
    for epoch in range(len(seen)):
        recent = seen[max(0, epoch + 1 - patience) : epoch + 1]
        before = seen[: max(0, epoch + 1 - patience)]
        if epoch + 1 >= patience and min(recent) >= min(before, default=math.inf):
            return seen.index(min(seen[: epoch + 1])), epoch
    return seen.index(min(seen)), len(seen) - 1


def clip_by_largest_entry(gradients, limit):
    largest = max(np.abs(g).max() for g in gradients)
    if not all(np.isfinite(g).all() for g in gradients):
        return 0
    if largest == 0:
        return 1
    norm = largest * np.sqrt(sum(((g / largest) ** 2).sum() for g in gradients))
    return min(1.0, limit / norm)


def clip_by_torch(gradients, limit):
    leaves = [torch.zeros(g.shape, dtype=torch.float64) for g in gradients]
    for leaf, g in zip(leaves, gradients, strict=True):
        leaf.grad = torch.from_numpy(np.array(g)).double()
    norm = float(torch.nn.utils.clip_grad_norm_(leaves, limit))
    return min(1.0, limit / (norm + 1e-6)) if math.isfinite(norm) else 0.0


def nesterov_by_both_points(phi, v, g, eta, beta):
    theta = phi + eta * beta * v
    v = beta * v + g
    theta = theta - eta * v
    return theta - eta * beta * v, v


def batch_by_sorting(step, n, batch_size, seed):
    epoch, i = divmod(step, math.ceil(n / batch_size))
    keys = np.random.default_rng([epoch, seed, 5]).random(n)
    return np.argsort(keys)[i * batch_size : (i + 1) * batch_size].tolist()


def batch_by_torch(step, n, batch_size, seed):
    epoch, i = divmod(step, (n + batch_size - 1) // batch_size)
    rng = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    return torch.randperm(n, generator=rng).split(batch_size)[i]


def batch_by_python(step, n, batch_size, seed):
    epoch, i = divmod(step, -(-n // batch_size))
    order = list(range(n))
    random.Random(f"{seed} {epoch}").shuffle(order)
    return order[i * batch_size :][:batch_size]


OTHER_SOLUTIONS = [
    ("03-1", 2.3),
    ("03-1", torch.tensor(2.3, requires_grad=True)),
    ("03-2", 1 / 60),
    ("03-2", 0.0167),
    ("03-3", 0.506),
    ("03-3", np.float32(35.4 / 70)),
    ("03-4", step_length_by_weights),
    ("03-4", lambda t, b1, b2: -math.expm1(t * math.log(b1 or 1e-300)) / (1 - b2**t) ** 0.5),
    ("03-5", schedule_one_by_one),
    ("03-5", schedule_by_masks),
    ("03-6", scale_by_gain),
    ("03-7", stop_by_looking_back),
    ("03-8", clip_by_largest_entry),
    ("03-8", clip_by_torch),
    ("03-9", nesterov_by_both_points),
    ("03-9", lambda p, v, g, eta, b: [p - eta * ((1 + b) * g + b * b * v), b * v + g]),
    ("03-10", batch_by_sorting),
    ("03-10", batch_by_torch),
    ("03-10", batch_by_python),
]


@pytest.mark.parametrize(("exercise_id", "answer"), OTHER_SOLUTIONS)
def test_a_right_answer_passes_however_it_is_written(exercise_id, answer):
    result = grade(exercise_id, answer)
    assert result.passed, result.message


# --- mistakes, written differently ---------------------------------------------------------------


def corrected_adam(t, beta1, beta2):
    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([weight], lr=1.0, betas=(beta1, beta2), eps=0.0)
    for _ in range(t):
        before = weight.item()
        weight.grad = torch.full((1,), 7.0, dtype=torch.float64)
        optimizer.step()
    return abs(weight.item() - before)


def plain_clip(gradients, limit):  # what is mostly written: three traps in one line
    return min(1.0, limit / float(np.sqrt(sum((g**2).sum() for g in gradients))))


def plain_clip_in_numpy(gradients, limit):
    return min(1.0, limit / np.sqrt(sum((g**2).sum() for g in gradients)))


def clip_in_double(gradients, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]).astype(float))
    return np.minimum(1.0, limit / norm)


def clip_in_double_hiding_nan(gradients, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]).astype(float))
    return limit / norm if norm > limit else 1.0


def plain_momentum(phi, v, g, eta, beta):
    weights = torch.from_numpy(phi).clone().requires_grad_()
    weights.grad = torch.from_numpy(g)
    optimizer = torch.optim.SGD([weights], lr=eta, momentum=max(beta, 1e-12))
    optimizer.state[weights]["momentum_buffer"] = torch.from_numpy(v).clone()
    optimizer.step()
    return np.stack([weights.detach().numpy(), beta * v + g])


def stop_with_running_minimum(losses, patience):
    waited = 0
    for epoch in range(1, len(losses)):
        waited = waited + 1 if losses[epoch] >= losses[:epoch].min() else 0
        if waited == patience:
            break
    return losses[: epoch + 1].argmin(), epoch


class KeptGenerator:
    """Draw from one generator for as long as the program runs."""

    def __init__(self):
        self.rng = np.random.default_rng(0)

    def __call__(self, step, n, batch_size, seed):
        i = step % -(-n // batch_size)
        return self.rng.permutation(n)[i * batch_size : (i + 1) * batch_size]


def global_permutation(step, n, batch_size, seed):
    i = step % -(-n // batch_size)
    return np.random.permutation(n)[i * batch_size : (i + 1) * batch_size]  # noqa: NPY002


def global_torch(step, n, batch_size, seed):
    epoch, i = divmod(step, -(-n // batch_size))
    torch.manual_seed(seed * 1_000_003 + epoch)
    return torch.randperm(n)[i * batch_size : (i + 1) * batch_size]


def same_shuffle_of_batches(step, n, batch_size, seed):
    epoch, i = divmod(step, -(-n // batch_size))
    chunks = np.array_split(np.arange(n), range(batch_size, n, batch_size))
    order = np.random.default_rng((seed, epoch)).permutation(len(chunks) - 1)
    return chunks[order[i]] if i < len(order) else chunks[-1]


def sum_as_key(step, n, batch_size, seed):
    epoch, i = divmod(step, math.ceil(n / batch_size))
    order = np.arange(n)
    np.random.default_rng(seed + epoch).shuffle(order)
    return order[i * batch_size : (i + 1) * batch_size]


def indices_as_floats(step, n, batch_size, seed):
    return np.array(batch_by_sorting(step, n, batch_size, seed), dtype=float)


VARIANTS = [
    ("03-1", 2.4, "2.4 is not it"),
    ("03-1", 2.29, "rounded too far"),
    ("03-2", 0.00833, "arrives in one step"),
    ("03-3", 0.667, "mean of the three means"),
    ("03-3", 0.0286, "sum of the means by 70"),
    ("03-3", 0.51, "rounded too far"),
    ("03-4", corrected_adam, "whatever t is"),
    ("03-4", lambda t, b1, b2: math.sqrt(1 - b2**t) / (1 - b1**t), "the factor by which the corr"),
    ("03-4", lambda t, b1, b2: (1 - b1) / (1 - b2) ** 0.5, "right for t = 1 alone"),
    ("03-4", lambda t, b1, b2: -step_length_by_weights(t, b1, b2), "-1 times"),
    ("03-5", lambda t, w, f: np.clip(t / (w + 1e-12), 0, 1), "is right"),
    ("03-5", lambda t, w, f: [schedule_one_by_one(t, w, f)], "the shape must be (5,)"),
    ("03-6", lambda n, a, q: math.sqrt(2 / (1 + a * a) / n), "right without dropout"),
    ("03-6", lambda n, a, q: scale_by_gain(n, a, q) ** 2, "this is the variance"),
    ("03-6", lambda n, a, q: 1.4, "one number for all layers"),
    ("03-7", lambda losses, patience: (losses.argmin(), len(losses) - 1), "is right"),
    ("03-7", stop_with_running_minimum, "is right"),
    ("03-8", plain_clip, "ZeroDivisionError"),
    ("03-8", plain_clip_in_numpy, "overflow in float32"),
    ("03-8", clip_in_double, "with nan or inf"),
    ("03-8", clip_in_double_hiding_nan, "with nan or inf"),
    ("03-8", lambda gradients, limit: [1.0] * len(gradients), "the shape must be ()"),
    ("03-9", plain_momentum, "plain momentum"),
    ("03-9", lambda p, v, g, eta, b: p - eta * (g + b * (b * v + g)), "the shape must be (2, 1)"),
    ("03-10", KeptGenerator(), "another answer each time"),
    ("03-10", global_permutation, "another answer each time"),
    ("03-10", global_torch, "a global generator is changed"),
    ("03-10", same_shuffle_of_batches, "only whole batches"),
    ("03-10", sum_as_key, "seed + epoch"),
    ("03-10", indices_as_floats, "whole numbers"),
    ("03-10", lambda *given: [batch_by_sorting(*given)], "one-dimensional"),
    ("03-10", lambda step, n, b, s: np.array(batch_by_sorting(step, n, b, s)) + 1, "0 to n − 1"),
]


@pytest.mark.parametrize(("exercise_id", "answer", "hint"), VARIANTS)
def test_a_mistake_is_recognized_however_it_is_written(exercise_id, answer, hint):
    result = grade(exercise_id, answer)
    assert not result.passed
    assert hint in result.message


def test_a_stub_and_a_number_are_told_apart_from_a_wrong_function():
    assert "Nothing here yet" in grade("03-10", lambda step, n, batch_size, seed: ...).message
    assert "wants a function" in grade("03-10", 3).message
    assert "Nothing here yet" in grade("03-8", lambda gradients, limit: None).message
    assert "wants a function" in grade("03-7", np.array([1, 3])).message


@posix
def test_replaying_all_epochs_is_right_but_too_slow(monkeypatch):
    def answer(step, n, batch_size, seed):
        epoch, i = divmod(step, -(-n // batch_size))
        rng = np.random.default_rng((seed, 1))
        for _ in range(epoch + 1):
            order = rng.permutation(n)
        return order[i * batch_size : (i + 1) * batch_size]

    monkeypatch.setattr("kbook.exercises.guard.SECONDS", 0.1)
    assert "from seed and epoch" in grade("03-10", answer).message
    monkeypatch.undo()
    monkeypatch.setattr("kbook.exercises.chapter03.batch_facts._LATE_EPOCH", 20)
    assert grade("03-10", answer).passed


@pytest.mark.parametrize("exercise_id", ["03-7", "03-8"])
def test_inputs_with_nan_are_watched_for_changes(exercise_id):
    def answer(arrays, number):
        value = BY_ID[exercise_id].solution(arrays, number)
        (arrays if exercise_id == "03-7" else arrays[0])[...] = 1.0
        return value

    message = grade(exercise_id, answer).message
    assert "changes the array or list" in message


def test_checking_batches_leaves_the_readers_generators_alone():
    def states():
        return [np.random.random(), random.random(), float(torch.rand(()))]  # noqa: NPY002

    def rewind():
        np.random.seed(5)  # noqa: NPY002
        random.seed(5)
        torch.manual_seed(5)

    rewind()
    undisturbed = states()
    for answer in (global_torch, global_permutation, batch_by_sorting):
        rewind()
        grade("03-10", answer)
        assert states() == undisturbed


# --- what is asked, against other definitions ----------------------------------------------------


def test_two_steps_by_hand_agree_with_the_rule():
    theta, v = 5.0, 0.0
    lengths = []
    for _ in range(3):
        v = 0.9 * v + 2 * theta
        theta -= 0.1 * v
        lengths.append(0.1 * v)
    assert np.allclose(lengths, [1.0, 1.7, 1.99])
    assert close(theta + lengths[2], BY_ID["03-1"].task.expected())
    assert close(theta, 0.31)


def distance_after(rate, steps=2000):
    curvature, at = np.array([10.0, 120.0]), np.ones(2)
    for _ in range(steps):
        at = at - rate * curvature * at
    return np.abs(at).max()


def test_the_limit_separates_rates_that_converge_from_rates_that_do_not():
    limit = BY_ID["03-2"].task.expected()
    assert distance_after(0.995 * limit) < 0.01
    assert distance_after(1.005 * limit) > 100
    assert np.allclose(1 - 0.01 * np.array([10, 120]), [0.9, -0.2])
    assert round(1 - limit * 10, 2) == 0.83


def test_the_wrong_means_are_what_wrong_programs_print():
    losses = np.repeat([0.5, 0.4, 1.1], [32, 32, 6])
    batches = [losses[i : i + 32] for i in range(0, 70, 32)]
    means = [batch.mean() for batch in batches]
    assert close(losses.mean(), BY_ID["03-3"].task.expected())
    printed = [np.mean(means), sum(means) / 70, sum(m * 32 for m in means) / 70]
    assert np.round(printed, 3).tolist() == [0.667, 0.029, 0.914]
    printed += [losses.sum() / (3 * 32), losses[:64].mean(), losses.sum(), losses.sum() / 3]
    numbers = [float(mistake.answer) for mistake in BY_ID["03-3"].wrong]
    assert close(numbers[:7], printed)


@pytest.mark.parametrize("exercise_id", ["03-1", "03-2", "03-3"])
def test_wrong_numbers_are_far_from_the_right_one(exercise_id):
    right = BY_ID[exercise_id].task.expected()
    assert close(right, BY_ID[exercise_id].solution)
    numbers = [float(mistake.answer) for mistake in BY_ID[exercise_id].wrong]
    assert all(abs(number - right) > 0.04 * right for number in numbers)
    assert len({f"{number:.3g}" for number in numbers}) == len(numbers)


@pytest.mark.parametrize(("t", "beta1", "beta2"), cases("03-4"))
def test_uncorrected_steps_agree_with_the_averages_that_torch_keeps(t, beta1, beta2):
    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([weight], betas=(beta1, beta2))
    for _ in range(t):
        weight.grad = torch.full((1,), -0.2, dtype=torch.float64)
        optimizer.step()
    state = optimizer.state[weight]
    length = state["exp_avg"].abs() / state["exp_avg_sq"].sqrt()
    assert close(oracle("03-4", t, beta1, beta2), length.item())


def test_the_lengths_named_in_praise_and_solution_are_right():
    lengths = [float(oracle("03-4", t, 0.9, 0.999)) for t in range(1, 1001)]
    assert f"{lengths[0]:.1f}" == "3.2"
    assert int(np.argmax(lengths)) + 1 == 12 and f"{max(lengths):.1f}" == "6.6"
    assert f"{lengths[-1]:.2f}" == "1.26"


@pytest.mark.parametrize("warmup_steps", [0, 10])
def test_the_schedule_agrees_with_torch(warmup_steps):
    steps, floor = 50, 0.05
    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    down = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps - warmup_steps, floor)
    factors = list(np.arange(warmup_steps) / steps * steps / max(warmup_steps, 1))
    for _ in range(steps - warmup_steps + 1):
        factors.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        down.step()
    t = np.arange(steps + 1) / steps
    assert np.allclose(oracle("03-5", t, warmup_steps / steps, floor), factors, atol=1e-9)


@pytest.mark.parametrize(("t", "warmup", "floor"), cases("03-5"))
def test_the_schedule_starts_peaks_and_lands_where_it_should(t, warmup, floor):
    ends = oracle("03-5", np.array([0.0, warmup, 1.0]), warmup, floor)
    assert close(ends, [0.0 if warmup else 1.0, 1.0, floor])
    assert (oracle("03-5", t, warmup, floor) <= 1).all()


@pytest.mark.parametrize(("n", "slope", "drop"), cases("03-6"))
def test_the_scale_agrees_with_the_gain_that_torch_knows(n, slope, drop):
    assert close(oracle("03-6", n, slope, drop), scale_by_gain(n, slope, drop))


def variances(scale, slope, drop, layers=10, n=400):
    rng = torch.Generator().manual_seed(3)
    z = torch.randn(300, n, generator=rng)
    found = []
    for _ in range(layers):
        kept = (torch.rand(z.shape, generator=rng) >= drop) / (1 - drop)
        h = torch.nn.functional.leaky_relu(z, slope) * kept
        z = h @ (scale * torch.randn(n, n, generator=rng))
        found.append(float(z.var()))
    return found


@pytest.mark.parametrize(("slope", "drop"), [(0.0, 0.5), (0.2, 0.1)])
def test_the_scale_keeps_the_variance_through_ten_layers(slope, drop):
    right = float(oracle("03-6", 400, slope, drop))
    assert all(0.5 < variance < 2 for variance in variances(right, slope, drop))
    if slope == 0:
        assert 500 < variances(math.sqrt(2 / 400), slope, drop)[-1] < 2000


@pytest.mark.parametrize(("losses", "patience"), cases("03-7"))
def test_early_stopping_keeps_the_first_of_the_lowest_losses(losses, patience):
    keep, stop = oracle("03-7", losses, patience)
    assert keep == np.nanargmin(losses[: stop + 1])
    assert stop == len(losses) - 1 or stop - keep == patience
    assert (keep, stop) == stop_by_looking_back(losses, patience)


def test_one_case_stops_before_the_lowest_loss_and_one_holds_nan_first():
    keeps = [(oracle("03-7", *case)[0], np.nanargmin(case[0])) for case in cases("03-7")]
    assert any(keep != lowest for keep, lowest in keeps)
    assert any(math.isnan(losses[0]) for losses, _ in cases("03-7"))


@pytest.mark.parametrize(("gradients", "limit"), cases("03-8"))
def test_the_clip_factor_agrees_with_torch(gradients, limit):
    factor = float(oracle("03-8", gradients, limit))
    assert math.isclose(factor, clip_by_torch(gradients, limit), rel_tol=1e-5)
    if factor > 0:
        clipped = np.concatenate([g.ravel().astype(float) * factor for g in gradients])
        assert np.linalg.norm(clipped) <= limit * (1 + 1e-12)


def test_one_gradient_is_finite_but_its_squares_are_not():
    huge = [g for gradients, _ in cases("03-8") for g in gradients if np.abs(g).max() > 1e20]
    finite = [g for g in huge if np.isfinite(g).all()]
    assert finite and all(g.dtype == np.float32 for g in finite)
    with np.errstate(over="ignore"):
        assert np.isinf(finite[0] ** 2).any()
    assert all(g.dtype == np.float32 for gradients, _ in cases("03-8") for g in gradients)


def test_both_forms_of_nesterov_go_through_the_same_points():
    eta, beta, rng = 0.02, 0.9, np.random.default_rng(0)
    curvature = np.array([1.0, 20.0, 7.0])
    theta, v = rng.normal(size=3), np.zeros(3)
    phi, held = theta.copy(), np.zeros(3)
    weights = torch.tensor(phi, requires_grad=True)
    optimizer = torch.optim.SGD([weights], lr=eta, momentum=beta, nesterov=True)
    for _ in range(100):
        phi, held = BY_ID["03-9"].solution(phi, held, curvature * phi, eta, beta)
        v = beta * v + curvature * (theta - eta * beta * v)
        theta = theta - eta * v
        weights.grad = torch.from_numpy(curvature) * weights.detach()
        optimizer.step()
        assert close(phi, theta - eta * beta * v) and close(held, v)
        assert close(phi, weights.detach().numpy())


def test_the_velocity_of_torch_is_the_one_of_the_oracle():
    for phi, v, g, eta, beta in cases("03-9"):
        before = copy.deepcopy((phi, v, g))
        assert close(
            oracle("03-9", phi, v, g, eta, beta), nesterov_by_both_points(phi, v, g, eta, beta)
        )
        assert all(map(np.array_equal, before, (phi, v, g)))
