"""The built site in a real browser whose network is closed."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from kbook.cli.fallbacks import CHROMIUM_FLAGS, chromium, serving

ROOT = Path(__file__).parents[2]
NO_TORCH = "raise ImportError('the site must be built without torch')"


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make book` does, where torch cannot be imported; a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "torch.py").write_text(NO_TORCH)
    program = Path(sys.executable).with_name("jupyter-book")
    run = subprocess.run(
        [program, "build", ".", "-W", "--keep-going", "--path-output", folder],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return folder / "_build" / "html"


def content_pages(folder: Path) -> list[str]:
    return sorted(
        str(p.relative_to(folder))
        for d in ("book", "notebooks")
        for p in folder.glob(f"{d}/*.html")
    )


@pytest.fixture(scope="session")
def address(site_folder: Path) -> Iterator[str]:
    with serving(site_folder) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("no Chromium on this machine; KBOOK_CHROMIUM=path names one")
    closed = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=[*CHROMIUM_FLAGS, closed]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Open a page of the site; at the end, no console error and no request to any other host."""
    problems: list[str] = []
    contexts = []

    def watch(page: Page) -> None:
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "request",
            lambda r: (
                None
                if r.url.startswith((address, "data:", "blob:"))
                else problems.append(f"request to {r.url}")
            ),
        )

    def open_(path: str, *, width: int = 1280, theme: str = "light", touch: bool = False) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, has_touch=touch)
        context.add_init_script(
            f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')"
        )
        contexts.append(context)
        page = context.new_page()
        watch(page)
        page.goto(f"{address}/{path}")
        page.wait_for_load_state("networkidle")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not problems
