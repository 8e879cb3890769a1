"""One step of CycleGAN against a plain one, who gets which gradient, the schedule."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Generator, Tensor, nn

from kbook.training import CycleGAN, Recipe
from tests.tiny_cyclegan import NAMES, RATE, bits, gan_of, pictures

X, Y = pictures(1), pictures(2)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Use one thread: two would wait for each other longer than such small nets compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def squares(scores: Tensor, target: float) -> Tensor:
    return ((scores - target) ** 2).mean()


class Plain:
    """The step as the paper writes it: one picture stack at a time, an optimizer for each net."""

    def __init__(self, nets: nn.ModuleDict, recipe: Recipe) -> None:
        self.nets, self.recipe = nets, recipe
        self.adams = {
            name: torch.optim.Adam(net.parameters(), lr=recipe.rate, betas=recipe.betas)
            for name, net in nets.items()
        }

    def advance(self, x: Tensor, y: Tensor) -> dict[str, float]:
        g, f, d_x, d_y = (self.nets[name] for name in NAMES)
        fake_y, fake_x = g(x), f(y)
        terms = {"adversarial": squares(d_y(fake_y), 1) + squares(d_x(fake_x), 1)}
        loss = terms["adversarial"]
        if self.recipe.cycle:
            terms["cycle"] = (f(fake_y) - x).abs().mean() + (g(fake_x) - y).abs().mean()
            loss = loss + self.recipe.cycle * terms["cycle"]
        if self.recipe.identity:
            terms["identity"] = (g(y) - y).abs().mean() + (f(x) - x).abs().mean()
            loss = loss + self.recipe.identity * terms["identity"]
        self.learn("GF", loss)
        errors = []
        for name, real, fake in (("D_X", x, fake_x.detach()), ("D_Y", y, fake_y.detach())):
            critic = self.nets[name]
            errors.append(0.5 * squares(critic(real), 1) + 0.5 * squares(critic(fake), 0))
            self.learn([name], errors[-1])
        terms["critics"] = errors[0] + errors[1]
        return {name: term.item() for name, term in terms.items()}

    def learn(self, names: Any, loss: Tensor) -> None:
        self.nets.zero_grad()
        loss.backward()
        for name in names:
            self.adams[name].step()


@pytest.mark.parametrize("weights", [(10, 0), (10, 5), (0, 5), (0, 0), (2.5, 0)])
def test_a_step_is_the_plain_step(weights: tuple[float, float]) -> None:
    recipe = Recipe(8, 2, RATE, (0.5, 0.99), *weights)
    ours, plain = gan_of(recipe), Plain(gan_of(recipe).nets, recipe)
    for _ in range(3):  # Adam's memory counts from the second on
        ours.advance(X, Y)
        terms = plain.advance(X, Y)
        assert {name: value.item() for name, value in ours.losses[-1].items()} == pytest.approx(
            terms, abs=1e-5
        )
    states = [ours.nets.state_dict(), plain.nets.state_dict()]
    torch.testing.assert_close(*states, rtol=0, atol=1e-6)
    start = gan_of(recipe).nets.state_dict()
    assert all((states[0][name] - start[name]).abs().max() > RATE / 2 for name in start)


def gradients(gan: CycleGAN, *names: str) -> list[Tensor | None]:
    found = [p.grad for name in names for p in gan.nets[name].parameters()]
    return [None if grad is None else grad.clone() for grad in found]


def test_who_gets_a_gradient_in_which_step() -> None:
    gan = gan_of(Recipe(8, 2, RATE, cycle=0))  # only through the critics do G and F hear anything
    seen: list[list[Tensor | None]] = []

    def before_generators(*_: Any) -> None:
        assert gradients(gan, "D_X", "D_Y") == [None] * len(gradients(gan, "D_X", "D_Y"))
        seen.append(gradients(gan, "G", "F"))
        assert all(grad is not None and grad.abs().max() > 0 for grad in seen[-1])

    def before_critics(*_: Any) -> None:
        judged = gradients(gan, "D_X", "D_Y")
        assert all(grad is not None and grad.abs().max() > 0 for grad in judged)
        torch.testing.assert_close(gradients(gan, "G", "F"), seen[-1], rtol=0, atol=0)

    gan.generators.register_step_pre_hook(before_generators)
    gan.critics.register_step_pre_hook(before_critics)
    for _ in range(2):  # what is left from one step must not be there in the next
        gan.advance(X, Y)
    assert len(seen) == 2


def test_each_optimizer_moves_its_own_nets() -> None:
    gan = gan_of(Recipe(8, 2, RATE))
    start = bits(gan.nets)
    after: dict[str, dict[str, Tensor]] = {}
    gan.critics.register_step_pre_hook(lambda *_: after.update(generators=bits(gan.nets)))
    gan.advance(X, Y)
    end = bits(gan.nets)
    for name, moved in after["generators"].items():
        by_generators = name.split(".")[0] in "GF"
        assert torch.equal(moved, start[name]) != by_generators
        assert torch.equal(moved, end[name]) == by_generators


def test_gradients_from_before_are_forgotten() -> None:
    recipe = Recipe(8, 2, RATE)
    one, other = gan_of(recipe), gan_of(recipe)
    for parameter in other.nets.parameters():
        parameter.grad = torch.ones_like(parameter)
    for gan in (one, other):
        gan.advance(X, Y)
    torch.testing.assert_close(bits(one.nets), bits(other.nets), rtol=0, atol=0)


def test_weights_are_free_again_also_after_an_error() -> None:
    gan = gan_of(Recipe(8, 2))
    gan.advance(X, Y)
    assert all(p.requires_grad for p in gan.nets.parameters())
    with pytest.raises(RuntimeError):
        gan.advance(X[:, :2], Y)
    assert all(p.requires_grad for p in gan.nets.parameters())
    assert gan.step == len(gan.losses) == 1


def calls(recipe: Recipe) -> Counter[str]:
    """Return how often a step calls each net."""
    gan, counted = gan_of(recipe), Counter[str]()
    for name, net in gan.nets.items():
        net.register_forward_hook(lambda *_, name=name: counted.update([name]))
    gan.advance(X, Y)
    return counted


def test_without_a_weight_the_cycle_is_not_computed() -> None:
    critics = {"D_X": 2, "D_Y": 2}
    assert calls(Recipe(8, 2, cycle=0)) == {"G": 1, "F": 1, **critics}
    assert calls(Recipe(8, 2, cycle=10)) == {"G": 2, "F": 2, **critics}
    assert calls(Recipe(8, 2, cycle=0, identity=5)) == {"G": 1, "F": 1, **critics}


def test_without_a_weight_the_generators_have_the_bits_of_a_gan_alone() -> None:
    recipe = Recipe(8, 2, RATE, cycle=0)
    ours, plain = gan_of(recipe), Plain(gan_of(recipe).nets, recipe)
    ours.advance(X, Y)
    plain.advance(X, Y)
    assert list(ours.losses[0]) == ["adversarial", "critics"]
    for name in "GF":
        torch.testing.assert_close(bits(ours.nets[name]), bits(plain.nets[name]), rtol=0, atol=0)


def test_the_critics_are_shown_what_the_pool_gives() -> None:
    gan = gan_of(Recipe(8, 2, RATE, pool=2))
    shown: list[Tensor] = []
    gan.nets["D_X"].register_forward_hook(lambda _, inputs, __: shown.append(inputs[0].detach()))
    for _ in range(8):
        kept = [picture.clone() for picture in gan.pools["x"].kept]
        shown.clear()
        gan.advance(X, Y)
        new, (real, judged) = shown[0], shown[1].chunk(2)
        assert torch.equal(real, X)
        for picture in judged:
            assert any(torch.equal(picture, known) for known in (*new, *kept))
    assert not torch.equal(gan.pools["x"].kept[0], gan.pools["y"].kept[0])


def test_the_rate_is_constant_and_then_falls_on_a_line() -> None:
    assert [Recipe(8).factor(step) for step in range(8)] == [1, 1, 1, 1, 1, 0.75, 0.5, 0.25]
    assert [Recipe(3).factor(step) for step in range(3)] == pytest.approx([1, 1, 2 / 3])
    assert Recipe(1).factor(0) == 1


def test_both_optimizers_follow_the_schedule() -> None:
    gan, rates = gan_of(Recipe(4, 2, RATE)), []
    for optimizer in (gan.generators, gan.critics):
        optimizer.register_step_pre_hook(lambda o, *_: rates.append(o.param_groups[0]["lr"]))
    for _ in range(4):
        gan.advance(X, Y)
    assert rates == pytest.approx([RATE * f for f in (1, 1, 1, 1, 1, 1, 0.5, 0.5)])


def test_the_defaults_are_the_papers() -> None:
    recipe = Recipe(1)
    assert (recipe.batch, recipe.rate, recipe.betas) == (1, 2e-4, (0.5, 0.999))
    assert (recipe.cycle, recipe.identity, recipe.pool, recipe.half) == (10, 0, 50, False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "at least 1 step and 1 picture a step; got 0 and 1"),
        ({"steps": 3, "batch": 0}, "got 3 and 0"),
        ({"steps": 3, "cycle": -1}, "weights of at least 0; got cycle -1, identity 0"),
        ({"steps": 3, "identity": -0.5}, "identity -0.5"),
    ],
)
def test_recipes_without_sense_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Recipe(**options)


def test_other_names_are_refused() -> None:
    nets = gan_of(Recipe(1)).nets
    nets["D"] = nets.pop("D_Y")
    with pytest.raises(ValueError, match=r"names G, F, D_X, D_Y; got G, F, D_X, D\."):
        CycleGAN(nets, Recipe(1), Generator())
