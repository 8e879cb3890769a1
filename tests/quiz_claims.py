"""What the tests of the quizzes read in a question: the words of its right and wrong choices."""

from kbook.quizzes.question import Question


def said(value: object, words: str) -> str:
    """A computed value in the words that should say it."""
    return words.format(value).replace("-", "−")


def right_words(question: Question) -> str:
    """The right choice and its explanation."""
    right = question.choices[question.answer]
    return f"{right.text} {right.why}"


def wrong_words(question: Question) -> str:
    """All wrong choices with their explanations."""
    wrong = [c for place, c in enumerate(question.choices) if place != question.answer]
    return " ".join(f"{choice.text} {choice.why}" for choice in wrong)
