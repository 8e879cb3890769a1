"""kbook.assets.nets: what is saved for the page, what comes back, and what is refused."""

import copy
import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from kbook.assets import nets
from kbook.assets.layers import DESCRIBE
from kbook.assets.modules import BUILD
from kbook.models import Residual
from kbook.models.pilotnet import Fixed, small_pilotnet
from tests.page_nets import assert_close, layers, random_input

LAYERS = layers()
COMMITTED = sorted(path.stem for path in nets.WEIGHTS.glob("*.bin"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Record into an empty place, and let the package look there."""
    monkeypatch.setenv("KBOOK_RECORD", str(tmp_path / "assets" / "recorded"))
    monkeypatch.setattr(nets, "WEIGHTS", tmp_path / "assets" / "weights")
    return tmp_path / "assets" / "weights"


@pytest.mark.parametrize("name", LAYERS)
def test_a_net_that_comes_back_computes_the_same_and_is_written_the_same(name, folder):
    model, shape = LAYERS[name]
    nets.save_net("net", model, shape, dtype="float32")
    content = (folder / "net.bin").read_bytes()
    loaded = nets.load_net("net")
    x = random_input(shape)
    with torch.no_grad():
        theirs = model(x.clone())
        assert_close(loaded(x.clone()), theirs, 1e-6)
        # Not a layer that does nothing; these cannot change a number or a shape on purpose.
        assert name == "flatten" or theirs.shape != x.shape or not torch.equal(theirs, x)
    for size in ("in_channels", "out_channels", "in_features", "out_features"):
        assert getattr(loaded[0], size, None) == getattr(model, size, None)
    nets.save_net("net", loaded, shape, dtype="float32")
    assert (folder / "net.bin").read_bytes() == content


def test_every_op_and_every_module_is_among_the_tested():
    modules = [module for model, _ in LAYERS.values() for module in model.modules()]
    ops = {op for model, _ in LAYERS.values() for op in ops_of(nets.layers_of(model))}
    assert set(BUILD) == ops
    assert {kind.__name__ for kind in DESCRIBE} - {"Affine"} <= {
        type(module).__name__ for module in modules
    }


def ops_of(described):
    for layer in described:
        yield layer["op"]
        for part in ("body", "shortcut"):
            yield from ops_of(layer.get(part, []))


def test_the_file_is_as_the_contract_says(folder):
    convolution = nn.Conv2d(1, 1, 2, padding=1, bias=False)
    convolution.weight.data = torch.tensor([[[[1.0, -2.0], [0.5, 65504.0]]]])
    linear = nn.Linear(2, 1)
    linear.weight.data, linear.bias.data = torch.tensor([[0.1, 3.0]]), torch.tensor([-1.0])
    body = nn.Sequential(convolution, nn.LeakyReLU(0.2))
    nets.save_net("net", nn.Sequential(Residual(body), nn.Flatten(), linear), (1, 1, 2))
    content = (folder / "net.bin").read_bytes()
    (length,) = struct.unpack("<I", content[:4])
    assert length % 4 == 0 and len(content) == 4 + length + 2 * 7
    assert content[4 + length - 1 : 4 + length] in (b"}", b" ")
    assert json.loads(content[4 : 4 + length]) == {
        "dtype": "float16",
        "input": [1, 1, 2],
        "layers": [
            {
                "op": "residual",
                "body": [
                    {
                        **{"op": "conv", "stride": [1, 1], "padding": [1, 1], "dilation": [1, 1]},
                        **{"groups": 1, "mode": "zeros", "weight": [1, 1, 2, 2], "bias": None},
                    },
                    {"op": "leaky_relu", "slope": 0.2},
                ],
                "shortcut": [],
            },
            {"op": "flatten"},
            {"op": "linear", "weight": [1, 2], "bias": [1]},
        ],
    }
    numbers = np.array([1, -2, 0.5, 65504, 0.1, 3, -1], "<f2")
    assert content[4 + length :] == numbers.tobytes()


def test_what_is_fixed_stands_in_the_header_exactly_and_learns_nothing_afterwards(folder):
    nets.save_net("net", nn.Sequential(Fixed(1 / 127.5, -0.1), nn.ReLU()), (3, 4, 4))
    content = (folder / "net.bin").read_bytes()
    header = json.loads(content[4:])  # no number follows
    assert header["layers"][0] == {"op": "fixed", "factor": 1 / 127.5, "offset": -0.1}
    loaded = nets.load_net("net")
    assert (loaded[0].scale, loaded[0].shift) == (1 / 127.5, -0.1)
    assert list(loaded.parameters()) == []


def test_a_driving_net_that_comes_back_takes_bytes_and_gives_curvatures(folder):
    net = small_pilotnet().eval()
    nets.save_net("net", net, (3, 32, 96), dtype="float32")
    frames = (128 + 50 * random_input((3, 32, 96))).clip(0, 255).to(torch.uint8)
    assert_close(nets.load_net("net")(frames), net(frames), 1e-6)


def test_float16_is_the_default_and_rounds_each_weight_once(folder):
    model = nn.Linear(50, 50)
    nets.save_net("net", model, (50,))
    loaded = nets.load_net("net")[0]
    assert loaded.weight.dtype == torch.float32 and loaded.weight.requires_grad
    assert torch.equal(loaded.weight, model.weight.half().float())
    assert torch.equal(loaded.bias, model.bias.half().float())


def test_saving_and_loading_change_nothing_else(folder):
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.ReLU()).train()
    before = copy.deepcopy(model.state_dict())
    nets.save_net("net", model, (3, 8, 8), dtype="float32")
    assert model.training and all(
        torch.equal(before[key], value) for key, value in model.state_dict().items()
    )
    state = torch.get_rng_state()
    loaded = nets.load_net("net")
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(module.training for module in loaded.modules())
    x = random_input((3, 8, 8))
    assert_close(loaded(x), model.eval()(x))  # as in evaluation mode, whatever the mode was


@pytest.mark.parametrize("value", ["", None])
def test_nothing_is_written_where_nothing_is_recorded(folder, monkeypatch, value, capfd):
    if value is None:
        monkeypatch.delenv("KBOOK_RECORD")
    else:
        monkeypatch.setenv("KBOOK_RECORD", value)
    nets.save_net("net", nn.Linear(2, 2), (2,))
    assert not folder.exists() and capfd.readouterr() == ("", "")


def test_recording_prints_nothing_that_a_notebook_would_store_and_leaves_no_draft(folder, capfd):
    nets.save_net("net", nn.Linear(2, 2), (2,))
    assert capfd.readouterr().out == ""
    assert [file.name for file in folder.iterdir()] == ["net.bin"]


def test_the_largest_and_smallest_numbers_of_float16_survive(folder):
    model = nn.Linear(4, 1, bias=False)
    extremes = torch.tensor([[65519.0, 2.0**-24, 2.0**-26, -(2.0**-14)]])
    model.weight.data = extremes
    nets.save_net("net", model, (4,))
    assert nets.load_net("net")[0].weight.tolist() == [[65504, 2.0**-24, 0, -(2.0**-14)]]


class Net(nn.Sequential):
    """A Sequential with a name, which adds nothing."""


def test_a_named_sequential_is_a_sequential(folder):
    nets.save_net("net", Net(nn.Linear(3, 2)), (3,))
    assert len(nets.load_net("net")) == 1


@pytest.mark.parametrize("name", COMMITTED)
def test_a_committed_net_loads_and_takes_what_its_header_says(name):
    content = (Path(str(nets.WEIGHTS)) / f"{name}.bin").read_bytes()
    header = json.loads(content[4 : 4 + int.from_bytes(content[:4], "little")])
    output = nets.load_net(name)(random_input(tuple(header["input"])))
    assert torch.isfinite(output).all()
    assert len(content) <= 600_000


def test_there_are_committed_nets():
    assert "digits_softmax" in COMMITTED


def test_a_residual_adds_what_went_in_or_its_shortcut():
    x = random_input((2, 4, 4))
    body, shortcut = nn.Conv2d(2, 2, 3, padding=1), nn.Conv2d(2, 2, 1)
    assert torch.equal(Residual(body)(x), body(x) + x)
    assert torch.equal(Residual(body, shortcut)(x), body(x) + shortcut(x))
