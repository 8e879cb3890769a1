"""kbook.models.pilotnet: counts, sizes and scales, each found two ways."""

import pytest
import torch
from torch import Tensor, nn

from kbook.models.pilotnet import STEEPNESS, Fixed, pilotnet, small_pilotnet
from kbook.models.shapes import count, output_size

NETS = {
    "published": (pilotnet, (3, 66, 200), 252_219, 26_876_342),
    "small": (small_pilotnet, (3, 32, 96), 33_241, 2_039_840),
}
# Figure 4 of the paper: channels, height and width behind each convolution; the layers behind them.
FIGURE = [(24, 31, 98), (36, 14, 47), (48, 5, 22), (64, 3, 20), (64, 1, 18)]
DENSE = [1152, 100, 50, 10, 1]
KERNELS = [(5, 2), (5, 2), (5, 2), (3, 1), (3, 1)]


def frames(*shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)


def outputs_of(net: nn.Sequential, kind: type[nn.Module], x: Tensor) -> list[Tensor]:
    """Return what the layers of one kind say, in their order."""
    found = []
    for layer in net:
        x = layer(x)
        if isinstance(layer, kind):
            found.append(x)
    return found


@pytest.mark.parametrize("name", NETS)
def test_parameters_and_operations_are_as_many_as_the_docstring_says(name: str) -> None:
    build, shape, parameters, multiply_adds = NETS[name]
    assert count(build(), shape) == (parameters, multiply_adds)
    assert f"{parameters:,} parameters, {multiply_adds:,} multiply-adds" in (build.__doc__ or "")


def test_the_published_net_is_the_one_of_the_figure() -> None:
    net = pilotnet()
    shapes = [tuple(x.shape[1:]) for x in outputs_of(net, nn.Conv2d, frames(1, 3, 66, 200))]
    assert shapes == FIGURE
    height, width = 66, 200
    for (kernel, stride), (_, *size) in zip(KERNELS, FIGURE, strict=True):
        height = output_size(height, kernel, stride=stride)
        width = output_size(width, kernel, stride=stride)
        assert [height, width] == size
    dense = [layer for layer in net if isinstance(layer, nn.Linear)]
    assert [layer.in_features for layer in dense] + [dense[-1].out_features] == DENSE


def test_the_published_counts_are_those_by_hand() -> None:
    inputs, parameters, multiply_adds = 3, 0, 0
    for (kernel, _), (channels, height, width) in zip(KERNELS, FIGURE, strict=True):
        parameters += (kernel**2 * inputs + 1) * channels
        multiply_adds += kernel**2 * inputs * channels * height * width
        inputs = channels
    for before, after in zip(DENSE, DENSE[1:], strict=False):
        parameters += (before + 1) * after
        multiply_adds += before * after
    assert (parameters, multiply_adds) == (252_219, 26_876_342)


@pytest.mark.parametrize("name", NETS)
def test_every_layer_but_the_last_is_followed_by_a_relu(name: str) -> None:
    layers = [type(layer) for layer in NETS[name][0]()]
    assert layers[0] is layers[-1] is Fixed and layers[-2] is nn.Linear
    for layer, after in zip(layers[1:-2], layers[2:], strict=False):
        assert after is nn.ReLU or layer in (nn.ReLU, nn.Flatten)


@pytest.mark.parametrize("name", NETS)
def test_bytes_and_floats_give_the_same_curvatures(name: str) -> None:
    build, shape, *_ = NETS[name]
    net, x = build(), frames(5, *shape)
    said = net(x)
    assert said.shape == (5, 1) and said.dtype == torch.float32
    torch.testing.assert_close(said, net(x.float()))
    torch.testing.assert_close(said[2:3], net(x[2:3]))


@pytest.mark.parametrize("name", NETS)
def test_the_layers_work_with_numbers_around_0_and_curvatures_leave_the_net(name: str) -> None:
    build, shape, *_ = NETS[name]
    net, x = build(), torch.arange(256).repeat(numbers_in(shape) // 256 + 1)[: numbers_in(shape)]
    x = x.to(torch.uint8).reshape(1, *shape)
    assert net[0](x).min() == -1 and net[0](x).max() == 1 and abs(net[0](x).mean()) < 0.01
    torch.testing.assert_close(net(x), net[:-1](x) / 20)
    assert STEEPNESS == 20
    nn.init.zeros_(net[-2].weight)
    nn.init.ones_(net[-2].bias)
    assert net(x).item() == pytest.approx(1 / 20)  # a curve with a radius of 20 m to the left


def numbers_in(shape: tuple[int, ...]) -> int:
    return shape[0] * shape[1] * shape[2]


@pytest.mark.parametrize("name", NETS)
def test_every_weight_learns(name: str) -> None:
    build, shape, *_ = NETS[name]
    torch.manual_seed(0)
    net = build()
    net(frames(4, *shape)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in net.parameters())


def test_the_small_net_takes_other_channels() -> None:
    assert small_pilotnet(1)(frames(2, 1, 32, 96)).shape == (2, 1)
    assert small_pilotnet(4)(frames(2, 4, 32, 96)).shape == (2, 1)


def test_fixed_scales_and_shifts_and_has_nothing_to_learn() -> None:
    layer, x = Fixed(2, -1), torch.tensor([[0, 1, 255]], dtype=torch.uint8)
    assert layer(x).tolist() == [[-1.0, 1.0, 509.0]] and layer(x).dtype == torch.float32
    assert list(layer.parameters()) == [] and layer.state_dict() == {}
    assert type(layer.scale) is type(layer.shift) is float
    assert repr(layer) == "Fixed(scale=2, shift=-1)"


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_fixed_keeps_floats_as_they_are(dtype: torch.dtype) -> None:
    x = torch.tensor([0.5, 2.0], dtype=dtype, requires_grad=True)
    y = Fixed(3, 1)(x)
    assert y.dtype == dtype and y.tolist() == [2.5, 7.0]
    y.sum().backward()
    assert x.grad is not None and x.grad.tolist() == [3.0, 3.0]


@pytest.mark.parametrize("numbers", [(float("nan"), 0.0), (1.0, float("inf"))])
def test_fixed_refuses_what_is_not_finite(numbers: tuple[float, float]) -> None:
    with pytest.raises(ValueError) as caught:
        Fixed(*numbers)
    assert str(caught.value) == (
        f"Fixed wants a finite scale and shift; got {numbers[0]} and {numbers[1]}."
    )
