// One round of DriveSim without a page: a road, a car, who steers, pushes and gusts, the score, and the link to it.

import { hashed } from "./counter_hash.js";
import { afterDecision, atStart, autonomy, DECISION, emptyTally, purePursuit, SPEED, tick, TICKS } from "./driving.js";
import { runNet } from "./nn.js";
import { drawRoad } from "./road.js";
import { makeCamera, renderFrame } from "./road_camera.js";

export const DRIVERS = { you: "You", expert: "Expert", clone: "Cloned net", dagger: "DAgger net" };
export const ROUND = 60; // seconds
export const SEEDS = 10000;
const START = 1000; // the first of the chapter's roads that no net has seen
const LENGTH = ROUND * SPEED + 100; // meters
const [ASIDE, TURN] = [0.7, 0.16]; // of a push: meters, and radians further away
const [FASTEST, MOST] = [0.25, 0.09]; // of a person's wheel: 1/m a second, and 1/m
const KEPT = 100; // distances from the line, one for each decision

const emptyFrame = () => ({ shape: [3, 32, 96], data: new Float32Array(3 * 32 * 96) });

// A round from its start. `setting` has seed, wind, light, noise and driver, and may change while it lasts.
export function startDrive(setting) {
  const road = drawRoad(START + setting.seed, {}, LENGTH);
  return {
    road, pose: atStart(), step: 0, ticks: 0, curvature: 0, said: 0, wish: 0, tally: emptyTally(), taken: false,
    past: [], camera: makeCamera(32, 96), tensor: emptyFrame(), decidedOn: emptyFrame(),
  };
}

export const isOver = (drive) => drive.step * DECISION >= ROUND - 1e-9;
export const lookOf = (drive, { light, noise }) => ({ ...drive.road.look, light: drive.road.look.light * light, noise });

// What the net is shown: the frame of this decision.
export function netFrame(drive, setting) {
  const bytes = renderFrame(drive.camera, drive.road, drive.pose, drive.step, lookOf(drive, setting));
  drive.tensor.data.set(bytes);
  return drive.tensor;
}

// A sixtieth of a second. `net` is that of the driver, or null. Returns whether somebody had to take the wheel.
export function driveTick(drive, setting, net) {
  if (isOver(drive)) return false;
  if (drive.ticks % TICKS === 0) decide(drive, setting, net);
  if (setting.driver === "you") turnWheel(drive);
  drive.pose = tick(drive.road, drive.pose, drive.curvature);
  drive.ticks += 1;
  return drive.ticks % TICKS === 0 && settle(drive, setting);
}

function decide(drive, setting, net) {
  const expert = purePursuit(drive.road, drive.pose);
  if (net) {
    drive.said = runNet(net, netFrame(drive, setting)).data[0];
    drive.decidedOn.data.set(drive.tensor.data); // the drawing of the next frame overwrites the tensor
  }
  if (setting.driver === "expert") drive.curvature = expert;
  else if (net) drive.curvature = drive.said;
  drive.past.push(drive.pose.e);
  if (drive.past.length > KEPT) drive.past.shift();
  drive.tally.decisions += 1;
  drive.tally.off += Math.abs(drive.pose.e);
}

// A person's wheel moves toward where it is wished, not at once.
function turnWheel(drive) {
  const step = FASTEST * DECISION / TICKS;
  const missing = drive.wish * MOST - drive.curvature;
  drive.curvature += Math.min(Math.max(missing, -step), step);
}

function settle(drive, setting) {
  const { pose, taken } = afterDecision(drive.road, drive.pose, drive.step, setting.wind);
  drive.pose = pose;
  drive.step += 1;
  drive.taken = taken;
  if (taken) {
    drive.tally.interventions += 1;
    drive.curvature = 0;
  }
  return taken;
}

// Push the car to the left (1) or the right (−1).
export function push(drive, side) {
  drive.pose = { ...drive.pose, e: side * ASIDE, psi: side * TURN };
}

export function scoreOf({ tally, step }) {
  const mean = tally.decisions ? tally.off / tally.decisions : 0;
  return {
    autonomy: autonomy(tally), interventions: tally.interventions, mean, seconds: step * DECISION,
    meters: Math.round(step * DECISION * SPEED),
  };
}

export function scoreText(drive) {
  const { autonomy: share, interventions, mean, seconds } = scoreOf(drive);
  const helped = interventions === 1 ? "1 intervention" : `${interventions} interventions`;
  return `${seconds.toFixed(0)} s: autonomy ${(100 * share).toFixed(0)} %, ${helped}, ${(100 * mean).toFixed(0)} cm `
    + "from the line on average.";
}

// How much what the net said to a frame changes with a patch of 4 × 8 pixels under its mean color; one patch a call.
export function occludePatch(net, tensor, said, map, patch) {
  const [row, column] = [4 * Math.floor(patch / 12), 8 * (patch % 12)];
  const covered = { shape: tensor.shape, data: Float32Array.from(tensor.data) };
  for (let c = 0; c < 3; c += 1) {
    let sum = 0;
    const places = [];
    for (let i = row; i < row + 4; i += 1) {
      for (let j = column; j < column + 8; j += 1) places.push((c * 32 + i) * 96 + j);
    }
    for (const place of places) sum += tensor.data[place];
    for (const place of places) covered.data[place] = sum / places.length;
  }
  map[patch] = Math.abs(runNet(net, covered).data[0] - said);
}

const VERSION = "1";
const RANGES = { seed: [0, SEEDS - 1], wind: [0, 2], light: [0.3, 1.3], noise: [0, 20] };

// A setting with its score as a text for a link.
export function encodeDrive(setting, drive) {
  const { autonomy: share, seconds } = scoreOf(drive);
  const fields = [setting.seed, setting.wind, setting.light, setting.noise, setting.driver];
  const text = [VERSION, ...fields, Math.round(1000 * share), Math.round(seconds)].join("~");
  return `${text}~${hashed(...text.split("").map((letter) => letter.charCodeAt(0))) % 1000}`;
}

// { setting, score }, or { problem }: one sentence.
export function decodeDrive(text) {
  const damaged = { problem: "This link is damaged: a part of it is missing or changed. Here is the first road instead." };
  const [version, seed, wind, light, noise, driver, share, seconds, mark] = text.split("~");
  const body = text.slice(0, text.lastIndexOf("~"));
  if (version !== VERSION || !Object.hasOwn(DRIVERS, driver ?? "")) return damaged;
  if (String(hashed(...body.split("").map((letter) => letter.charCodeAt(0))) % 1000) !== mark) return damaged;
  const number = (field) => (field === "" ? NaN : Number(field));
  const numbers = { seed: number(seed), wind: number(wind), light: number(light), noise: number(noise) };
  const fits = Object.entries(RANGES).every(([name, [low, high]]) => numbers[name] >= low && numbers[name] <= high);
  if (!fits || !Number.isInteger(numbers.seed)) return damaged;
  return { setting: { ...numbers, driver }, score: { autonomy: Number(share) / 1000, seconds: Number(seconds) } };
}
