"""Every widget on the built site, without a kernel: drawn, and moved by keyboard and by touch."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

import kbook.widgets

Open = Callable[..., Page]
# Without the sliders, which move and show their number also where the module does not answer.
SHOWN = """el => {
    const copy = el.cloneNode(true);
    copy.querySelectorAll(".kbook-slider").forEach((slider) => slider.remove());
    return copy.innerHTML;
}"""
MODULES = {getattr(kbook.widgets, name).module for name in kbook.widgets.__all__}
# Which page shows which widgets: the twins in the stored notebooks say so.
SHOWN_ON = [
    (f"notebooks/{path.stem}.html", module)
    for path in sorted(Path("notebooks").glob("*.ipynb"))
    for module in sorted(set(re.findall(r'data-module=\\"(\w+)\\"', path.read_text("utf-8"))))
]
on_every_page = pytest.mark.parametrize(("page_name", "module"), SHOWN_ON, ids=lambda part: part)


def alive(page: Page, module: str) -> Locator:
    twin = page.locator(f".kbook-widget[data-module={module}]").first
    twin.scroll_into_view_if_needed()
    twin.and_(page.locator("[data-alive]")).wait_for()
    return twin


def confirm(twin: Locator) -> Locator:
    """The button that makes a choice count, where a widget has one."""
    return twin.get_by_role("button", name=re.compile("Check|Lock in")).and_(
        twin.locator(":visible")
    )


def shown(twin: Locator) -> str:
    """All that the module draws and says."""
    return twin.evaluate(SHOWN)


def test_every_widget_is_on_a_page() -> None:
    assert {module for _, module in SHOWN_ON} == MODULES


@on_every_page
@pytest.mark.parametrize("width", [360, 1280])
def test_drawn_and_changed_by_keyboard(
    open_page: Open, page_name: str, module: str, width: int
) -> None:
    page = open_page(page_name, width=width)
    twin = alive(page, module)
    twin.locator("svg, canvas, fieldset").first.wait_for()
    control = twin.locator("input, [role=grid] [tabindex='0'], [role=application]").first
    before = shown(twin)
    control.focus()
    for key in ("ArrowRight", "ArrowRight", "Space"):
        page.keyboard.press(key)
    if confirm(twin).count():
        confirm(twin).focus()
        page.keyboard.press("Enter")
    page.wait_for_function(
        f"([el, before]) => ({SHOWN})(el) !== before", arg=[twin.element_handle(), before]
    )


@on_every_page
def test_changed_by_touch(open_page: Open, page_name: str, module: str) -> None:
    page = open_page(page_name, width=360, touch=True)
    twin = alive(page, module)
    before = shown(twin)
    controls = twin.locator("canvas, input[type=range], input[type=radio], label")
    control = controls.and_(twin.locator(":visible")).last  # others are folded away
    control.scroll_into_view_if_needed()
    box = control.bounding_box()
    assert box and max(box["height"], 0) >= 19
    page.touchscreen.tap(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"])
    if confirm(twin).count():
        confirm(twin).tap()
    page.wait_for_function(
        f"([el, before]) => ({SHOWN})(el) !== before", arg=[twin.element_handle(), before]
    )


def test_buttons_stay_at_hand_under_a_tall_graph(open_page: Open) -> None:
    page = open_page("notebooks/02_backprop.html", width=360, touch=True)
    page.set_viewport_size({"width": 360, "height": 640})
    twin = alive(page, "graph_stepper")
    scroll = "el => window.scrollTo(0, el.getBoundingClientRect().top + scrollY - 100)"
    graph, buttons = twin.locator(".kb-gs-graph"), twin.get_by_role("group", name="Steps")
    graph.evaluate(scroll)
    page.wait_for_function("el => el.getBoundingClientRect().top < 101", arg=graph.element_handle())
    tall, bar = graph.bounding_box(), buttons.bounding_box()
    assert tall and tall["y"] + tall["height"] > 640, "the graph does not fit"
    assert bar and 0 < bar["y"] < 640 - bar["height"]
    twin.locator("summary").evaluate(scroll)
    (last, bar) = twin.locator("summary").bounding_box(), buttons.bounding_box()
    assert last and bar and bar["y"] + bar["height"] < last["y"], "they cover the widget's end"


def test_widgets_follow_the_theme(open_page: Open) -> None:
    inks = set()
    for theme in ("light", "dark"):
        page = open_page("notebooks/01_cross_entropy.html", theme=theme)
        twin = alive(page, "softmax_loss")
        inks.add(twin.evaluate("el => getComputedStyle(el).color"))
    assert len(inks) == 2


def test_fallback_is_there_without_javascript(browser: object, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    for page_name, module in SHOWN_ON:
        page.goto(f"{address}/{page_name}")
        twin = page.locator(f".kbook-widget[data-module={module}]").first
        assert len(twin.inner_text()) > 40
    context.close()
