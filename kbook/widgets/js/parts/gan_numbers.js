// Random numbers, densities and distances on a line, for GanLab1D.

import { generator } from "./points.js";

export const uniformNumbers = generator; // by seed; in a GAN the word means something else

// Normal numbers from uniform ones, by Box and Muller.
export function normalNumbers(random) {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

// The density of the normal distribution.
export function bell(x, center, deviation) {
  return Math.exp(-(((x - center) / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI));
}

// `count` places at which equal shares of a density lie, by adding it up from −10 to 10.
export function quantiles(density, count) {
  const [size, places] = [1e-3, []];
  let below = 0;
  for (let i = 0; i < 20 / size && places.length < count; i++) {
    const x = -10 + i * size;
    const more = size * density(x + size / 2);
    while (places.length < count && below + more >= (places.length + 0.5) / count) {
      places.push(x + (size * ((places.length + 0.5) / count - below)) / more);
    }
    below += more;
  }
  return places;
}

// Noise for what is shown: always the same, so that only learning moves the picture.
export function normalQuantiles(count) {
  return quantiles((z) => bell(z, 0, 1), count);
}

export function meanAndSpread(values) {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return { mean, spread: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length) };
}

// The Wasserstein distance of two sets of as many samples: in one dimension nothing is cheaper than to carry the
// smallest to the smallest, the next to the next, and so on.
export function wassersteinDistance(samples, others) {
  const [a, b] = [samples, others].map((values) => [...values].sort((v, w) => v - w));
  return a.reduce((sum, v, i) => sum + Math.abs(v - b[i]), 0) / a.length;
}

// The Jensen–Shannon divergence, in nats, of two densities on a grid with steps of this size.
export function jensenShannon(p, q, size) {
  const part = (v, middle) => (v > 0 ? v * Math.log(v / middle) : 0);
  return (size / 2) * p.reduce((sum, v, i) => sum + part(v, (v + q[i]) / 2) + part(q[i], (v + q[i]) / 2), 0);
}
