"""The same modules in JupyterLab, with a live kernel that sends the assets as bytes."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page, TimeoutError

import kbook.widgets

TOKEN = "course"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """Run JupyterLab on a notebook with one cell for each widget; give the notebook's address."""
    cells = [f"import kbook.widgets\nkbook.widgets.{name}()" for name in kbook.widgets.__all__]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "widgets.ipynb")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [
        f"--port={port}",
        "--no-browser",
        "--allow-root",
        f"--IdentityProvider.token={TOKEN}",
    ]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "lab", *options, f"--ServerApp.root_dir={tmp_path}"],
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path / "config")},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    for line in server.stdout or []:
        if f":{port}/lab" in line:
            break
    yield f"http://127.0.0.1:{port}/lab/tree/widgets.ipynb?reset&token={TOKEN}"
    server.terminate()
    server.wait()


def run_all(browser: Browser, lab: str) -> Page:
    """Open the notebook and run all cells; a busy JupyterLab may drop the command: then once more.

    The page is so tall that JupyterLab, which draws only the cells in view, draws all of them.
    """
    for _ in range(5):
        page = browser.new_page(viewport={"width": 1280, "height": 6000})
        page.set_default_timeout(60_000)
        page.goto(lab)
        page.locator(".jp-CodeCell").first.wait_for()
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        try:
            page.locator(".kbook-widget").first.wait_for(timeout=15_000)
            return page
        except TimeoutError:
            page.close()
    raise AssertionError("JupyterLab did not run the notebook in five attempts")


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
