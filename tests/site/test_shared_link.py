"""Playground on a built page: a shared link, the plane under finger and keys, and its own text."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from kbook.widgets import Playground
from tests.js import Module

Open = Callable[..., Page]
PAGE = "notebooks/03_training.html"
SETTINGS = {"data": "circles", "width": 5, "depth": 1, "activation": "relu", "steps": 120}
# A net trained by the module without a page: its link, and what it says of every test point.
SHARE = """((settings) => {
    const session = startSession(settings);
    while (session.net.step < settings.steps) advance(session);
    noteLosses(session);
    return { link: encodeState(settings, session.net.weights, true), text: statusText(session) };
})"""


def alive(page: Page) -> Locator:
    twin = page.locator(".kbook-widget[data-module=playground]").first
    twin.scroll_into_view_if_needed()
    twin.and_(page.locator("[data-alive]")).wait_for()
    return twin


def status(twin: Locator) -> Locator:
    return twin.locator(".kbook-status")


def swipe(page: Page, x: float, y: float, distance: float) -> None:
    """Put a finger down, move it up or down, and lift it."""
    send = page.context.new_cdp_session(page).send
    places = [[{"x": x, "y": y + distance * k / 8}] for k in range(9)]
    events = ["touchStart", *["touchMove"] * 8, "touchEnd"]
    for event, points in zip(events, [*places, []], strict=True):
        send("Input.dispatchTouchEvent", {"type": event, "touchPoints": points})


def test_a_shared_link_shows_the_same_net_at_once(open_page: Open) -> None:
    shared = Module("playground").call(SHARE, Playground(**SETTINGS).state())
    page = open_page(f"{PAGE}#playground={shared['link']}", width=360, touch=True)
    twin = page.locator(".kbook-widget[data-module=playground]").first
    twin.and_(page.locator("[data-alive]")).wait_for()
    expect(twin).to_be_in_viewport()
    # Losses of three digits and the count of right test points: the same predictions.
    expect(status(twin)).to_have_text(shared["text"].strip())
    assert twin.get_by_label("circles").is_checked()
    assert twin.get_by_label("activation").input_value() == "relu"
    assert twin.get_by_role("slider", name="units a layer").input_value() == "5"
    assert twin.get_by_role("slider", name="hidden layers").input_value() == "1"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_button_makes_the_link_that_it_reads(open_page: Open) -> None:
    page = open_page(PAGE, width=360, touch=True)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    twin = alive(page)
    twin.get_by_label("circles").check()
    before = page.url
    twin.get_by_role("button", name="Step").tap()
    expect(status(twin)).to_contain_text("Step 1:")
    said = status(twin).inner_text()
    twin.get_by_role("button", name="Copy link").tap()
    expect(status(twin)).to_contain_text("Copied")
    assert page.url == before, "the address bar is left alone"
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto(link)  # only the part behind # differs: the host must notice
    page.wait_for_load_state()
    twin = page.locator(".kbook-widget[data-module=playground][data-alive]").first
    expect(status(twin)).to_have_text(said)


@pytest.mark.parametrize("text", ["nonsense", "9~later", "1~moons~0.3", "%E0%A4%A", "A" * 6000])
def test_a_broken_link_is_a_sentence_and_the_default_net(open_page: Open, text: str) -> None:
    page = open_page(f"{PAGE}#playground={text}")
    twin = page.locator(".kbook-widget[data-module=playground][data-alive]").first
    expect(status(twin)).to_contain_text(re.compile("^This link .*Here is the net"))
    assert twin.locator(".kb-pg-mark").count() > 100


def test_a_tap_and_a_key_place_points_and_a_scroll_does_not(open_page: Open) -> None:
    page = open_page(PAGE, width=360, touch=True)
    twin = alive(page)
    plane = twin.get_by_role("application")
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    assert box and box["width"] > 240
    page.touchscreen.tap(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    expect(status(twin)).to_contain_text(re.compile(r"class 1 at x 1\.5\d?, y 1\.[45]"))
    assert twin.get_by_label("own").is_checked()
    twin.get_by_label("class 0").check()
    plane.focus()
    for key in ("ArrowLeft", "Shift+ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(status(twin)).to_contain_text(re.compile(r"class 0 at x 1\.4\d?, y 0\.[45]"))
    marks = twin.locator(".kb-pg-plane .kb-pg-mark").count()
    box = plane.bounding_box()
    assert box
    top = page.evaluate("scrollY")
    swipe(page, box["x"] + 0.5 * box["width"], box["y"] + 0.6 * box["height"], -120)
    page.wait_for_function("top => scrollY > top + 60", arg=top)  # a finger scrolls the page
    assert twin.locator(".kb-pg-plane .kb-pg-mark").count() == marks
    twin.get_by_role("button", name="Undo").tap()
    assert twin.locator(".kb-pg-plane .kb-pg-mark").count() == marks - 1
    twin.get_by_role("button", name="Clear").tap()
    assert twin.locator(".kb-pg-plane .kb-pg-mark").count() == 0


def test_training_runs_pauses_and_stops_out_of_view(open_page: Open) -> None:
    page = open_page(PAGE)
    twin = alive(page)
    spoken = twin.evaluate_handle(
        "el => { const said = []; new MutationObserver(() => said.push(1)).observe("
        "el.querySelector('.kbook-status'), { childList: true, characterData: true,"
        " subtree: true }); return said; }"
    )
    twin.get_by_role("button", name="Train").click()
    page.wait_for_function(
        "el => Number(el.querySelector('.kb-pg-legend b').textContent.slice(5)) > 100",
        arg=twin.locator(".kb-pg-side").element_handle(),
    )
    assert spoken.evaluate("said => said.length") <= 1, "the status speaks while it trains"
    twin.get_by_role("button", name="Pause").click()
    expect(status(twin)).to_contain_text("training loss")
    twin.get_by_role("button", name="Train").click()
    page.evaluate("window.scrollTo(0, 0)")
    if not twin.evaluate("el => el.getBoundingClientRect().top < innerHeight"):
        expect(twin.get_by_role("button", name="Train")).to_have_count(1)


def test_the_program_is_shown_and_follows_the_settings(open_page: Open) -> None:
    twin = alive(open_page(PAGE, width=360))
    twin.get_by_text("Show the code").click()
    expect(twin.locator("pre")).to_contain_text("nn.Sequential(")
    twin.get_by_label("optimizer").select_option("adamw")
    expect(twin.locator("pre")).to_contain_text("torch.optim.AdamW(")
    assert twin.evaluate("el => el.scrollWidth <= el.clientWidth"), "the program widens the page"
