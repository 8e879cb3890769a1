// A pad to draw a digit on, and the ten probabilities that a model gives it: for DigitReader and DigitPad.

import { percentText, ranking } from "./digits.js";
import { followPointer } from "./pointer.js";
import { element } from "./ui.js";

const PAD = 560; // the canvas's own pixels
const PEN_WIDTH = 0.09; // of the pad; what a model sees has a pen of its own
const MOST_POINTS = 1000;
const LEAST_MOVE = 0.01;

// The strokes with a new one that starts here, as long as there is room.
export function withStroke(strokes, point) {
  return strokes.flat().length < MOST_POINTS ? [...strokes, [point]] : strokes;
}

// The strokes with these points at the end of the last one: those that lie apart, as long as there is room.
export function withPoints(strokes, points) {
  const line = [...strokes[strokes.length - 1]];
  let count = strokes.flat().length;
  for (const point of points) {
    const last = line[line.length - 1];
    if (count >= MOST_POINTS || Math.hypot(point[0] - last[0], point[1] - last[1]) < LEAST_MOVE) continue;
    line.push(point);
    count += 1;
  }
  return [...strokes.slice(0, -1), line];
}

// The answer in words; a second guess is named from one in ten.
export function answerText(p) {
  const [first, second] = ranking(p);
  const doubt = p[second] >= 0.1 ? `, or ${second} (${percentText(p[second])})` : "";
  return `I read ${first} (${percentText(p[first])})${doubt}.`;
}

// The answer's words as nodes, the digit apart so that it can be large.
export function answerNodes(p) {
  const [, before, digit, after] = answerText(p).match(/^(\D*)(\d)(.*)$/);
  return [element("span", {}, before), element("b", {}, digit), element("span", {}, after)];
}

// The pen's line, rounded through the middles between its points.
function paintStroke(context, points) {
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
export function drawingPad({ onstart, onpoint, onend }) {
  const canvas = element("canvas", {
    width: PAD, height: PAD, role: "img",
    // Or a quick stroke would count as a flick, which swallows the tap that follows it.
    ontouchstart: (event) => { if (event.cancelable) event.preventDefault(); },
  });
  const context = canvas.getContext("2d");
  Object.assign(context, { lineWidth: PEN_WIDTH * PAD, lineCap: "round", lineJoin: "round", strokeStyle: "white" });
  const here = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return [(clientX - box.left) / box.width, (clientY - box.top) / box.height]
      .map((v) => Math.round(1000 * Math.min(Math.max(v, 0), 1)) / 1000);
  };
  followPointer(canvas, here, { onstart, onmove: onpoint, onend });
  const show = (strokes) => {
    context.clearRect(0, 0, PAD, PAD);
    strokes.forEach((points) => paintStroke(context, points.map(([x, y]) => [x * PAD, y * PAD])));
  };
  return { canvas, show, root: element("div", { class: "kb-pad" }, canvas) };
}

// Ten labelled bars; without probabilities they are empty.
export function probabilityBars() {
  const rows = Array.from({ length: 10 }, (_, k) => {
    const [fill, number] = [element("span", { class: "kb-pad-fill" }), element("span")];
    const track = element("span", { class: "kb-pad-track" }, fill);
    const row = element("div", { "aria-hidden": "true" }, element("span", {}, String(k)), track, number);
    return { fill, number, root: row };
  });
  const root = element("div", { role: "img", class: "kb-pad-bars" }, ...rows.map((row) => row.root));
  const show = (p) => {
    rows.forEach((row, k) => {
      row.fill.style.width = `${p ? 100 * p[k] : 0}%`;
      row.number.textContent = p ? percentText(p[k]) : "–";
      row.root.classList.toggle("kb-pad-most", Boolean(p) && ranking(p)[0] === k);
    });
    const words = p && p.map((v, k) => `${k}: ${percentText(v)}`).join(", ");
    root.setAttribute("aria-label", p ? `Probabilities: ${words}` : "No probabilities yet");
  };
  return { root, show };
}

export function captioned(text, name, ...nodes) {
  return element("div", { class: name }, element("p", { class: "kb-pad-caption" }, text), ...nodes);
}
