// GanLab1D. The reader can say which gradient the generator gets under four objectives while data and made samples lie
// apart, watches it learn from that gradient, and makes it lose one of two peaks and find it again. The picture, over
// one line: the critic's curve, the two densities, and the made samples with the push that each feels.

import { advanceGan, startGan } from "./parts/gan_1d.js";
import { measureGan } from "./parts/gan_measures.js";
import { drawGan, ganPlacement } from "./parts/gan_plot.js";
import { GAN_COLUMNS, GAN_DATA, ganPictureText, ganRow, ganSentence } from "./parts/gan_words.js";
import { button, choice, element, figure, followWidth, sharedTraits, slider, statusLine } from "./parts/ui.js";

const CHOSEN = ["objective", "data", "critic_steps", "seed", "steps"];
const NAMES = ["saturating", "non-saturating", "least squares", "Wasserstein"];
const MOST_STEPS = 600;
const SHOW_STEPS = 300; // after which a collapse, or its cure, is plain
const CALM_STEPS = 100; // at once, for readers who asked for less motion
const EVERY = 20; // steps from one row of the table to the next
const BUDGET = 12; // milliseconds of training in a frame, so that a phone stays responsive
const SEEDS = 10_000;
export const COLLAPSE = { objective: "non-saturating", data: "two", critic_steps: 5, steps: 0 };
export const CURE = { ...COLLAPSE, objective: "Wasserstein" };
const HOW = "Computed in this page. Both nets have 16 tanh units. The critic starts at 0 and learns by Adam; the "
  + "generator follows its plain gradient, so that a small gradient is a small step: Adam would hide the difference. "
  + "A step is the chosen number of critic updates and one of the generator, each on 64 samples of either kind, with "
  + "rate 0.02. The Wasserstein critic pays 10 · max(|f′| − 1, 0)² between data and made samples. Numbers and density "
  + "are those of 256 made samples; a peak is covered when a tenth of them lie within 3 of its standard deviations.";

// One step in a frame at first, then two: most happens early.
export function ganStepsInFrame(step) {
  return step < 150 ? 1 : 2;
}

// Trains in frames until a step; `isWatched`: one picture a frame.
function makeTrainer({ gan, draw, onstop, isThere }) {
  let [frame, goal, isWatched] = [0, 0, false];
  const stop = () => { cancelAnimationFrame(frame); frame = 0; };
  const tick = (now) => {
    if (!isThere()) { stop(); return; }
    const most = isWatched ? ganStepsInFrame(gan().step) : Infinity;
    for (let k = 0; k < most && gan().step < goal && performance.now() - now < BUDGET; k++) advanceGan(gan());
    if (gan().step >= goal) { stop(); onstop(); return; }
    if (isWatched) draw();
    frame = requestAnimationFrame(tick);
  };
  return {
    stop,
    isRunning: () => frame !== 0,
    isWatched: () => frame !== 0 && isWatched,
    run(to, watched) {
      stop();
      [goal, isWatched] = [Math.min(to, MOST_STEPS), watched];
      frame = requestAnimationFrame(tick);
    },
  };
}

function ganTable() {
  const keys = { "data-lm-suppress-shortcuts": "true" };
  const rows = element("tbody");
  const head = element("thead", {}, element("tr", {}, ...GAN_COLUMNS.map((text) => element("th", { scope: "col" }, text))));
  const root = element("details", {}, element("summary", keys, "All numbers, and how they are computed"),
    element("p", { class: "kbook-note" }, HOW),
    element("div", { class: "kb-gl-scroll", tabindex: 0, role: "region", "aria-label": "Numbers", ...keys },
      element("table", {}, head, rows)));
  const show = (notes) => rows.replaceChildren(...notes.map(([step, ...cells]) => element("tr", {},
    element("th", { scope: "row" }, step), ...cells.map((text) => element("td", {}, text)))));
  return { root, show };
}

function render({ model, el }) {
  el.classList.add("kbook-widget", "kb-gl");
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const clip = `kb-gl-${Math.random().toString(36).slice(2)}`;
  const read = () => Object.fromEntries(CHOSEN.map((key) => [key, model.get(key)]));
  let [at, gan, notes, shown] = [ganPlacement(340), null, [], {}];
  const { save, end } = sharedTraits(model, CHOSEN, () => update());
  const trainer = makeTrainer({ gan: () => gan, draw: () => draw(), onstop: () => rest(), isThere: () => el.isConnected });

  const objectives = choice({
    legend: "Objective", options: NAMES.map((name) => [name, name]), value: model.get("objective"),
    onchange: (objective) => change({ objective }),
  });
  const data = choice({
    legend: "Data", options: Object.entries(GAN_DATA), value: model.get("data"), onchange: (key) => change({ data: key }),
  });
  const criticSteps = slider({
    label: "critic updates a step", min: 1, max: 10, step: 1, value: model.get("critic_steps"),
    oninput: (count) => change({ critic_steps: count }),
  });
  const picture = figure(at.width, at.height, "");
  const frame = element("div", {}, picture);
  const legend = element("p", { class: "kbook-note kb-gl-legend" }, ...Object.entries({
    data: "data", made: "made samples", critic: "critic", best: "best critic for these densities",
    arrow: "−gradient: length 1 is a gradient of 1, two heads are more than 3",
  }).map(([key, text]) => element("span", { class: `kb-gl-key-${key}` }, text)));
  const [status, seed, table] = [statusLine(), element("span", { class: "kbook-note" }), ganTable()];
  const go = button("Run", () => {
    if (trainer.isRunning()) { trainer.stop(); rest(); return; }
    if (gan.step >= MOST_STEPS) restart();
    begin(MOST_STEPS);
  });
  go.classList.add("kb-gl-main");
  const one = button("Step", () => { trainer.stop(); if (gan.step < MOST_STEPS) advance(); rest(); });
  const reset = button("Reset", () => change({ steps: 0 }));
  const renew = button("New seed", () => change({ seed: (model.get("seed") + 1) % SEEDS }));
  const preset = (values) => {
    trainer.stop();
    save(values);
    begin(SHOW_STEPS);
  };
  const [collapse, cure] = [
    button("Provoke collapse", () => preset(COLLAPSE)), button("Cure it", () => preset(CURE)),
  ];

  function begin(goal) {
    trainer.run(isCalm && goal === MOST_STEPS ? gan.step + CALM_STEPS : goal, !isCalm);
    draw();
    say(isCalm ? "Computing …" : "Running …");
  }

  function say(text) {
    if (status.textContent !== text) status.textContent = text; // set again it would be spoken again
  }

  // The same number of steps under other settings; a running one starts again and runs on.
  function change(values) {
    const wasWatched = trainer.isWatched();
    trainer.stop();
    save(wasWatched ? { ...values, steps: 0 } : values);
    if (wasWatched && values.steps !== 0) begin(MOST_STEPS);
  }

  function restart() {
    [gan, notes] = [startGan(read()), []];
  }

  function advance() {
    advanceGan(gan);
  }

  function draw() {
    const measured = measureGan(gan);
    picture.replaceChildren(...drawGan(at, gan, measured, clip));
    go.textContent = trainer.isWatched() ? "Pause" : "Run";
    return measured;
  }

  // The training stands still: tell the model and the reader.
  function rest() {
    const measured = draw();
    picture.setAttribute("aria-label", ganPictureText(measured));
    say(ganSentence(measured));
    table.show(notes);
    shown = { ...read(), steps: gan.step };
    if (model.get("steps") !== gan.step) save({ steps: gan.step });
  }
}

export default { render };
