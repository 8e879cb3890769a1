"""Quizzes: questions on each chapter, with an explanation for every choice, right or wrong.

`question` says what a question is; there is one package with the questions of each chapter.
"""

from kbook.quizzes import (
    chapter01,
    chapter02,
    chapter03,
    chapter04,
    chapter05,
    chapter06,
    chapter07,
)
from kbook.quizzes.question import Choice, Question, require_unique_ids

__all__ = ["Choice", "Question", "prediction", "questions"]

_CHAPTERS = {
    1: chapter01,
    2: chapter02,
    3: chapter03,
    4: chapter04,
    5: chapter05,
    6: chapter06,
    7: chapter07,
}

for _chapter in _CHAPTERS.values():
    require_unique_ids((*_chapter.QUESTIONS, _chapter.PREDICTION))


def questions(chapter: int) -> tuple[Question, ...]:
    """Return the quiz of a chapter.

    Parameters
    ----------
    chapter : int
        Its number in the book, from 1.

    Returns
    -------
    tuple of Question
        In the order of the chapter's sections.

    Raises
    ------
    ValueError
        If there is no quiz for this chapter.

    Examples
    --------
    >>> len(questions(1))
    10
    """
    _require_chapter(chapter)
    return _CHAPTERS[chapter].QUESTIONS


def prediction(chapter: int) -> Question:
    """Return the question that a chapter asks before its experiment answers it.

    Parameters
    ----------
    chapter : int
        Its number in the book, from 1.

    Returns
    -------
    Question
        A question like the others; the reader commits to a choice before the reveal.

    Raises
    ------
    ValueError
        If there is no prediction for this chapter.
    """
    _require_chapter(chapter)
    return _CHAPTERS[chapter].PREDICTION


def _require_chapter(chapter: object) -> None:
    """Raise ValueError unless a chapter has a quiz."""
    if not isinstance(chapter, int) or chapter not in _CHAPTERS:
        known = ", ".join(map(str, _CHAPTERS))
        raise ValueError(f"no quiz for chapter {chapter!r}; there is one for: {known}")
