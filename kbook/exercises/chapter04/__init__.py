"""The ten exercises of chapter 4, each with its hidden inputs, solution and known mistakes."""

from kbook.exercises.chapter04.auc import AUC
from kbook.exercises.chapter04.audit import AUDIT
from kbook.exercises.chapter04.by_hand import COST, KERNEL_BY_HAND, WIDTH
from kbook.exercises.chapter04.channel_statistics import STATISTICS
from kbook.exercises.chapter04.conv1d import CONV1D
from kbook.exercises.chapter04.input_gradient import INPUT_GRADIENT
from kbook.exercises.chapter04.max_pool import POOL_GRADIENT
from kbook.exercises.chapter04.trust import TRUST

__all__ = ["EXERCISES"]

EXERCISES = (
    KERNEL_BY_HAND,
    WIDTH,
    COST,
    CONV1D,
    POOL_GRADIENT,
    STATISTICS,
    TRUST,
    INPUT_GRADIENT,
    AUDIT,
    AUC,
)
