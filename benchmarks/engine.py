"""How long a training step takes in micrograd, `Value`, `Tensor` and torch: ratios from one run.

``python -m benchmarks.engine`` prints the table; ``make record NB=02`` records it for chapter 2.

Two tasks. *Moons*: 100 points, a net 2-16-16-1 (337 parameters), hinge loss plus 1e-4 times the
squared parameters, as in micrograd's demo, all points in each step. *Digits*: batches of 256
pictures, a net 64-32-10 (2,410 parameters), cross-entropy. A step is a forward pass, a backward
pass and an update. Every engine starts from the same parameters and computes in float64, with one
thread; torch and `Tensor` see the same arrays. micrograd's demo net also runs on our `Value`, the
class being all that differs. Python's cyclic collector runs as it does by default, because what it
costs is part of the answer; the last line says what micrograd needs without it.

The engines take turns, ten rounds; the numbers are medians over the rounds. Each turn begins with a
collection, so that nobody pays for the cycles that another has left, and with a step that is not
timed.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from micrograd import engine, nn
from sklearn.datasets import load_digits, make_moons
from threadpoolctl import threadpool_limits

from kbook.autograd import Tensor, Value

ROUNDS = 10
STEPS = {"micrograd": 2, "Value": 2}  # timed in each turn; of the faster engines 100
MOONS, DIGITS = (2, 16, 16, 1), (64, 32, 10)

Step = Callable[[], float]


def scalar_step(number: type) -> Step:
    """Return micrograd's demo on moons, its nets made of `number` in place of micrograd's Value."""
    X, y = moons()
    signs = y[:, 0].tolist()
    model = nn.MLP(MOONS[0], list(MOONS[1:]))  # its own random numbers are replaced:
    for layer, (W, b) in zip(model.layers, initial(MOONS), strict=True):
        for neuron, weights, bias in zip(layer.neurons, W.T.tolist(), b.tolist(), strict=True):
            neuron.w, neuron.b = [number(w) for w in weights], number(bias)

    def step() -> float:
        scores = [model([number(x) for x in row]) for row in X.tolist()]
        losses = [(1 - sign * score).relu() for sign, score in zip(signs, scores, strict=True)]
        penalty = 1e-4 * sum(p * p for p in model.parameters())
        loss = sum(losses) * (1.0 / len(losses)) + penalty
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
        return loss.data

    return step


def array_step(sizes: tuple[int, ...], number: Callable, loss_of: Callable, X: object) -> Step:
    """Return a step of an MLP whose parameters are `number(array)`; `loss_of` scores its outputs.

    Tensor and torch share this code, but for the reset of the gradients, which torch wants as None.
    """
    layers = [(number(W), number(b)) for W, b in initial(sizes)]
    parameters = [p for layer in layers for p in layer]

    def step() -> float:
        h = X
        for W, b in layers[:-1]:
            h = (h @ W + b).relu()
        W, b = layers[-1]
        loss = loss_of(h @ W + b, parameters)
        for p in parameters:
            p.grad = None if isinstance(p, torch.Tensor) else 0.0
        loss.backward()
        with torch.no_grad():
            for p in parameters:
                p.data -= 0.1 * p.grad
        return float(loss.data)

    return step


def initial(sizes: tuple[int, ...]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the first weights (n, m), drawn from -1 to 1, and biases (m,) of each layer."""
    rng = np.random.default_rng(0)
    pairs = zip(sizes, sizes[1:], strict=False)
    return [(rng.uniform(-1, 1, (n, m)), np.zeros(m)) for n, m in pairs]


def moons() -> tuple[np.ndarray, np.ndarray]:
    """Return 100 points (100, 2) and their classes, -1 and 1, (100, 1)."""
    X, y = make_moons(100, noise=0.1, random_state=0)
    return X, 2.0 * y[:, None] - 1.0


def hinge(y: object) -> Callable:
    """Return micrograd's demo loss for classes y."""

    def loss_of(scores, parameters):  # type: ignore[no-untyped-def]
        penalty = sum((p * p).sum() for p in parameters)
        return (1 - y * scores).relu().mean() + 1e-4 * penalty

    return loss_of


def torch_parameter(array: np.ndarray) -> torch.Tensor:
    """Return an array as a trainable tensor."""
    return torch.tensor(array, requires_grad=True)


def engines() -> dict[str, Step]:
    """Return all that is measured: name to training step."""
    X, y = moons()
    theirs, signs = torch.from_numpy(X), torch.from_numpy(y)
    digits = load_digits()
    pictures, labels = digits.data[:256] / 16, digits.target[:256]
    pixels, classes = torch.from_numpy(pictures), torch.from_numpy(labels)
    cross_entropy = torch.nn.functional.cross_entropy
    return {
        "micrograd": scalar_step(engine.Value),
        "Value": scalar_step(Value),
        "Tensor": array_step(MOONS, Tensor, hinge(y), X),
        "torch": array_step(MOONS, torch_parameter, hinge(signs), theirs),
        "digits, Tensor": array_step(
            DIGITS, Tensor, lambda z, _: z.cross_entropy(labels), pictures
        ),
        "digits, torch": array_step(
            DIGITS, torch_parameter, lambda z, _: cross_entropy(z, classes), pixels
        ),
    }


@contextmanager
def one_thread() -> Iterator[None]:
    """Let numpy and torch use a single thread inside the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Let micrograd sort its graph recursively inside the block."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@contextmanager
def no_collector() -> Iterator[None]:
    """Let cycles pile up inside the block."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def milliseconds(step: Step, steps: int) -> float:
    """Return the time of one step, the mean over several, from a clean start."""
    gc.collect()
    step()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return 1000 * (time.perf_counter() - start) / steps


def medians(rounds: int) -> dict[str, float]:
    """Return the median milliseconds of a step for every engine; they take turns."""
    steps = engines()
    times: dict[str, list[float]] = {name: [] for name in [*steps, "micrograd, collector off"]}
    for _ in range(rounds):
        for name, step in steps.items():
            times[name].append(milliseconds(step, STEPS.get(name, 100)))
        with no_collector():
            times["micrograd, collector off"].append(milliseconds(steps["micrograd"], 1))
    return {name: statistics.median(values) for name, values in times.items()}


def measure(rounds: int = ROUNDS) -> dict[str, float | str]:
    """Return the table of chapter 2: medians in milliseconds, and the ratios that matter."""
    with one_thread(), deep_recursion():
        took = medians(rounds)
    return {
        "settings": f"one thread, float64, cyclic collector on, medians of {rounds} rounds",
        "moons, micrograd (ms a step)": took["micrograd"],
        "moons, Value (ms)": took["Value"],
        "moons, Tensor (ms)": took["Tensor"],
        "moons, torch (ms)": took["torch"],
        "micrograd / Value": took["micrograd"] / took["Value"],
        "micrograd / Tensor": took["micrograd"] / took["Tensor"],
        "Tensor / torch on moons": took["Tensor"] / took["torch"],
        "digits, batch of 256, Tensor (ms)": took["digits, Tensor"],
        "digits, batch of 256, torch (ms)": took["digits, torch"],
        "Tensor / torch on digits": took["digits, Tensor"] / took["digits, torch"],
        "moons, micrograd without the cyclic collector (ms)": took["micrograd, collector off"],
    }


if __name__ == "__main__":
    for label, value in measure().items():
        print(f"{label:52} {value if isinstance(value, str) else format(value, '10.3f')}")
