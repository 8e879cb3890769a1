"""DigitPad: its traits, what its nets answer against torch, and its words."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from traitlets import TraitError

from kbook.assets.nets import load_net
from kbook.widgets import DigitPad, DigitReader
from kbook.widgets.bundle import module_text
from tests.drawings import drawings
from tests.js import Module

ASSETS = Path(__file__).parents[2] / "kbook" / "assets"
FILES = {
    "cnn_shifted": "digits_cnn",
    "cnn_centered": "digits_cnn_centered",
    "dense": "digits_dense",
}
SHIFTS = [(dx, dy) for dy in range(-2, 3) for dx in range(-2, 3)]
on_every_net = pytest.mark.parametrize("net", FILES)


@cache
def module() -> Module:
    """The widget's module, its three nets read from the files."""
    js = Module("digit_pad")
    for net, name in FILES.items():
        content = list((ASSETS / "weights" / f"{name}.bin").read_bytes())
        js.call(f"((bytes) => {{ globalThis.{net} = parseNet(bytes); return 0; }})", content)
    return js


def ask(function: str, net: str, *arguments: object) -> Any:
    """What a function of the module says whose first argument is a net."""
    return module().call(f"((...rest) => {function}({net}, ...rest))", *arguments)


@cache
def torch_net(net: str) -> nn.Sequential:
    return load_net(FILES[net])


@cache
def seen() -> tuple[np.ndarray, np.ndarray]:
    """The digits of the 40 drawings, and their 64 pixels each."""
    pairs = [(digit, module().call("strokesToPixels", strokes)) for digit, strokes in drawings()]
    return np.array([digit for digit, _ in pairs]), np.array([pixels for _, pixels in pairs])


def placed(pixels: np.ndarray, shift: tuple[int, int]) -> torch.Tensor:
    """Pictures of 12 x 12 in torch: padded all around, then rolled."""
    frames = np.pad(np.reshape(pixels, (-1, 1, 8, 8)) / 16, [(0, 0), (0, 0), (2, 2), (2, 2)])
    return torch.tensor(np.roll(frames, (shift[1], shift[0]), axis=(2, 3)), dtype=torch.float32)


def answers(net: str) -> np.ndarray:
    """What torch reads in the 40 drawings, (25, 40): one row for each shift."""
    with torch.no_grad():
        return np.array([torch_net(net)(placed(seen()[1], s)).argmax(1).numpy() for s in SHIFTS])


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def one_hot(digit: int, p: float, other: int) -> list[float]:
    probabilities = [0.0] * 10
    probabilities[digit], probabilities[other] = p, 1 - p
    return probabilities


# The frame


@pytest.mark.parametrize("shift", SHIFTS)
def test_the_digit_stands_in_the_frame_where_the_shift_says(shift: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 17, 64)
    framed = "((...a) => { const t = framed(...a); return [t.shape, Array.from(t.data)]; })"
    shape, data = module().call(framed, pixels.tolist(), shift)
    assert shape == [1, 12, 12]
    np.testing.assert_allclose(np.reshape(data, shape), placed(pixels, shift)[0], atol=1e-7)


def test_steps_end_at_the_edge_of_the_frame() -> None:
    places = [[0, 0]]
    for step in [[1, 0]] * 3 + [[0, -1]] * 3 + [[-1, 0]] * 5:
        places.append(module().call("stepped", places[-1], step))
    right, up = [[1, 0], [2, 0], [2, 0]], [[2, -1], [2, -2], [2, -2]]
    left = [[1, -2], [0, -2], [-1, -2], [-2, -2], [-2, -2]]
    assert places[1:] == right + up + left


# The nets


@on_every_net
def test_probabilities_equal_torchs(net: str) -> None:
    for i, shift in [(0, (0, 0)), (9, (1, 0)), (17, (-2, 2)), (33, (0, -1))]:
        pixels = seen()[1][i]
        with torch.no_grad():
            expected = torch_net(net)(placed(pixels, shift)).softmax(1)[0]
        for p in (
            ask("readAt", net, pixels.tolist(), shift),
            ask("lookAt", net, pixels.tolist(), shift)["p"],
        ):
            np.testing.assert_allclose(p, expected, atol=1e-5)


@on_every_net
def test_the_table_holds_what_torch_reads_row_by_row(net: str) -> None:
    expected = answers(net)
    for i in range(0, 40, 4):
        np.testing.assert_array_equal(
            ask("readEverywhere", net, seen()[1][i].tolist()), expected[:, i]
        )


@pytest.mark.parametrize("net", ["cnn_shifted", "cnn_centered"])
def test_maps_are_what_leaves_each_relu(net: str) -> None:
    pixels, x, expected = seen()[1][5], placed(seen()[1][5], (1, -2)), []
    for layer in torch_net(net):
        x = layer(x).detach()
        if isinstance(layer, nn.ReLU):
            expected.append(x[0].numpy())
    blocks = "((...a) => lookAt(...a).maps.map((m) => ({ ...m, data: Array.from(m.data) })))"
    maps = ask(blocks, net, pixels.tolist(), (1, -2))
    assert [(m["count"], m["side"]) for m in maps] == [(16, 12), (16, 12), (32, 6), (32, 6)]
    for block, reference in zip(maps, expected, strict=True):
        ours = np.reshape(block["data"], (block["count"], block["side"], block["side"]))
        np.testing.assert_allclose(ours, reference, atol=1e-4)


def test_a_dense_net_has_no_maps() -> None:
    assert ask("lookAt", "dense", seen()[1][0].tolist(), (0, 0))["maps"] == []


def test_maps_move_with_the_digit() -> None:
    blocks = "((...a) => lookAt(...a).maps.slice(0, 2).map((m) => Array.from(m.data)))"
    pixels = seen()[1][4].tolist()
    before, after = (
        [np.reshape(data, (16, 12, 12)) for data in ask(blocks, "cnn_centered", pixels, shift)]
        for shift in [(0, 0), (1, 0)]
    )
    for reach, maps, moved in zip((1, 2), before, after, strict=True):  # of the edge
        inside = slice(reach, 12 - reach - 1), slice(reach + 1, 12 - reach)
        rows = slice(reach, 12 - reach)
        np.testing.assert_allclose(moved[:, rows, inside[1]], maps[:, rows, inside[0]], atol=1e-5)
        assert np.abs(moved - maps).max() > 0.5


# What the widget is there to show, in bands: the files may be trained anew


@on_every_net
def test_centered_drawings_are_read(net: str) -> None:
    digits, _ = seen()
    assert (answers(net)[12] == digits).sum() >= 36


def test_which_net_survives_which_shift() -> None:
    same = {net: (answers(net) == answers(net)[12]).mean(1).reshape(5, 5) for net in FILES}
    assert same["cnn_shifted"].mean() > 0.95
    assert same["dense"].mean() < 0.5 < same["cnn_shifted"].min()
    centered = same["cnn_centered"]
    even, odd = centered[::2, ::2].mean(), centered[1::2, 1::2].mean()
    assert even > 0.95 and odd < even - 0.05
    assert same["dense"].mean() < centered.mean() - 0.2


# Words


@pytest.mark.parametrize(
    ("shift", "words"),
    [((0, 0), "none"), ((1, 0), "1 to the right"), ((-2, 0), "2 to the left"), ((0, 2), "2 down")]
    + [((0, -1), "1 up"), ((2, -1), "2 to the right and 1 up")],
)
def test_a_shift_in_words(shift: tuple[int, int], words: str) -> None:
    assert module().call("shiftWords", shift) == words


def test_the_sentence_says_what_the_shift_did() -> None:
    def say(shift: tuple[int, int], *digits: int) -> str:
        centered, here = (
            one_hot(digit, p, 0) for digit, p in zip(digits, (0.98, 0.6), strict=True)
        )
        return plain(module().call("shiftSentence", shift, centered, here))

    assert say((1, 0), 3, 3) == "Shifted by 1 to the right: 3 (98 %) → 3 (60 %). The answer stays."
    assert say((0, -2), 3, 8) == "Shifted by 2 up: 3 (98 %) → 8 (60 %). The answer changes."
    assert say((0, 0), 3, 3) == "The digit is centered: shift it."


def test_the_table_in_one_sentence() -> None:
    say = "everywhereSentence"
    assert module().call(say, [7] * 25) == "It reads 7 wherever the digit stands."
    digits = [3, 7] * 6 + [7] + [7, 3] * 6
    expected = "In the middle it reads 7, at 12 of the 24 other places something else (filled)."
    assert module().call(say, digits) == expected


def test_points_that_lie_too_near_or_are_too_many_are_left_out() -> None:
    strokes = [[[0.1, 0.1]], [[0.5, 0.5]]]
    points = [[0.505, 0.5], [0.52, 0.5], [0.525, 0.5], [0.52, 0.6]]
    drawn = module().call("withPoints", strokes, points)
    assert drawn == [[[0.1, 0.1]], [[0.5, 0.5], [0.52, 0.5], [0.52, 0.6]]]
    many = [[(i % 2) / 2, i / 2000] for i in range(2000)]
    drawn = module().call("withPoints", strokes, many)
    assert sum(map(len, drawn)) == 1000
    assert module().call("withStroke", drawn, [0, 0]) == drawn
    assert module().call("withStroke", strokes, [0, 0]) == [*strokes, [[0, 0]]]
    DigitPad(strokes=drawn)  # as many as the trait takes


# Traits


def test_python_and_the_module_know_the_same_nets_and_blocks() -> None:
    names = module().call("(() => Object.entries(NETS).map(([key, { file }]) => [key, file]))")
    assert [key for key, _ in names] == list(DigitPad.net.values) == list(FILES)
    assert [file for _, file in names] == list(DigitPad.assets)
    assert list(DigitPad.assets) == [f"weights/{name}.bin" for name in FILES.values()]
    assert module().call("(() => BLOCKS)") == list(DigitPad.block.values)
    assert module().call("(() => [MOST_SHIFT, FRAME_SIDE])") == [2, 12]


def test_defaults_are_small_and_complete() -> None:
    pad = DigitPad()
    assert set(pad.state()) == {"strokes", "shift", "net", "block", "examples"}
    assert (pad.shift, pad.net, pad.block) == ([0, 0], "cnn_shifted", 1)
    assert pad.strokes == pad.examples[0] and pad.examples == DigitReader().examples
    page = pad.static_html()
    assert 'data-module="digit_pad"' in page and "all 25 shifts" in page and len(page) < 100_000
    assert "digits_cnn" in module_text("digit_pad") and len(str(pad.state())) < 10_000
    assert sum((ASSETS / name).stat().st_size for name in pad.assets) < 600_000


def test_every_example_is_read_with_confidence() -> None:
    for digit, example in zip([3, 7, 4, 6, 2], DigitPad().examples, strict=True):
        pixels = module().call("strokesToPixels", example)
        p = ask("readAt", "cnn_shifted", pixels, (0, 0))
        assert int(np.argmax(p)) == digit and max(p) > 0.8


@pytest.mark.parametrize(
    "shift", [[3, 0], [0, -3], [1], [1, 1, 1], [0.5, 0], ["1", 0], None, [float("nan"), 0]]
)
def test_what_is_no_shift_is_refused(shift: object) -> None:
    with pytest.raises(TraitError, match=r"shift"):
        DigitPad(shift=shift)


@pytest.mark.parametrize(
    "strokes", [[[]], [[[0.5]]], [[[0.5, 1.1]]], [[[float("nan"), 0]]], [[[0.1, 0.2]] * 1001]]
)
def test_what_is_no_drawing_is_refused(strokes: object) -> None:
    with pytest.raises(TraitError, match=r"^want strokes of "):
        DigitPad(strokes=strokes)
    with pytest.raises(TraitError, match=r"^want examples of "):
        DigitPad(examples=[strokes])


@pytest.mark.parametrize("state", [{"net": "resnet"}, {"block": 0}, {"block": 5}, {"examples": []}])
def test_what_does_not_exist_is_refused(state: dict[str, Any]) -> None:
    with pytest.raises(TraitError):
        DigitPad(**state)
