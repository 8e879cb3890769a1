"""The table of a recording of Udacity's driving simulator; see `kbook.data.udacity`."""

import csv
from datetime import datetime
from pathlib import Path, PureWindowsPath
from typing import NamedTuple

from kbook.data.cache import DataUnavailable

__all__ = ["CAMERAS", "LOG", "Row", "read_log"]

LOG = "driving_log.csv"
CAMERAS = ("center", "left", "right")
COLUMNS = [*CAMERAS, "steering", "throttle", "brake", "speed"]
TIME = "%Y_%m_%d_%H_%M_%S_%f"  # in a picture's name, to the millisecond


class Row(NamedTuple):
    """One moment of a recording.

    Attributes
    ----------
    time : datetime
        Of the clock of the machine that recorded it.
    names : tuple of str
        The pictures of the cameras, in the order of `CAMERAS`, without folders.
    steering : float
        From -1 to 1.
    """

    time: datetime
    names: tuple[str, ...]
    steering: float


def read_log(file: Path, instead: str) -> list[Row]:
    """Return the rows of a table, sorted by time.

    A first row with the names of the columns may be there or not. Paths may be of any machine.

    Parameters
    ----------
    file : Path
        The table.
    instead : str
        What to do without it: the last part of an error's sentence.

    Returns
    -------
    list of Row
        At least one.

    Raises
    ------
    kbook.data.cache.DataUnavailable
        If it cannot be read, has no rows, or one of them cannot be used.
    """
    try:
        # Folders' names may be in any encoding; they do not count.
        text = file.read_text(encoding="utf-8-sig", errors="replace")
        reader = csv.reader(text.splitlines(), skipinitialspace=True)
        lines = [(reader.line_num, [field.strip() for field in line]) for line in reader if line]
        if lines and lines[0][1] == COLUMNS:
            del lines[0]
        if not lines:
            raise ValueError("it has no rows")
        return sorted((_row(*line) for line in lines), key=lambda row: row.time)
    except (OSError, ValueError, csv.Error) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise DataUnavailable(f"{file} cannot be used: {why}. {instead}") from error


def _row(line: int, fields: list[str]) -> Row:
    if len(fields) != len(COLUMNS):
        raise ValueError(
            f"line {line} has {len(fields)} fields instead of {len(COLUMNS)} "
            f"({', '.join(COLUMNS)}; numbers have decimal points)"
        )
    names = tuple(PureWindowsPath(path).name for path in fields[:3])  # knows both kinds of slashes
    times = [_time(line, *pair) for pair in zip(CAMERAS, names, strict=True)]
    return Row(times[0], names, _steering(line, fields[3]))


def _time(line: int, camera: str, name: str) -> datetime:
    """Return when a picture was taken, by its name."""
    before, _, time = name.rpartition(".")[0].partition("_")
    try:
        if before != camera:
            raise ValueError
        return datetime.strptime(time, TIME)
    except ValueError:
        wanted = f"{camera}_2016_12_31_23_59_59_999.jpg"
        raise ValueError(f"line {line} wants a picture named as {wanted}; got {name!r}") from None


def _steering(line: int, field: str) -> float:
    try:
        if -1 <= float(field) <= 1:  # which NaN is not
            return float(field)
    except ValueError:
        pass
    raise ValueError(f"line {line} wants a steering from -1 to 1; got {field!r}")
