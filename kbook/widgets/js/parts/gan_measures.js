// What GanLab1D measures and draws of its GAN: densities, the best critic for them, and what the made samples feel.

import { DATA, feltGradient, generatorLoss, meanAndSpread, netAt, normalQuantiles, OBJECTIVES } from "./gan_1d.js";
import { sigmoid } from "./math.js";

export const REACH = 6; // the line is drawn from −6 to 6
export const BANDWIDTH = 0.15; // standard deviation of the kernels of the density estimate
const [COUNT, ROWS] = [256, 17]; // made samples that are measured, and those with an arrow
const EMPTY = 1e-4; // where both densities are lower, no critic learns anything
const COVERED = 0.1; // share of the made samples that covers a peak, of which they lie within 3 deviations
const NOISE = normalQuantiles(COUNT);
export const ARROW_NOISE = normalQuantiles(ROWS);

function bell(x, center, deviation) {
  return Math.exp(-(((x - center) / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI));
}

export function dataDensity(data, x) {
  const peaks = DATA[data];
  return peaks.reduce((sum, [center, deviation]) => sum + bell(x, center, deviation), 0) / peaks.length;
}

// The kernel estimate of the density of samples at x.
export function sampleDensity(samples, x) {
  return samples.reduce((sum, sample) => sum + bell(x, sample, BANDWIDTH), 0) / samples.length;
}

export function dataMoments(data) {
  const peaks = DATA[data];
  const mean = peaks.reduce((sum, [center]) => sum + center, 0) / peaks.length;
  const square = peaks.reduce((sum, [center, deviation]) => sum + center ** 2 + deviation ** 2, 0) / peaks.length;
  return { mean, spread: Math.sqrt(square - mean ** 2) };
}

// How many peaks of the data the samples cover.
export function coveredPeaks(data, samples) {
  return DATA[data].filter(([center, deviation]) => (
    samples.filter((x) => Math.abs(x - center) < 3 * deviation).length >= COVERED * samples.length)).length;
}

// The critic as it is drawn: as a probability, or as its score.
export function drawnScore(objective, f) {
  return objective === "saturating" || objective === "non-saturating" ? sigmoid(f) : f;
}

// The best critic for densities p and q on an even grid: p/(p + q), or for Wasserstein the curve, up to a constant, that
// has slope 1 where more of the made samples than of the data lie to the left, and −1 where fewer do. Null where
// nothing lies.
export function bestCritic(objective, p, q, size) {
  if (objective !== "Wasserstein") return p.map((v, i) => (v + q[i] < EMPTY ? null : v / (v + q[i])));
  let [surplus, height] = [0, 0];
  return p.map((v, i) => {
    surplus += (q[i] - v) * size;
    if (Math.abs(surplus) > 1e-3) height += Math.sign(surplus) * size;
    return height;
  });
}

// All that is drawn and said of a GAN as it stands.
export function measureGan(gan) {
  const { objective, data, generator, critic, step } = gan;
  const samples = NOISE.map((z) => netAt(generator, z).value);
  const scores = samples.map((x) => netAt(critic, x));
  const mean = (values) => values.reduce((sum, v) => sum + Math.abs(v), 0) / values.length;
  const arrows = ARROW_NOISE.map((z) => {
    const x = netAt(generator, z).value;
    return { x, push: -feltGradient(objective, netAt(critic, x)) };
  });
  return {
    objective, data, step, criticSteps: gan.criticSteps, arrows, samples, criticLoss: gan.criticLoss,
    loss: generatorLoss(objective, generator, critic, NOISE).loss, ...meanAndSpread(samples),
    covered: coveredPeaks(data, samples), peaks: DATA[data].length,
    felt: mean(scores.map((score) => feltGradient(objective, score))),
    factor: mean(scores.map(({ value }) => OBJECTIVES[objective].generatorSlope(value))),
    slope: mean(scores.map((score) => score.slope)),
    outside: samples.filter((x) => Math.abs(x) > REACH).length / COUNT,
  };
}

// The curves of a GAN at `count` places across the line.
export function ganCurves(gan, samples, count) {
  const size = (2 * REACH) / (count - 1);
  const places = Array.from({ length: count }, (_, i) => -REACH + i * size);
  const [p, q] = [places.map((x) => dataDensity(gan.data, x)), places.map((x) => sampleDensity(samples, x))];
  const critic = places.map((x) => drawnScore(gan.objective, netAt(gan.critic, x).value));
  const best = bestCritic(gan.objective, p, q, size);
  if (gan.objective !== "Wasserstein") return { places, p, q, critic, best };
  const centered = (values) => values.map((v) => v - (Math.max(...values) + Math.min(...values)) / 2);
  return { places, p, q, critic: centered(critic), best: centered(best) };
}
