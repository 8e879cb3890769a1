// The GAN of GanLab1D: a generator G and a critic D on the line, each with one layer of tanh units, their losses under
// three objectives, and every gradient by hand; tests hold them against autograd.

import { meanAndSpread, normalNumbers, normalQuantiles, uniformNumbers } from "./gan_numbers.js";
import { sigmoid } from "./math.js";

export const UNITS = 16; // hidden units of either net
const BATCH = 64; // samples of either kind in an update
const RATE = 0.02; // of both nets
const PENALTY = 10; // weight of the gradient penalty
const [DECAY1, DECAY2, TINY] = [0.5, 0.9, 1e-8]; // of the critic's Adam
const START = { mean: -3, spread: 0.5 }; // of the made samples

// The peaks of the data, all of the same height: [center, standard deviation].
export const DATA = { near: [[-1.2, 0.6]], far: [[3, 0.6]], two: [[-2.5, 0.45], [2.5, 0.45]] };

const softplus = (f) => Math.max(f, 0) + Math.log1p(Math.exp(-Math.abs(f)));

// What each objective makes of the critic's output f: the critic's loss of a real and of a made sample, the generator's
// of a made one, and their derivatives by f. For "gan" f is the logit of D, which is the probability that the sample is
// real, and the generator's loss is the non-saturating −ln D; for the others D is f itself.
export const OBJECTIVES = {
  gan: {
    real: (f) => softplus(-f), realSlope: (f) => sigmoid(f) - 1, made: softplus, madeSlope: sigmoid,
    generator: (f) => softplus(-f), generatorSlope: (f) => sigmoid(f) - 1,
  },
  "least-squares": {
    real: (f) => (f - 1) ** 2, realSlope: (f) => 2 * (f - 1), made: (f) => f ** 2, madeSlope: (f) => 2 * f,
    generator: (f) => (f - 1) ** 2, generatorSlope: (f) => 2 * (f - 1),
  },
  wasserstein: {
    real: (f) => -f, realSlope: () => -1, made: (f) => f, madeSlope: () => 1,
    generator: (f) => -f, generatorSlope: () => -1,
  },
};

// The value and the slope of a net at x. Its weights in one array: w of all units, b, v, then c, with
// f(x) = c + Σ v tanh(w x + b).
export function netAt(weights, x) {
  let value = weights[3 * UNITS];
  let slope = 0;
  for (let k = 0; k < UNITS; k++) {
    const w = weights[k];
    const v = weights[2 * UNITS + k];
    const t = Math.tanh(w * x + weights[UNITS + k]);
    value += v * t;
    slope += v * w * (1 - t * t);
  }
  return { value, slope };
}

// Add to `gradient` the derivatives by all weights of byValue · f(x) + bySlope · f′(x).
export function addGradient(gradient, weights, x, byValue, bySlope = 0) {
  for (let k = 0; k < UNITS; k++) {
    const w = weights[k];
    const v = weights[2 * UNITS + k];
    const t = Math.tanh(w * x + weights[UNITS + k]);
    const bend = 1 - t * t; // tanh′, whose own derivative is −2 t tanh′
    const byInside = v * bend * (byValue - 2 * bySlope * w * t); // by w x + b
    gradient[k] += byInside * x + bySlope * v * bend;
    gradient[UNITS + k] += byInside;
    gradient[2 * UNITS + k] += byValue * t + bySlope * w * bend;
  }
  gradient[3 * UNITS] += byValue;
}

// The critic's mean loss on as many made as real samples, and its derivatives by the critic's weights. "wasserstein"
// adds 10 · max(|f′| − 1, 0)² at `between`, places between a real and a made sample. The penalty is one-sided: on a line a
// slope can turn around only through 0, and there the two-sided 10 · (|f′| − 1)² charges 10.
export function criticLoss(objective, weights, { real, made, between }) {
  const loss = OBJECTIVES[objective];
  const [gradient, share] = [new Float64Array(weights.length), 1 / real.length];
  let total = 0;
  const add = (x, value, slope) => {
    const score = netAt(weights, x).value;
    total += share * value(score);
    addGradient(gradient, weights, x, share * slope(score));
  };
  real.forEach((x) => add(x, loss.real, loss.realSlope));
  made.forEach((x) => add(x, loss.made, loss.madeSlope));
  if (objective !== "wasserstein") return { loss: total, gradient };
  for (const x of between) {
    const { slope } = netAt(weights, x);
    const excess = Math.max(Math.abs(slope) - 1, 0);
    total += share * PENALTY * excess ** 2;
    addGradient(gradient, weights, x, 0, 2 * share * PENALTY * excess * Math.sign(slope));
  }
  return { loss: total, gradient };
}

// What a made sample feels: the derivative of its generator loss by its place, from the critic's score and slope there.
export function feltGradient(objective, { value, slope }) {
  return OBJECTIVES[objective].generatorSlope(value) * slope;
}

// The generator's mean loss on noise, and its derivatives by the generator's weights.
export function generatorLoss(objective, weights, critic, noise) {
  const gradient = new Float64Array(weights.length);
  let total = 0;
  for (const z of noise) {
    const score = netAt(critic, netAt(weights, z).value);
    total += OBJECTIVES[objective].generator(score.value) / noise.length;
    addGradient(gradient, weights, z, feltGradient(objective, score) / noise.length);
  }
  return { loss: total, gradient };
}

// One update by Adam, in place; `memory` starts as {}.
export function criticUpdate(weights, gradient, memory) {
  memory.step = (memory.step ?? 0) + 1;
  memory.mean ??= new Float64Array(weights.length);
  memory.square ??= new Float64Array(weights.length);
  const [trust1, trust2] = [1 - DECAY1 ** memory.step, 1 - DECAY2 ** memory.step]; // both averages start at 0
  for (let i = 0; i < weights.length; i++) {
    memory.mean[i] = DECAY1 * memory.mean[i] + (1 - DECAY1) * gradient[i];
    memory.square[i] = DECAY2 * memory.square[i] + (1 - DECAY2) * gradient[i] ** 2;
    weights[i] -= (RATE * memory.mean[i]) / trust1 / (Math.sqrt(memory.square[i] / trust2) + TINY);
  }
}

// One update by plain gradient descent, in place. Adam would divide by the size of the gradient, and a generator that
// feels almost nothing would run as fast as any other.
export function generatorUpdate(weights, gradient) {
  for (let i = 0; i < weights.length; i++) weights[i] -= RATE * gradient[i];
}

// A generator whose samples have the mean and spread of START for every seed.
function startGenerator(random) {
  const weights = Float64Array.from({ length: 3 * UNITS + 1 }, (_, k) => (k < 2 * UNITS ? 2 : 1) * (2 * random() - 1));
  const { mean, spread } = meanAndSpread(normalQuantiles(256).map((z) => netAt(weights, z).value));
  const factor = START.spread / spread;
  for (let k = 2 * UNITS; k < 3 * UNITS; k++) weights[k] *= factor;
  weights[3 * UNITS] = START.mean + (weights[3 * UNITS] - mean) * factor;
  return weights;
}

// A critic that is 0 everywhere, its units spread over the line from −5 to 5.
function startCritic(random) {
  const weights = new Float64Array(3 * UNITS + 1);
  for (let k = 0; k < UNITS; k++) {
    weights[k] = (random() < 0.5 ? -1 : 1) * (0.5 + random());
    weights[UNITS + k] = -weights[k] * 5 * (2 * random() - 1);
  }
  return weights;
}

// Both nets before the first step. `hold`: only the critic learns. `criticLoss` is that of the critic's last update.
export function startGan({ objective, data, critic_steps: criticSteps, hold, seed }) {
  const random = uniformNumbers(seed);
  const [generator, critic] = [startGenerator(random), startCritic(random)];
  return { objective, data, criticSteps, hold, random, generator, critic, memory: {}, step: 0, criticLoss: NaN };
}

function drawBatch({ data, generator, random }) {
  const [normal, peaks] = [normalNumbers(random), DATA[data]];
  const real = Array.from({ length: BATCH }, () => {
    const [center, deviation] = peaks[Math.floor(random() * peaks.length)];
    return center + deviation * normal();
  });
  const made = real.map(() => netAt(generator, normal()).value);
  const between = real.map((x, i) => made[i] + random() * (x - made[i]));
  return { real, made, between };
}

// One step: some updates of the critic, each on a fresh batch, then one of the generator, unless it is held.
export function advanceGan(gan) {
  for (let k = 0; k < gan.criticSteps; k++) {
    const { loss, gradient } = criticLoss(gan.objective, gan.critic, drawBatch(gan));
    criticUpdate(gan.critic, gradient, gan.memory);
    gan.criticLoss = loss;
  }
  gan.step += 1;
  if (gan.hold) return;
  const noise = Array.from({ length: BATCH }, normalNumbers(gan.random));
  generatorUpdate(gan.generator, generatorLoss(gan.objective, gan.generator, gan.critic, noise).gradient);
}
