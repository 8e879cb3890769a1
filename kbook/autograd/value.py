"""`Value`: a number that remembers how it was computed."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from kbook.autograd.graph import back_propagate, topological_order

__all__ = ["Value"]


class Value:
    """Hold a number and, after `backward()` on a result, the derivative of the result by it.

    Values combine with values and plain numbers by ``+ - * / **`` and by the methods below. Plain
    numbers are constants: nothing is derived by them.

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
        if type(data) is not float:
            if not isinstance(data, Real):
                raise TypeError(f"a Value holds a real number, got {type(data).__name__}")
            data = float(data)
        self.data, self.grad = data, 0.0
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

    # Operations: each computes its result and, beside each operand, the derivative by it.

    def __add__(self, other: Any) -> Value:
        if isinstance(other, Value):
            return Value(self.data + other.data, self, 1.0, other, 1.0)
        return Value(self.data + other, self, 1.0) if isinstance(other, Real) else NotImplemented

    __radd__ = __add__

    def __mul__(self, other: Any) -> Value:
        if isinstance(other, Value):
            return Value(self.data * other.data, self, other.data, other, self.data)
        if not isinstance(other, Real):
            return NotImplemented
        return Value(self.data * other, self, float(other))

    __rmul__ = __mul__

    def __neg__(self) -> Value:
        return Value(-self.data, self, -1.0)

    def __sub__(self, other: Any) -> Value:
        if isinstance(other, Value):
            return Value(self.data - other.data, self, 1.0, other, -1.0)
        return Value(self.data - other, self, 1.0) if isinstance(other, Real) else NotImplemented

    def __rsub__(self, other: Any) -> Value:
        return Value(other - self.data, self, -1.0) if isinstance(other, Real) else NotImplemented

    def __truediv__(self, other: Any) -> Value:
        if isinstance(other, Value):
            quotient = _quotient(self.data, other.data)
            return Value(quotient, self, 1 / other.data, other, -quotient / other.data)
        if not isinstance(other, Real):
            return NotImplemented
        return Value(_quotient(self.data, float(other)), self, 1 / float(other))

    def __rtruediv__(self, other: Any) -> Value:
        if not isinstance(other, Real):
            return NotImplemented
        quotient = _quotient(float(other), self.data)
        return Value(quotient, self, -quotient / self.data)

    def __pow__(self, other: Any) -> Value:
        if isinstance(other, Value):
            power, slope = _power(self.data, other.data)
            return Value(power, self, slope, other, power * _log_of_base(self.data))
        if not isinstance(other, Real):
            return NotImplemented
        power, slope = _power(self.data, float(other))
        return Value(power, self, slope)

    def __rpow__(self, other: Any) -> Value:
        if not isinstance(other, Real):
            return NotImplemented
        power, _ = _power(float(other), self.data)
        return Value(power, self, power * _log_of_base(float(other)))

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


def _quotient(a: float, b: float) -> float:
    if b == 0:
        raise ZeroDivisionError(f"cannot divide {a:g} by zero")
    return a / b


def _power(base: float, exponent: float) -> tuple[float, float]:
    """Return base ** exponent and its derivative by the base."""
    if base < 0 and not exponent.is_integer():
        raise ValueError(f"({base:g}) ** {exponent:g} is not a real number")
    try:
        power = base**exponent
        slope = exponent * base ** (exponent - 1) if exponent else 0.0
    except ZeroDivisionError:
        if exponent < 0:
            raise ZeroDivisionError(f"cannot raise 0 to the negative power {exponent:g}") from None
        power, slope = 0.0, math.inf  # a root of 0: its graph is vertical there
    except OverflowError:
        raise OverflowError(f"({base:g}) ** {exponent:g} is too large for a float") from None
    return power, slope


def _log_of_base(base: float) -> float:
    if not base > 0:
        raise ValueError(f"a Value as exponent wants a positive base, got {base:g}")
    return math.log(base)
