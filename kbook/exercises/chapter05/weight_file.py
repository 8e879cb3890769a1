"""Exercise 05-10: what of a weight file will be loaded into a net with another head."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.modules.utils import consume_prefix_in_state_dict_if_present

from kbook.exercises.exercise import Exercise, Mistake
from kbook.exercises.tasks import Case, Function

Codes = NDArray[np.int64]
Shapes = dict[str, tuple[int, ...]]
Rule = Callable[[Shapes, Shapes, str], Codes]

WRAPPER = "module."
TAKEN, HEAD, MISSING, MISFIT, LEFT_OVER = 2, 1, 0, -1, -2


def _net(head: str = "fc", classes: int = 2, width: int = 8) -> Shapes:
    """Return names and shapes of a small net."""
    return {
        "conv1.weight": (width, 3, 3, 3),
        "bn1.weight": (width,),
        "bn1.bias": (width,),
        "bn1.num_batches_tracked": (),
        f"{head}.weight": (classes, width),
        f"{head}.bias": (classes,),
    }


def _cases() -> tuple[Case, ...]:
    """Return nets and files: another head, wrapped names, other shapes, names too many and few."""

    def wrapped(shapes: Shapes) -> Shapes:
        return {WRAPPER + name: shape for name, shape in shapes.items()}

    def without(shapes: Shapes, *names: str) -> Shapes:
        return {name: shape for name, shape in shapes.items() if name not in names}

    norms = {"fc_norm.weight": (8,), "block.fc.weight": (4, 8), "block.fc2.bias": (4,)}
    lost = without(_net(classes=10), "bn1.bias", "bn1.num_batches_tracked")
    shapes = {"conv1.weight": (3, 8, 3, 3), "bn1.weight": (8, 1), "bn1.bias": (8, 1, 1, 1)}
    inner = {"module.weight": (4,), "stem.module.weight": (5, 2), "fc.weight": (2, 5)}
    stacked = {"0.conv.weight": (8, 3, 5, 5), "10.fc.bias": (3,), "2.0.weight": (8,)}
    return (
        Case("a file of 1000 classes and a net of two", (_net(), _net(classes=1000), "fc")),
        Case("a file of as many classes as the net", (_net(), _net(), "fc")),
        Case("names that begin with module.", (_net(), wrapped(_net(classes=10)), "fc")),
        Case("a file that lacks names", (_net(), lost, "fc")),
        Case("a file with names too many", (lost, _net(), "fc")),
        Case("a wider net", (_net(width=16), _net(width=8), "fc")),
        Case("shapes of the same size", (_net(), {**_net(), **shapes}, "fc")),
        Case("names that look like the head's", ({**_net(), **norms}, {**norms, **_net()}, "fc")),
        Case("a net whose head has no bias", (without(_net(), "fc.bias"), _net(), "fc")),
        Case("a head called classifier.1", (_net("classifier.1"), _net(), "classifier.1")),
        Case("a net with a layer called module", (inner, {**inner, "fc.bias": (2,)}, "fc")),
        Case("the same, with module. before all names", (inner, wrapped(inner), "fc")),
        Case("numbers as names", (stacked, {**stacked, "9.weight": (1,)}, "10.fc")),
        Case("an empty file", (_net(), {}, "fc")),
    )


def _module(shapes: Shapes) -> nn.Module:
    """Return a module of torch with buffers of these names and shapes."""
    root = nn.Module()
    for name, shape in shapes.items():
        *path, leaf = name.split(".")
        at = root
        for part in path:
            if part not in dict(at.named_children()):
                at.add_module(part, nn.Module())
            at = at.get_submodule(part)
        at.register_buffer(leaf, torch.zeros(shape))
    return root


def _oracle(net: Shapes, file: Shapes, head: str) -> list[int]:
    """Let torch load the file, and read what it reports."""
    weights = {name: torch.zeros(shape) for name, shape in file.items()}
    if all(name.startswith(WRAPPER) for name in weights):
        consume_prefix_in_state_dict_if_present(weights, WRAPPER)
    codes = dict.fromkeys([*net, *weights], TAKEN)
    module = _module(net)
    try:
        module.load_state_dict(weights, strict=False)
    except RuntimeError as error:  # names every shape that does not fit
        for name in re.findall(r"size mismatch for (\S+):", str(error)):
            codes[name] = MISFIT
    fits = {name: tensor for name, tensor in weights.items() if codes[name] != MISFIT}
    report = module.load_state_dict(fits, strict=False)
    for name in report.missing_keys:
        codes[name] = MISSING if codes[name] == TAKEN else codes[name]
    codes |= dict.fromkeys(report.unexpected_keys, LEFT_OVER)
    for name in codes:
        if name.split(".")[: head.count(".") + 1] == head.split("."):
            codes[name] = HEAD
    return [codes[name] for name in sorted(codes)]


def _unwrapped(file: Shapes) -> Shapes:
    """Take the wrapper's prefix off, if all names have it."""
    if not all(name.startswith(WRAPPER) for name in file):
        return file
    return {name.removeprefix(WRAPPER): shape for name, shape in file.items()}


def _code(net: Shapes, file: Shapes, name: str) -> int:
    """Return what becomes of a name that is not the head's."""
    if name not in net:
        return LEFT_OVER
    if name not in file:
        return MISSING
    return TAKEN if net[name] == file[name] else MISFIT


def _plan(
    unwrap: Callable[[Shapes], Shapes] = _unwrapped,
    in_head: Callable[[str, str], bool] = lambda name, head: name.startswith(f"{head}."),
    code: Callable[[Shapes, Shapes, str], int] = _code,
    names: Callable[[Shapes, Shapes], list[str]] = lambda net, file: sorted({*net, *file}),
) -> Rule:
    """Return the reference solution, or one that errs in a way that is given."""

    def plan(net: Shapes, file: Shapes, head: str) -> Codes:
        file = unwrap(file)
        codes = [HEAD if in_head(n, head) else code(net, file, n) for n in names(net, file)]
        return np.array(codes)

    return plan


_right = _plan()


def _unwrapped_singly(file: Shapes) -> Shapes:
    """Take the prefix off wherever a name begins with it."""
    return {name.removeprefix(WRAPPER): shape for name, shape in file.items()}


def _unwrapped_anywhere(file: Shapes) -> Shapes:
    """Take the wrapper's name out of all names, wherever it stands, if all begin with it."""
    is_wrapped = all(name.startswith(WRAPPER) for name in file)
    return {n.replace(WRAPPER, "") if is_wrapped else n: shape for n, shape in file.items()}


def _fitting_by(same: Callable[[tuple[int, ...], tuple[int, ...]], bool]) -> Rule:
    """Return a function with another idea of when a shape fits."""

    def code(net: Shapes, file: Shapes, name: str) -> int:
        right = _code(net, file, name)
        return TAKEN if right == MISFIT and same(net[name], file[name]) else right

    return _plan(code=code)


def _truthy(net: Shapes, file: Shapes, name: str) -> int:
    """Take a shape of () for a name that is not there."""
    return MISSING if name in net and not file.get(name) else _code(net, file, name)


def _left_over_head(net: Shapes, file: Shapes, head: str) -> Codes:
    """Take a name of the head for left over if only the file has it."""
    names = sorted({*net, *_unwrapped(file)})
    return np.where([name in net for name in names], _right(net, file, head), LEFT_OVER)


WEIGHT_FILE = Exercise(
    id="05-10",
    title="What a weight file will really load",
    level="design",
    minutes=20,
    task=Function(_cases, _oracle),
    solution=_right,
    praise="every name is accounted for, and nothing is left out in silence; torch's own report "
    "agrees.",
    nudge="first take off `module.` if all names of the file begin with it; then for each sorted "
    "name ask in turn whether it is the head's, whether both have it, and whether it fits",
    slow="one loop over the names takes microseconds",
    wrong=(
        Mistake(
            _plan(unwrap=lambda file: file),
            "the prefix of a wrapped net stays on, so that not one name fits.",
        ),
        Mistake(
            _plan(unwrap=_unwrapped_singly),
            "the prefix is taken off name by name; unless all names begin with it, it is a layer "
            "of the net.",
        ),
        Mistake(
            _plan(unwrap=_unwrapped_anywhere),
            "`module.` is taken out in the middle of names as well; only the one in front belongs "
            "to the wrapper.",
        ),
        Mistake(
            _plan(in_head=lambda name, head: False),
            "the head is treated like the rest; it is new, even where an old one would fit.",
        ),
        Mistake(
            _plan(in_head=lambda name, head: name.startswith(head)),
            "another layer's name begins with the same letters: the head's name ends at a dot.",
        ),
        Mistake(
            _plan(in_head=lambda name, head: f"{head}." in name),
            "the head's name is found in the middle of other names; only those that begin with it "
            "belong to it.",
        ),
        Mistake(
            _plan(in_head=lambda name, head: name.split(".")[0] == head),
            "the head may lie deeper in the net, so that its own name has a dot, as classifier.1.",
        ),
        Mistake(
            _left_over_head,
            "a name of the head that only the file has belongs to the head too, not to what is "
            "left over.",
        ),
        Mistake(
            _fitting_by(lambda ours, theirs: np.prod(ours) == np.prod(theirs)),
            "the number of weights is the same, but not the shape: (3, 8, 3, 3) is not "
            "(8, 3, 3, 3).",
        ),
        Mistake(
            _fitting_by(lambda ours, theirs: True),
            "the shapes are not compared: a name that is in both may still not fit.",
        ),
        Mistake(
            _plan(code=lambda net, file, name: _code(file, net, name)),
            "missing and left over are swapped: 0 is what the file lacks, −2 what the net lacks.",
        ),
        Mistake(
            _plan(code=_truthy),
            "the shape () counts as nothing in Python; ask whether the name is in the file.",
        ),
        Mistake(
            _plan(names=lambda net, file: sorted(net)),
            "names that only the file has are left out; they must be reported too.",
        ),
        Mistake(
            _plan(names=lambda net, file: [*net, *(name for name in file if name not in net)]),
            "the names come in the order of the net; sort them.",
        ),
    ),
)
