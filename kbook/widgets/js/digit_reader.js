// DigitReader. Within seconds the reader has drawn a digit and seen a model of 650 numbers read it; a minute later,
// that it sees only 8 × 8 counts and always answers with ten probabilities, however odd the drawing.
// One thing is the truth at any time: the strokes, or, where there are none, the 64 pixels edited by hand.

import { button, element, statusLine } from "./parts/ui.js";
import { loadAsset } from "./parts/assets.js";
import { digitProbabilities, strokesToPixels } from "./parts/digits.js";
import { parseNet } from "./parts/nn.js";
import { answerNodes, captioned, drawingPad, probabilityBars, withPoints, withStroke } from "./parts/pad.js";

const WEIGHTS = "weights/digits_softmax.bin";
const ABOUT = "The model’s 650 numbers were learned from 1,437 handwritten digits, each stretched to a box, straightened and counted "
  + "into 8\u00a0×\u00a08 blocks of ink; so is your drawing. It has ten answers and no other: whatever you draw, the ten probabilities sum "
  + "to 100\u00a0%. You can also edit the cells that it sees: click one, or use the arrow keys and Space.";

function isEmpty(pixels) {
  return pixels.every((count) => count === 0);
}

// The 8 × 8 cells: a grid with one tab stop, moved by the arrow keys; Space or a click calls ontoggle(index).
function pixelGrid(ontoggle) {
  const cells = Array.from({ length: 64 }, (_, i) => element("div", {
    role: "gridcell", tabindex: i ? -1 : 0, "data-lm-suppress-shortcuts": "true", onclick: () => { move(i); ontoggle(i); },
  }));
  const rows = Array.from({ length: 8 }, (_, row) => element("div", { role: "row" }, ...cells.slice(8 * row, 8 * row + 8)));
  const root = element("div", { role: "grid", class: "kb-dr-grid", "aria-label": "What the model sees. Arrow keys move, Space draws or erases a cell" }, ...rows);
  let current = 0;
  function move(i) {
    cells[current].tabIndex = -1;
    current = i;
    cells[current].tabIndex = 0;
    cells[current].focus();
  }
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const [row, column] = [Math.floor(current / 8), current % 8];
    const target = {
      ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
      Home: [row, 0], End: [row, 7],
    }[event.key];
    if (!target && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    if (!target) ontoggle(current);
    else if (target.every((v) => v >= 0 && v < 8)) move(8 * target[0] + target[1]);
  });
  const describe = (pixels, i) => `Row ${Math.floor(i / 8) + 1}, column ${(i % 8) + 1}: ink ${pixels[i]} of 16`;
  const show = (pixels) => cells.forEach((cell, i) => {
    cell.style.setProperty("--ink", pixels[i] / 16);
    cell.setAttribute("aria-label", describe(pixels, i));
  });
  return { root, show, describe };
}

function render({ model, el }) {
  el.classList.add("kbook-widget");
  let net = null;
  let failure = null;
  let isExample = true; // or set by Python: the reader's first stroke replaces it
  let exampleShown = 0;
  let writing = false;
  let strokes = model.get("strokes");
  let pixels = [];

  const pad = drawingPad({ onstart: start, onpoint: extend, onend: write });
  const grid = pixelGrid(toggle);
  const bars = probabilityBars();
  const answer = statusLine();
  const caption = element("p", { class: "kb-pad-caption" });
  const controls = [button("Clear", () => replace([], false)), button("Show an example", showExample)];
  controls.forEach((node) => node.setAttribute("data-lm-suppress-shortcuts", "true"));

  function start(point) {
    strokes = withStroke(isExample ? [] : strokes, point);
    isExample = false;
    read();
  }

  function extend(points) {
    strokes = withPoints(strokes, points);
    read();
  }

  function replace(drawing, example) {
    [strokes, pixels, isExample] = [drawing, [], example];
    read();
    write();
  }

  function showExample() {
    const examples = model.get("examples");
    exampleShown = (exampleShown + 1) % examples.length;
    replace(examples[exampleShown], true);
  }

  function toggle(i) {
    [strokes, pixels] = [[], pixels.map((count, k) => (k === i ? 16 * (count < 8) : count))];
    read(`${grid.describe(pixels, i)}. `);
    write();
  }

  // Two traits, one change.
  function write() {
    writing = true;
    model.set("strokes", strokes.map((line) => [...line]));
    model.set("pixels", pixels);
    writing = false;
    model.save_changes();
  }

  function read(spoken = "") {
    if (strokes.length || !pixels.length) pixels = strokesToPixels(strokes);
    const p = net && !isEmpty(pixels) ? digitProbabilities(pixels, net) : null;
    pad.show(strokes);
    grid.show(pixels);
    bars.show(p);
    const waiting = failure ?? (isEmpty(pixels) ? "Nothing to read yet: draw a digit." : "Loading 650 numbers …");
    answer.replaceChildren(element("span", { class: "kb-pad-spoken" }, spoken), ...(p ? answerNodes(p) : [element("span", {}, waiting)]));
    caption.textContent = padCaption();
    pad.canvas.setAttribute("aria-label", `Pad to draw on with mouse, pen or finger. ${caption.textContent}.`);
  }

  function padCaption() {
    if (strokes.length) return isExample ? "Draw your own digit" : "Your drawing";
    return isEmpty(pixels) ? "Draw a digit here" : "Edited in the cells";
  }

  const changed = () => {
    if (writing) return;
    [strokes, pixels, isExample] = [model.get("strokes"), model.get("pixels"), true];
    read();
    if (strokes.length) write();
  };
  const events = ["change:strokes", "change:pixels"];
  events.forEach((event) => model.on(event, changed));
  loadAsset(model, WEIGHTS)
    .then((bytes) => { net = parseNet(bytes); })
    .catch(() => { failure = "The model's weights could not be loaded."; })
    .then(() => read());
  el.append(
    element("p", { class: "kbook-title" }, "Draw a digit: 650 numbers read it"),
    element("div", { class: "kb-dr-box" }, element("div", { class: "kb-dr" },
      element("div", { class: "kb-dr-draw" }, caption, pad.root), answer,
      captioned("What it sees", "kb-dr-see", grid.root), captioned("What it says", "kb-dr-say", bars.root),
      element("div", { class: "kb-dr-buttons" }, ...controls))),
    element("p", { class: "kbook-note" }, ABOUT),
  );
  changed();
  return () => {
    events.forEach((event) => model.off(event, changed));
    el.replaceChildren();
  };
}

export default { render };
