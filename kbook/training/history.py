"""What happened in a training."""

from dataclasses import dataclass, field

__all__ = ["History"]


@dataclass
class History:
    """The course of a training, step by step.

    Attributes
    ----------
    loss : list of float
        The mean loss of the batch, one number a step, taken before the step.
    rate : list of float
        The learning rate of the first parameter group, one number a step.
    measures : dict of str to dict of int to float
        What callbacks noted: name → {steps done → value}.
    stopped : str or None
        Why the training ended before its last step; None if it did not.
    """

    loss: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    measures: dict[str, dict[int, float]] = field(default_factory=dict)
    stopped: str | None = None

    def note(self, step: int, **values: float) -> None:
        """Note values measured after `step` steps, each under its name.

        Parameters
        ----------
        step : int
            Steps done, as `Run.step` counts them.
        **values : float
            Name and value, as ``accuracy=0.97``.
        """
        for name, value in values.items():
            self.measures.setdefault(name, {})[step] = float(value)
