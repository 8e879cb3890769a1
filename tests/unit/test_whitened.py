"""The fast net against its architecture written out, and its counts against sums by hand."""

import torch
import torch.nn.functional as F
from torch import Tensor

from kbook.models.resnet import resnet9
from kbook.models.shapes import count

PICTURES = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def by_hand(weights: list[Tensor], x: Tensor) -> Tensor:
    """Return what Page's net says, from its weights in order, with new norms."""
    layers = iter(weights)

    def block(h: Tensor) -> Tensor:
        h = F.conv2d(h, next(layers), padding=1)
        mean, var = h.mean((0, 2, 3), keepdim=True), h.var((0, 2, 3), keepdim=True, correction=0)
        return ((h - mean) / (var + 1e-5).sqrt()).clamp(min=0)

    h = F.max_pool2d(block(block(x)), 2)
    h = F.max_pool2d(block(h + block(block(h))), 2)
    h = F.max_pool2d(block(h), 2)
    h = h + block(block(h))
    return h.amax((2, 3)) @ next(layers).T / 8


def test_the_fast_net_is_pages() -> None:
    torch.manual_seed(0)
    net = resnet9()
    weights = [p for p in net.parameters() if p.ndim > 1]
    assert len(weights) == 9
    torch.testing.assert_close(net(PICTURES), by_hand(weights, PICTURES), rtol=1e-3, atol=1e-4)


def test_the_fast_net_has_the_weights_and_the_work_counted_by_hand() -> None:
    sizes = {(3, 64): 32, (64, 128): 32, (128, 256): 16, (256, 512): 8}
    layers = [*sizes.items(), *2 * [((128, 128), 16)], *2 * [((512, 512), 4)]]
    weights = sum(9 * a * b + 2 * b for (a, b), _ in layers) + 512 * 10
    work = sum(9 * a * b * size**2 for (a, b), size in layers) + 512 * 10
    assert weights == 6_573_120 and f"{weights:,} parameters" in (resnet9.__doc__ or "")
    assert count(resnet9(), (3, 32, 32)) == (weights, work)


def test_the_fast_net_starts_as_torch_starts_a_layer() -> None:
    for weight in (p for p in resnet9().parameters() if p.ndim > 1):
        bound = weight[0].numel() ** -0.5  # kaiming_uniform_ with a = √5
        assert 0.98 * bound < weight.abs().max() <= bound
