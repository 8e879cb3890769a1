// The drawing of GanLab1D: over one line the critic, the densities, and the made samples with their arrows.

import { ARROW_NOISE, ganCurves, REACH } from "./gan_measures.js";
import { numberText, svgElement } from "./ui.js";

const LONGEST = 3; // units of the line: a longer arrow is cut and gets two heads
const ROW = 9; // pixels from one sample with its arrow to the next
// The critic's panel: its title, and the range of its axis.
const CRITIC_AXES = {
  saturating: ["discriminator D = σ(f)", [0, 0.5, 1]], "non-saturating": ["discriminator D = σ(f)", [0, 0.5, 1]],
  "least squares": ["critic f", [0, 0.5, 1]], Wasserstein: ["critic f, up to a constant", [-6, 0, 6]],
};

// Where everything stands in a drawing of this width, in pixels.
export function ganPlacement(width) {
  const [left, right] = [34, width - 10];
  const critic = { top: 24, bottom: 118 };
  const density = { top: critic.bottom + 32, bottom: critic.bottom + 132 };
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
  const rows = arrows.map((arrow, i) => ({ ...arrow, y: at.arrows.bottom - ROW * (i + 1) }));
  const inside = rows.filter(({ x }) => Math.abs(x) <= REACH);
  const ticks = [0, (rows.length - 1) / 2, rows.length - 1];
  return [
    ...ticks.map((i) => words(numberText(ARROW_NOISE[i], 2), at.left - 5, rows[i].y + 4.5, "end")),
    ...inside.map(({ x, y }) => svgElement("circle", { cx: at.X(x), cy: y, r: 2.6, class: "kb-gl-dot" })),
    ...inside.map((row) => stroke(arrowPath(at, row, row.y), "kb-gl-arrow")),
  ];
}

// Parts of the drawing that stick out of the panels are cut by the clip path `clip`.
export function drawGan(at, gan, measured, clip) {
  const curves = ganCurves(gan, measured.samples, 241);
  const [title, ticks] = CRITIC_AXES[gan.objective];
  const room = 0.15 * (ticks[2] - ticks[0]);
  const criticY = panelHeight(at.critic, ticks[0] - room, ticks[2] + room);
  const densityY = panelHeight(at.density, 0, densityTop([...curves.p, ...curves.q]));
  const closed = (values) => `${ganLine(at, curves.places, values, densityY)}V${at.density.bottom}H${at.left}Z`;
  const even = [-6, -4, -2, 0, 2, 4, 6];
  const frame = { x: at.left, y: 0, width: at.right - at.left, height: at.height };
  const panels = [at.critic, at.density, at.arrows];
  return [
    svgElement("clipPath", { id: clip }, svgElement("rect", frame)),
    ...panel(at, at.critic, title), ...panel(at, at.density, "densities"),
    ...panel(at, at.arrows, "noise z ↑, made sample G(z) and its push"),
    ...ticks.flatMap((v) => [
      stroke(`M${at.left},${criticY(v)}H${at.right}`, "kb-gl-grid"),
      words(numberText(v), at.left - 5, criticY(v) + 4.5, "end"),
    ]),
    ...panels.map(({ top, bottom }) => stroke(even.map((x) => `M${at.X(x)},${top}V${bottom}`).join(""), "kb-gl-grid")),
    ...even.map((x) => words(numberText(x), at.X(x), at.density.bottom + 16, "middle")),
    svgElement("g", { "clip-path": `url(#${clip})` },
      stroke(ganLine(at, curves.places, curves.best, criticY), "kb-gl-best"),
      stroke(ganLine(at, curves.places, curves.critic, criticY), "kb-gl-critic"),
      stroke(closed(curves.p), "kb-gl-data"), stroke(closed(curves.q), "kb-gl-made"),
      ...drawArrows(at, measured.arrows).filter((node) => node.tagName !== "text")),
    ...drawArrows(at, measured.arrows).filter((node) => node.tagName === "text"),
  ];
}
