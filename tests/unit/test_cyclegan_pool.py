"""The pool of made pictures: what it gives back, keeps and exchanges."""

from collections import Counter
from typing import Any

import pytest
import torch
from torch import Generator, Tensor

from kbook.training import Pool


def numbered(start: int, count: int) -> Tensor:
    return torch.arange(start, start + count, dtype=torch.float32).reshape(-1, 1, 1, 1)


def numbers(stack: Any) -> list[int]:
    return [int(picture) for picture in stack]


def test_a_pool_gives_back_what_it_gets_until_it_is_full() -> None:
    pool = Pool(5, Generator().manual_seed(0))
    for start in (0, 2):
        given = numbered(start, 2)
        assert torch.equal(pool.exchange(given), given)
    assert numbers(pool.kept) == [0, 1, 2, 3]
    assert numbers(pool.exchange(numbered(4, 1))) == [4] and len(pool.kept) == 5


def test_a_full_pool_exchanges_half_of_the_pictures() -> None:
    size, rounds, swaps, places = 4, 4000, 0, Counter[int]()
    pool = Pool(size, Generator().manual_seed(0))
    pool.exchange(numbered(0, size))
    for given in range(size, size + rounds):
        before = numbers(pool.kept)
        (returned,) = numbers(pool.exchange(numbered(given, 1)))
        if returned == given:
            assert numbers(pool.kept) == before
        else:
            place = before.index(returned)
            assert numbers(pool.kept) == [*before[:place], given, *before[place + 1 :]]
            swaps, places = swaps + 1, places + Counter([place])
        assert len(pool.kept) == size
    assert abs(swaps - rounds / 2) < 4.5 * (rounds / 4) ** 0.5
    for place in range(size):
        assert abs(places[place] - swaps / size) < 4.5 * (swaps * 3 / 16) ** 0.5


def test_a_pool_of_size_0_keeps_nothing_and_draws_nothing() -> None:
    generator = Generator().manual_seed(0)
    pool, state = Pool(0, generator), generator.get_state()
    for start in range(0, 30, 3):
        assert torch.equal(pool.exchange(numbered(start, 3)), numbered(start, 3))
    assert pool.kept == [] and torch.equal(generator.get_state(), state)


@pytest.mark.parametrize("size", [2, 100])  # all exchanged, and never full
def test_a_pool_keeps_copies_of_single_pictures(size: int) -> None:
    pool = Pool(size, Generator().manual_seed(0))
    for start in range(0, 80, 8):
        given = numbered(start, 8)
        pool.exchange(given)
        given.fill_(-1)
    assert min(numbers(pool.kept)) >= 0
    assert all(picture.untyped_storage().nbytes() == 4 for picture in pool.kept)


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 0; got -1"):
        Pool(-1, Generator())
