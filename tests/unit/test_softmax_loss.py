"""SoftmaxLoss: its traits, and its mathematics against numpy."""

import numpy as np
import pytest
import traitlets

from kbook import losses
from kbook.widgets.softmax_loss import SoftmaxLoss
from tests.js import Module


@pytest.fixture(scope="module")
def javascript() -> Module:
    return Module("softmax_loss")


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"logits": [1.0, float("nan"), 0.0, 0.0]}, "want 2 to 6 logits from -5 to 5"),
        ({"logits": [6.0, 0.0, 0.0, 0.0]}, "want 2 to 6 logits from -5 to 5"),
        ({"logits": [1.0, 2.0]}, "want 4 logits, as many as names"),
        ({"names": ["a", "b"]}, "want 4 names"),
        ({"names": ["a", "b", "", "d"]}, "want 4 names"),
        ({"target": 4}, "want a class from 0 to 3, got 4"),
        ({"scale": "7"}, "scale"),
    ],
)
def test_bad_state_is_refused(bad: dict[str, object], sentence: str) -> None:
    with pytest.raises(traitlets.TraitError, match=sentence):
        SoftmaxLoss(**bad)


def test_another_number_of_classes() -> None:
    widget = SoftmaxLoss(logits=[0, 1], names=["no", "yes"], target=1)
    assert widget.state()["logits"] == [0.0, 1.0]


def test_naive_softmax_does_what_floating_point_does(javascript: Module) -> None:
    rng = np.random.default_rng(0)
    for scale in (1, 10, 100, 1000):
        z = scale * rng.uniform(-5, 5, size=4)
        with np.errstate(all="ignore"):
            p = np.exp(z) / np.exp(z).sum()
            loss = -np.log(p[2])
        theirs = np.array(javascript.call("naiveSoftmax", z.tolist()))
        np.testing.assert_allclose(theirs, p, rtol=1e-9, atol=1e-300)
        loss_theirs = javascript.call("naiveCrossEntropy", z.tolist(), 2)
        np.testing.assert_allclose(float(loss_theirs), loss, rtol=1e-9)


@pytest.mark.parametrize("scale", [1, 10, 1000])
def test_stable_values_are_the_librarys(javascript: Module, scale: int) -> None:
    z = [2.0, 1.0, 0.0, -1.0]
    now = javascript.call("evaluateLogits", z, 1, scale, False)
    assert isinstance(now, dict)
    scaled = scale * np.array([z])
    np.testing.assert_allclose(now["loss"], losses.cross_entropy(scaled, [1]), rtol=1e-12)
    np.testing.assert_allclose(now["p"], losses.softmax(scaled)[0], atol=1e-12)
    np.testing.assert_allclose(
        now["gradient"], losses.cross_entropy_grad(scaled, [1])[0], atol=1e-12
    )


def test_gradient_steps_descend_to_the_truth(javascript: Module) -> None:
    z, scale = [2.0, 1.0, 0.0, -1.0], 1
    before = losses.cross_entropy([z], [1])
    for _ in range(30):
        z = javascript.call("gradientStep", z, 1, scale)
        now = losses.cross_entropy([z], [1])
        assert now < before
        before = now
    assert before < 0.05


def test_a_step_moves_the_scaled_logits_by_the_gradient(javascript: Module) -> None:
    z = np.array([0.2, 0.1, 0.0, -0.1])
    stepped = np.array(javascript.call("gradientStep", z.tolist(), 1, 10))
    wanted = 10 * z - losses.cross_entropy_grad([10 * z], [1])[0]
    np.testing.assert_allclose(10 * stepped, wanted, atol=1e-12)


def test_remarks_name_what_happened(javascript: Module) -> None:
    names = ["cat", "dog"]
    for logits, naive, words in [
        ([1000.0, 0.0], True, "not a number. The true loss is 1000"),
        ([0.0, -800.0], True, "became 0, and −ln 0 = ∞. The true loss is 800"),
        ([0.0, 9.0], False, "Sure and right"),
        ([1.0, 0.0], False, "pulls dog up, and pushes cat down"),
    ]:
        now = javascript.call("evaluateLogits", logits, 1, 1, naive)
        assert words in str(javascript.call("remark", now, names, 1))
