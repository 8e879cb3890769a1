"""Type an expression, see its computation graph, and step forward and backward through it."""

import sys
from types import MappingProxyType
from typing import Any

import traitlets

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet

__all__ = ["GraphStepper"]

_MOST_CHARACTERS = 200
_LAST_STEP = 41  # the widget draws at most 20 operations, and n of them have 2n + 1 steps


class GraphStepper(Widget):
    """Step through the forward and the backward pass of an expression that the reader types.

    The expression is read in the browser; what cannot be read is answered there with a sentence,
    and the last good graph stays.

    Attributes
    ----------
    expression : str of 1 to 200 characters
        Numbers, names, ``+ - * / **``, parentheses, and relu, tanh, exp, log, sigmoid of one
        argument, as Python reads them; at most 20 operations. Before the last expression may stand
        steps with a name, ``x = a*a; x*(x + a)``: each is one node, however often it is mentioned.
    values : dict from str to float
        The value of each variable. Names that the expression lacks are ignored, variables
        without a value get one from the browser.
    step : int from 0 to 41
        With n operations: 0, only the variables have values; 1 to n, so many operations are
        computed; n + 1, the result has the gradient 1; n + 2 to 2n + 1, one operation after the
        other, the last one first, has sent its gradient on. A larger step counts as 2n + 1.

    Raises
    ------
    traitlets.TraitError
        If a trait is not as described.
    """

    module = "graph_stepper"
    summary = (
        "The computation graph of an expression that you type: step forward and the values appear, "
        "step backward and each node sends gradient × local derivative to its operands, where "
        "what arrives is added."
    )
    photographed = MappingProxyType({"step": _LAST_STEP})
    _esm = module_text("graph_stepper")
    _css = stylesheet()

    expression = traitlets.Unicode("relu(a*b + c)**2").tag(sync=True)
    values = traitlets.Dict({"a": 2.0, "b": 3.0, "c": -1.0}).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)

    @traitlets.validate("expression")
    def _check_expression(self, proposal: dict[str, Any]) -> str:
        expression: str = proposal["value"]
        if not expression.strip() or len(expression) > _MOST_CHARACTERS:
            raise traitlets.TraitError(
                f"want an expression of 1 to {_MOST_CHARACTERS} characters, got {expression!r}"
            )
        return expression

    @traitlets.validate("values")
    def _check_values(self, proposal: dict[str, Any]) -> dict[str, float]:
        values = proposal["value"]
        for name, value in values.items():
            if not isinstance(name, str) or not name.isidentifier():
                raise traitlets.TraitError(f"want names of variables in values, got {name!r}")
            if not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
                raise traitlets.TraitError(f"want a finite number for {name}, got {value!r}")
        return {name: float(value) for name, value in values.items()}

    @traitlets.validate("step")
    def _check_step(self, proposal: dict[str, Any]) -> int:
        step: int = proposal["value"]
        if not 0 <= step <= _LAST_STEP:
            raise traitlets.TraitError(f"want a step from 0 to {_LAST_STEP}, got {step}")
        return step
