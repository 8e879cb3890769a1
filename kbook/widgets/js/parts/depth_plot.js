// The drawings of DepthExplorer: a measure of all nets over the epochs, and the gradients of two nets over the layers.

import {
  curveEnds, curveOf, epochText, joinedPieces, layerTicks, logShare, measureAxis, MEASURES, normPowers, normsOf,
  powerTicks, spreadApart, valueAt,
} from "./depth_curves.js";
import { numberText, svgElement } from "./ui.js";

const GAP = 15; // pixels between two labels
const LEADER = 9; // pixels from the frame to the labels' pieces of line
const NEAR = 9; // curves that end so near to each other share a label
export const MARGIN = { left: 56, right: 88 }; // the slider below the curves has the same

function stroke(d, name) {
  return svgElement("path", { d, class: name });
}

function words(text, x, y, anchor = "start", name = "") {
  return svgElement("text", { x, y, class: `kb-de-text ${name}`, "text-anchor": anchor }, text);
}

// Told apart by shape as well as by color and dashes: a square for a plain net, a disc for a residual one.
function netMark(kind, x, y, size = 5) {
  const name = `kb-de-mark kb-de-${kind}`;
  if (kind === "residual") return svgElement("circle", { cx: x, cy: y, r: size, class: name });
  return svgElement("rect", { x: x - size, y: y - size, width: 2 * size, height: 2 * size, class: name });
}

// What the legend shows: a piece of the line, and its mark.
export function netSample(kind) {
  return svgElement("svg", { width: 32, height: 20, viewBox: "-16 -10 32 20", "aria-hidden": "true" },
    stroke("M-16,0H16", `kb-de-line kb-de-strong kb-de-${kind}`), netMark(kind, 0, 0));
}

// Where everything stands in a drawing of this width, in pixels; `share` runs from 0 at the bottom to 1 at the top.
export function depthPlacement(width, tall) {
  const [left, right, top, bottom] = [MARGIN.left, width - MARGIN.right, 28, tall - 24];
  return { width, height: tall, left, right, top, bottom, Y: (share) => bottom - share * (bottom - top) };
}

// The x of the k-th of `count` places, from 0 on, across the drawing.
export function across(at, k, count) {
  return at.left + ((at.right - at.left) * k) / Math.max(count - 1, 1);
}

// A line through [x, share] pairs as the text of an SVG path; it is broken where there is no value.
export function linePath(at, points) {
  const places = points.map(([x, share]) => (share === null ? null : `${x.toFixed(1)},${at.Y(share).toFixed(1)}`));
  return joinedPieces(places).map((piece) => `M${piece.join("L")}h0`).join("");
}

function frame(at, title, ticks) {
  const box = { x: at.left, y: at.top, width: at.right - at.left, height: at.bottom - at.top, class: "kb-de-paper" };
  const rules = ticks.flatMap(([text, share]) => [
    stroke(`M${at.left},${at.Y(share)}H${at.right}`, "kb-de-grid"), words(text, at.left - 6, at.Y(share) + 4.5, "end"),
  ]);
  return [svgElement("rect", box), ...rules, words(title, 2, 14, "start", "kb-de-title")];
}

function shortPower(value) {
  return numberText(value).replace(".00e", "e");
}

// The labels of the curves' ends, moved apart, each with a leader from where its curves end to its piece of line.
export function endPlaces(at, ends) {
  const heights = spreadApart(ends.map(({ y }) => y), GAP, at.bottom - 2);
  const tick = at.right + LEADER;
  return ends.map((end, k) => {
    return { ...end, tick, height: heights[k], leader: `M${at.right},${end.y}L${tick},${heights[k]}` };
  });
}

// Which depths end where, beside the curves: a leader, a piece of the line, then the depths, the chosen one in bold.
function endLabels(at, ends, depth) {
  return endPlaces(at, ends).flatMap(({ kind, depths, tick, height, leader }) => {
    const text = words("", at.right + 22, height + 4.5, "start", `kb-de-end kb-de-${kind}`);
    text.append(...depths.flatMap((one, place) => [
      place ? " " : "", svgElement("tspan", { class: one === depth ? "kb-de-chosen" : "" }, String(one)),
    ]));
    return [
      stroke(leader, `kb-de-leader kb-de-${kind}`),
      stroke(`M${tick},${height}h10`, `kb-de-line kb-de-${kind} kb-de-key`), text,
    ];
  });
}

// The curves of all shown nets: thin, but those of the chosen depth strong up to the epoch.
export function drawCurvesOver(at, record, { depth, epoch, measure, shown }) {
  const axis = measureAxis(record, measure);
  const X = (k) => across(at, k, record.epochs + 1);
  const pathOf = (kind, one, last) => {
    const curve = curveOf(record, kind, one, measure).slice(0, last + 1);
    return linePath(at, curve.map((v, k) => [X(k), axis.share(v)]));
  };
  const line = (kind, one) => {
    return stroke(pathOf(kind, one, record.epochs), `kb-de-line kb-de-${kind} ${one === depth ? "kb-de-mine" : ""}`);
  };
  const others = record.depths.filter((one) => one !== depth);
  const thin = [...others, depth].flatMap((one) => shown.map((kind) => line(kind, one)));
  const strong = shown.map((kind) => stroke(pathOf(kind, depth, epoch), `kb-de-line kb-de-strong kb-de-${kind}`));
  const marks = shown.flatMap((kind) => {
    const share = axis.share(valueAt(record, kind, depth, measure, epoch));
    return share === null ? [] : [netMark(kind, X(epoch), at.Y(share))];
  });
  const even = Array.from({ length: Math.floor(record.epochs / 2) + 1 }, (_, k) => 2 * k);
  const guess = axis.share(MEASURES[measure].guess);
  const heightOf = (v) => (axis.share(v) === null ? null : at.Y(axis.share(v)));
  return [
    ...frame(at, MEASURES[measure].axis, axis.ticks.map((v) => [shortPower(v), axis.share(v)])),
    stroke(`M${at.left},${at.Y(guess)}H${at.right}`, "kb-de-guess"),
    ...thin, stroke(`M${X(epoch)},${at.top}V${at.bottom}`, "kb-de-here"), ...strong, ...marks,
    words("guessing", at.left + 6, at.Y(guess) + 13, "start", "kb-de-small"),
    ...even.map((k) => words(String(k), X(k), at.bottom + 17, "middle")),
    words("layers", at.right + 22, 14), ...endLabels(at, curveEnds(record, measure, shown, heightOf, NEAR), depth),
  ];
}

// The norms of the chosen nets over their layers. A norm of 0 is a cross on the lower edge, and not part of the line.
export function drawNorms(at, record, { depth, epoch, shown }) {
  const powers = normPowers(record);
  const count = normsOf(record, shown[0], depth, epoch).length;
  const X = (k) => across(at, k, count);
  const lines = shown.flatMap((kind) => {
    const norms = normsOf(record, kind, depth, epoch);
    const points = norms.map((v, k) => [X(k), v === 0 ? null : logShare(v, powers)]);
    const zeros = norms.map((v, k) => (v === 0 ? `M${X(k) - 4},${at.bottom - 4}l8,8m0,-8l-8,8` : "")).join("");
    const ends = [points[0], points.at(-1)].filter(([, share]) => share !== null);
    return [
      stroke(linePath(at, points), `kb-de-line kb-de-strong kb-de-${kind}`), stroke(zeros, `kb-de-cross kb-de-${kind}`),
      ...ends.map(([x, share]) => netMark(kind, x, at.Y(share), 4)),
    ];
  });
  const ends = shown.map((kind) => at.Y(logShare(normsOf(record, kind, depth, epoch).at(-1), powers) ?? 0));
  const heights = spreadApart(ends, GAP, at.bottom - 2);
  const nameOf = (kind, k) => words(`${kind}-${depth}`, at.right + 9, heights[k] + 4.5, "start", `kb-de-${kind}`);
  const title = `gradient norm by layer, ${epochText(epoch).toLowerCase()}`;
  const ticks = powerTicks(powers).map((p) => Number(`1e${p}`)).map((v) => [shortPower(v), logShare(v, powers)]);
  return [
    ...frame(at, title, ticks), ...lines, ...shown.map(nameOf),
    ...layerTicks(count).map((layer) => words(String(layer), X(layer - 1), at.bottom + 17, "middle")),
    words("layer", at.right + 21, at.bottom + 17), words("input", at.left + 5, at.bottom - 6, "start", "kb-de-small"),
    words("output", at.right - 5, at.bottom - 6, "end", "kb-de-small"),
  ];
}
