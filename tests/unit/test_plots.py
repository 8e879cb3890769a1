import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from kbook.plots import plot_curves, plot_images

mpl.use("Agg")


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def draw(**arguments):
    """Call the function that its first argument names."""
    names = {"curves": plot_curves, "images": plot_images}
    name = next(iter(arguments))
    return names[name](arguments.pop(name), **arguments)


@pytest.mark.parametrize("call", [{"curves": [1, 2]}, {"images": np.ones((2, 3, 3))}])
def test_the_axis_given_is_the_axis_drawn_on(call, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: pytest.fail("a plot must not show itself"))
    _, ax = plt.subplots()
    assert draw(**call, ax=ax) is ax
    assert ax.has_data() and len(plt.get_fignums()) == 1
    assert draw(**call) is not ax
    assert len(plt.get_fignums()) == 2


@pytest.mark.parametrize("make", [list, np.array, torch.tensor])
def test_a_curve_of_any_array_has_its_values(make):
    ax = plot_curves(make([3.0, 2.0, 1.5]))
    [line] = ax.lines
    assert line.get_xydata().tolist() == [[0, 3], [1, 2], [2, 1.5]]
    assert ax.get_legend() is None
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "loss")


@pytest.mark.parametrize("count", [2, 3, 4, 6])
def test_several_curves_are_told_apart_without_color(count):
    labels = [f"run {k}" for k in range(count)]
    ax = plot_curves({label: [k, k + 1] for k, label in enumerate(labels)}, xlabel="epoch")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == labels
    assert len({str(line._unscaled_dash_pattern) for line in ax.lines}) == count
    assert ax.get_xlabel() == "epoch"


def test_a_second_call_on_the_axis_goes_on_with_the_dashes():
    ax = plot_curves({"a": [1, 2]})
    plot_curves({"b": [2, 1]}, ax=ax)
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()


def test_many_labels_stand_above_the_curves():
    ax = plot_curves({f"run {k}": [1.0, 2.0] for k in range(6)})
    ax.figure.canvas.draw()
    assert ax.get_legend().get_window_extent().y0 >= ax.bbox.y1


def test_a_loss_that_diverged_leaves_a_gap():
    [line] = plot_curves([1.0, np.nan, 2.0]).lines
    assert np.isnan(line.get_ydata()[1])


def paint(ax):
    """Return the sheet as it is painted: (rows, columns, RGBA), from 0 to 1."""
    [image] = ax.images
    return image.to_rgba(image.get_array())


BLACK, WHITE = [0, 0, 0, 1], [1, 1, 1, 1]


def test_pictures_stand_in_reading_order_dark_on_white():
    images = np.zeros((3, 2, 2))
    images[0, 0, 1], images[1, 0, 0], images[2, 1, 0] = 16, 16, 8
    sheet = paint(plot_images(images, columns=2))
    assert sheet.shape[1] == 5  # two pictures and one pixel between them
    painted = {tuple(place) for place in np.argwhere(sheet[..., 0] * sheet[..., 3] < sheet[..., 3])}
    first_row = sheet.shape[0] - 5
    assert painted == {(first_row, 1), (first_row, 3), (first_row + 4, 0)}
    assert sheet[first_row, 1].tolist() == BLACK
    assert sheet[first_row, 0].tolist() == WHITE
    assert 0.3 < sheet[first_row + 4, 0, 0] < 0.7  # half the ink, on the scale of the others
    assert (sheet[:, 2, 3] == 0).all()  # between pictures: paper


def test_blank_pictures_are_white_paper():
    assert paint(plot_images(np.zeros((1, 4, 4)))).reshape(-1, 4)[-1].tolist() == WHITE


def test_signed_pictures_keep_zero_white():
    sheet = paint(plot_images([[[-1.0, 0.0, 4.0]]], columns=3))[-1]
    (minus_red, _, minus_blue, _), zero, (plus_red, _, plus_blue, _) = sheet
    assert zero.min() > 0.95
    assert minus_blue > minus_red and plus_red > plus_blue
    assert plus_blue < minus_red  # 4 is painted stronger than -1


def test_titles_stand_above_their_pictures():
    ax = plot_images(np.ones((3, 8, 8)), titles=["a", "b", "c"], columns=2)
    assert [text.get_text() for text in ax.texts] == ["a", "b", "c"]
    places = np.array([text.get_position() for text in ax.texts])
    assert places[0, 1] == places[1, 1] < places[2, 1]  # rows count downwards
    assert places[0, 0] == places[2, 0] == 3.5 < places[1, 0]
    ax.figure.canvas.draw()
    sheet = ax.images[0].get_window_extent()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert all(box.y1 <= sheet.y1 + 1 for box in boxes)  # inside the sheet, so nothing cuts them


@pytest.mark.parametrize(
    "call",
    [
        {"curves": {}},
        {"curves": []},
        {"curves": 1.0},
        {"curves": {"a": [1, 2], "b": [[1, 2]]}},
        {"curves": ["one", "two"]},
        {"curves": [[1, 2], [3]]},
        {"images": np.ones((3, 3))},
        {"images": np.ones((0, 3, 3))},
        {"images": np.full((1, 2, 2), np.nan)},
        {"images": np.ones((2, 3, 3)), "titles": ["one"]},
        {"images": np.ones((2, 3, 3)), "columns": 0},
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(call):
    with pytest.raises(ValueError, match=r"(?i)^\S.*(got|has) .*\.$") as caught:
        draw(**call)
    assert "\n" not in str(caught.value)
    assert plt.get_fignums() == []  # and leaves no empty figure behind
