"""The quiz of chapter 1, and the prediction that its last experiment answers."""

from kbook.quizzes.chapter01 import derivation, practice
from kbook.quizzes.chapter01.practice import PREDICTION

__all__ = ["PREDICTION", "QUESTIONS"]

QUESTIONS = (*derivation.QUESTIONS, *practice.QUESTIONS)
