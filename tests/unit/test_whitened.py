"""The fast net: its filters against the covariance, its parts against torch's functions."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kbook.models.shapes import count
from kbook.models.whitened import whitened_net, whitening


def smooth_pictures(count: int = 200, channels: int = 3) -> Tensor:
    """Return pictures whose neighboring pixels, and colors, are much alike."""
    rng = torch.Generator().manual_seed(0)
    noise = torch.randn(count, channels, 36, 36, generator=rng)
    gray = torch.randn(count, 1, 36, 36, generator=rng)
    return 3 * F.avg_pool2d(noise + 2 * gray, 5, stride=1)


@pytest.mark.parametrize(("channels", "size"), [(3, 2), (1, 3), (2, 1)])
def test_what_the_filters_give_is_uncorrelated_and_of_variance_1(channels: int, size: int) -> None:
    pictures = smooth_pictures(channels=channels).double()
    filters = whitening(pictures, size, epsilon=0)
    assert filters.shape == (channels * size**2, channels, size, size)
    answers = F.conv2d(pictures, filters).transpose(0, 1).flatten(1)
    covariance = answers @ answers.T / answers.shape[1]
    torch.testing.assert_close(covariance, torch.eye(len(filters)).double(), rtol=0, atol=1e-9)


def test_what_hardly_varies_is_not_blown_up() -> None:
    pictures = smooth_pictures().double()
    sizes = [whitening(pictures, epsilon=e).flatten(1).norm(dim=1) for e in (0.0, 0.1)]
    assert sizes[0].argmax() == 0 and sizes[1].max() < 0.1**-0.5 < sizes[0].max()


def test_the_net_is_its_layers_written_out() -> None:
    torch.manual_seed(0)
    pictures = smooth_pictures(8)
    net = whitened_net(pictures)
    first, *others = [layer for layer in net if isinstance(layer, nn.Conv2d)]
    head = next(layer for layer in net if isinstance(layer, nn.Linear))
    h = F.gelu(F.conv2d(pictures, first.weight))
    for number, convolution in enumerate(others):
        h = F.conv2d(h, convolution.weight, padding=1)
        if number % 2 == 0:
            h = F.max_pool2d(h, 2)
        h = F.gelu(F.batch_norm(h, None, None, training=True))
    expected = F.max_pool2d(h, 3).flatten(1) @ head.weight.T / 9
    torch.testing.assert_close(net(pictures), expected, rtol=1e-4, atol=1e-5)
    assert len(others) == 6


def test_counts_by_hand() -> None:
    net = whitened_net(smooth_pictures(8))
    pairs = [(24, 64, 31, 15), (64, 256, 15, 7), (256, 256, 7, 3)]
    learned = sum(9 * (a * b + b * b) + 4 * b for a, b, *_ in pairs) + 2560 + 24
    work = 3 * 4 * 24 * 31**2 + 2560
    work += sum(9 * (a * b * large**2 + b * b * small**2) for a, b, large, small in pairs)
    size = count(net, (3, 32, 32))
    assert size.parameters == learned + 3 * 4 * 24 and size.multiply_adds == work
    assert f"{size.parameters:,} parameters" in (whitened_net.__doc__ or "")
    fixed = sum(p.numel() for p in net.parameters() if not p.requires_grad)
    assert fixed == 3 * 4 * 24 + 2 * (64 + 256 + 256)


def test_both_signs_of_the_whitened_numbers_come_through() -> None:
    pictures = smooth_pictures(8)
    answers = whitened_net(pictures)[0](pictures)
    torch.testing.assert_close(answers[:, :12], -answers[:, 12:])
    torch.testing.assert_close(answers[:, :12], F.conv2d(pictures, whitening(pictures)))


def test_convolutions_begin_by_handing_on_what_they_get() -> None:
    net = whitened_net(smooth_pictures(8))
    for layer in [layer for layer in net if isinstance(layer, nn.Conv2d)][1:]:
        maps = torch.rand(2, layer.in_channels, 6, 6)
        torch.testing.assert_close(layer(maps)[:, : layer.in_channels], maps)
        others = layer.weight[layer.in_channels :]
        assert len(others) == 0 or others.std() > 0.01
