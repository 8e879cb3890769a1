"""The ten exercises of chapter 3, each with its hidden inputs, solution and known mistakes."""

from kbook.exercises.chapter03.batch_order import BATCH_ORDER
from kbook.exercises.chapter03.by_hand import MEAN_OF_BATCHES, MOMENTUM_BY_HAND, STABLE_RATE
from kbook.exercises.chapter03.clipping import CLIP
from kbook.exercises.chapter03.early_stopping import EARLY_STOPPING
from kbook.exercises.chapter03.nesterov import NESTEROV
from kbook.exercises.chapter03.scale import INITIAL_SCALE
from kbook.exercises.chapter03.schedule import SCHEDULE
from kbook.exercises.chapter03.uncorrected import UNCORRECTED

__all__ = ["EXERCISES"]

EXERCISES = (
    MOMENTUM_BY_HAND,
    STABLE_RATE,
    MEAN_OF_BATCHES,
    UNCORRECTED,
    SCHEDULE,
    INITIAL_SCALE,
    EARLY_STOPPING,
    CLIP,
    NESTEROV,
    BATCH_ORDER,
)
