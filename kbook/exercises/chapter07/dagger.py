"""Exercise 07-9: the loop of DAgger, with a driver, an expert and a trainer handed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
DriveOf = Callable[[Array], tuple[Array, Array]]
Expert = Callable[[Array], Array]
Train = Callable[[Array, Array], Array]


def _expert(states: Array) -> Array:
    """Steer back to the line, the harder the further it is, within bounds."""
    out: Array = -0.1 * np.tanh(states @ [0.6, 2.0]) - 0.01 * states[:, 0] ** 3
    return out


def _train(states: Array, labels: Array) -> Array:
    """Fit a plane by least squares, drawn a little to 0."""
    inputs = np.column_stack([states, np.ones(len(states))])
    out: Array = np.linalg.solve(inputs.T @ inputs + 0.01 * np.eye(3), inputs.T @ labels)
    return out


def _driver(gust: float, steps: int) -> DriveOf:
    """Return a drive through gusts: policy (3,) to states (steps, 2) and its answers (steps,).

    The wheel turns no further than 0.035; so a learner that copies itself copies its bounds.
    """

    def drive(policy: Array) -> tuple[Array, Array]:
        e, psi, states, answers = 0.3, 0.0, [], []
        for step in range(steps):
            answer = float(np.clip(policy[0] * e + policy[1] * psi + policy[2], -0.035, 0.035))
            states.append((e, psi))
            answers.append(answer)
            psi += answer + (gust if step % 7 == 3 else 0) * (-1) ** (step // 7)
            e = float(np.clip(e + np.sin(psi), -3, 3))
        return np.array(states), np.array(answers)

    return drive


def _cases() -> tuple[Case, ...]:
    """Return drive, expert, train, the demonstration's states (n, 2) and the number of rounds."""
    rng = np.random.default_rng(79)

    def case(name: str, gust: float, steps: int, rounds: int) -> Case:
        states = rng.normal(0, 1, (12, 2)) * [0.2, 0.05]
        return Case(name, (_driver(gust, steps), _expert, _train, states, rounds))

    return (
        case("no round: the clone", 0.1, 20, 0),
        case("one round", 0.15, 20, 1),
        case("three rounds", 0.2, 30, 3),
        case("five rounds in a storm", 0.35, 25, 5),
    )


def _oracle(drive: DriveOf, expert: Expert, train: Train, states: Array, rounds: int) -> Array:
    """Train after `rounds` drives: on what the policies of fewer rounds have met."""
    met = [states]
    for k in range(rounds):
        met.append(drive(_oracle(drive, expert, train, states, k))[0])
    everything = np.concatenate(met)
    return train(everything, expert(everything))


@dataclass(frozen=True)
class _Loop:
    """Say how the rounds are made; the defaults are right."""

    keep: bool = True  # what earlier rounds have met
    first: bool = True  # the demonstration
    label: str = "expert"
    who: str = "newest"
    late: int = 0  # rounds too many
    mean: bool = False

    def __call__(
        self, drive: DriveOf, expert: Expert, train: Train, states: Array, rounds: int
    ) -> Array:
        """Return the policy after the rounds."""
        start = states[:0]
        seen, labels = states, expert(states)
        policies = [train(seen, labels)]
        for number in range(rounds + self.late):
            new, said = drive(policies[-1] if self.who == "newest" else policies[0])
            wanted = expert(new) if self.label == "expert" else said
            if not self.keep or (number == 0 and not self.first):
                seen, labels = start, labels[:0]
            seen, labels = np.concatenate([seen, new]), np.concatenate([labels, wanted])
            policies.append(train(seen, labels))
        out: Array = np.mean(policies, axis=0) if self.mean else policies[-1]
        return out


def _untrained_end(
    drive: DriveOf, expert: Expert, train: Train, states: Array, rounds: int
) -> Array:
    """Leave out the last training."""
    return _Loop()(drive, expert, train, states, max(rounds - 1, 0))


def _all_at_once(drive: DriveOf, expert: Expert, train: Train, states: Array, rounds: int) -> Array:
    """Drive only the clone, once."""
    return _Loop()(drive, expert, train, states, min(rounds, 1))


DAGGER = Exercise(
    id="07-9",
    title="DAgger with somebody else's car",
    level="design",
    minutes=20,
    task=Function(_cases, _oracle),
    solution=_Loop(),
    praise="the learner chooses the states, the expert the labels, and nothing is thrown away; "
    "that is all of DAgger, for any car and any net.",
    nudge="train on the demonstration; then in each round drive the newest policy, let the expert "
    "label the states, add them to all before, and train anew",
    slow="each round is one drive and one training of milliseconds",
    wrong=(
        Mistake(_Loop(keep=False), "each round trains on its newest drive alone; the data are to "
                "be aggregated."),
        Mistake(_Loop(first=False), "the demonstration was thrown away in the first round; it "
                "stays in the data."),
        Mistake(_Loop(label="learner"), "the labels are the learner's own answers; it learns "
                "nothing but what it does already."),
        Mistake(_Loop(keep=False, label="learner"), "newest drive alone, and labeled by the "
                "learner itself: aggregate, and ask the expert."),
        Mistake(_Loop(who="first"), "the clone drives in every round; the newest policy has to, as "
                "its states are the ones that count."),
        Mistake(_Loop(late=1), "this is one round too many: after k rounds there were k drives and "
                "k + 1 trainings."),
        Mistake(_untrained_end, "the last drive was not learned from: train once more behind it."),
        Mistake(_all_at_once, "there is one round here, whatever `rounds` says."),
        Mistake(lambda drive, expert, train, states, rounds: train(states, expert(states)),
                "this is the clone: nobody has driven."),
        Mistake(_Loop(mean=True), "the policies were averaged; return the last one."),
    ),
)  # fmt: skip
