// The drawing of LogisticFit: the data with the sigmoid, and below, on the same axis, the three scores.

import { sigmoid } from "./math.js";
import { svgElement, numberText } from "./ui.js";

const SCORES = ["likelihood", "bce", "squared"];

// A probability as text; what rounds to 1 is not 1.
export function shareText(p, relation = "") {
  return p > 0.999 && p < 1 ? "> 0.999" : `${relation}${numberText(p, 3)}`;
}

// The top of an axis in two digits.
function boundText(v) {
  return numberText(Number(v.toPrecision(2))).replace(/\.?0+(?=e)/, "");
}

function line(x1, y1, x2, y2, name) {
  return svgElement("line", { x1, y1, x2, y2, class: name });
}

function label(text, x, y, name = "", anchor = "start") {
  return svgElement("text", { x, y, class: `kb-lf-text ${name}`, "text-anchor": anchor }, text);
}

function curve(points, name) {
  const d = points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`).join("");
  return svgElement("path", { d, class: `kb-lf-curve ${name}` });
}

function paper(at, top, height) {
  return svgElement("rect", { x: at.left, y: top, width: at.right - at.left, height, class: "kb-lf-paper" });
}

// One mark per label, told apart by shape as well as by color: a disc for 0, a triangle for 1.
export function dataMark(x, y, isOne) {
  if (!isOne) return svgElement("circle", { cx: x, cy: y, r: 6, class: "kb-fill-second" });
  return svgElement("path", { d: `M${x - 7},${y + 6}h14l-7,-13z`, class: "kb-fill-accent" });
}

// Where everything stands in a drawing of this width, in pixels.
export function placement(width, { low, high }) {
  const [data, panel, row] = width < 560 ? [176, 66, 26] : [216, 80, 26]; // heights, `row` that of a title
  const [left, right, top] = [62, width - 10, 4];
  const perUnit = (right - left) / (high - low);
  return {
    left, right, top, data, panel, perUnit, width, bottom: top + data, height: top + data + 3 * (panel + row) + 44,
    center: 0.5 * (left + right), rise: data - 32, // from p = 0 to p = 1
    panelTop: (k) => top + data + row + k * (panel + row),
    X: (v) => left + (v - low) * perUnit,
    value: (px) => low + (px - left) / perUnit,
    Y: (p) => top + 16 + (1 - p) * (data - 32),
  };
}

function drawData(at, { x, y, weight, bias, chosen, scores }) {
  const p = x.map((v) => sigmoid(weight * v + bias));
  const rules = [0, 0.5, 1].flatMap((level) => [
    line(at.left, at.Y(level), at.right, at.Y(level), "kb-axis"),
    label(String(level), at.left - 8, at.Y(level) + 5, "", "end"),
  ]);
  const style = (i) => (i === chosen ? "kb-lf-wrong kb-lf-chosen" : "kb-lf-wrong");
  const wrong = x.map((v, i) => line(at.X(v), at.Y(p[i]), at.X(v), at.Y(y[i]), style(i)));
  const sigmoidPoints = scores.thresholds.map((v) => [at.X(v), at.Y(sigmoid(weight * v + bias))]);
  const [cx, cy, miss] = [at.X(x[chosen]), at.Y(y[chosen]), Math.abs(p[chosen] - y[chosen])];
  const away = Math.max(0.5 * miss * at.rise, 22) * (y[chosen] ? 1 : -1); // clear of the mark
  const side = cx > at.right - 60 ? -1 : 1;
  return [
    ...rules, ...wrong, curve(sigmoidPoints, "kb-lf-sigmoid"),
    ...x.map((v, i) => dataMark(at.X(v), at.Y(y[i]), y[i])),
    svgElement("circle", { cx, cy, r: 12, class: "kb-lf-ring" }),
    label(shareText(miss), cx + 9 * side, cy + away + 5, "kb-lf-halo", side > 0 ? "start" : "end"),
  ];
}

// One score over the threshold, from 0 to its own largest value: its best place, the present one, the slope there.
function drawPanel(at, name, top, title, { scores, now, slopes, threshold }) {
  const values = scores[name];
  const largest = Math.max(...values);
  const most = largest || 1;
  const Y = (value) => top + at.panel - 3 - Math.min(value / most, 1) * (at.panel - 6);
  const [bx, by] = [at.X(scores.thresholds[scores.best[name]]), Y(values[scores.best[name]])];
  const [cx, cy] = [at.X(threshold), Y(now[name])];
  const nodes = [
    label(title, at.width < 560 ? 0 : at.left, top - 7, "kb-lf-title"),
    label(boundText(largest), at.left - 6, top + 11, "kb-lf-small", "end"),
    label("0", at.left - 6, top + at.panel, "kb-lf-small", "end"),
    curve(values.map((value, i) => [at.X(scores.thresholds[i]), Y(value)]), `kb-lf-${name}`),
  ];
  if (Math.min(...values) < largest) {
    nodes.push(svgElement("path", { d: `M${bx - 6},${by}l6,-6l6,6l-6,6z`, class: `kb-lf-best kb-lf-${name}` }));
  }
  if (cx < at.left || cx > at.right) return nodes;
  if (name in slopes) {
    const [dx, dy] = [at.perUnit, (-slopes[name] / most) * (at.panel - 6)];
    const t = Math.min(34 / Math.hypot(dx, dy), (cx - at.left) / dx, (at.right - cx) / dx);
    nodes.push(line(cx - t * dx, cy - t * dy, cx + t * dx, cy + t * dy, "kb-lf-tangent"));
    const slope = numberText(Math.abs(slopes[name]) < 1e-9 * most ? 0 : slopes[name], 2);
    const [right, low] = [cx < at.center, cy > top + at.panel / 2]; // beside the dot, where there is room
    const [tx, ty] = [cx + (right ? 14 : -14), low ? cy - 12 : cy + 24];
    nodes.push(label(`slope ${slope}`, tx, ty, "kb-lf-small kb-lf-halo", right ? "start" : "end"));
  }
  return [...nodes, svgElement("circle", { cx, cy, r: 6, class: "kb-lf-now" })];
}

// All that is redrawn: the data, the three scores, and the two lines that run through them.
export function drawScene(at, fit) {
  const { x, scores, span, threshold, weight, feature, now } = fit;
  const [product, bce, squared] = SCORES.map((name) => numberText(now[name], 3));
  const logarithm = now.likelihood > 0 ? `−ln(${product}) / ${x.length}` : "mean of −ln p";
  const titles = at.width < 560 ? [`likelihood = ${product}`, `mean BCE = ${bce}`, `mean squared error = ${squared}`] : [
    `likelihood (product of ${x.length}) = ${product}`, `mean BCE = ${logarithm} = ${bce}`, `mean squared error = ${squared}`,
  ];
  const [end, best] = [at.panelTop(2) + at.panel, at.X(scores.thresholds[scores.best.bce])];
  const nodes = [
    paper(at, at.top, at.data), ...SCORES.map((_, k) => paper(at, at.panelTop(k), at.panel)),
  ];
  if (weight !== 0) nodes.push(line(best, at.panelTop(0), best, at.panelTop(1) + at.panel, "kb-lf-peak"));
  if (threshold >= span.low && threshold <= span.high) {
    nodes.push(line(at.X(threshold), at.Y(0.5), at.X(threshold), end, "kb-lf-here"));
  }
  for (let v = Math.ceil(span.low / span.tick) * span.tick; v <= span.high; v += span.tick) {
    nodes.push(label(numberText(v), at.X(v), end + 17, "kb-lf-small", "middle"));
  }
  nodes.push(label(`${feature}; threshold −b/w`, at.center, end + 36, "kb-lf-small", "middle"));
  const panels = SCORES.flatMap((name, k) => drawPanel(at, name, at.panelTop(k), titles[k], fit));
  return [...nodes, ...drawData(at, fit), ...panels];
}

// The two knobs on the curve: `move` on its middle, `turn` on a rod along the tangent there.
export function makeKnobs() {
  const knob = (name, sign) => svgElement("g", { class: `kb-lf-grip kb-lf-${name}`, "data-grip": name },
    svgElement("circle", { r: 24, class: "kb-lf-target" }), svgElement("circle", { r: 11, class: "kb-lf-knob" }),
    svgElement("path", { d: sign, class: "kb-lf-sign" }));
  const move = knob("move", "M-6,0H6M3,-3L6,0L3,3M-3,-3L-6,0L-3,3");
  const turn = knob("turn", "M0,-6V6M3,3L0,6L-3,3M3,-3L0,-6L-3,-3");
  // Where touch-action is not known on parts of a drawing, this keeps the page still while the rod is turned.
  turn.addEventListener("touchstart", (event) => event.preventDefault());
  return { move, turn, rod: line(0, 0, 0, 0, "kb-lf-rod") };
}

// The slope at the middle is w/4 per unit of x. Gives back where the middle is and on which side the rod stands.
export function placeKnobs({ move, turn, rod }, at, { threshold, weight }) {
  const [x, y] = [Math.min(Math.max(at.X(threshold), at.left), at.right), at.Y(0.5)];
  const angle = Math.atan((weight / 4) * (at.rise / at.perUnit));
  const side = x + 76 * Math.cos(angle) > at.right ? -1 : 1;
  const [tx, ty] = [x + side * 64 * Math.cos(angle), y - side * 64 * Math.sin(angle)];
  for (const [name, value] of Object.entries({ x1: x, y1: y, x2: tx, y2: ty })) rod.setAttribute(name, value);
  move.setAttribute("transform", `translate(${x},${y})`);
  turn.setAttribute("transform", `translate(${tx},${ty}) rotate(${(-angle * 180) / Math.PI})`);
  return { x, y, side };
}
