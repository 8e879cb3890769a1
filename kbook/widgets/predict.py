"""Let the reader commit to a prediction before the experiment that answers it."""

from typing import Any

import traitlets
from traitlets import TraitError

from kbook import quizzes
from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet
from kbook.widgets.questions import check_question, choices_html

__all__ = ["Predict"]


class Predict(Widget):
    """One question whose answer can be revealed only after a prediction is locked in.

    Parameters
    ----------
    chapter : int
        The chapter whose prediction is asked for, unless a `question` is given.

    Attributes
    ----------
    question : dict
        With `id`, `section` (with the experiment), `prompt`, `choices` (dicts with `text` and
        `why`) and `answer`, the index of the right choice.
    where : str
        A sentence that says where the experiment is.
    chosen : int or None
        The reader's choice; None opens the question again.
    stage : {"open", "locked", "revealed"}
        How far the reader is.

    Raises
    ------
    TraitError
        If the question is unusable, or if `chosen` or `stage` do not fit it.
    """

    module = "predict"
    summary = "Before you read on: choose what you expect; the chapter's experiment will answer."
    _esm = module_text("predict")
    _css = stylesheet()

    question = traitlets.Dict().tag(sync=True)
    where = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Int(None, allow_none=True, min=0).tag(sync=True)
    stage = traitlets.Enum(("open", "locked", "revealed"), "open").tag(sync=True)

    def __init__(self, chapter: int = 1, **state: Any) -> None:
        if "question" not in state:
            state["question"] = quizzes.prediction(chapter).as_state()
        super().__init__(**state)
        if not self.where:
            self.where = f"The experiment is in the section “{self.question['section']}”."

    def fallback_html(self) -> str:
        """Return the question and its choices as plain HTML; nothing tells the answer."""
        return self.summary_html() + choices_html(self.question)

    @traitlets.validate("question")
    def _check_question(self, proposal: traitlets.Bunch) -> dict[str, Any]:
        check_question(proposal.value)
        return proposal.value

    @traitlets.validate("chosen")
    def _check_chosen(self, proposal: traitlets.Bunch) -> int | None:
        last = len(self.question["choices"]) - 1
        if proposal.value is not None and proposal.value > last:
            raise TraitError(f"want a choice from 0 to {last} or None, got {proposal.value}")
        return proposal.value

    @traitlets.observe("chosen")
    def _open_again(self, change: traitlets.Bunch) -> None:
        if change.new is None:  # which traitlets lets pass without a validator
            self.stage = "open"

    @traitlets.validate("stage")
    def _check_stage(self, proposal: traitlets.Bunch) -> str:
        if proposal.value != "open" and self.chosen is None:
            raise TraitError(f"want a choice in the stage {proposal.value!r}, got None")
        return proposal.value
