// The drawing of GanLab1D: over one line the critic, the densities, and the made samples with their arrows.

import { ARROW_NOISE, REACH } from "./gan_measures.js";
import { numberText, svgElement } from "./ui.js";

const LONGEST = 3; // units of the line: a longer arrow is cut and gets two heads
const ROW = 9; // pixels from one sample with its arrow to the next
// The critic's panel: its title, and the ticks of its axis.
const CRITIC_AXES = {
  gan: ["discriminator D", [0, 0.5, 1]], "least-squares": ["critic D", [0, 0.5, 1]],
  wasserstein: ["critic D, up to a constant", [-6, 0, 6]],
};

// Where everything stands in a drawing of this width, in pixels.
export function ganPlacement(width) {
  const [left, right] = [34, width - 10];
  const critic = { top: 24, bottom: 112 };
  const density = { top: critic.bottom + 30, bottom: critic.bottom + 118 };
  const arrows = { top: density.bottom + 46, bottom: density.bottom + 46 + ROW * (ARROW_NOISE.length + 1) };
  const X = (x) => left + ((x + REACH) / (2 * REACH)) * (right - left);
  return { width, height: arrows.bottom + 4, left, right, critic, density, arrows, unit: X(1) - X(0), X };
}

// From a value to its height in a panel; values outside are drawn at its edge.
export function panelHeight({ top, bottom }, low, high) {
  return (v) => bottom - ((Math.min(Math.max(v, low), high) - low) / (high - low)) * (bottom - top);
}

// A line through the values, broken where there is none.
export function ganLine(at, places, values, Y) {
  return values.map((v, i) => {
    if (v === null) return "";
    return `${i === 0 || values[i - 1] === null ? "M" : "L"}${at.X(places[i]).toFixed(1)},${Y(v).toFixed(1)}`;
  }).join("");
}

// An arrow from a sample; below a pixel and a half there is none, beyond the longest it gets a second head.
export function arrowPath(at, { x, push }, y) {
  const long = Math.min(Math.abs(push), LONGEST) * at.unit;
  if (long < 1.5) return "";
  const [way, start] = [Math.sign(push), at.X(x)];
  const [tip, head] = [start + way * long, Math.min(4, long)];
  const headAt = (place) => `M${(place - way * head).toFixed(1)},${y - 3}L${place.toFixed(1)},${y}l${-way * head},3`;
  const second = Math.abs(push) > LONGEST ? headAt(tip - way * 5) : "";
  return `M${start.toFixed(1)},${y}H${tip.toFixed(1)}${headAt(tip)}${second}`;
}

function stroke(d, name) {
  return svgElement("path", { d, class: name });
}

function words(text, x, y, anchor = "start", name = "") {
  return svgElement("text", { x, y, class: `kb-gl-text ${name}`, "text-anchor": anchor }, text);
}

function panel(at, { top, bottom }, title) {
  const box = { x: at.left, y: top, width: at.right - at.left, height: bottom - top, class: "kb-gl-paper" };
  return [svgElement("rect", box), words(title, at.left, top - 8, "start", "kb-gl-title")];
}

// Room above the highest curve, in steps, so that the axis rests while the curves move.
export function densityTop(values) {
  return 0.8 * Math.max(1, Math.ceil(Math.max(...values) / 0.8));
}

// In the last panel a sample's row is its noise z: the dots are the graph of G, turned by a quarter.
function drawArrows(at, arrows) {
  return arrows.map((arrow, i) => ({ ...arrow, y: arrowRow(at, i) })).filter(({ x }) => Math.abs(x) <= REACH)
    .flatMap((row) => [
      svgElement("circle", { cx: at.X(row.x), cy: row.y, r: 2.6, class: "kb-gl-dot" }),
      stroke(arrowPath(at, row, row.y), "kb-gl-arrow"),
    ]);
}

function arrowRow(at, i) {
  return at.arrows.bottom - ROW * (i + 1);
}

// The panels with their titles, grids and numbers.
function drawAxes(at, [title, ticks], criticY) {
  const even = [-6, -4, -2, 0, 2, 4, 6];
  const rows = [0, (ARROW_NOISE.length - 1) / 2, ARROW_NOISE.length - 1];
  const left = (text, y) => words(text, at.left - 5, y + 4.5, "end");
  return [
    ...panel(at, at.critic, title), ...panel(at, at.density, "densities p and q"),
    ...panel(at, at.arrows, "z ↑, G(z) and its push"),
    ...ticks.map((v) => stroke(`M${at.left},${criticY(v)}H${at.right}`, "kb-gl-grid")),
    ...[at.critic, at.density, at.arrows].map(({ top, bottom }) => (
      stroke(even.map((x) => `M${at.X(x)},${top}V${bottom}`).join(""), "kb-gl-grid"))),
    ...ticks.map((v) => left(numberText(v), criticY(v))),
    ...rows.map((i) => left(numberText(Number(ARROW_NOISE[i].toFixed(1)) + 0), arrowRow(at, i))), // + 0: no −0
    ...even.map((x) => words(numberText(x), at.X(x), at.density.bottom + 16, "middle")),
  ];
}

// Parts of the curves and arrows that stick out of the panels are cut by the clip path `clip`.
export function drawGan(at, { objective, arrows, curves }, clip) {
  const ticks = CRITIC_AXES[objective][1];
  const room = 0.15 * (ticks[2] - ticks[0]);
  const criticY = panelHeight(at.critic, ticks[0] - room, ticks[2] + room);
  const densityY = panelHeight(at.density, 0, densityTop([...curves.p, ...curves.q]));
  const line = (values, name) => stroke(ganLine(at, curves.places, values, criticY), name);
  const area = (values, name) => (
    stroke(`${ganLine(at, curves.places, values, densityY)}V${at.density.bottom}H${at.left}Z`, name));
  const frame = { x: at.left, y: 0, width: at.right - at.left, height: at.height };
  return [
    svgElement("clipPath", { id: clip }, svgElement("rect", frame)),
    ...drawAxes(at, CRITIC_AXES[objective], criticY),
    svgElement("g", { "clip-path": `url(#${clip})` },
      line(curves.best, "kb-gl-best"), line(curves.critic, "kb-gl-critic"),
      area(curves.p, "kb-gl-data"), area(curves.q, "kb-gl-made"), ...drawArrows(at, arrows)),
  ];
}
