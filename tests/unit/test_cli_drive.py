"""`python -m kbook drive`: the table against the library, and a sentence for all that is wrong."""

import re
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from kbook import driving
from kbook.assets.nets import load_net, read_net, save_net
from kbook.cli import drive as command
from kbook.cli import main
from kbook.data.road import roads
from kbook.data.road_camera import Camera
from kbook.models.pilotnet import Fixed, pilotnet, small_pilotnet

FRAME = (3, 32, 96)


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that saves a net and says where."""
    monkeypatch.setenv("KBOOK_RECORD", str(tmp_path / "assets" / "recorded"))

    def save(net: nn.Module, shape: tuple[int, ...] = FRAME) -> Path:
        save_net("net", net, shape, "float32")
        return tmp_path / "assets" / "weights" / "net.bin"

    return save


def seeded(build=small_pilotnet) -> nn.Sequential:
    torch.manual_seed(0)
    return build()


def constant(curvature: float) -> nn.Sequential:
    """Return a net that says the same whatever it sees."""
    net = nn.Sequential(Fixed(1 / 127.5, -1), nn.Flatten(), nn.Linear(3 * 32 * 96, 1))
    nn.init.zeros_(net[2].weight)
    nn.init.constant_(net[2].bias, curvature)
    return net


def run(weights: Path, *more: str) -> None:
    main(["drive", "--weights", str(weights), *more])


def refusal(weights: Path, *more: str) -> str:
    """Return what the command says in the end: a sentence."""
    with pytest.raises(SystemExit) as caught:
        run(weights, *more)
    text = str(caught.value)
    assert text.endswith(".") or ": " in text
    assert "\n" not in text and caught.value.__suppress_context__ | (not caught.value.__context__)
    return text


def test_the_table_says_what_the_library_measures(saved, capsys) -> None:
    weights = saved(seeded())
    run(weights, "--tracks", "3", "--seed", "50", "--wind", "0.5", "--seconds", "4")
    title, _, head, *rows = capsys.readouterr().out.splitlines()
    assert title == f"{weights}: roads 50 to 52, 4 s each, wind 0.5"
    assert head.split() == ["net", "expert"]
    given = roads([50, 51, 52])
    for column, policy in enumerate((driving.seeing(seeded()), driving.pure_pursuit)):
        score = driving.score(driving.drive(policy, given, 4, wind=0.5))
        pushed = driving.drive(policy, given, 6, pose=driving.pushed(given))
        back = 1 - pushed.intervened.any(axis=0).mean()
        wanted = [100 * score.autonomy, score.interventions, 100 * score.clean]
        wanted += [score.mean, score.largest, 100 * back]
        told = [float(re.findall(r" (\d[\d.]*)%?", row)[-2:][column]) for row in rows]
        for number, value in zip(told, wanted, strict=True):
            assert number == pytest.approx(value, abs=0.051 if value > 1 else 6e-4)
    assert [row[:20].strip() for row in rows] == [name for name, _ in command.ROWS]


def test_a_car_that_never_steers_needs_help_and_the_expert_does_not(saved, capsys) -> None:
    run(saved(constant(0)), "--tracks", "2", "--seconds", "20")
    rows = {line[:20].strip(): line[20:].split() for line in capsys.readouterr().out.splitlines()}
    autonomy, expert = rows["autonomy"]
    assert float(autonomy.rstrip("%")) < 60 and expert == "100.0%"
    assert int(rows["interventions"][0]) > 4 and rows["interventions"][1] == "0"
    assert rows["clean roads"] == ["0%", "100%"] and rows["back after a push"] == ["0%", "100%"]


def test_the_last_row_is_about_cars_that_were_pushed() -> None:
    given, seen = roads([1, 2]), []

    def straight_on(roads, pose, step):
        seen.append((step, pose))
        return 0 * pose.s

    assert command.scores(straight_on, given, seconds=1)[-1] == 0
    step, pose = seen[10]
    assert step == 0 and len(seen) == 10 + 60
    for mine, theirs in zip(pose, driving.pushed(given), strict=True):
        assert mine.tolist() == theirs.tolist()


def test_one_road_and_the_large_frames(saved, capsys, monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(
        command, "scores", lambda policy, given, **_: seen.append(policy) or [0] * 6
    )
    run(saved(seeded(pilotnet), (3, 66, 200)), "--tracks", "1", "--seed", "7")
    assert "net.bin: road 7, 35 s each, wind 1\n" in capsys.readouterr().out
    assert len(seen) == 2 and seen[1] is driving.pure_pursuit
    assert seen[0](roads([7]), driving.started(roads([7])), 0).shape == (1,)


def test_defaults_and_long_drives(saved, monkeypatch) -> None:
    found = []
    monkeypatch.setattr(
        command, "scores", lambda policy, given, **more: found.append((given, more)) or [0] * 6
    )
    run(saved(constant(0)))
    given, more = found[0]
    assert given.seeds.tolist() == list(range(1000, 1020)) and given.x.shape[1] == 1000
    assert more == {"wind": 1.0, "seconds": 35.0}
    run(saved(constant(0)), "--seconds", "120")
    assert found[-1][0].x.shape[1] == 2400


def test_a_missing_file(tmp_path) -> None:
    assert refusal(tmp_path / "no.bin") == f"There is no file {tmp_path / 'no.bin'}."
    assert "Is a directory" in refusal(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"abc", b"\x02\0\0\0{}", b"\x02\0\0\0[]", b"\x04\0\0\0null", b"\xff" * 100]
    + [b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", b"PK\x03\x04" + bytes(50)],
)
def test_a_file_that_holds_no_net(tmp_path, content) -> None:
    (tmp_path / "x.bin").write_bytes(content)
    assert refusal(tmp_path / "x.bin").startswith(f"{tmp_path / 'x.bin'} is no file of a net: ")


@pytest.mark.parametrize(
    "damage",
    [lambda c: c[:-1], lambda c: c[:-4], lambda c: c[:60], lambda c: c + bytes(4)]
    + [lambda c: c.replace(b'"linear"', b'"lineal"'), lambda c: c.replace(b'"op"', b'"pp"')]
    + [lambda c: c.replace(b"[3,32,96]", b"3        ")]
    + [lambda c: c.replace(b"[1,9216]", b"[9216]  ")],
)
def test_a_damaged_file(saved, damage) -> None:
    weights = saved(constant(0))
    content = damage(weights.read_bytes())
    assert content != weights.read_bytes()
    weights.write_bytes(content)
    assert "is no file of a net: " in refusal(weights)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite(saved, value) -> None:
    weights = saved(constant(0.5))
    bad = torch.tensor(value).numpy().tobytes()
    weights.write_bytes(weights.read_bytes()[:-4] + bad)  # the bias, a float32, comes last
    assert refusal(weights) == f"The net in {weights} has weights that are not finite."


@pytest.mark.parametrize("shape", [(1, 32, 96), (3, 32, 97), (3, 96, 32), (9216,)])
def test_frames_of_another_shape(saved, shape) -> None:
    weights = saved(nn.Sequential(nn.ReLU()), shape)
    assert refusal(weights) == (
        f"The net must take frames of shape (3, 32, 96) or (3, 66, 200); {weights} takes {shape}."
    )


def test_answers_of_another_shape(saved) -> None:
    flat = nn.Sequential(Fixed(1, 0), nn.Flatten(), nn.Linear(9216, 2))
    weights = saved(flat)
    said = "The net must say one curvature for a frame; "
    assert refusal(weights) == f"{said}{weights} says (2,)."
    weights = saved(nn.Sequential(Fixed(1, 0), nn.ReLU()))
    assert refusal(weights) == f"{said}{weights} says (3, 32, 96)."


def test_layers_that_do_not_fit(saved) -> None:
    weights = saved(nn.Sequential(Fixed(1, 0), nn.Flatten(), nn.Linear(10, 1)))
    assert refusal(weights).startswith(f"The net in {weights} cannot take frames of bytes: ")
    weights = saved(
        nn.Sequential(nn.Flatten(), nn.Linear(9216, 1))
    )  # nothing makes floats of bytes
    assert refusal(weights).startswith(f"The net in {weights} cannot take frames of bytes: ")


def test_curvatures_that_are_not_finite(saved) -> None:
    weights = saved(nn.Sequential(*constant(1e30), Fixed(1e30, 0)))
    text = refusal(weights, "--tracks", "1")
    assert text == f"The net in {weights} says a curvature that is not finite."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--tracks 0", "--tracks must be at least 1; got 0."),
        ("--tracks -3", "--tracks must be at least 1; got -3."),
        ("--seed -1", "--seed must lie between 0 and 4294967276; got -1."),
        ("--seed 4294967277", "--seed must lie between 0 and 4294967276; got 4294967277."),
        ("--wind -0.5", "--wind must lie between 0 (calm) and 10; got -0.5."),
        ("--wind nan", "--wind must lie between 0 (calm) and 10; got nan."),
        ("--wind inf", "--wind must lie between 0 (calm) and 10; got inf."),
        ("--seconds 0", "--seconds must lie between 0.1 and 3600; got 0."),
        ("--seconds nan", "--seconds must lie between 0.1 and 3600; got nan."),
    ],
)
def test_arguments_out_of_range(saved, arguments, sentence) -> None:
    assert refusal(saved(constant(0)), *arguments.split()) == sentence


@pytest.mark.parametrize("arguments", ["", "--weights x --tracks two", "--weights x --wind strong"])
def test_arguments_that_are_none(arguments, capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["drive", *arguments.split()])
    assert caught.value.code == 2
    assert re.search("error: .*--(weights|tracks|wind)", capsys.readouterr().err)


def test_a_net_is_read_as_the_package_reads_it(saved, tmp_path, monkeypatch) -> None:
    net = seeded().eval()
    weights = saved(net)
    read, shape = read_net(weights)
    assert shape == FRAME and not read.training
    frames = torch.randint(256, (2, *FRAME), dtype=torch.uint8)
    torch.testing.assert_close(read(frames), net(frames))
    monkeypatch.setattr("kbook.assets.nets.WEIGHTS", tmp_path / "assets" / "weights")
    torch.testing.assert_close(load_net("net")(frames), read(frames), rtol=0, atol=0)


def test_the_camera_is_the_nets(saved) -> None:
    _, camera = command._steering_net(saved(seeded(pilotnet), (3, 66, 200)))
    assert camera == Camera(66, 200)


def test_other_commands_do_not_load_torch(monkeypatch, tmp_path) -> None:
    monkeypatch.setitem(sys.modules, "kbook.cli.drive", None)
    with pytest.raises(SystemExit, match="There is no site"):
        main(["serve", "--folder", str(tmp_path)])
