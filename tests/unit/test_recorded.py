import json
import platform
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch

import kbook
from kbook import recorded

VALUES = {
    "test accuracy (%)": 97.22222222,
    "parameters": 1727962,
    "loss": [2.302585, 0.5, 1e-7],
    "curve": [2.3, 2.2, 2.1, 1.9, 1.5, 1.0, 0.123456],
    "converged": True,
    "note": "plain <SGD> & no momentum",
}
STORED = {
    "name": "01_run",
    "values": VALUES,
    "seconds": 271.8,
    "date": "2026-08-30T12:13:14Z",
    "device": "Tesla T4",
    "versions": {"torch": "2.11.0", "numpy": "2.1.3", "python": "3.13.1", "kbook": "0.1.0"},
    "commit": "0123456789abcdef0123456789abcdef01234567",
    "data": "digits, sha256 12ab",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Give the package an empty folder of records."""
    folder = tmp_path / "installed"
    folder.mkdir()
    monkeypatch.setattr(recorded, "FOLDER", folder)
    monkeypatch.delenv("KBOOK_RECORD", raising=False)
    return folder


@pytest.fixture
def stored(package):
    (package / "01_run.json").write_text(json.dumps(STORED))
    return package


@pytest.fixture
def shown(monkeypatch):
    caught = []
    monkeypatch.setattr(recorded, "display", lambda data, raw: caught.append(data))
    return caught


@pytest.fixture
def record(tmp_path, monkeypatch, package, shown):
    """Return a function that records values and gives back what was written."""

    def run(values=VALUES, name="01_run", **more):
        folder = tmp_path / "new" / "records"
        monkeypatch.setenv("KBOOK_RECORD", str(folder))
        recorded.card(name, lambda: values, **more)
        assert [file.name for file in folder.iterdir()] == [f"{name}.json"]  # and no draft
        return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))

    return run


def unmeasured():
    raise AssertionError("must not measure")


class Cells(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.cells = [], {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.cells.setdefault(self.tags[-1], []).append(data)


def test_a_record_is_shown_with_its_origin(stored, shown):
    recorded.card("01_run", unmeasured)
    [data] = shown
    page = Cells(data["text/html"])
    assert page.cells["th"] == list(VALUES)
    assert page.cells["td"] == [
        "97.22",
        "1,727,962",
        "2.303, 0.5, 1e-07",
        "2.3 … 0.1235 (7 values)",
        "yes",
        "plain <SGD> & no momentum",
    ]
    assert page.cells["p"] == [
        "Measured on 2026-08-30 in 5 minutes on Tesla T4; torch 2.11.0, numpy 2.1.3, "
        "python 3.13.1, kbook 0.1.0; commit 0123456789ab. Data: digits, sha256 12ab."
    ]
    assert "caption" in page.tags and 'class="kbook-record"' in data["text/html"]
    text = data["text/plain"]
    assert text.splitlines()[0] == "Recorded run 01_run"
    assert "  test accuracy (%): 97.22" in text and page.cells["p"][0] in text


def test_the_card_brings_no_color_of_its_own(stored, shown):
    recorded.card("01_run", unmeasured)  # or it could not be read on one of light and dark
    styles = shown[0]["text/html"]
    assert "currentColor" in styles and "#" not in styles and "background" not in styles


def test_an_empty_card_says_how_to_fill_it(package, shown):
    recorded.card("05_resnet20", unmeasured)
    [data] = shown
    assert data["text/plain"] == "Not yet recorded: `make record NB=05_resnet20` measures it."
    assert "<code>make record NB=05_resnet20</code>" in data["text/html"]
    assert 'class="kbook-record"' in data["text/html"]


@pytest.mark.parametrize("profile", [None, "quick", "full"])
def test_a_run_that_takes_a_gpu_is_measured_in_the_full_profile_alone(
    package, shown, monkeypatch, profile
):
    monkeypatch.setenv("KBOOK_RECORD", str(package))
    monkeypatch.delenv("KBOOK_PROFILE", raising=False)
    if profile:
        monkeypatch.setenv("KBOOK_PROFILE", profile)
    recorded.card("05_cifar", lambda: {"loss": 0.5}, gpu=True)
    [data] = shown
    if profile == "full":
        assert "loss: 0.5" in data["text/plain"] and "0.5" in data["text/html"]
    else:
        assert not list(package.iterdir())
        how = "KBOOK_PROFILE=full make record NB=05_cifar"
        assert data["text/plain"] == f"Not yet recorded: `{how}` measures it."
        assert f"<code>{how}</code>" in data["text/html"]


def test_one_card_may_be_asked_for(package, shown, monkeypatch):
    monkeypatch.setenv("KBOOK_RECORD", str(package))
    monkeypatch.setenv("KBOOK_CARD", "05_wanted")
    recorded.card("05_other", unmeasured)
    recorded.card("05_wanted", lambda: {"loss": 0.5})
    assert [file.name for file in package.iterdir()] == ["05_wanted.json"]


def test_where_no_gpu_is_the_card_shows_the_record_of_another_machine(stored, shown, monkeypatch):
    monkeypatch.setenv("KBOOK_RECORD", str(stored))
    monkeypatch.setenv("KBOOK_PROFILE", "quick")
    recorded.card("01_run", unmeasured, gpu=True)
    recorded.card("01_run", unmeasured, gpu=True)
    assert "on Tesla T4" in shown[0]["text/plain"] and shown[0] == shown[1]
    assert recorded.load("01_run") == STORED


def test_a_run_without_a_gpu_is_measured_in_any_profile(record, monkeypatch):
    for profile in ("quick", "full"):
        monkeypatch.setenv("KBOOK_PROFILE", profile)
        assert record()["values"] == VALUES


def test_a_run_that_takes_a_gpu_is_not_measured_when_nobody_records(package, shown, monkeypatch):
    monkeypatch.setenv("KBOOK_PROFILE", "full")
    recorded.card("05_cifar", unmeasured, gpu=True)
    assert shown[0]["text/plain"].startswith("Not yet recorded")


def test_a_brief_card_says_where_and_leaves_the_values_out(stored, shown):
    recorded.card("01_run", unmeasured)
    recorded.card("01_run", unmeasured, brief=True)
    for kind in ("text/plain", "text/html"):
        whole, brief = (data[kind] for data in shown)
        for label in STORED["values"]:
            assert label in whole and label not in brief
        assert "on Tesla T4" in brief and "01_run" in brief


def test_load_gives_the_unrounded_record(stored):
    assert recorded.load("01_run") == STORED


def test_an_unknown_name_says_how_to_record_it(stored):
    with pytest.raises(FileNotFoundError) as caught:
        recorded.load("02_backprop")
    assert str(caught.value) == (
        "'02_backprop' is not yet recorded: `make record NB=02_backprop` measures it."
    )


@pytest.mark.parametrize("name", ["", "run", "1_run", "../01_run", "01_run/../x", "01_Run", 1])
def test_a_name_that_is_no_name_is_refused(package, shown, name):
    for call in (lambda: recorded.load(name), lambda: recorded.card(name, unmeasured)):
        with pytest.raises(ValueError, match=r"^A record's name is .*; got .*\.$"):
            call()


def test_a_recording_keeps_every_digit_and_says_where_it_was_made(record, shown, capsys):
    written = record(data="digits, sha256 12ab")
    assert written["values"] == VALUES and list(written["values"]) == list(VALUES)
    assert written["data"] == "digits, sha256 12ab"
    assert written["versions"]["python"] == platform.python_version()
    assert written["versions"]["kbook"] == kbook.__version__
    assert torch.__version__.startswith(written["versions"]["torch"].split("+")[0])
    threads = torch.get_num_threads()
    assert f"({threads} torch thread{'s' * (threads > 1)})" in written["device"]
    assert shown[0]["text/plain"].startswith("Not yet recorded")  # still the package's own
    assert capsys.readouterr().out == ""  # what is stored must not depend on recording


def test_a_recording_into_the_package_is_shown_at_once(package, shown, monkeypatch):
    monkeypatch.setenv("KBOOK_RECORD", str(package))
    recorded.card("01_run", lambda: {"loss": 0.25})
    assert "loss: 0.25" in shown[0]["text/plain"]
    assert recorded.load("01_run")["values"] == {"loss": 0.25}


def test_arrays_and_their_scalars_become_plain_numbers(record):
    values = {
        "numpy": np.float32(0.5),
        "count": np.int64(3),
        "curve": np.array([1.0, 0.5]),
        "torch": torch.tensor(0.25),
        "pair": (np.bool_(True), "x"),
    }
    assert record(values)["values"] == {
        "numpy": 0.5,
        "count": 3,
        "curve": [1.0, 0.5],
        "torch": 0.25,
        "pair": [True, "x"],
    }


@pytest.mark.parametrize(
    ("values", "error"),
    [({"loss": np.nan}, ValueError), ({"loss": [1.0, float("inf")]}, ValueError)]
    + [({"loss": {"a": 1}}, TypeError), ({"loss": None}, TypeError)]
    + [({}, TypeError), (0.5, TypeError), (None, TypeError)],
)
def test_what_no_card_can_show_is_refused_and_not_written(record, package, values, error):
    with pytest.raises(error, match=r"^(measure|'loss') must .*\.$"):
        record(values)
    assert not list(package.parent.rglob("*.json"))


def test_a_run_that_breaks_leaves_the_old_record(stored, shown, monkeypatch):
    monkeypatch.setenv("KBOOK_RECORD", str(stored))
    with pytest.raises(ZeroDivisionError):
        recorded.card("01_run", lambda: {"loss": 1 / 0})
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError):
        recorded.card("01_run", lambda: {"loss": 1.0})
    assert recorded.load("01_run") == STORED


def test_seconds_are_those_of_the_measurement(record, monkeypatch):
    clock = iter([10.0, 22.5])
    monkeypatch.setattr(recorded.time, "perf_counter", lambda: next(clock))
    assert record()["seconds"] == 12.5


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0123, "0.0123 seconds"), (119, "119 seconds"), (600, "10 minutes"), (9000, "2.5 hours")],
)
def test_durations_are_said_in_a_fitting_unit(stored, shown, seconds, said):
    (stored / "01_run.json").write_text(json.dumps({**STORED, "seconds": seconds, "data": None}))
    recorded.card("01_run", unmeasured)
    assert f" in {said} on " in shown[0]["text/plain"]
    assert "Data:" not in shown[0]["text/plain"]


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.0, "0"),
        (-0.12345, "-0.1235"),
        (9999.4, "9999"),
        (9999.6, "10,000"),
        (12345.6, "12,346"),
        (10, "10"),
    ]
    + [(False, "no"), ([], ""), ([1, 2, 3], "1, 2, 3"), (2.5e-9, "2.5e-09"), (1e20, "1e+20")],
)
def test_numbers_have_four_digits(stored, shown, value, printed):
    (stored / "01_run.json").write_text(json.dumps({**STORED, "values": {"value": value}}))
    recorded.card("01_run", unmeasured)
    assert f"\n  value: {printed}\n" in shown[0]["text/plain"]


def test_the_gpu_is_named_only_if_it_was_used(record, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda *_: "Test GPU 1")
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda *_: 0)
    assert "GPU" not in record()["device"]
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda *_: 4096)
    assert record()["device"] == "Test GPU 1"


def git(folder, *arguments):
    settings = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *settings, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Pretend that kbook runs from a checkout of one commit."""
    root = tmp_path / "checkout"
    for folder in ("kbook/assets/recorded", "notebooks"):
        (root / folder).mkdir(parents=True)
    (root / "kbook/__init__.py").write_text("")
    git(tmp_path, "init", "--quiet", str(root))
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "first")
    monkeypatch.setattr(kbook, "__file__", str(root / "kbook/__init__.py"))
    return root


def test_a_clean_checkout_gives_its_commit(checkout, record):
    (checkout / "kbook/assets/recorded/02_other.json").write_text("{}")  # an earlier recording
    (checkout / "README.md").write_text("computes nothing")
    assert record()["commit"] == git(checkout, "rev-parse", "HEAD")


@pytest.mark.parametrize("changed", ["kbook/__init__.py", "kbook/new.py", "notebooks/01.ipynb"])
def test_a_changed_checkout_is_uncommitted(checkout, record, changed):
    (checkout / changed).write_text("changed")
    assert record()["commit"] == "uncommitted"


def test_without_git_the_commit_is_unknown(checkout, record, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert record()["commit"] == "unknown"


@pytest.mark.parametrize(
    ("note", "commit"),
    [('{"url": "u", "vcs_info": {"vcs": "git", "commit_id": "4f2a"}}', "4f2a")]
    + [('{"url": "file:///x", "dir_info": {}}', "unknown"), (None, "unknown")],
)
def test_an_installed_package_gives_the_commit_that_pip_noted(
    tmp_path, record, monkeypatch, note, commit
):
    # as on Colab: no checkout of kbook, though the folder may lie inside somebody else's
    git(tmp_path, "init", "--quiet")
    monkeypatch.setattr(kbook, "__file__", str(tmp_path / "site-packages/kbook/__init__.py"))
    parts = {"version": "1.0", "read_text": lambda self, name: note}
    found = type("Distribution", (), parts)()
    monkeypatch.setattr(recorded.importlib.metadata, "distribution", lambda name: found)
    assert record()["commit"] == commit


def test_showing_a_card_needs_no_torch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from kbook import recorded; recorded.card('99_none', None)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
