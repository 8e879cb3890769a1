"""DriveSim: its roads, frames and drives against Python's, its link, score and person's wheel."""

from typing import Any, cast

import numpy as np
import pytest
import traitlets
from numpy.typing import NDArray

from kbook import driving
from kbook.assets.nets import WEIGHTS, load_net
from kbook.data import road, road_camera
from kbook.data.counter_hash import hashed
from kbook.widgets import DriveSim
from tests.js import Module

SETTING = {"seed": 3, "driver": "clone", "wind": 0.4, "light": 0.85, "noise": 7}
KEYS = ("s", "e", "psi")
RAINY = {"rain": (0.02, 0.03), "noise": (8.0, 12.0)}
# Doors for the tests: what holds typed arrays or a whole round does not travel as JSON.
DOORS = """
    function frameOf({ seed, look, pose, frame }) {
      const camera = makeCamera(32, 96);
      return Array.from(renderFrame(camera, drawRoad(seed, look), pose, frame));
    }
    function nodesOf(seed, look, length) {
      const { curvature, heading, x, y, look: drawn } = drawRoad(seed, look, length);
      return { nodes: [curvature, heading, x, y].map((a) => Array.from(a)), look: drawn };
    }
    function fixedDrive(seed, curvature, wind, decisions) {
      const one = drawRoad(seed);
      const poses = [];
      let pose = atStart();
      for (let step = 0; step < decisions; step += 1) {
        poses.push([pose.s, pose.e, pose.psi]);
        const held = curvature ?? purePursuit(one, pose);
        for (let k = 0; k < TICKS; k += 1) pose = tick(one, pose, held);
        pose = afterDecision(one, pose, step, wind).pose;
      }
      return poses;
    }
    function sessionDrive(setting, decisions, file) {
      const drive = startDrive(setting);
      const net = file ? parseNet(Uint8Array.from(file)) : null;
      const own = { light: 1, noise: drive.road.look.noise };
      const poses = [];
      for (let k = 0; k < decisions * TICKS; k += 1) {
        if (k % TICKS === 0) poses.push([drive.pose.s, drive.pose.e, drive.pose.psi]);
        driveTick(drive, { ...own, ...setting }, net);
      }
      return { poses, score: scoreOf(drive), over: isOver(drive), text: scoreText(drive) };
    }
    function wheel(wishes) {
      const setting = { seed: 0, driver: "you", wind: 0, light: 1, noise: 0 };
      const drive = startDrive(setting);
      return wishes.map((wish) => {
        [drive.wish, drive.pose] = [wish, atStart()]; // nobody takes this car's wheel
        driveTick(drive, setting, null);
        return drive.curvature;
      });
    }
    const CALM = { seed: 0, driver: "expert", wind: 0, light: 1, noise: 3 };
    function ticks(drive, setting, count, net) {
      for (let k = 0; k < count; k += 1) driveTick(drive, setting, net);
    }
    function pushedDrive(side) { // 62 ticks are in the middle of a tenth of a second
      const drive = startDrive(CALM);
      ticks(drive, CALM, 62, null);
      push(drive, side);
      ticks(drive, CALM, 4, null);
      const { s, e } = drive.pose;
      ticks(drive, CALM, 1, null);
      return { s, waiting: e, seen: drive.past.at(-1), curvature: drive.curvature };
    }
    function afterPushes(driver, seeds, file) { // the largest |e| in the 6 s after a push 2 to 6 s from the start
      const net = file ? parseNet(Uint8Array.from(file)) : null;
      return seeds.map((seed) => {
        const [setting, drive] = [{ ...CALM, seed, driver }, startDrive({ ...CALM, seed, driver })];
        ticks(drive, setting, 121 + 11 * (seed % 20), net);
        push(drive, seed % 2 ? 1 : -1);
        ticks(drive, setting, 360, net);
        return { most: Math.max(...drive.past.map(Math.abs)), taken: drive.tally.interventions };
      });
    }
    function tallies(changes) { // a second under each change of the setting, one after the other
      const drive = startDrive(CALM);
      let setting = CALM;
      return changes.map((change) => {
        setting = { ...setting, ...change };
        if (change.push) push(drive, 1);
        ticks(drive, setting, 60, null);
        return { ...scoreOf(drive), driver: drive.driver, isFair: drive.isFair, s: drive.pose.s };
      });
    }
    function wholeRound(change, at) {
      const drive = startDrive(CALM);
      ticks(drive, CALM, at, null);
      if (change.push) push(drive, 1);
      ticks(drive, { ...CALM, ...change }, 3600 - at, null);
      return { alike: wholeScore(drive, CALM), changed: wholeScore(drive, { ...CALM, ...change }) };
    }
    const finished = (setting, interventions, off, isFair = true) => ({
      step: 600, from: 0, tally: { decisions: 600, interventions, off: 600 * off }, begun: setting, isFair,
    });
    const coded = (setting, ...drive) => encodeDrive(setting, finished(setting, ...drive));
    function patches(file, data, places) {
      const map = new Array(96).fill(0);
      const tensor = { shape: [3, 32, 96], data: Float32Array.from(data) };
      const net = parseNet(Uint8Array.from(file));
      const said = runNet(net, tensor).data[0];
      places.forEach((place) => occludePatch(net, tensor, said, map, place));
      return { map, same: data.every((value, i) => value === tensor.data[i]) };
    }
"""


@pytest.fixture(scope="module")
def javascript() -> Module:
    module = Module("drive_sim")
    module._engine.eval(DOORS)
    return module


def run(javascript: Module, function: str, *arguments: object) -> Any:
    return cast(Any, javascript.call(function, *arguments))


def test_the_hash_has_pythons_bits(javascript: Module) -> None:
    rng = np.random.default_rng(0)
    for count in (1, 2, 3, 4):
        for counters in rng.integers(2**32, size=(30, count)).tolist():
            assert run(javascript, "hashed", *counters) == int(hashed(*counters).item())


@pytest.mark.parametrize("look", [road.DAY, road.ANY], ids=["day", "any"])
def test_roads_and_their_looks_are_pythons(javascript: Module, look: Any) -> None:
    for seed in (0, 7, 1003, 2**32 - 1):
        ours = run(javascript, "nodesOf", seed, dict(look), 700)
        theirs = road.roads([seed], look, length=700)
        nodes = np.concatenate([theirs.curvature, theirs.heading, theirs.x, theirs.y])
        np.testing.assert_allclose(ours["nodes"], nodes, rtol=0, atol=1e-9)
        assert list(ours["look"]) == list(road.LOOKS)
        for name, value in ours["look"].items():
            assert value == pytest.approx(theirs.look[name][0], abs=1e-12)


@pytest.mark.parametrize("look", [road.DAY, road.ANY, RAINY], ids=["day", "any", "rain"])
def test_frames_are_pythons(javascript: Module, look: Any) -> None:
    rng = np.random.default_rng(1)
    for seed in rng.integers(2**32, size=8).tolist():
        where = [rng.uniform(*bounds) for bounds in ((0, 400), (-0.9, 0.9), (-0.2, 0.2))]
        frame = int(rng.integers(10**6))
        case = {"seed": seed, "look": dict(look), "frame": frame}
        ours = run(javascript, "frameOf", {**case, "pose": dict(zip(KEYS, where, strict=True))})
        pose = road.Pose(np.array([0]), *(np.array([value]) for value in where))
        given = road.roads([seed], look)
        theirs = road_camera.render(given, pose, np.array([frame])).numpy().ravel()
        apart = np.abs(np.array(ours) - theirs.astype(int))
        assert apart.max() <= 2 and (apart > 0).mean() < 0.01


def driven(policy: driving.Policy, seed: int, wind: float) -> tuple[driving.Drive, NDArray[Any]]:
    drive = driving.drive(policy, road.roads([seed], length=700), 30, wind=wind)
    return drive, np.stack([drive.pose.s, drive.pose.e, drive.pose.psi], axis=-1)[:, 0]


@pytest.mark.parametrize("wind", [0, 1])
@pytest.mark.parametrize("curvature", [None, 0.002], ids=["expert", "fixed"])
def test_cars_move_as_pythons(javascript: Module, curvature: float | None, wind: float) -> None:
    for seed in (1, 1000, 1004):
        fixed: driving.Policy = lambda *_: np.array([curvature])  # noqa: E731
        _, theirs = driven(fixed if curvature else driving.pure_pursuit, seed, wind)
        ours = run(javascript, "fixedDrive", seed, curvature, wind, 300)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=0.01)


@pytest.mark.parametrize(("seed", "wind"), [(0, 0), (4, 1)])
def test_a_net_drives_as_pythons(javascript: Module, seed: int, wind: float) -> None:
    drive, theirs = driven(driving.seeing(load_net("drive_dagger_0")), 1000 + seed, wind)
    file = list((WEIGHTS / "drive_dagger_0.bin").read_bytes())
    setting = {"seed": seed, "driver": "dagger", "wind": wind}
    ours = run(javascript, "sessionDrive", setting, 300, file)
    np.testing.assert_allclose(ours["poses"], theirs, rtol=0, atol=0.05)
    assert ours["score"]["interventions"] == driving.score(drive).interventions


def test_the_score_is_pythons(javascript: Module) -> None:
    """Nobody steers: the car leaves the line again and again."""
    setting = {"seed": 2, "driver": "you", "wind": 1}
    ours = run(javascript, "sessionDrive", setting, 300, None)
    drive, theirs = driven(lambda *_: np.zeros(1), 1002, 1)
    want = driving.score(drive)
    assert want.interventions > 2
    np.testing.assert_allclose(ours["poses"], theirs, atol=1e-9)
    assert ours["score"]["interventions"] == want.interventions
    assert ours["score"]["autonomy"] == pytest.approx(want.autonomy)
    assert ours["score"]["mean"] == pytest.approx(want.mean)
    assert ours["score"]["seconds"] == pytest.approx(30) and ours["score"]["meters"] == 300
    assert f"{want.interventions} interventions, {100 * want.mean:.0f} cm" in ours["text"]
    assert not ours["over"]


def test_a_round_is_a_minute(javascript: Module) -> None:
    over = run(javascript, "sessionDrive", {"seed": 2, "driver": "expert", "wind": 0}, 700, None)
    assert over["over"] and over["score"]["seconds"] == pytest.approx(60)
    assert over["score"]["autonomy"] == 1 and over["text"].startswith(
        "Expert, 60 s: autonomy 100 %, 0 "
    )


def test_a_persons_wheel_takes_its_time_and_returns(javascript: Module) -> None:
    left = np.array(run(javascript, "wheel", [1] * 60 + [0] * 60 + [-0.5] * 60))
    turned = np.diff(left, prepend=0)
    assert np.abs(turned).max() == pytest.approx(0.25 / 60), "1/m a second"
    assert left[59] == pytest.approx(0.09) and left[119] == pytest.approx(0)
    assert left[179] == pytest.approx(-0.045) and np.abs(left).max() <= 0.09 + 1e-12


@pytest.mark.parametrize("side", [1, -1])
def test_a_push_is_that_of_python(javascript: Module, side: int) -> None:
    """It waits for the next decision, and the driver sees where it put the car."""
    given = road.roads([1000], length=700)
    want = driving.pushed(road.roads([0, 1]))
    car = 0 if side == 1 else 1
    ours = run(javascript, "pushedDrive", side)
    assert abs(ours["waiting"]) < 0.3 and ours["seen"] == want.e[car]
    pose = road.Pose(
        np.array([0]), *(np.array([v]) for v in (ours["s"], want.e[car], want.psi[car]))
    )
    assert ours["curvature"] == pytest.approx(driving.pure_pursuit(given, pose)[0], abs=1e-9)


def test_the_expert_comes_back_from_every_push(javascript: Module) -> None:
    back = run(javascript, "afterPushes", "expert", list(range(20)), None)
    assert all(one["taken"] == 0 and 0.7 <= one["most"] < 1 for one in back)


def test_dagger_comes_back_from_nearly_every_push(javascript: Module) -> None:
    file = list((WEIGHTS / "drive_dagger_0.bin").read_bytes())
    back = run(javascript, "afterPushes", "dagger", list(range(10)), file)
    assert sum(one["taken"] == 0 for one in back) >= 9


def test_nobody_inherits_a_score(javascript: Module) -> None:
    """A driver that lets go comes off the line; who takes over then starts from nothing."""
    idle: list[dict[str, Any]] = [{"driver": "you", "wind": 2}] * 8
    *before, last, first, second = run(javascript, "tallies", [*idle, {"driver": "expert"}, {}])
    assert last["driver"] == "you" and last["interventions"] > 0 and last["seconds"] == 8
    assert first["driver"] == "expert" and first["interventions"] == 0
    assert (first["seconds"], second["seconds"]) == (pytest.approx(1), pytest.approx(2))
    assert last["s"] < first["s"] < last["s"] + 11, "the car goes on where it is"
    assert [one["isFair"] for one in (*before, last, first)] == [True] * 8 + [False]


@pytest.mark.parametrize("change", [{"driver": "you"}, {"wind": 1}, {"light": 0.5}, {"noise": 9}])
def test_only_one_driver_under_one_setting_makes_a_record(
    javascript: Module, change: dict[str, Any]
) -> None:
    begun = run(javascript, "wholeRound", change, 60)
    assert begun == {"alike": None, "changed": None}, "changed on the way"
    ended = run(javascript, "wholeRound", change, 3600)
    assert ended["alike"]["seconds"] == pytest.approx(60) and ended["changed"] is None
    assert run(javascript, "wholeRound", {"push": True}, 60)["alike"] is None
    assert run(javascript, "wholeRound", {}, 60)["alike"]["autonomy"] == 1


def test_words_name_the_driver(javascript: Module) -> None:
    score = {"autonomy": 0.97, "mean": 0.12}
    said = run(javascript, "challengeText", "clone", score)
    assert said == "The cloned net drove this road with 97 %, 12 cm. Can you do better?"
    assert run(javascript, "challengeText", "you", score).startswith("Your friend drove")
    assert "%" not in run(javascript, "challengeText", "clone", None)
    both = {"name": "You", "score": {"autonomy": 1, "mean": 0.19}}, {"name": "he", "score": score}
    assert run(javascript, "compareText", *both) == "You 100 %, 19 cm; he 97 %, 12 cm."


@pytest.mark.parametrize(
    ("held", "wish"),
    [
        ([], 0),
        (["arrowleft"], 1),
        (["d"], -1),
        (["arrowleft", "arrowright"], -1),
        (["arrowright", "a"], 1),
    ],
)
def test_the_last_key_held_steers(javascript: Module, held: list[str], wish: int) -> None:
    assert run(javascript, "wishOf", held) == wish


@pytest.mark.parametrize(
    ("moved", "meaning"),
    [
        ((0, 0, 20), ""),
        ((3, -4, 119), ""),
        ((0, 2, 120), "steer"),
        ((-12, 5, 20), "steer"),
        ((5, -12, 20), "scroll"),
        ((5, 12, 500), "scroll"),
    ],
)
def test_what_a_finger_means(javascript: Module, moved: tuple[int, int, int], meaning: str) -> None:
    assert run(javascript, "meaningOf", *moved) == meaning


@pytest.mark.parametrize(
    "change", [{}, {"driver": "you", "seed": 9999}, {"wind": 2, "light": 1.3, "noise": 0}]
)
@pytest.mark.parametrize("is_fair", [True, False])
def test_a_link_comes_back(javascript: Module, change: dict[str, Any], is_fair: bool) -> None:
    setting = {**SETTING, **change}
    text = run(javascript, "coded", setting, 2, 0.123, is_fair)
    opened = run(javascript, "decodeDrive", text)
    score = {"autonomy": 0.8, "mean": 0.12} if is_fair else None
    assert opened == {"setting": setting, "score": score}
    assert len(text) < 60 and set(text) <= set("0123456789.~abcdefghijklmnopqrstuvwxyz")


def test_a_damaged_link_is_one_sentence(javascript: Module) -> None:
    text = run(javascript, "coded", SETTING, 2, 0.123)
    damaged = ["", "nonsense", "A" * 6000, "~" * 9, text[:-1], text[1:], text + "1", "1" + text[1:]]
    damaged += [text.replace("clone", "clown"), text.replace("~3~", "~4~")]
    # With a right mark, as a person who knows the rule would write it.
    wrong = [{"seed": 1.5}, {"seed": -1}, {"seed": 10_000}, {"wind": 3}, {"light": 0.1}]
    wrong += [{"noise": 21}, {"noise": "x"}, {"driver": "toString"}, {"wind": ""}]
    damaged += [run(javascript, "coded", {**SETTING, **one}, 2, 0.1) for one in wrong]
    damaged += [run(javascript, "coded", SETTING, *one) for one in ((-1, 0.1), (2, 1.1))]
    for one in damaged:
        opened = run(javascript, "decodeDrive", one)
        assert list(opened) == ["problem"], one
        assert opened["problem"].startswith("This link is damaged:")


def test_a_patch_under_its_mean_color(javascript: Module) -> None:
    net = load_net("drive_clone_0")
    file = list((WEIGHTS / "drive_clone_0.bin").read_bytes())
    pose = road.Pose(np.array([0]), np.array([60.0]), np.array([0.3]), np.array([0.05]))
    frame = road_camera.render(road.roads([1001]), pose, np.array([0]))
    places = [0, 40, 53, 95]
    ours = run(javascript, "patches", file, frame.flatten().tolist(), places)
    assert ours["same"], "the frame itself stays as it was"
    for place in places:
        covered, (row, column) = frame.float(), (place // 12, place % 12)
        patch = covered[:, :, 4 * row : 4 * row + 4, 8 * column : 8 * column + 8]
        patch[:] = patch.mean(dim=(2, 3), keepdim=True)
        want = abs((net(covered) - net(frame.float())).item())
        assert ours["map"][place] == pytest.approx(want, abs=1e-6)
    assert sum(value > 0 for value in ours["map"]) <= len(places) and max(ours["map"]) > 1e-4


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("seed", -1, "want seed from 0 to 9999, got -1"),
        ("seed", 10_000, "want seed from 0 to 9999, got 10000"),
        ("wind", 2.1, "want wind from 0 to 2, got 2.1"),
        ("light", 0.2, "want light from 0.3 to 1.3, got 0.2"),
        ("noise", 20.5, "want noise from 0 to 20, got 20.5"),
        ("noise", float("nan"), "want noise from 0 to 20, got nan"),
        ("driver", "robot", "'clone', 'dagger'"),
        ("seed", 1.5, "expected an int"),
    ],
)
def test_traits_refuse_what_the_road_has_not(name: str, value: object, message: str) -> None:
    with pytest.raises(traitlets.TraitError, match=message):
        DriveSim(**{name: value})
    widget = DriveSim()
    before = widget.state()
    with pytest.raises(traitlets.TraitError):
        setattr(widget, name, value)
    assert widget.state() == before
