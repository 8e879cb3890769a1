// The mathematics of TranslationMachine: scenes by a seed, painting, noise and blur, the two nets there and back,
// distances. A picture is a Float32Array of three planes of 32 × 32 numbers from −1 to 1; distances are of colors
// from 0 to 1.

import {
  animalMask, ANIMAL_SIDE, BLACK, BROWN, grassColor, horizonOf, renderAnimal, skyColor, WHITE,
} from "./animals.js";
import { runNet } from "./nn.js";
import { generator } from "./points.js";

export const SCENE_SEEDS = 10_000;
export const PIXELS = ANIMAL_SIDE ** 2;
export const MOST_ERROR = 0.5; // of a pixel, where the scale of the error maps ends
const NOISE_SEED = 3_000_000;
const SCENES_SEED = 1;

export const DIRECTIONS = {
  horse_to_zebra: { from: "horse", to: "zebra", there: "G", home: "F", start: "x" },
  zebra_to_horse: { from: "zebra", to: "horse", there: "F", home: "G", start: "y" },
};

// In the middle of the coat's light, which the renderer has from 0.7 on the belly to 1.05 on the back.
const inLight = (color) => color.map((channel) => 0.92 * channel);
export const PAINTS = [
  { name: "coat brown", color: () => inLight(BROWN) },
  { name: "black", color: () => inLight(BLACK) },
  { name: "white", color: () => inLight(WHITE) },
  { name: "sky", color: skyColor },
  { name: "grass", color: grassColor },
];

const middleOf = (row) => (row + 0.5) / ANIMAL_SIDE;

// The nine numbers of a scene, in thousandths: one long row of random numbers, cut into scenes.
export function sceneOf(seed) {
  const random = generator(SCENES_SEED);
  for (let i = 0; i < 9 * seed; i++) random();
  return Array.from({ length: 9 }, () => Math.round(1000 * random()) / 1000);
}

// Noise of mean 0 and standard deviation 1, always the same. A sum of twelve uniform numbers is nearly normal.
export function fixedNoise() {
  const random = generator(NOISE_SEED);
  const drawn = Array.from({ length: 3 * PIXELS }, () => Array.from({ length: 12 }, random).reduce((a, b) => a + b));
  const mean = drawn.reduce((a, b) => a + b) / drawn.length;
  const deviation = Math.sqrt(drawn.reduce((sum, v) => sum + (v - mean) ** 2, 0) / drawn.length);
  return Float32Array.from(drawn, (v) => (v - mean) / deviation);
}

// The mean of each pixel and its eight neighbors; at the edge the edge itself is repeated.
export function blurred(picture) {
  const inside = (v) => Math.min(Math.max(v, 0), ANIMAL_SIDE - 1);
  return picture.map((_, i) => {
    const [plane, row, column] = [i - (i % PIXELS), Math.floor((i % PIXELS) / ANIMAL_SIDE), i % ANIMAL_SIDE];
    let sum = 0;
    for (let y = row - 1; y <= row + 1; y++) {
      for (let x = column - 1; x <= column + 1; x++) sum += picture[plane + ANIMAL_SIDE * inside(y) + inside(x)];
    }
    return sum / 9;
  });
}

// The middle picture as it is sent back: blurred or not, plus noise of a standard deviation that is meant for colors
// from 0 to 1.
export function disturbed(picture, { noise, blur }, grain) {
  const smooth = blur ? blurred(picture) : picture;
  return noise ? smooth.map((v, i) => v + 2 * noise * grain[i]) : smooth;
}

// Painting: `painted` is a list of [place, paint], place = 32 · row + column.

export function withPaint(painted, places, paint) {
  const all = new Map(painted);
  places.forEach((place) => all.set(place, paint));
  return [...all];
}

// The places under a square brush that goes in a line from one [row, column] to another.
export function brushed([startRow, startColumn], [endRow, endColumn], size) {
  const steps = Math.max(Math.abs(endRow - startRow), Math.abs(endColumn - startColumn), 1);
  const places = new Set();
  for (let i = 0; i <= steps; i++) {
    const top = Math.round(startRow + ((endRow - startRow) * i) / steps) - Math.floor(size / 2);
    const left = Math.round(startColumn + ((endColumn - startColumn) * i) / steps) - Math.floor(size / 2);
    for (let row = Math.max(top, 0); row < Math.min(top + size, ANIMAL_SIDE); row++) {
      for (let column = Math.max(left, 0); column < Math.min(left + size, ANIMAL_SIDE); column++) {
        places.add(ANIMAL_SIDE * row + column);
      }
    }
  }
  return [...places];
}

// The scene without its animal and cloud, painted.
export function emptyMeadow(scene) {
  return Array.from({ length: PIXELS }, (_, place) => {
    const isSky = middleOf(Math.floor(place / ANIMAL_SIDE)) < horizonOf(scene);
    return [place, PAINTS.findIndex(({ name }) => name === (isSky ? "sky" : "grass"))];
  });
}

export function paintColor(paint, scene, row) {
  return PAINTS[paint].color(scene, middleOf(row));
}

function paintOver(picture, painted, scene) {
  const copy = picture.slice();
  for (const [place, paint] of painted) {
    const row = Math.floor(place / ANIMAL_SIDE);
    paintColor(paint, scene, row).forEach((v, channel) => { copy[channel * PIXELS + place] = 2 * v - 1; });
  }
  return copy;
}

// What the machine is given: the picture and, unless it is painted, its true counterpart and where its animal is.
export function startOf({ direction, scene, painted }) {
  const { from, to } = DIRECTIONS[direction];
  const rendered = renderAnimal(scene, from);
  if (painted.length) return { picture: paintOver(rendered, painted, scene), truth: null, mask: null };
  return { picture: rendered, truth: renderAnimal(scene, to), mask: animalMask(scene) };
}

export function runOn(net, picture) {
  return runNet(net, { shape: [3, ANIMAL_SIDE, ANIMAL_SIDE], data: picture }).data;
}

// There, back, and back from the true counterpart, where there is one: all that no disturbance changes.
export function translated({ there, home }, { picture, truth }) {
  const made = runOn(there, picture);
  return { made, back: runOn(home, made), control: truth && runOn(home, truth) };
}

// The mean |difference| over the channels of each pixel.
export function errorMap(a, b) {
  return Float32Array.from({ length: PIXELS }, (_, i) => (
    [0, 1, 2].reduce((sum, k) => sum + Math.abs(a[k * PIXELS + i] - b[k * PIXELS + i]), 0) / 6));
}

// The mean of an error map, over all pixels and over the animal.
export function meanError(map, mask) {
  const animal = mask && map.reduce((sum, v, i) => sum + v * mask[i], 0) / mask.reduce((a, b) => a + b);
  return { all: map.reduce((a, b) => a + b) / map.length, animal };
}

// All that is shown, from what the machine was given and what it made of it undisturbed (`clean`). The middle picture
// is the made one or, as a control, the true counterpart; `quiet` and `disturbed` tell how far the way back then is
// from the start, without and with the disturbance.
export function withErrors(home, { picture, truth, mask }, clean, { disturbance, grain }) {
  const isDisturbed = disturbance.noise > 0 || disturbance.blur;
  const from = (middle, quietBack) => {
    const sent = disturbed(middle, disturbance, grain);
    const back = isDisturbed ? runOn(home, sent) : quietBack;
    const map = errorMap(back, picture);
    return {
      sent, back, map, quiet: meanError(errorMap(quietBack, picture), mask),
      disturbed: isDisturbed ? meanError(map, mask) : null,
    };
  };
  const forward = truth && errorMap(clean.made, truth);
  return {
    made: from(clean.made, clean.back),
    control: truth && from(truth, clean.control),
    forward: forward && { map: forward, ...meanError(forward, mask) },
    nothing: truth && meanError(errorMap(picture, truth), mask),
    grain: disturbance.noise * (grain.reduce((sum, v) => sum + Math.abs(v), 0) / grain.length),
  };
}
