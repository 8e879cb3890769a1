// DifferenceLab. After a minute the reader can say why a smaller step h first helps and then hurts, why the central
// quotient gets further, and where to stop. The picture: a V of two straight legs, and beside it the subtraction that
// makes the left leg: the leading digits of f(x + h) and f(x) are the same, cancel, and are gone from the slope.

import { alignDigits, cancelledDigits, cutDigits, EXPONENTS, firstDigit, FUNCTIONS, leastError, legs, measure, measuredBest, ruler, stepOf, takenStep, theoryBest } from "./parts/difference.js";
import { differencePlacement, drawDifference, seriesMark } from "./parts/difference_plot.js";
import { button, choice, element, figure, followWidth, numberText, sharedTraits, slider, statusLine, svgElement } from "./parts/ui.js";

const CHOSEN = ["function", "x", "exponent", "shows_best"];
const NAMES = { forward: "one-sided", central: "central" };
const FORMULAS = { forward: "(f(x + h) − f(x)) / h", central: "(f(x + h) − f(x − h)) / 2h" };
const RULES = {
  truncation: "truncation rules", "round-off": "round-off rules", both: "truncation and round-off about alike",
  none: "neither error", kink: "the kink rules", lost: "the step is lost",
};

export function stepText(h) {
  return h.toExponential().replaceAll("-", "−");
}

function bestText(index) {
  return index < 0 ? "all alike" : stepText(stepOf(EXPONENTS[index]));
}

// An error in two digits; below what the exact slope is known to, only that.
export function errorText(error, least) {
  if (error === 0 || error >= 0.001) return numberText(error, 2);
  return error <= least ? `below ${stepText(Number(least.toPrecision(1)))}` : stepText(Number(error.toPrecision(2)));
}

// Everything that is shown, from everything that is chosen.
export function evaluateDifference(name, x, exponent) {
  const [h, least] = [stepOf(exponent), leastError(name, x)];
  const points = EXPONENTS.map((e) => measure(name, x, stepOf(e)));
  const best = (form) => measuredBest(points.map((point) => point.error[form]), least);
  const now = measure(name, x, h);
  return {
    name, x, exponent, h, least, points, now, legs: legs(name, x),
    best: { forward: best("forward"), central: best("central") }, theory: theoryBest(name, x),
    rules: { forward: ruler(name, x, h, "forward"), central: ruler(name, x, h, "central") },
    cancelled: cancelledDigits(now.ahead, now.here), taken: takenStep(x, h),
  };
}

// What becomes of the 16 digits that a 64-bit number holds.
export function digitSentence({ cancelled, now }) {
  if (now.ahead === 0 && now.here === 0) return "Both are 0: there is nothing to cancel.";
  if (now.ahead === now.here) return "All digits cancel: nothing is left.";
  if (cancelled === 0) return "No digit cancels yet: all 16 are left.";
  if (cancelled >= 16) return "All 16 digits cancel: what is left is rounding.";
  return `${cancelled} of 16 digits cancel${cancelled === 1 ? "s" : ""}; ${16 - cancelled} ${cancelled === 15 ? "is" : "are"} left.`;
}

// What there is to notice at this h.
export function remark(state) {
  const { rules, x, h, exponent, legs: { forward, central, roundOff }, taken, name } = state;
  if (rules.forward === "lost") {
    const half = rules.central === "lost" ? "x − h is x, too: both quotients are 0." : "x − h is still another number: the central quotient lives on it alone.";
    return `x + h is x: the step is lost. Numbers near x are further apart than h, and the one-sided quotient is 0. ${half}`;
  }
  if (rules.forward === "kink" && x === 0) return "At the kink there is no tangent, and no h helps: one-sided sees the slope to the right, central the mean of both sides.";
  if (rules.central === "kink") return `x and x ${x < 0 ? "+" : "−"} h lie on two sides of the kink: a quotient across it mixes the slopes 0 and 1. Choose h below ${numberText(Math.abs(x))}.`;
  if (name === "relu") return "On either side of its kink relu is straight: no truncation at all, and the largest h that stays on the side of x is best.";
  if (state.now.ahead === state.now.here && roundOff > 0) return "f(x + h) is f(x): h changes f by less than the distance of two neighboring 64-bit numbers. The one-sided quotient is 0.";
  const rounded = Math.abs(taken / h - 1) > 0.01 ? ` x + h is rounded as well: the step really taken is ${errorText(taken, 0)}.` : "";
  const bottom = (form) => rules[form] === "both" || (EXPONENTS[state.best[form]] === exponent && roundOff > 0);
  if (bottom("forward")) return "The bottom of the one-sided V: a larger h costs truncation, a smaller one digits.";
  if (rules.forward === "round-off") {
    const eaten = name === "offset" ? " The constant fills seven of the 16 digits and adds nothing to the slope." : "";
    return `Round-off rules: h ten times smaller costs one more digit and makes the error about ten times larger.${eaten}${rounded}`;
  }
  if (bottom("central")) return "The bottom of the central V: about as good as 64 bits allow here.";
  if (rules.central === "round-off") return "Central has its best h behind it and loses digits, one-sided is still too coarse.";
  if (roundOff === 0) return "f(x) = 0: nothing can cancel here, there is no round-off leg, and small h only gets better.";
  if (forward === 0 || central === 0) return "Truncation rules. Here one leg of theory is missing, as its derivative of f is 0.";
  if (forward < 10 * central * h) return "Truncation rules. f bends so little here that the one-sided quotient falls faster than h: its second term, with f‴, still counts.";
  return "Truncation rules: the curve bends away within h. With h ten times smaller, the one-sided error falls about 10 times, the central one 100 times.";
}

// A line of digits: the label, what comes first, the marked digits, the rest.
function digitLine(label, before, mark, marked, ...rest) {
  return element("div", { class: "kb-dl-line" }, element("span", { class: "kb-dl-label" }, ...label),
    element("span", { class: "kb-dl-digits" }, before, element(mark, { class: `kb-dl-${mark}` }, marked), ...rest));
}

// What is subtracted and what is left: the digits that cancel are struck out. The 17th digit is printed, but only 16
// are known: it stands back.
function subtraction({ now, cancelled }) {
  const { texts, suffix } = alignDigits([now.ahead, now.here, now.ahead - now.here]);
  const first = firstDigit(texts.slice(0, 2));
  const [above, below] = texts.map((text) => cutDigits(text, first, cancelled)[1]);
  return [
    ...["f(x + h)", "f(x)", "difference"].map((label, i) => {
      const [before, marked, rest] = cutDigits(texts[i], first, cancelled);
      const off = (text) => element("span", { class: "kb-dl-off" }, text);
      return digitLine([label], before, i < 2 ? "s" : "i", marked, element("b", {}, rest.slice(0, -1)), off(rest.slice(-1)), suffix);
    }),
    element("p", { class: "kb-dl-sentence" }, digitSentence({ now, cancelled })),
    element("p", { class: "kbook-note" }, above !== below ? "Struck digits differ where the subtraction borrows." : ""),
  ];
}

// The quotients above the exact slope, each with the digits that it has right. By the size of the error, not by the looks
// of the digits: 2.9999997 has six digits of 3 right.
function slopes({ now, rules, least, name, x }) {
  const isKink = name === "relu" && x === 0;
  const { texts, suffix } = alignDigits([now.forward, now.central, now.slope]);
  const rows = Object.keys(NAMES).flatMap((form, i) => {
    const cut = cutDigits(texts[i], firstDigit([texts[i], texts[2]]), cancelledDigits(now[form], now.slope));
    const [before, marked, rest] = /[1-9]/.test(cut[1]) ? cut : ["", "", texts[i]]; // no right digit is 0 alone
    return [digitLine([legendMark(form), NAMES[form]], before, "b", marked, element("span", { class: "kb-dl-off" }, rest), suffix),
      element("p", { class: "kb-dl-about" }, `error ${errorText(now.error[form], least)}${now.error[form] <= least ? "" : `: ${RULES[rules[form]]}`}`)];
  });
  return [...rows, digitLine([isKink ? "f′(x), set to" : "exact f′(x)"], "", "span", texts[2], suffix),
    element("p", { class: "kbook-note" }, "Underlined: right (the last ±1).")];
}

function legendMark(form) {
  return svgElement("svg", { width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" }, seriesMark(form, 8, 8, 5));
}

function legend() {
  const entries = Object.keys(NAMES).map((form) => element("span", {}, legendMark(form), `${NAMES[form]} ${FORMULAS[form]}`));
  return element("p", { class: "kb-dl-legend" }, ...entries);
}

// Where each quotient is best; theory only where there is a V.
function bestSteps({ best, theory }) {
  const ring = svgElement("svg", { width: 20, height: 20, viewBox: "0 0 20 20", "aria-hidden": "true" }, svgElement("circle", { cx: 10, cy: 10, r: 8, class: "kb-dl-ring" }));
  const step = (form) => `${NAMES[form]} ${bestText(best[form])}${theory[form] === null ? "" : ` (theory ${stepText(Number(theory[form].toPrecision(1)))})`}`;
  return [ring, element("span", {}, `best h: ${step("forward")}, ${step("central")}`)];
}

// The same as a table, for whom a drawing says nothing.
function errorTable() {
  const body = element("tbody");
  const head = element("tr", {}, ...["h", "one-sided error", "central error"].map((text) => element("th", { scope: "col" }, text)));
  const root = element("details", { class: "kb-dl-table" }, element("summary", {}, "The errors as a table, and the theory"),
    element("p", { class: "kbook-note" }, "Theory: the best h is where the two legs add up to least, √(2ε|f|/|f″|) for the one-sided and ∛(3ε|f|/2|f‴|) for the central quotient, whose round-off is half of the line drawn; ε = 2.2e−16. "
      + "Measured: the h whose error and its two neighbors' are smallest at their worst, so that a lucky hit does not count. A hollow mark at the bottom edge is an error of 0, or one too small to be told from 0."),
    element("table", {}, element("thead", {}, head), body));
  const show = ({ points, least }) => body.replaceChildren(...points.filter((_, i) => i % 4 === 0).reverse().map(({ h, error }) => element("tr", {},
    element("th", { scope: "row" }, stepText(h)), ...["forward", "central"].map((form) => element("td", {}, errorText(error[form], least))))));
  return { root, show };
}

// A tap, or a drag sideways, chooses h in the drawing; a scroll with the finger on it changes nothing.
function followStep(svg, choose) {
  let [origin, started] = [null, false];
  svg.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    [origin, started] = [event.clientX, false];
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    started ||= origin !== null && Math.abs(event.clientX - origin) > 5;
    if (origin !== null && started) choose(event);
  });
  svg.addEventListener("pointerup", (event) => {
    if (origin !== null) choose(event);
    origin = null;
  });
  svg.addEventListener("pointercancel", () => { origin = null; });
}

export function describe({ name, x, now, least, best }, showsBest) {
  const of = (form) => `${NAMES[form]} error ${errorText(now.error[form], least)}${showsBest ? `, best h ${bestText(best[form])}` : ""}`;
  return `Errors of two difference quotients of ${FUNCTIONS[name].text} at x = ${numberText(x)} over the step h, on logarithmic axes. At h = ${stepText(now.h)}: ${of("forward")}; ${of("central")}.`;
}

function render({ model, el }) {
  el.classList.add("kbook-widget", "kb-dl");
  const start = Object.fromEntries(CHOSEN.map((key) => [key, model.get(key)]));
  let at = differencePlacement(640);
  const { save, end } = sharedTraits(model, CHOSEN, () => draw());
  const pick = choice({
    legend: "Function f", options: Object.entries(FUNCTIONS).map(([key, { text }]) => [key, text]), value: start.function,
    onchange: (key) => save({ function: key, x: FUNCTIONS[key].at }),
  });
  const point = slider({ label: "point x", min: -2, max: 2, step: 0.01, value: start.x, format: (v) => numberText(v), oninput: (v) => save({ x: v }) });
  const step = slider({ label: "step h", min: -16, max: -1, step: 0.25, value: start.exponent, format: (e) => stepText(stepOf(e)), oninput: (e) => save({ exponent: e }) });
  step.root.classList.add("kb-dl-step");
  const card = (title) => element("div", { class: "kb-dl-card" }, element("p", { class: "kb-dl-head" }, title), element("div"));
  const [digits, slope] = [card("The one-sided subtraction"), card("The slope")];
  const svg = figure(at.width, at.height, "");
  const [frame, status, bestLine, table] = [element("div", { class: "kb-dl-frame" }, svg), statusLine(), element("p"), errorTable()];
  const ask = button("", () => save({ shows_best: !model.get("shows_best") }));

  function draw() {
    const [name, x, exponent, showsBest] = CHOSEN.map((key) => model.get(key));
    const state = evaluateDifference(name, x, exponent);
    svg.setAttribute("viewBox", `0 0 ${at.width} ${at.height}`);
    svg.replaceChildren(...drawDifference(at, { ...state, showsBest, text: `h = ${stepText(state.h)}` }));
    svg.setAttribute("aria-label", describe(state, showsBest));
    pick.set(name);
    point.set(x);
    step.set(exponent);
    ask.textContent = showsBest ? "Hide the best h" : "Show the best h";
    bestLine.replaceChildren(...(showsBest ? bestSteps(state) : []));
    digits.lastChild.replaceChildren(...subtraction(state));
    slope.lastChild.replaceChildren(...slopes(state));
    status.replaceChildren(element("span", { class: "kb-dl-spoken" }, `h = ${stepText(state.h)}. ${digitSentence(state)} `), remark(state));
    table.show(state);
  }

  followStep(svg, (event) => {
    const box = svg.getBoundingClientRect();
    const exponent = at.exponentAt((event.clientX - box.left) * (at.width / box.width));
    if (exponent !== model.get("exponent")) save({ exponent });
  });
  el.append(element("p", { class: "kbook-title" }, "How small should the step h be?"), element("p", {}, "Move h: where is each error smallest?"),
    pick.root, point.root, legend(), frame, step.root, status, element("div", { class: "kb-dl-bests" }, ask, bestLine),
    element("div", { class: "kb-dl-cards" }, digits, slope), button("Reset", () => save(start)), table.root);
  const unfollow = followWidth(frame, (width) => { at = differencePlacement(width); draw(); });
  draw();
  return () => {
    unfollow();
    end();
    el.replaceChildren();
  };
}

export default { render };
