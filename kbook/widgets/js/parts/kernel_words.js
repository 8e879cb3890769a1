// The kernels of KernelLab that have a name, and all that the widget says in words.

import { kernelLeftOver, kernelOutputSize } from "./convolution.js";

export const KERNELS = {
  identity: {
    label: "identity", weights: [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    meaning: "Identity: the pixel under the middle of the window, unchanged.",
  },
  blur: {
    label: "blur", weights: [[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]],
    meaning: "Blur: a weighted mean of the nine pixels, so that what is small is smoothed away.",
  },
  sharpen: {
    label: "sharpen", weights: [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    meaning: "Sharpen: five times the middle minus four neighbors. A pixel brighter than they are gets brighter still.",
  },
  vertical: {
    label: "vertical edges", weights: [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    meaning: "Vertical edges (Sobel): right minus left, so positive where it gets brighter to the right.",
  },
  horizontal: {
    label: "horizontal edges", weights: [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    meaning: "Horizontal edges (Sobel): below minus above, so positive where it gets brighter downward.",
  },
  outline: {
    label: "outline", weights: [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    meaning: "Outline (Laplacian): eight times the middle minus its neighbors: edges of every direction.",
  },
  emboss: {
    label: "emboss", weights: [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
    meaning: "Emboss: the middle, plus what is below right, minus what is above left: a relief lit from one side.",
  },
};

// The name of a kernel, or null.
export function kernelName(kernel) {
  const text = String(kernel.flat());
  return Object.keys(KERNELS).find((key) => String(KERNELS[key].weights.flat()) === text) ?? null;
}

// A number in at most four decimals, with a real minus sign.
export function kernelNumber(v) {
  return String(Number(v.toFixed(4))).replace("-", "−");
}

// What the kernel does; the sum of its weights says what becomes of an even area.
export function kernelMeaning(kernel) {
  const name = kernelName(kernel);
  const total = kernelNumber(kernel.flat().reduce((a, b) => a + b));
  const even = total === "0" ? "where all nine pixels are equal, the output is 0"
    : total === "1" ? "where all nine pixels are equal, the output has their value"
      : `where all nine pixels are equal, the output is ${total} times their value`;
  return `${name ? KERNELS[name].meaning : "A kernel of your own."} The weights sum to ${total}: ${even}.`;
}

// The size of the output with all numbers filled in.
export function kernelSizeText(n, k, setting) {
  const { stride, padding, dilation } = setting;
  const size = kernelOutputSize(n, k, setting);
  return `floor((${n} + 2·${padding} − ${dilation}·(${k} − 1) − 1)/${stride}) + 1 = ${size}`;
}

// What the floor takes away; nothing if the steps come out even.
export function kernelLeftOverText(n, k, setting) {
  const rest = kernelLeftOver(n, k, setting);
  if (!rest) return "";
  const [rows, columns] = rest === 1 ? ["row", "column"] : [`${rest} rows`, `${rest} columns`];
  const where = setting.padding ? "padded picture" : "picture";
  return `The last ${rows} and ${columns} of the ${where} are left over: another step of the window would not fit.`;
}

// The sum at one output pixel, counted from 1.
export function kernelSumText(taps, sum, [row, column]) {
  const outside = taps.filter((tap) => tap.isPadding).length;
  const padded = !outside ? "" : outside === 1 ? " One tap lies in the padding: its pixel is 0."
    : ` In the padding lie ${outside} of the ${taps.length} taps: their pixels are 0.`;
  return `Their sum, ${kernelNumber(sum)}, is the output in row ${row + 1}, column ${column + 1}.${padded}`;
}

// The pictures for whom a drawing says nothing.
export function kernelInputText(label, taps) {
  const [first, last] = [taps[0], taps.at(-1)];
  const span = (key) => `${first[key] + 1} to ${last[key] + 1}`.replaceAll("-", "−");
  return `Input picture: ${label}. The window's taps lie in rows ${span("row")}, columns ${span("column")}.`;
}

export function kernelOutputText(output) {
  const values = output.flat();
  const [low, high] = [Math.min(...values), Math.max(...values)].map(kernelNumber);
  return `Output picture, ${output.length} × ${output[0].length} values from ${low} to ${high}. `
    + "Arrow keys move the window, with Shift by five; Home and End go to the ends of a row.";
}
