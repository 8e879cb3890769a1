"""Softmax, the cross-entropies and their gradients, written by hand on numpy arrays.

Every function takes arrays, lists or numbers of any real type and computes in float64, whatever
came in. Logarithms are natural.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_grad",
    "cross_entropy",
    "cross_entropy_grad",
    "log_softmax",
    "sigmoid",
    "softmax",
]

Array = NDArray[np.float64]
ROW_SUM_TOLERANCE = 1e-6  # wide enough for probabilities that were computed in float32


def sigmoid(z: ArrayLike) -> Array:
    """Compute the probability that belongs to a logit, 1 / (1 + exp(-z)).

    Parameters
    ----------
    z : array-like of any shape
        Logits.

    Returns
    -------
    ndarray of float64, shaped like z
        Values in [0, 1], with all their digits on both sides of zero.

    Raises
    ------
    TypeError, ValueError
        If z does not hold real numbers; if it is empty or holds NaN or infinity.
    """
    z = _numbers("z", z)
    e = np.exp(-np.abs(z))  # in [0, 1]: cannot overflow
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def softmax(z: ArrayLike, axis: int = -1) -> Array:
    """Turn logits into probabilities that sum to one along an axis.

    Parameters
    ----------
    z : array-like, for example of shape (N, K)
        Logits.
    axis : int
        The axis that runs over the classes.

    Returns
    -------
    ndarray of float64, shaped like z
        p_k = exp(z_k) / sum_j exp(z_j).

    Raises
    ------
    TypeError, ValueError
        If z does not hold real numbers; if it is empty, holds NaN or infinity or lacks the axis.

    References
    ----------
    Bridle (1990), Advances in Neural Information Processing Systems 2, 211-217.
    """
    z = _numbers("z", z)
    e = np.exp(z - z.max(axis=axis, keepdims=True))  # the shift cancels in the ratio
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(z: ArrayLike, axis: int = -1) -> Array:
    """Compute the logarithm of softmax without taking the logarithm of a probability.

    Parameters
    ----------
    z, axis
        As in `softmax`, with the same errors raised.

    Returns
    -------
    ndarray of float64, shaped like z
        log p_k = z_k - log sum_j exp(z_j), finite also where p_k underflows to zero.

    References
    ----------
    Blanchard, Higham and Higham (2021), IMA Journal of Numerical Analysis 41(4), 2311-2330.
    """
    z = _numbers("z", z)
    shifted = z - z.max(axis=axis, keepdims=True)  # largest entry 0: exp cannot overflow
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def binary_cross_entropy(logits: ArrayLike, targets: ArrayLike) -> float:
    """Compute the mean binary cross-entropy of logits, in nats.

    Parameters
    ----------
    logits : array-like of shape (N,)
        Logits z; the model's probability of label 1 is sigmoid(z).
    targets : array-like of shape (N,)
        Labels 0 and 1 (or False and True), or probabilities of label 1.

    Returns
    -------
    float
        Mean over N of -y log sigmoid(z) - (1 - y) log(1 - sigmoid(z)).

    Raises
    ------
    TypeError, ValueError
        If an argument does not hold real numbers; if the batch is empty, the shapes differ, an
        entry is NaN or infinite or a target lies outside [0, 1].
    """
    z, y = _binary_pair(logits, targets)  # (N,), (N,)
    losses = y * _softplus(-z) + (1 - y) * _softplus(z)  # softplus(-z) = -log sigmoid(z)
    return float(losses.mean())


def binary_cross_entropy_grad(logits: ArrayLike, targets: ArrayLike) -> Array:
    """Compute the gradient of `binary_cross_entropy` with respect to the logits.

    Parameters
    ----------
    logits, targets : array-like of shape (N,)
        As in `binary_cross_entropy`, with the same errors raised.

    Returns
    -------
    ndarray of float64, shape (N,)
        (sigmoid(z) - y) / N.
    """
    z, y = _binary_pair(logits, targets)  # (N,), (N,)
    # sigmoid(z) - y, in a form that keeps all its digits where sigmoid(z) rounds to y.
    residual = (1 - y) * sigmoid(z) - y * sigmoid(-z)
    return residual / len(z)


def cross_entropy(logits: ArrayLike, targets: ArrayLike, *, label_smoothing: float = 0.0) -> float:
    """Compute the mean cross-entropy of logits over K classes, in nats.

    Parameters
    ----------
    logits : array-like of shape (N, K)
        Logits z; the model's probabilities are softmax(z).
    targets : array-like of shape (N,) or (N, K)
        Class indices 0 to K - 1 (integers), or in each row a distribution over the classes.
    label_smoothing : float in [0, 1]
        Share ε of the target that is spread evenly: q = (1 - ε) y + ε / K.

    Returns
    -------
    float
        Mean over N of -sum_k q_k log p_k.

    Raises
    ------
    TypeError, ValueError
        If an argument does not hold real numbers (class indices: integers); if the batch is empty,
        the shapes do not fit, an entry is NaN or infinite, or a target or ε is out of range.

    References
    ----------
    Szegedy et al. (2016), "Rethinking the Inception architecture", section 7 (label smoothing).
    """
    z, q = _class_pair(logits, targets, label_smoothing)  # (N, K), (N, K)
    losses = -(q * log_softmax(z)).sum(axis=1)  # (N,)
    return float(losses.mean())


def cross_entropy_grad(
    logits: ArrayLike, targets: ArrayLike, *, label_smoothing: float = 0.0
) -> Array:
    """Compute the gradient of `cross_entropy` with respect to the logits.

    Parameters
    ----------
    logits, targets, label_smoothing
        As in `cross_entropy`, with the same errors raised.

    Returns
    -------
    ndarray of float64, shape (N, K)
        (softmax(z) - q) / N for rows q that sum to exactly one, with an absolute error of about
        1e-16; each row sums to zero.
    """
    z, q = _class_pair(logits, targets, label_smoothing)  # (N, K), (N, K)
    # p - q for targets that sum to exactly one, and the true gradient where they are rounded.
    residual = softmax(z) * q.sum(axis=1, keepdims=True) - q
    return residual / len(z)


def _softplus(z: Array) -> Array:
    """Compute log(1 + exp(z)) for any finite z."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


# Checks at the door


def _numbers(name: str, values: ArrayLike, kinds: str = "iuf") -> Array:
    """Return finite numbers of the given dtype kinds as float64."""
    array = np.asarray(values)
    if array.dtype.kind not in kinds:
        raise TypeError(f"{name} must be real numbers, got dtype {array.dtype}")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
    return array.astype(np.float64)


def _binary_pair(logits: ArrayLike, targets: ArrayLike) -> tuple[Array, Array]:
    """Return checked logits and targets (N,)."""
    z, y = _numbers("logits", logits), _numbers("targets", targets, "biuf")
    if z.ndim != 1 or y.shape != z.shape:
        raise ValueError(f"want logits (N,) and targets (N,), got {z.shape} and {y.shape}")
    if y.min() < 0 or y.max() > 1:
        raise ValueError(f"targets must lie in [0, 1], got {y.min()} to {y.max()}")
    return z, y


def _class_pair(logits: ArrayLike, targets: ArrayLike, smoothing: float) -> tuple[Array, Array]:
    """Return checked logits z and smoothed target distributions q, both (N, K)."""
    if not 0 <= smoothing <= 1:
        raise ValueError(f"label_smoothing must lie in [0, 1], got {smoothing}")
    z, y = _numbers("logits", logits), np.asarray(targets)
    if z.ndim != 2 or y.shape not in (z.shape[:1], z.shape):
        raise ValueError(f"want logits (N, K), targets (N,) or (N, K), got {z.shape}, {y.shape}")
    num_classes = z.shape[1]
    y = _one_hot(y, num_classes) if y.ndim == 1 else _numbers("targets", y, "biuf")
    low, sums = y.min(), y.sum(axis=1)  # (), (N,)
    if low < 0 or np.abs(sums - 1).max() > ROW_SUM_TOLERANCE:
        got = f"smallest entry {low}, row sums {sums.min()} to {sums.max()}"
        raise ValueError(f"target rows must be probabilities with sum 1, got {got}")
    return z, (1 - smoothing) * y + smoothing / num_classes


def _one_hot(index: NDArray, num_classes: int) -> Array:
    """Return class indices (N,) as rows that hold a single one (N, K)."""
    if index.dtype.kind not in "iu":
        raise TypeError(f"class indices must be integers, got dtype {index.dtype}")
    low, high = index.min(), index.max()
    if low < 0 or high >= num_classes:
        raise ValueError(f"class indices must lie in 0 to {num_classes - 1}, got {low} to {high}")
    return np.eye(num_classes)[index]
