"""KernelLab on a page of its own: keys, weights, a picture of the reader's, finger and mouse."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from kbook.cli.fallbacks import serving
from kbook.widgets import KernelLab
from kbook.widgets.bundle import module_text, stylesheet
from tests.site.conftest import ROOT

Open = Callable[..., Locator]
IDENTITY = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<title>Kernels</title><style>body {{ margin: 16px; background: {ground} }} {style}</style></head>
<body><main><h1 style="color: {ink}">Kernels</h1>{twin}<div style="height: 2000px"></div></main>
<script type="module" src="_static/host.js"></script></body></html>"""
COLORS = {"light": {"ground": "#fff", "ink": "#000"}, "dark": {"ground": "#111", "ink": "#fff"}}

# The texts of those elements that are narrower than what they hold.
WIDE = "list => list.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    static = tmp_path / "_static"
    (static / "widgets").mkdir(parents=True)
    (static / "host.js").write_bytes((ROOT / "book/site/static/host.js").read_bytes())
    (static / "widgets" / "kernel_lab.js").write_text(module_text("kernel_lab"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def open_lab(browser: Browser, folder: Path) -> Iterator[Open]:
    """Bring a KernelLab to life; at the end, no console error and no request once it is alive."""
    contexts, problems = [], []
    with serving(folder) as address:

        def open_(*, width: int = 1280, theme: str = "light", **state: object) -> Locator:
            twin = KernelLab(**state).static_html()
            text = PAGE.format(theme=theme, twin=twin, style=stylesheet(), **COLORS[theme])
            (folder / "index.html").write_text(text, encoding="utf-8")
            size = {"width": width, "height": 900}
            context = browser.new_context(viewport=size, has_touch=width < 500)  # type: ignore[arg-type]
            contexts.append(context)
            page = context.new_page()
            page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.goto(f"{address}/index.html")
            lab = page.locator(".kbook-widget[data-alive]")
            lab.wait_for()
            page.on("request", lambda request: problems.append(f"request to {request.url}"))
            return lab

        yield open_
        for context in contexts:
            context.close()
    assert not problems


def output(lab: Locator) -> Locator:
    return lab.get_by_role("application")


def option(lab: Locator, name: str) -> Locator:
    return lab.get_by_role("radio", name=name)


def told(lab: Locator) -> str:
    return lab.locator(".kb-kl-sum .kbook-status").inner_text()


def place(lab: Locator) -> tuple[int, int]:
    found = re.search(r"row (\d+), column (\d+)", told(lab))
    assert found
    return int(found[1]), int(found[2])


def pixels(lab: Locator, which: int) -> np.ndarray:
    """Red, green and blue of each pixel of the input (0) or the output (1)."""
    data = lab.locator(".kb-kl-frame canvas").nth(which).evaluate(
        """canvas => [canvas.height, canvas.width,
            [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]]"""
    )  # fmt: skip
    return np.array(data[2]).reshape(data[0], data[1], 4)[..., :3]


def picture_file(tmp_path: Path) -> Path:
    """60 × 40: in its middle square the left half dark and the right half white, red outside."""
    colors = np.full((40, 60, 3), 51, dtype=np.uint8)
    colors[:, 30:] = 255
    colors[:, :10] = colors[:, 50:] = (255, 0, 0)
    Image.fromarray(colors).save(tmp_path / "mine.png")
    return tmp_path / "mine.png"


@pytest.mark.parametrize("width", [360, 1280])
def test_keys_move_the_window(open_lab: Open, width: int) -> None:
    lab = open_lab(width=width, output_pixel=[14, 18])
    marks = lab.locator(".kb-kl-frame svg").evaluate_all("list => list.map((e) => e.innerHTML)")
    before = told(lab), lab.locator(".kb-kl-products").inner_text()
    assert place(lab) == (15, 19)
    output(lab).focus()
    scrolled = lab.page.evaluate("scrollY")
    for key, to in [
        ("ArrowRight", (15, 20)), ("ArrowDown", (16, 20)), ("ArrowLeft", (16, 19)),
        ("ArrowUp", (15, 19)), ("ArrowUp", (14, 19)), ("Shift+ArrowUp", (9, 19)),
        ("Home", (9, 1)), ("ArrowLeft", (9, 1)), ("End", (9, 24)), ("Shift+ArrowRight", (9, 24)),
    ]:  # fmt: skip
        lab.page.keyboard.press(key)
        assert place(lab) == to, key
    assert "In the padding lie 3 of the 9 taps" in told(lab)
    assert (told(lab), lab.locator(".kb-kl-products").inner_text()) != before
    after = lab.locator(".kb-kl-frame svg").evaluate_all("list => list.map((e) => e.innerHTML)")
    assert all(a != b for a, b in zip(after, marks, strict=True)), "both pictures are marked anew"
    assert lab.page.evaluate("scrollY") == scrolled, "the page stays"
    expect(output(lab)).to_be_focused()


def test_nine_products_make_the_value(open_lab: Open) -> None:
    lab = open_lab(kernel=[[1, 2, 3], [-1, 0.5, 0], [0, 0, 4]], output_pixel=[0, 4])
    cells = lab.locator(".kb-kl-products > div").all_inner_texts()
    lines = [re.fullmatch(r"(\S+) × (\S+)\s+= (\S+)( padding)?", cell) for cell in cells]
    numbers = [[float(n.replace("−", "-")) for n in m.groups()[:3]] for m in lines if m]
    assert len(numbers) == 9 and [weight for _, weight, _ in numbers] == [
        1, 2, 3, -1, 0.5, 0, 0, 0, 4,
    ]  # fmt: skip
    assert all(product == pytest.approx(x * w) for x, w, product in numbers)
    assert [bool(m and m[4]) for m in lines] == [True] * 3 + [False] * 6
    total = sum(product for *_, product in numbers)
    value = re.search(r"Their sum, (\S+),", told(lab))
    assert value and float(value[1].replace("−", "-")) == pytest.approx(total, abs=1e-4)
    assert f"here {value[1]}" in lab.locator(".kb-kl-view p").nth(1).inner_text()
    texts = lab.locator(".kb-kl-input svg text").all_text_contents()
    assert texts == ["0", "0", "0"], "the taps in the padding show their zero"


def test_a_preset_and_a_weight_change_the_output(open_lab: Open) -> None:
    lab = open_lab()
    before = pixels(lab, 1)
    assert (before[..., 0] > before[..., 2]).any(), "a Sobel kernel has negative answers: orange"
    assert len(lab.locator(".kb-kl-dash").get_attribute("d") or "") > 100
    assert option(lab, "vertical edges").is_checked()
    option(lab, "identity").check()
    np.testing.assert_array_equal(pixels(lab, 1), pixels(lab, 0))
    assert not lab.locator(".kb-kl-dash").get_attribute("d")
    weights = [lab.get_by_label(f"row {i}, column {j}") for i in (1, 2, 3) for j in (1, 2, 3)]
    assert [w.input_value() for w in weights] == ["0"] * 4 + ["1"] + ["0"] * 4
    weights[4].fill("-1")
    assert not option(lab, "identity").is_checked()
    assert (pixels(lab, 1)[..., 2] < pixels(lab, 1)[..., 0]).sum() > 400
    assert "The weights sum to −1" in lab.inner_text()
    weights[8].fill("12")
    assert weights[8].get_attribute("aria-invalid") == "true"
    assert "A weight goes from −9 to 9" in lab.inner_text()
    weights[8].blur()
    assert weights[8].input_value() == "0" and "The weights sum to −1" in lab.inner_text()
    weights[4].fill("1")
    assert option(lab, "identity").is_checked()
    assert "A weight goes" not in lab.inner_text()


def test_settings_change_the_size_and_say_why(open_lab: Open) -> None:
    lab = open_lab(output_pixel=[20, 20])
    assert "floor((24 + 2·1 − 1·(3 − 1) − 1)/1) + 1 = 24" in lab.inner_text()
    lab.get_by_role("slider", name="stride").fill("3")
    assert "floor((24 + 2·1 − 1·(3 − 1) − 1)/3) + 1 = 8" in lab.inner_text()
    assert pixels(lab, 1).shape == (8, 8, 3) and place(lab) == (8, 8)
    assert "The last 2 rows and 2 columns of the padded picture are left over" in lab.inner_text()
    lab.get_by_role("slider", name="padding").fill("0")
    lab.get_by_role("slider", name="dilation").fill("3")
    assert "floor((24 + 2·0 − 3·(3 − 1) − 1)/3) + 1 = 6" in lab.inner_text()
    taps = lab.locator(".kb-kl-input .kb-kl-over.kb-kl-tap")
    xs = taps.evaluate_all("list => list.map((e) => Number(e.getAttribute('x')))")
    assert len(xs) == 9 and np.diff(xs[:3]).tolist() == [3, 3]


def test_the_readers_picture_is_read_in_the_page(open_lab: Open, tmp_path: Path) -> None:
    lab = open_lab(kernel=IDENTITY, output_pixel=[5, 3])
    assert not option(lab, "your own").is_visible()
    field = lab.get_by_label("Use your own picture")
    field.set_input_files(picture_file(tmp_path))
    expect(lab.get_by_text("Your picture: its middle square, in gray, 24 × 24.")).to_be_visible()
    assert option(lab, "your own").is_checked()
    assert field.input_value() == "", "the same file can be chosen again after a change"
    shown = pixels(lab, 0)[:, :, 0]
    assert (np.abs(shown[:, :11] - 51) < 6).all() and (shown[:, 13:-1] == 255).all()
    assert "Their sum, 0.2," in told(lab)
    option(lab, "digit").check()
    assert not (pixels(lab, 0)[:, :11] == 51).all()
    option(lab, "your own").check()
    np.testing.assert_array_equal(pixels(lab, 0)[:, :, 0], shown)


def test_what_is_no_picture_leaves_the_old_one(open_lab: Open, tmp_path: Path) -> None:
    lab = open_lab()
    before = pixels(lab, 0)
    (tmp_path / "notes.png").write_text("These are notes.")
    field = lab.get_by_label("Use your own picture")
    field.set_input_files(tmp_path / "notes.png")
    sentence = "“notes.png” is not a picture that this browser can read, so the old one stays."
    expect(lab.get_by_text(sentence)).to_be_visible()
    np.testing.assert_array_equal(pixels(lab, 0), before)
    assert option(lab, "house and sun").is_checked()
    field.set_input_files(picture_file(tmp_path))
    expect(lab.get_by_text("Your picture")).to_be_visible()
    expect(lab.get_by_text(sentence)).to_have_count(0)


def test_what_is_transparent_is_white(open_lab: Open) -> None:
    lab = open_lab()
    file = io.BytesIO()
    Image.new("RGBA", (50, 200), (0, 0, 0, 0)).save(file, "PNG")
    payload = {"name": "clear.png", "mimeType": "image/png", "buffer": file.getvalue()}
    lab.get_by_label("Use your own picture").set_input_files(payload)  # type: ignore[arg-type]
    expect(lab.get_by_text("Your picture")).to_be_visible()
    assert (pixels(lab, 0) == 255).all()


def test_mouse_moves_the_window(open_lab: Open) -> None:
    lab = open_lab()
    for frame, to in [(lab.locator(".kb-kl-input"), (6, 11)), (output(lab), (6, 11))]:
        frame.scroll_into_view_if_needed()
        box = frame.bounding_box()
        assert box
        lab.page.mouse.move(box["x"] + 2, box["y"] + 2)
        assert place(lab) == (1, 1)
        cell = box["width"] / 28  # two pixels of margin around the 24
        lab.page.mouse.move(box["x"] + 12.5 * cell, box["y"] + 7.5 * cell)
        assert place(lab) == to


def test_a_tap_moves_the_window_and_a_swipe_scrolls(open_lab: Open) -> None:
    lab = open_lab(width=360)
    frame = output(lab)
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box
    cell = box["width"] / 28
    lab.page.touchscreen.tap(box["x"] + 4.5 * cell, box["y"] + 9.5 * cell)
    assert place(lab) == (8, 3)
    scrolled = lab.page.evaluate("scrollY")
    swipe(lab.page, box["x"] + 9 * cell, box["y"] + 20 * cell, -15 * cell)
    lab.page.wait_for_function(f"scrollY > {scrolled} + 40")
    assert place(lab) == (8, 3), "a swipe leaves the window where it is"


def swipe(page: Page, x: float, y: float, distance: float) -> None:
    """Put a finger down, move it up or down, and lift it."""
    send = page.context.new_cdp_session(page).send
    places = [[{"x": x, "y": y + distance * k / 8}] for k in range(9)]
    events = ["touchStart", *["touchMove"] * 8, "touchEnd"]
    for event, points in zip(events, [*places, []], strict=True):
        send("Input.dispatchTouchEvent", {"type": event, "touchPoints": points})


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    open_lab: Open, tmp_path: Path, width: int, theme: str
) -> None:
    kernel = [[-0.0625] * 3, [-8.125] * 3, [-0.3333] * 3]
    lab = open_lab(width=width, theme=theme, padding=1, kernel=kernel, output_pixel=[0, 0])
    lab.get_by_label("row 1, column 1").fill("10")
    lab.get_by_label("Use your own picture").set_input_files(picture_file(tmp_path))
    expect(lab.get_by_text("Your picture")).to_be_visible()
    found = Axe().run(lab.page).response["violations"]
    assert not [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
    assert lab.page.evaluate("document.documentElement.scrollWidth") <= width
    texts = lab.locator(".kb-kl-products > div, .kb-kl-ends, .kb-kl-view p")
    assert not texts.evaluate_all(WIDE)
    sizes = lab.locator(".kbook-option:visible, .kb-kl-file, input[type=number]").evaluate_all(
        "list => list.map((e) => e.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 44
