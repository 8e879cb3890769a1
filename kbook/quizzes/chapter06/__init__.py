"""The quiz of chapter 6, and the prediction that its half-trained translator answers."""

from kbook.quizzes.chapter06 import game, practice
from kbook.quizzes.chapter06.practice import PREDICTION

__all__ = ["PREDICTION", "QUESTIONS"]

QUESTIONS = (*game.QUESTIONS, *practice.QUESTIONS)
