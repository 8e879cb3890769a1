"""Describe torch modules as plain layers, which a page can compute."""

from collections.abc import Callable
from typing import Any

from torch import nn

from kbook.assets.modules import Affine, Layer
from kbook.models import Residual
from kbook.models.pilotnet import Fixed

__all__ = ["layers_of"]


def layers_of(module: nn.Module) -> list[Layer]:
    """Return a module as layers, as it computes in evaluation mode.

    Parameters
    ----------
    module : nn.Module
        One of the modules that are named below, a Residual, or a Sequential of such.

    Raises
    ------
    TypeError
        If it is or contains another module.
    ValueError
        If a module's settings are such as a page does not compute.
    """
    if type(module).forward is nn.Sequential.forward:  # of a subclass too, if it has no other
        return [layer for child in module.children() for layer in layers_of(child)]
    if isinstance(module, Residual) and type(module).forward is Residual.forward:
        body, shortcut = layers_of(module.body), layers_of(module.shortcut)
        return [{"op": "residual", "body": body, "shortcut": shortcut}]
    if isinstance(module, nn.Identity | nn.Dropout | nn.Dropout2d):
        return []
    describe = DESCRIBE.get(type(module))  # a subclass may compute something else
    if describe is None:
        known = ", ".join(sorted(kind.__name__ for kind in DESCRIBE))
        raise TypeError(f"A page computes no {type(module).__name__}; it computes {known}.")
    return [describe(module)]


def _require(module: nn.Module, condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(f"A page computes {type(module).__name__} only with {what}; got {module}.")


def _pair(value: Any) -> list[int]:
    return [value, value] if isinstance(value, int) else list(value)


def _convolution(module: Any) -> Layer:
    padding = 0 if module.padding == "valid" else module.padding
    _require(module, padding != "same", "padding in numbers")
    modes = ("zeros", "reflect")
    _require(module, module.padding_mode in modes, f"padding_mode {' or '.join(modes)}")
    return {
        "op": "conv",
        **{"stride": _pair(module.stride), "padding": _pair(padding)},
        **{"dilation": _pair(module.dilation), "groups": module.groups},
        "mode": module.padding_mode,
        **{"weight": module.weight, "bias": module.bias},
    }


def _transposed(module: Any) -> Layer:
    layer = _convolution(module)  # of the two modes torch allows zeros alone
    del layer["mode"]
    return {**layer, "op": "conv_transposed", "output_padding": _pair(module.output_padding)}


def _pool(module: Any) -> Layer:
    _require(module, not module.ceil_mode, "ceil_mode=False")
    kernel, stride = _pair(module.kernel_size), _pair(module.stride)
    return {"kernel": kernel, "stride": stride, "padding": _pair(module.padding)}


def _max_pool(module: Any) -> Layer:
    _require(module, not module.return_indices, "return_indices=False")
    return {"op": "max_pool", **_pool(module), "dilation": _pair(module.dilation)}


def _average_pool(module: Any) -> Layer:
    _require(module, module.divisor_override is None, "divisor_override=None")
    layer = {"op": "avg_pool", **_pool(module)}
    counted = module.count_include_pad or not any(layer["padding"])
    _require(module, counted, "count_include_pad=True")
    return layer


def _global_pool(module: Any) -> Layer:
    _require(module, module.output_size in (1, (1, 1)), "output_size=1")
    kind = "max" if isinstance(module, nn.AdaptiveMaxPool2d) else "avg"
    _require(module, not getattr(module, "return_indices", False), "return_indices=False")
    return {"op": f"global_{kind}_pool"}


def _flatten(module: Any) -> Layer:
    whole = (module.start_dim, module.end_dim) == (1, -1)
    _require(module, whole, "start_dim=1 and end_dim=-1")
    return {"op": "flatten"}


def _batch_norm(module: Any) -> Layer:
    _require(module, module.running_mean is not None, "running statistics")
    scale = (module.running_var.double() + module.eps).rsqrt()
    if module.weight is not None:
        scale = scale * module.weight
    shift = -scale * module.running_mean
    if module.bias is not None:
        shift = shift + module.bias
    return {"op": "affine", "scale": scale, "shift": shift}


def _instance_norm(module: Any) -> Layer:
    _require(module, module.running_mean is None, "the statistics of each picture")
    settings = {"eps": module.eps, "channels": module.num_features}
    return {"op": "instance_norm", **settings, "scale": module.weight, "shift": module.bias}


def _upsample(module: Any) -> Layer:
    scale = module.scale_factor
    factor = list(scale) if isinstance(scale, tuple) else [scale, scale]
    whole = module.size is None and all(f == int(f) >= 1 for f in factor)
    _require(module, whole and module.mode == "nearest", "a whole scale_factor and mode nearest")
    return {"op": "upsample", "factor": [int(f) for f in factor]}


def _pad(module: Any) -> Layer:
    _require(module, min(module.padding) >= 0, "padding from 0")
    mode = "reflect" if isinstance(module, nn.ReflectionPad2d) else "zeros"
    return {"op": "pad", "mode": mode, "padding": list(module.padding)}


DESCRIBE: dict[type[nn.Module], Callable[[Any], Layer]] = {
    nn.Conv2d: _convolution,
    nn.ConvTranspose2d: _transposed,
    nn.MaxPool2d: _max_pool,
    nn.AvgPool2d: _average_pool,
    nn.AdaptiveMaxPool2d: _global_pool,
    nn.AdaptiveAvgPool2d: _global_pool,
    nn.Linear: lambda module: {"op": "linear", "weight": module.weight, "bias": module.bias},
    nn.Flatten: _flatten,
    nn.ReLU: lambda module: {"op": "relu"},
    nn.LeakyReLU: lambda module: {"op": "leaky_relu", "slope": module.negative_slope},
    nn.Tanh: lambda module: {"op": "tanh"},
    nn.Sigmoid: lambda module: {"op": "sigmoid"},
    nn.BatchNorm1d: _batch_norm,
    nn.BatchNorm2d: _batch_norm,
    Affine: lambda module: {"op": "affine", "scale": module.scale, "shift": module.shift},
    Fixed: lambda module: {"op": "fixed", "factor": module.scale, "offset": module.shift},
    nn.InstanceNorm2d: _instance_norm,
    nn.Upsample: _upsample,
    nn.ZeroPad2d: _pad,
    nn.ReflectionPad2d: _pad,
}
