"""What a training shows: one line and one picture, in a notebook that is really executed."""

import re
import sys
from pathlib import Path

import nbformat
import pytest
import torch
from nbformat import NotebookNode
from torch import nn

from kbook.cli.notebooks import execute, normalize
from kbook.data import Batches
from kbook.training import History, LiveCurve, Run, fit, plot_history
from kbook.training import curve as curve_module

CELL = """
import torch
from torch import nn
from kbook.data import Batches
from kbook.training import LiveCurve, every, fit

net = nn.Linear(3, 2)
x, y = torch.randn(20, 3), torch.randint(2, (20,))
note = every(10, lambda run: run.history.note(run.step, validation_loss=0.5))
history = fit(
    net,
    Batches(x, y, 4),
    torch.optim.SGD(net.parameters(), lr=0.1),
    steps=40,
    callbacks=[note, LiveCurve(alt="A curve of the loss over forty steps.")],
)
"""


@pytest.fixture(scope="module")
def outputs() -> list[NotebookNode]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    return normalize(execute(notebook)).cells[0].outputs


def test_a_notebook_stores_the_last_state_of_the_bar_alone(outputs: list[NotebookNode]) -> None:
    kinds = [sorted(output.data) for output in outputs]
    assert kinds == [["text/plain"], ["image/png", "text/plain"], ["text/html", "text/plain"]]
    (line,) = outputs[0].data["text/plain"].splitlines()
    assert re.match(r"100%\|█+\| 40/40 \[.*loss=0\.\d+\]$", line) and len(line) <= 72


def test_nbval_compares_no_time_and_no_loss_of_the_bar(outputs: list[NotebookNode]) -> None:
    config = Path("tests/nbval_sanitize.cfg").read_text(encoding="utf-8")
    (pattern,) = re.findall(r"\[progress\]\nregex: (.*)", config)
    assert re.sub(pattern, "", outputs[0].data["text/plain"]) == ""


def test_the_curve_has_its_text(outputs: list[NotebookNode]) -> None:
    assert outputs[2].data["text/plain"] == "A curve of the loss over forty steps."


def train(capsys: pytest.CaptureFixture[str]) -> str:
    net = nn.Linear(3, 2)
    data = Batches(torch.ones(4, 3), torch.zeros(4, dtype=torch.int64), 2)
    fit(net, data, torch.optim.SGD(net.parameters(), lr=0.1), steps=5)
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_nothing_is_printed_into_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert train(capsys) == ""


def test_a_terminal_gets_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    text = train(capsys)
    assert text.endswith("\n") and text.count("\n") == 1
    assert "| 5/5 [" in text.rsplit("\r", 1)[1]


def test_the_curve_is_drawn_now_and_then_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(curve_module.time, "perf_counter", lambda: clock[0])
    live, drawn = LiveCurve(alt="A curve of the loss over the steps."), []
    monkeypatch.setattr(live.figure, "draw", lambda fig: drawn.append(run.step))
    net = nn.Linear(1, 1)
    run = Run(net, torch.optim.SGD(net.parameters(), lr=0.1), None, steps=10)  # type: ignore[arg-type]
    for step in range(1, 11):
        run.step = step
        run.history.loss.append(1.0 / step)
        clock[0] += 0.7
        live(run)
    assert drawn == [3, 6, 9, 10]


def test_the_plot_shows_the_loss_and_the_measures_that_are_losses() -> None:
    history = History(loss=[3.0, 2.0, 1.0])
    history.note(2, validation_loss=1.5, accuracy=0.9)
    ax = plot_history(history)
    assert [line.get_label() for line in ax.lines] == ["training loss", "validation loss"]
    assert ax.lines[1].get_xydata().tolist() == [[2, 1.5]] and ax.get_yscale() == "log"
