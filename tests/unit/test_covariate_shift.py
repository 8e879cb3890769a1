"""CovariateShift: its record, its region against scipy, spreads against numpy, sentences."""

import json
import re
from typing import Any, cast

import numpy as np
import pytest
import traitlets
from scipy.spatial import ConvexHull, Delaunay

from kbook import recorded
from kbook.widgets.covariate_shift import CovariateShift
from tests.js import Module

Round = dict[str, Any]
NBSP = "\u00a0"


@pytest.fixture(scope="module")
def javascript() -> Module:
    module = Module("covariate_shift")
    # A placement holds functions: a call reaches them through this door.
    module._engine.eval("""
        function placed(width, tall, degrees, states) {
          const at = shiftPlacement(width, tall, degrees);
          const points = states.map(([e, turn]) => [at.X(e), at.Y(turn)]);
          return { ...at, points, marks: marksText(at, states) };
        }
    """)
    return module


@pytest.fixture(scope="module")
def rounds() -> list[Round]:
    return CovariateShift().rounds


def synthetic(**changes: Any) -> list[Round]:
    """A demonstration within 100 mm and 100 mrad, and a net that is at 200 mm one time in four."""
    corners = {"e": [-100, 100, 100, -100], "psi": [-100, -100, 100, 100]}
    scores = {"autonomy": 1.0, "interventions": 0, "clean": 1.0, "mean": 0.05, "largest": 0.1}
    net = {"gap": 0.004, "shown gap": 0.0002, "frames": 3000}
    away = {"e": [0, 50, -200, 99], "psi": [0, 50, 0, -99]}
    cloned = {**scores, "name": "cloned", **away, **net, "interventions": 2, "autonomy": 0.9}
    return [{**scores, "name": "shown", **corners}, {**cloned, **changes}]


def sentences(javascript: Module, rounds: list[Round], chosen: int) -> list[str]:
    return cast(list[str], javascript.call("shiftSentences", rounds, chosen))


def states(one: Round) -> np.ndarray:
    return np.stack([np.array(one["e"]) / 1000, np.degrees(np.array(one["psi"]) / 1000)], axis=1)


def test_the_module_gets_the_record_in_whole_numbers(rounds: list[Round]) -> None:
    values = recorded.load("07_rounds")["values"]
    assert [one["name"] for one in rounds] == [
        "shown",
        "cloned",
        "DAgger 1",
        "DAgger 2",
        "DAgger 3",
    ]
    for one in rounds:
        for key, value in one.items():
            if key in ("e", "psi"):
                assert all(type(number) is int for number in value)
                np.testing.assert_allclose(
                    np.array(value) / 1000, values[f"{one['name']}, {key}"], atol=5.1e-4
                )
            elif key != "name":
                assert value == values[f"{one['name']}, {key}"]
    assert sum(len(one) - 1 for one in rounds) == len(values), "nothing is left out"
    state = CovariateShift().state()
    assert set(state) == {"chosen", "rounds"} and len(json.dumps(state)) < 40_000


def test_the_record_shows_what_the_widget_is_for(rounds: list[Round]) -> None:
    """The clone's error grows where it gets to; after a round of DAgger it does not."""
    shown, cloned, *cured = rounds
    assert shown["largest"] < 0.25 and shown["autonomy"] == 1
    assert cloned["gap"] > 5 * cloned["shown gap"] and cloned["interventions"] > 0
    for one in cured:
        assert one["gap"] < 0.2 * cloned["gap"] and one["autonomy"] >= cloned["autonomy"]
        assert one["largest"] < cloned["largest"]
    assert np.all(np.diff([one["frames"] for one in rounds[1:]]) > 0)
    for one in rounds:
        assert len(one["e"]) == len(one["psi"]) <= 600 and max(map(abs, one["e"])) <= 1000


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("chosen", -1, "want chosen from 0 to 4, got -1"),
        ("chosen", 5, "want chosen from 0 to 4, got 5"),
        ("chosen", 1.5, "chosen.* expected an int"),
        ("rounds", [], "read-only"),
    ],
)
def test_traits_refuse_what_is_not_recorded(name: str, value: object, message: str) -> None:
    with pytest.raises(traitlets.TraitError, match=message):
        CovariateShift(**{name: value})
    widget = CovariateShift(chosen=3)
    with pytest.raises(traitlets.TraitError):
        setattr(widget, name, value)
    assert widget.chosen == 3 and len(widget.rounds) == 5


def test_the_photograph_shows_the_clone() -> None:
    assert CovariateShift(**CovariateShift.photographed).chosen == 1
    assert CovariateShift().chosen == 0


@pytest.mark.parametrize("seed", range(5))
def test_the_region_is_the_convex_hull(javascript: Module, seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(80, 2)).round(1)  # some lie on a line, some coincide
    corners = np.array(javascript.call("regionOf", points.tolist()))
    hull = points[ConvexHull(points).vertices]
    assert {tuple(one) for one in corners} == {tuple(one) for one in hull}
    x, y = corners.T
    area = (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2
    assert area == pytest.approx(ConvexHull(points).volume), "counter-clockwise, and closed"
    inside = Delaunay(points)
    for point in rng.normal(scale=1.5, size=(200, 2)):
        ours = javascript.call("isInside", corners.tolist(), point.tolist())
        assert ours == bool(inside.find_simplex(point) >= 0)
    assert all(javascript.call("isInside", corners.tolist(), one.tolist()) for one in points)


@pytest.mark.parametrize("count", [1, 2, 7, 600])
def test_spreads_are_numpys_quantiles(javascript: Module, count: int) -> None:
    values = np.random.default_rng(count).normal(size=count)
    for share in (0.9, 0.5, 1.0):
        ours = javascript.call("middle", values.tolist(), share)
        theirs = np.quantile(values, [(1 - share) / 2, (1 + share) / 2])
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_facts_of_a_round(javascript: Module) -> None:
    facts = cast(Round, javascript.call("shiftFacts", synthetic(), 1))
    assert facts["outside"] == 0.25 and facts["beyond"] == [[-0.2, 0]]
    np.testing.assert_allclose(facts["states"], states(synthetic()[1]))
    facts = cast(Round, javascript.call("shiftFacts", synthetic(), 0))
    assert facts["outside"] == 0 and len(facts["region"]) == 4


def test_the_record_against_scipy(javascript: Module, rounds: list[Round]) -> None:
    shown = Delaunay(states(rounds[0]))
    for number, one in enumerate(rounds):
        facts = cast(Round, javascript.call("shiftFacts", rounds, number))
        outside = (shown.find_simplex(states(one), tol=1e-9) < 0).mean()
        assert facts["outside"] == pytest.approx(outside, abs=0.004)
        quantiles = np.quantile(states(one), [0.05, 0.95], axis=0).T
        np.testing.assert_allclose(facts["spread"], quantiles, atol=1e-9)


@pytest.mark.parametrize("number", range(1, 5))
def test_sentences_tell_the_record(javascript: Module, rounds: list[Round], number: int) -> None:
    one = rounds[number]
    where, error = sentences(javascript, rounds, number)
    assert where.startswith(
        "Cloned net, in" if number == 1 else f"DAgger {number - 1}, in the wind"
    )
    share, *_, largest = re.findall(rf"([\d.]+){NBSP}[%m]", where)
    facts = cast(Round, javascript.call("shiftFacts", rounds, number))
    assert float(share) == pytest.approx(100 * facts["outside"], abs=0.051)
    assert float(largest) == pytest.approx(one["largest"], abs=0.0051)
    assert ("Nobody had to take the wheel" in where) == (one["interventions"] == 0)
    gap, shown_gap = re.findall(r"0\.\d{5}", error)
    assert float(gap) == pytest.approx(one["gap"], abs=5.1e-6)
    assert float(shown_gap) == pytest.approx(one["shown gap"], abs=5.1e-6)
    learned = one["frames"] - rounds[1]["frames"]
    assert (f" {learned:,} frames of states such as these." in error) == (number > 1)


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (0.004, "0.00400, 20 times that on the expert's held-out roads, 0.00020."),
        (0.00032, "0.00032, 1.6 times that on"),
        (0.00025, "0.00025, about the same as on the"),
        (0.00015, "about the same"),
        (0.0001, "0.00010, less than on the expert's held-out roads, 0.00020."),
        (0.24, "is 0.24, 1200 times that"),
    ],
)
def test_errors_are_compared(javascript: Module, gap: float, said: str) -> None:
    assert said in sentences(javascript, synthetic(gap=gap), 1)[1]


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "Nobody had to"), (1, "taken once ("), (2, "twice ("), (7, "taken 7 times (beyond 1")],
)
def test_interventions_are_counted(javascript: Module, count: int, said: str) -> None:
    assert said in sentences(javascript, synthetic(interventions=count), 1)[0]


def test_the_demonstration_says_what_it_shows(javascript: Module) -> None:
    (text,) = sentences(javascript, synthetic(), 0)
    assert f"never more than 0.10{NBSP}m off the line" in text and "more than 5.7°" in text


def test_the_table_has_every_driver(javascript: Module, rounds: list[Round]) -> None:
    table = cast(Round, javascript.call("shiftRows", rounds))
    assert all(len(row) == len(table["head"]) for row in table["rows"])
    assert [row[0] for row in table["rows"]][:3] == ["demonstration", "cloned net", "DAgger 1"]
    assert table["rows"][0][1] is table["rows"][0][-1] is table["rows"][0][-2] is None
    for row, one in zip(table["rows"][1:], rounds[1:], strict=True):
        assert row[1] == f"{one['frames']:,}" and row[3] == str(one["interventions"])
        assert float(row[2].rstrip("%")) == pytest.approx(100 * one["autonomy"], abs=0.051)
        assert float(row[7]) == pytest.approx(one["gap"], abs=5.1e-6)


def test_one_axis_for_all_rounds(javascript: Module, rounds: list[Round]) -> None:
    degrees = cast(int, javascript.call("mostDegrees", rounds))
    most = max(abs(states(one)[:, 1]).max() for one in rounds)
    assert degrees % 5 == 0 and degrees - 5 < most <= degrees
    assert javascript.call("mostDegrees", synthetic()) == 10


def test_left_is_left_and_nothing_leaves_the_drawing(javascript: Module) -> None:
    given = [[0, 0], [1, 0], [-1, 0], [0, 20], [0, -20], [9, 99], [-9, -99]]
    at = cast(Round, javascript.call("placed", 500, 300, 20, given))
    middle, left, right, up, down, *beyond = at["points"]
    assert middle == [(at["left"] + at["right"]) / 2, (at["top"] + at["bottom"]) / 2]
    assert at["left"] < left[0] < middle[0] < right[0] < at["right"]
    assert left[0] + right[0] == pytest.approx(2 * middle[0])
    assert (up[1], down[1]) == (at["top"], at["bottom"])
    assert beyond == [[at["left"], at["top"]], [at["right"], at["bottom"]]]
    marks = [list(map(float, pair)) for pair in re.findall(r"M([\d.]+),([\d.]+)h0", at["marks"])]
    np.testing.assert_allclose(marks, at["points"], atol=0.06)


def test_the_label_tells_the_picture(javascript: Module, rounds: list[Round]) -> None:
    label = cast(str, javascript.call("shiftLabel", rounds, 1, "cloned net"))
    told = [float(text.replace("−", "-")) for text in re.findall(r"−?\d+\.\d\d", label)]
    quantiles = np.quantile(states(rounds[1]), [0.05, 0.95], axis=0).T
    np.testing.assert_allclose(told, quantiles.ravel(), atol=0.0051)
