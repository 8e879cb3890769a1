"""The ten exercises of chapter 2, each with its hidden inputs, solution and known mistakes."""

from kbook.exercises.chapter02.arrays import SOFTMAX_VJP, UNBROADCAST
from kbook.exercises.chapter02.by_hand import DIVISION_NODE, FORK_BY_HAND
from kbook.exercises.chapter02.differences import BEST_STEP, COUNT_EVALUATIONS
from kbook.exercises.chapter02.forward_mode import FORWARD_MODE
from kbook.exercises.chapter02.layer_norm import LAYER_NORM_VJP
from kbook.exercises.chapter02.reverse_mode import REVERSE_MODE
from kbook.exercises.chapter02.two_layers import TWO_LAYER_GRADIENT

__all__ = ["EXERCISES"]

EXERCISES = (
    FORK_BY_HAND,
    COUNT_EVALUATIONS,
    DIVISION_NODE,
    UNBROADCAST,
    SOFTMAX_VJP,
    BEST_STEP,
    TWO_LAYER_GRADIENT,
    FORWARD_MODE,
    REVERSE_MODE,
    LAYER_NORM_VJP,
)
