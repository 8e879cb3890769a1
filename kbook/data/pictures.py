"""One picture from one file: decoded to its last pixel, upright, gray or in color; or refused."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from kbook.errors import OneSentence

__all__ = ["Mode", "UnreadablePicture", "examine", "read"]

Mode = Literal["L", "RGB"]

ORIENTATION = 0x0112  # EXIF's note of how the camera was held; from 2 to 8 the picture is to turn
BOMBS = (Image.DecompressionBombWarning, Image.DecompressionBombError)


class UnreadablePicture(OneSentence, ValueError):
    """Say why a file gives no picture."""


def read(path: str | Path, mode: Mode = "RGB") -> Image.Image:
    """Return the picture in a file, ready for a transform.

    It is turned upright as its EXIF data say, and what is transparent shows white paper. 16 bits
    become 8 (65,535 is white), and of several frames the first is read.

    Parameters
    ----------
    path : str or Path
        The file; its name's ending does not matter.
    mode : {"RGB", "L"}
        In color or gray; other pictures are converted.

    Returns
    -------
    PIL.Image.Image

    Raises
    ------
    UnreadablePicture
        If the file holds no picture, or not all of it.
    """
    try:
        return examine(Path(path), mode)[0]
    except UnreadablePicture as reason:
        raise UnreadablePicture(f"{path}: {reason}.") from reason


def examine(path: Path, mode: Mode) -> tuple[Image.Image, str]:
    """Return the picture in a file as `read` does, and what was converted.

    Parameters
    ----------
    path : Path
        The file.
    mode : {"RGB", "L"}
        In color or gray.

    Returns
    -------
    PIL.Image.Image
        The picture, in this mode.
    str
        The mode it came in, as Pillow calls it, if that is another; "turned" if it was. Empty for
        a picture as wanted.

    Raises
    ------
    UnreadablePicture
        With the reason alone, as "cut short".
    """
    try:
        if not path.is_file():  # a link that leads nowhere, or a pipe, which would wait forever
            raise UnreadablePicture("no file")
        if path.stat().st_size == 0:
            raise UnreadablePicture("empty")
        with _only_bombs_warn(), Image.open(path) as image:
            image.load()  # `open` has read no more than the header
            return _upright(image, mode), _changes(image, mode)
    except Exception as error:  # a damaged file makes Pillow raise nearly anything
        raise UnreadablePicture(_reason_of(error)) from error


@contextmanager
def _only_bombs_warn() -> Iterator[None]:
    """Raise Pillow's warning of too many pixels, and silence those of odd but readable files."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _upright(image: Image.Image, mode: Mode) -> Image.Image:
    """Turn a picture as its EXIF data say, and convert it."""
    if _is_turned(image):
        image = ImageOps.exif_transpose(image)
    if image.mode == "F" or image.mode.startswith("I"):
        image = _eight_bits(image)
    if image.mode == "LAB":
        image = image.convert("RGB")  # Pillow knows no direct way to gray
    if image.has_transparency_data:  # convert() alone would show what lies hidden below
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert(mode)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale 16 bits to 8, where Pillow's convert() would clip: all above 255 would be white."""
    values = np.asarray(image)
    sixteen = image.mode != "F" and values.min() >= 0 and values.max() <= 65_535
    if not sixteen or (image.mode == "I" and values.max() <= 255):  # 32 bits may hold 8
        raise UnreadablePicture("pixels of 32 bits, whose range is unknown")
    return Image.fromarray((values / 257).round().astype(np.uint8))


def _is_turned(image: Image.Image) -> bool:
    """Tell whether EXIF data say that a picture is not upright."""
    try:
        return image.getexif().get(ORIENTATION, 1) in range(2, 9)
    except Exception:  # damaged data beside a picture that may be whole
        return False


def _changes(image: Image.Image, mode: Mode) -> str:
    """Name what `_upright` converts."""
    names = []
    if image.mode != mode:
        names.append(image.mode)
    elif image.has_transparency_data:  # one color of the picture stands for "transparent"
        names.append(f"transparent {mode}")
    if _is_turned(image):
        names.append("turned")
    return " ".join(names)


def _reason_of(error: Exception) -> str:
    """Say in a few words why Pillow could not read a file."""
    if isinstance(error, UnreadablePicture):
        return str(error)
    if isinstance(error, UnidentifiedImageError):
        return "no picture that Pillow knows"
    if isinstance(error, BOMBS):
        return f"more than {Image.MAX_IMAGE_PIXELS:,} pixels"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read ({error.strerror})"
    return "cut short" if "truncated" in str(error).lower() else "cannot be decoded"
