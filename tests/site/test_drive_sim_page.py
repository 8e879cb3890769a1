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
CODE = """((setting) => encodeDrive(setting, { step: 600, from: 0, begun: setting, isFair: true,
    tally: { decisions: 600, interventions: 2, off: 72 } }))"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("drive")
    lay_out(
        folder,
        {"start": DriveSim(), "expert": DriveSim(driver="expert"), "you": DriveSim(driver="you")},
    )
    with serving(folder) as address:
        yield address


def status(widget: Locator) -> Locator:
    return widget.locator(".kbook-status")


def score(widget: Locator) -> Locator:
    return widget.locator(".kb-ds-line").filter(has_text="autonomy")


def steering(widget: Locator) -> str:
    return widget.locator("[aria-label='Who steers'] [aria-pressed=true]").inner_text()


def test_nothing_moves_before_start_and_space_starts_and_pauses(open_page: Open) -> None:
    page = open_page("expert.html")
    widget = alive(page)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(score(widget)).to_contain_text("0 s:")
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
    expect(status(widget)).to_have_text(
        "The expert drove this road with 80 %, 12 cm. Can you do better?"
    )
    assert steering(widget) == "You"
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


class Finger:
    """One finger on the road of the widget, by the browser's own protocol."""

    def __init__(self, page: Page, across: float) -> None:
        self.road = alive(page).get_by_role("application")
        self.road.scroll_into_view_if_needed()
        box = self.road.bounding_box()
        assert box
        self.x, self.y = box["x"] + across * box["width"], box["y"] + 0.5 * box["height"]
        self._protocol = page.context.new_cdp_session(page)

    def send(self, kind: str, dx: float = 0, dy: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": self.x + dx, "y": self.y + dy}]
        self._protocol.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def heights(widget: Locator) -> list[float]:
    points = widget.locator(".kb-ds-path").first.get_attribute("points") or ""
    return [float(pair.split(",")[1]) for pair in points.split()]


@pytest.mark.parametrize("moved", [0, 12])
def test_a_finger_that_rests_or_moves_aside_steers(open_page: Open, moved: int) -> None:
    page = open_page("expert.html", width=360, touch=True)
    widget, finger = alive(page), Finger(page, 0.1)
    finger.send("touchStart")
    if moved:
        finger.send("touchMove", moved)
    expect(status(widget)).to_contain_text("You are at the wheel.")
    widget.evaluate(STEPS, 90)
    finger.send("touchEnd")
    assert min(heights(widget)) < heights(widget)[0] - 5, "upward in the strip is to the left"


@pytest.mark.parametrize("rests", [False, True])
def test_a_swipe_up_only_scrolls_the_page(open_page: Open, rests: bool) -> None:
    """Also where the finger rested before, so that it had the wheel for a moment."""
    page = open_page("expert.html", width=360, touch=True)
    widget, finger = alive(page), Finger(page, 0.2)
    before = page.evaluate("scrollY")
    finger.send("touchStart")
    if rests:
        expect(status(widget)).to_contain_text("You are at the wheel.")
    for dy in range(-10, -160, -10):
        finger.send("touchMove", 0, dy)
    finger.send("touchEnd")
    page.wait_for_function(f"scrollY > {before} + 50")
    expect(widget.get_by_role("button", name="Start", exact=True)).to_be_visible()
    expect(score(widget)).to_contain_text("Expert, 0 s:")
    assert steering(widget) == "Expert" and status(widget).inner_text() == ""


@pytest.mark.parametrize("driver", ["you", "expert"])
def test_arrow_keys_steer_after_a_button(open_page: Open, driver: str) -> None:
    """With the driver "you", Start is pressed; else the button "You" while the expert drives."""
    page = open_page(f"{driver}.html")
    widget = alive(page)
    widget.get_by_role("button", name="Start", exact=True).click()
    if driver == "expert":
        widget.get_by_role("button", name="You").click()
    page.keyboard.down("ArrowLeft")
    page.keyboard.down("ArrowRight")
    page.keyboard.up("ArrowRight")
    widget.evaluate(STEPS, 60)
    page.keyboard.up("ArrowLeft")
    assert min(heights(widget)) < heights(widget)[0] - 5, "the left one is still held"


def test_arrow_keys_in_a_slider_are_the_sliders(open_page: Open) -> None:
    page = open_page("expert.html")
    widget = alive(page)
    slider = widget.get_by_role("slider", name="wind")
    slider.fill("1")
    slider.press("ArrowRight")
    assert slider.input_value() == "1.1" and steering(widget) == "Expert"
    expect(score(widget)).to_contain_text("0 s:")


def test_a_driver_chosen_while_driving_takes_over_with_a_score_of_its_own(open_page: Open) -> None:
    page = open_page("you.html")
    widget = alive(page)
    widget.get_by_role("button", name="Start", exact=True).click()
    assert widget.evaluate(STEPS, 600)["interventions"] > 0
    widget.get_by_role("button", name="Expert").click()
    handed = widget.evaluate(STEPS, 120)
    assert handed["interventions"] == 0 and handed["seconds"] < 5
    expect(score(widget)).to_contain_text("Expert, ")
    widget.get_by_role("button", name="Pause").click()
    widget.get_by_role("button", name="You").click()
    expect(score(widget)).to_contain_text("You, 0 s:")
    expect(widget.get_by_role("button", name="Start", exact=True)).to_be_visible()


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
