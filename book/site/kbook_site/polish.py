"""The last hand on every page: what no reader needs goes, what the theme forgot comes."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config
from sphinx.jinja2glue import BuiltinTemplateLoader

from kbook_site import body, head, icons, images
from kbook_site.math import END

_HERE = Path(__file__).resolve().parent
# What the theme and the extensions add to every page, and our templates and page.js do without.
_UNUSED = re.compile(
    r"thebe|styles/|scripts/|toggle|copybutton|clipboard|mystnb|mathjax|require"
    r"|DOCUMENTATION_OPTIONS\.pagename"
)
_FORMULA = re.compile(rf'(<span class="katex(?:-display)?">.*?){END}', re.DOTALL)
_PUT_ASIDE = re.compile(r'<span class="katex" data-formula="(\d+)">.*?</span>', re.DOTALL)
# Names, brackets and blanks of code, in the color of the text around them: most of its spans.
_PLAIN_TOKEN = re.compile(r'<span class="(?:n|nn|nx|p|pm|w)">([^<]*)</span>')
_SEARCH_ONLY = re.compile(r"documentation_options|doctools|sphinx_highlight")
_DESIGN_CLASS = re.compile(r'class="[^"]*\bsd-')


@dataclass(frozen=True)
class Page:
    """What the steps must know of the page that they work on."""

    name: str
    builder: StandaloneHTMLBuilder
    context: dict[str, Any]

    def url(self, path: str) -> str:
        """Return the address of a file of the site, from this page."""
        return str(self.context["pathto"](path, 1))

    def file(self, source: str) -> Path | None:
        """Return the file behind a picture's address, or None if it is none of this site's."""
        if re.match(r"\w+:|//", source):
            return None
        name = source.rsplit("/", 1)[-1]
        for original, copy in self.builder.images.items():
            if copy == name and "_images/" in source:
                return Path(self.builder.srcdir) / original
        return (Path(self.builder.outdir) / self.name / ".." / source).resolve()


class PolishedTemplates(BuiltinTemplateLoader):
    """Sphinx's template engine, with a polish of each page that it writes."""

    def init(self, builder: Any, theme: Any = None, dirs: Any = None) -> None:
        """Keep the builder, which knows the pictures, and lend the templates our icons."""
        super().init(builder, theme, dirs)
        self.builder = builder
        self.environment.globals["icon"] = icons.svg

    def render(self, template: str, context: dict[str, Any]) -> str:  # type: ignore[override]
        """Return the page, polished; parts of a page that the theme tries out stay as they are."""
        text = super().render(template, context)
        if "</html>" not in text:
            return text
        return polish(text, Page(context["pagename"], self.builder, context))


def polish(html: str, page: Page) -> str:
    """Return the page's HTML after every step; a second time changes nothing."""
    formulas: list[str] = []

    def put_aside(formula: re.Match[str]) -> str:
        formulas.append(formula[1])
        # What stands before the annotation is the MathML: the formula's text, once.
        said = re.sub(r"<annotation.*|<[^>]*>", "", formula[1], flags=re.DOTALL)
        return f'<span class="katex" data-formula="{len(formulas) - 1}">{said}</span>'

    html = _PLAIN_TOKEN.sub(r"\1", _FORMULA.sub(put_aside, html))
    soup = BeautifulSoup(html, "html.parser")
    icons.replace(soup, page.name)
    images.polish(soup, page)
    body.polish(soup)
    head.polish(soup, page)
    return _PUT_ASIDE.sub(lambda place: formulas[int(place[1])], str(soup))


def _drop_unused(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Take scripts and styles off the page that nothing on it uses."""
    for kind in ("script_files", "css_files"):
        context[kind] = [
            file for file in context.get(kind, []) if _is_used(file, pagename, context)
        ]


def _is_used(file: Any, pagename: str, context: dict[str, Any]) -> bool:
    """Return whether the page has a use for a script or style."""
    name = (
        f"{getattr(file, 'filename', file) or ''} {getattr(file, 'attributes', {}).get('body', '')}"
    )
    if _UNUSED.search(name) or (pagename != "search" and _SEARCH_ONLY.search(name)):
        return False
    return "design" not in name or bool(_DESIGN_CLASS.search(str(context.get("body", ""))))


def _write_index(app: Sphinx, exception: Exception | None) -> None:
    """Send a visitor of the site's bare address on to the first page."""
    if exception or app.builder.name != "html" or app.config.root_doc == "index":
        return
    title, first = app.config.html_title, f"{app.config.root_doc}.html"
    (Path(app.outdir) / "index.html").write_text(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="refresh" content="0; url={first}">'
        '<link rel="icon" type="image/svg+xml" href="_static/favicon.svg"></head>'
        f'<body><p><a href="{first}">{title}</a></p></body></html>\n',
        encoding="utf-8",
    )


def _digest() -> str:
    """Return a checksum of all that makes the pages: Sphinx writes them anew when it changes."""
    files = (p for p in sorted(_HERE.parent.rglob("*")) if p.is_file() and p.suffix != ".pyc")
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _configure(app: Sphinx, config: Config) -> None:
    """Put our templates before the theme's, our engine in place of Sphinx's."""
    config.template_bridge = "kbook_site.polish.PolishedTemplates"
    config.templates_path.insert(0, str(_HERE / "templates"))


def setup(app: Sphinx) -> None:
    """Connect the polish to Sphinx."""
    app.add_config_value("kbook_site_digest", _digest(), "html")
    app.connect("config-inited", _configure, priority=900)  # after the theme's own templates
    app.connect("html-page-context", _drop_unused, priority=900)
    app.connect("build-finished", _write_index, priority=400)  # sphinx-external-toc keeps it
    for style in ("site.css", "frame.css"):
        app.add_css_file(style)
    app.add_js_file("page.js", type="module")
