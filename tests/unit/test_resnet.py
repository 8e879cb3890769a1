"""The residual nets: counts of the paper, blocks of torchvision, shortcuts of numpy."""

import copy
import itertools
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock

from kbook.models import Residual, resnet
from kbook.models.resnet import PaddedShortcut, ResNet, resnet20
from kbook.models.shapes import count

# He et al. (2016), table 6: depth → millions of parameters, as printed
TABLE_6 = {20: "0.27", 32: "0.46", 44: "0.66", 56: "0.85", 110: "1.7"}
PICTURES = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def small(seed: int = 0, **options: Any) -> ResNet:
    """Return a net with a block that keeps the shape and one that changes it."""
    torch.manual_seed(seed)
    return ResNet([1, 2], [6, 8], **options)


def lived_in(net: nn.Module) -> nn.Module:
    """Give all norms numbers that differ from those of a new one."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight, module.bias, module.running_mean, module.running_var):
                assert tensor is not None
                nn.init.uniform_(tensor, 0.3, 2.0)
    return net


def weights_by_hand(depth: int, shortcut: str) -> int:
    """Return the parameters of a net of table 6, layer by layer."""
    channels = [3] + 2 * ((depth - 2) // 6) * [16]
    channels += [16] + 2 * ((depth - 2) // 6) * [32] + 2 * ((depth - 2) // 6) * [64]
    assert len(channels) == depth
    convolutions = sum(9 * a * b + 2 * b for a, b in itertools.pairwise(channels))
    projections = 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64 if shortcut == "B" else 0
    return convolutions + projections + 64 * 10 + 10


@pytest.mark.parametrize("depth", TABLE_6)
def test_the_counts_are_those_of_the_paper(depth: int) -> None:
    build = getattr(resnet, f"resnet{depth}")
    plain, a, b = build(residual=False), build(), build(shortcut="B")
    total_a, total_b = (sum(p.numel() for p in net.parameters()) for net in (a, b))
    assert total_a == weights_by_hand(depth, "A") and total_b == weights_by_hand(depth, "B")
    assert format(total_a / 1e6, ".2g") == TABLE_6[depth]
    assert f"{total_a:,} parameters" in build.__doc__
    assert sum(p.numel() for p in plain.parameters()) == total_a


@pytest.mark.parametrize("depth", TABLE_6)
def test_the_depth_is_the_number_of_layers_with_weights(depth: int) -> None:
    net = getattr(resnet, f"resnet{depth}")()
    weighted = [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(weighted) == depth
    assert sum(isinstance(m, nn.BatchNorm2d) for m in net.modules()) == depth - 1
    assert sum(isinstance(m, Residual) for m in net.modules()) == (depth - 2) // 2
    assert sum(isinstance(m, PaddedShortcut) for m in net.modules()) == 2


def test_the_maps_halve_where_the_paper_says() -> None:
    sizes = []
    x = torch.zeros(1, 3, 32, 32)
    with torch.no_grad():
        for layer in resnet20().eval():
            x = layer(x)
            if isinstance(layer, Residual):
                sizes.append(tuple(x.shape[1:]))
    assert sizes == 3 * [(16, 32, 32)] + 3 * [(32, 16, 16)] + 3 * [(64, 8, 8)]
    assert x.shape == (1, 10)


def test_options_and_odd_pictures() -> None:
    for shortcut in "AB":
        net = ResNet([1, 1, 1], [8, 16, 32], in_channels=1, num_classes=3, shortcut=shortcut)
        for shape in ((8, 8), (7, 5), (1, 1)):
            assert net(torch.zeros(2, 1, *shape)).shape == (2, 3)


@pytest.mark.parametrize("options", [{}, {"shortcut": "B"}, {"residual": False}])
def test_logits_are_linear_in_the_means_of_rectified_maps(options: dict[str, Any]) -> None:
    net = lived_in(small(**options))
    *layers, _, _, linear = net
    maps = nn.Sequential(*layers)(PICTURES)
    assert maps.shape == (4, 8, 8, 8) and maps.min() == 0 < maps.max()
    logits = maps.mean((2, 3)) @ linear.weight.T + linear.bias
    torch.testing.assert_close(net(PICTURES), logits)
    stem = F.batch_norm(net[0](PICTURES), None, None, net[1].weight, net[1].bias, training=True)
    torch.testing.assert_close(nn.Sequential(*layers[:3])(PICTURES), stem.clamp(min=0))


def test_the_plain_twin_has_the_same_weights_and_the_same_work() -> None:
    ours, twin = resnet20(), resnet20(residual=False)
    assert [p.shape for p in ours.parameters()] == [p.shape for p in twin.parameters()]
    assert count(ours, (3, 32, 32)) == count(twin, (3, 32, 32))
    assert not any(isinstance(m, Residual | PaddedShortcut) for m in twin.modules())
    names = [type(m) for m in ours.modules() if not list(m.children())]
    skips = (nn.Identity, PaddedShortcut)
    twins = [type(m) for m in twin.modules() if not list(m.children())]
    assert [name for name in names if name not in skips] == twins


def test_from_one_seed_the_twins_start_with_the_same_weights() -> None:
    pairs = zip(small().parameters(), small(residual=False).parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("training", [True, False])
def test_the_twins_differ_by_what_went_in_and_by_nothing_else(training: bool) -> None:
    ours = lived_in(small()).train(training)
    twin = small(1, residual=False).train(training)
    for theirs, mine in zip(twin.state_dict().values(), ours.state_dict().values(), strict=True):
        theirs.copy_(mine)  # in the same order
    x, blocks = PICTURES, 0
    for mine, plain in zip(ours, twin, strict=True):
        expected = plain(x)
        if isinstance(mine, Residual):
            expected = expected + torch.from_numpy(shortcut_a(x, expected.shape[1]))
            blocks += 1
        x = mine(x).detach()
        torch.testing.assert_close(x, expected.detach())
    assert blocks == 3


def shortcut_a(x: Tensor, channels: int) -> np.ndarray:
    """Return shortcut A, pixel by pixel; the stride is 2 where the channels change."""
    old, (count, _, height, width) = x.detach().numpy(), x.shape
    stride = 1 if channels == x.shape[1] else 2
    out = np.zeros((count, channels, -(-height // stride), -(-width // stride)), np.float32)
    for n, c, i, j in itertools.product(
        range(count), range(x.shape[1]), *map(range, out.shape[2:])
    ):
        out[n, c, i, j] = old[n, c, stride * i, stride * j]
    return out


@pytest.mark.parametrize("size", [(8, 8), (7, 5), (2, 9), (1, 1)])
def test_shortcut_a_drops_pixels_and_appends_zeros(size: tuple[int, int]) -> None:
    x = torch.randn(3, 2, *size)
    np.testing.assert_array_equal(PaddedShortcut(3, 2)(x).numpy(), shortcut_a(x, 5))
    assert torch.equal(PaddedShortcut(0, 3)(x), x[:, :, ::3, ::3])
    widened = PaddedShortcut(1, 1)(x)
    assert torch.equal(widened[:, :2], x) and not widened[:, 2:].any()
    assert not list(PaddedShortcut(3, 2).parameters())


def as_torchvision(block: Residual) -> BasicBlock:
    """Return torchvision's block with the weights of one of ours."""
    first, last = block.body[0], block.body[3]
    down = None if isinstance(block.shortcut, nn.Identity) else copy.deepcopy(block.shortcut)
    theirs = BasicBlock(first.in_channels, last.out_channels, first.stride[0], down)
    for name, place in {"conv1": 0, "bn1": 1, "conv2": 3, "bn2": 4}.items():
        getattr(theirs, name).load_state_dict(block.body[place].state_dict())
    return theirs.train(block.training)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_block_is_torchvisions(place: int, training: bool) -> None:
    net = lived_in(small(shortcut="B")).train(training)
    block = [m for m in net if isinstance(m, Residual)][place]
    theirs = as_torchvision(block)
    assert (theirs.downsample is not None) == (place == 1)
    x = torch.randn(3, 6 if place < 2 else 8, 7, 6)
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    ours, reference = F.relu(block(inputs[0])), theirs(inputs[1])
    torch.testing.assert_close(ours, reference)
    for output in (ours, reference):
        output.square().sum().backward()
    torch.testing.assert_close(inputs[0].grad, inputs[1].grad)
    pairs = zip(block.body[4].buffers(), theirs.bn2.buffers(), strict=True)
    for mine, other in pairs:  # what a training step leaves there
        torch.testing.assert_close(mine, other)


@pytest.mark.parametrize("shortcut", "AB")
def test_weights_start_with_the_variance_that_he_et_al_derived(shortcut: str) -> None:
    torch.manual_seed(0)
    for module in resnet20(shortcut=shortcut).modules():
        if isinstance(module, nn.Conv2d):
            weight = module.weight.detach()
            fan_in, entries = weight[0].numel(), weight.numel()
            error = (2 / entries) ** 0.5  # of the variance of that many normal numbers
            assert weight.var().item() * fan_in / 2 == pytest.approx(1, abs=4.5 * error)
            assert abs(weight.mean()) < 4.5 * (2 / fan_in / entries) ** 0.5
            if entries > 2000:  # uniform numbers end at 1.7 deviations
                assert weight.abs().max() > 2.5 * weight.std()
        if isinstance(module, nn.BatchNorm2d):
            assert (module.weight == 1).all() and (module.bias == 0).all()


@pytest.mark.parametrize("shortcut", "AB")
@pytest.mark.parametrize("training", [True, False])
def test_a_block_whose_last_scale_is_zero_is_its_shortcut(shortcut: str, training: bool) -> None:
    first, second, third, *rest = small(shortcut=shortcut).train(training)
    x = third(second(first(PICTURES)))
    for block, relu in itertools.pairwise(rest):
        if isinstance(block, Residual):
            nn.init.zeros_(block.body[4].weight)
            out = relu(block(x))
            assert torch.equal(out, block.shortcut(x).clamp(min=0))
            if isinstance(block.shortcut, nn.Identity):
                assert torch.equal(out, x)  # nothing below zero came in
            x = out


@pytest.mark.parametrize(
    ("blocks", "widths"),
    [([], []), ([1], [8, 16]), ([1, 1], [8]), ([1, 0], [8, 16]), ([-1, 2], [8, 16])],
)
def test_stages_that_do_not_fit_are_refused(blocks: list[int], widths: list[int]) -> None:
    with pytest.raises(
        ValueError, match=r"^ResNet wants a number of blocks .*; got .*\.$"
    ) as error:
        ResNet(blocks, widths)
    assert str(tuple(blocks)) in str(error.value) and str(tuple(widths)) in str(error.value)


@pytest.mark.parametrize("shortcut", ["C", "a", "", None])
def test_another_shortcut_is_refused(shortcut: Any) -> None:
    with pytest.raises(
        ValueError, match=rf'^ResNet wants the shortcut "A" or "B"; got {shortcut!r}'
    ):
        resnet20(shortcut=shortcut)


def test_a_net_is_indexed_and_sliced_as_any_sequential() -> None:
    net = small()
    layers = list(net)
    assert net[0] is layers[0] and net[-1] is layers[-1]
    for part in (slice(3), slice(3, -3), slice(-3, None), slice(None, None, 2)):
        assert list(net[part]) == layers[part]
