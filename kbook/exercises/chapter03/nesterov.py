"""Exercise 03-9: Nesterov's momentum, for a net that holds the point ahead."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]


def _cases() -> tuple[Case, ...]:
    """Return weights, velocity, gradient, learning rate and momentum."""
    rng = np.random.default_rng(39)

    def random(size: int) -> tuple[Array, Array, Array]:
        phi, v, g = rng.normal(0, 1, (3, size))
        return phi, v, g

    one = np.array([1.0])
    return (
        Case(
            "phi = [1], v = [0], g = [1], eta = 0.1 and beta = 0.9", (one, 0 * one, one, 0.1, 0.9)
        ),
        Case(
            "phi = [1], v = [2], g = [1], eta = 0.1 and beta = 0.5", (one, 2 * one, one, 0.1, 0.5)
        ),
        Case("five weights, eta = 0.3 and beta = 0.9", (*random(5), 0.3, 0.9)),
        Case("three weights, eta = 0.05 and beta = 0.99", (*random(3), 0.05, 0.99)),
        Case("a gradient of zero", (*random(2)[:2], np.zeros(2), 0.2, 0.8)),
        Case("four weights and beta = 0", (*random(4), 0.1, 0.0)),
    )


def _oracle(phi: Array, v: Array, g: Array, eta: float, beta: float) -> Array:
    """Take one step with torch's SGD, which has gathered the velocity v before."""
    weights = torch.from_numpy(phi.copy()).requires_grad_()
    weights.grad = torch.from_numpy(g.copy())
    nesterov = beta > 0  # torch refuses nesterov=True without momentum, where both are plain SGD
    optimizer = torch.optim.SGD([weights], lr=eta, momentum=beta, nesterov=nesterov)
    buffer = torch.from_numpy(v.copy())
    optimizer.state[weights]["momentum_buffer"] = buffer
    optimizer.step()
    velocity = buffer.numpy() if nesterov else g
    return np.stack([weights.detach().numpy(), velocity])


Step = Callable[[Array, Array, Array, float, float], Array]


def _moved_by(way: Callable[[Array, Array, Array, float], Array]) -> Step:
    """Return a step that updates v rightly and moves φ by −η times something of v, new v, g, β."""

    def step(phi: Array, v: Array, g: Array, eta: float, beta: float) -> Array:
        new = beta * v + g
        return np.stack([phi - eta * way(v, new, g, beta), new])

    return step


_nesterov = _moved_by(lambda v, new, g, beta: g + beta * new)


def _averaged(phi: Array, v: Array, g: Array, eta: float, beta: float) -> Array:
    """Let the gradient enter the velocity with the weight 1 − β."""
    return _nesterov(phi, v, (1 - beta) * g, eta, beta)


def _rate_inside(phi: Array, v: Array, g: Array, eta: float, beta: float) -> Array:
    """Keep a velocity that contains −η, as in the paper of Sutskever and others."""
    new = beta * v - eta * g
    return np.stack([phi + beta * new - eta * g, new])


NESTEROV = Exercise(
    id="03-9",
    title="Momentum that looks ahead",
    level="design",
    minutes=20,
    task=Function(_cases, _oracle),
    solution=_nesterov,
    praise="this is what torch.optim.SGD computes with nesterov=True: one gradient a step, at the "
    "weights that the net holds.",
    nudge="write θ = φ + ηβv with the old v, take the step, then put the new θ and the new v into "
    "φ = θ − ηβv",
    wrong=(
        Mistake(
            _moved_by(lambda v, new, g, beta: new),
            "this is plain momentum with φ in the place of θ; φ lies ahead by −ηβv, with the old v "
            "before the step and the new v after it.",
        ),
        Mistake(
            _moved_by(lambda v, new, g, beta: (1 + beta) * new),
            "φ was taken for θ: before the step, go back from φ to θ by ηβ times the old v.",
        ),
        Mistake(
            _moved_by(lambda v, new, g, beta: new - beta * v),
            "φ − ηg is the new θ; the net holds the point ahead of it, so go on by −ηβ times "
            "the new v.",
        ),
        Mistake(
            _moved_by(lambda v, new, g, beta: g + new),
            "β is missing: φ moves by −η times g + βv, not g + v.",
        ),
        Mistake(
            _moved_by(lambda v, new, g, beta: g + beta**2 * new),
            "β comes in twice: φ moves by −η times g + βv, and the new v holds one β already.",
        ),
        Mistake(
            lambda phi, v, *rest: np.stack([_nesterov(phi, v, *rest)[0], v]),
            "φ is right, but v is still the old one; return βv + g.",
        ),
        Mistake(
            lambda phi, v, g, eta, beta: np.stack(
                [_nesterov(phi, v, g, eta, beta)[0], g + beta * (beta * v + g)]
            ),
            "φ is right; the velocity to keep is βv + g, not the whole way that φ went.",
        ),
        Mistake(
            _averaged,
            "the gradient enters v in full: v ← βv + g, without a factor of 1 − β.",
        ),
        Mistake(
            _rate_inside,
            "here −η is part of the velocity; in this book v ← βv + g, and η comes in when the "
            "weights move.",
        ),
        Mistake(
            lambda *given: _nesterov(*given)[::-1],
            "both rows are right, but swapped: first φ, then v.",
        ),
        Mistake(
            _moved_by(lambda v, new, g, beta: -(g + beta * new)),
            "this climbs: the step is subtracted.",
        ),
    ),
)
