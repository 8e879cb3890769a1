"""Three sibling folders of pictures with one class map: for weights, for choices, for the test."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

from torchvision.datasets import ImageFolder

from kbook.data.inspection import UnusableFolder, class_names, existing, inspect
from kbook.data.pictures import Mode, read
from kbook.data.report import Report, few, printable

__all__ = ["Splits", "open_splits"]

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Splits:
    """Hold three data sets with one class map, and what was found in their folders.

    Attributes
    ----------
    train, validation, test : torchvision.datasets.ImageFolder
        Their ``transform`` may be set at any time.
    report : Report
        Of all three; `report.shared` names the pictures that lie in more than one.
    """

    train: ImageFolder
    validation: ImageFolder
    test: ImageFolder
    report: Report


def open_splits(
    root: str | Path, mode: Mode = "RGB", transform: Callable[[Any], Any] | None = None
) -> Splits:
    """Open ``root/train``, ``root/validation`` and ``root/test``, and print what was found.

    Every file is tried. What cannot be decoded is left out, by name; never is a class left out or
    numbered anew. Equal pictures in two splits are reported, not refused: real data have them.

    Parameters
    ----------
    root : str or Path
        The folder that holds the three.
    mode : {"RGB", "L"}
        What all pictures are read as, color or gray.
    transform : callable, optional
        From a PIL picture to what the data sets give, for all three.

    Returns
    -------
    Splits

    Raises
    ------
    UnusableFolder
        If a split is missing or lies inside another, the splits have not the same classes, or a
        class has no usable picture in one of them.
    ValueError
        If `mode` is another.
    """
    root = existing(root)
    _check_places(root)
    _check_classes({split: class_names(root / split) for split in SPLITS})
    parts = {split: inspect(root / split, mode) for split in SPLITS}
    report = _joined(root, parts)
    print(report)
    _check_filled(parts)
    train, validation, test = (PictureFolder(parts[split], transform) for split in SPLITS)
    return Splits(train, validation, test, report)


class PictureFolder(ImageFolder):
    """Hold the usable pictures of a report, as torchvision's ImageFolder.

    Parameters
    ----------
    report : Report
        Of a folder with class folders.
    transform : callable, optional
        From a PIL picture to what the data set gives.
    """

    def __init__(self, report: Report, transform: Callable[[Any], Any] | None) -> None:
        super().__init__(
            str(report.root),
            transform=transform,
            loader=partial(read, mode=report.mode),
            is_valid_file=lambda path: Path(path) in report.pixels,
        )

    def find_classes(self, directory: str | Path) -> tuple[list[str], dict[str, int]]:
        """Return the class folders' names, without hidden ones, and their numbers."""
        names = class_names(Path(directory))
        return list(names), {name: number for number, name in enumerate(names)}


def _check_places(root: Path) -> None:
    """Refuse a split that is missing, or that lies where torchvision looks for a class."""
    there = [split for split in SPLITS if (root / split).is_dir()]
    for split in there:
        classes = set(class_names(root / split))
        for name in sorted(classes):
            inner = set(class_names(root / split / name)) & classes - {name}
            if inner or name.casefold() in SPLITS:
                holds = f" (it holds {few(map(printable, sorted(inner)))})" if inner else ""
                raise UnusableFolder(
                    f"{split}/{printable(name)} looks like a split inside the folder "
                    f"{split}{holds}: it would become a class, and its pictures pictures "
                    f"of {split}; move it beside {split}."
                )
    for one, other in permutations(there, 2):
        if (root / one).resolve().is_relative_to((root / other).resolve()):
            raise UnusableFolder(f"{one} leads into the folder {other}: they would share pictures.")
    if missing := [split for split in SPLITS if split not in there]:
        raise UnusableFolder(
            "The folders train, validation and test lie side by side; "
            f"there is no {' and no '.join(missing)}."
        )


def _check_classes(classes: dict[str, tuple[str, ...]]) -> None:
    if not classes["train"]:
        raise UnusableFolder(
            "train holds no folder: each class wants one, with its pictures in it."
        )
    train, differences = set(classes["train"]), []
    for split in SPLITS[1:]:
        if lacks := sorted(train - set(classes[split])):
            differences.append(f"{split} lacks {few(map(printable, lacks))}")
        if extra := sorted(set(classes[split]) - train):
            differences.append(f"{split} has {few(map(printable, extra))} besides")
    if differences:
        raise UnusableFolder(
            f"The classes are not those of train: {'; '.join(differences)}. Numbered folder by "
            "folder, the same label would mean different classes."
        )


def _check_filled(parts: dict[str, Report]) -> None:
    empty = [
        f"{split}/{printable(name)}"
        for split, part in parts.items()
        for name, paths in part.usable.items()
        if not paths
    ]
    if empty:
        raise UnusableFolder(f"No usable picture in {few(empty)}: each class wants one or more.")


def _joined(root: Path, parts: dict[str, Report]) -> Report:
    """Make one report of three."""
    pixels = {path: key for part in parts.values() for path, key in part.pixels.items()}
    return Report(
        root=root,
        mode=parts["train"].mode,
        classes=parts["train"].classes,
        usable={split: tuple(part.pixels) for split, part in parts.items()},
        converted={path: form for part in parts.values() for path, form in part.converted.items()},
        refused={path: why for part in parts.values() for path, why in part.refused.items()},
        strays=tuple(path for part in parts.values() for path in part.strays),
        hidden=tuple(path for part in parts.values() for path in part.hidden),
        pixels=pixels,
        shared=_shared(root, pixels),
    )


def _shared(root: Path, pixels: dict[Path, bytes]) -> tuple[tuple[Path, ...], ...]:
    """Group the pictures with the same pixels, and keep the groups of more than one split."""
    groups = defaultdict(list)
    for path, key in pixels.items():
        groups[key].append(path)
    in_splits = (
        (tuple(paths), {path.relative_to(root).parts[0] for path in paths})
        for paths in groups.values()
    )
    return tuple(paths for paths, splits in in_splits if len(splits) > 1)
