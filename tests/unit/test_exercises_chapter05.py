"""The exercises of chapter 5: other right answers, other wordings of mistakes, and the oracles."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from kbook.exercises import exercises, grade
from kbook.models.residual import Residual
from kbook.models.resnet import ResNet
from tests.exercise_tasks import BY_ID, cases, close, oracle

# --- right answers that share no code with the reference solutions --------------------------------


def verdict_by_sums(shallow, deep, norms):
    n, m = shallow.shape[1], deep.shape[1]
    points = [sum(a) / n - sum(b) / m for a, b in zip(shallow, deep, strict=True)]
    worse = tuple(p > 1 for p in points)
    arrives = math.log10(norms[-1]) - math.log10(norms[0]) <= 3
    return {(True, True): 3 if arrives else 2, (False, True): 1}.get(worse, 0)


def norm_gradient_by_jacobian(y, g, gamma, beta, s):
    dx = np.zeros(y.shape)
    for c, (scale, shift, spread) in enumerate(zip(gamma, beta, s, strict=True)):
        hat = (y[:, c].ravel() - shift) / scale
        n = hat.size
        jacobian = (np.eye(n) - 1 / n - np.outer(hat, hat) / n) * scale / spread
        dx[:, c] = (jacobian @ g[:, c].ravel()).reshape(y[:, c].shape)
    return dx


def norm_gradient_by_matrices(y, g, gamma, beta, s):
    n, channels = y[:, 0].size, y.shape[1]
    rows, up = (a.swapaxes(0, 1).reshape(channels, n) for a in (y, g))
    hat = (rows - beta[:, None]) / gamma[:, None]
    out = up - up.mean(1, keepdims=True) - hat * (up * hat).mean(1, keepdims=True)
    out *= (gamma / s)[:, None]
    return out.reshape(channels, y.shape[0], *y.shape[2:]).swapaxes(0, 1)


def block_gradient_by_loops(x, y, g, stride, back):
    u = np.where(y > 0, g, 0)
    dx = np.array(back(u))
    for n, c, i, j in np.ndindex(x.shape):
        if i % stride == 0 and j % stride == 0:
            dx[n, c, i, j] += u[n, c, i // stride, j // stride]
    return dx


def block_gradient_by_torch(x, y, g, stride, back):
    u = torch.from_numpy(g) * torch.from_numpy(y).sign()
    t = torch.zeros(x.shape, dtype=torch.float64, requires_grad=True)
    behind = (0, 0, 0, 0, 0, y.shape[1] - x.shape[1])
    # backward(u) would do, but it imports half of torch at its first call, on the answer's time
    (functional.pad(t[..., ::stride, ::stride], behind) * u).sum().backward()
    return t.grad + torch.from_numpy(back(u.numpy()))


def ends_by_events(load, step, ahead):
    def loaded(i):
        return max(loaded(i - 1), ended(i - 1 - ahead)) + load[i] if i >= 0 else 0

    def ended(i):
        if i not in known:
            known[i] = max(loaded(i), ended(i - 1)) + step[i] if i >= 0 else 0
        return known[i]

    known = {}
    return [ended(i) for i in range(len(load))]


def longest_path(load, step, ahead):
    """Each end is the longest way through a graph of loadings and steps that wait for others."""
    n = len(load)
    longest = {("start", -1): 0}
    for i in range(n):
        waits = [("load", i - 1), ("step", i - 1 - ahead), ("start", -1)]
        longest["load", i] = load[i] + max(longest.get(w, 0) for w in waits)
        longest["step", i] = step[i] + max(longest["load", i], longest.get(("step", i - 1), 0))
    return [longest["step", i] for i in range(n)]


def preactivation_with_lists(x, blocks, norm):
    stream = [x]
    for norm1, conv1, norm2, conv2, project in blocks:
        a = norm1(stream[-1])
        a = a * (a > 0)
        b = norm2(conv1(a))
        start = project(a) if project else stream[-1]
        stream.append(start + conv2((b + abs(b)) / 2))
    return torch.relu(torch.from_numpy(norm(stream[-1])))


def scaled_by_logarithm(gradients, scale, interval):
    exponent, since, out = (
        int(math.log2(scale)),
        0,
        np.zeros((len(gradients), 1 + gradients.shape[1])),
    )
    for row, g in zip(out, gradients, strict=True):
        row[0] = 2.0**exponent
        half = (torch.from_numpy(g) * 2.0**exponent).half()
        bad = not half.isfinite().all()
        if not bad:
            row[1:] = half.double().numpy() * 2.0**-exponent
        since = 0 if bad else since + 1
        exponent += -1 if bad else since == interval
        since %= interval
    return out


def audit_by_sets(net, file, head):
    if {name[:7] for name in file} == {"module."}:
        file = {name[7:]: shape for name, shape in file.items()}
    ours, theirs = set(net.items()), set(file.items())
    code = dict.fromkeys(net, 0) | dict.fromkeys(file, -2)
    code |= dict.fromkeys(set(net) & set(file), -1)
    code |= {name: 2 for name, _ in ours & theirs}
    length = len(head.split("."))
    code |= {name: 1 for name in code if ".".join(name.split(".")[:length]) == head}
    return [value for _, value in sorted(code.items())]


OTHER_SOLUTIONS = [
    ("05-1", 24_240.0),
    ("05-1", torch.tensor(24_240)),
    ("05-2", np.int64(35)),
    ("05-3", 3.9),
    ("05-3", np.float32(3.897)),
    ("05-4", verdict_by_sums),
    ("05-4", lambda *given: float(verdict_by_sums(*given))),
    ("05-5", norm_gradient_by_jacobian),
    ("05-5", norm_gradient_by_matrices),
    ("05-6", block_gradient_by_loops),
    ("05-6", block_gradient_by_torch),
    ("05-7", ends_by_events),
    ("05-7", longest_path),
    ("05-8", preactivation_with_lists),
    ("05-9", scaled_by_logarithm),
    ("05-10", audit_by_sets),
]


@pytest.mark.parametrize(("exercise_id", "answer"), OTHER_SOLUTIONS)
def test_a_right_answer_passes_however_it_is_written(exercise_id, answer):
    result = grade(exercise_id, answer)
    assert result.passed, result.message


# --- mistakes, written differently ---------------------------------------------------------------


def verdict_of_the_last_seeds(shallow, deep, norms):
    return verdict_by_sums(shallow[:, -1:], deep[:, -1:], norms)


def verdict_by_growth(shallow, deep, norms):
    return verdict_by_sums(shallow, deep, norms[::-1])


def verdict_by_a_gap(shallow, deep, norms):
    training, validation = deep.mean(axis=1)
    worse = shallow[1].mean() - validation > 1
    return 0 if not worse else 1 if training - validation > 1 else verdict_by_sums(
        shallow, deep, norms
    )  # fmt: skip


def norm_gradient_by_torch_in_eval(y, g, gamma, beta, s):
    t = torch.tensor(y, requires_grad=True)
    scale, up = torch.from_numpy(gamma / s), torch.from_numpy(g)
    (t * scale[:, None, None] * up).sum().backward()
    return t.grad


def norm_gradient_from_y_itself(y, g, gamma, beta, s):
    return norm_gradient_by_jacobian(y, g, np.ones_like(gamma), 0 * beta, s / gamma)


def norm_gradient_with_unit_variance(y, g, gamma, beta, s):
    rest = norm_gradient_by_jacobian(y, g, gamma, beta, s) * (s / gamma)[:, None, None]
    return rest * gamma[:, None, None]


def block_gradient_by_interpolation(x, y, g, stride, back):
    u = g * (y > 0)
    up = torch.from_numpy(u[:, : x.shape[1]]).repeat_interleave(stride, 2)
    up = up.repeat_interleave(stride, 3)[:, :, : x.shape[2], : x.shape[3]]
    return back(u) + up.numpy()


def block_gradient_without_mask(x, y, g, stride, back):
    return block_gradient_by_loops(x, np.ones_like(y), g, stride, back)


def block_gradient_with_back_of_x(x, y, g, stride, back):
    return back(x)


def ends_without_overlap(load, step, ahead):
    now, ends = 0, []
    for a, b in zip(load, step, strict=True):
        now += a + b
        ends.append(now)
    return ends


def ends_with_one_more(load, step, ahead):
    return longest_path(load, step, ahead + 1)


def ends_without_limit(load, step, ahead):
    return longest_path(load, step, 10**6)


def with_relu_behind_the_sum(x, blocks, norm):
    for block in blocks:
        x = np.maximum(preactivation_raw(x, block), 0)
    return np.maximum(norm(x), 0)


def preactivation_raw(x, block, *, project_raw=False, skip=True):
    norm1, conv1, norm2, conv2, project = block
    a = np.maximum(norm1(x), 0)
    out = conv2(np.maximum(norm2(conv1(a)), 0))
    return out + (0 if not skip else x if project is None else project(x if project_raw else a))


def with_raw_projection(x, blocks, norm):
    for block in blocks:
        x = preactivation_raw(x, block, project_raw=True)
    return np.maximum(norm(x), 0)


def without_the_last_norm(x, blocks, norm):
    for block in blocks:
        x = preactivation_raw(x, block)
    return x


def plain(x, blocks, norm):
    for block in blocks:
        x = preactivation_raw(x, block, skip=False)
    return np.maximum(norm(x), 0)


def original_order(x, blocks, norm):
    for norm1, conv1, norm2, conv2, project in blocks:
        skip = x if project is None else project(x)
        x = np.maximum(skip + norm2(conv2(np.maximum(norm1(conv1(x)), 0))), 0)
    return x


def preactivation_in_place(x, blocks, norm):
    out = preactivation_with_lists(x.copy(), blocks, norm)
    np.maximum(x, 0, out=x)
    return out


def scaled_and_divided_in_half(gradients, scale, interval):
    rows = np.array(scaled_by_logarithm(gradients, scale, interval))
    rows[:, 1:] = rows[:, 1:].astype(np.float16)
    return rows


def scaled_for_ever(gradients, scale, interval):
    rows = [scaled_by_logarithm(g[None], scale, interval)[0] for g in gradients]
    return np.array(rows)


def scaled_without_scale(gradients, scale, interval):
    return scaled_by_logarithm(gradients, scale, interval)[:, 1:]


def audit_with_strict_prefix(net, file, head):
    return audit_by_sets(net, {k.split("module.")[-1]: v for k, v in file.items()}, head)


def audit_with_loose_head(net, file, head):
    net = {name.replace("fc_norm", "fc.norm"): shape for name, shape in net.items()}
    file = {name.replace("fc_norm", "fc.norm"): shape for name, shape in file.items()}
    return audit_by_sets(net, file, head)


def audit_by_numel(net, file, head):
    sizes = [{k: math.prod(v) for k, v in shapes.items()} for shapes in (net, file)]
    return audit_by_sets(*sizes, head)


VARIANTS = [
    ("05-1", 24_241, "2.424e+04 is not it"),
    ("05-1", 23_200.0, "shortcut A"),
    ("05-2", math.comb(13, 5), "the undamaged net"),
    ("05-2", 36, "36 is not it"),
    ("05-3", 0.0, "in training mode"),
    ("05-3", 3.85, "rounded too far"),
    ("05-3", 4.384, "the variance that divides by n"),
    ("05-4", verdict_of_the_last_seeds, "is right"),
    ("05-4", verdict_by_growth, "the direction is wrong"),
    ("05-4", verdict_by_a_gap, "no over-fitting as long as"),
    ("05-4", lambda shallow, deep, norms: deep.mean() > 50, "Numbers are wanted"),
    ("05-4", lambda shallow, deep, norms: 1, "whatever was measured"),
    ("05-5", norm_gradient_by_torch_in_eval, "right in evaluation mode"),
    ("05-5", norm_gradient_from_y_itself, "y stands where"),
    ("05-5", norm_gradient_with_unit_variance, "divide by s"),
    ("05-5", lambda y, g, gamma, beta, s: g / s, "a [:, None] missing"),
    ("05-5", lambda y, g, gamma, beta, s: y, "for y = [−0.5, 0.5]"),
    ("05-5", lambda y, g, gamma, beta, s: g.mean(axis=0), "the shape must be (2, 1, 1, 1)"),
    ("05-6", block_gradient_by_interpolation, "spread over squares"),
    ("05-6", block_gradient_without_mask, "the last relu is missing"),
    ("05-6", block_gradient_with_back_of_x, "ValueError: back wants the shape"),
    ("05-6", lambda x, y, g, stride, back: back(g * (y > 0)), "the branch alone"),
    ("05-7", ends_without_overlap, "nothing overlaps"),
    ("05-7", ends_with_one_more, "one batch too many"),
    ("05-7", ends_without_limit, "never waits for room"),
    ("05-7", lambda load, step, ahead: load.sum() + step.sum(), "the shape must be (3,)"),
    ("05-8", with_relu_behind_the_sum, "cuts the skip"),
    ("05-8", with_raw_projection, "reads the raw x"),
    ("05-8", without_the_last_norm, "its sum is raw"),
    ("05-8", plain, "this is a plain net"),
    ("05-8", original_order, "broadcast"),
    ("05-8", preactivation_in_place, "changes the array or list"),
    ("05-9", scaled_and_divided_in_half, "divided out in float16"),
    ("05-9", scaled_for_ever, "is right"),
    ("05-9", scaled_without_scale, "the shape must be (8, 3)"),
    ("05-10", audit_with_strict_prefix, "the shape must be (4,)"),
    ("05-10", audit_with_loose_head, "ends at a dot"),
    ("05-10", audit_by_numel, "not the shape"),
]


@pytest.mark.parametrize(("exercise_id", "answer", "hint"), VARIANTS)
def test_a_mistake_is_recognized_however_it_is_written(exercise_id, answer, hint):
    result = grade(exercise_id, answer)
    assert not result.passed
    assert hint in result.message


# --- what is asked, against other definitions ----------------------------------------------------


def test_the_parameters_are_those_of_the_library_block():
    net = ResNet((1, 1), (24, 40), shortcut="B")
    block = next(m for m in net if isinstance(m, Residual) and len(list(m.parameters())) == 9)
    count = sum(p.numel() for p in block.parameters())
    buffers = sum(b.numel() for b in block.buffers())
    assert BY_ID["05-1"].task.expected() == count == 24_240
    assert buffers == 243
    branch = sum(p.numel() for p in block.body.parameters())
    assert branch == 23_200 and count - branch == 1040
    first, second, projection = 9 * 24 * 40, 9 * 40 * 40, 24 * 40
    wrong = [branch, count - 80, count - 240, count - 120, count + 240, count + 243, count + 120]
    wrong += [2 * first + projection + 240, 2 * second + projection + 240]
    wrong += [first + second + 40 * 40 + 240, first + second + 9 * projection + 240]
    wrong += [(first + second) // 3 + projection + 240]
    wrong += [first + second + projection + 2 * (24 + 40 + 40), count // 4]
    assert wrong == [mistake.answer for mistake in BY_ID["05-1"].wrong]


def lengths(without_skip, dead_branch, blocks):
    """Multiply the blocks out: the coefficient of t to the k counts paths with k branches."""
    product = np.ones(1)
    for i in range(blocks):
        skip, branch = i >= without_skip, i < blocks - dead_branch
        product = np.polymul(product, [float(branch), float(skip)])
    return Counter({k: round(c) for k, c in enumerate(product[::-1])})


def test_the_paths_are_coefficients_of_a_product():
    damaged, whole = lengths(2, 4, 13), lengths(0, 0, 13)
    right = damaged[5]
    assert right == BY_ID["05-2"].task.expected() == 35
    assert (whole[5], whole.total(), damaged.total()) == (1287, 8192, 128)
    wrong = [whole[5], damaged[7], lengths(0, 4, 13)[5], lengths(2, 0, 13)[5]]
    wrong += [math.comb(11, 5), lengths(4, 2, 13)[5], damaged.total(), whole.total()]
    wrong += [sum(damaged[k] for k in range(6)), sum(damaged[k] for k in range(5, 14))]
    wrong += [math.perm(7, 3), right / damaged.total()]
    assert wrong == [mistake.answer for mistake in BY_ID["05-2"].wrong]
    mean = [sum(k * n for k, n in paths.items()) / paths.total() for paths in (damaged, whole)]
    assert mean == [5.5, 6.5]


SEEN = [np.array(b, dtype=float) for b in ([1, 1, 1, 5], [3, 3, 9, 9], [4, 10, 10, 16])]


def evaluated(batches=SEEN, start=(0.0, 1.0), new=0.1, ddof=1, power=1.0):
    mean, spread = start
    for batch in batches:
        mean = (1 - new) * mean + new * batch.mean()
        spread = (1 - new) * spread + new * batch.var(ddof=ddof) ** power
    return mean, spread ** (1 / power)


def output(mean, variance):
    return (10 - mean) / math.sqrt(variance + 1e-5)


def test_the_running_statistics_and_what_goes_wrong():
    mean, variance = evaluated()
    assert close([mean, variance], [1.702, 4.533])
    assert math.isclose(BY_ID["05-3"].task.expected(), output(mean, variance), rel_tol=1e-9)
    assert [b.mean() for b in SEEN] == [2, 6, 10]
    assert [round(b.var(ddof=1), 9) for b in SEEN] == [4, 12, 24]
    averages = [(6, np.mean([b.var(ddof=ddof) for b in SEEN])) for ddof in (1, 0)]
    from_zero = evaluated(start=(0, 0))
    wrong = [output(*evaluated(ddof=0)), output(SEEN[2].mean(), 1), output(*evaluated(new=0.9))]
    wrong += [*(output(*average) for average in averages), (10 - mean) / variance]
    wrong += [output(*from_zero), output(*evaluated(SEEN[1:], (2, 4)))]
    wrong += [output(*(value / (1 - 0.9**3) for value in from_zero))]
    wrong += [output(*evaluated(power=0.5)), output(0, variance)]
    wrong += [output(*evaluated(SEEN[::-1])), output(*evaluated(SEEN[2:])), variance, mean]
    answers = [float(mistake.answer) for mistake in BY_ID["05-3"].wrong]
    assert np.allclose(wrong, answers, rtol=1e-4, atol=1e-4)


def test_the_last_batch_was_normalized_to_zero():
    layer = nn.BatchNorm2d(1)
    outs = [layer(torch.tensor(b).float().reshape(2, 1, 1, 2)) for b in SEEN]
    assert outs[2].ravel()[1].abs() < 1e-6
    assert layer.momentum == 0.1 and layer.eps == 1e-5
    assert abs(layer.eval()(torch.full((1, 1, 1, 1), 10.0)).item() - 3.897) < 1e-3


@pytest.mark.parametrize("exercise_id", ["05-1", "05-2", "05-3"])
def test_wrong_numbers_are_told_apart(exercise_id):
    exercise = BY_ID[exercise_id]
    numbers = [exercise.task.expected(), *(float(mistake.answer) for mistake in exercise.wrong)]
    ordered = np.sort(numbers)
    assert (np.diff(ordered) > 2 * exercise.task.rtol * ordered[1:]).all()


def test_every_verdict_occurs_and_no_mean_is_close_to_the_border():
    verdicts = Counter(int(oracle("05-4", *given)) for given in cases("05-4"))
    assert set(verdicts) == {0, 1, 2, 3} and verdicts[0] > 3 and verdicts[3] > 3
    assert int(oracle("05-4", *cases("05-4")[4])) == 3  # as the plain nets of the chapter
    for shallow, deep, norms in cases("05-4"):
        lost = shallow.mean(axis=1) - deep.mean(axis=1)
        assert (abs(lost - 1) > 0.1).all()
        assert abs(math.log10(norms[0] / norms[-1]) + 3) > 0.4


def test_verdicts_do_not_depend_on_the_unit_of_the_loss_or_the_order_of_the_seeds():
    for shallow, deep, norms in cases("05-4"):
        right = oracle("05-4", shallow, deep, norms)
        assert right == oracle("05-4", shallow[:, ::-1], deep[:, ::-1], norms * 1e-6)


@pytest.mark.parametrize("given", cases("05-5"))
def test_the_norm_gradient_is_that_of_torchs_layer(given):
    y, g, gamma, beta, s = given
    x = ((y - beta[:, None, None]) / gamma[:, None, None] * s[:, None, None]).copy()
    dx = oracle("05-5", *given)
    for c in range(len(gamma)):  # the cases have one eps for all channels, but need not say so
        eps = float(s[c] ** 2 - x[:, c].var())
        assert eps > 0
        t = torch.tensor(x[:, c : c + 1], requires_grad=True)
        scale, shift = (torch.from_numpy(a[c : c + 1]) for a in (gamma, beta))
        out = functional.batch_norm(t, None, None, scale, shift, training=True, eps=eps)
        assert np.allclose(out.detach(), y[:, c : c + 1])
        (out * torch.from_numpy(g[:, c : c + 1])).sum().backward()
        assert np.allclose(t.grad, dx[:, c : c + 1], rtol=1e-6, atol=1e-9)


def test_norm_gradients_sum_to_zero_and_vanish_for_a_common_g():
    given = cases("05-5")
    sums = [oracle("05-5", *case).sum(axis=(0, 2, 3)) for case in given]
    assert all(np.allclose(total, 0, atol=1e-6) for total in sums)
    assert any(np.allclose(oracle("05-5", *case), 0, atol=1e-7) for case in given)
    assert any((case[2] < 0).any() for case in given)
    assert len({case[0].shape for case in given}) == len(given)


@pytest.mark.parametrize("given", cases("05-6"))
def test_the_block_gradient_is_a_difference_quotient(given):
    x, y, g, stride, back = given
    direction = np.random.default_rng(1).normal(size=x.shape)

    def loss(step):
        return float((back.block(torch.from_numpy(x + step * direction), stride).numpy() * g).sum())

    slope = (loss(1e-6) - loss(-1e-6)) / 2e-6
    assert math.isclose(slope, (oracle("05-6", *given) * direction).sum(), rel_tol=1e-5)
    assert close(back.block(torch.from_numpy(x), stride).numpy(), y)
    assert (y == 0).any() and (y > 0).any()


def test_the_branch_hands_back_its_own_gradient():
    for x, y, g, stride, back in cases("05-6"):
        t = torch.tensor(x, requires_grad=True)
        first, second = torch.from_numpy(back.first), torch.from_numpy(back.second)
        out = (torch.relu(t.flatten(1) @ first) @ second).reshape(y.shape)
        out.backward(torch.from_numpy(g))
        assert close(back(g), t.grad)
        assert y.shape[2:] == x[:, :, ::stride, ::stride].shape[2:]


def test_an_epoch_is_never_shorter_than_loading_or_training():
    for load, step, ahead in cases("05-7"):
        ends = oracle("05-7", load, step, ahead)
        assert (ends >= np.cumsum(load) + step).all()
        assert (ends >= load[0] + np.cumsum(step)).all()
        assert (ends <= np.cumsum(load + step)).all()
        more = oracle("05-7", load, step, ahead + 1)
        assert (more <= ends).all()


@pytest.mark.parametrize(
    ("step", "ahead", "total"), [(4, 0, 900), (2, 0, 700), (4, 1, 504), (2, 1, 502), (4, 9, 504)]
)
def test_what_a_faster_gpu_gains(step, ahead, total):
    load, steps = np.full(100, 5), np.full(100, step)
    assert oracle("05-7", load, steps, ahead)[-1] == total == longest_path(load, steps, ahead)[-1]


def test_room_for_more_than_one_matters_in_some_cases_and_not_in_others():
    gains = [
        longest_path(load, step, 1)[-1] - longest_path(load, step, ahead)[-1]
        for load, step, ahead in cases("05-7")
        if ahead > 1
    ]
    assert any(gains) and not all(gains)


def as_torch(block):
    return [layer and layer.by_torch for layer in block]


@pytest.mark.parametrize("given", cases("05-8"))
def test_layers_of_numpy_and_torch_agree(given):
    x, blocks, norm = given
    for block in blocks:
        norm1, conv1, *_, project = block
        for layer in (norm1, conv1, project):
            if layer is not None:
                t = torch.from_numpy(x)
                assert close(layer(x), layer.by_torch(t))
        x = preactivation_raw(x, block)
    assert close(norm(x), norm.by_torch(torch.from_numpy(x)))
    assert close(oracle("05-8", *given), preactivation_with_lists(*given))


def test_the_jacobian_of_a_block_is_that_of_the_branch_plus_one():
    x, blocks, _ = cases("05-8")[0]
    norm1, conv1, norm2, conv2, project = as_torch(blocks[0])
    assert project is None
    direction = np.random.default_rng(2).normal(size=x.shape)

    def branch(t):
        return conv2(norm2(conv1(norm1(t).relu())).relu())

    def net(step):  # so high above 0 that the last relu does nothing
        moved = x + step * direction
        return BY_ID["05-8"].solution(moved, blocks[:1], lambda stream: stream + 100)

    slope = (net(1e-5) - net(-1e-5)) / 2e-5
    _, through = torch.autograd.functional.jvp(
        branch, torch.from_numpy(x), torch.from_numpy(direction)
    )
    assert abs(through).max() > 0.1
    assert np.allclose(slope, direction + through.numpy(), rtol=1e-5, atol=1e-5)


def test_with_zeros_for_the_last_convolutions_the_net_is_a_norm_and_a_relu():
    x, blocks, norm = cases("05-8")[4]
    assert len(blocks) == 3 and all(block[4] is None for block in blocks)
    for block in blocks:
        block[3].weight = 0 * block[3].weight
    assert close(oracle("05-8", x, blocks, norm), np.maximum(norm(x), 0))


def test_stacks_keep_and_change_the_shape():
    plans = [[block[4] is None for block in blocks] for _, blocks, _ in cases("05-8")]
    assert [] in plans and [True] in plans and [False] in plans
    assert any(True in plan and False in plan for plan in plans)
    strides = {block[4].stride for _, blocks, _ in cases("05-8") for block in blocks if block[4]}
    assert strides == {1, 2}


@pytest.mark.parametrize("given", cases("05-9"))
def test_scales_halve_at_skipped_steps_and_double_after_good_ones(given):
    gradients, scale, interval = given
    rows = oracle("05-9", *given)
    assert rows.shape == (len(gradients), 1 + gradients.shape[1])
    ratios = rows[1:, 0] / rows[:-1, 0]
    with np.errstate(over="ignore", invalid="ignore"):
        largest = np.abs(gradients[:-1].astype(float)).max(axis=1) * rows[:-1, 0]
    assert set(ratios) <= {0.5, 1, 2} and rows[0, 0] == scale
    assert ((ratios == 0.5) == ~(largest < 65520)).all()  # what rounds to infinity; nan as well
    assert not rows[:-1][ratios == 0.5, 1:].any()


def test_what_is_large_enough_comes_through_with_three_digits():
    for gradients, *rest in cases("05-9"):
        rows = oracle("05-9", gradients, *rest)
        good = rows[:, 1:].any(axis=1) & np.isfinite(gradients).all(axis=1)
        size = np.abs(gradients[good]) * rows[good, :1]
        seen = size > 2**-14  # the smallest number that half precision holds with all digits
        error = np.abs(rows[good, 1:] - gradients[good]) / np.abs(gradients[good])
        assert (error[seen] <= 2**-11).all()


def test_some_gradients_vanish_some_overflow_and_some_scales_grow():
    found = [(g, oracle("05-9", g, scale, n)) for g, scale, n in cases("05-9")]
    finite = [np.isfinite(g).all(axis=1) for g, _ in found]
    skipped = [~rows[:, 1:].any(axis=1) for _, rows in found]
    assert any((rows[:, 1:] == 0).any(axis=1)[ok].any()
               for (_, rows), ok in zip(found, finite, strict=True))  # fmt: skip
    assert sum(bool(s.any()) for s in skipped) >= 4
    assert sum(rows[:, 0].max() > rows[0, 0] for _, rows in found) >= 4
    tiny = np.concatenate([rows[:, 1:].ravel() for _, rows in found])
    assert ((abs(tiny) > 0) & (abs(tiny) < 2**-25)).any()  # which half precision would lose
    assert float(np.float16(6e-8)) > 0 == float(np.float16(2e-8))


def test_the_scaler_of_torch_waits_for_2000_steps_and_bfloat16_has_the_range_of_float32():
    assert torch.amp.GradScaler("cpu").get_growth_interval() == 2000
    wide, single = torch.finfo(torch.bfloat16), torch.finfo(torch.float32)
    assert wide.tiny == single.tiny and 0.99 < wide.max / single.max <= 1 and wide.eps > single.eps
    half = torch.finfo(torch.float16)
    assert half.max == 65504 and 5.9e-8 < half.smallest_normal * half.eps < 6e-8


def test_weight_files_show_every_code_and_every_trap():
    tables = [oracle("05-10", *given).tolist() for given in cases("05-10")]
    assert {code for table in tables for code in table} == {-2, -1, 0, 1, 2}
    prefixed = [sum(n.startswith("module.") for n in file) for _, file, _ in cases("05-10")]
    sizes = [len(file) for _, file, _ in cases("05-10")]
    shares = {0 if p == 0 else 1 if p == n else 0.5 for p, n in zip(prefixed, sizes, strict=True)}
    assert shares == {0, 0.5, 1}
    assert all(audit_by_sets(*given) == table
               for given, table in zip(cases("05-10"), tables, strict=True))  # fmt: skip


def test_the_audit_of_a_real_net_says_what_torch_will_load():
    def small(classes):
        return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Linear(2, classes))

    def shapes(net):
        return {name: tuple(w.shape) for name, w in net.state_dict().items()}

    net, trained = small(2), nn.DataParallel(small(10))
    assert all(name.startswith("module.") for name in shapes(trained))
    codes = oracle("05-10", shapes(net), shapes(trained), "2")
    assert codes.tolist() == [2, 2, 2, 2, 2, 2, 2, 1, 1]
    weights = {k.removeprefix("module."): v for k, v in trained.state_dict().items()}
    loaded = {k: v for k, v in weights.items() if not k.startswith("2.")}
    report = net.load_state_dict(loaded, strict=False)
    assert report.missing_keys == ["2.weight", "2.bias"] and not report.unexpected_keys


def test_torch_is_silent_about_names_and_stops_at_shapes():
    net = nn.Linear(2, 3)
    report = net.load_state_dict({"module.weight": torch.zeros(3, 2)}, strict=False)
    assert set(report.missing_keys) == {"weight", "bias"}
    assert report.unexpected_keys == ["module.weight"]
    with pytest.raises(RuntimeError, match="size mismatch for weight"):
        net.load_state_dict({"weight": torch.zeros(2, 3)}, strict=False)


def test_no_two_exercises_hand_out_the_same_inputs():
    names = [
        (e.id, case.name)
        for e in exercises()
        if e.id.startswith("05") and hasattr(e.task, "cases")
        for case in e.task.cases()
    ]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 75 for _, name in names)
    assert len(list(itertools.groupby(names, key=lambda pair: pair[0]))) == 7
