"""The nets of CycleGAN: counts, sizes, first weights and receptive fields, each found two ways."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kbook.assets import nets as saved
from kbook.models.cyclegan import critic, generator, small_critic, small_generator
from kbook.models.shapes import count, receptive_field

Build = Callable[[], nn.Sequential]

PARAMETERS: dict[str, tuple[Build, int]] = {
    "9 blocks": (generator, 11_378_179),
    "6 blocks": (lambda: generator(blocks=6), 7_837_699),
    "patches": (critic, 2_764_737),
    "small generator": (small_generator, 66_147),
    "small patches": (small_critic, 72_161),
}
FIELDS = {"patches": (critic, 70), "small patches": (small_critic, 26)}


def pictures(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0)) * 2 - 1


def convolutions(net: nn.Module) -> list[nn.Conv2d]:
    return [module for module in net.modules() if isinstance(module, nn.Conv2d)]


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_parameters_are_as_many_as_the_chapter_says(name: str) -> None:
    build, parameters = PARAMETERS[name]
    net = build()
    assert sum(p.numel() for p in net.parameters()) == parameters
    assert count(net, (3, 32, 32)).parameters == parameters
    if "small" not in name:
        docstring = (critic if name == "patches" else generator).__doc__ or ""
        assert f"{parameters:,}" in docstring


def by_hand(blocks: int, width: int) -> int:
    """Return the parameters of the paper's generator, layer by layer, each with biases."""
    widths = [(3, width, 7), (width, 2 * width, 3), (2 * width, 4 * width, 3)]
    widths += 2 * blocks * [(4 * width, 4 * width, 3)]
    widths += [(4 * width, 2 * width, 3), (2 * width, width, 3), (width, 3, 7)]
    return sum(inputs * outputs * kernel**2 + outputs for inputs, outputs, kernel in widths)


@pytest.mark.parametrize(("blocks", "width"), [(9, 64), (6, 64), (1, 4), (2, 8)])
def test_the_parameters_are_those_counted_by_hand(blocks: int, width: int) -> None:
    net = generator(blocks, width)
    assert sum(p.numel() for p in net.parameters()) == by_hand(blocks, width)


@pytest.mark.parametrize("size", [(8, 8), (32, 32), (12, 20)])
def test_generators_keep_the_size_and_stay_within_the_range(size: tuple[int, int]) -> None:
    for net in (generator(1, 4), small_generator(1, 4)):
        made = net(pictures(2, 3, *size))
        assert made.shape == (2, 3, *size) and made.abs().max() <= 1
        assert not torch.equal(*made)


def test_the_smallest_pictures_pass() -> None:
    assert small_generator(1, 4)(pictures(1, 3, 4, 4)).shape == (1, 3, 4, 4)
    assert critic(4)(pictures(1, 3, 24, 24)).shape == (1, 1, 1, 1)
    assert small_critic(4)(pictures(1, 3, 8, 8)).shape == (1, 1, 2, 2)


@pytest.mark.parametrize(
    ("build", "size", "scores"),
    [
        (critic, (256, 256), (30, 30)),
        (critic, (128, 64), (14, 6)),
        (small_critic, (32, 32), (8, 8)),
        (small_critic, (16, 40), (4, 10)),
    ],
)
def test_critics_give_a_map_of_scores(
    build: Callable[[int], nn.Sequential], size: tuple[int, int], scores: tuple[int, int]
) -> None:
    assert build(4)(pictures(2, 3, *size)).shape == (2, 1, *scores)


def seen(net: nn.Sequential) -> Tensor:
    """Return which pixels of a row the middle score depends on, by the gradient.

    Instance normalization looks at a whole picture, so it is left out; positive weights let no two
    paths cancel.
    """
    chain = nn.Sequential(*(m for m in net if not isinstance(m, nn.InstanceNorm2d)))
    for layer in convolutions(chain):
        nn.init.constant_(layer.weight, 0.01)
    x = torch.ones(1, 3, 24, 256, requires_grad=True)
    scores = chain(x)
    scores[0, 0, scores.shape[2] // 2, scores.shape[3] // 2].backward()
    assert x.grad is not None
    return x.grad.abs().sum(dim=(0, 1, 2)) > 0


@pytest.mark.parametrize("name", FIELDS)
def test_a_score_sees_its_patch_and_no_more(name: str) -> None:
    build, field = FIELDS[name]
    columns = seen(build()).nonzero()[:, 0]
    assert len(columns) == field
    assert columns[-1] - columns[0] == field - 1 and columns[0] > 0 and columns[-1] < 255
    layers = [(c.kernel_size[0], c.stride[0], c.dilation[0]) for c in convolutions(build())]
    assert receptive_field(layers) == field


@pytest.mark.parametrize("net", [generator(2, 32), critic(32)], ids=["generator", "critic"])
def test_first_weights_have_the_papers_deviation(net: nn.Module) -> None:
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            weight = module.weight.detach()
            entries = weight.numel()
            assert weight.std() == pytest.approx(0.02, rel=4.5 * (0.5 / entries) ** 0.5)
            assert abs(weight.mean()) < 4.5 * 0.02 / entries**0.5
            if entries > 2000:  # uniform numbers end at 1.7 deviations
                assert weight.abs().max() > 2.5 * 0.02
            assert module.bias is not None and not module.bias.any()


def test_first_weights_follow_torchs_seed() -> None:
    def drawn(seed: int) -> Tensor:
        torch.manual_seed(seed)
        return torch.cat([p.flatten() for p in generator(1, 4).parameters()])

    assert torch.equal(drawn(1), drawn(1)) and not torch.equal(drawn(1), drawn(2))


def normalized(x: Tensor, scale: Tensor | None = None, shift: Tensor | None = None) -> Tensor:
    mean, var = x.mean((2, 3), keepdim=True), x.var((2, 3), keepdim=True, correction=0)
    x = (x - mean) / (var + 1e-5).sqrt()
    return x if scale is None or shift is None else scale[:, None, None] * x + shift[:, None, None]


def papers_generator(weights: list[Tensor], blocks: int, x: Tensor) -> Tensor:
    """Return what the paper's appendix describes, from weights and biases in order."""
    layers = iter(weights)

    def convolve(x: Tensor, reflected: int = 0, **options: int) -> Tensor:
        x = F.pad(x, 4 * [reflected], mode="reflect") if reflected else x
        return F.conv2d(x, next(layers), next(layers), **options)

    x = normalized(convolve(x, 3)).relu()
    for _ in range(2):
        x = normalized(convolve(x, stride=2, padding=1)).relu()
    for _ in range(blocks):
        h = normalized(convolve(x, 1)).relu()
        x = x + normalized(convolve(h, 1))
    for _ in range(2):
        options = {"stride": 2, "padding": 1, "output_padding": 1}
        x = normalized(F.conv_transpose2d(x, next(layers), next(layers), **options)).relu()
    return convolve(x, 3).tanh()


def papers_critic(weights: list[Tensor], x: Tensor) -> Tensor:
    """Return C64-C128-C256-C512 and a last convolution; the first without normalization."""
    layers = iter(weights)
    x = F.leaky_relu(F.conv2d(x, next(layers), next(layers), stride=2, padding=1), 0.2)
    for stride in (2, 2, 1):
        x = normalized(F.conv2d(x, next(layers), next(layers), stride=stride, padding=1))
        x = F.leaky_relu(x, 0.2)
    return F.conv2d(x, next(layers), next(layers), padding=1)


def small(makes: bool, weights: list[Tensor], blocks: int, x: Tensor) -> Tensor:
    """Return what a small net computes: padded with zeros, scale and shift in each norm."""
    layers = iter(weights)

    def convolve(x: Tensor, stride: int = 1) -> Tensor:
        return F.conv2d(x, next(layers), next(layers), stride=stride, padding=1)

    def norm(x: Tensor) -> Tensor:
        return normalized(x, next(layers), next(layers))

    if not makes:
        h = F.leaky_relu(norm(convolve(F.leaky_relu(convolve(x, 2), 0.2), 2)), 0.2)
        return convolve(F.leaky_relu(norm(convolve(h)), 0.2))
    h = norm(convolve(norm(convolve(x)).relu(), 2)).relu()
    for _ in range(blocks):
        h = h + norm(convolve(norm(convolve(h)).relu()))
    h = h.repeat_interleave(2, 2).repeat_interleave(2, 3)
    return (x + convolve(norm(convolve(h)).relu())).tanh()


def stirred(net: nn.Module) -> nn.Module:
    """Give biases, scales and shifts numbers that differ from those of a new net."""
    for parameter in (p for p in net.parameters() if p.ndim == 1):
        nn.init.normal_(parameter)
    return net


def test_the_small_nets_are_as_described() -> None:
    torch.manual_seed(0)
    x = pictures(2, 3, 16, 12)
    for makes, net in ((True, small_generator(2, 4)), (False, small_critic(4))):
        expected = small(makes, list(stirred(net).parameters()), 2, x)
        torch.testing.assert_close(net(x), expected, rtol=1e-4, atol=1e-5)


def test_the_nets_are_the_papers() -> None:
    torch.manual_seed(0)
    x = pictures(2, 3, 32, 24)
    makes, judges = stirred(generator(2, 8)), stirred(critic(8))
    made = papers_generator(list(makes.parameters()), 2, x)
    torch.testing.assert_close(makes(x), made, rtol=1e-4, atol=1e-5)
    scores = papers_critic(list(judges.parameters()), x)
    torch.testing.assert_close(judges(x), scores, rtol=1e-4, atol=1e-5)


def test_the_small_generator_starts_from_its_input() -> None:
    net = small_generator(1, 4)
    last = [m for m in net.modules() if isinstance(m, nn.Conv2d)][-1]
    for parameter in last.parameters():
        nn.init.zeros_(parameter)
    x = pictures(2, 3, 16, 16)
    torch.testing.assert_close(net(x), x.tanh())


def test_a_picture_does_not_depend_on_the_others_of_its_batch() -> None:
    x = pictures(3, 3, 32, 32)
    for net in (generator(1, 4), critic(4), small_generator(1, 4), small_critic(4)):
        torch.testing.assert_close(net(x)[1:2], net(x[1:2]))


def test_the_small_generator_can_be_saved_for_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KBOOK_RECORD", str(tmp_path / "recorded"))
    monkeypatch.setattr(saved, "WEIGHTS", tmp_path / "weights")
    net, x = small_generator().eval(), pictures(2, 3, 32, 32)
    for dtype, tolerance in (("float32", 1e-6), ("float16", 1e-2)):
        saved.save_net("animals", net, (3, 32, 32), dtype)
        loaded = saved.load_net("animals")
        assert sum(p.numel() for p in loaded.parameters()) == 66_147
        with torch.no_grad():
            torch.testing.assert_close(loaded(x), net(x), rtol=0, atol=tolerance)
