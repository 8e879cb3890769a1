"""Point every badge and install line at another repository."""

import re
from pathlib import Path

__all__ = ["address", "mentions", "repoint"]

_CONFIG = Path("_config.yml")
_FORM = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?")


def address() -> str:
    """Return the repository's address, which stands in ``_config.yml``."""
    found = re.search(r"^\s+url: (https://github\.com/\S+)", _CONFIG.read_text(), re.MULTILINE)
    if not found:
        raise ValueError(f"want a line 'url: https://github.com/…' in {_CONFIG}, found none")
    return found.group(1)


def mentions() -> list[Path]:
    """List the files that name the repository."""
    patterns = (
        "_config.yml",
        "README.md",
        "CITATION.cff",
        "CONTRIBUTING.md",
        "book/*.md",
        "notebooks/*.ipynb",
    )
    return sorted(path for pattern in patterns for path in Path().glob(pattern))


def repoint(url: str) -> None:
    """Write ``url`` wherever the present address stands, also inside links to Colab.

    Raises
    ------
    ValueError
        If ``url`` is not of the form https://github.com/OWNER/NAME.
    """
    match = _FORM.fullmatch(url)
    if not match:
        raise ValueError(f"want an address like https://github.com/OWNER/NAME, got {url!r}")
    old = address().removeprefix("https://github.com/")
    new = "/".join(match.groups())
    for path in mentions():
        text = path.read_text(encoding="utf-8")
        for place in ("github.com/", "colab.research.google.com/github/"):
            text = re.sub(re.escape(place + old) + r"(?![\w-])", place + new, text)
        path.write_text(text, encoding="utf-8")
    print(f"{old} → {new}")
