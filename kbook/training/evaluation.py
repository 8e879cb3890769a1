"""Measure a trained model: in evaluation mode, over samples and not over batches."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["accuracy", "device_of", "evaluate", "evaluation_mode"]

Measure = Callable[
    [Tensor, Tensor], Tensor
]  # (outputs, targets) of a batch → mean over its samples


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the share of samples whose largest logit is the label's.

    Parameters
    ----------
    logits : Tensor of shape (N, K)
    labels : Tensor of shape (N,)
        Class numbers.

    Returns
    -------
    Tensor of shape ()
        From 0 to 1.

    Raises
    ------
    ValueError
        If the shapes do not fit. Compared all the same, (N, 1) against (N,) would be stretched to
        N times N comparisons and could count more right answers than there are samples.
    """
    if logits.ndim != 2 or labels.shape != logits.shape[:1]:
        raise ValueError(
            f"accuracy wants logits (N, K) and labels (N,); "
            f"got {tuple(logits.shape)} and {tuple(labels.shape)}."
        )
    return (logits.argmax(dim=1) == labels).float().mean()


CLASSIFICATION: Mapping[str, Measure] = MappingProxyType(
    {"loss": F.cross_entropy, "accuracy": accuracy}
)


@torch.no_grad()
def evaluate(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    measures: Mapping[str, Measure] = CLASSIFICATION,
) -> dict[str, float]:
    """Return the mean of each measure over all samples.

    The model is in evaluation mode meanwhile; afterwards each of its modules is as it was.

    Parameters
    ----------
    model : nn.Module
    batches : iterable of (inputs, targets)
        Of any sizes: a batch counts as much as it has samples.
    measures : mapping of str to callable, default the cross-entropy "loss" and the "accuracy"
        (outputs, targets) of a batch → mean over its samples.

    Returns
    -------
    dict of str to float

    Raises
    ------
    ValueError
        If there is no sample.
    """
    totals, count = dict.fromkeys(measures, 0.0), 0
    device = device_of(model)
    with evaluation_mode(model):
        for inputs, targets in batches:
            outputs, targets = model(inputs.to(device)), targets.to(device)
            count += len(targets)
            for name, measure in measures.items():
                totals[name] += measure(outputs, targets).item() * len(targets)
    if count == 0:
        raise ValueError("evaluate wants at least one sample; the batches held none.")
    return {name: total / count for name, total in totals.items()}


@contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Put a model into evaluation mode for a while, then each module back into the mode it had."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def device_of(model: nn.Module) -> torch.device:
    """Return the device of a model's parameters, or the CPU if it has none."""
    parameter = next(model.parameters(), None)
    return parameter.device if parameter is not None else torch.device("cpu")
