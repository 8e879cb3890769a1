import os
import random
import subprocess
import sys

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from kbook.profile import NoGPU, Profile, UnknownProfile, setup


@pytest.fixture(autouse=True)
def untouched(monkeypatch):
    """Give every test a machine without wishes or GPU, and torch back as it was."""
    monkeypatch.delenv("KBOOK_PROFILE", raising=False)
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda *_: "Test GPU 1")


def test_without_a_gpu_it_is_quick():
    assert setup(seed=7) == Profile("quick", torch.device("cpu"), 7)


def test_with_a_gpu_it_is_full_and_names_it(gpu, capsys):
    assert setup() == Profile("full", torch.device("cuda"), 0)
    assert capsys.readouterr().out == ("Profile full: the complete experiments on Test GPU 1.\n")


def test_quick_stays_on_the_cpu_beside_a_gpu(gpu):
    assert setup(profile="quick").device == torch.device("cpu")


def test_quick_on_demand_does_not_even_ask_cuda(monkeypatch):
    def broken():
        raise AssertionError("asked")

    monkeypatch.setattr(torch.cuda, "is_available", broken)
    monkeypatch.setenv("KBOOK_PROFILE", "quick")
    assert setup().name == "quick"


@pytest.mark.parametrize(
    ("variable", "argument", "chosen"),
    [("quick", None, "quick"), ("full", None, "full"), ("", None, "full")]
    + [("quick", "full", "full"), ("full", "quick", "quick"), ("rubbish", "quick", "quick")],
)
def test_the_argument_decides_before_the_environment(gpu, monkeypatch, variable, argument, chosen):
    monkeypatch.setenv("KBOOK_PROFILE", variable)
    assert setup(profile=argument).name == chosen


def test_the_quick_line_is_the_same_on_every_machine(gpu, monkeypatch, capsys):
    def printed(**settings):
        setup(**settings)
        captured = capsys.readouterr()
        assert captured.err == ""  # nbval compares that stream too
        return captured.out

    beside_gpu = printed(profile="quick", seed=1)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    no_gpu = printed(seed=2)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert beside_gpu == no_gpu == printed()
    assert no_gpu.count("\n") == 1
    assert "MPS" in no_gpu and "a GPU stays idle" in no_gpu
    assert not any(character.isdigit() for character in no_gpu)


@pytest.mark.parametrize("name", ["Quick", "fast", "", 3])
def test_an_unknown_argument_is_one_sentence(name):
    with pytest.raises(ValueError) as caught:
        setup(profile=name)
    assert str(caught.value) == f'profile must be "quick" or "full"; got {name!r}.'


def test_an_unknown_environment_is_one_sentence(monkeypatch):
    monkeypatch.setenv("KBOOK_PROFILE", "slow")
    with pytest.raises(UnknownProfile, match=r"""^KBOOK_PROFILE must be .*; got 'slow'\.$"""):
        setup()


@pytest.mark.parametrize("by_argument", [True, False])
def test_full_without_a_gpu_is_one_sentence(monkeypatch, by_argument):
    monkeypatch.setenv("KBOOK_PROFILE", "quick" if by_argument else "full")
    with pytest.raises(NoGPU) as caught:
        setup(profile="full" if by_argument else None)
    text = str(caught.value)
    assert isinstance(caught.value, RuntimeError)
    assert "needs a CUDA GPU" in text
    assert text.count(".") == 1 and text.endswith(".") and "\n" not in text


def test_ipython_shows_the_sentence_without_a_traceback(tmp_path):
    line = "from kbook.profile import setup; setup(profile='full')"
    blind = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "IPYTHONDIR": str(tmp_path)}
    command = [sys.executable, "-m", "IPython", "--colors=NoColor", "-c", line]
    run = subprocess.run(command, env=blind, capture_output=True, text=True, check=False)
    shown = run.stdout + run.stderr
    assert "NoGPU: The full profile needs a CUDA GPU" in shown
    assert "Traceback" not in shown and "setup(" not in shown


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, np.int64(5)])
def test_every_global_generator_is_seeded(seed):
    def draws():
        setup(seed=seed)
        return random.random(), np.random.rand(), torch.rand(()).item()  # noqa: NPY002

    first, second = draws(), draws()
    setup(seed=3)
    third = random.random(), np.random.rand(), torch.rand(()).item()  # noqa: NPY002
    assert first == second
    assert all(a != b for a, b in zip(first, third, strict=True))


@pytest.mark.parametrize(
    ("seed", "error"),
    [(-1, ValueError), (2**32, ValueError), (1.0, TypeError), ("0", TypeError), (True, TypeError)],
)
def test_a_seed_that_is_none_is_refused(seed, error):
    with pytest.raises(error, match=r"^The seed must .* got .*\.$"):
        setup(seed=seed)


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 2), (64, 2), (None, 1)])
def test_at_most_two_threads(monkeypatch, cores, threads):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    setup()
    assert torch.get_num_threads() == threads


def test_quick_refuses_what_cannot_repeat_and_full_warns(gpu, monkeypatch):
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG")
    torch.backends.cudnn.benchmark = True
    setup(profile="full")
    assert torch.is_deterministic_algorithms_warn_only_enabled()
    assert not torch.backends.cudnn.benchmark
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    setup(profile="quick")
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.is_deterministic_algorithms_warn_only_enabled()


def test_choose_gives_the_value_of_the_profile():
    quick, full = [1], [2]
    cpu = torch.device("cpu")
    assert Profile("quick", cpu, 0).choose(quick=quick, full=full) is quick
    assert Profile("full", cpu, 0).choose(quick=quick, full=full) is full
    with pytest.raises(TypeError):  # both numbers, always, and named
        Profile("quick", cpu, 0).choose(quick=1)


def test_a_profile_cannot_be_changed():
    with pytest.raises(AttributeError):
        setup().seed = 1


def test_numpys_products_use_one_thread():
    with threadpool_limits(2, user_api="blas"):
        setup()
        pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
        assert pools and all(pool["num_threads"] == 1 for pool in pools)
