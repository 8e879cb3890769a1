"""Try every file of a folder of pictures, before anything is trained on it."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NoReturn, get_args

from kbook.data.pictures import Mode, UnreadablePicture, examine
from kbook.data.report import Report
from kbook.errors import OneSentence

__all__ = ["UnusableFolder", "class_names", "existing", "inspect", "is_hidden"]

LEFT_BEHIND = {"thumbs.db", "desktop.ini", "__macosx"}  # by systems, besides names with a dot


class UnusableFolder(OneSentence, ValueError):
    """Say why a folder is no data set."""


def inspect(root: str | Path, mode: Mode = "RGB") -> Report:
    """Decode every file of every class folder, and report what can be used.

    The folders in `root` are the classes, and files count at any depth below them, as for
    torchvision's ImageFolder. Unlike there, the pictures decide and not the endings of their names,
    hidden folders are no classes, and each file is tried now, not when its turn comes in training.
    What decodes may still show anything: for that, look at the pictures.

    Parameters
    ----------
    root : str or Path
        The folder of class folders.
    mode : {"RGB", "L"}
        What all pictures are read as, color or gray; see `kbook.data.pictures.read`.

    Returns
    -------
    Report

    Raises
    ------
    UnusableFolder
        If there is no such folder, or it may not be read.
    ValueError
        If `mode` is another.
    """
    root = existing(root)
    if mode not in get_args(Mode):
        raise ValueError(f'inspect wants the mode "RGB" or "L"; got {mode!r}.')
    classes = class_names(root)
    found = {name: list(_files_below(root / name)) for name in classes}
    others = [path for path in _entries(root) if path.name not in found]
    hidden = {path for path in chain(others, *found.values()) if _lies_hidden(path, root)}
    shown = [path for path in chain(*found.values()) if path not in hidden]
    converted, refused, pixels = _decoded(shown, mode)
    return Report(
        root=root,
        mode=mode,
        classes=classes,
        usable={name: tuple(p for p in paths if p in pixels) for name, paths in found.items()},
        converted=converted,
        refused=refused,
        strays=tuple(path for path in others if path not in hidden),
        hidden=tuple(sorted(hidden)),
        pixels=pixels,
    )


def existing(root: str | Path) -> Path:
    """Return a folder that is there, or refuse it."""
    root = Path(root).expanduser()
    if not root.is_dir():
        raise UnusableFolder(f"There is no folder {root}.")
    return root


def class_names(root: Path) -> tuple[str, ...]:
    """Return the names of the folders in a folder, sorted, without hidden ones."""
    return tuple(p.name for p in _entries(root) if p.is_dir() and not is_hidden(p.name))


def is_hidden(name: str) -> bool:
    """Tell whether a name is one that systems hide, or leave in every folder."""
    return name.startswith(".") or name.casefold() in LEFT_BEHIND


def _decoded(
    paths: Iterable[Path], mode: Mode
) -> tuple[dict[Path, str], dict[Path, str], dict[Path, bytes]]:
    converted, refused, pixels = {}, {}, {}
    for path in paths:
        try:
            picture, change = examine(path, mode)
        except UnreadablePicture as reason:
            refused[path] = str(reason)
            continue
        if change:
            converted[path] = change
        size = f"{picture.width} x {picture.height}:"  # the same bytes may be another shape's
        pixels[path] = hashlib.sha256(size.encode() + picture.tobytes()).digest()
    return converted, refused, pixels


def _files_below(folder: Path) -> Iterator[Path]:
    seen = set()
    for here, folders, files in os.walk(folder, onerror=_refuse, followlinks=True):
        seen.add(os.path.realpath(here))
        # A link may lead back up: each folder is entered once.
        folders[:] = sorted(f for f in folders if os.path.realpath(Path(here, f)) not in seen)
        yield from (Path(here, name) for name in sorted(files))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        _refuse(error)


def _refuse(error: OSError) -> NoReturn:
    raise UnusableFolder(f"{error.filename} cannot be read: {error.strerror}.") from error


def _lies_hidden(path: Path, root: Path) -> bool:
    return any(map(is_hidden, path.relative_to(root).parts))
