// The multilayer perceptron of Playground: two inputs, hidden layers of one width, one output z, the logit of class 1.
// All weights lie in one array, layer by layer, the matrix row by row and then the biases, as in torch's parameters().

import { sigmoid, binaryCrossEntropy } from "./math.js";
import { OPTIMIZERS } from "./optimizers.js";
import { generator } from "./points.js";

// Each activation, and its derivative written with the activation's own value.
const ACTIVATIONS = {
  relu: { of: (z) => Math.max(z, 0), slope: (a) => (a > 0 ? 1 : 0) },
  tanh: { of: Math.tanh, slope: (a) => 1 - a * a },
  sigmoid: { of: sigmoid, slope: (a) => a * (1 - a) },
};

export function layerSizes(width, depth) {
  return [2, ...Array(depth).fill(width), 1];
}

export function countWeights(sizes) {
  return sizes.slice(1).reduce((sum, size, layer) => sum + size * (sizes[layer] + 1), 0);
}

// He's rule for a layer of n inputs: weights of variance 2/n, here uniform from −√(6/n) to √(6/n); biases 0.
export function startWeights(sizes, seed) {
  const random = generator(seed);
  const weights = [];
  for (let layer = 1; layer < sizes.length; layer++) {
    const limit = Math.sqrt(6 / sizes[layer - 1]);
    for (let k = 0; k < sizes[layer] * sizes[layer - 1]; k++) weights.push(limit * (2 * random() - 1));
    for (let k = 0; k < sizes[layer]; k++) weights.push(0);
  }
  return Float64Array.from(weights);
}

// What comes out of every layer, first the inputs, last the logits; sample after sample.
export function forward(sizes, activation, weights, inputs) {
  const { of } = ACTIVATIONS[activation];
  const outputs = [inputs];
  const count = inputs.length / 2;
  let start = 0;
  for (let layer = 1; layer < sizes.length; layer++) {
    const [from, to, isLast] = [sizes[layer - 1], sizes[layer], layer === sizes.length - 1];
    const [input, output, biases] = [outputs[layer - 1], new Float64Array(count * to), start + from * to];
    for (let n = 0; n < count; n++) {
      for (let j = 0; j < to; j++) {
        let z = weights[biases + j];
        for (let i = 0; i < from; i++) z += weights[start + j * from + i] * input[n * from + i];
        output[n * to + j] = isLast ? z : of(z);
      }
    }
    start = biases + to;
    outputs.push(output);
  }
  return outputs;
}

export function logitsOf(net, inputs) {
  return forward(net.sizes, net.activation, net.weights, inputs).at(-1);
}

export function meanLoss(logits, labels) {
  return logits.reduce((sum, z, n) => sum + binaryCrossEntropy(z, labels[n]), 0) / labels.length;
}

export function countRight(logits, labels) {
  return logits.reduce((sum, z, n) => sum + ((z > 0) === (labels[n] === 1)), 0);
}

// The mean binary cross-entropy and its derivatives by all weights: back-propagation.
export function lossAndGradient(sizes, activation, weights, { inputs, labels }) {
  const { slope } = ACTIVATIONS[activation];
  const outputs = forward(sizes, activation, weights, inputs);
  const [logits, gradient] = [outputs.at(-1), new Float64Array(weights.length)];
  let delta = logits.map((z, n) => (sigmoid(z) - labels[n]) / labels.length); // ∂L/∂z of the layer's outputs
  let end = weights.length;
  for (let layer = sizes.length - 1; layer > 0; layer--) {
    const [from, to, input] = [sizes[layer - 1], sizes[layer], outputs[layer - 1]];
    const [biases, start, back] = [end - to, end - to - from * to, new Float64Array(input.length)];
    for (let n = 0; n < labels.length; n++) {
      for (let j = 0; j < to; j++) {
        const d = delta[n * to + j];
        gradient[biases + j] += d;
        for (let i = 0; i < from; i++) {
          gradient[start + j * from + i] += d * input[n * from + i];
          back[n * from + i] += d * weights[start + j * from + i];
        }
      }
    }
    for (let k = 0; k < back.length; k++) back[k] *= slope(input[k]); // of the inputs themselves nobody asks
    [delta, end] = [back, start];
  }
  return { loss: meanLoss(logits, labels), gradient };
}

// One step with all training points; gives back the training loss before it. L2 is torch's weight_decay, so with AdamW
// it is taken off the weights directly; L1 adds strength · Σ|w| to what is minimized. Both act on the biases too.
export function trainStep({ optimizer, rate, penalty, strength }, net, train) {
  const { loss, gradient } = lossAndGradient(net.sizes, net.activation, net.weights, train);
  if (penalty === "L1") net.weights.forEach((w, i) => { gradient[i] += strength * Math.sign(w); });
  OPTIMIZERS[optimizer](net.weights, gradient, net.memory, rate, penalty === "L2" ? strength : 0);
  net.step += 1;
  return loss;
}

// A net before its first step, and its optimizer's memory, which is empty then.
export function startNet({ width, depth, activation, seed }) {
  const sizes = layerSizes(width, depth);
  return { sizes, activation, weights: startWeights(sizes, seed), memory: {}, step: 0 };
}
