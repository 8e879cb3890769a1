"""Handwritten digits, 8 by 8 pixels: scikit-learn's, which come with its installation.

1,797 digits by 43 writers, from the UCI repository's optical recognition set (its test part). They
lie in the order in which they were collected, so neighbors are often by the same hand: a random
split has each writer on both sides, and is easier than digits by strangers would be.
"""

import hashlib
from typing import NamedTuple

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor

__all__ = ["Digits", "Split", "load", "source", "split"]


class Digits(NamedTuple):
    """Pictures and what they show.

    Attributes
    ----------
    images : Tensor of shape (N, 1, 8, 8)
        float32, from 0 (paper) to 1 (ink).
    labels : Tensor of shape (N,)
        int64, 0 to 9.
    """

    images: Tensor
    labels: Tensor


class Split(NamedTuple):
    """Three parts of the digits that share none: for weights, for choices, for the final word."""

    train: Digits
    validation: Digits
    test: Digits


def load() -> Digits:
    """Return all 1,797 digits, in the order of the file.

    Returns
    -------
    Digits
    """
    source = load_digits()
    images = torch.tensor(source.images / 16, dtype=torch.float32).unsqueeze(1)
    return Digits(images, torch.tensor(source.target, dtype=torch.int64))


def split(digits: Digits, *, validation: int, test: int, seed: int = 0) -> Split:
    """Split digits at random into three parts, each with all classes in proportion.

    Parameters
    ----------
    digits : Digits
        At least two of each class that occurs.
    validation, test : int
        Digits in these parts, each at least the number of classes; the rest is for training.
    seed : int, default 0
        The same seed gives the same parts on every machine.

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        If a part would be too small to hold every class.
    """
    classes, count = len(digits.labels.unique()), len(digits.labels)
    if min(validation, test, count - validation - test) < classes:
        raise ValueError(
            f"Each part wants at least {classes} of the {count} digits, one of a class; got "
            f"{validation} for validation, {test} for the test, {count - validation - test} left."
        )
    labels = digits.labels.numpy()
    everything = np.arange(count)
    rest, in_test = train_test_split(everything, test_size=test, random_state=seed, stratify=labels)
    in_train, in_validation = train_test_split(
        rest, test_size=validation, random_state=seed, stratify=labels[rest]
    )
    parts = (torch.from_numpy(index) for index in (in_train, in_validation, in_test))
    return Split(*(Digits(digits.images[i], digits.labels[i]) for i in parts))


def source() -> str:
    """Return name and checksum of the data, for a record."""
    checksum = hashlib.sha256(load_digits().data.tobytes()).hexdigest()[:12]
    return f"scikit-learn's load_digits, sha256 {checksum}…"
