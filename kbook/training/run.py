"""The state of a running training: what callbacks look at, and the stream of its batches."""

from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from kbook.training.history import History

__all__ = ["Run", "Stream"]

Batch = tuple[Tensor, Tensor]


class Stream:
    """Batches without an end, epoch after epoch, which can be taken up where they were left.

    An order that was drawn at random cannot be entered in the middle. So the state holds the random
    states at the *start* of the epoch, and how many batches were taken since. Restored, the stream
    draws the epoch from its start, drops these, and goes on with the random states of the moment
    when the state was taken.
    """

    def __init__(self, batches: Iterable[Batch]) -> None:
        self.batches = batches
        self.generator = _generator_of(batches)
        self.length = len(batches) if isinstance(batches, Sized) else None
        self.taken = 0
        self.at_start = self._random_states()
        self.restored: dict[str, Any] | None = None

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs, as tensors and numbers."""
        return {
            "length": self.length,
            "taken": self.taken,
            "at_start": self.at_start,
            "now": self._random_states(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Let the next iteration go on from `state`.

        Raises
        ------
        ValueError
            If there are more or fewer batches in an epoch now, or if the batches had a generator of
            their own and have none now, or the other way round.
        """
        if state["length"] != self.length:
            raise ValueError(
                f"then an epoch had {state['length']} batches, now it has {self.length}"
            )
        if bool(state["now"]["own"]) != bool(self.generator):
            raise ValueError("the batches then or now, not both, have a generator of their own")
        self.restored = state
        self._set_random_states(state["now"])  # also for a training that is over already

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches for ever.

        Raises
        ------
        ValueError
            If an epoch holds no batch, or fewer than were taken from it before.
        """
        while True:
            restored, self.restored = self.restored, None
            skip = restored["taken"] if restored else 0
            if restored:
                self._set_random_states(restored["at_start"])
            self.at_start = self._random_states()
            count = 0
            for count, batch in enumerate(self.batches, 1):
                if restored and count == skip:
                    self._set_random_states(restored["now"])
                elif count > skip:
                    self.taken = count
                    yield batch
            if count == 0:
                raise ValueError(
                    "A training wants batches in every epoch; this one had none. (An iterator is "
                    "empty after its first epoch: give a list, a Batches or a DataLoader.)"
                )
            if count < skip:
                raise ValueError(
                    f"A training wants an epoch of at least {skip} batches; got {count}."
                )

    def _random_states(self) -> dict[str, Any]:
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
        own = [self.generator.get_state()] if self.generator else []
        return {"cpu": torch.get_rng_state(), "cuda": cuda, "own": own}

    def _set_random_states(self, states: dict[str, Any]) -> None:
        torch.set_rng_state(states["cpu"])
        if states["cuda"] and torch.cuda.is_available():
            torch.cuda.set_rng_state_all(states["cuda"])
        if states["own"] and self.generator:
            self.generator.set_state(states["own"][0])


def _generator_of(batches: Iterable[Batch]) -> torch.Generator | None:
    """Return the generator that batches draw from; a DataLoader may have it in its sampler."""
    sampler = getattr(batches, "sampler", None)
    return getattr(batches, "generator", None) or getattr(sampler, "generator", None)


@dataclass
class Run:
    """A running training, as callbacks see it.

    Attributes
    ----------
    model, optimizer
        Those given to `fit`.
    stream : Stream
        Where the batches come from.
    steps : int
        How many steps there will be.
    step : int
        How many are done.
    history : History
    """

    model: nn.Module
    optimizer: Optimizer
    stream: Stream
    steps: int
    step: int = 0
    history: History = field(default_factory=History)

    @property
    def over(self) -> bool:
        """Whether this was the last step."""
        return self.step >= self.steps or self.history.stopped is not None

    @property
    def is_finite(self) -> bool:
        """Whether all weights are numbers."""
        return all(bool(weight.isfinite().all()) for weight in self.model.parameters())

    def stop(self, reason: str) -> None:
        """End the training after this step; `reason` goes into the history."""
        self.history.stopped = reason
