"""Missing and hostile answers: each gets one sentence, none raises, prints or leaves a trace."""

import math
import sys

import numpy as np
import pytest
import torch

from kbook.exercises import check, exercises, grade

NUMBER, FUNCTION = "01-2", "01-3"


def assert_one_sentence(message: str) -> None:
    assert message[:2] in ("✓ ", "✗ ")
    assert len(message.splitlines()) == 1
    assert message.endswith(".") and message == message.strip()
    assert message.encode("utf-8")  # else it could not be printed


class Hostile:
    """Raise whatever is done with it."""

    def _refuse(self, *_arguments, **_named):
        raise RuntimeError("hands off\nme")

    __eq__ = __ne__ = __lt__ = __gt__ = __bool__ = __len__ = __iter__ = __getitem__ = _refuse
    __repr__ = __str__ = __format__ = __float__ = __int__ = __index__ = __array__ = _refuse
    __getattr__ = __deepcopy__ = __reduce_ex__ = __add__ = __radd__ = __sub__ = _refuse
    __hash__ = None


class HostileFunction(Hostile):
    __call__ = Hostile._refuse


def nameless():
    class Meta(type):
        __name__ = property(Hostile._refuse)

    class Nameless(metaclass=Meta):
        __class__ = property(Hostile._refuse)

    return Nameless()


class Unprintable(Exception):
    __str__ = __repr__ = Hostile._refuse


class OutsideException(BaseException):
    pass


def raiser(error):
    def answer(*_arguments):
        raise error

    return answer


def overwrite(*arguments):
    for array in arguments:
        if isinstance(array, np.ndarray):
            array[...] = 0
    return 0.0


def recurse(*arguments):
    return recurse(*arguments)


def nested(*arguments):
    check(FUNCTION, nested)
    return 0.0


def break_numpy(*_arguments):
    np.seterr(all="raise")
    return np.exp(np.full(2, np.nan))


def close_stdout(*_arguments):
    sys.stdout.close()
    return 0.0


HOSTILE = {
    "none": None,
    "dots": ...,
    "string": "6.9",
    "bytes": b"6.9",
    "bool": True,
    "complex": 6.9 + 1j,
    "list": [1, 2, 3],
    "ragged": [[1], [2, 3]],
    "nan": math.nan,
    "infinite": -math.inf,
    "huge": 10**400,
    "dict": {},
    "object": object(),
    "hostile": Hostile(),
    "hostile function": HostileFunction(),
    "nameless": nameless(),
    "type": int,
    "builtin": print,
    "returns nothing": lambda *_: None,
    "returns dots": lambda *_: ...,
    "returns hostile": lambda *_: Hostile(),
    "returns hostile list": lambda *_: [Hostile(), Hostile()],
    "returns nameless": lambda *_: nameless(),
    "returns text": lambda *_: "nan",
    "returns objects": lambda *_: np.array([None, {}]),
    "returns empty": lambda *_: np.array([]),
    "returns ragged": lambda *_: [[1], [2, 3]],
    "returns sparse": lambda *_: torch.eye(2).to_sparse(),
    "returns function": lambda *_: print,
    "no arguments": lambda: 1.0,
    "too many arguments": lambda a, b, c, d, e, f: 1.0,
    "raises": raiser(ValueError("bad\n\nvalue " + "x" * 1000)),
    "raises surrogates": raiser(ValueError("\udc80")),
    "raises unprintable": raiser(Unprintable()),
    "raises base": raiser(OutsideException()),
    "raises exit": raiser(SystemExit(3)),
    "raises memory": raiser(MemoryError()),
    "raises generator exit": raiser(GeneratorExit()),
    "raises stop": raiser(StopIteration()),
    "overwrites": overwrite,
    "recurses": recurse,
    "checks itself": nested,
    "breaks numpy": break_numpy,
    "closes stdout": close_stdout,
    "prints": lambda *_: print("a\nb"),
}


@pytest.mark.parametrize("exercise_id", [NUMBER, FUNCTION, "01-6", "01-9", "02-4", "02-9"])
@pytest.mark.parametrize("name", HOSTILE)
def test_no_answer_raises_and_each_gets_one_sentence(exercise_id, name, capfd):
    state = np.geterr()
    assert check(exercise_id, HOSTILE[name]) is None
    out, err = capfd.readouterr()
    assert out.endswith("\n") and err == ""
    assert out.startswith("✗ ")
    assert len(out) < 260
    assert_one_sentence(grade(exercise_id, HOSTILE[name]).message)
    assert np.geterr() == state


def test_a_missing_answer_is_called_missing(capsys):
    check(NUMBER)
    check(NUMBER, None)
    check(FUNCTION, ...)
    check(FUNCTION, lambda z: ...)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and len(set(lines)) == 1
    assert lines[0].startswith("✗ Nothing here yet")


@pytest.mark.parametrize(
    "make",
    [
        lambda: "99-9",
        lambda: "",
        lambda: "01-3\n",
        lambda: "x" * 1000,
        lambda: 1,
        lambda: None,
        lambda: ["01-3"],
        Hostile,
        nameless,
    ],
)
def test_an_unknown_exercise_is_one_sentence(make, capsys):
    check(make(), 1.0)
    line = capsys.readouterr().out[:-1]
    assert_one_sentence(line)
    assert line.startswith("✗ No exercise")
    assert "01-1" in line or "01-3" in line
    assert len(line) < 200


def test_an_unknown_exercise_names_the_known_ones_of_every_chapter():
    message = grade("01-11").message
    for chapter in {e.id[:2] for e in exercises()}:
        ids = [e.id for e in exercises() if e.id[:2] == chapter]
        assert f"{ids[0]} to {ids[-1]}" in message


def test_a_function_handed_in_for_a_number_and_the_other_way_round():
    assert "call it first" in grade(NUMBER, math.log).message
    assert "without calling it" in grade(FUNCTION, np.zeros(3)).message
    assert "an int" in grade(FUNCTION, 3).message


def test_what_an_answer_raised_is_named():
    message = grade(FUNCTION, lambda z: z.no_such_name).message
    assert "AttributeError" in message and "no_such_name" in message
    assert "SystemExit" in grade(FUNCTION, raiser(SystemExit())).message


def test_an_answer_that_calls_check_is_told_so():
    assert "calls check itself" in grade(FUNCTION, nested).message


def test_an_answer_that_changes_its_input_is_told_so():
    def careless(z):
        m = z.max(axis=1, keepdims=True)
        z -= m
        return m[:, 0] + np.log(np.exp(z).sum(axis=1))

    result = grade(FUNCTION, careless)
    assert not result.passed
    assert "changes the array" in result.message


def test_what_an_answer_prints_is_swallowed(capfd):
    def chatty(z):
        print("debug", z)
        print("more", file=sys.stderr)
        return np.logaddexp.reduce(z, axis=1)

    check(FUNCTION, chatty)
    out, err = capfd.readouterr()
    assert out.startswith("✓ ") and out.count("\n") == 1 and err == ""


def test_grading_prints_nothing(capfd):
    for exercise in exercises()[:-1]:  # some of the mistakes overflow and would warn
        exercise.grade(exercise.wrong[2].answer)
    assert capfd.readouterr() == ("", "")
