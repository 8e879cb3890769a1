"""One exercise: what it asks for, its reference solution, and the mistakes that it recognizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from kbook.exercises import guard
from kbook.exercises.tasks import Function, Number, Outputs, Refused, same, type_name

__all__ = ["Exercise", "Level", "Mistake", "Result"]

Level = Literal["recall", "apply", "design"]

_LATE = (
    f"Stopped after {guard.SECONDS:.0f} seconds: this answer loops forever or, if it is right, is "
    "far too slow; "
)
_NESTED = "Not judged: this answer calls check itself; write the check below the function."
_CHANGED = (
    "Not yet: the numbers are right, but your function changes the array or list that it was "
    "given, and so the caller's too; work on a copy, or write z = z - 1 rather than z -= 1."
)


@dataclass(frozen=True)
class Result:
    """Hold the verdict on an answer.

    Parameters
    ----------
    passed : bool
        Whether the answer is right.
    message : str
        One line that says what is right, or what kind of mistake was seen.
    """

    passed: bool
    message: str


@dataclass(frozen=True)
class Mistake:
    """Hold a typical wrong answer and the hint for everyone who makes the same mistake.

    Parameters
    ----------
    answer : object
        A wrong answer; whoever hands in the same number, or a function with the same outputs,
        gets this hint, however it is written.
    hint : str
        One sentence which says what went wrong, beginning in lower case.
    sees : callable, optional
        `sees(got, want)` recognizes variants of the mistake whose outputs are not the same.
    """

    answer: object
    hint: str
    sees: Callable[[Outputs, Outputs], bool] = lambda _got, _want: False


@dataclass(frozen=True)
class Exercise:
    """Hold an exercise and judge answers to it.

    Parameters
    ----------
    id : str
        Chapter and number, such as "01-3".
    title : str
        What the exercise is called in the chapter.
    level : {"recall", "apply", "design"}
        How far it goes beyond the chapter.
    minutes : int
        Time that a student needs, in minutes, 1 to 60.
    task : Number or Function
        What is asked for; owns the hidden inputs and the independent oracle.
    solution : object
        The reference solution.
    praise : str
        What a right answer has shown; one sentence beginning in lower case.
    nudge : str
        Where to look after a mistake that nobody foresaw; a clause.
    wrong : tuple of Mistake
        At least three typical wrong answers with hints of their own.
    slow : str
        What makes an answer fast enough, for one that ran out of time; a clause.

    Raises
    ------
    ValueError
        If the level is unknown, the minutes are out of range, there are fewer than three mistakes,
        or two of them have the same hint.
    """

    id: str
    title: str
    level: Level
    minutes: int
    task: Number | Function
    solution: object
    praise: str
    nudge: str
    wrong: tuple[Mistake, ...]
    slow: str = "a few NumPy operations on whole arrays take milliseconds"

    def __post_init__(self) -> None:
        """Refuse an incomplete exercise."""
        if self.level not in get_args(Level):
            raise ValueError(f"exercise {self.id}: level must be in {get_args(Level)}")
        if not 1 <= self.minutes <= 60:
            raise ValueError(f"exercise {self.id}: minutes must be 1 to 60, got {self.minutes}")
        if len({mistake.hint for mistake in self.wrong}) < max(3, len(self.wrong)):
            raise ValueError(f"exercise {self.id}: needs three mistakes or more, hints distinct")

    def grade(self, answer: object) -> Result:
        """Judge an answer.

        Parameters
        ----------
        answer : object
            Anything at all.

        Returns
        -------
        Result
            The verdict. No answer raises, except that the reader's own Ctrl-C goes through.

        Raises
        ------
        Refused
            Only inside an answer that is being judged: it must not judge itself.
        """
        if guard.is_inside():
            raise Refused(_NESTED)  # to the judge of the outer answer, who says it
        try:
            with guard.silence():
                got, changed = guard.limited(lambda: self._run(answer))
        except guard.TimeUp:
            return _failed(f"{_LATE}{self.slow}.")
        except Refused as refusal:
            return _failed(str(refusal))
        with guard.silence():  # a new one: an answer may have changed numpy's error state
            want = self.task.truth()
            if not same(self.task, got, want):
                return _failed(f"Not yet: {self._diagnose(got, want)}")
        return _failed(_CHANGED) if changed else Result(True, f"✓ Right: {self.praise}")

    def _diagnose(self, got: Outputs, want: Outputs) -> str:
        """Name the mistake: by its outputs, else by its symptoms, else by the first difference."""
        for mistake in self.wrong:
            if same(self.task, got, self.task.run(mistake.answer)[0], loosely=True):
                return mistake.hint
        for mistake in self.wrong:
            if mistake.sees(got, want):
                return mistake.hint
        return f"{self.task.describe(got, want)}; {self.nudge}."

    def _run(self, answer: object) -> tuple[Outputs, bool]:
        """Run an answer; turn whatever it raises, SystemExit included, into a refusal."""
        try:
            return self.task.run(answer)
        except (KeyboardInterrupt, guard.TimeUp, Refused):
            raise
        except BaseException as error:
            raise Refused(_describe_error(error)) from None


def _failed(sentence: str) -> Result:
    """Return the verdict on a wrong answer."""
    return Result(False, f"✗ {sentence}")


def _describe_error(error: BaseException) -> str:
    """Say in one short line what an answer raised, even if the exception cannot be printed."""
    try:
        text = " ".join(str(error).split()).rstrip(".")
        text = text.encode("utf-8", "replace").decode()
    except Exception:
        text = ""
    if len(text) > 100:
        text = f"{text[:100]}…"
    if "broadcast" in text:  # numpy names the shapes, but not the usual reason
        text += " (is a keepdims=True or a [:, None] missing?)"
    if "out of bounds for array of dimension" in text:
        text += " (did a sum without keepdims=True drop an axis?)"
    if issubclass(type(error), RecursionError):
        text += " (a loop has no such limit)"
    return f"Your answer raised {type_name(error)}{': ' if text else ''}{text}."
