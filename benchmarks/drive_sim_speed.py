"""How long a step of DriveSim takes in Chromium: car, view and net together, against 16 and 8 ms.

``python -m benchmarks.drive_sim_speed`` prints the table. A step is a sixtieth of a second of the
drive with all that is drawn after it; in every sixth of them the net decides. With the map of what
steers, each other step also runs the net twice. Ten seconds of driving after a warm-up of two.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from kbook.cli.fallbacks import CHROMIUM_FLAGS, chromium, serving
from kbook.widgets import DriveSim
from tests.site.widget_pages import alive, lay_out

WARM, STEPS = 120, 600
TIMES = """(el, n) => Array.from({ length: n },
    () => el.querySelector(".kb-ds").driveStep().spent)"""


def summary(times: list[float]) -> dict[str, float]:
    """Return median and 95th percentile."""
    return {"median": statistics.median(times), "95 %": statistics.quantiles(times, n=20)[-1]}


def measure() -> dict[str, dict[str, float]]:
    """Return the table, in milliseconds."""
    table = {}
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        lay_out(Path(name), {"drive": DriveSim(driver="dagger", wind=1.0)})
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        with serving(Path(name)) as address:
            page = browser.new_page()
            page.goto(f"{address}/drive.html")
            widget = alive(page)
            widget.evaluate(TIMES, WARM)
            table["drive"] = summary(widget.evaluate(TIMES, STEPS))
            widget.locator("summary").click()
            widget.get_by_label("Show what steers").check()
            table["drive, with what steers"] = summary(widget.evaluate(TIMES, STEPS))
        browser.close()
    return table


if __name__ == "__main__":
    for label, values in measure().items():
        print(f"{label:24}" + ", ".join(f"{name} {ms:.1f} ms" for name, ms in values.items()))
