"""The numbers in the quiz of chapter 3, computed again."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import binom
from torch import nn, optim
from torch.nn.functional import cross_entropy

from kbook.quizzes import prediction, questions
from tests.quiz_claims import right_words, wrong_words

QUIZ = {q.id: q for q in (*questions(3), prediction(3))}


def moves(optimizer: type[optim.Optimizer], gradients: list[float], **options: Any) -> list[float]:
    """How far each step moves a weight that starts at 1 and meets these gradients."""
    w = torch.ones(1, dtype=torch.float64, requires_grad=True)
    steps = optimizer([w], **options)
    way = [1.0]
    for gradient in gradients:
        w.grad = torch.full_like(w, gradient)
        steps.step()
        way.append(w.item())
    return list(-np.diff(way))


def moves_without_reset(steps: int) -> list[float]:
    w = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    sgd = optim.SGD([w], lr=0.01)
    way = [0.0]
    for _ in range(steps):
        w.sum().backward()
        sgd.step()
        way.append(w.item())
    return list(-np.diff(way))


def mean_square_after(layers: int, variance: float, activation: nn.Module) -> float:
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(500, 512, generator=rng)
    for _ in range(layers):
        w = torch.randn(512, 512, generator=rng) * math.sqrt(variance)
        x = activation(x @ w)
    return x.square().mean().item()


def best_of(nets: int, accuracy: float, pictures: int) -> float:
    """Expected best accuracy of equally good nets with independent errors, in percent."""
    below = binom.cdf(np.arange(pictures), pictures, accuracy) ** nets
    return 100 * float(np.sum(1 - below)) / pictures


def decay(optimizer: type[optim.Optimizer], size: float) -> float:
    """How much faster a weight of 1 shrinks by a decay of 0.001, beside gradients ± size."""
    signs = [size, -size] * 500
    options = {"lr": 1e-4}
    kept = sum(moves(optimizer, signs, weight_decay=0.0, **options))
    return sum(moves(optimizer, signs, weight_decay=0.001, **options)) - kept


FORGOTTEN = moves_without_reset(100)
ONE_HOT = cross_entropy(torch.eye(10)[:1].double(), torch.tensor([0])).item()
EQUAL = cross_entropy(torch.zeros(1, 10).double(), torch.tensor([0])).item()
SMOOTH = torch.tensor([[0.91] + [0.01] * 9], dtype=torch.float64)
SMOOTH_FLOOR = cross_entropy(SMOOTH.log(), torch.tensor([0]), label_smoothing=0.1).item()

# Question, what is computed, and the words in which the right choice or its explanation says it.
CLAIMS = [
    ("03-q1", 1 - 0.021 * 100, "1 − 0.021 · 100 = {:.1f}"),
    ("03-q1", 2 / 100, "2/100 = {:.2f}"),
    ("03-q2", 8 / math.sqrt(128 / 32), "{:.0f} Right"),
    ("03-q6", FORGOTTEN[-1], "{:.0f} Right"),
    ("03-q7", best_of(200, 0.9, 100), "about {:.0f} % on 100 pictures"),
    ("03-q3", (0.001 / 0.01) / (0.001 / 100), "about {:,.0f} times stronger"),
    ("03-q10", ONE_HOT, "ln(1 + 9/e) = {:.2f}"),
    ("03-q10", EQUAL, "ln 10 = {:.2f}"),
]
# The same for the wrong choices and their explanations.
WRONG_CLAIMS = [
    ("03-q1", 1 - 0.019 * 100, "the factor across is {:.1f}"),
    ("03-q1", 1 - 0.021, "1 − 0.021 = {:.3f}"),
    ("03-q1", 2 / 1, "any η below {:.0f}"),
    ("03-q2", 8 / 4, "{:.0f} This divides"),
    ("03-q2", 8 * math.sqrt(4), "{:.0f} The misses"),
    ("03-q4", round(0.1 / 0.003, -1), "about {:.0f} times"),
    ("03-q6", moves(optim.SGD, [1.0], lr=0.01)[0], "{:.2f} This is the step with the reset"),
    ("03-q6", moves(optim.SGD, [1.0] * 200, lr=0.01, momentum=0.9)[-1], "{:.1f} This is momentum"),
    ("03-q6", sum(FORGOTTEN), "{:.1f} This is the whole way"),
    ("03-q10", SMOOTH_FLOOR, "that is {:.2f}"),
]


def said(value: float, words: str) -> str:
    text = words.format(value).replace("e-0", "e-")
    return text if "e-" in text else text.replace("-", "−")


@pytest.mark.parametrize(("question_id", "value", "words"), CLAIMS)
def test_the_right_choice_has_the_right_number(question_id: str, value: float, words: str) -> None:
    assert said(value, words) in right_words(QUIZ[question_id])


@pytest.mark.parametrize(("question_id", "value", "words"), WRONG_CLAIMS)
def test_a_wrong_choice_has_the_number_of_its_error(
    question_id: str, value: float, words: str
) -> None:
    assert said(value, words) in wrong_words(QUIZ[question_id])


def test_a_batch_four_times_as_large_halves_the_miss_of_question_2() -> None:
    gradients = np.random.default_rng(0).normal(size=(4000, 128))
    small, large = gradients[:, :32].mean(1).std(), gradients.mean(1).std()
    assert small / large == pytest.approx(2, rel=0.05)


def test_the_valley_of_question_1_is_left_at_one_rate_only() -> None:
    for rate, leaves in ((0.019, False), (0.021, True)):
        x = torch.ones(2, dtype=torch.float64, requires_grad=True)
        sgd = optim.SGD([x], lr=rate)
        for _ in range(100):
            sgd.zero_grad()
            (x.square() @ torch.tensor([50.0, 0.5], dtype=torch.float64)).backward()
            sgd.step()
        assert (x[0].abs() > 1).item() is leaves
        assert x[1].abs() < 0.2


def test_relu_layers_lose_half_of_the_mean_square_each_as_question_5_says() -> None:
    relu, linear = nn.ReLU(), nn.Identity()
    assert mean_square_after(20, 1 / 512, relu) == pytest.approx(2**-20, rel=0.9)
    assert mean_square_after(20, 1 / 512, linear) == pytest.approx(1, rel=0.5)
    assert mean_square_after(20, 2 / 512, relu) == pytest.approx(1, rel=0.9)
    assert mean_square_after(20, 2 / 512, linear) == pytest.approx(2**20, rel=0.5)


def test_adam_decays_by_the_size_of_the_gradients_and_adamw_does_not() -> None:
    assert decay(optim.Adam, 0.01) / decay(optim.Adam, 100.0) == pytest.approx(1e4, rel=0.05)
    assert decay(optim.AdamW, 0.01) / decay(optim.AdamW, 100.0) == pytest.approx(1, rel=0.05)


def test_torch_no_grad_does_not_stop_the_dropout_of_question_9() -> None:
    torch.manual_seed(0)
    net = nn.Dropout(0.5)
    x = torch.ones(100)
    with torch.no_grad():
        assert not torch.equal(net(x), net(x))
        net.eval()
        assert torch.equal(net(x), x)
