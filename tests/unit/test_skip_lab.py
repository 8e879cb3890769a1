"""SkipLab: both passes against torch, paths by enumeration, its words against the numbers."""

import itertools
import math
import re
from typing import Any, cast

import numpy as np
import pytest
import torch
import traitlets
from torch.nn import functional as F

from kbook.widgets.skip_lab import SkipLab
from tests.js import Module

Setting = dict[str, Any]
NAMES = ["blocks", "off", "gain", "normalize", "seed"]
DOORS = """
    const numbers = (batch) => Array.from(batch);
    let [weights, run] = [null, null];
    function passes(setting) {
      weights = skipWeights(setting);
      const switches = skipSwitches(setting.blocks, setting.off);
      run = runSkips(weights, switches, setting.normalize, skipBatch());
      return { signals: run.signals.map(numbers), gradients: run.gradients.map(numbers) };
    }
    function backThroughBranch(i, d) { return numbers(branchBack(d, weights[i], run.branches[i])); }
    function experiments() { return SKIP_EXPERIMENTS; }
    function guessed(i, guess) { return experimentAnswer(SKIP_EXPERIMENTS[i], guess); }
    function endsOf(setting, seeds) {
      const switches = skipSwitches(setting.blocks, setting.off);
      return seeds.map((seed) => {
        const some = skipWeights({ ...setting, seed });
        const { signal, gradient } = skipSizes(some, switches, setting.normalize, skipBatch());
        return [signal.at(-1), gradient[0]];
      });
    }
    function growths(setting, seeds) {
      const switches = skipSwitches(setting.blocks, setting.off);
      return seeds.map((seed) => {
        const some = skipWeights({ ...setting, seed });
        const { gradient } = skipSizes(some, switches, setting.normalize, skipBatch());
        return gradient.slice(0, -1).map((v, i) => v / gradient[i + 1]);
      });
    }
    function viewsAfter(presses) {
      let state = experimentsStart();
      const views = [experimentView(state)];
      for (const press of presses) views.push(experimentView(state = experimentStep(state, press)));
      return { views, sides: state.cards.map(({ side }) => side) };
    }
    function words(setting) {
      const result = evaluateSkips(setting);
      return [skipSentence(setting, result), skipRule(setting), skipPathText(result.isOn),
        skipPictureText(result.now), skipRows(result).join()];
    }
    function placeOf(width, blocks, range, panel, values) {
      const at = skipPlacement(width, blocks, range);
      return { ...at, bars: values.map((value) => barSpan(at, panel, value)) };
    }
"""


@pytest.fixture(scope="module")
def javascript() -> Module:
    module = Module("skip_lab")
    module._engine.eval(DOORS)
    return module


def setting(**changed: object) -> Setting:
    return {name: getattr(SkipLab(), name) for name in NAMES} | changed


def evaluate(javascript: Module, **changed: object) -> Any:
    return javascript.call("evaluateSkips", setting(**changed))


def torch_passes(javascript: Module, chosen: Setting) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Signal and gradient at the input of each block and at the output, by autograd."""
    batch: Any = javascript.call("skipBatch")
    blocks: Any = javascript.call("skipWeights", chosen)
    x, c = (torch.tensor(batch[k], dtype=torch.float64).view(32, 16) for k in ("samples", "loss"))
    signals = [x.requires_grad_()]
    for number, block in enumerate(blocks, start=1):
        first, second = (
            torch.tensor(block[k], dtype=torch.float64).view(16, 16) for k in ("first", "second")
        )
        x = signals[-1]
        z = F.batch_norm(x, None, None, training=True, eps=1e-5) if chosen["normalize"] else x
        out = torch.relu(z @ first.T) @ second.T
        signals.append(out if number in chosen["off"] else x + out)
    gradients = torch.autograd.grad((c * signals[-1]).sum(), signals)
    return [s.detach().numpy() for s in signals], [g.numpy() for g in gradients]


def root_mean_square(values: np.ndarray) -> float:
    return math.sqrt(float(np.mean(values**2)))


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("gain", [0.25, 1, 2])
@pytest.mark.parametrize("off", [[], [1], [2, 3], "all"])
@pytest.mark.parametrize("blocks", [1, 3, 10])
def test_both_passes_are_those_of_torch(
    javascript: Module, blocks: int, off: list[int] | str, gain: float, normalize: bool
) -> None:
    gone = [n for n in range(1, blocks + 1) if off == "all" or n in off]
    chosen = setting(blocks=blocks, off=gone, gain=gain, normalize=normalize)
    ours: Any = javascript.call("passes", chosen)
    theirs = torch_passes(javascript, chosen)
    for key, expected in zip(("signals", "gradients"), theirs, strict=True):
        for mine, other in zip(ours[key], expected, strict=True):
            scale = np.abs(other).max()
            np.testing.assert_allclose(mine, other.ravel(), rtol=1e-10, atol=1e-10 * scale)
    sizes: Any = javascript.call("evaluateSkips", chosen)
    signal, gradient = ([root_mean_square(v) for v in values] for values in theirs)
    np.testing.assert_allclose(sizes["now"]["signal"], np.array(signal) / signal[0])
    np.testing.assert_allclose(sizes["now"]["gradient"], np.array(gradient) / gradient[-1])


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("off", [[], [2], [1, 4], [1, 2, 3, 4, 5]])
def test_the_gradient_is_the_sum_over_all_paths(
    javascript: Module, off: list[int], normalize: bool
) -> None:
    """With the relus and deviations of one forward pass held, the way back is linear."""
    passes: Any = javascript.call("passes", setting(blocks=5, off=off, normalize=normalize))
    ways = [("branch",) if number in off else ("branch", "around") for number in range(1, 6)]
    total, paths = np.zeros(32 * 16), list(itertools.product(*ways))
    for path in paths:
        d = passes["gradients"][-1]
        for block in reversed(range(5)):
            if path[block] == "branch":
                d = javascript.call("backThroughBranch", block, d)
        total += d
    np.testing.assert_allclose(total, passes["gradients"][0], atol=1e-10 * np.abs(total).max())
    is_on = javascript.call("skipSwitches", 5, off)
    assert javascript.call("countPaths", is_on) == len(paths) == 2 ** (5 - len(off))


@pytest.mark.parametrize("gain", [0.5, 1, 1.5])
@pytest.mark.parametrize("off", [[], [2], [1, 2, 3]])
def test_the_rule_of_thumb_is_the_mean_over_all_weights(
    javascript: Module, off: list[int], gain: float
) -> None:
    chosen = setting(blocks=3, off=off, gain=gain)
    ends = np.array(javascript.call("endsOf", chosen, list(range(400))))
    rule = cast(float, javascript.call("expectedFactor", chosen))
    np.testing.assert_allclose([root_mean_square(end) for end in ends.T], rule, rtol=0.06)


def test_most_plain_stacks_stay_below_the_rule(javascript: Module) -> None:
    plain = setting(off=list(range(1, 21)), gain=1)
    ends = np.array(javascript.call("endsOf", plain, list(range(40))))
    assert (np.mean(ends < 1, axis=0) > 0.7).all()


@pytest.mark.parametrize("blocks", [1, 10, 30])
def test_in_a_plain_stack_the_gain_is_a_factor_of_each_block(
    javascript: Module, blocks: int
) -> None:
    plain = {"blocks": blocks, "off": list(range(1, blocks + 1))}
    low, high = (evaluate(javascript, gain=g, **plain)["now"] for g in (0.5, 1))
    for end in (low["signal"][-1] / high["signal"][-1], low["gradient"][0] / high["gradient"][0]):
        assert end == pytest.approx(0.5**blocks)


def test_weights_are_the_same_for_the_same_seed(javascript: Module) -> None:
    blocks: Any = javascript.call("skipWeights", setting(blocks=30))
    assert blocks == Module("skip_lab").call("skipWeights", setting(blocks=30))
    assert blocks[:4] == javascript.call("skipWeights", setting(blocks=4))
    assert blocks != javascript.call("skipWeights", setting(blocks=30, seed=2))
    squares = [np.mean(np.square([block[k] for block in blocks])) for k in ("first", "second")]
    np.testing.assert_allclose(squares, [2 / 16, 0.5**2 / 16], rtol=0.03)
    # The values themselves, so that another machine's, or another version's, would be noticed.
    uniform = (1664525 * ((2654435761 * 2) % 2**32) + 1013904223) % 2**32 / 2**32
    assert blocks[0]["first"][0] == pytest.approx(math.sqrt(6 / 16) * (2 * uniform - 1))


@pytest.mark.parametrize("gain", [0.25, 2])
@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("off", [[], list(range(1, 31)), list(range(2, 31, 2))])
def test_the_extremes_are_finite_and_fit_the_drawing(
    javascript: Module, off: list[int], normalize: bool, gain: float
) -> None:
    chosen = setting(blocks=30, off=off, gain=gain, normalize=normalize)
    result: Any = javascript.call("evaluateSkips", chosen)
    for text in cast(list[str], javascript.call("words", chosen)):
        assert not re.search("NaN|Infinity|∞|undefined", text), text
    values = result["now"]["signal"] + result["now"]["gradient"] + [0.0]
    assert np.isfinite(values).all()
    power_range = javascript.call("powerRange", values)
    place: Any = javascript.call("placeOf", 300, 30, power_range, 0, values)
    for bar in place["bars"]:
        assert bar["height"] >= 2 and bar["y"] >= place["tops"][0]
        assert bar["y"] + bar["height"] <= place["tops"][0] + place["tall"]
    zero = place["bars"][-1]
    end = zero["y"] + zero["height"]
    assert end == pytest.approx(place["tops"][0] + place["tall"] - 4), "0 goes down to the end"


@pytest.mark.parametrize("powers", [(0, 0), (-1.9, 1), (-2.1, 0), (-20.05, 0.3), (0, 10.5)])
def test_the_axis_holds_all_values_and_has_few_ticks(
    javascript: Module, powers: tuple[float, float]
) -> None:
    low, high = cast(list[int], javascript.call("powerRange", [10**p for p in powers]))
    assert low <= min(powers) and max(powers) <= high and low <= -2 and high >= 2
    ticks = cast(list[int], javascript.call("powerTicks", [low, high]))
    assert 0 in ticks and 3 <= len(ticks) <= 6 and low <= ticks[0] <= ticks[-1] <= high


@pytest.mark.parametrize("value", [1.0, 1.2, 0.8, 30.0, 0.03])
def test_a_bar_goes_from_one_to_the_value(javascript: Module, value: float) -> None:
    place: Any = javascript.call("placeOf", 300, 3, [-2, 2], 1, [value])
    (bar,), top = place["bars"], place["tops"][1] + 4
    one, end = (top + (place["tall"] - 8) * (2 - math.log10(v)) / 4 for v in (1, value))
    if abs(end - one) < 2:
        one, end = one - 1, one + 1  # thin, but to be seen
    assert bar["y"] == pytest.approx(min(one, end))
    assert bar["y"] + bar["height"] == pytest.approx(max(one, end))


RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def spoken(text: str) -> list[float]:
    found = re.findall(r"\d[\d.]*(?:\xa0·\xa010[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?(?= times)", text)
    return [number(text) for text in found]


def number(text: str) -> float:
    digits, _, power = text.partition("\xa0·\xa010")
    return float(digits) * 10.0 ** int(power.translate(RAISED) or 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7.43e-7, "7.4\xa0·\xa010⁻⁷"),
        (1_048_576, "1.0\xa0·\xa010⁶"),
        (2.26e-10, "2.3\xa0·\xa010⁻¹⁰"),
        (0.00123, "0.0012"),
        (99_000, "99000"),
        (0, "0"),
    ],
)
def test_numbers_are_written_as_in_print(javascript: Module, value: float, text: str) -> None:
    assert javascript.call("skipNumber", value) == text
    assert number(text) == pytest.approx(value, rel=0.06)


def test_a_factor_of_one_is_said_without_a_number(javascript: Module) -> None:
    sizes = {"signal": [1, 0.999], "gradient": [1.004, 1]}
    result = {"now": sizes, "other": sizes}
    chosen = {"blocks": 1, "off": [1]}
    assert javascript.call("skipSentence", chosen, result) == (
        "1 block, all skips off: the gradient at the input equals that at the output; with all "
        "skips on it would equal it. The signal at the output equals that at the input."
    )


@pytest.mark.parametrize(
    ("off", "start"),
    [
        ([], "20 blocks, all skips on"),
        ([7], "20 blocks, 1 skip off"),
        ([1, 2, 20], "20 blocks, 3 skips off"),
        (list(range(1, 21)), "20 blocks, all skips off"),
    ],
)
def test_the_sentence_tells_the_ends(javascript: Module, off: list[int], start: str) -> None:
    sentence, rule, paths, picture, _ = cast(list[str], javascript.call("words", setting(off=off)))
    (signals, gradients), (_, others) = (
        torch_passes(javascript, chosen) for chosen in (setting(off=off), setting(off=[]))
    )
    told = (gradients, others) if off else (gradients,)  # no answer before the first click
    factors = [root_mean_square(a[0]) / root_mean_square(a[-1]) for a in told]
    factors.append(root_mean_square(signals[-1]) / root_mean_square(signals[0]))
    assert sentence.startswith(f"{start}: the gradient at the input is")
    assert ("with all skips on it would be" in sentence) == bool(off)
    assert "would" in sentence or not off
    assert spoken(sentence) == pytest.approx(factors, rel=0.05)
    factor = math.sqrt(1.25) ** (20 - len(off)) * 0.5 ** len(off)
    assert number(rule.split("= ")[-1].rstrip(".")) == pytest.approx(factor, rel=0.05)
    assert ("⁰" in re.sub("[¹²]⁰", "", rule)) is False, "no factor without effect"
    assert (" × " in rule) == (0 < len(off) < 20)
    if len(off) == 20:
        assert "one path" in paths
    else:
        assert f"{2 ** (20 - len(off)):,} paths" in paths
        assert paths.endswith("depends on the gain: their number alone says nothing.")
    for _, end in re.findall(r"from 1 at the (\w+) (?:back )?to (\S+) at", picture):
        assert any(math.isclose(number(end), factor, rel_tol=0.05) for factor in factors)


def test_rows_belong_to_their_blocks(javascript: Module) -> None:
    chosen = setting(blocks=3, off=[2], gain=2)
    result: Any = javascript.call("evaluateSkips", chosen)
    signals, gradients = torch_passes(javascript, chosen)
    rows = cast(list[list[str]], javascript.call("skipRows", result))
    assert [row[:2] for row in rows] == [["1", "on"], ["2", "off"], ["3", "on"]]
    for i, row in enumerate(rows):
        after = root_mean_square(signals[i + 1]) / root_mean_square(signals[0])
        before = root_mean_square(gradients[i]) / root_mean_square(gradients[-1])
        assert [float(v) for v in row[2:]] == pytest.approx([after, before], rel=0.05)


def test_the_experiments_come_out_as_they_are_explained(javascript: Module) -> None:
    names, changed = [], []
    for i, experiment in enumerate(cast(list[Any], javascript.call("experiments"))):
        before, after = experiment["before"], experiment["after"]
        SkipLab(**before), SkipLab(**after)  # allowed as they are
        changed.append([name for name in NAMES if before[name] != after[name]])
        ends = [evaluate(javascript, **k)["now"]["gradient"][0] for k in (before, after)]
        start = str(javascript.call("experimentStart", experiment))
        assert spoken(start) == pytest.approx(ends[:1], rel=0.05)
        factor = ends[1] / ends[0]
        names.append("shrinks" if factor < 0.5 else "grows" if factor > 2 else "stays")
        for guess in ("shrinks", "stays", "grows"):
            answer = str(javascript.call("guessed", i, guess))
            assert answer.startswith("Right" if guess == names[-1] else "Not so"), answer
            assert f"It {names[-1]}" in answer
    assert names == ["shrinks", "stays", "grows", "grows", "stays"]
    assert changed == [["off"], ["off"], ["gain"], ["normalize"], ["blocks"]]


def test_the_gradient_does_not_follow_the_number_of_paths(javascript: Module) -> None:
    """What the second experiment says: half of the paths gone, a factor of 0.89 on average."""
    experiment = cast(list[Any], javascript.call("experiments"))[1]
    before, after = experiment["before"], experiment["after"]
    paths = [
        cast(int, javascript.call("countPaths", javascript.call("skipSwitches", 10, k["off"])))
        for k in (before, after)
    ]
    assert paths == [1024, 512] and (before["gain"], before["blocks"]) == (2, 10)
    ours, theirs = (evaluate(javascript, **k)["now"]["gradient"][0] for k in (after, before))
    assert ours / theirs == pytest.approx(0.89, abs=0.02)
    ends = [
        root_mean_square(np.array(javascript.call("endsOf", k, list(range(100))))[:, 1])
        for k in (after, before)
    ]
    assert ends[0] / ends[1] == pytest.approx(2 / math.sqrt(5), rel=0.1)
    assert "2/√5 = 0.89 on average" in experiment["why"] and "1,024" in experiment["why"]


@pytest.mark.parametrize(("blocks", "gain"), [(10, 0.5), (10, 2), (20, 0.5), (30, 1)])
def test_normalized_without_skips_the_gradient_grows_as_is_said(
    javascript: Module, blocks: int, gain: float
) -> None:
    chosen = setting(blocks=blocks, off=list(range(1, blocks + 1)), gain=gain, normalize=True)
    factors = np.log(np.array(javascript.call("growths", chosen, list(range(40)))))
    rule = cast(list[str], javascript.call("words", chosen))[1]
    least, measured = re.findall(r"1/√\(1 − 1/π\) = ([\d.]+) .* many weights: ([\d.]+)\)", rule)[0]
    assert float(least) == pytest.approx(1 / math.sqrt(1 - 1 / math.pi), abs=0.005)
    growth = math.exp(factors[:, 1:].mean())  # in each block but the first
    assert growth == pytest.approx(float(measured), abs=0.02) and growth > float(least)
    first = math.exp(factors[:, 0].mean())  # has the gain's factor
    assert first == pytest.approx(gain, rel=0.1)


def test_experiments_are_shown_one_at_a_time_and_guessed_once(javascript: Module) -> None:
    presses = ["setting", "grows", "shrinks", "setting", "setting", "next", "stays"]
    found: Any = javascript.call("viewsAfter", presses)
    start, at_start, guessed, again, back, forth, second, right = found["views"]
    assert start["title"] == "Experiment 1 of 5" and start["answer"] == ""
    assert at_start["answer"].startswith("Now the gradient at the input is 9 times")
    for view in (start, at_start, second):
        assert not any(g["isLocked"] or g["isPressed"] for g in view["guesses"])
    pressed = [g["key"] for g in guessed["guesses"] if g["isPressed"]]
    assert pressed == ["grows"] and all(g["isLocked"] for g in guessed["guesses"])
    assert guessed["answer"].startswith("Not so. It shrinks") and again == guessed
    labels = [view["setting"] for view in (start, guessed, back, forth, second)]
    assert labels == ["Set it up", *["See the start again", "See the change again"],
                      "See the start again", "Set it up"]  # fmt: skip
    assert second["title"] == "Experiment 2 of 5" and second["answer"] == ""
    assert right["answer"].startswith("Right. It stays within a factor of 2")
    assert found["sides"] == ["after", "after", None, None, None]
    found = javascript.call("viewsAfter", ["stays", *["next"] * 5])
    assert found["views"][-1] == found["views"][1], "round, and still locked"


def test_buttons_switch_what_they_say(javascript: Module) -> None:
    assert javascript.call("switchSkip", [2, 10], 5) == [2, 5, 10]
    assert javascript.call("switchSkip", [2, 5, 10], 5) == [2, 10]
    assert javascript.call("everyBlock", 5, 2) == [2, 4]
    assert javascript.call("everyBlock", 3, 1) == [1, 2, 3]
    gains = [javascript.call("gainAt", power / 4) for power in range(-8, 5)]
    assert gains[0] == 0.25 and gains[4] == 0.5 and gains[8] == 1 and gains[-1] == 2


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"blocks": 0}, "want blocks from 1 to 30, got 0"),
        ({"blocks": 31}, "want blocks from 1 to 30"),
        ({"gain": 0.2}, "want gain from 0.25 to 2, got 0.2"),
        ({"gain": float("nan")}, "want gain from 0.25 to 2, got nan"),
        ({"seed": -1}, "want seed from 0 to 9999, got -1"),
        ({"blocks": 4, "off": [5]}, r"want in off block numbers from 1 to 4, .* got \[5\]"),
        ({"off": [0]}, "want in off block numbers from 1 to 20"),
        ({"off": [3, 3]}, r"each once, got \[3, 3\]"),
        ({"off": [1.5]}, "int"),
        ({"normalize": "yes"}, "bool"),
    ],
)
def test_traits_refuse_what_cannot_be_shown(state: Setting, message: str) -> None:
    with pytest.raises(traitlets.TraitError, match=message):
        SkipLab(**state)


def test_off_is_kept_in_order_and_within_the_blocks() -> None:
    lab = SkipLab(blocks=30, off=np.array([30, 2, 11]))
    assert lab.off == [2, 11, 30]
    lab.blocks = 11
    assert lab.off == [2, 11]
    lab.blocks = 1
    assert lab.off == []
