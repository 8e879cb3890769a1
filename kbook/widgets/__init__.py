"""Interactive figures that live in a page without a kernel, in JupyterLab and on Colab."""

from kbook.widgets.covariate_shift import CovariateShift
from kbook.widgets.depth_explorer import DepthExplorer
from kbook.widgets.difference_lab import DifferenceLab
from kbook.widgets.digit_pad import DigitPad
from kbook.widgets.digit_reader import DigitReader
from kbook.widgets.drive_sim import DriveSim
from kbook.widgets.gan_lab import GanLab1D
from kbook.widgets.graph_stepper import GraphStepper
from kbook.widgets.kernel_lab import KernelLab
from kbook.widgets.logistic_fit import LogisticFit
from kbook.widgets.optimizer_race import OptimizerRace
from kbook.widgets.playground import Playground
from kbook.widgets.predict import Predict
from kbook.widgets.quiz import Quiz
from kbook.widgets.skip_lab import SkipLab
from kbook.widgets.softmax_loss import SoftmaxLoss
from kbook.widgets.translation_machine import TranslationMachine

__all__ = [
    "CovariateShift",
    "DepthExplorer",
    "DifferenceLab",
    "DigitPad",
    "DigitReader",
    "DriveSim",
    "GanLab1D",
    "GraphStepper",
    "KernelLab",
    "LogisticFit",
    "OptimizerRace",
    "Playground",
    "Predict",
    "Quiz",
    "SkipLab",
    "SoftmaxLoss",
    "TranslationMachine",
]
