"""OptimizerRace: its traits, its surfaces and paths against torch, its facts against both."""

import math
import re
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
import torch
import traitlets

from kbook.gradcheck import central_difference
from kbook.widgets.optimizer_race import OptimizerRace
from tests.js import Module

Point = dict[str, float]
Surface = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def tilted(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    along, across = (x + y - 1) / math.sqrt(2), (y - x) / math.sqrt(2)
    return along**2 / 8 + 25 * across**2 / 2


SURFACES: dict[str, Surface] = {
    "bowl": lambda x, y: ((x - 0.5) ** 2 + (y - 0.5) ** 2) / 2,
    "valley": lambda x, y: ((x - 0.5) ** 2 / 4 + 25 * (y - 0.5) ** 2) / 2,
    "tilted": tilted,
    "banana": lambda x, y: (1 - x) ** 2 / 20 + (y - x**2) ** 2 / 2,
    "saddle": lambda x, y: x**2 / 2 + (y**2 - 1) ** 2 / 4,
    "ripples": lambda x, y: (x**2 + y**2) / 4 + (2 - torch.cos(4 * x) - torch.cos(4 * y)) / 4,
}
OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "momentum": lambda parameters, **options: torch.optim.SGD(parameters, momentum=0.9, **options),
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}
PLACES = [(-2.0, -2.0), (-1.6, 1.4), (0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (0.37, -1.81), (2.0, 0.0)]
ALL = list(OPTIMIZERS)


@pytest.fixture(scope="module")
def javascript() -> Module:
    module = Module("optimizer_race")
    # Objects of functions and arrays changed in place cannot be reached by a call: two small doors.
    module._engine.eval("""
        function surfaceAt(name, x, y) {
          return [SURFACES[name].value(x, y), ...SURFACES[name].gradient(x, y)];
        }
        function surfaceFacts() {
          return Object.entries(SURFACES).map(([name, { start, minima }]) => [name, start, minima]);
        }
        function updates(name, weights, gradients, rate, decay) {
          const memory = {};
          for (const gradient of gradients) {
            OPTIMIZERS[name](weights, gradient, memory, rate, decay);
          }
          return weights;
        }
    """)
    return module


def race(  # noqa: PLR0913
    javascript: Module,
    surface: str,
    start: list[float] | None = None,
    optimizers: list[str] = ALL,
    rate: float = 0.071,
    decay: float = 0.1,
) -> dict[str, Any]:
    place = start or next(s for name, s, _ in facts(javascript) if name == surface)
    result = javascript.call("runRace", surface, place, optimizers, rate, decay)
    return cast(dict[str, Any], result)


def facts(javascript: Module) -> list[tuple[str, list[float], list[list[float]]]]:
    return cast(list[tuple[str, list[float], list[list[float]]]], javascript.call("surfaceFacts"))


def path(race: dict[str, Any], name: str) -> list[Point]:
    return next(runner["points"] for runner in race["runners"] if runner["key"] == name)


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"surface": "plain"}, "surface"),
        ({"start": [2.01, 0.0]}, r"want a start with x and y from -2 to 2, got \[2.01"),
        ({"start": [0.0, float("nan")]}, "want a start with x and y from -2 to 2"),
        ({"start": [0.0]}, "start"),
        ({"optimizers": []}, "want one or more of"),
        ({"optimizers": ["sgd", "sgd"]}, "each once"),
        ({"optimizers": ["rmsprop"]}, r"got \['rmsprop'\]"),
        ({"rate": 0.0009}, "want rate from 0.001 to 1, got 0.0009"),
        ({"rate": float("nan")}, "want rate from 0.001 to 1"),
        ({"decay": -0.1}, "want decay from 0 to 0.5, got -0.1"),
        ({"decay": float("nan")}, "want decay from 0 to 0.5"),
        ({"steps": 201}, "want steps from 0 to 200, got 201"),
        ({"steps": -1}, "want steps from 0 to 200"),
    ],
)
def test_bad_state_is_refused(bad: dict[str, object], sentence: str) -> None:
    with pytest.raises(traitlets.TraitError, match=sentence):
        OptimizerRace(**bad)


def test_what_the_controls_give_is_allowed(javascript: Module) -> None:
    widget = OptimizerRace()
    for k in range(61):
        widget.rate = cast(float, javascript.call("rateAt", -3 + k / 20))
    for x, y in [(-9, 9), (0.0249, -0.0249), (1.234, -1.98)]:
        widget.start = cast(list[float], javascript.call("startAt", x, y))
    assert widget.start == [1.25, -2.0]
    assert javascript.call("startAt", -0.01, 0.02) == [0, 0]
    widget.optimizers = ["adamw", "sgd"]
    assert widget.optimizers == ["sgd", "adamw"], "always in one order"
    for name, start, _ in facts(javascript):
        widget.surface, widget.start = name, start
        assert javascript.call("startAt", *start) == start
    assert widget.rate == 1 and {key for key, *_ in facts(javascript)} == set(SURFACES)


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("place", PLACES)
def test_surfaces_and_gradients_agree_with_torch(
    javascript: Module, name: str, place: tuple[float, float]
) -> None:
    value, *gradient = cast(list[float], javascript.call("surfaceAt", name, *place))
    x, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in place)
    height = SURFACES[name](x, y)
    expected = torch.autograd.grad(height, (x, y))
    assert value == pytest.approx(height.item(), abs=1e-12)
    np.testing.assert_allclose(gradient, [g.item() for g in expected], atol=1e-12)

    def at(point: np.ndarray) -> float:
        return cast(list[float], javascript.call("surfaceAt", name, *point.tolist()))[0]

    np.testing.assert_allclose(gradient, central_difference(at, np.array(place)), atol=1e-6)


def test_minima_are_where_nothing_is_lower(javascript: Module) -> None:
    for name, _, minima in facts(javascript):
        axis = torch.linspace(-2, 2, 401, dtype=torch.float64)
        least = SURFACES[name](axis[:, None], axis[None, :])
        assert least.min() >= 0 and least.max() < 101, "the axis of the heights ends at 100"
        for place in minima:
            np.testing.assert_allclose(
                cast(list[float], javascript.call("surfaceAt", name, *place)), 0, atol=1e-15
            )


def torch_path(
    surface: str, start: list[float], name: str, rate: float, decay: float
) -> np.ndarray:
    weights = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = OPTIMIZERS[name]([weights], lr=rate, weight_decay=decay if name == "adamw" else 0)
    places = [weights.detach().clone()]
    for _ in range(100):
        optimizer.zero_grad()
        SURFACES[surface](weights[0], weights[1]).backward()
        optimizer.step()
        places.append(weights.detach().clone())
    return torch.stack(places).numpy()


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("rate", [0.01, 0.071, 0.2])
def test_paths_are_those_of_torch_optim(
    javascript: Module, surface: str, name: str, rate: float
) -> None:
    run = race(javascript, surface, optimizers=[name], rate=rate, decay=0.3)
    points = path(run, name)[:101]
    ours = np.array([[p["x"], p["y"]] for p in points])
    theirs = torch_path(surface, run["start"], name, rate, 0.3)[: len(ours)]
    assert len(ours) == 101 or (run["runners"][0]["gone"] and np.abs(theirs[-1]).max() > 1000)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)
    # And what is told of each place is that place's.
    moved = np.hypot(*np.diff(ours, axis=0).T)
    np.testing.assert_allclose([p["moved"] for p in points[1:]], moved, rtol=1e-9, atol=1e-12)
    value, *gradient = cast(
        list[float], javascript.call("surfaceAt", surface, *ours[7 % len(ours)])
    )
    told = points[7 % len(ours)]
    assert told["height"] == value and told["slope"] == pytest.approx(math.hypot(*gradient))


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("decay", [0.0, 0.01, 0.3])
def test_update_rules_are_torchs_with_weight_decay(
    javascript: Module, name: str, decay: float
) -> None:
    rng = np.random.default_rng(3)
    start = rng.normal(size=7)
    gradients = rng.normal(size=(60, 7)) * 10.0 ** rng.integers(-6, 3, size=(60, 7))
    weights = torch.tensor(start, requires_grad=True)
    optimizer = OPTIMIZERS[name]([weights], lr=0.05, weight_decay=decay)
    for gradient in gradients:
        weights.grad = torch.tensor(gradient)
        optimizer.step()
    ours = javascript.call("updates", name, start.tolist(), gradients.tolist(), 0.05, decay)
    np.testing.assert_allclose(cast(list[float], ours), weights.detach().numpy(), rtol=1e-10)


def test_the_first_step_of_adam_has_the_step_size_whatever_the_slope(javascript: Module) -> None:
    lengths = []
    for start in ([-1.6, 1.4], [0.51, 0.4], [-2.0, -2.0]):
        run = race(javascript, "valley", start, rate=0.05)
        lengths.append(path(run, "adam")[1]["moved"])
        first = path(run, "sgd")
        assert first[1]["moved"] == pytest.approx(0.05 * first[0]["slope"])
    np.testing.assert_allclose(lengths, 0.05 * math.sqrt(2), rtol=1e-5)


def test_adam_runs_in_the_valley_as_in_the_bowl_and_not_in_the_tilted_one(
    javascript: Module,
) -> None:
    def places(surface: str, name: str) -> np.ndarray:
        points = path(race(javascript, surface, [-1.6, 1.4]), name)
        return np.array([[p["x"], p["y"]] for p in points])

    for name in ("adam", "adamw"):
        np.testing.assert_allclose(places("valley", name), places("bowl", name), atol=1e-4)
        assert np.abs(places("tilted", name) - places("bowl", name)).max() > 0.1
    assert np.abs(places("valley", "sgd") - places("bowl", "sgd")).max() > 0.1


def test_diverging_paths_end_with_finite_numbers(javascript: Module) -> None:
    for surface in SURFACES:
        for start in ([-2.0, -2.0], [2.0, 1.95]):
            run = race(javascript, surface, start, rate=1.0)
            for runner in run["runners"]:
                places = [[p["x"], p["y"]] for p in runner["points"]]
                values = [v for p in runner["points"] for v in p.values()]
                assert np.isfinite(np.array(values, dtype=float)).all()
                assert runner["gone"] == (len(places) < 201)
                assert runner["gone"] == (np.abs(places[-1]).max() > 1000)
            text = javascript.call("raceSentence", run, 200)
            assert not re.search("NaN|∞|undefined", str(text))


def test_a_runner_outside_is_said_to_have_left(javascript: Module) -> None:
    run = race(javascript, "valley", rate=0.2)
    left = next(k for k, p in enumerate(path(run, "sgd")) if abs(p["y"]) > 2)
    sentence = str(javascript.call("raceSentence", run, 60))
    assert f"SGD and momentum left the map at step {left}." in sentence
    assert "needs a step size below 2/25 = 0.08" in sentence
    reading = cast(dict[str, Any], javascript.call("runnerAt", run["runners"][0], 60))
    assert reading["left"] == left and reading["isGone"]
    assert "left the map" not in str(javascript.call("raceSentence", run, left - 1))


def test_a_runner_may_come_back(javascript: Module) -> None:
    points = [{"x": x, "y": 0.0} for x in (1.0, 2.5, 1.5, 2.1, 2.2, 1.9)]
    runner = {"key": "sgd", "points": points, "gone": False}
    left = [cast(dict[str, Any], javascript.call("runnerAt", runner, k))["left"] for k in range(6)]
    assert left == [0, 1, 0, 3, 3, 0]


def test_momentum_is_the_way_out_of_the_valley(javascript: Module) -> None:
    """What the chapter sends the reader to see, at the step size that the widget starts with."""
    start = OptimizerRace()
    run = race(javascript, start.surface, start.start, ["sgd", "momentum"], rate=start.rate)
    sgd, heavy = (path(run, name)[200]["height"] for name in ("sgd", "momentum"))
    assert start.surface == "valley" and heavy < 1e-6 < 1e-4 < sgd


@pytest.mark.parametrize(("name", "limit"), [("sgd", 2 / 25), ("momentum", 3.8 / 25)])
def test_the_limits_that_are_told_are_those_of_the_valley(
    javascript: Module, name: str, limit: float
) -> None:
    for factor, gone in ((0.97, False), (1.05, True)):
        run = race(javascript, "valley", optimizers=[name], rate=factor * limit)
        far = max(abs(p["y"]) for p in path(run, name)[150:] or path(run, name)[-1:])
        assert (far > 2) == gone


def test_paths_far_outside_are_cut_short_in_the_drawing(javascript: Module) -> None:
    run = race(javascript, "banana", [-2.0, -2.0], ["momentum"], rate=1.0)
    module = javascript
    module._engine.eval(
        "function lineOf(points) { return pathText(mapPlacement(400), points, 200).line; }"
    )
    numbers = [
        float(n) for n in re.findall(r"-?[\d.]+", str(module.call("lineOf", path(run, "momentum"))))
    ]
    assert run["runners"][0]["gone"] and 1000 < max(map(abs, numbers)) < 2e5


@pytest.mark.parametrize("surface", SURFACES)
def test_contours_lie_at_their_level(javascript: Module, surface: str) -> None:
    javascript._engine.eval("""
        function contoursOf(name) {
          const heights = lattice(SURFACES[name].value, 96);
          return contourLevels(heights, 13).map((level) => [level, contourPieces(heights, level)]);
        }
    """)
    levels = cast(list[Any], javascript.call("contoursOf", surface))
    heights = [level for level, _ in levels]
    np.testing.assert_allclose(np.diff(np.sqrt(heights)), math.sqrt(heights[0]), rtol=1e-9)
    for level, pieces in levels:
        assert pieces
        x1, y1, x2, y2 = torch.tensor(pieces, dtype=torch.float64).T
        off = SURFACES[surface]((x1 + x2) / 2, (y1 + y2) / 2) - level
        # Linear along an edge of 1/24: at most the curvature, 25 to 50 here, times its square.
        assert off.abs().max() < 50 / 24**2
        assert torch.hypot(x2 - x1, y2 - y1).max() < 1.5 * 4 / 96


def test_a_contour_of_the_bowl_is_a_closed_circle(javascript: Module) -> None:
    javascript._engine.eval("""
        function circle() { return contourPieces(lattice(SURFACES.bowl.value, 96), 0.5); }
    """)
    x1, y1, x2, y2 = np.array(javascript.call("circle")).T
    np.testing.assert_allclose(np.hypot(x1 - 0.5, y1 - 0.5), 1, atol=1e-3)
    assert np.hypot(x2 - x1, y2 - y1).sum() == pytest.approx(2 * math.pi, rel=1e-3)


def test_the_lowest_are_those_that_the_drawing_cannot_tell_apart(javascript: Module) -> None:
    def runners(**heights: float) -> list[dict[str, object]]:
        return [{"key": k, "x": 0, "y": 0, "height": h} for k, h in heights.items()]

    assert javascript.call("leaders", runners(sgd=0.3, momentum=0.2, adam=0.2005)) == [
        "momentum", "adam",
    ]  # fmt: skip
    assert javascript.call("leaders", runners(sgd=1e-9, adam=1e-12, adamw=2e-6)) == ["sgd", "adam"]
    outside = [{"key": "sgd", "x": 3, "y": 0, "height": 0.0}, *runners(adam=0.5)]
    assert javascript.call("leaders", outside) == ["adam"]
    assert javascript.call("leaders", outside[:1]) == []


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("rate", [0.001, 0.071, 0.5])
def test_who_is_called_lowest_is(javascript: Module, surface: str, rate: float) -> None:
    run = race(javascript, surface, rate=rate)
    names = {"sgd": "SGD", "momentum": "momentum", "adam": "Adam", "adamw": "AdamW"}
    for step in (1, 2, 10, 50, 200):
        here = {
            name: points[step]["height"]
            for name in ALL
            if len(points := path(run, name)) > step
            and max(abs(points[step]["x"]), abs(points[step]["y"])) <= 2
        }
        sentence = str(javascript.call("raceSentence", run, step))
        if "is lowest" in sentence:
            best = min(here, key=lambda name: here[name])
            assert re.match(rf"Step {step}: {names[best]} is lowest", sentence), sentence
        else:
            assert re.match(rf"Step {step}: (all|.* and .*) are equally low|.*nobody", sentence)


@pytest.mark.parametrize(
    ("surface", "start", "optimizers", "rate", "step", "words"),
    [
        ("valley", None, ALL, 0.071, 0, r"^Length of the first step.*SGD and momentum 1\.6 \(step"
         r" size × slope, 0\.071 × 23\); Adam 0\.1 .*; AdamW 0\.12 \(Adam's, and 0\.71 % off"),
        ("valley", None, ["adam"], 0.2, 0, r"^Length of the first step from here: Adam 0\.28 \("),
        ("valley", None, ["sgd"], 0.071, 10, r"by 1 − 0\.071 × 0\.25 = 0\.982, across it by"
         r" 1 − 0\.071 × 25 = −0\.7[78]: the minus sign is the zigzag"),
        ("tilted", None, ["sgd"], 0.02, 10, r"= 0\.995, .* = 0\.5: no zigzag"),
        ("valley", None, ["sgd", "adam"], 0.071, 40, "Adam runs as in the round bowl"),
        ("tilted", None, ["adamw"], 0.071, 9, "AdamW divides axis by axis, but this valley"),
        ("bowl", None, ["sgd"], 0.071, 10, r"round bowl SGD walks straight"),
        ("bowl", None, ["momentum"], 0.071, 200, "at height below 1e−6"),
        ("bowl", None, ["momentum"], 0.071, 20, "momentum led uphill: 0.9 of the step before"),
        ("bowl", None, ["adam", "adamw"], 0.071, 200, r"AdamW is 0\.\d+ nearer to \(0, 0\)"),
        ("saddle", [-1.6, 0.0], ALL, 0.071, 150, "the slope along y is exactly 0: nobody turns"),
        ("saddle", [-0.1, 0.01], ["sgd"], 0.071, 10, "hardly moves: near the saddle"),
        ("ripples", None, ["sgd", "adam"], 0.071, 150, "^Step 150: all are equally low"),
        ("ripples", None, ["sgd", "adam"], 0.071, 150, "SGD and Adam have settled in local minima"),
        ("banana", None, ["sgd", "adam"], 0.071, 100, r"recent size.*a flat place slows it"),
        ("banana", None, ["sgd", "adam"], 0.071, 1, r"recent size.*steep place does not make"),
        ("ripples", [0.9, 0.0], ["sgd"], 0.001, 10, r"last step of SGD was .* long: 0\.001 × the"),
        ("bowl", None, ["sgd"], 0.2, 100, "below 1e−6. At the minimum the slopes vanish"),
        ("valley", None, ["sgd"], 0.082, 2, "a zigzag that grows"),
        ("banana", None, ["sgd"], 0.071, 100, r"last step of SGD was .* long: 0\.071 × the slope"),
        ("valley", None, ["momentum"], 0.2, 50, r"needs a step size below 3\.8/25 = 0\.15"),
        ("banana", [-2.0, -2.0], ["sgd"], 0.5, 1, r"step of SGD was step size × slope"),
    ],
)  # fmt: skip
def test_sentences_say_what_there_is_to_see(  # noqa: PLR0913
    javascript: Module,
    surface: str,
    start: list[float] | None,
    optimizers: list[str],
    rate: float,
    step: int,
    words: str,
) -> None:
    run = race(javascript, surface, start, optimizers, rate)
    sentence = str(javascript.call("raceSentence", run, step))
    assert re.search(words, sentence), sentence


def test_momentum_is_called_uphill_only_where_it_is(javascript: Module) -> None:
    run = race(javascript, "banana", optimizers=["momentum"])
    points = path(run, "momentum")
    for step in range(2, 150):
        sentence = str(javascript.call("raceSentence", run, step))
        assert ("uphill" in sentence) == (
            points[step]["height"] > max(1.01 * points[step - 1]["height"], 1e-6)
        )
        if "uphill" in sentence:
            carried = javascript.call("short", 0.9 * points[step - 1]["moved"])
            assert f"a length of {carried}, was carried on" in sentence


def test_who_leaves_with_the_first_step_was_not_carried(javascript: Module) -> None:
    run = race(javascript, "banana", [-2.0, -2.0], ["momentum"], rate=0.5)
    assert "the step of momentum was step size × slope" in str(
        javascript.call("raceSentence", run, 1)
    )


def test_decay_pulls_toward_the_origin(javascript: Module) -> None:
    run = race(javascript, "valley", optimizers=["adam", "adamw"], rate=0.1, decay=0.3)
    ends = [math.hypot(path(run, n)[200]["x"], path(run, n)[200]["y"]) for n in ("adam", "adamw")]
    assert ends[0] == pytest.approx(math.sqrt(0.5), abs=1e-3) and ends[1] < ends[0] - 0.02
    nearer = javascript.call("short", ends[0] - ends[1])
    sentence = str(javascript.call("raceSentence", run, 200))
    assert f"AdamW is {nearer} nearer to (0, 0) than Adam: its decay takes 3 % off" in sentence
    bare = race(javascript, "valley", decay=0.0)
    assert path(bare, "adam") == path(bare, "adamw")


def test_the_table_holds_the_race(javascript: Module) -> None:
    run = race(javascript, "valley", optimizers=["sgd", "adam"], rate=0.2)
    lines = str(javascript.call("raceCsv", run, 12)).splitlines()
    assert lines[0] == "step,SGD x,SGD y,SGD height,SGD moved,Adam x,Adam y,Adam height,Adam moved"
    assert len(lines) == 14 and all(line.count(",") == 8 for line in lines)
    fifth = lines[4].split(",")
    point = path(run, "sgd")[3]
    assert [float(v) for v in fifth[:5]] == [3, *(point[k] for k in ("x", "y", "height", "moved"))]
    assert lines[-1].startswith("12,,,,,"), "SGD's path has ended"


def test_the_race_is_slow_at_first_and_ends(javascript: Module) -> None:
    counts = [cast(int, javascript.call("stepsAfter", second / 10)) for second in range(100)]
    assert counts[0] == 0 and counts[10] < 12 and counts[-1] == 200
    assert counts == sorted(counts)
