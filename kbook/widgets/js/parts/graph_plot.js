// The drawing of a computation graph: in a box the value and below it the gradient; on a wire, at its lower end, the local
// derivative that it multiplies with, and at its upper end the message that arrives there on the way back.

import { graphNumber, innerNumber } from "./operations.js";
import { nodeFormula } from "./expression.js";
import { svgElement } from "./ui.js";

const FONT = { name: 14, value: 16, gradient: 14, wire: 14 };
const HEIGHT = { leaf: 50, op: 70 };
const LEVEL = 17; // where messages stand side by side too closely, every other one stands lower

// The gradient of a node as the sum of its messages; "?" is one that has not come. Short where there is no room.
export function gradientText(messages, gradient, isShort = false) {
  if (messages.length < 2) return gradient === null ? "?" : graphNumber(gradient);
  const missing = messages.filter((message) => message === null).length;
  if (isShort) return gradient === null ? `sum, ${missing} to come` : `sum = ${graphNumber(gradient)}`;
  const parts = messages.map((message, k) => (message === null ? "?" : k ? innerNumber(message) : graphNumber(message)));
  return parts.join(" + ") + (gradient === null ? "" : ` = ${graphNumber(gradient)}`);
}

// The lines of a box: its name and formula, its value, its gradient.
function boxLines(graph, i, { value, gradient }) {
  const { name, op } = graph.nodes[i];
  const number = value === null ? "?" : graphNumber(value);
  return op === null ? { name: `${name} = ${number}`, value: "", gradient } : { name: `${name} = ${nodeFormula(graph, i)}`, value: number, gradient };
}

// How wide a text is, in the font of `el` at a size.
export function measureIn(el) {
  const ink = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(el).fontFamily || "sans-serif";
  return (text, size, weight = 400) => {
    ink.font = `${weight} ${size}px ${family}`;
    return ink.measureText(text).width;
  };
}

// Room for all that a box will hold, and side by side for all that its wires will carry. In steps of 8 pixels, so that the
// drawing stands still while a value changes a little.
export function boxSizes(graph, run, width, measure) {
  const wire = (text) => measure(text, FONT.wire, 700) + (text[0] === "×" ? 16 : 8);
  return graph.nodes.map(({ op }, i) => {
    const messages = run.messages.filter((_, e) => graph.edges[e].from === i);
    const gradient = (isShort) => `grad ${gradientText(messages, run.gradients[i], isShort)}`;
    const isShort = measure(gradient(false), FONT.gradient, 600) + 20 > width;
    const lines = boxLines(graph, i, { value: run.values[i], gradient: gradient(isShort) });
    const widest = (numbers, sign) => numbers.length * Math.max(0, ...numbers.map((x) => wire(`${sign}${graphNumber(x ?? 0)}`)));
    const slopes = run.slopes.filter((_, e) => graph.edges[e].to === i);
    const text = Math.max(...["name", "value", "gradient"].map((line) => measure(lines[line], FONT[line], line === "name" && op ? 400 : 600)));
    const isCrowded = widest(messages, "") > width;
    const needed = Math.max(72, text + 20, widest(messages, "") / (isCrowded ? 2 : 1), widest(slopes, "×"));
    const height = op === null ? HEIGHT.leaf : HEIGHT.op;
    return { width: Math.min(8 * Math.ceil(needed / 8), width), least: text + 20, height, below: isCrowded ? LEVEL : 0, isShort };
  });
}

function svgText(text, x, y, name) {
  return svgElement("text", { x: x.toFixed(1), y, class: name, "text-anchor": "middle" }, text);
}

function drawBox(graph, i, box, moment, order) {
  const { op } = graph.nodes[i];
  const [value, isActive, isBack] = [moment.values[i], moment.active === i, moment.phase === "seed" || moment.phase === "backward"];
  const messages = order.filter((e) => graph.edges[e].from === i).map((e) => moment.messages[e]);
  const gradient = isBack ? `grad ${gradientText(messages, moment.gradients[i], box.isShort)}` : "";
  const lines = boxLines(graph, i, { value, gradient });
  const state = [value === null ? "kb-gs-empty" : "", isActive ? (isBack ? "kb-gs-now kb-gs-back" : "kb-gs-now") : "", i === graph.result ? "kb-gs-result" : ""];
  const { x, y, width, height } = box;
  const cut = y + height - 26;
  const nodes = [
    svgElement("rect", { x: x - width / 2 + 1.5, y: y + 1.5, width: width - 3, height: height - 3, rx: 8, class: `kb-gs-box ${state.join(" ")}` }),
    svgElement("path", { d: `M${x - width / 2 + 2},${cut}h${width - 4}`, class: "kb-gs-cut" }),
    svgText(lines.name, x, y + 18, op === null ? "kb-gs-value" : "kb-gs-name"),
    svgText(lines.gradient, x, y + height - 8, moment.gradients[i] === null ? "kb-gs-grad kb-gs-open" : "kb-gs-grad"),
  ];
  return op === null ? nodes : [...nodes, svgText(lines.value, x, y + 38, value === null ? "kb-gs-value kb-gs-open" : "kb-gs-value")];
}

function arrow([x, y], up) {
  const tail = up ? 9 : -9;
  return `M${(x - 5).toFixed(1)},${y + tail}L${x.toFixed(1)},${y}L${(x + 5).toFixed(1)},${y + tail}`;
}

function drawWire({ path, start, end }, slope, message, isActive) {
  const state = `kb-gs-wire${message === null ? (slope === null ? " kb-gs-idle" : "") : " kb-gs-sent"}${isActive ? " kb-gs-busy" : ""}`;
  return svgElement("path", { d: path + (message === null ? arrow(end, false) : arrow(start, true)), class: state });
}

// The local derivative is a pill that the wire runs through, the message a number on the wire.
function drawLabel(text, x, y, name, measure, width) {
  const half = measure(text, FONT.wire, 700) / 2 + (name === "slope" ? 6 : 2);
  const middle = Math.min(Math.max(x, half + 1), width - half - 1);
  const shape = { x: (middle - half).toFixed(1), y: y - 15, width: (2 * half).toFixed(1), height: 20, rx: 10 };
  return [svgElement("rect", { ...shape, class: `kb-gs-${name}-paper` }), svgText(text, middle, y, `kb-gs-${name}`)];
}

// All shapes, wires first: boxes and labels cover them. `place` comes from `layoutGraph`.
export function drawGraph(place, graph, moment, measure) {
  const edges = [...graph.edges.keys()];
  const active = (e) => moment.active === graph.edges[e].to && moment.phase !== "seed";
  const order = [...edges].sort((a, b) => place.wires[a].start[0] - place.wires[b].start[0]);
  const level = (e) => order.filter((other) => graph.edges[other].from === graph.edges[e].from).indexOf(e) % 2;
  const wires = edges.map((e) => drawWire(place.wires[e], moment.slopes[e], moment.messages[e], active(e)));
  const labels = edges.flatMap((e) => {
    const [{ start, end }, slope, message] = [place.wires[e], moment.slopes[e], moment.messages[e]];
    const lower = place.boxes[graph.edges[e].from].below * level(e);
    return [
      ...(slope === null ? [] : drawLabel(`×${graphNumber(slope)}`, end[0], end[1] - 16, "slope", measure, place.width)),
      ...(message === null ? [] : drawLabel(graphNumber(message), start[0], start[1] + 24 + lower, "message", measure, place.width)),
    ];
  });
  return [...wires, ...graph.nodes.flatMap((_, i) => drawBox(graph, i, place.boxes[i], moment, order)), ...labels];
}
