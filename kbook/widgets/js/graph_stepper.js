// GraphStepper. After a few minutes the reader can explain every number of a backward pass: a node multiplies its gradient
// with the local derivative on each wire and sends that up; what arrives at one node adds; and a node sends only when
// everything that uses it has reported. The picture: each wire carries × local derivative below and the message above.

import { readExpression } from "./parts/expression.js";
import { graphNumber } from "./parts/operations.js";
import { evaluateGraph, leafValues, momentAt, stepCount } from "./parts/backward.js";
import { layoutGraph } from "./parts/graph_layout.js";
import { boxSizes, drawGraph, measureIn } from "./parts/graph_plot.js";
import { graphText, stepText, tableRows } from "./parts/graph_words.js";
import { button, element, figure, followWidth, slider, statusLine } from "./parts/ui.js";

const EXAMPLES = [
  { name: "a chain", expression: "relu(a*b + c)**2", values: { a: 2, b: 3, c: -1 } },
  { name: "a fork", expression: "a*a + a", values: { a: 2 } },
  { name: "an inner fork", expression: "x = a*a; x*(x + a)", values: { a: 2 } },
  { name: "one neuron", expression: "(sigmoid(w*x + b) - y)**2", values: { w: 1, x: 2, b: -1, y: 1 } },
  { name: "softmax", expression: "log(exp(a) + exp(b))", values: { a: 1, b: 0 } },
  { name: "a dead relu", expression: "(relu(w*x + b) - y)**2", values: { w: 1, x: 2, b: -3, y: 1 } },
  { name: "vanishing", expression: "sigmoid(sigmoid(sigmoid(a)))", values: { a: 2 } },
];
const TRAITS = ["expression", "values", "step"];
const KEYS = { "data-lm-suppress-shortcuts": "true" };

// The example that has this expression, however it is spaced.
export function exampleOf(text) {
  const bare = (typed) => typed.replace(/\s/g, "");
  return EXAMPLES.find(({ expression }) => bare(expression) === bare(text));
}

// How the buttons read at a step: `next` is what the main one does, `pass` the one to whose end, step `target`, the last
// button goes.
export function buttonTexts(graph, step) {
  const [n, last] = [graph.ops.length, stepCount(graph)];
  if (step < n) return { next: "Forward", pass: "forward", target: n };
  return { next: step < last ? "Backward" : "Start over", pass: "backward", target: last };
}

// The field for the expression, and the examples. `onapply` gets a text, and whether it was chosen from the list.
function expressionField(onapply) {
  const input = element("input", { type: "text", spellcheck: "false", autocapitalize: "off", autocorrect: "off", autocomplete: "off", enterkeyhint: "go", ...KEYS });
  const draw = button("Draw", () => onapply(input.value));
  const hint = element("p", { class: "kbook-note kb-gs-hint" });
  const select = element("select", { ...KEYS, onchange: () => onapply(EXAMPLES[select.value].expression, true) },
    element("option", { value: "", hidden: true }, "your own"),
    ...EXAMPLES.map(({ name, expression }, k) => element("option", { value: k }, `${name}: ${expression}`)));
  let applied = "";
  const compare = () => {
    draw.classList.toggle("kb-gs-main", input.value !== applied);
    hint.textContent = input.value === applied ? "Numbers, names, + − * / **, parentheses, relu, tanh, exp, log, sigmoid; a named step: x = a*a; x*x" : "Enter or Draw shows its graph";
  };
  input.addEventListener("input", compare);
  input.addEventListener("change", () => onapply(input.value));
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") onapply(input.value); });
  const root = element("div", { class: "kb-gs-type" },
    element("label", { class: "kb-gs-expression" }, element("span", {}, "Expression"), input), hint, draw,
    element("label", { class: "kb-gs-examples" }, element("span", {}, "Example"), select));
  const set = (text) => {
    applied = text.trim();
    if (input.value !== applied) input.value = applied;
    const place = EXAMPLES.indexOf(exampleOf(applied));
    select.value = place < 0 ? "" : String(place);
    compare();
  };
  return { root, input, set };
}

// A slider for each variable, made anew when there are others or one has left its slider.
function leafSliders(onvalue) {
  const root = element("div", { class: "kb-gs-values", role: "group", "aria-label": "Values of the variables" });
  let [sliders, reach] = [{}, {}];
  const build = (values) => {
    reach = Object.fromEntries(Object.entries(values).map(([name, v]) => [name, Math.max(5, Math.ceil(Math.abs(v)))]));
    sliders = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, slider({
      label: name, min: -reach[name], max: reach[name], step: reach[name] > 10 ? 1 : 0.1, value, format: graphNumber, oninput: (v) => onvalue(name, v),
    })]));
    root.replaceChildren(...Object.values(sliders).map((control) => control.root));
  };
  const set = (values) => {
    const names = Object.keys(values);
    if (names.join() !== Object.keys(sliders).join() || names.some((name) => Math.abs(values[name]) > reach[name])) build(values);
    names.forEach((name) => sliders[name].set(values[name]));
  };
  return { root, set };
}

function tableView() {
  const head = ["node", "value", "local deriva\u00adtives", "gradient"].map((text) => element("th", { scope: "col" }, text));
  const body = element("tbody");
  const root = element("details", { class: "kb-gs-details" }, element("summary", KEYS, "All numbers as a table"),
    element("table", {}, element("thead", {}, element("tr", {}, ...head)), body));
  const lines = (texts) => texts.map((text) => element("div", {}, text));
  const set = (rows) => body.replaceChildren(...rows.map(({ name, formula, value, slopes, gradient }) => element("tr", {},
    element("th", { scope: "row" }, formula ? `${name} = ${formula}` : name), element("td", {}, value),
    element("td", {}, ...lines(slopes)), element("td", {}, gradient))));
  return { root, set };
}

// The three buttons. Their places stay the same, so that a thumb can rest on the main one; arrow keys work on all.
function stepButtons(onmove) {
  let now = { step: 0, last: 0, graph: null };
  const back = button("Undo", () => onmove(Math.max(now.step - 1, 0)));
  const next = button("Forward", () => onmove(now.step >= stepCount(now.graph) ? 0 : Math.min(now.step + 1, now.last)));
  const far = button("To end", () => onmove(Math.min(buttonTexts(now.graph, now.step).target, now.last)));
  next.classList.add("kb-gs-main");
  const root = element("div", { class: "kb-gs-buttons", role: "group", "aria-label": "Steps" }, back, next, far);
  root.addEventListener("keydown", ({ key }) => {
    if (key === "ArrowRight") onmove(Math.min(now.step + 1, now.last));
    if (key === "ArrowLeft") onmove(Math.max(now.step - 1, 0));
  });
  const set = (graph, { step }, { last }) => {
    now = { graph, step, last };
    const texts = buttonTexts(graph, step);
    next.textContent = texts.next;
    far.setAttribute("aria-label", `To end of the ${texts.pass} pass`);
    const isStuck = step === last && last < stepCount(graph);
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    [back.disabled, next.disabled, far.disabled] = [step === 0, isStuck, step === last];
    if (focused?.disabled) (next.disabled ? back : next).focus(); // a disabled button would lose the keyboard's place
  };
  return { root, set };
}

function render({ model, el }) {
  el.classList.add("kbook-widget", "kb-gs");
  let [graph, text, writing, width] = [null, null, false, 0];
  const write = (values) => {
    writing = true; // several traits, one change
    for (const [key, value] of Object.entries(values)) model.set(key, value);
    writing = false;
    model.save_changes();
    draw();
  };
  const given = () => leafValues(graph, model.get("values"));
  const field = expressionField((typed, isChosen) => {
    const { graph: read, problem } = readExpression(typed);
    if (problem) return refuse(problem);
    accept(read.text);
    if (read.text === graph?.text && !isChosen) return undefined;
    const values = { ...model.get("values"), ...exampleOf(read.text)?.values }; // an example brings its own
    return write({ expression: read.text, values: { ...values, ...leafValues(read, values) }, step: 0 });
  });
  const error = element("p", { class: "kb-gs-error kb-bad", role: "alert", id: `kb-gs-${Math.random().toString(36).slice(2)}` });
  const refuse = (problem) => {
    error.textContent = problem ? `✗ ${problem}` : "";
    field.input.setAttribute("aria-invalid", String(Boolean(problem)));
  };
  const accept = (typed) => { refuse(""); field.set(typed); };
  field.input.setAttribute("aria-describedby", error.id);
  const leaves = leafSliders((name, value) => write({ values: { ...model.get("values"), ...given(), [name]: value } }));
  const [buttons, status, table] = [stepButtons((step) => write({ step })), statusLine(), tableView()];
  const svg = figure(300, 10, "");
  const frame = element("div", { class: "kb-gs-graph" }, svg);

  const drawPicture = (run, moment) => {
    if (!width) return;
    const measure = measureIn(el);
    const place = layoutGraph(graph, boxSizes(graph, run, width, measure), width);
    svg.setAttribute("viewBox", `0 0 ${width} ${place.height}`);
    svg.setAttribute("aria-label", graphText(graph, moment));
    svg.replaceChildren(...drawGraph(place, graph, moment, measure));
  };

  function draw() {
    if (model.get("expression") !== text) {
      text = model.get("expression");
      const read = readExpression(text);
      accept(text);
      if (read.problem) refuse(read.problem);
      graph = read.graph ?? graph;
    }
    work.hidden = table.root.hidden = !graph;
    if (!graph) return;
    const run = evaluateGraph(graph, given());
    const moment = momentAt(graph, run, model.get("step"));
    leaves.set(given());
    buttons.set(graph, moment, run);
    drawPicture(run, moment);
    status.textContent = stepText(graph, run, moment, given());
    table.set(tableRows(graph, run, moment));
  }

  const legend = element("p", { class: "kbook-note" }, "On a wire, from below: × its local derivative, then what arrives, grad × local derivative. What arrives at one box adds up to its grad.");
  const work = element("div", { class: "kb-gs-work" }, frame,
    element("div", { class: "kb-gs-side" }, element("div", { class: "kb-gs-bar" }, buttons.root, status), leaves.root, legend));
  el.append(field.root, error, work, table.root);
  const unfollow = followWidth(frame, (wide) => { width = wide; draw(); });
  const changed = () => { if (!writing) draw(); };
  TRAITS.forEach((name) => model.on(`change:${name}`, changed));
  draw();
  return () => {
    unfollow();
    TRAITS.forEach((name) => model.off(`change:${name}`, changed));
    el.replaceChildren();
  };
}

export default { render };
