"""The walk that both engines share: from a result to everything that it was computed from."""

from typing import Any

__all__ = ["back_propagate", "topological_order"]


def topological_order(root: Any) -> list[Any]:
    """List the nodes that a result depends on, each after its parents, the result last.

    Parameters
    ----------
    root : Value or Tensor
        A node; its operands are what `_parents()` returns.

    Returns
    -------
    list of nodes
        Each once, however often it was used. No recursion: a chain may be as long as memory allows.
    """
    order, seen, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if node is None:  # everything above this mark is done: so is the node below it
            order.append(stack.pop())
        elif node not in seen:
            seen.add(node)
            stack += (node, None, *node._parents())
    return order


def back_propagate(order: list[Any], seed: Any) -> None:
    """Add to every node's `grad` the derivative of the last node by it; None counts as 0.

    Parameters
    ----------
    order : list of nodes
        From `topological_order`.
    seed : float or ndarray
        The derivative of the last node by itself: one, in the shape of its data.

    References
    ----------
    Griewank and Walther (2008), "Evaluating Derivatives", chapter 3 (the reverse mode).
    """
    pending = {order[-1]: seed}  # what each node has heard so far from the nodes that use it
    for node in reversed(order):
        gradient = pending.pop(node)  # all of them have reported
        node.grad = gradient + (0.0 if node.grad is None else node.grad)
        for parent, message in node._messages(gradient):
            pending[parent] = pending[parent] + message if parent in pending else message
