"""kbook.assets.nets: the sentences that refuse what no page can compute, and damaged files."""

import numpy as np
import pytest
from torch import nn

from kbook.assets import nets
from kbook.models import Residual


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Record into an empty place, and let the package look there."""
    monkeypatch.setenv("KBOOK_RECORD", str(tmp_path / "assets" / "recorded"))
    monkeypatch.setattr(nets, "WEIGHTS", tmp_path / "assets" / "weights")
    return tmp_path / "assets" / "weights"


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(np.nan, "float16"), (-np.inf, "float32"), (65520.0, "float16"), (1e39, "float32")],
)
def test_weights_that_are_not_finite_are_refused_and_the_old_file_stays(folder, value, dtype):
    model = nn.Linear(2, 2).double()
    nets.save_net("net", model, (2,), dtype)
    before = (folder / "net.bin").read_bytes()
    model.bias.data[1] = value
    with pytest.raises(ValueError, match=f"^The weights of 'net' must be finite in {dtype}; one"):
        nets.save_net("net", model, (2,), dtype)
    assert (folder / "net.bin").read_bytes() == before


class Doubled(nn.Conv2d):
    """A subclass that computes something else."""

    def forward(self, x):
        return 2 * super().forward(x)


class Skipping(nn.Sequential):
    """A Sequential with a forward of its own."""

    def forward(self, x):
        return x + super().forward(x)


@pytest.mark.parametrize(
    ("module", "word"),
    [(nn.GELU(), "GELU"), (nn.Conv1d(2, 2, 1), "Conv1d"), (Doubled(2, 2, 1), "Doubled")]
    + [(Skipping(nn.ReLU()), "Skipping"), (nn.ModuleList(), "ModuleList")]
    + [(nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)), "ParametrizedLinear")],
)
def test_an_unknown_module_is_named(folder, module, word):
    for model in (module, nn.Sequential(nn.ReLU(), Residual(nn.Sequential(module)))):
        with pytest.raises(TypeError, match=rf"^A page computes no {word}; it computes .*Conv2d"):
            nets.save_net("net", model, (2, 4, 4))
    assert not folder.exists()


@pytest.mark.parametrize(
    ("module", "wanted"),
    [
        (nn.Conv2d(2, 2, 2, padding="same"), "padding in numbers"),
        (nn.Conv2d(2, 2, 3, padding=1, padding_mode="circular"), "padding_mode zeros or reflect"),
        (nn.MaxPool2d(2, ceil_mode=True), "ceil_mode=False"),
        (nn.MaxPool2d(2, return_indices=True), "return_indices=False"),
        (nn.AvgPool2d(2, ceil_mode=True), "ceil_mode=False"),
        (nn.AvgPool2d(2, divisor_override=3), "divisor_override=None"),
        (nn.AvgPool2d(3, padding=1, count_include_pad=False), "count_include_pad=True"),
        (nn.AdaptiveAvgPool2d(2), "output_size=1"),
        (nn.AdaptiveMaxPool2d(1, return_indices=True), "return_indices=False"),
        (nn.Flatten(2), "start_dim=1 and end_dim=-1"),
        (nn.BatchNorm2d(2, track_running_stats=False), "running statistics"),
        (nn.InstanceNorm2d(2, track_running_stats=True), "statistics of each picture"),
        (nn.Upsample(scale_factor=1.5), "a whole scale_factor"),
        (nn.Upsample(size=8), "a whole scale_factor"),
        (nn.Upsample(scale_factor=2, mode="bilinear"), "mode nearest"),
        (nn.ZeroPad2d((-1, 0, 0, 0)), "padding from 0"),
    ],
)
def test_settings_that_a_page_does_not_compute_are_refused(folder, module, wanted):
    with pytest.raises(ValueError, match=rf"^A page computes {type(module).__name__} only with"):
        nets.save_net("net", module, (2, 8, 8))
    with pytest.raises(ValueError, match=wanted):
        nets.save_net("net", module, (2, 8, 8))


@pytest.mark.parametrize("name", ["", "../net", "a/b", "Net", "net.bin", 1])
def test_a_name_that_is_no_word_is_refused(folder, name):
    model = nn.Linear(2, 2)
    for call in (lambda: nets.save_net(name, model, (2,)), lambda: nets.load_net(name)):
        with pytest.raises(ValueError, match=r"^Nets are named by a word .*; got .*\.$"):
            call()


@pytest.mark.parametrize("shape", [(), (2, 2), (1, 2, 8, 8), (0,), (2.0,), (3, -1, 4)])
def test_an_input_of_no_known_shape_is_refused(folder, shape):
    with pytest.raises(ValueError, match=r"^input_shape must be \(C, H, W\) or \(N,\); got"):
        nets.save_net("net", nn.ReLU(), shape)


def test_a_type_of_numbers_that_no_page_reads_is_refused(folder):
    with pytest.raises(ValueError, match="^dtype must be float16 or float32; got 'int8'"):
        nets.save_net("net", nn.Linear(2, 2), (2,), "int8")


def test_a_missing_net_says_so(folder):
    with pytest.raises(FileNotFoundError, match="^There is no net 'net'"):
        nets.load_net("net")


@pytest.mark.parametrize(
    "damage",
    [lambda c: c[:2], lambda c: c[:40], lambda c: c[:-1], lambda c: c[:-4], lambda c: c + b"1234"]
    + [lambda c: c.replace(b"linear", b"lineal"), lambda c: c.replace(b"float32", b"float33")]
    + [lambda c: c.replace(b'"layers"', b'"lagers"'), lambda c: b""],
)
def test_a_damaged_file_is_refused_by_name(folder, damage):
    nets.save_net("net", nn.Linear(2, 2), (2,), "float32")
    file = folder / "net.bin"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match="^The file of the net 'net' is damaged: "):
        nets.load_net("net")
