"""The quiz of chapter 3, and the prediction that its switch left on answers."""

from kbook.quizzes.chapter03 import practice, steps
from kbook.quizzes.chapter03.practice import PREDICTION

__all__ = ["PREDICTION", "QUESTIONS"]

QUESTIONS = (*steps.QUESTIONS, *practice.QUESTIONS)
