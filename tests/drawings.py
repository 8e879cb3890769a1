"""The 40 drawings that the widgets which read digits are tested on."""

from collections.abc import Iterator
from pathlib import Path

CASES = Path(__file__).parent / "cases" / "digit_drawings.txt"


def drawings() -> Iterator[tuple[int, list[list[list[float]]]]]:
    """Give (digit, strokes) of every drawing: first the 20 tuned on, then the 20 held out."""
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            digit, text = line.split(": ")
            strokes = [stroke.split() for stroke in text.split(" | ")]
            points = [[[int(v) / 100 for v in p.split(",")] for p in stroke] for stroke in strokes]
            yield int(digit), points
