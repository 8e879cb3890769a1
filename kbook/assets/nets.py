"""Save a trained net for the page, and load it again: `assets/weights/<name>.bin`.

The file, little-endian: the length of the header in bytes, an unsigned integer of four bytes; the
header, JSON in ASCII, filled with blanks to a multiple of four bytes; all tensors, one after the
other, each in row-major order. The header names the type of the numbers, the shape of an input and
the layers, with the shape of a tensor where the tensor belongs; the tensors follow in that order.
In the page, `widgets/js/parts/nn.js` reads the file and computes the net.
"""

import json
import math
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from kbook.assets.layers import layers_of
from kbook.assets.modules import TENSORS, Layer, module_of
from kbook.assets.writing import recording_folder, write_whole

__all__ = ["load_net", "read_net", "save_net"]

WEIGHTS = files("kbook") / "assets" / "weights"
NAME = re.compile(r"[a-z0-9_]+")
# What reading may raise where a file holds something else.
BROKEN = (ValueError, LookupError, TypeError, AttributeError, RuntimeError)
NUMBERS: dict[str, np.dtype[Any]] = {"float16": np.dtype("<f2"), "float32": np.dtype("<f4")}


def save_net(
    name: str, model: nn.Module, input_shape: tuple[int, ...], dtype: str = "float16"
) -> None:
    """Write a net, as it computes in evaluation mode, if KBOOK_RECORD names a folder.

    Parameters
    ----------
    name : str
        A word: the file is `<KBOOK_RECORD>/../weights/<name>.bin`.
    model : nn.Module
        A Sequential of torch's modules, `kbook.models.Residual`, `kbook.models.pilotnet.Fixed` and
        further Sequentials. Identity and Dropout are left out; batch normalization becomes a scale
        and a shift of each channel.
    input_shape : tuple of int
        (C, H, W) or (N,), without the axis of the batch. A net without linear layers takes other
        H and W as well.
    dtype : {"float16", "float32"}
        What a weight is rounded to; either way the page computes in float32.

    Raises
    ------
    TypeError
        If a page cannot compute one of the modules.
    ValueError
        If it cannot with these settings, `name` is no such word, `input_shape` or `dtype` is none
        of the above, or a weight is not finite or too large for `dtype`.
    """
    folder = recording_folder()
    if folder is None:
        return
    _check(name)
    if dtype not in NUMBERS:
        raise ValueError(f"dtype must be float16 or float32; got {dtype!r}.")
    if len(input_shape) not in (1, 3) or not all(type(n) is int and n > 0 for n in input_shape):
        raise ValueError(f"input_shape must be (C, H, W) or (N,); got {input_shape!r}.")
    tensors: list[Tensor] = []
    layers = layers_of(model)
    _exchange(layers, tensors.append)
    payload = [_numbers(name, tensor, dtype) for tensor in tensors]
    shapes = _exchange(layers, lambda tensor: list(tensor.shape))
    header = {"dtype": dtype, "input": list(input_shape), "layers": shapes}
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % 4)
    content = len(text).to_bytes(4, "little") + text + b"".join(payload)
    write_whole(folder.parent / "weights" / f"{name}.bin", content)


def load_net(name: str) -> nn.Sequential:
    """Return a net of the installed package, in evaluation mode, its weights in float32.

    Parameters
    ----------
    name : str
        The name it was saved by.

    Returns
    -------
    nn.Sequential
        It takes a batch of what the page gives it one by one.

    Raises
    ------
    ValueError
        If `name` is no word, or the file is damaged.
    FileNotFoundError
        If there is no such file.
    """
    _check(name)
    file = WEIGHTS / f"{name}.bin"
    if not file.is_file():
        raise FileNotFoundError(f"There is no net {name!r}: `make record` makes them.")
    try:
        return _read(file.read_bytes())[0]
    except BROKEN as error:
        raise ValueError(f"The file of the net {name!r} is damaged: {error}") from error


def read_net(file: Path) -> tuple[nn.Sequential, tuple[int, ...]]:
    """Return the net of any file that `save_net` wrote, as `load_net` does, and what it takes.

    Parameters
    ----------
    file : Path
        Where it is.

    Returns
    -------
    net : nn.Sequential
        In evaluation mode, its weights in float32.
    input_shape : tuple of int
        As it was saved: (C, H, W) or (N,).

    Raises
    ------
    ValueError
        If the file holds no net, or one whose weights are not finite.
    OSError
        If it cannot be read.
    """
    try:
        net, shape = _read(file.read_bytes())
    except BROKEN as error:
        raise ValueError(f"{file} is no file of a net: {error}") from error
    if not all(torch.isfinite(weight).all() for weight in net.parameters()):
        raise ValueError(f"The net in {file} has weights that are not finite.")
    return net, shape


def _read(content: bytes) -> tuple[nn.Sequential, tuple[int, ...]]:
    """Return the net of a file and the shape of its input."""
    start = 4 + int.from_bytes(content[:4], "little")
    header = json.loads(content[4:start])
    layers = _with_tensors(header, content[start:])
    return module_of(layers).eval(), tuple(header["input"])


def _with_tensors(header: dict[str, Any], payload: bytes) -> list[Layer]:
    """Return the layers of a header with their tensors."""
    numbers = np.frombuffer(payload, NUMBERS[header["dtype"]])
    shapes: list[list[int]] = []
    _exchange(header["layers"], shapes.append)
    sizes = [math.prod(shape) for shape in shapes]
    if sum(sizes) != numbers.size:
        raise ValueError(f"want {sum(sizes)} numbers, got {numbers.size}")
    parts = iter(np.split(numbers.astype(np.float32), np.cumsum(sizes)))
    return _exchange(
        header["layers"], lambda shape: torch.from_numpy(next(parts)).reshape(shape).clone()
    )


def _check(name: str) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(f"Nets are named by a word as 'digits_softmax'; got {name!r}.")


def _exchange(layers: list[Layer], exchange: Callable[[Any], Any]) -> list[Layer]:
    """Return layers with what stands for each tensor exchanged, in the order of the file."""
    exchanged = []
    for layer in layers:
        new = dict(layer)
        for key in TENSORS:
            if layer.get(key) is not None:
                new[key] = exchange(layer[key])
        for key in ("body", "shortcut"):
            if key in layer:
                new[key] = _exchange(layer[key], exchange)
        exchanged.append(new)
    return exchanged


def _numbers(name: str, tensor: Tensor, dtype: str) -> bytes:
    """Return a tensor as bytes of the file."""
    exact = tensor.detach().cpu().double().numpy()
    with np.errstate(over="ignore"):  # what becomes infinite is refused below
        rounded = exact.astype(NUMBERS[dtype])
    if not np.isfinite(rounded).all():
        worst = exact.ravel()[~np.isfinite(rounded).ravel()][0]
        raise ValueError(f"The weights of {name!r} must be finite in {dtype}; one is {worst:.6g}.")
    return rounded.tobytes()
