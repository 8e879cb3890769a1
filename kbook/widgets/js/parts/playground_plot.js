// The drawing of Playground: the plane colored by the net's output, the line where it is 0.5, the points, two curves.

import { sigmoid } from "./math.js";
import { logitsOf } from "./mlp.js";
import { EDGE } from "./points.js";
import { numberText, svgElement } from "./ui.js";

export const CELLS = 50; // the plane's resolution a side
export const PLANE = 300; // its drawing's size
export const CURVES = { width: 300, height: 176, left: 34, right: 292, top: 8, bottom: 152 };
const LEAST_STEPS = 50; // of the curves' axis
const BLUE = [30, 120, 220]; // class 1; thin enough to be read on both themes' paper
const ORANGE = [232, 120, 20];

export const across = (x) => ((x + EDGE) / (2 * EDGE)) * PLANE;
export const down = (y) => ((EDGE - y) / (2 * EDGE)) * PLANE;

// The middles of the cells, row by row from the top left; the outermost lie on the plane's edges.
export function cellCenters(cells) {
  const at = (k) => (k / (cells - 1)) * 2 * EDGE - EDGE;
  const centers = new Float64Array(2 * cells * cells);
  for (let k = 0; k < cells * cells; k++) {
    centers[2 * k] = at(k % cells);
    centers[2 * k + 1] = -at(Math.floor(k / cells));
  }
  return centers;
}

const planeCenters = cellCenters(CELLS);

export function planeLogits(net) {
  return logitsOf(net, planeCenters);
}

// Color each cell: pale where the net is undecided, strong where it is sure.
export function paintPlane(canvas, logits) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(CELLS, CELLS);
  logits.forEach((z, k) => {
    const p = Number.isNaN(z) ? 0.5 : sigmoid(z);
    image.data.set([...(p > 0.5 ? BLUE : ORANGE), Math.round(230 * Math.abs(p - 0.5))], 4 * k);
  });
  context.putImageData(image, 0, 0);
}

// Marching squares: between the middles of four neighboring cells, the line where a value passes 0. Gives back line
// pieces [x1, y1, x2, y2] in cells from the first middle.
export function zeroLine(values, cells) {
  const pieces = [];
  const at = (row, column) => values[row * cells + column];
  for (let row = 0; row + 1 < cells; row++) {
    for (let column = 0; column + 1 < cells; column++) {
      const corners = [[row, column], [row, column + 1], [row + 1, column + 1], [row + 1, column]];
      const v = corners.map(([r, c]) => at(r, c));
      const crossings = [];
      for (let k = 0; k < 4; k++) {
        const next = (k + 1) % 4;
        if (v[k] > 0 === v[next] > 0) continue;
        const t = v[k] / (v[k] - v[next]);
        const [[r1, c1], [r2, c2]] = [corners[k], corners[next]];
        crossings.push([c1 + t * (c2 - c1), r1 + t * (r2 - r1)]);
      }
      // On a saddle all four sides are crossed: the mean says which corners belong together.
      if (crossings.length === 4 && v.reduce((a, b) => a + b) > 0 !== v[0] > 0) crossings.unshift(crossings.pop());
      for (let k = 0; k < crossings.length; k += 2) pieces.push([...crossings[k], ...crossings[k + 1]]);
    }
  }
  return pieces;
}

export function contourPath(logits) {
  if (!logits.every(Number.isFinite)) return "";
  const scaled = (v) => ((v * PLANE) / (CELLS - 1)).toFixed(1);
  return zeroLine(logits, CELLS).map((piece) => {
    const [x1, y1, x2, y2] = piece.map(scaled);
    return `M${x1},${y1}L${x2},${y2}`;
  }).join("");
}

// A disc for class 0, a triangle for class 1; hollow for a test point.
export function pointMark(x, y, label, isTest) {
  const look = `kb-pg-mark kb-pg-${label ? "one" : "zero"}${isTest ? " kb-pg-test" : ""}`;
  if (!label) return svgElement("circle", { cx: x, cy: y, r: 4.5, class: look });
  return svgElement("path", { d: `M${x - 5},${y + 4}h10l-5,-9.5z`, class: look });
}

export function smallMark(label, isTest = false) {
  const box = { width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" };
  return svgElement("svg", box, pointMark(8, label ? 9.5 : 8, label, isTest));
}

export function pointMarks({ train, test }) {
  const marks = (points, isTest) => points.map(([x, y, label]) => pointMark(across(x), down(y), label, isTest));
  return [...marks(test, true), ...marks(train, false)];
}

// The loss curves' axes: a round number of steps, and a loss that holds what matters.
export function curveScale(history) {
  const last = history.length ? history.at(-1).step : 0;
  const losses = history.flatMap(({ train, test }) => [train, test]).filter((v) => Number.isFinite(v));
  const most = Math.min(Math.max(0.8, ...losses), 2); // higher losses leave the picture
  return { steps: Math.max(last, LEAST_STEPS), most };
}

function curvePath(history, name, X, Y) {
  const points = history.filter((entry) => Number.isFinite(entry[name]));
  return points.map((entry, i) => `${i ? "L" : "M"}${X(entry.step).toFixed(1)},${Y(entry[name]).toFixed(1)}`).join("");
}

function curveText(text, x, y, anchor) {
  return svgElement("text", { x, y, class: "kb-pg-text", "text-anchor": anchor }, text);
}

export function drawCurves(history, least) {
  const { left, right, top, bottom } = CURVES;
  const { steps, most } = curveScale(history);
  const X = (step) => left + ((right - left) * step) / steps;
  const Y = (loss) => bottom - ((bottom - top) * Math.min(loss, most)) / most; // what is higher runs along the frame
  const ticks = most > 1.2 ? [0, 1, 2] : [0, 0.5, 1];
  const rules = ticks.filter((v) => v <= most).flatMap((v) => [
    svgElement("line", { x1: left, y1: Y(v), x2: right, y2: Y(v), class: "kb-axis" }),
    curveText(String(v), left - 6, Y(v) + 4, "end"),
  ]);
  const curve = (name) => {
    const look = `kb-pg-curve kb-pg-curve-${name}`;
    return svgElement("path", { d: curvePath(history, name, X, Y), class: look });
  };
  const now = history.at(-1);
  const circle = (step, loss, r, look) => svgElement("circle", { cx: X(step), cy: Y(loss), r, class: look });
  const dot = (name) => (now[name] <= most ? [circle(now.step, now[name], 3.5, `kb-pg-now-${name}`)] : []);
  const ring = least ? [circle(least.step, least.test, 6, "kb-pg-least")] : [];
  return [
    svgElement("rect", { x: left, y: top, width: right - left, height: bottom - top, class: "kb-pg-paper" }), ...rules,
    curve("train"), curve("test"),
    ...dot("train"), ...dot("test"), ...ring,
    curveText("0", left, bottom + 17, "middle"), curveText("step", (left + right) / 2, bottom + 17, "middle"),
    curveText("loss", left + 6, top + 14, "start"),
    curveText(numberText(steps, 5), right, bottom + 17, "end"),
  ];
}
