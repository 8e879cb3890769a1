"""Four nets as small as they can be, for the tests of CycleGAN's training."""

from itertools import pairwise

import torch
from torch import Generator, Tensor, nn

from kbook.models.cyclegan import small_critic, small_generator
from kbook.training import CycleGAN, Recipe

NAMES = ("G", "F", "D_X", "D_Y")
RATE = 1e-3


def pictures(seed: int, count: int = 2) -> Tensor:
    """Return pictures of noise, 16 pixels wide and high."""
    return torch.rand(count, 3, 16, 16, generator=Generator().manual_seed(seed)) * 2 - 1


def gan_of(recipe: Recipe, seed: int = 0, width: int = 4) -> CycleGAN:
    """Return four tiny nets in training, all randomness from `seed`."""
    torch.manual_seed(seed)
    nets = {name: small_generator(1, 4) for name in NAMES[:2]}
    nets |= {name: small_critic(width) for name in NAMES[2:]}
    for net in nets.values():
        _drop_idle_biases(net)
    return CycleGAN(nn.ModuleDict(nets), recipe, Generator().manual_seed(seed))


def bits(net: nn.Module) -> dict[str, Tensor]:
    """Return a copy of all weights."""
    return {name: weight.detach().clone() for name, weight in net.named_parameters()}


def _drop_idle_biases(net: nn.Module) -> None:
    """Remove the biases that instance normalization takes off again.

    Their gradient is 0 but for rounding, and Adam makes a whole step of the smallest rounding.
    """
    for chain in net.modules():
        if isinstance(chain, nn.Sequential):
            for layer, following in pairwise(chain):
                if isinstance(layer, nn.Conv2d) and isinstance(following, nn.InstanceNorm2d):
                    layer.register_parameter("bias", None)
