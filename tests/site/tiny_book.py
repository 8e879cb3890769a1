"""A tiny book for the tests of the Sphinx extension: built in a second, without a browser."""

import struct
import zlib
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

SITE = Path(__file__).parents[2] / "book" / "site"
CONFIGURATION = """
import sys
sys.path.insert(0, {site!r})
from kbook_site import math, polish
project = html_title = "tiny"
root_doc = "{root}"
author = "Us"
extensions = ["myst_nb", "sphinx_design"]
html_theme = "sphinx_book_theme"
html_static_path = [{static!r}]
html_theme_options = {{"repository_url": "https://github.com/us/tiny", "path_to_docs": "",
    "use_repository_button": True, "launch_buttons": {{"colab_url": "https://colab.example"}}}}
myst_enable_extensions = ["dollarmath", "amsmath", "html_image", "colon_fence"]
nb_execution_mode = "off"
nb_ipywidgets_js = {{}}

def setup(app):
    math.setup(app)
    polish.setup(app)
"""


@dataclass(frozen=True)
class Book:
    """A built book: its folder of pages, and what Sphinx had to say."""

    folder: Path
    warnings: str

    def page(self, name: str) -> BeautifulSoup:
        """Return a built page."""
        return BeautifulSoup((self.folder / f"{name}.html").read_text(), "html.parser")


def build(source: Path, pages: dict[str, str]) -> Book:
    """Build the pages, the first one as root, with whatever notebooks lie in the folder."""
    root, *others = [*pages, *(f"chapters/{path.stem}" for path in source.glob("*/*.ipynb"))]
    for name, text in pages.items():
        (source / f"{name}.md").write_text(text)
    with (source / f"{root}.md").open("a") as file:
        file.write("\n\n```{toctree}\n" + "\n".join(others) + "\n```\n")
    static = str(SITE / "static")
    (source / "conf.py").write_text(CONFIGURATION.format(site=str(SITE), static=static, root=root))
    warnings = StringIO()
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            source, source, source / "out", source / "trees", "html",
            status=StringIO(), warning=warnings,
        )  # fmt: skip
        app.build()
    return Book(source / "out", warnings.getvalue())


def png(width: int, height: int, *, dpi: int) -> bytes:
    """Return a white picture of this size and resolution."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    resolution = struct.pack(">IIB", round(dpi / 0.0254), round(dpi / 0.0254), 1)
    rows = zlib.compress((b"\0" + b"\xff" * width) * height)
    chunks = (b"IHDR", header), (b"pHYs", resolution), (b"IDAT", rows), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*parts) for parts in chunks)


def write_notebook(path: Path, *cells: list[dict[str, object]]) -> None:
    """Write a notebook with a code cell for each list of outputs, and a folded solution."""
    notebook = new_notebook(cells=[new_markdown_cell("# Plots")])
    for outputs in cells:
        cell = new_code_cell("1", execution_count=1)
        for data in outputs:
            metadata = data.pop("metadata", {})
            cell.outputs.append(new_output("display_data", data, metadata=metadata))
        notebook.cells.append(cell)
    solution = new_code_cell("# @title Solution 01-1\n1 + 1", execution_count=1)
    solution.metadata["tags"] = ["hide-cell"]
    notebook.cells.append(solution)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    path.parent.mkdir()
    nbformat.write(notebook, path)
