// What GanLab1D measures and draws of its GAN: densities and their distances, the best critic for them, and what the
// made samples feel.

import { DATA, feltGradient, generatorLoss, netAt, OBJECTIVES } from "./gan_1d.js";
import {
  bell, jensenShannon, meanAndSpread, normalQuantiles, quantiles, wassersteinDistance,
} from "./gan_numbers.js";
import { sigmoid } from "./math.js";

export const REACH = 6; // the line is drawn from −6 to 6
export const BANDWIDTH = 0.15; // standard deviation of the kernels of the density estimate
const [MEASURED, ARROWS] = [256, 13]; // made samples that are measured, and those with an arrow
const GRID = 241; // places on the line at which curves are drawn
const EMPTY = 1e-4; // where both densities are lower, no critic learns anything
const COVERED = 0.1; // share of the made samples that covers a peak, of which they lie within 3 deviations
const NOISE = normalQuantiles(MEASURED);
export const ARROW_NOISE = normalQuantiles(ARROWS);

export function dataDensity(data, x) {
  const peaks = DATA[data];
  return peaks.reduce((sum, [center, deviation]) => sum + bell(x, center, deviation), 0) / peaks.length;
}

// As many samples of the data as are measured of the made ones, at equal shares.
export function dataSamples(data) {
  return quantiles((x) => dataDensity(data, x), MEASURED);
}

const DATA_SAMPLES = Object.fromEntries(Object.keys(DATA).map((data) => [data, dataSamples(data)]));

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

// D from the critic's output f.
export function criticScore(objective, f) {
  return objective === "gan" ? sigmoid(f) : f;
}

// The best critic for densities p and q on an even grid: p/(p + q), or for "wasserstein" the curve, up to a constant,
// that has slope 1 where more of the made samples than of the data lie to the left, and −1 where fewer do. Null where
// nothing lies.
export function bestCritic(objective, p, q, size) {
  if (objective !== "wasserstein") return p.map((v, i) => (v + q[i] < EMPTY ? null : v / (v + q[i])));
  let [surplus, height] = [0, 0];
  return p.map((v, i) => {
    surplus += (q[i] - v) * size;
    if (Math.abs(surplus) > 1e-3) height += Math.sign(surplus) * size;
    return height;
  });
}

// The curves of a GAN at even places across the line.
export function ganCurves({ objective, data, critic }, samples) {
  const size = (2 * REACH) / (GRID - 1);
  const places = Array.from({ length: GRID }, (_, i) => -REACH + i * size);
  const [p, q] = [places.map((x) => dataDensity(data, x)), places.map((x) => sampleDensity(samples, x))];
  const scores = places.map((x) => criticScore(objective, netAt(critic, x).value));
  const best = bestCritic(objective, p, q, size);
  if (objective !== "wasserstein") return { places, size, p, q, critic: scores, best };
  const centered = (values) => values.map((v) => v - (Math.max(...values) + Math.min(...values)) / 2);
  return { places, size, p, q, critic: centered(scores), best: centered(best) };
}

// All that is drawn and said of a GAN as it stands. `felt` is the mean size of the gradient that the made samples get,
// a product of the objective's `factor` and the `slope` of the critic's output, each the mean of its size.
export function measureGan(gan) {
  const { objective, data, generator, critic } = gan;
  const samples = NOISE.map((z) => netAt(generator, z).value);
  const scores = samples.map((x) => netAt(critic, x));
  const curves = ganCurves(gan, samples);
  const meanSize = (values) => values.reduce((sum, v) => sum + Math.abs(v), 0) / values.length;
  const arrows = ARROW_NOISE.map((z) => {
    const x = netAt(generator, z).value;
    return { x, push: -feltGradient(objective, netAt(critic, x)) };
  });
  return {
    objective, data, hold: gan.hold, step: gan.step, criticLoss: gan.criticLoss, arrows, curves,
    loss: generatorLoss(objective, generator, critic, NOISE).loss, ...meanAndSpread(samples),
    covered: coveredPeaks(data, samples), peaks: DATA[data].length,
    felt: meanSize(scores.map((score) => feltGradient(objective, score))),
    factor: meanSize(scores.map(({ value }) => OBJECTIVES[objective].generatorSlope(value))),
    slope: meanSize(scores.map((score) => score.slope)),
    outside: samples.filter((x) => Math.abs(x) > REACH).length / MEASURED,
    wasserstein: wassersteinDistance(samples, DATA_SAMPLES[data]),
    divergence: jensenShannon(curves.p, curves.q, curves.size),
  };
}
