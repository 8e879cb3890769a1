"""Drawings as DigitReader and DigitPad hold them: strokes of points on a pad."""

import traitlets

__all__ = ["Drawings"]

Drawing = list[list[list[float]]]
_MOST_POINTS = 1000  # ten times across the pad, in steps of a hundredth


def _drawing(text: str) -> Drawing:
    """Return the strokes of an example as lists of points [x, y] between 0 and 1."""
    return [
        [[float(number) / 100 for number in point.split()] for point in stroke.split(",")]
        for stroke in text.split("|")
    ]


# Digits drawn for this book, in hundredths of the pad; a bar starts a new stroke.
EXAMPLES = [
    _drawing(text)
    for text in (
        "31 22, 42 14, 55 14, 65 22, 65 34, 56 44, 44 47, 57 49, 68 57, 70 70, 62 82, 48 86, 31 79",
        "28 16, 42 16, 57 16, 71 15, 64 32, 56 50, 49 68, 44 87",
        "36 16, 34 34, 34 50, 48 52, 62 50 | 62 14, 62 36, 62 60, 62 88",
        "50 12, 42 28, 36 46, 34 62, 38 77, 48 84, 58 80, 62 69, 56 60, 46 60, 38 68",
        "30 30, 33 20, 42 14, 54 14, 64 20, 67 31, 63 44, 53 57, 41 70, 30 83, 45 83, 60 83, 72 82",
    )
]


class Drawings(traitlets.HasTraits):
    """Hold the drawing on a pad, and the examples that its button goes through.

    Attributes
    ----------
    strokes : list of strokes, each a list of points [x, y]
        The drawing; x and y from 0 to 1, from the pad's top left; at most 1,000 points in all.
    examples : list of drawings, each like strokes

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described.
    """

    strokes = traitlets.List(EXAMPLES[0]).tag(sync=True)
    examples = traitlets.List(EXAMPLES, minlen=1).tag(sync=True)

    @traitlets.validate("strokes")
    def _valid_strokes(self, proposal: traitlets.Bunch) -> Drawing:
        _check("strokes", proposal.value)
        return proposal.value

    @traitlets.validate("examples")
    def _valid_examples(self, proposal: traitlets.Bunch) -> list[Drawing]:
        for drawing in proposal.value:
            _check("examples", drawing)
        return proposal.value


def _check(name: str, drawing: object) -> None:
    """Refuse what is no list of strokes within the pad."""
    if not isinstance(drawing, list) or not all(_is_stroke(stroke) for stroke in drawing):
        raise traitlets.TraitError(
            f"want {name} of points [x, y] with x and y from 0 to 1, got {str(drawing)[:80]}"
        )
    if (points := sum(len(stroke) for stroke in drawing)) > _MOST_POINTS:
        raise traitlets.TraitError(f"want {name} of at most {_MOST_POINTS} points, got {points}")


def _is_stroke(stroke: object) -> bool:
    return (
        isinstance(stroke, list | tuple)
        and len(stroke) > 0
        and all(isinstance(point, list | tuple) and len(point) == 2 for point in stroke)
        and all(isinstance(v, int | float) and 0 <= v <= 1 for point in stroke for v in point)
    )
