"""Drag a sigmoid over binary data: the likelihood is largest where the cross-entropy is least."""

import numpy as np
import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet
from kbook.widgets.traits import ArrayList

__all__ = ["LogisticFit"]

_MOST_POINTS = 200  # more could not be told apart, nor chosen one by one
_HOURS = [2.0, 2.6, 3.1, 3.7, 4.2, 4.7, 5.3, 5.7, 6.2, 6.8, 7.3, 8.0]
# The labels overlap: where they can be separated, no best fit is finite.
_PASSED = [0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1]
_OUTCOMES = ["failed", "passed"]


class LogisticFit(Widget):
    """Show binary data, the curve p = sigmoid(weight * x + bias), and three scores of the fit.

    The reader moves the curve's threshold, -bias / weight, and its steepness, weight. Below the
    data, on the same axis, stand the likelihood, the mean binary cross-entropy and the mean squared
    error as functions of the threshold. The browser computes everything; the traits follow.

    Attributes
    ----------
    x : list of 2 to 200 floats
        The feature, at least two different finite values.
    y : list of floats, as many as x
        The labels, 0 or 1, each at least once.
    weight, bias : float
        The parameters of the curve, finite; what the reader drags is written back to them.
    feature : str
        What x is called in the widget.
    outcomes : list of two str
        What the labels 0 and 1 are called in the widget.

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described. To change x and y to another length, set both inside
        ``with widget.hold_trait_notifications():``.
    """

    module = "logistic_fit"
    summary = (
        "Yes-or-no data and a sigmoid: drag the curve until the likelihood is at its largest, and "
        "see that the mean binary cross-entropy is then at its smallest."
    )
    _esm = module_text("logistic_fit")
    _css = stylesheet()

    x = ArrayList(traitlets.Float(), _HOURS, minlen=2, maxlen=_MOST_POINTS).tag(sync=True)
    y = ArrayList(traitlets.Float(), _PASSED, minlen=2, maxlen=_MOST_POINTS).tag(sync=True)
    weight = traitlets.Float(3.0).tag(sync=True)
    bias = traitlets.Float(-3.0).tag(sync=True)
    feature = traitlets.Unicode("hours of practice").tag(sync=True)
    outcomes = traitlets.List(traitlets.Unicode(), _OUTCOMES, 2, 2).tag(sync=True)

    @traitlets.validate("x", "y")
    def _valid_data(self, proposal: traitlets.Bunch) -> list[float]:
        """Refuse data to which no sigmoid can be fitted."""
        name, values = proposal["trait"].name, proposal["value"]
        x, y = (values, self.y) if name == "x" else (self.x, values)
        if len(x) != len(y):
            raise traitlets.TraitError(f"want as many x as y, got {len(x)} and {len(y)}")
        if set(y) != {0.0, 1.0}:
            raise traitlets.TraitError(f"want y of 0 and 1, each at least once, got {y}")
        if not np.isfinite(x).all() or len(set(x)) == 1:
            raise traitlets.TraitError(f"want finite x, at least two of them different, got {x}")
        return values

    @traitlets.validate("weight", "bias")
    def _finite(self, proposal: traitlets.Bunch) -> float:
        """Refuse what no slider can show."""
        if not np.isfinite(proposal["value"]):
            name = proposal["trait"].name
            raise traitlets.TraitError(f"want a finite {name}, got {proposal['value']}")
        return proposal["value"]
