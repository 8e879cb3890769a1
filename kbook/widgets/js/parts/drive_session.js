// One round of DriveSim without a page: a road, a car, who steers, pushes and gusts, and the score.

import { afterDecision, atStart, autonomy, DECISION, emptyTally, purePursuit, SPEED, tick, TICKS } from "./driving.js";
import { runNet } from "./nn.js";
import { drawRoad } from "./road.js";
import { makeCamera, renderFrame } from "./road_camera.js";

export const ROUND = 60; // seconds
export const SEEDS = 10000;
const START = 1000; // the first of the chapter's roads that no net has seen
const LENGTH = ROUND * SPEED + 100; // meters
const [ASIDE, TURN] = [0.7, 0.16]; // of a push: meters, and radians further away
const [FASTEST, MOST] = [0.25, 0.09]; // of a person's wheel: 1/m a second, and 1/m
const KEPT = 100; // distances from the line, one for each decision
const KEPT_SAME = ["driver", "wind", "light", "noise"]; // in a round that counts

const emptyFrame = () => ({ shape: [3, 32, 96], data: new Float32Array(3 * 32 * 96) });

// A round from its start. `setting` has seed, wind, light, noise and driver, and may change while it lasts. `tally` is
// that of `driver` alone, who took the wheel at the decision `from`; `pushing` is a push that waits for the next one.
export function startDrive(setting) {
  const { seed, driver } = setting;
  return {
    seed, road: drawRoad(START + seed, {}, LENGTH), pose: atStart(), step: 0, ticks: 0, curvature: 0, said: 0, wish: 0,
    driver, from: 0, tally: emptyTally(), taken: false, pushing: 0, begun: null, isFair: true, past: [],
    camera: makeCamera(32, 96), tensor: emptyFrame(), decidedOn: emptyFrame(),
  };
}

// What a drive can be set back to; its pictures are shared.
export const copyOf = (drive) => ({ ...drive, tally: { ...drive.tally }, past: [...drive.past] });

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
  keepCount(drive, setting);
  if (drive.pushing) drive.pose = pushedPose(drive.pose, drive.pushing);
  drive.pushing = 0;
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

// Another driver has a tally of its own. A round is fair to compare while one driver drives it under one setting and
// nobody pushes.
function keepCount(drive, setting) {
  if (drive.driver !== setting.driver) Object.assign(drive, { driver: setting.driver, from: drive.step, tally: emptyTally() });
  drive.begun ??= { ...setting };
  drive.isFair &&= drive.pushing === 0 && isUnchanged(drive, setting);
}

const isUnchanged = ({ begun }, setting) => KEPT_SAME.every((key) => begun?.[key] === setting[key]);

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

// Push the car to the left (1) or the right (−1), just before the next decision: its driver sees where it is.
export function push(drive, side) {
  drive.pushing = side;
}

const pushedPose = (pose, side) => ({ ...pose, e: side * ASIDE, psi: side * TURN });

// The score of the driver at the wheel, from when it took it.
export function scoreOf({ tally, step, from }) {
  const mean = tally.decisions ? tally.off / tally.decisions : 0;
  const seconds = (step - from) * DECISION;
  return { autonomy: autonomy(tally), interventions: tally.interventions, mean, seconds, meters: Math.round(seconds * SPEED) };
}

// The score of a whole fair round under this setting, or null.
export function wholeScore(drive, setting) {
  return isOver(drive) && drive.isFair && isUnchanged(drive, setting) ? scoreOf(drive) : null;
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
