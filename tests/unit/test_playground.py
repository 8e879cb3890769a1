"""Playground: its traits, and its JavaScript net, training and points against torch."""

import math
import re
from functools import cache
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from traitlets import TraitError

from kbook.widgets import Playground, playground
from kbook.widgets.bundle import module_text, stylesheet
from tests.js import Module

LAYERS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
OPTIMIZERS = ["sgd", "momentum", "adam", "adamw"]
DATA_SETS = ["moons", "circles", "spirals"]
OWN = [[0.5, -1.25, 1], [-3.0, 3.0, 0], [1.0, 1.0, 1], [0.0, -0.01, 0], [2.0, 2.0, 1], [0.1, 3, 0]]
# The JavaScript session after some steps, as plain data.
TRAIN = """((settings, steps) => {
    const session = startSession(settings);
    while (session.net.step < steps) advance(session);
    noteLosses(session);
    return { ...session.history.at(-1), weights: Array.from(session.net.weights),
        program: pythonProgram(settings, steps, session.points), diverged: session.diverged };
})"""
PLAIN = "((...a) => Array.from({}(...a)))"


@cache
def module() -> Module:
    return Module("playground")


def state(**traits: Any) -> dict[str, Any]:
    return Playground(**traits).state()


def start(sizes: list[int], seed: int) -> list[float]:
    return module().call(PLAIN.format("startWeights"), sizes, seed)


def make_points(settings: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    points = module().call("makePoints", settings)
    return np.array(points["train"]), np.array(points["test"])


def torch_net(sizes: list[int], activation: str, weights: list[float]) -> nn.Sequential:
    """The same net in torch, filled with the widget's one array of weights."""
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), LAYERS[activation]()]
    net = nn.Sequential(*layers[:-1]).double()
    nn.utils.vector_to_parameters(torch.tensor(weights, dtype=torch.float64), net.parameters())
    return net


def torch_loss(net: nn.Module, points: torch.Tensor) -> torch.Tensor:
    logits = net(points[:, :2]).squeeze(1)
    return nn.functional.binary_cross_entropy_with_logits(logits, points[:, 2])


@pytest.mark.parametrize("seed", [0, 1, 2, 9_999])
def test_start_weights_are_those_of_the_generator(seed: int) -> None:
    """Bit for bit, in Python's exact integers."""
    generator_state = 2654435761 * (seed + 1) % 2**32
    expected = []
    for n_in, n_out in pairwise([2, 16, 5, 1]):
        for _ in range(n_in * n_out):
            generator_state = (1664525 * generator_state + 1013904223) % 2**32
            expected.append(math.sqrt(6 / n_in) * (2 * generator_state / 2**32 - 1))
        expected += [0.0] * n_out
    assert start([2, 16, 5, 1], seed) == expected


def test_start_weights_have_hes_variance_and_near_seeds_differ() -> None:
    draws = np.array([start([2, 16, 16, 16, 1], seed) for seed in range(40)])
    third = draws[:, 48 + 272 : 48 + 272 + 256]  # a matrix of 16 inputs
    assert third.var() == pytest.approx(2 / 16, rel=0.03) and abs(third.mean()) < 0.01
    correlations = np.corrcoef(draws[:, :32])
    assert np.abs(correlations[~np.eye(40, dtype=bool)]).max() < 0.75
    assert np.abs(np.diff(draws[:, 0])).min() > 0.01, "the first numbers of near seeds are alike"


@pytest.mark.parametrize("activation", LAYERS)
@pytest.mark.parametrize(("width", "depth"), [(1, 0), (1, 1), (5, 1), (16, 2), (7, 3)])
def test_loss_and_gradient_agree_with_autograd(activation: str, width: int, depth: int) -> None:
    rng = np.random.default_rng(10 * width + depth)
    sizes = module().call("layerSizes", width, depth)
    weights = rng.normal(size=module().call("countWeights", sizes)).tolist()
    points = torch.tensor(np.column_stack([rng.normal(size=(20, 2)), rng.integers(0, 2, 20)]))
    net = torch_net(sizes, activation, weights)
    loss = torch_loss(net, points)
    loss.backward()
    data = {"inputs": points[:, :2].flatten().tolist(), "labels": points[:, 2].tolist()}
    ours = module().call(
        "((...a) => { const { loss, gradient } = lossAndGradient(...a);"
        " return { loss, gradient: Array.from(gradient) }; })",
        sizes, activation, weights, data,
    )  # fmt: skip
    theirs = nn.utils.parameters_to_vector([p.grad for p in net.parameters()])
    assert ours["loss"] == pytest.approx(loss.item(), rel=1e-9)
    np.testing.assert_allclose(ours["gradient"], theirs.numpy(), rtol=1e-9, atol=1e-12)


def torch_optimizer(settings: dict[str, Any], net: nn.Module) -> torch.optim.Optimizer:
    decay = settings["strength"] if settings["penalty"] == "L2" else 0.0
    options = {"lr": settings["rate"], "weight_decay": decay}
    kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    if settings["optimizer"] in kinds:
        return kinds[settings["optimizer"]](net.parameters(), **options)
    momentum = 0.9 if settings["optimizer"] == "momentum" else 0.0
    return torch.optim.SGD(net.parameters(), momentum=momentum, **options)


@pytest.mark.parametrize("activation", LAYERS)
@pytest.mark.parametrize("penalty", ["none", "L2", "L1"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_is_that_of_torch(optimizer: str, penalty: str, activation: str) -> None:
    chosen = {"optimizer": optimizer, "penalty": penalty, "activation": activation}
    settings = state(**chosen, strength=0.05, width=6, rate=0.05)
    train, test = (torch.tensor(points) for points in make_points(settings))
    net = torch_net([2, 6, 6, 1], activation, start([2, 6, 6, 1], 0))
    torch_step = torch_optimizer(settings, net)
    for _ in range(100):
        torch_step.zero_grad()
        loss = torch_loss(net, train)
        if penalty == "L1":
            loss = loss + 0.05 * sum(p.abs().sum() for p in net.parameters())
        loss.backward()
        torch_step.step()
    ours = module().call(TRAIN, settings, 100)
    theirs = nn.utils.parameters_to_vector(net.parameters()).detach().numpy()
    np.testing.assert_allclose(ours["weights"], theirs, rtol=0, atol=1e-6)
    assert ours["train"] == pytest.approx(torch_loss(net, train).item(), abs=1e-6)
    assert ours["test"] == pytest.approx(torch_loss(net, test).item(), abs=1e-6)


METHODS = product(OPTIMIZERS, ["none", "L2", "L1"])
NETS = [
    *product([0, 1, 2, 3], ["relu"], ["moons"]),
    *product([2, 3], ["tanh", "sigmoid"], ["circles", "spirals"]),
]
GRID = [
    dict(zip(("optimizer", "penalty", "depth", "activation", "data"), chosen, strict=True))
    for chosen in (method + net for method, net in zip(METHODS, NETS, strict=True))
]


@pytest.mark.parametrize("traits", GRID, ids=lambda traits: "-".join(map(str, traits.values())))
def test_the_program_makes_the_same_net(
    traits: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    ours = module().call(TRAIN, state(seed=3, width=5, **traits), 100)
    names = run(ours["program"])
    printed = [float(v) for v in re.findall(r"loss (\d+\.\d+)", capsys.readouterr().out)]
    assert printed == pytest.approx([ours["train"], ours["test"]], abs=1e-6)
    theirs = nn.utils.parameters_to_vector(names["net"].parameters()).detach().numpy()
    np.testing.assert_allclose(ours["weights"], theirs, rtol=0, atol=1e-6)


def run(program: str) -> dict[str, Any]:
    """Run a program that sets torch's default type, and set it back."""
    names: dict[str, Any] = {}
    try:
        exec(compile(program, "program", "exec"), names)
    finally:
        torch.set_default_dtype(torch.float32)
    return names


def test_the_program_with_own_points_and_no_test_point(capsys: pytest.CaptureFixture[str]) -> None:
    settings = state(data="own", points=[[1, 1, 0], [2, -2, 1]], rate=1, optimizer="sgd")
    ours = module().call(TRAIN, settings, 20)
    run(ours["program"])
    out = capsys.readouterr().out
    assert "test" not in out and float(out.split()[-1]) == pytest.approx(ours["train"], abs=1e-6)


def test_the_program_is_short_enough_to_be_read() -> None:
    program = module().call(TRAIN, state(penalty="L1", depth=3, data="spirals"), 1)["program"]
    lines = program.splitlines()
    rows = [line for line in lines if line.startswith("    [")]
    assert len(lines) - len(rows) <= 52 and len(rows) <= 30
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize("data", DATA_SETS)
@pytest.mark.parametrize("seed", [0, 1, 7])
def test_data_sets_are_balanced_inside_and_reproducible(data: str, seed: int) -> None:
    settings = state(data=data, seed=seed, noise=0.9)
    train, test = make_points(settings)
    for points in (train, test):
        assert points.shape == (80, 3) and points[:, 2].sum() == 40
        assert np.abs(points[:, :2]).max() <= 3
        np.testing.assert_array_equal(points, points.round(2))
    assert not (train[:, None] == test[None]).all(2).any(), "a test point is a training point"
    np.testing.assert_array_equal(make_points(settings)[0], train)
    other = make_points({**settings, "seed": seed + 1})[0]
    assert (other[:, :2] != train[:, :2]).mean() > 0.9


def test_without_noise_the_points_lie_on_their_curves() -> None:
    circles = np.vstack(make_points(state(data="circles", noise=0)))
    radius = np.hypot(circles[:, 0], circles[:, 1])
    np.testing.assert_allclose(radius, np.where(circles[:, 2] == 1, 0.9, 2.2), atol=0.01)
    spirals = np.vstack(make_points(state(data="spirals", noise=0)))
    radius = np.hypot(spirals[:, 0], spirals[:, 1])
    turn = 2 * np.pi * (radius - 0.25) / 2.35 + np.pi * spirals[:, 2]
    np.testing.assert_allclose(spirals[:, 0], radius * np.cos(turn), atol=0.1)
    moons = np.vstack(make_points(state(data="moons", noise=0)))
    centers = np.where(moons[:, 2:] == 1, [[0.8, 0.4]], [[-0.8, -0.4]])
    np.testing.assert_allclose(np.linalg.norm(moons[:, :2] - centers, axis=1), 1.6, atol=0.01)


def test_noise_is_the_standard_deviation() -> None:
    clean, noisy = (
        np.vstack([np.vstack(make_points(state(data="moons", noise=v, seed=s))) for s in range(9)])
        for v in (0.0, 0.4)
    )
    centers = np.where(clean[:, 2:] == 1, [[0.8, 0.4]], [[-0.8, -0.4]])
    assert (np.linalg.norm(noisy[:, :2] - centers, axis=1) - 1.6).std() == pytest.approx(0.4, 0.1)


def test_every_fifth_own_point_is_a_test_point() -> None:
    train, test = make_points(state(data="own", points=OWN))
    assert train.tolist() == [*OWN[:4], OWN[5]] and test.tolist() == [OWN[4]]
    held = make_points(state(data="own", points=make_points(state())[0]))[1]
    assert len(held) == 16 and held[:, 2].sum() == 8, "points held out of one class only"


def encode(settings: dict[str, Any], weights: list[float], straight: bool = True) -> str:
    return module().call("encodeState", settings, weights, straight)


@pytest.mark.parametrize(
    "traits",
    [
        {},
        {"data": "own", "points": OWN, "width": 1, "depth": 0, "rate": 1e-4, "noise": 0.35},
        {"depth": 3, "width": 16, "activation": "relu", "penalty": "L1", "strength": 1e-5},
        {"optimizer": "adamw", "penalty": "L2", "seed": 9999, "steps": 20_000, "rate": 10.0},
    ],
)
@pytest.mark.parametrize("straight", [True, False])
def test_a_link_brings_the_same_settings_and_net(traits: dict[str, Any], straight: bool) -> None:
    settings = state(**traits)
    sizes = module().call("layerSizes", settings["width"], settings["depth"])
    rng = np.random.default_rng(0)
    weights = rng.normal(size=module().call("countWeights", sizes)) * 10.0 ** rng.integers(-6, 3)
    text = encode(settings, weights.tolist(), straight)
    assert re.fullmatch(r"[\w.~-]+", text), "a character that a link must not hold"
    back = module().call("decodeState", text)
    assert back["settings"] == settings and back["isStraight"] is straight
    np.testing.assert_allclose(back["weights"], weights, rtol=2.0**-16)


def test_links_are_short() -> None:
    def length(**traits: Any) -> int:
        settings = state(**traits)
        sizes = module().call("layerSizes", settings["width"], settings["depth"])
        return len(encode(settings, start(sizes, 0)))

    assert length() < 550
    assert length(width=16, depth=2) < 1500
    assert length(width=16, depth=3, data="own", points=[[1, 1, 0]] * 200) < 3400


def test_a_net_with_weights_from_a_link_predicts_the_same() -> None:
    trained = module().call(TRAIN, state(), 200)
    back = module().call("decodeState", encode(state(steps=200), trained["weights"]))
    losses = module().call(
        "((settings, linked) => { const s = startSession(settings); adoptNet(s, linked);"
        " return { ...s.history.at(-1), straight: s.isStraight }; })", state(width=2), back,
    )  # fmt: skip
    assert losses == {
        "step": 200, "straight": True,
        "train": pytest.approx(trained["train"], rel=1e-3),
        "test": pytest.approx(trained["test"], rel=1e-3),
    }  # fmt: skip


def broken_links() -> dict[str, str]:
    text = encode(state(), start([2, 8, 8, 1], 0))
    own = encode(state(data="own", points=OWN), start([2, 8, 8, 1], 0))
    fields = text.split("~")

    def with_field(k: int, value: str) -> str:
        return "~".join([*fields[:k], value, *fields[k + 1 :]])

    return {
        "empty": "", "no text of ours": "hello", "percent": "%E0%A4%A", "script": "<script>~1~2",
        "cut in the weights": text[:-40], "cut to the half": text[: len(text) // 2],
        "one character less": text[:-2], "a field more": text + "~",
        "too long": text + "A" * 5000, "future": "2" + text[1:], "future, other fields": "37~x",
        "data": with_field(1, "rings"), "prototype": with_field(1, "constructor"),
        "noise": with_field(2, "7"), "seed": with_field(3, "1.5"), "width": with_field(4, "17"),
        "wide": with_field(4, "9"), "huge": with_field(4, "1e9"), "depth": with_field(5, "-1"),
        "rate": with_field(8, "NaN"), "infinite": with_field(8, "Infinity"),
        "no rate": with_field(8, ""), "space": with_field(8, " 1"),
        "steps": with_field(11, "20001"), "straight": with_field(12, "2"),
        "weight": with_field(13, "!" + fields[13][1:]),
        "infinite weight": with_field(13, "f4AA" + fields[13][4:]),
        "nan weight": with_field(13, "____" + fields[13][4:]),
        "points": own[:-1], "place": own[:-4] + "____",
        "many points": own + own[-4:] * 200,
    }  # fmt: skip


@pytest.mark.parametrize("name", list(broken_links()))
def test_a_broken_link_is_one_sentence(name: str) -> None:
    answer = module().call("decodeState", broken_links()[name])
    assert list(answer) == ["problem"]
    expected = {"too long": "too long", "future": "another version"}
    assert expected.get(name.split(",")[0], "damaged") in answer["problem"]


def test_a_link_that_a_messenger_has_escaped_is_read() -> None:
    text = encode(state(), start([2, 8, 8, 1], 0))
    assert module().call("decodeState", text.replace("~", "%7E"))["settings"] == state()


def test_a_diverged_net_is_not_encoded() -> None:
    assert encode(state(depth=0), [math.nan, 1.0, 1.0]) is None
    assert encode(state(depth=0), [1e300, 1.0, 1.0]) is None


def test_the_copied_call_makes_the_same_widget() -> None:
    for settings in (state(depth=1, rate=1e-4), state(data="own", points=OWN, penalty="L1")):
        text = module().call("pythonCall", settings)
        widget = eval(text, {"Playground": Playground})
        assert widget.state() == settings


def test_python_and_javascript_have_the_same_limits() -> None:
    assert module().call("(() => RANGES)") == {k: list(v) for k, v in playground._RANGES.items()}
    for name, values in module().call("(() => CHOICES)").items():
        assert Playground.class_traits()[name].values == values
    assert module().call("(() => MOST_POINTS)") == playground._MOST_POINTS


SESSION = """((settings, script) => {
    const session = startSession(settings);
    const run = (n) => { for (let k = 0; k < n && !session.diverged; k++) advance(session); };
    const log = [];
    const note = () => log.push({ step: session.net.step, straight: session.isStraight,
        diverged: session.diverged, train: session.points.train.length, text: statusText(session),
        first: session.net.weights[0], memory: Object.keys(session.net.memory) });
    for (const [what, value, keep] of script) {
        if (what === "run") run(value); else changeSettings(session, value, keep);
        noteLosses(session); note();
    }
    return log;
})"""


def test_another_net_starts_afresh_and_another_rate_goes_on() -> None:
    script = [
        ["change", {"rate": 0.1}], ["run", 10], ["change", {"rate": 0.01}],
        ["change", {"optimizer": "momentum"}], ["run", 5], ["change", {"width": 3}],
        ["run", 4], ["change", {"data": "own", "points": OWN}, True],
    ]  # fmt: skip
    log = module().call(SESSION, state(), script)
    assert [entry["step"] for entry in log] == [0, 10, 10, 10, 15, 0, 4, 4]
    assert [entry["straight"] for entry in log] == [True] * 2 + [False] * 3 + [True] * 2 + [False]
    assert log[3]["memory"] == [] and log[4]["memory"] == ["velocity"]
    assert [entry["train"] for entry in log[-2:]] == [80, 5]
    assert log[5]["first"] == start([2, 3, 3, 1], 0)[0]


def test_training_on_from_a_link_says_that_the_program_differs() -> None:
    script = """((settings, linked) => { const s = startSession(settings); adoptNet(s, linked);
        advance(s); return s.isStraight; })"""
    linked = {"settings": state(depth=0, steps=3), "weights": [1, 2, 3], "isStraight": True}
    assert module().call(script, state(), linked) is False


def test_divergence_is_noticed_and_named() -> None:
    settings = state(optimizer="momentum", penalty="L2", strength=1, rate=10, activation="relu")
    (entry,) = module().call(SESSION, settings, [["run", 3000]])
    assert entry["diverged"] and 2 < entry["step"] < 3000
    assert entry["text"].startswith(f"Diverged at step {entry['step']}: lower the learning rate")


def test_the_chapters_example_overfits_and_a_penalty_cures_it() -> None:
    shown = {"noise": 0.5, "width": 16, "depth": 3, "activation": "relu", "rate": 0.01}
    cure = {"penalty": "L2", "strength": 0.01}
    (over,) = module().call(SESSION, state(**shown), [["run", 400]])
    assert "Over-fitting" in over["text"]
    (cured,) = module().call(SESSION, state(**shown, **cure), [["run", 400]])
    assert "Over-fitting" not in cured["text"]
    ours, held = (module().call(TRAIN, state(**shown, **more), 400) for more in ({}, cure))
    assert ours["train"] < 0.05 < held["train"] and held["test"] < 0.5 * ours["test"]


def note(step: int, train: float, test: float) -> dict[str, float]:
    return {"step": step, "train": train, "test": test}


@pytest.mark.parametrize(
    ("history", "depth", "expected"),
    [
        ([note(0, 0.7, 0.7)], 2, "Press Train"),
        ([note(0, 0.7, 0.7), note(50, 0.3, 0.4), note(400, 0.1, 0.6)], 2, "at step 50"),
        ([note(0, 0.7, 0.7), note(50, 0.3, 0.4), note(400, 0.1, 0.41)], 2, ""),
        ([note(0, 0.5, 0.4), note(50, 0.9, 0.9)], 2, ""),  # worse on both: no over-fitting
        ([note(0, 0.7, 0.7), note(400, 0.6, 0.6)], 2, "Under-fitting"),
        ([note(0, 0.7, 0.7), note(400, 0.6, 0.6)], 0, "straight"),
    ],
)
def test_remarks(history: list[dict[str, float]], depth: int, expected: str) -> None:
    text = module().call("remark", history, {"depth": depth})
    assert expected in text and bool(text) == bool(expected)


def test_no_points_is_a_sentence() -> None:
    (entry,) = module().call(SESSION, state(data="own"), [["run", 0]])
    assert "no training points" in entry["text"]


def test_the_losses_kept_are_a_few_thousand() -> None:
    kept = module().call("((n) => Array.from({ length: n }, (_, k) => k).filter(isKept))", 20_001)
    assert kept[:1000] == list(range(1000)) and kept[-1] == 20_000 and len(kept) == 2001


@pytest.mark.parametrize(("a", "b", "c"), [(1, 0, 0.1), (0, 1, -1.3), (0.7, -1.1, 0.4)])
def test_the_line_of_a_linear_function_is_straight(a: float, b: float, c: float) -> None:
    cells = 20
    centers = np.reshape(module().call(PLAIN.format("cellCenters"), cells), (-1, 2))
    assert centers[0].tolist() == [-3, 3] and centers[-1].tolist() == [3, -3]
    pieces = np.array(module().call("zeroLine", (centers @ [a, b] + c).tolist(), cells))
    x, y = pieces[:, ::2] * 6 / (cells - 1) - 3, 3 - pieces[:, 1::2] * 6 / (cells - 1)
    np.testing.assert_allclose(a * x + b * y + c, 0, atol=1e-12)
    length = np.hypot(np.diff(x), np.diff(y)).sum()
    assert length > 5.5, "pieces of the line are missing"


def test_a_saddle_is_cut_on_the_side_of_the_mean() -> None:
    def near(values: list[float]) -> bool:
        """Whether a piece cuts off the top left corner."""
        pieces = module().call("zeroLine", values, 2)
        assert len(pieces) == 2
        return any(max(piece) < 1 for piece in pieces)

    assert near([1, -9, -9, 1]) and not near([9, -1, -1, 9])
    assert near([-1, 9, 9, -1]) and not near([-9, 1, 1, -9])


def test_round_numbers_and_the_nearest() -> None:
    numbers = module().call("roundNumbers", -4, 1)
    expected = [d * 10.0**e for e in range(-4, 1) for d in (1, 2, 5)]
    assert numbers == pytest.approx([*expected, 10.0])
    assert numbers[module().call("nearestOf", numbers, 0.03)] == 0.02
    assert [numbers[module().call("nearestOf", numbers, v)] for v in numbers] == numbers


@pytest.mark.parametrize(
    ("traits", "message"),
    [
        ({"data": "rings"}, "'data' trait"),
        ({"noise": 1.01}, "want noise from 0 to 1, got 1.01"),
        ({"noise": math.nan}, "want noise from 0 to 1, got nan"),
        ({"seed": -1}, "want seed from 0 to 9999"),
        ({"width": 0}, "want width from 1 to 16, got 0"),
        ({"width": 2.5}, "'width' trait"),
        ({"depth": 4}, "want depth from 0 to 3"),
        ({"activation": "gelu"}, "'activation' trait"),
        ({"optimizer": "rmsprop"}, "'optimizer' trait"),
        ({"rate": 0.0}, "want rate from 0.0001 to 10"),
        ({"rate": math.inf}, "want rate .* got inf"),
        ({"penalty": "l2"}, "'penalty' trait"),
        ({"strength": 2.0}, "want strength from 1e-05 to 1"),
        ({"steps": 20_001}, "want steps from 0 to 20000"),
        ({"points": [[0, 0, 1]] * 201}, "want at most 200 points, got 201"),
        ({"points": [[0, 0]]}, r"want points \[x, y, label\], got \[0, 0\]"),
        ({"points": [3]}, r"want points \[x, y, label\], got 3"),
        ({"points": [["a", 0, 1]]}, r"want points \[x, y, label\]"),
        ({"points": [[0, 3.1, 1]]}, "want x and y from -3 to 3 and a label of 0 or 1"),
        ({"points": [[0, math.nan, 1]]}, "want x and y from -3 to 3"),
        ({"points": [[0, 0, 2]]}, "a label of 0 or 1"),
        ({"points": "moons"}, r"want points \[x, y, label\], got 'moons'"),
    ],
)
def test_traits_refuse_in_one_sentence(traits: dict[str, Any], message: str) -> None:
    with pytest.raises(TraitError, match=message):
        Playground(**traits)


def test_own_points_may_be_an_array_and_keep_two_decimals() -> None:
    widget = Playground(data="own", points=np.array([[0.123, -0.001, 1], [2, 3, 0]]))
    assert widget.points == [[0.12, 0.0, 1], [2.0, 3.0, 0]]
    assert isinstance(widget.points[0][2], int) and str(widget.points[0][1]) == "0.0"


def test_every_class_of_the_drawing_has_a_style() -> None:
    used = set(re.findall(r"kb-pg-[a-z]+(?:-[a-z]+)?(?=[\" `])", module_text("playground")))
    used |= {
        f"kb-pg-{kind}-{name}" for kind in ("curve", "now", "key") for name in ("train", "test")
    }
    used |= {"kb-pg-one", "kb-pg-zero"}
    assert len(used) > 20
    assert used <= set(re.findall(r"\.(kb-pg-[a-z-]+)", stylesheet()))
