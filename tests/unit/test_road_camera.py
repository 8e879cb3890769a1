"""kbook.data.road_camera: lines where a pinhole puts them, mirrors, weather, stored means."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from kbook.data import road_camera
from kbook.data.road import ANY, DAY, Pose, Roads, along, mirrored, roads
from kbook.data.road_camera import SMALL, Camera, line_mask, render
from tests.road_scenes import bent, pose

LARGE = Camera(66, 200)
CLEAR = {
    **{name: (0.0, 0.0) for name in ("warmth", "brick", "shadow", "fog", "rain", "noise")},
    **{name: (1.0, 1.0) for name in ("light", "left", "right", "left_solid", "right_solid")},
}


def straight(**look: float) -> Roads:
    """Return a road without a curve, in plain light."""
    return roads([5], {**CLEAR, **{key: (value, value) for key, value in look.items()}}, length=1)


def poses(many: int, on: int = 1) -> Pose:
    rng = np.random.default_rng(0)
    bounds = {"s": (0, 200), "e": (-1, 1), "psi": (-0.2, 0.2)}
    values = [rng.uniform(low, high, many) for low, high in bounds.values()]
    return Pose(np.arange(many) % on, *values)


def frames(given: Roads, where: Pose) -> Tensor:
    """Return frames, each with noise of its own, as whole numbers that may be subtracted."""
    return render(given, where, np.arange(len(where.s))).int()


def projected(given: Roads, where: Pose, d: float, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    """Return column and row, in pixels, of points of a line: a camera of one hole, 1.3 m high."""
    s = where.s + np.linspace(0.5, 30, 20_000)
    zero = np.zeros(1, dtype=int)
    x, y, heading = along(given, zero, s)
    x, y = x - d * np.sin(heading), y + d * np.cos(heading)
    (own_x,), (own_y,), (own,) = along(given, zero, where.s)
    x, y = x - own_x + where.e * np.sin(own), y - own_y - where.e * np.cos(own)
    car = own + where.psi
    ahead, left = x * np.cos(car) + y * np.sin(car), y * np.cos(car) - x * np.sin(car)
    focal = camera.width * 0.625
    front = (ahead > 0.5) & (ahead < 20)  # further away the renderer's lines are chords
    return (
        camera.width / 2 - focal * (left / ahead)[front],
        0.33 * camera.height + focal * (1.3 / ahead)[front],
    )


def test_the_angle_of_view_is_77_degrees() -> None:
    for camera in (SMALL, LARGE):
        half = np.arctan(camera.width / 2 / camera.focal)
        assert np.degrees(2 * half) == pytest.approx(77, abs=0.5)
    assert Camera(32, 96) == SMALL and SMALL.horizon == pytest.approx(10.56)


@pytest.mark.parametrize("camera", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("curvature", [None, 0.03, -0.03])
@pytest.mark.parametrize(("e", "psi"), [(0, 0), (0.6, 0), (-0.6, 0), (0, 0.12), (0.5, -0.1)])
def test_lines_are_where_a_pinhole_puts_them(
    camera: Camera, curvature: float | None, e: float, psi: float
) -> None:
    given = straight() if curvature is None else bent(straight(), curvature, 400)
    at, checked = pose(30, e, psi), 0
    left = straight(right=0.0).look, straight(left=0.0).look
    for look, d in zip(left, (1.9, -1.9), strict=True):
        mask = line_mask(given._replace(look=look), at, camera)[0].numpy()
        column, row = projected(given, at, d, camera)
        order = np.argsort(row)
        for number in range(int(camera.horizon) + 4, camera.height):
            expected = np.interp(number + 0.5, row[order], column[order], np.nan, np.nan)
            if not 6 < expected < camera.width - 6:
                continue  # the line leaves the picture
            center = (mask[number] * (np.arange(camera.width) + 0.5)).sum() / mask[number].sum()
            assert center == pytest.approx(expected, abs=0.35 * camera.width / 96), (d, number)
            checked += 1
    assert checked > 5


def test_on_a_straight_road_a_line_is_f_times_1_9_over_z_from_the_middle() -> None:
    mask = line_mask(straight(), pose(30))[0].numpy()
    for number in range(14, 30):
        z = 1.3 * 60 / (number + 0.5 - 10.56)
        for side, half in ((-1, slice(0, 48)), (1, slice(48, 96))):
            weights = mask[number, half]
            if 48 - 60 * 1.9 / z < 6:
                continue
            center = (weights * (np.arange(96)[half] + 0.5)).sum() / weights.sum()
            assert center == pytest.approx(48 + side * 60 * 1.9 / z, abs=0.2)
            assert weights.sum() == pytest.approx(60 * 0.2 / z, rel=0.02)  # 20 cm of paint


def test_dashes_are_three_meters_of_six() -> None:
    given = straight(left_solid=0.0)
    seen = np.array([line_mask(given, pose(s))[0, :, :48].sum() for s in np.arange(0, 12, 0.25)])
    np.testing.assert_allclose(seen[:24], seen[24:], rtol=1e-3)
    assert seen.max() > 1.5 * seen.min()
    near = np.array([line_mask(given, pose(s))[0, 26, :48].sum() for s in np.arange(0, 6, 0.05)])
    whole = line_mask(straight(), pose(30))[0, 26, :48].sum().item()
    assert (near / whole).mean() == pytest.approx(0.5, abs=0.02)
    solid = [line_mask(given, pose(s))[0, :, 48:].sum() for s in (0, 2, 4)]
    assert max(solid) - min(solid) < 1e-3


def test_a_mirror_turns_the_frame_around() -> None:
    # with less fog than in ANY, or no hills were seen
    plain = {**ANY, "noise": (0.0, 0.0), "rain": (0.0, 0.0), "fog": DAY["fog"]}
    given, where = roads(range(6), plain), poses(24, on=6)
    turned = where._replace(e=-where.e, psi=-where.psi)
    ours, theirs = frames(mirrored(given), turned), frames(given, where).flip(-1)
    assert (ours - theirs).abs().max() <= 1
    assert ((ours - theirs) != 0).float().mean() < 0.01
    straight_ahead = frames(given, where)
    assert (ours - straight_ahead).abs().float().mean() > 5
    masks = line_mask(mirrored(given), turned), line_mask(given, where).flip(-1)
    torch.testing.assert_close(*masks, rtol=0, atol=1e-3)


def test_the_mask_is_what_paint_changes() -> None:
    looks = [{**CLEAR, "left": (cover,) * 2, "right": (cover,) * 2} for cover in (1.0, 0.0)]
    painted, bare = (roads(range(4), look) for look in looks)
    where = poses(20, on=4)
    mask = line_mask(painted, where)[:, None]
    paint = torch.from_numpy(painted.look["paint"][where.road]).float()[:, None, None, None]
    mixed = 255 * paint * mask + frames(bare, where) * (1 - mask)
    assert (frames(painted, where) - mixed).abs().max() <= 1.5
    assert (mask >= 0).all() and mask.max() <= 1 and 0.01 < mask.mean() < 0.2
    assert line_mask(bare, where).max() == 0


def test_noise_has_the_deviation_of_the_look() -> None:
    asked, where = 8.0, poses(40)
    clean = frames(straight(light=0.6), where)
    noisy = frames(straight(light=0.6, noise=asked), where)
    added = (noisy - clean)[clean > 40].double()  # darker ones are cut off at 0
    assert added.mean().abs() < 0.3  # the clean frame is rounded
    assert added.std() == pytest.approx(np.sqrt(asked**2 + 1 / 12), rel=0.01)
    assert added.abs().max() < 510 / 147.8 * asked + 1


def test_noise_is_other_noise_in_each_frame_channel_pixel_and_road() -> None:
    given = roads([1, 2], {**CLEAR, "noise": (10.0, 10.0), "light": (0.6, 0.6)}, length=1)
    where = Pose(np.array([0, 0, 1]), *(np.zeros(3) for _ in range(3)))
    clean = render(
        given._replace(look={**given.look, "noise": np.zeros(2)}), where, np.zeros(3, int)
    )
    noise = (render(given, where, np.array([0, 1, 0])).double() - clean.double())[:, :, 12:]
    series = [*noise[0], noise[1, 0], noise[2, 0], noise[0, 0].roll(1, -1), noise[0, 0].roll(1, 0)]
    apart = np.corrcoef(torch.stack([one.flatten() for one in series]).numpy())
    assert abs(apart - np.eye(len(series))).max() < 0.1  # a deviation is 0.023
    again = render(given, where, np.array([0, 1, 0]))
    assert torch.equal(render(given, where, np.array([0, 1, 0])), again)


def test_rain_covers_its_share() -> None:
    where = poses(30)
    dry, wet = (frames(straight(light=0.5, rain=share), where) for share in (0.0, 0.03))
    dropped = wet - dry
    assert set(dropped.unique().tolist()) <= {0, 59, 60, 61}
    assert (dropped != 0).float().mean() == pytest.approx(0.03, rel=0.1)


def test_light_is_a_factor_and_warmth_moves_red_against_blue() -> None:
    bright, dim = (frames(straight(light=light), poses(5)) for light in (1.0, 0.5))
    assert (bright - 2 * dim).abs().max() <= 2
    warm, plain = (frames(straight(light=0.8, warmth=warmth), poses(5)) for warmth in (0.1, 0.0))
    for channel, factor in enumerate((1.1, 1.0, 0.9)):
        assert (warm[:, channel] - factor * plain[:, channel]).abs().max() <= 1.6


def test_fog_hides_what_is_far() -> None:
    def contrast(fog: float, rows: slice) -> float:
        return frames(straight(fog=fog), pose(30))[0, :, rows].float().std(dim=-1).mean().item()

    far, near = slice(11, 14), slice(26, 32)
    assert contrast(0.04, far) < 0.35 * contrast(0.0, far)
    assert contrast(0.04, near) > 0.75 * contrast(0.0, near)


def test_colors_change_steadily_with_the_pose() -> None:
    where = poses(20)
    given = roads([3], CLEAR)
    for name in ("s", "e", "psi"):
        moved = where._replace(**{name: getattr(where, name) + 1e-3})
        change = (frames(given, moved) - frames(given, where)).abs()
        assert change.max() < 12, name
        assert 0 < change.float().mean() < 0.3, name


@pytest.mark.parametrize("camera", [SMALL, LARGE], ids=["small", "large"])
def test_frames_do_not_depend_on_their_company(camera: Camera) -> None:
    given, where = roads(range(5), ANY), poses(2 * road_camera.CHUNK + 3, on=5)
    numbers = np.arange(len(where.s))
    together = render(given, where, numbers, camera)
    assert together.shape == (len(where.s), 3, camera.height, camera.width)
    assert together.dtype == torch.uint8
    for one in (0, 31, 32, 40, len(where.s) - 1):
        part = Pose(*(values[one : one + 1] for values in where))
        assert torch.equal(render(given, part, numbers[one : one + 1], camera)[0], together[one])


# Means of 3 channels in blocks of 16 × 48 pixels, of three frames in any look: another processor
# may round a level elsewhere, but the picture is this one.
STORED = [
    [76.6, 76.6, 49.6, 56.9, 97.8, 97.8, 56.5, 63.3, 118.4, 118.7, 49.2, 58.9],
    [110.1, 109.9, 61.5, 63.1, 139.4, 138.1, 78.4, 78.4, 163.0, 163.1, 68.1, 69.4],
    [114.9, 114.6, 79.0, 84.9, 128.5, 130.1, 63.9, 85.6, 142.3, 141.9, 56.8, 63.2],
]


def test_the_pictures_are_those_that_were_stored() -> None:
    given = roads([0, 1, 2], ANY)
    places = [20.0, 70.0, 133.0], [0.3, -0.5, 0.0], [0.0, 0.1, -0.15]
    where = Pose(np.arange(3), *map(np.array, places))
    pictures = render(given, where, np.array([0, 17, 349])).float()
    means = F.avg_pool2d(pictures, (16, 48)).flatten(1)
    np.testing.assert_allclose(means, STORED, atol=0.3)
