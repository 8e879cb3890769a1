"""Arithmetic of layers: sizes, receptive fields, parameters and operations."""

import copy
from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["Counts", "count", "output_size", "receptive_field", "transposed_size"]

COUNTED = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)


class Counts(NamedTuple):
    """What a net weighs and what it does for one sample."""

    parameters: int
    multiply_adds: int


def output_size(
    size: int, kernel: int, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Return how many outputs a window has along one axis.

    Parameters
    ----------
    size : int
        Inputs along the axis.
    kernel, stride, padding, dilation : int
        Of a convolution or a pooling layer.

    Raises
    ------
    ValueError
        If the window is larger than the padded input.

    References
    ----------
    Dumoulin and Visin (2016), "A guide to convolution arithmetic for deep learning".
    """
    span = dilation * (kernel - 1) + 1
    if size + 2 * padding < span:
        raise ValueError(
            f"A window that spans {span} wants as many inputs; got {size} padded by {padding}."
        )
    return (size + 2 * padding - span) // stride + 1


def transposed_size(  # noqa: PLR0913 - the arguments of torch's layer
    size: int,
    kernel: int,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_padding: int = 0,
) -> int:
    """Return how many outputs a transposed convolution has along one axis.

    Parameters
    ----------
    size : int
        Inputs along the axis.
    kernel, stride, padding, dilation, output_padding : int
        As in ``torch.nn.ConvTranspose2d``.
    """
    return (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1


def receptive_field(layers: Iterable[tuple[int, int, int]]) -> int:
    """Return how many inputs along one axis an output of a chain of layers can see.

    Parameters
    ----------
    layers : iterable of (kernel, stride, dilation)
        From the input on. A transposed convolution or an upsampling is no such layer.

    References
    ----------
    Araujo, Norris and Sim (2019), "Computing receptive fields of convolutional neural networks".
    """
    field, jump = 1, 1
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation * jump
        jump *= stride
    return field


def count(net: nn.Module, shape: tuple[int, ...]) -> Counts:
    """Count a net's parameters, and its multiplications with a weight for one sample.

    A multiplication and the addition that follows count as one; biases, normalization and pooling
    do not count.

    Parameters
    ----------
    net : nn.Module
        Of convolutions, transposed ones and linear layers, and layers without weight matrices.
    shape : tuple of int
        Of one sample, without the axis of the batch.

    Returns
    -------
    Counts

    Raises
    ------
    TypeError
        If another layer has a table of weights, as a recurrent one.
    """
    for module in net.modules():
        tables = [p for p in module.parameters(recurse=False) if p.ndim > 1]
        if tables and not isinstance(module, COUNTED):
            raise TypeError(f"count knows no {type(module).__name__}, which has a weight matrix.")
    shadow = copy.deepcopy(net).to("meta").eval()  # shapes alone: nothing is computed or changed
    layers = [m for m in shadow.modules() if isinstance(m, COUNTED)]
    total = 0

    def add(layer: nn.Conv2d, inputs: tuple[Tensor], outputs: Tensor) -> None:
        nonlocal total
        # A weight meets every place of the output or, in a transposed convolution, of the input.
        places = inputs[0] if isinstance(layer, nn.ConvTranspose2d) else outputs
        features = places.shape[-1 if isinstance(layer, nn.Linear) else 1]
        total += layer.weight.numel() * places.numel() // features

    for layer in layers:
        layer.register_forward_hook(add)
    shadow(torch.zeros(1, *shape, device="meta"))
    return Counts(sum(p.numel() for p in net.parameters()), total)
