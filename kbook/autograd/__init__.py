"""Reverse-mode differentiation in two sizes: `Value` for a number, `Tensor` for an array.

Both record a program as a graph while it runs, and walk the graph backward once. `graph` has the
walk, `value` and `tensor` have the operations with their derivatives. The ancestor is micrograd
(Karpathy, 2020). Different here: a node keeps its operands and derivatives and no closure over
itself, so a graph is freed as soon as nothing refers to it; the walk does not recurse; and a
second `backward()` adds the same gradient again to every node.
"""

from kbook.autograd.tensor import Tensor
from kbook.autograd.value import Value

__all__ = ["Tensor", "Value"]
