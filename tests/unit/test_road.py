"""kbook.data.road: center lines against integrals, looks in their bounds, mirrors, errors."""

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid

from kbook.data import road
from kbook.data.road import ANY, DAY, LOOKS, Roads, along, mirrored, roads

SEEDS = [*range(30), 2**32 - 1]


def integrated(curvature: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return x, y and heading of a line, by Fresnel's integrals on a grid that is finer."""
    heading = cumulative_trapezoid(curvature, s, initial=0)
    return (
        cumulative_trapezoid(np.cos(heading), s, initial=0),
        cumulative_trapezoid(np.sin(heading), s, initial=0),
        heading,
    )


def only(given: Roads, number: int) -> np.ndarray:
    return np.full(1, number)


@pytest.mark.parametrize("seed", [0, 3, 2**32 - 1])
def test_the_center_line_is_the_integral_of_its_curvature(seed: int) -> None:
    given = roads([seed])
    fine = np.linspace(0, 499.5, 499_501)  # a millimeter apart
    held = given.curvature[0, np.minimum(fine // road.NODE, 999).astype(int)]
    theirs = integrated(held, fine)
    ours = along(given, np.zeros(len(fine), dtype=int), fine)
    for mine, exact in zip(ours[:2], theirs[:2], strict=True):
        np.testing.assert_allclose(mine, exact, rtol=0, atol=2e-3)
    np.testing.assert_allclose(ours[2], theirs[2], rtol=0, atol=1e-4)


def test_nodes_are_half_a_meter_apart_and_start_at_the_origin() -> None:
    given = roads(SEEDS, length=120)
    assert given.x.shape == given.y.shape == given.heading.shape == given.curvature.shape
    assert given.x.shape == (len(SEEDS), 240)
    for first in (given.x[:, 0], given.y[:, 0], given.heading[:, 0]):
        assert (first == 0).all()
    steps = np.hypot(np.diff(given.x), np.diff(given.y))
    np.testing.assert_allclose(steps, 0.5, atol=1e-12)
    rows, nodes = np.indices(given.x.shape)
    x, y, heading = along(given, rows, nodes * 0.5)
    np.testing.assert_allclose([x, y, heading], [given.x, given.y, given.heading], atol=1e-12)


def test_before_the_start_and_after_the_end_a_road_is_straight() -> None:
    given = roads([4], length=60)
    x, y, heading = along(given, only(given, 0), np.array([-8.0, -1.0]))
    np.testing.assert_allclose([x, y, heading], [[-8, -1], [0, 0], [0, 0]], atol=1e-12)
    far = np.array([59.5, 69.5, 159.5])
    x, y, heading = along(given, only(given, 0), far)
    np.testing.assert_allclose(heading, given.heading[0, -1])
    np.testing.assert_allclose(x - x[0], (far - 59.5) * np.cos(heading[0]), atol=1e-9)
    np.testing.assert_allclose(y - y[0], (far - 59.5) * np.sin(heading[0]), atol=1e-9)


def test_no_curve_is_sharper_than_25_m_and_both_sides_are_alike() -> None:
    given = roads(range(300))
    assert abs(given.curvature).max() <= 0.04
    assert abs(given.curvature).max() > 0.038 and abs(given.curvature.mean()) < 0.0005
    left, right = (given.curvature > 1e-9).mean(), (given.curvature < -1e-9).mean()
    assert left == pytest.approx(right, abs=0.03) and left > 0.2
    assert (given.curvature[:, :31] == 0).all()  # the first 15 m of each
    swell = abs(np.diff(given.curvature[:, :-1])).max()  # at its end a road is cut off
    assert swell < 0.04 * np.pi / 25 * 0.5 * 1.01


def test_no_straight_is_longer_than_45_m() -> None:
    for length in (200, 500, 3000):
        bent = abs(roads(range(40), length=length).curvature[:, :-1]) > 1e-9
        for one in np.pad(bent, ((0, 0), (1, 0)), constant_values=True):
            straights = np.diff(np.flatnonzero(one)) * 0.5
            assert straights.max() <= 46 and len(one) * 0.5 - np.flatnonzero(one)[-1] / 2 < 46


def test_a_curve_swells_and_fades_as_a_squared_sine() -> None:
    curvature = np.pad(roads([0]).curvature[0], (1, 1))
    inside = np.flatnonzero(np.diff((abs(curvature) > 1e-9).astype(int))).reshape(-1, 2)
    assert len(inside) > 4
    for start, end in inside[:-1]:
        values = curvature[start + 1 : end + 1]
        assert (np.sign(values) == np.sign(values[0])).all()
        extent = abs(values.sum() * 0.5) / (abs(values).max() / 2)  # a mean of a half
        assert 24 < extent < 61 and 0.01 - 1e-4 < abs(values).max() <= 0.04
        assert len(values) * 0.5 == pytest.approx(extent, abs=1.1)


@pytest.mark.parametrize("length", [1, 37, 250])
def test_a_longer_road_begins_like_a_shorter_one(length: int) -> None:
    short, long = roads(SEEDS, length=length), roads(SEEDS, length=500)
    for name in ("curvature", "heading", "x", "y"):
        # the last node of the shorter road is where its straight begins
        ours, theirs = getattr(short, name)[:, :-1], getattr(long, name)[:, : 2 * length - 1]
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    for name in LOOKS:
        np.testing.assert_array_equal(short.look[name], long.look[name])


def test_a_road_does_not_depend_on_the_company_it_is_drawn_in() -> None:
    together = roads(SEEDS)
    for number in (0, 7, len(SEEDS) - 1):
        alone = roads([SEEDS[number]])
        np.testing.assert_array_equal(alone.x[0], together.x[number])
        assert all(alone.look[name][0] == together.look[name][number] for name in LOOKS)
    ends = np.stack([together.x[:, -1], together.y[:, -1]], axis=1)
    assert len(np.unique(ends.round(3), axis=0)) == len(SEEDS)


@pytest.mark.parametrize("bounds", [DAY, ANY], ids=["DAY", "ANY"])
def test_looks_fill_their_bounds(bounds: dict[str, tuple[float, float]]) -> None:
    given = roads(range(2000), bounds, length=1)
    assert set(given.look) == set(LOOKS) == set(bounds)
    for name, (low, high) in bounds.items():
        if name in ("left", "right", "rain"):
            low, high = max(low, 0.0), min(high, 1.0)
        values, width = given.look[name], high - low
        assert values.shape == (2000,) and values.min() >= low and values.max() <= high
        assert values.min() <= low + 0.01 * width and values.max() >= high - 0.01 * width


def test_numbers_of_a_look_are_drawn_one_by_one() -> None:
    look = roads(range(2000), ANY, length=1).look
    drawn = np.array([look[name] for name in LOOKS])
    apart = np.corrcoef(drawn) - np.eye(len(LOOKS))
    assert abs(apart).max() < 0.1  # a deviation is 0.022


def test_a_look_may_name_some_numbers_only() -> None:
    night = roads([1, 2], {"light": (0.25, 0.25)}, length=1).look
    day = roads([1, 2], length=1).look
    assert night["light"].tolist() == [0.25, 0.25]
    assert all((night[name] == day[name]).all() for name in LOOKS if name != "light")


def test_a_mirror_turns_left_to_right_and_twice_is_nothing() -> None:
    given = roads(range(5), ANY)
    turned = mirrored(given)
    assert (given.side, turned.side) == (1.0, -1.0)
    np.testing.assert_allclose(turned.x, given.x, atol=1e-9)
    np.testing.assert_allclose(turned.y, -given.y, atol=1e-9)
    np.testing.assert_array_equal(turned.curvature, -given.curvature)
    for name, other in {"left": "right", "left_solid": "right_solid"}.items():
        np.testing.assert_array_equal(turned.look[name], given.look[other])
        np.testing.assert_array_equal(turned.look[other], given.look[name])
    again = mirrored(turned)
    assert again.side == 1.0 and set(again.look) == set(given.look)
    for name in ("seeds", "curvature", "heading", "x", "y"):
        np.testing.assert_array_equal(getattr(again, name), getattr(given, name))
    assert all((again.look[name] == given.look[name]).all() for name in LOOKS)


def test_a_mirror_leaves_its_roads_alone() -> None:
    given = roads([3], ANY)
    before = {name: values.copy() for name, values in given.look.items()}
    mirrored(given)
    assert all((given.look[name] == before[name]).all() for name in LOOKS)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([],), {}, "Roads want a list of whole numbers as seeds; got []."),
        (([0.5],), {}, "Roads want a list of whole numbers as seeds; got [0.5]."),
        ((3,), {}, "Roads want a list of whole numbers as seeds; got 3."),
        (([1, -1],), {}, "A road's seed must lie between 0 and 2**32 - 1; got [1, -1]."),
        (([2**32],), {}, f"A road's seed must lie between 0 and 2**32 - 1; got [{2**32}]."),
        (([1],), {"length": 0}, "A road wants a length of at least 1 meter; got 0."),
        (([1], {"snow": (0, 1)}), {}, f"names {', '.join(LOOKS)}; got ['snow']."),
    ],
)
def test_what_is_no_road_is_refused(arguments: tuple, options: dict, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        roads(*arguments, **options)
    assert str(caught.value).endswith(message)
