"""How long a net takes in the page: Chromium against torch on one thread, from one run.

``python -m benchmarks.page_nets`` prints the table. The net is like PilotNet (Bojarski et al.,
2016), made small: five convolutions and three linear layers on a frame of 3 × 32 × 96. Both compute
the same frame 200 times after a warm-up; the times are medians, and the two outputs must agree.
It needs Chromium (KBOOK_CHROMIUM=path names one) and opens no page but its own.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from playwright.sync_api import sync_playwright
from torch import nn

import kbook.widgets
from kbook.assets.nets import save_net
from kbook.cli.fallbacks import CHROMIUM_FLAGS, chromium, serving
from kbook.models.shapes import count

RUNS, WARM_UP = 200, 50
FRAME = (3, 32, 96)
PARTS = Path(kbook.widgets.__file__).parent / "js" / "parts"

# Chromium rounds its clock to 0.1 ms, or to 5 µs in an isolated page: long enough for a median.
TIMED = """
async ([frame, runs, warmUp]) => {
  const { parseNet, runNet } = await import("./parts/nn.js");
  const net = parseNet(await (await fetch("./weights/pilot.bin")).arrayBuffer());
  const tensor = { shape: net.input, data: Float32Array.from(frame) };
  const times = [];
  let output;
  for (let i = -warmUp; i < runs; i++) {
    const start = performance.now();
    output = runNet(net, tensor);
    if (i >= 0) times.push(performance.now() - start);
  }
  return { times, output: Array.from(output.data) };
}
"""


def pilot_net() -> nn.Sequential:
    """Return the net, with weights from seed 0."""
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(3, 12, 5, stride=2, padding=2), nn.ReLU()),
        *(nn.Conv2d(12, 16, 5, stride=2, padding=2), nn.ReLU()),
        *(nn.Conv2d(16, 24, 5, stride=2, padding=2), nn.ReLU()),
        *(nn.Conv2d(24, 20, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(20, 20, 3, padding=1), nn.ReLU(), nn.Flatten()),
        *(nn.Linear(960, 10), nn.ReLU(), nn.Linear(10, 10), nn.ReLU(), nn.Linear(10, 1)),
    ).eval()


def in_the_page(net: nn.Module, frame: torch.Tensor) -> dict[str, Any]:
    """Return the milliseconds of each run in Chromium, and the output."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        (folder / "parts").symlink_to(PARTS)
        (folder / "index.html").write_text("<!doctype html><title>net</title>")
        with patch.dict(os.environ, KBOOK_RECORD=str(folder / "recorded")):
            save_net("pilot", net, FRAME, dtype="float32")
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        page = browser.new_page()
        with serving(folder) as address:
            page.goto(f"{address}/index.html")
            return page.evaluate(TIMED, [frame.flatten().tolist(), RUNS, WARM_UP])


def in_torch(net: nn.Module, frame: torch.Tensor) -> list[float]:
    """Return the milliseconds of each run in torch, on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    times = []
    with torch.inference_mode():
        for _ in range(WARM_UP + RUNS):
            start = time.perf_counter()
            net(frame)
            times.append(1000 * (time.perf_counter() - start))
    torch.set_num_threads(before)
    return times[WARM_UP:]


def measure() -> dict[str, float]:
    """Return the table: medians in milliseconds, and their ratio."""
    net = pilot_net()
    frame = torch.rand(1, *FRAME, generator=torch.Generator().manual_seed(0))
    page = in_the_page(net, frame)
    theirs = in_torch(net, frame)
    torch.testing.assert_close(torch.tensor([page["output"]]), net(frame).detach())
    ours, torch_ms = statistics.median(page["times"]), statistics.median(theirs)
    return {
        "parameters": sum(p.numel() for p in net.parameters()),
        "multiply-adds": count(net, FRAME).multiply_adds,
        "Chromium (ms a frame)": ours,
        "torch, one thread (ms a frame)": torch_ms,
        "Chromium / torch": ours / torch_ms,
    }


if __name__ == "__main__":
    for label, value in measure().items():
        print(f"{label:32} {value:12,.{0 if isinstance(value, int) else 2}f}")
