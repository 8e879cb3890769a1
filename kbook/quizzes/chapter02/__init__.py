"""The quiz of chapter 2, and the prediction that its count of multiplications answers."""

from kbook.quizzes.chapter02 import engine, practice
from kbook.quizzes.chapter02.practice import PREDICTION

__all__ = ["PREDICTION", "QUESTIONS"]

QUESTIONS = (*engine.QUESTIONS, *practice.QUESTIONS)
