"""The ten exercises of chapter 5, each with its hidden inputs, solution and known mistakes."""

from kbook.exercises.chapter05.block_gradient import BLOCK_GRADIENT
from kbook.exercises.chapter05.by_hand import PARAMETERS, PATHS, RUNNING
from kbook.exercises.chapter05.loader import LOADER
from kbook.exercises.chapter05.loss_scale import LOSS_SCALE
from kbook.exercises.chapter05.norm_gradient import NORM_GRADIENT
from kbook.exercises.chapter05.preactivation import PREACTIVATION
from kbook.exercises.chapter05.verdict import VERDICT
from kbook.exercises.chapter05.weight_file import WEIGHT_FILE

__all__ = ["EXERCISES"]

EXERCISES = (
    PARAMETERS,
    PATHS,
    RUNNING,
    VERDICT,
    NORM_GRADIENT,
    BLOCK_GRADIENT,
    LOADER,
    PREACTIVATION,
    LOSS_SCALE,
    WEIGHT_FILE,
)
