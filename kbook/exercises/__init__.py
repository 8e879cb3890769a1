"""Exercises: `check` tells a reader what is right or which mistake it sees, `grade` a teacher.

`exercise` is one exercise, `tasks` what it can ask for, `guard` runs answers safely; each chapter's
exercises have a package of their own, `symptoms` are mistakes that show in any of them.
"""

from kbook.exercises.chapter01 import EXERCISES as _CHAPTER_01
from kbook.exercises.chapter02 import EXERCISES as _CHAPTER_02
from kbook.exercises.chapter03 import EXERCISES as _CHAPTER_03
from kbook.exercises.chapter04 import EXERCISES as _CHAPTER_04
from kbook.exercises.chapter05 import EXERCISES as _CHAPTER_05
from kbook.exercises.chapter06 import EXERCISES as _CHAPTER_06
from kbook.exercises.chapter07 import EXERCISES as _CHAPTER_07
from kbook.exercises.exercise import Exercise, Mistake, Result
from kbook.exercises.tasks import type_name

__all__ = ["Exercise", "Mistake", "Result", "check", "exercises", "grade"]

_CHAPTERS = (
    _CHAPTER_01,
    _CHAPTER_02,
    _CHAPTER_03,
    _CHAPTER_04,
    _CHAPTER_05,
    _CHAPTER_06,
    _CHAPTER_07,
)
_EXERCISES = {exercise.id: exercise for chapter in _CHAPTERS for exercise in chapter}


def exercises() -> tuple[Exercise, ...]:
    """Return all exercises, in the order of the book.

    Returns
    -------
    tuple of Exercise
        Their ids are unique.
    """
    return tuple(_EXERCISES.values())


def grade(exercise_id: object, answer: object = ...) -> Result:
    """Judge an answer to an exercise, without printing anything.

    Parameters
    ----------
    exercise_id : str
        Such as "01-3".
    answer : object
        A number or a function, as the exercise asks; anything else is judged as wrong.

    Returns
    -------
    Result
        Whether it passed, and one line which says why.

    Examples
    --------
    >>> grade("01-2", 6.91).passed
    True
    """
    if type(exercise_id) is not str:
        given = type_name(exercise_id)
        return Result(False, f'✗ No exercise: its id is a string such as "01-3", got {given}.')
    if exercise_id not in _EXERCISES:
        return Result(False, f"✗ No exercise {exercise_id[:20]!r}: the known ones are {_known()}.")
    return _EXERCISES[exercise_id].grade(answer)


def check(exercise_id: object, answer: object = ...) -> None:
    """Print one sentence: what is right about an answer, or what kind of mistake it makes.

    Parameters
    ----------
    exercise_id : str
        Such as "01-3".
    answer : object
        A number or a function, as the exercise asks. It may be missing, wrong or hostile: nothing
        but the reader's own Ctrl-C is ever raised.

    Examples
    --------
    >>> check("01-2")
    ✗ Nothing here yet: put your answer in place of the dots and run this cell again.
    """
    print(grade(exercise_id, answer).message)


def _known() -> str:
    """Name the exercises of each chapter, the first and the last."""
    chapters = {exercise_id.split("-")[0]: exercise_id for exercise_id in _EXERCISES}
    return ", ".join(f"{chapter}-1 to {last}" for chapter, last in chapters.items())
