"""TranslationMachine in a browser: a horse painted by finger and keys, nets fetched one by one."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from kbook.cli.fallbacks import serving
from kbook.widgets import TranslationMachine
from tests.site.widget_pages import alive, lay_out

Open = Callable[..., Page]
# The pixels of the first canvas of the grid: the translation.
MADE = """(widget) => Array.from(widget.querySelector(".kb-tm-grid canvas").getContext("2d")
    .getImageData(0, 0, 32, 32).data)"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("translation")
    states = {"start": {}, "early": {"steps": 100}}
    lay_out(folder, {name: TranslationMachine(**state) for name, state in states.items()})
    with serving(folder) as address:
        yield address


def translated(page: Page) -> Locator:
    """The living widget, once it has translated."""
    widget = alive(page)
    expect(widget.locator(".kbook-status")).to_contain_text("The way back")
    return widget


def changed(widget: Locator, before: list[int]) -> float:
    """How many of the made picture's numbers differ, as a share."""
    after = widget.evaluate(MADE)
    return sum(a != b for a, b in zip(before, after, strict=True)) / len(before)


def test_the_horse_becomes_a_zebra_and_is_measured(open_page: Open) -> None:
    widget = translated(open_page("start.html"))
    said = widget.locator(".kbook-status").inner_text()
    assert "from the true zebra" in said and "Doing nothing" not in said
    early = translated(open_page("early.html"))
    assert "Doing nothing would be nearer" in early.locator(".kbook-status").inner_text()


def test_a_finger_paints_on_a_phone_and_the_page_stays(open_page: Open) -> None:
    page = open_page("start.html", width=360, touch=True)
    widget = translated(page)
    before = widget.evaluate(MADE)
    pad = widget.locator(".kb-tm-pad canvas")
    pad.scroll_into_view_if_needed()
    box, top = pad.bounding_box(), page.evaluate("scrollY")
    assert box
    finger = page.context.new_cdp_session(page)
    for kind, share in [("touchStart", 0.2), ("touchMove", 0.5), ("touchMove", 0.8)]:
        point = {"x": box["x"] + share * box["width"], "y": box["y"] + 0.7 * box["height"]}
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(widget.locator(".kbook-status")).to_contain_text("You painted this picture")
    assert page.evaluate("scrollY") == top
    assert changed(widget, before) > 0.05
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    widget.get_by_role("button", name="Undo").tap()
    expect(widget.locator(".kbook-status")).to_contain_text("from the true zebra")
    assert changed(widget, before) == 0


def test_keys_paint_and_the_page_stays(open_page: Open) -> None:
    page = open_page("start.html")
    widget = translated(page)
    widget.get_by_role("application").focus()
    top = page.evaluate("scrollY")
    for key in ("ArrowDown", "ArrowRight", " ", "ArrowDown", " "):
        page.keyboard.press(key)
    expect(widget.locator(".kbook-status")).to_contain_text("You painted this picture")
    assert "painted coat brown" in widget.locator(".kb-tm-spoken").inner_text()
    assert page.evaluate("scrollY") == top


def test_blur_wipes_the_lead_of_the_made_picture_and_noise_does_not(open_page: Open) -> None:
    widget = translated(open_page("start.html"))
    widget.get_by_role("button", name="zebra → horse").click()

    def leads() -> list[float]:  # by how much the true picture's way back ends further off
        expect(widget.locator("tbody tr")).to_have_count(2)
        cells = widget.locator("tbody td").all_inner_texts()
        numbers = [float(cell.split("animal")[1]) for cell in cells if "animal" in cell]
        return [numbers[i + len(numbers) // 2] - numbers[i] for i in range(len(numbers) // 2)]

    expect(widget.locator(".kbook-status")).to_contain_text("from the true horse")
    (quiet,) = leads()
    widget.get_by_role("checkbox").check()
    expect(widget.locator("thead")).to_contain_text("with blur")
    assert leads()[1] < 0.6 * quiet
    widget.get_by_role("checkbox").uncheck()
    noise = widget.get_by_role("slider", name="noise")
    noise.fill("0.05")
    expect(widget.locator("thead")).to_contain_text("with noise")
    assert leads()[1] > 0.6 * quiet


def test_nets_are_fetched_when_they_are_wanted(open_page: Open) -> None:
    page = open_page("start.html")
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url.rsplit("/", 1)[1]))
    page.reload()
    widget = translated(page)
    assert sorted(n for n in fetched if n.endswith(".bin")) == [
        f"animals_{net}_600.bin" for net in "fg"
    ]
    widget.get_by_role("slider", name="training").fill("0")
    expect(widget.locator(".kbook-status")).to_contain_text("Doing nothing would be nearer")
    nets = {name for name in fetched if name.endswith(".bin")}
    assert nets == {f"animals_{net}_{steps}.bin" for net in "fg" for steps in (600, 100)}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page: Open, theme: str) -> None:
    page = open_page("start.html", width=360, theme=theme)
    translated(page)
    found = Axe().run(page).response["violations"]
    assert not [v["id"] for v in found if v["impact"] in ("serious", "critical")]
