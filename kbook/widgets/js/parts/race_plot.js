// The drawings of OptimizerRace: the contour map with the paths, and the heights over the steps.

import { MOST_STEPS } from "./race.js";
import { contourLevels, contourPieces, lattice, REACH, SURFACES } from "./surfaces.js";
import { numberText, svgElement } from "./ui.js";

const LEVELS = 13; // contour lines
const [FLOOR, CEILING] = [-6, 2]; // powers of ten of the height
const LETTERS = { sgd: "S", momentum: "M", adam: "A", adamw: "W" };
const BADGES = { // four shapes of about equal size around (0, 0)
  sgd: "M-9,0a9,9 0 1 0 18,0a9,9 0 1 0 -18,0z", momentum: "M-8.5,-8.5h17v17h-17z",
  adam: "M0,-12L11.5,8.5H-11.5z", adamw: "M0,-12.5L12.5,0L0,12.5L-12.5,0z",
};

function stroke(d, name) {
  return svgElement("path", { d, class: name });
}

function label(text, x, y, anchor = "start") {
  return svgElement("text", { x, y, class: "kb-or-text", "text-anchor": anchor }, text);
}

// A runner's badge: its shape with its letter.
export function badge(key) {
  const y = key === "adam" ? 6 : 4.5; // the middle of a triangle is lower
  const letter = svgElement("text", { y, class: "kb-or-letter", "text-anchor": "middle" }, LETTERS[key]);
  return svgElement("g", { class: `kb-or-badge kb-or-${key}` }, svgElement("path", { d: BADGES[key] }), letter);
}

// What the legend shows: a piece of the runner's line, and its badge.
export function legendSample(key) {
  return svgElement("svg", { width: 46, height: 28, viewBox: "-23 -14 46 28", "aria-hidden": "true" },
    stroke("M-23,0H23", `kb-or-line kb-or-${key}`), badge(key));
}

export function mapPlacement(width) {
  const scale = width / (2 * REACH);
  return {
    width, X: (x) => (x + REACH) * scale, Y: (y) => (REACH - y) * scale,
    place: (px, py) => [px / scale - REACH, REACH - py / scale],
  };
}

// A way far outside the map is cut short: what is drawn keeps its direction, and its numbers stay small.
function nearBy(point, before) {
  const far = Math.max(Math.abs(point.x - before.x), Math.abs(point.y - before.y)) / (20 * REACH);
  if (far <= 1) return point;
  return { x: before.x + (point.x - before.x) / far, y: before.y + (point.y - before.y) / far };
}

// The path up to a step as the text of an SVG path, and its steps as `dots`, marks of length 0. Where dots would touch,
// only some are drawn, so that the dashes of the line stay visible.
export function pathText(at, points, step) {
  const shown = points.slice(0, step + 1).map((point, k) => nearBy(point, points[Math.max(k - 1, 0)]));
  const places = shown.map(({ x, y }) => [Number(at.X(x).toFixed(1)), Number(at.Y(y).toFixed(1))]);
  const dots = [];
  for (const place of places) {
    const last = dots.at(-1);
    if (!last || Math.hypot(place[0] - last[0], place[1] - last[1]) >= 8) dots.push(place);
  }
  return { line: `M${places.join("L")}`, dots: dots.map((place) => `M${place}h0`).join(""), end: places.at(-1) };
}

// The ground of the map, made anew only for another surface or width: contour lines, axes through 0, the minima.
export function drawGround(at, surface) {
  const { value, minima } = SURFACES[surface];
  const heights = lattice(value, 96);
  const place = (x, y) => `${at.X(x).toFixed(1)},${at.Y(y).toFixed(1)}`;
  const lines = contourLevels(heights, LEVELS).map((level) => contourPieces(heights, level)
    .map(([a, b, c, d]) => `M${place(a, b)}L${place(c, d)}`).join(""));
  return [
    stroke(`M${at.X(0)},0V${at.width}M0,${at.Y(0)}H${at.width}`, "kb-or-zero"),
    ...lines.map((d) => stroke(d, "kb-or-contour")),
    ...minima.map(([x, y]) => stroke(`M${at.X(x) - 5},${at.Y(y)}h10m-5,-5v10`, "kb-or-minimum")),
    label("x", at.width - 6, at.Y(0) - 6, "end"), label("y", at.X(0) + 6, 14),
    ...[-1, 1].map((v) => label(numberText(v), at.X(v), at.Y(0) + 14, "middle")),
    ...[-1, 1].map((v) => label(numberText(v), at.X(0) - 9, at.Y(v) + 5, "end")),
  ];
}

// The higher, the more ink, in bands between the contour lines: a small canvas that the page scales up.
export function shade(canvas, surface) {
  const size = 240;
  const heights = lattice(SURFACES[surface].value, size - 1);
  const top = Math.max(...heights.map((row) => Math.max(...row)));
  [canvas.width, canvas.height] = [size, size];
  const image = new ImageData(size, size);
  heights.forEach((row, j) => row.forEach((height, i) => {
    const band = Math.floor((LEVELS + 1) * Math.sqrt(height / top)); // as contourLevels has them
    image.data.set([255, 255, 255, 7 * band], 4 * ((size - 1 - j) * size + i));
  }));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// What moves on the map: for each runner a line, dots, a badge.
export function drawPaths(at, race, step) {
  return race.runners.flatMap(({ key, points }) => {
    const { line, dots, end } = pathText(at, points, step);
    const head = badge(key);
    head.setAttribute("transform", `translate(${end})`);
    const [over, steps] = [stroke(line, `kb-or-line kb-or-${key}`), stroke(dots, `kb-or-dots kb-or-${key}`)];
    return [stroke(line, "kb-or-under"), over, steps, ...(step ? [head] : [])];
  });
}

export function heightPlacement(width, tall) {
  const [left, right, top, bottom] = [52, width - 16, 26, tall - 42];
  const held = (height) => Math.min(CEILING, Math.max(FLOOR, Math.log10(height)));
  return {
    width, height: tall, left, right, top, bottom,
    Y: (height) => top + ((bottom - top) * (CEILING - held(height))) / (CEILING - FLOOR),
  };
}

// The heights over the steps; what is higher or lower than the drawing runs along its edge. The axis of the steps grows
// with the race.
export function drawHeights(at, race, step) {
  const last = [50, 100].find((most) => step <= most) ?? MOST_STEPS;
  const X = (k) => at.left + ((at.right - at.left) * k) / last;
  const [width, height] = [at.right - at.left, at.bottom - at.top];
  const nodes = [svgElement("rect", { x: at.left, y: at.top, width, height, class: "kb-or-paper" })];
  for (let power = FLOOR; power <= CEILING; power += 2) {
    const y = at.Y(10 ** power);
    const text = numberText(10 ** power, 1).replace(".00e", "e");
    nodes.push(stroke(`M${at.left},${y}H${at.right}`, "kb-or-grid"), label(text, at.left - 6, y + 5, "end"));
  }
  for (let tick = 0; tick <= last; tick += last / 5) {
    nodes.push(label(String(tick), X(tick), at.bottom + 17, "middle"));
  }
  nodes.push(label("height above the lowest point", 2, 14),
    label("step", 0.5 * (at.left + at.right), at.bottom + 36, "middle"));
  nodes.push(stroke(`M${X(step)},${at.top}V${at.bottom}`, "kb-or-here"));
  const heads = race.runners.map(({ key, points }, place) => {
    const shown = points.slice(0, step + 1).map((point, k) => `${X(k).toFixed(1)},${at.Y(point.height).toFixed(1)}`);
    nodes.push(stroke(`M${shown.join("L")}`, `kb-or-line kb-or-${key}`));
    // Each runner's badge at another part of its line, so that equal ones do not hide each other.
    const head = badge(key);
    const spot = shown[Math.floor((shown.length - 1) * (1 - 0.16 * place))];
    head.setAttribute("transform", `translate(${spot}) scale(0.8)`);
    return head;
  });
  return step ? [...nodes, ...heads] : nodes;
}
