"""kbook.metrics: structural similarity against loops and closed forms; a net's features."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn

from kbook import metrics
from kbook.metrics import features, frechet_distance, kernel_distance, ssim
from kbook.models.resnet import ResNet

C1, C2 = 1e-4, 9e-4  # of pictures from 0 to 1


def pictures(seed: int, *shape: int) -> Tensor:
    return torch.rand(shape, generator=Generator().manual_seed(seed), dtype=torch.float64)


def normal(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape, generator=Generator().manual_seed(seed), dtype=torch.float64)


def test_public_names() -> None:
    assert metrics.__all__ == ["features", "frechet_distance", "kernel_distance", "ssim"]


# ssim


def ssim_of_windows(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Return the mean over all windows of one channel (H, W), each written out."""
    weights = np.array(
        [[math.exp(-((i - 5) ** 2 + (j - 5) ** 2) / 4.5) for j in range(11)] for i in range(11)]
    )
    weights /= weights.sum()
    values = []
    for i, j in itertools.product(range(a.shape[0] - 10), range(a.shape[1] - 10)):
        x, y = a[i : i + 11, j : j + 11], b[i : i + 11, j : j + 11]
        mx, my = (weights * x).sum(), (weights * y).sum()
        vx, vy = (weights * (x - mx) ** 2).sum(), (weights * (y - my) ** 2).sum()
        cov = (weights * (x - mx) * (y - my)).sum()
        top = (2 * mx * my + C1) * (2 * cov + C2)
        values.append(top / ((mx**2 + my**2 + C1) * (vx + vy + C2)))
    return float(np.mean(values))


@pytest.mark.parametrize("size", [(11, 11), (14, 19)])
def test_ssim_is_the_mean_of_explicit_windows(size: tuple[int, int]) -> None:
    a = pictures(1, 2, 3, *size)
    b = (a + 0.2 * normal(2, 2, 3, *size)).clamp(0, 1)
    wanted = [
        np.mean([ssim_of_windows(x, y) for x, y in zip(u, v, strict=True)])
        for u, v in zip(a.numpy(), b.numpy(), strict=True)
    ]
    assert ssim(a, b).tolist() == pytest.approx(wanted, abs=1e-12)


def test_ssim_is_symmetric_and_1_for_equal_pictures_alone() -> None:
    a, b = pictures(1, 4, 3, 16, 16), pictures(2, 4, 3, 16, 16)
    assert ssim(a, a).tolist() == pytest.approx([1] * 4, abs=1e-12)
    torch.testing.assert_close(ssim(a, b), ssim(b, a), rtol=1e-12, atol=0)
    assert ssim(a, b).abs().max() < 0.2 and ssim(a, 1 - a).max() < -0.5
    changed = a.clone()
    changed[2, 1, 15, 15] = 1 - changed[2, 1, 15, 15]  # a corner counts too
    assert (ssim(a, changed) < 1 - 1e-9).tolist() == [False, False, True, False]


def test_ssim_falls_as_noise_grows() -> None:
    a, noise = pictures(1, 2, 3, 24, 24) * 0.5 + 0.25, normal(3, 2, 3, 24, 24)
    falling = [ssim(a, (a + s * noise).clamp(0, 1)) for s in (0, 0.02, 0.05, 0.1, 0.2)]
    assert all((after < before).all() for before, after in itertools.pairwise(falling))


def test_ssim_of_gray_areas_and_of_a_shift_has_a_closed_form() -> None:
    dark, light = torch.full((1, 1, 12, 12), 0.2), torch.full((1, 1, 12, 12), 0.7)
    assert ssim(dark, light).item() == pytest.approx((0.28 + C1) / (0.04 + 0.49 + C1), abs=1e-6)
    wave = (0.4 + 0.3 * torch.sin(torch.arange(11.0, dtype=torch.float64))).expand(1, 1, 11, 11)
    weights = np.exp(-((np.arange(11) - 5) ** 2) / 4.5)
    mean = (weights * wave[0, 0, 0].numpy()).sum() / weights.sum()
    brighter = mean + 0.25  # a shift changes the means alone
    wanted = (2 * mean * brighter + C1) / (mean**2 + brighter**2 + C1)
    assert ssim(wave, wave + 0.25).item() == pytest.approx(wanted, abs=1e-12)


def test_ssim_of_single_precision_is_computed_in_double() -> None:
    a, b = pictures(1, 2, 3, 16, 16).float(), pictures(2, 2, 3, 16, 16).float()
    assert ssim(a, b).dtype == torch.float64 and torch.equal(ssim(a, b), ssim(a.double(), b))


@pytest.mark.parametrize(
    ("a", "b", "error", "message"),
    [
        (torch.rand(2, 3, 16, 16), torch.rand(1, 3, 16, 16), ValueError, r"got \(2, 3, 16, 16\)"),
        (torch.rand(3, 16, 16), torch.rand(3, 16, 16), ValueError, r"\(N, C, H, W\)"),
        (torch.rand(2, 3, 16, 10), torch.rand(2, 3, 16, 10), ValueError, "W at least 11"),
        (torch.rand(0, 3, 16, 16), torch.rand(0, 3, 16, 16), ValueError, r"got \(0, 3, 16, 16\)"),
        (torch.ones(1, 1, 16, 16).int(), torch.rand(1, 1, 16, 16), TypeError, "got torch.int32"),
        (torch.rand(1, 1, 16, 16), torch.ones(1, 1, 16, 16) * 1.5, ValueError, "got 1.5 to 1.5"),
        (torch.ones(1, 1, 16, 16) * -1, torch.rand(1, 1, 16, 16), ValueError, "got -1 to -1"),
        (torch.ones(1, 1, 16, 16) * math.nan, torch.rand(1, 1, 16, 16), ValueError, "got nan"),
    ],
)
def test_ssim_refuses(a: Tensor, b: Tensor, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ssim(a, b)


# features


class Noting(nn.Module):
    """Features of a net that has layers with two modes, and a note of what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.5))
        self.body[1].eval()  # frozen, while the rest is in training
        self.sizes: list[int] = []

    def forward(self, x: Tensor) -> Tensor:
        self.sizes.append(len(x))
        assert not self.training and not torch.is_grad_enabled()
        return self.body(x).mean(dim=(2, 3))


def test_features_are_in_evaluation_mode_without_gradient_in_batches() -> None:
    torch.manual_seed(0)
    net, x = Noting(), pictures(1, 7, 3, 8, 8).float()
    net.body[1].running_mean += 1
    found = features(net, x, batch=3)
    assert net.sizes == [3, 3, 1] and found.shape == (7, 2)
    assert found.dtype == torch.float64 and not found.requires_grad
    assert [m.training for m in net.modules()] == [True, True, True, False, True]
    conv, norm, _ = net.body
    by_hand = (conv(x).mean(dim=(2, 3)) - 1) / (1 + norm.eps) ** 0.5
    torch.testing.assert_close(found.float(), by_hand, rtol=1e-5, atol=1e-6)
    assert torch.equal(features(net, x), features(net, x)) and net.sizes[-1] == 7


def test_modes_come_back_after_an_error() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(5, 2))
    with pytest.raises(RuntimeError):
        features(net, torch.rand(2, 3, 4, 4))
    assert net.training and net[1].training


def test_features_of_any_function() -> None:
    x = pictures(1, 5, 3, 4, 4).float()
    found = features(lambda part: part.mean(dim=(2, 3)), x, batch=2)
    torch.testing.assert_close(found, x.mean(dim=(2, 3)).double())


def test_pictures_go_where_the_net_is() -> None:
    seen: list[torch.device] = []

    class Elsewhere(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            seen.append(x.device)
            return torch.zeros(len(x), 2)

    features(Elsewhere(1, 1, device="meta"), torch.rand(2, 3, 4, 4))
    assert seen == [torch.device("meta")]


def test_features_of_a_classifier_without_its_last_layer() -> None:
    net = ResNet((1, 1), (4, 6))
    found = [features(net[:-1], pictures(s, 9, 3, 8, 8).float()) for s in (1, 2)]
    assert found[0].shape == (9, 6) and frechet_distance(*found) > 0
    assert math.isfinite(kernel_distance(*found))


@pytest.mark.parametrize(
    ("net", "x", "batch", "message"),
    [
        (nn.Flatten(), torch.rand(3, 4, 4), 9, r"pictures \(N, C, H, W\); got \(3, 4, 4\)"),
        (nn.Flatten(), torch.rand(0, 3, 4, 4), 9, r"got \(0, 3, 4, 4\)"),
        (nn.Flatten(), torch.rand(2, 3, 4, 4), 0, "at least 1 picture; got 0"),
        (nn.Identity(), torch.rand(2, 3, 4, 4), 9, r"\(2, d\) for 2 pictures; got \(2, 3, 4, 4\)"),
        (lambda x: x.flatten(1)[:1], torch.rand(2, 3, 4, 4), 9, r"for 2 pictures; got \(1, 48\)"),
    ],
)
def test_features_refuses(
    net: Callable[[Tensor], Tensor], x: Tensor, batch: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        features(net, x, batch=batch)
