"""Slide a 3 x 3 kernel over a picture and see nine products make each pixel of the output."""

from typing import Any

import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet
from kbook.widgets.traits import ArrayList, within

__all__ = ["KernelLab"]

_PICTURES = ["house", "digit", "stripes", "dot"]
_SIDE = 3
_LARGEST_WEIGHT = 9
_LARGEST_OUTPUT = 26  # pixels a side: 24 and two of padding on either side, less two for the window
_RANGES = {"stride": (1, 3), "padding": (0, 2), "dilation": (1, 3)}


class KernelLab(Widget):
    """Show a picture, a kernel, and the output picture, with the nine products of one window.

    The reader chooses a picture, edits the weights, and moves the window. A picture of the reader's
    own stays in the page: it does not become a trait.

    Attributes
    ----------
    picture : {"house", "digit", "stripes", "dot"}
        A rendered picture of 24 x 24 gray values from 0 (black) to 1 (white).
    kernel : 3 lists of 3 floats, or such an array
        The weights, each from -9 to 9; not flipped, as in `torch.nn.functional.conv2d`.
    stride : int
        The step of the window, from 1 to 3.
    padding : int
        How many zeros are put around the picture on each side, from 0 to 2.
    dilation : int
        The distance of neighboring taps, from 1 to 3.
    output_pixel : list of two int
        Row and column of the output pixel that is explained, counted from 0, at most 25. Where the
        output is smaller, its nearest pixel is shown.

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described.
    """

    module = "kernel_lab"
    summary = (
        "A 3 × 3 kernel slides over a picture: each pixel of the output is the sum of nine "
        "products of a window with the kernel. Edit weights, stride, padding and dilation."
    )
    _esm = module_text("kernel_lab")
    _css = stylesheet()

    picture = traitlets.Enum(_PICTURES, "house").tag(sync=True)
    kernel = ArrayList(default_value=[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]).tag(sync=True)
    stride = traitlets.Int(1).tag(sync=True)
    padding = traitlets.Int(1).tag(sync=True)
    dilation = traitlets.Int(1).tag(sync=True)
    output_pixel = traitlets.List(traitlets.Int(), [14, 18], minlen=2, maxlen=2).tag(sync=True)

    @traitlets.validate("kernel")
    def _check_kernel(self, proposal: dict[str, Any]) -> list[list[float]]:
        kernel = proposal["value"]
        rows_are_good = [isinstance(row, list | tuple) and len(row) == _SIDE for row in kernel]
        if len(kernel) != _SIDE or not all(rows_are_good):
            raise traitlets.TraitError(f"want a kernel of 3 rows of 3 weights, got {kernel}")
        if not all(_is_weight(weight) for row in kernel for weight in row):
            raise traitlets.TraitError(
                f"want weights from -{_LARGEST_WEIGHT} to {_LARGEST_WEIGHT}, got {kernel}"
            )
        return [list(row) for row in kernel]

    @traitlets.validate("output_pixel")
    def _check_output_pixel(self, proposal: dict[str, Any]) -> list[int]:
        pixel: list[int] = proposal["value"]
        if not all(0 <= place < _LARGEST_OUTPUT for place in pixel):
            raise traitlets.TraitError(
                f"want an output_pixel with row and column from 0 to {_LARGEST_OUTPUT - 1}, "
                f"got {pixel}"
            )
        return pixel

    _check_range = within(_RANGES)


def _is_weight(weight: object) -> bool:
    return isinstance(weight, int | float) and abs(weight) <= _LARGEST_WEIGHT
