"""flip_and_shift against all that it may return, and the net that is asked twice."""

from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from kbook.data.augmentation import flip_and_shift
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
