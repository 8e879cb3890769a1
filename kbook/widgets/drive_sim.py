"""Drive a rendered road in the page: a person, the expert, a cloned net and one cured by DAgger."""

from types import MappingProxyType

import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet
from kbook.widgets.traits import within

__all__ = ["DriveSim"]


class DriveSim(Widget):
    """Watch a net steer, push it off its line, hand over, or take the wheel.

    World and car are those of `kbook.data.road` and `kbook.driving`, rendered and driven in the
    browser, and so are the nets. The traits follow what the reader does. At the start they are a
    road and a wind in which the cloned net fails four times in a round, and the others never.

    Attributes
    ----------
    seed : int
        From 0 to 9,999: the road 1000 + seed of `kbook.data.road.roads`.
    driver : {"you", "expert", "clone", "dagger"}
        Who steers.
    wind : float
        From 0 (calm) to 2: strength of the gusts; `kbook.driving.drive` has the same.
    light : float
        From 0.3 to 1.3: factor of the road's own light.
    noise : float
        From 0 to 20: standard deviation of the camera's noise, in gray levels from 0 to 255.

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described.
    """

    module = "drive_sim"
    summary = (
        "A rendered road through the windshield. A cloned net, one cured by DAgger, the expert or "
        "you steer; pushes and gusts of wind show who finds back to the line."
    )
    assets = ("weights/drive_clone_0.bin", "weights/drive_dagger_0.bin")
    photographed = MappingProxyType({"noise": 0.0})  # a picture without noise is small
    _esm = module_text("drive_sim")
    _css = stylesheet()

    seed = traitlets.Int(6).tag(sync=True)
    driver = traitlets.Enum(["you", "expert", "clone", "dagger"], "clone").tag(sync=True)
    wind = traitlets.Float(1.5).tag(sync=True)
    light = traitlets.Float(1.0).tag(sync=True)
    noise = traitlets.Float(3.0).tag(sync=True)

    _check_range = within(
        {"seed": (0, 9_999), "wind": (0, 2), "light": (0.3, 1.3), "noise": (0, 20)}
    )
