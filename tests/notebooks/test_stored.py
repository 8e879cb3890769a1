"""What is committed in the notebooks: executed, normal, compared, pointing at this repository."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from kbook.cli.notebooks import normalize
from kbook.cli.repository import address

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TAGS = {"hide-cell", "hide-input", "solution", "nbval-ignore-output"}
LEAST_COMPARED = 0.7


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> NotebookNode:
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_code_cell_was_executed_in_order(notebook: NotebookNode) -> None:
    # nbval compares nothing where the execution count is missing, and says nothing about it.
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_stored_form_is_the_normal_form(notebook: NotebookNode) -> None:
    before = nbformat.writes(notebook)
    assert nbformat.writes(normalize(notebook)) == before


def test_tags_come_from_the_closed_list(notebook: NotebookNode) -> None:
    used = {tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    assert used <= TAGS


def compared(cell: NotebookNode) -> bool:
    """Whether nbval really compares something: untagged, and text is left after sanitizing."""
    if "nbval-ignore-output" in cell.metadata.get("tags", []):
        return False
    config = (ROOT / "tests" / "nbval_sanitize.cfg").read_text(encoding="utf-8")
    text = ""
    for output in cell.outputs:
        data = output.get("data", {})
        text += output.get("text", "")
        text += "".join(value for kind, value in data.items() if kind.startswith("text/"))
    for pattern in [r"<Figure[^>]*>", *re.findall(r"^regex: (.*)$", config, re.MULTILINE)]:
        text = re.sub(pattern, "", text)
    return bool(text.strip())


def test_most_cells_with_output_are_compared(notebook: NotebookNode) -> None:
    with_output = [cell for cell in code_cells(notebook) if cell.outputs]
    share = sum(map(compared, with_output)) / len(with_output)
    assert share >= LEAST_COMPARED


def test_a_cell_that_is_not_compared_asserts_its_claim(notebook: NotebookNode) -> None:
    for cell in code_cells(notebook):
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            assert "assert " in cell.source or "compare(" in cell.source, cell.source


def test_cells_are_short(notebook: NotebookNode) -> None:
    lengths = sorted(len(cell.source.splitlines()) for cell in code_cells(notebook))
    assert lengths[-1] <= 20
    assert lengths[len(lengths) // 2] <= 9


def test_repository_is_the_one_of_the_configuration(notebook: NotebookNode) -> None:
    text = "\n".join(cell.source for cell in notebook.cells)
    owner = address().removeprefix("https://github.com/")
    badges = re.findall(r"colab\.research\.google\.com/github/([^)\s]+)", text)
    assert badges, "want a link to Colab"
    for badge in badges:
        assert badge.startswith(f"{owner}/blob/main/notebooks/")
        assert (ROOT / badge.removeprefix(f"{owner}/blob/main/")).is_file()
    installs = re.findall(r"git\+(\S+)", text)
    assert installs == [address()]


def test_sources_are_the_bibliography() -> None:
    entries = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    titles = re.findall(r"^\s*title\s*=\s*\{(.+?)\},$", entries, re.MULTILINE | re.DOTALL)
    wanted = {" ".join(re.sub(r"[{}\\]", "", title).split()).lower() for title in titles}
    cited = set()
    for path in NOTEBOOKS:
        last = nbformat.read(path, as_version=4).cells[-1].source
        assert last.startswith("## Sources")
        cited |= {title.lower() for title in re.findall(r"\*([^*]+)\*", last)}
    assert cited == wanted
