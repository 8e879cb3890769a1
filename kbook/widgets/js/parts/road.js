// Roads drawn from a seed: the same as Python's kbook.data.road, one at a time.

import { uniform } from "./counter_hash.js";

export const NODE = 0.5; // meters from one node of the center line to the next
const SHARPEST = 0.04; // 1/m
const [CURVES, LOOK] = [1, 2]; // what a number is drawn for

// Bounds of how a road looks in fair weather; the order is that of the draws.
export const DAY = {
  light: [0.9, 1.1], warmth: [-0.04, 0.04], asphalt: [0.3, 0.4], brick: [0, 0], dry: [0, 0.3], paint: [0.8, 0.95],
  left: [1, 1], right: [1, 1], left_solid: [0, 1], right_solid: [0, 1], shadow: [0, 0.3], fog: [0, 0.005], rain: [0, 0],
  noise: [2, 4],
};
const SHARES = ["left", "right", "rain"]; // held between 0 and 1

// The road of a seed: { seed, curvature, heading, x, y, look }. A look may name some bounds; the others are DAY's.
export function drawRoad(seed, look = {}, length = 500) {
  const count = 2 * length;
  const curvature = drawCurvature(seed, length);
  const [heading, x, y] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  for (let i = 1; i < count; i += 1) {
    const turn = curvature[i - 1] * NODE;
    const middle = heading[i - 1] + turn / 2; // the chord of an arc points halfway
    heading[i] = heading[i - 1] + turn;
    x[i] = x[i - 1] + NODE * Math.cos(middle);
    y[i] = y[i - 1] + NODE * Math.sin(middle);
  }
  return { seed, curvature, heading, x, y, look: drawLook(seed, { ...DAY, ...look }) };
}

// Straights, and curves that swell and fade as sin².
function drawCurvature(seed, length) {
  const many = Math.floor(length / 40) + 2;
  const curvature = new Float64Array(2 * length);
  let end = 0;
  for (let curve = 0; curve < many; curve += 1) {
    const [a, b, c, d] = [0, 1, 2, 3].map((k) => uniform(seed, CURVES, 4 * curve + k));
    const extent = 25 + 35 * b;
    const sharp = SHARPEST * (0.25 + 0.75 * c) * (d < 0.5 ? -1 : 1);
    end += 15 + 30 * a + extent;
    const start = end - extent;
    const last = Math.min(curvature.length - 1, Math.ceil(end / NODE));
    for (let i = Math.max(0, Math.floor(start / NODE)); i <= last; i += 1) {
      const share = Math.min(Math.max((i * NODE - start) / extent, 0), 1);
      curvature[i] += sharp * Math.sin(Math.PI * share) ** 2;
    }
  }
  curvature[0] = 0;
  curvature[curvature.length - 1] = 0;
  return curvature;
}

function drawLook(seed, bounds) {
  const drawn = {};
  Object.keys(DAY).forEach((name, number) => {
    const [low, high] = bounds[name];
    const value = low + (high - low) * uniform(seed, LOOK, number);
    drawn[name] = SHARES.includes(name) ? Math.min(Math.max(value, 0), 1) : value;
  });
  return drawn;
}

// Which node lies before s; before the start and after the end it is the first and the last.
export function nodeAt(road, s) {
  return Math.min(Math.max(Math.floor(s / NODE), 0), road.x.length - 1);
}

// Place and heading of the center line at s, written into `out`: { x, y, heading }.
export function along(road, s, out) {
  const node = nodeAt(road, s);
  const rest = s - node * NODE;
  const middle = road.heading[node] + road.curvature[node] * rest / 2;
  out.x = road.x[node] + rest * Math.cos(middle);
  out.y = road.y[node] + rest * Math.sin(middle);
  out.heading = road.heading[node] + road.curvature[node] * rest;
  return out;
}
