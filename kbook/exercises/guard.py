"""Run a reader's answer where it can do no harm: in silence, and for two seconds at most."""

from __future__ import annotations

import inspect
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from types import FrameType
from typing import Any, TypeVar

import numpy as np

__all__ = ["SECONDS", "TimeUp", "is_inside", "limited", "silence"]

T = TypeVar("T")

SECONDS = 2.0
"""Longest time, in seconds, that an answer may take."""

# The alarm rings again and again, for answers that start another loop where they catch it.
_REPEAT_SECONDS = 0.05

TraceFunction = Callable[[FrameType, str, Any], Any]


class TimeUp(BaseException):
    """Say that an answer ran out of time; no `Exception`, so `except Exception` lets it pass."""

    def __del__(self) -> None:
        """Raise another one on the next line, if a bare `except:` of the answer dropped this."""
        frame = inspect.currentframe()
        if _stems_from_call(frame):
            _interrupt_next_line(frame)


@contextmanager
def silence() -> Iterator[None]:
    """Discard what is printed and warned of inside the block."""
    with (
        open(os.devnull, "w", encoding="utf-8", errors="ignore") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield


def limited(function: Callable[[], T]) -> T:
    """Call a function, and stop it after two seconds.

    The time limit needs POSIX signals and the main thread (notebooks run cells there); elsewhere
    the function runs without a limit. Code which never returns to Python cannot be stopped.

    Parameters
    ----------
    function : callable without arguments
        What to run.

    Returns
    -------
    object
        What the function returned.

    Raises
    ------
    TimeUp
        If the function took longer than `SECONDS`, even where it caught the interruption itself.
    """
    return _call_with_alarm(function) if _can_interrupt() else _call(function)


def is_inside() -> bool:
    """Tell whether the caller was called by a function which `limited` is running."""
    return _stems_from_call(inspect.currentframe())


def _can_interrupt() -> bool:
    """Tell whether this platform and thread can be interrupted by an alarm signal."""
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def _call(function: Callable[[], T]) -> T:
    """Call a function; this frame on the stack marks the code that the alarm may interrupt."""
    return function()


def _stems_from_call(frame: FrameType | None) -> bool:
    """Tell whether a frame belongs to the function that runs and not to the clean-up after it."""
    while frame is not None:
        if frame.f_code is _call.__code__:
            return True
        frame = frame.f_back
    return False


def _call_with_alarm(function: Callable[[], T]) -> T:
    """Call a function under an interval timer; restore the timer and handler that were there."""
    late = False

    def ring(_number: int, frame: FrameType | None) -> None:
        nonlocal late
        late = True
        if _stems_from_call(frame):
            raise TimeUp

    started, trace = time.monotonic(), sys.gettrace()
    handler = signal.signal(signal.SIGALRM, ring)
    delay, interval = signal.setitimer(signal.ITIMER_REAL, SECONDS, _REPEAT_SECONDS)
    try:
        value = _call(function)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
        if delay:  # someone else's alarm: give it the time that it had left, never zero (= off)
            left = max(delay - (time.monotonic() - started), 1e-3)
            signal.setitimer(signal.ITIMER_REAL, left, interval)
        if late:
            sys.settrace(trace)
    if late:
        raise TimeUp
    return value


def _interrupt_next_line(frame: FrameType | None) -> None:
    """Make the next line that the answer runs raise `TimeUp`, as a debugger would stop there."""

    def trace(at: FrameType, event: str, _detail: object) -> TraceFunction:
        if event == "line" and _stems_from_call(at):
            raise TimeUp
        return trace

    while frame is not None and frame.f_code is not _call.__code__:
        frame.f_trace = trace
        frame = frame.f_back
    sys.settrace(trace)
