"""Exercise 06-9: which gradient each of the four nets gets in one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.oracles import gradient
from kbook.exercises.tasks import Case, Function


class Net:
    """A net with a single weight: a generator of pictures or a critic of their columns.

    Parameters
    ----------
    weight : float
        Its start.
    judges : bool
        Whether it is a critic.
    """

    def __init__(self, weight: float, judges: bool) -> None:
        self.weight = torch.tensor(weight, dtype=torch.float64, requires_grad=True)
        self.judges = judges

    def __call__(self, pictures: Tensor) -> Tensor:
        """Return pictures of the same shape, or a score for each of their columns."""
        return self.at(self.weight, pictures)

    def at(self, weight: Tensor, pictures: Tensor) -> Tensor:
        """Return what the net would give with another weight."""
        if self.judges:
            return (weight * pictures + 0.3 * pictures**2).mean(dim=2)
        return torch.tanh(weight * pictures + 0.2 * pictures.flip(3))

    def __deepcopy__(self, _memo: object) -> Net:
        """Return itself: the nets are made anew for each answer."""
        return self


Nets = tuple[Net, Net, Net, Net]


def _cases() -> tuple[Case, ...]:
    """Return the nets G, F, D_X, D_Y and pictures x, y of shape (N, 3, H, W)."""
    rng = np.random.default_rng(69)

    def case(name: str, count: int, size: int) -> Case:
        nets = [Net(w, judges=i > 1) for i, w in enumerate(rng.uniform(0.3, 1.4, size=4).tolist())]
        pictures = [rng.uniform(-1, 1, size=(count, 3, size, size)) for _ in range(2)]
        return Case(name, (tuple(nets), *map(torch.from_numpy, pictures)))

    return (
        case("one picture of 2 × 2 pixels", 1, 2),
        case("four pictures of 4 × 4 pixels", 4, 4),
        case("two pictures of 5 × 5 pixels", 2, 5),
    )


def _oracle(nets: Nets, x: Tensor, y: Tensor) -> Tensor:
    """Differentiate each loss as a function of the two weights that it may move."""
    g, f, d_x, d_y = nets
    made_x, made_y = f(y).detach(), g(x).detach()
    w_dx, w_dy = d_x.weight.detach(), d_y.weight.detach()

    def generators(w: Tensor) -> Tensor:
        fake_x, fake_y = f.at(w[1], y), g.at(w[0], x)
        again_x, again_y = f.at(w[1], fake_y), g.at(w[0], fake_x)
        fool = (d_y.at(w_dy, fake_y) - 1).pow(2).mean() + (d_x.at(w_dx, fake_x) - 1).pow(2).mean()
        cycle = torch.mean(abs(again_x - x)) + torch.mean(abs(again_y - y))
        same = torch.mean(abs(g.at(w[0], y) - y)) + torch.mean(abs(f.at(w[1], x) - x))
        return fool + 10 * cycle + 5 * same

    def critics(w: Tensor) -> Tensor:
        on_real = (d_x.at(w[0], x) - 1).pow(2).mean() + (d_y.at(w[1], y) - 1).pow(2).mean()
        on_made = d_x.at(w[0], made_x).pow(2).mean() + d_y.at(w[1], made_y).pow(2).mean()
        return (on_real + on_made) / 2

    def at(*nets: Net) -> NDArray[np.float64]:
        return np.array([net.weight.item() for net in nets])

    return torch.from_numpy(
        np.append(gradient(generators, at(g, f)), gradient(critics, at(d_x, d_y)))
    )


def _far(a: Tensor, b: Tensor) -> Tensor:
    """Return the mean absolute difference."""
    return (a - b).abs().mean()


def _off(scores: Tensor, target: float) -> Tensor:
    """Return the least-squares loss of scores."""
    return (scores - target).square().mean()


@dataclass(frozen=True)
class _Step:
    """Say how one step is made; the defaults are right."""

    cycle: float = 10.0
    same: float = 5.0
    half: float = 0.5
    wanted: float = 1.0  # of the critics, by the generators
    real: float = 1.0
    far: Callable[[Tensor, Tensor], Tensor] = _far
    directions: tuple[float, float] = (1.0, 1.0)
    detach: bool = True
    clear: bool = True  # the critics' gradients, before their own loss
    blocked: str = ""  # where gradients of the generators' loss are stopped by mistake
    mixed: str = ""  # which nets or pictures are exchanged

    @torch.enable_grad()
    def __call__(self, nets: Nets, x: Tensor, y: Tensor) -> Tensor:
        """Return the gradients of the four weights."""
        g, f, d_x, d_y = nets
        if self.mixed == "critics":
            d_x, d_y = d_y, d_x
        made_y, made_x = g(x), f(y)
        self._generators((g, f, d_x, d_y), (x, y), (made_x, made_y)).backward(retain_graph=True)
        if self.clear:
            d_x.weight.grad = d_y.weight.grad = None
        if self.detach:
            made_x, made_y = made_x.detach(), made_y.detach()
        on_real = _off(d_x(x), self.real) + _off(d_y(y), self.real)
        on_made = _off(d_x(made_x), 1 - self.real) + _off(d_y(made_y), 1 - self.real)
        (self.half * (on_real + on_made)).backward()
        if self.mixed == "critics":
            d_x, d_y = d_y, d_x
        return torch.stack([_slope(net) for net in (g, f, d_x, d_y)])

    def _generators(
        self, nets: Nets, real: tuple[Tensor, Tensor], made: tuple[Tensor, Tensor]
    ) -> Tensor:
        (g, f, d_x, d_y), (x, y), (made_x, made_y) = nets, real, made
        there, back = self.directions
        if self.blocked == "critics":
            fool = 0 * made_x.sum()
        else:
            fool = there * _off(d_y(made_y), self.wanted) + back * _off(d_x(made_x), self.wanted)
        if self.blocked == "cycle":
            made_x, made_y = made_x.detach(), made_y.detach()
        cycle = there * self.far(f(made_y), x) + back * self.far(g(made_x), y)
        own = (x, y) if self.mixed == "identity" else (y, x)
        same = there * self.far(g(own[0]), own[0]) + back * self.far(f(own[1]), own[1])
        return fool + self.cycle * cycle + self.same * same


def _slope(net: Net) -> Tensor:
    """Return the gradient that a net has got, 0 if none."""
    return torch.zeros_like(net.weight) if net.weight.grad is None else net.weight.grad


def _squared(a: Tensor, b: Tensor) -> Tensor:
    """Return the mean square of the difference."""
    return (a - b).square().mean()


def _summed(a: Tensor, b: Tensor) -> Tensor:
    """Return the sum of the absolute differences."""
    return (a - b).abs().sum()


ONE_STEP = Exercise(
    id="06-9",
    title="Who learns from which loss?",
    level="design",
    minutes=20,
    task=Function(_cases, _oracle),
    solution=_Step(),
    praise="gradients pass through the critics to the generators and leave nothing on their way; "
    "detached pictures keep the critics' own loss to the critics.",
    nudge="write the generators' loss first and go back from it, empty the critics' gradients, "
    "then write the critics' loss on detached pictures and go back from that",
    slow="one step takes a few milliseconds",
    wrong=(
        Mistake(
            _Step(detach=False),
            "the critics' loss reaches the generators too, and teaches them to be found out: "
            "detach the made pictures.",
        ),
        Mistake(
            _Step(clear=False),
            "the critics keep what the generators' loss left in their .grad: freeze them for it, "
            "or set .grad to None behind it.",
        ),
        Mistake(
            _Step(detach=False, clear=False),
            "all losses are added up and reach all nets; there are two losses, and each belongs to "
            "two of the nets.",
        ),
        Mistake(
            _Step(blocked="critics"),
            "nothing comes to the generators through the critics: do not detach, and do not use "
            "no_grad, in the loss that fools them.",
        ),
        Mistake(
            _Step(blocked="cycle"),
            "the made pictures are detached inside the cycle, so only the second generator of each "
            "way learns from it.",
        ),
        Mistake(_Step(cycle=0), "the cycle loss is missing."),
        Mistake(_Step(same=0), "the identity loss is missing."),
        Mistake(
            _Step(mixed="identity"),
            "the identity loss shows each generator what it makes, not what it reads: G gets y.",
        ),
        Mistake(
            _Step(mixed="critics"),
            "the critics are exchanged: G makes zebras, and D_Y knows zebras.",
        ),
        Mistake(
            _Step(directions=(1, 0)),
            "one way alone is taught here; the loss has the way from Y to X and back as well.",
        ),
        Mistake(
            _Step(directions=(0.5, 0.5)),
            "the two ways are added, not averaged.",
        ),
        Mistake(_Step(half=1), "the critics' loss is half of the sum over real and made."),
        Mistake(_Step(half=0.25), "the critics' loss is halved once, for each of them."),
        Mistake(
            _Step(wanted=0),
            "the generators want their pictures judged as real: the target is 1 in their loss.",
        ),
        Mistake(
            _Step(real=0), "the critics' targets are exchanged: real pictures get 1, made ones 0."
        ),
        Mistake(
            _Step(far=_squared),
            "cycle and identity are mean absolute differences, not squares.",
        ),
        Mistake(_Step(far=_summed), "cycle and identity are means over all pixels, not sums."),
        Mistake(_Step(same=10), "the identity loss has the weight 5, half of the cycle's."),
        Mistake(
            _Step(cycle=1, same=1), "the weights are missing: 10 for the cycle, 5 for identity."
        ),
    ),
)
