"""kbook.data: batches that hold every sample once, and digits in three parts that share none."""

import hashlib

import pytest
import torch
from sklearn.datasets import load_digits
from torch import Generator, Tensor

from kbook.data import Batches, digits

SAMPLES = torch.arange(10)


def order(batches: Batches) -> list[int]:
    return [i for inputs, _ in batches for i in inputs.tolist()]


def shuffled(seed: int = 0, size: int = 4) -> Batches:
    return Batches(SAMPLES, -SAMPLES, size, Generator().manual_seed(seed))


@pytest.mark.parametrize("size", [1, 3, 4, 5, 10, 99])
def test_each_epoch_holds_every_sample_once_with_its_target(size: int) -> None:
    batches = shuffled(size=size)
    for _ in range(3):
        pairs = list(batches)
        assert len(pairs) == len(batches)
        assert all(len(inputs) == size for inputs, _ in pairs[:-1])
        assert sorted(i for inputs, _ in pairs for i in inputs.tolist()) == SAMPLES.tolist()
        assert all(torch.equal(inputs, -targets) for inputs, targets in pairs)


def test_epochs_differ_and_a_seed_repeats_them_all() -> None:
    one, other = shuffled(), shuffled()
    epochs = [order(one) for _ in range(3)]
    assert len({tuple(epoch) for epoch in epochs}) == 3
    assert [order(other) for _ in range(3)] == epochs
    assert order(shuffled(seed=1)) != epochs[0]


def test_without_a_generator_the_order_is_kept() -> None:
    assert order(Batches(SAMPLES, SAMPLES, 4)) == SAMPLES.tolist()


def test_augmentation_changes_the_inputs_alone_and_draws_from_the_generator() -> None:
    sizes: list[int] = []

    def add(inputs: Tensor, generator: Generator) -> Tensor:
        sizes.append(len(inputs))
        return inputs + 100 + torch.randint(5, (1,), generator=generator)

    def run() -> list[tuple[Tensor, Tensor]]:
        return list(Batches(SAMPLES, SAMPLES, 4, Generator().manual_seed(0), add))

    pairs = run()
    assert sizes == [4, 4, 2]  # a batch at a time, and each once
    assert all(inputs.min() >= 100 and targets.max() < 10 for inputs, targets in pairs)
    again = run()
    torch.manual_seed(7)  # the global generator has no say
    assert all(torch.equal(a[0], b[0]) for a, b in zip(pairs, again, strict=True))
    assert SAMPLES.max() == 9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((SAMPLES, SAMPLES[:3], 4), "got 10 and 3"),
        ((SAMPLES[:0], SAMPLES[:0], 4), "at least one; got 0 and 0"),
        ((SAMPLES, SAMPLES.to("meta"), 4), "on one device; got cpu and meta"),
        ((SAMPLES, SAMPLES, 0), "whole number from 1 on as its size; got 0"),
        ((SAMPLES, SAMPLES, 4, None, lambda x, generator: x), "generator from which `augment`"),
    ],
)
def test_unusable_batches_are_refused(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Batches(*arguments)


def test_the_digits_are_scikit_learns() -> None:
    images, labels = digits.load()
    reference = load_digits()
    assert images.shape == (1797, 1, 8, 8) and images.dtype == torch.float32
    assert labels.dtype == torch.int64 and labels.tolist() == reference.target.tolist()
    assert torch.equal(images.double().flatten(1) * 16, torch.from_numpy(reference.data))
    checksum = hashlib.sha256(reference.data.astype("<f8").tobytes()).hexdigest()
    assert digits.source() == f"scikit-learn's load_digits, sha256 {checksum[:12]}…"


def as_rows(part: digits.Digits) -> set[tuple[float, ...]]:
    return {tuple(row) for row in part.images.flatten(1).tolist()}


@pytest.mark.parametrize("seed", [0, 1])
def test_three_parts_share_nothing_and_lose_nothing(seed: int) -> None:
    everything = digits.load()
    parts = digits.split(everything, validation=297, test=500, seed=seed)
    assert [len(part.labels) for part in parts] == [1000, 297, 500]
    train, validation, test = map(as_rows, parts)
    assert not (train & validation or train & test or validation & test)
    assert train | validation | test == as_rows(everything)
    for part in parts:  # as many of each class as the whole has, within one
        expected = everything.labels.bincount() * len(part.labels) / 1797
        assert (part.labels.bincount() - expected).abs().max() <= 1


def test_the_seed_decides_the_split() -> None:
    one, same, other = (
        digits.split(digits.load(), validation=297, test=500, seed=seed) for seed in (0, 0, 1)
    )
    assert torch.equal(one.test.images, same.test.images)
    assert not torch.equal(one.test.images, other.test.images)


@pytest.mark.parametrize("sizes", [(5, 500), (297, 9), (1000, 790)])
def test_a_part_too_small_for_all_classes_is_refused(sizes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least 10 of the 1797 digits"):
        digits.split(digits.load(), validation=sizes[0], test=sizes[1])
