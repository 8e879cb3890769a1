"""The base class of widgets: the twin, the assets, and the joining of modules."""

import json
import re
from pathlib import Path

import pytest
import traitlets

import kbook.widgets
from kbook.widgets.base import Widget
from kbook.widgets.bundle import module_names, module_text
from kbook.widgets.digit_reader import DigitReader
from kbook.widgets.softmax_loss import SoftmaxLoss

ASSETS = Path(kbook.widgets.__file__).parents[1] / "assets"
WIDGETS = [getattr(kbook.widgets, name) for name in kbook.widgets.__all__]


class Twin(Widget):
    """A widget that is only tested, with markup in its state."""

    module = "not_drawn"
    summary = 'A "test" & nothing <else>.'
    text = traitlets.Unicode('</script> & "quotes" — σ').tag(sync=True)


def state_in(html: str) -> object:
    from bs4 import BeautifulSoup

    return json.loads(str(BeautifulSoup(html, "html.parser").div["data-state"]))  # type: ignore[index]


def test_twin_carries_the_state_unharmed() -> None:
    assert state_in(Twin().static_html()) == {"text": '</script> & "quotes" — σ'}
    assert "<else>" not in Twin().static_html()


def test_mimebundle_holds_the_live_view_and_the_twin() -> None:
    data, _ = SoftmaxLoss()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/html"] == SoftmaxLoss().static_html()  # no random id: nbval compares it
    assert data["text/plain"] == "<SoftmaxLoss widget>"


def test_too_much_state_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 50000 characters of state, got 60"):
        Twin(text="x" * 60_000).static_html()


def test_assets_are_sent_as_bytes_and_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    widget = DigitReader()
    monkeypatch.setattr(widget, "send", lambda content, buffers: sent.append((content, buffers)))
    (name,) = widget.assets
    widget._answer(widget, {"kind": "asset", "name": name}, [])
    widget._answer(widget, {"kind": "asset", "name": "../losses.py"}, [])
    widget._answer(widget, {"kind": "other"}, [])
    assert sent == [({"kind": "asset", "name": name}, [(ASSETS / name).read_bytes()])]


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: widget.__name__)
def test_every_widget_is_complete(widget: type[Widget]) -> None:
    assert widget.module in module_names()
    assert widget._esm == module_text(widget.module)
    assert 40 < len(widget.summary) < 300
    picture = ASSETS / "fallback" / f"{widget.module}.png"
    shows_picture = widget.fallback_html is Widget.fallback_html
    assert picture.is_file() == shows_picture, "make fallbacks photographs the widgets"
    assert not shows_picture or 1_000 < picture.stat().st_size < 60_000
    for asset in widget.assets:
        assert (ASSETS / asset).stat().st_size <= 600_000


@pytest.mark.parametrize("name", module_names())
def test_joined_module_stands_alone(name: str) -> None:
    text = module_text(name)
    assert not re.search(r"^\s*import\b", text, re.MULTILINE)
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    defined = re.findall(r"^(?:export )?(?:function|const|let|class) (\w+)", text, re.MULTILINE)
    assert len(defined) == len(set(defined)), "two parts define the same name"
    assert text.count("export default") == 1


def test_unknown_module_is_named() -> None:
    with pytest.raises(ValueError, match="softmax_loss.*got 'nothing'"):
        module_text("nothing")
