"""How fast CycleGAN trains: our step and that of its authors' code, side by side in one run.

``python -m benchmarks.cyclegan_speed`` prints pictures of each domain a second, and their ratio.
``--size``, ``--blocks``, ``--batch``, ``--half``, ``--steps`` and ``--device`` say of what.

Ours is `kbook.training.CycleGAN.advance`. The reference is `benchmarks.cyclegan_reference`: one
pair of pictures a step, 32 bits, every pass of a net by itself, the critics frozen while the
generators learn, two optimizers, a pool of 50 pictures. Both train `kbook.models.cyclegan`'s nets
of the paper's size on random pictures that are there already, with a cycle loss and no identity
loss. For one pair in 32 bits they compute the same, as a test holds; ``--batch`` and ``--half``
change ours alone.

With ``--against FOLDER`` the reference is the CycleGANModel of another repository, with its own
nets. FOLDER has the layout of pytorch-CycleGAN-and-pix2pix, and its code is run: name one that you
trust. A ratio means something only if the numbers of parameters beside it are alike.

They take turns, five rounds after one that warms up; the numbers are medians over the rounds.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor, nn

from benchmarks.cifar_speed import clock, formatted
from benchmarks.cyclegan_reference import Foreign, Reference
from kbook.models.cyclegan import critic, generator
from kbook.training import CycleGAN, Recipe

ROUNDS, TARGET = 5, 2.0
THEIR_BLOCKS = (6, 9)  # for which their code has a name


@dataclass(frozen=True)
class Setting:
    """What is trained: pictures, blocks of a generator, pairs in our step, steps of a round."""

    size: int = 128
    blocks: int = 6
    batch: int = 1
    half: bool = False
    steps: int = 10
    device: str = "cpu"

    def pictures(self, count: int) -> Tensor:
        """Return random pictures (count, 3, size, size), from -1 to 1."""
        return torch.rand(count, 3, self.size, self.size, device=self.device) * 2 - 1


class Side(NamedTuple):
    """One that takes turns: a function that makes a step, its pictures, and all parameters."""

    advance: Callable[[Tensor, Tensor], Any]
    pictures: int
    parameters: int


def paper_nets(setting: Setting) -> nn.ModuleDict:
    """Return four new nets of the paper's size, on the device."""
    nets = {name: generator(setting.blocks) for name in ("G", "F")}
    nets |= {name: critic() for name in ("D_X", "D_Y")}
    return nn.ModuleDict(nets).to(setting.device)


NetMaker = Callable[[Setting], nn.ModuleDict]


def our_side(setting: Setting, make_nets: NetMaker = paper_nets) -> Side:
    """Return our step. Its learning rate is the constant one of a training's first half."""
    steps = 2 * (ROUNDS + 1) * setting.steps
    recipe = Recipe(steps, batch=setting.batch, half=setting.half)
    gan = CycleGAN(make_nets(setting), recipe, Generator().manual_seed(0))
    return Side(gan.advance, setting.batch, count(gan.nets))


def other_side(
    setting: Setting, folder: Path | None = None, make_nets: NetMaker = paper_nets
) -> Side:
    """Return the step of the reference, or of the repository in a folder."""
    if folder:
        other: Foreign | Reference = Foreign(folder, setting.blocks, setting.device)
    else:
        other = Reference(make_nets(setting), Generator().manual_seed(0))
    return Side(other.advance, 1, count(other.nets))


def count(net: nn.Module) -> int:
    """Return the number of parameters."""
    return sum(weight.numel() for weight in net.parameters())


def take_turns(sides: dict[str, Side], setting: Setting) -> dict[str, float]:
    """Return the median pictures a second of each side, without the round that warms up."""
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS + 1):
        for name, side in sides.items():
            x, y = setting.pictures(side.pictures), setting.pictures(side.pictures)
            start = clock()
            for _ in range(setting.steps):
                side.advance(x, y)
            rates[name].append(setting.steps * side.pictures / (clock() - start))
    return {name: statistics.median(each[1:]) for name, each in rates.items()}


def measure(
    setting: Setting, folder: Path | None = None, make_nets: NetMaker = paper_nets
) -> dict[str, float | str]:
    """Return the table: how fast each side is, how large, and the ratio of ours to the other."""
    torch.backends.cudnn.benchmark = True  # as the authors' code sets it
    ours = f"kbook, {setting.batch} at once, {16 if setting.half else 32} bits"
    theirs = f"{folder.resolve().name if folder else 'reference'}, 1 at once, 32 bits"
    other = other_side(setting, folder, make_nets)
    sides = {ours: our_side(setting, make_nets), theirs: other}
    rates = take_turns(sides, setting)
    return {
        "settings": described(setting),
        **{f"{name} (pictures of each domain / s)": rate for name, rate in rates.items()},
        **{f"{name} (million parameters)": side.parameters / 1e6 for name, side in sides.items()},
        "ratio of the speeds": rates[ours] / rates[theirs],
        "target": f"at least {TARGET:.2f}",
    }


def described(setting: Setting) -> str:
    """Return a line that says what was measured where."""
    on_gpu = setting.device == "cuda"
    place = torch.cuda.get_device_name() if on_gpu else f"CPU, threads: {torch.get_num_threads()}"
    return (
        f"{place}, torch {torch.__version__}, {setting.size} × {setting.size} pixels, "
        f"{setting.blocks} blocks, medians of {ROUNDS} rounds of {setting.steps} steps"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cyclegan_speed")
    parser.add_argument("--size", type=int, default=128, help="pixels, a multiple of 8 from 24 on")
    parser.add_argument("--blocks", type=int, default=6, help="residual blocks of a generator")
    parser.add_argument("--batch", type=int, default=1, help="pictures of a domain in our step")
    parser.add_argument("--half", action="store_true", help="let ours compute in 16 bits")
    parser.add_argument("--steps", type=int, default=10, help="of a round")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    parser.add_argument("--device", choices=["cpu", "cuda"], default=device)
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="another repository")
    options = vars(parser.parse_args(arguments))
    folder, setting = options.pop("against"), Setting(**options)
    if setting.size < 24 or setting.size % 8:
        parser.error(f"--size wants a multiple of 8 from 24 on; got {setting.size}")
    for name in ("blocks", "batch", "steps"):
        if getattr(setting, name) < 1:
            parser.error(f"--{name} wants a number from 1 on; got {getattr(setting, name)}")
    if folder and setting.blocks not in THEIR_BLOCKS:
        parser.error(f"--against knows nets of 6 and 9 blocks; got --blocks {setting.blocks}")
    if setting.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("--device cuda wants a CUDA GPU; torch finds none here.")
    print(formatted(measure(setting, folder)))


if __name__ == "__main__":
    main()
