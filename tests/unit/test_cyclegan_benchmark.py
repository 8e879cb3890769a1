"""benchmarks.cyclegan_speed compares like with like: tiny nets, a clock that ticks, a stand-in."""

import contextlib
import importlib
import itertools
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Generator, Tensor, nn

from kbook.models.cyclegan import critic, generator
from kbook.training import CycleGAN, Recipe
from tests.tiny_cyclegan import NAMES, bits, gan_of, pictures

speed = importlib.import_module("benchmarks.cyclegan_speed")
peers = importlib.import_module("benchmarks.cyclegan_reference")
Setting, Side = speed.Setting, speed.Side


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use one thread, leave cuDNN as it was, and forget the code of stand-ins."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)  # put back in the end
    yield
    torch.set_num_threads(before)
    for name in [name for name in sys.modules if name.split(".")[0] == "models"]:
        del sys.modules[name]


def tiny_nets(setting: Any = None) -> nn.ModuleDict:
    torch.manual_seed(0)
    nets = {name: generator(1, 4) for name in "GF"}
    return nn.ModuleDict(nets | {name: critic(4) for name in ("D_X", "D_Y")})


# The reference computes what ours computes


def both(gan: CycleGAN, nets: nn.ModuleDict, *, size: int, steps: int) -> tuple[Any, Any]:
    """Let ours and the reference make the same steps, and compare their losses."""
    reference = peers.Reference(nets, Generator().manual_seed(0), pool=gan.recipe.pool)
    draws = Generator().manual_seed(5)
    for _ in range(steps):
        x, y = torch.rand(2, 1, 3, size, size, generator=draws) * 2 - 1
        gan.advance(x, y)
        losses = reference.advance(x, y)
        assert list(losses) == list(gan.losses[-1])
        torch.testing.assert_close(losses, gan.losses[-1], rtol=0, atol=1e-5)
    return reference, gan


def test_the_reference_gives_the_same_losses_weights_and_draws_as_ours() -> None:
    recipe = Recipe(100, pool=2)
    start = bits(gan_of(recipe).nets)
    reference, gan = both(gan_of(recipe), gan_of(recipe).nets, size=16, steps=8)
    torch.testing.assert_close(bits(reference.nets), bits(gan.nets), rtol=0, atol=1e-5)
    moved = [(weight - start[name]).abs().max() for name, weight in bits(gan.nets).items()]
    assert min(moved) > 20e-5  # what would not move would be the same anyhow
    lots = reference.made_x.generator.get_state()
    assert torch.equal(lots, gan.generator.get_state())
    assert not torch.equal(lots, Generator().manual_seed(0).get_state())  # pools did draw
    for name, pool in (("x", reference.made_x), ("y", reference.made_y)):
        torch.testing.assert_close(pool.kept, gan.pools[name].kept, rtol=0, atol=1e-5)


def test_they_agree_on_nets_of_the_papers_kind() -> None:
    gan = CycleGAN(tiny_nets(), Recipe(100), Generator().manual_seed(0))
    reference, gan = both(gan, tiny_nets(), size=24, steps=3)
    ours = bits(gan.nets)
    for name, weight in bits(reference.nets).items():
        if not name.endswith("bias"):  # most are taken off again: they follow rounding alone
            torch.testing.assert_close(weight, ours[name], rtol=0, atol=1e-5)


def test_the_reference_passes_each_picture_alone_and_freezes_the_critics() -> None:
    reference = peers.Reference(tiny_nets(), Generator().manual_seed(0))
    called, sizes, grads = Counter[str](), set[int](), list[Any]()

    def noting(name: str) -> Any:
        return lambda _, inputs, __: (called.update([name]), sizes.add(len(inputs[0])))

    for name, net in reference.nets.items():
        net.register_forward_hook(noting(name))
    reference.generators.register_step_pre_hook(
        lambda *_: grads.extend(p.grad for n in ("D_X", "D_Y") for p in reference.nets[n].parameters())
    )
    reference.advance(*torch.rand(2, 1, 3, 24, 24))
    assert called == {"G": 2, "F": 2, "D_X": 3, "D_Y": 3} and sizes == {1}
    assert grads and all(grad is None for grad in grads)
    assert all(weight.requires_grad for weight in reference.nets.parameters())


# What is measured


def test_our_side_takes_batch_and_half_and_keeps_its_rate() -> None:
    setting = Setting(batch=3, half=True, steps=4)
    side = speed.our_side(setting, tiny_nets)
    gan = side.advance.__self__
    assert side.pictures == 3 and side.parameters == speed.count(gan.nets) > 1000
    assert (gan.recipe.batch, gan.recipe.half, gan.recipe.pool) == (3, True, 50)
    made = 4 * (speed.ROUNDS + 1)
    assert [gan.recipe.factor(step) for step in range(made)] == [1.0] * made


def test_the_other_side_takes_one_pair_whatever_ours_does() -> None:
    setting = Setting(batch=3, half=True, size=24)
    side = speed.other_side(setting, None, tiny_nets)
    assert side.pictures == 1 and side.advance.__self__.made_x.size == 50
    assert side.parameters == speed.our_side(setting, tiny_nets).parameters


def test_the_papers_nets_are_what_both_train(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(speed, "generator", lambda n: asked.append(n) or nn.Linear(1, 1))
    assert list(speed.paper_nets(Setting(blocks=9))) == list(NAMES) and asked == [9, 9]
    assert speed.count(speed.paper_nets(Setting())["D_X"]) == 2_764_737


def test_they_take_turns_and_the_first_round_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: list[str] = []
    now, rounds = itertools.count(), iter([100, 8, 2, 4, 5, 1])  # seconds of each round
    seconds = [0.0]
    monkeypatch.setattr(speed, "clock", lambda: order.append("clock") or seconds[0])

    def step(name: str, cost: float) -> Any:
        def advance(x: Tensor, y: Tensor) -> None:
            order.append(f"{name} {len(x)} {len(y)} {x.shape[-1]}")
            assert -1 <= x.min() < 0 < x.max() <= 1 and not torch.equal(x, y)
            seconds[0] += next(rounds) / 2 if next(now) % 4 < 2 and cost == 0 else cost

        return advance

    costs = itertools.cycle([100, 100, 8, 8, 2, 2, 4, 4, 5, 5, 1, 1])
    sides = {
        "a": Side(lambda x, y: step("a", next(costs))(x, y), 3, 0),
        "b": Side(step("b", 0.5), 1, 0),
    }
    rates = speed.take_turns(sides, Setting(size=24, steps=2))
    one_round = ["clock", "a 3 3 24", "a 3 3 24", "clock", "clock", "b 1 1 24", "b 1 1 24", "clock"]
    assert order == one_round * (speed.ROUNDS + 1)
    assert rates == {"a": 3 / 4, "b": 2.0}  # 2 steps of 3 pictures in 2 · 4 seconds, the median
