"""The residual nets of chapter 5 and their plain twins."""

from collections.abc import Sequence
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from kbook.models.residual import Residual

__all__ = ["ResNet", "resnet20", "resnet32", "resnet44", "resnet56", "resnet110"]

SHORTCUTS = ("A", "B")


class PaddedShortcut(nn.Module):
    """Keep every stride-th pixel and append channels of zeros: a shortcut without parameters.

    Parameters
    ----------
    channels : int
        How many to append.
    stride : int
        Between the pixels that stay.

    References
    ----------
    Option A of He et al. (2016), section 3.3.
    """

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.channels, self.stride = channels, stride

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, H, W) as (N, C + channels, ⌈H / stride⌉, ⌈W / stride⌉)."""
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.channels))


class ResNet(nn.Sequential):
    """The net that He et al. built for CIFAR-10: stages of blocks of two 3 by 3 convolutions.

    A convolution, then the blocks, then the mean of each channel and one linear layer. The first
    block of every stage but the first halves height and width. The plain twin, ``residual=False``,
    has the same layers in the same order and no skip.

    Parameters
    ----------
    blocks : sequence of int
        Blocks in each stage, at least 1. The depth, counted in layers with a weight matrix but for
        the projections of shortcut B, is twice their sum and 2.
    widths : sequence of int
        Channels of each stage, as many as `blocks`.
    num_classes, in_channels : int
        Logits, and channels of the pictures.
    shortcut : {"A", "B"}
        Where a block changes the shape: "A" drops pixels and appends channels of zeros, "B" is a
        1 by 1 convolution with batch normalization.
    residual : bool
        Whether the blocks add what went in.

    Raises
    ------
    ValueError
        If `blocks` and `widths` do not fit together, there is no such shortcut, or shortcut A
        would have to drop channels.

    References
    ----------
    He, Zhang, Ren and Sun (2016), "Deep residual learning for image recognition", section 4.2;
    weights are initialized as in He et al. (2015), eq. 10.
    """

    def __init__(  # noqa: PLR0913 - what tells one net of the family from another
        self,
        blocks: Sequence[int],
        widths: Sequence[int],
        *,
        num_classes: int = 10,
        in_channels: int = 3,
        shortcut: str = "A",
        residual: bool = True,
    ) -> None:
        if not blocks or len(blocks) != len(widths) or min(blocks) < 1:
            raise ValueError(
                f"ResNet wants a number of blocks from 1 on, and a width, for each stage; "
                f"got blocks {tuple(blocks)} and widths {tuple(widths)}."
            )
        if shortcut not in SHORTCUTS:
            raise ValueError(f'ResNet wants the shortcut "A" or "B"; got {shortcut!r}.')
        if shortcut == "A" and list(widths) != sorted(widths):
            raise ValueError(f"Shortcut A can append channels only; got widths {tuple(widths)}.")
        layers: list[nn.Module] = [*_normalized(in_channels, widths[0]), nn.ReLU()]
        channels = widths[0]
        for stage, (count, width) in enumerate(zip(blocks, widths, strict=True)):
            for number in range(count):
                stride = 2 if stage and not number else 1
                body = _body(channels, width, stride)
                skip = _shortcut(shortcut, channels, width, stride)
                layers += [Residual(body, skip) if residual else body, nn.ReLU()]
                channels = width
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, num_classes)]
        super().__init__(*layers)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    def __getitem__(self, index: int | slice) -> Any:
        """Return a layer, or for a slice a plain chain of layers, which is no ResNet."""
        return nn.Sequential(*self)[index]


def resnet20(**options: Any) -> ResNet:
    """Return the net of 20 layers: 269,722 parameters with the default options of `ResNet`."""
    return _of_depth(20, **options)


def resnet32(**options: Any) -> ResNet:
    """Return the net of 32 layers: 464,154 parameters with the default options of `ResNet`."""
    return _of_depth(32, **options)


def resnet44(**options: Any) -> ResNet:
    """Return the net of 44 layers: 658,586 parameters with the default options of `ResNet`."""
    return _of_depth(44, **options)


def resnet56(**options: Any) -> ResNet:
    """Return the net of 56 layers: 853,018 parameters with the default options of `ResNet`."""
    return _of_depth(56, **options)


def resnet110(**options: Any) -> ResNet:
    """Return the net of 110 layers: 1,727,962 parameters with the default options of `ResNet`."""
    return _of_depth(110, **options)


def _of_depth(depth: int, **options: Any) -> ResNet:
    """Return a net of table 6 of He et al. (2016): depth 6 n + 2 has three stages of n blocks."""
    return ResNet(3 * [(depth - 2) // 6], (16, 32, 64), **options)


def _normalized(inputs: int, outputs: int, stride: int = 1) -> tuple[nn.Module, nn.Module]:
    """Return a 3 by 3 convolution and the batch normalization behind it."""
    return nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)


def _body(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        *_normalized(inputs, outputs, stride), nn.ReLU(), *_normalized(outputs, outputs)
    )


def _shortcut(kind: str, inputs: int, outputs: int, stride: int) -> nn.Module | None:
    """Return what brings a block's input to the shape of its output; None if it has it."""
    if stride == 1 and inputs == outputs:
        return None
    if kind == "A":
        return PaddedShortcut(outputs - inputs, stride)
    projection = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
    return nn.Sequential(projection, nn.BatchNorm2d(outputs))
