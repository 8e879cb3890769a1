"""The exercises of chapter 6: other right answers, other wordings of mistakes, and the oracles."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import wasserstein_distance
from torch import nn

from kbook.exercises import exercises, grade
from kbook.models.cyclegan import critic
from kbook.training.cyclegan import CycleGAN, Recipe
from tests.exercise_tasks import BY_ID, cases, close, oracle

# --- right answers that share no code with the reference solutions --------------------------------


def critic_by_lists(p, q, made, real, share):
    scores = []
    for a, b in zip(p.tolist(), q.tolist(), strict=True):
        a, b = a * (1 - share), b * share
        scores.append(made + (real - made) * (a / (a + b) if a + b else 0.5))
    return scores


def critic_by_least_squares(p, q, made, real, share):
    """Solve for each kind's score as a weighted regression on a constant."""
    scores = []
    for a, b in zip(p, q, strict=True):
        roots = np.sqrt([a * (1 - share), b * share])
        if not roots.any():
            scores.append((made + real) / 2)
            continue
        roots = roots / roots.max()  # lstsq takes what is tiny for 0
        scores.append(np.linalg.lstsq(roots[:, None], roots * [real, made], rcond=None)[0][0])
    return scores


def pull_by_autograd(z, m):
    place = torch.tensor(m, dtype=torch.float64, requires_grad=True)
    x = place + torch.from_numpy(z)
    real, made = (torch.distributions.Normal(mean, 1.0) for mean in (0.0, m))
    logit = real.log_prob(x) - made.log_prob(x)
    softplus = torch.nn.functional.softplus
    losses = [-softplus(logit), softplus(-logit), (torch.sigmoid(logit) - 1) ** 2]
    losses.append(x * math.copysign(1, m) if m else 0 * x)
    return [torch.autograd.grad(v.mean(), place, retain_graph=True)[0].item() for v in losses]


def pull_by_tanh(z, m):
    d = (1 - np.tanh(m * (m + 2 * z) / 4)) / 2
    return np.mean([m * d, m - m * d, 2 * m * d * (1 - d) ** 2, np.sign(m) + 0 * d], axis=1)


def distance_by_carrying(a, b):
    """Carry mass from the smallest numbers on, in whole grains of 1 / (N M)."""
    left, right = ([[v, len(other)] for v in sorted(one)] for one, other in ((a, b), (b, a)))
    work = 0.0
    while left:
        moved = min(left[-1][1], right[-1][1])
        work += moved * abs(left[-1][0] - right[-1][0])
        for heap in (left, right):
            heap[-1][1] -= moved
            if not heap[-1][1]:
                heap.pop()
    return work / (len(a) * len(b))


def distance_by_grains(a, b):
    return np.abs(np.sort(np.tile(a, len(b))) - np.sort(np.tile(b, len(a)))).mean()


def measured_by_average(x, made, true, mask, scores):
    off = np.abs((made - true) / 2)
    wide = np.broadcast_to(mask, x.shape)
    parts = [np.average(off, weights=weights) for weights in (wide, 1 - wide)]
    count = sum(
        score > 0.5 and np.abs(m - t).sum() > np.abs(a - t).sum()
        for a, m, t, score in zip(x, made, true, scores, strict=True)
    )
    return [*parts, count / len(x)]


def measured_by_torch(x, made, true, mask, scores):
    x, made, true, mask = (torch.from_numpy(a) for a in (x, made, true, mask))
    off = (made - true).abs().mean(dim=1, keepdim=True) / 2
    worse = (made - true).abs().flatten(1).sum(1) > (x - true).abs().flatten(1).sum(1)
    fooled = worse & torch.from_numpy(scores > 0.5)
    rest = 1 - mask
    rows = (off * mask).sum() / mask.sum(), (off * rest).sum() / rest.sum(), fooled.double().mean()
    return torch.stack(rows)


def maps_by_recursion(p, p_ground, q, q_ground):
    found = [0, 0, 0]

    def give(g):
        made = Counter()
        for horse, zebra in enumerate(g):
            made[zebra] += int(p[horse])
        if any(made[j] > q[j] for j in made):
            return
        if len(g) < len(p):
            for j in range(len(q)):
                give((*g, j))
            return
        if all(made[j] == q[j] for j in range(len(q))):
            back = {zebra: horse for horse, zebra in enumerate(g)}
            ok = all(back[zebra] == horse for horse, zebra in enumerate(g))
            kept = all(p_ground[i] == q_ground[j] for i, j in enumerate(g))
            for k, yes in enumerate((True, ok, ok and kept)):
                found[k] += yes

    give(())
    return found


def step_with_backward(nets, x, y):
    g, f, d_x, d_y = nets
    for net in (d_x, d_y):
        net.weight.requires_grad_(False)
    fake_y, fake_x = g(x), f(y)
    loss = ((d_y(fake_y) - 1) ** 2).mean() + ((d_x(fake_x) - 1) ** 2).mean()
    loss = loss + 10 * ((f(fake_y) - x).abs().mean() + (g(fake_x) - y).abs().mean())
    (loss + 5 * ((g(y) - y).abs().mean() + (f(x) - x).abs().mean())).backward()
    for net in (d_x, d_y):
        net.weight.requires_grad_(True)
    for judge, real, fake in ((d_x, x, fake_x), (d_y, y, fake_y)):
        scores, found = judge(real), judge(fake.detach())
        (((scores - 1) ** 2).mean() / 2 + (found**2).mean() / 2).backward()
    return [net.weight.grad for net in nets]


def hidden_by_table(cover, secret, levels):
    values = np.arange(256)
    far = np.abs(values - cover[..., None].astype(int)).astype(float)
    far[values % levels != secret[..., None]] = np.inf
    return far.argmin(axis=-1)  # the first, so the lower one


def hidden_by_rounding(cover, secret, levels):
    steps = np.ceil((cover.astype(float) - secret) / levels - 0.5)
    return secret + levels * np.clip(steps, 0, (255 - secret.astype(int)) // levels)


OTHER_SOLUTIONS = [
    ("06-1", -0.92),
    ("06-1", np.float32(-0.923)),
    ("06-2", torch.tensor(-0.6255)),
    ("06-2", -0.626),
    ("06-3", 142.0),
    ("06-4", critic_by_lists),
    ("06-4", critic_by_least_squares),
    ("06-5", pull_by_autograd),
    ("06-5", pull_by_tanh),
    ("06-6", distance_by_carrying),
    ("06-6", distance_by_grains),
    ("06-6", wasserstein_distance),
    ("06-7", measured_by_average),
    ("06-7", measured_by_torch),
    ("06-8", maps_by_recursion),
    ("06-9", step_with_backward),
    ("06-10", hidden_by_table),
    ("06-10", hidden_by_rounding),
]


@pytest.mark.parametrize(("exercise_id", "answer"), OTHER_SOLUTIONS)
def test_a_right_answer_passes_however_it_is_written(exercise_id, answer):
    result = grade(exercise_id, answer)
    assert result.passed, result.message


# --- mistakes, written differently ---------------------------------------------------------------


def critic_divided_by_nothing(p, q, made, real, share):
    ratio = share * q / ((1 - share) * p)
    return (real + ratio * made) / (1 + ratio)


def critic_of_the_text(p, q, made, real, share):
    return critic_by_lists(p, q, made, real, 0.5)


def pull_on_both_players(z, m):
    place = torch.tensor(m, dtype=torch.float64, requires_grad=True)
    x = place + torch.from_numpy(z)
    logit = place**2 / 2 - place * x  # the discriminator follows the generator here
    softplus = torch.nn.functional.softplus
    losses = [-softplus(logit), softplus(-logit), (torch.sigmoid(logit) - 1) ** 2]
    losses.append(x * math.copysign(1, m) if m else 0 * x)
    return [torch.autograd.grad(v.mean(), place, retain_graph=True)[0].item() for v in losses]


def pull_of_densities(z, m):
    p, q = np.exp(-((z + m) ** 2) / 2), np.exp(-(z**2) / 2)
    d = 1 / (1 + q / p)
    return np.mean([m * d, m * (1 - d), 2 * m * d * (1 - d) ** 2, np.sign(m) + 0 * d], axis=1)


def pull_upward(z, m):
    return -np.array(pull_by_tanh(z, m))


def distance_in_place(a, b):
    a.sort()
    return wasserstein_distance(a, b)


def distance_by_zip(a, b):
    pairs = list(zip(sorted(a), sorted(b), strict=False))
    return sum(abs(x - y) for x, y in pairs) / len(pairs)


def distance_of_means(a, b):
    return np.abs(np.mean(a) - np.mean(b))


def measured_on_full_scale(x, made, true, mask, scores):
    return measured_by_average(2 * x, 2 * made, 2 * true, mask, scores)


def measured_without_truth(x, made, true, mask, scores):
    fooled = np.mean(scores > 0.5)
    return [*measured_by_average(x, made, true, mask, scores)[:2], fooled]


def measured_each_picture(x, made, true, mask, scores):
    rows = zip(x, made, true, mask, scores, strict=True)
    each = [measured_by_average(*(a[None] for a in row)) for row in rows]
    return np.mean(each, axis=0)


def maps_of_permutations(p, p_ground, q, q_ground):
    return [math.factorial(len(p))] * 3


def step_with_one_backward(nets, x, y):
    g, f, d_x, d_y = nets
    fake_y, fake_x = g(x), f(y)
    loss = ((d_y(fake_y) - 1) ** 2).mean() + ((d_x(fake_x) - 1) ** 2).mean()
    loss = loss + 10 * ((f(fake_y) - x).abs().mean() + (g(fake_x) - y).abs().mean())
    loss = loss + 5 * ((g(y) - y).abs().mean() + (f(x) - x).abs().mean())
    for judge, real, fake in ((d_x, x, fake_x), (d_y, y, fake_y)):
        loss = loss + ((judge(real) - 1) ** 2).mean() / 2 + (judge(fake) ** 2).mean() / 2
    loss.backward()
    return [net.weight.grad for net in nets]


def step_that_uses_its_graph_twice(nets, x, y):
    g, _, _, d_y = nets
    scores = d_y(g(x))
    ((scores - 1) ** 2).mean().backward()
    (scores**2).mean().backward()
    return [net.weight.grad for net in nets]


def step_with_nothing_for_the_generators(nets, x, y):
    for net in nets[2:]:
        (net(x) ** 2).mean().backward()
    return [net.weight.grad for net in nets]


def step_with_kept_gradients(nets, x, y):
    slopes = step_with_backward(nets, x, y)
    g, f, d_x, d_y = nets
    fool = ((d_y(g(x)) - 1) ** 2).mean() + ((d_x(f(y)) - 1) ** 2).mean()
    more = torch.autograd.grad(fool, [d_x.weight, d_y.weight])
    return [*slopes[:2], *(a + b for a, b in zip(slopes[2:], more, strict=True))]


def hidden_in_eight_bits(cover, secret, levels):
    return cover - cover % levels + secret  # uint8, as the arrays are


def hidden_out_of_range(cover, secret, levels):
    steps = np.ceil((cover.astype(float) - secret) / levels - 0.5)
    return secret + levels * steps


VARIANTS = [
    ("06-1", 0.9232, "the discriminator's loss"),
    ("06-1", math.log(0.25), "when p and q are equal"),
    ("06-1", -0.94, "rounded too far"),
    ("06-2", 0.0, "could have been made"),
    ("06-2", -0.95477, "the game with single pictures"),
    ("06-3", 70.0, "without the fourth layer"),
    ("06-3", 143, "143 is not it"),
    ("06-4", critic_divided_by_nothing, "0/0 where neither"),
    ("06-4", critic_of_the_text, "the share has no effect"),
    ("06-4", lambda p, q, made, real, share: 0.5, "the shape must be (4,)"),
    ("06-5", pull_on_both_players, "the other player's"),
    ("06-5", pull_of_densities, "in which nothing vanishes"),
    ("06-5", pull_upward, "turned around"),
    ("06-5", lambda z, m: m, "the shape must be (4,)"),
    ("06-6", distance_in_place, "changes the array or list"),
    ("06-6", distance_by_zip, "to the size of the smaller one"),
    ("06-6", distance_of_means, "the distance of the means"),
    ("06-6", lambda a, b: np.abs(np.sort(a) - np.sort(b)).mean(), "could not be broadcast"),
    ("06-7", measured_on_full_scale, "half as large"),
    ("06-7", measured_without_truth, "good or bad"),
    ("06-7", measured_each_picture, "the pixels of all of them"),
    ("06-8", maps_of_permutations, "all orders of the horses"),
    ("06-8", lambda p, p_ground, q, q_ground: 1, "the shape must be (3,)"),
    ("06-9", step_with_one_backward, "all losses are added up"),
    ("06-9", step_that_uses_its_graph_twice, "backward through the graph a second time"),
    ("06-9", step_with_nothing_for_the_generators, "Numbers are wanted"),
    ("06-9", step_with_kept_gradients, "the critics keep what"),
    ("06-10", hidden_in_eight_bits, "is right"),
    ("06-10", hidden_out_of_range, "below 0 or above 255"),
]


@pytest.mark.parametrize(("exercise_id", "answer", "hint"), VARIANTS)
def test_a_mistake_is_recognized_however_it_is_written(exercise_id, answer, hint):
    result = grade(exercise_id, answer)
    assert not result.passed
    assert hint in result.message


# --- what is asked, against other definitions ----------------------------------------------------


def value(p, q, d=None):
    """Return the value of the game, for the best D or a given one."""
    p, q = np.array(p, dtype=float), np.array(q, dtype=float)
    d = p / (p + q) if d is None else np.array(d, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        real, made = np.where(p > 0, p * np.log(d), 0), np.where(q > 0, q * np.log(1 - d), 0)
    return float(real.sum()), float(made.sum())


def test_the_value_of_a_discriminator_that_merges_two_kinds_and_what_goes_wrong():
    p, q = [0.4, 0.6, 0], [0.1, 0.4, 0.5]
    halves, full = value(p, q), sum(value([0.4, 0.4, 0.2, 0], [0.1, 0.4, 0, 0.5]))
    right = sum(halves)
    assert math.isclose(BY_ID["06-1"].task.expected(), right, rel_tol=1e-6)
    assert round(right, 3) == -0.923 and round(full, 3) == -0.805
    twice = right + math.log(4)
    wrong = [full, sum(value(p, q, [0.8, (0.5 + 1) / 2, 0])), -right, twice / 2, twice]
    wrong += [right / math.log(2), -math.log(4), *halves, right / 2, sum(value(p, q, p))]
    answers = [mistake.answer for mistake in BY_ID["06-1"].wrong]
    assert np.allclose(wrong, answers, rtol=0, atol=1e-6)


def test_no_answer_that_is_the_same_for_both_kinds_does_better():
    p, q = np.array([0.4, 0.4, 0.2, 0]), np.array([0.1, 0.4, 0, 0.5])
    answers = np.arange(1, 100) / 100
    pairs = itertools.product(answers, repeat=2)
    best = max(sum(value(p, q, [a, b, b, 0])) for a, b in pairs)
    assert best <= BY_ID["06-1"].task.expected() + 1e-9
    assert best > BY_ID["06-1"].task.expected() - 1e-4


def packs(count, kept=4, modes=8):
    """Return the densities of packs on all packs of modes."""
    every = list(itertools.product(range(modes), repeat=count))
    inside = [all(mode < kept for mode in pack) for pack in every]
    return np.full(len(every), 1 / len(every)), np.array(inside) / sum(inside)


def test_the_value_of_pairs_and_what_goes_wrong():
    one, two, three = (value(*packs(count)) for count in (1, 2, 3))
    right = sum(two)
    assert math.isclose(BY_ID["06-2"].task.expected(), right, rel_tol=1e-9)
    assert [round(sum(v), 3) for v in (one, two)] == [-0.955, -0.626]
    assert sum(one) < sum(two) < sum(three) < sum(value(*packs(4))) < 0
    share = {s: sum(value([s, 1 - s], [1, 0])) for s in (1 / 16, 10 / 36, 3 / 4)}
    twice = right + math.log(4)
    on_them = 0.25 * math.log(0.2)
    wrong = [sum(one), 2 * sum(one), sum(three), share[1 / 16], share[10 / 36]]
    wrong += [0, -math.log(4), -right, twice / 2, twice, right / math.log(2)]
    wrong += [on_them, right - on_them]
    answers = [mistake.answer for mistake in BY_ID["06-2"].wrong]
    assert np.allclose(wrong, [a for a in answers if a != -0.287682], rtol=0, atol=1e-6)
    assert math.isclose(math.log(3 / 4), -0.287682, abs_tol=1e-6)


def patch(strides, kernel=4):
    size = 1
    for stride in reversed(strides):
        size = (size - 1) * stride + kernel
    return size


def test_the_patch_and_what_goes_wrong():
    right = patch((2, 2, 2, 2, 1, 1))
    assert right == BY_ID["06-3"].task.expected() == 142
    wrong = [patch((2, 2, 2, 1, 1)), patch((2,) * 5 + (1, 1)), patch((2, 2, 2, 2, 1))]
    wrong += [patch((2,) * 4), patch((2,) * 6), patch((1,) * 6), 6 * 4, patch((1, 1, 2, 2, 2, 2))]
    size = 1
    for stride in (1, 1, 2, 2, 2, 2):
        size = size * stride + 4
    wrong += [size, 2 * patch((2, 2, 2, 1, 1)), 2**4]
    side = 512
    for stride in (2, 2, 2, 2, 1, 1):
        side = (side + 2 - 4) // stride + 1
    wrong += [side, right**2]
    assert wrong == [mistake.answer for mistake in BY_ID["06-3"].wrong]


def test_the_convolutions_of_the_papers_critic_see_70_pixels():
    convolutions = [layer for layer in critic() if isinstance(layer, nn.Conv2d)]
    assert {layer.kernel_size for layer in convolutions} == {(4, 4)}
    strides = tuple(layer.stride[0] for layer in convolutions)
    assert strides == (2, 2, 2, 1, 1) and patch(strides) == 70


@pytest.mark.parametrize("exercise_id", ["06-1", "06-2", "06-3"])
def test_wrong_numbers_are_told_apart(exercise_id):
    exercise = BY_ID[exercise_id]
    numbers = [exercise.task.expected(), *(float(mistake.answer) for mistake in exercise.wrong)]
    ordered = np.sort(numbers)
    assert (np.diff(ordered) > 2 * exercise.task.rtol * np.abs(ordered[1:])).all()


@pytest.mark.parametrize("given", cases("06-4"))
def test_no_other_score_costs_the_critic_less(given):
    p, q, made, real, share = given
    best = oracle("06-4", *given)

    def cost(d):
        return (1 - share) * p * (d - real) ** 2 + share * q * (d - made) ** 2

    for step in (-1e-3, 1e-3, -0.5, 0.5):
        assert (cost(best + step) >= cost(best)).all()
    assert ((cost(best + 1e-3) > cost(best)) | (p + q == 0)).all()
    assert ((best >= min(made, real) - 1e-9) & (best <= max(made, real) + 1e-9)).all()


def test_with_equal_shares_and_the_targets_0_and_1_it_is_the_best_discriminator():
    p, q, *rest = cases("06-4")[0]
    assert rest == [0, 1, 0.5]
    assert close(oracle("06-4", p, q, *rest), p / (p + q))


@pytest.mark.parametrize("given", cases("06-5"))
def test_pulls_are_difference_quotients_with_the_opponent_at_rest(given):
    z, m = given
    moved = oracle("06-5", z, m)

    def losses(step):
        x = m + step + z
        logit = m**2 / 2 - m * x
        log_d, log_rest = -np.logaddexp(0, -logit), -np.logaddexp(0, logit)
        rows = [log_rest, -log_d, (np.exp(log_d) - 1) ** 2, np.sign(m) * x]
        return np.mean(rows, axis=1)

    assert np.allclose((losses(1e-5) - losses(-1e-5)) / 2e-5, moved, rtol=1e-5, atol=1e-5)


def test_at_the_best_discriminator_the_saturating_pull_is_the_slope_of_the_divergence():
    """With D at its best, the derivative of 2 · JSD by m is that of the mean of ln(1 − D)."""

    def divergence(m):
        def at(x):
            p, q = (math.exp(-((x - c) ** 2) / 2) / math.sqrt(2 * math.pi) for c in (0, m))
            return p * math.log(2 * p / (p + q)) + q * math.log(2 * q / (p + q))

        return quad(at, -15, 15 + m, epsabs=1e-12, limit=200)[0]

    m = 1.3
    slope = (divergence(m + 1e-4) - divergence(m - 1e-4)) / 2e-4
    z, weights = np.polynomial.hermite_e.hermegauss(60)
    pulls = np.array([oracle("06-5", point[None], m)[0] for point in z])
    assert math.isclose(slope, pulls @ weights / weights.sum(), rel_tol=1e-6)


def test_who_pulls_from_far_away():
    z = np.linspace(-2, 2, 101)
    near, far = oracle("06-5", z, 3.0), oracle("06-5", z, 8.0)
    assert far[0] < 1e-4 and far[2] < 1e-4 and abs(far[1] - 8) < 1e-4 and far[3] == near[3] == 1
    assert near[0] > 0.1 and near[2] > 0.1


@pytest.mark.parametrize("given", cases("06-6"))
def test_the_distance_is_that_of_scipy(given):
    a, b = given
    assert close(oracle("06-6", a, b), wasserstein_distance(a, b))
    assert close(oracle("06-6", b, a), oracle("06-6", a, b))
    assert close(oracle("06-6", a + 3, b + 3), oracle("06-6", a, b))


def test_samples_differ_in_size_and_some_are_equal():
    sizes = {(len(a), len(b)) for a, b in cases("06-6")}
    assert any(n == m for n, m in sizes) and any(math.gcd(n, m) == 1 for n, m in sizes)
    distances = [float(oracle("06-6", a, b)) for a, b in cases("06-6")]
    means = [abs(a.mean() - b.mean()) for a, b in cases("06-6")]
    assert 0 in distances
    assert any(d > 1 > 1e-9 > gap for d, gap in zip(distances, means, strict=True))


def test_every_kind_of_picture_occurs_and_none_is_close_to_the_border():
    kinds = set()
    for x, made, true, mask, scores in cases("06-7"):
        off, nothing = (np.abs(a - true).mean(axis=(1, 2, 3)) for a in (made, x))
        assert (np.abs(off / nothing - 1) > 0.01).all()
        kinds |= set(zip((off > nothing).tolist(), (scores > 0.5).tolist(), strict=True))
        assert ((mask >= 0) & (mask <= 1)).all() and np.abs([x, made, true]).max() <= 1
    assert len(kinds) == 4
    assert any((scores == 0.5).any() for *_, scores in cases("06-7"))
    assert any(((mask > 0) & (mask < 1)).any() for *_, mask, _ in cases("06-7"))


def test_a_translation_that_is_the_truth_measures_nothing_and_the_input_itself_is_not_worse():
    for x, made, true, mask, scores in cases("06-7"):
        assert not oracle("06-7", x, true, true, mask, scores).any()
        assert oracle("06-7", x, x, true, mask, np.ones_like(scores))[2] == 0
        assert oracle("06-7", x, made, true, mask, scores)[2] <= (scores > 0.5).mean()


def test_translations_left_by_counting_permutations():
    """Where all pictures occur once, the maps are the permutations."""
    found = 0
    for p, p_ground, q, q_ground in cases("06-8"):
        left = oracle("06-8", p, p_ground, q, q_ground)
        assert left[0] >= left[1] >= left[2]
        if len(p) == len(q) and set(p) == set(q) == {1}:
            orders = list(itertools.permutations(range(len(p))))
            kept = sum(all(p_ground == q_ground[list(order)]) for order in orders)
            assert left.tolist() == [len(orders), len(orders), kept]
            found += 1
    assert found >= 2


def test_each_demand_makes_a_difference_somewhere():
    left = np.array([oracle("06-8", *given) for given in cases("06-8")])
    assert (left[:, 0] > left[:, 1]).any() and (left[:, 1] > left[:, 2]).any()
    assert (
        (left[:, 1] == 0).any() and (left == 0).all(axis=1).any() and (left == 1).all(axis=1).any()
    )
    sizes = [len(q) ** len(p) for p, _, q, _ in cases("06-8")]
    assert max(sizes) == 5**5
    assert all(p.min() >= 1 and p.sum() == q.sum() for p, _, q, _ in cases("06-8"))


def test_what_the_text_asks_to_try():
    once, order = np.ones(5, dtype=int), np.arange(5)
    assert oracle("06-8", once, order, once, order[::-1]).tolist() == [120, 120, 1]
    alike, counts = np.zeros(5, dtype=int), order + 1
    assert oracle("06-8", counts, alike, np.roll(counts, 1), alike).tolist() == [1, 1, 1]


class _Tiny(nn.Module):
    """One of the exercise's nets, as the library wants it."""

    def __init__(self, net):
        super().__init__()
        self.net, self.weight = net, nn.Parameter(net.weight.detach().clone())

    def forward(self, pictures):
        return self.net.at(self.weight, pictures)


@pytest.mark.parametrize("given", cases("06-9"))
def test_one_step_is_that_of_the_library(given):
    nets, x, y = given
    four = dict(zip(("G", "F", "D_X", "D_Y"), map(_Tiny, nets), strict=True))
    recipe = Recipe(steps=1, cycle=10, identity=5, pool=0)
    gan = CycleGAN(nn.ModuleDict(four), recipe, torch.Generator().manual_seed(0))
    gan.advance(x, y)
    slopes = [net.weight.grad.item() for net in four.values()]
    assert np.allclose(slopes, oracle("06-9", *given), rtol=1e-5, atol=1e-6)


def test_the_nets_of_the_exercise_are_what_the_text_says():
    for nets, x, y in cases("06-9"):
        assert x.shape == y.shape and x.shape[1] == 3
        for net in nets:
            assert net.weight.shape == () and net.weight.grad is None
        for net in nets[:2]:
            assert net(x).shape == x.shape and net(x).abs().max() <= 1
        for net in nets[2:]:
            assert net(x).shape[0] == len(x) and net(x)[0].numel() > 1
        assert np.abs(oracle("06-9", nets, x, y)).min() > 1e-3
        assert all(net.weight.grad is None for net in nets)


@pytest.mark.parametrize("given", cases("06-10"))
def test_the_secret_comes_back_from_a_picture_that_is_near(given):
    cover, secret, levels = given
    assert cover.dtype == secret.dtype == np.uint8 and secret.max() < levels
    picture = oracle("06-10", cover, secret, levels)
    assert (picture % levels == secret).all()
    assert picture.min() >= 0 and picture.max() <= 255
    off = np.abs(picture - cover.astype(int))
    inner = (cover >= levels) & (cover <= 255 - levels)
    assert (off[inner] <= levels // 2).all() and (off < levels).all()


def test_four_levels_move_no_pixel_far_and_a_noise_of_one_breaks_the_way_back():
    rng = np.random.default_rng(0)
    cover = np.arange(256, dtype=np.uint8)[:, None].repeat(4, axis=1)
    secret = np.arange(4, dtype=np.uint8)[None].repeat(256, axis=0)
    picture = oracle("06-10", cover, secret, 4).astype(int)
    off = np.abs(picture - cover)
    assert off[1:-1].max() == 2 and off.max() == 3
    noisy = picture + rng.choice([-1, 1], size=picture.shape)
    assert (noisy % 4 != secret).all()


def test_secrets_lie_near_both_ends_and_meet_ties():
    covers = np.concatenate([cover.ravel() for cover, *_ in cases("06-10")])
    assert covers.min() == 0 and covers.max() == 255
    ties = [
        ((secret.astype(int) - cover) % levels * 2 == levels).any()
        for cover, secret, levels in cases("06-10")
    ]
    assert any(ties)
    assert any(256 % levels for _, _, levels in cases("06-10"))  # where eight bits go wrong


def test_no_two_exercises_hand_out_the_same_inputs():
    names = [
        (e.id, case.name)
        for e in exercises()
        if e.id.startswith("06") and hasattr(e.task, "cases")
        for case in e.task.cases()
    ]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 75 for _, name in names)
    assert len(list(itertools.groupby(names, key=lambda pair: pair[0]))) == 7
