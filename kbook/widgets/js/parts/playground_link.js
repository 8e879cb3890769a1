// The state of Playground as text for a link: settings, trained weights, the reader's own points, joined by "~".
// A number of 24 bits is four characters: a weight keeps the upper 24 of its 32 bits, which is about five digits.

import { countWeights, layerSizes } from "./mlp.js";
import { EDGE, MOST_POINTS } from "./points.js";

const VERSION = "1";
const LONGEST = 5000; // characters; the largest net with most points has about 3,300
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const ROW = 200 * EDGE + 1; // coordinates in steps of 0.01
const INSTEAD = "Here is the net that the page starts with instead.";

export const CHOICES = {
  data: ["moons", "circles", "spirals", "own"], activation: ["relu", "tanh", "sigmoid"],
  optimizer: ["sgd", "momentum", "adam", "adamw"], penalty: ["none", "L2", "L1"],
};
export const RANGES = {
  noise: [0, 1], seed: [0, 9999], width: [1, 16], depth: [0, 3],
  rate: [1e-4, 10], strength: [1e-5, 1], steps: [0, 20000],
};
const WHOLE = ["seed", "width", "depth", "steps"];
const FIELDS = [
  "data", "noise", "seed", "width", "depth", "activation", "optimizer", "rate", "penalty", "strength", "steps",
];

function encodeInteger(v) {
  return [18, 12, 6, 0].map((shift) => DIGITS[(v >>> shift) & 63]).join("");
}

// Integers from a text; −1 where it is none.
function decodeIntegers(text) {
  const quads = text.match(/.{1,4}/gs) ?? [];
  return quads.map((quad) => {
    const values = [...quad].map((digit) => DIGITS.indexOf(digit));
    return values.length === 4 && !values.includes(-1) ? values.reduce((sum, v) => sum * 64 + v, 0) : -1;
  });
}

const bytes = new DataView(new ArrayBuffer(4));

function weightToInteger(weight) {
  bytes.setFloat32(0, weight);
  return Math.floor((bytes.getUint32(0) + 128) / 256);
}

function integerToWeight(v) {
  bytes.setUint32(0, v * 256);
  return bytes.getFloat32(0);
}

function pointToInteger([x, y, label]) {
  const column = (v) => Math.round(100 * (v + EDGE));
  return 2 * (ROW * column(x) + column(y)) + label;
}

function integerToPoint(v) {
  const place = Math.floor(v / 2);
  return [...[Math.floor(place / ROW), place % ROW].map((k) => (k - 100 * EDGE) / 100), v % 2];
}

// The text, or null where the net has diverged. `isStraight` says that all steps were taken with these settings.
export function encodeState(settings, weights, isStraight) {
  const numbers = Array.from(weights, weightToInteger);
  if (!numbers.map(integerToWeight).every(Number.isFinite)) return null;
  const points = settings.data === "own" ? settings.points.map(pointToInteger) : [];
  return [
    VERSION, ...FIELDS.map((name) => settings[name]), isStraight ? 1 : 0,
    numbers.map(encodeInteger).join(""), points.map(encodeInteger).join(""),
  ].join("~");
}

function decodeSetting(name, text) {
  if (name in CHOICES) return CHOICES[name].includes(text) ? text : null;
  const [value, [low, high]] = [/^\d/.test(text) ? Number(text) : NaN, RANGES[name]];
  return value >= low && value <= high && (Number.isInteger(value) || !WHOLE.includes(name)) ? value : null;
}

// { settings, weights, isStraight }, or { problem }: one sentence, where the text is none of ours.
export function decodeState(text) {
  if (text.length > LONGEST) return { problem: `This link is too long to hold a net of this page. ${INSTEAD}` };
  let plain = text;
  try { plain = decodeURIComponent(text); } catch { /* a stray % : refused below */ }
  const [version, ...fields] = plain.split("~");
  const damaged = { problem: `This link is damaged: a part of it is missing or changed. ${INSTEAD}` };
  if (/^\d+$/.test(version) && version !== VERSION) {
    return { problem: `This link was made by another version of the playground. ${INSTEAD}` };
  }
  if (version !== VERSION || fields.length !== FIELDS.length + 3) return damaged;
  const settings = Object.fromEntries(FIELDS.map((name, i) => [name, decodeSetting(name, fields[i])]));
  if (Object.values(settings).includes(null)) return damaged;
  const [straight, weightText, pointText] = fields.slice(FIELDS.length);
  const [numbers, places] = [decodeIntegers(weightText), decodeIntegers(pointText)];
  const weights = numbers.map((v) => (v < 0 ? NaN : integerToWeight(v)));
  const isFull = weights.length === countWeights(layerSizes(settings.width, settings.depth));
  const arePoints = places.length <= MOST_POINTS && places.every((v) => v >= 0 && v < 2 * ROW * ROW);
  if (!isFull || !weights.every(Number.isFinite) || !arePoints || !/^[01]$/.test(straight)) return damaged;
  return { settings: { ...settings, points: places.map(integerToPoint) }, weights, isStraight: straight === "1" };
}

// The same settings as Python.
export function pythonCall(settings) {
  const names = settings.data === "own" ? ["points", ...FIELDS] : FIELDS;
  return `Playground(${names.map((name) => `${name}=${JSON.stringify(settings[name])}`).join(", ")})`;
}
