"""benchmarks.cyclegan_speed compares like with like, seen with tiny nets and a clock that ticks."""

import importlib
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Generator, Tensor, nn

from kbook.models.cyclegan import critic, generator
from kbook.training import CycleGAN, Recipe
from tests.tiny_cyclegan import NAMES, bits, gan_of

speed = importlib.import_module("benchmarks.cyclegan_speed")
peers = importlib.import_module("benchmarks.cyclegan_reference")
Setting, Side = speed.Setting, speed.Side


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use one thread, and leave cuDNN as it was."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)  # put back in the end
    yield
    torch.set_num_threads(before)


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
    called, grads = Counter[tuple[str, int]](), list[Tensor | None]()
    for name, net in reference.nets.items():
        net.register_forward_pre_hook(lambda _, x, name=name: called.update([(name, len(x[0]))]))
    judges = [*reference.nets["D_X"].parameters(), *reference.nets["D_Y"].parameters()]
    reference.generators.register_step_pre_hook(lambda *_: grads.extend(p.grad for p in judges))
    reference.advance(*torch.rand(2, 1, 3, 24, 24))
    assert called == {("G", 1): 2, ("F", 1): 2, ("D_X", 1): 3, ("D_Y", 1): 3}
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
    now, of_a = [0.0], iter([50, 50, 4, 4, 1, 1, 2, 2, 2.5, 2.5, 0.5, 0.5])  # seconds of a step
    monkeypatch.setattr(speed, "clock", lambda: order.append("clock") or now[0])
    draw = Setting.pictures
    monkeypatch.setattr(Setting, "pictures", lambda *of: order.append("draw") or draw(*of))

    def side(name: str, count: int, seconds: Iterator[float]) -> Any:
        def advance(x: Tensor, y: Tensor) -> None:
            order.append(name)
            assert x.shape == y.shape == (count, 3, 24, 24) and not torch.equal(x, y)
            assert -1 <= x.min() < -0.9 and 0.9 < x.max() <= 1
            now[0] += next(seconds)

        return Side(advance, count, 0)

    sides = {"a": side("a", 3, of_a), "b": side("b", 1, itertools.repeat(0.5))}
    rates = speed.take_turns(sides, Setting(size=24, steps=2))
    turns = [["draw", "draw", "clock", name, name, "clock"] for name in "ab"]
    assert order == (turns[0] + turns[1]) * (speed.ROUNDS + 1)
    assert rates == {"a": 2 * 3 / 4, "b": 2.0}  # the median round of a takes 4 seconds


@pytest.mark.parametrize("half", [False, True])
def test_the_table_has_speeds_sizes_and_their_ratio(
    monkeypatch: pytest.MonkeyPatch, half: bool
) -> None:
    monkeypatch.setattr(
        speed, "take_turns", lambda sides, _: dict(zip(sides, (6.0, 4.0), strict=True))
    )
    lines = speed.measure(Setting(24, 1, 2, half, 7), None, tiny_nets)
    ours, theirs = f"kbook, 2 at once, {16 if half else 32} bits", "reference, 1 at once, 32 bits"
    size = speed.count(tiny_nets()) / 1e6
    assert lines.pop("settings").endswith(
        f"torch {torch.__version__}, 24 × 24 pixels, 1 blocks, medians of 5 rounds of 7 steps"
    )
    assert lines == {
        f"{ours} (pictures of each domain / s)": 6.0,
        f"{theirs} (pictures of each domain / s)": 4.0,
        f"{ours} (million parameters)": size,
        f"{theirs} (million parameters)": size,
        "ratio of the speeds": 1.5,
        "target": "at least 2.00",
    }
    assert torch.backends.cudnn.benchmark


def test_all_of_it_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(speed, "generator", lambda blocks: generator(blocks, 4))
    monkeypatch.setattr(speed, "critic", lambda: critic(4))
    options = ["--size", "24", "--blocks", "1", "--batch", "2", "--steps", "1", "--device", "cpu"]
    speed.main([*options, "--half"])
    labels = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()]
    assert labels[0] == "settings" and labels[-2:] == ["ratio of the speeds", "target"]


# The command line


def test_the_command_line_says_what_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(speed, "measure", lambda *given: asked.append(given) or {"a": 1.0})
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    speed.main([])
    numbers = ["--size", "256", "--blocks", "9", "--batch", "4", "--steps", "3"]
    speed.main([*numbers, "--half", "--against", "x/y"])
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    speed.main([])
    assert asked == [
        (Setting(128, 6, 1, False, 10, "cpu"), None),
        (Setting(256, 9, 4, True, 3, "cpu"), Path("x/y")),
        (Setting(128, 6, 1, False, 10, "cuda"), None),
    ]
    assert capsys.readouterr().out == "a  1.00\n" * 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--size 16", "--size wants a multiple of 8 from 24 on; got 16"),
        ("--size 100", "got 100"),
        ("--blocks 0", "--blocks wants a number from 1 on; got 0"),
        ("--batch 0", "--batch wants a number from 1 on; got 0"),
        ("--steps -1", "--steps wants a number from 1 on; got -1"),
        ("--blocks 7 --against peer", "--against knows nets of 6 and 9 blocks; got --blocks 7"),
        ("--device abacus", "invalid choice: 'abacus'"),
    ],
)
def test_other_arguments_are_refused(
    arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as error:
        speed.main(arguments.split())
    assert error.value.code == 2 and message in capsys.readouterr().err


def test_without_a_gpu_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit) as error:
        speed.main(["--device", "cuda"])
    assert error.value.code == "--device cuda wants a CUDA GPU; torch finds none here."
