// What OptimizerRace says: who is lowest, who has left the map, and one thing that is true here about why.

import { isOutside, RUNNERS, runnerAt } from "./race.js";
import { isLocalMinimum, SURFACES } from "./surfaces.js";
import { numberText } from "./ui.js";

const LEAST = 1e-6; // the bottom of the drawing: below it nobody is called lower than another

// Two digits, also of what is very small.
export function short(v) {
  return v !== 0 && Math.abs(v) < 1e-3 ? v.toExponential(1).replaceAll("-", "−") : numberText(v, 2);
}

function list(names) {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

// The runners on the map whose height cannot be told from the lowest one's.
export function leaders(runners) {
  const here = runners.filter((runner) => !isOutside(runner));
  const least = Math.min(...here.map(({ height }) => height));
  return here.filter(({ height }) => height <= Math.max(1.005 * least, LEAST)).map(({ key }) => key);
}

function standing(runners, step) {
  const first = leaders(runners);
  if (!first.length) return `Step ${step}: nobody is on the map.`;
  const { height } = runners.find(({ key }) => key === first[0]);
  const text = height <= LEAST ? "below 1e−6" : short(height);
  if (runners.length === 1) return `Step ${step}: ${RUNNERS[first[0]]} is at height ${text}.`;
  const who = first.length === runners.length ? "all" : list(first.map((key) => RUNNERS[key]));
  return `Step ${step}: ${who} ${first.length > 1 ? "are equally low" : "is lowest"}, at height ${text}.`;
}

function departures(runners) {
  const steps = [...new Set(runners.map(({ left }) => left).filter((left) => left > 0))];
  return steps.map((step) => {
    const who = runners.filter(({ left }) => left === step).map(({ key }) => RUNNERS[key]);
    return ` ${capital(list(who))} left the map at step ${step}.`;
  }).join("");
}

// Before the race: how long the first steps are from here.
function firstSteps({ runners, rate, decay }) {
  const [{ slope }, moved] = [runners[0].points[0], (key) => short(runners.find((runner) => runner.key === key).points[1].moved)];
  const has = (key) => runners.some((runner) => runner.key === key);
  const parts = [];
  const followers = ["sgd", "momentum"].filter(has);
  if (followers.length) parts.push(`${list(followers.map((key) => RUNNERS[key]))} ${moved(followers[0])} (step size × slope, ${short(rate)} × ${short(slope)})`);
  if (has("adam")) parts.push(`Adam ${moved("adam")} (the step size along each axis that has a slope, however steep)`);
  if (has("adamw")) parts.push(`AdamW ${moved("adamw")} (Adam's, and ${short(100 * rate * decay)} % off both weights)`);
  return `Length of the first step from here: ${parts.join("; ")}.`;
}

// Why a runner is outside the map.
function whyOutside({ key, points, left }, { surface, rate }) {
  const { curvatures } = SURFACES[surface];
  const steepest = curvatures?.at(-1);
  const most = key === "sgd" ? 2 : 3.8; // times 1/curvature; with momentum β it is 2(1 + β)
  if ((key === "sgd" || key === "momentum") && steepest && rate * steepest > most) {
    return `With curvature ${steepest} ${RUNNERS[key]} needs a step size below ${most}/${steepest} = ${short(most / steepest)}: above it, it overshoots the bottom by more each time.`;
  }
  const step = short(points[left].moved);
  if (key === "sgd" || (key === "momentum" && left === 1)) {
    return `Where the slope was ${short(points[left - 1].slope)}, the step of ${RUNNERS[key]} was step size × slope = ${step}: too far for this map.`;
  }
  if (key === "momentum") return `The step of momentum was ${step} long: to step size × slope comes 0.9 of the step before, which was ${short(points[left - 1].moved)}.`;
  return `${RUNNERS[key]}'s step was ${step} long: about the step size along each axis, which is much on a map 4 wide.`;
}

// Runners that rest, or nearly so, high above the lowest point, on the surfaces that have such places.
function stuck(runners, { surface, start }) {
  const resting = runners.filter(({ left, slope, height, moved }) => left === 0 && slope < 0.08 && moved < 0.03 && height > 0.1);
  const caught = surface === "ripples" ? resting.filter(({ x, y }) => isLocalMinimum(surface, x, y)) : resting;
  if (!caught.length) return null;
  const [who, several] = [capital(list(caught.map(({ key }) => RUNNERS[key]))), caught.length > 1];
  if (surface === "ripples") return `${who} ${several ? "have settled in local minima" : "has settled in a local minimum"}: almost no slope is left there, and no rule here looks further than the slope.`;
  if (surface !== "saddle") return null;
  if (start[1] === 0) return "The start is on the ridge y = 0, where the slope along y is exactly 0: nobody turns, all walk to the saddle. Move the start a little.";
  return `${who} hardly ${several ? "move" : "moves"}: near the saddle at (0, 0) there is almost no slope to follow.`;
}

// SGD in a valley multiplies its distance to the bottom by 1 − rate × curvature a step, along each axis by its own.
function valleyFactors(surface, rate) {
  const [gentle, steepest] = SURFACES[surface].curvatures;
  const [along, across] = [numberText(1 - rate * gentle, 3), short(1 - rate * steepest)];
  if (steepest === 1) return `In a round bowl SGD walks straight to the minimum: each step multiplies the distance by 1 − ${short(rate)} = ${along}.`;
  const sign = rate * steepest > 2 ? "a zigzag that grows" : rate * steepest > 1 ? "the minus sign is the zigzag" : "no zigzag, as it is not negative";
  return `A step of SGD multiplies its distance along the valley by 1 − ${short(rate)} × ${gentle} = ${along}, across it by 1 − ${short(rate)} × ${steepest} = ${across}: ${sign}.`;
}

// Adam's path in the valley is the one in the bowl, as long as ε is small beside the slopes.
function aboutAxes({ key }, surface) {
  if (surface === "valley") return `${RUNNERS[key]} runs as in the round bowl: dividing by the size of the slopes, axis by axis, takes the factor 100 out.`;
  return `${RUNNERS[key]} divides axis by axis, but this valley lies across both axes: the factor 100 stays in, unlike in the valley that is not tilted.`;
}

function aboutDecay(adam, adamw, { rate, decay }) {
  const [one, two] = [adam, adamw].map(({ x, y }) => Math.hypot(x, y));
  return `AdamW is ${short(one - two)} nearer to (0, 0) than Adam: its decay takes ${short(100 * rate * decay)} % off both weights each step, also where the slope would have them stay.`;
}

// One thing that there is to see at this step.
export function raceRemark(race, step) {
  if (step === 0) return firstSteps(race);
  const { surface, rate } = race;
  const runners = race.runners.map((runner) => ({ points: runner.points, ...runnerAt(runner, step) }));
  const find = (name) => runners.find(({ key, left }) => key === name && left === 0);
  const outside = runners.find(({ left }) => left > 0);
  if (outside) return whyOutside(outside, race);
  const caught = stuck(runners, race);
  if (caught) return caught;
  const [sgd, heavy, adam, adamw] = Object.keys(RUNNERS).map(find);
  if (runners.every(({ height }) => height <= LEAST)) return "At the minimum the slopes vanish, and with them the steps.";
  if (heavy && step > 1 && heavy.height > Math.max(1.01 * heavy.before.height, LEAST)) {
    return `The last step of momentum led uphill: 0.9 of the step before, a length of ${short(0.9 * heavy.before.moved)}, was carried on, whatever the slope.`;
  }
  const isPulled = adam && adamw && Math.max(adam.moved, adamw.moved) < 0.002 && Math.hypot(adam.x, adam.y) - Math.hypot(adamw.x, adamw.y) > 0.01;
  if (isPulled) return aboutDecay(adam, adamw, race);
  const walker = adam ?? adamw;
  const isValley = SURFACES[surface].curvatures?.at(-1) > 1;
  if (walker && isValley && (!sgd || step >= 40)) return aboutAxes(walker, surface);
  if (sgd && SURFACES[surface].curvatures) return valleyFactors(surface, rate);
  if (walker && sgd) {
    const why = walker.moved > sgd.moved ? "a flat place slows it down less" : "a steep place does not make its steps long";
    return `The last step of ${RUNNERS[walker.key]} was ${short(walker.moved)} long, that of SGD ${short(sgd.moved)}, step size × slope: Adam divides by the recent size of its slopes, so ${why}.`;
  }
  if (walker) return `The last step of ${RUNNERS[walker.key]} was ${short(walker.moved)} long: it divides each slope by the recent size of that slope.`;
  if (sgd) return `The last step of SGD was ${short(sgd.moved)} long: ${short(rate)} × the slope ${short(sgd.before.slope)}.`;
  return `The last step of momentum was ${short(heavy.moved)} long; the step size times the slope alone would be ${short(rate * heavy.before.slope)}.`;
}

export function raceSentence(race, step) {
  if (step === 0) return raceRemark(race, 0);
  const runners = race.runners.map((runner) => runnerAt(runner, step));
  return `${standing(runners, step)}${departures(runners)} ${raceRemark(race, step)}`;
}

// The drawing in words.
export function raceDescription(race, step) {
  const parts = race.runners.map((runner) => {
    const { key, x, y, height, left } = runnerAt(runner, step);
    return `${RUNNERS[key]} ${left ? `left the map at step ${left}` : `at x ${short(x)}, y ${short(y)}, height ${short(height)}`}`;
  });
  return `Contour map of the surface ${SURFACES[race.surface].label}, x and y from −2 to 2, after ${step} steps: ${parts.join("; ")}.`;
}
