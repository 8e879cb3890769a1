"""The same formula cases through Python and through the widgets' JavaScript, to 1e-9."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kbook import losses
from tests.js import Module

CASES: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[1] / "cases" / "losses.json").read_text()
)


@pytest.fixture(scope="module")
def javascript() -> Module:
    return Module("softmax_loss")


def agree(theirs: object, ours: object) -> None:
    np.testing.assert_allclose(np.array(theirs, dtype=float), ours, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("case", CASES["classes"], ids=lambda case: case["kind"])
def test_classes(case: dict[str, Any], javascript: Module) -> None:
    z, target = case["logits"], case["target"]
    agree(javascript.call("softmax", z), losses.softmax(z))
    agree(javascript.call("logSoftmax", z), losses.log_softmax(z))
    agree(javascript.call("logSumExp", z), case["log_sum_exp"])
    agree(javascript.call("crossEntropy", z, target), losses.cross_entropy([z], [target]))
    agree(
        javascript.call("crossEntropyGradient", z, target),
        losses.cross_entropy_grad([z], [target])[0],
    )


@pytest.mark.parametrize("case", CASES["binary"], ids=lambda case: f"z={case['z']},y={case['y']}")
def test_binary(case: dict[str, Any], javascript: Module) -> None:
    z, y = case["z"], case["y"]
    agree(javascript.call("sigmoid", z), losses.sigmoid(z))
    agree(javascript.call("binaryCrossEntropy", z, y), losses.binary_cross_entropy([z], [y]))
    agree(
        javascript.call("binaryCrossEntropyGradient", z, y),
        losses.binary_cross_entropy_grad([z], [y])[0],
    )
