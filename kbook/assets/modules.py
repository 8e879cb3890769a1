"""Build torch modules from plain layers, dicts of an op, its settings and its tensors."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from kbook.models import Residual
from kbook.models.pilotnet import Fixed

__all__ = ["TENSORS", "Affine", "Layer", "module_of"]

Layer = dict[str, Any]
TENSORS = ("weight", "bias", "scale", "shift")  # what is a tensor, or None, wherever it occurs


class Affine(nn.Module):
    """Scale and shift each channel: all that batch normalization does in evaluation mode."""

    def __init__(self, scale: Tensor, shift: Tensor) -> None:
        super().__init__()
        self.scale, self.shift = nn.Parameter(scale), nn.Parameter(shift)

    def forward(self, x: Tensor) -> Tensor:
        """Return scale · x + shift for x of shape (N, C) or (N, C, H, W)."""
        shape = (-1, *[1] * (x.ndim - 2))
        return x * self.scale.view(shape) + self.shift.view(shape)


def module_of(layers: list[Layer]) -> nn.Sequential:
    """Return a module that computes layers.

    Parameters
    ----------
    layers : list of dict
        As `kbook.assets.layers.layers_of` describes them.

    Raises
    ------
    ValueError
        If a layer has an unknown op.
    """
    modules = []
    for layer in layers:
        if layer["op"] not in BUILD:
            raise ValueError(f"want one of the ops {', '.join(BUILD)}; got {layer['op']!r}.")
        # On the meta device no first weights are drawn: the caller's random stream stays as it is.
        with torch.device("meta"):
            modules.append(BUILD[layer["op"]](layer))
    return nn.Sequential(*modules)


def _convolution(layer: Layer) -> nn.Module:
    outputs, inputs, *kernel = layer["weight"].shape
    names = ("stride", "padding", "dilation", "groups")
    settings = {name: layer[name] for name in names}
    channels = inputs * layer["groups"], outputs
    module = nn.Conv2d(*channels, kernel, padding_mode=layer["mode"], **settings)
    return _with_weights(module, layer["weight"], layer["bias"])


def _transposed(layer: Layer) -> nn.Module:
    inputs, outputs, *kernel = layer["weight"].shape
    names = ("stride", "padding", "output_padding", "dilation", "groups")
    settings = {name: layer[name] for name in names}
    module = nn.ConvTranspose2d(inputs, outputs * layer["groups"], kernel, **settings)
    return _with_weights(module, layer["weight"], layer["bias"])


def _linear(layer: Layer) -> nn.Module:
    outputs, inputs = layer["weight"].shape
    return _with_weights(nn.Linear(inputs, outputs), layer["weight"], layer["bias"])


def _instance_norm(layer: Layer) -> nn.Module:
    module = nn.InstanceNorm2d(layer["channels"], eps=layer["eps"])
    return _with_weights(module, layer["scale"], layer["shift"])


def _with_weights(module: Any, weight: Tensor | None, bias: Tensor | None) -> nn.Module:
    module.weight = None if weight is None else nn.Parameter(weight)
    module.bias = None if bias is None else nn.Parameter(bias)
    return module


def _pool(layer: Layer) -> tuple[Any, Any, Any]:
    return layer["kernel"], layer["stride"], layer["padding"]


def _pad(layer: Layer) -> nn.Module:
    kind = nn.ReflectionPad2d if layer["mode"] == "reflect" else nn.ZeroPad2d
    return kind(tuple(layer["padding"]))


BUILD: dict[str, Callable[[Layer], nn.Module]] = {
    "conv": _convolution,
    "conv_transposed": _transposed,
    "max_pool": lambda layer: nn.MaxPool2d(*_pool(layer), layer["dilation"]),
    "avg_pool": lambda layer: nn.AvgPool2d(*_pool(layer)),
    "global_max_pool": lambda layer: nn.AdaptiveMaxPool2d(1),
    "global_avg_pool": lambda layer: nn.AdaptiveAvgPool2d(1),
    "linear": _linear,
    "flatten": lambda layer: nn.Flatten(),
    "relu": lambda layer: nn.ReLU(),
    "leaky_relu": lambda layer: nn.LeakyReLU(layer["slope"]),
    "tanh": lambda layer: nn.Tanh(),
    "sigmoid": lambda layer: nn.Sigmoid(),
    "affine": lambda layer: Affine(layer["scale"], layer["shift"]),
    "fixed": lambda layer: Fixed(layer["factor"], layer["offset"]),
    "instance_norm": _instance_norm,
    "upsample": lambda layer: nn.Upsample(scale_factor=tuple(map(float, layer["factor"]))),
    "pad": _pad,
    "residual": lambda layer: Residual(module_of(layer["body"]), module_of(layer["shortcut"])),
}
