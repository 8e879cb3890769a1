// Horses and zebras, rendered: the same pixels as Python's kbook.data.animals makes from the same nine numbers, each
// from 0 to 1: x, y, size, facing, stride, horizon, sky, grass, cloud. A test holds the two together.

export const ANIMAL_SIDE = 32; // pixels
const FINE = 2; // rays along each side of a pixel
const PERIOD = 0.75; // of the stripes; the body's half length is 1

// Parts of an animal that faces right, seen from its middle, v upward: [from, to, radius].
const COAT_PARTS = [
  [[-0.55, 0], [0.55, 0.05], 0.47], // trunk
  [[0.7, 0.15], [1.2, 0.85], 0.24], // neck
  [[1.2, 0.85], [1.6, 0.6], 0.19], // head
];
const DARK_PARTS = [
  [[-0.95, 0.25], [-1.25, -0.45], 0.09], // tail
  [[0.55, 0.5], [1.05, 1.05], 0.1], // mane
];
const LEGS = [[-0.85, -1], [-0.55, 1], [0.5, 1], [0.8, -1]]; // hip, and the direction of its swing

export const BROWN = [0.55, 0.32, 0.16];
export const BLACK = [0.09, 0.09, 0.1];
export const WHITE = [0.95, 0.95, 0.93];
const DARK = [0.2, 0.13, 0.1]; // mane and tail

const clip = (v, low, high) => Math.min(Math.max(v, low), high);

function isInCapsule(u, v, [[startU, startV], [endU, endV], radius]) {
  const [alongU, alongV] = [endU - startU, endV - startV];
  const share = clip(((u - startU) * alongU + (v - startV) * alongV) / (alongU ** 2 + alongV ** 2), 0, 1);
  const [offU, offV] = [u - startU - share * alongU, v - startV - share * alongV];
  return offU * offU + offV * offV < radius * radius;
}

// Where a ray, to the right and down from 0 to 1, meets the body: u toward the head, v upward.
function inBody([x, y, size, facing], right, down) {
  const unit = 0.19 + 0.05 * size;
  return [((right - (0.35 + 0.3 * x)) / unit) * (facing < 0.5 ? -1 : 1), (0.5 + 0.14 * y - down) / unit];
}

function isCoated(u, v, stride) {
  if (COAT_PARTS.some((part) => isInCapsule(u, v, part))) return true;
  if (v >= -0.2 || v <= -1.3) return false;
  const swing = 0.35 * (2 * stride - 1) * clip((-0.2 - v) / 1.1, 0, 1);
  return LEGS.some(([hip, direction]) => Math.abs(u - (hip + direction * swing)) < 0.14);
}

const isDark = (u, v) => DARK_PARTS.some((part) => isInCapsule(u, v, part));

function coatColor(u, v, domain) {
  const wave = (u + 0.3 * v) / PERIOD;
  const coat = domain === "horse" ? BROWN : wave - Math.floor(wave) < 0.5 ? BLACK : WHITE;
  const light = clip(0.92 + 0.16 * v, 0.7, 1.05); // the belly lies in the shade
  return coat.map((channel) => Math.min(channel * light, 1));
}

export function horizonOf(scene) {
  return 0.3 + 0.25 * scene[5];
}

// The sky, as far down as `down`; the formula goes on below the horizon, for who paints there.
export function skyColor(scene, down) {
  const [sky, height] = [scene[6], down / horizonOf(scene)];
  return [0.35 + 0.3 * sky + 0.3 * height, 0.6 + 0.1 * sky + 0.2 * height, 0.95 - 0.15 * sky];
}

export function grassColor(scene, down) {
  const horizon = horizonOf(scene);
  const [grass, depth] = [scene[7], (down - horizon) / (1 - horizon)];
  return [0.25 + 0.35 * grass + 0.1 * depth, 0.55 + 0.1 * grass - 0.15 * depth, 0.2 + 0.05 * grass];
}

function landColor(scene, right, down) {
  const horizon = horizonOf(scene);
  const isCloud = ((right - scene[8]) / 0.16) ** 2 + ((down - 0.5 * horizon) / 0.05) ** 2 < 1;
  if (isCloud) return [0.97, 0.97, 0.97];
  return down < horizon ? skyColor(scene, down) : grassColor(scene, down);
}

// The mean over the rays of each pixel of color(right, down), a list of as many channels, plane after plane.
function averaged(channels, color) {
  const plane = ANIMAL_SIDE ** 2;
  const sums = new Float64Array(channels * plane);
  const side = ANIMAL_SIDE * FINE;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const place = Math.floor(row / FINE) * ANIMAL_SIDE + Math.floor(column / FINE);
      color((column + 0.5) / side, (row + 0.5) / side).forEach((v, k) => { sums[k * plane + place] += v; });
    }
  }
  return sums.map((sum) => sum / FINE ** 2);
}

// The picture of a scene with a "horse" or a "zebra": red, green and blue planes of 32 × 32 numbers from −1 to 1.
export function renderAnimal(scene, domain) {
  const colors = averaged(3, (right, down) => {
    const [u, v] = inBody(scene, right, down);
    if (isDark(u, v)) return DARK;
    return isCoated(u, v, scene[4]) ? coatColor(u, v, domain) : landColor(scene, right, down);
  });
  return Float32Array.from(colors, (v) => 2 * v - 1);
}

// Where the animal is: the share of each pixel that it covers.
export function animalMask(scene) {
  return Float32Array.from(averaged(1, (right, down) => {
    const [u, v] = inBody(scene, right, down);
    return [isDark(u, v) || isCoated(u, v, scene[4]) ? 1 : 0];
  }));
}
