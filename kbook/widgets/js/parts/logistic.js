// The mathematics of LogisticFit: p = σ(w x + b) on data (x, y), three scores of the fit, and the best fit.

import { sigmoid, binaryCrossEntropy, binaryCrossEntropyGradient } from "./math.js";

// What the curve σ(w x + b) gives to each answer that really came: p for y = 1, 1 − p = σ(−z) for y = 0.
export function rightProbabilities(x, y, weight, bias) {
  return x.map((v, i) => sigmoid((y[i] ? 1 : -1) * (weight * v + bias)));
}

export function likelihood(x, y, weight, bias) {
  return rightProbabilities(x, y, weight, bias).reduce((product, p) => product * p, 1);
}

export function meanBce(x, y, weight, bias) {
  return x.reduce((sum, v, i) => sum + binaryCrossEntropy(weight * v + bias, y[i]), 0) / x.length;
}

export function meanSquaredError(x, y, weight, bias) {
  return x.reduce((sum, v, i) => sum + (sigmoid(weight * v + bias) - y[i]) ** 2, 0) / x.length;
}

// Slopes of mean BCE and mean squared error along the threshold t, the weight held: z = w (x − t), ∂z/∂t = −w.
export function thresholdSlopes(x, y, weight, bias) {
  const slopes = { bce: 0, squared: 0 };
  x.forEach((v, i) => {
    const z = weight * v + bias;
    const step = (-weight * binaryCrossEntropyGradient(z, y[i])) / x.length;
    slopes.bce += step;
    slopes.squared += 2 * step * sigmoid(z) * sigmoid(-z);
  });
  return slopes;
}

// The maximum-likelihood fit by Newton's method, on standardized x; a step that makes things worse is halved.
// Where the labels can be separated no best fit exists: the weight grows until the second derivative is lost.
export function bestFit(x, y, steps = 40) {
  const mean = x.reduce((a, b) => a + b) / x.length;
  const scale = Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length);
  const u = x.map((v) => (v - mean) / scale);
  let [w, b] = [0, 0];
  for (let step = 0; step < steps; step += 1) {
    let [gw, gb, hww, hwb, hbb] = [0, 0, 0, 0, 0];
    u.forEach((v, i) => {
      const g = binaryCrossEntropyGradient(w * v + b, y[i]);
      const h = sigmoid(w * v + b) * sigmoid(-w * v - b);
      gw += g * v; gb += g; hww += h * v * v; hwb += h * v; hbb += h;
    });
    const determinant = hww * hbb - hwb * hwb;
    if (!(determinant > 1e-12)) break;
    const [dw, db] = [(hbb * gw - hwb * gb) / determinant, (hww * gb - hwb * gw) / determinant];
    let rate = 1;
    while (rate > 1e-6 && meanBce(u, y, w - rate * dw, b - rate * db) > meanBce(u, y, w, b) + 1e-12) rate /= 2;
    w -= rate * dw;
    b -= rate * db;
  }
  return { weight: w / scale, bias: b - (w * mean) / scale };
}

// The smallest of 1, 2, 5, 10, 20, … times a power of ten that is not below `size`.
export function roundStep(size) {
  const power = 10 ** Math.floor(Math.log10(size));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= size * (1 - 1e-9));
}

// What the sliders and axes span: the data and a third on both sides; from flat to almost a stair, either way up.
export function ranges(x) {
  const [low, high] = [Math.min(...x), Math.max(...x)];
  const span = high - low;
  const round = roundStep(span / 20);
  return {
    low: Math.floor((low - span / 3) / round) * round, high: Math.ceil((high + span / 3) / round) * round,
    step: roundStep(span / 100), tick: roundStep(span / 4), weight: 24 / span,
  };
}

// The three scores at `count` thresholds from low to high, and where on that grid each is best.
export function scoreCurves(x, y, weight, low, high, count = 201) {
  const thresholds = Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
  const over = (score) => thresholds.map((t) => score(x, y, weight, -weight * t));
  const scores = { likelihood: over(likelihood), bce: over(meanBce), squared: over(meanSquaredError) };
  const best = {
    likelihood: scores.likelihood.indexOf(Math.max(...scores.likelihood)),
    bce: scores.bce.indexOf(Math.min(...scores.bce)), squared: scores.squared.indexOf(Math.min(...scores.squared)),
  };
  return { thresholds, ...scores, best };
}
