"""The Sphinx extension that makes the pages ours: formulas, widgets, and a polish of the theme."""

import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

# The site is built from the repository, where kbook need not be installed (it would bring torch).
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from kbook_site import math, polish, widgets  # noqa: E402


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    for module in (math, polish, widgets):
        module.setup(app)
    # One V8 engine renders the formulas; what it does in forked writers is untested.
    return {"parallel_read_safe": True, "parallel_write_safe": False}
