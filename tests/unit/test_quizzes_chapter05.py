"""The numbers in the quiz of chapter 5, computed again."""

import math
from itertools import product

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torchvision.models import resnet18

from kbook import recorded
from kbook.models.resnet import ResNet, resnet56
from kbook.quizzes import prediction, questions
from tests.quiz_claims import right_words, said, wrong_words

QUIZ = {q.id: q for q in (*questions(5), prediction(5))}


def grown(layers: int) -> float:
    return 1.15**layers


def path_products(blocks: int, slope: float) -> list[float]:
    """Return the product of each path through scalar blocks: 1 for a skip, slope for a branch."""
    return [math.prod(path) for path in product((1.0, slope), repeat=blocks)]


def scalar_blocks(count: int, slope: float) -> float:
    x = torch.ones((), dtype=torch.float64, requires_grad=True)
    y = x
    for _ in range(count):
        y = y + slope * y
    y.backward()
    assert x.grad is not None
    return x.grad.item()


def stage_costs() -> tuple[list[int], list[int], int]:
    """Parameters and multiplications of the three stages of ResNet-56, and all parameters."""
    net = resnet56()
    weights, work = [0, 0, 0], [0, 0, 0]

    def count(layer: nn.Module, _: tuple[Tensor, ...], output: Tensor) -> None:
        if isinstance(layer, nn.Conv2d) and layer.in_channels != 3:
            stage = (16, 32, 64).index(layer.out_channels)
            work[stage] += layer.weight.numel() * output.shape[-1] * output.shape[-2]

    for layer in net.modules():
        layer.register_forward_hook(count)
        if isinstance(layer, nn.Conv2d) and layer.in_channels != 3:
            weights[(16, 32, 64).index(layer.out_channels)] += layer.weight.numel()
    net.eval()(torch.zeros(1, 3, 32, 32))
    return weights, work, sum(p.numel() for p in net.parameters())


def double_softmax_floor(classes: int) -> float:
    target = torch.zeros(1, dtype=torch.long)
    return cross_entropy(torch.eye(classes, dtype=torch.float64)[:1], target).item()


WEIGHTS, WORK, ALL = stage_costs()
PATHS = path_products(10, -0.5)
ONE_BRANCH = 10 * -0.5
LOAD, COMPUTE = 6.0, 4.0
EPOCH = LOAD + COMPUTE
LOADER, HALF, BOTH = LOAD / 2 + COMPUTE, LOAD + COMPUTE / 2, (LOAD + COMPUTE) / 2
RANGES = {
    "plain-8": (100, 100, ""),
    "plain-32": (75, 91.5, "75 to 93 %"),
    "plain-56": (13, 40.5, "13 to 40 %"),
    "residual-56": (99.9, 100, "99.9 to 100 %"),
}
WITH, BARE, UNNORMALIZED = (1.3, 1.5, 1.7), (1.4, 1.6, 1.8), (4.1, 6.2, 9.8)


def mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


# Question, what is computed, and the words in which the right choice or its explanation says it.
CLAIMS: list[tuple[str, object, str]] = [
    ("05-q1", 12 - 9, "both nets lose {} points"),
    ("05-q2", 5.8 / 0.10, "it grows {:.0f} times"),
    ("05-q2", grown(30 - 1), "and {:.0f} is 1.15 to the power 29"),
    ("05-q2", grown(10), "multiply it by {:.0f}"),
    ("05-q5", scalar_blocks(10, -0.5), "(1 − 0.5)^10 = {:.3f}"),
    ("05-q5", len(PATHS), "of {:,} paths half"),
    ("05-q6", 100 * WEIGHTS[2] / ALL, "stage has {:.0f} % of them"),
    ("05-q6", 100 * (1 - WORK[1] / WORK[0]), "about {:.0f} %"),
    ("05-q7", min(UNNORMALIZED), "the best seed, {}, is"),
    ("05-q7", max(WITH), "the full net, {}."),
    ("05-q9", math.log(1000), "ln 1000 = {:.2f}"),
    ("05-q9", math.log(2), "ln 2 = {:.2f}"),
    ("05-q10", BOTH, "{:.0f} s Right"),
    ("05-q10", EPOCH / LOADER * EPOCH / HALF, "10/7 · 10/8 is {:.2f}"),
    ("05-q10", EPOCH / BOTH, "not {:.0f}:"),
]
# The same for the wrong choices and their explanations.
WRONG_CLAIMS: list[tuple[str, object, str]] = [
    ("05-q2", (5.8 - 0.10) / 29, "(5.8 − 0.10) / 29 is {:.2f}"),
    ("05-q2", 0.40 - 0.10, "ten layers add {:.1f}"),
    ("05-q2", 5.8 - 1.6, "add {:.1f} from 10 to 1"),
    ("05-q3", 2 / 0.5 * 0.3, "{} everywhere"),
    ("05-q3", 2 / 0.5, "γ / σ = {:.0f}"),
    ("05-q5", sum(map(abs, PATHS)), "(1 + 0.5)^10 = {:.1f}"),
    ("05-q5", PATHS[0] + PATHS[-1], "1 + (−0.5)^10 = {:.3f}"),
    ("05-q5", ONE_BRANCH, "10 · (−0.5) = {:.0f}"),
    ("05-q5", ONE_BRANCH, "through one branch add {:.0f}"),
    ("05-q6", 32 * 32, "in the first {:,}"),
    ("05-q7", mean(BARE) - mean(WITH), "Skips save {:.1f} points"),
    ("05-q7", max(WITH) - min(WITH), "Seeds alone differ by {:.1f} points"),
    ("05-q7", mean(UNNORMALIZED) - mean(WITH), "Normalization saves {:.1f} points"),
    ("05-q9", double_softmax_floor(2), "below {:.2f}"),
    ("05-q9", 10 * math.log(2), "10 · ln 2 = {:.2f}"),
    ("05-q9", 2**10, "2^10 = {:,}"),
    ("05-q10", EPOCH / 4, "{} s This multiplies 2 by 2"),
    ("05-q10", EPOCH / LOADER, "10/7 = {:.2f}"),
    ("05-q10", EPOCH / HALF, "10/8 = {:.2f}"),
    ("05-q10", EPOCH / (EPOCH / LOADER * EPOCH / HALF), "{:.1f} s This multiplies the factors"),
    ("05-q10", LOADER / 5, "which is {:.1f} s"),
    ("05-q10", max(LOAD / 2, COMPUTE / 2), "would take {:.0f} s"),
]


@pytest.mark.parametrize(("question_id", "value", "words"), CLAIMS)
def test_the_right_choice_has_the_right_number(question_id: str, value: object, words: str) -> None:
    assert said(value, words) in right_words(QUIZ[question_id])


@pytest.mark.parametrize(("question_id", "value", "words"), WRONG_CLAIMS)
def test_a_wrong_choice_has_the_number_of_its_error(
    question_id: str, value: object, words: str
) -> None:
    assert said(value, words) in wrong_words(QUIZ[question_id])


def test_prompts_state_what_is_so() -> None:
    norms = [f"{0.10 * grown(30 - layer):#.2g}" for layer in (1, 10, 20, 30)]
    at = (f"{norm} at layer {layer}" for norm, layer in zip(norms, (1, 10, 20, 30), strict=True))
    assert "{}, {}, {} and {}.".format(*at) in QUIZ["05-q2"].prompt
    for row in (WITH, BARE, UNNORMALIZED):
        assert "{}, {} and {} %".format(*row) in QUIZ["05-q7"].prompt
    assert f"cross-entropy of {math.log(1000):.1f} before" in QUIZ["05-q9"].prompt
    prompt = QUIZ["05-q10"].prompt
    assert f"takes {EPOCH:.0f} s: {LOAD:.0f} s for loading and {COMPUTE:.0f} s for" in prompt
    assert f"makes it {LOADER:.0f} s;" in prompt
    assert f"makes it {HALF:.0f} s." in prompt


def test_half_of_the_paths_of_question_5_are_negative_and_all_add_up_to_the_product() -> None:
    assert sum(p < 0 for p in PATHS) == len(PATHS) / 2
    assert sum(PATHS) == pytest.approx(scalar_blocks(10, -0.5))
    assert scalar_blocks(10, 0.01) == pytest.approx(1, abs=0.11)


def test_the_gradient_of_question_3_is_removed_and_only_beta_gets_it() -> None:
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(8, 1, 3, 3, generator=rng, dtype=torch.float64)
    x = (0.5 * (x - x.mean()) / x.std(correction=0)).requires_grad_()
    norm = nn.BatchNorm2d(1, eps=1e-30, dtype=torch.float64)
    nn.init.constant_(norm.weight, 2)
    same = torch.full_like(x, 0.3)
    trained = torch.autograd.grad(norm(x), (x, norm.weight, norm.bias), same)
    assert trained[0].abs().max() < 1e-12 and trained[1].abs() < 1e-12
    assert trained[2].item() == pytest.approx(0.3 * x.numel())
    norm.running_var = torch.full((1,), 0.25, dtype=torch.float64)
    (fixed,) = torch.autograd.grad(norm.eval()(x), x, same)
    torch.testing.assert_close(fixed, torch.full_like(x, 1.2))


def test_gamma_and_beta_at_0_do_in_question_4_what_it_says() -> None:
    rng = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    x = torch.randn(4, 8, 5, 5, generator=rng).relu().requires_grad_()
    for residual in (True, False):
        net = ResNet([1], [8], in_channels=8, residual=residual)
        block, relu = net[3], net[4]
        norm = [m for m in block.modules() if isinstance(m, nn.BatchNorm2d)][-1]
        nn.init.zeros_(norm.weight)
        out = relu(block(x))
        assert torch.equal(out, x) if residual else not out.any()
        (slope,) = torch.autograd.grad(out, norm.weight, torch.randn(out.shape, generator=rng))
        assert bool(slope.any()) == residual


def test_only_running_statistics_move_in_question_8() -> None:
    torch.manual_seed(0)
    net = resnet18(weights=None).requires_grad_(False)
    net.fc = nn.Linear(net.fc.in_features, 2)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    cross_entropy(net.train()(torch.randn(4, 3, 32, 32)), torch.arange(4) % 2).backward()
    optimizer.step()
    changed = {n for n, v in net.state_dict().items() if not torch.equal(v, before[n])}
    running = ("running_mean", "running_var", "num_batches_tracked")
    assert changed - {"fc.weight", "fc.bias"} == {name for name in before if name.endswith(running)}
    assert nn.BatchNorm2d(1).momentum == 0.1


def test_the_first_loss_of_question_9_counts_the_classes() -> None:
    torch.manual_seed(0)
    labels = torch.arange(64) % 2
    for classes in (2, 1000):
        net = ResNet([1, 1], [8, 16], num_classes=classes)
        loss = cross_entropy(net(torch.randn(64, 3, 16, 16)), labels).item()
        assert loss == pytest.approx(math.log(classes), rel=0.1)
    halves = torch.softmax(0.1 * torch.randn(64, 2), 1)
    assert cross_entropy(halves, labels).item() == pytest.approx(math.log(2), rel=0.05)


def test_the_two_nets_of_the_prediction_differ_in_27_additions_alone() -> None:
    nets = [ResNet(3 * [9], (8, 16, 32), in_channels=1, residual=r) for r in (True, False)]
    sizes = [[p.shape for p in net.parameters()] for net in nets]
    assert sizes[0] == sizes[1]
    blocks = [sum("Residual" in type(m).__name__ for m in net) for net in nets]
    assert blocks == [27, 0] and "27 plus signs" in QUIZ["05-predict"].prompt
    layers = [m for m in nets[1].modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(layers) == 56


def test_the_recorded_seed_lies_in_the_ranges_of_the_prediction() -> None:
    """The other two seeds were measured when the question was written."""
    values = recorded.load("05_depths")["values"]
    read = {net: values[f"{net}, training accuracy (%)"][-1] for net in RANGES}
    for net, (low, high, words) in RANGES.items():
        assert low <= round(read[net], 1) <= high, (net, read[net])
        assert words in " ".join(choice.why for choice in QUIZ["05-predict"].choices)
    assert read["plain-8"] == 100
