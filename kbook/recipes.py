"""The fast recipes of chapter 5, each in one piece: for its recorded runs and its benchmark."""

from functools import partial
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kbook.data import Batches
from kbook.data.augmentation import flip_and_shift
from kbook.training import History, fit_fast, one_cycle

__all__ = ["prepared", "train_fast", "train_to_94"]

# Of the 50,000 training pictures, as numbers from 0 to 1.
CIFAR10_MEAN, CIFAR10_STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)


def prepared(images: Tensor, device: torch.device) -> Tensor:
    """Return CIFAR-10 pictures on a device, normalized, with the channels last in memory.

    Parameters
    ----------
    images : Tensor of shape (N, 3, H, W)
        uint8, 0 to 255.
    device : torch.device
        Where they go.

    Returns
    -------
    Tensor of shape (N, 3, H, W)
        float32, mean 0 and standard deviation 1 over the training set.
    """
    mean, std = (
        torch.tensor(numbers, device=device).reshape(3, 1, 1)
        for numbers in (CIFAR10_MEAN, CIFAR10_STD)
    )
    scaled = (images.to(device).float() / 255 - mean) / std
    return scaled.contiguous(memory_format=torch.channels_last)


def train_fast(  # noqa: PLR0913 - the numbers of the recipe
    net: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epochs: float,
    size: int = 500,
    peak: float = 0.4,
    smoothing: float = 0.1,
    compiled: bool = False,
    seed: int = 0,
) -> History:
    """Train a net by the fast recipe: batched augmentation, half precision, one cycle, smoothing.

    Parameters
    ----------
    net : nn.Module
        From pictures (N, 3, H, W) to logits, on the device of the images. Its weights are put
        into the memory format with the channels last.
    images : Tensor of shape (N, 3, H, W)
        As `prepared` returns them.
    labels : Tensor of shape (N,)
        int64, on the same device.
    epochs : float
        How often to go through all pictures.
    size : int
        Pictures in a batch.
    peak : float
        The highest learning rate of the cycle, of SGD with Nesterov's momentum 0.9 and weight
        decay 5e-4.
    smoothing : float
        Of the labels.
    compiled : bool
        Whether `torch.compile` compiles the net, in the first step.
    seed : int
        Of the order and the augmentation; the net comes with its weights.

    Returns
    -------
    History
    """
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    rng = torch.Generator().manual_seed(seed)
    batches = Batches(images, labels, size, rng, flip_and_shift)
    optimizer = torch.optim.SGD(
        net.parameters(), lr=peak, momentum=0.9, nesterov=True, weight_decay=5e-4, fused=True
    )
    return _trained(net, batches, optimizer, epochs, smoothing, compiled)


def train_to_94(  # noqa: PLR0913 - as for `train_fast`
    net: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epochs: float = 18,
    compiled: bool = False,
    seed: int = 0,
) -> History:
    """Train `whitened_net` on CIFAR-10 in large batches, its biases with a rate of their own.

    Batches of 1024 pictures, shifted by up to 2 pixels; SGD with Nesterov's momentum 0.85; one
    cycle; labels smoothed by 0.2. The biases learn 64 times as fast as the weights.

    Parameters
    ----------
    net : nn.Module
        From pictures (N, 3, 32, 32) to logits, on the device of the images. Its weights are put
        into the memory format with the channels last; those that ask for no gradient stay.
    images, labels, epochs, compiled, seed
        As for `train_fast`.

    Returns
    -------
    History

    References
    ----------
    The numbers are those of Jordan (2024), "94% on CIFAR-10 in 3.29 seconds on a single GPU",
    converted from his loss, a sum over the batch, to a mean. His cycle has another shape.
    """
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    rng = torch.Generator().manual_seed(seed)
    batches = Batches(images, labels, 1024, rng, partial(flip_and_shift, by=2))
    peak, decay, faster = 1.5, 1.3e-3, 64
    learned = [p for p in net.parameters() if p.requires_grad]
    biases = [p for p in learned if p.ndim == 1]
    weights = [p for p in learned if p.ndim > 1]
    groups = [
        {"params": weights, "lr": peak, "weight_decay": decay},
        # The decay is multiplied by the rate: divided here, it stays what it was.
        {"params": biases, "lr": faster * peak, "weight_decay": decay / faster},
    ]
    optimizer = torch.optim.SGD(groups, momentum=0.85, nesterov=True, fused=True)
    return _trained(net, batches, optimizer, epochs, 0.2, compiled)


def _trained(  # noqa: PLR0913 - what the two recipes share
    net: nn.Module,
    batches: Batches,
    optimizer: torch.optim.Optimizer,
    epochs: float,
    smoothing: float,
    compiled: bool,
) -> History:
    # Not net.compile(): that would pass over the forward of torch's own Sequential.
    model = cast(nn.Module, torch.compile(net)) if compiled else net
    return fit_fast(
        model,
        batches,
        optimizer,
        steps=round(epochs * len(batches)),
        loss=partial(F.cross_entropy, label_smoothing=smoothing),
        schedule=one_cycle,
    )
