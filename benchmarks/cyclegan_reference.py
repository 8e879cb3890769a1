"""What `benchmarks.cyclegan_speed` compares with: CycleGAN's step as its authors' code makes it.

`Reference` writes it out, for any nets; `Foreign` runs that of another repository, with its nets.
"""

from __future__ import annotations

import importlib
import io
import itertools
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Generator, Tensor, nn

from kbook.training import Pool, Recipe

PAPER = Recipe(1)  # the paper's numbers
NEEDED = ("networks", "base_model", "cycle_gan_model")  # files of the other repository


class Reference:
    """The step as the authors' code makes it: every pass by itself, two optimizers, a pool.

    It takes one pair of pictures and computes in 32 bits. There is no identity loss.
    """

    def __init__(self, nets: nn.ModuleDict, lots: Generator, pool: int = PAPER.pool) -> None:
        self.nets = nets
        self.made_x, self.made_y = Pool(pool, lots), Pool(pool, lots)
        self.generators = self._optimizer("G", "F")
        self.critics = self._optimizer("D_X", "D_Y")
        self.square, self.absolute = nn.MSELoss(), nn.L1Loss()
        device = next(nets.parameters()).device
        self.one, self.zero = torch.ones((), device=device), torch.zeros((), device=device)

    def _optimizer(self, one: str, other: str) -> torch.optim.Adam:
        weights = itertools.chain(self.nets[one].parameters(), self.nets[other].parameters())
        return torch.optim.Adam(weights, lr=PAPER.rate, betas=PAPER.betas)

    def advance(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Make one step with pictures (1, 3, H, W) of each domain, and return its losses."""
        g, f, d_x, d_y = (self.nets[name] for name in ("G", "F", "D_X", "D_Y"))
        fake_y = g(x)
        again_x = f(fake_y)
        fake_x = f(y)
        again_y = g(fake_x)
        self._let_critics_learn(False)
        self.generators.zero_grad()
        adversarial = self._score(d_y(fake_y), self.one) + self._score(d_x(fake_x), self.one)
        cycle = self.absolute(again_x, x) + self.absolute(again_y, y)
        (adversarial + PAPER.cycle * cycle).backward()
        self.generators.step()
        self._let_critics_learn(True)
        self.critics.zero_grad()
        critics = self._judge(d_x, x, self.made_x.exchange(fake_x.detach()))
        critics += self._judge(d_y, y, self.made_y.exchange(fake_y.detach()))
        self.critics.step()
        losses = {"adversarial": adversarial, "cycle": cycle, "critics": critics}
        return {name: loss.detach() for name, loss in losses.items()}

    def _let_critics_learn(self, learning: bool) -> None:
        for name in ("D_X", "D_Y"):
            for weight in self.nets[name].parameters():
                weight.requires_grad = learning

    def _score(self, scores: Tensor, wanted: Tensor) -> Tensor:
        return self.square(scores, wanted.expand_as(scores))

    def _judge(self, critic: nn.Module, real: Tensor, made: Tensor) -> Tensor:
        loss = (self._score(critic(real), self.one) + self._score(critic(made), self.zero)) * 0.5
        loss.backward()
        return loss.detach()


class Foreign:
    """The CycleGANModel of another repository, set as in the paper, with its own nets.

    `folder` has the layout of pytorch-CycleGAN-and-pix2pix. Its code is run.
    """

    def __init__(self, folder: Path, blocks: int, device: str) -> None:
        make, options = model_of(folder), options_of(blocks, device)
        try:
            with redirect_stdout(io.StringIO()):  # it says what it initializes
                self.model = make(options)
        except AttributeError as error:
            raise SystemExit(
                f"The CycleGANModel in {folder} wants another version's options: {error}."
            ) from None
        found = [getattr(self.model, f"net{name}") for name in self.model.model_names]
        self.nets = nn.ModuleList(found).to(device)

    def advance(self, x: Tensor, y: Tensor) -> None:
        """Make one step with pictures (1, 3, H, W) of each domain."""
        self.model.set_input({"A": x, "B": y, "A_paths": [], "B_paths": []})
        self.model.optimize_parameters()


def model_of(folder: Path) -> Callable[[Any], Any]:
    """Return the CycleGANModel of a folder, or end with a sentence that says what it lacks."""
    for name in NEEDED:
        if not (folder / "models" / f"{name}.py").is_file():
            raise SystemExit(
                "--against wants a folder with the layout of pytorch-CycleGAN-and-pix2pix; "
                f"{folder} has no models/{name}.py."
            )
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module("models.cycle_gan_model").CycleGANModel
    except (ImportError, AttributeError) as error:
        raise SystemExit(f"The CycleGANModel in {folder} cannot be imported: {error}.") from None
    finally:
        sys.path.remove(str(folder))


def options_of(blocks: int, device: str) -> SimpleNamespace:
    """Return their options for the paper's training, with the names of old and new versions."""
    gpus = [0] if device == "cuda" else []
    options: dict[str, Any] = {
        **{"isTrain": True, "direction": "AtoB", "preprocess": "none"},
        **{"gpu_ids": gpus, "device": torch.device(device)},
        **{"checkpoints_dir": "checkpoints", "name": "speed"},  # it writes nothing there
        **{"input_nc": 3, "output_nc": 3, "ngf": 64, "netG": f"resnet_{blocks}blocks"},
        **{"ndf": 64, "netD": "basic", "n_layers_D": 3, "norm": "instance", "no_dropout": True},
        **{"init_type": "normal", "init_gain": 0.02, "gan_mode": "lsgan", "no_lsgan": False},
        **{"lr": PAPER.rate, "beta1": PAPER.betas[0], "pool_size": PAPER.pool},
        **{"lambda_A": PAPER.cycle, "lambda_B": PAPER.cycle, "lambda_identity": 0.0},
    }
    return SimpleNamespace(**options)
