// What GanLab1D says: the sentences about what is shown, the drawing in words, and the table.

import { dataMoments } from "./gan_measures.js";
import { numberText } from "./ui.js";

export const GAN_NAMES = { gan: "GAN", "least-squares": "least squares", wasserstein: "Wasserstein" };
export const GAN_DATA = { near: "near", far: "far away", two: "two peaks" };
const APART = 0.65; // a JSD above it: the densities hardly overlap, where ln 2 = 0.693 is the most
const HARDLY = 0.05; // a gradient below it moves nobody far in 600 steps

// Two digits; powers of ten for what is below 0.001.
export function ganNumber(v) {
  const text = v !== 0 && Math.abs(v) < 1e-3 ? v.toExponential(0) : numberText(v, 2);
  return text.replaceAll("-", "−");
}

function capitalized(text) {
  return text[0].toUpperCase() + text.slice(1);
}

// What the gradient of a made sample consists of, with the means over the made samples.
export function feltSentence({ objective, felt, factor, slope }) {
  const [all, first, second] = [felt, factor, slope].map(ganNumber);
  const start = `The gradient they feel is ${all} on average:`;
  if (objective === "wasserstein") return `${start} the slope of D itself.`;
  if (objective === "gan") return `${start} 1 − D (${first}) times the slope of D's logit (${second}).`;
  return `${start} 2|1 − D| (${first}) times the slope of D (${second}).`;
}

// One peak of two is missing, late enough that it is no mere beginning.
export function isCollapsed({ step, covered, peaks, hold }) {
  return !hold && step >= 200 && peaks === 2 && covered === 1;
}

// That the densities lie apart, and whether the made samples notice.
function apartRemark({ objective, felt, hold }) {
  const name = objective === "gan" ? "D's logit" : "D";
  const [shape, then] = felt < HARDLY ? ["is flat", "hardly move"] : ["has a slope", "follow it"];
  return `The densities hardly overlap: JSD is about as large as it gets, here or farther away. Under the made samples `
    + `${name} ${shape}: ${hold ? "let go, they would" : "they"} ${then}.`;
}

// One thing that there is to notice.
export function ganRemark(measured) {
  const { data, hold, step, mean, spread, outside, covered, peaks, wasserstein, divergence } = measured;
  const wanted = dataMoments(data);
  if (step === 0) return "The critic is flat: it knows nothing yet. Press Run.";
  if (outside > 0) return `Of the made samples ${ganNumber(100 * outside)} % lie outside the picture.`;
  if (isCollapsed(measured)) {
    return "Mode collapse: at one of the two peaks hardly any samples are made, and the slopes under the others do not "
      + "lead there.";
  }
  if (divergence > APART) return apartRemark(measured);
  if (hold) return "Where the densities overlap, the slope leads from too many made samples to too few.";
  if (peaks === 2) return covered === 2 ? "Both peaks are covered." : "";
  const isNear = Math.abs(mean - wanted.mean) < 0.3 && Math.abs(spread - wanted.spread) < 0.2;
  if (isNear) return "Mean and spread are nearly the data's.";
  return wasserstein > 1 ? "They are on their way to the data." : "";
}

// The status in up to three parts: numbers, gradient, and what to notice.
export function ganSentences(measured) {
  const { objective, data, step, mean, spread, wasserstein, divergence } = measured;
  const wanted = dataMoments(data);
  const numbers = `${GAN_NAMES[objective]}, step ${step}: made samples have mean ${ganNumber(mean)} and spread `
    + `${ganNumber(spread)}, the data ${ganNumber(wanted.mean)} and ${ganNumber(wanted.spread)}. Wasserstein distance `
    + `${ganNumber(wasserstein)}, JSD ${ganNumber(divergence)} of at most 0.69.`;
  return [capitalized(numbers), feltSentence(measured), ganRemark(measured)].filter(Boolean);
}

// The drawing for whom it says nothing.
export function ganPictureText({ objective, arrows }) {
  const [left, right] = [arrows.filter(({ push }) => push < 0).length, arrows.filter(({ push }) => push > 0).length];
  return `A line from −6 to 6. Above it the curve of D under the objective ${GAN_NAMES[objective]} and the best curve `
    + `for these densities, then the densities of data and made samples. Below, ${arrows.length} made samples with arrows `
    + `the way a step pushes them: ${left} to the left, ${right} to the right.`;
}

export const GAN_COLUMNS = [
  "step", "critic's loss", "generator's loss", "mean", "spread", "peaks covered", "Wasserstein distance", "JSD",
  "mean |gradient|",
];

export function ganRow({ step, criticLoss, loss, mean, spread, covered, wasserstein, divergence, felt }) {
  const values = [criticLoss, loss, mean, spread, covered, wasserstein, divergence, felt];
  return [String(step), ...values.map((v) => (Number.isNaN(v) ? "–" : ganNumber(v)))];
}
