"""Small pages that hold one widget each, laid out as on the site."""

from pathlib import Path

from playwright.sync_api import Locator, Page

from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet

ROOT = Path(__file__).parents[2]
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A widget</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><style>{style}
html[data-theme="dark"] {{ background: #0d1117; color: #e6e6e6; }}</style>
<script>document.documentElement.dataset.theme = localStorage.getItem("theme");</script></head>
<body><main><h1>A widget</h1>{twin}<p style="height: 900px"></p></main>
<script type="module" src="_static/host.js"></script></body></html>"""


def lay_out(folder: Path, widgets: dict[str, Widget]) -> None:
    """Write `<name>.html` for each widget, and what these pages fetch."""
    (folder / "_static" / "widgets").mkdir(parents=True)
    host = ROOT / "book" / "site" / "static" / "host.js"
    (folder / "_static" / "host.js").write_bytes(host.read_bytes())
    (folder / "_static" / "assets").symlink_to(ROOT / "kbook" / "assets")
    for name, widget in widgets.items():
        module = folder / "_static" / "widgets" / f"{widget.module}.js"
        module.write_text(module_text(widget.module), encoding="utf-8")
        text = PAGE.format(style=stylesheet(), twin=widget.static_html())
        (folder / f"{name}.html").write_text(text, encoding="utf-8")


def alive(page: Page) -> Locator:
    """Wait until the page's widget lives and has what it fetches at first."""
    page.locator(".kbook-widget[data-alive]").wait_for()
    page.wait_for_load_state("networkidle")
    return page.locator(".kbook-widget[data-alive]")
