"""The quiz of chapter 5, and the prediction that its nets of 56 layers answer."""

from kbook.quizzes.chapter05 import blocks, practice
from kbook.quizzes.chapter05.practice import PREDICTION

__all__ = ["PREDICTION", "QUESTIONS"]

QUESTIONS = (*blocks.QUESTIONS, *practice.QUESTIONS)
