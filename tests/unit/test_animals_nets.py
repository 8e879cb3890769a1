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
HIDDEN = recorded.load("06_hidden")["values"]
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


def blurred(pictures: Tensor) -> Tensor:
    return avg_pool2d(pad(pictures, (1, 1, 1, 1), mode="replicate"), 3, stride=1)


def errors_back(arm: str, seed: int) -> dict[str, list[float]]:
    """Where G ends, on the animal: from F's horses and from the true ones; from a forged one."""
    horses, zebras = (PICTURES[domain] for domain in animals.DOMAINS)
    coat = ((zebras - horses).abs() > 0.2).any(dim=1, keepdim=True)
    swapped = torch.where(coat, -zebras, zebras)
    with torch.inference_mode():
        g, f = (net(arm, seed, letter) for letter in "gf")
        made, letter = f(zebras), f(swapped)
        forged = blurred(horses) + (letter - blurred(letter))
        return {
            "back, whole": [away(g(m), zebras, MASK) for m in (made, horses)],
            "back, blurred": [away(g(blurred(m)), zebras, MASK) for m in (made, horses)],
            "stripes, forged": [away(g(forged), goal, MASK) for goal in (swapped, zebras)],
        }


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("arm", ARMS)
def test_the_ways_back_are_those_of_the_record(arm: str, seed: int) -> None:
    for name, found in errors_back(arm, seed).items():
        assert found == pytest.approx(HIDDEN[f"{ARMS[arm]} {seed}, {name}"], abs=1e-4), name


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


def kept_lead(arm: str, seed: int, damage: str) -> float:
    """By which share the way back from the made horse errs less than that from the true one."""
    made, true = HIDDEN[f"{ARMS[arm]} {seed}, back, {damage}"]
    return 1 - made / true


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cycle_s_horses_lead_back_better_unless_they_are_blurred(seed: int) -> None:
    whole, noise, blur = (kept_lead("cycle", seed, d) for d in ("whole", "noise 0.1", "blurred"))
    assert whole > 0.4 and noise > 0.3 and blur < 0.3 and blur < whole - 0.2


def test_without_the_cycle_there_is_no_such_lead() -> None:
    assert mean(kept_lead("GAN alone", seed, "whole") for seed in SEEDS) < 0


@pytest.mark.parametrize("seed", SEEDS)
def test_only_the_cycle_s_nets_obey_a_forged_message(seed: int) -> None:
    to_swapped, to_true = HIDDEN[f"cycle {seed}, stripes, forged"]
    assert to_swapped < 0.7 * to_true
    to_swapped, to_true = HIDDEN[f"alone {seed}, stripes, forged"]
    assert to_swapped > to_true


def test_after_100_steps_every_seed_is_further_off_than_nothing() -> None:
    horses, zebras = (PICTURES[domain] for domain in animals.DOMAINS)
    nothing = away(horses, zebras), away(horses, zebras, MASK), away(horses, zebras, 1 - MASK)
    for seed in SEEDS:
        early = recorded_values("cycle", seed, "after 100")
        assert early[0] > 1.3 * nothing[0]
        assert early[1] > 0.9 * nothing[1] and early[2] > 5 * nothing[2]


def test_the_gan_alone_loses_around_the_animal_alone() -> None:
    horses, zebras = (PICTURES[domain] for domain in animals.DOMAINS)
    assert max(column("GAN alone", "horse to zebra", 1)) < away(horses, zebras, MASK)
    around = [mean(column(arm, "horse to zebra", 2)) for arm in ARMS]
    assert around[1] > 1.6 * around[0] > 1.6 * away(horses, zebras, 1 - MASK)


def test_a_gan_alone_with_as_much_time() -> None:
    longer = recorded.load("06_longer")["values"]
    for seed in SEEDS:
        alone = longer[f"seed {seed}, horse to zebra"][0]
        assert recorded_values("cycle", seed, "horse to zebra")[0] < alone
    back = [longer[f"seed {seed}, zebra to horse"] for seed in SEEDS]
    for alone, animal, around in zip(
        back,
        column("cycle", "zebra to horse", 1),
        column("cycle", "zebra to horse", 2),
        strict=True,
    ):
        assert alone[1] < animal and alone[2] > around
    assert 1000 / RECORD["steps"] > longer["cost of a step, cycle to alone"]  # time enough


def test_the_net_of_the_features_is_the_resnet_that_was_recorded() -> None:
    resnet = load_net("cifar_resnet20")
    # Batch norms are saved as a scale and a shift of each channel, as many numbers as they trained.
    trained = sum(weight.numel() for weight in resnet.parameters())
    trained += sum(buffer.numel() for buffer in resnet.buffers())
    assert trained == recorded.load("06_features")["values"]["parameters"]
    with torch.inference_mode():
        assert resnet[:-1](torch.zeros(2, 3, 32, 32)).shape == (2, 64)


def test_on_photographs_the_backgrounds_turn_around_unless_the_identity_loss_keeps_them() -> None:
    found = recorded.load("06_mirror")["values"]
    for net_name in "GF":
        assert found[f"identity loss 0, {net_name}"] < -0.8
        assert found[f"identity loss 5, {net_name}"] > 0.8
    kinds = recorded.load("06_photographs")["values"]
    for way in ("apple to orange", "orange to apple"):
        kid = {key.split(", ")[1]: v[0] for key, v in kinds.items() if key.startswith(way)}
        assert abs(kid["other real ones: KID"]) < kid["recolored: KID"] < kid["translated: KID"]
        again = found[f"{way}, translated: KID, FID"][0]
        assert (again < kid["nothing done: KID"]) == (way == "apple to orange")


def test_what_got_worse_after_100_steps_got_worse_around_the_animal() -> None:
    horses, zebras = (PICTURES[domain] for domain in animals.DOMAINS)
    share = MASK.mean().item()
    animal, around = away(horses, zebras, MASK), away(horses, zebras, 1 - MASK)
    for seed in SEEDS:
        _, then_animal, then_around, _ = recorded_values("cycle", seed, "after 100")
        worse = share * (then_animal - animal), (1 - share) * (then_around - around)
        assert worse[1] > 0.85 * sum(worse)


def test_the_numbers_in_the_text_of_section_7() -> None:
    longer = recorded.load("06_longer")["values"]
    alone = [longer[f"seed {seed}, horse to zebra"][0] for seed in SEEDS]
    cycle = column("cycle", "horse to zebra", 0)
    ends = [f"{end:.3f}" for row in (alone, cycle) for end in (min(row), max(row))]
    assert ends == ["0.047", "0.065", "0.036", "0.053"]
    pool = [RECORD[f"cycle and pool, seed {seed}, horse to zebra"][0] for seed in SEEDS]
    assert sum(p > c for p, c in zip(pool, cycle, strict=True)) == 4
    assert 8 * RECORD["steps"] / 2000 == pytest.approx(2.4)  # epochs


def test_the_text_about_the_games_on_the_ring() -> None:
    games = recorded.load("06_ring")["values"]

    def of(objective: str, momentum: float, steps: str, what: str) -> list[float]:
        return cast(list[float], games[f"{objective}, {momentum}, {steps}, {what}"])

    for objective in ("-ln D", "least squares"):
        for momentum in (0.5, 0.9):
            assert max(of(objective, momentum, "1:10", "spread")) < 0.5
            assert max(of(objective, momentum, "1:10", "bumps")) <= 1
        assert min(of(objective, 0.9, "1:1", "spread")) > 0.8
        assert max(of(objective, 0.9, "1:1", "share")) < 0.3
    hits = {s: sum(of("least squares", 0.5, s, "bumps")) for s in ("1:1", "3:1")}
    assert hits["3:1"] < hits["1:1"] == 40
    assert mean(of("-ln D", 0.5, "3:1", "share")) > 1.5 * mean(of("-ln D", 0.5, "1:1", "share"))
    assert min(of("wasserstein", 0.5, "5:1", "bumps")) == 0


def test_how_long_the_photographs_took() -> None:
    record = recorded.load("06_photographs")
    assert record["seconds"] / 3600 == pytest.approx(1.25, abs=0.05)
    critics = record["values"]["critics, mean of each 1,000 steps"]
    assert critics[-1] < critics[-2] < critics[-3]
