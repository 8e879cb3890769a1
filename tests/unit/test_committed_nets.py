"""The nets of the page, evaluated again on the digits that chapter 4 keeps for the test."""

import pytest
import torch
import torch.nn.functional as F

from kbook.assets.nets import load_net
from kbook.data import digits


@pytest.fixture(scope="module")
def held_out():
    images, labels = digits.split(digits.load(), validation=297, test=500).test
    return F.pad(images, (2, 2, 2, 2)), labels


def share_right(name, digits, right=0, down=0):
    images, labels = digits
    with torch.no_grad():
        logits = load_net(name)(images.roll((down, right), dims=(2, 3)))
    return (logits.argmax(1) == labels).float().mean().item()


def test_the_nets_read_centered_digits(held_out):
    assert share_right("digits_cnn", held_out) >= 0.98
    assert share_right("digits_cnn_centered", held_out) >= 0.98
    assert share_right("digits_dense", held_out) >= 0.94


def test_the_net_trained_with_shifts_reads_shifted_digits(held_out):
    shares = [share_right("digits_cnn", held_out, r, d) for r in (-1, 0, 1) for d in (-1, 0, 1)]
    assert min(shares) >= 0.97


def test_an_odd_shift_costs_the_centered_net_more_than_an_even_one(held_out):
    one, two = (share_right("digits_cnn_centered", held_out, right) for right in (1, 2))
    assert one < two - 0.005 and two >= 0.97
    assert share_right("digits_dense", held_out, 1) < 0.7
