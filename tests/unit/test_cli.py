"""The authors' commands, on small inputs of their own."""

import os
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from kbook.cli import notebooks, repository

NEW = "https://github.com/teacher/deep-course"


def cell(source: str, outputs: list[NotebookNode]) -> NotebookNode:
    return nbformat.v4.new_code_cell(source, outputs=outputs, execution_count=1)


def stream(text: str, name: str = "stdout") -> NotebookNode:
    return nbformat.v4.new_output("stream", text=text, name=name)


def test_normalize_takes_out_what_another_run_would_change() -> None:
    view = {
        "application/vnd.jupyter.widget-view+json": {"model_id": "17"},
        "text/plain": "<W widget>",
    }
    notebook = nbformat.v4.new_notebook(
        cells=[cell("w", [nbformat.v4.new_output("display_data", data=view)])],
        metadata={"widgets": {"state": 1}, "kernelspec": {"name": "mine", "display_name": "Mine"}},
    )
    notebook.cells[0].metadata["execution"] = {"iopub.status.busy": "2026-01-01T00:00:00"}
    normal = notebooks.normalize(notebook)
    assert "widgets" not in normal.metadata and normal.metadata.kernelspec.name == "python3"
    assert normal.cells[0].outputs[0].data == {"text/plain": "<W widget>"}
    assert normal.cells[0].metadata == {} and normal.cells[0].execution_count == 1


def test_normalize_joins_printed_text_that_the_kernel_cut() -> None:
    picture = nbformat.v4.new_output("display_data", data={"text/plain": "<Figure>"})
    pieces = [stream("a\n"), stream("b\n"), picture, stream("c\n")]
    normal = notebooks.normalize(nbformat.v4.new_notebook(cells=[cell("x", pieces)]))
    assert [output.get("text") for output in normal.cells[0].outputs] == ["a\nb\n", None, "c\n"]


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        (stream("RuntimeWarning: overflow", "stderr"), "without warnings"),
        (stream("saved to /home/ann/x"), "local paths"),
        (stream("<object at 0x7f00deadbeef>"), "local paths"),
    ],
)
def test_normalize_refuses_noise(output: NotebookNode, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        notebooks.normalize(nbformat.v4.new_notebook(cells=[cell("x", [output])]))


def test_unknown_chapter_is_named() -> None:
    with pytest.raises(ValueError, match="got '99'"):
        notebooks.chapter_files("99")


@pytest.fixture
def chapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a chapter, alone in its folder, on the way there."""
    monkeypatch.chdir(tmp_path)
    names = "KBOOK_PROFILE", "KBOOK_RECORD", "KBOOK_CARD", "PATH", "PYDEVD_DISABLE_FILE_VALIDATION"
    for name in names:
        monkeypatch.setenv(name, os.environ.get(name, ""))  # put back in the end
    monkeypatch.delenv("KBOOK_RECORD")
    path = tmp_path / "notebooks" / "05_nets.ipynb"
    path.parent.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[cell("x", [stream("old")])]), path)
    return path


@pytest.mark.parametrize(("record", "limit"), [(False, 1800), (True, None)])
def test_a_recording_may_take_any_time(
    chapter: Path, monkeypatch: pytest.MonkeyPatch, record: bool, limit: int | None
) -> None:
    limits: list[int | None] = []

    def client(notebook: NotebookNode, *, timeout: int | None, **more: Any) -> SimpleNamespace:
        limits.append(timeout)
        notebook.cells[0].outputs = [stream("new")]
        return SimpleNamespace(execute=lambda: notebook)

    monkeypatch.setattr(notebooks, "NotebookClient", client)
    before = chapter.read_text()
    notebooks.execute_all("05", record=record)
    assert limits == [limit]
    assert (chapter.read_text() == before) == record  # a recording stores no outputs
    assert ("KBOOK_RECORD" in os.environ) == record
    notebooks.execute(nbformat.read(chapter, as_version=4))
    assert limits == [limit, 1800]


@pytest.mark.parametrize(
    ("record", "asked", "profile"),
    [(True, "full", "full"), (True, None, "quick"), (False, "full", "quick")],
)
def test_a_recording_may_ask_for_the_full_profile(
    chapter: Path,
    monkeypatch: pytest.MonkeyPatch,
    record: bool,
    asked: str | None,
    profile: str,
) -> None:
    monkeypatch.delenv("KBOOK_PROFILE")
    if asked:
        monkeypatch.setenv("KBOOK_PROFILE", asked)
    seen: list[str] = []

    def execute(notebook: NotebookNode, limit: int | None) -> NotebookNode:
        seen.append(os.environ["KBOOK_PROFILE"])
        return notebook

    monkeypatch.setattr(notebooks, "execute", execute)
    notebooks.execute_all("05", record=record)
    assert seen == [profile]


@pytest.mark.parametrize(
    ("asked", "card"),
    [("05", ""), ("05_nets", ""), ("", ""), ("05_run", "05_run"), ("05_unknown", "05_unknown")],
)
def test_a_recording_may_be_of_one_card(
    chapter: Path, monkeypatch: pytest.MonkeyPatch, asked: str, card: str
) -> None:
    def execute(notebook: NotebookNode, limit: int | None) -> NotebookNode:
        assert os.environ["KBOOK_CARD"] == card
        folder = Path(os.environ["KBOOK_RECORD"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "05_run.json").write_text("{}")
        return notebook

    monkeypatch.setattr(notebooks, "execute", execute)
    refused = asked == "05_unknown"
    with pytest.raises(ValueError, match="got '05_unknown'") if refused else nullcontext():
        notebooks.execute_all(asked, record=True)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    old = "https://github.com/owner/course"
    (tmp_path / "_config.yml").write_text(f"repository:\n  url: {old}   # the one place\n")
    (tmp_path / "README.md").write_text(f"pip install git+{old}\nnot {old}-other\n")
    (tmp_path / "notebooks").mkdir()
    colab = "https://colab.research.google.com/github/owner/course/blob/main/notebooks/01.ipynb"
    (tmp_path / "notebooks" / "01.ipynb").write_text(f'"[Colab]({colab})"')
    return tmp_path


def test_repoint_reaches_every_mention_and_nothing_else(checkout: Path) -> None:
    repository.repoint(NEW + ".git")
    assert repository.address() == NEW
    readme = (checkout / "README.md").read_text()
    assert readme == f"pip install git+{NEW}\nnot https://github.com/owner/course-other\n"
    assert (
        "/github/teacher/deep-course/blob/main" in (checkout / "notebooks" / "01.ipynb").read_text()
    )


@pytest.mark.parametrize(
    "url", ["", "http://github.com/a/b", "https://github.com/a", "https://gitlab.com/a/b"]
)
def test_repoint_refuses_other_addresses(checkout: Path, url: str) -> None:
    before = (checkout / "README.md").read_text()
    with pytest.raises(ValueError, match="https://github.com/OWNER/NAME"):
        repository.repoint(url)
    assert (checkout / "README.md").read_text() == before
