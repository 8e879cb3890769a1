"""The fast recipe: what it hands to fit_fast, number by number, and that it learns."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Generator, Tensor, nn
from torch.optim import SGD, Optimizer

from kbook import recipes
from kbook.data import Batches
from kbook.data.augmentation import flip_and_shift
from kbook.models.resnet import ResNet
from kbook.training import History, one_cycle

# Pictures of three classes; a class makes one of the three colors brighter.
LABELS = torch.arange(60) % 3
IMAGES = torch.rand(60, 3, 6, 6, generator=Generator().manual_seed(0))
IMAGES[torch.arange(60), LABELS] += 0.3


def test_prepared_by_hand() -> None:
    images = torch.zeros(2, 3, 2, 4, dtype=torch.uint8)
    images[0, :, 1, 2] = torch.tensor([255, 0, 128])
    images[1, :, 0, 3] = torch.tensor([51, 102, 204])
    before = images.clone()
    ours = recipes.prepared(images, torch.device("cpu"))
    expected = [0.5086 / 0.2470, -0.4822 / 0.2435, (128 / 255 - 0.4465) / 0.2616]
    torch.testing.assert_close(ours[0, :, 1, 2], torch.tensor(expected))
    expected = [(0.2 - 0.4914) / 0.2470, (0.4 - 0.4822) / 0.2435, (0.8 - 0.4465) / 0.2616]
    torch.testing.assert_close(ours[1, :, 0, 3], torch.tensor(expected))
    assert ours.shape == images.shape and ours.dtype == torch.float32
    assert ours.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(images, before)
    assert recipes.prepared(images, torch.device("meta")).device.type == "meta"


def tiny_net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(4, 3))  # fmt: skip


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., SimpleNamespace]:
    """Return a function that calls the recipe and tells what reached fit_fast."""

    def call(net: nn.Module | None = None, **options: Any) -> SimpleNamespace:
        caught: list[SimpleNamespace] = []

        def catch(net: nn.Module, batches: Batches, optimizer: Optimizer, **more: Any) -> History:
            caught.append(SimpleNamespace(net=net, batches=batches, optimizer=optimizer, **more))
            return History()

        monkeypatch.setattr(recipes, "fit_fast", catch)
        recipes.train_fast(net or tiny_net(), IMAGES, LABELS, **({"epochs": 2} | options))
        return caught[0]

    return call


def test_the_numbers_of_the_recipe_arrive(handed: Callable[..., SimpleNamespace]) -> None:
    net = tiny_net()
    parts = handed(net, epochs=2.5, size=7, peak=0.3)
    [group] = parts.optimizer.param_groups
    assert type(parts.optimizer) is SGD and parts.net is net
    numbers = {"lr": 0.3, "momentum": 0.9, "weight_decay": 5e-4, "dampening": 0}
    assert {name: group[name] for name in numbers} == numbers
    assert group["nesterov"] and group["fused"]
    assert list(map(id, group["params"])) == list(map(id, net.parameters()))
    assert parts.schedule is one_cycle and getattr(parts, "half", True)
    assert parts.batches.inputs is IMAGES and parts.batches.targets is LABELS
    assert parts.batches.size == 7 and parts.batches.augment is flip_and_shift
    assert parts.steps == 22  # two and a half times 9 batches
    assert net[0].weight.is_contiguous(memory_format=torch.channels_last)


def test_the_numbers_that_nobody_gave(handed: Callable[..., SimpleNamespace]) -> None:
    parts = handed()
    assert parts.batches.size == 500 and parts.optimizer.param_groups[0]["lr"] == 0.4
    assert parts.loss.keywords == {"label_smoothing": 0.1}


def test_labels_are_smoothed(handed: Callable[..., SimpleNamespace]) -> None:
    logits = torch.tensor([[2.0, -1.0, 0.5]])
    logs = logits[0] - logits[0].exp().sum().log()
    by_hand = -(0.8 * logs[1] + 0.2 / 3 * logs.sum())  # the label has 1 - 0.2 and its third
    loss = handed(smoothing=0.2).loss(logits, torch.tensor([1]))
    torch.testing.assert_close(loss, by_hand)


def test_the_seed_owns_order_and_augmentation(handed: Callable[..., SimpleNamespace]) -> None:
    def first(seed: int) -> Tensor:
        return next(iter(handed(seed=seed, size=9).batches))[0]

    assert torch.equal(first(3), first(3)) and not torch.equal(first(3), first(4))
    assert torch.equal(next(iter(handed(size=9).batches))[0], first(0))


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let torch.compile note the convolutions of each graph, and compile nothing."""
    found: list[int] = []
    real = torch.compile

    def note(graph: torch.fx.GraphModule, inputs: list[Tensor]) -> Callable[..., Any]:
        found.append(sum("conv" in str(node.target) for node in graph.graph.nodes))
        return graph.forward

    monkeypatch.setattr(torch, "compile", lambda what, *_, **__: real(what, backend=note))
    torch.compiler.reset()
    return found


def test_torch_compiles_if_asked_and_not_otherwise(
    handed: Callable[..., SimpleNamespace], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[Any] = []
    monkeypatch.setattr(torch, "compile", lambda what, *_, **__: compiled.append(what) or what)
    handed()
    assert not compiled
    handed(compiled=True)
    assert len(compiled) == 1


@pytest.mark.parametrize("build", [tiny_net, lambda: ResNet([1, 1], [2, 4])])
def test_the_whole_net_is_compiled_as_one_graph(
    graphs: list[int], build: Callable[[], nn.Module]
) -> None:
    net = build()
    for _ in range(2):
        recipes.train_fast(net, IMAGES, LABELS, epochs=2, size=30, compiled=True)
    convolutions = sum(isinstance(module, nn.Conv2d) for module in net.modules())
    assert graphs == [convolutions]  # and for the second training it serves again


def test_a_compiled_net_learns_the_same(graphs: list[int]) -> None:
    nets = [tiny_net(), tiny_net()]
    histories = [
        recipes.train_fast(net, IMAGES, LABELS, epochs=3, size=30, compiled=compiled)
        for net, compiled in zip(nets, (True, False), strict=True)
    ]
    assert histories[0].loss == pytest.approx(histories[1].loss, rel=1e-3)
    for a, b in zip(*(net.state_dict().items() for net in nets), strict=True):
        assert a[0] == b[0]  # the names are those of the net that came
        torch.testing.assert_close(a[1], b[1], rtol=1e-2, atol=1e-3)


def test_the_recipe_learns_and_repeats_itself() -> None:
    images = recipes.prepared((190 * IMAGES).to(torch.uint8), torch.device("cpu"))
    runs = []
    for seed in (0, 0, 1):
        net = tiny_net()
        history = recipes.train_fast(net, images, LABELS, epochs=20, size=20, seed=seed)
        assert net.training and history.loss[-1] < 0.8 * history.loss[0]
        runs.append(history)
    assert runs[0] == runs[1] != runs[2]
    assert len(runs[0].loss) == 60 and max(runs[0].rate) == pytest.approx(0.4)


def test_to_94_its_biases_learn_faster_and_decay_as_before(
    handed: Callable[..., SimpleNamespace], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipes, "train_fast", recipes.train_to_94)  # what `handed` calls
    net = tiny_net()
    net[0].weight.requires_grad_(False)
    parts = handed(net, epochs=13.5)
    weights, biases = parts.optimizer.param_groups
    assert list(map(id, weights["params"])) == [id(net[4].weight)]
    assert list(map(id, biases["params"])) == [id(net[0].bias), id(net[4].bias)]
    assert biases["lr"] == 64 * weights["lr"] == 96
    rates = [group["lr"] * group["weight_decay"] for group in (weights, biases)]
    assert rates[0] == pytest.approx(rates[1]) and weights["weight_decay"] == 1.3e-3
    for group in (weights, biases):
        assert group["momentum"] == 0.85 and group["nesterov"] and group["fused"]
    assert parts.batches.size == 1024 and parts.steps == 14
    assert parts.loss.keywords == {"label_smoothing": 0.2} and parts.schedule is one_cycle
    blank = torch.zeros(200, 1, 9, 9)
    blank[:, :, 4, 4] = 1
    places = parts.batches.augment(blank, Generator().manual_seed(0)).nonzero()[:, 2:] - 4
    assert places.abs().amax(0).tolist() == [2, 2]
