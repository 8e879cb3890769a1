"""The training loop of chapter 5's fast recipe: half precision, and no waiting for the device."""

import math
from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer

from kbook.training.evaluation import device_of
from kbook.training.history import History
from kbook.training.loop import (
    Loss,
    Schedule,
    TrainingDiverged,
    check_loss,
    check_training,
    scheduled,
)
from kbook.training.run import Batch, Stream
from kbook.training.schedules import constant

__all__ = ["fit_fast"]


def fit_fast(  # noqa: PLR0913 - as for `fit`, each part is named where it is given
    model: nn.Module,
    batches: Iterable[Batch],
    optimizer: Optimizer,
    *,
    steps: int,
    loss: Loss = F.cross_entropy,
    schedule: Schedule = constant,
    half: bool = True,
) -> History:
    """Train as `fit` does, faster and with less care: no checkpoint, no callbacks, no stop button.

    `fit` looks at each loss, and so the processor waits for the device at every step. This looks
    at all of them in the end. Make the optimizer with ``fused=True``: others make the scaler of
    half precision wait.

    Parameters
    ----------
    model : nn.Module
        Put into training mode, and left there.
    batches : iterable of (inputs, targets)
        On the model's device; a copy from memory that is not pinned would wait, too.
        Each iteration over it is an epoch.
    optimizer : torch.optim.Optimizer
        Over the model's parameters; it has its learning rates again in the end.
    steps : int
        How many, at least 1.
    loss : callable, default cross-entropy
        (outputs, targets) → a single number as a Tensor.
    schedule : callable, default `constant`
        Progress from 0 to 1 → factor for the learning rate.
    half : bool, default True
        Whether torch's autocast may compute in 16 bits: float16 with a scaled loss on CUDA (a T4
        has no fast bfloat16), bfloat16 elsewhere.

    Returns
    -------
    History

    Raises
    ------
    TypeError, ValueError
        As by `fit`.
    TrainingDiverged
        If a loss was infinite or no number. This shows in the end only: the history has all steps,
        and the weights are of no use any more.

    References
    ----------
    Micikevicius et al. (2018), "Mixed precision training", for the scaled loss.
    """
    check_training(model, optimizer, steps)
    rates = [group["lr"] for group in optimizer.param_groups]
    factors = [schedule(step / steps) for step in range(steps)]
    advance = _stepper(model, optimizer, loss, half)
    model.train()
    losses = []
    with scheduled(optimizer, rates):
        for factor, (inputs, targets) in zip(factors, Stream(batches), strict=False):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * factor
            losses.append(advance(inputs, targets))
    numbers = torch.stack(losses).float().tolist()  # the one place that waits
    history = History(loss=numbers, rate=[rates[0] * factor for factor in factors])
    for step, number in enumerate(numbers, 1):
        if not math.isfinite(number):
            cure = ", or train with half=False" if half else ""
            raise TrainingDiverged(
                f"The loss became {number} at step {step} of {steps}. "
                f"Lower the learning rate{cure}.",
                history,
            )
    return history


def _stepper(
    model: nn.Module, optimizer: Optimizer, loss: Loss, half: bool
) -> Callable[[Tensor, Tensor], Tensor]:
    """Return a function that makes one step and returns the loss, still on the device."""
    device = device_of(model).type
    dtype = torch.float16 if device == "cuda" else torch.bfloat16
    scaler = torch.amp.GradScaler(device, enabled=half and device == "cuda")
    if scaler.is_enabled():
        _start_momentum(optimizer)

    def advance(inputs: Tensor, targets: Tensor) -> Tensor:
        with torch.autocast(device, dtype, enabled=half):
            value = loss(model(inputs), targets)
        check_loss(value)
        optimizer.zero_grad()
        scaler.scale(value).backward()
        scaler.step(optimizer)
        scaler.update()
        return value.detach()

    return advance


def _start_momentum(optimizer: Optimizer) -> None:
    """Let the momentum of a fused SGD begin at 0.

    If the scaler skips its first step, torch 2.11 leaves the momentum as the memory was that it got
    for it. From 0 the first step is the same as without.
    """
    for group in optimizer.param_groups:
        if group.get("fused") and group.get("momentum") and not group["dampening"]:
            for weight in group["params"]:
                state = optimizer.state[weight]
                if state.get("momentum_buffer") is None:
                    state["momentum_buffer"] = torch.zeros_like(weight)
