// SoftmaxLoss. After a minute the reader can say: the loss looks at the true class alone, its gradient at all of them,
// and each entry of the gradient is what the model believes minus what is true. The picture: in each row the bars of p and
// of p − y in one unit. A wrong class is pushed down by all of its p, the true one pulled up by what it lacks.

import { crossEntropy, logSumExp, softmax } from "./parts/math.js";
import { button, choice, element, numberText, slider, statusLine, svgElement } from "./parts/ui.js";

const SCALES = ["1", "10", "100", "1000"];
const CHOSEN = ["logits", "names", "target", "scale", "naive"];
const REACH = 10; // gradient steps may leave the sliders' range of ±5; the trait allows this much

// Softmax as it is written, with whatever floating point makes of it.
export function naiveSoftmax(z) {
  const e = z.map(Math.exp);
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
}

export function naiveCrossEntropy(z, target) {
  return -Math.log(naiveSoftmax(z)[target]);
}

// One step of gradient descent of size 1 on the scaled logits; returns the logits before scaling.
export function gradientStep(logits, gradient, scale) {
  return logits.map((z, k) => Math.min(REACH, Math.max(-REACH, z - gradient[k] / scale)));
}

// Everything that is shown, from everything that is chosen.
export function evaluateLogits(logits, target, scale, naive) {
  const z = logits.map((v) => v * scale);
  const p = naive ? naiveSoftmax(z) : softmax(z);
  const trueLoss = crossEntropy(z, target);
  const loss = naive ? naiveCrossEntropy(z, target) : trueLoss;
  return { z, p, loss, trueLoss, gradient: p.map((v, k) => v - (k === target ? 1 : 0)) };
}

// What there is to notice: first what broke, then what is extreme, else what the next step would do.
export function remark(now, names, target, naive) {
  const { z, p, loss, trueLoss, gradient } = now;
  const name = names[target];
  if (!(Math.abs(loss - trueLoss) <= 1e-9 * Math.max(1, trueLoss))) {
    return `${whatBroke(now, name)} The true loss is ${numberText(trueLoss)}.`;
  }
  if (p[target] === 0) {
    const parts = `${numberText(logSumExp(z), 6)} − ${numberText(z[target], 6)}`.replace("− −", "+ ");
    return `p(${name}) is too small for 64 bits, but the stable form never takes its logarithm: ℓ = ln Σ exp(z) − z(${name}) = ${parts}.`;
  }
  const same = naive ? " As written, softmax still gives the right loss here: try ×1000." : "";
  if (p[target] > 0.98) return `Sure and right: almost no loss, almost no gradient.${same}`;
  if (Math.max(...p) > 0.9995) {
    return `Sure and wrong: the loss grows with the distance between the logits, but no entry of the gradient can pass 1.${same}`;
  }
  const lacks = (-gradient[target]).toFixed(3);
  const others = names.length === 2 ? "The other is pushed down by its own p: the same" : "The others are pushed down, each by its own p: in all";
  return `${name} is pulled up by ${lacks}, all that it lacks to 1. ${others} ${lacks}.${same}`;
}

function whatBroke({ z, p, loss }, name) {
  const top = Math.max(...z);
  const lost = loss === Infinity ? ` p(${name}) is 0, and −ln 0 = ∞.` : "";
  if (Math.exp(top) === Infinity) return `exp(${numberText(top)}) is too large for 64 bits, which end at exp(709.78): it became ∞, and ∞/∞ is not a number.${lost}`;
  if (p.some(Number.isNaN)) return "Every exp(z) is too small for 64 bits and became 0, and 0/0 is not a number.";
  if (p.every((v) => v === 0)) return `The sum of the exp(z) is too large for 64 bits and became ∞.${lost}`;
  return lost ? `p(${name}) is too small for 64 bits and became 0, and −ln 0 = ∞.` : `p(${name}) is so small that 64 bits lost digits of it.`;
}

const minus = (text) => text.replace("-", "−");
const sumText = (values) => `Σ = ${numberText(Number(values.reduce((a, b) => a + b, 0).toFixed(3)))}`;

const logitText = (z, scale) => (scale === 1 ? minus(z.toFixed(2)) : numberText(Number((z * scale).toFixed(3)), 5));

// Three decimals, or a power of ten where they would show nothing.
export function shareText(v) {
  if (v === 0) return "0";
  return (Math.abs(v) < 0.0005 ? v.toExponential(0) : v.toFixed(3)).replaceAll("-", "−");
}

// A bar that fills its column and keeps its height; 100 units are a probability of 1.
function stripe(left, width, ...shapes) {
  return svgElement("svg", { viewBox: `${left} 0 ${width} 20`, preserveAspectRatio: "none", role: "img" },
    svgElement("rect", { x: left, width, height: 20, class: "kb-sl-paper" }), ...shapes,
    svgElement("path", { d: "M0 0V20", class: "kb-sl-zero" }));
}

function place(rect, from, to) {
  const [low, high] = Number.isNaN(to - from) ? [0, 0] : [Math.min(from, to), Math.max(from, to)];
  rect.setAttribute("x", 100 * low);
  rect.setAttribute("width", 100 * (high - low));
}

// A row: the class (chosen as the true one by its radio button), its logit, its two bars.
function classRow({ name, group, format, onlogit, ontarget }) {
  const radio = element("input", { type: "radio", name: group, "data-lm-suppress-shortcuts": "true", onchange: ontarget });
  const control = slider({ label: `logit of ${name}`, min: -5, max: 5, step: 0.1, value: 0, format, oninput: onlogit });
  const [belief, lack, push] = ["p", "lack", "push"].map((part) => svgElement("rect", { class: `kb-sl-${part}`, y: 3, height: 14 }));
  const [pBar, pushBar] = [stripe(0, 100, belief, lack), stripe(-100, 200, push)];
  const [pText, pushText] = ["left", "over"].map((part) => element("span", { class: `kb-sl-${part}`, "aria-hidden": "true" }));
  const root = element("div", { class: "kb-sl-row" },
    element("div", { class: "kb-sl-choose" }, element("label", { class: "kbook-option" }, radio, name), control.root),
    element("div", { class: "kb-sl-bars" }, pText, pBar, element("div", { class: "kb-sl-signed" }, pushBar, pushText)));
  const show = (z, p, gradient, isTrue) => {
    control.set(z);
    radio.checked = isTrue;
    root.classList.toggle("kb-sl-true", isTrue);
    place(belief, 0, p);
    place(lack, isTrue ? p : 0, isTrue ? 1 : 0);
    place(push, 0, gradient);
    push.classList.toggle("kb-sl-up", gradient < 0);
    pText.textContent = shareText(p);
    pushText.textContent = (gradient > 0 ? "+" : "") + shareText(gradient);
    pushText.classList.toggle("kb-sl-right", gradient < 0);
    [pText, pushText].forEach((text) => text.classList.toggle("kb-bad", Number.isNaN(p)));
    const way = gradient > 0 ? ", pushes its logit down" : gradient < 0 ? ", pulls its logit up" : "";
    pBar.setAttribute("aria-label", `${name}: p = ${pText.textContent}`);
    pushBar.setAttribute("aria-label", `${name}: p − y = ${pushText.textContent}${way}`);
  };
  return { root, show };
}

function headings() {
  const [z, p, push] = ["", "kb-sl-over-p", ""].map((name) => element("span", { class: name }));
  const head = element("div", { class: "kb-sl-row kb-sl-head" },
    element("div", { class: "kb-sl-choose" }, element("span", {}, "true class"), z),
    element("div", { class: "kb-sl-bars" }, element("span", { class: "kb-sl-over-p" }, "probability p"),
      element("div", { class: "kb-sl-sides" }, element("span", {}, "gradient p − y"), element("span", {}, "← z up"), element("span", {}, "z down →"))));
  const foot = element("div", { class: "kb-sl-row kb-sl-foot" }, element("div", { class: "kb-sl-choose" }),
    element("div", { class: "kb-sl-bars" }, p, push));
  return { head, foot, z, p, push };
}

function render({ model, el }) {
  el.classList.add("kbook-widget", "kb-sl");
  const group = `kb-sl-${Math.random().toString(36).slice(2)}`;
  const save = (values) => {
    for (const [key, value] of Object.entries(values)) model.set(key, value);
    model.save_changes();
  };
  let [rows, start, now, trail, stepping] = [[], {}, null, [], false];
  const loss = element("p", { class: "kb-sl-loss" });
  const fall = element("p", { class: "kb-sl-fall kbook-note" });
  const status = statusLine();
  const text = headings();
  const table = element("fieldset", { class: "kb-sl-rows" }, element("legend", {}, "Drag logits, pick the true class"), text.head);
  const step = button("One gradient step", () => {
    stepping = true;
    save({ logits: gradientStep(model.get("logits"), now.gradient, Number(model.get("scale"))) });
    stepping = false;
  });
  const scale = choice({
    legend: "Multiply all logits by", options: SCALES.map((s) => [s, `×${s}`]), value: "1",
    onchange: (key) => save({ scale: key }),
  });
  const form = choice({
    legend: "Compute softmax", options: [["stable", "stable: largest z subtracted first"], ["naive", "as written: exp(z) / Σ exp(z)"]], value: "stable",
    onchange: (key) => save({ naive: key === "naive" }),
  });

  const build = () => {
    start = Object.fromEntries(CHOSEN.map((key) => [key, model.get(key)]));
    rows.forEach((row) => row.root.remove());
    rows = start.names.map((name, k) => classRow({
      name, group,
      format: (z) => logitText(z, Number(model.get("scale"))),
      onlogit: (z) => save({ logits: model.get("logits").map((old, j) => (j === k ? z : old)) }),
      ontarget: () => save({ target: k }),
    }));
    table.append(...rows.map((row) => row.root), text.foot);
  };

  const draw = () => {
    const [logits, names, target, factor, naive] = CHOSEN.map((key) => model.get(key));
    if (names.length !== logits.length || target >= names.length) return; // the rest of a change is on its way
    if (names !== start.names) build();
    now = evaluateLogits(logits, target, Number(factor), naive);
    rows.forEach((row, k) => row.show(logits[k], now.p[k], now.gradient[k], k === target));
    text.z.textContent = factor === "1" ? "logit z" : `logit z, ×${factor}`;
    [text.p.textContent, text.push.textContent] = [sumText(now.p), sumText(now.gradient)];
    scale.set(factor);
    form.set(naive ? "naive" : "stable");
    const value = numberText(now.loss);
    loss.replaceChildren("ℓ = −ln p(", element("b", {}, names[target]), ") = ", element("b", { class: Number.isFinite(now.loss) ? "kb-sl-value" : "kb-sl-value kb-bad" }, value));
    trail = stepping ? [...trail, numberText(now.loss, 3)] : [numberText(now.loss, 3)];
    fall.textContent = trail.length === 1 ? "" : `ℓ after ${trail.length - 1} step${trail.length > 2 ? "s" : ""}: ${trail.slice(-6).join(" → ")}`;
    step.disabled = now.gradient.some(Number.isNaN);
    status.replaceChildren(element("span", { class: "kb-sl-spoken" }, `ℓ = ${value}. `), remark(now, names, target, naive),
      step.disabled ? " A gradient step would turn the logits into NaN, too." : "");
  };

  el.append(element("div", { class: "kb-sl-top" }, loss, element("div", { class: "kb-sl-actions" }, step, button("Reset", () => save(start)))),
    fall, table, status, element("div", { class: "kb-sl-options" }, scale.root, form.root));
  CHOSEN.forEach((key) => model.on(`change:${key}`, draw));
  draw();
  return () => { CHOSEN.forEach((key) => model.off(`change:${key}`, draw)); el.replaceChildren(); };
}

export default { render };
