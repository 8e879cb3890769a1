"""Ask a chapter's questions, explain every choice, and say which sections to read again."""

from typing import Any

import traitlets
from traitlets import TraitError

from kbook import quizzes
from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet
from kbook.widgets.questions import check_question, choices_html, code_html

__all__ = ["Quiz"]


class Quiz(Widget):
    """A quiz with one question at a time; a wrong choice is explained and may be tried again.

    The score counts first tries. The reader's browser remembers the answers where it can.

    Parameters
    ----------
    chapter : int
        The chapter whose questions are asked, unless `questions` are given.

    Attributes
    ----------
    questions : list of dict
        Each with `id`, `section`, `prompt`, `choices` (dicts with `text` and `why`) and `answer`,
        the index of the right choice.
    tries : dict
        For each answered question's id the choices that were checked, in order.
    current : int
        The question on show, from 0; the number of questions stands for the summary at the end.

    Raises
    ------
    TraitError
        If a question is unusable, or if `tries` or `current` do not fit the questions.
    """

    module = "quiz"
    summary = (
        "A quiz on this chapter: choose an answer, check it and read why it is right or wrong; "
        "the score at the end says which sections to read again."
    )
    _esm = module_text("quiz")
    _css = stylesheet()

    questions = traitlets.List(traitlets.Dict()).tag(sync=True)
    tries = traitlets.Dict().tag(sync=True)
    current = traitlets.Int(0, min=0).tag(sync=True)

    def __init__(self, chapter: int = 1, **state: Any) -> None:
        if "questions" not in state:
            state["questions"] = [question.as_state() for question in quizzes.questions(chapter)]
        super().__init__(**state)

    def fallback_html(self) -> str:
        """Return all questions as plain HTML, each with its answer and explanations folded."""
        items = "".join(
            f"<li>{choices_html(question)}{_answer_html(question)}</li>"
            for question in self.questions
        )
        return f'{self.summary_html()}<ol class="kq-sheet">{items}</ol>'

    @traitlets.validate("questions")
    def _check_questions(self, proposal: traitlets.Bunch) -> list[dict[str, Any]]:
        for question in proposal.value:
            check_question(question)
        ids = [question["id"] for question in proposal.value]
        if not ids or len(set(ids)) < len(ids):
            raise TraitError(f"want at least one question, each with an id of its own, got {ids}")
        return proposal.value

    @traitlets.validate("tries")
    def _check_tries(self, proposal: traitlets.Bunch) -> dict[str, list[int]]:
        numbers = {question["id"]: len(question["choices"]) for question in self.questions}
        for name, tried in proposal.value.items():
            if name not in numbers:
                raise TraitError(f"want tries of the questions {sorted(numbers)}, got {name!r}")
            if not isinstance(tried, list) or not set(tried) <= set(range(numbers[name])):
                want = f"a list of choices from 0 to {numbers[name] - 1}"
                raise TraitError(f"want the tries of {name!r} as {want}, got {tried!r}")
        return proposal.value

    @traitlets.validate("current")
    def _check_current(self, proposal: traitlets.Bunch) -> int:
        if proposal.value > len(self.questions):
            raise TraitError(f"want current from 0 to {len(self.questions)}, got {proposal.value}")
        return proposal.value


def _answer_html(question: dict[str, Any]) -> str:
    """Return all explanations, the right choice's first, folded."""
    right = question["answer"]
    lines = []
    for k, choice in enumerate(question["choices"]):
        letter = chr(ord("A") + k)
        verdict = f"The answer is {letter}." if k == right else f"{letter} is wrong."
        lines.append(f"<p><strong>{verdict}</strong> {code_html(choice['why'])}</p>")
    lines.insert(0, lines.pop(right))
    return f"<details><summary>Answer</summary>{''.join(lines)}</details>"
