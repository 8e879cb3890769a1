"""The quiz of chapter 7, and the prediction that the clone answers off the line."""

from kbook.quizzes.chapter07 import cloning, driving
from kbook.quizzes.chapter07.cloning import PREDICTION

__all__ = ["PREDICTION", "QUESTIONS"]

QUESTIONS = (*cloning.QUESTIONS, *driving.QUESTIONS)
