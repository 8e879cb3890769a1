"""Train a generator and a critic on a line under three objectives: what the generator follows."""

from types import MappingProxyType

import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet
from kbook.widgets.traits import within

__all__ = ["GanLab1D"]

_RANGES = {"critic_steps": (1, 10), "seed": (0, 9_999), "steps": (0, 600)}


class GanLab1D(Widget):
    """Train a GAN in one dimension, live in the browser, and see the slopes that it follows.

    Generator and critic have one layer of 16 tanh units each. The drawing shows the critic's curve
    with the best one for the densities, both densities, and made samples with the push that each
    feels. The same settings give the same nets everywhere; the traits follow what the reader sets.

    Attributes
    ----------
    objective : {"gan", "least-squares", "wasserstein"}
        The original loss of the discriminator, with the non-saturating one of the generator; least
        squares with the targets 1 and 0; or the difference of mean scores, with a penalty on
        slopes of the critic above 1.
    data : {"near", "far", "two"}
        One normal distribution that the made samples overlap from the start, one that they do not,
        or two peaks, one of them within reach. The line reaches from -6 to 6, and the made samples
        start about -3.
    critic_steps : int
        Updates of the critic in a step, from 1 to 10; the generator gets one.
    hold : bool
        Whether the generator is held still, so that only the critic learns.
    seed : int
        From 0 to 9,999: other start weights and other samples.
    steps : int
        How many steps are trained before the reader does anything, from 0 to 600.

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described.
    """

    module = "gan_lab"
    summary = (
        "A generator and a critic learn against each other on a line: see densities, the critic's "
        "curve and the push on each made sample under three objectives, and provoke mode collapse."
    )
    photographed = MappingProxyType({"data": "far", "objective": "wasserstein", "steps": 25})
    _esm = module_text("gan_lab")
    _css = stylesheet()

    objective = traitlets.Enum(["gan", "least-squares", "wasserstein"], "gan").tag(sync=True)
    data = traitlets.Enum(["near", "far", "two"], "near").tag(sync=True)
    critic_steps = traitlets.Int(5).tag(sync=True)
    hold = traitlets.Bool(False).tag(sync=True)
    seed = traitlets.Int(1).tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)

    _check_range = within(_RANGES)
