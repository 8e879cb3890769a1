"""Save and show what a recorded run measured: the numbers, and where, when and how they were made.

A record is a file of the package, `assets/recorded/<name>.json`. A notebook shows it as a card, and
measures only where the environment variable KBOOK_RECORD names a folder to write to, and if
KBOOK_CARD names a card, that one only. Trained nets go the same way, by
`kbook.assets.nets.save_net`, to `assets/weights`.
"""

import importlib.metadata
import json
import math
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from IPython.display import display

import kbook
from kbook.assets.writing import recording_folder, write_whole
from kbook.recorded.cards import as_html, as_text, command

__all__ = ["card", "load"]

FOLDER = files("kbook") / "assets" / "recorded"
NAME = re.compile(r"\d\d_[a-z0-9_]+")  # the chapter's number first: it says what records it


def card(
    name: str,
    measure: Callable[[], Mapping[str, Any]],
    *,
    data: str | None = None,
    gpu: bool = False,
    brief: bool = False,
) -> None:
    """Show the record of a run; when KBOOK_RECORD names a folder, measure and write it first.

    The card is made from the installed package's record alone and is the same on every machine;
    where there is no record it says so, with the command that would make one.

    Parameters
    ----------
    name : str
        Two digits of the chapter and a word, as "05_resnet20".
    measure : callable
        Takes nothing; returns label to value, in the order of the card. Labels carry the units;
        a value is a string, a boolean, a finite number, or a list of these.
    data : str, optional
        Name and checksum of the data measured on.
    gpu : bool, default False
        Whether the run takes a GPU: then it is measured where KBOOK_PROFILE is "full" alone, and
        elsewhere the card shows what there is.
    brief : bool, default False
        Whether to leave out the values, of a record that something else shows.

    Raises
    ------
    TypeError, ValueError
        If `name` is not of that form, or a measured value is of another kind or not finite.
    """
    _check(name)
    folder = recording_folder()
    is_asked_for = os.environ.get("KBOOK_CARD", "") in ("", name)
    if folder and is_asked_for and (not gpu or os.environ.get("KBOOK_PROFILE") == "full"):
        _record(name, measure, data, folder)
    try:
        record = load(name)
    except FileNotFoundError:
        record = None
    if record and brief:
        record = {**record, "values": {}}
    shown = {"text/html": as_html(name, record, gpu), "text/plain": as_text(name, record, gpu)}
    display(shown, raw=True)


def load(name: str) -> dict[str, Any]:
    """Return a record of the installed package.

    Parameters
    ----------
    name : str
        The name it was recorded by.

    Returns
    -------
    dict
        "values" holds what was measured, unrounded; beside it stand "name", "seconds", "date"
        (UTC), "device", "versions", "commit" and "data".

    Raises
    ------
    ValueError
        If `name` is not two digits and a word.
    FileNotFoundError
        If there is no such record.
    """
    _check(name)
    file = FOLDER / f"{name}.json"
    if not file.is_file():
        raise FileNotFoundError(f"{name!r} is not yet recorded: `{command(name)}` measures it.")
    return json.loads(file.read_text(encoding="utf-8"))


def _check(name: str) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(f"A record's name is two digits and a word, as '01_digits'; got {name!r}.")


def _record(
    name: str, measure: Callable[[], Mapping[str, Any]], data: str | None, folder: Path
) -> None:
    before = {"versions": _versions(), "commit": _commit(), "data": data}
    start = time.perf_counter()
    values = measure()
    seconds = time.perf_counter() - start
    if not isinstance(values, Mapping) or not values:
        raise TypeError(f"measure must return label to value; got {values!r}.")
    record = {
        "name": name,
        "values": {str(label): _plain(str(label), value) for label, value in values.items()},
        "seconds": round(seconds, 3),
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "device": _device(),
        **before,
    }
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    write_whole(folder / f"{name}.json", text.encode())


def _plain(label: str, value: Any) -> Any:
    """Return a value as JSON keeps it, numpy's and torch's numbers and arrays included."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(label, item) for item in value]
    if not isinstance(value, str | bool | int | float):
        raise TypeError(f"{label!r} must be text, a number or a list; got {type(value).__name__}.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{label!r} must be finite; got {value}.")
    return value


def _device() -> str:
    """Return the GPU that this process has used, or else the processor."""
    torch = sys.modules.get("torch")  # if nobody imported it, it ran nothing
    if torch and torch.cuda.is_initialized() and torch.cuda.max_memory_allocated():
        return str(torch.cuda.get_device_name())
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        model = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text(encoding="utf-8"))
        processor = model.group(1) if model else processor
    if not torch:
        return processor
    threads = torch.get_num_threads()
    return f"{processor} ({threads} torch thread{'s' if threads > 1 else ''})"


def _versions() -> dict[str, str]:
    packages = {name: importlib.metadata.version(name) for name in ("torch", "numpy")}
    return {**packages, "python": platform.python_version(), "kbook": kbook.__version__}


def _commit() -> str:
    """Return the commit that runs: of a clean checkout, or the one that pip installed from."""
    root = Path(kbook.__file__).parents[1]
    if not (root / ".git").exists():
        return _installed_commit()
    # Only what computes the numbers counts, and a recording itself adds to the assets.
    paths = ("kbook", "notebooks", ":(exclude)kbook/assets")
    command = ["git", "-C", str(root), "status", "--porcelain=v2", "--branch", "--", *paths]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    head, *others = answer.splitlines()  # "# branch.oid <commit>", more "#" lines, the changes
    changed = any(not line.startswith("#") for line in others)
    return "uncommitted" if changed else head.split()[-1]


def _installed_commit() -> str:
    """Return the commit in pip's own note of `pip install git+…`, as on Colab."""
    try:
        note = importlib.metadata.distribution("kbook").read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        note = None
    return str(json.loads(note or "{}").get("vcs_info", {}).get("commit_id", "unknown"))
