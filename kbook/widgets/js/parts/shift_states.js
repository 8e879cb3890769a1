// What CovariateShift reads from the recorded rounds: which states lie outside of what was shown, how far they spread,
// and what is true about a round. A state is [meters off the line, degrees off the road's direction], left positive.

import { numberText } from "./ui.js";

const DEGREES = 180 / Math.PI;
const PERCENT = "\u00a0%"; // not torn off its number
const TITLES = { shown: "demonstration", cloned: "cloned net" };

export function titleOf(round) {
  return TITLES[round.name] ?? round.name;
}

// The states of a round, which the record keeps in millimeters and milliradians.
export function statesOf(round) {
  return round.e.map((e, k) => [e / 1000, (round.psi[k] / 1000) * DEGREES]);
}

function side([ax, ay], [bx, by], [x, y]) {
  return (bx - ax) * (y - ay) - (by - ay) * (x - ax);
}

// The corners of the smallest convex region that holds all states, counter-clockwise.
export function regionOf(states) {
  const sorted = [...states].sort(([ax, ay], [bx, by]) => ax - bx || ay - by);
  const chain = (points) => points.reduce((corners, point) => {
    while (corners.length > 1 && side(corners.at(-2), corners.at(-1), point) <= 0) corners.pop();
    return [...corners, point];
  }, []).slice(0, -1);
  return [...chain(sorted), ...chain(sorted.reverse())];
}

// Whether a state is in a region or on its edge.
export function isInside(corners, state) {
  return corners.every((corner, k) => side(corner, corners[(k + 1) % corners.length], state) >= -1e-9);
}

// Between which values a share of them lies, as many below as above; between two values it goes straight.
export function middle(values, share = 0.9) {
  const sorted = [...values].sort((a, b) => a - b);
  return [(1 - share) / 2, (1 + share) / 2].map((part) => {
    const place = part * (sorted.length - 1);
    const low = Math.floor(place);
    return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
  });
}

// A round beside the first, the demonstration.
export function shiftFacts(rounds, k) {
  const [region, states] = [regionOf(statesOf(rounds[0])), statesOf(rounds[k])];
  const beyond = states.filter((state) => !isInside(region, state));
  const spread = [0, 1].map((axis) => middle(states.map((state) => state[axis])));
  return { region, states, beyond, spread, outside: beyond.length / states.length };
}

// The axis of the directions: as many degrees up as down, enough for all rounds, so that nothing jumps.
export function mostDegrees(rounds) {
  const most = Math.max(...rounds.flatMap((round) => round.psi.map(Math.abs)));
  return 5 * Math.ceil(((most / 1000) * DEGREES) / 5);
}

export function percentText(share) {
  return `${Number((100 * share).toFixed(1))}${PERCENT}`;
}

// A mean squared error, in decimals like those that the chapter prints.
export function errorText(value) {
  return value < 0.1 ? value.toFixed(5) : numberText(value, 2);
}

function meters(value) {
  return `${value.toFixed(2)}\u00a0m`;
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

function times(count) {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}

// How the error on a net's own states compares with that on the expert's, on roads that the net did not learn from.
function comparison(gap, shown) {
  const [ratio, there] = [gap / shown, `on the expert's held-out roads, ${errorText(shown)}`];
  if (ratio >= 1.5) return `${numberText(ratio, 2)} times that ${there}`;
  return `${ratio > 2 / 3 ? "about the same as" : "less than"} ${there}`;
}

// Where a round's cars go, and how wrong the net is there.
export function shiftSentences(rounds, k) {
  const round = rounds[k];
  const { outside, states } = shiftFacts(rounds, k);
  if (k === 0) {
    const turned = Math.max(...states.map(([, degrees]) => Math.abs(degrees)));
    return [`The expert on a calm day is never more than ${meters(round.largest)} off the line, and in the drawn states `
      + `never turned from the road by more than ${numberText(turned, 2)}°. The cloned net gets to see nothing else.`];
  }
  const most = `up to ${meters(round.largest)} off the line`;
  const where = round.interventions ? `The wheel was taken ${times(round.interventions)} (beyond 1\u00a0m); otherwise ${most}.`
    : `Nobody had to take the wheel: ${most}.`;
  const more = round.frames - rounds[1].frames;
  const learned = more > 0 ? ` It also learned from ${more.toLocaleString("en-US")} frames of states such as these.` : "";
  return [
    `${capital(titleOf(round))}, in the wind: ${percentText(outside)} of the states are outside what the demonstration `
      + `showed. ${where}`,
    `On the states it comes through, its error is ${errorText(round.gap)}, ${comparison(round.gap, round["shown gap"])}.${learned}`,
  ];
}

// All rounds, for the table: a null has no value.
export function shiftRows(rounds) {
  const head = ["driver", "frames learned", "autonomy", "interventions", "largest |e| (m)", "mean |e| (m)",
    "states not shown", "error on own states", "error on held-out roads"];
  const rows = rounds.map((round, k) => [
    titleOf(round), round.frames ? round.frames.toLocaleString("en-US") : null, percentText(round.autonomy),
    String(round.interventions), numberText(round.largest, 2), numberText(round.mean, 2),
    k ? percentText(shiftFacts(rounds, k).outside) : null,
    ...[round.gap, round["shown gap"]].map((gap) => (typeof gap === "number" ? errorText(gap) : null)),
  ]);
  return { head, rows };
}
