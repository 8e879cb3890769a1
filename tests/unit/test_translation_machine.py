"""TranslationMachine: its pixels against Python's, its nets against torch, its words and traits."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional
from traitlets import TraitError

from kbook.assets.nets import load_net
from kbook.data import animals
from kbook.widgets import TranslationMachine
from kbook.widgets.bundle import module_text
from tests.js import Module

ASSETS = Path(__file__).parents[2] / "kbook" / "assets"
SIDES = {"horse_to_zebra": ("horse", "zebra", "gf"), "zebra_to_horse": ("zebra", "horse", "fg")}
STEPS = TranslationMachine.steps.values
on_both_sides = pytest.mark.parametrize("direction", SIDES)

LOOK = """((setting) => {
    const nets = Object.fromEntries("gf".split("").map((n) => [n, globalThis[n]]));
    const { there, home } = DIRECTIONS[setting.direction];
    const pair = { there: nets[there.toLowerCase()], home: nets[home.toLowerCase()] };
    const given = startOf(setting);
    const result = withErrors(pair.home, given, translated(pair, given), {
        disturbance: { noise: setting.noise, blur: setting.blur }, grain: fixedNoise() });
    const typed = (key, v) => (ArrayBuffer.isView(v) ? Array.from(v) : v);
    return JSON.parse(JSON.stringify({ result, picture: given.picture,
        words: [forwardSentence, backSentence, controlSentence, grainSentence]
            .map((say) => say(setting, result)) }, typed));
})"""


@cache
def module() -> Module:
    """The widget's module, with the nets after 600 steps."""
    js = Module("translation_machine")
    for net in "gf":
        content = list((ASSETS / f"weights/animals_{net}_600.bin").read_bytes())
        js.call(f"((bytes) => {{ globalThis.{net} = parseNet(bytes); return 0; }})", content)
    return js


def numbers(function: str, *arguments: object) -> np.ndarray:
    """What a function of the module gives that returns a typed array."""
    return np.array(module().call(f"((...a) => Array.from({function}(...a)))", *arguments))


def setting(**changed: Any) -> dict[str, Any]:
    start = {"direction": "horse_to_zebra", "painted": [], "noise": 0, "blur": False}
    return {**start, "scene": TranslationMachine().scene, **changed}


def look(**changed: Any) -> dict[str, Any]:
    return module().call(LOOK, setting(**changed))  # type: ignore[return-value]


def in_torch(direction: str, *, blur: bool = False, noise: float = 0) -> dict[str, torch.Tensor]:
    """The same by the package: pictures there and back, and back from the true counterpart."""
    start, end, nets = SIDES[direction]
    there, home = (load_net(f"animals_{net}_600") for net in nets)
    scene = np.array([TranslationMachine().scene])
    x, truth = (animals.render(scene, domain) for domain in (start, end))
    grain = torch.tensor(numbers("fixedNoise"), dtype=torch.float32).reshape(x.shape)

    def sent(middle: torch.Tensor) -> torch.Tensor:
        if blur:
            padded = functional.pad(middle, (1, 1, 1, 1), mode="replicate")
            middle = functional.avg_pool2d(padded, 3, 1)
        return middle + 2 * noise * grain

    with torch.no_grad():
        made = there(x)
        return {
            **{"x": x, "truth": truth, "made": made, "mask": animals.animal_mask(scene)},
            **{"sent": sent(made), "back": home(sent(made)), "control": home(sent(truth))},
        }


def distance(a: torch.Tensor, b: torch.Tensor, mask: torch.Tensor | None = None) -> float:
    """The mean |difference| of colors from 0 to 1, where a mask says."""
    weights = torch.ones_like(a) if mask is None else mask.expand_as(a)
    return float(((a - b).abs() / 2 * weights).sum() / weights.sum())


def assert_same(ours: list[float], theirs: torch.Tensor) -> None:
    np.testing.assert_allclose(ours, theirs.flatten().numpy(), atol=1e-3)


# The renderer


@pytest.mark.parametrize("domain", animals.DOMAINS)
def test_a_scene_has_the_pixels_that_python_renders(domain: str) -> None:
    corners = np.array([[0.0] * 9, [1.0] * 9, [0.5] * 9])
    for scene in np.concatenate([animals.scenes(20, 7), corners]):
        expected = animals.render(scene[None], domain).flatten().numpy()
        ours = numbers("renderAnimal", scene.tolist(), domain)
        assert np.abs(ours - expected).max() <= 1 / 127.5, "one gray level of 255"


def test_the_mask_is_pythons() -> None:
    for scene in animals.scenes(20, 8):
        expected = animals.animal_mask(scene[None]).flatten().numpy()
        np.testing.assert_allclose(numbers("animalMask", scene.tolist()), expected, atol=1 / 255)


def test_scenes_of_seeds_are_spread_and_the_start_is_one_of_them() -> None:
    scenes = np.array([module().call("sceneOf", seed) for seed in range(200)])
    assert scenes.shape == (200, 9) and ((scenes >= 0) & (scenes <= 1)).all()
    assert np.abs(scenes.mean(0) - 0.5).max() < 0.1 and (scenes.std(0) > 0.25).all()
    steps = np.abs(np.diff(scenes[:, 0]))
    assert steps.std() > 0.1, "the next scene is no small or even step away"
    machine = TranslationMachine()
    assert machine.scene == scenes[machine.seed].tolist()


# The nets, and what disturbs the middle picture


@on_both_sides
@pytest.mark.parametrize("disturbance", [{}, {"blur": True}, {"blur": True, "noise": 0.05}])
def test_pictures_and_distances_equal_torchs(direction: str, disturbance: dict[str, Any]) -> None:
    seen, expected = look(direction=direction, **disturbance), in_torch(direction, **disturbance)
    quiet = in_torch(direction)
    result = seen["result"]
    x, mask = expected["x"], expected["mask"]
    assert_same(seen["picture"], x)
    assert_same(result["made"]["sent"], expected["sent"])
    for name in ("back", "control"):
        row = result["made" if name == "back" else name]
        assert_same(row["back"], expected[name])
        assert_same(row["map"], (expected[name] - x).abs().mean(1) / 2)
        for key, pictures in (("quiet", quiet), ("disturbed", expected)):
            if key == "disturbed" and not disturbance:
                assert row[key] is None
                continue
            assert row[key]["all"] == pytest.approx(distance(pictures[name], x), abs=1e-3)
            animal = distance(pictures[name], x, mask)
            assert row[key]["animal"] == pytest.approx(animal, abs=1e-3)
    far = distance(expected["made"], expected["truth"])
    assert result["forward"]["all"] == pytest.approx(far, abs=1e-3)
    assert_same(result["forward"]["map"], (expected["made"] - expected["truth"]).abs().mean(1) / 2)
    nothing = distance(x, expected["truth"])
    assert result["nothing"]["all"] == pytest.approx(nothing, abs=1e-6)


def test_noise_has_the_deviation_that_the_slider_says() -> None:
    grain = numbers("fixedNoise")
    assert abs(grain.mean()) < 1e-6 and grain.std() == pytest.approx(1, abs=1e-6)
    assert np.mean(np.abs(grain) < 1) == pytest.approx(0.683, abs=0.03), "nearly normal"
    assert abs(np.corrcoef(grain[:-1], grain[1:])[0, 1]) < 0.06
    still, noisy = (look(noise=noise)["result"] for noise in (0, 0.04))
    added = (np.array(noisy["made"]["sent"]) - still["made"]["sent"]) / 2
    assert added.std() == pytest.approx(0.04, rel=1e-4), "of colors from 0 to 1"
    assert noisy["grain"] == pytest.approx(np.abs(added).mean(), rel=1e-3)


# Painting


def test_a_brush_covers_its_square_and_the_line_between() -> None:
    brushed = "brushed"
    assert module().call(brushed, [5, 7], [5, 7], 1) == [32 * 5 + 7]
    square = {32 * row + column for row in (4, 5, 6) for column in (6, 7, 8)}
    assert set(module().call(brushed, [5, 7], [5, 7], 3)) == square  # type: ignore[arg-type]
    line = module().call(brushed, [0, 0], [3, 9], 1)
    rows, columns = np.divmod(line, 32)
    assert columns.tolist() == list(range(10)) and (np.diff(rows) >= 0).all() and rows[-1] == 3
    corner = module().call(brushed, [31, 31], [31, 31], 6)
    assert len(corner) == 16 and max(corner) == 1023  # type: ignore[arg-type]


def test_a_place_painted_twice_has_the_last_paint() -> None:
    painted = module().call("withPaint", [[3, 0], [4, 1]], [4, 5], 2)
    assert painted == [[3, 0], [4, 2], [5, 2]]
    TranslationMachine(painted=painted)


def test_paint_covers_its_places_alone_and_has_no_true_counterpart() -> None:
    start = "((s) => { const g = startOf(s); return [Array.from(g.picture), g.truth, g.mask]; })"
    plain, truth, _ = module().call(start, setting())  # type: ignore[misc]
    painted, none, mask = module().call(start, setting(painted=[[40, 2]]))  # type: ignore[misc]
    changed = np.flatnonzero(np.array(plain) != painted)
    assert changed.tolist() == [40, 1064, 2088] and truth and none is None and mask is None
    np.testing.assert_allclose(np.array(painted)[changed], 2 * 0.92 * np.array(animals.WHITE) - 1)


def test_the_meadow_is_the_scene_without_animal_and_cloud() -> None:
    scene = TranslationMachine().scene
    meadow = module().call("emptyMeadow", scene)
    assert len(TranslationMachine(painted=meadow).painted) == 1024
    start = "((s) => Array.from(startOf(s).picture))"
    empty = np.reshape(module().call(start, setting(painted=meadow)), (3, 32, 32))
    rendered = animals.render(np.array([scene]), "horse")[0].numpy()
    assert empty.max() < 0.9 and np.abs(empty - rendered).max() > 0.5
    top_and_bottom = np.r_[0:5, 28:32]
    np.testing.assert_allclose(empty[:, top_and_bottom], rendered[:, top_and_bottom], atol=0.02)


# Words


@on_both_sides
def test_sentences_have_the_numbers_that_torch_measures(direction: str) -> None:
    start, end, (there, home) = SIDES[direction]
    letter = "x" if start == "horse" else "y"
    first = f"{there.upper()}({letter})"
    forward, back, lead, grain = look(direction=direction)["words"]
    by = in_torch(direction)
    far, nothing = distance(by["made"], by["truth"]), distance(by["x"], by["truth"])
    expected = f"{first} is # from the true {end}; the untouched {start} is # from it."
    assert_says(forward, expected, far, nothing)
    expected = f"The way back, {home.upper()}({first}), is # from {letter}."
    assert_says(back, expected, distance(by["back"], by["x"]))
    made, control = (distance(by[name], by["x"], by["mask"]) for name in ("back", "control"))
    expected = f"On the animal, {first} leads back # better than the true {end} does (# against #)."
    assert_says(lead, expected, control - made, made, control)
    assert grain == ""


def assert_says(sentence: str, expected: str, *numbers: float) -> None:
    """A sentence whose numbers are rounded: they may differ by one in the last of three digits."""
    assert re.sub(r"\d\.\d+", "#", sentence) == expected
    said = [float(number) for number in re.findall(r"\d\.\d{3}\b", sentence)]
    assert said == pytest.approx(numbers, abs=0.0016)


def test_a_disturbed_way_back_is_said_without_and_with() -> None:
    quiet, noisy = (in_torch("horse_to_zebra", noise=noise) for noise in (0, 0.1))
    _, back, lead, grain = look(noise=0.1)["words"]
    expected = "The way back is wrong by # without noise and by # with it."
    assert_says(back, expected, *(distance(by["back"], by["x"]) for by in (quiet, noisy)))
    assert "; with noise, " in lead and grain.startswith("The noise alone changes a color by 0.0")
    _, back, *_ = look(noise=0.1, blur=True)["words"]
    assert "without blur and noise and by" in back


def test_a_painted_picture_is_measured_on_the_way_back_alone() -> None:
    seen = look(painted=[[40, 0]])
    forward, back, lead, _ = seen["words"]
    assert "no true counterpart" in forward and back.startswith("The way back") and lead == ""
    assert seen["result"]["control"] is None and seen["result"]["forward"] is None
    assert seen["result"]["made"]["quiet"]["animal"] is None


@pytest.mark.parametrize(
    ("made", "control", "words"),
    [
        (0.04, 0.06, "0.020 better than"),
        (0.06, 0.04, "0.020 worse than"),
        (0.04, 0.04, "as well as"),
    ],
)
def test_which_way_back_is_nearer_is_said_as_it_is(made: float, control: float, words: str) -> None:
    rows = [{"quiet": {"animal": far}, "disturbed": None} for far in (made, control)]
    result = {"made": rows[0], "control": rows[1]}
    sentence = module().call("controlSentence", setting(), result)
    expected = f"On the animal, G(x) leads back {words} the true zebra does"
    assert sentence == f"{expected} ({made:.3f} against {control:.3f})."


def test_worse_than_nothing_is_said() -> None:
    result = {"forward": {"all": 0.08}, "nothing": {"all": 0.05}}
    sentence = module().call("forwardSentence", setting(), result)
    assert str(sentence).endswith("Doing nothing would be nearer to the truth.")


def test_error_colors_get_brighter_to_the_end_of_the_scale() -> None:
    colors = np.array([module().call("errorColor", v) for v in np.linspace(0, 0.6, 61)])
    brightness = colors @ [0.299, 0.587, 0.114]
    assert (np.diff(brightness[:51]) > 0).all() and (colors[50:] == 255).all()
    assert (colors[0] == 0).all()


# What the widget is there to show, in bands: the files may be trained anew


def test_blur_takes_most_of_the_lead_that_the_made_picture_has() -> None:
    scenes = animals.scenes(64, 1_000_000)
    y, truth = animals.render(scenes, "zebra"), animals.render(scenes, "horse")
    mask = animals.animal_mask(scenes)
    there, home = load_net("animals_f_600"), load_net("animals_g_600")

    def lead(send: Any) -> float:
        with torch.no_grad():
            made, control = home(send(there(y))), home(send(truth))
        return distance(control, y, mask) - distance(made, y, mask)

    def blur(picture: torch.Tensor) -> torch.Tensor:
        padded = functional.pad(picture, (1, 1, 1, 1), mode="replicate")
        return functional.avg_pool2d(padded, 3, 1)

    assert lead(lambda picture: picture) > 0.02
    assert lead(blur) < 0.5 * lead(lambda picture: picture)


# Traits


def test_python_and_the_module_know_the_same() -> None:
    js = module().call
    assert js("(() => [STEPS, CHOSEN.slice().sort()])") == [
        list(STEPS),
        sorted(TranslationMachine().state()),
    ]
    assert js("(() => Object.keys(DIRECTIONS))") == list(TranslationMachine.direction.values)
    assert js("(() => [PAINTS.length, SCENE_SEEDS])") == [5, 10_000]
    files = {f"weights/animals_{net}_{steps}.bin" for net in "gf" for steps in STEPS}
    assert set(TranslationMachine.assets) == files
    assert all((ASSETS / file).stat().st_size < 150_000 for file in files)


def test_defaults_are_small_and_the_largest_state_fits() -> None:
    machine = TranslationMachine()
    assert len(str(machine.state())) < 400 and machine.steps == 600 and machine.painted == []
    assert 'data-module="translation_machine"' in machine.static_html()
    full = TranslationMachine(painted=[[place, 4] for place in range(1024)])
    assert len(str(full.state())) < 15_000
    assert "animals_" in module_text("translation_machine")
    numpys = TranslationMachine(scene=animals.scenes(1, 0)[0])
    assert len(numpys.scene) == 9 and isinstance(numpys.scene[0], float)


@pytest.mark.parametrize(
    "scene", [[], [0.5] * 8, [0.5] * 10, [0.5] * 8 + [1.1], [0.5] * 8 + [float("nan")], ["a"] * 9]
)
def test_what_is_no_scene_is_refused(scene: object) -> None:
    with pytest.raises(TraitError, match=r"^want a scene of 9 numbers from 0 to 1, got "):
        TranslationMachine(scene=scene)


@pytest.mark.parametrize(
    "painted", [[[1024, 0]], [[-1, 0]], [[0, 5]], [[0]], [0], [[0.5, 1]], [["0", 1]], [[True, 0]]]
)
def test_what_is_no_paint_is_refused(painted: object) -> None:
    with pytest.raises(TraitError, match=r"^want painted of pairs \[place, paint\]"):
        TranslationMachine(painted=painted)


def test_a_place_painted_twice_is_refused() -> None:
    with pytest.raises(TraitError, match="want each place painted once"):
        TranslationMachine(painted=[[3, 0], [3, 1]])


@pytest.mark.parametrize(
    ("name", "value"),
    [("noise", 0.2), ("noise", -0.1), ("noise", float("nan")), ("seed", -1), ("seed", 10_000)]
    + [("steps", 150), ("direction", "zebra"), ("blur", "much")],
)
def test_what_is_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(TraitError, match=name):
        TranslationMachine(**{name: value})
