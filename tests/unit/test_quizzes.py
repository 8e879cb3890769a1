"""The quizzes: complete, unambiguous, and every number in them computed again."""

import json
import math
import operator
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from kbook.autograd import Value
from kbook.quizzes import Choice, Question, prediction, questions
from kbook.quizzes.question import require_unique_ids

CHAPTERS = [1, 2, 3, 4, 5, 6, 7]
ALL = [q for chapter in CHAPTERS for q in (*questions(chapter), prediction(chapter))]
CHOICES = (Choice("a", "A."), Choice("b", "B."), Choice("c", "C."))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_ten_questions_in_the_order_of_its_sections(chapter):
    quiz = questions(chapter)
    assert [q.id for q in quiz] == [f"{chapter:02}-q{n}" for n in range(1, 11)]
    sections = [q.section for q in quiz]
    assert sections == sorted(sections, key=sections.index)
    assert len(set(sections)) >= 8
    assert prediction(chapter).section in sections


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_section_is_a_heading_of_the_chapter(chapter):
    (file,) = (Path(__file__).parents[2] / "notebooks").glob(f"{chapter:02}_*.ipynb")
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert {q.section for q in (*questions(chapter), prediction(chapter))} <= set(headings)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_right_choice_cannot_be_guessed_by_place_or_length(chapter):
    quiz = questions(chapter)
    assert len({q.answer for q in quiz}) >= 3
    longest = [max(q.choices, key=lambda c: len(c.text)) is q.choices[q.answer] for q in quiz]
    assert sum(longest) <= len(quiz) / 2
    places = [q.answer for q in quiz]
    assert max(places.count(place) for place in places) <= len(quiz) / 2


@pytest.mark.parametrize("question", ALL, ids=lambda q: q.id)
def test_a_question_is_plain_text_that_a_widget_can_show(question):
    assert json.loads(json.dumps(question.as_state())) == question.as_state()
    texts = [question.prompt, *(t for c in question.choices for t in (c.text, c.why))]
    for text in texts:
        assert "$" not in text and "\\" not in text and "<" not in text and "\n" not in text
        assert text.count("`") % 2 == 0
        assert text == text.strip() and "  " not in text
    assert question.prompt.endswith("?")


@pytest.mark.parametrize("question", ALL, ids=lambda q: q.id)
def test_each_choice_is_explained_in_one_to_three_sentences(question):
    for place, choice in enumerate(question.choices):
        sentences = re.findall(r"[.?!](?= [A-Z−]|$)", choice.why)
        assert 1 <= len(sentences) <= 3, choice.why
        assert len(choice.why) <= 220
        assert choice.why.startswith("Right: ") == (place == question.answer)


def test_the_state_holds_what_the_question_says():
    state = Question("x-1", "s", "p?", CHOICES, 1).as_state()
    assert state["choices"][2] == {"text": "c", "why": "C."}
    assert (state["id"], state["section"], state["prompt"]) == ("x-1", "s", "p?")
    assert state["answer"] == 1


@pytest.mark.parametrize(
    "fields",
    [
        ("", "s", "p", CHOICES, 0),
        ("i", " ", "p", CHOICES, 0),
        ("i", "s", "", CHOICES, 0),
        ("i", "s", "p", CHOICES[:2], 0),
        ("i", "s", "p", (*CHOICES, CHOICES[0]), 0),
        ("i", "s", "p", CHOICES, 3),
        ("i", "s", "p", CHOICES, -1),
        ("i", "s", "p", CHOICES, True),
        ("i", "s", "p", CHOICES, None),
    ],
)
def test_an_incomplete_question_is_refused(fields):
    with pytest.raises(ValueError, match="question"):
        Question(*fields)


@pytest.mark.parametrize("fields", [("", "why"), ("text", ""), ("text", " ")])
def test_a_choice_without_explanation_is_refused(fields):
    with pytest.raises(ValueError, match="explanation"):
        Choice(*fields)


def test_equal_ids_are_refused():
    first, second = (Question(name, "s", "p", CHOICES, 0) for name in ("x-1", "x-2"))
    require_unique_ids([first, second])
    with pytest.raises(ValueError, match="x-1"):
        require_unique_ids([first, second, first])


@pytest.mark.parametrize("chapter", [0, 99, "1", None, 1.5])
def test_an_unknown_chapter_is_refused(chapter):
    for ask in (questions, prediction):
        with pytest.raises(ValueError, match=re.escape(repr(chapter))):
            ask(chapter)


# --- the numbers of chapter 1 --------------------------------------------------------------------


def tensor(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def loss_and_slope(loss, *values):
    z = tensor(*values)
    value = loss(z)
    (slope,) = torch.autograd.grad(value, z)
    return value.item(), slope.numpy()


def binary(z):
    return binary_cross_entropy_with_logits(z, torch.ones_like(z))


def squared(z):
    return (torch.sigmoid(z) - 1).square().sum()


def entropy(q):
    return -float(np.sum(q * np.log(q)))


P_WRONG = 1 / (1 + math.exp(10))
(LOSS_3, SLOPE_3), (LOSS_30, SLOPE_30) = (loss_and_slope(binary, z) for z in (-3.0, -30.0))
RATIO = (loss_and_slope(binary, -10.0)[1] / loss_and_slope(squared, -10.0)[1]).item()
READ = loss_and_slope(lambda z: cross_entropy(z[None], torch.tensor([1])), *np.log([0.7, 0.2, 0.1]))
UNDERFLOW = cross_entropy(tensor(0.0, -800.0)[None], torch.tensor([1])).item()
SMOOTH = np.array([0.91] + [0.01] * 9)
FLOOR = cross_entropy(torch.eye(10)[:1].double(), torch.tensor([0])).item()

# --- the numbers of chapter 2 --------------------------------------------------------------------


def cube(x):
    return x * x * x


def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


def hasty(keep):
    """Gradients of a and b for b = 2a and L = b² + b at a = 3, if b never waits."""
    a, b = 0, 0
    for report in (2 * 6, 1):
        b = keep(b, report)
        a = keep(a, 2 * b)
    return a, b


def twice(keep_inner):
    """Gradient of a after two backward passes through p = ab, L = p² at a = 2, b = 5."""
    a, p = 0, 0
    for _ in range(2):
        p = keep_inner * p + 2 * 10
        a += 5 * p
    return a


UNITS = (2, 16, 16, 1)
PRODUCTS = [n * m for n, m in pairwise(UNITS)]  # one per weight and sample
BACKWARD = 2 * sum(PRODUCTS) - PRODUCTS[0]  # no gradient of the input is needed
EPS = float(np.finfo(np.float64).eps)
QUOTIENT = central(cube, 4.0, 1e-15)

# Question, what is computed, and the words in which the right explanation or choice says it.
CLAIMS = [
    ("01-q1", -np.log([0.5, 0.5, 0.01]).mean(), "{:.1f}"),
    ("01-q1", -math.log(0.01), "{:.2f}"),
    ("01-q2", SLOPE_3[0], "{:.2f}"),
    ("01-q2", SLOPE_30[0], "{:.2f}"),
    ("01-q2", LOSS_3, "{:.2f}"),
    ("01-q2", LOSS_30, "and {:.0f})"),
    ("01-q3", round(RATIO, -3), "{:,.0f} times smaller"),
    ("01-q4", tuple(float(round(v, 3)) for v in READ[1]), "{}"),
    ("01-q5", UNDERFLOW, "the loss is {:.0f}"),
    ("01-q6", math.log(10), "{:.2f}"),
    ("01-q7", math.log(2), "{:.3f}"),
    ("01-q8", entropy(SMOOTH), "{:.2f}"),
    ("01-q9", 1 / (0.01 * 1000), "C = {:.1f}"),
    ("01-predict", FLOOR, "{:.2f}"),
    ("02-q1", 0.6 / 100, "{} per centimeter"),
    ("02-q2", -0.75 * -2, "{} times"),
    ("02-q3", 2 * -3, "so a gets 2 · (−3) = {}"),
    ("02-q3", 2 * 4, "b gets 2 · 4 = {}"),
    ("02-q4", hasty(operator.add)[0], "2 · 12 + 2 · 13 = {}"),
    ("02-q4", 2 * hasty(operator.add)[1], "2 · 13 = {}, the true slope"),
    ("02-q5", twice(keep_inner=False), "{}"),
    ("02-q6", QUOTIENT, "{:.1f}"),
    ("02-q6", 100 * (1 - QUOTIENT / 48), "{:.0f} % off"),
    ("02-q6", ((4 + 1e-15) - (4 - 1e-15)) / 2e-15, "4 ± {:.3f}e-15"),
    ("02-q6", EPS, "ε = {:.1e}"),
    ("02-q6", EPS ** (1 / 3) / 1e-6, "ε^(1/3) = {:.0f}e-6"),
    ("02-q6", math.sqrt(EPS) / 1e-8, "√ε = {:.1f}e-8"),
    ("02-q7", 8 * 0.5, "Shape (3,), every entry {}"),
    ("02-q8", 100 * sum(PRODUCTS), "{:,} product nodes"),
    ("02-q8", len(PRODUCTS), "{} matrix products"),
    ("02-predict", sum(PRODUCTS), "takes {} per sample"),
    ("02-predict", sum(PRODUCTS[1:]), "{} to get through two"),
    ("02-predict", BACKWARD, "in all {}"),
    ("02-predict", BACKWARD / sum(PRODUCTS), "{:.1f} times as many"),
]
# The same for the numbers in the wrong choices and their explanations.
WRONG_CLAIMS = [
    ("01-q1", np.mean([0.5, 0.5, 0.99]), "{:.2f}"),
    ("01-q1", -np.log([0.5, 0.5, 0.01]).sum(), "{:.1f}"),
    ("01-q1", 0.5 * 0.5 * 0.01, "{:.4f}"),
    ("01-q2", torch.sigmoid(tensor(-3.0)).item(), "{:.2f} and 0.00"),
    ("01-q2", loss_and_slope(squared, -3.0)[1][0], "{:.2f} and −0.00"),
    ("01-q3", 2 * P_WRONG * (1 - P_WRONG), "2p(1 − p) = {:.6f}"),
    ("01-q4", -1 / 0.2, "(0, {:.0f}, 0)"),
    ("01-q6", math.exp(-6.5), "{:.4f}"),
    ("01-q8", -math.log(0.91), "{:.2f}"),
    ("01-q8", math.log(10), "{:.2f}"),
    ("01-q8", -math.log(0.01), "{:.2f}"),
    ("01-q9", 1 / 0.01, "C = {:.0f}"),
    ("01-q9", 0.01 * 1000, "C = {:.0f}"),
    ("01-q10", FLOOR, "{:.2f}"),
    ("01-predict", math.e / (math.e + 9), "{:.2f}"),
    ("02-q1", 0.6 * 100, "{:.0f} per centimeter"),
    ("02-q2", -0.75 + -2, "{} times"),
    ("02-q2", -abs(-0.75 * -2), "{} times"),
    ("02-q3", 2 * (4 * -3), "{}"),
    ("02-q4", 2 * hasty(operator.add)[1], "{} is the true slope"),
    ("02-q4", 2 * 2 * 6, "{} This is 2 · 12"),
    ("02-q4", 2 * hasty(lambda _, new: new)[1], "{} This is what comes out if every report"),
    ("02-q5", twice(keep_inner=True), "{} This is micrograd's answer"),
    ("02-q5", 100 * 100, "{:,}"),
    ("02-q6", 4 - math.nextafter(4, 0), "{:.1e} below"),
    ("02-q6", math.nextafter(4, 5) - 4, "{:.1e} above"),
    ("02-q6", central(cube, 4.0, 1e-16), "With h = 1e-16 the answer would be {:.0f}"),
    ("02-q6", ((4 + 1e-15) - (4 - 1e-15)) / 1e-15, "which lie {:.2f}e-15 apart"),
    ("02-q7", 3 * 0.5, "Shape (8,), every entry {}"),
    ("02-predict", sum(PRODUCTS), "The slopes of the {} weights"),
    ("02-predict", sum(PRODUCTS) + sum(UNITS[1:]), "About {} times as many"),
    ("02-predict", math.prod(UNITS[2:]), "along {} paths"),
]


def said(value, words):
    """The words with the value in them; a minus sign, but 1e-15 as in code."""
    return re.sub("(?<!e)-", "−", words.format(value))


@pytest.mark.parametrize(("question_id", "value", "words"), CLAIMS)
def test_the_right_choice_has_the_right_number(question_id, value, words):
    question = next(q for q in ALL if q.id == question_id)
    right = question.choices[question.answer]
    assert said(value, words) in f"{right.text} {right.why}"


@pytest.mark.parametrize(("question_id", "value", "words"), WRONG_CLAIMS)
def test_the_explanations_of_wrong_choices_have_the_right_numbers(question_id, value, words):
    question = next(q for q in ALL if q.id == question_id)
    wrong = [c for place, c in enumerate(question.choices) if place != question.answer]
    assert said(value, words) in " ".join(f"{c.text} {c.why}" for c in wrong)


def test_the_naive_formula_of_question_5_gives_inf():
    with np.errstate(divide="ignore"):
        assert -np.log(np.exp([0.0, -800.0]) / np.exp([0.0, -800.0]).sum())[1] == np.inf


def test_the_best_smoothed_loss_is_the_entropy():
    z = torch.log(torch.from_numpy(SMOOTH))[None]
    loss = cross_entropy(z, torch.tensor([0]), label_smoothing=0.1)
    assert loss.item() == pytest.approx(entropy(SMOOTH), abs=1e-12)


def test_scikit_learn_with_the_c_of_question_9_finds_the_same_weights():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    n, lam = 1000, 0.01
    x = rng.normal(size=(n, 2))
    y = (x @ [1.0, -2.0] + rng.logistic(size=n) > 0).astype(int)
    model = LogisticRegression(C=0.1, solver="newton-cholesky", tol=1e-10).fit(x, y)
    w = tensor(*model.coef_[0])
    z = torch.from_numpy(x) @ w + float(model.intercept_[0])
    loss = binary_cross_entropy_with_logits(z, torch.from_numpy(y).double())
    (slope,) = torch.autograd.grad(loss + lam / 2 * w.square().sum(), w)
    assert slope.abs().max() < 1e-6


def test_log_softmax_is_idempotent_and_cross_entropy_never_negative():
    z = torch.randn(20, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    y = torch.arange(20) % 10
    twice = cross_entropy(torch.log_softmax(z, 1), y)
    assert twice.item() == pytest.approx(cross_entropy(z, y).item(), abs=1e-12)
    assert cross_entropy(100 * z, y) >= 0


def test_our_engine_adds_up_as_question_2_5_says_and_waits_at_the_fork_of_question_2_4():
    a, b = Value(2.0), Value(5.0)
    loss = (a * b) ** 2
    for calls in (1, 2):
        loss.backward()
        assert a.grad == calls * 100
    assert a.grad == twice(keep_inner=False)
    a = Value(3.0)
    b = 2 * a
    (b**2 + b).backward()
    assert a.grad == 2 * hasty(operator.add)[1]


def test_torch_adds_up_as_question_2_5_says():
    a, b = tensor(2.0), tensor(5.0)
    loss = (a * b).square().sum()
    loss.backward(retain_graph=True)
    assert a.grad.item() == 100
    loss.backward(retain_graph=True)
    assert a.grad.item() == twice(keep_inner=False)


def test_the_true_slope_of_question_2_4_is_what_torch_finds():
    a = tensor(3.0)
    b = 2 * a
    (slope,) = torch.autograd.grad((b.square() + b).sum(), a)
    assert slope.item() == 2 * hasty(operator.add)[1]


def test_the_difference_quotient_of_question_2_6_suffers_from_round_off_only():
    assert np.spacing(63.9) < 1e-14 < np.spacing(64.1)
    assert central(cube, 4.0, 6e-6) == pytest.approx(48, rel=1e-10)


def test_the_best_steps_of_question_2_6_are_found_by_trying():
    exponents = np.arange(-12, -1)
    steps = 10.0**exponents
    x = np.random.default_rng(0).uniform(0.9, 1.1, size=1000)
    both = [np.abs(central(cube, x, h) - 3 * x * x).mean() for h in steps]
    one = [np.abs((cube(x + h) - cube(x)) / h - 3 * x * x).mean() for h in steps]
    assert exponents[np.argmin(both)] in (-6, -5)
    assert exponents[np.argmin(one)] in (-9, -8, -7)


def test_broadcasting_in_question_2_7_adds_up_the_rows():
    g = torch.full((8, 3), 0.5, dtype=torch.float64)
    x, w = torch.ones(8, 5, dtype=torch.float64), torch.ones(5, 3, dtype=torch.float64)
    w.requires_grad_()
    b = tensor(0.0, 0.0, 0.0)
    dw, db = torch.autograd.grad(x @ w + b, (w, b), g)
    assert db.tolist() == [4.0] * 3
    assert torch.equal(dw, x.T @ g)


def test_the_formula_of_question_2_10_has_a_factor_of_zero():
    x, w1, w2 = (torch.ones(shape, dtype=torch.float64) for shape in ((1, 2), (2, 4), (4, 3)))
    w1.requires_grad_()
    w2.requires_grad_()
    h = torch.relu(x @ w1)
    z = h @ w2
    assert torch.autograd.grad((w1 * 1).sum(), w2, allow_unused=True) == (None,)
    (slope,) = torch.autograd.grad(z, w2, torch.ones_like(z))
    assert torch.equal(slope, h.T @ torch.ones_like(z))
