"""kbook.data.counter_hash: bits against plain integers, numbers against closed forms."""

import itertools

import numpy as np
import pytest
from scipy import stats

from kbook.data.counter_hash import hashed, normal_bytes, uniform

CORNERS = (0, 1, 2, 0xFFFF, 0x10000, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)


def lowbias32(x: int) -> int:
    """Mix 32 bits, in integers that do not overflow."""
    x = (x ^ x >> 16) * 0x7FEB352D % 2**32
    x = (x ^ x >> 15) * 0x846CA68B % 2**32
    return x ^ x >> 16


def inverse(x: int) -> int:
    """Undo lowbias32, with the constants that its author published for that."""
    x = (x ^ x >> 16) * 0x43021123 % 2**32
    x = (x ^ x >> 15 ^ x >> 30) * 0x1D69E2A5 % 2**32
    return x ^ x >> 16


def chained(*counters: int) -> int:
    bits = 0
    for counter in counters:
        bits = lowbias32(bits ^ counter)
    return bits


@pytest.mark.parametrize("many", [1, 2, 3, 4])
def test_bits_are_those_of_plain_integers(many: int) -> None:
    drawn = np.random.default_rng(many).integers(0, 2**32, (200, many)).tolist()
    tuples = [*itertools.islice(itertools.product(CORNERS, repeat=many), 729), *drawn]
    ours = hashed(*np.array(tuples, dtype=np.uint32).T)
    assert ours.dtype == np.uint32
    assert ours.tolist() == [chained(*one) for one in tuples]


def test_the_published_inverse_gives_the_counter_back() -> None:
    counters = np.array(CORNERS, dtype=np.uint32)
    assert [inverse(int(bits)) for bits in hashed(counters)] == list(CORNERS)


def test_counters_of_all_kinds_are_broadcast() -> None:
    whole = hashed(np.arange(3)[:, None], 7, np.arange(4))
    assert whole.shape == (3, 4)
    for row, column in np.ndindex(3, 4):
        assert whole[row, column] == hashed([row], np.int64(7), np.uint8(column))[0]


def test_the_order_of_counters_counts_and_none_is_lost() -> None:
    grid = hashed(*np.meshgrid(np.arange(300), np.arange(300)))
    assert len(np.unique(grid)) > 0.9999 * grid.size  # a pair of 90,000 in 2**32 meets once
    assert hashed(1, 2)[0] != hashed(2, 1)[0]


def test_one_changed_bit_changes_half_of_them() -> None:
    counters = np.random.default_rng(0).integers(0, 2**32, 2000, dtype=np.uint32)
    for bit in range(32):
        flipped = hashed(counters) ^ hashed(counters ^ np.uint32(1 << bit))
        changed = (flipped[:, None] >> np.arange(32, dtype=np.uint32)) & 1
        assert abs(changed.mean() - 0.5) < 0.01
        assert abs(changed.mean(axis=0) - 0.5).max() < 0.07  # a deviation is 0.011


@pytest.mark.parametrize("world", [0, 1, 2**32 - 1])
def test_numbers_are_uniform_and_neighbors_independent(world: int) -> None:
    drawn = uniform(world, np.arange(20_000))
    assert drawn.dtype == np.float64 and drawn.min() >= 0 and drawn.max() < 1
    assert stats.kstest(drawn, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.03
    pairs, *_ = np.histogram2d(drawn[::2], drawn[1::2], bins=10)
    assert stats.chisquare(pairs.ravel()).pvalue > 1e-3


def test_a_number_is_the_share_of_the_bits() -> None:
    bits = hashed(5, np.arange(50))
    assert uniform(5, np.arange(50)).tolist() == [int(word) / 2**32 for word in bits]


def test_sums_of_bytes_are_exact() -> None:
    words = np.array([0, 2**32 - 1, 0x01020304, 0xFF000000, 0x00FF00FF], dtype=np.uint32)
    words = np.concatenate([words, hashed(np.arange(1000))])
    ours = normal_bytes(words)
    assert ours.dtype == np.int16
    assert ours.tolist() == [sum(int(word).to_bytes(4, "little")) - 510 for word in words]
    assert (ours.min(), ours.max()) == (-510, 510)


def test_sums_of_bytes_are_distributed_as_four_dice_of_256_faces() -> None:
    many = 100_000
    sums = normal_bytes(hashed(3, np.arange(many))).astype(float)
    variance = 4 * (256**2 - 1) / 12
    assert np.sqrt(variance) == pytest.approx(147.8, abs=0.05)
    assert abs(sums.mean()) < 4 * np.sqrt(variance / many)
    assert sums.var() == pytest.approx(variance, rel=0.02)
    die = np.full(256, 1 / 256)
    chances = np.convolve(np.convolve(die, die), np.convolve(die, die))
    expected = many * np.add.reduceat(chances, np.arange(0, 1021, 60))
    seen = np.histogram(sums, [*range(-510, 511, 60), 511])[0]
    enough = expected > 5
    assert (
        stats.chisquare(
            seen[enough], expected[enough] * seen[enough].sum() / expected[enough].sum()
        ).pvalue
        > 1e-3
    )
