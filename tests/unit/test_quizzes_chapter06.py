"""The numbers in the quiz of chapter 6, computed again."""

import math
from itertools import permutations, product

import numpy as np
import pytest
import torch
from scipy.optimize import linprog, minimize_scalar
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, wasserstein_distance
from torch import Tensor
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits

from kbook.assets.nets import load_net
from kbook.data import animals
from kbook.models.cyclegan import small_critic, small_generator
from kbook.quizzes import prediction, questions
from kbook.quizzes.chapter06 import practice
from tests.quiz_claims import right_words, said, wrong_words

QUIZ = {q.id: q for q in (*questions(6), prediction(6))}


def best_discriminator(p: float, q: float) -> float:
    """Search for what makes the value of the game largest at a point with these densities."""
    found = minimize_scalar(
        lambda d: -(p * math.log(d) + q * math.log(1 - d)),
        bounds=(1e-9, 1 - 1e-9),
        method="bounded",
    )
    return round(float(found.x), 4)


def slopes(by_logit: bool) -> tuple[float, float]:
    """Slopes of ln(1 − D) and of −ln D where D = 0.01, by D or by its logit."""
    d = torch.tensor(0.01, dtype=torch.float64)
    start = (torch.logit(d) if by_logit else d).requires_grad_()
    d = torch.sigmoid(start) if by_logit else start
    found = [
        torch.autograd.grad(loss, start, retain_graph=True) for loss in ((1 - d).log(), -d.log())
    ]
    return found[0][0].item(), found[1][0].item()


def bins(low: int) -> list[int]:
    return [int(low <= place < low + 10) for place in range(60)]


def divergence(low: int) -> float:
    return float(jensenshannon(bins(0), bins(low)) ** 2)


def distance(low: int) -> float:
    """Wasserstein distance of numbers evenly over 0 to 1 from numbers one unit wide, from `low`."""
    even = np.linspace(0, 1, 1001)
    return round(float(wasserstein_distance(even, low + even)), 6)


def translations() -> tuple[int, int, int]:
    """All maps of three horses to zebras, those that make each equally often, and cycles of 0."""
    maps = list(product(range(3), repeat=3))
    fooling = [g for g in maps if np.bincount(g, minlength=3).tolist() == [1, 1, 1]]
    assert fooling == list(permutations(range(3)))
    closed = [(g, f) for g in fooling for f in maps if all(f[g[x]] == x for x in range(3))]
    assert all(g[f[y]] == y for g, f in closed for y in range(3))
    return len(maps), len(fooling), len(closed)


def mean_difference(within: float, around: float) -> float:
    return float(np.mean([within, around, around, around, around]))


def fewest_false_tumors() -> tuple[float, float]:
    """Least share of all patients, and of the healthy ones, with a tumor in translation alone."""
    healthy, ill, shown = 3 / 4, 1 / 4, 3 / 4
    # Unknown: the shares of all who are healthy, or ill, and show a tumor in the translation.
    found = linprog([1, 0], A_eq=[[1, 1]], b_eq=[shown], bounds=[(0, healthy), (0, ill)])
    return float(found.x[0]), float(found.x[0]) / healthy


BY_LOGIT, BY_D = slopes(by_logit=True), slopes(by_logit=False)
MAPS, FOOLING, CLOSED = translations()
UNTOUCHED, NET = mean_difference(0.25, 0), mean_difference(0.15, 0.03)
OF_ALL, OF_HEALTHY = fewest_false_tumors()
BOTH_TERMS = -math.log(0.9) - math.log(1 - 0.9)
ONE_BUMP = best_discriminator(1 / 8, 1)

# Question, what is computed, and the words in which the right choice or its explanation says it.
CLAIMS: list[tuple[str, object, str]] = [
    ("06-q1", best_discriminator(0.6, 0.2), "{:.2f} Right"),
    ("06-q1", 0.2 / (1 - best_discriminator(0.6, 0.2)), "are both {:.1f}"),
    ("06-q2", BY_LOGIT, "{0[0]:.2f} and {0[1]:.2f} Right"),
    ("06-q3", divergence(40), "The divergence stays at {:.2f}"),
    ("06-q3", (distance(5), distance(4)), "falls from {0[0]:.0f} to {0[1]:.0f} Right"),
    ("06-q4", 1 / ONE_BUMP, "1/{:.0f} Right"),
    ("06-q5", (FOOLING, CLOSED), "{0[0]} maps, {0[1]} pairs Right"),
    ("06-q7", (UNTOUCHED, NET), "The horse: {0[0]:.3f} against {0[1]:.3f} Right"),
    ("06-q8", entropy([0.1] * 10), "ln 10 = {:.1f} nats"),
    ("06-q9", 2 * math.log(2), "2 ln 2 = {:.3f}, at D = 1/2"),
]
# The same for the wrong choices and their explanations.
WRONG_CLAIMS: list[tuple[str, object, str]] = [
    ("06-q1", 0.6 / 0.2, "0.6 / 0.2 = {:.0f} is no probability"),
    ("06-q2", BY_D, "{0[0]:.2f} and {0[1]:.0f} These are the slopes by D"),
    ("06-q2", 0.01 * 0.99, "D(1 − D) = {:.4f}"),
    ("06-q2", BY_D[0] * 0.0099, "−1.01 makes {:.2f} of it"),
    ("06-q2", BY_D[1] * 0.0099, "−100 makes {:.2f}."),
    ("06-q5", MAPS, "3 · 3 · 3 = {} counts"),
    ("06-q7", 0.8 * 0.03 / 0.2, "counts as much as {:.2f} within"),
    ("06-q7", mean_difference(0.15, 0.01), "would win, {:.3f} to 0.050"),
    ("06-q9", BOTH_TERMS, "has a loss of {:.2f}"),
]


def right_text(question_id: str) -> str:
    question = QUIZ[question_id]
    return question.choices[question.answer].text


@pytest.mark.parametrize(("question_id", "value", "words"), CLAIMS)
def test_the_right_choice_has_the_right_number(question_id: str, value: object, words: str) -> None:
    assert said(value, words) in right_words(QUIZ[question_id])


@pytest.mark.parametrize(("question_id", "value", "words"), WRONG_CLAIMS)
def test_a_wrong_choice_has_the_number_of_its_error(
    question_id: str, value: object, words: str
) -> None:
    assert said(value, words) in wrong_words(QUIZ[question_id])


def test_numbers_in_words_are_those_computed() -> None:
    assert pytest.approx(2 / 3) == OF_HEALTHY
    assert right_text("06-q10") == "In two thirds of them"
    assert pytest.approx(1 / 2) == OF_ALL
    assert QUIZ["06-q10"].choices[1].why.startswith("Half of all patients get a tumor")
    real_here = 9 / 8  # of 9 real points in eight bumps; the 9 made ones are all here
    assert "9/8 of the real ones" in QUIZ["06-q4"].choices[0].why
    assert pytest.approx(ONE_BUMP, abs=1e-4) == real_here / (real_here + 9)


def test_prompts_state_what_is_computed_here() -> None:
    assert "data is 0.6, and that of the generator is 0.2." in QUIZ["06-q1"].prompt
    assert "D = 0.01." in QUIZ["06-q2"].prompt
    assert "0 to 1, and a generator's numbers evenly over 5 to 6." in QUIZ["06-q3"].prompt
    assert f"stays at {2 * math.log(2):.3f}." in QUIZ["06-q9"].prompt


def test_without_overlap_only_the_distance_depends_on_the_place() -> None:
    assert divergence(40) == pytest.approx(divergence(50)) == pytest.approx(math.log(2))
    assert divergence(5) < math.log(2)
    assert distance(4) < distance(5)


def test_the_loss_of_question_9_has_its_floor_at_one_half_whatever_d_says() -> None:
    d = torch.linspace(0.01, 0.99, 99, dtype=torch.float64)
    real, made = (binary_cross_entropy(d, torch.full_like(d, t), reduction="none") for t in (1, 0))
    assert d[(real + made).argmin()].item() == pytest.approx(0.5)
    assert (real + made).min().item() == pytest.approx(2 * math.log(2))
    logits = torch.randn(64, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    ones = torch.ones_like(logits)
    real, made = (binary_cross_entropy_with_logits(logits, t * ones) for t in (1, 0))
    assert (real + made).item() > 2 * math.log(2)


def test_no_grad_cuts_the_way_through_the_critic_of_question_6() -> None:
    torch.manual_seed(0)
    g, f, critic = small_generator(1, 4), small_generator(1, 4), small_critic(4)
    x = torch.rand(2, 3, 16, 16) * 2 - 1

    def gradient(with_score: bool, frozen: bool = False) -> Tensor:
        g.zero_grad()
        critic.requires_grad_(not frozen)
        fake = g(x)
        with torch.set_grad_enabled(frozen):
            score = critic(fake)
        loss = 10 * (f(fake) - x).abs().mean()
        (loss + (score - 1).square().mean() if with_score else loss).backward()
        return torch.cat([w.grad.flatten() for w in g.parameters() if w.grad is not None])

    cycle = gradient(with_score=False)
    torch.testing.assert_close(gradient(with_score=True), cycle)
    assert right_text("06-q6") == "G learns from the cycle loss alone"
    frozen = gradient(with_score=True, frozen=True)
    assert (frozen - cycle).norm() > 1e-3 * cycle.norm()
    assert all(weight.grad is None for weight in critic.parameters())
    with torch.no_grad():
        score = critic(g(x))
    with pytest.raises(RuntimeError, match="does not require grad"):
        score.mean().backward()


def test_the_prediction_says_what_the_saved_nets_do() -> None:
    scenes = animals.scenes(256, 1_000_000)
    horses, zebras = (animals.render(scenes, domain) for domain in animals.DOMAINS)

    def away(pictures: Tensor) -> str:
        return f"{(pictures - zebras).abs().mean().item() / 2:.3f}"

    with torch.inference_mode():
        found = [away(load_net(f"animals_g_{step}")(horses)) for step in (100, 300, 600)]
    written = [practice.AFTER_100, practice.AFTER_300, practice.AFTER_600]
    assert [away(horses), *found] == [practice.UNTOUCHED, *written]


def test_the_prediction_draws_the_right_conclusions() -> None:
    untouched, *after = (
        float(number)
        for number in (
            practice.UNTOUCHED,
            practice.AFTER_100,
            practice.AFTER_300,
            practice.AFTER_600,
        )
    )
    assert after[0] > 1.5 * untouched and right_text("06-predict").startswith("Further")
    assert after[1] == pytest.approx(untouched, rel=0.15)
    assert after[2] == pytest.approx(0.75 * untouched, rel=0.05)


def test_a_misplaced_stripe_is_further_off_than_brown() -> None:
    black, white, brown = (np.array(c) for c in (animals.BLACK, animals.WHITE, animals.BROWN))
    brown_off = max(abs(brown - stripe).mean() for stripe in (black, white))
    assert abs(black - white).mean() > brown_off


def test_wrong_stripes_and_a_changed_background_are_why_the_picture_is_further_away() -> None:
    scenes = animals.scenes(64, 1_000_000)
    horses, zebras = (animals.render(scenes, domain) for domain in animals.DOMAINS)
    mask = animals.animal_mask(scenes)

    def away(pictures: Tensor) -> list[float]:
        off = (pictures - zebras).abs() / 2
        return [((off * part).sum() / (3 * part.sum())).item() for part in (mask, 1 - mask)]

    with torch.inference_mode():
        made = away(load_net("animals_g_100")(horses))
    untouched = away(horses)
    assert made[0] > untouched[0] and made[1] > untouched[1]
