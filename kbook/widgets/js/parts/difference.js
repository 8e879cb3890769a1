// The mathematics of DifferenceLab: two difference quotients in 64-bit arithmetic, and what theory says of their errors.

export const EPSILON = Number.EPSILON; // 2^-52, the relative distance of neighboring 64-bit numbers

const OFFSET = 1e6;
const sine = (x) => [Math.cos(x), -Math.sin(x), -Math.cos(x)];

// Each function with f′, f″ and f‴, and the point where the widget looks at it first.
export const FUNCTIONS = {
  sin: { text: "sin x", at: 1, f: Math.sin, slopes: sine },
  exp: { text: "exp x", at: 1, f: Math.exp, slopes: (x) => [Math.exp(x), Math.exp(x), Math.exp(x)] },
  cube: { text: "x³", at: 1, f: (x) => x * x * x, slopes: (x) => [3 * x * x, 6 * x, 6] },
  tanh: {
    text: "tanh x", at: 0.5, f: Math.tanh,
    slopes: (x) => {
      const [t, first] = [Math.tanh(x), 1 / Math.cosh(x) ** 2]; // 1 − tanh² would itself lose digits
      return [first, -2 * t * first, (6 * t * t - 2) * first];
    },
  },
  // The same slopes as sin x, but the constant takes seven of the 16 digits.
  offset: { text: "sin x + 10⁶", at: 1, f: (x) => Math.sin(x) + OFFSET, slopes: sine },
  // At the kink itself the slope is set to 0, as deep-learning libraries do.
  relu: { text: "relu x", at: 0.01, f: (x) => Math.max(0, x), slopes: (x) => [x > 0 ? 1 : 0, 0, 0] },
};

export const EXPONENTS = Array.from({ length: 61 }, (_, i) => -16 + i / 4);

// The step of a quarter decade, as a number that one would type: 1e-5, 1.8e-5, 3.2e-5, 5.6e-5.
export function stepOf(exponent) {
  const whole = Math.floor(exponent);
  return Number(`${["1", "1.8", "3.2", "5.6"][Math.round(4 * (exponent - whole))]}e${whole}`);
}

// f, f′, f″, f‴ at x
export function derivatives(name, x) {
  return [FUNCTIONS[name].f(x), ...FUNCTIONS[name].slopes(x)];
}

// Both quotients as the textbook writes them and a program computes them: divided by h as it was chosen. The rounding
// of x + h is then part of the error, as in the reader's own code; dividing by (x + h) − x instead would take it out.
export function quotients(name, x, h) {
  const { f } = FUNCTIONS[name];
  const [ahead, here, behind] = [f(x + h), f(x), f(x - h)];
  return { ahead, here, behind, forward: (ahead - here) / h, central: (ahead - behind) / (2 * h) };
}

// What the step became: kept, or lost where x + h is x.
export function takenStep(x, h) {
  return x + h - x; // for small h exact
}

// The quotients with their errors against the exact slope.
export function measure(name, x, h) {
  const now = quotients(name, x, h);
  const slope = derivatives(name, x)[1];
  return { ...now, h, slope, error: { forward: Math.abs(now.forward - slope), central: Math.abs(now.central - slope) } };
}

// The exact slope is itself computed with 64 bits: an error below this cannot be told from 0.
export function leastError(name, x) {
  return EPSILON * Math.abs(derivatives(name, x)[1]);
}

// The coefficients of the legs: truncation h·|f″|/2 and h²·|f‴|/6, round-off about ε|f|/h. Each of two values is rounded
// by up to ε|f|/2; the central quotient divides both by 2h, so its leg is half of that. (The rounding of x + h adds about ε|x f′|/2h, for these functions no more than a few times that.)
export function legs(name, x) {
  const [value, , second, third] = derivatives(name, x).map(Math.abs);
  return { forward: second / 2, central: third / 6, roundOff: EPSILON * value };
}

// The h where truncation and round-off add up to least; null where one of the legs is missing.
export function theoryBest(name, x) {
  const { forward, central, roundOff } = legs(name, x);
  const has = (leg) => leg > 0 && roundOff > 0;
  return {
    forward: has(forward) ? Math.sqrt(roundOff / forward) : null,
    central: has(central) ? Math.cbrt(roundOff / (4 * central)) : null,
  };
}

// The best h measured: the index whose error and its neighbors' are smallest at their worst. The smallest error alone
// may be a lucky hit, two roundings that happen to cancel; no one could have chosen that h. Of equals the largest h;
// −1 where all are equal.
export function measuredBest(errors, least) {
  const worst = errors.map((_, i) => Math.max(least, ...errors.slice(Math.max(0, i - 1), i + 2)));
  const smallest = Math.min(...worst);
  return smallest === Math.max(...worst) ? -1 : worst.lastIndexOf(smallest);
}

// Which error rules the quotient `form` at this h.
export function ruler(name, x, h, form) {
  if (x + h === x && (form === "forward" || x - h === x)) return "lost";
  const crosses = form === "forward" ? x <= 0 && h > -x : h > Math.abs(x);
  if (name === "relu" && crosses) return "kink";
  const { roundOff, ...truncation } = legs(name, x);
  const next = truncation.central * h * h; // the one-sided quotient's second term: where f″ is 0 it rules
  const [coarse, fine] = [form === "forward" ? truncation.forward * h + next : next, roundOff / h];
  if (coarse === 0 && fine === 0) return "none";
  if (coarse > 10 * fine) return "truncation";
  return fine > 10 * coarse ? "round-off" : "both";
}

// Numbers one above the other: so many decimals for all that the largest shows 17 digits. Where it begins with zeros,
// all are given in its power of ten, and that is the suffix.
export function alignDigits(values) {
  const top = Math.max(...values.map(Math.abs));
  const exponent = top === 0 ? 0 : Number(top.toExponential(16).split("e")[1]);
  let texts = values.map((v) => v.toFixed(Math.min(100, Math.max(0, 16 - exponent))));
  if (exponent < -3) {
    const digits = texts.map((text) => text.replace(/\D/g, "").slice(-17));
    texts = digits.map((text, i) => `${texts[i][0] === "-" ? "-" : ""}${text[0]}.${text.slice(1)}`);
  }
  const width = Math.max(...texts.map((text) => text.length));
  return { texts: texts.map((text) => text.padStart(width).replace("-", "−")), suffix: exponent < -3 ? `e−${-exponent}` : "" };
}

// How many leading digits a − b loses: from the first digit of the larger one on, the columns where the difference
// has zeros. Not the digits that look alike: 0.2000001 − 0.1999999 loses six of them.
export function cancelledDigits(a, b) {
  const top = Math.max(Math.abs(a), Math.abs(b));
  if (top === 0) return 0;
  const [larger, rest] = alignDigits([top, Math.abs(a - b)]).texts.map((text) => text.replaceAll(" ", "0").replace(".", ""));
  const [first, left] = [larger.search(/[1-9]/), rest.search(/[1-9]/)];
  return left < 0 ? larger.length - first : Math.max(0, left - first);
}

// The place of the first digit above 0 in aligned texts.
export function firstDigit(texts) {
  return Math.min(...texts.map((text) => `${text}1`.search(/[1-9]/)));
}

// Cut an aligned text into what stands before column `first`, the `count` digits from there on, and the rest; a digit
// that is left out in front of a smaller number counts.
export function cutDigits(text, first, count) {
  let end = first;
  for (let seen = 0; seen < count && end < text.length; end += 1) seen += text[end] === "." ? 0 : 1;
  return [text.slice(0, first), text.slice(first, end), text.slice(end)];
}
