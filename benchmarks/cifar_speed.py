"""How fast a net learns CIFAR-10 to 94 %: ours and airbench's, seconds and accuracies of one run.

``python -m benchmarks.cifar_speed`` trains `whitened_net` by chapter 5's recipe, compiled, and
prints medians. With ``--against airbench`` the net of K. Jordan's package airbench (version 0.1.8,
``pip install airbench``) takes turns with it. ``--runs N`` says how often. It needs a CUDA GPU.

The clock counts the same work for both: normalization, whitening, augmentation, training, and the
evaluation of the test pictures and their mirror images; it is read when the GPU has done all of it.
It does not count the data's way to the GPU, and the first run of each, in which ours is compiled
and cuDNN chooses its algorithms. (Airbench's `train94` is not compiled.) Both compute in 16 bits.

Each net is asked about the pictures alone, and about pictures and mirror images (the mean of two
answers). Airbench's own figure, 94.01 %, is also a mean over shifted pictures: a line of its own.
A ratio of times means something only if the accuracies beside it are alike.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import chdir
from pathlib import Path
from types import ModuleType
from typing import NamedTuple
from unittest.mock import patch

import torch
from torch import Tensor, nn

from kbook.data import Batches, cifar10
from kbook.models.mirrored import Mirrored
from kbook.models.whitened import whitened_net
from kbook.recipes import prepared, train_to_94
from kbook.training import accuracy, evaluate

RUNS = 5
EPOCHS = 18
WHITENED_BY = 5000  # training pictures that the first layer is computed from
TEST_SIZE = 2000  # test pictures at once, for both nets

Part = tuple[Tensor, Tensor]  # pictures (N, 3, 32, 32), uint8, and labels (N,)


class Run(NamedTuple):
    """What one training took and gave; accuracies from 0 to 1."""

    seconds: float
    alone: float
    mirrored: float
    shifted: float | None = None


Training = Callable[[int], Run]  # from a seed


def our_training(
    train: Part,
    test: Part,
    make_net: Callable[[Tensor], nn.Module] = whitened_net,
    *,
    epochs: float = EPOCHS,
    compiled: bool = True,
) -> Training:
    """Return a function that trains our net from new weights, on the device of the pictures."""
    device = train[0].device
    net = make_net(prepared(train[0][:WHITENED_BY], device))

    def run(seed: int) -> Run:
        torch.manual_seed(seed)
        start = clock()
        images, labels = prepared(train[0], device), train[1]
        # New weights in the same net: what was compiled for it in the first run still fits.
        net.load_state_dict(make_net(images[:WHITENED_BY]).state_dict())
        train_to_94(net, images, labels, epochs=epochs, compiled=compiled, seed=seed)
        shown = prepared(test[0], device), test[1]
        mirrored = score(Mirrored(net), *shown)
        seconds = clock() - start
        return Run(seconds, score(net, *shown), mirrored)

    return run


def their_training(airbench: ModuleType) -> Training:
    """Return a function that trains airbench's net, in a folder where `hand_over` wrote the data.

    Airbench prints what it measures, and returns only the net: so what it prints with is replaced.
    """

    def run(seed: int) -> Run:
        torch.manual_seed(seed)
        seconds: list[float] = []

        def note(row: dict[str, float], is_final_entry: bool) -> None:
            seconds.append(row["total_time_seconds"])

        with patch.object(airbench.utils, "print_training_details", note):
            net = airbench.train94(tta_level=1, run=1)  # run 0 would print a header
        test = airbench.CifarLoader("cifar10", train=False, batch_size=TEST_SIZE)
        return Run(seconds[-1], *(airbench.evaluate(net, test, level) for level in (0, 1, 2)))

    return run


def clock() -> float:
    """Return the time in seconds, once the GPU has done all that it was given."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def score(net: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Return the accuracy, computed in 16 bits on a GPU, as in the training."""
    device = images.device.type
    with torch.autocast(device, torch.float16, enabled=device == "cuda"):
        batches = Batches(images, labels, TEST_SIZE)
        return evaluate(net, batches, {"accuracy": accuracy})["accuracy"]


def hand_over(folder: Path, train: Part, test: Part) -> None:
    """Write the pictures as airbench keeps them: (N, 32, 32, 3), uint8, in ``cifar10/*.pt``."""
    (folder / "cifar10").mkdir()
    for name, (images, labels) in {"train": train, "test": test}.items():
        pictures = images.permute(0, 2, 3, 1).contiguous().cpu()
        content = {"images": pictures, "labels": labels.cpu(), "classes": list(cifar10.CLASSES)}
        torch.save(content, folder / "cifar10" / f"{name}.pt")


def take_turns(trainings: dict[str, Training], runs: int) -> dict[str, list[Run]]:
    """Return the runs of each training, without the first, which warms up."""
    results: dict[str, list[Run]] = {name: [] for name in trainings}
    for seed in range(runs + 1):
        for name, train in trainings.items():
            results[name].append(train(seed))
    return {name: each[1:] for name, each in results.items()}


def table(results: dict[str, list[Run]]) -> dict[str, float]:
    """Return the medians of each training, and the ratio of the first's time to the second's."""
    lines: dict[str, float] = {}
    for name, runs in results.items():
        lines[f"{name} (s)"] = statistics.median(run.seconds for run in runs)
        lines[f"{name}, accuracy (%)"] = 100 * statistics.median(run.alone for run in runs)
        mirrored = statistics.median(run.mirrored for run in runs)
        lines[f"{name}, accuracy with the mirror image (%)"] = 100 * mirrored
        shifted = [run.shifted for run in runs if run.shifted is not None]
        if shifted:
            lines[f"{name}, also with shifted ones (%)"] = 100 * statistics.median(shifted)
    if len(results) == 2:
        ours, theirs = results
        lines[f"{ours} / {theirs}"] = lines[f"{ours} (s)"] / lines[f"{theirs} (s)"]
    return lines


def measure(runs: int = RUNS, airbench: ModuleType | None = None) -> dict[str, float | str]:
    """Return the table, from trainings on the first CUDA GPU."""
    torch.backends.cudnn.benchmark = True  # as airbench sets it when it is imported
    parts = [cifar10.load(train) for train in (True, False)]
    train, test = [(images.cuda(), labels.cuda()) for images, labels in parts]
    trainings = {"ours": our_training(train, test)}
    if airbench:
        trainings["airbench94"] = their_training(airbench)
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        hand_over(Path(folder), train, test)
        results = take_turns(trainings, runs)
    settings = f"{torch.cuda.get_device_name()}, torch {torch.__version__}, medians of {runs} runs"
    return {"settings": settings, **table(results)}


def rival() -> ModuleType:
    """Return the package airbench, or end with a sentence that says how to get it."""
    try:
        return importlib.import_module("airbench")
    except ImportError:
        raise SystemExit(
            "The comparison wants the package airbench: `pip install airbench` installs it."
        ) from None


def formatted(lines: dict[str, float | str]) -> str:
    """Return a table as text, a line for each entry."""
    texts = [(label, v if isinstance(v, str) else format(v, ".2f")) for label, v in lines.items()]
    width = max(len(label) for label, _ in texts)
    return "\n".join(f"{label:{width}}  {text}" for label, text in texts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cifar_speed")
    parser.add_argument("--against", choices=["airbench"], help="who takes turns with our net")
    parser.add_argument("--runs", type=int, default=RUNS, help="of each net, one more to warm up")
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error(f"--runs wants a number from 1 on; got {options.runs}")
    if not torch.cuda.is_available():
        raise SystemExit("This benchmark wants a CUDA GPU; torch finds none here.")
    print(formatted(measure(options.runs, rival() if options.against else None)))


if __name__ == "__main__":
    main()
