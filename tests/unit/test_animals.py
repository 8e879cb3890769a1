"""The rendered horses and zebras: fixed bytes, one zebra to every horse, stripes on the body."""

import hashlib
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from kbook.data import animals
from kbook.data.animals import DOMAINS, SIZE, animal_mask, render, scenes, unpaired

X, Y, FACING, SKY, GRASS, CLOUD = 0, 1, 3, 6, 7, 8  # columns of a scene
SCENES = scenes(40, 1)
SHA256 = {
    "horse": "493b066b8403c9980080f2a28d7069861505e87e7dad67510a7904857c737ee0",
    "zebra": "f81fd98e163bd6bd74e504896fa390adebc06db23a6d33c71395fe87bbe20927",
}


def brightest_and_darkest(pictures: Tensor) -> tuple[float, float]:
    return pictures.max().item(), pictures.min().item()


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_bytes_of_six_scenes_are_fixed(domain: str) -> None:
    colors = render(SCENES[:6], domain).double()
    grays = (127 * (colors + 1)).round()  # with 127.5 the mane would lie between 25 and 26
    content = grays.to(torch.uint8).numpy().tobytes()
    assert len(content) == 6 * 3 * SIZE * SIZE
    assert hashlib.sha256(content).hexdigest() == SHA256[domain]


def test_pictures_and_masks_have_their_shape_type_and_range() -> None:
    for domain in DOMAINS:
        pictures = render(SCENES, domain)
        assert pictures.shape == (40, 3, 32, 32) and pictures.dtype == torch.float32
        assert pictures.is_contiguous() and pictures.abs().max() <= 1
    mask = animal_mask(SCENES)
    assert mask.shape == (40, 1, 32, 32) and mask.dtype == torch.float32
    assert set(mask.unique().tolist()) == {0, 0.25, 0.5, 0.75, 1}  # four rays in a pixel


def test_a_horse_and_its_zebra_differ_in_the_coat_alone() -> None:
    horses, zebras, mask = render(SCENES, "horse"), render(SCENES, "zebra"), animal_mask(SCENES)
    differ = (horses != zebras).any(dim=1, keepdim=True)
    assert not (differ & (mask == 0)).any()
    alike = (mask > 0) & ~differ  # mane and tail have one color in both
    assert 0 < alike.sum() < 0.2 * (mask > 0).sum()
    assert (mask.mean(dim=(1, 2, 3)) > 0.1).all()  # every scene has its animal in the picture
    assert not mask[..., [0, -1], :].any()


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_mask_is_where_the_land_is_hidden(domain: str) -> None:
    lands = [SCENES.copy(), SCENES.copy()]
    for number, scene in enumerate(lands):
        scene[:, [SKY, GRASS, CLOUD]] = number
    one, other = (render(scene, domain) for scene in lands)
    assert torch.equal((one == other).all(dim=1, keepdim=True), animal_mask(SCENES) == 1)


def test_a_picture_does_not_depend_on_those_beside_it() -> None:
    many = scenes(animals.CHUNK + 3, 5)  # two chunks
    for rows in (slice(0, 1), slice(animals.CHUNK - 1, animals.CHUNK + 1), slice(-1, None)):
        assert torch.equal(render(many, "zebra")[rows], render(many[rows], "zebra"))
        assert torch.equal(animal_mask(many)[rows], animal_mask(many[rows]))


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_mirrored_scene_is_the_mirror_image(domain: str) -> None:
    mirrored = SCENES.copy()
    mirrored[:, [X, FACING, CLOUD]] = 1 - mirrored[:, [X, FACING, CLOUD]]
    torch.testing.assert_close(render(mirrored, domain).flip(-1), render(SCENES, domain))
    torch.testing.assert_close(animal_mask(mirrored).flip(-1), animal_mask(SCENES))


@pytest.mark.parametrize("domain", DOMAINS)
def test_stripes_move_with_the_body_to_the_right(domain: str) -> None:
    start = SCENES.copy()
    start[:, [X, CLOUD]] *= 0.5
    moved = start.copy()
    moved[:, X] += 2 / SIZE / 0.3  # two pixels; the place may vary by 0.3 of the picture
    moved[:, CLOUD] += 2 / SIZE
    assert not torch.equal(render(start, domain), render(moved, domain))
    torch.testing.assert_close(render(moved, domain)[..., 2:], render(start, domain)[..., :-2])


def test_stripes_move_with_the_body_downward() -> None:
    start = SCENES.copy()
    start[:, Y] *= 0.5
    moved = start.copy()
    moved[:, Y] += 2 / SIZE / 0.14
    inside = (animal_mask(start) == 1)[..., :-2, :]
    torch.testing.assert_close((animal_mask(moved) == 1)[..., 2:, :], inside)
    pairs = [render(moved, "zebra")[..., 2:, :], render(start, "zebra")[..., :-2, :]]
    torch.testing.assert_close(*(picture * inside for picture in pairs))


def test_a_zebra_is_black_and_white_and_a_horse_has_one_color() -> None:
    inside = animal_mask(SCENES).eq(1).expand(-1, 3, -1, -1)
    zebras, horses = (render(SCENES, domain)[inside] for domain in ("zebra", "horse"))
    assert brightest_and_darkest(zebras)[0] > 0.9 and brightest_and_darkest(zebras)[1] < -0.8
    assert brightest_and_darkest(horses)[0] < 0.3
    assert abs(zebras.mean() - horses.mean()) > 0.1


def test_unpaired_pictures_show_scenes_of_their_own() -> None:
    drawn = scenes(12, 3)
    assert len(np.unique(drawn, axis=0)) == 12
    pictures = unpaired(6, 3)
    assert torch.equal(pictures.horses, render(drawn[:6], "horse"))
    assert torch.equal(pictures.zebras, render(drawn[6:], "zebra"))
    again = unpaired(6, 3)
    assert all(torch.equal(a, b) for a, b in zip(pictures, again, strict=True))
    assert not torch.equal(unpaired(6, 4).horses, pictures.horses)


def test_scenes_are_drawn_evenly_from_0_to_1() -> None:
    drawn = scenes(20_000, 0)
    assert drawn.shape == (20_000, 9) and drawn.min() >= 0 and drawn.max() <= 1
    error = (1 / 12 / 20_000) ** 0.5  # of a mean of that many numbers from 0 to 1
    assert np.abs(drawn.mean(axis=0) - 0.5).max() < 4.5 * error
    np.testing.assert_array_equal(scenes(3, 0), scenes(3, 0))


def test_the_corners_of_the_range_can_be_rendered() -> None:
    corners = np.array([9 * [0.0], 9 * [1.0]])
    for domain in DOMAINS:
        assert render(corners, domain).isfinite().all()
        assert render(corners, domain).abs().max() <= 1


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (np.zeros(9), r"shape \(N, 9\), N at least 1; got \(9,\)"),
        (np.zeros((2, 8)), r"got \(2, 8\)"),
        (np.zeros((0, 9)), r"got \(0, 9\)"),
        (np.full((1, 9), 1.01), "numbers from 0 to 1"),
        (np.full((1, 9), -0.01), "numbers from 0 to 1"),
        (np.full((1, 9), np.nan), "numbers from 0 to 1"),
    ],
)
def test_what_is_no_scene_is_refused(broken: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        render(broken, "horse")
    with pytest.raises(ValueError, match=message):
        animal_mask(broken)


@pytest.mark.parametrize("domain", ["Horse", "donkey", "", None])
def test_another_animal_is_refused(domain: Any) -> None:
    with pytest.raises(ValueError, match=f"one of horse, zebra; got {domain!r}"):
        render(SCENES, domain)


@pytest.mark.parametrize("count", [0, -1])
def test_no_scene_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"at least 1; got {count}"):
        scenes(count, 0)
    with pytest.raises(ValueError, match="at least 1"):
        unpaired(count, 0)
