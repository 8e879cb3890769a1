// Playground. After a minute the reader has seen a decision boundary come into being, a training loss that falls while
// the test loss rises, and what cures it. The picture: the plane colored by the net's output, and the two loss curves.

import { makeControls } from "./parts/playground_controls.js";
import { copyButton } from "./parts/copy_button.js";
import { makePlane } from "./parts/playground_plane.js";
import { decodeState, encodeState, pythonCall, CHOICES, RANGES } from "./parts/playground_link.js";
import { codeNote, pythonProgram } from "./parts/playground_code.js";
import { CURVES, drawCurves, planeLogits, smallMark } from "./parts/playground_plot.js";
import {
  adoptNet, advance, changeSettings, leastTest, noteLosses, restart, startSession, statusText,
} from "./parts/playground_session.js";
import { countWeights, logitsOf } from "./parts/mlp.js";
import { isHeldOut, MOST_POINTS } from "./parts/points.js";
import { sigmoid } from "./parts/math.js";
import { button, element, figure, numberText, statusLine } from "./parts/ui.js";

const TRAITS = [...Object.keys(CHOICES), ...Object.keys(RANGES), "points"];
const MOST_STEPS = RANGES.steps[1];
const BUDGET = 10; // milliseconds of training in a frame, so that a phone stays responsive
const AT_ONCE = 150; // milliseconds of training before the first picture
const CALM = 500; // milliseconds between two pictures for readers who asked for less motion

// One step in a frame at first, so that the start can be watched; later more and more.
export function stepsInFrame(step) {
  return 1 + Math.floor(step / 200);
}

// Train in frames until `goal`, or until there is a reason to stop; then call `onstop`.
function makeRunner({ session, draw, onstop, isThere }) {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let [frame, goal, isWatched, lastDrawn] = [0, 0, false, 0];
  const isDone = () => session.diverged || session.net.step >= goal || !session.points.train.length
    || (isWatched && !isThere());
  const pause = () => { cancelAnimationFrame(frame); frame = 0; };
  const tick = (now) => {
    const most = isWatched && !isCalm ? stepsInFrame(session.net.step) : Infinity;
    for (let k = 0; k < most && !isDone() && performance.now() - now < BUDGET; k++) advance(session);
    if (isDone()) { pause(); onstop(); return; }
    if (!isCalm || (isWatched && now - lastDrawn > CALM)) { lastDrawn = now; draw(); }
    frame = requestAnimationFrame(tick);
  };
  return {
    pause,
    isRunning: () => frame !== 0,
    isWatched: () => frame !== 0 && isWatched,
    // `watched`: slowly, for the eye, and only while it is in view.
    run(to, watched) {
      pause();
      [goal, isWatched] = [Math.min(to, MOST_STEPS), watched];
      frame = requestAnimationFrame(tick);
    },
  };
}

// The loss curves under their legend, which tells the present losses.
function makeCurves() {
  const [svg, legend] = [figure(CURVES.width, CURVES.height, "Training and test loss"), element("p", { class: "kb-pg-legend" })];
  const root = element("div", {}, legend, svg);
  const show = ({ history, net, points }) => {
    const now = history.at(-1);
    const least = points.test.length ? leastTest(history) : null;
    svg.replaceChildren(...drawCurves(history, least?.step > 0 && least.step < now.step ? least : null));
    const loss = (v) => (Number.isNaN(v) ? "–" : numberText(v, 3));
    const entry = (name, text) => element("span", { class: `kb-pg-key-${name}` }, `${text} ${loss(now[name])}`);
    legend.replaceChildren(element("b", {}, `Step ${net.step}`), entry("train", "training"), entry("test", "test"));
  };
  const describe = (text) => svg.setAttribute("aria-label", `Training and test loss over the steps. ${text}`);
  return { root, show, describe };
}

function planeLegend() {
  const entry = (isTest, text) => element("span", {}, smallMark(0, isTest), smallMark(1, isTest), text);
  return element("p", { class: "kb-pg-legend" }, entry(false, "training"), entry(true, "test"),
    element("span", { class: "kb-pg-key-train" }, "output 0.5"));
}

// The program, written only while its panel is open.
function makeCode(session, isRunning, say) {
  const [code, note] = [element("code"), element("p", { class: "kbook-note" })];
  const copy = copyButton("Copy the program", () => ({ text: code.textContent, done: "Copied the program." }), say);
  const show = () => {
    if (!root.open || isRunning()) return;
    const { settings, net, points, isStraight } = session;
    code.textContent = points.train.length ? pythonProgram(settings, net.step, points) : "# no training points yet";
    note.textContent = codeNote(isStraight);
  };
  const root = element("details", { ontoggle: () => show() },
    element("summary", {}, "Show the code"), note, copy.root, copy.field,
    element("pre", { tabindex: "0", "data-lm-suppress-shortcuts": "true", "aria-label": "PyTorch program" }, code));
  return { root, show };
}

function render({ model, el }) {
  el.classList.add("kbook-widget", "kb-pg");
  const page = model.get("page"); // its address, where the book's own host shows the widget
  const session = startSession(Object.fromEntries(TRAITS.map((name) => [name, model.get(name)])));
  const { settings } = session;
  let isWriting = false;

  const write = (values) => {
    isWriting = true; // several traits, one change
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    isWriting = false;
    model.save_changes();
  };
  const status = statusLine();
  const say = (text) => { status.textContent = text; };
  const runner = makeRunner({ session, draw: drawNet, onstop: rest, isThere: () => el.isConnected });

  function drawNet() {
    plane.showOutput(planeLogits(session.net));
    curves.show(session);
    go.textContent = runner.isWatched() ? "Pause" : "Train";
  }

  function drawAll() {
    plane.showPoints(session.points);
    const { sizes } = session.net;
    controls.show(settings, `${sizes.join(" → ")}: ${countWeights(sizes)} weights and biases`);
    drawNet();
    code.show();
  }

  // The training stands still: tell the model and the reader.
  function rest() {
    noteLosses(session);
    settings.steps = session.net.step;
    write({ steps: settings.steps });
    drawAll();
    say(statusText(session));
    curves.describe(status.textContent);
    plane.describe(session.points);
  }

  function change(values, isKeeping = false) {
    const wasWatched = runner.isWatched();
    runner.pause();
    changeSettings(session, values, isKeeping);
    write(values);
    if (wasWatched) train();
    if (wasWatched) drawAll();
    else rest();
  }

  function train() {
    if (session.net.step >= MOST_STEPS) { say(`${numberText(MOST_STEPS)} steps are the most.`); return; }
    runner.run(MOST_STEPS, true);
    say("Training …");
  }

  // A point, or its removal, makes the points the reader's own, starting from those on the plane.
  function setOwn(points, text) {
    change({ data: "own", points }, true);
    if (!runner.isRunning()) say(text);
  }

  function place([x, y]) {
    const points = settings.data === "own" ? settings.points : session.points.train;
    if (points.length >= MOST_POINTS) { say(`${MOST_POINTS} points are the most.`); return; }
    const [label, i] = [controls.label(), points.length];
    const kind = isHeldOut(i) ? "test point, as every fifth," : "training point";
    setOwn([...points, [x, y, label]], `Placed a ${kind} of class ${label} at x ${numberText(x)}, y ${numberText(y)}.`);
  }

  const look = ([x, y]) => {
    const output = sigmoid(logitsOf(session.net, [x, y])[0]);
    say(`x ${numberText(x)}, y ${numberText(y)}: output ${numberText(output, 3)}.`);
  };
  const plane = makePlane({ onplace: place, onlook: look });
  const curves = makeCurves();
  const controls = makeControls({
    say,
    onchange: (values) => {
      const isFirstOwn = values.data === "own" && !settings.points.length;
      change(isFirstOwn ? { ...values, points: session.points.train } : values);
    },
    onundo: () => setOwn(settings.points.slice(0, -1), "The last point is gone."),
    onclear: () => setOwn([], "The plane is empty: tap it to place points."),
  });
  const go = button("Train", () => {
    if (!runner.isWatched()) { train(); drawNet(); return; }
    runner.pause();
    rest();
  });
  go.classList.add("kb-pg-main");
  const one = button("Step", () => runner.run(session.net.step + 1, false));
  const reset = button("Reset", () => { runner.pause(); restart(session); rest(); });
  const code = makeCode(session, runner.isRunning, say);
  const link = () => {
    const text = encodeState({ ...settings, steps: session.net.step }, session.net.weights, session.isStraight);
    if (!text) return { problem: "A net that has diverged cannot be shared: reset it first." };
    return { text: `${page}#playground=${text}`, done: "Copied a link: whoever opens it sees this net." };
  };
  const call = () => ({
    text: pythonCall({ ...settings, steps: session.net.step }),
    done: "Copied: in a notebook this makes the same net and trains it afresh.",
  });
  const copies = [...(page ? [copyButton("Copy link", link, say)] : []), copyButton("Copy as Python", call, say)];

  const row = (...nodes) => element("div", { class: "kb-pg-buttons" }, ...nodes);
  el.append(
    element("p", { class: "kbook-title" }, "Watch a net learn its boundary"), controls.data,
    element("div", { class: "kb-pg-view" }, element("div", {}, plane.root, planeLegend()),
      element("div", { class: "kb-pg-side" }, curves.root, row(go, one, reset), status)),
    controls.root, row(...copies.flatMap(({ root, field }) => [root, field])), code.root,
  );

  // What Python sets, or what the widget starts with: shown trained; only of a long training is the way seen.
  function begin() {
    runner.pause();
    const { steps } = Object.assign(settings, Object.fromEntries(TRAITS.map((name) => [name, model.get(name)])));
    restart(session);
    const end = performance.now() + AT_ONCE;
    const isLong = () => session.net.step < steps && session.points.train.length > 0 && !session.diverged;
    while (isLong() && performance.now() < end) advance(session);
    if (!isLong()) { rest(); return; }
    drawAll();
    runner.run(steps, false);
  }
  const changed = () => { if (!isWriting) begin(); };
  TRAITS.forEach((name) => model.on(`change:${name}`, changed));
  const inView = new IntersectionObserver(([{ isIntersecting }]) => {
    if (isIntersecting || !runner.isWatched()) return;
    runner.pause();
    rest();
  });
  inView.observe(el);

  const shared = model.get("shared");
  const linked = shared ? decodeState(shared) : {};
  if (linked.weights) {
    adoptNet(session, linked);
    write(settings);
    rest();
  } else {
    begin();
    if (linked.problem) say(linked.problem);
  }
  return () => {
    runner.pause();
    inView.disconnect();
    TRAITS.forEach((name) => model.off(`change:${name}`, changed));
    el.replaceChildren();
  };
}

export default { render };
