"""The ten exercises of chapter 7, each with its hidden inputs, solution and known mistakes."""

from kbook.exercises.chapter07.by_hand import AUTONOMY, BUS, ROWS
from kbook.exercises.chapter07.chain import CHAIN
from kbook.exercises.chapter07.dagger import DAGGER
from kbook.exercises.chapter07.mirror import MIRROR
from kbook.exercises.chapter07.pursuit import PURSUIT, SIDE_CAMERA
from kbook.exercises.chapter07.saliency import SALIENCY
from kbook.exercises.chapter07.step import STEP

__all__ = ["EXERCISES"]

EXERCISES = (
    AUTONOMY,
    ROWS,
    BUS,
    PURSUIT,
    STEP,
    MIRROR,
    SIDE_CAMERA,
    CHAIN,
    DAGGER,
    SALIENCY,
)
