"""Turn a record into the card that a notebook shows, in HTML and in plain text."""

import html
from typing import Any

__all__ = ["as_html", "as_text", "command"]

LONGEST_ROW = 6  # numbers of a list that a card shows in full

# The card must be readable where our style sheet is not: it borrows colors from its surroundings,
# the table expressly, as without a doctype it would not. Checksums may break anywhere.
BOX = (
    "border:1px solid currentColor;border-radius:4px;padding:0.5em 1em;max-width:40em;"
    "overflow-wrap:anywhere"
)


def command(name: str, gpu: bool = False) -> str:
    """Return the command that makes a record, in the full profile if it takes a GPU."""
    return f"{'KBOOK_PROFILE=full ' if gpu else ''}make record NB={name}"


def as_html(name: str, record: dict[str, Any] | None, gpu: bool = False) -> str:
    """Return the card as HTML; without a record, the command that would make one."""
    if record is None:
        how = html.escape(command(name, gpu))
        inside = f"<p>Not yet recorded: <code>{how}</code> measures it.</p>"
        return f'<div class="kbook-record" style="{BOX}">{inside}</div>'
    left = 'style="text-align:left;vertical-align:top;padding:0.1em 1em 0.1em 0;{}"'
    label_style, value_style = (
        left.format("font-weight:normal;width:50%"),  # a long value must not squeeze the labels
        left.format("overflow-wrap:normal"),
    )
    rows = "".join(
        f'<tr><th scope="row" {label_style}>{html.escape(label)}</th>'
        f"<td {value_style}>{html.escape(_formatted(value))}</td></tr>"
        for label, value in record["values"].items()
    )
    title = f"Recorded run <code>{name}</code>"
    caption = f'<caption style="text-align:left;color:inherit">{title}</caption>'
    style = "margin:0;color:inherit;font:inherit"
    table = f'<table style="{style}">{caption}<tbody>{rows}</tbody></table>'
    if not rows:  # a table without cells would be one letter wide
        table = f'<p style="margin:0">{title}</p>'
    origin = f'<p style="margin:0.5em 0 0">{html.escape(_origin(record))}</p>'
    return f'<div class="kbook-record" style="{BOX}">{table}{origin}</div>'


def as_text(name: str, record: dict[str, Any] | None, gpu: bool = False) -> str:
    """Return the card as lines of text; without a record, the command that would make one."""
    if record is None:
        return f"Not yet recorded: `{command(name, gpu)}` measures it."
    rows = [f"  {label}: {_formatted(value)}" for label, value in record["values"].items()]
    return "\n".join([f"Recorded run {name}", *rows, _origin(record)])


def _origin(record: dict[str, Any]) -> str:
    versions = ", ".join(f"{package} {version}" for package, version in record["versions"].items())
    data = f" Data: {record['data']}." if record["data"] else ""
    return (
        f"Measured on {record['date'][:10]} in {_duration(record['seconds'])} "
        f"on {record['device']}; {versions}; commit {record['commit'][:12]}.{data}"
    )


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"


def _formatted(value: Any) -> str:
    """Return a value as the card prints it: four digits, long lists by their ends."""
    if isinstance(value, list):
        if len(value) > LONGEST_ROW:
            return f"{_formatted(value[0])} … {_formatted(value[-1])} ({len(value):,} values)"
        return ", ".join(_formatted(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, int) or 9999.5 <= abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:.4g}"
