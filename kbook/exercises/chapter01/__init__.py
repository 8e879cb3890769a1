"""The ten exercises of chapter 1, each with its hidden inputs, solution and known mistakes."""

from kbook.exercises.chapter01.by_hand import BCE_BY_HAND, FLOOR, INITIAL_LOSS, SMOOTHING_GAP
from kbook.exercises.chapter01.calibration import CALIBRATE, validation_set
from kbook.exercises.chapter01.functions import KL_DIVERGENCE, LOG_SUM_EXP
from kbook.exercises.chapter01.gradients import (
    BCE_GRADIENT,
    TEMPERATURE_GRADIENT,
    WEIGHTED_GRADIENT,
)

__all__ = ["EXERCISES", "validation_set"]

EXERCISES = (
    BCE_BY_HAND,
    INITIAL_LOSS,
    LOG_SUM_EXP,
    BCE_GRADIENT,
    KL_DIVERGENCE,
    FLOOR,
    TEMPERATURE_GRADIENT,
    SMOOTHING_GAP,
    WEIGHTED_GRADIENT,
    CALIBRATE,
)
