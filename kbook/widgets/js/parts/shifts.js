// The mathematics of DigitPad: a digit of 8 × 8 pixels at 25 places in a frame of 12 × 12, what a net answers at
// each, its feature maps, and the words for it. A shift is [dx, dy]: pixels to the right and down, from −2 to 2.

import { percentText, ranking } from "./digits.js";
import { softmax } from "./math.js";
import { runNet, traceNet } from "./nn.js";

export const DIGIT_SIDE = 8;
export const FRAME_SIDE = 12;
export const MOST_SHIFT = (FRAME_SIDE - DIGIT_SIDE) / 2;
export const SHIFTS = Array.from({ length: 2 * MOST_SHIFT + 1 }, (_, i) => i - MOST_SHIFT);
export const CENTERED = [0, 0];

// The picture that the net sees: ink from 0 to 1, paper around the digit.
export function framed(pixels, [dx, dy]) {
  const data = new Float32Array(FRAME_SIDE * FRAME_SIDE);
  pixels.forEach((count, i) => {
    const row = Math.floor(i / DIGIT_SIDE) + MOST_SHIFT + dy;
    data[FRAME_SIDE * row + (i % DIGIT_SIDE) + MOST_SHIFT + dx] = count / 16;
  });
  return { shape: [1, FRAME_SIDE, FRAME_SIDE], data };
}

export function isBlank(pixels) {
  return pixels.every((count) => count === 0);
}

// The shift after a step; the frame's edge stops it.
export function stepped(shift, step) {
  return shift.map((v, axis) => Math.min(Math.max(v + step[axis], -MOST_SHIFT), MOST_SHIFT));
}

// Ten probabilities.
export function readAt(net, pixels, shift) {
  return softmax(Array.from(runNet(net, framed(pixels, shift)).data));
}

// The digit read at each of the 25 shifts, row by row, from the top left.
export function readEverywhere(net, pixels) {
  return SHIFTS.flatMap((dy) => SHIFTS.map((dx) => ranking(readAt(net, pixels, [dx, dy]))[0]));
}

// The probabilities, and what comes out of each block of convolution after its ReLU, as {count, side, data}; a dense
// net has no block.
export function lookAt(net, pixels, shift) {
  const outputs = traceNet(net, framed(pixels, shift));
  const blocks = outputs.filter(({ shape }, i) => net.layers[i].op === "relu" && shape.length === 3);
  return {
    p: softmax(Array.from(outputs[outputs.length - 1].data)),
    maps: blocks.map(({ shape, data }) => ({ count: shape[0], side: shape[1], data })),
  };
}

// "1 to the right and 2 up"
export function shiftWords([dx, dy]) {
  const across = dx && `${Math.abs(dx)} to the ${dx > 0 ? "right" : "left"}`;
  const down = dy && `${Math.abs(dy)} ${dy > 0 ? "down" : "up"}`;
  return [across, down].filter(Boolean).join(" and ") || "none";
}

// "3 (98 %)"
export function bestGuess(p) {
  const [first] = ranking(p);
  return `${first} (${percentText(p[first])})`;
}

// What the shift did to the answer.
export function shiftSentence(shift, centered, here) {
  if (shift.every((v) => v === 0)) return "The digit is centered: shift it.";
  const effect = ranking(centered)[0] === ranking(here)[0] ? "stays" : "changes";
  return `Shifted by ${shiftWords(shift)}: ${bestGuess(centered)} → ${bestGuess(here)}. The answer ${effect}.`;
}

// What the 25 answers say at one look.
export function everywhereSentence(digits) {
  const middle = digits[(digits.length - 1) / 2];
  const others = digits.filter((digit) => digit !== middle).length;
  if (!others) return `It reads ${middle} wherever the digit stands.`;
  return `In the middle it reads ${middle}, at ${others} of the 24 other places something else (filled).`;
}
