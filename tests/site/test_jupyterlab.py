"""The same modules in JupyterLab, with a live kernel that sends the assets as bytes."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page

import kbook.widgets

TOKEN = "course"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """Run JupyterLab on a notebook with one cell for each widget; give the notebook's address."""
    cells = [f"import kbook.widgets\nkbook.widgets.{name}()" for name in kbook.widgets.__all__]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "widgets.ipynb")
    # JupyterLab takes cells out of the page that are not in view: here all shall be there.
    settings = tmp_path / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"windowingMode": "none"}')
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [
        f"--port={port}",
        "--no-browser",
        "--allow-root",
        "--expose-app-in-browser",
        f"--IdentityProvider.token={TOKEN}",
    ]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "lab", *options, f"--ServerApp.root_dir={tmp_path}"],
        env={
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
            "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"),
        },
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    for line in server.stdout:
        if f":{port}/lab" in line:
            break
    # A full pipe would stop the server in the middle of a line.
    threading.Thread(target=server.stdout.read, daemon=True).start()
    yield f"http://127.0.0.1:{port}/lab/tree/widgets.ipynb?reset&token={TOKEN}"
    server.terminate()
    server.wait()


RUN_ALL = """async () => {
  const app = window.jupyterapp;
  await app.restored;
  const panel = app.shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await app.commands.execute("notebook:run-all-cells");
  return panel.content.model.sharedModel.cells.map((cell) => cell.execution_count);
}"""


def run_all(browser: Browser, lab: str) -> Page:
    """Open the notebook, wait for its kernel, and run all cells."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(120_000)
    page.goto(lab)
    page.locator(".jp-CodeCell").first.wait_for()
    counts = page.evaluate(RUN_ALL)
    assert counts == list(range(1, len(kbook.widgets.__all__) + 1))
    return page


def test_widgets_live_in_jupyterlab(lab: str, browser: Browser) -> None:
    page = run_all(browser, lab)
    widgets = page.locator(".jp-OutputArea .kbook-widget")
    for index in range(len(kbook.widgets.__all__)):
        output = page.locator(".jp-CodeCell").nth(index)
        output.scroll_into_view_if_needed()
        output.locator(".kbook-widget").wait_for()
    assert widgets.count() == len(kbook.widgets.__all__)
    slider = page.locator(".kbook-widget input[type=range]").first
    slider.scroll_into_view_if_needed()
    before = slider.input_value()
    slider.focus()
    page.keyboard.press("ArrowRight")  # JupyterLab's own shortcut must not swallow it
    assert slider.input_value() != before
    page.close()
