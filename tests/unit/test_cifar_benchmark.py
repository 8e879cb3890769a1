"""benchmarks.cifar_speed, as far as a processor goes: random pictures, tiny nets, a stand-in."""

import contextlib
import importlib
import itertools
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from kbook.data import cifar10
from kbook.models.mirrored import Mirrored
from kbook.recipes import prepared, train_to_94

speed = importlib.import_module("benchmarks.cifar_speed")
Run = speed.Run

DRAWS = torch.Generator().manual_seed(0)
IMAGES = torch.randint(256, (200, 3, 32, 32), generator=DRAWS, dtype=torch.uint8)
LABELS = torch.randint(10, (200,), generator=DRAWS)
TRAIN, TEST = (IMAGES[:150], LABELS[:150]), (IMAGES[150:], LABELS[150:])


def tiny_net(images: Tensor | None = None) -> nn.Module:
    layers = (nn.Conv2d(3, 4, 5, stride=3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten())
    return nn.Sequential(*layers, nn.Linear(400, 10))


def right(net: nn.Module, part: tuple[Tensor, Tensor]) -> float:
    """Return the share of right answers in evaluation mode."""
    with torch.no_grad():
        answers = net.eval()(prepared(part[0], torch.device("cpu"))).argmax(1)
    return sum(a == b for a, b in zip(answers.tolist(), part[1].tolist(), strict=True)) / len(
        part[1]
    )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let each look at the clock be one second later than the last, and note it."""
    events: list[str] = []
    ticks = itertools.count(1)
    monkeypatch.setattr(speed, "clock", lambda: events.append("clock") or float(next(ticks)))
    for name in ("train_to_94", "prepared", "score"):
        original = getattr(speed, name)

        def noting(*args: Any, name: str = name, original: Any = original, **more: Any) -> Any:
            events.append(name)
            return original(*args, **more)

        monkeypatch.setattr(speed, name, noting)
    return events


def test_our_run_is_the_recipe_and_its_accuracies(clock: list[str]) -> None:
    run = speed.our_training(TRAIN, TEST, tiny_net, epochs=3, compiled=False)
    first, other, again = run(5), run(6), run(5)
    assert first.seconds == other.seconds == again.seconds == 1 and first.shifted is None
    assert first[1:] == again[1:] != other[1:]  # every run starts from new weights
    torch.manual_seed(5)
    net = tiny_net()
    train_to_94(net, prepared(TRAIN[0], torch.device("cpu")), TRAIN[1], epochs=3, seed=5)
    assert first.alone == pytest.approx(right(net, TEST))
    assert first.mirrored == pytest.approx(right(Mirrored(net), TEST))


def test_the_clock_counts_training_and_one_evaluation(clock: list[str]) -> None:
    speed.our_training(TRAIN, TEST, tiny_net, epochs=1, compiled=False)(0)
    counted = ["prepared", "train_to_94", "prepared", "score"]
    assert clock == ["prepared", "clock", *counted, "clock", "score"]


def test_the_whole_recipe_reaches_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(speed, "train_to_94", lambda net, *_, **options: seen.append(options))
    speed.our_training(TRAIN, TEST, tiny_net)(3)
    assert seen == [{"epochs": speed.EPOCHS, "compiled": True, "seed": 3}]


def test_the_clock_waits_for_the_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: events.append("synchronize"))
    monkeypatch.setattr(speed.time, "perf_counter", lambda: events.append("read") or 7.0)
    assert speed.clock() == 7.0 and events == ["synchronize", "read"]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    speed.clock()
    assert events[2:] == ["read"]


def test_the_data_is_handed_over_as_airbench_keeps_it(tmp_path: Path) -> None:
    speed.hand_over(tmp_path, TRAIN, TEST)
    for name, (images, labels) in {"train": TRAIN, "test": TEST}.items():
        data = torch.load(tmp_path / "cifar10" / f"{name}.pt", weights_only=True)
        assert sorted(data) == ["classes", "images", "labels"]
        assert data["images"].shape == (len(labels), 32, 32, 3) and data["images"].is_contiguous()
        assert data["images"].dtype == torch.uint8 and data["labels"].dtype == torch.int64
        for n, row, column in ((0, 0, 31), (7, 20, 3)):
            assert torch.equal(data["images"][n, row, column], images[n, :, row, column])
        assert torch.equal(data["labels"], labels) and data["classes"] == list(cifar10.CLASSES)


@pytest.fixture
def airbench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Return a stand-in that prints, returns and reads the data as airbench 0.1.8 does."""
    monkeypatch.chdir(tmp_path)
    speed.hand_over(tmp_path, TRAIN, TEST)
    stand_in = SimpleNamespace(utils=SimpleNamespace(print_training_details=print), asked=[])

    def train94(*, tta_level: int, run: int) -> str:
        assert Path("cifar10/train.pt").exists() and run not in (-1, 0)
        stand_in.asked.append(("train", tta_level, torch.initial_seed()))
        for epoch, seconds in ((0, 1.5), (1, 3.0), ("eval", 3.25)):
            row = {"epoch": epoch, "total_time_seconds": seconds, "run": run}
            stand_in.utils.print_training_details(row, is_final_entry=epoch == "eval")
        return "net"

    def loader(path: str, train: bool, batch_size: int) -> str:
        assert Path(path, "test.pt").exists() and not train and batch_size == 2000
        return "test"

    def evaluate(net: str, data: str, tta_level: int) -> float:
        assert (net, data) == ("net", "test")
        return 0.93 + tta_level / 200

    stand_in.train94, stand_in.CifarLoader, stand_in.evaluate = train94, loader, evaluate
    return stand_in


def test_airbenchs_time_and_accuracies_are_caught(
    airbench: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    run = speed.their_training(airbench)(4)
    assert run == pytest.approx(Run(3.25, 0.93, 0.935, 0.94))
    assert airbench.asked == [("train", 1, 4)]  # with the mirror image, as ours, and seeded
    assert airbench.utils.print_training_details is print and capsys.readouterr().out == ""


def test_they_take_turns_and_the_first_run_does_not_count() -> None:
    order: list[tuple[str, int]] = []

    def training(name: str) -> Any:
        return lambda seed: order.append((name, seed)) or Run(float(seed), 0.0, 0.0)

    results = speed.take_turns({"a": training("a"), "b": training("b")}, 2)
    assert order == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 2), ("b", 2)]
    assert [run.seconds for run in results["a"]] == [1.0, 2.0] and len(results["b"]) == 2


OURS = [Run(8.0, 0.92, 0.94), Run(6.0, 0.93, 0.95), Run(90.0, 0.1, 0.2)]
THEIRS = [Run(4.0, 0.91, 0.921, 0.93), Run(1.0, 0.92, 0.931, 0.94), Run(5.0, 0.93, 0.941, 0.95)]


def test_the_table_has_medians_and_their_ratio() -> None:
    lines = speed.table({"ours": OURS, "theirs": THEIRS})
    assert lines == pytest.approx(
        {
            "ours (s)": 8.0,
            "ours, accuracy (%)": 92.0,
            "ours, accuracy with the mirror image (%)": 94.0,
            "theirs (s)": 4.0,
            "theirs, accuracy (%)": 92.0,
            "theirs, accuracy with the mirror image (%)": 93.1,
            "theirs, also with shifted ones (%)": 94.0,
            "ours / theirs": 2.0,
        }
    )
    assert list(speed.table({"ours": OURS})) == list(lines)[:3]


def test_the_table_is_printed_in_two_columns() -> None:
    text = speed.formatted({"settings": "one GPU", "ours (s)": 12.3456, "ours / theirs": 2.0})
    assert text.splitlines() == [
        "settings       one GPU",
        "ours (s)       12.35",
        "ours / theirs  2.00",
    ]


@pytest.mark.parametrize("against", [False, True])
def test_measure_hands_the_right_parts_to_both(
    airbench: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, against: bool
) -> None:
    monkeypatch.setattr(cifar10, "load", lambda train: TRAIN if train else TEST)
    monkeypatch.setattr(Tensor, "cuda", lambda self: self)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)  # put back in the end
    given: list[Any] = []

    def our_training(train: Any, test: Any) -> Any:
        given.extend([train, test])
        return lambda seed: Run(6.5, 0.9, 0.9)

    monkeypatch.setattr(speed, "our_training", our_training)
    (tmp_path / "cifar10" / "train.pt").unlink()  # it must not be needed here
    lines = speed.measure(2, airbench if against else None)
    assert all(part[1] is ours[1] for part, ours in zip(given, (TRAIN, TEST), strict=True))
    assert (
        lines["settings"].startswith("a GPU, torch ") and "medians of 2 runs" in lines["settings"]
    )
    assert lines["ours (s)"] == 6.5 and len(airbench.asked) == 3 * against
    assert lines.get("ours / airbench94") == (2.0 if against else None)
    assert Path.cwd() == tmp_path


def test_without_a_gpu_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit) as error:
        speed.main(["--against", "airbench"])
    assert error.value.code == "This benchmark wants a CUDA GPU; torch finds none here."


@pytest.mark.parametrize("arguments", [["--against", "airbench"], [], ["--runs", "2"]])
def test_without_airbench_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    measured: list[tuple[int, ModuleType | None]] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(speed, "measure", lambda *given: measured.append(given) or {"a": 1.0})
    monkeypatch.setitem(sys.modules, "airbench", None)
    wants_it = "airbench" in arguments
    with (
        pytest.raises(SystemExit, match="`pip install airbench`")
        if wants_it
        else (contextlib.nullcontext())
    ):
        speed.main(arguments)
    assert measured == ([] if wants_it else [(2 if arguments else speed.RUNS, None)])
    assert capsys.readouterr().out == ("" if wants_it else "a  1.00\n")


@pytest.mark.parametrize(
    "arguments", [["--runs", "0"], ["--runs", "two"], ["--against", "nobody"], ["--fast"]]
)
def test_other_arguments_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as error:
        speed.main(arguments)
    assert error.value.code == 2 and "python -m benchmarks.cifar_speed" in capsys.readouterr().err
