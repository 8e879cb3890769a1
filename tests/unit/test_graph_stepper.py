"""GraphStepper: its traits, its reader of expressions, and its two passes against torch."""

import math
import random
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import traitlets

from kbook.widgets.graph_stepper import GraphStepper
from tests.js import Module

Json = dict[str, Any]
FUNCTIONS = ("relu", "tanh", "exp", "log", "sigmoid")
WORKED = "relu(a*b + c)**2"
WORKED_VALUES: dict[str, float] = {"a": 2, "b": 3, "c": -1}


def of_torch(name: str) -> Callable[[torch.Tensor | float], torch.Tensor]:
    """Return torch's function of that name, which also takes a plain number."""
    return lambda x: getattr(torch, name)(torch.as_tensor(x, dtype=torch.float64))


TORCH = {name: of_torch(name) for name in FUNCTIONS}


@pytest.fixture(scope="module")
def javascript() -> Module:
    return Module("graph_stepper")


def read(javascript: Module, text: str) -> Json:
    answer = javascript.call("readExpression", text)
    assert isinstance(answer, dict) and "graph" in answer, answer
    graph = answer["graph"]
    assert isinstance(graph, dict)
    return graph


def problem(javascript: Module, text: str) -> str:
    answer = javascript.call("readExpression", text)
    assert isinstance(answer, dict) and "problem" in answer, answer
    return str(answer["problem"])


def evaluate(javascript: Module, graph: Json, values: dict[str, float]) -> Json:
    run = javascript.call("evaluateGraph", graph, values)
    assert isinstance(run, dict)
    return run


def moment(javascript: Module, graph: Json, run: Json, step: int) -> Json:
    now = javascript.call("momentAt", graph, run, step)
    assert isinstance(now, dict)
    return now


def by_name(graph: Json, numbers: list[float]) -> dict[str, float]:
    return {node["name"]: number for node, number in zip(graph["nodes"], numbers, strict=True)}


def said(javascript: Module, text: str, values: dict[str, float], step: int) -> str:
    """What the status line says at a step; its no-break spaces are plain ones here."""
    graph = read(javascript, text)
    run = evaluate(javascript, graph, values)
    now = moment(javascript, graph, run, step)
    return str(javascript.call("stepText", graph, run, now, values)).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"expression": " "}, "want an expression of 1 to 200 characters, got ' '"),
        ({"expression": "a" * 201}, "want an expression of 1 to 200 characters"),
        ({"values": {"a": math.nan}}, "want a finite number for a, got nan"),
        ({"values": {"a": math.inf}}, "want a finite number for a, got inf"),
        ({"values": {"a": 10**400}}, "want a finite number for a"),
        ({"values": {"a": "2"}}, "want a finite number for a, got '2'"),
        ({"values": {"2a": 1}}, "want names of variables in values, got '2a'"),
        ({"step": -1}, "want a step from 0 to 41, got -1"),
        ({"step": 42}, "want a step from 0 to 41, got 42"),
    ],
)
def test_bad_state_is_refused(bad: Json, sentence: str) -> None:
    with pytest.raises(traitlets.TraitError, match=re.escape(sentence)):
        GraphStepper(**bad)


def test_the_last_step_is_that_of_the_largest_graph(javascript: Module) -> None:
    graph = read(javascript, "a" + "+a" * 20)
    assert javascript.call("stepCount", graph) == 41
    assert GraphStepper(step=41, values={"θ": 1}).state()["values"] == {"θ": 1.0}


def test_the_worked_example(javascript: Module) -> None:
    graph = read(javascript, WORKED)
    run = evaluate(javascript, graph, WORKED_VALUES)
    assert by_name(graph, run["values"]) == {
        **WORKED_VALUES, "v₁": 6, "v₂": 5, "v₃": 5, "L": 25,
    }  # fmt: skip
    assert by_name(graph, run["gradients"]) == {
        "a": 30, "b": 20, "c": 10, "v₁": 10, "v₂": 10, "v₃": 10, "L": 1,
    }  # fmt: skip


def random_expression(rng: random.Random, depth: int) -> str:
    """An expression whose names come again and again; log and / see only positive numbers."""
    if depth == 0 or rng.random() < 0.1:
        return rng.choice(["a", "b", "c", "x_1", "θ", "1.5", ".25", "2e-1", "3"])
    left, right = (random_expression(rng, depth - 1) for _ in range(2))
    forms = [
        "{l} + {r}", "{l} - {r}", "({l})*({r})", "({l} - {r})*a", "-({l})", "-{l} + b*{r}",
        "relu({l})", "tanh({l})", "exp(tanh({l}))", "sigmoid({l})", "log(exp({l}) + 1.5)",
        "({l})/(1 + b**2)", "({l})**2", "-b**2*({l})", "b**-2 - {l}", "2**tanh({l})",
        "sigmoid({l})**({r})", "({l}) / exp({r}) / 2", "a**3**0.5*{l}",
    ]  # fmt: skip
    return rng.choice(forms).format(l=left, r=right)


def random_cases() -> list[str]:
    rng = random.Random(2)
    cases: list[str] = []
    while len(cases) < 60:
        text = random_expression(rng, rng.randint(1, 3))
        if re.search(r"[abcθ]|x_1", text.replace("tanh", "").replace("sigmoid", "")):
            cases.append(text)
    return cases


@pytest.mark.parametrize("text", random_cases())
def test_values_and_gradients_are_torchs(javascript: Module, text: str) -> None:
    graph = read(javascript, text)
    rng = np.random.default_rng(len(text))
    names = [graph["nodes"][i]["name"] for i in graph["leaves"]]
    values = {name: float(rng.uniform(0.2, 1.5)) for name in names}
    leaves = {
        name: torch.tensor(v, dtype=torch.float64, requires_grad=True) for name, v in values.items()
    }
    result = eval(text, {"__builtins__": {}, **TORCH}, leaves)
    result.backward()
    run = evaluate(javascript, graph, values)
    assert run["problem"] is None
    assert run["values"][graph["result"]] == pytest.approx(result.item(), rel=1e-9, abs=1e-12)
    for name, gradient in by_name(graph, run["gradients"]).items():
        if name in leaves:
            wanted = leaves[name].grad
            assert wanted is not None
            assert gradient == pytest.approx(wanted.item(), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    ["-a**2", "a**-b", "a**b**c", "a - b - c", "a/b/c", "a/b*c", "2*-a", "- -a", "-(a + b)*c",
     "+a - +b", "(a)", "((a) + (b))", "a**2**-1", "a-b+c", "-a**-b", "1e1*a", "2.*a + .5"],
)  # fmt: skip
def test_it_reads_as_python_does(javascript: Module, text: str) -> None:
    values = {"a": 1.3, "b": 0.7, "c": 2.1}
    graph = read(javascript, text)
    run = evaluate(javascript, graph, values)
    wanted = eval(text, {"__builtins__": {}}, values)
    assert run["values"][graph["result"]] == pytest.approx(wanted, rel=1e-12)


def test_other_signs_mean_the_same(javascript: Module) -> None:
    typed = read(javascript, "a^2 − b×c ÷ 2·a")
    python = read(javascript, "a**2 - b*c / 2*a")
    assert typed["nodes"] == python["nodes"]


def test_a_name_is_one_leaf_and_numbers_are_none(javascript: Module) -> None:
    graph = read(javascript, "a*a + 2*3*a")
    assert [graph["nodes"][i]["name"] for i in graph["leaves"]] == ["a"]
    formulas = [javascript.call("nodeFormula", graph, i) for i in graph["ops"]]
    assert formulas == ["a*a", "6*a", "v₁ + v₂"]
    assert sum(edge["from"] == graph["leaves"][0] for edge in graph["edges"]) == 3


@pytest.mark.parametrize(
    "text",
    ["x = a*a; x*(x + a)", "x = a*b + c; y = tanh(x)*x; y*x + y/b", "L = a*b;L*L;",
     "x = -a; y = x**2; y", "sum_1 = exp(a) + exp(b); log(sum_1)*sum_1 - a"],
)  # fmt: skip
def test_named_steps_are_torchs(javascript: Module, text: str) -> None:
    graph = read(javascript, text)
    names = {graph["nodes"][i]["name"] for i in graph["leaves"]}
    values = {"a": 0.7, "b": 1.3, "c": -0.4}
    values = {name: values[name] for name in sorted(names)}
    run = evaluate(javascript, graph, values)
    known: dict[str, Any] = {
        name: torch.tensor(x, dtype=torch.float64, requires_grad=True) for name, x in values.items()
    }
    *steps, last = text.rstrip(";").split(";")
    for step in steps:
        exec(step.strip(), {"__builtins__": {}, **TORCH}, known)
    for tensor in known.values():
        tensor.retain_grad()
    result = eval(last.strip(), {"__builtins__": {}, **TORCH}, known)
    result.backward()
    assert run["values"][graph["result"]] == pytest.approx(result.item(), rel=1e-12)
    gradients = by_name(graph, run["gradients"])
    for name, tensor in known.items():
        assert gradients[name] == pytest.approx(tensor.grad.item(), rel=1e-12)


def test_a_named_step_is_one_node(javascript: Module) -> None:
    graph = read(javascript, "x = a*a; x*(x + a)")
    formulas = {
        graph["nodes"][i]["name"]: javascript.call("nodeFormula", graph, i) for i in graph["ops"]
    }
    assert formulas == {"x": "a*a", "v₁": "x + a", "L": "x*v₁"}
    assert len(read(javascript, "(a*a)*((a*a) + a)")["ops"]) == 4  # here it is computed twice
    assert read(javascript, "L = a*a; L*L")["nodes"][-1]["name"] == "out"


@pytest.mark.parametrize(
    ("text", "name"), [("a + b", "L"), ("L*2", "out"), ("L + out", "result"), ("a", "a")]
)
def test_the_result_has_a_name_of_its_own(javascript: Module, text: str, name: str) -> None:
    graph = read(javascript, text)
    assert graph["nodes"][graph["result"]]["name"] == name


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("  ", "Type an expression, for example a*b + c."),
        ("a*b)", "I read “a*b” and then found “)” without an opening one."),
        ("relu(a + b", "The “(” at the end of “relu(” is never closed."),
        ("2a", "I read “2” and then found “a”: a sign such as * is missing between them."),
        ("(a b)", "I read “(a” and then found “b”: a sign such as * is missing between them."),
        ("a*", "The expression ends with “a*”, where a number, a name or “(” must follow."),
        ("a + * b", "I read “a +” and then found “*”, where a number, a name or “(” must stand."),
        ("*b", "It starts with “*”, where a number, a name or “(” must stand."),
        ("relu()", "I read “relu(” and then found “)”, where a number, a name or “(” must stand."),
        ("tanh + 1", "I read “tanh”, and tanh is a function: “(” must follow."),
        ("f(x)", "I know no function “f”, only relu, tanh, exp, log, sigmoid; "
                 "a product needs a sign: f*(…)."),
        ("max(a, 0)", "There is no max here; for max(a, 0) write relu(a)."),
        ("1 + sqrt (a)", "There is no sqrt here; for the square root of a write a**0.5."),
        ("ln(a)", "There is no ln here; log is the natural logarithm, so write log(a)."),
        ("pow(a, 3)", "There is no pow here; for a power write a**3."),
        ("2*sin(a)", "There is no sin here; the functions are relu, tanh, exp, log, sigmoid."),
        ("cos(a)", "There is no cos here; the functions are relu, tanh, exp, log, sigmoid."),
        ("abs(a)", "There is no abs here; the functions are relu, tanh, exp, log, sigmoid."),
        ("x = a*x; x*x", "“x” is used as a variable before: give this step another name."),
        ("y = x*a; x = a*a; x*y",
         "“x” is used as a variable before: give this step another name."),
        ("x = a*a; x = x*a; x*a", "“x” names a step already: give this step another name."),
        ("x = a*a; b*a", "The step “x” is never used: mention x after its “;”, "
                         "or leave the step out."),
        ("x = a*a; 3", "The step “x” is never used: mention x after its “;”, "
                       "or leave the step out."),
        ("x = a; x*x", "The step “x” computes nothing: a variable, a step or a number "
                       "needs no second name."),
        ("x = 2*3; x*a", "The step “x” computes nothing: a variable, a step or a number "
                         "needs no second name."),
        ("x = a*a; y = x; x*y", "The step “y” computes nothing: a variable, a step or a number "
                                "needs no second name."),
        ("x = a*a", "The last step is the result and needs no name: leave out “x =”, "
                    "or use x in one more step."),
        ("x = a*a; y = x*x;", "The last step is the result and needs no name: leave out “y =”, "
                              "or use y in one more step."),
        ("a*b; c*d", "I read “a*b” and then found “;”: a step before the last needs a name, "
                     "as in x = a*a; x*x."),
        ("a*b = c", "I read “a*b” and then found “=”: before it must stand one name alone, "
                    "as in x = a*a; x*x."),
        ("x == a*a; x*x", "I read “x =” and then found “=”, where a number, a name or “(” "
                          "must stand."),
        ("x = (a*a; x*x", "The “(” at the end of “x = (” is never closed."),
        ("log = a*a; log*a", "log is a function: give the step another name."),
        ("abcdefghijklm = a*a; a", "“abcdefghijklm” is too long for the drawing: "
                                   "a name may have 12 letters."),
        ("a, b", "I read “a” and then found “,”, which I cannot read."),
        ("$", "I found “$”, which I cannot read."),
        ("3*4", "There is no variable in it, so there is nothing to differentiate."),
        ("a + 1/0", "1/0 has no value: nothing can be divided by 0."),
        ("a + 1e999", "1e999 is too large for 64 bits."),
        ("a" + "+a" * 21, "It has 21 operations; at most 20 can be drawn."),
        ("abcdefghijklm", "“abcdefghijklm” is too long for the drawing: "
                          "a name may have 12 letters."),
        ("a" * 201, "The expression has 201 characters; at most 200 can be read."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(javascript: Module, text: str, sentence: str) -> None:
    assert problem(javascript, text) == sentence


@pytest.mark.parametrize(
    ("text", "values", "last", "sentence"),
    [
        ("log(a - b)", {"a": 1, "b": 3}, 1,
         "log(−2) has no value: only numbers above 0 have a logarithm."),
        ("1/a", {"a": 0}, 0, "1/0 has no value: nothing can be divided by 0."),
        ("a**0.5", {"a": -2}, 0,
         "(−2)**0.5 has no real value: a base below 0 needs a whole exponent."),
        ("a**-1", {"a": 0}, 0, "0**(−1) has no value: it would divide by 0."),
        ("a**0.5", {"a": 0}, 0, "0**0.5 is infinitely steep here."),
        ("a**b", {"a": -2, "b": 2}, 0,
         "(−2)**2 has no slope in its exponent: the base is below 0."),
        ("exp(a)", {"a": 1000}, 0, "exp(1000) is too large for 64 bits."),
        ("1/a", {"a": 1e-200}, 0, "The slope of 1/1.00e−200 is too large for 64 bits."),
        ("(a*b)*b + 0", {"a": 0, "b": 1e200}, 6,
         "What v₁ passes on is too large for 64 bits."),
    ],
)  # fmt: skip
def test_numbers_that_have_no_answer(
    javascript: Module, text: str, values: dict[str, float], last: int, sentence: str
) -> None:
    graph = read(javascript, text)
    run = evaluate(javascript, graph, values)
    assert (run["problem"], run["last"]) == (sentence, last)
    now = moment(javascript, graph, run, 41)
    assert now["step"] == last
    known = [*now["values"], *now["slopes"], *now["messages"], *now["gradients"]]
    assert all(number is None or math.isfinite(number) for number in known)
    words = str(javascript.call("stepText", graph, run, now, values))
    assert sentence in words and "NaN" not in words and "∞" not in words


@pytest.mark.parametrize(
    ("text", "x", "slope"),
    [("relu(x)", 0, 0), ("x**2", 0, 0), ("x**1", 0, 1), ("x**0", 0, 0), ("0**x", 2, 0)],
)
def test_slopes_at_the_edges_are_torchs(
    javascript: Module, text: str, x: float, slope: float
) -> None:
    leaf = torch.tensor(float(x), requires_grad=True)
    eval(text, {"__builtins__": {}, **TORCH}, {"x": leaf}).backward()
    graph = read(javascript, text)
    run = evaluate(javascript, graph, {"x": x})
    assert leaf.grad is not None
    assert run["gradients"][0] == slope == leaf.grad.item()


@pytest.mark.parametrize("text", [WORKED, "a*a + a", "x = a*a; x*(x + a)", *random_cases()[:25]])
def test_a_node_sends_when_all_its_users_have_sent(javascript: Module, text: str) -> None:
    graph = read(javascript, text)
    values = {graph["nodes"][i]["name"]: 0.5 for i in graph["leaves"]}
    run = evaluate(javascript, graph, values)
    edges, last = graph["edges"], int(str(javascript.call("stepCount", graph)))
    moments = [moment(javascript, graph, run, step) for step in range(last + 1)]
    for before, after in zip(moments, moments[1:], strict=False):
        sent = [e for e in range(len(edges)) if after["messages"][e] != before["messages"][e]]
        for e in sent:
            assert edges[e]["to"] == after["active"]  # one node at a time
            assert before["gradients"][edges[e]["to"]] is not None  # which has heard from all
            at_node = before["gradients"][edges[e]["to"]]
            assert after["messages"][e] == at_node * after["slopes"][e]
    assert all(message is None for message in moments[len(graph["ops"])]["messages"])
    assert moments[-1]["gradients"] == run["gradients"]
    assert moments[-1]["messages"] == run["messages"]
    for heard, gradient in zip(moments[-1]["heard"], run["gradients"], strict=True):
        assert not heard or sum(heard) == pytest.approx(gradient, rel=1e-12, abs=1e-15)


def test_a_fork_waits_and_then_adds(javascript: Module) -> None:
    graph = read(javascript, "a*a + a")
    run = evaluate(javascript, graph, {"a": 2})
    waiting = moment(javascript, graph, run, 4)
    assert waiting["heard"][0] == [None, None, 1] and waiting["gradients"][0] is None
    assert moment(javascript, graph, run, 5)["heard"][0] == [2, 2, 1]
    text = javascript.call("gradientText", [None, None, 1], None)
    assert text == "? + ? + 1"
    assert javascript.call("gradientText", [2, 2, -1], 3) == "2 + 2 + (−1) = 3"
    assert javascript.call("gradientText", [2, None], None, True) == "sum, 1 to come"


@pytest.mark.parametrize(
    ("text", "values", "step", "words"),
    [
        (WORKED, WORKED_VALUES, 0,
         "Only the variables have values. Each step forward computes one operation."),
        (WORKED, WORKED_VALUES, 1,
         "Forward, 1 of 4: v₁ = a*b = 2*3 = 6. Local derivatives: to a ×3 (= b), to b ×2 (= a)."),
        (WORKED, WORKED_VALUES, 2,
         "Forward, 2 of 4: v₂ = v₁ + c = 6 + (−1) = 5. Local derivatives: to v₁ ×1, to c ×1."),
        (WORKED, WORKED_VALUES, 3,
         "Forward, 3 of 4: v₃ = relu(v₂) = relu(5) = 5. Local derivative: to v₂ ×1 (v₂ > 0)."),
        (WORKED, WORKED_VALUES, 4,
         "Forward, 4 of 4: L = v₃**2 = 5**2 = 25. Local derivative: to v₃ ×10 (= 2*v₃). "
         "The forward pass is done: L = 25."),
        (WORKED, WORKED_VALUES, 5,
         "Backward, 1 of 5: the result's own gradient is ∂L/∂L = 1."),
        (WORKED, WORKED_VALUES, 7,
         "Backward, 3 of 5: v₃ passes on grad × local derivative: to v₂, 10 × 1 = 10."),
        (WORKED, WORKED_VALUES, 41,
         "Backward, 5 of 5: v₁ passes on grad × local derivative: to a, 10 × 3 = 30; "
         "to b, 10 × 2 = 20. Done. Test: raise a by 0.01 and L changes by 0.3009; "
         "grad × 0.01 promised 0.3."),
        ("a*a + a", {"a": 2}, 4,
         "Backward, 2 of 3: L passes on grad × local derivative: to v₁, 1 × 1 = 1; "
         "to a, 1 × 1 = 1. a has heard from 1 of its 3 uses and waits."),
        ("a*a + a", {"a": 2}, 5,
         "Backward, 3 of 3: v₁ passes on grad × local derivative: to a, 1 × 2 = 2; "
         "to a, 1 × 2 = 2. a has now heard from all 3 uses: 2 + 2 + 1 = 5. Done. "
         "Test: raise a by 0.01 and L changes by 0.0501; grad × 0.01 promised 0.05."),
        ("x = a*a; x*(x + a)", {"a": 2}, 5,
         "Backward, 2 of 4: L passes on grad × local derivative: to x, 1 × 6 = 6; "
         "to v₁, 1 × 4 = 4. x has heard from 1 of its 2 uses and waits."),
        ("x = a*a; x*(x + a)", {"a": 2}, 6,
         "Backward, 3 of 4: v₁ passes on grad × local derivative: to x, 4 × 1 = 4; "
         "to a, 4 × 1 = 4. x has now heard from both uses: 4 + 6 = 10. "
         "a has heard from 1 of its 3 uses and waits."),
        ("x = a*a; x*(x + a)", {"a": 2}, 7,
         "Backward, 4 of 4: x passes on grad × local derivative: to a, 10 × 2 = 20; "
         "to a, 10 × 2 = 20. a has now heard from all 3 uses: 20 + 20 + 4 = 44. Done. "
         "Test: raise a by 0.01 and L changes by 0.443; grad × 0.01 promised 0.44."),
        ("(relu(w) - y)**2", {"w": -1, "y": 1}, 6,
         "Backward, 3 of 4: v₂ passes on grad × local derivative: to v₁, −2 × 1 = −2; "
         "to y, −2 × (−1) = 2."),
        ("(relu(w) - y)**2", {"w": -1, "y": 1}, 7,
         "Backward, 4 of 4: v₁ passes on grad × local derivative: to w, −2 × 0 = 0. "
         "A local derivative of 0: nothing gets past v₁. Done. Test: raise y by 0.01 and "
         "L changes by 0.0201; grad × 0.01 promised 0.02."),
        ("relu(a)", {"a": 0}, 3,
         "Backward, 2 of 2: L passes on grad × local derivative: to a, 1 × 0 = 0. "
         "A local derivative of 0: nothing gets past L. Done. Test: raise a by 0.01 and "
         "L changes by 0.01; grad × 0.01 promised 0. At a relu of 0 the slope is a convention, "
         "and the promise may fail."),
    ],
)  # fmt: skip
def test_each_step_is_told(
    javascript: Module, text: str, values: dict[str, float], step: int, words: str
) -> None:
    assert said(javascript, text, values, step) == words


@pytest.mark.parametrize(
    ("op", "operands", "values"),
    [("a/b", "1/b −a/b**2", {"a": 3, "b": 2}), ("a**b", "b*a**(b−1) L*log(a)", {"a": 2, "b": 3}),
     ("a**3", "3*a**2", {"a": 2}), ("tanh(a)", "1−L**2", {"a": 1}), ("log(a)", "1/a", {"a": 4}),
     ("sigmoid(a)", "L*(1−L)", {"a": 1}), ("exp(a)", "L", {"a": 1})],
)  # fmt: skip
def test_local_derivatives_in_words_are_those_in_numbers(
    javascript: Module, op: str, operands: str, values: dict[str, float]
) -> None:
    told = re.findall(
        r"×([−\d.e]+) \(= (.*?)\)(?=[,.] ?(?:to|The))", said(javascript, op, values, 1)
    )
    assert [word.replace(" ", "") for _, word in told] == operands.split(" ")
    graph = read(javascript, op)
    result = evaluate(javascript, graph, values)["values"][graph["result"]]
    for number, word in told:
        formula = word.replace("−", "-")
        wanted = eval(formula, {"__builtins__": {}, "log": math.log}, {**values, "L": result})
        assert float(number.replace("−", "-")) == pytest.approx(wanted, rel=1e-3)


def test_the_table_holds_every_number(javascript: Module) -> None:
    graph = read(javascript, "a*a + a")
    run = evaluate(javascript, graph, {"a": 2})
    rows = javascript.call("tableRows", graph, run, moment(javascript, graph, run, 5))
    assert isinstance(rows, list)
    assert [list(row.values()) for row in rows] == [
        ["a", "", "2", [], "1 × 2 + 1 × 2 + 1 × 1 = 5"],
        ["v₁", "a*a", "4", ["to a: ×2 (=\xa0a)", "to a: ×2 (=\xa0a)"], "1 × 1 = 1"],
        ["L", "v₁ + a", "6", ["to v₁: ×1", "to a: ×1"], "1"],
    ]
    start = javascript.call("tableRows", graph, run, moment(javascript, graph, run, 0))
    assert isinstance(start, list)
    assert [row["value"] for row in start] == ["2", "?", "?"]
    assert {row["gradient"] for row in start} == {"?"}


def test_the_drawing_has_a_name_that_grows(javascript: Module) -> None:
    graph = read(javascript, "a*b")
    run = evaluate(javascript, graph, {"a": 2, "b": 3})
    names = [
        javascript.call("graphText", graph, moment(javascript, graph, run, s)) for s in (0, 1, 3)
    ]
    assert names == [
        "Computation graph of a*b. a = 2; b = 3; L = a*b.",
        "Computation graph of a*b. a = 2; b = 3; L = a*b = 6.",
        "Computation graph of a*b. a = 2, grad 3; b = 3, grad 2; L = a*b = 6, grad 1.",
    ]


def test_the_examples_show_what_they_are_named_for(javascript: Module) -> None:
    examples = javascript.call("(() => EXAMPLES)")
    assert isinstance(examples, list)
    gradients = {}
    for example in examples:
        graph = read(javascript, example["expression"])
        run = evaluate(javascript, graph, example["values"])
        assert run["problem"] is None
        gradients[example["name"]] = by_name(graph, run["gradients"])
    assert gradients["a fork"]["a"] == 5
    assert gradients["an inner fork"] == {"a": 44, "x": 10, "v₁": 4, "L": 1}
    softmax = [gradients["softmax"][name] for name in "ab"]
    np.testing.assert_allclose(softmax, np.exp([1, 0]) / np.exp([1, 0]).sum(), rtol=1e-12)
    assert [gradients["a dead relu"][name] for name in "wxby"] == [0, 0, 0, 2]
    assert abs(gradients["one neuron"]["w"]) > 0.1
    assert 0 < gradients["vanishing"]["a"] < 0.25**3


def test_the_main_button_says_what_comes(javascript: Module) -> None:
    graph = read(javascript, WORKED)
    texts = [javascript.call("buttonTexts", graph, step) for step in (0, 3, 4, 8, 9)]
    forward = {"next": "Forward", "pass": "forward", "target": 4}
    backward = {"next": "Backward", "pass": "backward", "target": 9}
    assert texts == [forward, forward, backward, backward, {**backward, "next": "Start over"}]


def test_an_example_is_known_however_it_is_spaced(javascript: Module) -> None:
    def example(text: str) -> object:
        return javascript.call("((text) => exampleOf(text) ?? null)", text)

    for text in ("a*a + a", "a*a+a", " a * a + a "):
        assert example(text) == {"name": "a fork", "expression": "a*a + a", "values": {"a": 2}}
    assert example("a*a + b") is None


@pytest.mark.parametrize(
    ("x", "text"),
    [(24576, "24576"), (-9999999, "−9999999"), (10000000, "1.00e7"), (0, "0"), (2.34567, "2.346"),
     (123456.5, "1.23e5"), (1e-5, "1.00e−5")],
)  # fmt: skip
def test_whole_numbers_are_shown_in_full(javascript: Module, x: float, text: str) -> None:
    assert javascript.call("graphNumber", x) == text


def test_new_names_get_values(javascript: Module) -> None:
    graph = read(javascript, "a*b + c")
    assert javascript.call("leafValues", graph, {"b": 7, "old": 1}) == {"a": 2, "b": 7, "c": -1}


@pytest.mark.parametrize(
    "text",
    [WORKED, "a*a + a", "x = a*a; x*(x + a)", "(sigmoid(w*x + b) - y)**2",
     "log(exp(a) + exp(b))", "a", "(a+b)*(c+d)+(e+f)*(g+h)",
     "a*(a+a*(a+a*b))", "a+(b+(c+(d+(e+f))))"],
)  # fmt: skip
@pytest.mark.parametrize("width", [302, 420])
def test_boxes_stand_apart_within_the_column(javascript: Module, text: str, width: int) -> None:
    graph = read(javascript, text)
    ops = set(graph["ops"])
    sizes = [
        {"width": 96 if i in ops else 80, "least": 70, "height": 70 if i in ops else 50, "below": 0}
        for i in range(len(graph["nodes"]))
    ]
    place = javascript.call("layoutGraph", graph, sizes, width)
    assert isinstance(place, dict)
    boxes = place["boxes"]
    for i, one in enumerate(boxes):
        assert one["x"] - one["width"] / 2 >= -1e-6
        assert one["x"] + one["width"] / 2 <= width + 1e-6
        assert 0 <= one["y"] <= place["height"] - one["height"]
        for other in boxes[:i]:
            beside = abs(one["x"] - other["x"]) >= (one["width"] + other["width"]) / 2
            above = (
                one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
            )
            assert beside or above
    for edge, wire in zip(graph["edges"], place["wires"], strict=True):
        assert wire["start"][1] == boxes[edge["from"]]["y"] + boxes[edge["from"]]["height"]
        assert wire["start"][1] < wire["end"][1] == boxes[edge["to"]]["y"]  # operands stand above


def test_neighbors_are_moved_as_little_as_possible(javascript: Module) -> None:
    assert javascript.call("placeApart", [50, 200], [40, 40], 300) == [50, 200]
    assert javascript.call("placeApart", [100, 100], [40, 40], 300) == [74, 126]
    assert javascript.call("placeApart", [0, 300], [40, 40], 300) == [20, 280]
