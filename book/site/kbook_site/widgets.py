"""Put the widgets on the site: their modules, assets and style, and a directive for prose pages."""

import json
import shutil
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import kbook.widgets
from kbook.widgets.bundle import module_names, module_text, stylesheet

_ASSETS = Path(kbook.__file__).parent / "assets"


class WidgetDirective(SphinxDirective):
    """Show a widget on a page that is no notebook: its class name, and its state as a JSON body."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the widget's static twin as raw HTML."""
        widget_class = getattr(kbook.widgets, self.arguments[0])
        widget = widget_class(**json.loads("\n".join(self.content) or "{}"))
        return [nodes.raw("", widget.static_html(), format="html")]


def write_files(app: Sphinx, exception: Exception | None) -> None:
    """Write the joined modules, the style sheet and the assets into the built site."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    (static / "widgets").mkdir(parents=True, exist_ok=True)
    for name in module_names():
        (static / "widgets" / f"{name}.js").write_text(module_text(name), encoding="utf-8")
    (static / "widgets.css").write_text(stylesheet(), encoding="utf-8")
    shutil.copytree(_ASSETS / "weights", static / "assets" / "weights", dirs_exist_ok=True)


def setup(app: Sphinx) -> None:
    """Register the directive and the files."""
    app.add_directive("kbook-widget", WidgetDirective)
    app.add_css_file("widgets.css")
    app.add_js_file("host.js", type="module")
    app.connect("build-finished", write_files)
