"""Photograph every widget: the picture that its static twin shows to readers without JavaScript."""

import io
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

import kbook.widgets
from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_text, stylesheet

__all__ = ["CHROMIUM_FLAGS", "chromium", "photograph_all", "serving"]

_ASSETS = Path(kbook.widgets.__file__).parents[1] / "assets"
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium() -> str | None:
    """Return the system's Chromium: ``KBOOK_CHROMIUM``, else the usual places, else None."""
    places = [
        os.environ.get("KBOOK_CHROMIUM", ""),
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
    ]
    places += [
        "/usr/bin/google-chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ]
    return next((place for place in places if place and Path(place).is_file()), None)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve ``folder`` on a free port of this machine and give its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def photograph_all() -> None:
    """Write ``assets/fallback/<module>.png`` for every widget that falls back to a picture."""
    classes = [getattr(kbook.widgets, name) for name in kbook.widgets.__all__]
    drawn = [cls for cls in classes if cls.fallback_html is Widget.fallback_html]
    widgets = [cls(**cls.photographed) for cls in drawn]
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 640, "height": 900}, device_scale_factor=1.5)
        with serving(folder) as address:
            for widget in widgets:
                _write_site(folder, widget)
                _photograph(page, address, widget)
        browser.close()


def _write_site(folder: Path, widget: Widget) -> None:
    """Lay out the smallest site on which the page's host can bring one widget to life."""
    static = folder / "_static"
    (static / "widgets").mkdir(parents=True, exist_ok=True)
    (static / "host.js").write_bytes(Path("book/site/static/host.js").read_bytes())
    (static / "widgets" / f"{widget.module}.js").write_text(module_text(widget.module))
    if not (static / "assets").exists():
        (static / "assets").symlink_to(_ASSETS)
    (folder / f"{widget.module}.html").write_text(
        f'<!doctype html><meta charset="utf-8"><style>{stylesheet()}</style>{widget.static_html()}'
        '<script type="module" src="_static/host.js"></script>',
        encoding="utf-8",
    )


def _photograph(page: Page, address: str, widget: Widget) -> None:
    """Photograph the living widget, in few colors so that the picture stays small."""
    page.goto(f"{address}/{widget.module}.html")
    page.wait_for_selector(".kbook-widget[data-alive]")
    page.wait_for_load_state("networkidle")
    shot = Image.open(io.BytesIO(page.locator(".kbook-widget").first.screenshot()))
    file = _ASSETS / "fallback" / f"{widget.module}.png"
    shot.convert("RGB").quantize(32).save(file, optimize=True)
    print(f"{file.name}: {file.stat().st_size} bytes")
