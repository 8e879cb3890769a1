"""Train a CycleGAN on all pictures of two domains: the loop around its step, with a checkpoint."""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Generator, Tensor

from kbook.files import whole_file
from kbook.training.checkpoint import UnusableCheckpoint
from kbook.training.cyclegan import CycleGAN
from kbook.training.history import History
from kbook.training.loop import TrainingDiverged
from kbook.training.progress import Progress

__all__ = ["fit_cyclegan"]

SHOWN = 10  # steps from one look at the loss to the next: each look lets a GPU wait


def fit_cyclegan(  # noqa: PLR0913 - as for `fit`, each part is named where it is given
    gan: CycleGAN,
    x: Tensor,
    y: Tensor,
    *,
    augment: Callable[[Tensor, Generator], Tensor] | None = None,
    checkpoint: Path | None = None,
    every: int = 500,
    callbacks: Sequence[Callable[[CycleGAN], None]] = (),
    progress: bool = True,
) -> dict[str, list[float]]:
    """Train until all steps of the recipe are made, on batches drawn from each domain at random.

    Parameters
    ----------
    gan : CycleGAN
        What is trained, and how.
    x, y : Tensor of shape (N, 3, H, W), (M, 3, H, W)
        All pictures of the two domains, from -1 to 1, on the device of the nets; N and M may
        differ.
    augment : callable, optional
        (batch, gan's generator) → batch of the same kind.
    checkpoint : Path, optional
        A file. If it exists, the training goes on from there, and ends with the same bits as if it
        had never stopped; it is written every `every` steps and after the last one.
    every : int, default 500
        Steps from one writing, and one check of losses and weights, to the next.
    callbacks : sequence of callables
        Each is called with `gan` after every step.
    progress : bool, default True
        Whether to show the progress bar.

    Returns
    -------
    dict of list of float
        The losses of all steps, one list a term, those before a resumption included.

    Raises
    ------
    ValueError
        If there is no picture, the pictures of the domains differ in shape, or `every` is below 1.
    TrainingDiverged
        If a loss or a weight is infinite or no number, seen at the next check. A checkpoint keeps
        what it saved last.
    UnusableCheckpoint
        If the file is no checkpoint of this training; `gan` is then as it was.
    """
    _check(x, y, every)
    if checkpoint:
        _restore(gan, checkpoint)
    steps = gan.recipe.steps
    with Progress(gan.step, steps, visible=progress) as bar:
        while gan.step < steps:
            drawn = (_draw(part, gan, augment) for part in (x, y))
            gan.advance(*drawn)
            for callback in callbacks:
                callback(gan)
            if progress and (gan.step % SHOWN == 0 or gan.step == steps):
                bar.show(gan.step, float(gan.losses[-1]["adversarial"]))
            if gan.step % every == 0 or gan.step == steps:
                _check_finite(gan)
                if checkpoint:
                    with whole_file(checkpoint) as draft:
                        torch.save(gan.state_dict(), draft)
    return {name: curve.tolist() for name, curve in gan.curves().items()}


def _check(x: Tensor, y: Tensor, every: int) -> None:
    if x.ndim != 4 or x.shape[1:] != y.shape[1:] or len(x) == 0 or len(y) == 0:
        raise ValueError(
            "fit_cyclegan wants pictures (N, 3, H, W) and (M, 3, H, W); "
            f"got {tuple(x.shape)} and {tuple(y.shape)}."
        )
    if every < 1:
        raise ValueError(f"fit_cyclegan wants every to be at least 1 step; got {every}.")


def _draw(
    pictures: Tensor, gan: CycleGAN, augment: Callable[[Tensor, Generator], Tensor] | None
) -> Tensor:
    lots = torch.randint(len(pictures), (gan.recipe.batch,), generator=gan.generator)
    batch = pictures[lots]
    return augment(batch, gan.generator) if augment else batch


def _restore(gan: CycleGAN, file: Path) -> None:
    if not file.exists():
        return
    before = copy.deepcopy(gan.state_dict())
    try:
        gan.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    except Exception as error:  # torch raises many kinds for a file that is cut or foreign
        gan.load_state_dict(before)
        reason = " ".join(str(error).split()).split(". ")[0].rstrip(".:")
        raise UnusableCheckpoint(
            f"{file} is no checkpoint of this training ({type(error).__name__}: {reason}). "
            "Delete it to start afresh, or name another file."
        ) from error
    if gan.step == gan.recipe.steps:
        print(f"{file.name}: this training is done; delete the file to train again.")
    else:
        print(f"{file.name}: going on after step {gan.step} of {gan.recipe.steps}.")


def _check_finite(gan: CycleGAN) -> None:
    last = gan.losses[-1].values()
    if all(bool(value.isfinite().all()) for value in (*last, *gan.nets.parameters())):
        return
    curves = gan.curves()
    finite = torch.stack(list(curves.values())).isfinite().all(dim=0).tolist()
    before = finite.index(False) if False in finite else gan.step
    raise TrainingDiverged(
        f"A loss or a weight became infinite or no number after step {before} of "
        f"{gan.recipe.steps}. Lower the learning rate, or look for bad numbers in the pictures.",
        History(loss=curves["adversarial"][:before].tolist()),
    )
