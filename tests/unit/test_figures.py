import base64
import itertools
from html.parser import HTMLParser
from io import BytesIO

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from nbclient import NotebookClient

from kbook import figures, plots

mpl.use("Agg")

ALT = "The loss falls from 2.3 to 0.1."


@pytest.fixture
def shown(monkeypatch):
    """Catch what is displayed, as (data, keywords)."""
    caught = []
    monkeypatch.setattr(figures, "display", lambda data, **how: caught.append((data, how)))
    return caught


@pytest.fixture
def fig():
    with plt.style.context("kbook.kbook"):
        figure, ax = plt.subplots()
    ax.plot([2.3, 0.5, 0.1])
    yield figure
    plt.close("all")


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_a_picture_then_its_text(fig, shown):
    assert figures.show(fig, alt=ALT) is None
    (picture, how), (paragraph, _) = shown
    assert list(picture) == ["image/png", "text/plain"] and picture["text/plain"] == "<Figure>"
    pixels = plt.imread(BytesIO(picture["image/png"])).shape
    # 6.4 x 3.6 inches at 144 dots, cropped to what is drawn; half as many CSS pixels
    assert 900 < pixels[1] <= 936 and 500 < pixels[0] <= 533
    assert how["metadata"]["image/png"] == {"width": pixels[1] // 2, "height": pixels[0] // 2}
    page = Tags(paragraph["text/html"])
    [(tag, attributes)] = page.tags
    assert (tag, attributes["class"], page.text) == ("p", "kbook-alt", ALT)
    # either of these would hide it from screen readers as well
    assert "display" not in attributes["style"] and "visibility" not in attributes["style"]


def test_pictures_in_color_say_so(fig, shown):
    ax = fig.axes[0]
    ax.imshow(np.zeros((4, 4)), cmap="gray")  # a chart of grays may be inverted
    figures.show(fig, alt=ALT)
    ax.imshow(np.zeros((4, 4, 3)))
    figures.show(fig, alt=ALT)
    classes = [Tags(data["text/html"]).tags[0][1]["class"] for data, _ in shown[1::2]]
    assert classes == ["kbook-alt", "kbook-alt kbook-photograph"]


def test_what_hangs_over_the_edge_is_not_cut(fig, shown):
    fig.text(1.5, 0.5, "a label far out")
    figures.show(fig, alt=ALT)
    assert plt.imread(BytesIO(shown[0][0]["image/png"])).shape[1] > 1.5 * 920


def test_the_figure_is_closed(fig, shown):
    figures.show(fig, alt=ALT)
    assert plt.get_fignums() == []


def test_the_text_is_escaped_and_on_one_line(fig, shown):
    alt = 'Where p < 1 & q > 0,\n   the "loss" <script>alert(1)</script> falls.'
    figures.show(fig, alt=alt)
    page = Tags(shown[1][0]["text/html"])
    assert [tag for tag, _ in page.tags] == ["p"]
    assert page.text == 'Where p < 1 & q > 0, the "loss" <script>alert(1)</script> falls.'


@pytest.mark.parametrize(
    "alt",
    ["", " \n ", "Loss curve.", "loss_curve_of_the_digits_run", "Accuracy falls here"]
    + ["Loss of every step.png", "figures/the loss curve of chapter one.SVG "],
)
def test_a_text_that_says_nothing_is_refused(fig, shown, alt):
    with pytest.raises(ValueError, match=r"^alt must say what the figure shows.* got .*\.$"):
        figures.show(fig, alt=alt)
    assert shown == []


def test_twenty_characters_in_three_words_are_enough(fig, shown):
    figures.show(fig, alt="Loss falls to 0.1234")
    assert len(shown) == 2


@pytest.mark.parametrize("alt", [None, 3, ["The loss falls from 2.3 to 0.1."]])
def test_a_text_of_another_type_is_refused(fig, alt):
    with pytest.raises(TypeError, match="alt must be a string"):
        figures.show(fig, alt=alt)


def test_a_missing_text_is_refused(fig):
    with pytest.raises(TypeError, match="alt"):
        figures.show(fig)


def test_an_axis_is_no_figure(fig):
    with pytest.raises(TypeError, match="wants a matplotlib Figure; got Axes"):
        figures.show(fig.axes[0], alt=ALT)


def test_the_bytes_depend_on_the_figure_alone(fig, shown, monkeypatch):
    figures.show(fig, alt=ALT)
    monkeypatch.setattr(mpl, "__version__", "99.0")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    figures.show(fig, alt=ALT)
    first, second = shown[0][0]["image/png"], shown[2][0]["image/png"]
    assert first == second
    assert b"tEXt" not in first and b"tIME" not in first


def test_a_kernel_shows_it_once():
    source = f"""\
import matplotlib.pyplot as plt
from kbook.figures import show
fig, ax = plt.subplots()
ax.plot([2.3, 0.5, 0.1])
show(fig, alt={ALT!r})"""
    cells = [source, source, "plt.get_fignums()"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    first, again, figures_left = (cell.outputs for cell in notebook.cells)
    assert [output.output_type for output in first] == ["display_data", "display_data"]
    assert set(first[0].data) == {"image/png", "text/plain"}
    assert base64.b64decode(first[0].data["image/png"]).startswith(b"\x89PNG")
    assert first[0].metadata["image/png"]["width"] > 0
    assert 'class="kbook-alt"' in first[1].data["text/html"]
    assert first == again  # the first cell of a kernel is where a backend would cut in
    assert figures_left[0].data["text/plain"] == "[]"


# --- the style -----------------------------------------------------------------------------------

# Machado, Oliveira and Fernandes (2009), table 1, severity 1.0; applied to linear RGB.
VISION = {
    "all cones": np.eye(3),
    "no red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216]]
    + [[-0.003882, -0.048116, 1.051998]],
    "no green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413]]
    + [[-0.011820, 0.042940, 0.968881]],
    "no blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602]]
    + [[0.004733, 0.691367, 0.303900]],
}
TO_XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750]]
TO_XYZ += [[0.0193339, 0.1191920, 0.9503041]]
# CSS hue-rotate(180deg), after the Filter Effects specification: luminance kept, hue turned.
HUE_ROTATE = 2 * np.outer(np.ones(3), [0.213, 0.715, 0.072]) - np.eye(3)


def cycle():
    with plt.style.context("kbook.kbook"):
        return mpl.rcParams["axes.prop_cycle"].by_key()


def linear(rgb):
    rgb = np.asarray(rgb)
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(rgb):
    return linear(rgb) @ TO_XYZ[1]


def lab(linear_rgb):
    x, y, z = np.cbrt(TO_XYZ @ np.clip(linear_rgb, 0, 1) / [0.95047, 1.0, 1.08883])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("color", cycle()["color"])
def test_a_line_stands_out_on_light_and_dark_paper(color):
    rgb = np.array(to_rgb(color))
    inverted = np.clip(HUE_ROTATE @ (1 - rgb), 0, 1)
    assert 1.05 / (luminance(rgb) + 0.05) >= 3  # WCAG 1.4.11
    assert (luminance(inverted) + 0.05) / (luminance(to_rgb("#222222")) + 0.05) >= 3


@pytest.mark.parametrize("vision", VISION)
def test_colors_differ_for_every_eye(vision):
    seen = [lab(VISION[vision] @ linear(to_rgb(color))) for color in cycle()["color"]]
    nearest = min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))
    assert nearest >= 15  # about 2 is the least difference that an eye sees, side by side


def test_no_two_lines_share_their_dashes():
    dashes = cycle()["linestyle"]
    assert len({str(dash) for dash in dashes}) == len(dashes)
    assert tuple(dashes) == plots.LINE_STYLES  # which are for axes without the style


def test_a_figure_fits_the_column():
    with plt.style.context("kbook.kbook"):
        width, height = mpl.rcParams["figure.figsize"]
        smallest = min(mpl.rcParams[f"{part}.labelsize"] for part in ("xtick", "ytick"))
    assert width <= 6.4 and height <= 3.6
    assert smallest * 328 / (width * 72) >= 8  # CSS pixels high on a phone of 360
