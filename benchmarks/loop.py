"""What the safe loop costs: `fit` against a bare loop in torch, as ratios from one run.

``python -m benchmarks.loop`` prints the table; ``make record NB=03`` records it for chapter 3.

All train the chapter's net on digits (64-64-10, batches of 64, AdamW, 400 steps, one thread) from
the same weights on the same batches. *Bare*: the five lines of the chapter. *fit*: the library's
loop, without progress bar. *Checkpoints*: `fit` that saves every 100 steps. *DataLoader*: the bare
loop, its batches drawn by torch's DataLoader sample by sample, as its manual shows it.

They take turns, ten rounds; the numbers are medians over the rounds.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from kbook.data import Batches, digits
from kbook.training import Checkpoint, fit

ROUNDS, STEPS, SIZE = 10, 400, 64

Batch = tuple[Tensor, Tensor]


def fresh_net() -> nn.Module:
    """Return the net that all train, always with the same weights."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def our_batches() -> Batches:
    """Return the thousand training digits of chapter 3 in batches."""
    train = digits.split(digits.load(), validation=297, test=500).train
    return Batches(*train, SIZE, torch.Generator().manual_seed(0))


def torch_loader() -> DataLoader:
    """Return the same digits in torch's batches."""
    train = digits.split(digits.load(), validation=297, test=500).train
    return DataLoader(TensorDataset(*train), batch_size=SIZE, shuffle=True)


def bare_loop(batches: Iterable[Batch], steps: int = STEPS) -> nn.Module:
    """Train with the five lines alone."""
    net, done = fresh_net(), 0
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
    while True:
        for inputs, labels in batches:
            if done == steps:
                return net
            loss = F.cross_entropy(net(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            done += 1


def safe_loop(checkpoint: Checkpoint | None = None, steps: int = STEPS) -> nn.Module:
    """Train with `fit`."""
    net = fresh_net()
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
    fit(net, our_batches(), optimizer, steps=steps, checkpoint=checkpoint, progress=False)
    return net


def loop_with_checkpoints(steps: int = STEPS) -> nn.Module:
    """Train with `fit`, and save every 100 steps."""
    with tempfile.TemporaryDirectory() as folder:
        return safe_loop(Checkpoint(Path(folder) / "run.pt", every=100), steps)


def milliseconds(train: Callable[[], nn.Module]) -> float:
    """Return the time of one step, the mean over a training."""
    start = time.perf_counter()
    train()
    return 1000 * (time.perf_counter() - start) / STEPS


def measure(rounds: int = ROUNDS) -> dict[str, float | str]:
    """Return the table of chapter 3: a step of the bare loop, and the ratios to it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    loops = {
        "bare loop": lambda: bare_loop(our_batches()),
        "fit": safe_loop,
        "fit, a checkpoint every 100 steps": loop_with_checkpoints,
        "bare loop, torch's DataLoader": lambda: bare_loop(torch_loader()),
    }
    times: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(rounds):
        for name, train in loops.items():
            times[name].append(milliseconds(train))
    torch.set_num_threads(before)
    bare, *others = (statistics.median(times[name]) for name in loops)
    ratios = dict(zip(list(loops)[1:], [other / bare for other in others], strict=True))
    return {
        "settings": f"one thread, {STEPS} steps, medians of {rounds} rounds",
        "bare loop, a step (ms)": bare,
        **{f"{name} (times the bare loop)": ratio for name, ratio in ratios.items()},
    }


if __name__ == "__main__":
    for label, value in measure().items():
        print(f"{label}: {value if isinstance(value, str) else format(value, '.3g')}")
