"""The exercises of every chapter: right answers pass, and each mistake gets its own hint."""

import math

import numpy as np
import pytest
import torch

from kbook.exercises import Exercise, Mistake, exercises, grade
from kbook.exercises.chapter01 import validation_set
from kbook.exercises.tasks import Number

CHAPTERS = ["01", "02", "03", "04", "05", "06", "07"]
MISTAKES = [(e.id, mistake) for e in exercises() for mistake in e.wrong]


def assert_one_sentence(message: str) -> None:
    assert message[:2] in ("✓ ", "✗ ")
    assert len(message.splitlines()) == 1
    assert message.endswith(".") and message == message.strip()


# --- what every exercise must have ---------------------------------------------------------------


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_ten_exercises_in_three_levels(chapter):
    found = [e for e in exercises() if e.id.startswith(f"{chapter}-")]
    assert [e.id for e in found] == [f"{chapter}-{n}" for n in range(1, 11)]
    levels = [e.level for e in found]
    assert levels == sorted(levels, key=["recall", "apply", "design"].index)
    assert set(levels) == {"recall", "apply", "design"}
    assert len({e.title for e in found}) == 10
    assert 60 <= sum(e.minutes for e in found) <= 180


@pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.id)
def test_hints_and_praise_read_as_one_sentence(exercise):
    texts = [exercise.praise, *(mistake.hint for mistake in exercise.wrong)]
    for text in texts:
        assert_one_sentence(f"✗ {text}")
        assert len(text) <= 160
    assert not exercise.nudge.endswith(".")


def exercise_with(**changes):
    mistakes = tuple(Mistake(n, f"hint {n}.") for n in range(3))
    fields = {
        "id": "99-1",
        "title": "t",
        "level": "recall",
        "minutes": 5,
        "task": Number(lambda: 10.0),
        "solution": 10,
        "praise": "p.",
        "nudge": "n",
        "wrong": mistakes,
    }
    return Exercise(**{**fields, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"level": "easy"},
        {"minutes": 0},
        {"minutes": 61},
        {"wrong": (Mistake(1, "a."), Mistake(2, "b."))},
        {"wrong": (Mistake(1, "a."), Mistake(2, "a."), Mistake(3, "b."))},
        {"wrong": (*(Mistake(n, f"{n}.") for n in range(3)), Mistake(3, "0."))},
    ],
)
def test_an_incomplete_exercise_is_refused(changes):
    assert exercise_with().grade(10).passed
    with pytest.raises(ValueError, match="99-1"):
        exercise_with(**changes)


# --- right and wrong answers ---------------------------------------------------------------------


@pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.id)
def test_the_reference_solution_passes(exercise):
    result = exercise.grade(exercise.solution)
    assert result.passed, result.message
    assert result.message == f"✓ Right: {exercise.praise}"


@pytest.mark.parametrize(("exercise_id", "mistake"), MISTAKES)
def test_each_wrong_answer_gets_its_own_hint(exercise_id, mistake):
    result = grade(exercise_id, mistake.answer)
    assert not result.passed
    assert result.message == f"✗ Not yet: {mistake.hint}"


def stable(z):
    return torch.softmax(torch.from_numpy(z), -1).numpy()


def with_torch_temperature(z, y, t):
    x = torch.from_numpy(z).requires_grad_()
    torch.nn.functional.cross_entropy(x / t, torch.from_numpy(y)).backward()
    return x.grad


def weighted_by_loop(z, y, w):
    gradient, total = np.zeros_like(z), sum(w[label] for label in y)
    for i, label in enumerate(y):
        for k in range(z.shape[1]):
            gradient[i, k] = w[label] * (stable(z)[i, k] - (k == label)) / total
    return gradient


def temperature_by_golden_section(z, y):
    low, high, ratio = 0.1, 9.0, (math.sqrt(5) - 1) / 2

    def loss(t):
        return -np.log(stable(z / t))[np.arange(len(y)), y].mean()

    while high - low > 1e-3:
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, b) if loss(a) < loss(b) else (a, high)
    return low


# Right answers that share no code with kbook: no check may be tied to one way of writing it.
OTHER_SOLUTIONS = [
    ("01-1", 0.877),
    ("01-1", np.float32(0.88)),
    ("01-1", torch.tensor([0.877], requires_grad=True)),
    ("01-2", 6.9),
    ("01-2", np.array(6.908)),
    ("01-3", lambda z: np.logaddexp.reduce(z, axis=1)),
    ("01-3", lambda z: torch.logsumexp(torch.tensor(z, requires_grad=True), 1)),
    ("01-3", lambda z: [max(r) + math.log(sum(math.exp(v - max(r)) for v in r)) for r in z]),
    ("01-4", lambda z, y: (0.5 * (1 + np.tanh(z / 2)) - y) / y.size),
    ("01-4", lambda z, y: (1 / (1 + np.exp(-z.astype(np.float32))) - y) / len(y)),
    ("01-5", lambda q, p: [sum(a * math.log(a / b) if b else math.inf for a, b in zip(*r, strict=1)
                               if a) for r in zip(q.tolist(), p.tolist(), strict=True)]),
    ("01-6", lambda k: -math.log(math.e / (math.e + k - 1))),
    ("01-7", with_torch_temperature),
    ("01-8", lambda k, eps: math.log(k * (1 - eps) + eps) - math.log(eps)),
    ("01-9", weighted_by_loop),
    ("01-10", temperature_by_golden_section),
]  # fmt: skip


@pytest.mark.parametrize(("exercise_id", "answer"), OTHER_SOLUTIONS)
def test_a_right_answer_passes_however_it_is_written(exercise_id, answer):
    result = grade(exercise_id, answer)
    assert result.passed, result.message


def d_loss_d_p(z, y):
    p = 1 / (1 + np.exp(-z))
    return -y / p + (1 - y) / (1 - p)


# The same mistakes written differently; each must be recognized by what it does.
VARIANTS = [
    ("01-1", 2.63, "sum of the three"),
    ("01-3", lambda z: torch.log(torch.exp(torch.from_numpy(z)).sum(1)), "overflows"),
    ("01-3", lambda z: np.log(sum(np.exp(z).T)), "overflows"),
    ("01-3", lambda z: np.log(1 / (np.exp(z[:, 0]) / np.exp(z).sum(1))) + z[:, 0], "overflows"),
    ("01-4", lambda z, y: d_loss_d_p(z, y) / len(z), "with respect to p"),
    ("01-4", lambda z, y: d_loss_d_p(z, y), "z = [0] and y = [1]"),
    ("01-4", lambda z, y: 1 - 1 / (1 + np.exp(z)) - y, "divide by N"),
    ("01-5", lambda q, p: (q * np.log((q + 1e-9) / (p + 1e-9))).sum(1), "clipped or shifted"),
    ("01-5", lambda q, p: (q * (np.log(q) - np.log(p))).sum(1), "0 · log 0"),
    ("01-5", lambda q, p: (q * (np.log2(q) - np.log2(p))).sum(1), "q = [[0.5, 0.5]]"),
    ("01-6", lambda k: np.log(k), "ln K"),
    ("01-7", lambda z, y, t: with_torch_temperature(z, y, t) * len(y), "divide by N"),
    ("01-7", lambda z, y, t: with_torch_temperature(z, y, 1.0), "missing altogether"),
    ("01-8", lambda k, eps: round(math.log(k * (1 - eps) / eps + 1), 3), "round nothing"),
    ("01-9", lambda z, y, w: weighted_by_loop(z, y, w) * w[y].sum() / len(y), "divides by N"),
    ("01-10", lambda z, y: 2.2, "same T for every set"),
    ("01-10", lambda z, y: 1 / temperature_by_golden_section(z, y), "1/T"),
    ("01-10", lambda z, y: round(temperature_by_golden_section(z, y), 1), "steps of 0.01"),
]


@pytest.mark.parametrize(("exercise_id", "answer", "hint"), VARIANTS)
def test_a_mistake_is_recognized_however_it_is_written(exercise_id, answer, hint):
    result = grade(exercise_id, answer)
    assert not result.passed
    assert_one_sentence(result.message)
    assert hint in result.message


@pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.id)
def test_an_unforeseen_mistake_gets_the_nudge(exercise):
    if isinstance(exercise.task, Number):
        answer = 123.4
    else:
        random = np.random.default_rng(0)

        def answer(*arguments):
            return exercise.solution(*arguments) + random.normal()

    result = exercise.grade(answer)
    assert not result.passed
    assert exercise.nudge in result.message
    assert_one_sentence(result.message)


def test_a_constant_factor_is_named():
    result = grade("01-6", lambda k: 3 * (math.log(math.e + k - 1) - 1))
    assert "every value is 3 times the right one" in result.message


@pytest.mark.parametrize("factor", [0.0, 1 + 1e-5])
def test_a_factor_of_zero_or_one_is_not_named(factor):
    result = grade("01-8", lambda k, eps: factor * math.log(k * (1 - eps) / eps + 1))
    assert not result.passed
    assert "times" not in result.message


def test_a_wrong_shape_is_named():
    result = grade("01-4", lambda z, y: np.zeros((len(z), 1)))
    assert "the shape must be (1,), but it is (1, 1)" in result.message


def test_a_number_rounded_too_far_is_named():
    assert "three digits" in grade("01-1", 0.9).message


@pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.id)
def test_hidden_inputs_are_the_same_each_time(exercise):
    first, second = exercise.task.truth(), exercise.task.truth()
    assert all(map(np.array_equal, first, second))


# --- what is asked, against torch and against the definition -------------------------------------


def test_the_oracles_need_no_gradient_mode():
    with torch.no_grad():
        assert all(e.grade(e.solution).passed for e in exercises())


def test_the_best_gap_is_where_the_smoothed_gradient_vanishes():
    exercise = next(e for e in exercises() if e.id == "01-8")
    for k, eps in [(2, 0.1), (10, 0.25)]:
        z = torch.zeros(1, k, dtype=torch.float64)
        z[0, 0] = exercise.solution(k, eps)
        z.requires_grad_()
        torch.nn.functional.cross_entropy(z, torch.tensor([0]), label_smoothing=eps).backward()
        assert z.grad.abs().max() < 1e-12


def test_the_validation_set_is_small_mixed_and_badly_calibrated():
    logits, targets = validation_set()
    assert logits.shape == (400, 5) and targets.shape == (400,)
    assert set(targets) == set(range(5))
    accuracy = (logits.argmax(axis=1) == targets).mean()
    assert stable(logits).max(axis=1).mean() - accuracy > 0.1
    assert 1.5 < temperature_by_golden_section(logits, targets) < 3
