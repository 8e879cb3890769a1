// What GanLab1D says: the sentence about what is shown, the drawing in words, and the table.

import { dataMoments } from "./gan_measures.js";
import { numberText } from "./ui.js";

export const GAN_DATA = { near: "one Gaussian, near", far: "one Gaussian, far away", two: "two Gaussians" };
const FACTORS = { saturating: "σ(f)", "non-saturating": "1 − σ(f)", "least squares": "2|f − 1|" };

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
  const what = FACTORS[objective];
  if (!what) return `The gradient that they feel is the critic's slope itself: |f′| is ${ganNumber(felt)} on average.`;
  return `The gradient that they feel is ${what} · |f′|, on average ${ganNumber(felt)}: ${what} is `
    + `${ganNumber(factor)} and |f′| is ${ganNumber(slope)}.`;
}

function isCollapsed({ step, covered, peaks }) {
  return step >= 200 && peaks === 2 && covered === 1;
}

// One thing that there is to notice.
export function ganRemark(measured) {
  const { objective, data, step, mean, spread, felt, covered, peaks, outside } = measured;
  const wanted = dataMoments(data);
  if (step === 0) return "The critic is 0 everywhere: it knows nothing yet. Press Run.";
  if (outside > 0) return `Of the made samples ${ganNumber(100 * outside)} % lie outside the picture.`;
  if (isCollapsed(measured)) {
    return objective === "Wasserstein" ? "One peak of the data is missing."
      : "Mode collapse: one peak of the data is missing. Cure it with the Wasserstein objective.";
  }
  if (peaks === 2) return covered === 2 ? "Both peaks are covered." : "";
  if (Math.abs(mean - wanted.mean) > 2) {
    return felt < 0.02 ? "So the generator hardly moves, far from the data." : "They are still far from the data.";
  }
  const isNear = Math.abs(mean - wanted.mean) < 0.3 && Math.abs(spread - wanted.spread) < 0.2;
  return isNear ? "Mean and spread are nearly the data's." : "";
}

export function ganSentence(measured) {
  const { objective, data, step, criticSteps, loss, mean, spread, covered, peaks } = measured;
  const [wanted, updates] = [dataMoments(data), criticSteps === 1 ? "1 critic update" : `${criticSteps} critic updates`];
  return `${capitalized(objective)}, step ${step}, ${updates} a step: the generator's loss is ${ganNumber(loss)}. `
    + `Made samples have mean ${ganNumber(mean)} and spread ${ganNumber(spread)} (data ${ganNumber(wanted.mean)} and `
    + `${ganNumber(wanted.spread)}) and cover ${covered} of ${peaks} ${peaks === 1 ? "peak" : "peaks"}. `
    + `${feltSentence(measured)} ${ganRemark(measured)}`.trimEnd();
}

// The drawing for whom it says nothing.
export function ganPictureText({ objective, arrows }) {
  const ways = [arrows.filter(({ push }) => push < 0).length, arrows.filter(({ push }) => push > 0).length];
  return `A line from −6 to 6. Above it the critic's curve under the ${objective} objective and the best curve for these `
    + "densities, then the densities of data and made samples. Below, 17 made samples with arrows the way a step moves "
    + `them: ${ways[0]} to the left, ${ways[1]} to the right.`;
}

export const GAN_COLUMNS = [
  "step", "critic's loss", "generator's loss", "mean", "spread", "peaks covered", "mean |gradient|",
];

export function ganRow({ step, criticLoss, loss, mean, spread, covered, felt }) {
  return [step, criticLoss, loss, mean, spread, covered, felt].map((v) => (Number.isNaN(v) ? "–" : ganNumber(v)));
}
