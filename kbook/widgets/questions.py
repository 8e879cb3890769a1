"""What Quiz and Predict share: questions as plain data, checked, and as HTML without a script."""

import html
import re
from typing import Any

from traitlets import TraitError

__all__ = ["check_question", "choices_html", "code_html"]

_KEYS = {"id", "section", "prompt", "choices", "answer"}


def check_question(question: dict[str, Any]) -> None:
    """Refuse data that no reader could answer.

    Parameters
    ----------
    question : dict
        As from `kbook.quizzes.Question.as_state`: `id`, `section`, `prompt`, `choices` (at least
        two, all different, each a dict with `text` and `why`) and `answer`, an index of them.

    Raises
    ------
    TraitError
        If something is missing, empty, of the wrong type or out of range.
    """
    if set(question) != _KEYS:
        raise TraitError(f"want a question with {sorted(_KEYS)}, got {sorted(question)}")
    if not _is_text(question["id"]):
        raise TraitError(
            f"want a question's id as a text that is not empty, got {question['id']!r}"
        )
    name = f"question {question['id']!r}"
    for key in ("section", "prompt"):
        if not _is_text(question[key]):
            raise TraitError(f"{name}: want a {key} that is not empty, got {question[key]!r}")
    _check_choices(name, question["choices"])
    answer, number = question["answer"], len(question["choices"])
    if type(answer) is not int or not 0 <= answer < number:
        raise TraitError(f"{name}: want an answer from 0 to {number - 1}, got {answer!r}")


def code_html(text: str) -> str:
    """Return a text as HTML: what stands in backticks as ``<code>``, all else escaped."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(text))


def choices_html(question: dict[str, Any]) -> str:
    """Return a question's prompt and its lettered choices as HTML, without the answer."""
    items = "".join(f"<li>{code_html(choice['text'])}</li>" for choice in question["choices"])
    return f'<p>{code_html(question["prompt"])}</p><ol type="A">{items}</ol>'


def _check_choices(name: str, choices: Any) -> None:
    if not isinstance(choices, list) or len(choices) < 2:
        raise TraitError(f"{name}: want a list of at least two choices, got {choices!r}")
    for choice in choices:
        if not isinstance(choice, dict) or set(choice) != {"text", "why"}:
            raise TraitError(f"{name}: want each choice as a dict of text and why, got {choice!r}")
        if not _is_text(choice["text"]) or not _is_text(choice["why"]):
            raise TraitError(f"{name}: want a text and a why that are not empty, got {choice!r}")
    texts = [choice["text"] for choice in choices]
    if len(set(texts)) < len(texts):
        raise TraitError(f"{name}: want choices that differ, got {texts!r}")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
