"""Render formulas while the site is built: KaTeX runs here, pages hold plain HTML and MathML."""

import atexit
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from py_mini_racer import JSEvalException, MiniRacer
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

_KATEX = Path(__file__).resolve().parents[1] / "katex" / "katex.min.js"
# The site serves no font for these classes, so their letters would come out in a chance typeface.
_NO_FONT = re.compile(r'class="[^"]*\b((?:math|text)\w*(?:frak|scr|sf|sfit))\b')
_ENVIRONMENT = re.compile(r"\\(begin|end)\{(equation|align|alignat|gather)\}")

END = "<!--formula-->"  # so that the polish need not read through hundreds of them

logger = logging.getLogger(__name__)


# A letter that KaTeX does not know is an error; how LaTeX would have complained otherwise is not.
_RENDER = """(tex, displayMode) => katex.renderToString(tex, {
    displayMode, output: "htmlAndMathml", throwOnError: true,
    strict: (code) => /unknownSymbol|unicodeText/.test(code) ? "error" : "ignore",
})"""


@cache
def _katex() -> MiniRacer:
    """Return the one JavaScript context of this process, with KaTeX in it."""
    context = MiniRacer()
    # Left to the garbage collector, it would keep the process from ending.
    atexit.register(context.close)
    context.eval(_KATEX.read_text(encoding="utf-8"))
    context.eval(f"const render = {_RENDER}")
    return context


@cache
def render(tex: str, display: bool) -> str:
    """Return a formula as static HTML and MathML.

    Raises
    ------
    ValueError
        If KaTeX cannot read the formula, or if it asks for a font that the site does not serve.
    """
    try:
        html = str(_katex().call("render", tex, display))
    except JSEvalException as error:
        raise ValueError(_reason(str(error))) from error
    if missing := _NO_FONT.search(html):
        raise ValueError(f"no font is served for \\{missing[1]}")
    return html + END


def _reason(message: str) -> str:
    """Return KaTeX's own sentence from a JavaScript error."""
    found = re.search(r"KaTeX parse error: ([^\n]*)", message)
    return found[1] if found else message.strip().splitlines()[0]


def _html(translator: HTML5Translator, node: nodes.Element, display: bool) -> str:
    """Return the HTML of a formula node; a wrong formula is a warning that names its place."""
    tex = node.get("before", "") + node.astext().strip() + node.get("after", "")
    if display:
        # Sphinx numbers labelled equations; KaTeX must not count a second time.
        tex = _ENVIRONMENT.sub(r"\\\1{\2*}", tex)
    try:
        return render(tex, display)
    except ValueError as error:
        logger.warning("formula not rendered: %s in: %s", error, tex, location=node, type="kbook")
        return f'<code class="kbook-bad-formula">{translator.encode(tex)}</code>'


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula that stands in a line of text."""
    translator.body.append(
        translator.starttag(node, "span", "", CLASS="math kb-formula notranslate")
    )
    translator.body.append(_html(translator, node, display=False) + "</span>")
    raise nodes.SkipNode


def visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a displayed formula: a box that scrolls by itself, then the number, if it has one."""
    translator.body.append(
        translator.starttag(node, "div", "", CLASS="math kb-equation notranslate")
    )
    formula = _html(translator, node, display=True)
    translator.body.append(f'<div class="kbook-scroll">{formula}</div>')
    if node.get("number"):
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def keep_together(app: Sphinx, doctree: nodes.document, _docname: str) -> None:
    """Move the bracket before and the punctuation after a formula of the text into it.

    Browsers break a line anywhere around a formula, which would leave a comma alone on the next.
    """
    if app.builder.format != "html":
        return
    for formula in list(doctree.findall(nodes.math)):
        line, index = formula.parent, formula.parent.index(formula)
        # By position: Text nodes are equal where their words are, and ", " stands in a line often.
        following = line[index + 1] if index + 1 < len(line) else None
        if isinstance(following, nodes.Text) and (after := re.match(r"[.,;:!?)]+", following)):
            formula["after"] = rf"\mathclose{{\text{{{after[0]}}}}}"
            line[index + 1] = nodes.Text(following[after.end() :])
        if index and isinstance(line[index - 1], nodes.Text) and line[index - 1].endswith("("):
            formula["before"] = r"\mathopen{\text{(}}"
            line[index - 1] = nodes.Text(line[index - 1][:-1])


def _choose(app: Sphinx, config: Config) -> None:
    """Make this the renderer of the site."""
    config.html_math_renderer = "kbook"


def setup(app: Sphinx) -> None:
    """Register the renderer with Sphinx."""
    app.add_html_math_renderer("kbook", (visit_inline, None), (visit_block, None))
    app.connect("config-inited", _choose)
    app.connect("doctree-resolved", keep_together)
