"""The page's nets, parts/nn.js, against torch: every layer, composed nets, every committed file."""

import itertools
import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from kbook.assets import nets
from kbook.models import Residual
from kbook.models.pilotnet import Fixed, pilotnet, small_pilotnet
from tests.js import Module
from tests.page_nets import (
    assert_close,
    file_of,
    layers,
    lived_in,
    random_input,
    run_in_page,
    trace_in_page,
)

LAYERS = layers()
COMMITTED = sorted(path.stem for path in nets.WEIGHTS.glob("*.bin"))
# JSON has no negative zero: it travels as a marked string.
HALVES = """(() => Array.from({ length: 65536 }, (_, bits) => halfToNumber(bits))
  .map((v) => (Object.is(v, -0) ? "number:-0" : v)))"""


@pytest.fixture(scope="module")
def js():
    return Module("nn")


@pytest.fixture
def compare(js, tmp_path):
    """Return a function that compares a model in torch and in JavaScript on a random input."""

    def check(model, shape, seed=0, dtype="float32"):
        file, x = file_of(model.eval(), shape, tmp_path, dtype), random_input(shape, seed)
        with torch.no_grad():
            assert_close(run_in_page(js, file, x), model(x.clone()))

    return check


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_equals_torch(name, compare):
    compare(*LAYERS[name])


@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (2, 4), (5, 3)])
@pytest.mark.parametrize("mode", ["zeros", "reflect"])
def test_convolutions_of_all_settings_equal_torch(kernel, mode, compare):
    strides, paddings, dilations = ((1, 1), (2, 3)), ((0, 0), (1, 2)), ((1, 1), (1, 2))
    for *settings, groups in itertools.product(strides, paddings, dilations, (1, 2, 4)):
        layer = nn.Conv2d(4, 8, kernel, *settings, groups, padding_mode=mode)
        compare(layer, (4, 6, 11))
    compare(nn.Conv2d(3, 5, kernel, padding=1, padding_mode=mode), (3, 5, 4))  # no round numbers


@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (2, 4)])
def test_transposed_convolutions_of_all_settings_equal_torch(kernel, compare):
    strides, paddings, dilations = ((1, 1), (2, 3)), ((0, 0), (0, 1)), ((1, 1), (2, 3))
    for stride, padding, dilation, groups in itertools.product(
        strides, paddings, dilations, (1, 2, 4)
    ):
        for extra in ((0, 0), (1, 2)):
            if all(e < max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
                settings = (stride, padding, extra, groups, True, dilation)
                compare(nn.ConvTranspose2d(4, 8, kernel, *settings), (4, 3, 5))


def below_zero(channels):
    """Return layers with outputs below zero everywhere."""
    negative = nn.BatchNorm2d(channels)
    nn.init.constant_(negative.weight, -1.0)
    return nn.Sequential(nn.Sigmoid(), negative)


def test_pools_of_all_settings_equal_torch(compare):
    kernels, strides, paddings = ((2, 2), (3, 2), (4, 5)), ((1, 1), (2, 3)), ((0, 0), (1, 1))
    for settings in itertools.product(kernels, strides, paddings):
        compare(nn.AvgPool2d(*settings), (3, 6, 7))
        compare(nn.MaxPool2d(*settings), (3, 6, 7))
        # Here a margin of zeros would win.
        compare(nn.Sequential(below_zero(3), nn.MaxPool2d(*settings)), (3, 6, 7))
    compare(nn.MaxPool2d((2, 3), (2, 1), dilation=(3, 2)), (3, 6, 7))


def test_pads_and_upsamplings_of_all_settings_equal_torch(compare):
    for padding in itertools.product((0, 1), (0, 2), (0, 1), (2, 3)):
        compare(nn.ZeroPad2d(padding), (2, 4, 3))
        compare(nn.ReflectionPad2d(padding), (2, 4, 3))
    for factor in itertools.product((1, 2, 3), repeat=2):
        compare(nn.Upsample(scale_factor=factor), (2, 4, 3))


def test_norms_use_their_statistics_and_eps(compare):
    for seed in range(5):
        torch.manual_seed(seed)
        shift = nn.Conv2d(3, 3, 1)  # so that means are not near 0
        nn.init.uniform_(shift.bias, -3, 3)
        for norm in (
            nn.BatchNorm2d(3, eps=0.5),
            nn.BatchNorm2d(3, affine=False),
            nn.InstanceNorm2d(3, eps=0.5),
            nn.InstanceNorm2d(3, affine=True),
        ):
            compare(lived_in(nn.Sequential(shift, norm)), (3, 4, 5), seed)


@pytest.mark.parametrize(("scale", "shift"), [(1 / 127.5, -1.0), (0.05, 0.0), (-3.0, 1e-3)])
def test_what_is_fixed_scales_and_shifts_pictures_and_vectors(scale, shift, compare):
    compare(Fixed(scale, shift), (3, 4, 5))
    compare(Fixed(scale, shift), (7,))


@pytest.mark.parametrize(
    ("build", "shape"), [(pilotnet, (3, 66, 200)), (small_pilotnet, (3, 32, 96))]
)
def test_driving_nets_steer_alike_in_the_page_and_in_torch(build, shape, js, tmp_path):
    torch.manual_seed(0)
    model = build().eval()
    frame = (128 + 60 * random_input(shape)).clip(0, 255).to(torch.uint8)
    with torch.no_grad():
        theirs = model(frame)
    assert_close(run_in_page(js, file_of(model, shape, tmp_path), frame), theirs)
    assert 0 < theirs.abs() < 0.05


def block(rng, channels):
    """Return some random layers that keep the size of the picture, and their channels."""
    out = rng.choice([2, 3, 4, 6])
    convolution = nn.Conv2d(
        *(channels, out, 3),
        **{"padding": 1, "bias": rng.random() < 0.5},
        padding_mode=rng.choice(["zeros", "reflect"]),
    )
    norms = (nn.BatchNorm2d(out), nn.InstanceNorm2d(out, affine=True), nn.InstanceNorm2d(out))
    activations = (nn.ReLU(), nn.LeakyReLU(0.1), nn.Tanh(), nn.Sigmoid())
    return [convolution, rng.choice(norms), rng.choice(activations)], out


def random_net(seed):
    """Return a net with residuals and changes of size, of pictures to pictures or to vectors."""
    rng, channels = random.Random(seed), 3
    torch.manual_seed(seed)
    modules = []
    for _ in range(rng.randint(2, 4)):
        body, out = block(rng, channels)
        if rng.random() < 0.6:
            shortcut = None if channels == out else nn.Conv2d(channels, out, 1, bias=False)
            inner, _ = block(rng, out)
            inner.append(nn.Conv2d(inner[0].out_channels, out, 1))
            body = [Residual(nn.Sequential(*body, Residual(nn.Sequential(*inner))), shortcut)]
        resized = (
            nn.MaxPool2d(2),
            nn.AvgPool2d(3, 2, 1),
            nn.Conv2d(out, out, 4, stride=2, padding=1),
            nn.ConvTranspose2d(out, out, 3, 2, 1, output_padding=1),
            nn.Upsample(scale_factor=2),
            nn.ReflectionPad2d(1),
        )
        modules += [nn.Sequential(*body), nn.Dropout(0.5), rng.choice(resized)]
        channels = out
    if rng.random() < 0.5:
        pools = (nn.AdaptiveMaxPool2d(1), nn.AdaptiveAvgPool2d(1))
        modules += [rng.choice(pools), nn.Flatten(), nn.Linear(channels, 7), nn.BatchNorm1d(7)]
    return lived_in(nn.Sequential(*modules))


@pytest.mark.parametrize("seed", range(20))
def test_random_nets_equal_torch(seed, compare):
    compare(random_net(seed), (3, 16, 20), seed)


def test_float16_files_compute_with_the_rounded_weights(js, tmp_path):
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 9, 3))
    file, x = file_of(model, (3, 5, 5), tmp_path, "float16"), random_input((3, 5, 5))
    exact = model(x)
    for parameter in model.parameters():
        parameter.data = parameter.data.half().float()
    assert_close(run_in_page(js, file, x), model(x))
    assert (model(x) - exact).abs().max() > 1e-4  # and the rounding can be seen


def test_all_65536_numbers_of_float16_are_decoded_exactly(js):
    ours = np.array(js.call(HALVES))
    theirs = np.arange(65536, dtype="<u2").view("<f2").astype(float)
    np.testing.assert_array_equal(ours, theirs)
    numbers = ~np.isnan(theirs)
    np.testing.assert_array_equal(np.signbit(ours[numbers]), np.signbit(theirs[numbers]))


@pytest.mark.parametrize("name", COMMITTED)
def test_a_committed_file_says_the_same_in_the_page_and_in_torch(name, js):
    file = (Path(str(nets.WEIGHTS)) / f"{name}.bin").read_bytes()
    header = json.loads(file[4 : 4 + int.from_bytes(file[:4], "little")])
    model = nets.load_net(name)
    inputs = [random_input(tuple(header["input"]), seed) for seed in range(3)]
    first = header["layers"][0]
    if first["op"] == "fixed":  # such a net wants bytes: without contrast it would say nearly 0
        inputs = [(x - first["offset"]) / first["factor"] for x in inputs]
    ours = torch.cat([run_in_page(js, file, x) for x in inputs])
    with torch.no_grad():
        assert_close(ours, torch.cat([model(x) for x in inputs]))


def test_the_trace_has_each_layer_of_the_file(js, tmp_path, monkeypatch):
    torch.manual_seed(0)
    residual = Residual(nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU()))
    net = [nn.Conv2d(2, 4, 3), nn.Dropout(), residual, nn.ReLU(), nn.Flatten(), nn.Linear(64, 3)]
    model = nn.Sequential(*net).eval()
    file, x = file_of(model, (2, 6, 6), tmp_path), random_input((2, 6, 6))
    monkeypatch.setattr(nets, "WEIGHTS", tmp_path / "weights")
    trace = trace_in_page(js, file, x)
    assert len(trace) == 5
    with torch.no_grad():
        for ours, layer in zip(trace, nets.load_net("net"), strict=True):
            x = layer(x)
            assert_close(ours, x)


def test_a_net_takes_pictures_of_other_sizes_and_leaves_its_input_alone(js, tmp_path):
    model = nn.Sequential(nn.ReLU(), nn.Conv2d(1, 2, 3), nn.ReLU()).eval()
    file, x = file_of(model, (1, 8, 8), tmp_path), random_input((1, 5, 11))
    assert_close(run_in_page(js, file, x), model(x))
    unchanged = """((file, shape, data) => {
      const tensor = { shape, data: Float32Array.from(data) };
      traceNet(parseNet(file), tensor);
      return tensor.data.every((v, i) => v === Math.fround(data[i]));
    })"""
    assert js.call(unchanged, list(file), [1, 5, 11], x.flatten().tolist()) is True
