"""What a folder of pictures holds, as a few printed lines."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kbook.data.pictures import Mode

__all__ = ["Report", "few", "printable"]

NAMES, LINES = 3, 20  # so many names in a line, and lines of one kind


@dataclass(frozen=True, repr=False)
class Report:
    """Hold what was found in a folder; printed, it takes a few lines.

    Attributes
    ----------
    root : Path
        The folder.
    mode : {"RGB", "L"}
        What all pictures are read as.
    classes : tuple of str
        The names of the classes, sorted as torchvision sorts them.
    usable : dict from str to tuple of Path
        The pictures in each folder of `root`: a class, or one of three splits.
    converted : dict from Path to str
        The usable pictures that came in another form, and in which.
    refused : dict from Path to str
        The files that give no picture, and why.
    strays : tuple of Path
        Files that lie in no class folder.
    hidden : tuple of Path
        What systems hide or leave behind, as .DS_Store: passed over.
    pixels : dict from Path to bytes
        A checksum of each usable picture as it is read: the same for the same pixels.
    shared : tuple of tuple of Path
        The pictures that lie in more than one of three splits, equal pixel by pixel.
    """

    root: Path
    mode: Mode
    classes: tuple[str, ...]
    usable: dict[str, tuple[Path, ...]]
    converted: dict[Path, str]
    refused: dict[Path, str]
    strays: tuple[Path, ...]
    hidden: tuple[Path, ...]
    pixels: dict[Path, bytes]
    shared: tuple[tuple[Path, ...], ...] = ()

    def __str__(self) -> str:
        return "\n".join(self._lines())

    __repr__ = __str__  # so that a notebook shows the lines, not the fields

    def _lines(self) -> Iterator[str]:
        pictures = _count(len(self.pixels), "picture")
        classes = _count(len(self.classes), "class", "classes")
        yield f"{pictures} of {classes}, read as {self.mode}{self._sizes()}."
        if self.converted:
            kinds = ", ".join(
                f"{n:,} {kind}" for kind, n in Counter(self.converted.values()).items()
            )
            yield f"Converted to {self.mode}: {kinds} ({self._names(self.converted)})."
        for path, reason in list(self.refused.items())[:LINES]:
            yield f"Refused: {self._name(path)}, {reason}."
        if len(self.refused) > LINES:
            yield f"Refused: {len(self.refused) - LINES:,} more, named in `refused`."
        if self.strays:
            files = _count(len(self.strays), "file")
            yield f"In no class folder: {files} ({self._names(self.strays)})."
        if self.hidden:
            yield f"Hidden and passed over: {len(self.hidden):,}."
        if self.shared:
            pairs = few(" = ".join(map(self._name, paths)) for paths in self.shared)
            yield f"In more than one split: {_count(len(self.shared), 'picture')} ({pairs})."

    def _names(self, paths: Iterable[Path]) -> str:
        return few(map(self._name, paths))

    def _name(self, path: Path) -> str:
        return printable(path.relative_to(self.root).as_posix())

    def _sizes(self) -> str:
        sizes = {printable(name): len(paths) for name, paths in self.usable.items()}
        if len(sizes) > LINES:
            return f": {min(sizes.values()):,} to {max(sizes.values()):,} in a folder"
        return ": " + ", ".join(f"{n:,} in {name}" for name, n in sizes.items()) if sizes else ""


def few(names: Iterable[str]) -> str:
    """Join the first names, and show that there are more."""
    everything = list(names)
    return ", ".join(everything[:NAMES] + ["…"] * (len(everything) > NAMES))


def printable(name: str) -> str:
    """Return a file's name without line breaks and without bytes that spell nothing."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name
    )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
