"""The loss, drawn while it falls."""

import time

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from kbook.figures import LiveFigure
from kbook.plots import plot_curves
from kbook.training.history import History
from kbook.training.run import Run

__all__ = ["LiveCurve", "plot_history"]

PAUSE = 2.0  # seconds; drawing takes about a tenth of one, which the training waits


class LiveCurve:
    """A callback that draws the losses below the cell while it trains, and once more at the end.

    Put it last in the list of callbacks, so that it draws what the others have noted. A training
    that was finished before and is only loaded calls no callback: use `plot_history`.

    Parameters
    ----------
    alt : str
        What the finished figure shows, for those who cannot see it.
    """

    def __init__(self, *, alt: str) -> None:
        self.figure = LiveFigure(alt=alt)
        self.next_time = time.perf_counter() + PAUSE

    def __call__(self, run: Run) -> None:
        """Draw, if it is time or if this was the last step."""
        if not run.over and time.perf_counter() < self.next_time:
            return
        fig, ax = plt.subplots()
        plot_history(run.history, ax=ax)
        ax.set_xlim(0, run.steps)
        self.figure.draw(fig)
        self.next_time = time.perf_counter() + PAUSE


def plot_history(history: History, *, ax: Axes | None = None) -> Axes:
    """Draw the training loss of each step, and the noted measures whose name ends in "loss".

    Parameters
    ----------
    history : History
        With at least one step.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        With a logarithmic axis for the loss.
    """
    ax = ax or plt.subplots()[1]
    ax = plot_curves({"training loss": history.loss}, ax=ax)
    for name, values in history.measures.items():
        if name.endswith("loss"):
            ax.plot(list(values), list(values.values()), "o--", label=name.replace("_", " "))
    ax.set_yscale("log")
    ax.legend()
    return ax
