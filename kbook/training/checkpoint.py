"""Save a running training, and go on from there as if nothing had happened."""

import copy
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from kbook.errors import OneSentence
from kbook.files import whole_file
from kbook.training.history import History
from kbook.training.run import Run

__all__ = ["Checkpoint", "UnusableCheckpoint"]


class UnusableCheckpoint(OneSentence, ValueError):
    """Say that a checkpoint cannot be read, or belongs to another training."""


class Checkpoint:
    """A file that holds all that a training needs to go on bit for bit.

    These are the weights, the optimizer's memory, the history, the steps done, the place in the
    epoch, the states of torch's global generators and of the batches' own (their `generator`, or
    that of their `sampler`), and the state of each callback that has a `state_dict`. Whatever else
    draws at random in a training, numpy's generators or the workers that a DataLoader keeps alive
    between epochs, does not go on bit for bit.

    Parameters
    ----------
    path : str or Path
        Where to save. If the file exists, `fit` goes on from it; delete it to start afresh.
    every : int, default 100
        Steps between two saves. The last step and an interrupt save as well.

    Raises
    ------
    ValueError
        If `every` is below 1.
    """

    def __init__(self, path: str | os.PathLike[str], every: int = 100) -> None:
        if every < 1:
            raise ValueError(f"Checkpoint wants every to be at least 1 step; got {every}.")
        self.path, self.every = Path(path), every

    def save(self, run: Run, callbacks: Sequence[Any] = ()) -> None:
        """Write the state of a run: whole, or not at all.

        Weights that are no numbers are not written: nobody could go on from them.
        """
        if not run.is_finite:
            return
        state = {
            "kind": type(run.optimizer).__name__,
            "model": run.model.state_dict(),
            "optimizer": run.optimizer.state_dict(),
            "history": asdict(run.history),
            "step": run.step,
            "stream": run.stream.state(),
            "callbacks": [callback.state_dict() for callback in _with_state(callbacks)],
        }
        with whole_file(self.path) as draft:
            torch.save(state, draft)
            # A callback's state may hold what the safe loader refuses: better to hear that now.
            torch.load(draft, weights_only=True)

    def delete(self) -> None:
        """Remove the file, if there is one: the next training starts afresh."""
        self.path.unlink(missing_ok=True)

    def restore(self, run: Run, callbacks: Sequence[Any] = ()) -> bool:
        """Bring a run to the saved state; return False if nothing was saved yet.

        Raises
        ------
        UnusableCheckpoint
            If the file cannot be read, or does not fit the model, the optimizer or the callbacks.
        """
        if not self.path.exists():
            return False
        before = copy.deepcopy(run.model.state_dict())
        try:
            state = torch.load(self.path, map_location="cpu", weights_only=True)
            if state["kind"] != (kind := type(run.optimizer).__name__):
                raise ValueError(f"it was saved with {state['kind']}, this optimizer is {kind}")
            with_state = _with_state(callbacks)
            if len(state["callbacks"]) != len(with_state):
                raise ValueError(
                    f"it was saved with {len(state['callbacks'])} callbacks that have a state, "
                    f"here are {len(with_state)}"
                )
            run.model.load_state_dict(state["model"])
            run.optimizer.load_state_dict(state["optimizer"])
            run.stream.restore(state["stream"])
            for callback, saved in zip(with_state, state["callbacks"], strict=True):
                callback.load_state_dict(saved)
            run.history = History(**state["history"])
            run.step = state["step"]
        except Exception as error:  # torch raises many kinds for a file that is cut or foreign
            run.model.load_state_dict(before)
            raise UnusableCheckpoint(
                f"{self.path} is no checkpoint of this training ({_first_sentence(error)}). "
                "Delete it to start afresh, or name another file."
            ) from error
        return True


def _with_state(callbacks: Iterable[Any]) -> list[Any]:
    return [callback for callback in callbacks if hasattr(callback, "state_dict")]


def _first_sentence(error: Exception) -> str:
    text = " ".join(str(error).split()).split(". ")[0].rstrip(".:")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
