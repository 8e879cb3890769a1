"""What stands in a page's body: tables that scroll by themselves, folds and controls with names."""

import re

from bs4 import BeautifulSoup, Tag

from kbook_site.head import plain_text
from kbook_site.images import add_class

_FOLDS = {"hint": "kb-hint", "solution": "kb-solution", "going deeper": "kb-deeper"}


def polish(soup: BeautifulSoup) -> None:
    """Repair the body's markup."""
    _scroll(soup)
    _name_controls(soup)
    _fold(soup)
    _tidy(soup)


def _scroll(soup: BeautifulSoup) -> None:
    """Put each table into a box that scrolls, and let the keyboard reach all such boxes.

    The page's script takes those out of the tab order that are wide enough where they stand.
    """
    for table in soup.select("article table:not(.indextable)"):
        if table.find_parent(class_=["kbook-scroll", "kbook-widget"]):
            continue
        if (box := table.find_parent(class_="pst-scrollable-table-container")) is not None:
            box["class"] = "kbook-scroll"
            continue
        table.wrap(soup.new_tag("div", attrs={"class": "kbook-scroll"}))
    for box in soup.select("article pre, article .kbook-scroll"):
        box["tabindex"] = "0"


def _name_controls(soup: BeautifulSoup) -> None:
    """Name the buttons that unfold a chapter's sections: the theme leaves them without a name."""
    for summary in soup.select(".kb-chapters summary"):
        if plain_text(summary):
            continue
        item = summary.find_parent("li")
        chapter = plain_text(item.a) if isinstance(item, Tag) and item.a else "this chapter"
        name = soup.new_tag("span", attrs={"class": "visually-hidden"})
        name.string = f"Pages of {chapter}"
        summary.append(name)


def _tidy(soup: BeautifulSoup) -> None:
    """Take off what only the stock theme needs, and what misleads a screen reader."""
    for script in soup.select("article script"):
        if "thebe" in str(script.get("type")) or re.match(r"\s*kernelName =", script.string or ""):
            script.decompose()
    # Captions of the list of chapters come before the page's h1: as headings they break its order.
    for caption in soup.select('.kb-chapters p[role="heading"]'):
        del caption["role"], caption["aria-level"]
    for link in soup.select('a[target="_blank"]'):
        link["rel"] = "noopener"
    for empty in soup.select("article th:empty"):
        empty.name = "td"  # pandas' corner: a header that says nothing
    for box in soup.select("article input[type=checkbox]:not([aria-label])"):
        box["aria-label"] = "done" if box.has_attr("checked") else "to do"
    # Roles that are wrong where docutils sets them: lists without items, landmarks in a landmark.
    for note in soup.select(".citation-list, .citation"):
        del note["role"]
    for aside in soup.select("article aside"):
        aside.name = "div"


def _fold(soup: BeautifulSoup) -> None:
    """Make every fold the browser's own, named by its text alone."""
    for admonition in soup.select("div.admonition.dropdown"):
        title = admonition.find(class_="admonition-title")
        if isinstance(title, Tag):
            admonition.name, title.name = "details", "summary"
    for cell in soup.select(".cell > details.hide"):
        _entitle(soup, cell)
    for summary in soup.select("article details > summary"):
        del summary["aria-label"]  # of a hidden cell: it would contradict the text that one reads
        _mark_fold(summary)


def _entitle(soup: BeautifulSoup, cell: Tag) -> None:
    """Name a folded cell by its title, which its first line gives as Colab has it."""
    code, summary = cell.find("pre"), cell.find("summary")
    title = re.match(r"#\s*@title\s+(.+)", code.get_text()) if isinstance(code, Tag) else None
    if title and isinstance(summary, Tag):
        summary.clear()
        summary.append(soup.new_tag("p", attrs={"class": "admonition-title"}, string=title[1]))


def _mark_fold(summary: Tag) -> None:
    """Mark a hint, a solution or a digression by its heading, so that notebooks need no classes."""
    text = plain_text(summary).lower()
    for start, mark in _FOLDS.items():
        if text.startswith(start) and summary.parent is not None:
            add_class(summary.parent, mark)
