// SoftmaxLoss. After a minute the reader can say: the loss looks at the true class alone, its gradient at all of them,
// and each entry of the gradient is what the model believes minus what is true. The picture: two bars in each row.

import { crossEntropy, crossEntropyGradient, softmax } from "./parts/math.js";
import { button, choice, element, numberText, slider, statusLine } from "./parts/ui.js";

const SCALES = ["1", "10", "100", "1000"];

// Softmax as it is written, with whatever floating point makes of it.
export function naiveSoftmax(z) {
  const e = z.map(Math.exp);
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
}

export function naiveCrossEntropy(z, target) {
  return -Math.log(naiveSoftmax(z)[target]);
}

// One step of gradient descent of size 1 on the scaled logits; returns the logits before scaling, kept in ±5.
export function gradientStep(logits, target, scale) {
  const gradient = crossEntropyGradient(logits.map((z) => z * scale), target);
  return logits.map((z, k) => Math.min(5, Math.max(-5, z - gradient[k] / scale)));
}

// Everything that is shown, from everything that is chosen.
export function evaluateLogits(logits, target, scale, naive) {
  const z = logits.map((v) => v * scale);
  const p = naive ? naiveSoftmax(z) : softmax(z);
  return {
    p,
    loss: naive ? naiveCrossEntropy(z, target) : crossEntropy(z, target),
    trueLoss: crossEntropy(z, target),
    gradient: p.map((v, k) => v - (k === target ? 1 : 0)),
  };
}

// What there is to notice, in one sentence.
export function remark({ p, loss, trueLoss, gradient }, names, target) {
  const truth = numberText(trueLoss);
  if (p.some(Number.isNaN)) {
    return `NaN: e to the power of a logit above 709.78 is infinite, and ∞ divided by ∞ is not a number. The true loss is ${truth}.`;
  }
  if (loss === Infinity) return `p(${names[target]}) is too small for 64 bits and became 0, and −ln 0 = ∞. The true loss is ${truth}.`;
  const pulled = gradient.indexOf(Math.min(...gradient));
  const pushed = gradient.indexOf(Math.max(...gradient));
  if (trueLoss < 0.02) return "Sure and right: almost no loss, almost no gradient.";
  return `A gradient step pulls ${names[pulled]} up, and pushes ${names[pushed]} down the most.`;
}

const signed = (v) => (v > 0 ? "+" : "") + (Number.isNaN(v) ? "NaN" : v.toFixed(2).replace("-", "−"));
const percent = (v) => (Number.isFinite(v) ? `${Math.min(100, Math.max(0, 100 * v))}%` : "0%");

// A row: the class (chosen as the true one by its radio button), its logit, its two bars.
function classRow({ name, value, group, onlogit, ontarget }) {
  const radio = element("input", { type: "radio", name: group, "data-lm-suppress-shortcuts": "true", onchange: ontarget });
  const pick = element("label", { class: "kbook-option kb-sl-name" }, radio, name);
  const control = slider({ label: `z(${name})`, min: -5, max: 5, step: 0.1, value, format: (v) => v.toFixed(2).replace("-", "−"), oninput: onlogit });
  const [p, gradient] = [element("span", {}), element("span", {})];
  const pBar = element("i", { class: "kb-sl-p" });
  const gradientBar = element("i", { class: "kb-sl-gradient" });
  const root = element("div", { class: "kb-sl-row" }, pick, control.root,
    element("div", { class: "kb-sl-cell" }, element("span", { class: "kb-sl-label" }, "p"),
      element("div", { class: "kb-sl-track", "aria-hidden": "true" }, pBar), p),
    element("div", { class: "kb-sl-cell" }, element("span", { class: "kb-sl-label" }, "p − y"),
      element("div", { class: "kb-sl-track kb-sl-signed", "aria-hidden": "true" }, gradientBar), gradient));
  return { root, radio, control, p, gradient, pBar, gradientBar };
}

function showRow(row, p, gradient) {
  row.p.textContent = Number.isNaN(p) ? "NaN" : p.toFixed(3);
  row.gradient.textContent = signed(gradient);
  row.pBar.style.width = percent(p);
  row.gradientBar.style.width = percent(Math.abs(gradient) / 2);
  row.gradientBar.style.left = gradient < 0 ? percent(0.5 + gradient / 2) : "50%";
  row.gradientBar.classList.toggle("kb-sl-down", gradient < 0);
}

function render({ model, el }) {
  el.classList.add("kbook-widget", "kb-sl");
  const names = model.get("names");
  const start = Object.fromEntries(["logits", "target", "scale", "naive"].map((key) => [key, model.get(key)]));
  const group = `kb-sl-${Math.random().toString(36).slice(2)}`;
  const save = (values) => {
    for (const [key, value] of Object.entries(values)) model.set(key, value);
    model.save_changes();
  };
  const rows = names.map((name, k) => classRow({
    name, value: start.logits[k], group,
    onlogit: (z) => save({ logits: model.get("logits").map((old, j) => (j === k ? z : old)) }),
    ontarget: () => save({ target: k }),
  }));
  const loss = element("p", { class: "kb-sl-loss" });
  const status = statusLine();
  const scale = choice({
    legend: "Multiply all logits by", options: SCALES.map((s) => [s, `×${s}`]), value: start.scale,
    onchange: (key) => save({ scale: key }),
  });
  const form = choice({
    legend: "Compute softmax", options: [["stable", "safely"], ["naive", "as written"]], value: start.naive ? "naive" : "stable",
    onchange: (key) => save({ naive: key === "naive" }),
  });
  const actions = element("div", { class: "kb-sl-actions" },
    button("One gradient step", () => save({ logits: gradientStep(model.get("logits"), model.get("target"), Number(model.get("scale"))) })),
    button("Reset", () => save(start)));

  const draw = () => {
    const [logits, target] = [model.get("logits"), model.get("target")];
    const now = evaluateLogits(logits, target, Number(model.get("scale")), model.get("naive"));
    rows.forEach((row, k) => {
      row.control.set(logits[k]);
      row.radio.checked = k === target;
      showRow(row, now.p[k], now.gradient[k]);
    });
    scale.set(model.get("scale"));
    form.set(model.get("naive") ? "naive" : "stable");
    loss.replaceChildren("ℓ = −ln p(", element("b", {}, names[target]), ") = ", element("b", {}, numberText(now.loss)));
    status.textContent = remark(now, names, target);
  };

  const table = element("fieldset", { class: "kb-sl-rows" }, element("legend", {}, "Choose the true class y, drag the logits z"), ...rows.map((row) => row.root));
  el.append(table, loss, status, actions, element("div", { class: "kb-sl-options" }, scale.root, form.root));
  const events = ["logits", "target", "scale", "naive"].map((key) => `change:${key}`);
  events.forEach((event) => model.on(event, draw));
  draw();
  return () => { events.forEach((event) => model.off(event, draw)); el.replaceChildren(); };
}

export default { render };
