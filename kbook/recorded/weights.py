"""Save and load trained weights, `assets/weights/<name>.bin`: bare numbers for browsers, too."""

import math
import re
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kbook.recorded.writing import recording_folder, write_whole

__all__ = ["load_weights", "save_weights"]

WEIGHTS = files("kbook") / "assets" / "weights"
NAME = re.compile(r"[a-z0-9_]+")
NUMBER = np.dtype("<f4")  # little-endian float32, as JavaScript's Float32Array has it


def save_weights(name: str, *arrays: ArrayLike) -> None:
    """Write arrays as one file of numbers if KBOOK_RECORD names a folder; else do nothing.

    Parameters
    ----------
    name : str
        A word: the file is `<KBOOK_RECORD>/../weights/<name>.bin`.
    *arrays : array-like
        Numbers; written as float32, one array after the other, each in row-major order.

    Raises
    ------
    ValueError
        If `name` is no such word, there is no number, or one is not finite in float32.
    """
    folder = recording_folder()
    if folder is None:
        return
    _check(name)
    numbers = [np.asarray(array, dtype=np.float64).ravel() for array in arrays]
    with np.errstate(over="ignore"):  # what becomes infinite is refused below
        blob = np.concatenate([*numbers, []]).astype(NUMBER)
    if not blob.size or not np.isfinite(blob).all():
        raise ValueError(f"Weights must be finite numbers, at least one; {name!r} has others.")
    write_whole(folder.parent / "weights" / f"{name}.bin", blob.tobytes())


def load_weights(name: str, *shapes: tuple[int, ...]) -> list[NDArray[np.float32]]:
    """Return the arrays of the installed package's file of weights.

    Parameters
    ----------
    name : str
        The name they were saved by.
    *shapes : tuple of int
        The shape of each array, in the order of saving.

    Returns
    -------
    list of ndarray of float32

    Raises
    ------
    ValueError
        If `name` is no such word, or the file holds more or fewer numbers than `shapes`.
    FileNotFoundError
        If there is no such file.
    """
    _check(name)
    file = WEIGHTS / f"{name}.bin"
    if not file.is_file():
        raise FileNotFoundError(f"There are no weights {name!r}: `make record` makes them.")
    blob = np.frombuffer(file.read_bytes(), NUMBER).astype(np.float32)
    sizes = [math.prod(shape) for shape in shapes]
    if blob.size != sum(sizes):
        raise ValueError(f"{name!r} holds {blob.size} numbers; the shapes want {sum(sizes)}.")
    parts = np.split(blob, np.cumsum(sizes)[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def _check(name: str) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(f"Weights are named by a word as 'digits_softmax'; got {name!r}.")
