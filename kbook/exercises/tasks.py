"""What an exercise asks for: a number, or a function that is tried on inputs of our own."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

__all__ = ["Case", "Function", "Number", "Outputs", "Refused", "same", "type_name"]

Outputs = list[NDArray[np.float64]]

NOTHING_YET = "Nothing here yet: put your answer in place of the dots and run this cell again."


class Refused(Exception):
    """Say, in one sentence, why an answer cannot be judged at all."""


@dataclass(frozen=True)
class Case:
    """Hold one input to try a function on, with the words that name it to the reader."""

    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Number:
    """Ask for one number.

    Parameters
    ----------
    expected : callable
        Returns the right number, from a computation independent of the reference solution.
    rtol : float
        Relative tolerance; by default three digits do, and a rounded 0.88 passes for 0.877. Zero
        asks for the exact number, such as a count.
    """

    expected: Callable[[], float]
    rtol: float = 4e-3
    atol = 1e-9

    def run(self, answer: object) -> tuple[Outputs, bool]:
        """Return the answer as a list of one array, and False: a number changes no input."""
        if callable(answer):
            raise Refused("This exercise wants a number, but got a function: call it first.")
        value = _as_array(answer)
        if value.size != 1:
            raise Refused(f"This exercise wants one number, but got {value.size} of them.")
        return [value.reshape(())], False

    def truth(self) -> Outputs:
        """Return the right number, as `run` would."""
        return [np.asarray(self.expected(), dtype=np.float64)]

    def describe(self, got: Outputs, want: Outputs) -> str:
        """Say in a clause how a wrong number differs from the right one."""
        value, right = float(got[0]), float(want[0])
        if self.rtol > 0 and abs(value - right) <= 0.03 * abs(right):
            return "that is close, but rounded too far: give at least three digits"
        return f"{value:.4g} is not it"


@dataclass(frozen=True)
class Function:
    """Ask for a function.

    Parameters
    ----------
    cases : callable
        Returns the inputs, the simplest first; freshly made on each call.
    oracle : callable
        Computes the right output for the arguments of a case, independently of the reference.
    rtol, atol : float
        Relative and absolute tolerance; the default leaves room for single precision.
    """

    cases: Callable[[], tuple[Case, ...]]
    oracle: Callable[..., Any]
    rtol: float = 1e-6
    atol: float = 1e-6

    def run(self, answer: object) -> tuple[Outputs, bool]:
        """Return what a function gives for each case, and whether it changed one of its inputs."""
        if answer is None or answer is ...:
            raise Refused(NOTHING_YET)
        if not callable(answer):
            raise Refused(
                f"This exercise wants a function, but got {_with_article(type_name(answer))}: "
                "pass its name alone, without calling it."
            )
        outputs, changed = [], False
        for case in self.cases():
            given = copy.deepcopy(case.arguments)
            outputs.append(_as_array(answer(*given)))
            changed |= not _unchanged(given, case.arguments)
        return outputs, changed

    def truth(self) -> Outputs:
        """Return the right outputs, as `run` would."""
        return [np.asarray(self.oracle(*c.arguments), dtype=np.float64) for c in self.cases()]

    def describe(self, got: Outputs, want: Outputs) -> str:
        """Say in a clause where the outputs of a function first differ from the right ones."""
        for case, ours, right in zip(self.cases(), got, want, strict=True):
            if ours.shape != right.shape:
                return f"for {case.name} the shape must be {right.shape}, but it is {ours.shape}"
        if (factor := _common_factor(got, want)) is not None:
            return f"every value is {factor:.4g} times the right one"
        for case, ours, right in zip(self.cases(), got, want, strict=True):
            wrong = ~np.isclose(ours, right, self.rtol, self.atol)
            if wrong.any():
                value, truth = (f"{a[wrong].flat[0]:.4g}" for a in (ours, right))
                if value == truth:
                    return f"for {case.name} it is close to {truth}, but not exact: round nothing"
                return f"for {case.name} it gives {value}, but {truth} is right"
        return "it is not the function asked for"


def same(task: Number | Function, got: Outputs, want: Outputs, *, loosely: bool = False) -> bool:
    """Tell whether two lists of outputs agree within a task's tolerance.

    Parameters
    ----------
    task : Number or Function
        Owner of the tolerance.
    got, want : list of arrays
        Outputs, one array for each case.
    loosely : bool
        Take nan, inf and -inf for one and the same, as overflow may end in any of the three.

    Returns
    -------
    bool
        True if all shapes are equal and all values close.
    """
    if [a.shape for a in got] != [a.shape for a in want]:
        return False
    for ours, right in zip(got, want, strict=True):
        if loosely:
            ours, right = (np.where(np.isfinite(a), a, np.nan) for a in (ours, right))
        if not np.allclose(ours, right, task.rtol, task.atol, equal_nan=loosely):
            return False
    return True


def type_name(value: object) -> str:
    """Return the name of a value's type; a hostile type without a name is an "object"."""
    try:
        return str(type(value).__name__)
    except Exception:
        return "object"


def _with_article(noun: str) -> str:
    """Put the indefinite article before a noun."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _as_array(value: object) -> NDArray[np.float64]:
    """Return a float64 copy of a number, an array or a tensor."""
    if value is None or value is ...:
        raise Refused(NOTHING_YET)
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().double().numpy()
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise Refused(f"Numbers are wanted here, but got {_with_article(type_name(value))}.")
    return np.array(array, dtype=np.float64)


def _unchanged(given: object, before: object) -> bool:
    """Tell whether an argument still equals its copy: an array, a number, or a nest of them.

    A nan that was there before counts as equal.
    """
    if isinstance(before, (list, tuple)):
        return (
            type(given) is type(before)
            and len(given) == len(before)
            and all(map(_unchanged, given, before))
        )
    can_be_nan = np.asarray(before).dtype.kind in "fc"
    return np.array_equal(given, before, equal_nan=can_be_nan)  # type: ignore[arg-type]


def _common_factor(got: Outputs, want: Outputs) -> float | None:
    """Return the factor by which all outputs differ from the right ones, if there is one."""
    ours = np.concatenate([a.ravel() for a in got])
    right = np.concatenate([a.ravel() for a in want])
    if not np.isfinite([ours, right]).all() or not np.any(right):
        return None
    factor = float(ours @ right / (right @ right))
    fits = np.allclose(ours, factor * right, 1e-6, 1e-9)
    return factor if fits and not np.isclose(factor, [0, 1], atol=1e-3).any() else None
