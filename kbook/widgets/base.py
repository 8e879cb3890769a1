"""The base class of all widgets: one JavaScript module, alive with a kernel and without one."""

import base64
import html
import json
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any

import anywidget

__all__ = ["Widget"]

_ASSETS = resources.files("kbook") / "assets"
_MOST_STATE = 50_000  # characters of JSON; weights and curves belong into assets


class Widget(anywidget.AnyWidget):
    """An anywidget that also carries a static twin of itself.

    A subclass sets `module`, the name of its file in ``js/`` (and ``_esm`` and ``_css`` from it),
    `summary`, the one sentence that a reader without JavaScript gets, and declares its state as
    traits with ``sync=True``. Where no kernel runs, the page's host finds the twin, a ``div`` with
    the module's name and the state, and renders the same module into it.

    `assets` names the files below ``kbook/assets`` that the module may ask for with the message
    ``{kind: "asset", name}``; this class answers with the bytes, the page's host by a fetch.
    `photographed` is the state that the stored picture shows, where the start says too little.
    """

    module: str
    summary: str
    assets: tuple[str, ...] = ()
    photographed: Mapping[str, Any] = MappingProxyType({})

    # ipywidgets 7 would display through this hook and never ask for the mimebundle below.
    _ipython_display_ = None

    def __init__(self, **state: Any) -> None:
        super().__init__(**state)
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} widget>"

    def state(self) -> dict[str, Any]:
        """Return the traits that the module reads, as plain data.

        Raises
        ------
        ValueError
            If their JSON text is longer than 50,000 characters.
        """
        inherited = set(Widget.class_trait_names())
        names = sorted(set(self.trait_names(sync=True)) - inherited)
        state = {name: getattr(self, name) for name in names if not name.startswith("_")}
        if (size := len(json.dumps(state))) > _MOST_STATE:
            raise ValueError(
                f"want at most {_MOST_STATE} characters of state, got {size}: use assets"
            )
        return state

    def static_html(self) -> str:
        """Return the twin: what the page's host brings to life and everyone else reads."""
        state = html.escape(json.dumps(self.state(), ensure_ascii=False))
        opening = f'<div class="kbook-widget" data-module="{self.module}" data-state="{state}">'
        return f"{opening}{self.fallback_html()}</div>"

    def fallback_html(self) -> str:
        """Return what the twin shows until it lives: the stored picture and the summary.

        A widget made of words may show them instead of the picture.
        """
        picture = _fallback_picture(self.module, html.escape(self.summary))
        return picture + self.summary_html()

    def summary_html(self) -> str:
        """Return the summary as a paragraph that also says where the widget lives."""
        return (
            f"<p>{html.escape(self.summary)} <em>Interactive: run this cell, or read the "
            "chapter on the website.</em></p>"
        )

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**options)
        if bundle is None:
            return None
        data, metadata = bundle
        return {**data, "text/plain": repr(self), "text/html": self.static_html()}, metadata

    def _answer(self, _widget: Any, content: dict[str, Any], _buffers: list[bytes]) -> None:
        """Send the asset that the module asked for."""
        if content.get("kind") == "asset" and content.get("name") in self.assets:
            self.send(content, buffers=[(_ASSETS / content["name"]).read_bytes()])


def _fallback_picture(module: str, alt: str) -> str:
    """Return an ``img`` with the module's stored picture, or nothing where none is stored yet."""
    file = _ASSETS / "fallback" / f"{module}.png"
    if not file.is_file():
        return ""
    text = base64.b64encode(file.read_bytes()).decode("ascii")
    return f'<img alt="{alt}" src="data:image/png;base64,{text}">'
