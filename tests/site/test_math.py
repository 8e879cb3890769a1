"""Formulas: static HTML with MathML, made while the site is built; wrong ones are found there."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document

SITE = Path(__file__).parents[2] / "book" / "site"
sys.path.insert(0, str(SITE))

from kbook_site import math  # noqa: E402
from kbook_site.math import keep_together  # noqa: E402

FONTS = SITE / "static" / "katex"


def test_a_formula_has_mathml_and_its_drawing_is_silent() -> None:
    soup = BeautifulSoup(math.render(r"\frac{a}{b}", True), "html.parser")
    fraction = soup.select_one("math mfrac")
    assert fraction is not None and fraction.get_text() == "ab"
    assert soup.select_one("annotation").get_text() == r"\frac{a}{b}"  # type: ignore[union-attr]
    assert soup.select_one(".katex-html[aria-hidden=true]")
    assert not soup.select("script")


@pytest.mark.parametrize(
    ("tex", "reason"),
    [
        (r"\frac{1}{", "expected '}'"),
        (r"\softmax(z)", r"Undefined control sequence: \softmax"),
        (r"\begin{aligned} a", r"\end"),
        ("é", "unicodeTextInMathMode"),
        ("“", "unknownSymbol"),
        (r"\mathfrak{A}", r"no font is served for \mathfrak"),
        (r"\mathscr{L}", r"no font is served for \mathscr"),
        (r"W^\mathsf{T}", r"no font is served for \mathsf"),
        (r"\textsf{a}", r"no font is served for \textsf"),
    ],
)
def test_a_wrong_formula_is_refused_with_the_reason(tex: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        math.render(tex, False)


@pytest.mark.parametrize(
    "tex",
    [
        r"\mathcal{L} = \mathbb{E}_q[-\log p]", r"\mathbf{y}^\top \boldsymbol{\theta}",
        r"\operatorname{softmax}(z)_k \ \texttt{logits}", r"x \in ℝ^D", r"a \\ b",
        r"\text{empirical risk (“mean”)}", r"\begin{aligned} a &= b \\ &= c \end{aligned}",
    ],
)  # fmt: skip
def test_what_chapters_write_is_rendered(tex: str) -> None:
    assert "<math" in math.render(tex, True)


def test_punctuation_moves_into_its_own_formula_alone() -> None:
    def line() -> nodes.paragraph:
        x, z = nodes.literal("", "x"), nodes.literal("", "z")
        parts = x, nodes.Text(", "), nodes.math("", "y"), nodes.Text(", "), z, nodes.Text(" (")
        return nodes.paragraph("", "", *parts, nodes.math("", "u"), nodes.Text(") and ("))

    document = new_document("")
    document += line()
    keep_together(SimpleNamespace(builder=SimpleNamespace(format="html")), document, "")
    formulas = list(document.findall(nodes.math))
    assert document.astext() == "x, y z u and ("
    assert [formula.get("before", "") for formula in formulas] == ["", r"\mathopen{\text{(}}"]
    assert [formula["after"] for formula in formulas] == [
        r"\mathclose{\text{,}}",
        r"\mathclose{\text{)}}",
    ]


def test_every_font_of_the_style_is_served_and_the_other_way_round() -> None:
    style = (FONTS / "katex.min.css").read_text()
    named = set(re.findall(r"url\(fonts/([^)]+)\)", style))
    assert named == {path.name for path in (FONTS / "fonts").iterdir()}
    assert all(name.endswith(".woff2") for name in named)
    families = set(re.findall(r"font-family:\"?(KaTeX_\w+)", style))
    faces = {face for face in re.findall(r"@font-face\{[^}]*font-family:\"?(KaTeX_\w+)", style)}
    assert families == faces, "a rule asks for a font that is not served"


def test_committed_files_are_the_recorded_ones() -> None:
    folder = SITE / "katex"
    recorded = dict(
        reversed(line.split(maxsplit=1)) for line in (folder / "SHA256SUMS").open() if line.strip()
    )
    recorded = {(folder / name.strip()).resolve(): digest for name, digest in recorded.items()}
    present = {p for d in (folder, FONTS) for p in d.rglob("*") if p.is_file()}
    assert present - {folder / "SHA256SUMS", folder / "README.md"} == set(recorded)
    for path, digest in recorded.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest, path.name


def test_the_process_ends_after_rendering() -> None:
    """The JavaScript engine, left open, would keep the build from ending."""
    code = "from kbook_site import math; print(len(math.render('x', False)) > 100)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=SITE, capture_output=True, text=True, timeout=60
    )
    assert (run.stdout.strip(), run.returncode) == ("True", 0), run.stderr
