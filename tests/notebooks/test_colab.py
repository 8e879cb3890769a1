"""Every notebook runs with Colab's versions, from an empty folder, with the network closed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-colab" / "bin" / "python"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# Loaded by every Python of the run, the kernel's included: only this machine can be reached.
CLOSED = """
import socket
_connect = socket.socket.connect
def connect(self, address):
    if isinstance(address, tuple) and not str(address[0]).startswith(("127.", "localhost", "::1")):
        raise OSError(f"the network is closed in this test: {address}")
    return _connect(self, address)
socket.socket.connect = connect
"""
RUN = """
import nbformat, sys
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[1])
"""

pytestmark = pytest.mark.skipif(
    not PYTHON.is_file(), reason="no environment with Colab's versions: `make test` makes it"
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Install this tree's kbook as a package and close the network; return the variables."""
    folder = tmp_path_factory.mktemp("colab")
    pip = [sys.executable, "-m", "pip", "--quiet"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)]
    subprocess.run([*pip, *build], check=True, cwd=folder)
    (wheel,) = folder.glob("kbook-*.whl")
    install = ["install", "--no-deps", "--no-index", "--target", str(folder / "site"), str(wheel)]
    subprocess.run([str(PYTHON), "-m", "pip", "--quiet", *install], check=True, cwd=folder)
    (folder / "site" / "sitecustomize.py").write_text(CLOSED)
    return {
        **os.environ,
        "PYTHONPATH": str(folder / "site"),
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
        "KBOOK_PROFILE": "quick",
        "KBOOK_DATA": str(folder / "data"),
    }


def test_versions_are_colabs() -> None:
    listed = (ROOT / "tests" / "colab-constraints.txt").read_text().splitlines()
    wanted = {line for line in listed if line and not line.startswith("#")}
    freeze = subprocess.run(
        [str(PYTHON), "-m", "pip", "freeze"], check=True, capture_output=True, text=True
    )
    assert wanted <= set(freeze.stdout.splitlines())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, environment: dict[str, str], tmp_path: Path) -> None:
    shutil.copy(path, tmp_path)
    run = subprocess.run(
        [str(PYTHON), "-c", RUN, path.name],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    stored, fresh = (widget_outputs(folder / path.name) for folder in (path.parent, tmp_path))
    # ipywidgets 7 would show its live view alone, and the twin would be lost when saved.
    assert fresh == stored


def widget_outputs(path: Path) -> list[str]:
    """The static twins among the outputs of a notebook."""
    notebook = nbformat.read(path, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pages = [output.get("data", {}).get("text/html", "") for output in outputs]
    return [page for page in pages if "kbook-widget" in page]
