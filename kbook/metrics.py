"""How alike pictures are: one by one (SSIM), and as sets by a net's features (FID, KID).

`ssim` compares each picture with its true counterpart. Where there is none, `features` turns two
sets of pictures into numbers, and `frechet_distance` and `kernel_distance` say how far the sets
are from each other.
"""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from kbook.training import evaluation_mode

__all__ = ["features", "frechet_distance", "kernel_distance", "ssim"]

# The window and the constants K1 and K2 of Wang et al., for pictures from 0 to 1.
WINDOW, SIGMA, K1, K2 = 11, 1.5, 0.01, 0.03
ROWS = 1024  # of a matrix of kernels that are in memory at once

Features = Tensor | NDArray[np.floating]


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Compute the structural similarity of each picture with its counterpart.

    Parameters
    ----------
    a, b : Tensor of shape (N, C, H, W)
        Floating-point numbers from 0 to 1, H and W at least 11; on one device.

    Returns
    -------
    Tensor of shape (N,)
        float64, the mean over channels and places: 1 for equal pictures and below 1 for others.
        Only windows that lie wholly in the picture count.

    Raises
    ------
    TypeError
        If the numbers are not floating-point.
    ValueError
        If the shapes differ, there is no picture, one is smaller than the window, or a number is
        not from 0 to 1.

    References
    ----------
    Wang, Bovik, Sheikh and Simoncelli (2004), "Image quality assessment: from error visibility to
    structural similarity", eq. 13, with the Gaussian window of 11 × 11 pixels, σ = 1.5.
    """
    _check_pictures(a, b)
    a, b = a.double(), b.double()
    maps = torch.stack([a, b, a * a, b * b, a * b])
    mean_a, mean_b, square_a, square_b, product = _windowed(maps)
    variances = square_a - mean_a**2 + square_b - mean_b**2
    covariance = product - mean_a * mean_b
    light = (2 * mean_a * mean_b + K1**2) / (mean_a**2 + mean_b**2 + K1**2)
    structure = (2 * covariance + K2**2) / (variances + K2**2)
    return (light * structure).mean(dim=(1, 2, 3))


def features(net: Callable[[Tensor], Tensor], pictures: Tensor, *, batch: int = 256) -> Tensor:
    """Return what a net makes of pictures, without gradients, in batches.

    Parameters
    ----------
    net : callable
        Pictures (n, C, H, W) → features (n, d). A module is in evaluation mode meanwhile, and
        gets the pictures on its own device; for features of a classifier, leave out its last
        layer. Bringing the pictures to the scale that the net knows is its own part.
    pictures : Tensor of shape (N, C, H, W)
        On any device.
    batch : int, default 256
        Pictures at once.

    Returns
    -------
    Tensor of shape (N, d)
        float64, on the CPU.

    Raises
    ------
    ValueError
        If there is no picture, `batch` is below 1, or the net returns another shape.

    Notes
    -----
    Distances are in the unit of the net that made the features. Values from different nets cannot
    be compared, nor can the published ones, which are by an Inception net, with those by another.
    """
    if pictures.ndim != 4 or len(pictures) == 0:
        raise ValueError(f"features wants pictures (N, C, H, W); got {tuple(pictures.shape)}.")
    if batch < 1:
        raise ValueError(f"features wants a batch of at least 1 picture; got {batch}.")
    module = net if isinstance(net, nn.Module) else nn.Identity()
    device = next(module.parameters(), pictures).device
    with torch.no_grad(), evaluation_mode(module):
        parts = [_features(net, part.to(device)) for part in pictures.split(batch)]
    return torch.cat(parts)


def frechet_distance(features_a: Features, features_b: Features) -> float:
    """Compute the Fréchet distance of two normal distributions with the features' moments.

    With the features of an Inception net it is the Fréchet inception distance, FID. It is biased
    upwards, the more the fewer pictures there are: compare only values from equally many.

    Parameters
    ----------
    features_a, features_b : Tensor or ndarray of shape (N, d), (M, d)
        A row for each picture, from the same net; N and M at least 2, and they may be below d.

    Returns
    -------
    float
        |μ_a - μ_b|² + tr(Σ_a + Σ_b - 2 (Σ_a Σ_b)^½), at least 0, with covariances that divide by
        N - 1 and M - 1. Values by different nets cannot be compared.

    Raises
    ------
    ValueError
        If the shapes do not fit, a set has less than two rows, or a number is not finite.

    References
    ----------
    Heusel, Ramsauer, Unterthiner, Nessler and Hochreiter (2017), "GANs trained by a two time-scale
    update rule converge to a local Nash equilibrium", eq. 6.
    """
    a, b = _feature_pair("frechet_distance", features_a, features_b)
    shift = (a.mean(dim=0) - b.mean(dim=0)).square().sum()
    root_a, root_b = _root(a), _root(b)
    # With Σ_a = AᵀA and Σ_b = BᵀB, the eigenvalues of Σ_a Σ_b are those of the symmetric
    # (A Bᵀ)(A Bᵀ)ᵀ; so their square roots are the singular values of A Bᵀ, to full precision.
    cross = torch.linalg.svdvals(root_a @ root_b.T).sum()
    spread = root_a.square().sum() + root_b.square().sum() - 2 * cross
    return float((shift + spread).clamp(min=0))


def kernel_distance(features_a: Features, features_b: Features) -> float:
    """Compute the squared maximum mean discrepancy of features, by a cubic kernel, unbiased.

    With the features of an Inception net it is the kernel inception distance, KID. The mean over
    many draws is right however few pictures there are, 0 for equal distributions; so a single
    value can be below 0.

    Parameters
    ----------
    features_a, features_b : Tensor or ndarray of shape (N, d), (M, d)
        A row for each picture, from the same net; N and M at least 2.

    Returns
    -------
    float
        The mean of k(a, a') over different rows, plus that of k(b, b'), minus twice the mean of
        k(a, b), with k(x, y) = (x·y / d + 1)³. Values by different nets cannot be compared.

    Raises
    ------
    ValueError
        If the shapes do not fit, a set has less than two rows, or a number is not finite.

    References
    ----------
    Bińkowski, Sutherland, Arbel and Gretton (2018), "Demystifying MMD GANs".
    """
    a, b = _feature_pair("kernel_distance", features_a, features_b)
    return _mean_of_others(a) + _mean_of_others(b) - 2 * _kernel_sum(a, b) / (len(a) * len(b))


def _windowed(maps: Tensor) -> Tensor:
    """Return the weighted mean of every window: (…, H, W) → (…, H - 10, W - 10)."""
    places = torch.arange(WINDOW, dtype=maps.dtype, device=maps.device) - WINDOW // 2
    weights = torch.exp(-(places**2) / (2 * SIGMA**2))
    window = torch.outer(weights, weights) / weights.sum() ** 2
    means = F.conv2d(maps.flatten(end_dim=-3).unsqueeze(1), window[None, None])
    return means.reshape(*maps.shape[:-2], *means.shape[-2:])


def _root(rows: Tensor) -> Tensor:
    """Return R, at most d rows, with RᵀR the covariance of the rows (N, d)."""
    centered = rows - rows.mean(dim=0)
    return torch.linalg.qr(centered, mode="r").R / (len(rows) - 1) ** 0.5


def _kernel_sum(a: Tensor, b: Tensor) -> float:
    """Return the sum of k(x, y) over all rows x of a and y of b."""
    sums = [(part @ b.T / a.shape[1] + 1).pow(3).sum() for part in a.split(ROWS)]
    return float(torch.stack(sums).sum())


def _mean_of_others(a: Tensor) -> float:
    """Return the mean of k(x, y) over pairs of different rows."""
    same = (a.square().sum(dim=1) / a.shape[1] + 1).pow(3).sum()
    return (_kernel_sum(a, a) - float(same)) / (len(a) * (len(a) - 1))


def _features(net: Callable[[Tensor], Tensor], part: Tensor) -> Tensor:
    rows = net(part)
    if rows.ndim != 2 or len(rows) != len(part):
        raise ValueError(
            f"features wants a net that returns ({len(part)}, d) for {len(part)} pictures; "
            f"got {tuple(rows.shape)}."
        )
    return rows.cpu().double()


# Checks at the door


def _check_pictures(a: Tensor, b: Tensor) -> None:
    if a.ndim != 4 or a.shape != b.shape or 0 in a.shape or min(a.shape[2:]) < WINDOW:
        raise ValueError(
            f"ssim wants two stacks of pictures (N, C, H, W), H and W at least {WINDOW}; "
            f"got {tuple(a.shape)} and {tuple(b.shape)}."
        )
    for pictures in (a, b):
        if not pictures.is_floating_point():
            raise TypeError(f"ssim wants floating-point numbers; got {pictures.dtype}.")
        low, high = float(pictures.min()), float(pictures.max())
        if not (low >= 0 and high <= 1):
            raise ValueError(f"ssim wants numbers from 0 to 1; got {low:.4g} to {high:.4g}.")


def _feature_pair(name: str, a: Features, b: Features) -> tuple[Tensor, Tensor]:
    """Return checked features in float64, on one device."""
    rows_a = torch.as_tensor(a).detach().double()
    rows_b = torch.as_tensor(b).detach().double().to(rows_a.device)
    shapes = f"{tuple(rows_a.shape)} and {tuple(rows_b.shape)}"
    if rows_a.ndim != 2 or rows_b.ndim != 2 or rows_a.shape[1] != rows_b.shape[1]:
        raise ValueError(f"{name} wants features (N, d) and (M, d); got {shapes}.")
    if min(len(rows_a), len(rows_b)) < 2 or rows_a.shape[1] == 0:
        raise ValueError(f"{name} wants at least two rows in each set; got {shapes}.")
    if not (rows_a.isfinite().all() and rows_b.isfinite().all()):
        raise ValueError(f"{name} wants finite features; got infinite ones, or no numbers.")
    return rows_a, rows_b
