"""The quiz of chapter 4, and the prediction that its shifted digits answer."""

from kbook.quizzes.chapter04 import practice, windows
from kbook.quizzes.chapter04.practice import PREDICTION

__all__ = ["PREDICTION", "QUESTIONS"]

QUESTIONS = (*windows.QUESTIONS, *practice.QUESTIONS)
