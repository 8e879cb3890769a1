"""benchmarks.engine: all engines do the same work, so that its table compares like with like."""

import gc
import importlib
import sys

import pytest
import torch

from kbook.autograd import Value

pytest.importorskip("micrograd", reason="want the package micrograd")
engine = importlib.import_module("benchmarks.engine")

TASKS = {
    "moons": ["torch", "micrograd", "Value", "Tensor"],
    "digits": ["digits, torch", "digits, Tensor"],
}


@pytest.fixture
def steps():
    with engine.deep_recursion():
        yield engine.engines()


def test_every_engine_belongs_to_a_task(steps):
    assert engine.nn.Value is not Value  # micrograd itself is left as it was
    assert sorted(steps) == sorted(sum(TASKS.values(), []))


@pytest.mark.parametrize("task", TASKS)
def test_all_engines_compute_the_same_losses(task, steps):
    losses = {name: [steps[name]() for _ in range(3)] for name in TASKS[task]}
    reference = losses[TASKS[task][0]]
    assert reference[0] > reference[1] > reference[2] > 0  # they do train
    for name, ours in losses.items():
        assert ours == pytest.approx(reference, rel=1e-9), name


def test_the_ratios_in_the_table_are_of_what_they_say(monkeypatch):
    took = {
        "micrograd": 600.0,
        "Value": 200.0,
        "Tensor": 2.0,
        "torch": 0.5,
        "digits, Tensor": 3.0,
        "digits, torch": 2.0,
        "micrograd, collector off": 300.0,
    }
    monkeypatch.setattr(engine, "medians", lambda rounds: took)
    table = engine.measure()
    assert table["micrograd / Value"] == 3
    assert table["micrograd / Tensor"] == 300
    assert table["Tensor / torch on moons"] == 4
    assert table["Tensor / torch on digits"] == 1.5
    assert set(took.values()) <= set(table.values())


def test_the_collector_is_off_for_the_last_line_alone(monkeypatch):
    runs = []
    names = ("micrograd", "Value", "Tensor", "torch")

    def step_of(name):
        return lambda: runs.append((name, gc.isenabled())) or 0.0

    monkeypatch.setattr(engine, "engines", lambda: {name: step_of(name) for name in names})
    took = engine.medians(rounds=2)
    assert set(took) == {*names, "micrograd, collector off"}
    assert set(runs) == {*((name, True) for name in names), ("micrograd", False)}
    assert gc.isenabled()


def test_threads_and_recursion_are_put_back():
    before = sys.getrecursionlimit(), torch.get_num_threads()
    with pytest.raises(KeyError), engine.one_thread(), engine.deep_recursion():
        assert torch.get_num_threads() == 1
        assert sys.getrecursionlimit() > before[0]
        raise KeyError
    assert (sys.getrecursionlimit(), torch.get_num_threads()) == before
