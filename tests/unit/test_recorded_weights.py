import numpy as np
import pytest

from kbook import recorded
from kbook.recorded import weights


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Record into an empty place, and let the package look there."""
    monkeypatch.setenv("KBOOK_RECORD", str(tmp_path / "assets" / "recorded"))
    monkeypatch.setattr(weights, "WEIGHTS", tmp_path / "assets" / "weights")
    return tmp_path / "assets" / "weights"


def test_arrays_come_back_in_their_order_and_shape(folder):
    W, b = np.arange(6.0).reshape(2, 3) / 4, np.array([-1.5, 2])
    recorded.save_weights("net", W.T, b)  # not contiguous: the order must be the rows'
    first, second = recorded.load_weights("net", (3, 2), (2,))
    np.testing.assert_array_equal(first, W.T)
    np.testing.assert_array_equal(second, b)
    assert first.dtype == second.dtype == np.float32
    assert [file.name for file in folder.iterdir()] == ["net.bin"]  # and no draft


def test_the_file_is_bare_little_endian_float32(folder):
    recorded.save_weights("net", [[1.0, -2.0]], 0.1)
    content = (folder / "net.bin").read_bytes()
    assert content == bytes.fromhex("0000803f 000000c0 cdcccc3d")


@pytest.mark.parametrize("value", ["", None])
def test_nothing_is_written_where_nothing_is_recorded(folder, monkeypatch, value, capfd):
    if value is None:
        monkeypatch.delenv("KBOOK_RECORD")
    else:
        monkeypatch.setenv("KBOOK_RECORD", value)
    recorded.save_weights("net", [1.0])
    assert not folder.exists() and capfd.readouterr() == ("", "")


def test_recording_prints_nothing_that_a_notebook_would_store(folder, capfd):
    recorded.save_weights("net", [1.0])
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("arrays", [(), ([],), ([1.0], [np.nan]), ([-np.inf],), ([1e39],)])
def test_numbers_that_are_no_weights_are_refused_and_the_old_file_stays(folder, arrays):
    recorded.save_weights("net", [1.0])
    with pytest.raises(ValueError, match=r"^Weights must be finite numbers, .* 'net' .*\.$"):
        recorded.save_weights("net", *arrays)
    assert recorded.load_weights("net", (1,)) == [1.0]


@pytest.mark.parametrize("shapes", [(), ((2,),), ((2, 2),), ((3,), (1,))])
def test_shapes_that_do_not_fit_the_file_are_refused(folder, shapes):
    recorded.save_weights("net", [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"^'net' holds 3 numbers; the shapes want \d\.$"):
        recorded.load_weights("net", *shapes)


def test_missing_weights_say_so(folder):
    with pytest.raises(FileNotFoundError, match="'net'"):
        recorded.load_weights("net", (1,))


@pytest.mark.parametrize("name", ["", "../net", "a/b", "Net", "net.bin", 1])
def test_a_name_that_is_no_word_is_refused(folder, name):
    for call in (lambda: recorded.save_weights(name, [1.0]), lambda: recorded.load_weights(name)):
        with pytest.raises(ValueError, match=r"^Weights are named by a word .*; got .*\.$"):
            call()
