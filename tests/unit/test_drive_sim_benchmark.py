"""benchmarks.drive_sim_speed: its summary is the median and the 95th percentile."""

import importlib

import numpy as np
import pytest

drive_sim_speed = importlib.import_module("benchmarks.drive_sim_speed")


def test_the_summary_is_numpys() -> None:
    times = list(np.random.default_rng(0).exponential(size=1000))
    found = drive_sim_speed.summary(times)
    assert found["median"] == pytest.approx(np.median(times))
    assert found["95 %"] == pytest.approx(np.quantile(times, 0.95), rel=0.02)
