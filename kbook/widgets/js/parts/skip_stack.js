// The stack of SkipLab: y = s·x + F(x), block after block, with F(x) = W₂ relu(W₁ norm(x)), and its gradient.
//
// A batch is one array, sample after sample; a matrix is one array, row by row. The switch s is 1 where a block has its
// skip and 0 where it has not; norm is batch normalization without scale and shift, or nothing.

import { generator } from "./points.js";

export const SKIP_WIDTH = 16; // numbers in a vector
export const MOST_BLOCKS = 30;
const SAMPLES = 32;
const EPSILON = 1e-5;
const FIXED = 2_000_000; // the seed of samples and loss, far from those of the weights: all stacks get the same

// Uniform numbers of mean 0 and this variance.
function drawNumbers(random, count, variance) {
  const limit = Math.sqrt(3 * variance);
  return Array.from({ length: count }, () => limit * (2 * random() - 1));
}

// The samples, and the factors c of the loss Σ c·y, which are its gradient by the output.
export function skipBatch() {
  const random = generator(FIXED);
  const draw = () => drawNumbers(random, SAMPLES * SKIP_WIDTH, 1);
  return { samples: draw(), loss: draw() };
}

// He's scale for gain 1: W₁ doubles the mean square, the relu halves it, W₂ keeps it; the gain multiplies W₂. A deeper
// stack begins with the blocks of a shallower one.
export function skipWeights({ blocks, gain, seed }) {
  const random = generator(seed);
  return Array.from({ length: blocks }, () => ({
    first: drawNumbers(random, SKIP_WIDTH ** 2, 2 / SKIP_WIDTH),
    second: drawNumbers(random, SKIP_WIDTH ** 2, gain ** 2 / SKIP_WIDTH),
  }));
}

// Which blocks have their skip, from the numbers of those that have not, counted from 1.
export function skipSwitches(blocks, off) {
  return Array.from({ length: blocks }, (_, i) => !off.includes(i + 1));
}

// W x for each sample x, and Wᵀ d for each sample d.
function timesMatrix(batch, matrix) {
  return mapSamples(batch, (out, x) => {
    for (let i = 0; i < SKIP_WIDTH; i++) {
      for (let j = 0; j < SKIP_WIDTH; j++) out[i] += matrix[i * SKIP_WIDTH + j] * x[j];
    }
  });
}

function timesTransposed(batch, matrix) {
  return mapSamples(batch, (out, d) => {
    for (let i = 0; i < SKIP_WIDTH; i++) {
      for (let j = 0; j < SKIP_WIDTH; j++) out[j] += matrix[i * SKIP_WIDTH + j] * d[i];
    }
  });
}

function mapSamples(batch, fill) {
  const result = new Float64Array(batch.length);
  for (let start = 0; start < batch.length; start += SKIP_WIDTH) {
    fill(result.subarray(start, start + SKIP_WIDTH), batch.slice(start, start + SKIP_WIDTH));
  }
  return result;
}

// Mean over the batch of what `of(k)` is, for each of the numbers in a vector; k counts through the batch.
function batchMeans(length, of) {
  const means = new Float64Array(SKIP_WIDTH);
  for (let k = 0; k < length; k++) means[k % SKIP_WIDTH] += (SKIP_WIDTH * of(k)) / length;
  return means;
}

// x̂ = (x − μ)/√(σ² + ε), with the biased variance, and the roots, which the way back needs.
export function normalizeBatch(batch) {
  const means = batchMeans(batch.length, (k) => batch[k]);
  const variances = batchMeans(batch.length, (k) => (batch[k] - means[k % SKIP_WIDTH]) ** 2);
  const roots = variances.map((v) => Math.sqrt(v + EPSILON));
  const normalized = Float64Array.from(batch, (x, k) => (x - means[k % SKIP_WIDTH]) / roots[k % SKIP_WIDTH]);
  return { normalized, roots };
}

// From ∂loss/∂x̂ to ∂loss/∂x: its mean goes, and its part along x̂, as μ and σ depend on x too.
export function normalizeBack(gradient, { normalized, roots }) {
  const means = batchMeans(gradient.length, (k) => gradient[k]);
  const along = batchMeans(gradient.length, (k) => gradient[k] * normalized[k]);
  return gradient.map((g, k) => {
    const i = k % SKIP_WIDTH;
    return (g - means[i] - normalized[k] * along[i]) / roots[i];
  });
}

// F(x), with what the way back needs.
export function branchForward(x, { first, second }, isNormalized) {
  const norm = isNormalized ? normalizeBatch(x) : null;
  const hidden = timesMatrix(norm ? norm.normalized : x, first);
  return { out: timesMatrix(hidden.map((h) => Math.max(h, 0)), second), hidden, norm };
}

// Jᵀ d, the gradient by the block's input that comes through its branch, from the gradient d by its output.
export function branchBack(d, { first, second }, { hidden, norm }) {
  const throughRelu = timesTransposed(d, second).map((g, k) => (hidden[k] > 0 ? g : 0));
  const gradient = timesTransposed(throughRelu, first);
  return norm ? normalizeBack(gradient, norm) : gradient;
}

// Both passes. `signals` and `gradients` hold L + 1 batches: at the input of each block, and last at the output of the
// stack. A skip hands the signal x on beside F(x), and the gradient d back beside Jᵀ d.
export function runSkips(weights, switches, isNormalized, { samples, loss }) {
  const [signals, branches] = [[Float64Array.from(samples)], []];
  weights.forEach((block, i) => {
    branches.push(branchForward(signals[i], block, isNormalized));
    signals.push(signals[i].map((x, k) => (switches[i] ? x : 0) + branches[i].out[k]));
  });
  const gradients = [Float64Array.from(loss)];
  for (let i = weights.length - 1; i >= 0; i--) {
    const [d] = gradients;
    const through = branchBack(d, weights[i], branches[i]);
    gradients.unshift(d.map((g, k) => (switches[i] ? g : 0) + through[k]));
  }
  return { signals, gradients, branches };
}

function rootMeanSquare(batch) {
  return Math.sqrt(batch.reduce((sum, v) => sum + v * v, 0) / batch.length);
}

// Root mean squares relative to where each pass starts: `signal[l]` after l blocks, so that signal[0] = 1;
// `gradient[l]` at the same place, so that gradient[L] = 1 and gradient[0] is what reaches the input.
export function skipSizes(weights, switches, isNormalized, batch) {
  const { signals, gradients } = runSkips(weights, switches, isNormalized, batch);
  const [signal, gradient] = [signals, gradients].map((list) => list.map(rootMeanSquare));
  return { signal: signal.map((v) => v / signal[0]), gradient: gradient.map((v) => v / gradient.at(-1)) };
}

// The stack as it is switched, and what it is compared with: all skips on.
export function evaluateSkips({ blocks, off, gain, normalize, seed }) {
  const [weights, batch] = [skipWeights({ blocks, gain, seed }), skipBatch()];
  const sizes = (switches) => skipSizes(weights, switches, normalize, batch);
  const isOn = skipSwitches(blocks, off);
  return { isOn, now: sizes(isOn), other: sizes(isOn.map(() => true)) };
}

// Ways from the output to the input: two through a block with its skip, one through a block without.
export function countPaths(isOn) {
  return 2 ** isOn.filter(Boolean).length;
}
