"""What stands in a page's head: title, description, formulas' style, scripts that do not block."""

import re
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup, Tag
from sphinx.util import logging

if TYPE_CHECKING:
    from kbook_site.polish import Page

logger = logging.getLogger(__name__)

_LONGEST = 155  # characters of a description that search engines show
_SHORTEST = 40
# The two fonts that nearly every formula needs; the others come when one asks for them.
_FIRST_FONTS = ("KaTeX_Main-Regular", "KaTeX_Math-Italic")
_LOADING = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
}
_LOADING_LINKS = {"stylesheet", "preload", "modulepreload", "icon", "prefetch", "manifest"}


def polish(soup: BeautifulSoup, page: "Page") -> None:
    """Set up the page's head."""
    head = soup.head
    assert head is not None
    for double in head.select('meta[name="viewport"]')[1:] + head.select('meta[name^="docsearch"]'):
        double.decompose()
    _title(soup, page)
    _describe(soup, head, page)
    _link_formula_style(soup, head, page)
    for script in head.select("script[src]:not([async]):not([type=module])"):
        script["defer"] = ""
    _want_local(soup, page)


def _title(soup: BeautifulSoup, page: "Page") -> None:
    """Take formulas out of the title: the theme keeps every layer of their text."""
    title = soup.title
    if title is not None and "katex" in str(page.context.get("title", "")):
        title.string = f"{page.context['pagetitle']} — {page.context['docstitle']}"
    for link in soup.select("link[rel=next], link[rel=prev]"):
        del link["title"]


def _describe(soup: BeautifulSoup, head: Tag, page: "Page") -> None:
    """Describe the page by its first paragraph, where its author has not."""
    if head.select_one('meta[name="description"]'):
        return
    texts = (plain_text(p) for p in soup.select("article p:not(.admonition-title, .kbook-alt)"))
    title = re.sub(r"<[^>]*>", "", str(page.context.get("title", "")))
    text = next(
        (t for t in texts if len(t) >= _SHORTEST), f"{title}: {page.context.get('docstitle', '')}"
    )
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
    meta = soup.new_tag("meta", attrs={"name": "description", "content": text})
    head.append(meta)


def plain_text(tag: Tag) -> str:
    """Return a tag's text on one line; of a formula, what its MathML says."""
    return " ".join(tag.get_text().split())


def _link_formula_style(soup: BeautifulSoup, head: Tag, page: "Page") -> None:
    """Link KaTeX's style and preload its first fonts, only where a formula stands."""
    style = page.url("_static/katex/katex.min.css")
    if not soup.select_one(".katex") or head.find("link", href=style):
        return
    for font in _FIRST_FONTS:
        href = page.url(f"_static/katex/fonts/{font}.woff2")
        kind = {"as": "font", "type": "font/woff2", "crossorigin": ""}
        head.append(soup.new_tag("link", attrs={"rel": "preload", "href": href, **kind}))
    head.append(soup.new_tag("link", attrs={"rel": "stylesheet", "href": style}))


def _want_local(soup: BeautifulSoup, page: "Page") -> None:
    """Warn of everything that the page would load from another host."""
    wanted = [str(tag.get(_LOADING[tag.name], "")) for tag in soup.find_all(list(_LOADING))]
    for link in soup.find_all("link"):
        if set(link.get_attribute_list("rel")) & _LOADING_LINKS:
            wanted.append(str(link.get("href", "")))
    for address in wanted:
        if re.match(r"(https?:)?//", address):
            logger.warning(
                "the page loads %s from another host", address, location=page.name, type="kbook"
            )
