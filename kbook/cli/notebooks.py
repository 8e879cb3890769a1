"""Execute notebooks and store their outputs in one normal form."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

__all__ = ["chapter_files", "execute", "execute_all", "normalize"]

_FOLDER = Path("notebooks")
_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# Outputs are read by strangers on other machines: no home folder, no temporary folder, no address.
_LOCAL = re.compile(r"/home/\w|/root/|/tmp/|[A-Z]:\\Users|0x[0-9a-f]{8}")


def chapter_files(number: str = "") -> list[Path]:
    """List the notebooks whose name starts with ``number``; all of them by default.

    Raises
    ------
    ValueError
        If there is none.
    """
    files = sorted(_FOLDER.glob(f"{number}*.ipynb"))
    if not files:
        raise ValueError(f"want the number of a notebook in {_FOLDER}/, got {number!r}")
    return files


def execute_all(number: str = "", *, record: bool = False) -> None:
    """Execute one chapter, or all; store the outputs, or with ``record`` only records.

    A recording takes the name of a card, too, as "05_to_94": then it measures that card alone.

    Raises
    ------
    ValueError
        If there is no such chapter, or no card of that name was measured.
    """
    os.environ["KBOOK_PROFILE"] = os.environ.get("KBOOK_PROFILE", "quick") if record else "quick"
    if not record:
        return _execute_files(chapter_files(number), record)
    is_card = number[2:] and not list(_FOLDER.glob(f"{number}*.ipynb"))
    with _recording(number if is_card else ""):
        return _execute_files(chapter_files(number[:2] if is_card else number), record)


@contextmanager
def _recording(card: str) -> Iterator[None]:
    """Let the cards of the notebooks measure, or the one of this name alone."""
    folder = Path("kbook/assets/recorded").resolve()
    os.environ.update({"KBOOK_RECORD": str(folder), "KBOOK_CARD": card})
    file = folder / f"{card}.json"
    before = file.stat().st_mtime_ns if file.is_file() else None
    yield
    if card and (file.stat().st_mtime_ns if file.is_file() else None) == before:
        raise ValueError(
            f"want the name of a card that this profile measures, got {card!r} "
            f"(some take KBOOK_PROFILE=full)"
        )


def _execute_files(files: list[Path], record: bool) -> None:
    for file in files:
        print(f"{file} …", flush=True)
        limit = None if record else 1800
        notebook = execute(nbformat.read(file, as_version=4), limit)
        if not record:
            nbformat.write(normalize(notebook), file)


def execute(notebook: NotebookNode, limit: int | None = 1800) -> NotebookNode:
    """Run all cells top to bottom, in an empty folder, with this Python; the first error raises.

    A cell may take `limit` seconds, or any time if that is None.
    """
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # the debugger's remark about frozen modules
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=limit,
            resources={"metadata": {"path": folder}},
            store_widget_state=False,
            record_timing=False,
        )
        return client.execute()


def normalize(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook without anything that a second run elsewhere would give differently.

    Raises
    ------
    ValueError
        If an output holds a warning (stderr) or a path or address of this machine.
    """
    notebook.metadata = NotebookNode(
        kernelspec=NotebookNode(name="python3", display_name="Python 3", language="python"),
        language_info=NotebookNode(name="python"),
    )
    for cell in notebook.cells:
        for key in ("execution", "lines_to_next_cell"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            outputs = [_normalize_output(output, cell.source) for output in cell.outputs]
            cell.outputs = _merge_streams(outputs)
    return notebook


def _merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighboring pieces of printed text: where a kernel cuts them depends on the clock."""
    merged: list[NotebookNode] = []
    for output in outputs:
        if merged and output.output_type == merged[-1].output_type == "stream":
            merged[-1].text += output.text
        else:
            merged.append(output)
    return merged


def _normalize_output(output: NotebookNode, source: str) -> NotebookNode:
    """Return one output without its widget view; refuse noise and this machine's paths."""
    if output.get("name") == "stderr" or output.output_type == "error":
        raise ValueError(
            f"want a cell without warnings, got {output.get('text')!r} from:\n{source}"
        )
    data = output.get("data", {})
    # With this type but no stored state JupyterLab would say "model not found", not show the twin.
    data.pop(_WIDGET_VIEW, None)
    texts = [output.get("text", "")] + [v for kind, v in data.items() if kind.startswith("text/")]
    if found := _LOCAL.search(" ".join(texts)):
        raise ValueError(f"want outputs without local paths, got {found.group()!r} from:\n{source}")
    return output
