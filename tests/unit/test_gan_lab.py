"""GanLab1D: gradients against torch, distances against scipy, trainings, words against numbers."""

import json
import math
import re
from statistics import NormalDist
from typing import Any, cast

import numpy as np
import pytest
import torch
import traitlets
from scipy.stats import wasserstein_distance
from torch import Tensor
from torch.nn import functional as F

from kbook.widgets.gan_lab import GanLab1D
from tests.js import Module

Setting = dict[str, Any]
NAMES = ["objective", "data", "critic_steps", "hold", "seed", "steps"]
OBJECTIVES = ["gan", "least-squares", "wasserstein"]
PEAKS = {"near": [(-1.2, 0.6)], "far": [(3, 0.6)], "two": [(-2.5, 0.45), (2.5, 0.45)]}
DOORS = """
    const plain = ({ loss, gradient }) => ({ loss, gradient: Array.from(gradient) });
    const critic = (objective, weights, batch) => plain(criticLoss(objective, weights, batch));
    const made = (objective, weights, critic, noise) =>
      plain(generatorLoss(objective, weights, critic, noise));
    function netGradient(weights, x, byValue, bySlope) {
      const gradient = new Float64Array(weights.length);
      addGradient(gradient, weights, x, byValue, bySlope);
      return Array.from(gradient);
    }
    function adam(weights, gradients) {
      const [now, memory] = [Float64Array.from(weights), {}];
      gradients.forEach((gradient) => criticUpdate(now, gradient, memory));
      return Array.from(now);
    }
    function descend(weights, gradient) {
      generatorUpdate(weights, gradient);
      return weights;
    }
    function train(setting, steps) {
      const course = startCourse(setting);
      for (let k = 0; k < steps; k++) advanceCourse(course);
      const { gan, notes } = course;
      const weights = [gan.generator, gan.critic].map((net) => Array.from(net));
      const measured = measureGan(gan);
      const words = { all: ganSentences(measured), picture: ganPictureText(measured) };
      return { ...measured, weights, notes, words };
    }
    // Distances after every tenth step.
    function distances(setting, steps) {
      const gan = startGan(setting);
      return Array.from({ length: steps / 10 + 1 }, (_, i) => {
        for (let k = 0; i > 0 && k < 10; k++) advanceGan(gan);
        return measureGan(gan).wasserstein;
      });
    }
    const firstBatch = (setting) => drawBatch(startGan(setting));
    function normals(seed, count) {
      return Array.from({ length: count }, normalNumbers(uniformNumbers(seed)));
    }
"""


@pytest.fixture(scope="module")
def javascript() -> Module:
    module = Module("gan_lab")
    module._engine.eval(DOORS)
    return module


def setting(**changed: object) -> Setting:
    return {name: getattr(GanLab1D(), name) for name in NAMES} | changed


def train(javascript: Module, steps: int, **changed: object) -> Any:
    return javascript.call("train", setting(**changed), steps)


def net(weights: Tensor, x: Tensor) -> Tensor:
    """The net with 16 tanh units, written with torch, for x of shape (N,)."""
    w, b, v = weights[:48].view(3, 16)
    return torch.tanh(x[:, None] * w + b) @ v + weights[48]


def torch_critic_loss(objective: str, f: Tensor, g: Tensor, slope: Tensor) -> Tensor:
    """The critic's loss from its outputs for real and made samples and its slope between them."""
    if objective == "gan":
        ones, zeros = torch.ones_like(f), torch.zeros_like(g)
        return F.binary_cross_entropy_with_logits(f, ones) + F.binary_cross_entropy_with_logits(
            g, zeros
        )
    if objective == "least-squares":
        return F.mse_loss(f, torch.ones_like(f)) + F.mse_loss(g, torch.zeros_like(g))
    return g.mean() - f.mean() + 10 * (slope.abs() - 1).clamp(min=0).square().mean()


def torch_generator_loss(objective: str, f: Tensor) -> Tensor:
    if objective == "gan":
        return -F.logsigmoid(f).mean()
    return (f - 1).square().mean() if objective == "least-squares" else -f.mean()


def draw(seed: int, *shape: int, scale: float = 1.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(*shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(("seed", "scale"), [(1, 0.3), (1, 1.5), (7, 1.5), (8, 1.5)])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_critics_gradient_is_that_of_autograd(
    javascript: Module, objective: str, seed: int, scale: float
) -> None:
    weights = draw(seed, 49, scale=scale).requires_grad_()
    batch = {name: draw(i, 40, scale=2) for i, name in enumerate(("real", "made", "between"), 2)}
    between = batch["between"].clone().requires_grad_()
    (slope,) = torch.autograd.grad(net(weights, between).sum(), between, create_graph=True)
    f, g = net(weights, batch["real"]), net(weights, batch["made"])
    loss = torch_critic_loss(objective, f, g, slope)
    (gradient,) = torch.autograd.grad(loss, weights)
    lists = {name: values.tolist() for name, values in batch.items()}
    ours: Any = javascript.call("critic", objective, weights.tolist(), lists)
    assert ours["loss"] == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(ours["gradient"], gradient.numpy(), rtol=1e-9, atol=1e-11)
    steep = int((slope.abs() > 1).sum())
    assert (scale < 1 and steep == 0) or steep > 0, "one critic pays a penalty"


@pytest.mark.parametrize("by", [(1, 0), (0, 1), (0.7, -2)])
def test_value_and_slope_are_differentiated_by_all_weights(
    javascript: Module, by: tuple[float, float]
) -> None:
    weights = draw(5, 49).requires_grad_()
    x = torch.tensor([0.4], dtype=torch.float64, requires_grad=True)
    value = net(weights, x)
    (slope,) = torch.autograd.grad(value.sum(), x, create_graph=True)
    at: Any = javascript.call("netAt", weights.tolist(), 0.4)
    assert at["value"] == pytest.approx(value.item()) and at["slope"] == pytest.approx(slope.item())
    (theirs,) = torch.autograd.grad((by[0] * value + by[1] * slope).sum(), weights)
    ours = javascript.call("netGradient", weights.tolist(), 0.4, *by)
    np.testing.assert_allclose(cast(Any, ours), theirs.numpy(), atol=1e-12)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_generators_gradient_is_that_of_autograd(javascript: Module, objective: str) -> None:
    weights, critic, noise = draw(1, 49).requires_grad_(), draw(2, 49), draw(3, 50)
    samples = net(weights, noise)
    loss = torch_generator_loss(objective, net(critic, samples))
    gradient, felt = torch.autograd.grad(loss, (weights, samples))
    ours: Any = javascript.call("made", objective, *(v.tolist() for v in (weights, critic, noise)))
    assert ours["loss"] == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(ours["gradient"], gradient.numpy(), rtol=1e-9, atol=1e-11)
    for x, expected in zip(samples.tolist(), felt.tolist(), strict=True):
        score = javascript.call("netAt", critic.tolist(), x)
        mine = cast(float, javascript.call("feltGradient", objective, score))
        assert mine / 50 == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("f", [-800.0, -2.0, 0.0, 3.0, 800.0])
def test_losses_stay_finite_where_the_critic_is_sure(javascript: Module, f: float) -> None:
    flat = [0.0] * 48 + [f]
    batch = {"real": [0.0], "made": [1.0], "between": [0.5]}
    made: Any = javascript.call("made", "gan", [0.0] * 49, flat, [0.0])
    critic: Any = javascript.call("critic", "gan", flat, batch)
    assert made["loss"] == pytest.approx(max(-f, 0) + math.log1p(math.exp(-abs(f))))
    assert critic["loss"] == pytest.approx(abs(f) + 2 * math.log1p(math.exp(-abs(f))))
    assert np.isfinite(made["gradient"] + critic["gradient"]).all()


def test_updates_are_those_of_torch(javascript: Module) -> None:
    weights, gradients = draw(1, 49), draw(2, 5, 49)
    there = weights.clone().requires_grad_()
    adam = torch.optim.Adam([there], lr=0.02, betas=(0.5, 0.9))
    for gradient in gradients:
        there.grad = gradient
        adam.step()
    ours: Any = javascript.call("adam", weights.tolist(), gradients.tolist())
    np.testing.assert_allclose(ours, there.detach().numpy(), rtol=1e-12)
    plain: Any = javascript.call("descend", [1.0, -2.0], [5.0, 0.5])
    assert plain == pytest.approx([0.9, -2.01])


@pytest.mark.parametrize("count", [1, 2, 13, 256])
def test_quantiles_are_those_of_the_normal_distribution(javascript: Module, count: int) -> None:
    exact = [NormalDist().inv_cdf((i + 0.5) / count) for i in range(count)]
    np.testing.assert_allclose(
        cast(Any, javascript.call("normalQuantiles", count)), exact, atol=1e-5
    )


@pytest.mark.parametrize("data", list(PEAKS))
def test_data_are_the_peaks(javascript: Module, data: str) -> None:
    grid = np.linspace(-8, 8, 321)
    density = sum(NormalDist(*peak).pdf(x) for peak in PEAKS[data] for x in [0.3]) / len(
        PEAKS[data]
    )
    assert javascript.call("dataDensity", data, 0.3) == pytest.approx(density)
    p = np.array([javascript.call("dataDensity", data, x) for x in grid])
    mean = np.sum(grid * p) * 0.05
    spread = math.sqrt(np.sum((grid - mean) ** 2 * p) * 0.05)
    moments = {"mean": pytest.approx(mean, abs=1e-6), "spread": pytest.approx(spread)}
    assert javascript.call("dataMoments", data) == moments
    samples = cast(list[float], javascript.call("dataSamples", data))
    assert np.mean(samples) == pytest.approx(mean, abs=1e-3) and len(samples) == 256
    batch: Any = [
        x
        for seed in range(40)
        for x in javascript.call("firstBatch", setting(data=data, seed=seed))["real"]
    ]
    assert np.mean(batch) == pytest.approx(mean, abs=0.2)
    assert np.std(batch) == pytest.approx(spread, rel=0.05)


def test_random_numbers_are_normal_and_those_of_the_seed(javascript: Module) -> None:
    numbers = cast(list[float], javascript.call("normals", 3, 4000))
    assert abs(np.mean(numbers)) < 0.06 and np.std(numbers) == pytest.approx(1, abs=0.04)
    uniform = (1664525 * ((2654435761 * 4) % 2**32) + 1013904223) % 2**32
    other = (1664525 * uniform + 1013904223) % 2**32
    first = math.sqrt(-2 * math.log(1 - uniform / 2**32)) * math.cos(2 * math.pi * other / 2**32)
    assert numbers[0] == pytest.approx(first)


@pytest.mark.parametrize("seed", range(4))
def test_wasserstein_distance_is_that_of_scipy(javascript: Module, seed: int) -> None:
    a, b = draw(seed, 60).tolist(), (3 * draw(seed + 9, 60) + seed).tolist()
    ours = javascript.call("wassersteinDistance", a, b)
    assert ours == pytest.approx(wasserstein_distance(a, b))
    assert javascript.call("wassersteinDistance", a, [x + 5 for x in a]) == pytest.approx(5)


def test_jensen_shannon_is_the_sum_of_two_divergences(javascript: Module) -> None:
    grid = np.linspace(-9, 9, 601)
    size = grid[1] - grid[0]

    def bell(center: float) -> np.ndarray:
        return np.exp(-((grid - center) ** 2) / 2) / math.sqrt(2 * math.pi)

    for center in (0, 0.5, 2):
        p, q = bell(0), bell(center)
        middle = torch.from_numpy((p + q) / 2).log()
        parts = (F.kl_div(middle, torch.from_numpy(v), reduction="sum") for v in (p, q))
        expected = size * float(sum(parts)) / 2
        ours = javascript.call("jensenShannon", p.tolist(), q.tolist(), size)
        assert ours == pytest.approx(expected, abs=1e-12)
    apart = javascript.call("jensenShannon", [0, 1, 0, 0], [0, 0, 0, 1], 1)
    assert apart == pytest.approx(math.log(2))


def test_the_best_critic_is_best(javascript: Module) -> None:
    size = 0.05
    grid = np.arange(-6, 6 + size / 2, size)
    p, q = ([NormalDist(c, s).pdf(x) for x in grid] for c, s in ((2, 0.6), (-2.5, 0.7)))
    best: Any = javascript.call("bestCritic", "wasserstein", p, q, size)
    gain = size * np.dot(np.array(p) - np.array(q), best)
    assert np.abs(np.diff(best)).max() <= size + 1e-12
    assert gain == pytest.approx(4.5, rel=0.02), "the mean scores differ by the distance"
    for objective in ("gan", "least-squares"):
        scores: Any = javascript.call("bestCritic", objective, p, q, size)
        for score, a, b in zip(scores, p, q, strict=True):
            if score is None:
                assert a + b < 1e-4
            else:
                d = torch.tensor(score, dtype=torch.float64, requires_grad=True)
                two = torch.stack([d.log(), (1 - d).log()])
                value = torch.stack([a * two[0], b * two[1]]).sum()
                if 1e-6 < score < 1 - 1e-6:
                    assert abs(float(torch.autograd.grad(value, d)[0])) < 1e-6


def test_covered_peaks_need_a_tenth_of_the_samples(javascript: Module) -> None:
    for right, expected in ((0, 1), (9, 1), (10, 2), (90, 2), (91, 1)):
        samples = [-2.5] * (100 - right) + [2.5 + 1.3] * right
        assert javascript.call("coveredPeaks", "two", samples) == expected
    assert javascript.call("coveredPeaks", "two", [2.5 + 1.4] * 100) == 0


@pytest.mark.parametrize("seed", [0, 1, 7, 9999])
@pytest.mark.parametrize("data", list(PEAKS))
def test_every_start_is_alike_for_the_eye(javascript: Module, data: str, seed: int) -> None:
    start = train(javascript, 0, data=data, seed=seed)
    assert start["mean"] == pytest.approx(-3) and start["spread"] == pytest.approx(0.5)
    assert start["felt"] == 0 and start["outside"] == 0
    assert all(arrow["push"] == 0 for arrow in start["arrows"])
    assert "knows nothing yet" in start["words"]["all"][-1]


def test_the_same_settings_give_the_same_nets(javascript: Module) -> None:
    once = train(javascript, 15)["weights"]
    assert once == cast(Any, train_elsewhere(15))
    assert once != train(javascript, 15, seed=2)["weights"]
    held, start = (train(javascript, steps, hold=True)["weights"] for steps in (15, 0))
    assert held[0] == start[0] and held[1] != start[1]


def train_elsewhere(steps: int) -> object:
    module = Module("gan_lab")
    module._engine.eval(DOORS)
    return cast(Any, module.call("train", setting(), steps))["weights"]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_default_scene_is_learned(javascript: Module, objective: str, seed: int) -> None:
    chosen = setting(objective=objective, seed=seed)
    distances = cast(list[float], javascript.call("distances", chosen, 150))
    assert distances[0] == pytest.approx(1.8, abs=0.01)
    assert np.median(distances[-6:]) < 0.3 and max(distances[-6:]) < 0.7


@pytest.mark.parametrize("seed", range(3))
def test_provoked_collapse_happens_and_the_cure_works(javascript: Module, seed: int) -> None:
    lost, found = (
        cast(Any, javascript.call("train", preset(javascript, name, seed), 200))
        for name in ("COLLAPSE", "CURE")
    )
    assert lost["covered"] == 1 and lost["mean"] == pytest.approx(-2.5, abs=0.5)
    assert lost["words"]["all"][-1].startswith("Mode collapse")
    assert lost["wasserstein"] > 2.2, "half of the mass is 5 away"
    assert abs(np.mean([arrow["push"] for arrow in lost["arrows"]])) < 0.5
    assert found["covered"] == 2 and found["wasserstein"] < lost["wasserstein"] / 2
    assert "Both peaks are covered" in found["words"]["all"][-1]


def preset(javascript: Module, name: str, seed: int) -> Setting:
    text = cast(str, javascript._engine.eval(f"JSON.stringify({name})"))
    chosen: Setting = json.loads(text) | {"seed": seed}
    GanLab1D(**chosen)  # allowed as it is
    return chosen


@pytest.mark.parametrize("seed", range(3))
def test_apart_the_three_objectives_give_three_slopes(javascript: Module, seed: int) -> None:
    ends = {
        objective: train(javascript, 100, objective=objective, data="far", hold=True, seed=seed)
        for objective in OBJECTIVES
    }
    felt = {objective: end["felt"] for objective, end in ends.items()}
    assert felt["least-squares"] < 0.05 < 0.8 < felt["wasserstein"] < 1.5
    assert felt["least-squares"] < felt["gan"] < 0.6, "it is what it happens to be"
    assert all(end["divergence"] > 0.69 for end in ends.values())
    flat, steep = ends["least-squares"]["words"]["all"][-1], ends["wasserstein"]["words"]["all"][-1]
    assert "D is flat: let go, they would hardly move" in flat
    assert "D has a slope: let go, they would follow it" in steep
    pushes = [arrow["push"] for arrow in ends["wasserstein"]["arrows"]]
    assert min(pushes) > 0.5, "all of them toward the data"


def test_what_they_feel_decides_how_far_they_get(javascript: Module) -> None:
    distances = {
        objective: train(javascript, 100, objective=objective, data="far")["wasserstein"]
        for objective in OBJECTIVES
    }
    assert distances["wasserstein"] < 1 and distances["gan"] < 2 < 5 < distances["least-squares"]


def numbers(text: str) -> list[float]:
    found = re.findall(r"(?<![\w.])−?\d+(?:\.\d+)?(?:e−?\d+)?", text)
    return [float(v.replace("−", "-")) for v in found]


@pytest.mark.parametrize("steps", [0, 40])
@pytest.mark.parametrize("data", list(PEAKS))
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_sentences_tell_what_is_measured(
    javascript: Module, objective: str, data: str, steps: int
) -> None:
    end = train(javascript, steps, objective=objective, data=data)
    first, felt, *_ = end["words"]["all"]
    wanted: Any = javascript.call("dataMoments", data)
    expected = [steps, end["mean"], end["spread"], *wanted.values(), end["wasserstein"]]
    expected += [end["divergence"], 0.69]
    assert numbers(first) == pytest.approx(expected, rel=0.06, abs=1e-9)
    scores = {"gan": [1], "least-squares": [2, 1], "wasserstein": []}[objective]
    assert numbers(felt)[0] == pytest.approx(end["felt"], rel=0.06, abs=1e-9)
    assert [v for v in numbers(felt)[1:] if v in (1, 2)][: len(scores)] == scores
    if objective != "wasserstein":
        means = [float(v.replace("−", "-")) for v in re.findall(r"\((\S+?)\)", felt)]
        assert means == pytest.approx([end["factor"], end["slope"]], rel=0.06, abs=1e-9)
    rights = sum(arrow["push"] > 0 for arrow in end["arrows"])
    assert end["words"]["picture"].endswith(f"{rights} to the right.")
    for text in [*end["words"]["all"], end["words"]["picture"]]:
        assert not re.search("NaN|undefined|Infinity|∞", text), text


def test_the_table_has_a_row_for_every_twentieth_step(javascript: Module) -> None:
    end = train(javascript, 45)
    columns = cast(list[str], javascript._engine.eval("GAN_COLUMNS.join(';')")).split(";")
    assert [row[0] for row in end["notes"]] == ["0", "20", "40"]
    assert all(len(row) == len(columns) for row in end["notes"])
    assert end["notes"][0][1] == "–", "no loss of the critic before its first update"
    then = train(javascript, 40)
    values = [float(v.replace("−", "-")) for v in end["notes"][2][1:]]
    keys = ("criticLoss", "loss", "mean", "spread", "covered", "wasserstein", "divergence", "felt")
    assert values == pytest.approx([then[key] for key in keys], rel=0.06)


@pytest.mark.parametrize("width", [280, 340, 702])
def test_the_drawing_stays_in_its_panels(javascript: Module, width: int) -> None:
    javascript._engine.eval(f"at = ganPlacement({width}); pathOf = (a, y) => arrowPath(at, a, y);")
    at: Any = javascript.call("ganPlacement", width)
    assert 0 < at["left"] < at["right"] < width and at["arrows"]["bottom"] < at["height"]
    panel = {"top": 10, "bottom": 110}
    javascript._engine.eval("heightAt = (panel, low, high, v) => panelHeight(panel, low, high)(v);")
    heights = [javascript.call("heightAt", panel, 0, 1, v) for v in (-5, 0, 0.25, 1, 9)]
    assert heights == [110, 110, 85, 10, 10]
    assert javascript.call("pathOf", {"x": 0, "push": 0.001}, 50) == ""
    (start, tip), unit = ends_of(javascript, 1.0), at["unit"]
    assert tip - start == pytest.approx(unit, abs=0.2)
    start, tip = ends_of(javascript, -50.0)
    assert tip - start == pytest.approx(-3 * unit, abs=0.2)
    heads = cast(str, javascript.call("pathOf", {"x": 0, "push": -50.0}, 50)).count("M") - 1
    assert heads == 2


def ends_of(javascript: Module, push: float) -> tuple[float, float]:
    path = cast(str, javascript.call("pathOf", {"x": 0, "push": push}, 50))
    found = re.match(r"M([-\d.]+),50H([-\d.]+)", path)
    assert found, path
    return float(found[1]), float(found[2])


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"objective": "saturating"}, "gan.*least-squares.*wasserstein.*saturating"),
        ({"data": "three"}, "near.*far.*two.*three"),
        ({"critic_steps": 0}, "want critic_steps from 1 to 10, got 0"),
        ({"critic_steps": 11}, "want critic_steps from 1 to 10, got 11"),
        ({"seed": -1}, "want seed from 0 to 9999, got -1"),
        ({"steps": 601}, "want steps from 0 to 600, got 601"),
        ({"steps": 1.5}, "int"),
        ({"hold": "yes"}, "bool"),
    ],
)
def test_traits_refuse_what_cannot_be_shown(state: Setting, message: str) -> None:
    with pytest.raises(traitlets.TraitError, match=message):
        GanLab1D(**state)
