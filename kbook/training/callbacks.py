"""Callbacks: now and then, and as soon as nothing gets better any more."""

import copy
import math
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from kbook.training.run import Run

__all__ = ["Callback", "EarlyStopping", "every"]

Callback = Callable[[Run], Any]


def every(steps: int, callback: Callback) -> Callback:
    """Return a callback that calls another one after every so many steps, and after `Run.steps`.

    Parameters
    ----------
    steps : int
        Steps between two calls.
    callback : callable
        What to call. If it has a state for checkpoints, so has the result: the same.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If `steps` is below 1.
    """
    if steps < 1:
        raise ValueError(f"every wants at least 1 step between two calls; got {steps}.")

    def now_and_then(run: Run) -> None:
        if run.step % steps == 0 or run.step == run.steps:
            callback(run)

    for name in ("state_dict", "load_state_dict"):  # a checkpoint asks for these
        if hasattr(callback, name):
            setattr(now_and_then, name, getattr(callback, name))
    return now_and_then


class EarlyStopping:
    """A callback that stops after `patience` measurements in a row without a new lowest value.

    It measures whenever it is called; wrap it in `every` to measure less often. Its own state goes
    into a checkpoint. See Prechelt (1998) for the choice of a rule.

    Parameters
    ----------
    measure : callable
        Model → value to be made small, such as a validation loss.
    patience : int
        How many measurements without a new lowest value are enough.

    Raises
    ------
    ValueError
        If `patience` is below 1.
    """

    def __init__(self, measure: Callable[[nn.Module], float], patience: int) -> None:
        if patience < 1:
            raise ValueError(f"EarlyStopping wants a patience of at least 1; got {patience}.")
        self.measure, self.patience = measure, patience
        self.lowest, self.waited = math.inf, 0
        self.weights: dict[str, Tensor] | None = None

    def __call__(self, run: Run) -> None:
        """Measure; keep the weights if it is the lowest value so far, else count, and stop."""
        value = float(self.measure(run.model))
        if value < self.lowest:
            self.lowest, self.waited = value, 0
            self.weights = copy.deepcopy(run.model.state_dict())
            return
        self.waited += 1
        if self.waited == self.patience:
            run.stop(f"no lower value in {self.patience} measurements")

    def restore_best(self, model: nn.Module) -> None:
        """Give a model the weights of the lowest value.

        Raises
        ------
        ValueError
            If nothing was measured, or every value was no number.
        """
        if self.weights is None:
            raise ValueError("EarlyStopping has no weights to restore: nothing was measured yet.")
        model.load_state_dict(self.weights)

    def state_dict(self) -> dict[str, Any]:
        """Return the state for a checkpoint."""
        return {"lowest": self.lowest, "waited": self.waited, "weights": self.weights}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take a state from a checkpoint."""
        self.lowest, self.waited, self.weights = state["lowest"], state["waited"], state["weights"]
