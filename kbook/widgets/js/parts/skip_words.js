// What SkipLab says: its numbers, the sentence, the rule behind it, the paths, and experiments to predict.

import { countPaths, evaluateSkips } from "./skip_stack.js";
import { numberText } from "./ui.js";

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

// Two digits; powers of ten for what is below 0.001 or from 100,000 on.
export function skipNumber(v) {
  const size = Math.abs(v);
  if (size === 0 || (size >= 1e-3 && size < 1e5)) return numberText(v, 2);
  return v.toExponential(1).replace("e+", "e").replaceAll("-", "−");
}

export function skipPower(base, exponent) {
  return `${base}${[...String(exponent)].map((digit) => RAISED[digit]).join("")}`;
}

function counted(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

function thousands(whole) {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ",");
}

function switchText(blocks, count) {
  if (count === 0) return "all skips on";
  return count === blocks ? "all skips off" : `${counted(count, "skip")} off`;
}

export function skipSentence({ blocks, off }, { now, other }) {
  const name = off.length ? "on" : "off";
  return `${counted(blocks, "block")}, ${switchText(blocks, off.length)}: the gradient at the input is `
    + `${skipNumber(now.gradient[0])} times that at the output; with all skips ${name} it would be `
    + `${skipNumber(other.gradient[0])} times. `
    + `The signal at the output is ${skipNumber(now.signal.at(-1))} times that at the input.`;
}

// The root of what the mean square of signal or gradient is multiplied by, on average over all weights, in a stack
// without normalization: 1 + gain² for a block with its skip, gain² for one without.
export function expectedFactor({ blocks, off, gain }) {
  return Math.sqrt(1 + gain ** 2) ** (blocks - off.length) * gain ** off.length;
}

export function skipRule(setting) {
  const { blocks, off, gain, normalize } = setting;
  const g = numberText(gain);
  if (normalize) {
    return `Normalized, each branch gets numbers of mean square 1 and gives back about ${g}, however small or large `
      + `the signal is. With all skips on the signal after l blocks is about √(1 + ${g}²·l).`;
  }
  const withSkip = numberText(Math.sqrt(1 + gain ** 2));
  return `Rule of thumb: a block with its skip multiplies by about √(1 + ${g}²) = ${withSkip}, one without by about `
    + `${g}, forward and backward alike. Here: ${skipPower(withSkip, blocks - off.length)} × `
    + `${skipPower(g, off.length)} = ${skipNumber(expectedFactor(setting))}.`;
}

export function skipPathText(isOn) {
  const [blocks, on] = [isOn.length, isOn.filter(Boolean).length];
  const branches = blocks - on === 1 ? "1 branch" : `${blocks - on || "no"} branches`;
  if (on === 0) return `Without a skip one path leads back from the output to the input, through ${branches}.`;
  return `${skipPower(2, on)} = ${thousands(countPaths(isOn))} paths lead back from the output to the input, as each `
    + `skip doubles them; the shortest passes ${branches}.`;
}

// The drawing for whom it says nothing.
export function skipPictureText({ signal, gradient }) {
  const [end, start] = [skipNumber(signal.at(-1)), skipNumber(gradient[0])];
  return `Two rows of bars on a logarithmic scale. Signal after each block, from 1 at the input to ${end} at the `
    + `output. Gradient at each block's input, from 1 at the output back to ${start} at the input.`;
}

// Number of the block, its skip, signal after it, gradient at its input.
export function skipRows({ isOn, now }) {
  return isOn.map((on, i) => [
    String(i + 1), on ? "on" : "off", skipNumber(now.signal[i + 1]), skipNumber(now.gradient[i]),
  ]);
}

const START = { blocks: 20, off: [], gain: 0.5, normalize: false, seed: 1 }; // weights that behave like most
const none = (blocks) => Array.from({ length: blocks }, (_, i) => i + 1);

// Each changes one thing; `why` explains what the numbers then show.
export const SKIP_EXPERIMENTS = [
  {
    before: START, after: { ...START, off: [5, 10, 15] }, change: "the skips of blocks 5, 10 and 15 go off",
    why: "Each missing skip costs one factor: its block hands back about 0.5 times what it gets, no longer about 1.1 "
      + "times.",
  },
  {
    before: { ...START, blocks: 10, off: none(10) }, after: { ...START, off: none(20) },
    change: "the stack gets 20 blocks, none with a skip",
    why: "Ten more blocks without skips are ten more factors of about 0.5, and 0.5¹⁰ is about 0.001.",
  },
  {
    before: { ...START, off: none(20) }, after: { ...START, off: none(20), gain: 1 }, change: "the gain is doubled",
    why: "Without skips and normalization the gain is a factor of every block: twice the gain is exactly 2²⁰ = "
      + "1,048,576 times the gradient.",
  },
  {
    before: { ...START, off: none(20) }, after: { ...START, off: none(20), normalize: true },
    change: "normalization is switched on",
    why: "Dividing by the small σ of each block's input undoes the small weights. The gradient no longer vanishes: it "
      + "grows toward the input instead, as in a plain net with batch norm.",
  },
  {
    before: { ...START, blocks: 10, normalize: true }, after: { ...START, blocks: 30, normalize: true },
    change: "the stack gets 30 blocks, all with their skips",
    why: "Skips and normalization together: each branch adds about 0.5 to a signal that gets larger block by block, so "
      + "its share gets smaller, and the gradient grows only like the root of the depth.",
  },
];
export const SKIP_GUESSES = { shrinks: "It shrinks", stays: "It stays within a factor of 2", grows: "It grows" };

export function settingText({ blocks, off, gain, normalize }) {
  return `${blocks} blocks, ${switchText(blocks, off.length)}, gain ${numberText(gain)}, `
    + `${normalize ? "with" : "without"} normalization`;
}

export function changeName(factor) {
  if (factor < 0.5) return "shrinks";
  return factor > 2 ? "grows" : "stays";
}

function gradientAtInput(setting) {
  return evaluateSkips(setting).now.gradient[0];
}

export function experimentStart({ before }) {
  return `Now it is ${skipNumber(gradientAtInput(before))} times the gradient at the output.`;
}

// What is said of a guess: the numbers before and after, and why.
export function experimentAnswer({ before, after, why }, guess) {
  const [from, to] = [before, after].map(gradientAtInput);
  const name = changeName(to / from);
  return `${guess === name ? "Right" : "Not so"}. ${SKIP_GUESSES[name]}: the gradient at the input goes from `
    + `${skipNumber(from)} to ${skipNumber(to)} times that at the output, a factor of ${skipNumber(to / from)}. ${why}`;
}
