"""Train and evaluate: the loop that chapter 3 writes out, with what a long training needs.

`fit` trains, `evaluate` measures. A `Checkpoint` lets a training go on after it was killed, a
`History` says how it went, a schedule is a function of the progress, and a callback is a function
of the `Run`. A `CycleGAN` trains four nets by the step of chapter 6, `fit_cyclegan` repeats it.
"""

from kbook.training.callbacks import EarlyStopping, every
from kbook.training.checkpoint import Checkpoint, UnusableCheckpoint
from kbook.training.curve import LiveCurve, plot_history
from kbook.training.cyclegan import CycleGAN, Recipe
from kbook.training.evaluation import accuracy, evaluate, evaluation_mode
from kbook.training.fast import fit_fast
from kbook.training.history import History
from kbook.training.loop import TrainingDiverged, fit
from kbook.training.pool import Pool
from kbook.training.run import Run
from kbook.training.schedules import constant, cosine, one_cycle
from kbook.training.unpaired import fit_cyclegan

__all__ = [
    "Checkpoint",
    "CycleGAN",
    "EarlyStopping",
    "History",
    "LiveCurve",
    "Pool",
    "Recipe",
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
    "fit_cyclegan",
    "fit_fast",
    "one_cycle",
    "plot_history",
]
