// A car on a road, as Python's kbook.driving: how it moves, the expert, gusts of wind, and the score.

import { uniform } from "./counter_hash.js";
import { along, nodeAt } from "./road.js";

export const SPEED = 10; // m/s
export const DECISION = 0.1; // seconds from one decision to the next
export const TICKS = 6; // of the car's motion in each
export const LIMIT = 1; // m off the center line: there somebody takes the wheel
export const PENALTY = 6; // seconds that do not count as driven then
const AHEAD = 8; // m from the car to the point that the expert aims at
const TIGHTEST = 0.2; // 1/m
export const [OFTEN, WEAKEST, STRONGEST] = [0.015, 0.12, 0.19]; // of gusts: chance at a decision, and radians
const GUSTS = 5; // what a number is drawn for

export const atStart = () => ({ s: 0, e: 0, psi: 0 });

// The pose a sixtieth of a second later, with the wheel held: the midpoint method.
export function tick(road, pose, curvature) {
  const steered = Math.min(Math.max(curvature, -TIGHTEST), TIGHTEST);
  const step = DECISION / TICKS;
  const half = moved(pose, velocity(road, pose, steered), step / 2);
  return moved(pose, velocity(road, half, steered), step);
}

function velocity(road, { s, e, psi }, steered) {
  const bend = road.curvature[nodeAt(road, s)];
  const forward = SPEED * Math.cos(psi) / (1 - bend * e);
  return [forward, SPEED * Math.sin(psi), SPEED * steered - bend * forward];
}

function moved({ s, e, psi }, [ds, de, dpsi], seconds) {
  return { s: s + seconds * ds, e: e + seconds * de, psi: psi + seconds * dpsi };
}

// The curvature of the circle through the car and a point of the center line 8 m ahead.
export function purePursuit(road, pose) {
  const here = along(road, pose.s, {});
  const goal = along(road, pose.s + AHEAD, {});
  const x = goal.x - here.x + pose.e * Math.sin(here.heading);
  const y = goal.y - here.y - pose.e * Math.cos(here.heading);
  const car = here.heading + pose.psi;
  return 2 * (-Math.sin(car) * x + Math.cos(car) * y) / (x * x + y * y);
}

// By how much the wind turns a car after a decision: mostly not at all.
export function gust(road, step) {
  if (uniform(road.seed, GUSTS, step, 0) >= OFTEN) return 0;
  const size = WEAKEST + (STRONGEST - WEAKEST) * uniform(road.seed, GUSTS, step, 1);
  return uniform(road.seed, GUSTS, step, 2) < 0.5 ? -size : size;
}

// What a drive adds up to: decisions, interventions, and the distance from the line.
export const emptyTally = () => ({ decisions: 0, interventions: 0, off: 0 });

export function autonomy({ decisions, interventions }) {
  return decisions ? Math.max(0, 1 - interventions * PENALTY / (decisions * DECISION)) : 1;
}

// After a decision's ticks: the gust, and back onto the line if the car is too far off. Returns { pose, taken }.
export function afterDecision(road, pose, step, wind) {
  const blown = { ...pose, psi: pose.psi + wind * gust(road, step) };
  const taken = Math.abs(blown.e) > LIMIT;
  return { pose: taken ? { s: blown.s, e: 0, psi: 0 } : blown, taken };
}
