"""A multiple-choice question as plain data, refused at once if it is incomplete."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["Choice", "Question", "require_unique_ids"]


@dataclass(frozen=True)
class Choice:
    """Hold one choice.

    Parameters
    ----------
    text : str
        What the reader picks; plain text, `code` in backticks.
    why : str
        Why it is right, or what exactly is wrong with it; one to three sentences.

    Raises
    ------
    ValueError
        If one of the two is empty.
    """

    text: str
    why: str

    def __post_init__(self) -> None:
        """Refuse an empty text or explanation."""
        if not self.text.strip() or not self.why.strip():
            raise ValueError(f"a choice needs a text and an explanation, got {self}")


@dataclass(frozen=True)
class Question:
    """Hold a question of which exactly one choice is right.

    Parameters
    ----------
    id : str
        Chapter and number such as "01-q3", unique in the book.
    section : str
        Heading of the section that the question belongs to.
    prompt : str
        The question; plain text, `code` in backticks.
    choices : tuple of Choice
        At least three, all different.
    answer : int
        Index of the right choice.

    Raises
    ------
    ValueError
        If a text is empty, there are fewer than three choices, two are equal, or the answer is not
        the index of a choice.
    """

    id: str
    section: str
    prompt: str
    choices: tuple[Choice, ...]
    answer: int

    def __post_init__(self) -> None:
        """Refuse an incomplete or ambiguous question."""
        if not all(text.strip() for text in (self.id, self.section, self.prompt)):
            raise ValueError(f"question {self.id!r} needs an id, a section and a prompt")
        if len(self.choices) < 3:
            raise ValueError(f"question {self.id} needs 3 choices or more, has {len(self.choices)}")
        if len({choice.text for choice in self.choices}) < len(self.choices):
            raise ValueError(f"question {self.id} has two equal choices")
        if type(self.answer) is not int or not 0 <= self.answer < len(self.choices):
            raise ValueError(f"question {self.id}: answer {self.answer!r} is no index of a choice")

    def as_state(self) -> dict[str, Any]:
        """Return the question as dicts, lists, strings and an int, ready for JSON.

        Returns
        -------
        dict
            With the keys id, section, prompt, choices (dicts with text and why) and answer.
        """
        return {
            "id": self.id,
            "section": self.section,
            "prompt": self.prompt,
            "choices": [{"text": choice.text, "why": choice.why} for choice in self.choices],
            "answer": self.answer,
        }


def require_unique_ids(questions: Iterable[Question]) -> None:
    """Raise ValueError if two questions have the same id.

    Parameters
    ----------
    questions : iterable of Question
        All questions of a chapter.

    Raises
    ------
    ValueError
        Naming the first id that occurs twice.
    """
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise ValueError(f"two questions have the id {question.id}")
        seen.add(question.id)
