// LogisticFit. After a minute the reader can say why the place where the likelihood is largest is the place
// where the mean BCE is smallest, why one computes the latter, and where squared error stops showing the way.
// The picture: three scores under the data, on the data's own axis; one line runs through peak and valley.

import {
  bestFit, likelihood, meanBce, meanSquaredError, ranges, rightProbabilities, scoreCurves, thresholdSlopes,
} from "./parts/logistic.js";
import { dataMark, drawScene, makeKnobs, placeKnobs, placement, shareText } from "./parts/logistic_plot.js";
import { element, svgElement, figure, followWidth, slider, button, statusLine, numberText } from "./parts/ui.js";

// The fit that the model holds and all that is computed from it. At w = 0 there is no threshold: the last one stays.
function reading(model, data, lastThreshold) {
  const { x, y, span } = data;
  const [weight, bias] = [model.get("weight"), model.get("bias")];
  const score = (name) => name(x, y, weight, bias);
  return {
    ...data, weight, bias, threshold: weight === 0 ? lastThreshold : -bias / weight,
    now: { likelihood: score(likelihood), bce: score(meanBce), squared: score(meanSquaredError) },
    scores: scoreCurves(x, y, weight, span.low, span.high), slopes: thresholdSlopes(x, y, weight, bias),
  };
}

const short = (v) => numberText(v, 3);

// What can be seen at this place, in one sentence.
function verdict({ scores, now, slopes, threshold, weight, span, least }) {
  const best = scores.thresholds[scores.best.bce];
  const relativeSlope = (name) => Math.abs(slopes[name]) / Math.max(...scores[name]);
  if (now.bce <= least + 1e-9) return "The best fit: no curve has a larger likelihood, none a smaller mean BCE.";
  if (weight === 0) return "A flat curve: no threshold is better than another.";
  if (Math.abs(threshold - best) <= (span.high - span.low) / 160) {
    return "The same place: of all thresholds at this steepness, the likelihood is largest and the mean BCE smallest here.";
  }
  if (relativeSlope("squared") < 0.25 * relativeSlope("bce")) {
    return `Wrong and sure: squared error is almost flat, the mean BCE still slopes down toward ${short(best)}.`;
  }
  return `Toward ${short(best)} the likelihood grows and the mean BCE falls.`;
}

function describePoint({ x, y, weight, bias, chosen, feature, outcomes, order }) {
  const p = rightProbabilities(x, y, weight, bias)[chosen];
  return `Point ${order.indexOf(chosen) + 1} (${feature} ${short(x[chosen])}, ${outcomes[y[chosen]]}): the curve gives this `
    + `answer p ${shareText(p, "= ")}, a factor of the likelihood, and −ln p = ${short(-Math.log(p))} in the mean BCE. `
    + `The red line is the rest, 1 − p ${shareText(1 - p, "= ")}.`;
}

function legend([no, yes]) {
  const entry = (isOne, text) => element("span", {},
    svgElement("svg", { width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" }, dataMark(8, 8, isOne)), text);
  return element("p", { class: "kb-lf-legend" }, entry(true, `y = 1, ${yes}`), entry(false, `y = 0, ${no}`),
    element("span", { class: "kb-lf-rest" }, "probability of the wrong answer"));
}

// Tell `drag` what is dragged and where to: a knob, the panels (which move the threshold too), or a look along the
// data. In the latter two a tap counts. Only a move sideways starts a drag, so scrolling the page changes nothing.
function followPointer(svg, { find, drag }) {
  let [grip, origin, started] = [null, 0, false];
  svg.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    [grip, origin, started] = [find(event), event.clientX, false];
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    started ||= grip === "turn" || Math.abs(event.clientX - origin) > 5;
    if (grip && started) drag(grip, event);
  });
  svg.addEventListener("pointerup", (event) => {
    if (grip === "panels" || grip === "data") drag(grip, event);
    grip = null;
  });
  svg.addEventListener("pointercancel", () => { grip = null; });
}

function mount(model, el) {
  const [x, y, outcomes, feature] = ["x", "y", "outcomes", "feature"].map((name) => model.get(name));
  const [span, peak] = [ranges(x), bestFit(x, y)];
  const order = x.map((_, i) => i).sort((a, b) => x[a] - x[b]);
  const data = { x, y, outcomes, feature, span, order, least: meanBce(x, y, peak.weight, peak.bias) };
  const start = { weight: model.get("weight"), bias: model.get("bias") };
  const clamp = (v, low, high) => Math.min(Math.max(v, low), high);
  let fit = reading(model, data, 0.5 * (span.low + span.high));
  let [chosen, writing, shift, middle] = [order[0], false, 0, null];
  let at = placement(640, span);

  const write = (weight, bias) => {
    writing = true; // two traits, one change
    model.set("weight", weight);
    model.set("bias", bias);
    writing = false;
    model.save_changes();
    draw();
  };
  const setFit = (weight, threshold) => {
    fit.threshold = clamp(threshold, span.low, span.high);
    const held = clamp(weight, -span.weight, span.weight);
    write(held, 0 - held * fit.threshold);
  };
  const moveTo = (threshold) => setFit(fit.weight, threshold);
  const turnTo = (weight) => setFit(weight, fit.threshold);
  const choose = (i) => { chosen = i; draw(); };
  // Data that can be separated have no best fit: as steep as the slider goes, at the fit's threshold.
  const goBest = () => {
    if (Math.abs(peak.weight) > span.weight) setFit(peak.weight, -peak.bias / peak.weight);
    else write(peak.weight, peak.bias);
  };

  const [svg, scene, knobs] = [figure(at.width, at.height, ""), svgElement("g"), makeKnobs()];
  svg.classList.add("kb-lf-figure");
  svg.append(scene, knobs.rod, knobs.turn, knobs.move);
  const frame = element("div", {}, svg);
  const control = (label, min, max, step, oninput, format = short) =>
    slider({ label, min, max, step, oninput, format, value: min });
  const controls = {
    threshold: control("threshold", span.low, span.high, span.step, moveTo),
    weight: control("steepness w", -span.weight, span.weight, span.weight / 80, turnTo),
    point: control("look at point", 1, x.length, 1, (k) => choose(order[k - 1]), String),
  };
  const [status, about] = [statusLine(), element("p", { class: "kbook-note" })];

  function draw() {
    fit = { ...reading(model, data, fit.threshold), chosen };
    svg.setAttribute("viewBox", `0 0 ${at.width} ${at.height}`);
    scene.replaceChildren(...drawScene(at, fit));
    middle = placeKnobs(knobs, at, fit);
    controls.threshold.set(fit.threshold);
    controls.weight.set(fit.weight);
    controls.point.set(order.indexOf(chosen) + 1);
    const { likelihood: product, bce, squared } = fit.now;
    status.textContent = `Likelihood ${short(product)}, mean BCE ${short(bce)}, squared error ${short(squared)}. ${verdict(fit)}`;
    svg.setAttribute("aria-label", `${x.length} points, a sigmoid with threshold ${short(fit.threshold)} and steepness `
      + `${short(fit.weight)}, and three scores over the threshold. ${status.textContent}`);
    about.textContent = describePoint(fit);
    controls.point.input.setAttribute("aria-valuetext", about.textContent);
  }

  const inside = (event) => {
    const box = svg.getBoundingClientRect();
    return [(event.clientX - box.left) * (at.width / box.width), (event.clientY - box.top) * (at.width / box.width)];
  };
  followPointer(svg, {
    find(event) {
      const [px, py] = inside(event);
      const grip = event.target.closest("[data-grip]")?.dataset.grip ?? (py > at.bottom ? "panels" : "data");
      shift = grip === "move" ? px - middle.x : 0;
      return grip;
    },
    drag(grip, event) {
      const [px, py] = inside(event);
      const [run, rise] = [Math.max(middle.side * (px - middle.x), 0.001), middle.side * (middle.y - py)];
      const distance = (i) => Math.abs(at.X(x[i]) - px);
      if (grip === "turn") turnTo((4 * rise * at.perUnit) / (run * at.rise));
      else if (grip === "data") choose(order.reduce((near, i) => (distance(i) < distance(near) ? i : near)));
      else moveTo(at.value(px - shift));
    },
  });

  el.append(
    element("p", { class: "kbook-title" }, "One curve, three scores: drag it to where the likelihood is largest"),
    legend(outcomes), frame,
    element("div", { class: "kb-lf-sliders" }, ...Object.values(controls).map(({ root }) => root)),
    element("div", { class: "kb-lf-buttons" },
      button("To the best fit", goBest), button("Reset", () => write(start.weight, start.bias))),
    status, about,
  );
  const unfollow = followWidth(frame, (width) => { at = placement(width, span); draw(); });
  const changed = () => { if (!writing) draw(); };
  ["change:weight", "change:bias"].forEach((event) => model.on(event, changed));
  draw();
  return () => {
    unfollow();
    ["change:weight", "change:bias"].forEach((event) => model.off(event, changed));
    el.replaceChildren();
  };
}

function render({ model, el }) {
  el.classList.add("kbook-widget");
  let unmount = mount(model, el);
  // New data make a new drawing; between two changes x and y may differ in length.
  const renew = () => {
    if (model.get("x").length !== model.get("y").length) return;
    unmount();
    unmount = mount(model, el);
  };
  const events = ["x", "y", "outcomes", "feature"].map((name) => `change:${name}`);
  events.forEach((event) => model.on(event, renew));
  return () => {
    events.forEach((event) => model.off(event, renew));
    unmount();
  };
}

export default { render };
