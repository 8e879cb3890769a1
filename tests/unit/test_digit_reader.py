from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from traitlets import TraitError

import kbook.widgets
from kbook.assets.nets import load_net
from kbook.widgets import DigitReader
from kbook.widgets.bundle import module_text
from tests.drawings import drawings
from tests.js import Module

ASSETS = Path(kbook.widgets.__file__).parents[1] / "assets"
BAR = [[[0.5, 0.1], [0.5, 0.9]]]  # a straight 1


@pytest.fixture(scope="module")
def js():
    return Module("digit_reader")


@pytest.fixture(scope="module")
def net():
    return load_net("digits_softmax").double()


@pytest.fixture(scope="module")
def split():
    digits = load_digits()
    return train_test_split(
        digits.data, digits.target, test_size=360, random_state=0, stratify=digits.target
    )


@pytest.fixture(scope="module")
def probabilities(js):
    """Return the module's function from pixels to probabilities, with the committed net."""
    file = list((ASSETS / DigitReader.assets[0]).read_bytes())
    function = "((pixels, file) => digitProbabilities(pixels, parseNet(file)))"
    return lambda pixels: js.call(function, pixels, file)


@pytest.fixture(scope="module")
def seen(js):
    """Return what the model sees of each drawing."""
    return [(digit, js.call("strokesToPixels", strokes)) for digit, strokes in drawings()]


def test_the_committed_net_reads_345_of_360_test_digits(net, split):
    _, images, _, labels = split
    z = net(torch.tensor(images / 16))
    assert (z.argmax(1).numpy() == labels).sum() == 345


def test_the_committed_net_is_as_good_as_scikit_learns(net, split):
    images, _, labels, _ = split
    assert len(images) == 1437 and "1,437" in module_text("digit_reader")
    theirs = LogisticRegression(C=1 / (0.001 * 1437), max_iter=10_000, tol=1e-8)
    theirs.fit(images / 16, labels)
    ours = net(torch.tensor(images / 16)).softmax(1).detach().numpy()
    np.testing.assert_allclose(ours, theirs.predict_proba(images / 16), rtol=0, atol=1e-3)


def test_the_net_has_650_numbers(net):
    assert sum(parameter.numel() for parameter in net.parameters()) == 650


def test_probabilities_equal_those_of_torch(net, split, probabilities):
    images = np.vstack([split[1][::30], np.zeros(64), np.full(64, 16)])
    ours = [probabilities(image.tolist()) for image in images]
    theirs = net(torch.tensor(images / 16)).softmax(1).detach().numpy()
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def test_ordinary_drawings_are_read(seen, probabilities):
    right = [int(np.argmax(probabilities(pixels))) == digit for digit, pixels in seen]
    assert len(right) == 40
    # In fact 19 and 20 of 20: a 1 with a short flag is read as a 3.
    assert sum(right[:20]) >= 19 and sum(right[20:]) >= 19


def test_every_example_is_read_with_confidence(js, probabilities):
    reader = DigitReader()
    read = [probabilities(js.call("strokesToPixels", drawing)) for drawing in reader.examples]
    assert [int(np.argmax(p)) for p in read] == [3, 7, 4, 6, 2]
    assert min(max(p) for p in read) > 0.8
    assert reader.strokes == reader.examples[0]


def test_drawings_look_like_the_data(seen):
    data, ours = load_digits().data, np.array([pixels for _, pixels in seen])
    assert ours.shape == (40, 64) and ours.min() == 0 and ours.max() == 16
    assert abs(ours.sum(1).mean() / data.sum(1).mean() - 1) < 0.1  # as much ink: the pen is right
    rows, columns = (ours.reshape(-1, 8, 8).any(axis).mean(0) for axis in (2, 1))
    assert rows.min() == 1  # all eight rows, as every one of the data's
    assert columns[[0, 7]].max() < 0.2 and columns[2:6].min() > 0.9
    mean_images = ours.mean(0), data.mean(0)
    assert np.corrcoef(mean_images)[0, 1] > 0.9


def test_a_straight_one_is_eight_pixels_wide(js):
    # by hand: a pen of 0.08 in a box of 0.16 x 0.96; 32 / 0.96 pixels down, 1.5 times that across
    bitmap = np.array(js.call("strokesToBitmap", BAR))
    assert bitmap.shape == (32, 32)
    assert np.flatnonzero(bitmap[16]).tolist() == list(range(12, 20))
    assert bitmap.any(1).all()
    pixels = np.reshape(js.call("strokesToPixels", BAR), (8, 8))
    assert pixels[3].tolist() == [0, 0, 0, 16, 16, 0, 0, 0]


def test_the_bitmap_is_all_within_the_pens_reach(js):
    strokes = next(strokes for digit, strokes in drawings() if digit == 4)
    frame = js.call("drawingFrame", strokes)
    fine = []  # the strokes as a thousand points each: the distance without a formula for segments
    for stroke in strokes:
        for a, b in zip(stroke, stroke[1:], strict=False):
            fine.append(np.linspace(a, b, 1000))
    points = np.concatenate(fine)
    place = np.arange(32) + 0.5 - 16
    x, y = np.meshgrid(frame["x"] + place / frame["across"], frame["y"] + place / frame["down"])
    distance = np.sqrt(
        ((x[..., None] - points[:, 0]) ** 2 + (y[..., None] - points[:, 1]) ** 2).min(-1)
    )
    bitmap = np.array(js.call("strokesToBitmap", strokes)) == 1
    near = np.abs(distance - frame["radius"]) < 1e-4
    assert (bitmap == (distance <= frame["radius"]))[~near].all() and near.mean() < 0.01


def test_place_and_size_of_the_drawing_do_not_matter(js):
    for _, strokes in list(drawings())[:10]:
        moved = [[[0.1 + 0.6 * x, 0.3 + 0.6 * y] for x, y in stroke] for stroke in strokes]
        change = np.subtract(*(js.call("strokesToPixels", drawing) for drawing in (strokes, moved)))
        assert np.abs(change).max() <= 1  # a pixel on the very edge may round either way


def test_what_leans_is_straightened(js):
    for lean in (-0.3, 0.3):
        leaning = [[[0.5 - lean * 0.4, 0.1], [0.5 + lean * 0.4, 0.9]]]
        pixels = np.reshape(js.call("strokesToPixels", leaning), (8, 8))
        columns = [np.flatnonzero(row >= 8).tolist() for row in pixels[1:7]]
        assert all(column == columns[0] for column in columns), pixels


def test_straighten_shifts_rows_and_loses_nothing(js):
    bitmap = np.zeros((32, 32), int)
    for row in range(4, 28):  # a diagonal: one pixel to the right every other row
        bitmap[row, 8 + row // 2 : 12 + row // 2] = 1
    straight = np.array(js.call("straighten", bitmap.tolist()))
    np.testing.assert_array_equal(straight.sum(1), bitmap.sum(1))
    lefts = straight[4:28].argmax(1)
    assert np.ptp(lefts) <= 1 and lefts[2] == lefts[-3]
    small = np.zeros((32, 32), int)
    small[10:15, 3:5] = small[12, 20:22] = 1
    np.testing.assert_array_equal(js.call("straighten", small.tolist()), small)


def test_counts_are_sums_over_blocks(js):
    bitmap = np.random.default_rng(0).integers(0, 2, (32, 32))
    counts = np.reshape(js.call("blockCounts", bitmap.tolist()), (8, 8))
    np.testing.assert_array_equal(counts, bitmap.reshape(8, 4, 8, 4).sum((1, 3)))


def test_an_empty_drawing_has_no_ink_and_a_tap_leaves_a_dot(js):
    assert js.call("strokesToPixels", []) == [0] * 64
    dot = np.reshape(js.call("strokesToPixels", [[[0.9, 0.2]]]), (8, 8))
    assert 0 < dot.sum() < 60 and dot[3:5, 3:5].sum() == dot.sum()
    slip = np.reshape(js.call("strokesToPixels", [[[0.5, 0.5], [0.5, 0.56]]]), (8, 8))
    assert slip[2:6].sum() == slip.sum() > dot.sum()


@pytest.mark.parametrize(
    ("p", "text"),
    [(0, "0 %"), (1e-9, "<1 %"), (0.004999, "<1 %"), (0.005, "1 %"), (0.8749, "87 %")]
    + [(0.9949, "99 %"), (0.995, ">99 %"), (1 - 1e-12, ">99 %"), (1, "100 %")],
)
def test_percentages_claim_no_certainty(js, p, text):
    assert js.call("percentText", p).replace("\u00a0", " ") == text


def test_the_answer_names_a_second_guess_from_one_in_ten(js):
    def answer(first, second):
        p = [0.0] * 10
        p[3], p[8], p[0] = first, second, 1 - first - second
        return js.call("answerText", p).replace("\u00a0", " ")

    assert answer(0.87, 0.09) == "I read 3 (87 %)."
    assert answer(0.6, 0.35) == "I read 3 (60 %), or 8 (35 %)."


def test_defaults_are_small_and_complete():
    reader = DigitReader()
    assert set(reader.state()) == {"strokes", "pixels", "examples"}
    assert reader.pixels == []
    page = reader.static_html()
    assert 'data-module="digit_reader"' in page and "650 learned numbers" in page
    assert len(page) < 300_000
    for name in DigitReader.assets:
        assert (ASSETS / name).is_file()
        assert f'"{name}"' in module_text("digit_reader")


def test_python_sees_and_sets_drawings():
    reader = DigitReader(strokes=[])
    reader.strokes = [[[0, 0.5], [1, 0.5]], [(0.25, 0.75)]]
    reader.pixels = [0, 16] * 32
    assert reader.state()["pixels"][:2] == [0, 16]


@pytest.mark.parametrize(
    "strokes",
    [[[]], [[[0.5]]], [[[0.5, 0.5, 0.5]]], [[[0.5, 1.1]]], [[[-0.1, 0]]], [[[float("nan"), 0]]]]
    + [[[0.5, 0.5]], [["ab"]], [None], [[[0.1, "x"]]], [[[0.1, 0.2]] * 1001]],
)
def test_what_is_no_drawing_is_refused(strokes):
    with pytest.raises(TraitError, match=r"^want strokes of .*, got "):
        DigitReader(strokes=strokes)
    with pytest.raises(TraitError, match=r"^want examples of .*, got "):
        DigitReader(examples=[strokes])


@pytest.mark.parametrize("pixels", [[1] * 63, [17] + [0] * 63, [-1] + [0] * 63])
def test_what_are_no_pixels_is_refused(pixels):
    with pytest.raises(TraitError, match="want 64 pixels from 0 to 16"):
        DigitReader(pixels=pixels)
