// Layers of a net that slide a window over a picture: convolutions and pools; see nn.js.

export function requireChannels(op, { shape }, channels, axes = 3) {
  if (shape.length === axes && shape[0] === channels) return;
  const wanted = axes === 3 ? `[${channels}, H, W]` : `[${channels}]`;
  throw new Error(`${op} takes ${wanted}, got [${shape.join(", ")}].`);
}

// A copy of a picture with a margin: a reflection (the edge itself is not repeated), zeros, or another number.
export function paddedPicture({ shape, data }, { left, right, top, bottom }, mode, number = 0) {
  const [channels, height, width] = shape;
  const rows = sources(height, top, bottom, mode);
  const columns = sources(width, left, right, mode);
  const out = new Float32Array(channels * rows.length * columns.length).fill(number);
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (const row of rows) {
      const start = (channel * height + row) * width;
      for (let i = 0; i < columns.length; i++, at++) {
        if (row >= 0 && columns[i] >= 0) out[at] = data[start + columns[i]];
      }
    }
  }
  return { shape: [channels, rows.length, columns.length], data: out };
}

// Which of `size` pixels in a line each pixel of the padded line shows; −1 for none.
function sources(size, before, after, mode) {
  const deepest = Math.max(before, after);
  if (mode === "reflect" && deepest >= size) throw new Error(`${size} pixels cannot be reflected ${deepest} deep.`);
  return Int32Array.from({ length: before + size + after }, (_, i) => {
    const at = i - before;
    if (at >= 0 && at < size) return at;
    if (mode !== "reflect") return -1;
    return at < 0 ? -at : 2 * (size - 1) - at;
  });
}

// Where a window stands and looks in a padded picture: `corners` has, for each pixel of the output, the place of the
// window's first tap in the first channel; `taps` has how far each tap is from there, over `depth` channels.
function windowsOn([, height, width], { kernel, stride, dilation, depth = 1 }) {
  const spans = kernel.map((n, axis) => dilation[axis] * (n - 1) + 1);
  const size = [height, width].map((n, axis) => Math.floor((n - spans[axis]) / stride[axis]) + 1);
  if (Math.min(...size) < 1) {
    throw new Error(`A window of ${kernel.join(" × ")} does not fit into ${height} × ${width} pixels.`);
  }
  const corners = Int32Array.from({ length: size[0] * size[1] }, (_, i) => (
    Math.floor(i / size[1]) * stride[0] * width + (i % size[1]) * stride[1]
  ));
  const area = kernel[0] * kernel[1];
  const taps = Int32Array.from({ length: depth * area }, (_, i) => {
    const [row, column] = [Math.floor((i % area) / kernel[1]), i % kernel[1]];
    return (Math.floor(i / area) * height + row * dilation[0]) * width + column * dilation[1];
  });
  return { size, corners, taps };
}

function margin([vertical, horizontal]) {
  return { left: horizontal, right: horizontal, top: vertical, bottom: vertical };
}

// out[pixel] = bias + Σ weight · tap, for all pixels of one output channel; the weights, and the channels that they
// meet, begin at `weightStart` and `pictureStart`. Four pixels at a time share each weight that is read.
function correlate(out, outStart, picture, pictureStart, { corners, taps }, weights, weightStart, bias) {
  const [pixels, length] = [corners.length, taps.length];
  let p = 0;
  for (; p + 4 <= pixels; p += 4) {
    const a = pictureStart + corners[p];
    const b = pictureStart + corners[p + 1];
    const c = pictureStart + corners[p + 2];
    const d = pictureStart + corners[p + 3];
    let [sumA, sumB, sumC, sumD] = [bias, bias, bias, bias];
    for (let i = 0; i < length; i++) {
      const w = weights[weightStart + i];
      const tap = taps[i];
      sumA += w * picture[a + tap];
      sumB += w * picture[b + tap];
      sumC += w * picture[c + tap];
      sumD += w * picture[d + tap];
    }
    out[outStart + p] = sumA;
    out[outStart + p + 1] = sumB;
    out[outStart + p + 2] = sumC;
    out[outStart + p + 3] = sumD;
  }
  for (; p < pixels; p++) {
    let sum = bias;
    for (let i = 0; i < length; i++) sum += weights[weightStart + i] * picture[pictureStart + corners[p] + taps[i]];
    out[outStart + p] = sum;
  }
}

export function convolved(x, { weight, bias, groups, stride, padding, dilation, mode }) {
  const [outputs, depth, ...kernel] = weight.shape;
  requireChannels("conv", x, depth * groups);
  const { shape, data } = Math.max(...padding) ? paddedPicture(x, margin(padding), mode) : x;
  const windows = windowsOn(shape, { kernel, stride, dilation, depth });
  const pixels = windows.corners.length;
  const out = new Float32Array(outputs * pixels);
  for (let o = 0; o < outputs; o++) {
    const group = Math.floor((o * groups) / outputs);
    const start = group * depth * shape[1] * shape[2];
    correlate(out, o * pixels, data, start, windows, weight.data, o * windows.taps.length, bias ? bias.data[o] : 0);
  }
  return { shape: [outputs, ...windows.size], data: out };
}

// Each input pixel adds its window of weights to the output; what falls onto the margin is cut off.
export function transposedConvolved(x, { weight, bias, groups, stride, padding, dilation, output_padding: extra }) {
  const [inputs, outputsInGroup, ...kernel] = weight.shape;
  requireChannels("conv_transposed", x, inputs);
  const [, height, width] = x.shape;
  const spans = kernel.map((n, axis) => dilation[axis] * (n - 1) + 1);
  const whole = [height, width].map((n, axis) => (n - 1) * stride[axis] + spans[axis] + extra[axis]);
  const size = whole.map((n, axis) => n - 2 * padding[axis]);
  if (Math.min(...size) < 1) throw new Error(`conv_transposed leaves nothing of ${height} × ${width} pixels.`);
  const sums = new Float64Array(whole[0] * whole[1]);
  const out = new Float32Array(outputsInGroup * groups * size[0] * size[1]);
  const area = kernel[0] * kernel[1];
  for (let o = 0; o < outputsInGroup * groups; o++) {
    sums.fill(bias ? bias.data[o] : 0);
    const group = Math.floor(o / outputsInGroup);
    for (let i = group * (inputs / groups); i < (group + 1) * (inputs / groups); i++) {
      for (let tap = 0; tap < area; tap++) {
        const w = weight.data[(i * outputsInGroup + (o % outputsInGroup)) * area + tap];
        const corner = Math.floor(tap / kernel[1]) * dilation[0] * whole[1] + (tap % kernel[1]) * dilation[1];
        for (let row = 0; row < height; row++) {
          const [from, to] = [(i * height + row) * width, corner + row * stride[0] * whole[1]];
          for (let column = 0; column < width; column++) sums[to + column * stride[1]] += w * x.data[from + column];
        }
      }
    }
    for (let p = 0; p < size[0] * size[1]; p++) {
      const [row, column] = [Math.floor(p / size[1]) + padding[0], (p % size[1]) + padding[1]];
      out[o * size[0] * size[1] + p] = sums[row * whole[1] + column];
    }
  }
  return { shape: [outputsInGroup * groups, ...size], data: out };
}

// A picture with a margin of `number`, and of each window that stands on it a summary(numbers, corner, taps).
function pooled(op, x, { kernel, stride, padding, dilation = [1, 1] }, number, summary) {
  requireChannels(op, x, x.shape[0]);
  const { shape, data } = paddedPicture(x, margin(padding), "number", number);
  const { size, corners, taps } = windowsOn(shape, { kernel, stride, dilation });
  const out = new Float32Array(shape[0] * corners.length);
  for (let i = 0; i < out.length; i++) {
    const plane = Math.floor(i / corners.length) * shape[1] * shape[2];
    out[i] = summary(data, plane + corners[i % corners.length], taps);
  }
  return { shape: [shape[0], ...size], data: out };
}

export function maximumPool(x, layer) {
  return pooled("max_pool", x, layer, -Infinity, (data, corner, taps) => {
    let most = -Infinity;
    for (let i = 0; i < taps.length; i++) most = Math.max(most, data[corner + taps[i]]);
    return most;
  });
}

// The margin's zeros count, as in torch by default.
export function averagePool(x, layer) {
  return pooled("avg_pool", x, layer, 0, (data, corner, taps) => {
    let sum = 0;
    for (let i = 0; i < taps.length; i++) sum += data[corner + taps[i]];
    return sum / taps.length;
  });
}
