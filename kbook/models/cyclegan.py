"""The nets of CycleGAN, in the paper's sizes and in a small one for pictures of 32 by 32 pixels.

J.-Y. Zhu, T. Park, P. Isola, A. A. Efros, "Unpaired Image-to-Image Translation using
Cycle-Consistent Adversarial Networks", ICCV 2017, appendix, with the authors' code where the paper
leaves something open (reflection padding, biases, no scale and shift in instance normalization).
"""

from torch import nn

from kbook.models.residual import Residual

__all__ = ["critic", "generator", "small_critic", "small_generator"]

CHANNELS = 3
SLOPE = 0.2  # of a critic's leaky relu, below 0
DEVIATION = 0.02  # of the paper's first weights; their mean is 0


def generator(blocks: int = 9, width: int = 64) -> nn.Sequential:
    """Return the paper's generator: encoder, residual blocks, decoder.

    Parameters
    ----------
    blocks : int, default 9
        Residual blocks: the paper has 6 for pictures of 128 × 128 pixels (7,837,699 parameters)
        and 9 for 256 × 256 and more (11,378,179).
    width : int, default 64
        Channels of the first layer; the blocks have four times as many.

    Returns
    -------
    nn.Sequential
        From pictures (N, 3, H, W), from -1 to 1, to as many of the same kind and size; H and W are
        multiples of 4, at least 8.
    """
    inner = 4 * width
    net = nn.Sequential(
        nn.ReflectionPad2d(3),
        *_normalized(nn.Conv2d(CHANNELS, width, 7), width),
        *_normalized(nn.Conv2d(width, 2 * width, 3, stride=2, padding=1), 2 * width),
        *_normalized(nn.Conv2d(2 * width, inner, 3, stride=2, padding=1), inner),
        *(Residual(_branch(inner)) for _ in range(blocks)),
        *_normalized(_doubling(inner, 2 * width), 2 * width),
        *_normalized(_doubling(2 * width, width), width),
        nn.ReflectionPad2d(3),
        nn.Conv2d(width, CHANNELS, 7),
        nn.Tanh(),
    )
    return net.apply(_initialize)


def critic(width: int = 64) -> nn.Sequential:
    """Return the paper's critic of patches, which judges every patch of 70 × 70 pixels.

    Parameters
    ----------
    width : int, default 64
        Channels of the first layer (64: 2,764,737 parameters).

    Returns
    -------
    nn.Sequential
        From pictures (N, 3, H, W) to a map of scores (N, 1, H/8 - 2, W/8 - 2), without bounds; H
        and W are multiples of 8, at least 24.
    """
    net = nn.Sequential(
        nn.Conv2d(CHANNELS, width, 4, stride=2, padding=1),
        nn.LeakyReLU(SLOPE),
        *_judging(width, 2 * width, stride=2),
        *_judging(2 * width, 4 * width, stride=2),
        *_judging(4 * width, 8 * width, stride=1),
        nn.Conv2d(8 * width, 1, 4, padding=1),
    )
    return net.apply(_initialize)


def small_generator(blocks: int = 3, width: int = 16) -> nn.Sequential:
    """Return a generator for pictures of 32 × 32 pixels, which starts from its input.

    It computes tanh(x + change): the net has to learn the change alone, which takes fewer steps
    than to learn the whole picture. Its first weights are torch's.

    Parameters
    ----------
    blocks : int, default 3
        Residual blocks, at half the size of the picture.
    width : int, default 16
        Channels at the full size; the blocks have twice as many.

    Returns
    -------
    nn.Sequential
        From pictures (N, 3, H, W), from -1 to 1, to as many of the same kind and size; H and W are
        even, at least 4. The page can compute it.
    """
    inner = 2 * width
    change = nn.Sequential(
        *_scaled(nn.Conv2d(CHANNELS, width, 3, padding=1), width),
        *_scaled(nn.Conv2d(width, inner, 3, stride=2, padding=1), inner),
        *(Residual(_small_branch(inner)) for _ in range(blocks)),
        nn.Upsample(scale_factor=2, mode="nearest"),
        *_scaled(nn.Conv2d(inner, width, 3, padding=1), width),
        nn.Conv2d(width, CHANNELS, 3, padding=1),
    )
    return nn.Sequential(Residual(change), nn.Tanh())


def small_critic(width: int = 32) -> nn.Sequential:
    """Return a critic for pictures of 32 × 32 pixels, which judges every patch of 26 × 26.

    Parameters
    ----------
    width : int, default 32
        Channels of the first layer; the others have twice as many.

    Returns
    -------
    nn.Sequential
        From pictures (N, 3, H, W) to a map of scores (N, 1, H/4, W/4), without bounds; H and W are
        multiples of 4, at least 8.
    """
    inner = 2 * width
    return nn.Sequential(
        nn.Conv2d(CHANNELS, width, 4, stride=2, padding=1),
        nn.LeakyReLU(SLOPE),
        nn.Conv2d(width, inner, 4, stride=2, padding=1),
        nn.InstanceNorm2d(inner, affine=True),
        nn.LeakyReLU(SLOPE),
        nn.Conv2d(inner, inner, 3, padding=1),
        nn.InstanceNorm2d(inner, affine=True),
        nn.LeakyReLU(SLOPE),
        nn.Conv2d(inner, 1, 3, padding=1),
    )


def _initialize(module: nn.Module) -> None:
    """Draw weights as the paper does; the authors' code lets biases start at 0."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, std=DEVIATION)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def _normalized(layer: nn.Module, width: int) -> list[nn.Module]:
    return [layer, nn.InstanceNorm2d(width), nn.ReLU()]


def _scaled(layer: nn.Module, width: int) -> list[nn.Module]:
    return [layer, nn.InstanceNorm2d(width, affine=True), nn.ReLU()]


def _doubling(inputs: int, outputs: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1)


def _branch(width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ReflectionPad2d(1),
        *_normalized(nn.Conv2d(width, width, 3), width),
        nn.ReflectionPad2d(1),
        nn.Conv2d(width, width, 3),
        nn.InstanceNorm2d(width),
    )


def _small_branch(width: int) -> nn.Sequential:
    return nn.Sequential(
        *_scaled(nn.Conv2d(width, width, 3, padding=1), width),
        nn.Conv2d(width, width, 3, padding=1),
        nn.InstanceNorm2d(width, affine=True),
    )


def _judging(inputs: int, outputs: int, stride: int) -> list[nn.Module]:
    convolution = nn.Conv2d(inputs, outputs, 4, stride=stride, padding=1)
    return [convolution, nn.InstanceNorm2d(outputs), nn.LeakyReLU(SLOPE)]
