"""Draw a digit and shift it: feature maps move with it, the answer may change."""

from types import MappingProxyType

import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet
from kbook.widgets.drawings import Drawings

__all__ = ["DigitPad"]

_MOST_SHIFT = 2  # pixels: a digit of 8 x 8 in a frame of 12 x 12


class DigitPad(Drawings, Widget):
    """Let the reader draw a digit, shift it pixel by pixel and ask three nets what it is.

    The drawing becomes 8 x 8 gray values as in `DigitReader`, placed in a frame of 12 x 12. A net
    answers in the browser, live: ten probabilities, its feature maps after each block of
    convolution, and the digit that it reads at each of the 25 shifts. The traits follow what the
    reader does.

    Attributes
    ----------
    strokes : list of strokes, each a list of points [x, y]
        The drawing; x and y from 0 to 1, from the pad's top left; at most 1,000 points in all.
    shift : list of two int
        Pixels to the right and pixels down, each from -2 to 2.
    net : {"cnn_shifted", "cnn_centered", "dense"}
        A convolutional net trained with shifted digits, the same net trained on centered digits
        alone, or a dense net trained on centered digits.
    block : int
        The block of convolution, 1 to 4, whose feature maps are shown.
    examples : list of drawings, each like strokes
        What the button "Example" goes through.

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described.
    """

    module = "digit_pad"
    summary = (
        "Draw a digit and shift it by whole pixels: three nets answer with probabilities, their "
        "feature maps move with the digit, and a table shows what a net reads at all 25 shifts."
    )
    assets = (
        "weights/digits_cnn.bin",
        "weights/digits_cnn_centered.bin",
        "weights/digits_dense.bin",
    )
    photographed = MappingProxyType({"shift": [1, 1]})
    _esm = module_text("digit_pad")
    _css = stylesheet()

    shift = traitlets.List(traitlets.Int(), [0, 0]).tag(sync=True)
    net = traitlets.Enum(["cnn_shifted", "cnn_centered", "dense"], "cnn_shifted").tag(sync=True)
    block = traitlets.Enum([1, 2, 3, 4], 1).tag(sync=True)

    @traitlets.validate("shift")
    def _valid_shift(self, proposal: traitlets.Bunch) -> list[int]:
        shift = proposal.value
        if len(shift) != 2 or not all(abs(step) <= _MOST_SHIFT for step in shift):
            raise traitlets.TraitError(f"want a shift [dx, dy], each from -2 to 2, got {shift}")
        return shift
