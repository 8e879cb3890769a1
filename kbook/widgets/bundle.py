"""Join a widget's module and the parts it imports into one module text.

The text is both anywidget's ``_esm`` and the file that the website serves: one file, no import from
an address, no bundler. In the sources a module says ``import {softmax} from "./parts/math.js";``,
so they run unjoined too; joining copies each part once, in front, and drops those lines.
"""

import re
from functools import cache
from pathlib import Path

__all__ = ["joined", "module_names", "module_text", "stylesheet"]

_FOLDER = Path(__file__).parent / "js"
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(?:parts/)?(\w+)\.js";\n', re.MULTILINE)


def module_names() -> list[str]:
    """List the names of all widget modules, in alphabetical order."""
    return sorted(path.stem for path in _FOLDER.glob("*.js"))


@cache
def module_text(name: str) -> str:
    """Return the module ``name`` with its parts as the text of one ES module.

    Parameters
    ----------
    name : str
        A name from `module_names`.

    Raises
    ------
    ValueError
        If there is no module of that name.
    """
    if name not in module_names():
        raise ValueError(f"want one of the widget modules {module_names()}, got {name!r}")
    return joined((_FOLDER / f"{name}.js").read_text(encoding="utf-8"))


def joined(source: str) -> str:
    """Return the text of a module with all the parts that it imports in front of it."""
    parts: dict[str, str] = {}
    _collect(source, parts)
    return "\n".join([*parts.values(), _IMPORT.sub("", source)])


@cache
def stylesheet() -> str:
    """Return the one style sheet of all widgets."""
    return (_FOLDER / "widgets.css").read_text(encoding="utf-8")


def _collect(source: str, parts: dict[str, str]) -> None:
    """Add to ``parts``, dependencies first, the text of every part that ``source`` imports."""
    for part in _IMPORT.findall(source):
        if part not in parts:
            text = (_FOLDER / "parts" / f"{part}.js").read_text(encoding="utf-8")
            _collect(text, parts)
            parts[part] = _IMPORT.sub("", text)
