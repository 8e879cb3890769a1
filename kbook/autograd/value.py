"""`Value`: a number that remembers how it was computed."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from typing import Any

from kbook.autograd.graph import back_propagate, topological_order

__all__ = ["Value"]

Slopes = tuple[float, float, float]
Operation = Callable[[float, float], Slopes]


class Value:
    """Hold a number and, after `backward()` on a result, the derivative of the result by it.

    Values combine with values and plain numbers by ``+ - * / **`` and by the methods below. Plain
    numbers are constants: nothing is derived by them. Results are Python's floats: what is too
    large raises where Python does and is infinite elsewhere; a slope that is too large is infinite.

    Parameters
    ----------
    data : real number
        Kept as a float.

    Attributes
    ----------
    data : float
        The number. The derivatives of an operation are taken when it runs: a later change of `data`
        does not reach what was computed before.
    grad : float
        The sum of the derivatives that calls of `backward()` have found, at first 0.

    Raises
    ------
    TypeError
        If `data` is not a real number.

    Examples
    --------
    >>> a, b = Value(2), Value(3)
    >>> (a * b + a).backward()
    >>> a.grad, b.grad
    (4.0, 2.0)
    """

    # Two operands with their local derivatives, in plain slots: Python's collector of reference
    # cycles looks at every container, so two tuples more in each node would double its work.
    __slots__ = ("__weakref__", "_a", "_b", "_slope_a", "_slope_b", "data", "grad")

    # numpy's numbers then leave ``number * value`` to us instead of making an array of it.
    __array_ufunc__ = None

    def __init__(
        self,
        data: Any,
        _a: Any = None,
        _slope_a: float = 0.0,
        _b: Any = None,
        _slope_b: float = 0.0,
    ) -> None:
        if not isinstance(data, Real):
            raise TypeError(f"a Value holds a real number, got {type(data).__name__}")
        self.data, self.grad = float(data), 0.0
        self._a, self._slope_a, self._b, self._slope_b = _a, _slope_a, _b, _slope_b

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def backward(self) -> None:
        """Add the derivative of this value by each node that it depends on to the node's `grad`."""
        back_propagate(topological_order(self), 1.0)

    def _parents(self) -> tuple[Value, ...]:
        if self._b is not None:
            return self._a, self._b
        return () if self._a is None else (self._a,)

    def _messages(self, gradient: float) -> tuple[tuple[Value, float], ...]:
        """Pair each operand with the part of the gradient that reaches it: the chain rule."""
        if self._b is not None:
            return (self._a, self._slope_a * gradient), (self._b, self._slope_b * gradient)
        return () if self._a is None else ((self._a, self._slope_a * gradient),)

    # Operations with two operands: `_binary` keeps the books, the functions at the end calculate.

    def __add__(self, other: Any) -> Value:
        return _binary(_add, self, other)

    def __radd__(self, other: Any) -> Value:
        return _binary(_add, other, self)

    def __sub__(self, other: Any) -> Value:
        return _binary(_subtract, self, other)

    def __rsub__(self, other: Any) -> Value:
        return _binary(_subtract, other, self)

    def __mul__(self, other: Any) -> Value:
        return _binary(_multiply, self, other)

    def __rmul__(self, other: Any) -> Value:
        return _binary(_multiply, other, self)

    def __truediv__(self, other: Any) -> Value:
        return _binary(_divide, self, other)

    def __rtruediv__(self, other: Any) -> Value:
        return _binary(_divide, other, self)

    def __pow__(self, other: Any) -> Value:
        return _binary(_exponential if isinstance(other, Value) else _power, self, other)

    def __rpow__(self, other: Any) -> Value:
        return _binary(_exponential, other, self)

    # Operations with one operand: the result, and beside the operand the derivative by it.

    def __neg__(self) -> Value:
        return Value(-self.data, self, -1.0)

    def relu(self) -> Value:
        """Return the value if it is positive, else 0; the derivative at 0 is 0."""
        return Value(0.0, self, 0.0) if self.data <= 0 else Value(self.data, self, 1.0)

    def tanh(self) -> Value:
        """Return the hyperbolic tangent."""
        y = math.tanh(self.data)
        return Value(y, self, 1 - y * y)

    def exp(self) -> Value:
        """Return e to this power.

        Raises
        ------
        OverflowError
            If the result is too large for a float: for data above 709.78.
        """
        try:
            y = math.exp(self.data)
        except OverflowError:
            raise OverflowError(f"exp({self.data:g}) is too large for a float") from None
        return Value(y, self, y)

    def log(self) -> Value:
        """Return the natural logarithm.

        Raises
        ------
        ValueError
            If the value is not positive.
        """
        if not self.data > 0:
            raise ValueError(f"log wants a positive number, got {self.data:g}")
        return Value(math.log(self.data), self, 1 / self.data)


def _binary(operation: Operation, left: Any, right: Any) -> Value:
    """Return the node of an operation on two values, or on a value and a plain number."""
    a, b = _number(left), _number(right)
    if a is None or b is None:
        return NotImplemented
    result, slope_a, slope_b = operation(a, b)
    if not isinstance(right, Value):
        return Value(result, left, slope_a)
    if not isinstance(left, Value):
        return Value(result, right, slope_b)
    return Value(result, left, slope_a, right, slope_b)


def _number(operand: Any) -> float | None:
    """Return the number of a value or a plain real number, None of anything else."""
    if isinstance(operand, Value):
        return float(operand.data)  # a reader may have assigned an int
    return float(operand) if isinstance(operand, Real) else None


# Two numbers → their result and its derivatives by the first and by the second.


def _add(a: float, b: float) -> Slopes:
    return a + b, 1.0, 1.0


def _subtract(a: float, b: float) -> Slopes:
    return a - b, 1.0, -1.0


def _multiply(a: float, b: float) -> Slopes:
    return a * b, b, a


def _divide(a: float, b: float) -> Slopes:
    if b == 0:
        raise ZeroDivisionError(f"cannot divide {a:g} by zero")
    return a / b, 1 / b, -a / b / b


def _power(a: float, b: float) -> Slopes:
    """Raise to a constant power: nobody asks for the derivative by it."""
    if a < 0 and not b.is_integer():
        raise ValueError(f"({a:g}) ** {b:g} is not a real number")
    if a == 0 and b < 0:
        raise ZeroDivisionError(f"cannot raise 0 to the negative power {b:g}")
    try:
        power = a**b
    except OverflowError:
        raise OverflowError(f"({a:g}) ** {b:g} is too large for a float") from None
    return power, _power_slope(a, b, power), 0.0


def _power_slope(a: float, b: float, power: float) -> float:
    if b == 0:
        return 0.0
    try:
        return b * a ** (b - 1)
    except ZeroDivisionError:
        return math.inf  # a root of 0: its graph is vertical there
    except OverflowError:
        return b * (power / a)  # infinite, with its sign


def _exponential(a: float, b: float) -> Slopes:
    """Raise to the power of a value."""
    power, slope, _ = _power(a, b)
    if not a > 0:
        raise ValueError(f"a Value as exponent wants a positive base, got {a:g}")
    return power, slope, power * math.log(a)
