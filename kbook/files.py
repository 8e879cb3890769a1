"""Write a file so that readers see the old one or the new, never a half."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["whole_file"]


@contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """Yield the name of a draft beside a file; it takes the file's place once the block is done.

    Missing folders are made. If the block fails, the file is as it was and the draft is gone.

    Parameters
    ----------
    file : Path
        What to write.

    Yields
    ------
    Path
        What the block writes to.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        yield draft
        with draft.open("r+b") as written:
            os.fsync(written.fileno())  # on the disk before it has the name: a battery may die
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
