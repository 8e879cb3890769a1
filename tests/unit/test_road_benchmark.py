"""benchmarks.road_speed: it measures what its table says."""

import importlib
import itertools

import numpy as np
import pytest
import torch

from kbook.data.road_camera import render

road_speed = importlib.import_module("benchmarks.road_speed")


def test_the_scene_has_cars_on_all_roads() -> None:
    given, where, numbers = road_speed.scene(40)
    assert render(given, where, numbers).shape == (40, 3, 32, 96)
    assert set(where.road) == set(range(32)) and len(np.unique(where.s)) == 40


def test_a_rate_is_a_median_after_a_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    clock = itertools.accumulate([0, 1, 0, 9, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6])
    monkeypatch.setattr(road_speed.time, "perf_counter", lambda: next(clock))
    assert road_speed.rate(lambda: done.append(1), 8) == 2  # 8 in 4 seconds
    assert len(done) == 8


def test_threads_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before, seen = torch.get_num_threads(), []
    monkeypatch.setattr(
        road_speed, "rate", lambda work, amount: seen.append(torch.get_num_threads()) or amount
    )
    assert list(road_speed.measure().values()) == [640, 1600]
    assert seen == [1, 1] and torch.get_num_threads() == before
