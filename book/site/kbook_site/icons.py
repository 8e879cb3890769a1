"""Our own line icons, in place of the theme's icon font (half a megabyte of script)."""

from bs4 import BeautifulSoup, Tag
from sphinx.util import logging

logger = logging.getLogger(__name__)

_DOT = "m-2 0a2 2 0 1 0 4 0 2 2 0 1 0-4 0"  # around the point before it
# Paths on a 24 by 24 grid, stroked with the color of the text around them.
_PATHS = {
    "arrow-left": "M20 12H4m7-7l-7 7 7 7",
    "arrow-right": "M4 12h16m-7-7l7 7-7 7",
    "bars": "M4 6h16M4 12h16M4 18h16",
    "branch": f"M7 8v8m0-3c8 0 10-1 10-5M7 6{_DOT}M17 6{_DOT}M7 18{_DOT}",
    "chevron-down": "M5 9l7 7 7-7",
    "circle-half-stroke": "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z"
    "M12 3v18M12 6h6M12 10h8.5M12 14h8.5M12 18h6",
    "download": "M12 4v11m-5-5l5 5 5-5M5 20h14",
    "kbook": "M7 7v10M9 12l6-4.5M9 12l6 4.5"
    f"M7 5{_DOT}M7 12{_DOT}M7 19{_DOT}M17 6{_DOT}M17 18{_DOT}",
    "list": "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
    "magnifying-glass": "M16 10.5a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0zM14.5 14.5L20 20",
    "moon": "M20 14A8.5 8.5 0 1 1 10 4a7 7 0 0 0 10 10z",
    "play": "M7 4.5v15L19 12z",
    "sun": "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM12 2.5V5m0 14v2.5M2.5 12H5m14 0h2.5"
    "M5.3 5.3L7 7m10 10l1.7 1.7M18.7 5.3L17 7M7 17l-1.7 1.7",
}
_STYLES = {"fa", "fas", "far", "fab", "fa-solid", "fa-regular", "fa-brands"}
_SIZES = {"fa-lg", "fa-sm", "fa-xs", "fa-fw"}


def svg(name: str, more_classes: str = "") -> str:
    """Return an icon as inline SVG, silent for screen readers."""
    classes = f"kb-icon {more_classes}".strip()
    return (
        f'<svg class="{classes}" width="22" height="22" viewBox="0 0 24 24" aria-hidden="true">'
        f'<path d="{_PATHS[name]}"/></svg>'
    )


def replace(soup: BeautifulSoup, page: str) -> None:
    """Put our icons where the page asks for one of the icon font's."""
    for tag in soup.select('i[class*="fa-"], span[class*="fa-"]'):
        classes = set(tag.get_attribute_list("class"))
        if not classes & _STYLES:
            continue
        name = next((c[3:] for c in sorted(classes - _STYLES - _SIZES) if c.startswith("fa-")), "")
        if name not in _PATHS:
            logger.warning("no icon is drawn for %r", name, location=page, type="kbook")
            continue
        tag.replace_with(_parsed(svg(name)))


def _parsed(text: str) -> Tag:
    element = BeautifulSoup(text, "html.parser").svg
    assert element is not None
    return element
