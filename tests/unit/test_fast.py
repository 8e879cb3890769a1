"""fit_fast against fit, bit for bit, and on a GPU that is pretended."""

import math
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn
from torch.optim import SGD, AdamW, Optimizer

from kbook.data import Batches
from kbook.data.augmentation import flip_and_shift
from kbook.training import History, TrainingDiverged, fast, fit, fit_fast, one_cycle

# Pictures of three classes; a class makes one of the three colors brighter.
LABELS = torch.arange(60) % 3
IMAGES = torch.rand(60, 3, 6, 6, generator=Generator().manual_seed(0))
IMAGES[torch.arange(60), LABELS] += 0.3

Loss = Callable[[Tensor, Tensor], Tensor]


def sgd(net: nn.Sequential) -> Optimizer:
    """Return an optimizer of two groups, each with a learning rate of its own."""
    groups = [{"params": net[0].parameters()}, {"params": net[1:].parameters(), "lr": 0.02}]
    return SGD(groups, lr=0.1, momentum=0.9, nesterov=True)


def adamw(net: nn.Sequential) -> Optimizer:
    return AdamW(net.parameters(), lr=0.01)


def train(
    how: Callable[..., History], optimizer: Callable[..., Optimizer] = sgd, **more: Any
) -> SimpleNamespace:
    """Train a small net from one seed; the set holds 60 pictures in 8 batches, the last of 4."""
    torch.manual_seed(0)
    net = nn.Sequential(
        *(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten()),
        *(nn.Dropout(0.2), nn.Linear(64, 3)),
    )
    rng = Generator().manual_seed(1)
    batches = more.pop("batches", Batches(IMAGES, LABELS, 8, rng, flip_and_shift))
    optimizer_ = optimizer(net)
    result = SimpleNamespace(net=net.eval(), rng=rng, optimizer=optimizer_)
    result.history = how(net, batches, optimizer_, **({"steps": 20} | more))
    return result


def rates(optimizer: Optimizer) -> list[float]:
    return [group["lr"] for group in optimizer.param_groups]


@pytest.mark.parametrize("optimizer", [sgd, adamw])
def test_without_half_precision_it_is_fit_bit_for_bit(optimizer: Callable[..., Optimizer]) -> None:
    ours = train(fit_fast, optimizer, schedule=one_cycle, half=False)
    theirs = train(fit, optimizer, schedule=one_cycle, progress=False)
    assert ours.history == theirs.history and len(ours.history.loss) == 20
    states = [result.net.state_dict() for result in (ours, theirs)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[1])
    assert torch.equal(ours.rng.get_state(), theirs.rng.get_state())  # no batch too many
    assert rates(ours.optimizer) == rates(theirs.optimizer) == rates(optimizer(ours.net))
    assert all(module.training for module in ours.net.modules())


def test_half_precision_is_close_and_computes_in_16_bits() -> None:
    seen = set()

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        seen.add(outputs.dtype)
        return F.cross_entropy(outputs, targets)

    ours, whole = train(fit_fast, loss=loss), train(fit_fast, half=False)
    assert seen == {torch.bfloat16}
    assert ours.history.loss == pytest.approx(whole.history.loss, rel=0.1)
    assert ours.history.loss != whole.history.loss
    assert {p.dtype for p in ours.net.parameters()} == {torch.float32}
    train(fit_fast, loss=loss, half=False)
    assert seen == {torch.bfloat16, torch.float32}


def test_every_group_follows_the_schedule_in_its_own_proportion() -> None:
    progress: list[float] = []
    used: list[list[float]] = []

    def schedule(t: float) -> float:
        progress.append(t)
        return 1 - t

    class Spy(SGD):
        def step(self, closure: Any = None) -> None:
            used.append(rates(self))
            super().step()

    def spy(net: nn.Sequential) -> Optimizer:
        return Spy(sgd(net).param_groups, lr=0.1)

    result = train(fit_fast, spy, schedule=schedule, steps=4, half=False)
    assert progress == [0, 0.25, 0.5, 0.75]
    expected = [[0.1 * left, 0.02 * left] for left in (1, 0.75, 0.5, 0.25)]
    torch.testing.assert_close(torch.tensor(used), torch.tensor(expected))
    assert result.history.rate == [each[0] for each in used]
    assert rates(result.optimizer) == [0.1, 0.02]


def test_losses_are_read_once_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def noting(name: str) -> Callable[..., Any]:
        original = getattr(Tensor, name)
        return lambda self, *args: read.append(name) or original(self, *args)

    for name in ("item", "tolist", "__float__", "__bool__"):
        monkeypatch.setattr(Tensor, name, noting(name))
    batches = 3 * [(IMAGES[:8], LABELS[:8])]
    train(fit_fast, batches=batches, half=False)
    assert read == ["tolist"]


def failing_at(step: int, number: float) -> Loss:
    """Return a cross-entropy to which one step adds a number."""
    calls: list[int] = []

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        calls.append(1)
        return F.cross_entropy(outputs, targets) + (number if len(calls) == step else 0.0)

    return loss


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_loss_that_is_no_number_is_said_with_its_step(number: float) -> None:
    kept: dict[str, Optimizer] = {}

    def keep(net: nn.Sequential) -> Optimizer:
        return kept.setdefault("optimizer", sgd(net))

    with pytest.raises(
        TrainingDiverged, match=rf"^The loss became {number} at step 3 of 5\. "
    ) as e:
        train(fit_fast, keep, loss=failing_at(3, number), steps=5, schedule=one_cycle)
    losses = e.value.history.loss
    assert len(losses) == len(e.value.history.rate) == 5
    assert not math.isfinite(losses[2]) and all(map(math.isfinite, losses[:2]))
    assert rates(kept["optimizer"]) == [0.1, 0.02]


def test_the_last_step_counts() -> None:
    with pytest.raises(TrainingDiverged, match="nan at step 5 of 5"):
        train(fit_fast, loss=failing_at(5, math.nan), steps=5)


@pytest.mark.parametrize("steps", [0, -3])
def test_no_step_is_refused(steps: int) -> None:
    with pytest.raises(ValueError, match=rf"^A training wants at least 1 step; got {steps}\.$"):
        train(fit_fast, steps=steps)


def test_what_fit_refuses_is_refused_here_too() -> None:
    net, other = nn.Linear(2, 2), nn.Linear(2, 2)
    batches = [(torch.ones(4, 2), torch.zeros(4, dtype=torch.int64))]
    own = torch.optim.SGD(net.parameters(), lr=0.1)
    with pytest.raises(TypeError, match=r"^A training wants a whole number of steps; got 2\.5\.$"):
        fit_fast(net, batches, own, steps=2.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="this one has none of them"):
        fit_fast(net, batches, torch.optim.SGD(other.parameters(), lr=0.1), steps=1)
    with pytest.raises(ValueError, match=r"a loss of one number; got shape \(4,\)"):
        fit_fast(net, batches, own, steps=1, loss=partial(F.cross_entropy, reduction="none"))


def test_an_epoch_without_batches_is_refused() -> None:
    batch = (IMAGES[:8], LABELS[:8])
    assert len(train(fit_fast, batches=iter([batch]), steps=1).history.loss) == 1
    for batches in ([], iter([batch])):  # an iterator is empty in its second epoch
        with pytest.raises(ValueError, match=r"^A training wants batches in every epoch; .*\.\)$"):
            train(fit_fast, batches=batches, steps=2)


def test_a_training_that_breaks_puts_the_learning_rates_back() -> None:
    kept: dict[str, Optimizer] = {}

    def breaking(outputs: Tensor, targets: Tensor) -> Tensor:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(fit_fast, lambda net: kept.setdefault("sgd", sgd(net)), loss=breaking,
              schedule=one_cycle)  # fmt: skip
    assert rates(kept["sgd"]) == [0.1, 0.02]


@pytest.fixture
def pretended_gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Let fit_fast believe in CUDA: torch's scaler works, on the CPU; autocast only notes."""
    noted: dict[str, Any] = {"dtypes": set()}
    scaler_of = torch.amp.GradScaler

    def scaler(device: str, enabled: bool) -> torch.amp.GradScaler:
        # A power of two: then scaling changes no bit of a gradient.
        noted["scaler"] = scaler_of("cpu", enabled=enabled, init_scale=2.0**10, growth_interval=7)
        noted["device"] = device
        return noted["scaler"]

    def autocast(device: str, dtype: torch.dtype, enabled: bool) -> nullcontext[None]:
        noted["dtypes"].add((device, dtype, enabled))
        return nullcontext()

    monkeypatch.setattr(fast, "device_of", lambda model: torch.device("cuda"))
    monkeypatch.setattr(torch.amp, "GradScaler", scaler)
    monkeypatch.setattr(torch, "autocast", autocast)
    yield noted


def test_on_a_gpu_the_loss_is_scaled_and_the_gradient_scaled_back(pretended_gpu: dict) -> None:
    scales = []

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        outputs.register_hook(lambda gradient: scales.append(gradient.abs().max().item()))
        return F.cross_entropy(outputs, targets)

    ours = train(fit_fast, loss=loss)
    assert pretended_gpu["dtypes"] == {("cuda", torch.float16, True)}
    assert pretended_gpu["device"] == "cuda"
    assert min(scales) > 10  # unscaled ones are below 1/8
    assert pretended_gpu["scaler"].get_scale() == 2**12  # doubled after 7 and 14 steps
    scales.clear()
    whole = train(fit_fast, loss=loss, half=False)
    assert max(scales) < 1 and not pretended_gpu["scaler"].is_enabled()
    assert ours.history == whole.history
    pairs = zip(ours.net.state_dict().values(), whole.net.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_on_a_gpu_a_gradient_that_overflows_is_skipped(pretended_gpu: dict) -> None:
    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        if pretended_gpu["scaler"].get_scale() == 2**10:
            outputs.register_hook(lambda gradient: gradient * math.inf)
        return F.cross_entropy(outputs, targets)

    result = train(fit_fast, loss=loss, steps=3)
    assert pretended_gpu["scaler"].get_scale() == 2**9
    assert all(p.isfinite().all() for p in result.net.parameters())
    assert result.optimizer.state  # the other steps were made


@pytest.fixture
def empty_is_nan() -> Iterator[None]:
    """Let torch fill memory that nobody has written yet with nan."""
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


@pytest.mark.usefixtures("empty_is_nan")
def test_a_fused_optimizer_may_lose_its_first_step(pretended_gpu: dict) -> None:
    def fused(net: nn.Module) -> Optimizer:
        return SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, fused=True)

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        if pretended_gpu["scaler"].get_scale() == 2**10:
            outputs.register_hook(lambda gradient: gradient * math.inf)
        return F.cross_entropy(outputs, targets)

    result = train(fit_fast, fused, loss=loss, steps=3)
    assert pretended_gpu["scaler"].get_scale() == 2**9
    momenta = [state["momentum_buffer"] for state in result.optimizer.state.values()]
    assert all(tensor.isfinite().all() for tensor in [*momenta, *result.net.parameters()])


@pytest.mark.parametrize("optimizer", [partial(SGD, momentum=0.9, fused=True), AdamW])
def test_on_a_gpu_the_first_step_is_that_of_the_optimizer(
    pretended_gpu: dict, optimizer: Callable[..., Optimizer]
) -> None:
    def made(net: nn.Module) -> Optimizer:
        return optimizer(net.parameters(), lr=0.1)

    halves = [train(fit_fast, made, half=half).net.state_dict() for half in (True, False)]
    assert all(torch.equal(a, b) for a, b in zip(*map(dict.values, halves), strict=True))
