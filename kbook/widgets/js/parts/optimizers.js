// The update rules of chapter 3, as torch.optim has them; a test holds the two together. Each changes the array
// `weights` in place and remembers what it needs in `memory`, which starts as {}. `rate` is the learning rate; `decay`
// is torch's weight_decay: part of the gradient everywhere but in adamw, which takes it off the weights directly.

const MOMENTUM = 0.9;
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

export function sgd(weights, gradient, memory, rate, decay = 0) {
  for (let i = 0; i < weights.length; i++) weights[i] -= rate * (gradient[i] + decay * weights[i]);
}

export function momentum(weights, gradient, memory, rate, decay = 0) {
  memory.velocity ??= new Float64Array(weights.length);
  for (let i = 0; i < weights.length; i++) {
    memory.velocity[i] = MOMENTUM * memory.velocity[i] + gradient[i] + decay * weights[i];
    weights[i] -= rate * memory.velocity[i];
  }
}

export function adam(weights, gradient, memory, rate, decay = 0) {
  memory.step = (memory.step ?? 0) + 1;
  memory.mean ??= new Float64Array(weights.length);
  memory.square ??= new Float64Array(weights.length);
  const [trust1, trust2] = [1 - BETA1 ** memory.step, 1 - BETA2 ** memory.step]; // both averages start at 0
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i] + decay * weights[i];
    memory.mean[i] = BETA1 * memory.mean[i] + (1 - BETA1) * g;
    memory.square[i] = BETA2 * memory.square[i] + (1 - BETA2) * g * g;
    weights[i] -= (rate * memory.mean[i]) / trust1 / (Math.sqrt(memory.square[i] / trust2) + EPSILON);
  }
}

export function adamw(weights, gradient, memory, rate, decay = 0.01) {
  for (let i = 0; i < weights.length; i++) weights[i] *= 1 - rate * decay;
  adam(weights, gradient, memory, rate);
}

export const OPTIMIZERS = { sgd, momentum, adam, adamw };
