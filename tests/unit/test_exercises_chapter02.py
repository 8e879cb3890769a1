"""The exercises of chapter 2: other right answers, other wordings of mistakes, and the oracles."""

import itertools
import math
import signal
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch.autograd import forward_ad

from kbook.exercises import exercises, grade
from kbook.exercises.chapter02.tape import FORK, chain, doublings, rebuild, tangle
from kbook.gradcheck import central_difference

BY_ID = {e.id: e for e in exercises()}
posix = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX interval timers")


# --- right answers that share no code with the reference solutions --------------------------------


def unbroadcast_by_counting(g, shape):
    out = np.zeros(shape)
    for index in np.ndindex(g.shape):
        tail = index[g.ndim - len(shape) :]
        out[tuple(i if n > 1 else 0 for i, n in zip(tail, shape, strict=True))] += g[index]
    return out


def unbroadcast_by_reshaping(g, shape):
    while g.ndim > len(shape):
        g = g.sum(0)
    for axis, length in enumerate(shape):
        if length == 1:
            g = g.sum(axis, keepdims=True)
    return g


def softmax_vjp_by_jacobian(p, g):
    return [(np.diag(row) - np.outer(row, row)) @ up for row, up in zip(p, g, strict=True)]


def best_step_on_a_grid(eps, f, m):
    h = np.geomspace(1e-9, 1, 200_001)
    return h[np.argmin(18 * (eps * f / 2) / (12 * h) + m * h**4 / 30)]


def short_cut_sample_by_sample(x, y, w1, w2, v):
    gradients = []
    for row, label in zip(x, y[:, 0], strict=True):
        h = 1 / (1 + np.exp(-(row @ w1)))
        logit = float(h @ w2[:, 0] + row @ v[:, 0])
        p = 0.5 * (1 + math.tanh(logit / 2))
        exchange_rates = v[:, 0] + w1 @ (w2[:, 0] * h * (1 - h))  # of the logit, by the row
        gradients.append((p - label) / len(x) * exchange_rates)
    return gradients


def short_cut_in_single_precision(x, y, w1, w2, v):
    x, y, w1, w2, v = (array.astype(np.float32) for array in (x, y, w1, w2, v))
    h = 1 / (1 + np.exp(-(x @ w1)))
    g = (1 / (1 + np.exp(-(h @ w2 + x @ v))) - y) / np.float32(len(x))
    return g @ v.T + (g @ w2.T * (h - h**2)) @ w1.T


def short_cut_by_one_matrix(x, y, w1, w2, v):
    h = torch.sigmoid(torch.from_numpy(x @ w1))
    z = torch.cat([h, torch.from_numpy(x)], 1) @ torch.from_numpy(np.vstack([w2, v]))
    g = (torch.sigmoid(z) - torch.from_numpy(y)) @ torch.from_numpy(np.vstack([w2, v])).T / len(x)
    hidden, short = g[:, : h.shape[1]], g[:, h.shape[1] :]
    return short + (hidden * h * (1 - h)) @ torch.from_numpy(w1).T


def forward_by_recursion_with_notes(tape, wrt):
    notes = {}
    for i, arrows in enumerate(tape):
        notes[i] = float(i == wrt) or math.fsum(slope * notes[p] for p, slope in arrows)
    return list(notes.values())


def reverse_with_lists(tape):
    grad = [0.0] * (len(tape) - 1) + [1.0]
    for grad_i, arrows in [(i, tape[i]) for i in range(len(tape))][::-1]:
        for parent, slope in arrows:
            grad[parent] += slope * grad[grad_i]
    return torch.tensor(grad, dtype=torch.float64)


def layer_norm_by_jacobian(x, g, eps):
    n, d = x.shape
    out = np.zeros((n, d))
    for i in range(n):
        sd = math.sqrt(x[i].var() + eps)
        hat = (x[i] - x[i].mean()) / sd
        out[i] = g[i] @ (np.eye(d) - 1 / d - np.outer(hat, hat) / d) / sd
    return out


OTHER_SOLUTIONS = [
    ("02-1", 32),
    ("02-1", torch.tensor(32.0, requires_grad=True)),
    ("02-2", 1300),
    ("02-2", np.float32(1300)),
    ("02-3", lambda a, b: (1 / b, -(a / b) / b)),
    ("02-4", unbroadcast_by_counting),
    ("02-4", unbroadcast_by_reshaping),
    ("02-5", softmax_vjp_by_jacobian),
    ("02-5", lambda p, g: p * g - p * np.einsum("nk,nk->n", p, g)[:, None]),
    ("02-6", best_step_on_a_grid),
    ("02-6", lambda eps, f, m: np.exp(np.log(5.625 * eps * f / m) / 5)),
    ("02-7", short_cut_sample_by_sample),
    ("02-7", short_cut_in_single_precision),
    ("02-7", short_cut_by_one_matrix),
    ("02-8", forward_by_recursion_with_notes),
    ("02-9", reverse_with_lists),
    ("02-10", layer_norm_by_jacobian),
]


@pytest.mark.parametrize(("exercise_id", "answer"), OTHER_SOLUTIONS)
def test_a_right_answer_passes_however_it_is_written(exercise_id, answer):
    result = grade(exercise_id, answer)
    assert result.passed, result.message


# --- mistakes, written differently ---------------------------------------------------------------


def by_probability(x, y, w1, w2, v):
    h = 1 / (1 + np.exp(-(x @ w1)))
    p = 1 / (1 + np.exp(-(h @ w2 + x @ v)))
    return h, p, (-y / p + (1 - y) / (1 - p)) / len(x)


def through_the_probability(x, y, w1, w2, v):
    h, p, by_p = by_probability(x, y, w1, w2, v)
    g = by_p * p * (1 - p)
    return g @ v.T + (g @ w2.T * h * (1 - h)) @ w1.T


def from_the_probability(x, y, w1, w2, v):
    h, _, by_p = by_probability(x, y, w1, w2, v)
    return by_p @ v.T + (by_p @ w2.T * h * (1 - h)) @ w1.T


def short_cut_by_torch(*net, cut="", by=0):
    leaves = x, y, w1, w2, v = [torch.tensor(array, requires_grad=True) for array in net]
    through_hidden, past_it = (x.detach() if way == cut else x for way in ("hidden", "short"))
    z = torch.sigmoid(through_hidden @ w1) @ w2 + past_it @ v
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y.detach())
    return torch.autograd.grad(loss, leaves[by])[0]


def paths_by_recursion(tape):
    def visit(i, g):
        grad[i] += g
        for p, slope in tape[i]:
            visit(p, g * slope)

    grad = np.zeros(len(tape))
    visit(len(tape) - 1, 1.0)
    return grad


def forward_forgetting_the_fork(tape, wrt):
    d = np.zeros(len(tape))
    d[wrt] = 1
    for i in range(wrt + 1, len(tape)):
        for p, slope in tape[i]:
            d[i] = slope * d[p]
    return d


def step_from(round_off):
    def step(eps, f, m):  # where the slopes of round_off · ε|f|/h and of h⁴M/30 cancel
        return (round_off * eps * f * 30 / (4 * m)) ** (1 / 5)

    return step


def torch_layer_norm(x, g, eps):
    x, g = torch.from_numpy(x), torch.from_numpy(g)
    s = (x.var(1, keepdim=True) + eps).sqrt()
    hat = (x - x.mean(1, keepdim=True)) / s
    return (g - g.mean(1, keepdim=True) - hat * (g * hat).mean(1, keepdim=True)) / s


def mean_over_samples(x, g, eps):
    return layer_norm_by_jacobian(x.T, g.T, eps).T


VARIANTS = [
    ("02-1", -16.0, "∂L/∂s"),
    ("02-1", 48, "second a"),
    ("02-2", 1301.0, "not needed"),
    ("02-2", 1299, "1299 is not it"),
    ("02-3", lambda a, b: [1 / b, -(b**-2)], "numerator a"),
    ("02-3", lambda a, b: -a / b**2 + 1 / b, "added the two slopes"),
    ("02-4", lambda g, shape: np.add.reduce(g), "right for a bias"),
    ("02-4", lambda g, shape: unbroadcast_by_counting(g, shape).squeeze(), "keepdims=True"),
    ("02-4", lambda g, shape: unbroadcast_by_counting(g, shape)[None], "the shape must be (3,)"),
    (
        "02-5",
        lambda p, g: [np.diag(r * (1 - r)) @ u for r, u in zip(p, g, strict=True)],
        "diagonal",
    ),
    ("02-5", lambda p, g: -np.subtract(g, p), "stands alone"),
    ("02-6", lambda eps, f, m: np.sqrt(2 * eps * f / m), "one-sided"),
    ("02-6", lambda eps, f, m: np.cbrt(3 * eps * f / (2 * m)), "of the central quotient in sec"),
    ("02-6", step_from(1 / 2), "still that of the central"),
    ("02-6", step_from(18 / 12), "half of what you counted"),
    ("02-6", step_from(9), "divided by 12h"),
    ("02-6", step_from((8 - 1) / 12), "subtracted the errors"),
    ("02-6", step_from(4 / 2 / 12), "four errors of equal weight"),
    ("02-6", step_from(0), "add the sizes 8 + 8 + 1 + 1"),
    ("02-6", lambda eps, f, m: (3 / 4 * eps * f * 30 / m) ** 0.2, "both errors are equal"),
    ("02-6", lambda eps, f, m: 7e-4, "one step for all inputs"),
    ("02-7", through_the_probability, "cancel p(1 − p)"),
    ("02-7", from_the_probability, "you began with ∂L/∂p"),
    ("02-7", lambda x, y, w1, w2, v: 0 * x, "two things are"),
    ("02-7", lambda *net: short_cut_by_torch(*net, cut="short"), "through the hidden layer alone"),
    ("02-7", lambda *net: short_cut_by_torch(*net, cut="hidden"), "the short cut alone"),
    ("02-7", lambda *net: short_cut_by_torch(*net, by=4), "this is ∂L/∂V"),
    ("02-7", lambda *net: short_cut_by_torch(*net, by=2), "this is ∂L/∂W1"),
    ("02-7", lambda *net: short_cut_by_torch(*net, by=3), "the shape must be (4, 2)"),
    ("02-8", forward_forgetting_the_fork, "only the last parent"),
    ("02-9", lambda tape: forward_by_recursion_with_notes(tape, 0), "forward mode"),
    ("02-10", mean_over_samples, "batch normalization"),
    ("02-10", torch_layer_norm, "torch's var"),
    ("02-10", lambda x, g, eps: g / np.sqrt(x.var(1, keepdims=True) + eps), "as constants"),
]


@pytest.mark.parametrize(("exercise_id", "answer", "hint"), VARIANTS)
def test_a_mistake_is_recognized_however_it_is_written(exercise_id, answer, hint):
    result = grade(exercise_id, answer)
    assert not result.passed
    assert hint in result.message


def test_an_inexact_count_is_not_called_rounded():
    assert "rounded" not in grade("02-2", 1299).message


@posix
def test_a_walk_over_all_paths_is_stopped_and_told_why(monkeypatch):
    monkeypatch.setattr("kbook.exercises.guard.SECONDS", 0.1)
    assert "visit each node once" in grade("02-9", paths_by_recursion).message


@posix
def test_a_forward_sweep_for_each_node_is_too_slow():
    def answer(tape):
        gradient = []
        for node in range(len(tape)):
            d = np.zeros(len(tape))
            d[node] = 1.0
            for i in range(node + 1, len(tape)):
                d[i] = sum(slope * d[parent] for parent, slope in tape[i])
            gradient.append(d[-1])
        return gradient

    assert "one sweep is enough" in grade("02-9", answer).message
    assert close(answer(FORK), oracle("02-9", FORK))


def test_a_dropped_axis_is_told_its_usual_reason():
    def answer(g, shape):
        g = g.sum(axis=tuple(range(g.ndim - len(shape))))
        for axis, length in enumerate(shape):
            if length == 1:
                g = g.sum(axis=axis)
        return g

    assert "keepdims=True" in grade("02-4", answer).message


def test_a_recursion_as_deep_as_the_tape_is_told_why():
    def answer(tape, wrt):
        def slope(i):
            if i not in notes:
                notes[i] = float(i == wrt) or sum(s * slope(p) for p, s in tape[i])
            return notes[i]

        notes = {}
        return [slope(i) for i in reversed(range(len(tape)))][::-1]

    assert "a loop has no such limit" in grade("02-8", answer).message


# --- an answer must leave lists as they were, however deep ---------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda tape: tape.reverse(),
        lambda tape: tape.append([]),
        lambda tape: tape.pop(),
        lambda tape: tape.clear(),
        lambda tape: tape[-1].append((0, 1.0)),
        lambda tape: tape.__setitem__(0, ()),
        lambda tape: tape.__setitem__(0, None),
        lambda tape: tape.__setitem__(0, tape),
        lambda tape: tape[-1].__setitem__(slice(None), [(0, 1.5)]),
    ],
)
def test_an_answer_that_changes_its_tape_is_told_so(change):
    def answer(tape):
        grad = reverse_with_lists(tape)
        change(tape)
        return grad

    result = grade("02-9", answer)
    assert not result.passed
    assert "changes the array or list" in result.message


# --- what is asked, against other definitions ----------------------------------------------------


def cases(exercise_id):
    return [case.arguments for case in BY_ID[exercise_id].task.cases()]


def oracle(exercise_id, *arguments):
    return np.asarray(BY_ID[exercise_id].task.oracle(*arguments))


def close(ours, reference):
    return np.allclose(ours, reference, rtol=1e-7, atol=1e-7)


def test_the_fork_agrees_with_a_central_difference():
    slope = central_difference(lambda a: float((a * -3 + a) ** 2), 4.0)
    assert close(slope, BY_ID["02-1"].task.expected())


def test_the_number_of_evaluations_is_that_of_all_slopes():
    assert BY_ID["02-2"].task.expected() == 1300.0


@pytest.mark.parametrize(("a", "b"), cases("02-3"))
def test_slopes_of_the_division_agree_with_central_differences(a, b):
    slopes = central_difference(lambda t: float(t[0] / t[1]), [a, b])
    assert close(oracle("02-3", a, b), slopes)


@pytest.mark.parametrize(("g", "shape"), cases("02-4"))
def test_unbroadcasting_agrees_with_counting(g, shape):
    right = oracle("02-4", g, shape)
    assert right.shape == shape
    assert close(right, unbroadcast_by_counting(g, shape))


@pytest.mark.parametrize(("p", "g"), cases("02-5"))
def test_the_softmax_product_agrees_with_the_whole_jacobian(p, g):
    assert close(p.sum(axis=1), 1)
    assert close(oracle("02-5", p, g), softmax_vjp_by_jacobian(p, g))


@pytest.mark.parametrize(("eps", "f", "m"), cases("02-6"))
def test_the_best_step_has_the_smallest_bound(eps, f, m):
    best = float(oracle("02-6", eps, f, m))
    low, middle, high = (four_point_bound(h, eps, f, m) for h in (best / 1.01, best, best * 1.01))
    assert middle < min(low, high)
    assert math.isclose(best, (45 * eps * f / (8 * m)) ** 0.2, rel_tol=1e-8)


def four_points(f, x, h):
    return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h)


def four_point_bound(h, eps, f, m):
    return 3 * eps * f / (4 * h) + h**4 * m / 30


@pytest.mark.parametrize("power", range(8))
def test_the_truncation_error_of_four_points_is_what_the_text_says(power):
    x, h = Fraction(3), Fraction(1, 7)
    error = four_points(lambda t: t**power, x, h) - power * x ** (power - 1)
    if power < 5:
        assert error == 0
    elif power == 5:
        assert error == -(h**4) * math.factorial(5) / 30
    else:
        largest = math.perm(power, 5) * (x + 2 * h) ** (power - 5)
        assert 0 < abs(error) <= h**4 * largest / 30


def test_the_round_off_error_of_four_points_is_what_the_text_says():
    values, h = np.eye(4), 0.5  # each value of f is wrong by 1, in turn
    weights = [four_points(dict(zip((h, -h, 2 * h, -2 * h), v, strict=True)).get, 0, h) * 12 * h
               for v in values]  # fmt: skip
    assert weights == [8, -8, -1, 1]
    eps, f = 2.0**-52, 3.0
    assert math.isclose(np.abs(weights).sum() * eps * f / 2 / (12 * h), 3 * eps * f / (4 * h))


@pytest.mark.parametrize(("f", "slope"), [(np.sin, np.cos(1)), (np.exp, np.e)])
def test_four_points_give_the_digits_that_praise_and_solution_promise(f, slope):
    eps, around = 2.0**-52, np.geomspace(0.8, 1.25, 201)
    h = oracle("02-6", eps, f(1.0), slope) * around
    central = np.cbrt(3 * eps * f(1.0) / (2 * slope)) * around
    four = np.abs(four_points(f, 1.0, h) - slope) / slope
    two = np.abs((f(1 + central) - f(1 - central)) / (2 * central) - slope) / slope
    assert 12.8 < -np.log10(np.median(four)) < 13.4 and four.max() < 3e-13
    assert 10.7 < -np.log10(np.median(two)) < 11.3
    assert (four * slope <= 1.5 * four_point_bound(h, eps, f(1.0), slope)).all()


def test_the_numbers_in_praise_and_solution_are_right():
    eps, f, m = cases("02-6")[0]
    best = float(oracle("02-6", eps, f, m))
    assert f"{best:.1e}" == "1.0e-03" and f"{eps**0.2:.0e}" == "7e-04"
    assert f"{four_point_bound(best, eps, f, m):.1e}" == "2.0e-13"
    assert four_point_bound(best, eps, f, m) < 2e-13
    assert math.isclose(3 * eps * f / (4 * best), 4 * best**4 * m / 30, rel_tol=1e-7)


def hidden_and_logits(x, w1, w2, v):
    h = 1 / (1 + np.exp(-(x @ w1)))
    return h, h @ w2 + x @ v


@pytest.mark.parametrize(
    ("x", "y", "w1", "w2", "v"), [net for i, net in enumerate(cases("02-7")) if i != 3]
)
def test_the_net_agrees_with_central_differences(x, y, w1, w2, v):
    def loss(at):
        p = 1 / (1 + np.exp(-hidden_and_logits(at, w1, w2, v)[1]))
        return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())

    assert np.allclose(oracle("02-7", x, y, w1, w2, v), central_difference(loss, x), atol=1e-8)


def test_one_net_is_saturated_in_both_directions_and_partly_wrong():
    x, y, *weights = cases("02-7")[3]
    h, logits = hidden_and_logits(x, *weights)
    assert np.abs(logits).min() > 40 and np.abs(logits).max() < 700
    assert np.abs(h - 0.5).min() < 0.4, "not all hidden units are saturated"
    assert {(z > 0, label == 1) for z, label in zip(logits[:, 0], y[:, 0], strict=True)} == {
        (False, False), (False, True), (True, False), (True, True)
    }  # fmt: skip


def test_where_all_hidden_units_are_saturated_only_the_short_cut_is_left():
    x, y, w1, w2, v = cases("02-7")[4]
    h, logits = hidden_and_logits(x, w1, w2, v)
    assert (h * (1 - h)).max() < 1e-17 and h.min() < 0.5 < h.max()
    assert np.abs(x @ w1).max() < 700 and np.abs(logits).max() < 3
    right = oracle("02-7", x, y, w1, w2, v)
    assert np.abs(right).min() > 1e-3
    assert close(right, (1 / (1 + np.exp(-logits)) - y) @ v.T / len(x))


@pytest.mark.parametrize("net", cases("02-7")[:3])
def test_elsewhere_both_ways_count(net):
    for cut in ("hidden", "short"):
        assert not np.allclose(oracle("02-7", *net), short_cut_by_torch(*net, cut=cut), rtol=0.05)


def slope_matrix(tape):
    slopes = np.zeros((len(tape), len(tape)))
    for i, arrows in enumerate(tape):
        for p, s in arrows:
            slopes[i, p] += s
    return slopes


@pytest.mark.parametrize("tape", [FORK, tangle(1, 12), tangle(2, 20)], ids=len)
def test_both_modes_are_a_column_and_a_row_of_one_inverse(tape):
    every = np.linalg.inv(np.eye(len(tape)) - slope_matrix(tape))
    assert close(oracle("02-9", tape), every[-1])
    for leaf in (i for i, arrows in enumerate(tape) if not arrows):
        assert close(oracle("02-8", tape, leaf), every[:, leaf])


@pytest.mark.filterwarnings("ignore:.*torch.jit.script")  # torch's own, on first use
@pytest.mark.parametrize(("tape", "wrt"), cases("02-8")[:6])
def test_forward_mode_agrees_with_torch(tape, wrt):
    one = torch.ones((), dtype=torch.float64)
    with forward_ad.dual_level():
        nodes = rebuild(tape, {wrt: forward_ad.make_dual(one, one)})
        slopes = [forward_ad.unpack_dual(node).tangent for node in nodes]
    assert close(oracle("02-8", tape, wrt), [0.0 if s is None else float(s) for s in slopes])


def test_the_tape_of_the_fork_is_that_of_the_first_exercise():
    assert close(oracle("02-9", FORK)[0], BY_ID["02-1"].task.expected())
    assert oracle("02-9", FORK).tolist() == [32.0, -64.0, -16.0, -16.0, 1.0]
    assert oracle("02-8", FORK, 0).tolist() == [1.0, 0.0, -3.0, -2.0, 32.0]


def test_tapes_are_in_the_order_of_computation_and_hold_plain_numbers():
    for tape in (FORK, chain(9), doublings(9), *(tangle(s, n) for s, n in [(1, 12), (2, 20)])):
        for i, arrows in enumerate(tape):
            for parent, slope in arrows:
                assert 0 <= parent < i and slope != 0
                assert type(parent) is int and type(slope) is float


def test_the_tapes_have_what_they_are_there_for():
    assert oracle("02-9", doublings(60))[0] == 2.0**60
    assert abs(oracle("02-9", chain(8000))[0]) in (0.5, 1.0, 2.0)
    for tape in (tangle(1, 12), tangle(2, 20)):
        gradient = oracle("02-9", tape)
        assert 0 < (gradient == 0).sum() <= len(tape) / 2
        shared = [p for arrows in tape for p, _ in arrows]
        assert len(shared) > len(set(shared))
    tape, wrt = cases("02-8")[5]
    assert tape[wrt], "one of the chosen nodes has parents"


@pytest.mark.parametrize(("x", "g", "eps"), cases("02-10"))
def test_layer_normalization_agrees_with_central_differences(x, g, eps):
    def weighted(t):
        hat = (t - t.mean(axis=1, keepdims=True)) / np.sqrt(t.var(axis=1, keepdims=True) + eps)
        return float((hat * g).sum())

    right = oracle("02-10", x, g, eps)
    assert np.allclose(right, central_difference(weighted, x), atol=1e-6)
    assert close(right.sum(axis=1), 0)


@pytest.mark.parametrize("exercise_id", ["02-1", "02-2"])
def test_wrong_numbers_are_far_apart(exercise_id):
    numbers = [float(m.answer) for m in BY_ID[exercise_id].wrong]
    numbers.append(float(BY_ID[exercise_id].solution))
    assert len(set(numbers)) == len(numbers)
    if BY_ID[exercise_id].task.rtol:
        assert all(abs(a - b) > 0.05 * abs(a) for a, b in itertools.permutations(numbers, 2))
