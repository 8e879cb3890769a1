// Layers of a net that look at one pixel, one channel or everything at once; see nn.js.

import { paddedPicture, requireChannels } from "./nn_windows.js";

// A layer that applies f(number, layer) to each number by itself.
export function pointwise(f) {
  return ({ shape, data }, layer) => {
    const out = new Float32Array(data.length);
    for (let i = 0; i < data.length; i++) out[i] = f(data[i], layer);
    return { shape, data: out };
  };
}

export function addTensors(a, b) {
  if (a.shape.join() !== b.shape.join()) throw new Error(`residual cannot add [${a.shape}] and [${b.shape}].`);
  const out = new Float32Array(a.data.length);
  for (let i = 0; i < out.length; i++) out[i] = a.data[i] + b.data[i];
  return { shape: a.shape, data: out };
}

export function flattened({ data }) {
  return { shape: [data.length], data };
}

// y = W x + b
export function linearOf({ shape, data }, { weight, bias }) {
  const [outputs, inputs] = weight.shape;
  requireChannels("linear", { shape }, inputs, 1);
  const out = new Float32Array(outputs);
  for (let row = 0; row < outputs; row++) {
    let sum = bias ? bias.data[row] : 0;
    for (let i = 0, at = row * inputs; i < inputs; i++, at++) sum += weight.data[at] * data[i];
    out[row] = sum;
  }
  return { shape: [outputs], data: out };
}

// Scale and shift each channel, of a picture or of a vector.
export function affineOf(x, { scale, shift }) {
  requireChannels("affine", x, scale.shape[0], x.shape.length);
  const plane = x.data.length / x.shape[0];
  const out = new Float32Array(x.data.length);
  for (let i = 0; i < out.length; i++) {
    const channel = Math.floor(i / plane);
    out[i] = scale.data[channel] * x.data[i] + shift.data[channel];
  }
  return { shape: x.shape, data: out };
}

// Bring each channel to mean 0 and variance 1 over the picture, then scale and shift it.
export function instanceNorm(x, { eps, channels, scale, shift }) {
  requireChannels("instance_norm", x, channels);
  const [, height, width] = x.shape;
  const plane = height * width;
  const out = new Float32Array(x.data.length);
  for (let channel = 0; channel < channels; channel++) {
    const [start, end] = [channel * plane, (channel + 1) * plane];
    let [mean, variance] = [0, 0];
    for (let i = start; i < end; i++) mean += x.data[i] / plane;
    for (let i = start; i < end; i++) variance += (x.data[i] - mean) ** 2 / plane;
    const factor = (scale ? scale.data[channel] : 1) / Math.sqrt(variance + eps);
    const offset = shift ? shift.data[channel] : 0;
    for (let i = start; i < end; i++) out[i] = factor * (x.data[i] - mean) + offset;
  }
  return { shape: x.shape, data: out };
}

// One number for each channel: summary(data, start, end).
function overChannels(op, x, summary) {
  requireChannels(op, x, x.shape[0]);
  const plane = x.shape[1] * x.shape[2];
  const out = new Float32Array(x.shape[0]);
  for (let i = 0; i < out.length; i++) out[i] = summary(x.data, i * plane, (i + 1) * plane);
  return { shape: [out.length, 1, 1], data: out };
}

export function globalMaximum(x) {
  return overChannels("global_max_pool", x, (data, start, end) => {
    let most = -Infinity;
    for (let i = start; i < end; i++) most = Math.max(most, data[i]);
    return most;
  });
}

export function globalAverage(x) {
  return overChannels("global_avg_pool", x, (data, start, end) => {
    let sum = 0;
    for (let i = start; i < end; i++) sum += data[i];
    return sum / (end - start);
  });
}

// Repeat each pixel.
export function upsampled(x, { factor: [down, across] }) {
  requireChannels("upsample", x, x.shape[0]);
  const [channels, height, width] = x.shape;
  const out = new Float32Array(channels * height * down * width * across);
  let at = 0;
  for (let row = 0; row < channels * height * down; row++) {
    const start = Math.floor(row / down) * width;
    for (let column = 0; column < width * across; column++) out[at++] = x.data[start + Math.floor(column / across)];
  }
  return { shape: [channels, height * down, width * across], data: out };
}

export function paddedBy(x, { mode, padding: [left, right, top, bottom] }) {
  requireChannels("pad", x, x.shape[0]);
  return paddedPicture(x, { left, right, top, bottom }, mode);
}
