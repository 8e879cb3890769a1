"""The time limit for answers: endless ones come back, and signals are left as they were found."""

import math
import signal
import sys
import threading

import numpy as np
import pytest

from kbook.exercises import check, grade
from kbook.exercises.guard import TimeUp

FUNCTION = "01-3"
posix = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX interval timers")


def right(z):
    return np.logaddexp.reduce(z, axis=1)


def raiser(error):
    def answer(*_arguments):
        raise error

    return answer


def endless(*_arguments):
    while True:
        pass


def endless_catching(*_arguments):
    while True:
        try:
            math.sqrt(2.0)
        except Exception:
            continue


def endless_catching_everything(*_arguments):
    try:
        while True:
            pass
    except BaseException:
        while True:
            pass


def retries_forever(*_arguments):
    while True:
        try:
            sorted(range(10_000))
        except BaseException:
            continue


def retries_twice_over(*arguments):
    while True:
        try:
            retries_forever()
        except BaseException:
            continue


def swallows_the_alarm(z):
    try:
        while True:
            pass
    except BaseException:
        return right(z)


kept = []


def keeps_the_alarm(z):
    try:
        while True:
            pass
    except BaseException as error:
        kept.append(error)
        return right(z)


class EndlessNumber:
    def __float__(self):
        return endless()

    __array__ = __index__ = endless


class EndlessMessage(Exception):
    __str__ = endless


@posix
@pytest.mark.parametrize(
    "answer",
    [
        endless,
        endless_catching,
        endless_catching_everything,
        retries_forever,
        retries_twice_over,
        swallows_the_alarm,
        keeps_the_alarm,
        lambda z: EndlessNumber(),
        raiser(EndlessMessage()),
    ],
)
def test_an_endless_answer_is_stopped_and_named(answer, monkeypatch, capfd):
    monkeypatch.setattr("kbook.exercises.guard.SECONDS", 0.05)
    check(FUNCTION, answer)
    out, err = capfd.readouterr()
    assert out.startswith("✗ Stopped after 2 seconds") and err == ""
    assert out.count("\n") == 1


@posix
def test_the_previous_handler_and_timer_are_restored(monkeypatch):
    monkeypatch.setattr("kbook.exercises.guard.SECONDS", 0.05)
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    mine = signal.getsignal(signal.SIGALRM)
    signal.setitimer(signal.ITIMER_REAL, 1000.0, 500.0)
    try:
        for answer in (endless, lambda z: 0.0, raiser(SystemExit())):
            grade(FUNCTION, answer)
            assert signal.getsignal(signal.SIGALRM) is mine
            delay, interval = signal.getitimer(signal.ITIMER_REAL)
            assert 900 < delay <= 1000 and interval == 500
        assert rung == []
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@posix
def test_a_debugger_keeps_its_trace_function(monkeypatch):
    monkeypatch.setattr("kbook.exercises.guard.SECONDS", 0.05)

    def debugger(*_arguments):
        return None

    before = sys.gettrace()
    sys.settrace(debugger)
    try:
        grade(FUNCTION, retries_forever)
        assert sys.gettrace() is debugger
    finally:
        sys.settrace(before)


def test_an_answer_cannot_catch_the_alarm_as_an_exception():
    assert not issubclass(TimeUp, Exception)


@posix
def test_no_alarm_is_left_behind():
    before = signal.getsignal(signal.SIGALRM)
    grade(FUNCTION, lambda z: z)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_another_thread_checks_without_a_limit():
    results = []

    def work():
        results.append(grade(FUNCTION, right))
        results.append(grade(FUNCTION, raiser(ValueError("x"))))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [r.passed for r in results] == [True, False]


def test_a_platform_without_timers_checks_without_a_limit(monkeypatch):
    monkeypatch.delattr(signal, "setitimer", raising=False)
    assert grade(FUNCTION, right).passed


@posix
def test_the_readers_own_interrupt_goes_through():
    before = signal.getsignal(signal.SIGALRM)
    # A shell starts what runs in its background with SIGINT ignored; a reader's Python does not.
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            grade(FUNCTION, lambda z: signal.raise_signal(signal.SIGINT))
    finally:
        signal.signal(signal.SIGINT, inherited)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before
