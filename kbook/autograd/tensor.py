"""`Tensor`: an array that remembers how it was computed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kbook import losses
from kbook.autograd import rules
from kbook.autograd.graph import back_propagate, topological_order

__all__ = ["Tensor"]

Array = NDArray[np.float64]
Pull = Callable[[Array], Array]  # from the gradient of a result to that of one operand
Axis = int | tuple[int, ...] | None


class Tensor:
    """Hold an array and, after `backward()` on a result, the gradient of the result by it.

    Tensors combine with tensors, arrays and numbers by ``+ - * / ** @``, with numpy's broadcasting,
    and by the methods below. Arrays and numbers are constants: nothing is derived by them. What is
    not a number follows numpy: ``Tensor([0.0]).log()`` is minus infinity, with numpy's warning.

    Parameters
    ----------
    data : array-like of any shape
        Real numbers; copied, as float64.

    Attributes
    ----------
    data : ndarray of float64
        The numbers. Optimizers may change them once no backward pass needs the old ones.
    grad : ndarray of float64, shaped like data
        The sum of the gradients that calls of `backward()` have found, at first the number 0.

    Raises
    ------
    TypeError
        If `data` does not hold real numbers.

    Examples
    --------
    >>> W = Tensor([[1.0], [2.0]])
    >>> (np.array([[3.0, 4.0]]) @ W).sum().backward()
    >>> W.grad.tolist()
    [[3.0], [4.0]]
    """

    __slots__ = ("__weakref__", "_edges", "_reads", "data", "grad")

    __array_ufunc__ = None  # numpy's arrays then leave ``array * tensor`` to us

    def __init__(self, data: ArrayLike) -> None:
        given = np.asarray(data)
        if given.dtype.kind not in "biuf":
            came = f"{type(data).__name__} with dtype {given.dtype}"
            raise TypeError(f"a Tensor holds real numbers, got {came}")
        self.data: Array = np.array(given, dtype=np.float64)
        self.grad: Any = 0.0
        self._edges: tuple[tuple[Tensor, Pull], ...] = ()
        self._reads: tuple[tuple[Array, int], ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of the data."""
        return self.data.shape

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"Tensor(data={self.data.tolist()}, grad={np.asarray(self.grad).tolist()})"

    def backward(self) -> None:
        """Add the gradient of this number by each node that it depends on to the node's `grad`.

        Raises
        ------
        ValueError
            If this is not a single number, or an array that the gradient needs was changed in
            place since it was used. No `grad` has been touched then.
        """
        if self.data.size != 1:
            raise ValueError(
                f"backward() starts from a single number, got shape {self.shape}: "
                "reduce it first, for example with .sum() or .mean()"
            )
        order = topological_order(self)
        if any(_fingerprint(array) != before for node in order for array, before in node._reads):
            raise ValueError(
                "an array that this gradient needs was changed in place after it was used: "
                "run the forward pass again, or assign a new array to .data instead"
            )
        back_propagate(order, np.ones_like(self.data))

    def _parents(self) -> tuple[Tensor, ...]:
        return tuple(parent for parent, _ in self._edges)

    def _messages(self, gradient: Array) -> list[tuple[Tensor, Array]]:
        """Pair each operand with the gradient that reaches it: a vector-Jacobian product each."""
        return [(parent, pull(gradient)) for parent, pull in self._edges]

    # Operations with two operands

    def __add__(self, other: Any) -> Tensor:
        return _binary("+", self, other)

    def __radd__(self, other: Any) -> Tensor:
        return _binary("+", other, self)

    def __sub__(self, other: Any) -> Tensor:
        return _binary("-", self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return _binary("-", other, self)

    def __mul__(self, other: Any) -> Tensor:
        return _binary("*", self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return _binary("*", other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return _binary("/", self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return _binary("/", other, self)

    def __pow__(self, other: Any) -> Tensor:
        return _binary("**", self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return _binary("**", other, self)

    def __matmul__(self, other: Any) -> Tensor:
        return _binary("@", self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return _binary("@", other, self)

    def __neg__(self) -> Tensor:
        return _unary(self, -self.data, lambda g: -g)

    # Functions of each entry

    def exp(self) -> Tensor:
        """Return e to the power of each entry."""
        y = np.exp(self.data)
        return _unary(self, y, lambda g: g * y, reads=y)

    def log(self) -> Tensor:
        """Return the natural logarithm of each entry."""
        x = self.data
        return _unary(self, np.log(x), lambda g: g / x, reads=x)

    def tanh(self) -> Tensor:
        """Return the hyperbolic tangent of each entry."""
        y = np.tanh(self.data)
        return _unary(self, y, lambda g: g * (1 - y * y), reads=y)

    def sigmoid(self) -> Tensor:
        """Return 1 / (1 + exp(-x)) of each entry x, by `kbook.losses.sigmoid`.

        Raises
        ------
        ValueError
            If the tensor is empty, or an entry is NaN or infinite.
        """
        y = losses.sigmoid(self.data)
        return _unary(self, y, lambda g: g * (y * (1 - y)), reads=y)

    def relu(self) -> Tensor:
        """Return each entry that is positive and 0 for the others; the derivative at 0 is 0."""
        flat = self.data <= 0
        return _unary(self, np.maximum(self.data, 0), lambda g: np.where(flat, 0.0, g))

    # Reductions; axis and keepdims are numpy's

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Return the sum over all entries, or along one axis or several."""
        y, shape = self.data.sum(axis=axis, keepdims=keepdims), self.shape
        return _unary(self, y, lambda g: rules.spread(g, shape, axis, keepdims))

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Return the mean over all entries, or along one axis or several."""
        if self.data.size == 0:
            raise ValueError(f"mean wants at least one entry, got shape {self.shape}")
        total = self.sum(axis, keepdims)
        return total * (total.data.size / self.data.size)

    def max(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Return the largest entry, of all or along one axis or several.

        Equal largest entries share the gradient evenly, as in ``torch.amax``.
        """
        x = self.data
        top = x == x.max(axis=axis, keepdims=True)
        share = top / top.sum(axis=axis, keepdims=True)
        y, shape = x.max(axis=axis, keepdims=keepdims), self.shape
        return _unary(self, y, lambda g: rules.spread(g, shape, axis, keepdims) * share)

    # Rearrangements

    def reshape(self, *shape: Any) -> Tensor:
        """Return the entries in another shape, in the same order; sizes or one tuple of them."""
        before = self.shape
        return _unary(self, self.data.reshape(*shape), lambda g: g.reshape(before))

    def transpose(self, *axes: Any) -> Tensor:
        """Return the tensor with its axes in another order, by default reversed."""
        marks = np.empty(range(self.data.ndim))  # empty, but each axis can be told by its size
        back = np.argsort(marks.transpose(*axes).shape)
        return _unary(self, self.data.transpose(*axes), lambda g: g.transpose(back))

    @property
    def T(self) -> Tensor:  # noqa: N802 - numpy's and torch's name
        """Return the tensor with its axes reversed."""
        return self.transpose()

    def __getitem__(self, index: Any) -> Tensor:
        own, shape = copy.deepcopy(index), self.shape  # the caller may change an array of positions

        def put_back(g: Array) -> Array:
            whole = np.zeros(shape)
            np.add.at(whole, own, g)  # a position that was taken twice gets both gradients
            return whole

        return _unary(self, np.array(self.data[own]), put_back)

    def cross_entropy(self, targets: ArrayLike) -> Tensor:
        """Return the mean cross-entropy of these logits (N, K), a single number, in nats.

        Parameters
        ----------
        targets : array-like of shape (N,) or (N, K)
            Class indices, or rows of probabilities, as `kbook.losses.cross_entropy` takes them;
            that function also says what it refuses.
        """
        z, y = self.data, np.array(targets)
        loss = np.array(losses.cross_entropy(z, y))
        return _unary(self, loss, lambda g: g * losses.cross_entropy_grad(z, y), reads=z)


def _unary(x: Tensor, y: Array, pull: Pull, reads: Array | None = None) -> Tensor:
    """Return the node of a result y of one operand x; `reads` is what the pull reads later."""
    return _node(y, ((x, pull),), () if reads is None else (reads,))


def _binary(sign: str, left: Any, right: Any) -> Tensor:
    """Return the node of ``left ∘ right``, of which one at least is a tensor."""
    forward, *both = rules.BINARY[sign]
    a, b = _array_of(left), _array_of(right)
    if a is None or b is None:
        return NotImplemented
    try:
        y = forward(a, b)
    except ValueError:
        want = "shapes (…, n) @ (n, …)" if sign == "@" else "shapes that broadcast"
        raise ValueError(f"want {want}, got {a.shape} {sign} {b.shape}") from None
    edges, reads = [], ""
    for operand, shape, rule in zip((left, right), (a.shape, b.shape), both, strict=True):
        if isinstance(operand, Tensor):
            edges.append((operand, _pull(rule, a, b, shape)))
            reads += rule.reads
    return _node(y, tuple(edges), [{"a": a, "b": b}[name] for name in sorted(set(reads))])


def _pull(rule: rules.Rule, a: Array, b: Array, shape: tuple[int, ...]) -> Pull:
    return lambda g: rules.unbroadcast(rule.pull(g, a, b), shape)


def _node(y: Any, edges: tuple[tuple[Tensor, Pull], ...], reads: Iterable[Array]) -> Tensor:
    node = Tensor.__new__(Tensor)
    node.data, node.grad, node._edges = np.asarray(y), 0.0, edges
    once = {id(array): array for array in reads}.values()  # in x * x both are the same
    node._reads = tuple((array, _fingerprint(array)) for array in once)
    return node


def _array_of(operand: Any) -> Array | None:
    """Return the array of a tensor or of a constant, None of anything else."""
    if isinstance(operand, Tensor):
        return operand.data
    array = np.asarray(operand)
    return array.astype(np.float64, copy=False) if array.dtype.kind in "biuf" else None


def _fingerprint(array: Array) -> int:
    """Return a number that changes with any entry: cheap beside a product of matrices."""
    return hash(array.tobytes())
