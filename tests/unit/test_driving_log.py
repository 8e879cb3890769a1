"""kbook.data.driving_log: tables of all machines, and the sentences that refuse a row."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kbook.data.cache import DataUnavailable
from kbook.data.driving_log import Row, read_log
from tests.udacity_lines import CAMERAS, HEADER, INSTEAD, LINES, STEERING, TIMES, line, name


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "driving_log.csv"


def write(file: Path, lines: list[str], end: str = "\n") -> None:
    file.write_text("".join(text + end for text in lines), "utf-8", newline="")


def test_a_row_is_its_time_its_pictures_and_its_steering(file: Path) -> None:
    write(file, LINES)
    rows = read_log(file, INSTEAD)
    assert [row.steering for row in rows] == [0, -0.05, 1, 0.031]
    for row, time in zip(rows, TIMES, strict=True):
        assert row.names == tuple(f"{camera}_{time}.jpg" for camera in CAMERAS)
    assert rows[0].time == datetime(2016, 12, 31, 23, 59, 58, 900_000)
    seconds = [(row.time - rows[0].time) / timedelta(seconds=1) for row in rows]
    assert seconds == pytest.approx([0, 0.105, 1.099, 2.35])  # across a new year


TABLES = {
    "a header": [HEADER, *LINES],
    "a header with blanks": [HEADER.replace(",", " , "), *LINES],
    "a byte order mark": ["\ufeff" + HEADER, *LINES],
    "blanks behind commas": [line(row, comma=", ") for row in range(4)],
    "paths of Unix": [line(row, "/home/me/drive 1/IMG/") for row in range(4)],
    "paths of Windows": [line(row, "D:\\drive\\IMG\\") for row in range(4)],
    "names alone": [line(row, "") for row in range(4)],
    "quotes": [",".join(f'"{f}"' for f in line(row, "D:\\a, b\\IMG\\", "|").split("|"))
               for row in range(4)],
    "quotes behind blanks": [
        ", ".join(f'"{f}"' for f in line(row, "D:\\a, b\\IMG\\", "|").split("|"))
        for row in range(4)
    ],
    "blank lines": ["", LINES[0], "", *LINES[1:], ""],
    "another order": [LINES[2], LINES[0], LINES[3], LINES[1]],
}  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("table", TABLES)
def test_tables_of_all_machines_say_the_same(table: str, end: str, file: Path) -> None:
    write(file, TABLES[table], end)
    rows = [
        Row(
            datetime.strptime(time, "%Y_%m_%d_%H_%M_%S_%f"),
            (name("center", time), name("left", time), name("right", time)),
            float(steering),
        )
        for time, steering in zip(TIMES, STEERING, strict=True)
    ]
    assert read_log(file, INSTEAD) == rows


def test_a_path_that_is_no_utf_8_does_not_matter(file: Path) -> None:
    text = "\n".join(line(row, "D:\\für mich\\IMG\\") for row in range(4))
    file.write_bytes(text.encode("cp1252"))
    assert len(read_log(file, INSTEAD)) == 4


def changed(row: int, column: int, text: str) -> list[str]:
    """Return the lines with one field changed."""
    fields = LINES[row].split(",")
    fields[column] = text
    return [*LINES[:row], ",".join(fields), *LINES[row + 1 :]]


NAMED = "wants a picture named as {}_2016_12_31_23_59_59_999.jpg; got {!r}"
BAD = {
    "steering above 1": (changed(2, 3, "1.01"), "line 3 wants a steering from -1 to 1; got '1.01'"),
    "steering below -1": (changed(0, 3, "-2"), "line 1 wants a steering from -1 to 1; got '-2'"),
    "NaN": (changed(1, 3, "NaN"), "line 2 wants a steering from -1 to 1; got 'NaN'"),
    "infinity": (changed(1, 3, "-inf"), "line 2 wants a steering from -1 to 1; got '-inf'"),
    "a word": (changed(1, 3, "left"), "line 2 wants a steering from -1 to 1; got 'left'"),
    "nothing": (changed(3, 3, " "), "line 4 wants a steering from -1 to 1; got ''"),
    "behind a header": (
        [HEADER, *changed(2, 3, "7")], "line 4 wants a steering from -1 to 1; got '7'"),
    "a decimal comma": (
        changed(1, 3, "-0,05"),
        "line 2 has 8 fields instead of 7 (center, left, right, steering, throttle, brake, speed; "
        "numbers have decimal points)"),
    "half a line": (
        [*LINES, "IMG/x.jpg"],
        "line 5 has 1 fields instead of 7 (center, left, right, steering, throttle, brake, speed; "
        "numbers have decimal points)"),
    "another header": (
        [HEADER.replace("left,right", "right,left"), *LINES],
        "line 1 " + NAMED.format("center", "center")),
    "exchanged cameras": (
        changed(0, 1, name("right", TIMES[0])),
        "line 1 " + NAMED.format("left", f"right_{TIMES[0]}.jpg")),
    "no time": (
        changed(0, 0, "IMG/center_7.jpg"), "line 1 " + NAMED.format("center", "center_7.jpg")),
    "no such month": (
        changed(1, 2, "IMG/right_2016_13_01_00_00_00_000.jpg"),
        "line 2 " + NAMED.format("right", "right_2016_13_01_00_00_00_000.jpg")),
    "no name": (changed(1, 0, ""), "line 2 " + NAMED.format("center", "")),
    "no rows": ([], "it has no rows"),
    "a header alone": ([HEADER], "it has no rows"),
    "an endless field": (["x" * 200_000], "field larger than field limit (131072)"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_used_is_refused_by_its_line(case: str, file: Path) -> None:
    lines, reason = BAD[case]
    write(file, lines)
    assert refusal(file) == f"{file} cannot be used: {reason}. {INSTEAD}"


def refusal(file: Path) -> str:
    with pytest.raises(DataUnavailable) as caught:
        read_log(file, INSTEAD)
    return str(caught.value)


def test_what_is_no_file_is_refused(file: Path) -> None:
    assert refusal(file) == f"{file} cannot be used: No such file or directory. {INSTEAD}"
    file.mkdir()
    assert refusal(file) == f"{file} cannot be used: Is a directory. {INSTEAD}"


@pytest.mark.parametrize("steering", ["-1", "1", "+1.0", "-0"])
def test_the_ends_of_the_range_are_in_it(steering: str, file: Path) -> None:
    write(file, changed(1, 3, steering))
    assert read_log(file, INSTEAD)[1].steering == float(steering)
