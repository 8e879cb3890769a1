"""Quiz: what it refuses, its page without a script, and its scores against Python's."""

import copy
import json
import random
import re
from functools import cache, reduce
from html.parser import HTMLParser

import pytest
from traitlets import TraitError

from kbook.quizzes import questions
from kbook.widgets.questions import code_html
from kbook.widgets.quiz import Quiz
from tests.js import Module


def question(name: str, section: str = "Here", answer: int = 0, count: int = 3) -> dict:
    choices = [
        {"text": f"choice {k} of {name}", "why": f"Because {k} of {name}."} for k in range(count)
    ]
    return {
        "id": name,
        "section": section,
        "prompt": f"Why is {name} asked?",
        "choices": choices,
        "answer": answer,
    }


@cache
def module() -> Module:
    return Module("quiz")


def test_default_asks_the_first_chapter_and_nothing_is_answered():
    quiz = Quiz()
    assert quiz.questions == [asked.as_state() for asked in questions(1)]
    assert (quiz.tries, quiz.current) == ({}, 0)
    assert Quiz(chapter=1).questions == quiz.questions


def test_a_chapter_without_a_quiz_is_refused():
    with pytest.raises(ValueError, match="chapter 99"):
        Quiz(chapter=99)


def test_own_questions_may_be_asked():
    assert Quiz(questions=[question("mine")]).questions == [question("mine")]


BAD = [
    ("prompt", " ", "question 'a': want a prompt that is not empty, got ' '"),
    ("section", 3, "question 'a': want a section that is not empty, got 3"),
    ("id", "", "want a question's id as a text that is not empty, got ''"),
    ("answer", 3, "question 'a': want an answer from 0 to 2, got 3"),
    ("answer", -1, "question 'a': want an answer from 0 to 2, got -1"),
    ("answer", True, "question 'a': want an answer from 0 to 2, got True"),
    ("choices", [{"text": "one", "why": "w"}], "a list of at least two choices"),
    ("choices", ["one", "two"], "each choice as a dict of text and why, got 'one'"),
    ("choices", [{"text": "one", "why": ""}] * 2, "a text and a why that are not empty"),
    ("choices", [{"text": "one", "why": "w"}] * 3, "want choices that differ"),
]


@pytest.mark.parametrize(("key", "value", "message"), BAD)
def test_a_bad_question_is_one_clear_sentence(key, value, message):
    with pytest.raises(TraitError, match=re.escape(message)) as caught:
        Quiz(questions=[{**question("a"), key: value}])
    assert "\n" not in str(caught.value)


def test_questions_need_their_keys_and_ids_of_their_own():
    with pytest.raises(TraitError, match=r"want a question with \['answer', .* got \['id'\]"):
        Quiz(questions=[{"id": "a"}])
    with pytest.raises(TraitError, match="dict"):
        Quiz(questions=["a"])
    with pytest.raises(TraitError, match=r"an id of its own, got \['a', 'a'\]"):
        Quiz(questions=[question("a"), question("a")])
    with pytest.raises(TraitError, match="at least one question"):
        Quiz(questions=[])


BAD_TRIES = [
    ({"b": [0]}, "want tries of the questions ['a'], got 'b'"),
    ({"a": [3]}, "want the tries of 'a' as a list of choices from 0 to 2, got [3]"),
    ({"a": 1}, "want the tries of 'a' as a list of choices from 0 to 2, got 1"),
    ({"a": ["0"]}, "want the tries of 'a' as a list of choices from 0 to 2, got ['0']"),
]


@pytest.mark.parametrize(("tries", "message"), BAD_TRIES)
def test_tries_must_fit_the_questions(tries, message):
    quiz = Quiz(questions=[question("a")])
    with pytest.raises(TraitError, match=re.escape(message)):
        quiz.tries = tries
    assert quiz.tries == {}


def test_python_may_set_the_answers_and_the_page():
    quiz = Quiz(questions=[question("a")], tries={"a": [1, 0]}, current=1)
    assert (quiz.tries, quiz.current) == ({"a": [1, 0]}, 1)
    with pytest.raises(TraitError, match="want current from 0 to 1, got 2"):
        quiz.current = 2


class Text(HTMLParser):
    """The text that a reader sees, and apart from it what is folded away in ``details``."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.folded, self.tags = "", "", []
        self._depth = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._depth += tag == "details"

    def handle_endtag(self, tag):
        self._depth -= tag == "details"

    def handle_data(self, data):
        if self._depth:
            self.folded += data
        else:
            self.open += data


def test_page_without_a_script_shows_all_questions_and_folds_the_answers():
    quiz = Quiz(questions=[question("a", answer=2), question("b")])
    seen = Text(quiz.static_html())
    for asked in quiz.questions:
        assert asked["prompt"] in seen.open
        for choice in asked["choices"]:
            assert choice["text"] in seen.open
            assert choice["why"] in seen.folded
            assert choice["why"] not in seen.open
    assert re.findall(r"The answer is (\w)\. Because (\d)", seen.folded) == [("C", "2"), ("A", "0")]
    assert re.findall(r"(\w) is wrong\. Because (\d)", seen.folded) == [
        ("A", "0"), ("B", "1"), ("B", "1"), ("C", "2")
    ]  # fmt: skip
    assert seen.folded.index("Because 2 of a") < seen.folded.index("Because 0 of a")  # right first
    assert "img" not in seen.tags
    assert quiz.summary in seen.open


def test_page_without_a_script_holds_no_markup_of_a_question():
    evil = question("a")
    evil["prompt"] = "Is <img src=x onerror=alert(1)> `a<b` & more?"
    html = Quiz(questions=[evil]).static_html()
    seen = Text(html)
    assert "img" not in seen.tags
    assert "Is <img src=x onerror=alert(1)> a<b & more?" in seen.open
    assert "<code>a&lt;b</code>" in html


TEXTS = [
    "no code", "`all`", "a `b` c", "a `b` and `c`", "lone ` stays", "`a` `", "``", "", "x `<b>&` y",
    "`a``b`", "–log `p` ≈ 2",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_code_is_cut_out_as_in_python(text):
    pieces = module().call("splitCode", text)
    html = ""
    for piece, is_code in pieces:
        safe = piece.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        html += f"<code>{safe}</code>" if is_code else safe
    assert html == code_html(text)


def test_only_pairs_of_backticks_make_code():
    assert module().call("splitCode", "a `b c` d ` e") == [
        ["a ", False],
        ["b c", True],
        [" d ` e", False],
    ]


def answered(seed: int) -> tuple[list[dict], dict[str, list[int]]]:
    """Draw a quiz and a reader: some questions open, some solved at once, later, or never."""
    rng = random.Random(seed)
    asked = [question(f"q{i}", f"section {rng.randrange(3)}", rng.randrange(3)) for i in range(8)]
    tries = {}
    for one in asked:
        path = rng.sample(range(3), rng.randint(0, 3))
        if one["answer"] in path:
            path = path[: path.index(one["answer"]) + 1]
        if path or rng.random() < 0.5:  # an empty list of tries is open, too
            tries[one["id"]] = path
    return asked, tries


@pytest.mark.parametrize("seed", range(10))
def test_score_counts_first_tries(seed):
    asked, tries = answered(seed)
    firsts = [(one, (tries.get(one["id"]) or [None])[0]) for one in asked]
    want = {
        "right": sum(first == one["answer"] for one, first in firsts),
        "wrong": sum(first not in (None, one["answer"]) for one, first in firsts),
        "open": sum(first is None for _, first in firsts),
        "total": 8,
    }
    assert module().call("score", asked, tries) == want
    rows = module().call("scoreBySection", asked, tries)
    assert [row["section"] for row in rows] == list(dict.fromkeys(one["section"] for one in asked))
    for key, value in want.items():
        assert sum(row[key] for row in rows) == value
    for row in rows:
        there = [pair for pair in firsts if pair[0]["section"] == row["section"]]
        assert row["right"] == sum(first == one["answer"] for one, first in there)
        assert row["total"] == len(there)


@pytest.mark.parametrize("seed", range(10))
def test_a_returning_reader_goes_on_at_the_first_unsolved_question(seed):
    asked, tries = answered(seed)
    solved = [one["answer"] in tries.get(one["id"], []) for one in asked]
    want = solved.index(False) if False in solved else len(asked)
    assert module().call("firstUnsolved", asked, tries) == want


def test_all_solved_shows_the_summary():
    asked = [question("a", answer=1), question("b")]
    assert module().call("firstUnsolved", asked, {"a": [0, 1], "b": [0]}) == 2


def test_a_try_is_added_once_and_nothing_is_changed_in_place():
    before = {"b": [2]}
    kept = copy.deepcopy(before)
    after = reduce(
        lambda tries, k: module().call("addTry", question("a"), tries, k), [1, 1, 2], before
    )
    assert after == {"b": [2], "a": [1, 2]}
    assert before == kept


def test_sentences_of_the_result():
    call = module().call
    full = {"right": 2, "wrong": 1, "open": 0, "total": 3}
    part = {"right": 1, "wrong": 0, "open": 2, "total": 3}
    none = {"right": 0, "wrong": 0, "open": 3, "total": 3}
    assert call("scoreText", full) == "2 of 3 right at the first try."
    assert call("scoreText", part) == "1 of 3 right at the first try, 2 not answered yet."
    assert call("progressText", none) == "The first try counts."
    assert call("progressText", part) == "First tries: 1 right, 0 wrong, 2 to go."
    assert call("progressText", full) == "First tries: 2 right, 1 wrong."


def test_sections_with_a_wrong_first_try_are_to_be_read_again():
    call = module().call
    asked = [
        question("a", "One"),
        question("b", "Two"),
        question("c", "Two"),
        question("d", "Three"),
    ]

    def advice(tries):
        return call("adviceText", call("scoreBySection", asked, tries))

    right = {name: [0] for name in "abcd"}
    assert advice(right) == "Nothing to read again."
    assert advice({"a": [0]}) == "Nothing to read again so far."
    assert advice({**right, "c": [1, 0], "a": [2]}) == "Read again: “One”, “Two”."


def test_memory_is_named_after_the_questions():
    asked = Quiz().questions
    changed = copy.deepcopy(asked)
    changed[3]["choices"].reverse()
    name = module().call("memoryName", "quiz", asked)
    assert module().call("memoryName", "quiz", changed) != name
    assert re.fullmatch("kbook-quiz-[0-9a-f]{8}", name)
    # FNV-1a, written out again on bytes
    hash_ = reduce(
        lambda h, byte: (h ^ byte) * 0x01000193 % 2**32, json.dumps(["a"]).encode(), 0x811C9DC5
    )
    assert module().call("memoryName", "quiz", ["a"]) == f"kbook-quiz-{hash_:08x}"


def test_a_browser_without_memory_is_no_error():
    assert module().call("recall", "anything") is None  # this engine has no localStorage
