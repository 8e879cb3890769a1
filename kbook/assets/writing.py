"""Where recordings go, and how: a file is written whole or not at all."""

import os
import sys
from pathlib import Path

from kbook.files import whole_file

__all__ = ["VARIABLE", "recording_folder", "write_whole"]

VARIABLE = "KBOOK_RECORD"


def recording_folder() -> Path | None:
    """Return the folder that KBOOK_RECORD names, made where missing; None where nothing records."""
    name = os.environ.get(VARIABLE, "")
    if not name:
        return None
    folder = Path(name)
    folder.mkdir(parents=True, exist_ok=True)  # what can fail fails before the long run
    return folder


def write_whole(file: Path, content: bytes) -> None:
    """Write a file whole or not at all, and say so on stderr."""
    with whole_file(file) as draft:
        draft.write_bytes(content)
    print(f"Recorded {file.stem} in {file.parent}.", file=sys.stderr)
