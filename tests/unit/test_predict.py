"""Predict: no stage without a choice, and no answer before the reveal."""

import re
from functools import cache

import pytest
from traitlets import TraitError

from kbook.quizzes import prediction
from kbook.widgets.predict import Predict
from tests.js import Module


@cache
def module() -> Module:
    return Module("predict")


def test_default_asks_the_first_chapter():
    widget = Predict()
    assert widget.question == prediction(1).as_state()
    assert (widget.chosen, widget.stage) == (None, "open")
    assert widget.where == "The experiment is in the section “9 Break it”."
    assert Predict(chapter=1, where="It is in section 9.").where == "It is in section 9."


def test_a_chapter_without_a_prediction_and_a_bad_question_are_refused():
    with pytest.raises(ValueError, match="chapter 99"):
        Predict(chapter=99)
    with pytest.raises(TraitError, match="want an answer from 0 to 3, got 4"):
        Predict(question={**Predict().question, "answer": 4})


def test_nothing_is_locked_or_revealed_without_a_choice():
    widget = Predict()
    for stage in ("locked", "revealed"):
        with pytest.raises(TraitError, match=f"want a choice in the stage '{stage}', got None"):
            widget.stage = stage
    with pytest.raises(TraitError, match="want a choice from 0 to 3 or None, got 4"):
        widget.chosen = 4
    with pytest.raises(TraitError):
        widget.stage = "peeked"
    assert (widget.chosen, widget.stage) == (None, "open")


def test_the_page_sets_choice_and_stage_together():
    widget = Predict()
    widget.set_state({"stage": "locked", "chosen": 2})  # as a message from the page does
    assert (widget.chosen, widget.stage) == (2, "locked")
    widget.set_state({"stage": "open", "chosen": None})
    assert (widget.chosen, widget.stage) == (None, "open")


def test_taking_the_choice_away_opens_the_question_again():
    widget = Predict(chosen=1, stage="revealed")
    widget.chosen = None
    assert widget.stage == "open"


@pytest.mark.parametrize("state", [{}, {"chosen": 2, "stage": "revealed"}])
def test_page_without_a_script_tells_the_choices_and_no_answer(state):
    widget = Predict(**state)
    seen = re.sub(r"<[^>]*>", "", re.sub(r' data-state="[^"]*"', "", widget.static_html()))
    assert widget.question["prompt"] in seen
    for choice in widget.question["choices"]:
        assert choice["text"] in seen
        assert choice["why"] not in seen
    assert "Right" not in seen
    assert "answer is" not in seen
    # Nothing but the text of the choices tells one from the other.
    items = re.findall(r"<li[^>]*>", widget.static_html())
    assert items == ["<li>"] * 4


def test_all_choices_look_alike_wherever_the_answer_is():
    asked = Predict().question
    pages = {Predict(question={**asked, "answer": k}).fallback_html() for k in range(4)}
    assert len(pages) == 1


SOUND = [
    ({"chosen": None, "stage": "open"}, {"chosen": None, "stage": "open"}),
    ({"chosen": 3, "stage": "open"}, {"chosen": 3, "stage": "open"}),
    ({"chosen": 0, "stage": "locked"}, {"chosen": 0, "stage": "locked"}),
    ({"chosen": 1, "stage": "revealed"}, {"chosen": 1, "stage": "revealed"}),
    ({"chosen": None, "stage": "revealed"}, {"chosen": None, "stage": "open"}),
    ({"chosen": 4, "stage": "locked"}, {"chosen": None, "stage": "open"}),
    ({"chosen": -1, "stage": "locked"}, {"chosen": None, "stage": "open"}),
    ({"chosen": "1", "stage": "locked"}, {"chosen": None, "stage": "open"}),
    ({"chosen": 1, "stage": "peeked"}, {"chosen": 1, "stage": "open"}),
    ({}, {"chosen": None, "stage": "open"}),
]


@pytest.mark.parametrize(("remembered", "shown"), SOUND)
def test_what_a_browser_remembers_is_made_sound(remembered, shown):
    assert module().call("soundState", remembered, Predict().question) == shown


def test_sentences_before_the_reveal_hold_no_answer():
    asked = Predict().question
    texts = {module().call("lockedText", k, "It is below.") for k in range(4)}
    assert texts == {f"Locked in: {name}. It is below." for name in "ABCD"}
    assert module().call("outcomeText", asked, 2) == "The answer is C, as you predicted."
    assert module().call("outcomeText", asked, 0).startswith("The answer is C, not A")
