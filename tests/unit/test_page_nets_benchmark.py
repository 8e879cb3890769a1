"""benchmarks.page_nets: Chromium and torch compute the same net, and the table says what it is."""

import importlib

import pytest
import torch

from tests.js import Module
from tests.page_nets import assert_close, file_of, random_input, run_in_page

page_nets = importlib.import_module("benchmarks.page_nets")


def test_the_page_computes_what_torch_computes(tmp_path):
    net, x = page_nets.pilot_net(), random_input(page_nets.FRAME)
    with torch.no_grad():
        ours = run_in_page(Module("nn"), file_of(net, page_nets.FRAME, tmp_path), x)
        assert_close(ours, net(x))


def test_the_table_has_medians_and_their_ratio(monkeypatch):
    def in_the_page(net, frame):
        return {"times": [9.0, 3.0, 1.0], "output": net(frame)[0].tolist()}

    monkeypatch.setattr(page_nets, "in_the_page", in_the_page)
    monkeypatch.setattr(page_nets, "in_torch", lambda net, frame: [0.5, 8.0, 1.5])
    table = page_nets.measure()
    assert table["parameters"] == 33_043
    assert [table[key] for key in list(table)[2:]] == [3.0, 1.5, 2.0]


def test_outputs_that_differ_are_no_result(monkeypatch):
    monkeypatch.setattr(page_nets, "in_the_page", lambda *_: {"times": [1.0], "output": [9.0]})
    monkeypatch.setattr(page_nets, "in_torch", lambda *_: [1.0])
    with pytest.raises(AssertionError):
        page_nets.measure()


def test_torch_is_timed_on_one_thread_which_is_put_back(monkeypatch):
    monkeypatch.setattr(page_nets, "RUNS", 3)
    monkeypatch.setattr(page_nets, "WARM_UP", 2)
    before, seen = torch.get_num_threads(), []
    times = page_nets.in_torch(lambda frame: seen.append(torch.get_num_threads()), None)
    assert len(times) == 3 and seen == [1] * 5
    assert torch.get_num_threads() == before
