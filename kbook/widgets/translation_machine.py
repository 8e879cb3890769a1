"""Turn a horse into a zebra and back, in the page, and measure every picture against the truth."""

from collections.abc import Sequence
from typing import Any

import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet
from kbook.widgets.traits import ArrayList, within

__all__ = ["TranslationMachine"]

_NUMBERS = 9  # of a scene, as in `kbook.data.animals`
_PIXELS = 32 * 32
_PAINTS = 5
_STEPS = [100, 200, 300, 600]
_START = [0.357, 0.464, 0.718, 0.649, 0.687, 0.46, 0.943, 0.358, 0.785]  # the page's scene 8


class TranslationMachine(Widget):
    """Send a picture through both generators of a small CycleGAN, which run in the browser.

    The picture is a rendered scene, so its true counterpart is known, or the reader paints over it.
    The middle picture can be blurred and given noise before it is sent back; as a control, the true
    counterpart is sent back as well. The traits follow what the reader does.

    Attributes
    ----------
    direction : {"horse_to_zebra", "zebra_to_horse"}
        Which net comes first: G, or F.
    scene : list of nine floats, or such an array
        A scene as `kbook.data.animals.scenes` draws it, each number from 0 to 1.
    seed : int
        From 0 to 9,999: the button "Another scene" takes the scene of the next one.
    painted : list of [place, paint]
        What is painted over the scene: places 32 * row + column, each once; paints 0 coat brown,
        1 black, 2 white, 3 sky, 4 grass. With any of them there is no true counterpart.
    steps : {100, 200, 300, 600}
        After how many steps of training the nets were kept.
    noise : float
        From 0 to 0.1: the standard deviation of the noise in the middle picture, of colors from 0
        to 1.
    blur : bool
        Whether each pixel of the middle picture becomes the mean of 3 x 3.

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described.
    """

    module = "translation_machine"
    summary = (
        "Paint a horse or take a rendered one: two nets turn it into a zebra and back. Every "
        "picture is measured against the true counterpart; noise and blur disturb the way back."
    )
    assets = tuple(f"weights/animals_{net}_{steps}.bin" for steps in _STEPS for net in "gf")
    _esm = module_text("translation_machine")
    _css = stylesheet()

    direction = traitlets.Enum(["horse_to_zebra", "zebra_to_horse"], "horse_to_zebra").tag(
        sync=True
    )
    scene = ArrayList(default_value=_START).tag(sync=True)
    seed = traitlets.Int(8).tag(sync=True)
    painted = ArrayList().tag(sync=True)
    steps = traitlets.Enum(_STEPS, 600).tag(sync=True)
    noise = traitlets.Float(0.0).tag(sync=True)
    blur = traitlets.Bool(False).tag(sync=True)

    _check_range = within({"seed": (0, 9_999), "noise": (0, 0.1)})

    @traitlets.validate("scene")
    def _check_scene(self, proposal: dict[str, Any]) -> list[float]:
        scene: list[float] = proposal["value"]
        if len(scene) != _NUMBERS or not all(_is_share(number) for number in scene):
            raise traitlets.TraitError(
                f"want a scene of {_NUMBERS} numbers from 0 to 1, got {str(scene)[:80]}"
            )
        return scene

    @traitlets.validate("painted")
    def _check_painted(self, proposal: dict[str, Any]) -> list[list[int]]:
        painted = proposal["value"]
        if not all(_is_painted(pair) for pair in painted):
            raise traitlets.TraitError(
                f"want painted of pairs [place, paint], places from 0 to {_PIXELS - 1} and paints "
                f"from 0 to {_PAINTS - 1}, got {str(painted)[:80]}"
            )
        if len({place for place, _ in painted}) < len(painted):
            raise traitlets.TraitError("want each place painted once, got one twice")
        return [list(pair) for pair in painted]


def _is_share(number: object) -> bool:
    return isinstance(number, int | float) and 0 <= number <= 1


def _is_painted(pair: object) -> bool:
    return (
        isinstance(pair, Sequence)
        and len(pair) == 2
        and all(type(number) is int for number in pair)
        and 0 <= pair[0] < _PIXELS
        and 0 <= pair[1] < _PAINTS
    )
