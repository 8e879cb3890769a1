"""The exercises of chapter 7: other right answers, other wordings of mistakes, and the oracles."""

import itertools
import math

import numpy as np
import pytest
import torch

from kbook import driving
from kbook.data import road
from kbook.data.road_camera import SMALL
from kbook.exercises import exercises, grade
from tests.exercise_tasks import BY_ID, cases, close, oracle

# --- right answers that share no code with the reference solutions --------------------------------


def pursuit_by_rotation(car, heading, goal):
    """Turn each goal into the car's frame by a matrix."""
    out = []
    for place, angle, target in zip(car, heading, goal, strict=True):
        turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        x, y = turn @ (target - place)
        out.append(2 * y / (x * x + y * y) if x or y else 0.0)
    return out


def pursuit_by_bisector(car, heading, goal):
    """Put the center on the car's left axle line, as far from the goal as from the car."""
    axle = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
    way = torch.from_numpy(goal - car)
    side = (way * torch.from_numpy(axle)).sum(1)
    square = way.square().sum(1)
    return torch.where(square > 0, 2 * side / square.clamp_min(1e-300), 0.0)


def step_by_loop(pose, curvature, bend, speed, dt):
    def rates(pose):
        e, psi = pose[:, 1], pose[:, 2]
        forward = speed * np.cos(psi) / (1 - bend * e)
        return np.array([forward, speed * np.sin(psi), speed * curvature - bend * forward]).T

    half = pose + rates(pose) * (dt / 2)
    return pose + rates(half) * dt


def step_with_torch(pose, curvature, bend, speed, dt):
    """Write both evaluations out, column by column."""
    s, e, psi, k, r = (torch.from_numpy(np.copy(v)) for v in (*pose.T, curvature, bend))
    e2 = e + torch.sin(psi) * (speed * dt / 2)
    psi2 = psi + dt / 2 * speed * (k - r * torch.cos(psi) / (1 - r * e))
    way = speed * dt * torch.cos(psi2) / (1 - r * e2)
    return torch.stack([s + way, e + speed * dt * psi2.sin(), psi + speed * dt * k - r * way], 1)


def mirror_in_one_batch(net, frames, rate):
    both = np.concatenate([frames, frames[..., ::-1]]), np.concatenate([rate, -rate])
    here, there = np.split(net(*both), 2)
    return 0.5 * here - 0.5 * there


def label_by_coordinates(curvature, aside, ahead):
    half = [math.asin(k * ahead / 2) for k in curvature]
    out = []
    for angle, shift in zip(half, aside, strict=True):
        x, y = ahead * math.cos(angle), ahead * math.sin(angle) - shift
        out.append(2 * y / (x * x + y * y))
    return out


def label_by_circle_center(curvature, aside, ahead):
    """Search for the circle that starts straight and passes the goal, by bisection."""
    out = []
    for k, shift in zip(curvature, aside, strict=True):
        y = k * ahead**2 / 2
        x = math.sqrt(ahead**2 - y**2)
        low, high = -10.0, 10.0
        for _ in range(80):
            middle = (low + high) / 2
            # inside the circle of a larger curvature lies what is too far left
            low, high = (
                (middle, high)
                if middle * (x**2 + (y - shift) ** 2) < 2 * (y - shift)
                else (low, middle)
            )
        out.append(low)
    return out


def chain_in_closed_form(T, epsilon, back):
    both = epsilon + back
    if both == 0:
        return 0.0
    keep = 1 - both
    return epsilon / both * (T - keep * (1 - keep**T) / both)


def chain_by_vector(T, epsilon, back):
    state, total = np.array([1.0, 0.0]), 0
    for _ in range(T):
        state = np.array([[1 - epsilon, back], [epsilon, 1 - back]]) @ state
        total += state[1]
    return total


def dagger_with_lists(drive, expert, train, states, rounds):
    rows = [states]
    policy = train(states, expert(states))
    for _ in range(rounds):
        rows.append(drive(policy)[0])
        everything = np.vstack(rows)
        policy = train(everything, expert(everything))
    return policy


def saliency_with_torch(gradient, mask):
    weight = torch.from_numpy(gradient).abs().sum(1).flatten(1)
    paint = torch.from_numpy(mask).flatten(1)
    score = (weight * paint).mean(1) / (weight.mean(1) * paint.mean(1))
    return score.nan_to_num(1.0)


OTHER_SOLUTIONS = [
    ("07-1", 0.075),
    ("07-1", np.float32(0.075)),
    ("07-2", 13.7),
    ("07-2", torch.tensor(13.684)),
    ("07-3", 11.0),
    ("07-3", math.degrees(math.atan2(6, 2.7 / math.tan(math.radians(5))))),
    ("07-4", pursuit_by_rotation),
    ("07-4", pursuit_by_bisector),
    ("07-5", step_by_loop),
    ("07-5", step_with_torch),
    ("07-6", mirror_in_one_batch),
    ("07-7", label_by_coordinates),
    ("07-7", label_by_circle_center),
    ("07-8", chain_in_closed_form),
    ("07-8", chain_by_vector),
    ("07-9", dagger_with_lists),
    ("07-10", saliency_with_torch),
]


@pytest.mark.parametrize(("exercise_id", "answer"), OTHER_SOLUTIONS)
def test_a_right_answer_passes_however_it_is_written(exercise_id, answer):
    result = grade(exercise_id, answer)
    assert result.passed, result.message


# --- mistakes, written differently ---------------------------------------------------------------


def mirror_in_place(net, frames, rate):
    said = net(frames, rate)
    frames[:] = frames[..., ::-1].copy()
    return (said - net(frames, -rate)) / 2


def mirror_of_the_picture_alone(net, frames, rate):
    return (net(frames, rate) - net(frames[..., ::-1], rate)) / 2


def step_of_euler(pose, curvature, bend, speed, dt):
    s, e, psi = pose.T
    forward = speed * np.cos(psi) / (1 - bend * e)
    change = [forward, speed * np.sin(psi), speed * curvature - bend * forward]
    return pose + dt * np.stack(change, axis=-1)


def step_in_place(pose, curvature, bend, speed, dt):
    pose[:] = step_by_loop(pose, curvature, bend, speed, dt)
    return pose


def label_of_small_angles(curvature, aside, ahead):
    return np.array(curvature) - np.array(aside) * 2 / ahead / ahead


def chain_without_return(T, epsilon, back):
    return sum(1 - (1 - epsilon) ** t for t in range(1, T + 1))


def chain_from_zero(T, epsilon, back):
    return chain_by_vector(T - 1, epsilon, back)


def dagger_of_the_newest(drive, expert, train, states, rounds):
    policy = train(states, expert(states))
    for _ in range(rounds):
        new, _ = drive(policy)
        policy = train(new, expert(new))
    return policy


def dagger_of_its_own_answers(drive, expert, train, states, rounds):
    labels = expert(states)
    for _ in range(rounds):
        new, said = drive(train(states, labels))
        states, labels = np.vstack([states, new]), np.append(labels, said)
    return train(states, labels)


def dagger_of_pairs(drive, expert, train, states, rounds):
    return train(drive(train(states, expert(states))), expert(states))


def saliency_of_signed_slopes(gradient, mask):
    weight = np.abs(gradient.sum(1))
    with np.errstate(all="ignore"):
        score = (weight * mask).sum((1, 2)) / weight.sum((1, 2)) / mask.mean((1, 2))
    return np.where(np.isfinite(score), score, 1)


def saliency_divided_by_nothing(gradient, mask):
    weight = np.abs(gradient).sum(1)
    return (weight * mask).sum((1, 2)) / weight.sum((1, 2)) / mask.mean((1, 2))


VARIANTS = [
    ("07-1", 0.2750, "never below 0"),
    ("07-1", 0.0733, "rounded too far"),
    ("07-1", 70, "70 is not it"),
    ("07-2", 14, "rounded too far"),
    ("07-2", 13.0, "three digits"),
    ("07-2", 5.70, "the distance in meters"),
    ("07-3", 11.11, "proportional to the wheelbases"),
    ("07-3", math.atan(6 * math.tan(math.radians(5)) / 2.7), "in radians"),
    ("07-4", lambda car, heading, goal: 0 * heading, "is right"),
    ("07-4", lambda car, heading, goal: -np.array(pursuit_by_rotation(car, heading, goal)),
     "the sign is turned around"),
    ("07-4", lambda car, heading, goal: 1.0, "the shape must be (1,)"),
    ("07-5", step_of_euler, "Euler's step"),
    ("07-5", step_in_place, "changes the array or list"),
    ("07-5", lambda pose, curvature, bend, speed, dt: pose[0], "the shape must be (1, 3)"),
    ("07-6", mirror_in_place, "changes the array or list"),
    ("07-6", mirror_of_the_picture_alone, "gyroscope is not mirrored"),
    ("07-6", lambda net, frames, rate: net(frames, rate), "the net as it was"),
    ("07-7", label_of_small_angles, "small angles only"),
    ("07-7", lambda curvature, aside, ahead: label_by_coordinates(curvature, -aside, ahead),
     "the sign is turned around"),
    ("07-8", chain_without_return, "nobody comes back"),
    ("07-8", chain_from_zero, "the last decision is not"),
    ("07-9", dagger_of_the_newest, "newest drive alone"),
    ("07-9", dagger_of_its_own_answers, "the learner's own answers"),
    ("07-9", dagger_of_pairs, "Your answer raised"),
    ("07-10", saliency_of_signed_slopes, "before the absolute value"),
    ("07-10", saliency_divided_by_nothing, "gives 0/0"),
]  # fmt: skip


@pytest.mark.parametrize(("exercise_id", "answer", "hint"), VARIANTS)
def test_a_mistake_is_recognized_however_it_is_written(exercise_id, answer, hint):
    result = grade(exercise_id, answer)
    assert not result.passed
    assert hint in result.message


# --- what is asked, against other definitions ----------------------------------------------------


def test_the_numbers_of_exercise_1_are_those_of_the_library():
    """By `driving.score`, on drives of ten decisions a second."""
    taken = []
    for seconds, count in ((60, 2), (30, 0), (20, 1), (10, 3)):
        flags = np.zeros((10 * seconds, 1), dtype=bool)
        flags[:count] = True
        taken.append(flags)
    standing = driving.started(road.roads([0]))

    def autonomy(flags):
        return driving.score(driving.Drive(standing, np.zeros(1), flags)).autonomy

    gap = autonomy(np.concatenate(taken)) - np.mean([autonomy(flags) for flags in taken])
    assert gap == pytest.approx(float(BY_ID["07-1"].task.truth()[0]))


def test_exercise_2_and_the_camera_of_the_book_agree():
    """At the distance of that row, 3.8 m are 40 columns wide."""
    rows = float(BY_ID["07-2"].task.truth()[0])
    ahead = SMALL.focal * 1.3 / rows
    assert SMALL.focal == 60 and SMALL.focal * 3.8 / ahead == pytest.approx(40)


def test_the_vehicles_of_exercise_3_drive_one_circle():
    """Two bicycles with these angles drive circles of the same curvature."""
    angle = math.radians(float(BY_ID["07-3"].task.truth()[0]))
    assert math.tan(angle) / 6 == pytest.approx(math.tan(math.radians(5)) / 2.7)


@pytest.mark.parametrize("given", cases("07-4"))
def test_the_circle_of_exercise_4_reaches_its_goal(given):
    car, heading, goal = given
    for place, angle, target, k in zip(car, heading, goal, oracle("07-4", *given), strict=True):
        if k == 0:
            assert np.array_equal(place, target)
            continue
        center = place + np.array([-np.sin(angle), np.cos(angle)]) / k
        assert np.hypot(*(target - center)) == pytest.approx(1 / abs(k))


def test_exercise_4_and_the_expert_of_the_book_agree():
    lines = road.roads([3, 4])
    pose = driving.started(lines)._replace(e=np.array([0.4, -0.3]), psi=np.array([0.1, 0.2]))
    x, y, heading = road.along(lines, pose.road, pose.s)
    car = np.stack([x - pose.e * np.sin(heading), y + pose.e * np.cos(heading)], axis=1)
    goal = np.stack(road.along(lines, pose.road, pose.s + driving.AHEAD)[:2], axis=1)
    assert close(oracle("07-4", car, heading + pose.psi, goal), driving.pure_pursuit(lines, pose))


def test_midpoint_steps_converge_with_the_square_and_keep_a_circle():
    """On a road that is a circle, a car on a circle around the same center stays beside it."""
    bend, e, speed = np.array([0.05]), 2.0, 10.0
    pose = np.array([[0.0, e, 0.0]])
    stays = oracle("07-5", pose, bend / (1 - bend * e), bend, speed, 0.1)
    assert close(stays, [[1 / 0.9, e, 0]])
    away = np.array([0.02])

    def end(steps):
        now = pose
        for _ in range(steps):
            now = oracle("07-5", now, away, bend, speed, 1 / steps)
        return now

    error = [np.abs(end(steps) - end(640)).max() for steps in (10, 20)]
    assert 3.5 < error[0] / error[1] < 4.6


def test_six_steps_of_exercise_5_are_the_library_s_tenth_of_a_second():
    """On roads that are one curve, where both know the same bend."""
    lines = road.roads([1, 2, 3])
    bend, curvature = np.array([0.04, 0.0, -0.03]), np.array([0.06, 0.02, 0.05])
    lines = lines._replace(curvature=np.repeat(bend[:, None], lines.curvature.shape[1], axis=1))
    pose = np.array([[50, 0.7, 0.1], [60, -0.4, -0.2], [70, 0.2, 0.3]])
    ours = pose
    for _ in range(driving.TICKS):
        ours = oracle("07-5", ours, curvature, bend, 10.0, driving.PERIOD / driving.TICKS)
    after = driving.advance(lines, road.Pose(np.arange(3), *pose.T), curvature)
    assert close(ours, np.stack(after[1:], axis=1))


@pytest.mark.parametrize("given", cases("07-6"))
def test_the_answer_of_exercise_6_turns_around_in_the_mirror(given):
    net, frames, rate = given
    here = oracle("07-6", net, frames, rate)
    assert close(oracle("07-6", net, frames[..., ::-1], -rate), -here)
    assert np.abs(net(frames, rate) - here).max() > 1e-3  # the net alone has a favorite side
    assert frames.dtype == np.uint8


@pytest.mark.parametrize("given", cases("07-7"))
def test_side_cameras_aim_at_the_goal_of_the_middle_one(given):
    curvature, aside, ahead = given
    assert np.abs(curvature * ahead).max() <= 1.0
    label = oracle("07-7", *given)
    middle = oracle("07-7", curvature, 0 * aside, ahead)
    assert close(middle, curvature)
    near = oracle("07-7", 0 * curvature, 1e-4 * aside, ahead)
    assert np.allclose(near, -2e-4 * aside / ahead**2, rtol=1e-6, atol=1e-12)
    assert (np.sign(label - curvature)[aside != 0] == -np.sign(aside)[aside != 0]).all()


def test_the_label_of_exercise_7_is_the_book_s_expert_beside_the_line():
    """On a straight road, with the same heading."""
    straight = road.roads([0])
    pose = driving.started(straight)._replace(e=np.array([0.5]))
    exact = oracle("07-7", np.zeros(1), np.array([0.5]), 8.0)
    assert close(driving.pure_pursuit(straight, pose), exact)


def test_the_chain_of_exercise_8_has_its_known_ends():
    T, epsilon = 350, 0.002
    flips = T / 2 - (1 - (1 - 2 * epsilon) ** (T + 1)) / (4 * epsilon) + 0.5  # Kääriäinen (2006)
    assert oracle("07-8", T, epsilon, epsilon) == pytest.approx(flips)
    lost = sum(1 - (1 - epsilon) ** t for t in range(1, T + 1))
    assert oracle("07-8", T, epsilon, 0.0) == pytest.approx(lost)
    assert oracle("07-8", T, epsilon, 1 - epsilon) == pytest.approx(T * epsilon)
    assert oracle("07-8", T, 1e-7, 0.0) == pytest.approx(T**2 * 1e-7 / 2, rel=5e-3)
    assert oracle("07-8", 2, 0.1, 0.4) == pytest.approx(0.1 + 0.15)


def test_the_chain_by_playing_it():
    T, epsilon, back = 60, 0.05, 0.2
    rng = np.random.default_rng(0)
    wrong, total = np.zeros(40_000, dtype=bool), 0
    for _ in range(T):
        drawn = rng.random(len(wrong))
        wrong = np.where(wrong, drawn >= back, drawn < epsilon)
        total += wrong.mean()
    assert total == pytest.approx(float(oracle("07-8", T, epsilon, back)), rel=0.02)


def test_the_loop_of_exercise_9_makes_the_learner_better_where_it_drives():
    """The error on the states that the policy itself meets falls with the rounds."""
    drive, expert, train, states, _ = cases("07-9")[2]

    def error(rounds):
        policy = np.asarray(oracle("07-9", drive, expert, train, states, rounds))
        met, _ = drive(policy)
        said = np.column_stack([met, np.ones(len(met))]) @ policy
        return float(np.mean((said - expert(met)) ** 2))

    assert error(3) < 0.5 * error(0)


def test_the_callables_of_exercise_9_are_what_the_text_says():
    for drive, expert, train, states, rounds in cases("07-9"):
        labels = expert(states)
        policy = train(states, labels)
        met, said = drive(policy)
        assert states.shape[1:] == met.shape[1:] == (2,) and labels.shape == states.shape[:1]
        assert said.shape == met.shape[:1] and policy.shape == (3,)
        assert np.array_equal(drive(policy)[0], met) and rounds >= 0


@pytest.mark.parametrize("given", cases("07-10"))
def test_the_score_of_exercise_10_has_no_unit_and_a_ceiling(given):
    gradient, mask = given
    score = oracle("07-10", gradient, mask)
    assert close(oracle("07-10", -3 * gradient, mask), score)
    assert close(oracle("07-10", gradient, mask / 2), score)
    known = mask.any(axis=(1, 2))
    ceiling = (mask.max(axis=(1, 2)) / np.where(known, mask.mean(axis=(1, 2)), 1))[known]
    assert (score[known] <= ceiling + 1e-9).all()
    assert close(oracle("07-10", np.ones_like(gradient), mask), np.ones(len(mask)))


def test_the_example_of_exercise_10_is_the_text_s():
    assert oracle("07-10", *cases("07-10")[0]) == pytest.approx(3.2)


def test_no_two_exercises_hand_out_the_same_inputs():
    names = [
        (e.id, case.name)
        for e in exercises()
        if e.id.startswith("07") and hasattr(e.task, "cases")
        for case in e.task.cases()
    ]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 75 for _, name in names)
    assert len(list(itertools.groupby(names, key=lambda pair: pair[0]))) == 7
