"""The ten exercises of chapter 6, each with its hidden inputs, solution and known mistakes."""

from kbook.exercises.chapter06.by_hand import PAIRS, PATCH, VALUE
from kbook.exercises.chapter06.hidden import HIDDEN
from kbook.exercises.chapter06.least_squares import LEAST_SQUARES
from kbook.exercises.chapter06.maps import MAPS
from kbook.exercises.chapter06.measured import MEASURED
from kbook.exercises.chapter06.one_step import ONE_STEP
from kbook.exercises.chapter06.pull import PULL
from kbook.exercises.chapter06.wasserstein import WASSERSTEIN

__all__ = ["EXERCISES"]

EXERCISES = (
    VALUE,
    PAIRS,
    PATCH,
    LEAST_SQUARES,
    PULL,
    WASSERSTEIN,
    MEASURED,
    MAPS,
    ONE_STEP,
    HIDDEN,
)
