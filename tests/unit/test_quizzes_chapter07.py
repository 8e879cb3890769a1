"""The numbers in the quiz of chapter 7, computed again."""

import math

import numpy as np
import pytest
import torch

from kbook import driving
from kbook.assets.nets import load_net
from kbook.data import road
from kbook.data.road_camera import Camera, line_mask
from kbook.quizzes import prediction, questions
from kbook.quizzes.chapter07 import cloning
from tests.quiz_claims import right_words, said, wrong_words

QUIZ = {q.id: q for q in (*questions(7), prediction(7))}
CAMERA = Camera(240, 96)  # whose focal length is 60 pixels
RADIUS, ASIDE = 20.0, 2.0


def best_constant(*answers: float) -> float:
    """Return what the squared error wants, if one frame has several answers."""
    return float(np.linalg.lstsq(np.ones((len(answers), 1)), np.array(answers), rcond=None)[0][0])


def staying(curvature: float) -> float:
    """Return how many radians per second psi changes, 2 m left of a left curve of 20 m."""
    straight = road.roads([0])
    bent = straight._replace(curvature=np.full_like(straight.curvature, 1 / RADIUS))
    car = driving.started(bent)._replace(s=np.array([50.0]), e=np.array([ASIDE]))
    after = driving.advance(bent, car, np.array([curvature]))
    return float((after.psi - car.psi)[0]) / driving.PERIOD


def wrong_decisions(T: int, epsilon: float) -> float:
    """Add up the chances to have gone wrong, by a chain that never comes back."""
    chain, state, total = np.array([[1 - epsilon, epsilon], [0, 1]]), np.array([1.0, 0.0]), 0.0
    for _ in range(T):
        state = state @ chain
        total += state[1]
    return total


def neighbors(held: float) -> tuple[float, float]:
    """Return the chances that one neighbor, or both, are in the training data, by all cases."""
    one, both = 0.0, 0.0
    for before in (True, False):
        for after in (True, False):
            chance = math.prod(1 - held if kept else held for kept in (before, after))
            one += chance * (before or after)
            both += chance * (before and after)
    return one, both


PRODUCT = 6 * 13  # rows times meters
SHORT, LONG = wrong_decisions(100, 0.001), wrong_decisions(200, 0.001)
ONE, BOTH = neighbors(0.2)

# Question, what is computed, and the words in which the right choice or its explanation says it.
CLAIMS: list[tuple[str, object, str]] = [
    ("07-q1", abs(best_constant(1000, -1000)), "A radius of {:.0f} m"),
    ("07-q1", abs(best_constant(0.001, -0.001)), "a curvature of {:.0f} / m Right"),
    ("07-q2", 1 / (RADIUS - ASIDE), "{:.3f} / m Right"),
    ("07-q2", RADIUS - ASIDE, "a radius of {:.0f} m"),
    ("07-q3", PRODUCT / 3, "{:.0f} m Right"),
    ("07-q3", PRODUCT, "f · h, here {}."),
    ("07-q5", LONG, "About {:.0f}, nearly four times as many Right"),
    ("07-q8", 12 / 4, "12 / 4 = {:.0f}, where"),
    ("07-q8", 4.4 / 4, "random net has {:.1f}."),
    ("07-q10", 100 * ONE, "{:.0f} % Right"),
    ("07-q10", 100 * (1 - ONE), "0.2 · 0.2 = {:.0f} %"),
]
# The same for the wrong choices and their explanations.
WRONG_CLAIMS: list[tuple[str, object, str]] = [
    ("07-q2", 1 / (RADIUS + ASIDE), "{:.3f} / m This is 1 / 22"),
    ("07-q2", 1 / RADIUS, "{:.3f} / m, that of the road"),
    ("07-q2", 1 - ASIDE / RADIUS, "ds/dt is v / {:.1f},"),
    ("07-q3", PRODUCT / 4, "four rows below are {:.1f} m"),
    ("07-q3", PRODUCT / 6.5, "6.5 m ahead is twelve rows below. It depends"),
    ("07-q4", 5 * 30 * 10, "are {:,} frames"),
    ("07-q5", SHORT, "{:.1f}: its error is the same"),
    ("07-q5", 200 * 0.001, "came back at once: {:.1f} instead of 0.1"),
    ("07-q5", 100 * (1 - 0.999**200), "in 200 decisions is only {:.0f} %"),
    ("07-q8", 100 - 12, "{} % of what the net looks at"),
    ("07-q8", 100 - 4, "The other {} % of the picture"),
    ("07-q10", 100 * BOTH, "{:.0f} % 0.8 · 0.8 is"),
    ("07-q10", 100 * (1 - 0.2), "{:.0f} % This is the chance"),
]


@pytest.mark.parametrize(("question_id", "value", "words"), CLAIMS)
def test_the_right_choice_has_the_right_number(question_id: str, value: object, words: str) -> None:
    assert said(value, words) in right_words(QUIZ[question_id])


@pytest.mark.parametrize(("question_id", "value", "words"), WRONG_CLAIMS)
def test_a_wrong_choice_has_the_number_of_its_error(
    question_id: str, value: object, words: str
) -> None:
    assert said(value, words) in wrong_words(QUIZ[question_id])


def test_prompts_state_what_is_computed_here() -> None:
    assert "radius of 1,000 m." in QUIZ["07-q1"].prompt
    assert "has a radius of 20 m. A car is 2 m left of it" in QUIZ["07-q2"].prompt
    assert "13 m ahead appears six rows below" in QUIZ["07-q3"].prompt
    assert "chance 1/1000" in QUIZ["07-q5"].prompt
    assert f"100 decisions {SHORT:.1f} are wrong" in QUIZ["07-q5"].prompt
    assert "4 % of the picture is paint, and 12 %" in QUIZ["07-q8"].prompt
    assert "random weights it is 4.4 %." in QUIZ["07-q8"].prompt
    assert "with the chance 20 %, independently." in QUIZ["07-q10"].prompt
    assert PRODUCT / 6.5 == 12 and 3.8 < LONG / SHORT < 3.9


def test_only_the_right_curvature_keeps_the_car_beside_the_center_line() -> None:
    """By the library's car, on a road that is one long curve."""
    offered = [0.0, 0.045, 0.050, 1 / 18]
    turns = [abs(staying(curvature)) for curvature in offered]
    assert turns[3] < 1e-9 and min(turns[:3]) > 0.05
    assert staying(0.0) == pytest.approx(-0.05 * 10 / 0.9, rel=1e-2)
    assert QUIZ["07-q2"].answer == 3


def test_the_camera_shows_the_ground_where_question_3_says() -> None:
    """By where the dashes of a straight road begin and end in a tall picture."""
    straight = road.roads([0], {"left": (1, 1), "left_solid": (0, 0), "right": (0, 0)})
    mask = line_mask(straight, driving.started(straight), CAMERA)[0].numpy()
    rows = np.arange(CAMERA.height) + 0.5 - CAMERA.horizon
    below = rows > 8  # nearer than 10 m, where a row is shorter than a dash
    ahead = CAMERA.focal * 1.3 / rows[below]
    dashed = np.abs(ahead / 6 - np.floor(ahead / 6) - 0.5) * 6 < 1.5
    lit = mask[below].max(axis=1) > 0.5
    inside = np.arctan2(48, CAMERA.focal) > np.arctan2(2.0, ahead)  # the line is in the picture
    assert CAMERA.focal * 1.3 == pytest.approx(PRODUCT)
    assert (lit == dashed)[inside].mean() > 0.95


def clone_and_expert(e: float, psi: float) -> tuple[list[float], float]:
    """Return the answers of the five cloned nets, and the expert's, on a straight road."""
    straight = road.roads([0])
    car = driving.started(straight)._replace(e=np.array([e]), psi=np.array([psi]))
    clones = [driving.seeing(load_net(f"drive_clone_{seed}")) for seed in range(5)]
    said_by = [float(clone(straight, car, 0)[0]) for clone in clones]
    return said_by, float(driving.pure_pursuit(straight, car)[0])


def test_the_prediction_says_what_the_saved_nets_do() -> None:
    """Every clone steers back, much less than the expert; means of both sides."""
    left, right = (clone_and_expert(0.8 * side, 0.23 * side) for side in (1, -1))
    assert left[1] == pytest.approx(-0.08, abs=0.002) and right[1] == pytest.approx(-left[1])
    answers = (np.array(right[0]) - np.array(left[0])) / 2
    assert [f"{answers.min():.2f}", f"{answers.max():.2f}"] == [cloning.LEAST, cloning.MOST]
    assert f"{driving_limit():.2f} / m, the hardest" in right_words(QUIZ["07-predict"])
    assert answers.max() < 0.6 * right[1]


def driving_limit() -> float:
    """Return the hardest decision of a demonstration: ten roads, half a minute, a calm day."""
    driven = driving.drive(driving.pure_pursuit, road.roads(range(10)), 30)
    assert driven.curvature.size == 3000
    return float(np.abs(driven.curvature).max())


def test_a_lasting_push_spoils_the_label_of_question_6() -> None:
    """Off the line, what the wheel did points further off than what the expert wanted."""
    roads, rng = road.roads(range(8)), np.random.default_rng(0)
    pose, off, labels, wishes = driving.started(roads), [], [], []
    for step in range(200):
        if step % 10 == 0:
            push = rng.normal(0, 0.03, len(pose.s))
        wish = driving.pure_pursuit(roads, pose)
        off.append(pose.e)
        wishes.append(wish)
        labels.append(wish + push)
        pose = driving.advance(roads, pose, wish + push)
    e, spoiled = np.concatenate(off), np.concatenate(labels) - np.concatenate(wishes)
    assert np.polyfit(e, spoiled, 1)[0] > 0.002
    assert QUIZ["07-q6"].choices[QUIZ["07-q6"].answer].text == "What the expert wanted"


def test_the_gyroscope_of_question_9_knows_the_next_decision_on_the_calm_drive() -> None:
    """There the last decision explains nearly all of the next; after gusts far less of it."""
    roads = road.roads(range(10))

    def left(wind: float) -> float:
        said_then = driving.drive(driving.pure_pursuit, roads, 30, wind=wind).curvature
        return float(np.mean((said_then[1:] - said_then[:-1]) ** 2) / np.var(said_then))

    assert left(0.0) < 0.02 and left(1.0) > 3 * left(0.0)


def test_the_numbers_of_question_7_hold_in_spirit_for_the_saved_nets() -> None:
    """Clones err less on the expert's frames than nets of shifted views, and come back less."""
    roads = road.roads(range(3000, 3005))
    calm = driving.drive(driving.pure_pursuit, roads, 10)
    flat = road.Pose(*(value.ravel() for value in calm.pose))
    pushed = driving.pushed(road.roads(range(2000, 2030)))
    errors, back = [], []
    for name in ("drive_clone_0", "drive_views_0"):
        policy = driving.seeing(load_net(name))
        with torch.no_grad():
            error = policy(roads, flat, 0) - calm.curvature.ravel()
        errors.append(float(np.mean((20 * error) ** 2)))
        driven = driving.drive(policy, road.roads(range(2000, 2030)), 6, pose=pushed)
        back.append(1 - driven.intervened.any(axis=0).mean())
    assert errors[0] < errors[1] and back[0] < back[1] - 0.3
