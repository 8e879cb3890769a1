"""Pictures: the text that stands for them, their size, and loading only when they come near."""

import base64
import hashlib
import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import imagesize
from bs4 import BeautifulSoup, Tag
from sphinx.util import logging

if TYPE_CHECKING:
    from kbook_site.polish import Page

logger = logging.getLogger(__name__)

_FILE_NAME = re.compile(r"^\S*\.(png|jpe?g|gif|svg|webp)$", re.IGNORECASE)
_INCH = 0.0254  # meters; a PNG says its resolution in pixels per meter
_POINTS = 72  # a figure's point is one CSS pixel, as kbook.figures.show has it


def polish(soup: BeautifulSoup, page: "Page") -> None:
    """Give every picture of the page its alternative text, size and lazy loading."""
    _move_alt_texts(soup, page)
    for image in soup.find_all("img"):
        _put_into_file(image, page)
        _want_alt(image, page)
        _set_size(image, page)
        image["decoding"], image["loading"] = "async", "lazy"


def _move_alt_texts(soup: BeautifulSoup, page: "Page") -> None:
    """Move each hidden paragraph that figures.show wrote into the picture before it."""
    for paragraph in soup.select("p.kbook-alt"):
        cell = paragraph.find_parent(class_="cell_output")
        image = paragraph.find_previous("img")
        if image is None or cell is None or image not in cell.find_all("img"):
            logger.warning(
                "alt text without a picture: %s",
                paragraph.get_text(),
                location=page.name,
                type="kbook",
            )
            continue
        image["alt"] = paragraph.get_text()
        add_class(image, "kbook-figure")
        if "kbook-photograph" in paragraph.get_attribute_list("class"):
            add_class(image, "kbook-photograph")
        output = paragraph.parent
        paragraph.decompose()
        if isinstance(output, Tag) and not output.get_text(strip=True) and not output.find(True):
            output.decompose()


def _put_into_file(image: Tag, page: "Page") -> None:
    """Make a file of a picture that came inside the page, so that it too can load late."""
    kind, _, data = str(image["src"]).partition(";base64,")
    if kind != "data:image/png":
        return
    content = base64.b64decode(data)
    name = f"_images/{hashlib.sha256(content).hexdigest()[:32]}.png"
    file = Path(page.builder.outdir) / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    image["src"] = page.url(name)


def add_class(tag: Tag, name: str) -> None:
    """Give a tag one more class, once."""
    names = [str(other) for other in tag.get_attribute_list("class") if other and other != name]
    tag["class"] = " ".join([*names, name])


def _want_alt(image: Tag, page: "Page") -> None:
    """Warn of a picture that says nothing, unless its author declares it decoration."""
    alt, source = str(image.get("alt") or ""), str(image["src"])
    if image.get("role") == "presentation":
        return
    if not alt.strip() or _FILE_NAME.match(alt) or alt == source:
        logger.warning(
            "picture without alt text: %s", source[:80], location=page.name, type="kbook"
        )


def _set_size(image: Tag, page: "Page") -> None:
    """Set width and height in CSS pixels, so that nothing jumps when the picture arrives."""
    # A height fixed by style would squash the picture where the page is narrower than it.
    style = re.sub(r"\s*(width|height):[^;]*px;?", "", str(image.get("style", ""))).strip()
    if style:
        image["style"] = style
    elif image.has_attr("style"):
        del image["style"]
    if image.parent is not None and "image-reference" in image.parent.get_attribute_list("class"):
        image.parent.unwrap()  # docutils links a scaled picture to its file
    if image.has_attr("width") and image.has_attr("height"):
        return
    if size := _css_size(image, page):
        image["width"], image["height"] = (str(round(side)) for side in size)


def _css_size(image: Tag, page: "Page") -> tuple[float, float] | None:
    """Return width and height in CSS pixels, or None for a picture that is not ours to measure."""
    source = str(image["src"])
    file = page.file(source)
    if file is None or not file.is_file():
        return None
    if file.suffix.lower() == ".png":
        return _png_size(
            file.read_bytes()[:300], figure=image.find_parent(class_="cell_output") is not None
        )
    width, height = imagesize.get(Path(file))
    return (width, height) if width > 0 else None


def _png_size(start: bytes, *, figure: bool) -> tuple[float, float]:
    """Return a PNG's size in CSS pixels; a figure's resolution says how many pixels make one."""
    width, height = struct.unpack(">II", start[16:24])
    found = start.find(b"pHYs")
    if not figure or found < 0:
        return width, height
    (per_meter,) = struct.unpack(">I", start[found + 4 : found + 8])
    scale = round(per_meter * _INCH) / _POINTS
    return (width / scale, height / scale) if scale > 1 else (width, height)
