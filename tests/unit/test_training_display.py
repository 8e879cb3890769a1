"""What a training shows: one line and one picture, in a notebook that is really executed."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import torch
from nbformat import NotebookNode
from torch import nn

from kbook import figures
from kbook.cli.notebooks import execute, normalize
from kbook.data import Batches
from kbook.training import History, LiveCurve, Run, fit, plot_history
from kbook.training import curve as curve_module
from kbook.training import progress as progress_module
from kbook.training.progress import Progress

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


def train(capsys: pytest.CaptureFixture[str], progress: bool = True) -> str:
    net = nn.Linear(3, 2)
    data = Batches(torch.ones(4, 3), torch.zeros(4, dtype=torch.int64), 2)
    fit(net, data, torch.optim.SGD(net.parameters(), lr=0.1), steps=5, progress=progress)
    captured = capsys.readouterr()
    return captured.out + captured.err


class Handle:
    """Stand for IPython's DisplayHandle, and keep (what was called, the line) of each call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def display(self, data: dict[str, str], raw: bool) -> None:
        self.calls.append(("display", data["text/plain"]))

    def update(self, data: dict[str, str], raw: bool) -> None:
        self.calls.append(("update", data["text/plain"]))


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Handle:
    """Pretend to be in a notebook whose clock goes on by a tenth of a second at each look."""
    one, clock = Handle(), iter(range(100_000))
    monkeypatch.setattr(progress_module, "get_ipython", lambda: SimpleNamespace(kernel=1))
    monkeypatch.setattr(progress_module, "DisplayHandle", lambda: one)
    monkeypatch.setattr(progress_module.time, "perf_counter", lambda: next(clock) / 10)
    return one


def test_a_notebook_gets_one_display_and_few_updates(handle: Handle) -> None:
    with Progress(0, 1000) as bar:
        for step in range(1, 1001):
            bar.show(step, 1 / step)
    kinds = [kind for kind, _ in handle.calls]
    assert kinds == ["display", *["update"] * (len(kinds) - 1)]
    # The bar looks at the clock once for each step, and once more for each drawing
    assert 300 <= len(kinds) <= 500
    assert "100%" in handle.calls[-1][1] and "loss=0.001]" in handle.calls[-1][1]


def test_the_last_line_says_where_it_ended(handle: Handle) -> None:
    with pytest.raises(ZeroDivisionError), Progress(0, 9) as bar:
        bar.show(1, 0.5)
        bar.show(2, 0.25)
        raise ZeroDivisionError
    assert "| 2/9 [" in handle.calls[-1][1] and "loss=0.25" in handle.calls[-1][1]


def test_the_speed_after_a_resumption_is_that_of_the_steps_since(handle: Handle) -> None:
    """Else 900 steps of yesterday would seem to have been made in the second before this line."""
    with Progress(900, 1000) as bar:
        bar.show(902, 0.5)
    _, line = handle.calls[-1]
    (speed,) = re.findall(r"([\d.]+) steps/s", line)
    assert float(speed) < 20 and "| 902/1000 [" in line  # two steps in three to seven tenths


@pytest.mark.parametrize(("loss", "steps"), [(1.2e-5, 9), (12345.678, 1_000_000), (0.0, 1)])
def test_a_line_keeps_its_bar_and_fits_a_phone(handle: Handle, loss: float, steps: int) -> None:
    with Progress(0, steps) as bar:
        bar.show(steps, loss)
    for _, line in handle.calls:
        assert re.match(r" *\d+%\|.*?\|.*$", line) and len(line) <= 72


def test_progress_false_shows_nothing(
    handle: Handle, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert train(capsys, progress=False) == "" and handle.calls == []
    monkeypatch.setattr(progress_module, "get_ipython", lambda: None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert train(capsys, progress=False) == ""


def test_a_figure_drawn_again_takes_the_place_of_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """IPython's DisplayHandle is the real one; what it would send to the page is caught."""
    sent: list[tuple[bool, dict[str, Any], dict[str, Any]]] = []

    def publish(data: dict[str, Any], metadata: Any = None, **how: Any) -> None:
        sent.append((how.get("update", False), data, metadata))

    monkeypatch.setattr("IPython.core.display_functions.publish_display_data", publish)
    monkeypatch.setattr("IPython.core.interactiveshell.InteractiveShell.initialized", lambda: True)
    live = figures.LiveFigure(alt="The loss falls from two to one.")
    for height in (1.0, 2.0):
        live.draw(plt.subplots(figsize=(3, height))[0])
    assert [(update, "image/png" in data) for update, data, _ in sent] == [
        (False, True),
        (False, False),
        (True, True),
    ]
    first, second = (sent[i][2]["image/png"]["height"] for i in (0, 2))
    assert second > 1.5 * first and plt.get_fignums() == []
    assert sent[0][1]["image/png"] != sent[2][1]["image/png"]


def test_the_axis_of_a_live_curve_reaches_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curve_module, "PAUSE", 0.0)
    live, ends = LiveCurve(alt="A curve of the loss over the steps."), []
    monkeypatch.setattr(live.figure, "draw", lambda fig: ends.append(fig.axes[0].get_xlim()))
    net = nn.Linear(3, 2)
    data = Batches(torch.ones(4, 3), torch.zeros(4, dtype=torch.int64), 2)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    fit(net, data, optimizer, steps=5, callbacks=[live], progress=False)
    plt.close("all")
    assert ends[0] == ends[-1] == (0, 5)


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
    net, drawn = nn.Linear(1, 1), []
    run = Run(net, torch.optim.SGD(net.parameters(), lr=0.1), None, steps=10)  # type: ignore[arg-type]
    live = LiveCurve(alt="A curve of the loss over the steps.")
    monkeypatch.setattr(live.figure, "draw", lambda fig: drawn.append(run.step))
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
    assert np.asarray(ax.lines[1].get_xydata()).tolist() == [[2, 1.5]] and ax.get_yscale() == "log"
