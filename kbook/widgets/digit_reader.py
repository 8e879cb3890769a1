"""Draw a digit and watch softmax regression read it: the result of chapter 1, first."""

import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet
from kbook.widgets.drawings import Drawings

__all__ = ["DigitReader"]


class DigitReader(Drawings, Widget):
    """Let the reader draw a digit and read it with the softmax regression of chapter 1.

    The strokes are brought to 8 x 8 counts as the training data were: stretched to a box, drawn
    with the data's pen, straightened, counted in blocks. By keyboard, the 8 x 8 cells are drawn
    themselves. All of it runs in the browser, which writes the result back to the traits.

    Attributes
    ----------
    strokes : list of strokes, each a list of points [x, y]
        The drawing; x and y from 0 to 1, from the pad's top left; at most 1,000 points in all.
    pixels : list of 64 int, or empty
        What the model sees, row by row: the ink of each block, 0 to 16. Where there are strokes,
        the browser fills it in from them; to set it yourself, set `strokes` to ``[]`` first.
    examples : list of drawings, each like strokes
        What the button "Show an example" goes through.

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described.
    """

    module = "digit_reader"
    summary = (
        "Draw a digit: softmax regression, 650 learned numbers, sees it as 8 × 8 counts of ink and "
        "gives a probability to each of the ten digits."
    )
    assets = ("weights/digits_softmax.bin",)
    _esm = module_text("digit_reader")
    _css = stylesheet()

    pixels = traitlets.List(traitlets.Int()).tag(sync=True)

    @traitlets.validate("pixels")
    def _valid_pixels(self, proposal: traitlets.Bunch) -> list[int]:
        pixels = proposal.value
        if len(pixels) not in (0, 64) or not all(0 <= count <= 16 for count in pixels):
            raise traitlets.TraitError(f"want 64 pixels from 0 to 16, or none, got {pixels}")
        return pixels
