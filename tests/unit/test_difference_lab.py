"""DifferenceLab: its traits, and its mathematics against numpy, mpmath and hand-made cases."""

import re
from collections.abc import Callable
from typing import Any, cast

import mpmath
import numpy as np
import pytest
import traitlets

from kbook.widgets.difference_lab import DifferenceLab
from tests.js import Module

EPSILON = float(np.finfo(np.float64).eps)
EXACT: dict[str, Callable[[Any], Any]] = {
    "sin": mpmath.sin,
    "exp": mpmath.exp,
    "cube": lambda x: x**3,
    "tanh": mpmath.tanh,
    "offset": lambda x: mpmath.sin(x) + 1_000_000,
}
FLOAT64: dict[str, Callable[[Any], Any]] = {
    "sin": np.sin,
    "exp": np.exp,
    "cube": lambda x: x * x * x,
    "tanh": np.tanh,
    "offset": lambda x: np.sin(x) + 1e6,
    "relu": lambda x: np.maximum(0.0, x),
}
START = {"sin": 1.0, "exp": 1.0, "cube": 1.0, "tanh": 0.5, "offset": 1.0, "relu": 0.01}
SMOOTH = sorted(EXACT)
POINTS = [-1.83, -0.5, 0.01, 0.5, 1.0, 1.57, 2.0]
EXPONENTS = [i / 4 for i in range(-64, -3)]


@pytest.fixture(scope="module")
def javascript() -> Module:
    return Module("difference_lab")


def number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)


def record(value: object) -> dict[str, Any]:
    assert isinstance(value, dict)
    return value


def slopes(name: str, x: float) -> list[float]:
    """Return f′, f″ and f‴ at the float x, from fifty digits."""
    with mpmath.workdps(50):
        return [float(mpmath.diff(EXACT[name], mpmath.mpf(x), n)) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"function": "cos"}, "function"),
        ({"x": 2.01}, "want x from -2 to 2, a multiple of 0.01, got 2.01"),
        ({"x": 0.123}, "want x from -2 to 2"),
        ({"x": float("nan")}, "want x from -2 to 2"),
        ({"exponent": -16.25}, "want an exponent from -16 to -1"),
        ({"exponent": 0.0}, "want an exponent from -16 to -1"),
        ({"exponent": -3.1}, "a multiple of 0.25, got -3.1"),
        ({"exponent": float("inf")}, "want an exponent from -16 to -1"),
        ({"shows_best": "yes"}, "shows_best"),
    ],
)
def test_bad_state_is_refused(bad: dict[str, object], sentence: str) -> None:
    with pytest.raises(traitlets.TraitError, match=sentence):
        DifferenceLab(**bad)


def test_every_place_of_the_sliders_is_allowed() -> None:
    widget = DifferenceLab()
    for i in range(-200, 201):
        widget.x = float(f"{i / 100:.2f}")
    for exponent in EXPONENTS:
        widget.exponent = exponent
    assert widget.state() == {
        "function": "sin", "x": 2.0, "exponent": -1.0, "shows_best": False,
    }  # fmt: skip


def test_python_and_javascript_know_the_same_functions(javascript: Module) -> None:
    assert set(DifferenceLab.function.values or ()) == set(FLOAT64)
    for name in FLOAT64:
        javascript.call("evaluateDifference", name, START[name], -8)


def test_steps_are_what_one_would_type(javascript: Module) -> None:
    steps = [number(javascript.call("stepOf", exponent)) for exponent in EXPONENTS]
    np.testing.assert_allclose(np.log10(steps), EXPONENTS, atol=0.006)
    assert steps[::4] == [float(f"1e{k}") for k in range(-16, 0)]
    assert [javascript.call("stepOf", e) for e in (-5.75, -5.5, -5.25)] == [1.8e-6, 3.2e-6, 5.6e-6]


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("x", POINTS)
def test_derivatives_are_exact(javascript: Module, name: str, x: float) -> None:
    value, *ours = cast(list[float], javascript.call("derivatives", name, x))
    np.testing.assert_allclose(value, float(EXACT[name](mpmath.mpf(x))), rtol=2 * EPSILON)
    np.testing.assert_allclose(ours, slopes(name, x), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", sorted(FLOAT64))
@pytest.mark.parametrize("x", POINTS)
def test_quotients_are_those_of_numpy(javascript: Module, name: str, x: float) -> None:
    f = FLOAT64[name]
    exact_arithmetic = name in ("cube", "relu")  # the others may differ in a last bit of sin, exp
    for exponent in EXPONENTS:
        h = number(javascript.call("stepOf", exponent))
        ours = record(javascript.call("measure", name, x, h))
        forward, central = (f(x + h) - f(x)) / h, (f(x + h) - f(x - h)) / (2 * h)
        bit = 0 if exact_arithmetic else 2 * float(np.spacing(max(abs(f(x)), abs(f(x + h)))))
        np.testing.assert_allclose(ours["forward"], forward, rtol=4 * EPSILON, atol=2 * bit / h)
        np.testing.assert_allclose(ours["central"], central, rtol=4 * EPSILON, atol=bit / h)


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("x", POINTS)
def test_errors_are_true(javascript: Module, name: str, x: float) -> None:
    """Shown error = |shown quotient - true slope|, as far as 64 bits know that slope."""
    truth = slopes(name, x)[0]
    least = number(javascript.call("leastError", name, x))
    for exponent in EXPONENTS[::3]:
        h = number(javascript.call("stepOf", exponent))
        ours = record(javascript.call("measure", name, x, h))
        for form in ("forward", "central"):
            shown, true = ours["error"][form], abs(ours[form] - truth)
            assert abs(shown - true) <= 4 * least + 4 * EPSILON * true


@pytest.mark.parametrize("name", SMOOTH)
def test_truncation_legs_have_slopes_1_and_2(javascript: Module, name: str) -> None:
    ranges = {"forward": (-5.0, -2.0), "central": (-4.0, -1.0)}
    if name == "offset":
        ranges = {"forward": (-3.5, -1.5), "central": (-2.0, -1.0)}
    for form, slope in (("forward", 1), ("central", 2)):
        low, high = ranges[form]
        steps = [number(javascript.call("stepOf", e)) for e in EXPONENTS if low <= e <= high]
        errors = [
            record(javascript.call("measure", name, START[name], h))["error"][form] for h in steps
        ]
        assert np.polyfit(np.log10(steps), np.log10(errors), 1)[0] == pytest.approx(slope, abs=0.1)
        legs = record(javascript.call("legs", name, START[name]))
        # and they lie where theory has them
        ratio = np.array(errors) / (legs[form] * np.array(steps) ** slope)
        np.testing.assert_allclose(ratio, 1, atol=0.2)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_round_off_leg_bounds_the_errors(javascript: Module, name: str) -> None:
    """Left of the V the errors lie below the line, and often close to it: slope -1."""
    x = START[name]
    level = record(javascript.call("legs", name, x))["roundOff"]
    low, high = (-9.0, -7.0) if name == "offset" else (-14.0, -9.0)
    steps = [number(javascript.call("stepOf", e)) for e in EXPONENTS if low <= e <= high]
    for form in ("forward", "central"):
        ratios = [
            record(javascript.call("measure", name, x, h))["error"][form] * h / level for h in steps
        ]
        assert max(ratios) < 3  # x³ rounds three times
        assert np.median(ratios) > 0.05


@pytest.mark.parametrize("name", SMOOTH)
def test_best_measured_step_is_near_the_theory(javascript: Module, name: str) -> None:
    now = record(javascript.call("evaluateDifference", name, START[name], -1))
    for form in ("forward", "central"):
        measured = EXPONENTS[now["best"][form]]
        assert abs(measured - np.log10(now["theory"][form])) < 1


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("x", [-1.83, 0.5, 1.0])
def test_theory_is_the_minimum_of_the_two_legs(javascript: Module, name: str, x: float) -> None:
    value = abs(float(EXACT[name](x)))
    _, second, third = (abs(d) for d in slopes(name, x))
    h = 10 ** np.linspace(-10, -1, 9001)
    theory = record(javascript.call("theoryBest", name, x))
    # Two values, each off by half of ε|f|; one quotient divides by h, the other by 2h.
    forward, central = EPSILON * value / h, EPSILON * value / (2 * h)
    sums = {"forward": h * second / 2 + forward, "central": h**2 * third / 6 + central}
    for form, error in sums.items():
        best = h[np.argmin(error)]
        assert theory[form] == pytest.approx(best, rel=0.01)


def test_no_v_no_theory(javascript: Module) -> None:
    assert javascript.call("theoryBest", "sin", 0) == {"forward": None, "central": None}
    assert javascript.call("theoryBest", "cube", 0) == {"forward": None, "central": None}
    assert javascript.call("theoryBest", "relu", 0.5) == {"forward": None, "central": None}


@pytest.mark.parametrize(
    ("errors", "best"),
    [
        ([5, 4, 3, 2, 3, 4], 3),
        ([5, 4, 1e-9, 4, 3, 2, 2.5, 4, 8], 5),  # the smallest one is luck
        ([1, 0, 0, 0, 0, 1], 3),  # of equals the largest h
        ([3, 2, 1, 0], 3),
        ([1, 1, 1], -1),
        ([0, 0, 0], -1),
    ],
)
def test_a_lucky_hit_is_not_the_best(javascript: Module, errors: list[float], best: int) -> None:
    assert javascript.call("measuredBest", errors, 0.5 if 0 in errors else 0) == best


@pytest.mark.parametrize(
    ("a", "b", "count"),
    [
        (1.5, 0.25, 0),
        (0.12345, 0.12399, 3),
        (123.25, 123.5, 3),
        (0.2000001, 0.1999999, 6),  # the subtraction borrows
        (1.0, 0.9, 1),
        (-0.12345, -0.12399, 3),
        (0.5, -0.5, 0),
        (1000000.8, 1000000.8415, 8),
        (3e-7, 3.001e-7, 3),
        (0.7, 0.7, 17),
        (1.0, 1 + EPSILON, 16),  # neighbors
        (0.0, 0.25, 0),
        (0.0, 0.0, 0),
    ],
)
def test_cancelled_digits(javascript: Module, a: float, b: float, count: int) -> None:
    assert javascript.call("cancelledDigits", a, b) == count
    assert javascript.call("cancelledDigits", b, a) == count


@pytest.mark.parametrize("exponent", range(-15, 0))
def test_one_digit_more_for_each_decade(javascript: Module, exponent: int) -> None:
    """Sin x changes by 0.54 h, and sin 1 = 0.84: at h = 1e-k, k digits."""
    now = record(javascript.call("evaluateDifference", "sin", 1, exponent))
    assert now["cancelled"] == -exponent


@pytest.mark.parametrize(
    ("values", "texts", "suffix"),
    [
        ([1.0, 0.5], ["1.0000000000000000", "0.5000000000000000"], ""),
        ([-0.25, 0.125], ["−0.25000000000000000", " 0.12500000000000000"], ""),
        ([1000000.5, 1.25], ["1000000.5000000000", "      1.2500000000"], ""),
        ([2.0**-20, -(2.0**-21)], [" 9.5367431640625000", "−4.7683715820312500"], "e−7"),
        ([0.0, 0.0], ["0.0000000000000000", "0.0000000000000000"], ""),
    ],
)
def test_numbers_stand_in_columns(
    javascript: Module, values: list[float], texts: list[str], suffix: str
) -> None:
    assert javascript.call("alignDigits", values) == {"texts": texts, "suffix": suffix}


@pytest.mark.parametrize("name", sorted(FLOAT64))
@pytest.mark.parametrize("x", POINTS)
def test_printed_digits_are_those_of_the_numbers(javascript: Module, name: str, x: float) -> None:
    for exponent in EXPONENTS[::5]:
        h = number(javascript.call("stepOf", exponent))
        now = record(javascript.call("measure", name, x, h))
        values = [now["ahead"], now["here"], now["ahead"] - now["here"]]
        aligned = record(javascript.call("alignDigits", values))
        top = max(map(abs, values))
        for value, text in zip(values, aligned["texts"], strict=True):
            printed = float((text + aligned["suffix"]).replace("−", "-"))
            assert abs(printed - value) <= 1e-16 * top


def test_a_text_is_cut_at_columns(javascript: Module) -> None:
    assert javascript.call("cutDigits", "0.8414709", 2, 3) == ["0.", "841", "4709"]
    assert javascript.call("cutDigits", "12.3456", 0, 4) == ["", "12.34", "56"]
    assert javascript.call("cutDigits", "   0.001729", 0, 7) == ["", "   0.001", "729"]
    assert javascript.call("cutDigits", "0.5", 2, 17) == ["0.", "5", ""]
    assert javascript.call("cutDigits", "0.5", 2, 0) == ["0.", "", "5"]


@pytest.mark.parametrize(
    ("name", "x", "exponent", "forward", "central"),
    [
        ("sin", 1.0, -1, "truncation", "truncation"),
        ("sin", 1.0, -5, "truncation", "both"),
        ("sin", 1.0, -6, "truncation", "round-off"),
        ("sin", 1.0, -8, "both", "round-off"),
        ("sin", 1.0, -12, "round-off", "round-off"),
        ("sin", 1.0, -16, "lost", "round-off"),  # below 1 the numbers are twice as dense
        ("sin", 1.5, -16, "lost", "lost"),
        ("sin", 0.0, -6, "truncation", "truncation"),
        ("offset", 1.0, -8, "round-off", "round-off"),
        ("relu", 0.01, -1, "round-off", "kink"),
        ("relu", -0.01, -1, "kink", "kink"),
        ("relu", -0.01, -3, "none", "none"),
        ("relu", 0.0, -3, "kink", "kink"),
    ],
)
def test_which_error_rules(  # noqa: PLR0913
    javascript: Module, name: str, x: float, exponent: float, forward: str, central: str
) -> None:
    now = record(javascript.call("evaluateDifference", name, x, exponent))
    assert now["rules"] == {"forward": forward, "central": central}


@pytest.mark.parametrize(
    ("name", "x", "exponent", "words"),
    [
        ("sin", 1.0, -1, r"^Truncation rules.*10 times.*100 times"),
        ("sin", 0.01, -1, "falls faster than h"),
        ("sin", 1.0, -5, "bottom of the central V"),
        ("sin", 1.0, -6, "Central has its best h behind it"),
        ("sin", 1.0, -8, "bottom of the one-sided V"),
        ("sin", 1.0, -5.5, "bottom of the central V"),  # the ringed step
        ("sin", 1.0, -12, r"^Round-off rules.*larger\.$"),
        ("sin", 1.0, -15, r"step really taken is 1\.1e−15"),
        ("sin", 1.0, -16, r"^x \+ h is x: the step is lost.*still another number"),
        ("sin", 1.5, -16, "both quotients are 0"),
        ("sin", 0.0, -6, r"^f\(x\) = 0"),
        ("offset", 1.0, -8, "seven of the 16 digits"),
        ("offset", 1.0, -12, r"^f\(x \+ h\) is f\(x\)"),
        ("offset", 0.0, -1, "one leg of theory is missing"),
        ("relu", 0.01, -1, r"x and x − h .* Choose h below 0\.01"),
        ("relu", -0.01, -1, r"x and x \+ h .* Choose h below 0\.01"),
        ("relu", -0.5, -3, "no truncation at all"),
        ("relu", 0.0, -3, "no h helps"),
    ],
)
def test_remarks_say_what_there_is_to_see(
    javascript: Module, name: str, x: float, exponent: float, words: str
) -> None:
    now = javascript.call("evaluateDifference", name, x, exponent)
    remark = str(javascript.call("remark", now))
    assert re.search(words, remark), remark


@pytest.mark.parametrize(
    ("name", "x", "exponent", "sentence"),
    [
        ("sin", 1.0, -11, "11 of 16 digits cancel; 5 are left."),
        ("sin", 1.0, -15, "15 of 16 digits cancel; 1 is left."),
        ("sin", 1.0, -16, "All digits cancel: nothing is left."),
        ("relu", 0.01, -1, "No digit cancels yet: all 16 are left."),
        ("relu", -0.5, -3, "Both are 0: there is nothing to cancel."),
    ],
)
def test_the_digits_in_words(
    javascript: Module, name: str, x: float, exponent: float, sentence: str
) -> None:
    now = javascript.call("evaluateDifference", name, x, exponent)
    assert javascript.call("digitSentence", now) == sentence


@pytest.mark.parametrize(
    ("error", "text"),
    [(0, "0"), (0.0432, "0.043"), (5.27e-9, "5.3e−9"), (1e-16, "below 2e−16"), (4.42, "4.4")],
)
def test_errors_in_two_digits(javascript: Module, error: float, text: str) -> None:
    assert javascript.call("errorText", error, EPSILON) == text


def test_the_best_step_is_told_only_when_asked_for(javascript: Module) -> None:
    state = javascript.call("evaluateDifference", "sin", 1, -1)
    hidden, shown = (str(javascript.call("describe", state, shows)) for shows in (False, True))
    assert "error 0.043;" in hidden and "best" not in hidden
    assert "error 0.043, best h 1e−8;" in shown and shown.endswith("best h 3.2e−6.")
    assert not DifferenceLab().shows_best
    assert DifferenceLab(**DifferenceLab.photographed).shows_best, "the picture shows it"


def test_powers_of_ten_on_the_axes(javascript: Module) -> None:
    texts = [javascript.call("powerText", k) for k in (-16, 0, 2)]
    assert texts == ["10⁻¹⁶", "10⁰", "10²"]
