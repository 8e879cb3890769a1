// The drawing of CovariateShift: states as marks over the region of the demonstration, and along two edges how far the
// middle 90 % of them spread. Left on the road is left in the drawing.

import { percentText, shiftFacts } from "./shift_states.js";
import { svgElement } from "./ui.js";

const MOST = 1.1; // meters to either side: at 1 m somebody takes the wheel

function stroke(d, name) {
  return svgElement("path", { d, class: name });
}

function words(text, x, y, anchor = "start", name = "") {
  return svgElement("text", { x, y, class: `kb-cs-text ${name}`, "text-anchor": anchor }, text);
}

// Where everything stands in a drawing of this width, in pixels. X takes meters, Y degrees, both left positive.
export function shiftPlacement(width, tall, degrees) {
  const [left, right, top, bottom] = [44, width - 26, 48, tall - 44];
  const [middle, center] = [(left + right) / 2, (top + bottom) / 2];
  const held = (v, most) => Math.min(most, Math.max(-most, v));
  return {
    width, height: tall, left, right, top, bottom, degrees,
    X: (e) => middle - (held(e, MOST) / MOST) * (right - middle),
    Y: (turn) => center - (held(turn, degrees) / degrees) * (center - top),
  };
}

// Marks as one path: each is a piece of length 0, whose ends the style sheet makes round or square.
export function marksText(at, states) {
  return states.map(([e, turn]) => `M${at.X(e).toFixed(1)},${at.Y(turn).toFixed(1)}h0`).join("");
}

function frame(at) {
  const box = { x: at.left, y: at.top, width: at.right - at.left, height: at.bottom - at.top, class: "kb-cs-paper" };
  const step = at.degrees > 20 ? 10 : 5;
  const half = Math.floor(at.degrees / step);
  const turns = Array.from({ length: 2 * half + 1 }, (_, k) => (k - half) * step);
  const rules = turns.flatMap((turn) => [
    stroke(`M${at.left},${at.Y(turn)}H${at.right}`, "kb-cs-grid"),
    words(`${turn}`.replace("-", "−"), at.left - 6, at.Y(turn) + 4.5, "end"),
  ]);
  const places = [1, 0.5, 0, -0.5, -1].flatMap((e) => [
    stroke(`M${at.X(e)},${at.top}V${at.bottom}`, Math.abs(e) === 1 ? "kb-cs-limit" : "kb-cs-grid"),
    words(`${Math.abs(e)}`, at.X(e), at.bottom + 17, "middle"),
  ]);
  return [
    svgElement("rect", box), ...rules, ...places,
    words("← left   meters off the line   right →", (at.left + at.right) / 2, at.bottom + 36, "middle"),
    words("direction off the road's (°, up is left)", 2, 14, "start", "kb-cs-title"),
  ];
}

// How far the middle 90 % spread: the demonstration's as a broad band, the chosen ones as a line with ends.
function spreads(at, shown, mine) {
  const [y, x] = [at.top - 9, at.right + 11];
  const level = ([low, high]) => `M${at.X(high)},${y}H${at.X(low)}`;
  const upright = ([low, high]) => `M${x},${at.Y(high)}V${at.Y(low)}`;
  const ends = (d, [dx, dy], points) => d + points.map(([px, py]) => `M${px - dx},${py - dy}L${px + dx},${py + dy}`).join("");
  return [
    stroke(level(shown[0]) + upright(shown[1]), "kb-cs-band"),
    stroke(ends(level(mine[0]), [0, 5], mine[0].map((e) => [at.X(e), y])), "kb-cs-spread"),
    stroke(ends(upright(mine[1]), [5, 0], mine[1].map((turn) => [x, at.Y(turn)])), "kb-cs-spread"),
    words("middle 90 %", at.left, y + 4.5, "start", "kb-cs-small"),
  ];
}

export function drawShift(at, rounds, k) {
  const [shown, { region, states, beyond, spread }] = [shiftFacts(rounds, 0), shiftFacts(rounds, k)];
  const out = new Set(beyond);
  const corners = region.map(([e, turn]) => `${at.X(e).toFixed(1)},${at.Y(turn).toFixed(1)}`);
  return [
    ...frame(at), stroke(`M${corners.join("L")}Z`, "kb-cs-region"),
    stroke(marksText(at, states.filter((state) => !out.has(state))), "kb-cs-in"),
    stroke(marksText(at, beyond), "kb-cs-out"), ...spreads(at, shown.spread, spread),
    ...[["start", 1], ["end", -1]].map(([anchor, e]) => {
      return words("wheel taken", at.X(e) + 4 * e, at.top + 14, anchor, "kb-cs-small kb-cs-warn");
    }),
  ];
}

// What the legend shows of a kind of mark.
export function markSample(name) {
  const d = name === "kb-cs-region" ? "M-9,-6H9V6H-9Z" : "M-6,0h0M0,0h0M6,0h0";
  return svgElement("svg", { width: 22, height: 16, viewBox: "-11 -8 22 16", "aria-hidden": "true" }, stroke(d, name));
}

export function shiftLabel(rounds, k, title) {
  const { outside, spread: [e, turn] } = shiftFacts(rounds, k);
  const text = (v) => v.toFixed(2).replace("-", "−");
  return `${title}: ${percentText(outside)} of its states outside the shaded region; the middle 90 % are from `
    + `${text(e[0])} to ${text(e[1])} meters off the line and from ${text(turn[0])} to ${text(turn[1])} degrees.`;
}
