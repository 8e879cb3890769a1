// OptimizerRace. After some races the reader can say why SGD zigzags in a valley, what momentum buys and where it
// overshoots, why Adam's first steps have the size of the learning rate whatever the slope, and where AdamW's decay
// pulls. The picture: one map, up to four paths from one start, and beside it how high each runner is after each step.

import { MOST_STEPS, rateAt, runRace } from "./parts/race.js";
import { followStart, mapFigure, raceTable, runnerBoxes, startHandle } from "./parts/race_controls.js";
import { drawGround, drawHeights, drawPaths, heightPlacement, mapPlacement, shade } from "./parts/race_plot.js";
import { raceDescription, raceSentence, short } from "./parts/race_words.js";
import { SURFACES } from "./parts/surfaces.js";
import { button, choice, element, figure, followWidth, sharedTraits, slider, statusLine } from "./parts/ui.js";

const CHOSEN = ["surface", "start", "optimizers", "rate", "decay", "steps"];

// How many steps a race has shown after some seconds: slow enough at first to see each step, then faster.
export function stepsAfter(seconds) {
  return Math.min(MOST_STEPS, Math.floor(8 * seconds + 2.5 * seconds * seconds));
}

function render({ model, el }) {
  el.classList.add("kbook-widget", "kb-or");
  const first = Object.fromEntries(CHOSEN.map((key) => [key, model.get(key)]));
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let [step, frameId, drawn, race] = [first.steps, 0, "", null];
  let [at, heightsAt] = [mapPlacement(340), heightPlacement(320, 240)];
  const { save, end } = sharedTraits(model, CHOSEN, () => update());
  const goTo = (k) => { stop(); save({ steps: k }); };
  const change = (values) => save(frameId ? { ...values, steps: step } : values);

  const map = mapFigure();
  const knob = { ...startHandle((start) => change({ start })), start: first.start };
  map.svg.append(knob.root);
  const surfaces = choice({
    legend: "Surface", options: Object.entries(SURFACES).map(([key, { label }]) => [key, label]), value: first.surface,
    onchange: (key) => change({ surface: key, start: SURFACES[key].start }),
  });
  const boxes = runnerBoxes((optimizers) => change({ optimizers }));
  const heights = figure(heightsAt.width, heightsAt.height, "");
  const heightsFrame = element("div", { class: "kb-or-heights" }, heights);
  const rate = slider({
    label: "step size", min: -3, max: 0, step: 0.05, value: Math.log10(first.rate),
    format: (e) => short(rateAt(e)), oninput: (e) => change({ rate: rateAt(e) }),
  });
  const decay = slider({
    label: "AdamW decay", min: 0, max: 0.5, step: 0.01, value: first.decay, format: short,
    oninput: (v) => change({ decay: v }),
  });
  const scrub = slider({ label: "step", min: 0, max: MOST_STEPS, step: 1, value: first.steps, oninput: goTo });
  const run = button("Race", () => (frameId ? goTo(step) : begin()));
  run.classList.add("kb-or-main");
  const next = button("Step", () => goTo(Math.min(step + 1, MOST_STEPS)));
  const reset = button("Reset", () => { stop(); save(first.steps ? { ...first, steps: 0 } : first); });
  const [formula, status] = [element("p", { class: "kbook-note" }), statusLine()];
  const table = raceTable(() => [race, step]);

  function begin() {
    if (step === MOST_STEPS) step = 0;
    if (isCalm) return goTo(MOST_STEPS);
    const from = step;
    let since = null;
    const tick = (time) => {
      if (!el.isConnected) return stop();
      since ??= time;
      step = Math.max(step, Math.min(MOST_STEPS, from + stepsAfter((time - since) / 1000)));
      if (step === MOST_STEPS) return goTo(MOST_STEPS);
      frameId = requestAnimationFrame(tick);
      return drawStep();
    };
    frameId = requestAnimationFrame(tick);
    return drawStep();
  }

  function stop() {
    cancelAnimationFrame(frameId);
    frameId = 0;
  }

  // What changes with each step. While the race runs the sentence and the table wait: nothing speaks all the time.
  function drawStep() {
    map.paths.replaceChildren(...drawPaths(at, race, step));
    heights.replaceChildren(...drawHeights(heightsAt, race, step));
    boxes.set(race, step);
    scrub.set(step);
    run.textContent = frameId ? "Pause" : step === MOST_STEPS ? "Race again" : "Race";
    // A disabled button would lose the keyboard's place.
    if (step === MOST_STEPS && document.activeElement === next) run.focus();
    next.disabled = step === MOST_STEPS;
    const sentence = frameId ? "The race is on." : raceSentence(race, step);
    if (status.textContent !== sentence) status.textContent = sentence; // the same text set again would be spoken again
    if (frameId) return;
    map.picture.setAttribute("aria-label", raceDescription(race, step));
    heights.setAttribute("aria-label", `Height of each runner over the steps up to ${step}, on a logarithmic axis.`);
    table.show();
  }

  function drawMap() {
    const surface = model.get("surface");
    if (drawn === `${surface} ${at.width}`) return;
    drawn = `${surface} ${at.width}`;
    map.svg.setAttribute("viewBox", `0 0 ${at.width} ${at.width}`);
    map.ground.replaceChildren(...drawGround(at, surface));
    shade(map.canvas, surface);
    const { formula: text, minima } = SURFACES[surface];
    formula.textContent = `height = ${text}; + marks the lowest ${minima.length > 1 ? "points" : "point"}`;
  }

  function update() {
    const [surface, start, optimizers, size, weightDecay, steps] = CHOSEN.map((key) => model.get(key));
    race = runRace(surface, start, optimizers, size, weightDecay);
    if (!frameId) step = steps;
    drawMap();
    knob.start = start;
    knob.set(at, start);
    surfaces.set(surface);
    rate.set(Math.log10(size));
    decay.set(weightDecay);
    decay.root.hidden = !optimizers.includes("adamw");
    drawStep();
  }

  followStart(map.svg, knob, (event) => {
    const box = map.svg.getBoundingClientRect();
    const scale = at.width / box.width;
    return at.place((event.clientX - box.left) * scale, (event.clientY - box.top) * scale);
  }, (start) => change({ start }));
  el.append(element("p", { class: "kbook-title" }, "Four ways down: choose a start on the map, then race"),
    surfaces.root, boxes.root,
    element("div", { class: "kb-or-view" }, map.frame,
      element("div", { class: "kb-or-controls" },
        element("div", { class: "kb-or-buttons" }, run, next, reset), rate.root, decay.root, scrub.root),
      heightsFrame),
    status, formula, table.root);
  const unfollow = [
    followWidth(map.frame, (width) => { at = mapPlacement(width); update(); }),
    followWidth(heightsFrame, (width) => {
      const isBeside = heightsFrame.offsetTop === map.frame.offsetTop;
      heightsAt = heightPlacement(width, isBeside ? map.frame.clientWidth : 190);
      heights.setAttribute("viewBox", `0 0 ${width} ${heightsAt.height}`);
      drawStep();
    }),
  ];
  update();
  return () => {
    stop();
    unfollow.forEach((unfollowOne) => unfollowOne());
    end();
    el.replaceChildren();
  };
}

export default { render };
