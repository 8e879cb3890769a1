"""SoftmaxLoss: its traits, and its mathematics against numpy."""

import re

import numpy as np
import pytest
import traitlets

from kbook import losses
from kbook.widgets.softmax_loss import SoftmaxLoss
from tests.js import Module

EDGES = [
    [709.7, 0.0],  # the largest exp(z) that float64 holds
    [709.8, 0.0],  # ∞/∞
    [0.0, 709.8],
    [709.5, 709.5, 709.5],  # every exp(z) is finite, their sum is not
    [0.0, 0.0, -700.0],
    [0.0, 0.0, -800.0],  # one p is 0
    [-800.0, -900.0, -1000.0],  # 0/0
    [5000.0, 4000.0, -5000.0],
]


@pytest.fixture(scope="module")
def javascript() -> Module:
    return Module("softmax_loss")


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"logits": [1.0, float("nan"), 0.0, 0.0]}, "want 2 to 6 logits from -10 to 10"),
        ({"logits": [11.0, 0.0, 0.0, 0.0]}, "want 2 to 6 logits from -10 to 10"),
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


@pytest.mark.parametrize("z", EDGES, ids=str)
def test_naive_breaks_exactly_where_float64_does(javascript: Module, z: list[float]) -> None:
    for target in range(len(z)):
        with np.errstate(all="ignore"):
            e = np.exp(z)
            p = e / e.sum()
            loss = -np.log(p[target])
        now = javascript.call("evaluateLogits", z, target, 1, True)
        assert isinstance(now, dict)
        np.testing.assert_allclose(now["p"], p, rtol=1e-9)  # NaN where numpy has NaN, 0 where 0
        np.testing.assert_allclose(now["loss"], loss, rtol=1e-9)


@pytest.mark.parametrize("scale", [1, 10, 100, 1000])
def test_stable_values_are_the_librarys(javascript: Module, scale: int) -> None:
    rng = np.random.default_rng(scale)
    for logits in [np.array([2.0, 1.0, 0.0, -1.0]), *rng.uniform(-5, 5, size=(20, 4))]:
        target = int(rng.integers(4))
        now = javascript.call("evaluateLogits", logits.tolist(), target, scale, False)
        assert isinstance(now, dict)
        z = scale * logits[None]
        np.testing.assert_allclose(
            now["loss"], losses.cross_entropy(z, [target]), rtol=1e-9, atol=1e-12
        )
        np.testing.assert_allclose(now["p"], losses.softmax(z)[0], atol=1e-12)
        gradient = losses.cross_entropy_grad(z, [target])[0]
        np.testing.assert_allclose(now["gradient"], gradient, atol=1e-12)


def stepped(javascript: Module, logits: list[float], scale: int) -> list[float]:
    """Take one step with the gradient that the widget shows, towards class 1."""
    now = javascript.call("evaluateLogits", logits, 1, scale, False)
    assert isinstance(now, dict)
    after = javascript.call("gradientStep", logits, now["gradient"], scale)
    assert isinstance(after, list)
    return after


def test_gradient_steps_descend_to_the_truth(javascript: Module) -> None:
    z = [2.0, 1.0, 0.0, -1.0]
    before = losses.cross_entropy([z], [1])
    for _ in range(30):
        z = stepped(javascript, z, 1)
        now = losses.cross_entropy([z], [1])
        assert now < before
        before = now
    assert before < 0.05


@pytest.mark.parametrize("scale", [1, 10])
def test_a_step_moves_the_scaled_logits_by_the_gradient(javascript: Module, scale: int) -> None:
    z = np.array([5.0, 4.9, 5.0, -5.0])  # beyond the sliders' end, too
    wanted = scale * z - losses.cross_entropy_grad([scale * z], [1])[0]
    after = np.array(stepped(javascript, z.tolist(), scale))
    np.testing.assert_allclose(scale * after, wanted, atol=1e-12)


def test_steps_never_leave_what_the_trait_allows(javascript: Module) -> None:
    z = [9.9, 9.8, 9.9, 9.9]
    for _ in range(5):
        z = stepped(javascript, z, 1)
    assert SoftmaxLoss(logits=z).logits[1] == 10.0


@pytest.mark.parametrize(
    ("logits", "naive", "words"),
    [
        ([1000.0, 0.0], True, r"exp\(1000\) is too large.*p\(b\) is 0.*The true loss is 1000\."),
        ([0.0, 1000.0], True, r"exp\(1000\) is too large.*not a number\. The true loss is 0\."),
        ([0.0, -800.0], True, r"^p\(b\) is too small for 64 bits and became 0.*is 800\."),
        ([-900.0, -800.0], True, r"Every exp\(z\) is too small.*The true loss is 0\."),
        ([709.5, 709.5], True, r"The sum of the exp\(z\).*The true loss is 0\.6931\."),
        ([0.0, -740.0], True, r"p\(b\) is so small that 64 bits lost digits.*is 740\."),
        ([0.0, -800.0], False, r"the stable form never takes.* = 0 \+ 800\."),
        ([2000.0, 1000.0], False, r"ℓ = ln Σ exp\(z\) − z\(b\) = 2000 − 1000\."),
        ([0.0, 9.0], False, r"^Sure and right"),
        ([9.0, 0.0], False, r"^Sure and wrong"),
        ([1.0, 0.0], False, r"^b is pulled up by 0\.731.*The other is .* 0\.731\.$"),
        ([1.0, 0.0], True, r"0\.731\. As written, softmax still gives the right loss"),
    ],
)
def test_remarks_say_what_happened(
    javascript: Module, logits: list[float], naive: bool, words: str
) -> None:
    now = javascript.call("evaluateLogits", logits, 1, 1, naive)
    remark = str(javascript.call("remark", now, ["a", "b"], 1, naive))
    assert re.search(words, remark), remark


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.2369, "0.237"),
        (-0.763, "−0.763"),
        (0, "0"),
        (1, "1.000"),
        (3.7e-44, "4e−44"),
        (-9.9e-5, "−1e−4"),
    ],
)
def test_small_shares_keep_their_size(javascript: Module, value: float, text: str) -> None:
    assert javascript.call("shareText", value) == text
