"""DigitPad in a browser, on small pages of its own: drawn on, shifted, with each of its nets."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from kbook.cli.fallbacks import serving
from kbook.widgets import DigitPad
from tests.drawings import drawings
from tests.site.widget_pages import alive, lay_out

Open = Callable[..., Page]
STATES = {
    "start": {},
    "empty": {"strokes": []},
    "centered": {"net": "cnn_centered", "shift": [1, 1], "block": 3},
    "dense": {"net": "dense", "shift": [0, -1]},
}
SEVEN = next(strokes for digit, strokes in drawings() if digit == 7)
# The ink in each column of the first feature map on show.
COLUMNS = """canvas => {
    const { width, height } = canvas;
    const ink = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    return Array.from({ length: width }, (_, x) => Array.from({ length: height }, (_, y) =>
        ink[4 * (width * y + x) + 3]));
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a page for each state, laid out as on the site."""
    folder = tmp_path_factory.mktemp("digit_pad")
    lay_out(folder, {name: DigitPad(**state) for name, state in STATES.items()})
    with serving(folder) as address:
        yield address


def status(widget: Locator) -> str:
    return widget.get_by_role("status").inner_text().replace("\u00a0", " ")


def table(widget: Locator) -> list[str]:
    """The 25 cells: a digit, with a star where the answer is another one."""
    cells = widget.locator("tbody td").all()
    return [cell.inner_text()[0] + "*" * ("another" in cell.inner_text()) for cell in cells]


def draw(page: Page, canvas: Locator, strokes: list[list[list[float]]]) -> None:
    """Draw with the mouse."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=5)
        page.mouse.up()


def test_a_digit_drawn_by_mouse_replaces_the_example_and_is_read(open_page: Open) -> None:
    page = open_page("start.html")
    widget = alive(page)
    assert "I read 3" in status(widget) and table(widget).count("3") >= 23
    draw(page, widget.locator(".kb-pad canvas"), SEVEN)
    assert "I read 7" in status(widget) and table(widget)[12] == "7"
    assert "Your drawing" in widget.inner_text()
    assert "7: " in str(widget.locator(".kb-pad-bars").get_attribute("aria-label"))
    widget.get_by_role("button", name="Clear").click()
    assert "draw a digit" in status(widget) and table(widget) == ["·"] * 25
    assert widget.locator(".kb-dp-maps").get_attribute("aria-label") == "No feature maps yet"


def test_the_table_waits_until_the_pen_is_lifted(open_page: Open) -> None:
    page = open_page("start.html")
    widget = alive(page)
    assert "·" not in table(widget)
    box = widget.locator(".kb-pad canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.9 * box["height"], steps=5)
    assert "I read 1" in status(widget) and table(widget) == ["·"] * 25
    page.mouse.up()
    assert table(widget)[12] == "1"


def test_a_finger_draws_and_the_page_stays(open_page: Open) -> None:
    page = open_page("empty.html", width=360, touch=True)
    widget = alive(page)
    canvas = widget.locator(".kb-pad canvas")
    canvas.scroll_into_view_if_needed()
    box, top = canvas.bounding_box(), page.evaluate("scrollY")
    assert box
    finger = page.context.new_cdp_session(page)
    for stroke in SEVEN:
        kinds = ["touchStart"] + ["touchMove"] * (len(stroke) - 1)
        for kind, (x, y) in zip(kinds, stroke, strict=True):
            point = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(widget.locator("tbody td").nth(12)).to_contain_text("7")
    assert "I read 7" in status(widget) and page.evaluate("scrollY") == top
    widget.get_by_role("button", name="Shift left").tap()
    expect(widget.get_by_role("status")).to_contain_text("Shifted by 1 to the left: 7")


def test_arrow_keys_shift_the_digit_and_not_the_page(open_page: Open) -> None:
    page = open_page("start.html", width=360)
    widget = alive(page)
    frame = widget.get_by_role("application")
    frame.focus()
    top = page.evaluate("scrollY")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    assert "Shifted by 1 to the right and 2 down: 3" in status(widget)
    assert "The answer stays." in status(widget)
    assert str(frame.get_attribute("aria-label")).endswith("Shift: 1 to the right and 2 down")
    assert "here" in widget.locator("tbody td").nth(23).inner_text()
    stuck = widget.locator("[aria-disabled=true]")
    assert stuck.count() == 1 and stuck.get_attribute("aria-label") == "Shift down"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert "Shifted by 1 down:" in status(widget)
    page.keyboard.press("Home")
    assert "The digit is centered" in status(widget)
    assert page.evaluate("scrollY") == top


def test_buttons_shift_by_keyboard(open_page: Open) -> None:
    page = open_page("start.html")
    widget = alive(page)
    for word, words in [("up", "1 up"), ("up", "2 up"), ("left", "1 to the left and 2 up")]:
        widget.get_by_role("button", name=f"Shift {word}").focus()
        page.keyboard.press("Enter")
        assert f"Shifted by {words}: 3" in status(widget)
    widget.get_by_role("button", name="center").press("Enter")
    assert "The digit is centered" in status(widget)


def test_feature_maps_move_by_a_pixel_and_the_block_is_chosen(open_page: Open) -> None:
    page = open_page("start.html")
    widget = alive(page)
    maps = widget.locator(".kb-dp-maps")
    before = [canvas.evaluate(COLUMNS) for canvas in maps.locator("canvas").all()]
    widget.get_by_role("button", name="Shift right").click()
    after = [canvas.evaluate(COLUMNS) for canvas in maps.locator("canvas").all()]
    assert len({str(ink) for ink in before}) > 10, "each canvas shows a map of its own"
    old, new = np.array(before)[:, 1:10], np.array(after)[:, 2:11]  # without the frame's edges
    # The largest number, which sets the scale, may stand at an edge: then all inks change alike.
    np.testing.assert_allclose(new, old * (new.sum() / old.sum()), atol=2)
    assert old.std() > 10 and np.abs(np.array(before) - np.array(after)).max() > 100
    for block, count, side in [(2, 16, 12), (3, 32, 6), (4, 32, 6)]:
        widget.get_by_role("radio", name=str(block)).check()
        label = f"{count} feature maps of {side} by {side} pixels after block {block}; "
        assert str(maps.get_attribute("aria-label")).startswith(label)
        assert maps.locator("canvas").count() == count


def test_a_net_is_fetched_when_it_is_chosen(open_page: Open) -> None:
    page = open_page("start.html")
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url.rsplit("/", 1)[1]))
    page.reload()
    widget = alive(page)
    menu = widget.get_by_role("combobox", name="Net")
    assert [url for url in fetched if url.endswith(".bin")] == ["digits_cnn.bin"]
    menu.select_option("dense")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("document.querySelector('tbody td').textContent !== '·'")
    cells = table(widget)
    assert cells[12] == "3" and sum("*" in cell for cell in cells) >= 10
    filled = widget.locator("tbody td.kb-dp-other").first
    ink, ground = (
        filled.evaluate(f"td => getComputedStyle(td).{name}")
        for name in ("color", "backgroundColor")
    )
    assert filled.inner_text()[0] != "3" and ink != ground, "axe passes over ink on its own color"
    assert f"at {sum('*' in cell for cell in cells)} of the 24" in widget.inner_text()
    assert "A dense net has no maps" in widget.inner_text()
    assert not widget.get_by_text("Its feature maps, after ReLU").is_visible()
    menu.select_option("cnn_shifted")
    assert table(widget).count("3") >= 23 and "no maps" not in widget.inner_text()
    assert [url for url in fetched if url.endswith(".bin")] == [
        "digits_cnn.bin",
        "digits_dense.bin",
    ]


def test_a_damaged_net_is_a_sentence_and_can_be_asked_for_again(open_page: Open) -> None:
    page = open_page("start.html")
    page.route("**/digits_dense.bin", lambda route: route.fulfill(body="no net"), times=1)
    widget = alive(page)
    menu = widget.get_by_role("combobox", name="Net")
    menu.select_option("dense")
    widget.get_by_text("The net could not be loaded.").wait_for()
    assert table(widget) == ["·"] * 25
    menu.select_option("cnn_shifted")
    assert "I read 3" in status(widget)
    menu.select_option("dense")
    page.wait_for_function("document.querySelector('tbody td').textContent !== '·'")
    assert "I read 3" in status(widget)


def test_examples_are_gone_through(open_page: Open) -> None:
    page = open_page("start.html")
    widget = alive(page)
    read = []
    for _ in range(5):
        widget.get_by_role("button", name="Example").click()
        read.append(table(widget)[12])
        assert "Draw your own digit" in widget.inner_text()
    assert read == ["7", "4", "6", "2", "3"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", STATES)
def test_clean_for_axe_and_fit_for_a_finger(
    open_page: Open, name: str, width: int, theme: str
) -> None:
    page = open_page(f"{name}.html", width=width, theme=theme)
    widget = alive(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert not [(rule["id"], rule["nodes"][0]["html"]) for rule in found]
    for control in widget.locator("button, select, label:has(input)").all():
        box = control.bounding_box()
        if box:  # a dense net has no blocks to choose
            assert box["height"] >= 43.5 and box["width"] >= 43.5, control.inner_text()
    arrows = [node.bounding_box() for node in widget.locator(".kb-dp-arrows button").all()]
    up, left, center, right, down = (box for box in arrows if box)
    assert up["y"] + up["height"] <= center["y"] <= down["y"] - center["height"]
    assert left["x"] + left["width"] <= center["x"] <= right["x"] - center["width"]


def test_a_shift_that_changes_the_answer_names_both(open_page: Open) -> None:
    page = open_page("dense.html")
    widget = alive(page)
    for word in ("left", "left", "up"):  # it starts at 1 up
        widget.get_by_role("button", name=f"Shift {word}").click()
    answer, effect = status(widget).split("\n")
    assert table(widget)[0][1] == "*", "the top left corner is out of the dense net's reach"
    other = table(widget)[0][0]
    assert answer.startswith(f"I read {other} (")
    assert effect.startswith("Shifted by 2 to the left and 2 up: 3 (") and f"→ {other} (" in effect
    assert effect.endswith("The answer changes.")


def test_the_table_names_its_rows_and_columns(open_page: Open) -> None:
    widget = alive(open_page("start.html"))
    names = [
        [cell.get_attribute("aria-label") for cell in widget.locator(f"th[scope={scope}]").all()]
        for scope in ("col", "row")
    ]
    assert names[0] == [
        "2 to the left",
        "1 to the left",
        "none",
        "1 to the right",
        "2 to the right",
    ]
    assert names[1] == ["2 up", "1 up", "none", "1 down", "2 down"]
