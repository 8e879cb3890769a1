"""The pool of made pictures, from which the critics of a CycleGAN are shown some again."""

import torch
from torch import Generator, Tensor

__all__ = ["Pool"]


class Pool:
    """Pictures that a generator made before, so that a critic does not forget them.

    Parameters
    ----------
    size : int
        Pictures to keep. With 0 it gives back what it gets.
    generator : torch.Generator
        On the CPU: which pictures are exchanged.

    Attributes
    ----------
    kept : list of Tensor of shape (C, H, W)
        At most `size` pictures.

    Raises
    ------
    ValueError
        If `size` is below 0.

    References
    ----------
    Shrivastava et al. (2017), "Learning from simulated and unsupervised images through adversarial
    training", section 2.3; Zhu et al. (2017), section 4: 50 pictures.
    """

    def __init__(self, size: int, generator: Generator) -> None:
        if size < 0:
            raise ValueError(f"A pool wants a size of at least 0; got {size}.")
        self.size, self.generator = size, generator
        self.kept: list[Tensor] = []

    def exchange(self, pictures: Tensor) -> Tensor:
        """Return as many pictures: those given, each with probability ½ exchanged for an older one.

        Until the pool is full, it keeps each picture and gives it back.

        Parameters
        ----------
        pictures : Tensor of shape (N, C, H, W)
            Detached from their generator.

        Returns
        -------
        Tensor of shape (N, C, H, W)
        """
        return torch.stack([self._exchange(picture) for picture in pictures])

    def _exchange(self, picture: Tensor) -> Tensor:
        if len(self.kept) < self.size:
            self.kept.append(picture.clone())  # a view would keep its whole batch in memory
            return picture
        if self.size == 0 or torch.rand((), generator=self.generator) < 0.5:
            return picture
        place = int(torch.randint(self.size, (), generator=self.generator))
        old, self.kept[place] = self.kept[place], picture.clone()
        return old
