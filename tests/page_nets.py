"""Nets of every layer that a page computes, for the tests of the file format and of its reader."""

import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn

from kbook.assets.nets import save_net
from kbook.models import Residual
from kbook.models.pilotnet import Fixed
from tests.js import Module

TENSOR = "{ shape, data: Float32Array.from(data) }"
RUN = f"""((file, shape, data) => {{
  const {{ shape: size, data: numbers }} = runNet(parseNet(file), {TENSOR});
  if (!(numbers instanceof Float32Array)) throw new Error("want a Float32Array");
  return {{ size, data: Array.from(numbers) }};
}})"""
TRACE = f"""((file, shape, data) => traceNet(parseNet(file), {TENSOR})
  .map((tensor) => ({{ size: tensor.shape, data: Array.from(tensor.data) }})))"""


def run_in_page(js: Module, file: bytes, x: Tensor) -> Tensor:
    """Return what the net of a file says to an input in JavaScript."""
    return as_tensor(call(js, RUN, file, x))


def trace_in_page(js: Module, file: bytes, x: Tensor) -> list[Tensor]:
    """Return what each layer of the net of a file says in JavaScript."""
    return [as_tensor(answer) for answer in call(js, TRACE, file, x)]


def call(js: Module, function: str, file: bytes, x: Tensor) -> Any:
    return js.call(function, list(file), list(x.shape[1:]), x.flatten().tolist())


def as_tensor(answer: dict[str, list]) -> Tensor:
    return torch.tensor(answer["data"]).reshape(1, *answer["size"])


def file_of(
    model: nn.Module, shape: tuple[int, ...], folder: Path, dtype: str = "float32"
) -> bytes:
    """Return the bytes that `save_net` writes of a model."""
    with patch.dict(os.environ, KBOOK_RECORD=str(folder / "recorded")):
        save_net("net", model, shape, dtype)
    return (folder / "weights" / "net.bin").read_bytes()


def lived_in(model: nn.Module) -> nn.Module:
    """Give all norms random weights and statistics, and go to evaluation mode."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.InstanceNorm2d):
            numbers = [module.weight, module.bias, module.running_mean, module.running_var]
            for tensor in (tensor for tensor in numbers if tensor is not None):
                nn.init.uniform_(tensor, 0.3, 2.0)
    return model.eval()


def layers() -> dict[str, tuple[nn.Module, tuple[int, ...]]]:
    """Return a module of every kind with the shape of its input."""
    torch.manual_seed(0)
    picture, vector = (4, 7, 9), (6,)
    shortcut = nn.Sequential(nn.Conv2d(4, 8, 1, stride=2, bias=False), nn.BatchNorm2d(8))
    down = [nn.Conv2d(4, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU()]
    inner = Residual(nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.Tanh()))
    modules = {
        "conv": nn.Conv2d(4, 6, (3, 2), (2, 1), (1, 2), groups=2),
        "conv, dilated": nn.Conv2d(4, 3, 3, padding="valid", dilation=(1, 2), bias=False),
        "conv, reflect": nn.Conv2d(4, 5, 3, padding=(2, 1), padding_mode="reflect"),
        "transposed": nn.ConvTranspose2d(4, 6, (3, 2), 2, 1, (1, 0), groups=2),
        "transposed, dilated": nn.ConvTranspose2d(4, 3, 3, bias=False, dilation=2),
        "max pool": nn.MaxPool2d((3, 2), stride=2, padding=(1, 0)),
        "max pool, dilated": nn.MaxPool2d(2, 1, dilation=2),
        "average pool": nn.AvgPool2d(3, stride=(2, 1), padding=1),
        "global max pool": nn.AdaptiveMaxPool2d(1),
        "global average pool": nn.AdaptiveAvgPool2d((1, 1)),
        "flatten": nn.Flatten(),
        "relu": nn.ReLU(inplace=True),
        "leaky relu": nn.LeakyReLU(0.2),
        "tanh": nn.Tanh(),
        "sigmoid": nn.Sigmoid(),
        "batch norm": nn.BatchNorm2d(4),
        "batch norm without weights": nn.BatchNorm2d(4, eps=0.3, affine=False),
        "instance norm": nn.InstanceNorm2d(4, eps=0.1),
        "instance norm with weights": nn.InstanceNorm2d(4, affine=True),
        "upsample": nn.Upsample(scale_factor=2),
        "upsample, unlike": nn.Upsample(scale_factor=(2.0, 3.0), mode="nearest"),
        "fixed": Fixed(1 / 127.5, -0.7),
        "zero pad": nn.ZeroPad2d((1, 2, 3, 0)),
        "reflection pad": nn.ReflectionPad2d((1, 2, 3, 0)),
        "residual": Residual(nn.Conv2d(4, 4, 3, padding=1)),
        "residual, down": Residual(nn.Sequential(*down, inner), shortcut),
        "nested": nn.Sequential(nn.Sequential(nn.Identity(), nn.ReLU()), nn.Dropout(), nn.Tanh()),
    }
    vectors = {
        "linear": nn.Linear(6, 5),
        "fixed, of vectors": Fixed(1 / 20, 0.0),
        "linear without bias": nn.Linear(6, 5, bias=False),
        "batch norm of vectors": nn.Sequential(nn.BatchNorm1d(6), nn.ReLU()),
    }
    pictures = {name: (lived_in(module), picture) for name, module in modules.items()}
    return pictures | {name: (lived_in(module), vector) for name, module in vectors.items()}


def random_input(shape: tuple[int, ...], seed: int = 0) -> Tensor:
    """Return one input of a shape, with numbers of both signs."""
    return torch.randn(1, *shape, generator=torch.Generator().manual_seed(seed))


def assert_close(ours: Tensor, theirs: Tensor, tolerance: float = 1e-5) -> None:
    """Compare to a part of the largest number."""
    assert ours.shape == theirs.shape
    scale = theirs.abs().max().item() + 1e-30
    assert (ours - theirs).abs().max().item() <= tolerance * scale
