"""The recorded CycleGANs of chapter 6, evaluated again from their committed weights."""

from statistics import mean
from typing import cast

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, pad

from kbook import metrics, recorded
from kbook.assets.nets import load_net
from kbook.data import animals

RECORD = recorded.load("06_seeds")["values"]
SEEDS = range(RECORD["seeds"])
ARMS = {"cycle": "cycle", "GAN alone": "alone"}
WAYS = {"horse to zebra": ("g", "horse", "zebra"), "zebra to horse": ("f", "zebra", "horse")}
HALVES = 5e-4  # the committed weights have 16 bits

scenes = animals.scenes(RECORD["scenes"], 1_000_000)
PICTURES = {domain: animals.render(scenes, domain) for domain in animals.DOMAINS}
MASK = animals.animal_mask(scenes)


def net(arm: str, seed: int, letter: str) -> nn.Module:
    return load_net(f"animals_{ARMS[arm]}_{seed}_{letter}")


def away(made: Tensor, truth: Tensor, mask: Tensor | None = None) -> float:
    """Mean difference of colors from 0 to 1, over all pixels or weighted by a mask."""
    apart = (made - truth).abs().mean(dim=1, keepdim=True) / 2
    mask = torch.ones_like(apart) if mask is None else mask
    return ((apart * mask).sum() / mask.sum()).item()


def recorded_values(arm: str, seed: int, what: str) -> list[float]:
    return cast(list[float], RECORD[f"{arm}, seed {seed}, {what}"])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("arm", ARMS)
def test_the_committed_nets_are_those_of_the_record(arm: str, seed: int, way: str) -> None:
    letter, start, goal = WAYS[way]
    with torch.inference_mode():
        made = net(arm, seed, letter)(PICTURES[start])
    truth = PICTURES[goal]
    found = [away(made, truth, mask) for mask in (None, MASK, 1 - MASK)]
    found.append(metrics.ssim((made + 1) / 2, (truth + 1) / 2).mean().item())
    assert found == pytest.approx(recorded_values(arm, seed, way), abs=HALVES)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_ways_back_are_those_of_the_record(seed: int) -> None:
    def blurred(pictures: Tensor) -> Tensor:
        return avg_pool2d(pad(pictures, (1, 1, 1, 1), mode="replicate"), 3, stride=1)

    horses, zebras = (PICTURES[domain] for domain in animals.DOMAINS)
    with torch.inference_mode():
        made = net("cycle", seed, "f")(zebras)
        starts = made, horses, blurred(made), blurred(horses)
        found = [away(net("cycle", seed, "g")(start), zebras, MASK) for start in starts]
    assert found == pytest.approx(recorded_values("cycle", seed, "hidden"), abs=4 * HALVES)


def column(arm: str, way: str, place: int) -> list[float]:
    return [recorded_values(arm, seed, way)[place] for seed in SEEDS]


@pytest.mark.parametrize("place", range(4), ids=["all", "animal", "around", "SSIM"])
def test_the_cycle_beats_the_gan_alone_with_every_seed(place: int) -> None:
    way = "horse to zebra"
    sign = -1 if place == 3 else 1  # of SSIM more is better
    pairs = zip(column("cycle", way, place), column("GAN alone", way, place), strict=True)
    assert all(sign * cycle < sign * alone for cycle, alone in pairs)


def test_back_to_horses_the_cycle_keeps_the_background_and_wins_by_it_alone() -> None:
    way = "zebra to horse"
    for place in (0, 2):
        assert max(column("cycle", way, place)) < min(column("GAN alone", way, place))
    animal = [mean(column(arm, way, 1)) for arm in ARMS]
    assert animal[0] == pytest.approx(animal[1], rel=0.03)


def test_against_doing_nothing() -> None:
    horses, zebras = (PICTURES[domain] for domain in animals.DOMAINS)
    nothing = away(horses, zebras)
    cycle, alone = (column(arm, "horse to zebra", 0) for arm in ARMS)
    assert sum(error < nothing for error in cycle) == 4 and mean(cycle) < 0.9 * nothing
    assert min(alone) > nothing
    assert max(column("cycle", "zebra to horse", 0)) < 0.7 * nothing
    assert max(column("cycle", "horse to zebra", 2)) < 0.045


def test_only_the_cycle_hides_a_message_and_blur_wipes_most_of_it() -> None:
    for seed in SEEDS:
        made, true, made_blurred, true_blurred = recorded_values("cycle", seed, "hidden")
        assert made < 0.6 * true
        assert made / true < made_blurred / true_blurred - 0.2
    alone = [recorded_values("GAN alone", seed, "hidden") for seed in SEEDS]
    assert mean(row[0] for row in alone) > mean(row[1] for row in alone)


@pytest.mark.parametrize("seed", SEEDS)
def test_noise_leaves_the_lead_of_the_made_horse(seed: int) -> None:
    generator = torch.Generator().manual_seed(1)
    noise = 0.2 * torch.randn(PICTURES["horse"].shape, generator=generator)
    with torch.inference_mode():
        starts = net("cycle", seed, "f")(PICTURES["zebra"]), PICTURES["horse"]
        ends = [net("cycle", seed, "g")((start + noise).clamp(-1, 1)) for start in starts]
    made, true = (away(end, PICTURES["zebra"], MASK) for end in ends)
    assert made < 0.85 * true
