// The mathematics of KernelLab: a kernel of k × k weights slid over a picture as torch's conv2d does it, not flipped.
// A picture is a list of rows, a setting is { stride, padding, dilation }, and rows and columns count from 0.

// How often the window fits along a side of n pixels.
export function kernelOutputSize(n, k, { stride, padding, dilation }) {
  return Math.floor((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1;
}

// How many rows at the bottom, and columns at the right, no window reaches, because another step would not fit.
export function kernelLeftOver(n, k, { stride, padding, dilation }) {
  return (n + 2 * padding - dilation * (k - 1) - 1) % stride;
}

// The k × k taps of the window of one output pixel, row by row. Outside of the picture lies the padding, all zero.
export function kernelWindow(picture, kernel, { stride, padding, dilation }, [row, column]) {
  return kernel.flatMap((weights, i) => weights.map((weight, j) => {
    const y = row * stride - padding + i * dilation;
    const x = column * stride - padding + j * dilation;
    const pixel = picture[y]?.[x] ?? 0;
    return { row: y, column: x, isPadding: picture[y]?.[x] === undefined, pixel, weight, product: pixel * weight };
  }));
}

export function kernelSum(taps) {
  return taps.reduce((sum, { product }) => sum + product, 0);
}

// The output picture: the same sum for every place of the window.
export function kernelOutput(picture, kernel, setting) {
  const [height, width] = [picture, picture[0]].map(({ length }) => kernelOutputSize(length, kernel.length, setting));
  return Array.from({ length: height }, (_, row) => Array.from({ length: width }, (__, column) => (
    kernelSum(kernelWindow(picture, kernel, setting, [row, column])))));
}

// Along one side: the output pixel whose window has its middle nearest to an input pixel.
export function kernelNearest(place, n, k, setting) {
  const { stride, padding, dilation } = setting;
  const middle = (dilation * (k - 1)) / 2 - padding; // of the first window
  return kernelInside(Math.round((place - middle) / stride), kernelOutputSize(n, k, setting));
}

// A row or column of the output that there is: the nearest one.
export function kernelInside(place, size) {
  return Math.min(Math.max(place, 0), size - 1);
}

// The largest size of a value: the two ends of a scale that is symmetric around 0. Rounding errors are not shown.
export function kernelScale(output) {
  const largest = Math.max(...output.flat().map(Math.abs));
  return largest < 1e-9 ? 0 : largest;
}
