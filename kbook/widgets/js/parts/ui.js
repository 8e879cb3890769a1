// Small helpers for widgets: elements, labelled controls, a figure that scales, a line that is read aloud.

const SVG = "http://www.w3.org/2000/svg";

// Make an element. Attributes starting with "on" are listeners; null or false attributes are left out.
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svgElement(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

// An SVG of fixed inner size that scales with its column; `label` is its accessible name.
export function figure(width, height, label) {
  return svgElement("svg", {
    viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, class: "kb-drawing",
  });
}

// Call `redraw` with the width in pixels of a frame in the page, now and whenever it changes: a drawing that is made in
// pixels of its column keeps the size of its text and marks on a phone. Returns a function that ends it.
export function followWidth(frame, redraw) {
  let width = 0;
  const observer = new ResizeObserver(() => {
    if (frame.clientWidth === 0 || frame.clientWidth === width) return; // not in the page, or only higher
    width = frame.clientWidth;
    redraw(width);
  });
  observer.observe(frame);
  return () => observer.disconnect();
}

// The traits that a widget shares with Python. `save` sets several as one change; `redraw` is called after a change
// from either side, once; `end` stops listening.
export function sharedTraits(model, keys, redraw) {
  let isSaving = false;
  const changed = () => { if (!isSaving) redraw(); };
  const save = (values) => {
    isSaving = true;
    for (const [key, value] of Object.entries(values)) model.set(key, value);
    isSaving = false;
    model.save_changes();
    redraw();
  };
  keys.forEach((key) => model.on(`change:${key}`, changed));
  return { save, end: () => keys.forEach((key) => model.off(`change:${key}`, changed)) };
}

// A labelled range input with its value beside it. JupyterLab takes the arrow keys from an input in an
// output unless the input itself carries data-lm-suppress-shortcuts.
export function slider({ label, min, max, step, value, format = String, oninput }) {
  const output = element("output", {}, format(value));
  const input = element("input", {
    type: "range", min, max, step, "aria-label": label, "data-lm-suppress-shortcuts": "true",
  });
  const set = (number) => {
    input.value = number;
    output.textContent = format(number);
    input.setAttribute("aria-valuetext", format(number));
  };
  input.addEventListener("input", () => { set(Number(input.value)); oninput(Number(input.value)); });
  set(value);
  const root = element("label", { class: "kbook-slider" }, element("span", {}, label), input, output);
  return { root, input, set };
}

// A group of radio buttons; `options` is a list of [value, text].
export function choice({ legend, options, value, onchange }) {
  const name = `kbook-${Math.random().toString(36).slice(2)}`;
  const inputs = options.map(([key]) => element("input", {
    type: "radio", name, value: key, checked: key === value, "data-lm-suppress-shortcuts": "true",
    onchange: () => onchange(key),
  }));
  const labels = options.map(([, text], i) => element("label", { class: "kbook-option" }, inputs[i], text));
  const root = element("fieldset", { class: "kbook-choice" }, element("legend", {}, legend), ...labels);
  return { root, set: (key) => inputs.forEach((input) => { input.checked = input.value === key; }) };
}

export function button(text, onclick) {
  const keys = { "data-lm-suppress-shortcuts": "true" };
  return element("button", { type: "button", class: "kbook-button", onclick, ...keys }, text);
}

// Buttons of which one is pressed; `options` is a list of [value, text].
export function pressedChoice(label, options, onchoose) {
  const buttons = options.map(([key, text]) => button(text, () => onchoose(key)));
  const show = (value) => options.forEach(([key], i) => buttons[i].setAttribute("aria-pressed", String(key === value)));
  return { root: element("div", { class: "kbook-actions", role: "group", "aria-label": label }, ...buttons), show };
}

// A line that screen readers speak when it changes.
export function statusLine() {
  return element("p", { class: "kbook-status", role: "status", "aria-live": "polite" });
}

// Show a number with a real minus sign and no noise: 4 significant digits, powers of ten when extreme.
export function numberText(x, digits = 4) {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  const text = size !== 0 && (size >= 1e5 || size < 1e-3) ? x.toExponential(2) : String(Number(x.toPrecision(digits)));
  return text.replaceAll("-", "−").replace("e+", "e");
}
