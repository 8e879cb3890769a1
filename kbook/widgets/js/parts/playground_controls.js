// The settings of Playground: what the net is, how it is trained, and on which points.

import { CHOICES, RANGES } from "./playground_link.js";
import { smallMark } from "./playground_plot.js";
import { button, choice, element, numberText, slider } from "./ui.js";

const NAMES = {
  moons: "moons", circles: "circles", spirals: "spirals", own: "own", relu: "ReLU", tanh: "tanh", sigmoid: "sigmoid",
  sgd: "SGD", momentum: "SGD, momentum 0.9", adam: "Adam", adamw: "AdamW",
  none: "none", L2: "L2 (weight decay)", L1: "L1",
};

// A labelled menu; `options` is a list of [value, text].
export function menu({ label, options, onchange }) {
  const select = element("select", { "data-lm-suppress-shortcuts": "true", onchange: () => onchange(select.value) },
    ...options.map(([value, text]) => element("option", { value }, text)));
  const root = element("label", { class: "kb-pg-menu" }, element("span", {}, label), select);
  return { root, set: (value) => { select.value = value; } };
}

// 1, 2, 5 times the powers of ten from 10^low to 10^high.
export function roundNumbers(low, high) {
  const decades = Array.from({ length: high - low }, (_, k) => k + low);
  return [...decades.flatMap((e) => [1, 2, 5].map((digit) => Number(`${digit}e${e}`))), Number(`1e${high}`)];
}

export function nearestOf(numbers, value) {
  const far = (v) => Math.abs(Math.log(v / value));
  return numbers.reduce((near, v, k) => (far(v) < far(numbers[near]) ? k : near), 0);
}

// A slider over these numbers; a value between them, set by Python, is shown as it is.
export function logSlider({ label, numbers, oninput }) {
  const format = (k) => numberText(numbers[k]);
  const { root, input, set } = slider({
    label, min: 0, max: numbers.length - 1, step: 1, value: 0, format, oninput: (k) => oninput(numbers[k]),
  });
  return {
    root, input,
    set(value) {
      set(nearestOf(numbers, value));
      root.lastChild.textContent = numberText(value);
      input.setAttribute("aria-valuetext", numberText(value));
    },
  };
}

const options = (name) => CHOICES[name].map((key) => [key, NAMES[key]]);

function group(legend, ...nodes) {
  return element("fieldset", { class: "kb-pg-group" }, element("legend", {}, legend), ...nodes);
}

// Which class a tap places: `label()` tells.
function classChoice(say) {
  let label = 1;
  const { root } = choice({
    legend: "A tap on the plane places", options: [["1", "class 1"], ["0", "class 0"]], value: "1",
    onchange: (key) => { label = Number(key); say(`A tap on the plane now places a point of class ${key}.`); },
  });
  root.querySelectorAll(".kbook-option").forEach((node, k) => node.append(smallMark(1 - k)));
  return { root, label: () => label };
}

// All controls; `data` stands apart, above the plane. `onchange` gets the settings that change.
export function makeControls({ onchange, onundo, onclear, say }) {
  const pick = (name) => (value) => onchange({ [name]: value });
  const chooser = (name, label) => menu({ label, options: options(name), onchange: pick(name) });
  const range = (name, label, step, format = String) => {
    const [min, max] = RANGES[name];
    return slider({ label, min, max, step, value: min, format, oninput: pick(name) });
  };
  const byName = {
    data: choice({ legend: "Data", options: options("data"), value: "", onchange: pick("data") }),
    activation: chooser("activation", "activation"),
    depth: range("depth", "hidden layers", 1), width: range("width", "units a layer", 1),
    optimizer: chooser("optimizer", "optimizer"), penalty: chooser("penalty", "penalty"),
    rate: logSlider({ label: "learning rate", numbers: roundNumbers(-4, 1), oninput: pick("rate") }),
    strength: logSlider({ label: "strength", numbers: roundNumbers(-5, 0), oninput: pick("strength") }),
    noise: range("noise", "noise", 0.05, (v) => numberText(v, 3)),
  };
  byName.data.root.classList.add("kb-pg-data");
  let present = 0;
  const seed = button("", () => onchange({ seed: (present + 1) % (RANGES.seed[1] + 1) }));
  const [undo, clear, classes] = [button("Undo", onundo), button("Clear", onclear), classChoice(say)];
  const about = element("p", { class: "kbook-note" });
  const roots = (...names) => names.map((name) => byName[name].root);
  const root = element("div", { class: "kb-pg-groups" },
    group("Net", ...roots("activation", "depth", "width"), about),
    group("Training", ...roots("optimizer", "rate", "penalty", "strength")),
    group("Points", element("div", { class: "kb-pg-points" },
      classes.root, element("div", { class: "kb-pg-buttons" }, undo, clear, seed), ...roots("noise"))));
  const show = (settings, net) => {
    for (const [name, control] of Object.entries(byName)) control.set(settings[name]);
    present = settings.seed;
    seed.textContent = `New seed (now ${present})`;
    about.textContent = net;
    byName.strength.input.disabled = settings.penalty === "none";
    byName.noise.root.hidden = settings.data === "own";
    [undo, clear].forEach((node) => { node.disabled = settings.data !== "own" || !settings.points.length; });
  };
  return { root, data: byName.data.root, label: classes.label, show };
}
