// GanLab1D. The reader can say what the generator follows, the slope of the critic under its samples, and what three
// objectives make of that slope while data and made samples lie apart; watches it learn from it, and makes it lose one
// of two peaks and find it again. The picture, over one line: the critic's curve, the two densities, and the made
// samples with the push that each feels.

import { advanceGan, startGan } from "./parts/gan_1d.js";
import { measureGan } from "./parts/gan_measures.js";
import { drawGan, ganPlacement } from "./parts/gan_plot.js";
import {
  GAN_COLUMNS, GAN_DATA, GAN_NAMES, ganPictureText, ganRow, ganSentences,
} from "./parts/gan_words.js";
import {
  button, choice, element, figure, followWidth, sharedTraits, slider, statusLine,
} from "./parts/ui.js";

const CHOSEN = ["objective", "data", "critic_steps", "hold", "seed", "steps"];
const SHORTCUTS = { "data-lm-suppress-shortcuts": "true" };
const MOST_STEPS = 600;
const SHOW_STEPS = 300; // after which a collapse, or its cure, is plain
const CALM_STEPS = 100; // at once, for readers who asked for less motion
const EVERY = 20; // steps from one row of the table to the next
const BUDGET = 12; // milliseconds of training in a frame, so that a phone stays responsive
const AT_ONCE = 80; // milliseconds of training before the first picture
const SEEDS = 10_000;
export const COLLAPSE = { objective: "gan", data: "two", critic_steps: 5, hold: false, steps: 0 };
export const CURE = { ...COLLAPSE, objective: "wasserstein" };
const HOW = "Computed in this page. Both nets have 16 tanh units. The critic starts at 0 and learns by Adam; the "
  + "generator follows its plain gradient, so that a small gradient is a small step: Adam would hide the difference. "
  + "A step is the chosen number of critic updates and one of the generator, each on 64 samples of either kind, with "
  + "rate 0.02. The generator's loss is −ln D, (D − 1)² or −D. The Wasserstein critic pays 10 · max(|D′| − 1, 0)² "
  + "between data and made samples: only slopes above 1 cost, as a slope that turns around on a line must pass 0. "
  + "Numbers and q are those of 256 made samples, q smoothed with a width of 0.15, so its JSD never gets quite to 0. "
  + "A peak is covered when a tenth of them lie within 3 of its standard deviations.";

// Steps in a frame: one at first, then two, as most happens early.
export function ganStepsInFrame(step) {
  return step < 150 ? 1 : 2;
}

// The GAN and the rows of its table, from its first step on.
export function startCourse(setting) {
  const gan = startGan(setting);
  return { gan, notes: [ganRow(measureGan(gan))] };
}

export function advanceCourse({ gan, notes }) {
  advanceGan(gan);
  if (gan.step % EVERY === 0) notes.push(ganRow(measureGan(gan)));
}

// Trains in frames until a step. `watched`: slowly, for the eye, one picture a frame, and only while it is in the page.
function makeTrainer({ course, draw, onstop, isThere }) {
  let [frame, goal, isWatched] = [0, 0, false];
  const stop = () => { cancelAnimationFrame(frame); frame = 0; };
  const tick = (now) => {
    if (isWatched && !isThere()) { stop(); return; }
    const most = isWatched ? ganStepsInFrame(course().gan.step) : Infinity;
    for (let k = 0; k < most && course().gan.step < goal && performance.now() - now < BUDGET; k++) {
      advanceCourse(course());
    }
    if (course().gan.step >= goal) { stop(); onstop(); return; }
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
  const [rows, seed] = [element("tbody"), element("p", { class: "kbook-note" })];
  const titles = GAN_COLUMNS.map((text) => element("th", { scope: "col" }, text));
  const root = element("details", {}, element("summary", SHORTCUTS, "Numbers and method"),
    element("p", { class: "kbook-note" }, HOW), seed,
    element("div", { class: "kb-gl-scroll", tabindex: 0, role: "region", "aria-label": "Numbers", ...SHORTCUTS },
      element("table", {}, element("thead", {}, element("tr", {}, ...titles)), rows)));
  const show = (notes) => rows.replaceChildren(...notes.map(([step, ...cells]) => element("tr", {},
    element("th", { scope: "row" }, step), ...cells.map((text) => element("td", {}, text)))));
  return { root, show, seed };
}

function ganLegend() {
  const keys = {
    data: "p, the data", made: "q, the made samples", critic: "D", best: "best D for p and q",
    arrow: "minus the gradient, in units of the line; two heads: above 3",
  };
  return element("p", { class: "kbook-note kb-gl-legend" },
    ...Object.entries(keys).map(([key, text]) => element("span", { class: `kb-gl-key-${key}` }, text)));
}

function render({ model, el }) {
  el.classList.add("kbook-widget", "kb-gl");
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const clip = `kb-gl-${Math.random().toString(36).slice(2)}`;
  const read = () => Object.fromEntries(CHOSEN.map((key) => [key, model.get(key)]));
  let [at, course, setting] = [ganPlacement(340), startCourse(read()), read()];
  const { save, end } = sharedTraits(model, CHOSEN, () => update());
  const trainer = makeTrainer({
    course: () => course, draw: () => draw(), onstop: () => rest(), isThere: () => el.isConnected,
  });

  const objectives = choice({
    legend: "Objective", options: Object.entries(GAN_NAMES), value: setting.objective,
    onchange: (objective) => change({ objective }),
  });
  const data = choice({
    legend: "Data", options: Object.entries(GAN_DATA), value: setting.data, onchange: (key) => change({ data: key }),
  });
  const criticSteps = slider({
    label: "critic updates a step", min: 1, max: 10, step: 1, value: setting.critic_steps,
    oninput: (count) => change({ critic_steps: count }),
  });
  const picture = figure(at.width, at.height, "");
  const frame = element("div", {}, picture);
  const [status, table] = [statusLine(), ganTable()];
  const go = button("Run", () => {
    if (trainer.isRunning()) { trainer.stop(); rest(); return; }
    if (course.gan.step >= MOST_STEPS) course = startCourse(read());
    begin(isCalm ? course.gan.step + CALM_STEPS : MOST_STEPS);
  });
  go.classList.add("kb-gl-main");
  const one = button("Step", () => {
    trainer.stop();
    if (course.gan.step < MOST_STEPS) advanceCourse(course);
    rest();
  });
  const reset = button("Reset", () => change({ steps: 0 }));
  const renew = button("New seed", () => change({ seed: (model.get("seed") + 1) % SEEDS }));
  const preset = (values) => {
    trainer.stop();
    save(values);
    begin(SHOW_STEPS);
  };
  const presets = [["Provoke collapse", COLLAPSE], ["Cure it", CURE]].map(([text, values]) => (
    button(text, () => preset(values))));
  const check = element("input", { type: "checkbox", ...SHORTCUTS, onchange: () => change({ hold: check.checked }) });

  function begin(goal) {
    trainer.run(goal, !isCalm);
    draw();
    say([isCalm ? "Computing …" : "Running …"]);
  }

  function say(sentences) {
    if (status.textContent === sentences.join("")) return; // set again it would be spoken again
    status.replaceChildren(...sentences.map((text) => element("span", {}, text)));
  }

  // As many steps under the other setting; a running training starts again and runs on.
  function change(values) {
    const isOn = trainer.isWatched() && values.steps !== 0;
    trainer.stop();
    save(isOn ? { ...values, steps: 0 } : values);
    if (isOn) begin(MOST_STEPS);
  }

  function draw() {
    const measured = measureGan(course.gan);
    picture.setAttribute("viewBox", `0 0 ${at.width} ${at.height}`);
    picture.replaceChildren(...drawGan(at, measured, clip));
    go.textContent = trainer.isRunning() ? "Pause" : course.gan.step < MOST_STEPS ? "Run" : "Run again";
    return measured;
  }

  // The training stands still: tell the model and the reader.
  function rest() {
    const measured = draw();
    picture.setAttribute("aria-label", ganPictureText(measured));
    say(ganSentences(measured));
    table.show(course.notes);
    setting = { ...setting, steps: course.gan.step };
    if (model.get("steps") !== course.gan.step) save({ steps: course.gan.step });
  }

  // Shows the setting of the traits after its steps; only of a long training is the beginning seen before.
  function update() {
    const now = read();
    const isOther = CHOSEN.some((key) => key !== "steps" && now[key] !== setting[key]);
    const isSame = !isOther && now.steps === course.gan.step;
    setting = now;
    objectives.set(now.objective);
    data.set(now.data);
    criticSteps.set(now.critic_steps);
    check.checked = now.hold;
    table.seed.textContent = `Seed ${now.seed}.`;
    if (isSame && trainer.isRunning()) return;
    trainer.stop();
    if (isOther || now.steps < course.gan.step) course = startCourse(now);
    const last = performance.now() + AT_ONCE;
    while (course.gan.step < now.steps && performance.now() < last) advanceCourse(course);
    if (course.gan.step >= now.steps) { if (!isSame || !picture.hasChildNodes()) rest(); return; }
    trainer.run(now.steps, false);
    draw();
    say(["Computing …"]);
  }

  el.append(
    element("p", { class: "kbook-title" }, "What the generator follows"),
    element("div", { class: "kb-gl-choices" }, objectives.root, data.root),
    criticSteps.root,
    element("div", { class: "kb-gl-actions" }, go, one, reset, ...presets),
    frame, ganLegend(), status,
    element("div", { class: "kb-gl-actions" }, renew,
      element("label", { class: "kbook-option" }, check, "hold the generator still")),
    table.root,
  );
  const unfollow = followWidth(frame, (width) => { at = ganPlacement(width); draw(); });
  const inView = new IntersectionObserver(([{ isIntersecting }]) => {
    if (isIntersecting || !trainer.isWatched()) return;
    trainer.stop();
    rest();
  });
  inView.observe(el);
  update();
  return () => {
    trainer.stop();
    inView.disconnect();
    unfollow();
    end();
    el.replaceChildren();
  };
}

export default { render };
