"""benchmarks.cyclegan_speed --against: another repository's step, here that of a stand-in."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.tiny_cyclegan import pictures

speed = importlib.import_module("benchmarks.cyclegan_speed")
Setting = speed.Setting

MODEL = """
from models import networks

class CycleGANModel:
    def __init__(self, opt):
        assert opt.isTrain and opt.direction == "AtoB" and opt.device.type == "cpu"
        assert opt.gpu_ids == [] and opt.preprocess != "scale_width" and not opt.no_lsgan
        assert (opt.input_nc, opt.output_nc, opt.ngf, opt.ndf, opt.n_layers_D) == (3, 3, 64, 64, 3)
        assert (opt.netD, opt.norm, opt.no_dropout) == ("basic", "instance", True)
        assert (opt.init_type, opt.init_gain, opt.gan_mode) == ("normal", 0.02, "lsgan")
        assert (opt.lr, opt.beta1, opt.pool_size) == (2e-4, 0.5, 50)
        assert (opt.lambda_A, opt.lambda_B, opt.lambda_identity) == (10, 10, 0)
        assert opt.checkpoints_dir and opt.name
        print("initialize network with normal")
        self.model_names = ["G_A", "D_A"]
        self.netG_A, self.netD_A = networks.define_G(opt.netG), networks.define_D()
        self.seen = []

    def set_input(self, input):
        assert input["A_paths"] == input["B_paths"] == []
        self.seen.append((input["A"], input["B"]))

    def optimize_parameters(self):
        self.seen.append("step")
"""
NETWORKS = """
from torch import nn

def define_G(name):
    return nn.Linear({"resnet_6blocks": 6, "resnet_9blocks": 9}[name], 1)

def define_D():
    return nn.Linear(1, 1)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a stand-in that reads the options which the repository's versions read."""
    models = tmp_path / "peer" / "models"
    models.mkdir(parents=True)
    files = {"__init__": "", "base_model": "", "networks": NETWORKS, "cycle_gan_model": MODEL}
    for name, text in files.items():
        (models / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)  # put back in the end
    yield tmp_path / "peer"
    for name in [name for name in sys.modules if name.split(".")[0] == "models"]:
        del sys.modules[name]  # the next stand-in is another


@pytest.mark.parametrize("blocks", [6, 9])
def test_another_repository_takes_the_place_of_the_reference(
    folder: Path, blocks: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path = list(sys.path)
    side = speed.other_side(Setting(blocks=blocks, batch=4), folder)
    assert (side.pictures, side.parameters) == (1, blocks + 1 + 2) and sys.path == path
    x, y = pictures(1, 1), pictures(2, 1)
    side.advance(x, y)
    given, step = side.advance.__self__.model.seen
    assert given[0] is x and given[1] is y and step == "step"
    assert capsys.readouterr().out == ""


def test_the_table_names_the_other_repository(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = {name: nn.Linear(1, 1) for name in ("G", "F", "D_X", "D_Y")}
    rates = {"kbook, 1 at once, 32 bits": 3.0, "peer, 1 at once, 32 bits": 2.0}
    monkeypatch.setattr(speed, "take_turns", lambda sides, _: {name: rates[name] for name in sides})
    lines = speed.measure(Setting(24), folder, lambda _: nn.ModuleDict(layers))
    assert lines["peer, 1 at once, 32 bits (million parameters)"] == 9 / 1e6
    assert lines["ratio of the speeds"] == 1.5


@pytest.mark.parametrize("lacking", ["networks", "base_model", "cycle_gan_model"])
def test_a_folder_of_another_layout_is_refused(folder: Path, lacking: str) -> None:
    (folder / "models" / f"{lacking}.py").unlink()
    with pytest.raises(SystemExit) as error:
        speed.other_side(Setting(), folder)
    assert error.value.code == (
        "--against wants a folder with the layout of pytorch-CycleGAN-and-pix2pix; "
        f"{folder} has no models/{lacking}.py."
    )


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import no_such_package", "cannot be imported: No module named 'no_such_package'"),
        ("class Other: ...", "cannot be imported: .*CycleGANModel"),
        (MODEL.replace("opt.isTrain", "opt.newer"), "another version's options: .*'newer'"),
    ],
)
def test_code_of_another_kind_is_refused_in_a_sentence(
    folder: Path, code: str, message: str
) -> None:
    (folder / "models" / "cycle_gan_model.py").write_text(code, encoding="utf-8")
    path = list(sys.path)
    with pytest.raises(SystemExit, match=message):
        speed.other_side(Setting(), folder)
    assert sys.path == path
