"""Checkpoint: a file that does not belong to this training is one sentence, and runs no code."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import SGD, AdamW

from kbook.data import Batches
from kbook.training import Checkpoint, EarlyStopping, History, UnusableCheckpoint, fit

DATA = Batches(torch.ones(8, 2), torch.zeros(8, dtype=torch.int64), 2)


def train(path: Path, **other: Any) -> History:
    """Train six steps with a checkpoint at every one; `other` replaces a part."""
    model = other.get("model", nn.Linear(2, 3))
    optimizer = other.get("optimizer", SGD)(model.parameters(), lr=0.1)
    how = {"steps": other.get("steps", 6), "callbacks": other.get("callbacks", ())}
    data = other.get("data", DATA)
    return fit(model, data, optimizer, checkpoint=Checkpoint(path, 1), progress=False, **how)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "run.pt"
    train(path, steps=3)
    return path


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"model": nn.Linear(2, 4)}, "RuntimeError: Error.*loading state_dict"),
        ({"model": nn.Sequential(nn.Linear(2, 3))}, "RuntimeError: Error.*loading state_dict"),
        ({"callbacks": [EarlyStopping(lambda model: 0.0, 9)]}, "ValueError"),
    ],
    ids=["other shape", "other names", "other callbacks"],
)
def test_another_training_is_named(saved: Path, other: dict[str, Any], words: str) -> None:
    sentence = rf"run\.pt is no checkpoint of this training \({words}.*Delete it to start afresh"
    with pytest.raises(UnusableCheckpoint, match=sentence):
        train(saved, **other)


def test_another_optimizer_is_named(saved: Path) -> None:
    two_groups = lambda parameters, lr: SGD([{"params": [p]} for p in parameters], lr=lr)  # noqa: E731
    with pytest.raises(UnusableCheckpoint, match="saved with SGD, this optimizer is AdamW"):
        train(saved, optimizer=AdamW)
    with pytest.raises(UnusableCheckpoint, match="different number of parameter groups"):
        train(saved, optimizer=two_groups)


def test_shorter_epochs_than_before_are_a_sentence(saved: Path) -> None:
    with pytest.raises(UnusableCheckpoint, match="then an epoch had 4 batches, now it has 1"):
        train(saved, data=Batches(torch.ones(2, 2), torch.zeros(2, dtype=torch.int64), 2))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: b"not a checkpoint",
        lambda content: pickle.dumps({"step": 3}),
    ],
    ids=["empty", "cut", "text", "another file"],
)
def test_a_spoiled_file_is_one_sentence(saved: Path, spoil: Callable[[bytes], bytes]) -> None:
    saved.write_bytes(spoil(saved.read_bytes()))
    with pytest.raises(UnusableCheckpoint, match="Delete it to start afresh") as caught:
        train(saved)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


class Bomb:
    """A pickle that writes a file where it is opened."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_text, (self.target, "gone off"))


def test_a_file_from_a_stranger_runs_no_code(saved: Path) -> None:
    target = saved.with_name("proof")
    torch.save({"model": Bomb(target)}, saved)
    with pytest.raises(UnusableCheckpoint):
        train(saved)
    assert not target.exists()
