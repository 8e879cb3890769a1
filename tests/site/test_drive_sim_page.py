"""DriveSim on a page of its own: keys, finger, pushes, links, a missing net, both themes."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from kbook.cli.fallbacks import serving
from kbook.widgets import DriveSim
from tests.js import Module
from tests.site.widget_pages import alive, lay_out

Open = Callable[..., Page]
STEPS = """(el, n) => {
    let o;
    for (let i = 0; i < n; i += 1) o = el.querySelector(".kb-ds").driveStep();
    return o;
}"""
CODE = """((setting) => encodeDrive(setting,
    { step: 600, tally: { decisions: 600, interventions: 2, off: 0 } }))"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("drive")
    lay_out(folder, {"start": DriveSim(), "expert": DriveSim(driver="expert")})
    with serving(folder) as address:
        yield address


def status(widget: Locator) -> Locator:
    return widget.locator(".kbook-status")


def test_nothing_moves_before_start_and_space_starts_and_pauses(open_page: Open) -> None:
    page = open_page("expert.html")
    widget = alive(page)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(widget.locator(".kb-ds-line").filter(has_text="autonomy")).to_contain_text("0 s:")
    widget.get_by_role("application").focus()
    page.keyboard.press(" ")
    expect(widget.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press(" ")
    expect(widget.get_by_role("button", name="Start", exact=True)).to_be_visible()


def test_an_arrow_key_takes_the_wheel(open_page: Open) -> None:
    page = open_page("expert.html")
    widget = alive(page)
    widget.get_by_role("application").focus()
    page.keyboard.press("ArrowLeft")
    expect(widget.get_by_role("button", name="You")).to_have_attribute("aria-pressed", "true")
    expect(status(widget)).to_contain_text("You are at the wheel.")
    assert widget.evaluate(STEPS, 12)["seconds"] > 0.1, "the car moves"


@pytest.mark.parametrize(("driver", "taken"), [("Cloned net", True), ("DAgger net", False)])
def test_a_push_shows_who_comes_back(open_page: Open, driver: str, taken: bool) -> None:
    page = open_page("start.html")
    widget = alive(page)
    widget.get_by_role("button", name=driver).click()
    page.wait_for_load_state("networkidle")
    widget.get_by_role("button", name="Push left").click()
    assert (widget.evaluate(STEPS, 240)["interventions"] > 0) == taken


def test_a_link_opens_the_same_road_and_a_wrong_one_says_so(open_page: Open) -> None:
    setting = {"seed": 7, "driver": "expert", "wind": 1, "light": 0.8, "noise": 5}
    code = Module("drive_sim").call(CODE, setting)
    widget = alive(open_page(f"start.html#drive_sim={code}"))
    expect(status(widget)).to_contain_text("A friend's road: 80 % in 60 s, Expert at the wheel")
    expect(widget.get_by_role("button", name="Expert")).to_have_attribute("aria-pressed", "true")
    assert widget.get_by_role("slider", name="wind").input_value() == "1"
    assert widget.get_by_role("slider", name="noise").input_value() == "5"
    widget = alive(open_page("start.html#drive_sim=nonsense"))
    expect(status(widget)).to_contain_text("This link is damaged")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_nothing_is_too_wide(open_page: Open, width: int, theme: str) -> None:
    page = open_page("start.html", width=width, theme=theme)
    alive(page)
    found = Axe().run(page).response["violations"]
    assert not [v["id"] for v in found if v["impact"] in ("serious", "critical")]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_finger_on_the_left_half_steers_left(open_page: Open) -> None:
    page = open_page("expert.html", width=360, touch=True)
    widget = alive(page)
    road = widget.get_by_role("application")
    road.scroll_into_view_if_needed()
    box = road.bounding_box()
    assert box
    finger = page.context.new_cdp_session(page)
    point = {"x": box["x"] + 0.1 * box["width"], "y": box["y"] + 0.5 * box["height"]}
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(status(widget)).to_contain_text("You are at the wheel.")
    widget.evaluate(STEPS, 90)
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    last = widget.locator(".kb-ds-path").get_attribute("points")
    assert last
    heights = [float(pair.split(",")[1]) for pair in last.split()]
    assert min(heights) < heights[0] - 5, "upward in the strip is to the left"


@pytest.mark.parametrize("refusal", ["another file", "no such file", "no network"])
def test_a_net_that_cannot_be_fetched_says_so(browser: Browser, address: str, refusal: str) -> None:
    page = browser.new_page()  # open_page would mind what the browser itself says of these
    page.goto(f"{address}/expert.html")
    widget = alive(page)
    answers = {
        "another file": lambda route: route.fulfill(body="no net"),
        "no such file": lambda route: route.fulfill(status=404),
        "no network": lambda route: route.abort(),
    }
    page.route("**/drive_dagger_0.bin", answers[refusal])
    widget.get_by_role("button", name="DAgger net").click()
    expect(status(widget)).to_contain_text("could not be loaded")
    page.close()
