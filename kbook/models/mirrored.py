"""Ask a net twice: about a picture and about its mirror image."""

from torch import Tensor, nn

__all__ = ["Mirrored"]


class Mirrored(nn.Module):
    """Average a net's answers to a picture and to its mirror image (test-time augmentation).

    Parameters
    ----------
    net : nn.Module
        From pictures (N, C, H, W) to logits (N, K).
    """

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean of the logits, (N, K)."""
        return (self.net(x) + self.net(x.flip(-1))) / 2
