"""Small trainings that draw at random wherever a training can, to be killed and taken up again.

`python -m tests.resumable FOLDER` starts each in a process of its own and kills it at step 537.
"""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor, nn
from torch.optim import SGD, AdamW, Optimizer
from torch.utils.data import DataLoader, TensorDataset

from kbook.data import Batches
from kbook.training import Checkpoint, History, Run, evaluate, every, fit, one_cycle

STEPS, KILLED_AT, EXIT = 600, 537, 3
PER_EPOCH = 7  # 40 samples in batches of 6, the last of 4
# A save in the middle of an epoch, the last of them at step 500, and one at an epoch's very end
SAVES = (50, 10 * PER_EPOCH)

DRAWS = torch.Generator().manual_seed(7)
INPUTS = torch.randn(40, 5, generator=DRAWS)
TARGETS = (INPUTS[:, :3] + torch.randn(40, 3, generator=DRAWS)).argmax(dim=1)


class Tally:
    """A callback with a memory: an average of the losses that fades."""

    def __init__(self) -> None:
        self.average = 0.0

    def __call__(self, run: Run) -> None:
        self.average = 0.9 * self.average + 0.1 * run.history.loss[-1]

    def state_dict(self) -> dict[str, float]:
        return {"average": self.average}

    def load_state_dict(self, state: dict[str, float]) -> None:
        self.average = state["average"]


class Parts(NamedTuple):
    """What a training begins with and what it leaves."""

    model: nn.Module
    optimizer: Optimizer
    batches: Any
    tally: Tally
    generator: Generator


def jitter(inputs: Tensor, generator: Generator) -> Tensor:
    return inputs + 0.1 * torch.randn(inputs.shape, generator=generator)


def ours(generator: Generator) -> Batches:
    return Batches(INPUTS, TARGETS, 6, generator)


def augmented(generator: Generator) -> Batches:
    return Batches(INPUTS, TARGETS, 6, generator, jitter)


def torchs(generator: Generator) -> DataLoader:
    return DataLoader(TensorDataset(INPUTS, TARGETS), 6, shuffle=True, generator=generator)


def torchs_global(generator: Generator) -> DataLoader:
    return DataLoader(TensorDataset(INPUTS, TARGETS), 6, shuffle=True)


def a_list(generator: Generator) -> list[tuple[Tensor, Tensor]]:
    return list(Batches(INPUTS, TARGETS, 6))


def sgd(parameters: Iterable[nn.Parameter]) -> SGD:
    return SGD(parameters, lr=0.05, momentum=0.9)


def adamw(parameters: Iterable[nn.Parameter]) -> AdamW:
    return AdamW(parameters, lr=0.01)


CASES: dict[str, tuple[Callable, Callable]] = {
    "batches": (ours, sgd),
    "augmentation": (augmented, adamw),
    "loader": (torchs, sgd),
    "loader without generator": (torchs_global, adamw),
    "list": (a_list, sgd),
}


def parts(case: str, seed: int = 0) -> Parts:
    """Return the parts of a training, all randomness from `seed`."""
    torch.manual_seed(seed)
    batches, optimizer = CASES[case]
    generator = Generator().manual_seed(seed + 1)
    model = nn.Sequential(
        nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3)
    )
    return Parts(model, optimizer(model.parameters()), batches(generator), Tally(), generator)


def train(
    parts: Parts,
    checkpoint: Checkpoint | None = None,
    more: Sequence[Callable[[Run], Any]] = (),
    steps: int = STEPS,
) -> History:
    """Run `fit` over the parts, with a callback that evaluates and one that remembers."""

    def measure(run: Run) -> None:
        run.history.note(run.step, **evaluate(run.model, [(INPUTS, TARGETS)]))

    return fit(
        parts.model,
        parts.batches,
        parts.optimizer,
        steps=steps,
        schedule=one_cycle,
        callbacks=[every(100, measure), parts.tally, *more],
        checkpoint=checkpoint,
        progress=False,
    )


def die(run: Run) -> None:
    """Kill the process, as a computer that is switched off does: nothing is closed or saved."""
    if run.step == KILLED_AT:
        os._exit(EXIT)


def file_of(folder: Path, case: str, saves: int) -> Path:
    return folder / f"{case} {saves}.pt"


def main(folder: Path) -> None:
    """Kill each training with each rhythm of saving, and one before its first save."""
    train(parts("list"), steps=1)  # torch loads a lot at a first step: once, and not in each child
    runs = [(case, saves) for case in CASES for saves in SAVES]
    for case, saves in [*runs, ("batches", STEPS)]:
        if (child := os.fork()) == 0:
            train(parts(case), Checkpoint(file_of(folder, case, saves), every=saves), [die])
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == EXIT


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]))
