// The race of OptimizerRace: every runner's path, by the update rules of parts/optimizers.js, and what each step shows.

import { OPTIMIZERS } from "./optimizers.js";
import { REACH, SURFACES } from "./surfaces.js";

export const MOST_STEPS = 200;
export const RUNNERS = { sgd: "SGD", momentum: "momentum", adam: "Adam", adamw: "AdamW" };
const FAR = 1000; // from here no runner comes back: its path ends before its numbers overflow

// One runner's path from the start: where it is after each step, how high, how steep it is there, and how far it moved.
// `gone` is true where the path ends early, far outside the map.
export function runPath(surfaceName, start, optimizer, rate, decay) {
  const { value, gradient } = SURFACES[surfaceName];
  const [weights, memory] = [[...start], {}];
  const place = (moved) => {
    const [x, y] = weights;
    return { x, y, height: value(x, y), slope: Math.hypot(...gradient(x, y)), moved };
  };
  const points = [place(0)];
  let gone = false;
  while (points.length <= MOST_STEPS && !gone) {
    const [x, y] = weights;
    OPTIMIZERS[optimizer](weights, gradient(x, y), memory, rate, optimizer === "adamw" ? decay : 0);
    points.push(place(Math.hypot(weights[0] - x, weights[1] - y)));
    gone = Math.max(...weights.map(Math.abs)) > FAR;
  }
  return { points, gone };
}

export function runRace(surface, start, optimizers, rate, decay) {
  const runners = optimizers.map((key) => ({ key, ...runPath(surface, start, key, rate, decay) }));
  return { surface, start, rate, decay, runners };
}

export function isOutside({ x, y }) {
  return Math.max(Math.abs(x), Math.abs(y)) > REACH;
}

// A runner after `step` steps. `left` is the step with which it left the map, 0 while it is on it: it may come back.
export function runnerAt({ key, points, gone }, step) {
  const k = Math.min(step, points.length - 1);
  let left = isOutside(points[k]) ? k : 0;
  while (left > 1 && isOutside(points[left - 1])) left -= 1;
  return { key, ...points[k], before: points[Math.max(k - 1, 0)], left, isGone: gone && step >= points.length - 1 };
}

// The slider of the step size: a power of ten, in two digits.
export function rateAt(exponent) {
  return Number((10 ** exponent).toPrecision(2));
}

// The table of the race: a head and a row for each step. A path that has ended has empty cells.
export function raceRows({ runners }, step) {
  const parts = ["x", "y", "height", "moved"];
  const head = ["step", ...runners.flatMap(({ key }) => parts.map((part) => `${RUNNERS[key]} ${part}`))];
  const rows = Array.from({ length: step + 1 }, (_, k) => [k, ...runners.flatMap(({ points }) => {
    return parts.map((part) => points[k]?.[part] ?? null);
  })]);
  return { head, rows };
}

export function raceCsv(race, step) {
  const { head, rows } = raceRows(race, step);
  return [head, ...rows].map((cells) => cells.map((cell) => cell ?? "").join(",")).join("\n") + "\n";
}
