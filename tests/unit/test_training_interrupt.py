"""fit and Ctrl-C: a whole step, a saved training, and the caller's own handler again."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import SGD

from kbook.data import Batches
from kbook.training import Checkpoint, History, Run, fit

DRAWS = torch.Generator().manual_seed(3)
INPUTS = torch.randn(22, 4, generator=DRAWS)
LABELS = torch.randint(3, (22,), generator=DRAWS)


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3))


def train(model: nn.Module, **more: Any) -> History:
    batches = Batches(INPUTS, LABELS, 5, torch.Generator().manual_seed(1))
    how = {"steps": 12, "progress": False} | more
    return fit(model, batches, SGD(model.parameters(), lr=0.1), **how)


def weights(model: nn.Module) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in model.parameters()]


def send_interrupt(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def handler() -> Iterator[Callable[[int, object], None]]:
    """Install a handler of the caller's own, as a notebook's kernel may have one."""

    def own(number: int, frame: object) -> None:
        raise AssertionError("fit must have this one replaced meanwhile")

    before = signal.signal(signal.SIGINT, own)
    yield own
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_in_the_middle_of_a_step_lets_it_finish(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    handler: Callable[[int, object], None],
) -> None:
    calls: list[int] = []
    stopped, whole = net(), net()

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        calls.append(1)
        if len(calls) == 7:
            send_interrupt()
        return F.cross_entropy(outputs, targets)

    torch.manual_seed(5)
    checkpoint = Checkpoint(tmp_path / "run.pt", every=1000)
    history = train(stopped, loss=loss, checkpoint=checkpoint)
    assert (len(history.loss), history.stopped) == (7, "interrupted")
    assert capsys.readouterr().out == (
        "Stopped by you after step 7 of 12; weights and history are kept.\n"
    )
    assert signal.getsignal(signal.SIGINT) is handler

    torch.manual_seed(5)
    complete = train(whole)
    assert train(stopped, checkpoint=checkpoint) == complete  # goes on as if nothing had happened
    assert all(map(torch.equal, weights(stopped), weights(whole)))


def test_an_interrupt_during_callbacks_lets_the_next_step_finish() -> None:
    """The callbacks of step 5 have run in the belief that more follows; those of step 6 know."""
    over: list[bool] = []

    def look(run: Run) -> None:
        over.append(run.over)
        if run.step == 5:
            send_interrupt()

    stopped, bare = net(), net()
    history = train(stopped, callbacks=[look])
    assert over == [False] * 5 + [True] and history.stopped == "interrupted"
    torch.manual_seed(0)
    net()  # the same weights, and the same place in the random numbers of the dropout
    assert history.loss == train(bare, steps=6).loss
    assert all(map(torch.equal, weights(stopped), weights(bare)))


def test_a_second_interrupt_does_not_wait(handler: Callable[[int, object], None]) -> None:
    def twice(run: Run) -> None:
        send_interrupt()
        send_interrupt()

    with pytest.raises(KeyboardInterrupt):
        train(net(), callbacks=[twice])
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_training_in_another_thread_leaves_signals_alone() -> None:
    results: list[History] = []
    thread = threading.Thread(target=lambda: results.append(train(net())))
    thread.start()
    thread.join()
    assert len(results[0].loss) == 12
