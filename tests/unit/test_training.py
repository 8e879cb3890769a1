"""fit: the steps of a bare loop in torch, the schedules of torch, and what stops a training."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import SGD, AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR

from kbook.data import Batches
from kbook.training import (
    Checkpoint,
    History,
    Run,
    TrainingDiverged,
    constant,
    cosine,
    evaluate,
    every,
    fit,
    one_cycle,
)

DRAWS = torch.Generator().manual_seed(3)
INPUTS = torch.randn(22, 4, generator=DRAWS)
LABELS = torch.randint(3, (22,), generator=DRAWS)
OPTIMIZERS = {"sgd": SGD, "adamw": AdamW}


def net(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3))


def batches() -> Batches:
    return Batches(INPUTS, LABELS, 5, torch.Generator().manual_seed(1))


def train(model: nn.Module, **more: Any) -> History:
    how = {"steps": 12, "progress": False} | more
    return fit(model, batches(), SGD(model.parameters(), lr=0.1), **how)


def weights(model: nn.Module) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in model.parameters()]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_steps_are_those_of_a_bare_loop(name: str) -> None:
    """Thirteen steps are more than two epochs of five batches, the last of them short."""
    ours, bare = net(), net()
    torch.manual_seed(5)
    optimizer = OPTIMIZERS[name](ours.parameters(), lr=0.1)
    history = fit(ours, batches(), optimizer, steps=13, progress=False)

    torch.manual_seed(5)
    optimizer = OPTIMIZERS[name](bare.parameters(), lr=0.1)
    losses: list[float] = []
    source = batches()
    while len(losses) < 13:
        for inputs, labels in source:
            if len(losses) == 13:
                break
            loss = F.cross_entropy(bare(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert history.loss == losses and history.stopped is None
    assert all(map(torch.equal, weights(ours), weights(bare)))


def rates_of(scheduler: Any, optimizer: SGD, steps: int) -> list[float]:
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def test_cosine_is_torchs() -> None:
    optimizer = SGD([nn.Parameter(torch.zeros(1))], lr=0.3)
    theirs = rates_of(CosineAnnealingLR(optimizer, T_max=12), optimizer, 12)
    assert train(net(), schedule=cosine).rate == pytest.approx([r / 3 for r in theirs])
    assert (cosine(0), cosine(1)) == (1, pytest.approx(0))


def test_one_cycle_is_torchs_within_a_step() -> None:
    """Torch puts the peak at step 0.3 N − 1 and the last rate at step N − 1; we at 0.3 N and N."""
    optimizer, steps = SGD([nn.Parameter(torch.zeros(1))], lr=1.0), 1000
    scheduler = OneCycleLR(optimizer, max_lr=1.0, total_steps=steps, cycle_momentum=False)
    theirs = rates_of(scheduler, optimizer, steps - 1)
    ours = [one_cycle(k / steps) for k in range(steps)]
    for k in range(1, steps - 2):
        near = theirs[max(0, k - 1) : k + 2]
        assert min(near) - 1e-9 <= ours[k] <= max(near) + 1e-5
    assert ours[0] == pytest.approx(1 / 25) and max(ours) == ours[300] == 1
    assert one_cycle(1) == pytest.approx(1 / 250_000)


def test_groups_keep_the_ratio_of_their_rates() -> None:
    model, seen = net(), []
    groups: list[dict[str, Any]] = [
        {"params": model[0].parameters()},
        {"params": model[3].parameters(), "lr": 0.02},
    ]
    optimizer = SGD(groups, lr=0.1)
    look = lambda run: seen.append([g["lr"] for g in run.optimizer.param_groups])  # noqa: E731
    how: dict[str, Any] = {"schedule": cosine, "callbacks": [look], "progress": False}
    history = fit(model, batches(), optimizer, steps=4, **how)
    factors = [cosine(k / 4) for k in range(4)]
    assert seen == [pytest.approx([0.1 * f, 0.02 * f]) for f in factors]
    assert history.rate == pytest.approx([0.1 * f for f in factors])
    history = fit(model, batches(), optimizer, steps=2, schedule=constant, progress=False)
    assert history.rate == [0.1, 0.1]  # a second training begins at the given rate again


def test_the_loss_gets_outputs_and_targets() -> None:
    shapes = []

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        shapes.append((tuple(outputs.shape), tuple(targets.shape)))
        return F.cross_entropy(outputs, targets)

    train(net(), steps=5, loss=loss)
    assert shapes == [((5, 3), (5,))] * 4 + [((2, 3), (2,))]


def test_callbacks_see_the_run_in_order_and_leave_the_mode() -> None:
    calls: list[tuple[str, int, bool]] = []
    modes = []

    def first(run: Run) -> None:
        calls.append(("first", run.step, run.over))
        evaluate(run.model, [(INPUTS, LABELS)])
        run.history.note(run.step, half=run.step / 2)

    def second(run: Run) -> None:
        calls.append(("second", len(run.history.loss), run.over))
        modes.append(run.model.training)

    history = train(net().eval(), steps=3, callbacks=[first, second])
    numbers = [(1, False), (2, False), (3, True)]
    assert calls == [(name, *n) for n in numbers for name in ("first", "second")]
    assert modes == [True] * 3 and history.measures == {"half": {1: 0.5, 2: 1.0, 3: 1.5}}


def test_a_callback_stops_the_training_after_its_step() -> None:
    stop = lambda run: run.step == 4 and run.stop("enough")  # noqa: E731
    history = train(net(), callbacks=[stop])
    assert (len(history.loss), history.stopped) == (4, "enough")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_divergence_names_step_and_rate_and_loses_nothing(value: float, tmp_path: Path) -> None:
    model = net()
    before: list[list[Tensor]] = []
    checkpoint = Checkpoint(tmp_path / "run.pt", every=2)

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        wrong = value if len(before) == 3 else 0.0
        return F.cross_entropy(outputs, targets) + wrong

    note = lambda run: before.append(weights(run.model))  # noqa: E731
    sentence = rf"^The loss became {value} at step 4 of 12, with the learning rate 0\.1\. "
    with pytest.raises(TrainingDiverged, match=sentence) as caught:
        train(model, loss=loss, callbacks=[note], checkpoint=checkpoint)
    assert all(map(torch.equal, weights(model), before[-1]))
    assert len(caught.value.history.loss) == 3
    assert torch.load(checkpoint.path, weights_only=True)["step"] == 2
    assert caught.value._render_traceback_() == [f"TrainingDiverged: {caught.value}"]


@pytest.mark.parametrize("steps", [0, -3])
def test_no_steps_is_refused(steps: int) -> None:
    with pytest.raises(ValueError, match=f"at least 1 step; got {steps}"):
        train(net(), steps=steps)


def test_no_batches_is_a_sentence() -> None:
    model = net()
    with pytest.raises(ValueError, match=r"in every epoch; this one had none\. \(An it"):
        fit(model, [], SGD(model.parameters(), lr=0.1), steps=3, progress=False)


def test_every_wants_at_least_one_step() -> None:
    with pytest.raises(ValueError, match="at least 1 step between two calls; got 0"):
        every(0, lambda run: None)
