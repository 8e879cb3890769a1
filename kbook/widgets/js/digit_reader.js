// DigitReader. Within seconds the reader has drawn a digit and seen a model of 650 numbers read it; a minute later,
// that it sees only 8 × 8 counts and always answers with ten probabilities, however odd the drawing.
// One thing is the truth at any time: the strokes, or, where there are none, the 64 pixels edited by hand.

import { button, element, statusLine } from "./parts/ui.js";
import { loadAsset } from "./parts/assets.js";
import { digitProbabilities, percentText, ranking, splitWeights, strokesToPixels } from "./parts/digits.js";

const WEIGHTS = "weights/digits_softmax.bin";
const PAD = 560; // the canvas's own pixels
const PEN_WIDTH = 0.09; // of the pad; what the model sees has a pen of its own
const MOST_POINTS = 1000;
const LEAST_MOVE = 0.01;
const ABOUT = "The model’s 650 numbers were learned from 1,437 handwritten digits, each stretched to a box, straightened and counted "
  + "into 8\u00a0×\u00a08 blocks of ink; so is your drawing. It has ten answers and no other: whatever you draw, the ten probabilities sum "
  + "to 100\u00a0%. You can also edit the cells that it sees: click one, or use the arrow keys and Space.";

// The answer in words; a second guess is named from one in ten.
export function answerText(p) {
  const [first, second] = ranking(p);
  const doubt = p[second] >= 0.1 ? `, or ${second} (${percentText(p[second])})` : "";
  return `I read ${first} (${percentText(p[first])})${doubt}.`;
}

function isEmpty(pixels) {
  return pixels.every((count) => count === 0);
}

// The pen's line, rounded through the middles between its points.
function paint(context, points) {
  context.beginPath();
  context.moveTo(...points[0]);
  points.slice(1, -1).forEach(([x, y], i) => {
    const [nextX, nextY] = points[i + 2];
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  });
  const [x, y] = points[points.length - 1];
  context.lineTo(x + 0.01, y); // or a line of no length, a tap, would not be drawn
  context.stroke();
}

// The pad: calls onstart, then onpoint for each new point, then onend.
function drawingPad({ onstart, onpoint, onend }) {
  const canvas = element("canvas", { width: PAD, height: PAD, role: "img" });
  const context = canvas.getContext("2d");
  Object.assign(context, { lineWidth: PEN_WIDTH * PAD, lineCap: "round", lineJoin: "round", strokeStyle: "white" });
  let pointer = null;
  const here = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return [(clientX - box.left) / box.width, (clientY - box.top) / box.height]
      .map((v) => Math.round(1000 * Math.min(Math.max(v, 0), 1)) / 1000);
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button !== 0) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    onstart(here(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const steps = event.getCoalescedEvents?.() ?? [];
    onpoint((steps.length ? steps : [event]).map(here));
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      onend();
    });
  }
  const show = (strokes) => {
    context.clearRect(0, 0, PAD, PAD);
    strokes.forEach((points) => paint(context, points.map(([x, y]) => [x * PAD, y * PAD])));
  };
  return { canvas, show };
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

// Ten labelled bars; without probabilities they are empty.
function probabilityBars() {
  const rows = Array.from({ length: 10 }, (_, k) => {
    const [fill, number] = [element("span", { class: "kb-dr-fill" }), element("span")];
    return { fill, number, root: element("div", { "aria-hidden": "true" }, element("span", {}, String(k)), element("span", { class: "kb-dr-track" }, fill), number) };
  });
  const root = element("div", { role: "img", class: "kb-dr-bars" }, ...rows.map((row) => row.root));
  const show = (p) => {
    rows.forEach((row, k) => {
      row.fill.style.width = `${p ? 100 * p[k] : 0}%`;
      row.number.textContent = p ? percentText(p[k]) : "–";
      row.root.classList.toggle("kb-dr-most", Boolean(p) && ranking(p)[0] === k);
    });
    root.setAttribute("aria-label", p ? `Probabilities: ${p.map((v, k) => `${k}: ${percentText(v)}`).join(", ")}` : "No probabilities yet");
  };
  return { root, show };
}

// The answer's words as nodes, the digit apart so that it can be large.
function answerNodes(p) {
  const [, before, digit, after] = answerText(p).match(/^(\D*)(\d)(.*)$/);
  return [element("span", {}, before), element("b", {}, digit), element("span", {}, after)];
}

function captioned(text, name, ...nodes) {
  return element("div", { class: name }, element("p", { class: "kb-dr-caption" }, text), ...nodes);
}

function render({ model, el }) {
  el.classList.add("kbook-widget");
  let weights = null;
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
  const caption = element("p", { class: "kb-dr-caption" });
  const controls = [button("Clear", () => replace([], false)), button("Show an example", showExample)];
  controls.forEach((node) => node.setAttribute("data-lm-suppress-shortcuts", "true"));

  function start(point) {
    strokes = [...(isExample ? [] : strokes), [point]];
    isExample = false;
    read();
  }

  function extend(points) {
    const line = strokes[strokes.length - 1];
    for (const point of points) {
      const last = line[line.length - 1];
      const isFar = Math.hypot(point[0] - last[0], point[1] - last[1]) >= LEAST_MOVE;
      if (isFar && strokes.flat().length < MOST_POINTS) line.push(point);
    }
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
    const p = weights && !isEmpty(pixels) ? digitProbabilities(pixels, weights) : null;
    pad.show(strokes);
    grid.show(pixels);
    bars.show(p);
    const waiting = failure ?? (isEmpty(pixels) ? "Nothing to read yet: draw a digit." : "Loading 650 numbers …");
    answer.replaceChildren(element("span", { class: "kb-dr-spoken" }, spoken), ...(p ? answerNodes(p) : [element("span", {}, waiting)]));
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
    .then((bytes) => { weights = splitWeights(new Float32Array(bytes)); })
    .catch(() => { failure = "The model's weights could not be loaded."; })
    .then(() => read());
  el.append(
    element("p", { class: "kbook-title" }, "Draw a digit: 650 numbers read it"),
    element("div", { class: "kb-dr-box" }, element("div", { class: "kb-dr" },
      element("div", { class: "kb-dr-draw" }, caption, element("div", { class: "kb-dr-pad" }, pad.canvas)), answer,
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
