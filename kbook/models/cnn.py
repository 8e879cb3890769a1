"""The convolutional net of chapter 4: blocks of convolution, batch norm and relu."""

from collections.abc import Sequence

import torch
from torch import nn

__all__ = ["conv_block", "normalizer", "small_cnn"]


def conv_block(inputs: int, outputs: int) -> nn.Sequential:
    """Return a 3 by 3 convolution that keeps the size, batch normalization, and relu.

    Parameters
    ----------
    inputs, outputs : int
        Channels that come in and go out.
    """
    # Batch normalization subtracts the mean, and with it any bias that came before.
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


def small_cnn(channels: int, classes: int, widths: Sequence[int] = (16, 32)) -> nn.Sequential:
    """Return a net from pictures of any size to logits.

    Each width makes a stage of two blocks; a 2 by 2 max pool stands between stages. At the end the
    maximum of each channel over the whole picture goes into one linear layer.

    Parameters
    ----------
    channels : int
        Of the pictures: 1 for gray ones, 3 for color.
    classes : int
        Number of logits.
    widths : sequence of int, default (16, 32)
        Channels of the stages.

    Returns
    -------
    nn.Sequential
        (N, channels, H, W) → (N, classes); H and W at least ``2**(len(widths) - 1)``.
    """
    layers: list[nn.Module] = []
    for width in widths:
        if layers:
            layers.append(nn.MaxPool2d(2))
        layers += [conv_block(channels, width), conv_block(width, width)]
        channels = width
    return nn.Sequential(
        *layers, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(channels, classes)
    )


def normalizer(mean: Sequence[float], std: Sequence[float]) -> nn.BatchNorm2d:
    """Return a layer, in evaluation mode, that subtracts means and divides by deviations.

    To put in front of a trained net that is to take pictures as they are.

    Parameters
    ----------
    mean, std : sequence of C floats
        One number for each channel.
    """
    layer = nn.BatchNorm2d(len(mean), eps=1e-12, affine=False).eval()
    layer.running_mean = torch.tensor(mean, dtype=torch.float32)
    layer.running_var = torch.tensor(std, dtype=torch.float32).square()
    return layer
