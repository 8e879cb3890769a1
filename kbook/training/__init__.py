"""Train and evaluate: the loop that chapter 3 writes out, with what a long training needs.

`fit` trains, `evaluate` measures. A `Checkpoint` lets a training go on after it was killed, a
`History` says how it went, a schedule is a function of the progress, and a callback is a function
of the `Run`.
"""

from kbook.training.callbacks import EarlyStopping, every
from kbook.training.checkpoint import Checkpoint, UnusableCheckpoint
from kbook.training.curve import LiveCurve, plot_history
from kbook.training.evaluation import accuracy, evaluate, evaluation_mode
from kbook.training.fast import fit_fast
from kbook.training.history import History
from kbook.training.loop import TrainingDiverged, fit
from kbook.training.run import Run
from kbook.training.schedules import constant, cosine, one_cycle

__all__ = [
    "Checkpoint",
    "EarlyStopping",
    "History",
    "LiveCurve",
    "Run",
    "TrainingDiverged",
    "UnusableCheckpoint",
    "accuracy",
    "constant",
    "cosine",
    "evaluate",
    "evaluation_mode",
    "every",
    "fit",
    "fit_fast",
    "one_cycle",
    "plot_history",
]
