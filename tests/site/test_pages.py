"""Every page: nothing from elsewhere, nothing sideways, all named, formulas without script."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import Page

from tests.site.conftest import content_pages

Open = Callable[..., Page]


def soups(folder: Path) -> dict[str, BeautifulSoup]:
    return {
        str(p.relative_to(folder)): BeautifulSoup(p.read_text(encoding="utf-8"), "html.parser")
        for p in folder.rglob("*.html")
        if "_static" not in p.parts
    }


def test_pages_load_nothing_from_elsewhere(site_folder: Path) -> None:
    for name, soup in soups(site_folder).items():
        for tag in soup.select(
            "script[src], img[src], iframe[src], link[rel=stylesheet], link[rel=preload]"
        ):
            source = str(tag.get("src") or tag.get("href"))
            assert not source.startswith(("http:", "https:", "//")), f"{name}: {source}"


def test_formulas_are_static_and_have_mathml(site_folder: Path) -> None:
    formulas = 0
    for name, soup in soups(site_folder).items():
        scripts = " ".join(str(script) for script in soup.select("script"))
        assert not re.search(r"mathjax|katex", scripts, re.IGNORECASE), name
        for formula in soup.select(".math"):
            formulas += 1
            assert formula.select_one("math"), f"{name}: {formula.get_text()[:80]}"
        text = soup.select_one("article") or soup
        for code in text.select("pre, code, script, style, .math, annotation, .kbook-widget"):
            code.extract()
        assert "$" not in text.get_text().replace("$ pip", ""), f"{name}: a formula was not read"
    assert formulas > 100


def test_every_picture_says_what_it_shows(site_folder: Path) -> None:
    for name, soup in soups(site_folder).items():
        for image in soup.select("article img"):
            alt = str(image.get("alt", ""))
            assert len(alt) >= 20 and not alt.endswith((".png", ".svg")), f"{name}: {image}"
        for image in soup.select("article .output img:not(.kbook-widget img)"):
            assert image.get("width") and image.get("height") and image.get("loading") == "lazy"
        assert not soup.select("p.kbook-alt"), f"{name}: an alt text that found no image"


def test_every_page_describes_itself(site_folder: Path) -> None:
    for name in content_pages(site_folder):
        soup = BeautifulSoup((site_folder / name).read_text(encoding="utf-8"), "html.parser")
        description = soup.select_one("meta[name=description]")
        assert description and len(str(description["content"])) > 40, name
        assert len(soup.select("h1")) == 1, name


def test_pages_do_not_scroll_sideways_on_a_phone(open_page: Open, site_folder: Path) -> None:
    for name in content_pages(site_folder):
        page = open_page(name, width=360)
        page.wait_for_function("!document.querySelector('.kbook-widget:not([data-alive])') || true")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"{name}: {wide} px wide"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_serious(
    open_page: Open, site_folder: Path, theme: str, width: int
) -> None:
    for name in [*content_pages(site_folder), "search.html"]:
        page = open_page(name, width=width, theme=theme)
        bring_to_life(page)
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        found = Axe().run(page).response["violations"]
        serious = [
            (rule["id"], [node["html"][:150] for node in rule["nodes"]][:3])
            for rule in found
            if rule["impact"] in ("serious", "critical")
        ]
        assert not serious, f"{name}: {serious}"


def bring_to_life(page: Page) -> None:
    """Scroll to every widget, so that the page's host renders all of them."""
    for twin in page.locator(".kbook-widget[data-module]").all():
        twin.scroll_into_view_if_needed()
        twin.and_(page.locator("[data-alive]")).wait_for()
