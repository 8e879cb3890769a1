"""fit and Checkpoint at the edges: what is refused, what is left alone, what is not saved."""

import os
import pickle
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from kbook.data import Batches
from kbook.training import (
    Checkpoint,
    EarlyStopping,
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


def test_after_divergence_the_optimizer_has_the_given_rate() -> None:
    """Else the next try begins, unseen, with what the schedule had left of it."""
    model, calls = nn.Linear(2, 3), []
    optimizer = SGD(model.parameters(), lr=0.1)

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        calls.append(1)
        return F.cross_entropy(outputs, targets) + (torch.nan if len(calls) == 6 else 0)

    data = Batches(INPUTS, LABELS, 2)
    with pytest.raises(TrainingDiverged):
        fit(model, data, optimizer, steps=9, schedule=lambda t: 0.1, loss=loss, progress=False)
    assert optimizer.param_groups[0]["lr"] == 0.1


def test_a_last_step_into_nan_is_told(tmp_path: Path) -> None:
    """The loss is 0, its gradient 0/0, and no next loss would tell."""
    root = lambda outputs, targets: (outputs * 0).square().sum().sqrt()  # noqa: E731
    with pytest.raises(TrainingDiverged, match="no number after step 1 of 1"):
        train(tmp_path / "run.pt", loss=root, steps=1)
    assert not (tmp_path / "run.pt").exists()


def test_a_lower_rate_counts_after_a_resumption(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(tmp_path / "run.pt", steps=6)
    lower = lambda parameters, lr: SGD(parameters, lr=0.01)  # noqa: E731
    assert train(tmp_path / "run.pt", lower).rate == [0.1] * 6 + [0.01] * 6
    assert "after step 6 of 12, now with the learning rate 0.01 (it was 0.1)." in (
        capsys.readouterr().out
    )


def test_a_callback_cannot_leave_evaluation_mode_on() -> None:
    modes: list[bool] = []

    def switch(run: Run) -> None:
        modes.append(run.model.training)
        run.model.eval()

    train(callbacks=[switch], steps=4)
    assert modes == [True] * 4


def test_numbers_of_numpy_do_not_spoil_a_checkpoint(tmp_path: Path) -> None:
    cosine = lambda t: np.cos(t)  # noqa: E731
    stopping = [EarlyStopping(lambda model: np.float64(1.0), 99)]
    train(tmp_path / "run.pt", schedule=cosine, callbacks=stopping, steps=6)
    history = train(tmp_path / "run.pt", schedule=cosine, callbacks=stopping)
    assert len(history.loss) == 12


def test_a_state_that_could_not_be_loaded_is_refused_at_once(tmp_path: Path) -> None:
    class Tally:
        def __call__(self, run: Run) -> None:
            pass

        def state_dict(self) -> dict[str, Any]:
            return {"mean": np.float64(1.0)}

    with pytest.raises(pickle.UnpicklingError):
        train(tmp_path / "run.pt", callbacks=[Tally()])
    assert list(tmp_path.iterdir()) == []


def test_a_sampler_with_its_own_generator_goes_on_bit_for_bit(tmp_path: Path) -> None:
    def loader(seed: int) -> DataLoader:
        sampler = RandomSampler(range(8), generator=Generator().manual_seed(seed))
        return DataLoader(TensorDataset(INPUTS, LABELS), 2, sampler=sampler)

    torch.manual_seed(1)
    whole = train(data=loader(0))
    torch.manual_seed(1)
    train(tmp_path / "run.pt", data=loader(0), loss=interrupt_at(6))
    assert train(tmp_path / "run.pt", data=loader(9)) == whole


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"steps": 5.5}, TypeError, "whole number of steps; got 5.5"),
        ({"steps": True}, TypeError, "whole number of steps; got True"),
        ({"data": iter([(INPUTS, LABELS)])}, ValueError, "An iterator is empty after its first"),
        (
            {"loss": lambda outputs, targets: F.cross_entropy(outputs, targets, reduction="none")},
            ValueError,
            r"a loss of one number; got shape \(2,\)",
        ),
        (
            {"optimizer": lambda parameters, lr: SGD(nn.Linear(2, 3).parameters(), lr=lr)},
            ValueError,
            "optimizer of the model's parameters; this one has none",
        ),
    ],
)
def test_what_cannot_be_trained_is_one_sentence(
    wrong: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        train(**wrong)
