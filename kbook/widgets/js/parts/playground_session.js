// The course of a training in Playground: settings, points, net, the losses so far; and what there is to say of them.

import { asArrays, makePoints } from "./points.js";
import { countRight, logitsOf, meanLoss, startNet, trainStep } from "./mlp.js";
import { numberText } from "./ui.js";

const RESTARTING = ["data", "noise", "seed", "width", "depth", "activation"]; // other points or another net
const HUGE = 1e6; // a loss above it will not come back

function lossesOf({ net, train, test }) {
  const of = ({ inputs, labels }) => (labels.length ? meanLoss(logitsOf(net, inputs), labels) : NaN);
  return { step: net.step, train: of(train), test: of(test) };
}

function takePoints(session) {
  const points = makePoints(session.settings);
  Object.assign(session, { points, train: asArrays(points.train), test: asArrays(points.test) });
}

// Note the present losses, over a note of the same step.
export function noteLosses(session) {
  if (session.history.at(-1)?.step === session.net.step) session.history.pop();
  session.history.push(lossesOf(session));
}

// A net before its first step. `isStraight`: all its steps are taken with the present settings.
export function restart(session) {
  Object.assign(session, { net: startNet(session.settings), isStraight: true, diverged: false, history: [] });
  takePoints(session);
  noteLosses(session);
}

export function startSession(settings) {
  const session = { settings };
  restart(session);
  return session;
}

// A net whose weights came with a link; of its past nothing is known.
export function adoptNet(session, { settings, weights, isStraight }) {
  Object.assign(session.settings, settings);
  restart(session);
  Object.assign(session.net, { weights: Float64Array.from(weights), step: settings.steps, isFromLink: true });
  session.isStraight = isStraight;
  session.history = [lossesOf(session)];
}

// Steps of which the losses are kept: all below 1,000, then every tenth, then every hundredth.
export function isKept(step) {
  return step % 10 ** Math.max(0, Math.floor(Math.log10(Math.max(step, 1))) - 2) === 0;
}

export function advance(session) {
  if (session.net.isFromLink) session.isStraight = false; // the optimizer's memory did not come with it
  const loss = trainStep(session.settings, session.net, session.train);
  session.diverged = !(loss <= HUGE);
  if (isKept(session.net.step)) noteLosses(session);
}

// Other points or another net start afresh; with another way of training the same net goes on. `isKeeping`: the net
// goes on in any case, as when a point is added.
export function changeSettings(session, values, isKeeping = false) {
  Object.assign(session.settings, values);
  const isAnother = Object.keys(values).some((name) => RESTARTING.includes(name));
  if (session.net.step === 0 || (isAnother && !isKeeping)) { restart(session); return; }
  session.isStraight = false;
  if ("optimizer" in values) session.net.memory = {};
  if ("points" in values) takePoints(session);
  noteLosses(session);
}

// The note of least test loss, or null.
export function leastTest(history) {
  return history.reduce((least, note) => (note.test < (least?.test ?? Infinity) ? note : least), null);
}

// What there is to notice when the training stands still.
export function remark(history, { depth }) {
  const [now, least] = [history.at(-1), leastTest(history)];
  if (now.step === 0) return "Press Train and watch the line at which the net is undecided.";
  if (least && now.train < least.train && now.test > 1.15 * least.test + 0.02) {
    return `Over-fitting: the test loss was least, ${numberText(least.test, 3)}, at step ${least.step}.`;
  }
  if (now.step < 300 || now.train < 0.4) return "";
  if (depth === 0) return "Without a hidden layer the line is straight, however long it trains.";
  return "Under-fitting: the training loss stays high. Try another learning rate, more units or a weaker penalty.";
}

export function statusText({ settings, net, points, test, history, diverged }) {
  if (!points.train.length) return "There are no training points: tap the plane to place some.";
  if (diverged) return `Diverged at step ${net.step}: lower the learning rate, then press Reset.`;
  const [now, total] = [history.at(-1), points.test.length];
  const right = countRight(logitsOf(net, test.inputs), test.labels);
  const tested = total ? `, test loss ${numberText(now.test, 3)}; ${right} of ${total} test points right` : "";
  return `Step ${net.step}: training loss ${numberText(now.train, 3)}${tested}. ${remark(history, settings)}`;
}
