"""fit_cyclegan: it goes on bit for bit, refuses foreign files, and says when a loss is lost."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Generator, Tensor, nn

from kbook.errors import OneSentence
from kbook.training import CycleGAN, Recipe, TrainingDiverged, UnusableCheckpoint, fit_cyclegan
from tests.tiny_cyclegan import RATE, gan_of, pictures

X, Y = pictures(1, 6), pictures(2, 5)
STEPS, EVERY, KILLED_AT = 9, 4, 6
RECIPE = Recipe(STEPS, 2, RATE, pool=3)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Use one thread: two would wait for each other longer than such small nets compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Killed(BaseException):
    """End a training without a word, as a kill does, but leave the process alive."""


def kill(gan: CycleGAN) -> None:
    if gan.step == KILLED_AT:
        raise Killed


def jitter(batch: Tensor, generator: Generator) -> Tensor:
    return batch + 0.1 * torch.randn(batch.shape, generator=generator)


def train(
    gan: CycleGAN, file: Path | None = None, *callbacks: Callable[[CycleGAN], None]
) -> dict[str, list[float]]:
    return fit_cyclegan(
        gan,
        X,
        Y,
        augment=jitter,
        checkpoint=file,
        every=EVERY,
        callbacks=callbacks,
        progress=False,
    )


def assert_same_bits(one: Any, other: Any) -> None:
    torch.testing.assert_close(one, other, rtol=0, atol=0)


def interrupted(file: Path, gan: CycleGAN) -> None:
    """Train, write after 4 steps, and end after 6."""
    with pytest.raises(Killed):
        train(gan, file, kill)
    assert len(torch.load(file)["losses"]["cycle"]) == EVERY


def test_it_goes_on_bit_for_bit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole, file = gan_of(RECIPE), tmp_path / "folder" / "gan.pt"
    curves = train(whole)
    interrupted(file, gan_of(RECIPE))
    second = gan_of(RECIPE, seed=1)  # all that counts comes from the file
    assert train(second, file) == curves
    assert capsys.readouterr().out == f"gan.pt: going on after step {EVERY} of {STEPS}.\n"
    assert_same_bits(second.state_dict(), whole.state_dict())
    assert len(whole.pools["x"].kept) == 3  # and so it has exchanged some
    assert sorted(curves) == ["adversarial", "critics", "cycle"]
    assert all(len(curve) == STEPS for curve in curves.values())
    third = gan_of(RECIPE, seed=2)
    assert train(third, file) == curves  # there is nothing left to do
    assert "this training is done" in capsys.readouterr().out
    assert_same_bits(third.nets.state_dict(), whole.nets.state_dict())


def test_another_seed_draws_other_pictures() -> None:
    one, other = gan_of(RECIPE), gan_of(RECIPE)
    other.generator.manual_seed(1)
    assert train(one) != train(other)


def test_the_loop_draws_from_each_domain_and_calls_back() -> None:
    gan, drawn, steps = gan_of(Recipe(40, 3, RATE)), [set[float](), set[float]()], []
    marked = [torch.full((n, 3, 16, 16), 0.0) for n in (5, 4)]
    for number, domain in enumerate(marked):
        domain += torch.arange(len(domain)).reshape(-1, 1, 1, 1) / 10 - number
    marks = [set(domain[:, 0, 0, 0].tolist()) for domain in marked]

    def advance(x: Tensor, y: Tensor) -> None:
        for batch, found in zip((x, y), drawn, strict=True):
            assert batch.shape == (3, 3, 16, 16)
            found.update(batch[:, 0, 0, 0].tolist())
        CycleGAN.advance(gan, x, y)

    gan.advance = advance  # type: ignore[method-assign]
    fit_cyclegan(gan, *marked, callbacks=[lambda g: steps.append(g.step)], progress=False)
    assert drawn == marks and steps == list(range(1, 41))


def other_critics() -> CycleGAN:
    return gan_of(RECIPE, seed=1, width=8)  # G and F would fit


def other_recipe() -> CycleGAN:
    return gan_of(Recipe(STEPS, 2, RATE, cycle=0, pool=3), seed=1)


def more_steps() -> CycleGAN:
    return gan_of(Recipe(STEPS + 1, 2, RATE, pool=3), seed=1)


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (other_critics, "size mismatch"),
        (other_recipe, "saved with cycle=10.0, this recipe has 0"),
        (more_steps, "saved with steps=9, this recipe has 10"),
    ],
)
def test_the_checkpoint_of_another_training_is_refused(
    build: Callable[[], CycleGAN], reason: str, tmp_path: Path
) -> None:
    file, gan, same = tmp_path / "gan.pt", build(), build()
    interrupted(file, gan_of(RECIPE))
    with pytest.raises(UnusableCheckpoint, match=reason) as refused:
        train(gan, file)
    assert "\n" not in str(refused.value) and str(file) in str(refused.value)
    assert_same_bits(gan.state_dict(), same.state_dict())
    train(gan)  # nothing else is broken either
    train(same)
    assert_same_bits(gan.state_dict(), same.state_dict())


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1000])


def without_pools(file: Path) -> None:
    state = torch.load(file)
    del state["pools"]
    torch.save(state, file)


@pytest.mark.parametrize(
    "spoil", [cut, without_pools, lambda f: f.write_bytes(b"no file"), lambda f: torch.save(1, f)]
)
def test_a_file_that_is_none_is_refused(spoil: Callable[[Path], Any], tmp_path: Path) -> None:
    file, gan = tmp_path / "gan.pt", gan_of(RECIPE, seed=1)
    interrupted(file, gan_of(RECIPE))
    spoil(file)
    with pytest.raises(UnusableCheckpoint, match=r"is no checkpoint of this training \(.*\)"):
        train(gan, file)
    assert_same_bits(gan.state_dict(), gan_of(RECIPE, seed=1).state_dict())


def test_a_rate_without_bound_is_told_in_one_sentence(tmp_path: Path) -> None:
    file, gan = tmp_path / "gan.pt", gan_of(Recipe(STEPS, 2, 1e30, pool=3))
    with pytest.raises(TrainingDiverged, match=r"after step [12] of 9\. Lower the") as lost:
        train(gan, file)
    assert isinstance(lost.value, OneSentence) and "\n" not in str(lost.value)
    losses = lost.value.history.loss
    assert losses == [loss["adversarial"].item() for loss in gan.losses[: len(losses)]]
    assert 1 <= len(losses) < EVERY and gan.step == EVERY and not file.exists()


def test_bad_pictures_and_bad_last_weights_are_told() -> None:
    gan = gan_of(RECIPE)
    with pytest.raises(TrainingDiverged, match="after step 0 of 9") as lost:
        fit_cyclegan(gan, X * float("nan"), Y, every=2, progress=False)
    assert lost.value.history.loss == []

    def spoil(gan: CycleGAN) -> None:
        if gan.step == STEPS:
            next(gan.nets.parameters()).data[0] = float("inf")

    with pytest.raises(TrainingDiverged, match="after step 9 of 9") as lost:
        train(gan_of(RECIPE), None, spoil)
    assert len(lost.value.history.loss) == STEPS


def test_what_was_saved_before_it_diverged_stays(tmp_path: Path) -> None:
    file, gan = tmp_path / "gan.pt", gan_of(RECIPE)

    def spoil(gan: CycleGAN) -> None:
        if gan.step == KILLED_AT:
            nn.init.constant_(next(gan.nets.parameters()), float("nan"))

    with pytest.raises(TrainingDiverged):
        train(gan, file, spoil)
    state = torch.load(file)
    assert len(state["losses"]["cycle"]) == EVERY
    assert all(weight.isfinite().all() for weight in state["nets"].values())


def test_16_bits_train_and_stay_near() -> None:
    options: dict[str, Any] = {"batch": 2, "rate": RATE, "identity": 5.0, "pool": 3}
    whole, half = gan_of(Recipe(12, **options)), gan_of(Recipe(12, **options, half=True))
    types = set()
    for net in half.nets.values():
        convolution = next(module for module in net.modules() if isinstance(module, nn.Conv2d))
        convolution.register_forward_hook(lambda *event: types.add(event[2].dtype))
    expected, curves = train(whole), train(half)
    assert types == {torch.bfloat16}
    assert all(p.dtype == torch.float32 for p in half.nets.parameters())
    assert all(value.dtype == torch.float32 for value in half.losses[0].values())
    assert curves != expected
    for name, curve in curves.items():
        assert curve == pytest.approx(expected[name], rel=0.05)


@pytest.mark.parametrize(
    ("x", "y"), [(X[0], Y), (X, Y[..., 1:]), (X, Y[:0]), (X[:0], Y), (X.flatten(1), Y.flatten(1))]
)
def test_what_are_no_two_domains_is_refused(x: Tensor, y: Tensor) -> None:
    with pytest.raises(ValueError, match=r"pictures \(N, 3, H, W\) and \(M, 3, H, W\); got "):
        fit_cyclegan(gan_of(RECIPE), x, y, progress=False)


def test_every_0_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="every to be at least 1 step; got 0"):
        fit_cyclegan(gan_of(RECIPE), X, Y, every=0)
