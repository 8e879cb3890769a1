"""EarlyStopping: when it stops and what it keeps, by definition and through a checkpoint."""

import math
import random
from pathlib import Path

import pytest
import torch
from torch import nn

from kbook.data import Batches
from kbook.training import Checkpoint, EarlyStopping, every, fit

STEPS = 12
DATA = Batches(torch.ones(4, 1), torch.ones(4, 1), 2)


def net() -> nn.Linear:
    model = nn.Linear(1, 1)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    return model


def by_definition(losses: list[float], patience: int) -> tuple[int, int]:
    """Return which measurement is kept and which is the last, looking at all of them at once."""
    for last in range(len(losses)):
        recent = losses[max(0, last + 1 - patience) : last + 1]
        before = [x for x in losses[: max(0, last + 1 - patience)] if not math.isnan(x)]
        lowest_before = min(before, default=math.inf)
        if len(recent) == patience and not any(x < lowest_before for x in recent):
            break
    seen = [math.inf if math.isnan(x) else x for x in losses[: last + 1]]
    return seen.index(min(seen)), last


def trained(losses: list[float], patience: int) -> tuple[int, int]:
    """Return the same from a training whose weight counts steps and whose measure is scripted."""
    model, script = net(), iter(losses)
    stopping = EarlyStopping(lambda model: next(script), patience)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    history = fit(
        model,
        DATA,
        optimizer,
        steps=len(losses),
        loss=lambda outputs, targets: -model.weight.sum(),  # so a step adds 1 to the weight
        callbacks=[stopping],
        progress=False,
    )
    stopping.restore_best(model)
    return round(model.weight.item()) - 1, len(history.loss) - 1


@pytest.mark.parametrize("patience", [1, 2, 3, 5])
def test_stops_and_keeps_by_definition(patience: int) -> None:
    draw = random.Random(patience)
    for _ in range(60):
        losses = [float(draw.choice([1, 2, 3, 4, math.nan])) for _ in range(STEPS)]
        losses[0] = 5.0  # at least one measurement is a number
        assert trained(losses, patience) == by_definition(losses, patience), losses


def test_a_new_lowest_value_at_the_last_moment_counts() -> None:
    assert trained([3.0, 4.0, 2.0, 4.0, 4.0, 1.0], 2) == (2, 4)
    assert trained([3.0, 4.0, 2.0, 4.0, 1.0, 5.0], 2) == (4, 5)


def test_the_kept_weights_are_a_copy() -> None:
    model, script = net(), iter([1.0, 2.0, 3.0])
    stopping = EarlyStopping(lambda model: next(script), patience=5)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    loss = lambda outputs, targets: -model.weight.sum()  # noqa: E731
    fit(model, DATA, optimizer, steps=3, loss=loss, callbacks=[stopping], progress=False)
    assert stopping.weights is not None and stopping.weights["weight"].item() == 1.0
    assert model.weight.item() == 3.0


def test_patience_goes_on_after_a_resumption(tmp_path: Path) -> None:
    values = [5.0, 4.0, 6.0, 6.0, 6.0, 6.0, 6.0, 6.0]

    def run(checkpoint: Checkpoint | None, steps: int) -> tuple[int, float]:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
        stopping = EarlyStopping(lambda model: values[round(model.weight.item()) - 1], patience=4)
        history = fit(
            model,
            DATA,
            optimizer,
            steps=steps,
            loss=lambda outputs, targets: -model.weight.sum(),
            callbacks=[stopping],
            checkpoint=checkpoint,
            progress=False,
        )
        stopping.restore_best(model)
        return len(history.loss), model.weight.item()

    checkpoint = Checkpoint(tmp_path / "run.pt", every=1)
    run(checkpoint, 4)  # two of the four measurements without a new lowest one are over
    assert run(checkpoint, 8) == run(None, 8) == (6, 2.0)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="patience of at least 1; got 0"):
        EarlyStopping(lambda model: 0.0, 0)
    with pytest.raises(ValueError, match="nothing was measured yet"):
        EarlyStopping(lambda model: 0.0, 1).restore_best(net())


def test_every_measures_now_and_then_and_at_the_end() -> None:
    model, measured = net(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    note = every(4, lambda run: measured.append(run.step))
    fit(
        model,
        DATA,
        optimizer,
        steps=10,
        loss=nn.functional.mse_loss,
        callbacks=[note],
        progress=False,
    )
    assert measured == [4, 8, 10]
