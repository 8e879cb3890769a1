// What SkipLab says: its numbers, the sentence, the rule behind it, and the paths.

import { countPaths } from "./skip_stack.js";
import { numberText } from "./ui.js";

const RAISED = Object.fromEntries([..."-0123456789"].map((sign, i) => [sign, "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"[i]]));
// How much the gradient grows from block to block without skips, with normalization: if what relu gives back had the
// mean and the variance of normal numbers, and as measured over many weights.
export const PLAIN_GROWTH = 1 / Math.sqrt(1 - 1 / Math.PI);
export const MEASURED_GROWTH = 1.27;

// Two digits; powers of ten for what is below 0.001 or from 100,000 on, not torn at a line's end.
export function skipNumber(v) {
  const size = Math.abs(v);
  if (size === 0 || (size >= 1e-3 && size < 1e5)) return numberText(v, 2);
  const [digits, exponent] = v.toExponential(1).replace("e+", "e").split("e");
  return `${digits.replace("-", "−")}\u00a0·\u00a0${skipPower(10, exponent)}`;
}

// The same in a narrow column.
export function cellNumber(v) {
  const size = Math.abs(v);
  if (size === 0 || (size >= 1e-3 && size < 1e5)) return numberText(v, 2);
  return v.toExponential(1).replace("e+", "e").replaceAll("-", "−");
}

export function skipPower(base, exponent) {
  return `${base}${[...String(exponent)].map((sign) => RAISED[sign]).join("")}`;
}

export function timesThat(factor, where) {
  const text = skipNumber(factor);
  return text === "1" ? `equals that ${where}` : `is ${text} times that ${where}`;
}

function counted(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

function thousands(whole) {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function switchText(blocks, count) {
  if (count === 0) return "all skips on";
  return count === blocks ? "all skips off" : `${counted(count, "skip")} off`;
}

// What it would be with all skips on is said only where one is off: what happens without is the reader's to predict.
export function skipSentence({ blocks, off }, { now, other }) {
  const otherwise = skipNumber(other.gradient[0]);
  const would = otherwise === "1" ? "equal it" : `be ${otherwise} times`;
  return `${counted(blocks, "block")}, ${switchText(blocks, off.length)}: the gradient at the input `
    + `${timesThat(now.gradient[0], "at the output")}${off.length ? `; with all skips on it would ${would}` : ""}. `
    + `The signal at the output ${timesThat(now.signal.at(-1), "at the input")}.`;
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
      + `the signal is. With all skips on the signal after l blocks is about √(1 + ${g}²·l). With all skips off the `
      + "gradient grows toward the input, whatever the gain: in each block but the first by about 1/√(1 − 1/π) = "
      + `${numberText(PLAIN_GROWTH, 3)} or a little more (measured over many weights: ${MEASURED_GROWTH}), as what relu `
      + "gives back has a mean, and the next normalization divides by what is left without it.";
  }
  const withSkip = numberText(Math.sqrt(1 + gain ** 2));
  return `Rule of thumb: a block with its skip multiplies by about √(1 + ${g}²) = ${withSkip}, one without by about `
    + `${g}, forward and backward alike. Here: ${powerProduct([[withSkip, blocks - off.length], [g, off.length]])} = `
    + `${skipNumber(expectedFactor(setting))}.`;
}

// Powers joined by ×, without those of exponent 0.
export function powerProduct(powers) {
  return powers.filter(([, exponent]) => exponent).map((power) => skipPower(...power)).join(" × ");
}

export function skipPathText(isOn) {
  const [blocks, on] = [isOn.length, isOn.filter(Boolean).length];
  const branches = blocks - on === 1 ? "1 branch" : `${blocks - on || "no"} branches`;
  if (on === 0) return `Without a skip one path leads back from the output to the input, through ${branches}.`;
  return `${skipPower(2, on)} = ${thousands(countPaths(isOn))} paths lead back from the output to the input, as each `
    + `skip doubles them; the shortest passes ${branches}. How much they carry depends on the gain: their number alone `
    + "says nothing.";
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
    String(i + 1), on ? "on" : "off", cellNumber(now.signal[i + 1]), cellNumber(now.gradient[i]),
  ]);
}
