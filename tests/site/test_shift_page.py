"""CovariateShift on a page of its own: keys, finger, a narrow page, both themes."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from kbook.cli.fallbacks import serving
from kbook.widgets import CovariateShift
from tests.site.widget_pages import alive, lay_out

Open = Callable[..., Locator]
NAMES = ["demonstration", "cloned net", "DAgger 1", "DAgger 2", "DAgger 3"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("shift")
    lay_out(folder, {"start": CovariateShift(), "cloned": CovariateShift(chosen=1)})
    with serving(folder) as address:
        yield address


@pytest.fixture
def open_shift(open_page: Callable[..., Page]) -> Open:
    """Bring a CovariateShift to life."""

    def open_(name: str = "start", *, width: int = 1280, theme: str = "light") -> Locator:
        return alive(open_page(f"{name}.html", width=width, theme=theme, touch=width < 500))

    return open_


def marks(twin: Locator, kind: str) -> int:
    return (twin.locator(f".kb-cs-frame .kb-cs-{kind}").get_attribute("d") or "").count("M")


def test_keys_go_through_the_rounds(open_shift: Open) -> None:
    twin = open_shift()
    expect(twin.get_by_role("radio", name=NAMES[0])).to_be_checked()
    assert (marks(twin, "in"), marks(twin, "out")) == (600, 0)
    twin.get_by_role("radio", name=NAMES[0]).focus()
    seen = []
    for name in NAMES[1:]:
        twin.page.keyboard.press("ArrowRight")
        expect(twin.get_by_role("radio", name=name)).to_be_checked()
        label = twin.get_by_role("img").first.get_attribute("aria-label") or ""
        assert label.startswith(name)
        assert marks(twin, "in") + marks(twin, "out") == 600 and marks(twin, "out") > 50
        seen.append((twin.get_by_role("status").inner_text(), twin.locator("dl").inner_text()))
    assert len(set(seen)) == 4
    twin.page.keyboard.press("ArrowRight")
    expect(twin.get_by_role("radio", name=NAMES[0])).to_be_checked()


def test_a_tap_chooses_and_the_table_opens(open_shift: Open) -> None:
    twin = open_shift("cloned", width=360)
    expect(twin.get_by_role("radio", name="cloned net")).to_be_checked()
    twin.get_by_text("DAgger 3").first.tap()
    expect(twin.get_by_role("status")).to_contain_text("DAgger 3, in the wind")
    twin.locator("summary").tap()
    assert twin.get_by_role("row").count() == 6
    expect(twin.get_by_role("rowheader", name="DAgger 2")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    open_shift: Open, width: int, theme: str
) -> None:
    twin = open_shift("cloned", width=width, theme=theme)
    twin.locator("summary").click()
    found = Axe().run(twin.page).response["violations"]
    assert not [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
    assert twin.page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = twin.locator(".kbook-option, summary").evaluate_all(
        "list => list.map((e) => e.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 44
    texts = twin.locator(".kb-cs-frame text").evaluate_all("""list => list.map((e) => {
        const [text, svg] = [e.getBoundingClientRect(), e.ownerSVGElement.getBoundingClientRect()];
        return text.left >= svg.left - 1 && text.right <= svg.right + 1;
    })""")
    assert all(texts) and len(texts) > 15


def test_the_status_stays_in_its_room(open_shift: Open) -> None:
    for width in (360, 1280):
        twin = open_shift(width=width)
        heights = set()
        for name in NAMES:
            twin.get_by_role("radio", name=name).check()
            heights.add(twin.get_by_role("status").evaluate("e => e.offsetHeight"))
        assert len(heights) == 1, "what is below does not jump"
