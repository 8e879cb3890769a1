"""The training loop of chapter 3, made safe: it reports, it can be stopped, and it can go on."""

import math
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer

from kbook.errors import OneSentence
from kbook.training.callbacks import Callback
from kbook.training.checkpoint import Checkpoint
from kbook.training.evaluation import device_of
from kbook.training.history import History
from kbook.training.progress import Progress
from kbook.training.run import Batch, Run, Stream
from kbook.training.schedules import constant

__all__ = ["TrainingDiverged", "fit"]

INTERRUPTED = "interrupted"

Loss = Callable[[Any, Tensor], Tensor]
Schedule = Callable[[float], float]


class TrainingDiverged(OneSentence, ArithmeticError):
    """Say that the loss is no number any more.

    Attributes
    ----------
    history : History
        All steps before.
    """

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


def fit(  # noqa: PLR0913 - a training has this many parts, and each is named where it is given
    model: nn.Module,
    batches: Iterable[Batch],
    optimizer: Optimizer,
    *,
    steps: int,
    loss: Loss = F.cross_entropy,
    schedule: Schedule = constant,
    callbacks: Sequence[Callback] = (),
    checkpoint: Checkpoint | None = None,
    progress: bool = True,
) -> History:
    """Train a model, one optimizer step for each batch.

    Ctrl-C (in a notebook, the stop button) ends the training after the step it is in, or after the
    next one if it comes between two, and saves it; a second one interrupts at once. With a
    `checkpoint` whose file exists, the training goes on from there, and ends with the same bits as
    if it had never stopped.

    Parameters
    ----------
    model : nn.Module
        Put into training mode before every step, and left there.
    batches : iterable of (inputs, targets)
        Each iteration over it is an epoch, for example a `Batches` or a torch DataLoader. They are
        moved to the model's device.
    optimizer : torch.optim.Optimizer
        Over parameters of the model; its learning rates are what `schedule` multiplies, and it has
        them again in the end.
    steps : int
        How many steps in all, those before a resumption included.
    loss : callable, default cross-entropy
        (outputs, targets) → a single number as a Tensor, the mean over the batch.
    schedule : callable, default `constant`
        Progress from 0 to 1 → factor for the learning rate.
    callbacks : sequence of callables
        Each is called with the `Run` after every step. One with `state_dict` and `load_state_dict`
        is saved and restored too.
    checkpoint : Checkpoint, optional
        Where to save and what to go on from.
    progress : bool, default True
        Whether to show the progress bar.

    Returns
    -------
    History
        From the first step on, also after a resumption.

    Raises
    ------
    TypeError, ValueError
        If `steps` is no whole number from 1 on, the optimizer has no parameter of the model, `loss`
        returns more than one number, or an epoch holds no batch.
    TrainingDiverged
        If a loss is infinite or no number. The weights are then those before that step (running
        statistics, as of batch normalization, have seen its batch), and a checkpoint keeps what it
        saved last. Also if the last step made a weight infinite or no number.
    UnusableCheckpoint
        If the checkpoint's file belongs to another training.
    """
    check_training(model, optimizer, steps)
    run = Run(model, optimizer, Stream(batches), steps)
    rates = [group["lr"] for group in optimizer.param_groups]
    if checkpoint and checkpoint.restore(run, callbacks):
        _say_where(run, checkpoint, rates[0])
    stream, bar = iter(run.stream), Progress(run.step, steps, visible=progress)
    with scheduled(optimizer, rates), _interrupts() as interrupted, bar:
        while not run.over:
            _step(run, next(stream), loss, schedule)
            if interrupted and not run.over:
                run.stop(INTERRUPTED)
            for callback in callbacks:
                callback(run)
            bar.show(run.step, run.history.loss[-1])
            if checkpoint and (run.over or run.step % checkpoint.every == 0):
                checkpoint.save(run, callbacks)
    if not run.is_finite:
        raise TrainingDiverged(
            f"A weight is infinite or no number after step {run.step} of {steps}, though the loss "
            "before it was one: look for a gradient without bound.",
            run.history,
        )
    if run.history.stopped == INTERRUPTED:
        print(f"Stopped by you after step {run.step} of {steps}; weights and history are kept.")
    return run.history


def check_training(model: nn.Module, optimizer: Optimizer, steps: int) -> None:
    """Refuse a number of steps, or an optimizer, with which no training makes sense."""
    if isinstance(steps, bool) or not isinstance(steps, int):
        raise TypeError(f"A training wants a whole number of steps; got {steps!r}.")
    if steps < 1:
        raise ValueError(f"A training wants at least 1 step; got {steps}.")
    own = set(map(id, model.parameters()))
    if not any(id(p) in own for group in optimizer.param_groups for p in group["params"]):
        raise ValueError(
            "A training wants an optimizer of the model's parameters; this one has none of them."
        )


def check_loss(value: Tensor) -> None:
    """Refuse a loss that is no single number."""
    if value.numel() != 1:
        raise ValueError(f"A training wants a loss of one number; got shape {tuple(value.shape)}.")


@contextmanager
def scheduled(optimizer: Optimizer, rates: list[float]) -> Iterator[None]:
    """Keep the given learning rates beside those of the moment, and put them back in the end."""
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group["initial_lr"] = rate  # the name that torch's schedulers use as well
    try:
        yield
    finally:
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate


def _step(run: Run, batch: Batch, loss: Loss, schedule: Schedule) -> None:
    """Make one step: the five lines that chapter 3 writes out, and what keeps them safe."""
    run.model.train()  # a callback may have switched it
    device = device_of(run.model)
    inputs, targets = (part.to(device) for part in batch)
    factor = float(schedule(run.step / run.steps))  # a number of numpy could not be loaded again
    for group in run.optimizer.param_groups:
        group["lr"] = group["initial_lr"] * factor
    rate = run.optimizer.param_groups[0]["lr"]

    value = loss(run.model(inputs), targets)
    check_loss(value)
    if not math.isfinite(number := value.item()):
        raise TrainingDiverged(
            f"The loss became {number} at step {run.step + 1} of {run.steps}, with the learning "
            f"rate {rate:.3g}. Lower the learning rate, or look for bad numbers in this batch.",
            run.history,
        )
    run.optimizer.zero_grad()
    value.backward()
    run.optimizer.step()
    run.step += 1
    run.history.loss.append(number)
    run.history.rate.append(rate)


def _say_where(run: Run, checkpoint: Checkpoint, rate: float) -> None:
    """Say where a training goes on, and with which learning rate if that is a new one."""
    if run.history.stopped == INTERRUPTED:
        run.history.stopped = None
    if run.over:
        print(f"{checkpoint.path.name}: this training is done; delete the file to train again.")
    else:
        saved = run.optimizer.param_groups[0]["initial_lr"]
        new = f", now with the learning rate {rate:g} (it was {saved:g})" if rate != saved else ""
        print(f"{checkpoint.path.name}: going on after step {run.step} of {run.steps}{new}.")


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Collect the first Ctrl-C in a list instead of stopping in the middle of a step."""
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield received  # only the main thread may handle signals
        return

    def receive(number: int, frame: object) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)

    before = signal.signal(signal.SIGINT, receive)
    try:
        yield received
    finally:
        signal.signal(signal.SIGINT, before)
