"""Checkpoint: a training that was killed ends with the bits of one that was not."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from kbook.data import Batches
from kbook.training import Checkpoint, EarlyStopping, History, Run, every, fit
from tests import resumable
from tests.resumable import CASES, KILLED_AT, PER_EPOCH, SAVES, STEPS, Parts, file_of, parts, train

ROOT = Path(__file__).parents[2]


class Killed(BaseException):
    """End a training without a word, as a kill does, but leave the process alive."""


def kill_at(step: int) -> Callable[[Run], None]:
    def kill(run: Run) -> None:
        if run.step == step:
            raise Killed

    return kill


def killed(parts: Parts, checkpoint: Checkpoint, step: int) -> None:
    with pytest.raises(Killed):
        train(parts, checkpoint, [kill_at(step)])


def next_draws(parts: Parts) -> list[torch.Tensor]:
    """Return what would be drawn next, from torch's generator and from the batches' own, if any."""
    own = getattr(parts.batches, "generator", None)
    return [torch.rand(4), *([torch.rand(4, generator=own)] if own else [])]


def left(parts: Parts, history: History) -> dict[str, Any]:
    """Return all that a training leaves behind, what it would draw next included."""
    return {
        "weights": parts.model.state_dict(),
        "memory": parts.optimizer.state_dict()["state"],
        "history": vars(history),
        "tally": parts.tally.average,
        "next": next_draws(parts),
    } | {"rates": [group["lr"] for group in parts.optimizer.param_groups]}


def assert_same_bits(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one["history"] == other["history"]
    del one["history"], other["history"]
    assert_close(one, other, rtol=0, atol=0)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Use one thread, as the processes that are killed do: another number adds in another order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@cache
def _uninterrupted(case: str) -> tuple[Parts, History, list[torch.Tensor]]:
    whole = parts(case)
    history = train(whole)
    return whole, history, next_draws(whole)


def uninterrupted(case: str) -> dict[str, Any]:
    whole, history, draws = _uninterrupted(case)
    return left(whole, history) | {"next": draws}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of checkpoints that killed processes left."""
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-m", "tests.resumable", str(folder)]
    subprocess.run(command, check=True, cwd=ROOT, timeout=120)
    return folder


@pytest.mark.parametrize("saves", SAVES)
@pytest.mark.parametrize("case", CASES)
def test_a_killed_process_is_taken_up_bit_for_bit(files: Path, case: str, saves: int) -> None:
    path = file_of(files, case, saves)
    # Seed 5: other weights and other orders, unless everything comes out of the file
    second, steps_here = parts(case, seed=5), []
    history = train(second, Checkpoint(path), [lambda run: steps_here.append(run.step)])
    assert steps_here == list(range(KILLED_AT // saves * saves + 1, STEPS + 1))
    assert_same_bits(left(second, history), uninterrupted(case))


def test_killed_before_the_first_save_starts_afresh(files: Path) -> None:
    path = file_of(files, "batches", STEPS)
    assert not path.exists()
    second = parts("batches")
    assert_same_bits(left(second, train(second, Checkpoint(path))), uninterrupted("batches"))


@pytest.mark.parametrize("case", CASES)
def test_killed_again_and_again(tmp_path: Path, case: str) -> None:
    """Twice in one epoch, then with an epoch's last step, then its first, as the last saved."""
    path = tmp_path / "run.pt"
    for seed, step in enumerate((3, 5, PER_EPOCH + 1, PER_EPOCH + 2)):
        killed(parts(case, seed), Checkpoint(path, every=1), step)
    last = parts(case, seed=9)
    assert_same_bits(left(last, train(last, Checkpoint(path))), uninterrupted(case))


def test_callbacks_come_before_the_save(tmp_path: Path) -> None:
    """What a callback of step 100 noted is in the file of step 100."""
    killed(parts("list"), Checkpoint(tmp_path / "run.pt", every=100), 101)
    saved = torch.load(tmp_path / "run.pt", weights_only=True)
    assert (saved["step"], list(saved["history"]["measures"]["loss"])) == (100, [100])


def test_a_finished_training_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = Checkpoint(tmp_path / "run.pt", every=1000)
    train(parts("list"), checkpoint)
    written, again = checkpoint.path.read_bytes(), parts("list", seed=5)
    history = train(again, checkpoint, [kill_at(STEPS)])
    assert_same_bits(left(again, history), uninterrupted("list"))
    assert checkpoint.path.read_bytes() == written
    assert capsys.readouterr().out == (
        "run.pt: this training is done; delete the file to train again.\n"
    )


def test_a_training_stopped_by_a_callback_stays_stopped(tmp_path: Path) -> None:
    def stop(run: Run) -> None:
        if run.step == 30:
            run.stop("enough")

    checkpoint = Checkpoint(tmp_path / "run.pt")
    train(parts("list"), checkpoint, [stop])
    history = train(parts("list", seed=5), checkpoint, [kill_at(31)])
    assert (len(history.loss), history.stopped) == (30, "enough")


def test_a_longer_training_goes_on_from_a_finished_one(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "run.pt")
    train(parts("list"), checkpoint, steps=30)
    assert len(train(parts("list"), checkpoint, steps=40).loss) == 40


def test_delete_starts_afresh(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "new" / "folder" / "run.pt")
    checkpoint.delete()  # nothing there yet
    train(parts("list"), checkpoint, steps=10)
    checkpoint.delete()
    assert list(checkpoint.path.parent.iterdir()) == []


@pytest.mark.parametrize("interval", [0, -1])
def test_every_is_at_least_one(interval: int) -> None:
    with pytest.raises(ValueError, match=f"every to be at least 1 step; got {interval}"):
        Checkpoint("run.pt", every=interval)


def test_early_stopping_within_every_is_saved_too(tmp_path: Path) -> None:
    """`EarlyStopping` itself recommends to be wrapped in `every`."""

    def run(checkpoint: Checkpoint, *more: Callable[[Run], None]) -> EarlyStopping:
        model = nn.Linear(1, 1)
        stopping = EarlyStopping(lambda model: 1.0, patience=100)
        fit(
            model,
            Batches(torch.ones(2, 1), torch.ones(2, 1), 1),
            torch.optim.SGD(model.parameters(), lr=0.1),
            steps=20,
            loss=nn.functional.mse_loss,
            callbacks=[every(2, stopping), *more],
            checkpoint=checkpoint,
            progress=False,
        )
        return stopping

    checkpoint = Checkpoint(tmp_path / "run.pt", every=10)
    with pytest.raises(Killed):
        run(checkpoint, kill_at(11))
    assert run(checkpoint).waited == 20 / 2 - 1  # the first measurement was the lowest


# --- nothing but what was saved: test_training_foreign.py has the files that do not fit ----------


def test_a_kill_while_saving_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = Checkpoint(tmp_path / "run.pt", every=1)
    killed(parts("list"), checkpoint, 5)
    written = checkpoint.path.read_bytes()

    def half(state: object, path: Path) -> None:
        Path(path).write_bytes(written[: len(written) // 2])
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(torch, "save", half)
        train(parts("list"), checkpoint)
    assert checkpoint.path.read_bytes() == written
    last = parts("list", seed=5)
    history = train(last, Checkpoint(checkpoint.path))
    assert_same_bits(left(last, history), uninterrupted("list"))


def test_a_save_does_not_write_into_the_old_file(tmp_path: Path) -> None:
    """Whoever has it open reads on in the old one: so at no moment is there half a file."""
    checkpoint = Checkpoint(tmp_path / "run.pt", every=1)
    killed(parts("list"), checkpoint, 5)
    written = checkpoint.path.read_bytes()
    with checkpoint.path.open("rb") as old:
        killed(parts("list"), checkpoint, 8)
        assert checkpoint.path.read_bytes() != written == old.read()


def test_a_save_leaves_no_draft(tmp_path: Path) -> None:
    train(parts("list"), Checkpoint(tmp_path / "run.pt"), steps=10)
    assert os.listdir(tmp_path) == ["run.pt"]


def test_the_cases_draw_at_random() -> None:
    """Else they would not show a random state that was forgotten."""
    for case in CASES:
        one, other = parts(case), parts(case)
        torch.manual_seed(99)
        other.generator.manual_seed(98)
        assert train(one, steps=9) != train(other, steps=9), case
    assert len(list(resumable.ours(torch.Generator()))) == PER_EPOCH
