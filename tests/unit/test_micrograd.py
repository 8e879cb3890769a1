"""Value against its ancestor: micrograd's own tests, its nets, and one difference on purpose."""

import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

from kbook.autograd import Value

ARCHIVE = Path(sys.prefix) / "micrograd" / "micrograd-0.1.0.tar.gz"


@pytest.mark.skipif(
    not ARCHIVE.exists(), reason="want micrograd's source archive, which `make test` downloads"
)
def test_micrograds_own_suite_passes_unchanged(monkeypatch):
    with tarfile.open(ARCHIVE) as archive:
        suite = archive.extractfile("micrograd-0.1.0/test/test_engine.py").read()
    stand_in = ModuleType("micrograd.engine")
    stand_in.Value = Value
    monkeypatch.setitem(sys.modules, "micrograd.engine", stand_in)
    names: dict = {}
    exec(compile(suite, "test_engine.py", "exec"), names)
    assert names["Value"] is Value
    tests = [test for name, test in names.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()


def test_micrograds_nets_run_on_our_values(monkeypatch):
    nn = pytest.importorskip("micrograd.nn", reason="want the package micrograd")
    from micrograd import engine

    results = []
    for number in (engine.Value, Value):
        monkeypatch.setattr(nn, "Value", number)
        model = nn.MLP(2, [3, 1])
        for i, p in enumerate(model.parameters()):
            p.data = (-0.7) ** i
        model.zero_grad()
        loss = model([number(0.3), -1.2]) ** 2
        loss.backward()
        results.append([loss.data, *(p.grad for p in model.parameters())])
    assert results[1] == pytest.approx(results[0], rel=1e-12)


def test_a_second_backward_doubles_our_gradients_where_micrograd_triples_them():
    # In micrograd the node between keeps its old gradient and passes it on once more.
    engine = pytest.importorskip("micrograd.engine", reason="want the package micrograd")
    gradients = []
    for number in (engine.Value, Value):
        leaf = number(5.0)
        between = leaf * 3
        result = between * 2
        for _ in range(2):
            result.backward()
        gradients.append((leaf.grad, between.grad, result.grad))
    theirs, ours = gradients
    assert ours == (2 * 6, 2 * 2, 2 * 1)
    assert theirs == (3 * 6, 2 * 2, 1)
