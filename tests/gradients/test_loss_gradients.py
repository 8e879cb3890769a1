"""Every gradient in kbook.losses against torch's autograd and against central differences.

One list drives all tests: a loss that gets a gradient is added to PAIRS and is tested.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from kbook import losses
from kbook.gradcheck import central_difference

N, K = 5, 4
RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(N, K)) * 2
INDEX = RNG.integers(0, K, size=N)
SOFT = RNG.dirichlet(np.ones(K), size=N)
LABELS = np.array([0.0, 1.0, 1.0, 0.0, 1.0])


def torch_binary(z, y):
    return F.binary_cross_entropy_with_logits(z, torch.tensor(y))


def torch_classes(z, y, **options):
    return F.cross_entropy(z, torch.tensor(y), **options)


BINARY = (losses.binary_cross_entropy, losses.binary_cross_entropy_grad, torch_binary)
CLASSES = (losses.cross_entropy, losses.cross_entropy_grad, torch_classes)

PAIRS = {
    "binary, labels": (*BINARY, LOGITS[:, 0], LABELS, {}),
    "binary, soft": (*BINARY, LOGITS[:, 0], SOFT[:, 0], {}),
    "binary, one sample": (*BINARY, LOGITS[:1, 0], LABELS[:1], {}),
    "classes, index": (*CLASSES, LOGITS, INDEX, {}),
    "classes, soft": (*CLASSES, LOGITS, SOFT, {}),
    "classes, one sample": (*CLASSES, LOGITS[:1], INDEX[:1], {}),
    "classes, index smoothed": (*CLASSES, LOGITS, INDEX, {"label_smoothing": 0.1}),
    "classes, soft smoothed": (*CLASSES, LOGITS, SOFT, {"label_smoothing": 0.3}),
    "classes, all smoothed away": (*CLASSES, LOGITS, INDEX, {"label_smoothing": 1.0}),
}


def test_every_gradient_of_the_library_is_in_the_list():
    gradients = {name for name in losses.__all__ if name.endswith("_grad")}
    assert {gradient.__name__ for _, gradient, *_ in PAIRS.values()} == gradients


@pytest.mark.parametrize("scale", [1.0, 10.0, 1e3, 4e3])
@pytest.mark.parametrize("name", PAIRS)
def test_equals_autograd(name, scale):
    _, gradient, theirs, z, y, options = PAIRS[name]
    leaf = torch.tensor(z * scale, requires_grad=True)
    theirs(leaf, y, **options).backward()
    ours = gradient(z * scale, y, **options)
    assert ours.shape == z.shape
    assert np.abs(ours - leaf.grad.numpy()).max() <= 1e-12


@pytest.mark.parametrize("name", PAIRS)
def test_equals_central_differences_of_our_own_loss(name):
    loss, gradient, _, z, y, options = PAIRS[name]
    measured = central_difference(lambda point: loss(point, y, **options), z)
    assert np.abs(gradient(z, y, **options) - measured).max() <= 1e-9
