"""Train the four nets of CycleGAN: the step that chapter 6 writes out, made fast and resumable.

J.-Y. Zhu, T. Park, P. Isola, A. A. Efros, "Unpaired Image-to-Image Translation using
Cycle-Consistent Adversarial Networks", ICCV 2017, sections 3 and 4.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.amp.grad_scaler import GradScaler

from kbook.training.evaluation import device_of
from kbook.training.pool import Pool

__all__ = ["CycleGAN", "Recipe"]

NAMES = ("G", "F", "D_X", "D_Y")


@dataclass(frozen=True)
class Recipe:
    """What a training consists of, besides nets and pictures; the defaults are the paper's.

    Attributes
    ----------
    steps : int
        Batches in all, at least 1. The learning rate is constant for the first half and then falls
        to 0 on a line.
    batch : int
        Pictures of each domain in a step.
    rate : float
        Adam's learning rate.
    betas : (float, float)
        Adam's decays.
    cycle : float
        λ, the weight of the cycle loss. With 0 nothing of it is computed: a GAN alone.
    identity : float
        The weight of the identity loss: λ/2 in the paper for paintings and flowers, else 0.
    pool : int
        Made pictures that are kept for each critic.
    half : bool
        Whether autocast may compute in 16 bits: float16 with scaled losses on CUDA, else bfloat16.

    Raises
    ------
    ValueError
        If there is no step, no picture in a step, or a weight of a loss is below 0.
    """

    steps: int
    batch: int = 1
    rate: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    cycle: float = 10.0
    identity: float = 0.0
    pool: int = 50
    half: bool = False

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1:
            raise ValueError(
                f"Want at least 1 step and 1 picture a step; got {self.steps} and {self.batch}."
            )
        if self.cycle < 0 or self.identity < 0:
            raise ValueError(
                f"Want weights of at least 0; got cycle {self.cycle}, identity {self.identity}."
            )

    def factor(self, step: int) -> float:
        """Return what multiplies the learning rate in a step, counted from 0."""
        return min(1.0, 2 * (1 - step / self.steps))


class CycleGAN:
    """Four nets in training: two generators, two critics, and all that a step changes.

    Parameters
    ----------
    nets : nn.ModuleDict
        "G" from X to Y, "F" from Y to X, and the critics "D_X" and "D_Y".
    recipe : Recipe
        How they are trained.
    generator : torch.Generator
        On the CPU: which pictures are drawn and exchanged.

    Raises
    ------
    ValueError
        If the nets have other names.

    Attributes
    ----------
    step : int
        Steps made.
    losses : list of dict of Tensor
        Of every step: "adversarial", "cycle" and "identity", as far as computed, summed over both
        directions and without their weights, and "critics".
    """

    def __init__(self, nets: nn.ModuleDict, recipe: Recipe, generator: Generator) -> None:
        if sorted(nets) != sorted(NAMES):
            raise ValueError(f"Nets want the names {', '.join(NAMES)}; got {', '.join(nets)}.")
        self.nets, self.recipe, self.generator = nets, recipe, generator
        self.step, self.losses = 0, list[dict[str, Tensor]]()
        self.pools = {name: Pool(recipe.pool, generator) for name in ("x", "y")}
        self.generators = self._optimizer("G", "F")
        self.critics = self._optimizer("D_X", "D_Y")
        scaled = recipe.half and device_of(nets).type == "cuda"
        self.scalers = [GradScaler("cuda", enabled=scaled) for _ in range(2)]

    def _optimizer(self, *names: str) -> torch.optim.Adam:
        weights = [weight for name in names for weight in self.nets[name].parameters()]
        return torch.optim.Adam(weights, lr=self.recipe.rate, betas=self.recipe.betas)

    def advance(self, x: Tensor, y: Tensor) -> None:
        """Make one step: first the generators, then the critics.

        Parameters
        ----------
        x, y : Tensor of shape (N, 3, H, W)
            Pictures of the two domains, from -1 to 1, on the device of the nets.
        """
        rate = self.recipe.rate * self.recipe.factor(self.step)
        for optimizer in (self.generators, self.critics):
            optimizer.param_groups[0]["lr"] = rate
        self.nets.train()
        self.nets.zero_grad()
        with _frozen(self.nets["D_X"], self.nets["D_Y"]):
            terms, fake_x, fake_y = self._generator_terms(x, y)
            weights = {"adversarial": 1.0, **self._weights()}
            loss = torch.stack([weights[name] * term for name, term in terms.items()]).sum()
            self._update(self.generators, loss, self.scalers[0])
        judged_x = self.pools["x"].exchange(fake_x.detach())
        judged_y = self.pools["y"].exchange(fake_y.detach())
        with self._autocast():
            loss = self._critic_loss("D_X", x, judged_x) + self._critic_loss("D_Y", y, judged_y)
        self._update(self.critics, loss, self.scalers[1])
        terms["critics"] = loss
        self.losses.append({name: term.detach() for name, term in terms.items()})
        self.step += 1

    def _weights(self) -> dict[str, float]:
        weights = {"cycle": self.recipe.cycle, "identity": self.recipe.identity}
        return {name: weight for name, weight in weights.items() if weight}

    def _generator_terms(self, x: Tensor, y: Tensor) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        """Return the terms of the generators' loss, F(y) and G(x)."""
        forward, backward = self.nets["G"], self.nets["F"]
        terms, wanted = {}, self._weights()
        with self._autocast():
            if "identity" in wanted:  # one pass for two batches: a GPU is not full with one
                fake_y, same_y = forward(torch.cat([x, y])).chunk(2)
                fake_x, same_x = backward(torch.cat([y, x])).chunk(2)
                terms["identity"] = _distance(same_y, y) + _distance(same_x, x)
            else:
                fake_y, fake_x = forward(x), backward(y)
            judged = self.nets["D_Y"](fake_y), self.nets["D_X"](fake_x)
            terms["adversarial"] = _squares(judged[0], 1) + _squares(judged[1], 1)
            if "cycle" in wanted:
                again_x, again_y = backward(fake_y), forward(fake_x)
                terms["cycle"] = _distance(again_x, x) + _distance(again_y, y)
        return terms, fake_x, fake_y

    def _critic_loss(self, name: str, real: Tensor, made: Tensor) -> Tensor:
        """Return half the sum of both errors, as the paper slows its critics down."""
        scores_real, scores_made = self.nets[name](torch.cat([real, made])).chunk(2)
        return (_squares(scores_real, 1) + _squares(scores_made, 0)) / 2

    def _update(self, optimizer: torch.optim.Adam, loss: Tensor, scaler: GradScaler) -> None:
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()

    def _autocast(self) -> torch.autocast:
        kind = device_of(self.nets).type
        dtype = torch.float16 if kind == "cuda" else torch.bfloat16
        return torch.autocast(kind, dtype, enabled=self.recipe.half)

    def curves(self) -> dict[str, Tensor]:
        """Return the losses of all steps, a tensor of shape (steps,) for each term."""
        names = self.losses[0] if self.losses else ()
        return {name: torch.stack([loss[name] for loss in self.losses]) for name in names}

    def state_dict(self) -> dict[str, Any]:
        """Return all that a later run needs to go on with the same bits."""
        return {
            "nets": self.nets.state_dict(),
            "optimizers": [self.generators.state_dict(), self.critics.state_dict()],
            "scalers": [scaler.state_dict() for scaler in self.scalers],
            "pools": {name: pool.kept for name, pool in self.pools.items()},
            "generator": self.generator.get_state(),
            "losses": self.curves(),
            "recipe": asdict(self.recipe),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Bring everything to a state that `state_dict` gave.

        Raises
        ------
        ValueError
            If it is of a training by another recipe.
        """
        for name, wanted in asdict(self.recipe).items():
            if (saved := state["recipe"][name]) != wanted:
                raise ValueError(f"it was saved with {name}={saved}, this recipe has {wanted}")
        self.nets.load_state_dict(state["nets"])
        for optimizer, saved in zip(
            (self.generators, self.critics), state["optimizers"], strict=True
        ):
            optimizer.load_state_dict(saved)
        for scaler, saved in zip(self.scalers, state["scalers"], strict=True):
            scaler.load_state_dict(saved)
        device = device_of(self.nets)
        for name, kept in state["pools"].items():
            self.pools[name].kept = [picture.to(device) for picture in kept]
        self.generator.set_state(state["generator"])
        names, curves = list(state["losses"]), [c.to(device) for c in state["losses"].values()]
        rows = zip(*curves, strict=True)
        self.losses = [dict(zip(names, row, strict=True)) for row in rows]
        self.step = len(self.losses)


@contextmanager
def _frozen(*nets: nn.Module) -> Iterator[None]:
    """Let gradients pass through nets without reaching their weights."""
    for net in nets:
        net.requires_grad_(False)
    try:
        yield
    finally:
        for net in nets:
            net.requires_grad_(True)


def _squares(scores: Tensor, target: float) -> Tensor:
    """Return the least-squares loss of scores, computed in 32 bits."""
    return (scores.float() - target).square().mean()


def _distance(a: Tensor, b: Tensor) -> Tensor:
    return (a.float() - b.float()).abs().mean()
