// The operations of a computation graph: what each computes, its local derivatives in numbers and in words, and the
// sentence where it has none.

import { sigmoid } from "./math.js";
import { numberText } from "./ui.js";

export const FUNCTIONS = ["relu", "tanh", "exp", "log", "sigmoid"];

// A number as this widget shows it: whole ones of up to 7 digits in full, the others as everywhere.
export function graphNumber(x) {
  return Number.isInteger(x) && Math.abs(x) < 1e7 ? String(x).replace("-", "−") : numberText(x);
}

// x**y in both operands. At y = 0 the slope y·x**(y − 1) is 0 for every x; at x = 0 the slope in y is that of 0**y.
function powerSlopes([x, y], power) {
  return [y === 0 ? 0 : y * x ** (y - 1), x === 0 && y >= 0 ? 0 : power * Math.log(x)];
}

// `slopes` has the result as its second argument, as an engine has it at hand; so have the words, in names.
export const OPERATIONS = {
  "+": { value: (x, y) => x + y, slopes: () => [1, 1], words: () => ["", ""] },
  "-": { value: (x, y) => x - y, slopes: () => [1, -1], words: () => ["", ""] },
  "*": { value: (x, y) => x * y, slopes: ([x, y]) => [y, x], words: ([x, y]) => [y, x] },
  "/": { value: (x, y) => x / y, slopes: ([x, y]) => [1 / y, -x / y / y], words: ([x, y]) => [`1/${y}`, `−${x}/${y}**2`] },
  "**": { value: (x, y) => x ** y, slopes: powerSlopes, words: powerWords },
  neg: { value: (x) => -x, slopes: () => [-1], words: () => [""] },
  relu: { value: (x) => Math.max(x, 0), slopes: ([x]) => [x > 0 ? 1 : 0], words: () => [""] },
  tanh: { value: Math.tanh, slopes: (_, result) => [1 - result * result], words: (_, result) => [`1 − ${result}**2`] },
  exp: { value: Math.exp, slopes: (_, result) => [result], words: (_, result) => [result] },
  log: { value: Math.log, slopes: ([x]) => [1 / x], words: ([x]) => [`1/${x}`] },
  sigmoid: { value: sigmoid, slopes: (_, result) => [result * (1 - result)], words: (_, result) => [`${result}*(1 − ${result})`] },
};

// A whole exponent is lowered by one, as one does by hand.
function powerWords([x, y], result) {
  const lower = Number(y) === 2 ? x : Number(y) > 2 ? `${x}**${graphNumber(Number(y) - 1)}` : `${x}**(${y} − 1)`;
  return [`${y}*${lower}`, `${result}*log(${x})`];
}

// A number within a formula: below zero it needs parentheses.
export function innerNumber(x) {
  return x < 0 ? `(${graphNumber(x)})` : graphNumber(x);
}

// An operation as text, with any words for its operands.
export function formulaText(op, words) {
  if (op === "neg") return `−${words[0]}`;
  if (FUNCTIONS.includes(op)) return `${op}(${words[0]})`;
  return words.join({ "+": " + ", "-": " − " }[op] ?? op);
}

// The same with numbers; where nothing stands before a number, it needs no parentheses.
export function numbersFormula(op, numbers) {
  const first = FUNCTIONS.includes(op) || op === "+" || op === "-";
  return formulaText(op, numbers.map((x, slot) => (first && slot === 0 ? graphNumber(x) : innerNumber(x))));
}

// Why an operation has no value at these numbers, or null.
export function operationProblem(op, numbers) {
  const result = OPERATIONS[op].value(...numbers);
  if (Number.isFinite(result)) return null;
  const [what, [x, y]] = [numbersFormula(op, numbers), numbers];
  if (op === "log" && x <= 0) return `${what} has no value: only numbers above 0 have a logarithm.`;
  if (op === "/" && y === 0) return `${what} has no value: nothing can be divided by 0.`;
  if (op === "**" && x === 0) return `${what} has no value: it would divide by 0.`;
  if (op === "**" && Number.isNaN(result)) return `${what} has no real value: a base below 0 needs a whole exponent.`;
  return `${what} is too large for 64 bits.`;
}

// Why an operation has no slope in the operand `slot`, or null.
export function slopeProblem(op, numbers, slot) {
  const slope = OPERATIONS[op].slopes(numbers, OPERATIONS[op].value(...numbers))[slot];
  if (Number.isFinite(slope)) return null;
  const what = numbersFormula(op, numbers);
  if (op === "**" && slot === 1 && numbers[0] < 0) return `${what} has no slope in its exponent: the base is below 0.`;
  return op === "**" && numbers[0] === 0 ? `${what} is infinitely steep here.` : `The slope of ${what} is too large for 64 bits.`;
}
