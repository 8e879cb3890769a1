"""Call the pure functions of a widget's module or a part, in an embedded JavaScript engine."""

import json
import re

from py_mini_racer import MiniRacer

from kbook.widgets.bundle import joined, module_names, module_text


class Module:
    """The joined module or part ``name``, without a page: only what draws nothing can be called."""

    def __init__(self, name: str) -> None:
        is_module = name in module_names()
        text = (
            module_text(name) if is_module else joined(f'import {{ }} from "./parts/{name}.js";\n')
        )
        text = re.sub(r"^export default .*$", "", text, flags=re.MULTILINE)
        self._engine = MiniRacer()
        self._engine.eval(re.sub(r"^export ", "", text, flags=re.MULTILINE))

    def call(self, function: str, *arguments: object) -> object:
        """Return ``function(*arguments)``; infinities and NaN come back as Python's."""
        # JSON has no infinities: they travel as marked strings, both ways.
        text = json.dumps(arguments)
        call = f"{function}(...{text})"
        mark = '(k, v) => typeof v === "number" && !Number.isFinite(v) ? `number:${v}` : v'
        result = self._engine.eval(f"JSON.stringify({call}, {mark})")
        return _unmark(json.loads(result))


def _unmark(value: object) -> object:
    if isinstance(value, list):
        return [_unmark(item) for item in value]
    if isinstance(value, dict):
        return {key: _unmark(item) for key, item in value.items()}
    if isinstance(value, str) and value.startswith("number:"):
        return float(value.removeprefix("number:").replace("Infinity", "inf"))
    return value
