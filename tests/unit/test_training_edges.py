"""fit and Checkpoint at the edges: what is refused, what is left alone, what is not saved."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from kbook.data import Batches
from kbook.training import (
    Checkpoint,
    History,
    Run,
    TrainingDiverged,
    UnusableCheckpoint,
    every,
    fit,
)

INPUTS = torch.randn(8, 2, generator=Generator().manual_seed(0))
LABELS = torch.zeros(8, dtype=torch.int64)


def train(
    path: Path | None = None,
    optimizer: Callable[..., Optimizer] = SGD,
    model: nn.Module | None = None,
    data: Any = None,
    **more: Any,
) -> History:
    model = model or nn.Linear(2, 3)
    how = {"steps": 12, "progress": False} | more
    if path:
        how["checkpoint"] = Checkpoint(path, every=3)
    return fit(
        model, data or Batches(INPUTS, LABELS, 2), optimizer(model.parameters(), lr=0.1), **how
    )


def interrupt_at(step: int) -> Callable[[Tensor, Tensor], Tensor]:
    """Return a loss in whose calculation Ctrl-C is pressed."""
    calls: list[int] = []

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        calls.append(1)
        if len(calls) == step:
            os.kill(os.getpid(), signal.SIGINT)
        return F.cross_entropy(outputs, targets)

    return loss


@pytest.mark.parametrize(("saved", "other"), [(SGD, AdamW), (AdamW, SGD)])
def test_another_optimizer_is_refused(tmp_path: Path, saved: Any, other: Any) -> None:
    train(tmp_path / "run.pt", saved, steps=6)
    with pytest.raises(UnusableCheckpoint):
        train(tmp_path / "run.pt", other)


def test_adam_is_not_taken_for_adamw(tmp_path: Path) -> None:
    train(tmp_path / "run.pt", Adam, steps=6)
    with pytest.raises(UnusableCheckpoint):
        train(tmp_path / "run.pt", AdamW)


def test_batches_with_and_without_a_generator_are_two_trainings(tmp_path: Path) -> None:
    shuffled = Batches(INPUTS, LABELS, 2, Generator().manual_seed(0))
    train(tmp_path / "run.pt", data=shuffled, steps=6)
    with pytest.raises(UnusableCheckpoint):
        train(tmp_path / "run.pt")


def test_a_refused_file_leaves_the_model_alone(tmp_path: Path) -> None:
    class Tally:
        def __call__(self, run: Run) -> None:
            pass

        def state_dict(self) -> dict[str, int]:
            return {}

    train(tmp_path / "run.pt", steps=6)
    model = nn.Linear(2, 3)
    before = model.weight.detach().clone()
    with pytest.raises(UnusableCheckpoint):
        train(tmp_path / "run.pt", model=model, callbacks=[Tally()])
    assert torch.equal(model.weight, before)


def test_weights_that_are_no_numbers_are_not_saved(tmp_path: Path) -> None:
    """The loss is 0, its gradient 0/0: the next training would go on from NaN for ever."""
    path, calls = tmp_path / "run.pt", []

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        calls.append(1)
        return outputs.square().sum().mul(len(calls) != 6).sqrt()

    with pytest.raises(TrainingDiverged):
        train(path, loss=loss, steps=12)
    weights = torch.load(path, weights_only=True)["model"]
    assert all(weight.isfinite().all() for weight in weights.values())


def test_an_interrupt_changes_no_measurement(tmp_path: Path) -> None:
    note = every(5, lambda run: run.history.note(run.step, measured=1.0))
    whole = train(callbacks=[note])
    train(tmp_path / "run.pt", callbacks=[note], loss=interrupt_at(7))
    assert list(train(tmp_path / "run.pt", callbacks=[note]).measures["measured"]) == list(
        whole.measures["measured"]
    )


def test_an_interrupt_in_the_last_step_stops_nothing() -> None:
    assert train(loss=interrupt_at(12)).stopped is None


def test_a_second_training_takes_the_rate_that_the_reader_set() -> None:
    model = nn.Linear(2, 3)
    optimizer = SGD(model.parameters(), lr=0.1)
    how: dict[str, Any] = {"steps": 2, "progress": False}
    fit(model, Batches(INPUTS, LABELS, 2), optimizer, **how)
    optimizer.param_groups[0]["lr"] = 0.01
    assert fit(model, Batches(INPUTS, LABELS, 2), optimizer, **how).rate == [0.01, 0.01]


def test_a_failed_save_leaves_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(state: object, path: Path) -> None:
        Path(path).write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="No space"):
        train(tmp_path / "run.pt")
    assert list(tmp_path.iterdir()) == []
