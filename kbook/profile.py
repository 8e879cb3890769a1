"""Decide what runs here: quick (any CPU, minutes) or full (a CUDA GPU, all of each experiment)."""

import os
import random
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from kbook.errors import OneSentence

__all__ = ["NoGPU", "Profile", "UnknownProfile", "setup"]

T = TypeVar("T")

NAMES = ("quick", "full")
VARIABLE = "KBOOK_PROFILE"

# Printed in every quick run, on every machine. It holds with and without a GPU, so that the stored
# notebooks can be compared word for word, and it still tells the owner of one why it stays idle.
QUICK_LINE = (
    "Profile quick: small experiments on the CPU, two minutes a chapter at most; "
    "a GPU stays idle (the full profile needs one with CUDA, Apple's MPS will not do)."
)


class UnknownProfile(OneSentence, ValueError):
    """Say that a profile was asked for by a name that does not exist."""


class NoGPU(OneSentence, RuntimeError):
    """Say that the full profile was asked for where torch sees no CUDA device."""


@dataclass(frozen=True)
class Profile:
    """Hold what a notebook needs to know about this run.

    Attributes
    ----------
    name : str
        "quick" or "full".
    device : torch.device
        Where tensors go: always the CPU in quick, the current CUDA device in full.
    seed : int
        The number from which a chapter makes its generators.
    """

    name: str
    device: torch.device
    seed: int

    def choose(self, *, quick: T, full: T) -> T:
        """Return the value meant for this profile.

        Parameters
        ----------
        quick, full : any
            The two values, side by side where the reader can compare them.

        Returns
        -------
        any
            `quick` or `full`, the very object that was given.
        """
        return quick if self.name == "quick" else full


def setup(seed: int = 0, profile: str | None = None) -> Profile:
    """Choose the profile, prepare torch, and print one line that says what will run.

    Without a wish, a CUDA device means full and anything else means quick. The environment variable
    KBOOK_PROFILE decides otherwise, and the argument `profile` decides before both.

    Parameters
    ----------
    seed : int, default 0
        From 0 to 2**32 - 1 (numpy's range). It also seeds the global generators of `random`,
        numpy and torch, as a safety net: chapters pass generators of their own.
    profile : {"quick", "full"}, optional
        The profile wanted.

    Returns
    -------
    Profile
        Name, device and seed of this run.

    Raises
    ------
    TypeError, ValueError
        If `seed` is no integer, or out of range.
    UnknownProfile
        A ValueError: the profile asked for is neither "quick" nor "full".
    NoGPU
        A RuntimeError: full was asked for, and torch sees no CUDA device.

    Examples
    --------
    >>> profile = setup(seed=0, profile="quick")  # doctest: +ELLIPSIS
    Profile quick: small experiments on the CPU...
    >>> profile.choose(quick=20, full=9_800)
    20
    """
    seed = _checked_seed(seed)
    name = _wanted(profile) or ("full" if torch.cuda.is_available() else "quick")
    if name == "full" and not torch.cuda.is_available():
        raise NoGPU(
            "The full profile needs a CUDA GPU and torch sees none here: "
            "choose the quick profile or a machine with such a GPU."
        )
    _make_repeatable(seed, strict=name == "quick")
    if name == "quick":  # asks nothing of CUDA: a quick run also works beside a broken driver
        print(QUICK_LINE)
        return Profile(name, torch.device("cpu"), seed)
    print(f"Profile full: the complete experiments on {torch.cuda.get_device_name()}.")
    return Profile(name, torch.device("cuda"), seed)


def _checked_seed(seed: int) -> int:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"The seed must be an integer; got {seed!r}.")
    if not 0 <= seed < 2**32:
        raise ValueError(f"The seed must lie between 0 and 2**32 - 1; got {seed}.")
    return int(seed)


def _wanted(profile: str | None) -> str | None:
    """Return the profile asked for by argument or environment; None leaves the choice to us."""
    if profile is not None:
        source, name = "profile", profile
    else:
        source, name = VARIABLE, os.environ.get(VARIABLE, "").strip()
        if not name:
            return None
    if name not in NAMES:
        raise UnknownProfile(f'{source} must be "quick" or "full"; got {name!r}.')
    return name


def _make_repeatable(seed: int, *, strict: bool) -> None:
    """Seed everything, fix the thread count, and ask torch for algorithms that repeat their bits.

    Strict refuses an operation that cannot repeat its bits. On CUDA a few layers have no such form
    (the backward pass of reflection padding, for one): there torch warns instead.
    """
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the legacy generator is the global one, which we want here
    torch.manual_seed(seed)
    # The last bits of a sum depend on the number of threads: the same on every reader's machine.
    torch.set_num_threads(min(2, os.cpu_count() or 1))
    # numpy's products here are small: a second thread gains nothing, and where it has to share its
    # core it costs a lot (measured: a training of 1.3 seconds took 60).
    threadpool_limits(1, user_api="blas")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when cuBLAS starts
    torch.backends.cudnn.benchmark = False  # its timing contest may pick another kernel each run
    torch.use_deterministic_algorithms(True, warn_only=not strict)
