"""SkipLab and DepthExplorer on pages of their own: experiments by keys, few rows, both themes."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from kbook.cli.fallbacks import serving
from kbook.widgets import DepthExplorer, SkipLab
from tests.site.widget_pages import alive, lay_out

Open = Callable[..., Locator]
SUMMARY = "Predict first: five experiments"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("skips")
    lay_out(folder, {"skip": SkipLab(), "depth": DepthExplorer(epoch=12)})
    with serving(folder) as address:
        yield address


@pytest.fixture
def open_widget(open_page: Callable[..., Page]) -> Open:
    """Bring one of the two widgets to life."""
    return lambda name, **how: alive(open_page(f"{name}.html", **how))


def rows(inside: Locator) -> int:
    tops = "list => new Set(list.map((e) => Math.round(e.getBoundingClientRect().top))).size"
    return int(inside.evaluate_all(tops))


def test_nothing_is_told_before_the_first_click(open_widget: Open) -> None:
    twin = open_widget("skip")
    status = twin.locator(".kbook-status")
    expect(status).not_to_contain_text("would")
    for text in ("Rule of thumb: a block", "paths lead back", "Experiment 1"):
        expect(twin.get_by_text(text)).to_be_hidden()
    twin.get_by_text("Why? The rule behind the numbers").click()
    expect(twin.get_by_text("Rule of thumb: a block")).to_be_visible()
    twin.get_by_role("button", name="skip of block 5").click()
    expect(status).to_contain_text("with all skips on it would be 9 times")


@pytest.mark.parametrize("width", [360, 1280])
def test_experiments_by_keys_beside_the_charts(open_widget: Open, width: int) -> None:
    twin = open_widget("skip", width=width)
    keys = twin.page.keyboard
    twin.get_by_text(SUMMARY).focus()
    keys.press("Enter")
    expect(twin.get_by_text("Experiment 1 of 5")).to_be_visible()
    keys.press("Tab")
    keys.press("Enter")
    expect(twin.get_by_text("Experiment 2 of 5")).to_be_visible()
    for _ in range(3):  # set it up, shrinks, stays
        keys.press("Tab")
        if twin.get_by_role("button", name="Set it up").evaluate("e => e.matches(':focus')"):
            keys.press("Enter")
            expect(twin.locator(".kb-sk-answer")).to_contain_text("is 2800 times")
    keys.press("Enter")
    answer = twin.locator(".kb-sk-answer")
    expect(answer).to_contain_text("Right. It stays within a factor of 2")
    pressed = twin.get_by_role("button", name="It stays")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    assert pressed.evaluate("e => e.matches(':focus')"), "locked, but not lost"
    others = [twin.get_by_role("button", name=name) for name in ("It shrinks", "It grows")]
    colors = [b.evaluate("e => getComputedStyle(e).backgroundColor") for b in (pressed, others[0])]
    assert colors[0] != colors[1]
    for other in others:
        expect(other).to_have_attribute("aria-disabled", "true")
        other.click(force=True)
        expect(answer).to_contain_text("Right.")
    answer_box, chart = answer.bounding_box(), twin.get_by_role("img").bounding_box()
    assert answer_box and chart
    assert 0 <= chart["y"] - answer_box["y"] - answer_box["height"] < 30, "directly above"
    assert chart["y"] + chart["height"] - answer_box["y"] < 640, "seen together"
    if width == 360:
        assert rows(twin.locator(".kb-sk-head > *")) <= 2
        assert rows(twin.locator(".kb-sk-experiments .kb-sk-actions button")) <= 3


@pytest.mark.parametrize(
    ("width", "shown"), [(360, ["training", "validation", "loss"]), (1280, [])]
)
def test_the_measures_are_one_row_with_whole_names(
    open_widget: Open, width: int, shown: list[str]
) -> None:
    twin = open_widget("depth", width=width)
    names = ["training accuracy", "validation accuracy", "training loss"]
    assert rows(twin.locator(".kb-de-measures .kbook-option")) == 1
    for name in names:
        expect(twin.get_by_role("radio", name=name, exact=True)).to_have_count(1)
    wide = """list => list.filter((e) => e.getBoundingClientRect().width > 2)
        .map((e) => e.textContent.trim())"""
    seen = twin.locator(".kb-de-measures .kbook-option span span").evaluate_all(wide)
    assert seen == (shown or ["training", "accuracy", "validation", "accuracy", "training", "loss"])
    twin.get_by_role("radio", name="validation accuracy").check()
    expect(twin.get_by_text("Measured in evaluation mode")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("name", ["skip", "depth"])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    open_widget: Open, name: str, width: int, theme: str
) -> None:
    twin = open_widget(name, width=width, theme=theme)
    if name == "skip":
        twin.get_by_text(SUMMARY).click()
        twin.get_by_role("button", name="It grows").click()
        twin.get_by_text("Why?").click()
    found = Axe().run(twin.page).response["violations"]
    assert not [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
    assert twin.page.evaluate("document.documentElement.scrollWidth") <= width
    texts = twin.locator("svg.kb-drawing text").evaluate_all("""list => list.map((e) => {
        const [text, svg] = [e.getBoundingClientRect(), e.ownerSVGElement.getBoundingClientRect()];
        return text.left >= svg.left - 1 && text.right <= svg.right + 1;
    })""")
    assert all(texts) and len(texts) > 10
