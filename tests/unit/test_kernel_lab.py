"""KernelLab: its convolution and windows against torch, its pictures, its words, its traits."""

import itertools
import math
import re
from typing import Any, cast

import numpy as np
import pytest
import torch
import traitlets
from torch.nn import functional as F

from kbook.widgets.kernel_lab import KernelLab
from tests.js import Module

SETTINGS = [
    {"stride": stride, "padding": padding, "dilation": dilation}
    for stride, padding, dilation in itertools.product((1, 2, 3), (0, 1, 2), (1, 2, 3))
]
each_setting = pytest.mark.parametrize(
    "setting", SETTINGS, ids=lambda s: "-".join(map(str, s.values()))
)
Rows = list[list[float]]


@pytest.fixture(scope="module")
def javascript() -> Module:
    module = Module("kernel_lab")
    module._engine.eval("""
        function presets() {
          return Object.fromEntries(Object.entries(KERNELS).map(([name, k]) => [name, k.weights]));
        }
        function pictureNames() { return Object.keys(PICTURES); }
    """)
    return module


@pytest.fixture(scope="module")
def presets(javascript: Module) -> dict[str, Rows]:
    return cast(dict[str, Rows], javascript.call("presets"))


def conv2d(picture: Rows, kernel: Rows, setting: dict[str, int]) -> np.ndarray:
    x, w = (torch.tensor(rows, dtype=torch.float64)[None, None] for rows in (picture, kernel))
    stride, padding, dilation = setting.values()
    return F.conv2d(x, w, None, stride, padding, dilation)[0, 0].numpy()


def unfold(picture: Rows, k: int, setting: dict[str, int]) -> np.ndarray:
    x = torch.tensor(picture, dtype=torch.float64)[None, None]
    return F.unfold(x, k, **setting)[0].numpy()


def some_picture(height: int, width: int) -> Rows:
    return cast(Rows, np.random.default_rng(7).uniform(size=(height, width)).tolist())


@each_setting
def test_output_is_that_of_conv2d(
    javascript: Module, presets: dict[str, Rows], setting: dict[str, int]
) -> None:
    rng = np.random.default_rng(4)
    kernels = [*presets.values(), *(rng.uniform(-9, 9, size=(k, k)).tolist() for k in (1, 2, 3, 5))]
    for picture, kernel in itertools.product((some_picture(24, 24), some_picture(15, 19)), kernels):
        ours = np.array(javascript.call("kernelOutput", picture, kernel, setting))
        theirs = conv2d(picture, kernel, setting)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)
        size = javascript.call("kernelOutputSize", len(picture), len(kernel), setting)
        assert size == theirs.shape[0]


@each_setting
def test_windows_hold_the_pixels_that_unfold_finds(
    javascript: Module, setting: dict[str, int]
) -> None:
    gray, kernel = np.array(some_picture(24, 24)), np.arange(9.0).reshape(3, 3).tolist()
    picture = np.where(gray > 0.4, gray, 0).tolist()  # a black pixel is no padding
    columns = unfold(picture, 3, setting)
    inside = unfold(np.ones((24, 24)).tolist(), 3, setting)
    places = unfold(np.arange(576.0).reshape(24, 24).tolist(), 3, setting)
    size = math.isqrt(columns.shape[1])
    for row, column in [(0, 0), (0, size - 1), (size - 1, 2), (size // 2, size // 3)]:
        taps: Any = javascript.call("kernelWindow", picture, kernel, setting, [row, column])
        k = row * size + column
        assert [tap["pixel"] for tap in taps] == columns[:, k].tolist()
        assert [tap["isPadding"] for tap in taps] == (inside[:, k] == 0).tolist()
        assert [tap["weight"] for tap in taps] == list(range(9))
        assert [tap["product"] for tap in taps] == [t["pixel"] * t["weight"] for t in taps]
        for tap, place in zip(taps, places[:, k], strict=True):
            is_inside = 0 <= tap["row"] < 24 and 0 <= tap["column"] < 24
            assert is_inside != tap["isPadding"]
            assert tap["isPadding"] or 24 * tap["row"] + tap["column"] == place
        total = javascript.call("kernelSum", taps)
        assert total == pytest.approx(conv2d(picture, kernel, setting)[row, column], abs=1e-12)


@each_setting
def test_the_window_goes_where_the_pointer_is(javascript: Module, setting: dict[str, int]) -> None:
    size = cast(int, javascript.call("kernelOutputSize", 24, 3, setting))
    stride, padding, dilation = setting.values()
    middles = np.arange(size) * stride - padding + dilation
    for place in range(-2, 26):
        nearest = cast(int, javascript.call("kernelNearest", place, 24, 3, setting))
        assert 0 <= nearest < size
        assert abs(middles[nearest] - place) == np.abs(middles - place).min()


@each_setting
def test_what_is_left_over_is_behind_the_last_tap(
    javascript: Module, setting: dict[str, int]
) -> None:
    index = torch.arange(24 + 2 * setting["padding"]).double()[None, None]
    last = F.max_pool1d(index, 3, setting["stride"], 0, setting["dilation"]).max()
    rest = 23 + 2 * setting["padding"] - int(last)
    assert javascript.call("kernelLeftOver", 24, 3, setting) == rest
    text = str(javascript.call("kernelLeftOverText", 24, 3, setting))
    where = "padded picture" if setting["padding"] else "picture"
    assert text == (
        ""
        if rest == 0
        else f"The last {'row' if rest == 1 else f'{rest} rows'} and "
        f"{'column' if rest == 1 else f'{rest} columns'} of the {where} are left over: "
        "another step of the window would not fit."
    )


@each_setting
def test_the_size_is_computed_before_the_readers_eyes(
    javascript: Module, setting: dict[str, int]
) -> None:
    text = str(javascript.call("kernelSizeText", 24, 3, setting))
    form = r"floor\(\((\d+) \+ 2·(\d+) − (\d+)·\((\d+) − 1\) − 1\)/(\d+)\) \+ 1 = (\d+)"
    found = re.fullmatch(form, text)
    shape = conv2d(some_picture(24, 24), np.ones((3, 3)).tolist(), setting).shape
    stride, padding, dilation = setting.values()
    assert found and [int(n) for n in found.groups()] == [
        24, padding, dilation, 3, stride, shape[0],
    ]  # fmt: skip
    python = text.split(" = ")[0].replace("·", "*").replace("−", "-")
    assert eval(python, {"floor": math.floor}) == shape[0]


def test_the_size_text_is_the_one_in_the_chapter(javascript: Module) -> None:
    setting = {"stride": 1, "padding": 1, "dilation": 1}
    text = javascript.call("kernelSizeText", 24, 3, setting)
    assert text == "floor((24 + 2·1 − 1·(3 − 1) − 1)/1) + 1 = 24"


def test_a_place_outside_of_the_output_means_the_nearest(javascript: Module) -> None:
    picture, kernel = some_picture(24, 24), np.ones((3, 3)).tolist()
    setting = {"stride": 3, "padding": 0, "dilation": 1}
    shown: Any = javascript.call("evaluateKernel", picture, kernel, setting, [25, 3])
    assert shown["pixel"] == [7, 3] and len(shown["output"]) == 8
    assert shown["sum"] == shown["output"][7][3]
    assert shown["largest"] == np.abs(shown["output"]).max()
    shown = javascript.call("evaluateKernel", picture, kernel, setting, [-5, 7])
    assert shown["pixel"] == [0, 7]


def output_of(javascript: Module, picture: object, kernel: Rows) -> np.ndarray:
    """Without the border, where the padding counts."""
    setting = {"stride": 1, "padding": 0, "dilation": 1}
    return np.array(javascript.call("kernelOutput", picture, kernel, setting))


def test_presets_do_what_they_are_called(javascript: Module, presets: dict[str, Rows]) -> None:
    rows, columns = np.mgrid[:24, :24] / 50
    right, down, even = columns.tolist(), rows.tolist(), np.full((24, 24), 0.4).tolist()
    dot = np.zeros((24, 24))
    dot[12, 12] = 1
    middle = np.array(some_picture(24, 24))[1:-1, 1:-1]

    def out(name: str, picture: object) -> np.ndarray:
        return output_of(javascript, picture, presets[name])

    np.testing.assert_array_equal(out("identity", some_picture(24, 24)), middle)
    sums = {"identity": 1, "blur": 1, "sharpen": 1, "emboss": 1}
    for name in presets:
        np.testing.assert_allclose(out(name, even), 0.4 * sums.get(name, 0), atol=1e-12)
        turned = np.rot90(presets[name], 2)  # the kernel is not flipped, so its answer to a dot is
        np.testing.assert_array_equal(out(name, dot.tolist())[10:13, 10:13], turned)
    assert (np.array(presets["blur"]) > 0).all()
    assert out("blur", some_picture(24, 24)).var() < 0.5 * middle.var()
    assert out("sharpen", some_picture(24, 24)).var() > 2 * middle.var()
    assert (out("vertical", right) > 0.1).all() and (out("horizontal", down) > 0.1).all()
    for name, ramp in [("vertical", down), ("horizontal", right)]:
        np.testing.assert_allclose(out(name, ramp), 0, atol=1e-12)
    for ramp in (right, down):
        np.testing.assert_allclose(out("outline", ramp), 0, atol=1e-12)
        assert (out("emboss", ramp) > np.array(ramp)[1:-1, 1:-1] + 0.05).all()
    np.testing.assert_array_equal(np.array(presets["outline"]), np.array(presets["outline"]).T)


def test_a_kernel_is_called_by_its_weights(javascript: Module, presets: dict[str, Rows]) -> None:
    for name, kernel in presets.items():
        assert javascript.call("kernelName", kernel) == name
        kernel[2][1] += 0.5
        assert javascript.call("kernelName", kernel) is None
        kernel[2][1] -= 0.5
        assert KernelLab(kernel=kernel).kernel == kernel


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], r"^Identity: .* sum to 1: .* output has their value\."),
        ([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], r"^Vertical edges.* sum to 0: .* output is 0\."),
        ([[0.1] * 3] * 3, r"^A kernel of your own\. .* sum to 0\.9: .* is 0\.9 times their value"),
        ([[0.1, -0.1, 0.2], [-0.2, 0, 0], [0, 0, 0]], r"sum to 0: .* the output is 0\."),
        ([[-1, 0, 0], [0, 0, 0], [0, 0, -0.5]], r"sum to −1\.5: .* is −1\.5 times"),
    ],
)
def test_the_sum_of_the_weights_is_told(javascript: Module, kernel: Rows, words: str) -> None:
    assert re.search(words, str(javascript.call("kernelMeaning", kernel)))


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.0625, "0.0625"), (-1.25, "−1.25"), (-0.0, "0"), (1e-7, "0"), (-1e-7, "0"), (81, "81"),
     (2 / 3, "0.6667"), (0.1 + 0.2, "0.3"), (-0.00012, "−0.0001")],
)  # fmt: skip
def test_numbers_are_short(javascript: Module, number: float, text: str) -> None:
    assert javascript.call("kernelNumber", number) == text


def test_taps_in_the_padding_are_told(javascript: Module) -> None:
    def text(padding: int, dilation: int, pixel: list[int]) -> str:
        setting = {"stride": 1, "padding": padding, "dilation": dilation}
        kernel = np.ones((3, 3)).tolist()
        taps = javascript.call("kernelWindow", some_picture(24, 24), kernel, setting, pixel)
        return str(javascript.call("kernelSumText", taps, -1.5, pixel))

    start = "Their sum, −1.5, is the output in row {}, column {}."
    assert text(0, 1, [0, 0]) == start.format(1, 1)
    assert text(1, 1, [0, 5]) == (
        start.format(1, 6) + " In the padding lie 3 of the 9 taps: their pixels are 0."
    )
    assert text(2, 1, [1, 1]).endswith(" In the padding lie 5 of the 9 taps: their pixels are 0.")
    taps = [{"isPadding": True}, *[{"isPadding": False}] * 8]
    assert str(javascript.call("kernelSumText", taps, 0, [0, 0])).endswith(
        " One tap lies in the padding: its pixel is 0."
    )


def test_pictures_are_told_in_words(javascript: Module) -> None:
    setting = {"stride": 2, "padding": 1, "dilation": 3}
    taps = javascript.call(
        "kernelWindow", some_picture(24, 24), np.ones((3, 3)).tolist(), setting, [0, 3]
    )
    text = javascript.call("kernelInputText", "digit", taps)
    assert text == "Input picture: digit. The window's taps lie in rows 0 to 6, columns 6 to 12."
    text = str(javascript.call("kernelOutputText", [[-1.25, 0.5], [0.0, 2.0]]))
    assert text.startswith("Output picture, 2 × 2 values from −1.25 to 2. Arrow keys move")


def test_pictures_are_gray_values_in_hundredths(javascript: Module) -> None:
    names = cast(list[str], javascript.call("pictureNames"))
    pictures = {name: np.array(javascript.call("renderPicture", name)) for name in names}
    assert names == KernelLab.class_traits()["picture"].values
    for picture in pictures.values():
        assert picture.shape == (24, 24)
        assert picture.min() >= 0 and picture.max() <= 1 and np.ptp(picture) >= 0.8
        np.testing.assert_array_equal(picture, np.round(picture, 2))
    house, digit, stripes, dot = pictures.values()
    assert house[4, 4] == 1 and house[0, 20] == 0.25 and house[23, 3] == 0.1, "sun, sky, ground"
    assert house[16, 10] == 1 and house[17, 15] == 0.05 and house[10, 13] == 0.4
    assert len(np.unique(house)) > 10 and len(np.unique(digit)) > 4, "edges between pixels are gray"
    assert digit[4, 12] == 1 and digit[19, 15] == 1 and digit[12, 4] == 0 and digit[14, 18] == 0
    assert (stripes[:12, :12] == stripes[0, :12]).all() and np.ptp(stripes[0, :12]) > 0.7
    assert (stripes[:12, 12:] == stripes[:12, 12:13]).all() and np.ptp(stripes[:12, 20]) > 0.7
    assert dot.sum() == dot[12, 12] == 1


def test_a_chosen_picture_is_cropped_to_its_middle(javascript: Module) -> None:
    square = [{"left": 10, "top": 0, "side": 40}, {"left": 0, "top": 12.5, "side": 60}]
    assert javascript.call("middleSquare", 60, 40) == square[0]
    assert javascript.call("middleSquare", 60, 85) == square[1]
    assert javascript.call("middleSquare", 7, 7) == {"left": 0, "top": 0, "side": 7}


def test_a_chosen_picture_becomes_gray_block_by_block(javascript: Module) -> None:
    colors = np.random.default_rng(1).integers(0, 256, size=(72, 72, 4))
    ours = javascript.call("grayPicture", colors.ravel().tolist(), 72)
    gray = colors[..., :3] @ [0.299, 0.587, 0.114] / 255
    theirs = gray.reshape(24, 3, 24, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(np.array(ours), theirs, atol=0.005 + 1e-9)
    white = javascript.call("grayPicture", [255] * (4 * 48 * 48), 48)
    assert white == np.ones((24, 24)).tolist()


def test_colors_are_symmetric_around_zero(javascript: Module) -> None:
    def color(value: float, largest: float = 2.0) -> list[int]:
        return cast(list[int], javascript.call("signedColor", value, largest))

    assert color(0) == color(0, 0) == [0, 0, 0] and color(2) == [255, 255, 255]
    assert color(1) == [128, 128, 128], "on the scale from 0 to 1 the picture itself"
    red, green, blue = color(-2)
    assert red == 255 > green > blue and color(-1) == [round(c / 2) for c in (red, green, blue)]


def test_the_scale_reaches_to_the_largest_size(javascript: Module) -> None:
    assert javascript.call("kernelScale", [[0.5, -3.0], [2.0, 1.0]]) == 3
    assert javascript.call("kernelScale", [[0.5, 3.0], [2.0, -1.0]]) == 3
    assert javascript.call("kernelScale", [[1e-16, -1e-15]]) == 0


def test_negative_pixels_have_a_dash(javascript: Module) -> None:
    path = str(javascript.call("dashPath", [[-1.0, 1.0], [-0.1, -0.5]], 1.0))
    # An output of 2 × 2 stands in the middle of 28 × 28: at 13 and 14.
    assert re.findall(r"M([\d.]+),([\d.]+)h0\.5", path) == [("13.25", "13.5"), ("14.25", "14.5")]


@pytest.mark.parametrize(
    ("text", "weight"),
    [("0.5", 0.5), ("-9", -9), ("9", 9), ("9.01", None), ("-9.5", None), ("1e1", None), ("", None),
     (" ", None), ("abc", None), ("Infinity", None), ("0", 0)],
)  # fmt: skip
def test_fields_take_weights_within_nine(
    javascript: Module, text: str, weight: float | None
) -> None:
    assert javascript.call("readWeight", text) == weight


@pytest.mark.parametrize(
    ("trait", "value", "message"),
    [
        ("picture", "own", "house"),
        ("kernel", [[1, 2, 3]], "3 rows of 3 weights, got"),
        ("kernel", [[1, 2, 3], [1, 2, 3], [1, 2]], "3 rows of 3 weights, got"),
        ("kernel", [1, 2, 3], "3 rows of 3 weights, got"),
        ("kernel", [[1, 2, 3], [1, 9.5, 3], [1, 2, 3]], "weights from -9 to 9, got"),
        ("kernel", [[1, 2, 3], [1, math.nan, 3], [1, 2, 3]], "weights from -9 to 9, got"),
        ("kernel", [[1, 2, 3], [1, "2", 3], [1, 2, 3]], "weights from -9 to 9, got"),
        ("stride", 0, "want stride from 1 to 3, got 0"),
        ("stride", 4, "want stride from 1 to 3, got 4"),
        ("padding", -1, "want padding from 0 to 2, got -1"),
        ("padding", 3, "want padding from 0 to 2, got 3"),
        ("dilation", 0, "want dilation from 1 to 3, got 0"),
        ("dilation", 4, "want dilation from 1 to 3, got 4"),
        ("output_pixel", [0], "output_pixel"),
        ("output_pixel", [0, 26], "row and column from 0 to 25, got"),
        ("output_pixel", [-1, 3], "row and column from 0 to 25, got"),
        ("output_pixel", [1.5, 3], "output_pixel"),
    ],
)
def test_wrong_traits_are_refused(trait: str, value: object, message: str) -> None:
    widget = KernelLab()
    before = widget.state()
    with pytest.raises(traitlets.TraitError, match=message):
        setattr(widget, trait, value)
    with pytest.raises(traitlets.TraitError, match=message):
        KernelLab(**{trait: value})
    assert widget.state() == before


def test_traits_take_what_the_page_can_choose(javascript: Module) -> None:
    kernel = np.array([[-9, 0, 9], [0.5, 1, 2], [3, 4, 5]])
    widget = KernelLab(kernel=kernel, padding=2, output_pixel=[25, 25])
    assert widget.kernel == kernel.tolist() and type(widget.kernel[0][0]) is float
    sizes = [cast(int, javascript.call("kernelOutputSize", 24, 3, setting)) for setting in SETTINGS]
    assert max(sizes) == 26, "output_pixel reaches to the last pixel of the largest output"
    row, column = KernelLab().output_pixel
    assert javascript.call("kernelName", KernelLab().kernel) == "vertical"
    assert 0 <= row < 24 and 0 <= column < 24
