"""Augmentations against all that they may return, and the net that is asked twice."""

from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Generator, Tensor, nn

from kbook.data.augmentation import crop_and_flip, flip_and_shift
from kbook.models.cnn import small_cnn
from kbook.models.mirrored import Mirrored


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def pictures(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=seeded(99))


def lots_of(images: Tensor, **options: int) -> np.ndarray:
    """Return (mirrored, row, column) of each picture: the one candidate that it became."""
    _, _, height, width = images.shape
    ours = flip_and_shift(images, seeded(), **options).numpy()
    by = options.get("by", 4)
    padded = np.pad(images.numpy(), ((0, 0), (0, 0), (by, by), (by, by)))
    lots = list(product((0, 1), range(2 * by + 1), range(2 * by + 1)))
    equal = []
    for mirrored, row, column in lots:
        candidate = padded[:, :, row : row + height, column : column + width]
        candidate = candidate[..., ::-1] if mirrored else candidate
        equal.append((ours == candidate).all((1, 2, 3)))
    assert (np.sum(equal, axis=0) == 1).all()
    return np.array(lots)[np.argmax(equal, axis=0)]


@pytest.mark.parametrize("shape", [(2500, 2, 5, 6), (2500, 1, 6, 4)])
def test_each_picture_becomes_one_of_its_own_candidates_all_equally_often(
    shape: tuple[int, ...],
) -> None:
    lots = lots_of(pictures(*shape), by=2)
    _, counts = np.unique(lots, axis=0, return_counts=True)
    assert len(counts) == 2 * 5 * 5
    # 2500 / 50 = 50 of each, with a deviation of 7
    assert counts.min() > 18 and counts.max() < 85
    assert ((counts - 50) ** 2 / 50).sum() < 100  # chi squared: 49 ± 10


def test_neighbors_draw_independent_lots() -> None:
    lots = lots_of(pictures(2500, 1, 5, 5), by=2)
    same = (lots[1:] == lots[:-1]).mean(axis=0)
    np.testing.assert_allclose(same, [1 / 2, 1 / 5, 1 / 5], atol=0.05)


def test_by_default_a_picture_moves_by_up_to_four_pixels() -> None:
    lots = lots_of(pictures(400, 1, 9, 9))
    for axis in (1, 2):
        assert set(lots[:, axis]) == set(range(9))


def test_without_a_shift_half_of_the_pictures_are_mirrored() -> None:
    images = pictures(1000, 1, 2, 3)
    ours = flip_and_shift(images, seeded(), by=0)
    mirrored = (ours == images.flip(-1)).flatten(1).all(1)
    left = (ours == images).flatten(1).all(1)
    assert (mirrored ^ left).all() and 420 < mirrored.sum() < 580


def test_the_generator_alone_decides() -> None:
    images = pictures(50, 3, 8, 8)
    first = flip_and_shift(images, seeded())
    state = torch.get_rng_state()
    torch.manual_seed(7)
    assert torch.equal(flip_and_shift(images, seeded()), first)
    assert not torch.equal(flip_and_shift(images, seeded(1)), first)
    generator = seeded()
    flip_and_shift(images, generator)
    assert not torch.equal(flip_and_shift(images, generator), first)
    torch.set_rng_state(state)
    flip_and_shift(images, seeded())
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.uint8])
def test_the_result_is_new_and_has_its_channels_last(
    layout: torch.memory_format, dtype: torch.dtype
) -> None:
    images = (100 * pictures(20, 3, 8, 6)).abs().to(dtype).contiguous(memory_format=layout)
    before = images.clone()
    ours = flip_and_shift(images, seeded(), by=1)
    assert ours.shape == images.shape and ours.dtype == dtype
    assert ours.is_contiguous(memory_format=torch.channels_last)
    ours.zero_()
    assert torch.equal(images, before)


def test_one_picture_and_a_view_of_a_larger_one() -> None:
    images = pictures(6, 3, 8, 9)
    view = images[::2, :, 1:6, ::2]
    assert torch.equal(
        flip_and_shift(view, seeded(), by=2), flip_and_shift(view.clone(), seeded(), by=2)
    )
    assert len(lots_of(images[:1], by=2)) == 1


def test_a_mirror_image_gets_the_same_answer() -> None:
    torch.manual_seed(0)
    net = Mirrored(small_cnn(3, 5, (4, 8))).eval()
    x = pictures(4, 3, 9, 12)
    torch.testing.assert_close(net(x), net(x.flip(-1)))
    assert not torch.allclose(net(x), net(x.flip(-2)), rtol=1e-3)
    assert not torch.allclose(net.net(x), net.net(x.flip(-1)), rtol=1e-3)


class Left(nn.Module):
    """Answer with the left column."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, 0, :, 0]


def test_the_two_answers_are_averaged() -> None:
    x = pictures(5, 1, 3, 7)
    torch.testing.assert_close(Mirrored(Left())(x), (x[:, 0, :, 0] + x[:, 0, :, 6]) / 2)


def test_the_net_inside_follows_the_mode() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Dropout(0.9))
    x = pictures(2, 1, 2, 2)
    torch.testing.assert_close(
        Mirrored(net).eval()(x), F.avg_pool2d(x, (1, 2)).repeat_interleave(2, -1).flatten(1)
    )
    assert [name for name, _ in Mirrored(nn.Linear(2, 2)).named_parameters()] == [
        "net.weight",
        "net.bias",
    ]


def photographs(*shape: int) -> Tensor:
    """Return noise from -1 to 1, much of it at either end."""
    return (2 * pictures(*shape)).clamp(-1, 1)


def enlarged_by_pillow(images: Tensor, height: int, width: int) -> np.ndarray:
    planes = [
        np.asarray(Image.fromarray(plane).resize((width, height), Image.Resampling.BICUBIC))
        for plane in images.flatten(0, 1).numpy()
    ]
    return np.stack(planes).reshape(*images.shape[:2], height, width).clip(-1, 1)


@pytest.mark.parametrize(
    ("shape", "enlarge", "larger"),
    [((600, 1, 16, 16), 286 / 256, (18, 18)), ((800, 2, 10, 6), 1.3, (13, 8))],
)
def test_a_photograph_becomes_a_window_of_its_enlarged_self(
    shape: tuple[int, ...], enlarge: float, larger: tuple[int, int]
) -> None:
    images = photographs(*shape)
    _, _, height, width = shape
    ours = crop_and_flip(images, seeded(), enlarge).numpy()
    whole = enlarged_by_pillow(images, *larger)
    lots = list(product((0, 1), range(larger[0] - height + 1), range(larger[1] - width + 1)))
    equal = []
    for mirrored, row, column in lots:
        window = whole[:, :, row : row + height, column : column + width]
        window = window[..., ::-1] if mirrored else window
        equal.append(np.abs(ours - window).max((1, 2, 3)) < 1e-4)
    assert (np.sum(equal, axis=0) == 1).all()
    counts = np.sum(equal, axis=1)
    expected = len(images) / len(lots)  # 33 and 33, with deviations below 6
    assert len(lots) in (18, 24) and abs(counts - expected).max() < 24
    assert ((counts - expected) ** 2 / expected).sum() < 50  # chi squared: 17 ± 6 or 23 ± 7


def test_a_photograph_keeps_its_range_and_its_kind() -> None:
    images = photographs(30, 3, 8, 8)
    before = images.clone()
    ours = crop_and_flip(images, seeded())
    assert ours.min() == -1 and ours.max() == 1
    assert ours.dtype == images.dtype and ours.is_contiguous()
    ours.zero_()
    assert torch.equal(images, before)
    assert crop_and_flip(images[:0], seeded()).shape == (0, 3, 8, 8)


def test_by_default_photographs_grow_from_256_to_286() -> None:
    def lots(enlarge: float | None) -> Tensor:
        options = {} if enlarge is None else {"enlarge": enlarge}
        return crop_and_flip(photographs(2, 1, 256, 256), seeded(), **options)

    assert torch.equal(lots(None), lots(286 / 256))
    assert not torch.equal(lots(None), lots(285 / 256))


def test_photographs_follow_their_generator_alone() -> None:
    images = photographs(20, 3, 8, 8)
    first = crop_and_flip(images, seeded())
    state = torch.get_rng_state()
    torch.manual_seed(7)
    assert torch.equal(crop_and_flip(images, seeded()), first)
    assert not torch.equal(crop_and_flip(images, seeded(1)), first)
    torch.set_rng_state(state)
    crop_and_flip(images, seeded())
    assert torch.equal(torch.get_rng_state(), state)


def test_without_enlarging_half_of_the_photographs_are_mirrored() -> None:
    images = photographs(1000, 1, 2, 3)
    ours = crop_and_flip(images, seeded(), enlarge=1)
    mirrored = (ours == images.flip(-1)).flatten(1).all(1)
    left = (ours == images).flatten(1).all(1)
    assert (mirrored | left).all() and 420 < (mirrored & ~left).sum() < 580


@pytest.mark.parametrize(
    ("images", "enlarge", "message"),
    [
        (torch.zeros(3, 8, 8), 1.1, "floats of shape (N, C, H, W); got torch.float32 of shape"),
        (torch.zeros(1, 3, 8, 8, dtype=torch.uint8), 1.1, "got torch.uint8 of shape (1, 3, 8, 8)"),
        (torch.zeros(1, 3, 8, 8), 0.9, "enlarge to be a number from 1 on; got 0.9."),
        (torch.zeros(1, 3, 8, 8), float("nan"), "got nan."),
        (torch.zeros(1, 3, 8, 8), float("inf"), "got inf."),
    ],
)
def test_what_cannot_be_cropped_is_refused(images: Tensor, enlarge: float, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        crop_and_flip(images, seeded(), enlarge)
    assert message in str(caught.value)


def test_all_of_it_happens_where_the_pictures_are() -> None:
    elsewhere = torch.empty(5, 3, 8, 8, device="meta")  # a tensor left on the CPU would not fit
    shifted = flip_and_shift(elsewhere, seeded())
    assert shifted.device.type == "meta" and shifted.shape == elsewhere.shape
