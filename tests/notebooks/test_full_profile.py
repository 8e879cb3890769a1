"""The full profile of chapters 5 and 7, on the CPU: few pictures and steps, but every line runs."""

import ast
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import torch
import torchvision
from torchvision.transforms.v2.functional import to_pil_image

from kbook import driving, profile, recipes, recorded, training
from kbook.data import cifar10, road, udacity

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NUMBERS = torch.Generator().manual_seed(0)
IMAGES = torch.randint(256, (32, 3, 32, 32), generator=NUMBERS, dtype=torch.uint8)
LABELS = torch.arange(32) % 10
DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
NEEDED = {"sgd", "smoothed", "parts", "rng", "draw", "RECIPES"}


def cells(notebook: str) -> Iterator[tuple[str, str]]:
    """Yield (number of the section, code) of each cell before the quiz."""
    section = "0"
    for cell in nbformat.read(NOTEBOOKS / notebook, as_version=4).cells:
        for line in cell.source.splitlines():
            if cell.cell_type == "markdown" and line.startswith("## "):
                section = line[3:].split()[0]
        if section == "Quiz":
            return
        if cell.cell_type == "code" and "%pip" not in cell.source:
            yield section, cell.source


def definitions(source: str) -> str:
    """Return the functions, classes and imports of a cell, and the few values that others need."""
    kept = [
        node
        for node in ast.parse(source).body
        if isinstance(node, DEFINITIONS)
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in NEEDED)
    ]
    return ast.unparse(ast.Module(kept, []))


def few(how: Callable[..., Any]) -> Callable[..., Any]:
    """Let a training make two steps at most."""
    return lambda *args, steps, **more: how(*args, steps=min(steps, 2), **more)


def resnet18(weights: str | None = None, **more: Any) -> torch.nn.Module:
    if weights:
        raise urllib.error.URLError("no network here")
    return torchvision.models.resnet.resnet18(**more)


def dataset(train: bool, transform: Callable[[Any], torch.Tensor]) -> Any:
    return [
        (transform(to_pil_image(image)), int(label))
        for image, label in zip(IMAGES, LABELS, strict=True)
    ]


@pytest.fixture(scope="module")
def scope(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Run what the full profile alone runs; return the notebook's names, and "measured"."""
    names: dict[str, Any] = {"measured": {}}

    def card(name: str, measure: Callable[[], Any], *, gpu: bool = False, **_: Any) -> None:
        if gpu:
            names["measured"][name] = measure()

    full = profile.Profile("full", torch.device("cpu"), 0)
    deterministic = torch.are_deterministic_algorithms_enabled()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(profile, "setup", lambda seed: full)
        patch.setattr(torchvision.models, "resnet18", resnet18)
        patch.setattr(cifar10, "load", lambda train: (IMAGES, LABELS))
        patch.setattr(cifar10, "dataset", dataset)
        patch.setattr(cifar10, "source", lambda: "32 pictures of noise")
        patch.setattr(training, "fit", few(training.fit))
        patch.setattr(training, "fit_fast", few(training.fit_fast))
        patch.setattr(recipes, "fit_fast", few(recipes.fit_fast))
        patch.setattr(torch, "compile", lambda net: net)
        patch.setattr(torch.backends.cudnn, "benchmark", False)  # put back in the end
        patch.setattr(recorded, "card", card)
        for section, source in cells("05_resnet.ipynb"):
            is_run = section in ("0", "Set-up", "10") or "profile.name" in source
            exec(compile(source if is_run else definitions(source), section, "exec"), names)
            if "def in_pieces" in source:
                names["in_pieces"].__defaults__ = (8, 4)  # eight steps in four pieces
            if "def measure_paper" in source:
                names["pieces_folder"] = tmp_path_factory.mktemp("paper")
        yield names
    torch.use_deterministic_algorithms(deterministic)


def test_every_cell_of_the_full_profile_runs(scope: dict[str, Any]) -> None:
    assert set(scope["measured"]) == {"05_paper", "05_to_94"}
    names = [f"{kind}-{depth}" for depth in (20, 56) for kind in ("plain", "residual")]
    errors = [f"{name}, {part} error (%)" for name in names for part in ("training", "test")]
    assert set(scope["measured"]["05_paper"]) == {"steps", *errors}
    assert len(scope["measured"]["05_to_94"]["seconds"]) == 5
    assert set(scope["speed"]) > {f"{name}, pictures per second" for name in scope["rungs"]}


def test_a_long_training_that_broke_off_goes_on(scope: dict[str, Any], tmp_path: Path) -> None:
    def keep_and_break_off(file: Path, piece: int, *states: Any) -> None:
        keep(file, piece, *states)
        if piece == 1:
            raise KeyboardInterrupt

    keep, parts = scope["keep"], scope["all_pictures"]()
    whole, broken, resumed = (scope["fresh"](scope["small"], seed) for seed in (0, 0, 1))
    scope["in_pieces"](whole, parts, tmp_path / "whole.pt")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setitem(scope, "keep", keep_and_break_off)
        scope["in_pieces"](broken, parts, tmp_path / "broken.pt")
    assert torch.load(tmp_path / "broken.pt", weights_only=True)[0] == 1
    scope["in_pieces"](resumed, parts, tmp_path / "broken.pt")
    pairs = zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_the_published_driving_net_learns_and_drives(monkeypatch: pytest.MonkeyPatch) -> None:
    def noise(*shape: int) -> torch.Tensor:
        return torch.randint(256, shape, generator=NUMBERS, dtype=torch.uint8)

    def load(height: int, width: int) -> udacity.Recording:
        center, left, right = (noise(200, 3, height, width) for _ in range(3))
        steering, seconds = torch.linspace(-1, 1, 200), torch.arange(200) / 10
        return udacity.Recording(center, left, right, steering, seconds)

    def drive(policy: driving.Policy, roads: road.Roads, seconds: float = 35, **more: Any) -> Any:
        return whole_drive(policy, roads, min(seconds, 2), **more)

    whole_drive = driving.drive
    monkeypatch.setattr(driving, "drive", drive)
    monkeypatch.setattr(udacity, "load", load)
    monkeypatch.setattr(udacity, "source", lambda: "200 frames of noise")
    names: dict[str, Any] = {}
    for section, source in cells("07_driving.ipynb"):
        exec(compile(definitions(source), section, "exec"), names)
    names["profile"] = profile.Profile("full", torch.device("cpu"), 0)
    names["unseen"] = road.roads([1000])
    values = names["measure_pilotnet"](tracks=1, steps=2, rounds=1)
    assert set(values) == {"tracks", "steps", "round 0", "round 1"}
    assert len(values["round 1"]) == len(driving.Score._fields)
    values = names["measure_pilotnet_real"](steps=2)
    recipes_tried = {label.split(",")[0] for label in values if "," in label}
    assert recipes_tried == {"plain", "smooth", "balanced", "sides", "random"}
