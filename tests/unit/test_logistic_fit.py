"""LogisticFit: its traits, and its JavaScript mathematics against numpy and scikit-learn."""

import html
import json
import re
from functools import cache

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from traitlets import TraitError

from kbook.gradcheck import central_difference
from kbook.losses import binary_cross_entropy
from kbook.widgets.bundle import module_text, stylesheet
from kbook.widgets.logistic_fit import LogisticFit
from tests.js import Module


@cache
def module() -> Module:
    return Module("logistic_fit")


def overlapping(seed: int, count: int = 30, scale: float = 1.0) -> tuple[list[float], list[int]]:
    """Draw data whose labels cannot be separated: each end carries the other side's label."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.normal(3.0, 2.0, count)) * scale
    y = (rng.random(count) < 1 / (1 + np.exp(-(x / scale - 3.0)))).astype(int)
    y[[0, -1]] = 1, 0
    y[[1, -2]] = 0, 1
    return x.tolist(), y.tolist()


DEFAULT = (list(LogisticFit().x), list(LogisticFit().y))
FITS = [(3.0, -3.0), (1.2, -5.8), (-2.0, 7.0), (0.0, 0.4), (0.01, 0.0), (40.0, -200.0)]


def curve(x: list[float], weight: float, bias: float) -> np.ndarray:
    """The probabilities, in the extended precision of numpy's long double."""
    return 1 / (1 + np.exp(-(weight * np.array(x, dtype=np.longdouble) + bias)))


@pytest.mark.parametrize(("weight", "bias"), FITS)
@pytest.mark.parametrize(
    "data", [DEFAULT, overlapping(1), overlapping(2, 200)], ids=["default", "30", "200"]
)
def test_scores_agree_with_numpy(
    data: tuple[list[float], list[int]], weight: float, bias: float
) -> None:
    x, y = data
    p = curve(x, weight, bias)
    right = np.where(np.array(y) == 1, p, curve(x, -weight, -bias))
    arguments = (x, y, weight, bias)
    assert module().call("rightProbabilities", *arguments) == pytest.approx(
        right.tolist(), rel=1e-9
    )
    product = module().call("likelihood", *arguments)
    assert product == pytest.approx(float(right.prod()), rel=1e-9, abs=1e-320)
    z = weight * np.array(x) + bias
    bce = binary_cross_entropy(z, np.array(y))
    assert module().call("meanBce", *arguments) == pytest.approx(bce, rel=1e-9)
    squared = float(((p - y) ** 2).mean())
    assert module().call("meanSquaredError", *arguments) == pytest.approx(squared, rel=1e-9)


@pytest.mark.parametrize(("weight", "bias"), FITS[:4])
def test_the_mean_bce_is_the_likelihood_on_another_scale(weight: float, bias: float) -> None:
    arguments = (*DEFAULT, weight, bias)
    product, bce = (module().call(name, *arguments) for name in ("likelihood", "meanBce"))
    assert -np.log(product) / len(DEFAULT[0]) == pytest.approx(bce, rel=1e-9)


def test_the_product_underflows_where_the_mean_stays_a_number() -> None:
    x, y = overlapping(3, 200)
    assert module().call("likelihood", x, y, -20.0, 60.0) == 0.0
    assert 1.0 < module().call("meanBce", x, y, -20.0, 60.0) < 100.0


@pytest.mark.parametrize("weight", [0.7, 3.0, -2.0])
@pytest.mark.parametrize("threshold", [1.0, 4.0, 7.5])
def test_slopes_agree_with_central_differences(weight: float, threshold: float) -> None:
    x, y = DEFAULT
    slopes = module().call("thresholdSlopes", x, y, weight, -weight * threshold)
    for name, function in (("bce", "meanBce"), ("squared", "meanSquaredError")):

        def score(t: np.ndarray, function: str = function) -> float:
            return module().call(function, x, y, weight, -weight * float(t[0]))

        expected = central_difference(score, np.array([threshold]))[0]
        assert slopes[name] == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_squared_error_is_flat_where_the_curve_is_wrong_and_sure_and_bce_is_not() -> None:
    x, y = DEFAULT
    slopes = module().call("thresholdSlopes", x, y, 4.0, 4.0 * 1.0)
    assert abs(slopes["squared"]) < 1e-3 < 1.0 < abs(slopes["bce"])


@pytest.mark.parametrize(
    "data",
    [
        DEFAULT,
        overlapping(4),
        overlapping(5, 200),
        overlapping(6, 40, 1e-3),
        overlapping(7, 40, 500.0),
    ],
    ids=["default", "30", "200", "small", "large"],
)
def test_best_fit_is_scikit_learns(data: tuple[list[float], list[int]]) -> None:
    x, y = data
    ours = module().call("bestFit", x, y)
    scale = np.std(x)  # what the solver is given is of order one, so that it converges
    u = (np.array(x) / scale)[:, None]
    reference = LogisticRegression(penalty=None, solver="newton-cholesky", tol=1e-12).fit(u, y)
    assert ours["weight"] == pytest.approx(reference.coef_[0, 0] / scale, rel=1e-6)
    assert ours["bias"] == pytest.approx(reference.intercept_[0], rel=1e-6)
    # At the optimum the gradient is zero: far sharper than any solver's tolerance.
    wrong = curve(x, ours["weight"], ours["bias"]) - np.array(y)
    assert abs(wrong.mean()) < 1e-12
    assert abs((wrong * x).mean()) < 1e-12 * max(np.abs(x))


def test_best_fit_of_separable_data_is_finite_and_steep() -> None:
    fit = module().call("bestFit", [1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1])
    assert np.isfinite([fit["weight"], fit["bias"]]).all()
    assert fit["weight"] > module().call("ranges", [1.0, 2.0, 3.0, 4.0])["weight"]
    assert -fit["bias"] / fit["weight"] == pytest.approx(2.5, rel=1e-6)


@pytest.mark.parametrize("weight", [0.3, 1.2, 3.0, 4.0, -1.0])
@pytest.mark.parametrize("data", [DEFAULT, overlapping(8)], ids=["default", "30"])
def test_likelihood_peaks_where_bce_is_smallest(
    data: tuple[list[float], list[int]], weight: float
) -> None:
    span = module().call("ranges", data[0])
    curves = module().call("scoreCurves", *data, weight, span["low"], span["high"])
    assert curves["best"]["likelihood"] == curves["best"]["bce"]
    assert curves["best"]["likelihood"] == int(np.argmax(curves["likelihood"]))
    assert curves["best"]["squared"] == int(np.argmin(curves["squared"]))
    i = 17  # any place: the curve is the score itself, at the threshold written beside it
    t = curves["thresholds"][i]
    assert t == pytest.approx(np.linspace(span["low"], span["high"], 201)[i])
    assert curves["bce"][i] == module().call("meanBce", *data, weight, -weight * t)


def test_by_default_squared_error_has_its_best_place_elsewhere() -> None:
    w = LogisticFit()
    best = module().call("scoreCurves", w.x, w.y, w.weight, 0.0, 10.0)["best"]
    assert abs(best["squared"] - best["bce"]) > 4


@pytest.mark.parametrize(
    ("size", "expected"),
    [(0.07, 0.1), (1.0, 1.0), (1.1, 2.0), (3, 5), (30.1, 50), (0.0002, 0.0002)],
)
def test_round_step(size: float, expected: float) -> None:
    assert module().call("roundStep", size) == pytest.approx(expected)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 700.0])
def test_ranges_hold_the_data_and_round_numbers(scale: float) -> None:
    x = (np.array(DEFAULT[0]) * scale).tolist()
    span = module().call("ranges", x)
    assert span["low"] <= min(x) - (max(x) - min(x)) / 3 + 1e-9 * scale
    assert span["high"] >= max(x) + (max(x) - min(x)) / 3 - 1e-9 * scale
    assert span["high"] - span["low"] < 2 * (max(x) - min(x))
    assert 40 <= (span["high"] - span["low"]) / span["step"] <= 250


def test_default_axis() -> None:
    assert module().call("ranges", DEFAULT[0]) == {
        "low": 0,
        "high": 10,
        "step": 0.1,
        "tick": 2,
        "weight": 4,
    }


def test_default_state_travels_in_the_twin() -> None:
    widget = LogisticFit()
    text = re.search(r'data-state="([^"]*)"', widget.static_html())
    assert text is not None
    state = json.loads(html.unescape(text[1]))
    assert set(state) == {"x", "y", "weight", "bias", "feature", "outcomes"}
    assert (state["x"], state["y"]) == (widget.x, widget.y)
    assert len(state["x"]) == 12
    assert 'data-module="logistic_fit"' in widget.static_html()


def test_takes_numpy_arrays() -> None:
    widget = LogisticFit(x=np.array([1, 2, 3]), y=np.array([0, 1, 0]), weight=np.float64(1.5))
    assert (widget.x, widget.y, widget.weight) == ([1.0, 2.0, 3.0], [0.0, 1.0, 0.0], 1.5)
    json.dumps(widget.state())


def test_new_data_of_another_length_are_set_together() -> None:
    widget = LogisticFit()
    with widget.hold_trait_notifications():
        widget.x = [1.0, 2.0]
        widget.y = [1, 0]
    assert (widget.x, widget.y) == ([1.0, 2.0], [1.0, 0.0])


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"x": [1.0, 2.0, 3.0]}, "as many x as y, got 3 and 12"),
        ({"x": [1.0, 2.0], "y": [1, 0, 1]}, "as many x as y, got 2 and 3"),
        ({"x": [1.0, 2.0], "y": [0, 2]}, "y of 0 and 1"),
        ({"x": [1.0, 2.0], "y": [1, 1]}, "y of 0 and 1, each at least once"),
        ({"x": [2.0, 2.0], "y": [1, 0]}, "at least two of them different"),
        ({"x": [1.0, np.inf], "y": [1, 0]}, "finite x"),
        ({"x": [1.0], "y": [1]}, "'[xy]' trait"),
        ({"x": [0.0] * 201, "y": [0] * 201}, "'[xy]' trait"),
        ({"x": np.ones((2, 2))}, "'x' trait"),
        ({"weight": np.nan}, "finite weight, got nan"),
        ({"bias": -np.inf}, "finite bias, got -inf"),
        ({"weight": "steep"}, "'weight' trait"),
        ({"outcomes": ["one"]}, "'outcomes' trait"),
    ],
)
def test_refuses_what_cannot_be_fitted(state: dict[str, object], message: str) -> None:
    with pytest.raises(TraitError, match=message):
        LogisticFit(**state)


def test_a_refused_change_leaves_the_old_data() -> None:
    widget = LogisticFit()
    with pytest.raises(TraitError):
        widget.y = [0] * 12
    assert widget.y == DEFAULT[1]


def test_every_class_of_the_drawing_has_a_style() -> None:
    """A renamed class would leave a curve without a stroke, invisible."""
    source = module_text("logistic_fit")
    # "kb-lf-" alone is the start of a name that is put together from a score's.
    used = set(re.findall(r"kb-lf-[a-z]+", source)) | {
        "kb-lf-likelihood",
        "kb-lf-bce",
        "kb-lf-squared",
    }
    assert len(used) > 15
    assert used <= set(re.findall(r"\.(kb-lf-[a-z]+)", stylesheet()))
