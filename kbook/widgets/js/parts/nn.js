// A trained net in the page: read the file that Python's kbook.assets.nets writes, and compute one input.
// A tensor is { shape, data }: shape [C, H, W] or [N], and data a Float32Array in row-major order.

import { sigmoid } from "./math.js";
import {
  addTensors, affineOf, flattened, globalAverage, globalMaximum, instanceNorm, linearOf, paddedBy, pointwise, upsampled,
} from "./nn_layers.js";
import { averagePool, convolved, maximumPool, transposedConvolved } from "./nn_windows.js";

// What each op of a file computes: (tensor, layer) → a new tensor, or the same numbers in another shape.
const NET_OPS = {
  conv: convolved,
  conv_transposed: transposedConvolved,
  max_pool: maximumPool,
  avg_pool: averagePool,
  global_max_pool: globalMaximum,
  global_avg_pool: globalAverage,
  linear: linearOf,
  flatten: flattened,
  relu: pointwise((v) => (v < 0 ? 0 : v)),
  leaky_relu: pointwise((v, { slope }) => (v < 0 ? slope * v : v)),
  tanh: pointwise(Math.tanh),
  sigmoid: pointwise(sigmoid),
  affine: affineOf,
  fixed: pointwise((v, { factor, offset }) => factor * v + offset),
  instance_norm: instanceNorm,
  upsample: upsampled,
  pad: paddedBy,
  residual: (x, { body, shortcut }) => addTensors(runLayers(x, body), runLayers(x, shortcut)),
};

const NUMBER_BYTES = { float16: 2, float32: 4 };

// The net in a file, given as an ArrayBuffer, a Uint8Array or an array of bytes: { input, layers }.
export function parseNet(file) {
  try {
    return readNet(new Uint8Array(file));
  } catch (error) {
    throw new Error(`The file of the net is damaged: ${error.message}.`);
  }
}

function readNet(bytes) {
  if (bytes.length < 4) throw new Error("it is cut short");
  const end = 4 + new DataView(bytes.buffer).getUint32(0, true);
  if (end > bytes.length) throw new Error("it is cut short");
  const text = Array.from(bytes.subarray(4, end), (code) => String.fromCharCode(code)).join(""); // ASCII, as written
  const { dtype, input, layers } = JSON.parse(text);
  const numbers = readNumbers(bytes.slice(end).buffer, dtype);
  let place = 0;
  const take = (shape) => {
    const start = place;
    place += numbersIn(shape);
    return { shape, data: numbers.subarray(start, place) };
  };
  const net = { input, layers: layers.map((layer) => withTensors(layer, take)) };
  if (place !== numbers.length) throw new Error(`its layers want ${place} numbers, it holds ${numbers.length}`);
  return net;
}

function numbersIn(shape) {
  return shape.reduce((a, b) => a * b, 1);
}

// A layer with its tensors in place of their shapes, in the order of the file.
function withTensors(layer, take) {
  if (!Object.hasOwn(NET_OPS, layer.op)) throw new Error(`it has an unknown op, ${JSON.stringify(layer.op)}`);
  const whole = { ...layer };
  for (const key of ["weight", "bias", "scale", "shift"]) {
    if (layer[key]) whole[key] = take(layer[key]);
  }
  for (const key of ["body", "shortcut"]) {
    if (layer[key]) whole[key] = layer[key].map((inner) => withTensors(inner, take));
  }
  return whole;
}

function readNumbers(buffer, dtype) {
  const bytes = NUMBER_BYTES[dtype];
  if (!bytes) throw new Error(`its numbers are of an unknown type, ${JSON.stringify(dtype)}`);
  if (buffer.byteLength % bytes) throw new Error("it ends within a number");
  return bytes === 4 ? new Float32Array(buffer) : Float32Array.from(new Uint16Array(buffer), halfToNumber);
}

// The number that 16 bits stand for: a sign, 5 bits of exponent, 10 of fraction (IEEE 754).
export function halfToNumber(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent ? sign * (1 + fraction) * 2 ** (exponent - 15) : sign * fraction * 2 ** -14;
}

// The tensor after each layer of a net; of a residual layer only the sum. A picture may have any size that fits.
export function traceNet(net, tensor) {
  let x = checkedInput(net, tensor);
  return net.layers.map((layer) => { x = NET_OPS[layer.op](x, layer); return x; });
}

// What a net says to a tensor.
export function runNet(net, tensor) {
  return runLayers(checkedInput(net, tensor), net.layers);
}

function runLayers(x, layers) {
  return layers.reduce((tensor, layer) => NET_OPS[layer.op](tensor, layer), x);
}

function checkedInput({ input }, { shape, data }) {
  const wanted = input.length === 3 ? [input[0], "H", "W"] : input;
  const fits = shape.length === input.length && shape[0] === input[0];
  if (!fits) throw new Error(`The net takes [${wanted.join(", ")}], got [${shape.join(", ")}].`);
  if (data.length !== numbersIn(shape)) {
    throw new Error(`A tensor of [${shape.join(", ")}] has ${numbersIn(shape)} numbers, got ${data.length}.`);
  }
  return { shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}
