// The drawing of DifferenceLab: errors over h on two logarithmic axes, the legs of theory, the chosen h.

import { EXPONENTS } from "./difference.js";
import { svgElement } from "./ui.js";

const [LOW, HIGH] = [-16, 2]; // powers of ten of the error
const [LEFT, RIGHT] = [EXPONENTS[0], EXPONENTS.at(-1)];
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

export function powerText(exponent) {
  return `10${exponent < 0 ? "⁻" : ""}${[...String(Math.abs(exponent))].map((d) => SUPERSCRIPTS[d]).join("")}`;
}

// Where everything stands in a drawing of this width, in pixels.
export function differencePlacement(width) {
  const [left, right, top, tall] = [46, width - 16, 24, width < 520 ? 272 : 320];
  const [perStep, perError] = [(right - left) / (RIGHT - LEFT), (tall - 22) / (HIGH - LOW)];
  return {
    width, left, right, top, bottom: top + tall, height: top + tall + 46, narrow: width < 520,
    X: (exponent) => left + (exponent - LEFT) * perStep,
    Y: (power) => top + 6 + (HIGH - power) * perError, // 16 pixels stay below 10^LOW for errors that cannot be seen
    exponentAt: (px) => Math.min(RIGHT, Math.max(LEFT, Math.round(4 * (LEFT + (px - left) / perStep)) / 4)),
  };
}

function words(text, x, y, { name = "", anchor = "start" } = {}) {
  return svgElement("text", { x, y, class: `kb-dl-text ${name}`, "text-anchor": anchor }, text);
}

function stroke(d, name) {
  return svgElement("path", { d, class: name });
}

// Told apart by shape as well as by color: a disc for the one-sided quotient, a triangle for the central one.
export function seriesMark(form, x, y, size = 3.4, name = "") {
  if (form === "forward") return svgElement("circle", { cx: x, cy: y, r: size, class: `kb-dl-forward ${name}` });
  const [half, up, down] = [1.2 * size, 1.3 * size, 0.9 * size];
  return svgElement("path", { d: `M${x - half},${y + down}h${2 * half}l${-half},${-(up + down)}z`, class: `kb-dl-central ${name}` });
}

// An error that cannot be told from 0 has no place on a logarithmic axis: hollow, at the bottom edge.
function errorMark(at, form, exponent, error, least, size) {
  if (error <= least) return seriesMark(form, at.X(exponent), at.bottom - 6, size ?? 3, "kb-dl-hollow");
  return seriesMark(form, at.X(exponent), at.Y(Math.min(HIGH, Math.max(LOW, Math.log10(error)))), size);
}

function axes(at) {
  const nodes = [svgElement("rect", { x: at.left - 6, y: at.top, width: at.right - at.left + 12, height: at.bottom - at.top, class: "kb-dl-paper" })];
  for (let power = LOW; power <= HIGH; power += 4) {
    nodes.push(stroke(`M${at.left - 6},${at.Y(power)}H${at.right + 6}`, "kb-dl-grid"), words(powerText(power), at.left - 11, at.Y(power) + 5, { anchor: "end" }));
  }
  for (let exponent = LEFT; exponent <= RIGHT; exponent += at.narrow ? 4 : 2) {
    nodes.push(stroke(`M${at.X(exponent)},${at.bottom}v5`, "kb-axis"), words(powerText(exponent), at.X(exponent), at.bottom + 19, { anchor: "middle" }));
  }
  nodes.push(words("error", 4, 15), words("step h", 0.5 * (at.left + at.right), at.bottom + 40, { anchor: "middle" }));
  return nodes;
}

// A leg is straight: log(error) = level + slope · log(h), as far as the drawing goes.
function leg(at, level, slope, name) {
  const reach = [LOW, HIGH].map((power) => (power - level) / slope).sort((a, b) => a - b);
  const [from, to] = [Math.max(LEFT, reach[0]), Math.min(RIGHT, reach[1])];
  if (!(from < to)) return [];
  return [stroke(`M${at.X(from)},${at.Y(level + slope * from)}L${at.X(to)},${at.Y(level + slope * to)}`, `kb-dl-leg ${name}`)];
}

// The legs with their formulas, each on the side of its leg where no marks lie; words above all lines.
function theory(at, { forward, central, roundOff }) {
  const [one, two, noise] = [forward, central, roundOff].map(Math.log10);
  const [lines, formulas] = [[], []];
  const write = (text, x, y, anchor) => formulas.push(words(text, x, y, { anchor, name: "kb-dl-halo" }));
  if (forward > 0) {
    lines.push(...leg(at, one, 1, "kb-dl-forward-leg"));
    write("h·|f″|/2", at.X(-3), at.Y(one - 3) - 8, "end");
  }
  if (central > 0) {
    const start = LEFT + (RIGHT - LEFT) * (1 - 74 / (at.right - at.left)); // where the words begin
    lines.push(...leg(at, two, 2, "kb-dl-central-leg"));
    write("h²·|f‴|/6", at.right, Math.min(at.Y(LOW) - 4, at.Y(two + 2 * start) + 20), "end");
  }
  if (roundOff > 0) {
    const start = Math.max(-12.5, noise + 1);
    lines.push(...leg(at, noise, -1, "kb-dl-round-leg"));
    write("about ε|f|/h", at.X(start), at.Y(noise - start) - 10, "start");
  }
  return [...lines, ...formulas];
}

// All that is redrawn.
export function drawDifference(at, { points, best, now, legs, least, exponent, text, showsBest }) {
  const [x, side] = [at.X(exponent), exponent > -7 ? -1 : 1]; // the words where there is room
  const nodes = [...axes(at), stroke(`M${x},${at.top}V${at.bottom}`, "kb-dl-here"), ...theory(at, legs),
    words(text, x + 6 * side, at.top + 16, { anchor: side > 0 ? "start" : "end", name: "kb-dl-halo kb-dl-strong" })];
  const forms = ["central", "forward"];
  const size = at.narrow ? 2.6 : 3.4;
  for (const form of forms) {
    nodes.push(...points.map((point, i) => errorMark(at, form, EXPONENTS[i], point.error[form], least, size)));
  }
  for (const form of forms.filter((key) => showsBest && best[key] >= 0)) {
    const ring = errorMark(at, "forward", EXPONENTS[best[form]], points[best[form]].error[form], least, 9);
    ring.setAttribute("class", "kb-dl-ring");
    nodes.push(ring);
  }
  for (const form of forms) {
    const mark = errorMark(at, form, exponent, now.error[form], least, form === "central" ? 7.5 : 5.5);
    mark.classList.add("kb-dl-now");
    nodes.push(mark);
  }
  return nodes;
}
