"""Nets that steer: from a camera's frame to the curvature that the car is to drive.

M. Bojarski et al., "End to End Learning for Self-Driving Cars", arXiv:1604.07316 (2016), call
theirs DAVE-2, later papers PilotNet. Like theirs, both nets take the frame as it comes and bring it
to their scale by a first layer that does not learn.
"""

import math

from torch import Tensor, nn

__all__ = ["STEEPNESS", "Fixed", "pilotnet", "small_pilotnet"]

# A tight curve, with a radius of 20 m, has a curvature of 0.05 / m. Were the last layer to give
# that directly, its first random weights would ask for far tighter curves, and a step of the
# optimizer that suits all other layers would be too large for this one. So the layers work in
# units of 1/20 per meter, with numbers around 1; what brings these to 1/m is not learned.
STEEPNESS = 20.0


class Fixed(nn.Module):
    """Scale and shift all numbers alike, by what is fixed beforehand: nothing here is learned.

    Parameters
    ----------
    scale, shift : float

    Raises
    ------
    ValueError
        If one of them is not finite.
    """

    def __init__(self, scale: float, shift: float) -> None:
        super().__init__()
        if not math.isfinite(scale) or not math.isfinite(shift):
            raise ValueError(f"Fixed wants a finite scale and shift; got {scale} and {shift}.")
        self.scale, self.shift = float(scale), float(shift)

    def forward(self, x: Tensor) -> Tensor:
        """Return scale · x + shift; whole numbers, as the bytes of a picture, become float32."""
        return self.scale * x + self.shift

    def extra_repr(self) -> str:
        """Return what a printed net shows of this layer."""
        return f"scale={self.scale:g}, shift={self.shift:g}"


def pilotnet() -> nn.Sequential:
    """Return the published net: 252,219 parameters, 26,876,342 multiply-adds for a frame.

    Layers and sizes are those of the paper's figure 4. The paper names no activation function;
    here it is ReLU. Theirs takes YUV planes, this one RGB; theirs counts a left curve negative,
    this one positive. The first weights are torch's.

    Returns
    -------
    nn.Sequential
        From frames (N, 3, 66, 200), 0 to 255, uint8 or floats, to curvatures (N, 1) in 1/m.

    References
    ----------
    Bojarski et al. (2016), section 4 and figure 4.
    """
    return nn.Sequential(
        Fixed(1 / 127.5, -1.0),
        *_seeing(3, 24, kernel=5, stride=2),
        *_seeing(24, 36, kernel=5, stride=2),
        *_seeing(36, 48, kernel=5, stride=2),
        *_seeing(48, 64, kernel=3),
        *_seeing(64, 64, kernel=3),
        nn.Flatten(),
        *(nn.Linear(64 * 1 * 18, 100), nn.ReLU()),
        *(nn.Linear(100, 50), nn.ReLU()),
        *(nn.Linear(50, 10), nn.ReLU()),
        nn.Linear(10, 1),
        Fixed(1 / STEEPNESS, 0.0),
    )


def small_pilotnet(inputs: int = 3) -> nn.Sequential:
    """Return a net for small frames: 33,241 parameters, 2,039,840 multiply-adds for a frame.

    Parameters
    ----------
    inputs : int, default 3
        Channels of a frame (the numbers above are those for 3).

    Returns
    -------
    nn.Sequential
        From frames (N, inputs, 32, 96), 0 to 255, uint8 or floats, to curvatures (N, 1) in 1/m. The
        page can compute it.
    """
    return nn.Sequential(
        Fixed(1 / 127.5, -1.0),
        *_seeing(inputs, 16, kernel=5, stride=2, padding=2),
        *_seeing(16, 24, kernel=3, stride=2, padding=1),
        *_seeing(24, 32, kernel=3, stride=2, padding=1),
        *_seeing(32, 32, kernel=3, stride=2, padding=1),
        nn.Flatten(),
        *(nn.Linear(32 * 2 * 6, 32), nn.ReLU()),
        nn.Linear(32, 1),
        Fixed(1 / STEEPNESS, 0.0),
    )


def _seeing(
    inputs: int, outputs: int, *, kernel: int, stride: int = 1, padding: int = 0
) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(inputs, outputs, kernel, stride, padding), nn.ReLU()
