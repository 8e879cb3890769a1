"""Mini-batches: all samples once in each epoch, in a new order each time."""

from collections.abc import Callable, Iterator

import torch
from torch import Generator, Tensor

__all__ = ["Batches"]

Augment = Callable[[Tensor, Generator], Tensor]


class Batches:
    """Draw mini-batches; each ``for`` over it is one epoch with an order of its own.

    Parameters
    ----------
    inputs : Tensor of shape (N, …)
        The samples, on any device.
    targets : Tensor of shape (N, …)
        What belongs to them, on the same device.
    size : int
        Samples in a batch; the last one of an epoch may be smaller.
    generator : torch.Generator, optional
        On the CPU; it decides all orders, and `augment` draws from it. Without one the samples keep
        their order, as for an evaluation.
    augment : callable, optional
        (inputs of a batch, generator) → inputs of the same shape; needs a `generator`.

    Raises
    ------
    ValueError
        If there are no samples, their numbers or devices differ, `size` is no whole number from 1
        on, or `augment` has no generator to draw from.

    Examples
    --------
    >>> x = torch.arange(5)
    >>> [len(y) for _, y in Batches(x, x, 2)]
    [2, 2, 1]
    """

    def __init__(
        self,
        inputs: Tensor,
        targets: Tensor,
        size: int,
        generator: Generator | None = None,
        augment: Augment | None = None,
    ) -> None:
        if len(inputs) == 0 or len(inputs) != len(targets):
            raise ValueError(
                f"Batches wants as many inputs as targets, at least one; "
                f"got {len(inputs)} and {len(targets)}."
            )
        if inputs.device != targets.device:
            raise ValueError(
                f"Batches wants inputs and targets on one device; "
                f"got {inputs.device} and {targets.device}."
            )
        if not isinstance(size, int) or size < 1:
            raise ValueError(f"Batches wants a whole number from 1 on as its size; got {size}.")
        if augment and not generator:
            raise ValueError("Batches wants a generator from which `augment` draws; got none.")
        self.inputs, self.targets, self.size = inputs, targets, size
        self.generator, self.augment = generator, augment

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return -(-len(self.inputs) // self.size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield one epoch of (inputs, targets)."""
        for index in self._order().split(self.size):
            inputs = self.inputs[index]
            if self.augment and self.generator:
                inputs = self.augment(inputs, self.generator)
            yield inputs, self.targets[index]

    def _order(self) -> Tensor:
        count = len(self.inputs)
        if self.generator is None:
            return torch.arange(count, device=self.inputs.device)
        return torch.randperm(count, generator=self.generator).to(self.inputs.device)
