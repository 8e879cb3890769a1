"""Exercise 04-9: a table of what is wrong with the splits of a data set."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np
from numpy.typing import NDArray

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Array = NDArray[np.float64]
Files = dict[str, bytes]
Splits = dict[str, dict[str, Files]]
Places = dict[Hashable, list[str]]
Key = Callable[[str, str, bytes], Hashable]


def _cases() -> tuple[Case, ...]:
    """Return splits which are clean, lack classes or share pictures, in one way each and in all."""

    def files(**contents: str) -> Files:
        begin = b"\x89PNG\r\n\x1a\n"  # as all PNG files do
        return {f"{name}.png": begin + text.encode() for name, text in contents.items()}

    cat, dog = files(a="cat 1", b="cat 2"), files(a="dog 1", b="dog 12")
    clean: Splits = {"train": {"cat": cat, "dog": dog}, "test": {"cat": {}, "dog": {}}}
    clean["test"] = {"cat": files(a="cat 3"), "dog": files(a="dog 3", c="dog 21")}
    twice = files(a="cat 1", b="cat 1", c="cat 5")
    every = {
        "train": {"owl": files(a="owl 1", b="owl 2", c="owl 2"), "ant": files(a="1", b="1")},
        "val": {"owl": files(d="owl 3", e="owl 9"), "cow": files(a="moo"), "ant": files(z="2")},
        "test": {"bee": {}, "owl": files(d="owl 3", x="owl 2"), "ant": files(y="owl 2", a="3")},
    }
    chain = {
        "b": {"cat": files(p="one", q="two")},
        "c": {"cat": files(p="two", q="three", r="two")},
        "a": {"cat": files(s="three", t="two", u="four")},
    }
    return (
        Case("two clean splits", (clean,)),
        Case(
            "a test folder without dogs", ({"train": clean["train"], "test": {"cat": files(x="")}},)
        ),
        Case(
            "a picture under another name",
            ({"train": clean["train"], "test": {"cat": files(z="cat 1"), "dog": files(z="w")}},),
        ),
        Case(
            "a picture in another class",
            ({"train": clean["train"], "test": {"cat": files(z="dog 1"), "dog": files(z="w")}},),
        ),
        Case("a picture twice in one split", ({"train": {"cat": twice}, "test": {"cat": dog}},)),
        Case("three splits, with nearly everything wrong", (every,)),
        Case("a class that train lacks", ({"train": {"cat": cat}, "test": clean["test"]},)),
        Case("pictures that wander through three splits", (chain,)),
        Case("a single split", ({"train": {"dog": dog, "cat": twice}},)),
        Case("a split without any class", ({"test": {}, "train": clean["train"]},)),
    )


def _oracle(splits: Splits) -> Array:
    """Compare each file with each file of the other splits, byte by byte."""
    names = sorted(set().union(*splits.values()))
    table = np.zeros((len(splits), len(names)))
    for i, split in enumerate(splits):
        others = [
            contents
            for other in splits
            if other != split
            for files in splits[other].values()
            for contents in files.values()
        ]
        for j, name in enumerate(names):
            files = list(splits[split].get(name, {}).values())
            table[i, j] = [contents in others for contents in files].count(True) if files else -1
    return table


def _by_contents(_folder: str, _name: str, contents: bytes) -> Hashable:
    """Return what makes two files the same picture."""
    return contents


def _classes(splits: Splits) -> list[str]:
    """Return all classes in the order of the alphabet."""
    return sorted({name for folders in splits.values() for name in folders})


def _in_order(splits: Splits) -> list[str]:
    """Return all classes as they come."""
    return list(dict.fromkeys(name for folders in splits.values() for name in folders))


def _common(splits: Splits) -> list[str]:
    """Return the classes that no split lacks."""
    return [name for name in _classes(splits) if all(name in f for f in splits.values())]


def _places(splits: Splits, key: Key) -> Places:
    """Return the splits in which each picture lies, a split as often as it holds the picture."""
    places: Places = {}
    for split, folders in splits.items():
        for folder, files in folders.items():
            for name, contents in files.items():
                places.setdefault(key(folder, name, contents), []).append(split)
    return places


def _audit(
    splits: Splits,
    *,
    key: Key = _by_contents,
    count: Callable[[str, list[str]], int] = lambda _split, places: len(set(places)) > 1,
    classes: Callable[[Splits], list[str]] = _classes,
    once: bool = False,
) -> Array:
    """Count the files that are elsewhere too; the reference solution, and ways to err."""
    places, names = _places(splits, key), classes(splits)
    table = np.zeros((len(splits), len(names)))
    for i, (split, folders) in enumerate(splits.items()):
        for j, name in enumerate(names):
            found = [(key(name, *file), split) for file in folders.get(name, {}).items()]
            kept = dict(found).items() if once else found
            table[i, j] = sum(count(s, places[k]) for k, s in kept) if found else -1
    return table


def _missing_as(value: float) -> Callable[[Splits], Array]:
    """Return a function with another number for a class without files."""
    return lambda splits: np.where(_audit(splits) < 0, value, _audit(splits))


def _empty_as_clean(splits: Splits) -> Array:
    """Take a folder without files for a class that is there."""
    table = _audit(splits)
    for i, folders in enumerate(splits.values()):
        for j, name in enumerate(_classes(splits)):
            table[i, j] = max(0, table[i, j]) if name in folders else -1
    return table


def _seen_before(splits: Splits) -> Callable[[str, list[str]], int]:
    """Return a count of files that an earlier split holds."""
    order = list(splits)
    return lambda split, places: any(order.index(p) < order.index(split) for p in places)


def _with_the_first(splits: Splits) -> Callable[[str, list[str]], int]:
    """Return a count that compares each split with the first one only."""
    first = next(iter(splits))
    return lambda split, places: first in places and len(set(places)) > 1


AUDIT = Exercise(
    id="04-9",
    title="An auditor of splits",
    level="design",
    minutes=20,
    task=Function(_cases, _oracle),
    solution=_audit,
    praise="the table finds every class that a split lacks and every picture that two splits "
    "share, whatever its name and class.",
    nudge="first note for each contents in which splits it lies; then fill the table class by "
    "class: −1 without files, else the number of files whose contents lie in two splits or more",
    wrong=(
        Mistake(
            lambda splits: _audit(splits, key=lambda folder, name, contents: name),
            "this compares names; the same name is no leak, and another name no protection: "
            "compare the bytes.",
        ),
        Mistake(
            lambda splits: _audit(splits, key=lambda folder, name, contents: (name, contents)),
            "a copy under another name is missed: compare the contents alone.",
        ),
        Mistake(
            lambda splits: _audit(splits, key=lambda folder, name, contents: (folder, contents)),
            "a copy in another class is missed: it is a leak too, and one of the labels is wrong.",
        ),
        Mistake(
            lambda splits: _audit(splits, key=lambda folder, name, contents: len(contents)),
            "files of the same size are taken for the same; compare the bytes.",
        ),
        Mistake(
            lambda splits: _audit(splits, count=lambda split, places: len(places) > 1),
            "copies inside one split are counted too; only what lies in two splits is a leak.",
        ),
        Mistake(
            lambda splits: _audit(splits, once=True),
            "different contents are counted; asked is the number of files, so a copy in the same "
            "split counts again.",
        ),
        Mistake(
            lambda splits: _audit(
                splits, count=lambda split, places: len({p for p in places if p != split})
            ),
            "a file counts once for each other split that holds it; count it once.",
        ),
        Mistake(
            lambda splits: _audit(splits, count=_seen_before(splits)),
            "only the later split is told: a picture that two splits share counts in both rows.",
        ),
        Mistake(
            lambda splits: _audit(splits, count=_with_the_first(splits)),
            "each split is compared with the first one only; the others can share pictures too.",
        ),
        Mistake(
            _missing_as(0),
            "a class without files has nothing to share, but it is not clean: it gets −1.",
        ),
        Mistake(
            _empty_as_clean,
            "a class whose folder is there but empty gets −1 too.",
        ),
        Mistake(
            lambda splits: _audit(splits, classes=_in_order),
            "the columns come in the order of the folders; sort the classes by name.",
        ),
        Mistake(
            lambda splits: _audit(splits, classes=lambda s: sorted(next(iter(s.values())))),
            "the columns are the classes of the first split; a class that only another one has is "
            "not seen.",
        ),
        Mistake(
            lambda splits: _audit(splits, classes=_common),
            "only classes that all splits have are looked at; the others are the ones to report.",
        ),
        Mistake(
            lambda splits: _audit({name: splits[name] for name in sorted(splits)}),
            "the rows are sorted by name; they come in the order of `splits`.",
        ),
        Mistake(
            lambda splits: _audit(splits).T,
            "the table is transposed: a row is a split, a column is a class.",
        ),
    ),
)
