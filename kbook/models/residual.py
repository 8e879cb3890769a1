"""What residual nets are made of: layers with a shortcut around them."""

from torch import Tensor, nn

__all__ = ["Residual"]


class Residual(nn.Module):
    """Add to the outputs of some layers what went in.

    Parameters
    ----------
    body : nn.Module
        The layers.
    shortcut : nn.Module, optional
        What brings the input to the shape of the body's output, such as a 1 × 1 convolution with a
        stride. Without one the input is added as it is.
    """

    def __init__(self, body: nn.Module, shortcut: nn.Module | None = None) -> None:
        super().__init__()
        self.body = body
        self.shortcut: nn.Module = nn.Identity() if shortcut is None else shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Return body(x) + shortcut(x)."""
        return self.body(x) + self.shortcut(x)
