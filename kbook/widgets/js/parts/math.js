// The formulas of chapter 1, the same as in kbook.losses; a test holds the two together.

export function logSumExp(z) {
  const top = Math.max(...z);
  return top + Math.log(z.reduce((sum, v) => sum + Math.exp(v - top), 0));
}

export function logSoftmax(z) {
  const top = Math.max(...z);
  const rest = logSumExp(z.map((v) => v - top)); // small, so that no digits of v − top are lost
  return z.map((v) => v - top - rest);
}

export function softmax(z) {
  return logSoftmax(z).map(Math.exp);
}

export function crossEntropy(z, target) {
  return -logSoftmax(z)[target];
}

// ∂ℓ/∂z = p − y
export function crossEntropyGradient(z, target) {
  return softmax(z).map((p, k) => p - (k === target ? 1 : 0));
}

export function sigmoid(z) {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

export function binaryCrossEntropy(z, y) {
  return Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z)));
}

// ∂ℓ/∂z = σ(z) − y
export function binaryCrossEntropyGradient(z, y) {
  return sigmoid(z) - y;
}
