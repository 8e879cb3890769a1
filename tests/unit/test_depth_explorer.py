"""DepthExplorer: its traits, its axes against numpy, its sentences against the record."""

import json
import math
import re
from typing import Any, cast

import numpy as np
import pytest
import traitlets

from kbook import recorded
from kbook.widgets.depth_explorer import DepthExplorer
from tests.js import Module

Record = dict[str, Any]
KINDS = ["plain", "residual"]
AXES = {
    "training accuracy": "training accuracy (%)",
    "validation accuracy": "validation accuracy (%)",
    "training loss": "training loss",
}
NBSP = "\u00a0"


@pytest.fixture(scope="module")
def javascript() -> Module:
    module = Module("depth_explorer")
    # An axis is a function: a call reaches it through this door.
    module._engine.eval("""
        function axisOf(record, measure, values) {
          const { share, ticks, cap } = measureAxis(record, measure);
          return { shares: values.map(share), ticks, cap };
        }
        function endsOf(record, measure, shown, near) {
          return curveEnds(record, measure, shown, (v) => (v === null ? null : 100 - v), near);
        }
    """)
    return module


@pytest.fixture(scope="module")
def record() -> Record:
    return cast(Record, recorded.load("05_depths")["values"])


def synthetic(**changes: Any) -> Record:
    """Two depths and three epochs; net by net, other numbers."""
    values: Record = {"depths": [8, 14], "epochs": 3}
    for kind, depth, last in (
        ("plain", 8, 90.0), ("plain", 14, 40.0), ("residual", 8, 95.0), ("residual", 14, 94.5),
    ):  # fmt: skip
        accuracies = np.linspace(10, last, 4).tolist()
        values[f"{kind}-{depth}, training accuracy (%)"] = accuracies
        values[f"{kind}-{depth}, validation accuracy (%)"] = [a - 2 for a in accuracies]
        values[f"{kind}-{depth}, training loss"] = [2.3, 1.0, 0.5, 0.2]
        values[f"{kind}-{depth}, gradient norms"] = [
            np.geomspace(8.0 - epoch, 0.5, depth - 1).tolist() for epoch in range(4)
        ]
    return {**values, **changes}


def chosen(depth: int = 14, epoch: int = 3, **others: Any) -> dict[str, Any]:
    return {
        "depth": depth, "epoch": epoch, "measure": "training accuracy", "shown": KINDS, **others,
    }  # fmt: skip


def sentences(javascript: Module, record: Record, choice: dict[str, Any]) -> tuple[str, str]:
    first, second = cast(list[str], javascript.call("depthSentences", record, choice))
    return first, second


def test_the_record_has_every_net_epoch_and_layer(record: Record) -> None:
    assert record["depths"] == sorted(set(record["depths"]))
    for kind in KINDS:
        for depth in record["depths"]:
            for axis in AXES.values():
                values = np.array(record[f"{kind}-{depth}, {axis}"])
                assert values.shape == (record["epochs"] + 1,) and np.isfinite(values).all()
            norms = np.array(record[f"{kind}-{depth}, gradient norms"])
            assert norms.shape == (record["epochs"] + 1, depth - 1)
            assert (norms >= 0).all() and np.isfinite(norms).all()


def test_the_record_shows_what_the_widget_is_for(record: Record) -> None:
    """Deeper plain nets end lower in training; residual ones do not, and no gradient vanishes."""
    last = {k: [record[f"{k}-{d}, {AXES['training accuracy']}"][-1] for d in record["depths"]]
            for k in KINDS}  # fmt: skip
    assert last["plain"] == sorted(last["plain"], reverse=True)
    assert last["plain"][0] - last["plain"][-1] > 30 and min(last["residual"]) > 99
    deepest = record["depths"][-1]
    before = record[f"plain-{deepest}, gradient norms"][0]
    assert before[0] > 10 * before[-1]


def test_the_module_gets_the_record_as_it_is(record: Record) -> None:
    widget = DepthExplorer()
    assert widget.curves == record
    assert widget.state()["curves"] == record
    assert set(widget.state()) == {"curves", "depth", "epoch", "measure", "shown"}
    assert len(json.dumps(widget.state())) < 40_000


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("depth", 44, r"want one of the recorded depths \[8, 20, 32, 56\] as depth, got 44"),
        ("depth", "56", "depth.* expected an int"),
        ("epoch", -1, "want epoch from 0 to 12, got -1"),
        ("epoch", 13, "want epoch from 0 to 12, got 13"),
        ("epoch", 1.5, "epoch.* expected an int"),
        ("measure", "test accuracy", "measure.* expected any of .*'training accuracy'"),
        ("shown", [], r"want one or both of \['plain', 'residual'\] as shown, each once, got \[\]"),
        ("shown", ["plain", "plain"], "each once"),
        ("shown", ["dense"], "want one or both of"),
        ("curves", {}, 'cannot modify readonly trait "curves"|"curves".* read-only'),
    ],
)
def test_traits_refuse_what_is_not_recorded(name: str, value: object, message: str) -> None:
    with pytest.raises(traitlets.TraitError, match=f"(?i){message}"):
        DepthExplorer(**{name: value})
    widget = DepthExplorer()
    before = getattr(widget, name)
    with pytest.raises(traitlets.TraitError):
        setattr(widget, name, value)
    assert getattr(widget, name) == before


def test_traits_take_what_is_recorded() -> None:
    widget = DepthExplorer(depth=8, epoch=12, measure="training loss", shown=["residual", "plain"])
    assert (widget.depth, widget.epoch, widget.shown) == (8, 12, KINDS)
    DepthExplorer(**DepthExplorer.photographed)


@pytest.mark.parametrize("seed", range(5))
def test_the_powers_hold_all_values(javascript: Module, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = 10 ** rng.uniform(-5, 1.5, size=40)
    powers = cast(dict[str, int], javascript.call("powersFor", [*values, 0, None], -8, 2))
    assert powers["low"] == math.floor(np.log10(values.min()))
    assert powers["high"] == math.ceil(np.log10(values.max()))
    shares = [cast(float, javascript.call("logShare", v, powers)) for v in values]
    expected = np.interp(np.log10(values), [powers["low"], powers["high"]], [0, 1])
    np.testing.assert_allclose(shares, expected, atol=1e-12)


def test_the_powers_keep_to_their_limits(javascript: Module) -> None:
    call = javascript.call
    assert call("powersFor", [1e-20, 4.5e8], -8, 2) == {"low": -8, "high": 2}
    assert call("powersFor", [3e4, 5e5], -8, 2) == {"low": 1, "high": 2}
    assert call("powersFor", [1.0, 1.0], -8, 2) == {"low": 0, "high": 1}
    assert call("powersFor", [0, None], -8, 2) == {"low": -1, "high": 0}


def test_what_is_off_a_logarithmic_axis_stands_at_its_edge(javascript: Module) -> None:
    powers = {"low": -2, "high": 2}
    shares = [javascript.call("logShare", v, powers) for v in (1e5, 1e-9, 0, None, math.nan)]
    assert shares == [1, 0, 0, None, None]


@pytest.mark.parametrize(("low", "high"), [(-8, 4), (-4, 3), (0, 1), (-1, 2), (-4, 2)])
def test_ticks_are_powers_on_the_axis(javascript: Module, low: int, high: int) -> None:
    ticks = cast(list[int], javascript.call("powerTicks", {"low": low, "high": high}))
    assert 2 <= len(ticks) <= 6 and ticks[0] == low and ticks[-1] <= high
    assert len(set(np.diff(ticks))) == 1 and high - ticks[-1] < ticks[1] - ticks[0]


def test_the_axes_of_the_measures(javascript: Module, record: Record) -> None:
    linear = cast(Record, javascript.call("axisOf", record, "validation accuracy", [0, 25, None]))
    assert linear["shares"] == [0, 0.25, None]
    values = [record[f"{k}-{d}, training loss"] for k in KINDS for d in record["depths"]]
    axis = cast(Record, javascript.call("axisOf", record, "training loss", [np.max(values), 1.0]))
    assert np.max(values) <= axis["cap"] == 10, "in training mode no loss is beyond the axis"
    assert axis["ticks"][0] <= np.min(values) and 0 < axis["shares"][1] < axis["shares"][0] < 1
    high = synthetic(**{"plain-14, training loss": [2.3, 4e8, 0.5, 0.2]})
    axis = cast(Record, javascript.call("axisOf", high, "training loss", [4e8]))
    assert axis["cap"] == 100 and axis["shares"] == [1], "what is above is drawn along the edge"


@pytest.mark.parametrize("count", [1, 7, 13, 19, 31, 55, 109])
def test_layers_are_numbered_without_crowding(javascript: Module, count: int) -> None:
    ticks = cast(list[int], javascript.call("layerTicks", count))
    assert ticks[0] == 1 and ticks[-1] == count and ticks == sorted(set(ticks))
    assert len(ticks) <= 13 and (count < 11 or np.diff(ticks).min() >= 0.05 * count)


def test_a_line_is_broken_where_there_is_nothing(javascript: Module) -> None:
    points = [None, [0, 1], [1, 2], None, None, [2, 3], None]
    assert javascript.call("joinedPieces", points) == [[[0, 1], [1, 2]], [[2, 3]]]
    assert javascript.call("joinedPieces", [None]) == []


@pytest.mark.parametrize("seed", range(5))
def test_labels_are_spread_in_order(javascript: Module, seed: int) -> None:
    heights = np.random.default_rng(seed).uniform(0, 150, size=8)
    moved = np.array(javascript.call("spreadApart", heights.tolist(), 15, 160))
    order = np.argsort(heights)
    assert np.diff(moved[order]).min() >= 15 - 1e-9 and moved.max() <= 160
    apart = [20.0, 100.0, 60.0]
    assert javascript.call("spreadApart", apart, 15, 160) == apart, "nothing moves without need"
    assert javascript.call("spreadApart", [5, 5, 6], 15, 160) == [5, 20, 35], "down from the top"
    assert javascript.call("spreadApart", [159, 158], 15, 160) == [160, 145], "up from the bottom"


def test_curves_that_end_together_share_a_label(javascript: Module) -> None:
    apart = cast(
        list[Record], javascript.call("endsOf", synthetic(), "training accuracy", KINDS, 0.4)
    )
    assert [end["depths"] for end in apart] == [[8], [14], [8], [14]]
    ends = javascript.call("endsOf", synthetic(), "training accuracy", KINDS, 0.6)
    assert [(end["kind"], end["depths"]) for end in cast(list[Record], ends)] == [
        ("plain", [8]), ("plain", [14]), ("residual", [8, 14]),
    ]  # fmt: skip
    lost = synthetic(**{"plain-8, training accuracy (%)": [10, 50, 60, None]})
    ends = javascript.call("endsOf", lost, "training accuracy", ["plain"], 3)
    assert [end["depths"] for end in cast(list[Record], ends)] == [[14]]


def number(text: str) -> float:
    """Read a number as the widget writes it, the real minus sign included."""
    return float(text.replace("−", "-"))


@pytest.mark.parametrize("measure", AXES)
@pytest.mark.parametrize("depth", [8, 20, 32, 56])
def test_the_sentences_tell_the_record(
    javascript: Module, record: Record, depth: int, measure: str
) -> None:
    for epoch in range(record["epochs"] + 1):
        first, second = sentences(javascript, record, chosen(depth, epoch, measure=measure))
        when = "Before" if epoch == 0 else f"After {epoch} epoch"
        assert first.startswith(when)
        told = re.findall(
            rf"(?:plain|residual)-{depth} (?:reads |is )?([−\de.]+?)(?:{NBSP}%|,|\.$|\. )", first
        )
        ours = [record[f"{kind}-{depth}, {AXES[measure]}"][epoch] for kind in KINDS]
        np.testing.assert_allclose([number(text) for text in told[:2]], ours, rtol=6e-3)
        pairs = re.findall(r"(\w+)-\d+ ([−\de.]+) ÷ ([−\de.]+) = ([−\de.]*\d)", second)
        assert [kind for kind, *_ in pairs] == KINDS
        for kind, *texts in pairs:
            norms = record[f"{kind}-{depth}, gradient norms"][epoch]
            ends = [norms[0], norms[-1], norms[0] / norms[-1]]
            np.testing.assert_allclose([number(text) for text in texts], ends, rtol=6e-2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_verdict_on_depth_is_true(javascript: Module, record: Record, kind: str) -> None:
    curves = {d: record[f"{kind}-{d}, training accuracy (%)"] for d in record["depths"]}
    for depth in record["depths"][1:]:
        for epoch in range(1, record["epochs"] + 1):
            text, _ = sentences(javascript, record, chosen(depth, epoch, shown=[kind]))
            gain = curves[depth][epoch] - curves[record["depths"][0]][epoch]
            assert ("no over-fitting" in text) == (kind == "plain" and gain <= -1), text
            assert ("deeper net is ahead" in text) == (gain >= 1)
            assert ("deeper net is behind" in text) == (kind == "residual" and gain <= -1)
            same = "does no harm" if epoch == record["epochs"] else "no difference"
            assert (same in text) == (abs(gain) < 1)


def test_the_headline(javascript: Module, record: Record) -> None:
    first, _ = sentences(javascript, record, chosen(56, 12))
    plain = javascript.call("measureText", record["plain-56, training accuracy (%)"][-1],
                            "training accuracy")  # fmt: skip
    assert first.startswith(f"After 12 epochs plain-56 reads {plain} of its own training digits")
    assert first.endswith("more layers hurt the training itself, so this is no over-fitting.")


@pytest.mark.parametrize(
    ("first", "verdict"),
    [
        (3.2, ", the opposite of vanishing"),
        (2.8, ", not vanished"),
        (0.22, ", not vanished"),
        (0.18, ""),
    ],
)
def test_a_verdict_on_the_gradient_is_true(javascript: Module, first: float, verdict: str) -> None:
    norms = [[first, 1.0, 2.0]] * 4
    made = synthetic(**{"plain-14, gradient norms": norms})
    ratio = javascript.call("readingText", first / 2)
    for epoch in range(4):  # the scale of the weights, which training changes, scales gradients too
        _, text = sentences(javascript, made, chosen(epoch=epoch, shown=["plain"]))
        said = "" if epoch else verdict
        assert text.endswith(f"{javascript.call('readingText', first)} ÷ 2 = {ratio}{said}.")


def test_a_small_gradient_is_explained_only_by_a_small_loss(javascript: Module) -> None:
    learned = {
        "residual-14, training loss": [2.3, 1, 0.1, 0.004],
        "residual-14, gradient norms": [[1e-3] * 13] * 4,
    }
    assert (
        "small because its loss is, 0.004."
        in sentences(javascript, synthetic(**learned), chosen())[1]
    )
    for changes in (
        {"residual-14, training loss": [2.3, 1, 0.5, 0.4]},
        {"plain-14, training loss": [2.3, 1, 0.1, 0.005]},
        {"residual-14, gradient norms": [[100.0] * 13] * 4},
    ):
        made = synthetic(**learned) | changes
        assert "because" not in sentences(javascript, made, chosen())[1]
    alone = chosen(shown=["residual"])
    assert "because" not in sentences(javascript, synthetic(**learned), alone)[1]


def test_the_twins_of_the_least_depth_are_compared(javascript: Module) -> None:
    text, _ = sentences(javascript, synthetic(), chosen(8))
    assert text.endswith(f"residual-8 95{NBSP}%. Residual-8 is ahead.")
    text, _ = sentences(javascript, synthetic(), chosen(8, shown=["plain"]))
    assert text.endswith(f"90{NBSP}% of its own training digits.")
    text, _ = sentences(javascript, synthetic(), chosen(8, measure="validation accuracy"))
    assert f"plain-8 reads 88{NBSP}% of the validation digits" in text
    assert f"On the training digits plain-8 is at 90{NBSP}%, residual-8 at 95{NBSP}%" in text


def test_zero_and_missing_gradients_are_told(javascript: Module) -> None:
    norms = [[0.0, None, 0.5, 0.0]] * 4
    made = synthetic(**{"plain-14, gradient norms": norms})
    _, text = sentences(javascript, made, chosen())
    assert "plain-14 0 and 0;" in text and not re.search("NaN|∞|undefined|null", text)
    note = str(javascript.call("edgeNote", made, chosen()))
    assert "exactly 0" in note and "has a gap" in note
    assert javascript.call("edgeNote", synthetic(), chosen()) == ""
    powers = cast(dict[str, int], javascript.call("normPowers", made))
    assert powers == {"low": -1, "high": 1}
    made = synthetic(**{"plain-14, gradient norms": [[None, 0.5]] * 4})
    _, text = sentences(javascript, made, chosen())
    assert "plain-14 (not recorded) and 0.5;" in text


def test_losses_beyond_the_axis_are_told(javascript: Module, record: Record) -> None:
    choice = chosen(8, 0, measure="training loss")
    high = synthetic(**{"plain-14, training loss": [2.3, 4e8, 0.5, 0.2]})
    note = str(javascript.call("edgeNote", high, choice))
    assert note == "Losses above 100 run along the upper edge; the largest is 4.00e8."
    assert javascript.call("edgeNote", record, choice) == ""


@pytest.mark.parametrize("epoch", [0, 5, 12])
def test_only_what_was_measured_in_evaluation_mode_is_said_to_be(
    javascript: Module, record: Record, epoch: int
) -> None:
    note = (
        "Measured in evaluation mode, with running statistics that lag behind the weights while "
        "the learning rate is high."
    )
    for measure in AXES:
        said = javascript.call("edgeNote", record, chosen(56, epoch, measure=measure))
        assert said == (note if measure == "validation accuracy" else "")


def test_training_and_evaluation_mode_differ_as_the_note_says(record: Record) -> None:
    """While the rate is high evaluation mode reads fewer training digits, at the end as many."""
    for kind, depth in [("plain", 20), ("residual", 32), ("residual", 56)]:
        net = f"{kind}-{depth}"
        training, evaluation = (
            np.array(record[f"{net}, {k}"])
            for k in ("training accuracy (%)", "in evaluation mode (%)")
        )
        assert (training - evaluation)[2:6].min() > 10 and abs(training - evaluation)[-1] < 0.2


@pytest.mark.parametrize(
    ("norms", "least"),
    [
        ([1.0, 0.5, 0.04, 0.3, 0.5], ", least in layer 3: 0.04."),
        ([1.0, 0.5, 0.0004092, 0.3, 0.5], ", least in layer 3: 0.00041."),
        ([1.0, 0.5, 0.06, 0.3, 0.5], ""),  # more than a tenth of the last
        ([0.3, 0.5, 0.04, 0.3, 0.5], ""),  # more than a tenth of the first
        ([0.01, 0.5, 0.6, 0.3, 0.5], ""),
        ([1.0, None, 0.6, 0.3, 0.5], ""),
        ([1.0, 0.5, 0.0, None, 0.5], ", least in layer 3: 0."),
    ],
)
def test_a_gradient_that_is_least_inside_is_named(
    javascript: Module, norms: list[float | None], least: str
) -> None:
    made = synthetic(**{"plain-14, gradient norms": [norms] * 4})
    _, text = sentences(javascript, made, chosen(epoch=2, shown=["plain"]))
    assert text.endswith(least) and ("least" in text) == bool(least)


def test_the_deep_plain_net_has_its_least_gradient_in_the_middle(
    javascript: Module, record: Record
) -> None:
    _, text = sentences(javascript, record, chosen(56, 2))
    assert "plain-56 0.0565 ÷ 0.176 = 0.32, least in layer 20: 0.0015; residual-56" in text
    for kind in KINDS:
        for depth in record["depths"]:
            for epoch in range(13):
                _, text = sentences(javascript, record, chosen(depth, epoch, shown=[kind]))
                assert ("least" in text) == ((kind, depth) == ("plain", 56) and epoch >= 2), text


@pytest.mark.parametrize("measure", AXES)
def test_leaders_go_from_the_curves_to_their_labels(
    javascript: Module, record: Record, measure: str
) -> None:
    javascript._engine.eval("""
        function leadersOf(record, measure, tall) {
          const [at, axis] = [depthPlacement(340, tall), measureAxis(record, measure)];
          const heightOf = (v) => at.Y(axis.share(v));
          const ends = curveEnds(record, measure, KINDS, heightOf, NEAR);
          const true_ = KINDS.flatMap((kind) => record.depths.map((depth) => (
            [kind, depth, heightOf(curveOf(record, kind, depth, measure).at(-1))])));
          return { right: at.right, places: endPlaces(at, ends), ends: true_ };
        }
    """)
    found = cast(Record, javascript.call("leadersOf", record, measure, 220))
    heights = {(kind, depth): y for kind, depth, y in found["ends"]}
    for place in found["places"]:
        x, y, tick, label = (float(v) for v in re.findall(r"[\d.]+", place["leader"]))
        ours = [heights[place["kind"], depth] for depth in place["depths"]]
        assert x == found["right"] and y == pytest.approx(min(ours)) and max(ours) - y < 30
        assert (tick, label) == (place["tick"], place["height"]) and x < tick < x + 12
    labels = sorted(place["height"] for place in found["places"])
    assert min(np.diff(labels)) >= 15 - 1e-9


def test_short_names_are_parts_of_whole_ones(javascript: Module) -> None:
    shown = []
    for measure in AXES:
        parts = cast(list[Any], javascript.call("nameParts", measure))
        assert "".join(text for text, _ in parts) == measure
        shown += [text for text, is_left_out in parts if not is_left_out]
    assert shown == ["training", "validation", "loss"]


def test_the_tables_hold_the_record(javascript: Module, record: Record) -> None:
    table = cast(Record, javascript.call("measureRows", record, chosen(56, 3)))
    assert table["head"] == ["epoch", *(f"{k}-{d}" for k in KINDS for d in record["depths"])]
    columns = [record[f"{name}, training accuracy (%)"] for name in table["head"][1:]]
    np.testing.assert_array_equal(table["rows"], np.array([range(13), *columns]).T)
    table = cast(Record, javascript.call("normRows", record, chosen(56, 3, shown=["residual"])))
    assert table["head"] == ["layer", "residual-56"]
    norms = record["residual-56, gradient norms"][3]
    np.testing.assert_array_equal(table["rows"], np.array([range(1, 56), norms]).T)
    made = synthetic(**{"plain-14, gradient norms": [[0.5, None]] * 4})
    table = cast(Record, javascript.call("normRows", made, chosen(shown=["plain"])))
    assert table["rows"] == [[1, 0.5], [2, None]]


def test_drawn_lines_stand_at_their_values(javascript: Module) -> None:
    javascript._engine.eval("""
        function lineOf(width, tall, shares) {
          const at = depthPlacement(width, tall);
          const points = shares.map((share, k) => [across(at, k, shares.length), share]);
          return { text: linePath(at, points), left: at.left, right: at.right, top: at.top,
                   bottom: at.bottom };
        }
    """)
    shares = [0.0, 0.5, None, 1.0]
    line = cast(Record, javascript.call("lineOf", 302, 220, shares))
    middle = 0.5 * (line["top"] + line["bottom"])
    step = (line["right"] - line["left"]) / 3
    numbers = [float(text) for text in re.findall(r"[\d.]+", line["text"].replace("h0", ""))]
    ends = [line["left"], line["bottom"], line["left"] + step, middle, line["right"], line["top"]]
    np.testing.assert_allclose(numbers, ends, atol=0.06)
    assert line["text"].count("M") == 2
