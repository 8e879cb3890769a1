"""kbook.metrics: the distances of two sets of features against loops, closed forms and scipy."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.linalg import sqrtm
from torch import Generator, Tensor

from kbook import metrics
from kbook.metrics import frechet_distance, kernel_distance


def rows(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape, generator=Generator().manual_seed(seed), dtype=torch.float64)


# frechet_distance


def with_moments(mean: Tensor, root: Tensor, count: int, seed: int) -> Tensor:
    """Return `count` rows with exactly this mean, and the covariance root · rootᵀ."""
    z = rows(seed, count, len(mean))
    z = z - z.mean(dim=0)
    white = z @ torch.linalg.inv(torch.linalg.cholesky(z.T @ z / (count - 1))).T
    return white @ root.T + mean


def test_frechet_distance_of_one_feature() -> None:
    one = torch.ones(1, 1, dtype=torch.float64)
    a, b = with_moments(one[0], 2 * one, 9, seed=1), with_moments(-one[0], 3.5 * one, 20, seed=2)
    assert frechet_distance(a, b) == pytest.approx(2**2 + 1.5**2, abs=1e-10)


def test_frechet_distance_of_covariances_with_the_same_axes() -> None:
    axes = torch.linalg.qr(rows(0, 4, 4)).Q
    s, t = torch.tensor([3.0, 1, 0.5, 0.1]).double(), torch.tensor([1.0, 2, 0.5, 0.3]).double()
    m = torch.tensor([1.0, 0, -2, 0.5]).double()
    a, b = with_moments(m, axes * s, 12, seed=1), with_moments(0 * m, axes * t, 30, seed=2)
    wanted = 5.25 + ((s - t) ** 2).sum().item()
    assert frechet_distance(a, b) == pytest.approx(wanted, abs=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_frechet_distance_is_what_scipys_matrix_root_gives(seed: int) -> None:
    mix = rows(seed, 5, 5)
    a, b = rows(seed + 10, 40, 5) @ mix, rows(seed + 20, 25, 5) + 0.3
    cov_a, cov_b = np.cov(a.numpy().T), np.cov(b.numpy().T)
    shift = a.numpy().mean(axis=0) - b.numpy().mean(axis=0)
    wanted = shift @ shift + np.trace(cov_a + cov_b - 2 * sqrtm(cov_a @ cov_b).real)
    assert frechet_distance(a, b) == pytest.approx(wanted, rel=1e-9)
    assert frechet_distance(b.numpy(), a.numpy()) == pytest.approx(wanted, rel=1e-9)


def test_frechet_distance_of_two_rows_in_many_dimensions() -> None:
    (p, q), (r, s) = rows(1, 2, 50), rows(2, 2, 50)
    u, v = (p - q) / 2**0.5, (r - s) / 2**0.5  # the covariances are u uᵀ and v vᵀ
    shift = (p + q - r - s) / 2
    wanted = shift @ shift + u @ u + v @ v - 2 * (u @ v).abs()
    got = frechet_distance(torch.stack([p, q]), torch.stack([r, s]))
    assert got == pytest.approx(wanted.item(), rel=1e-12)


@pytest.mark.parametrize("shape", [(2, 1), (30, 4), (10, 64)])
def test_frechet_distance_of_equal_sets_is_0(shape: tuple[int, int]) -> None:
    a = rows(1, *shape) * 100
    for b in (a, a.flip(0)):
        assert 0 <= frechet_distance(a, b) < 1e-8  # of a variance of 10⁴ in each direction


def test_frechet_distance_under_shifts_scales_and_turns() -> None:
    a, b = rows(1, 20, 6), rows(2, 30, 6) * 2 + 1
    base, turn = frechet_distance(a, b), torch.linalg.qr(rows(3, 6, 6)).Q
    assert frechet_distance(3 * a @ turn + 7, 3 * b @ turn + 7) == pytest.approx(9 * base)
    assert frechet_distance(a, a + 2) == pytest.approx(4 * 6)


# kernel_distance


def by_loops(a: Tensor, b: Tensor) -> float:
    def kernel(x: list[float], y: list[float]) -> float:
        return (sum(p * q for p, q in zip(x, y, strict=True)) / len(x) + 1) ** 3

    u, v = a.tolist(), b.tolist()
    within = [
        sum(kernel(s[i], s[j]) for i, j in itertools.permutations(range(len(s)), 2))
        / (len(s) * (len(s) - 1))
        for s in (u, v)
    ]
    between = sum(kernel(x, y) for x in u for y in v) / (len(u) * len(v))
    return sum(within) - 2 * between


@pytest.mark.parametrize("chunk", [1024, 4])
def test_kernel_distance_is_what_loops_give(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "ROWS", chunk)
    for n, m, d in ((2, 2, 1), (9, 6, 5), (12, 13, 3)):
        a, b = rows(n, n, d), rows(m, m, d) * 1.5 + 0.5
        assert kernel_distance(a, b) == pytest.approx(by_loops(a, b), rel=1e-10)
        assert kernel_distance(b.numpy(), a.numpy()) == pytest.approx(by_loops(a, b), rel=1e-10)


def moments(values: list[float]) -> NDArray[Any]:
    return np.array([np.mean(np.array(values) ** power) for power in (1, 2, 3)])


@pytest.mark.parametrize(
    ("p", "q"), [([0.0, 1.0], [0.0, 1.0]), ([0.0, 1.0], [-1.0, 2.0]), ([1.0], [-2.0, 1.0, 1.0])]
)
def test_kernel_distance_is_unbiased(p: list[float], q: list[float]) -> None:
    """With one feature, (xy + 1)³ makes of the distance 3 Δm₁² + 3 Δm₂² + Δm₃²."""
    drawn = [
        kernel_distance(torch.tensor(a)[:, None], torch.tensor(b)[:, None])
        for a in itertools.product(p, repeat=2)  # every draw is as likely as any other
        for b in itertools.product(q, repeat=3)
    ]
    wanted = (np.array([3, 3, 1]) * (moments(p) - moments(q)) ** 2).sum()
    assert np.mean(drawn) == pytest.approx(wanted, abs=1e-12)


def test_kernel_distance_of_equal_normals_is_0_on_average_and_often_negative() -> None:
    values = [kernel_distance(rows(s, 20, 4), rows(s + 1000, 30, 4)) for s in range(300)]
    error = np.std(values) / len(values) ** 0.5
    assert abs(np.mean(values)) < 4 * error and 50 < sum(v < 0 for v in values) < 250


# both


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (torch.ones(3), torch.ones(3), r"\(N, d\) and \(M, d\); got \(3,\) and \(3,\)"),
        (torch.ones(3, 2, 1, 1), torch.ones(3, 2), r"got \(3, 2, 1, 1\) and \(3, 2\)"),
        (torch.ones(3, 2), torch.ones(3, 4), r"got \(3, 2\) and \(3, 4\)"),
        (torch.ones(1, 2), torch.ones(3, 2), r"two rows in each set; got \(1, 2\) and \(3, 2\)"),
        (torch.ones(3, 0), torch.ones(3, 0), r"got \(3, 0\)"),
        (torch.ones(3, 2), torch.tensor([[1, 2], [3, math.nan]]), "wants finite features"),
        (torch.tensor([[1, 2], [3, math.inf]]), torch.ones(3, 2), "wants finite features"),
    ],
)
def test_the_distances_refuse(
    distance: Callable[[Tensor, Tensor], float], a: Tensor, b: Tensor, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as error:
        distance(a, b)
    assert str(error.value).startswith(f"{distance.__name__} wants ")


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
def test_the_distances_take_any_floating_point_and_weights_in_training(
    distance: Callable[[Tensor, Tensor], float],
) -> None:
    a, b = rows(1, 6, 3).float(), rows(2, 7, 3).float().requires_grad_()
    value = distance(a, b)
    assert type(value) is float and value == distance(a.double(), b.detach().double())
