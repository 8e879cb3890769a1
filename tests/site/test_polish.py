"""The polish of the pages, on a tiny book: pictures, names, and nothing from elsewhere."""

import base64
import re
from pathlib import Path

import pytest

from tests.site.tiny_book import SITE, Book, build, png, write_notebook

ALT = "Two curves that cross at zero, one of them <steep>"
INLINE = "data:image/png;base64," + base64.b64encode(png(40, 20, dpi=144)).decode()
SIZE = {"image/png": {"width": 100, "height": 50}}
PARAGRAPH = "<p class='kbook-alt{}' style='position:absolute'>{}</p>"

INDEX = """
# The first page

Short.

The loss of one sample is $\\ell(z)$ and its mean over all of them is what training makes small, \
step by step, until the curve is flat and the reader is content with what came out of it, at last.

<details><summary>Hint: look left</summary>

Text.

</details>

<details><summary>Solution</summary>

| a | b |
|---|---|
| 1 | 2 |

</details>
"""
FORMULAS = """---
myst:
  html_meta:
    description: What its author says.
---
# A page of formulas

$$
\\mathcal{L} = \\prod_n p_n
$$ (likelihood)

See {eq}`likelihood`, and its logarithm ($\\ell$), always.

\\begin{align}
a &= b \\\\
c &= d
\\end{align}
"""
PLAIN = """
# A plain page

```{admonition} Folded
:class: dropdown

Inside.
```

![A line that rises from zero to one](arrow.png)
"""
FAULTS = """
# A page of faults

![](arrow.png)

<img src="https://elsewhere.example/a.png" alt="A picture from another host">

<i class="fa-solid fa-dragon"></i>

A formula $\\frac{1}{$ here.
"""


def image(dpi: int) -> dict[str, object]:
    return {
        "image/png": base64.b64encode(png(200, 100, dpi=dpi)).decode(),
        "text/plain": "<Figure>",
    }


def alt(text: str, more: str = "") -> dict[str, object]:
    return {"text/html": PARAGRAPH.format(more, text), "text/plain": text}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    source = tmp_path_factory.mktemp("tiny")
    (source / "arrow.png").write_bytes(png(60, 30, dpi=100))
    write_notebook(
        source / "chapters" / "plots.ipynb",
        [image(144), alt(ALT.replace("<", "&lt;").replace(">", "&gt;"), " kbook-photograph")],
        [image(72), alt("A second picture, of a resolution of its own")],
        [image(144) | {"metadata": SIZE}, alt("A third picture, whose output says its size")],
        [{"text/html": f"<div><img alt='A picture inside the page' src='{INLINE}'></div>"}],
    )
    book = build(source, {"index": INDEX, "formulas": FORMULAS, "plain": PLAIN})
    assert book.warnings == ""
    return book


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Book:
    source = tmp_path_factory.mktemp("faults")
    (source / "arrow.png").write_bytes(png(60, 30, dpi=100))
    write_notebook(
        source / "chapters" / "plots.ipynb", [image(144)], [alt("A text that found no picture")]
    )
    return build(source, {"index": "# Index", "faults": FAULTS})


NAMES = ("index", "formulas", "plain", "chapters/plots", "genindex", "search")


def test_the_hidden_paragraph_becomes_the_alt_text(book: Book) -> None:
    texts = [str(image["alt"]) for image in book.page("chapters/plots").select("article img")]
    assert texts[0] == ALT
    assert [text[:8] for text in texts[1:3]] == ["A second", "A third "]
    assert not book.page("chapters/plots").select(".kbook-alt, .text_html:empty")


def test_pictures_have_their_css_size_and_load_late(book: Book) -> None:
    images = book.page("chapters/plots").select("article .cell_output > img")
    sizes = [(image["width"], image["height"]) for image in images]
    assert sizes == [("100", "50"), ("200", "100"), ("100", "50")], "by resolution, by metadata"
    assert not any(image.has_attr("style") for image in images), (
        "a fixed height squashes on a phone"
    )
    (plain,) = book.page("plain").select("article img")
    assert (plain["width"], plain["height"]) == ("60", "30"), "no figure"
    assert all(i["loading"] == "lazy" and i["decoding"] == "async" for i in (*images, plain))


def test_a_picture_inside_the_page_becomes_a_file(book: Book) -> None:
    image = book.page("chapters/plots").select("article .text_html img")[0]
    assert (book.folder / "chapters" / str(image["src"])).read_bytes() == png(40, 20, dpi=144)
    assert (image["width"], image["loading"]) == ("20", "lazy")


def test_only_figures_turn_dark_with_the_page(book: Book) -> None:
    assert len(book.page("chapters/plots").select(".cell_output > img.kbook-figure")) == 3
    assert not book.page("chapters/plots").select(".text_html .kbook-figure")
    assert not book.page("plain").select(".kbook-figure")
    photographs = book.page("chapters/plots").select(".kbook-photograph")
    assert [image["alt"] for image in photographs] == [ALT]


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_a_page_loads_is_there(book: Book, name: str) -> None:
    soup = book.page(name)
    loaded = [str(tag["src"]) for tag in soup.select("[src]")]
    loaded += [str(tag["href"]) for tag in soup.select('link[href]:not([href="#"])')]
    for address in loaded:
        file = book.folder / name / ".." / address.split("?")[0]
        assert file.resolve().is_file(), f"{name} loads {address}"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_stock_page_is_left(book: Book, name: str) -> None:
    text = (book.folder / f"{name}.html").read_text()
    assert not re.search(r"(src|href)=\"[^\"]*(bootstrap|fontawesome|thebe|require|jquery)", text)
    assert not re.search(r"class=\"[^\"]*\bfa-|document\.write|THEBE|MathJax", text)
    assert len(book.page(name).select("script[src]")) <= (1 if name != "search" else 8)


@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_whole(book: Book, name: str) -> None:
    soup = book.page(name)
    assert soup.html is not None and soup.html["lang"] == "en"
    assert len(soup.select("h1")) == 1
    assert len(soup.select('meta[name="viewport"]')) == 1
    assert len(soup.select('meta[name="description"]')) == 1
    assert soup.select_one('meta[name="color-scheme"]') and soup.select_one('link[rel="icon"]')
    ids = [tag["id"] for tag in soup.select("[id]")]
    assert len(ids) == len(set(ids))
    for control in soup.select("button, summary, a[href]"):
        assert control.get("aria-label") or control.get_text(strip=True), str(control)
    for control in soup.select("[aria-controls]"):
        assert control["aria-controls"] in ids


def test_launch_source_and_download_are_one_tap_away(book: Book) -> None:
    links = {str(link["href"]) for link in book.page("chapters/plots").select("header a")}
    assert "https://colab.example/github/us/tiny/blob/master/chapters/plots.ipynb" in links
    assert {"https://github.com/us/tiny", "../_sources/chapters/plots.ipynb"} <= links


def test_the_formulas_style_comes_only_with_formulas(book: Book) -> None:
    for name in ("index", "formulas"):
        assert book.page(name).select('link[rel="stylesheet"][href$="katex.min.css"]')
    for name in ("plain", "chapters/plots", "search"):
        assert not book.page(name).select('link[href*="katex"]')


def test_a_labeled_formula_can_be_linked_and_has_one_number(book: Book) -> None:
    soup = book.page("formulas")
    labeled, aligned = soup.select(".kb-equation")
    assert soup.select_one('article a[href="#equation-likelihood"]')
    assert soup.find(id="equation-likelihood") is not None
    for formula in (labeled, aligned):
        assert len(formula.select(".eqno")) == 1
        assert formula.select_one(".kbook-scroll > .katex-display")
        assert "eqn-num" not in str(formula), "KaTeX counts a second time"


def test_no_comma_stands_alone_on_a_line(book: Book) -> None:
    """A browser may break the line between a formula and what follows it, never inside its end."""
    (formula,) = book.page("formulas").select(".kb-formula")
    assert formula.select_one("math").get_text().startswith("(ℓ),")  # type: ignore[union-attr]
    assert str(formula.next_sibling) == " always."
    assert str(formula.previous_sibling).endswith("logarithm ")


def test_the_first_long_paragraph_describes_the_page(book: Book) -> None:
    text = str(book.page("index").select_one('meta[name="description"]')["content"])  # type: ignore[index]
    assert text.startswith("The loss of one sample is ℓ(z) and its mean")
    assert text.endswith("…") and len(text) <= 155
    formulas = book.page("formulas").select('meta[name="description"]')
    assert [tag["content"] for tag in formulas] == ["What its author says."]


def test_tables_scroll_and_folds_say_what_they_are(book: Book) -> None:
    soup = book.page("index")
    (table,) = soup.select("table")
    (box,) = table.find_parents(class_="kbook-scroll")
    assert box["tabindex"] == "0", "the keyboard must reach what scrolls, also without script"
    assert [f["class"] for f in soup.select("article details")] == [["kb-hint"], ["kb-solution"]]
    fold = book.page("plain").select_one("details.admonition > summary")
    assert fold is not None and fold.get_text() == "Folded"
    (solution,) = book.page("chapters/plots").select("details.hide.kb-solution > summary")
    assert solution.get_text() == "Solution 01-1" and not solution.has_attr("aria-label")


@pytest.mark.parametrize("name", NAMES)
def test_polishing_twice_changes_nothing(book: Book, name: str) -> None:
    from kbook_site.polish import Page, polish

    class Builder:
        images: dict[str, str] = {}
        srcdir = outdir = str(book.folder)

    context = {"pathto": lambda path, _resource: path, "title": "A title", "docstitle": "tiny"}
    page = Page(name, Builder(), context)  # type: ignore[arg-type]
    once = polish((book.folder / f"{name}.html").read_text(), page)
    assert polish(once, page) == once


@pytest.mark.parametrize(
    "warning",
    [
        r"faults\.md: WARNING: picture without alt text: _images/arrow\.png",
        r"plots\.ipynb: WARNING: picture without alt text: ../_images/\w+\.png",
        r"plots\.ipynb: WARNING: alt text without a picture: A text that found no picture",
        r"faults\.md: WARNING: the page loads https://elsewhere\.example/a\.png from another host",
        r"faults\.md: WARNING: no icon is drawn for 'dragon'",
        r"faults\.md:10: WARNING: formula not rendered: .*expected '}'.* in: \\frac\{1\}\{",
    ],
)
def test_a_fault_is_a_warning_that_names_its_page(faults: Book, warning: str) -> None:
    assert re.search(warning, faults.warnings), faults.warnings


def test_text_colors_have_the_contrast_that_they_need() -> None:
    style = (SITE / "static" / "site.css").read_text()
    pairs = re.findall(r"--kb-(\w+): light-dark\((#\w{6}), (#\w{6})\)", style)
    colors = {name: (light, dark) for name, light, dark in pairs}
    for name in ("ink", "muted", "accent", "second", "good", "bad", "violet"):
        for ground in ("paper", "panel"):
            for theme in (0, 1):
                found = contrast(colors[name][theme], colors[ground][theme])
                assert found >= 4.5, f"{name} on {ground}: {found:.2f}"


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors after WCAG 2.2."""

    def luminance(color: str) -> float:
        parts = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_the_bare_address_leads_to_the_first_page(tmp_path: Path) -> None:
    book = build(tmp_path, {"start": "# Start", "other": "# Other"})
    refresh = book.page("index").select_one('meta[http-equiv="refresh"]')
    assert refresh is not None and refresh["content"] == "0; url=start.html"
