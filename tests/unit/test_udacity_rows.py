"""kbook.data.udacity: which rows are for training, which for the test, and which are too many."""

import pytest
import torch
from torch import Generator, Tensor

from kbook.data.udacity import balanced, split


def runs(rows: Tensor) -> list[tuple[int, int]]:
    """Return the first and the last of each run of neighbors."""
    breaks = (rows.diff() != 1).nonzero().flatten().tolist()
    starts = [0, *(b + 1 for b in breaks)]
    ends = [*breaks, len(rows) - 1]
    return [(int(rows[a]), int(rows[b])) for a, b in zip(starts, ends, strict=True)]


SETTINGS = [
    (count, held_out, blocks, gap)
    for count in (97, 1000, 2074)
    for held_out in (0.2, 0.5, 0.37)
    for blocks in (1, 2, 5)
    for gap in (0, 1, 4)
]


@pytest.mark.parametrize(("count", "held_out", "blocks", "gap"), SETTINGS)
def test_a_split_keeps_its_gaps(count: int, held_out: float, blocks: int, gap: int) -> None:
    train, test = split(count, held_out=held_out, blocks=blocks, gap=gap)
    assert train.dtype == test.dtype == torch.int64
    both = torch.cat([train, test])
    assert len(both.unique()) == len(both) and both.min() == 0 and both.max() == count - 1
    assert (train.diff() > 0).all() and (test.diff() > 0).all()
    distance = (train[:, None] - test[None]).abs().min()
    assert distance == gap + 1  # no more rows are left out than were asked for
    assert count - len(both) == gap * (2 * blocks - 1)  # the last block ends with the recording
    assert len(runs(test)) == len(runs(train)) == blocks
    lengths = [end - start + 1 for start, end in runs(test)]
    assert max(lengths) - min(lengths) <= 1
    assert abs(len(test) - held_out * count) <= blocks


def test_blocks_alternate() -> None:
    train, test = split(20, held_out=0.3, blocks=2, gap=1)
    assert runs(train) == [(0, 5), (11, 15)] and runs(test) == [(7, 9), (17, 19)]


def test_the_defaults_are_five_blocks_of_a_fifth() -> None:
    train, test = split(2074)
    assert len(runs(test)) == 5 and len(test) == pytest.approx(2074 / 5, abs=5)
    assert len(train) + len(test) == 2074 - 10 * 9


@pytest.mark.parametrize(
    "settings",
    [{"held_out": 0}, {"held_out": 1}, {"held_out": -0.1}, {"held_out": float("nan")}]
    + [{"blocks": 0}, {"gap": -1}],
)
def test_settings_out_of_range_are_refused(settings: dict) -> None:
    whole = {"held_out": 0.2, "blocks": 5, "gap": 10} | settings
    with pytest.raises(ValueError) as caught:
        split(1000, **settings)
    assert str(caught.value) == (
        "split wants held_out between 0 and 1, blocks from 1 on and a gap from 0 on; got "
        f"{whole['held_out']}, {whole['blocks']} and {whole['gap']}."
    )


@pytest.mark.parametrize(
    ("count", "held_out", "blocks", "gap"),
    [(0, 0.2, 5, 10), (4, 0.2, 5, 0), (100, 0.2, 5, 10), (100, 0.01, 5, 0), (100, 0.99, 5, 0)],
)
def test_a_recording_that_is_too_short_is_refused(
    count: int, held_out: float, blocks: int, gap: int
) -> None:
    with pytest.raises(ValueError) as caught:
        split(count, held_out=held_out, blocks=blocks, gap=gap)
    assert str(caught.value) == (
        f"{count} rows in {blocks} blocks, {held_out:.0%} of each for the test and gaps of {gap}, "
        "leave a block without rows for training or for the test."
    )


def random_steering(count: int = 400) -> Tensor:
    generator = Generator().manual_seed(7)
    turned = torch.rand(count, generator=generator) < 0.3
    return torch.where(turned, torch.randn(count, generator=generator) / 10, torch.zeros(count))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 1.0])
def test_zeros_are_thinned_to_their_share_and_all_else_is_kept(share: float) -> None:
    steering = random_steering()
    rows = balanced(steering, share, Generator().manual_seed(0))
    kept, zeros = steering[rows], int((steering == 0).sum())
    assert rows.dtype == torch.int64 and (rows.diff() > 0).all()
    assert int((kept == 0).sum()) == round(share * zeros)
    assert torch.equal(kept[kept != 0], steering[steering != 0])


def test_the_generator_decides_which_zeros_stay() -> None:
    steering = random_steering()
    first, again, other = (
        balanced(steering, 0.5, Generator().manual_seed(seed)) for seed in (0, 0, 1)
    )
    assert torch.equal(first, again) and not torch.equal(first, other)
    chances = torch.zeros(len(steering))
    for seed in range(200):
        chances[balanced(steering, 0.5, Generator().manual_seed(seed))] += 1 / 200
    assert (chances[steering != 0] > 0.999).all()
    assert chances[steering == 0].min() > 0.3 and chances[steering == 0].max() < 0.7


def test_small_angles_are_no_zeros_and_a_negative_zero_is_one() -> None:
    steering = torch.tensor([0.0, 1e-30, -0.0, -1e-30])
    assert balanced(steering, 0.0, Generator()).tolist() == [1, 3]
    assert balanced(steering, 1.0, Generator()).tolist() == [0, 1, 2, 3]
    assert balanced(torch.zeros(0), 0.5, Generator()).tolist() == []


@pytest.mark.parametrize(
    ("steering", "share"),
    [(torch.zeros(3, 1), 0.5), (torch.zeros(3), -0.1), (torch.zeros(3), 1.5)]
    + [(torch.zeros(3), float("nan"))],
)
def test_what_cannot_be_balanced_is_refused(steering: Tensor, share: float) -> None:
    with pytest.raises(ValueError) as caught:
        balanced(steering, share, Generator())
    assert str(caught.value) == (
        "balanced wants steering of shape (N,) and a share from 0 to 1; got "
        f"{tuple(steering.shape)} and {share}."
    )
