// TranslationMachine. The reader paints a horse, or takes a rendered one, sees G make a zebra of it and F a horse
// again, and every picture measured against the truth; then disturbs the middle picture and finds out what the way back
// read in it: the made picture carries a trace of the start, the true counterpart does not, and blur wipes the trace.

import { loadAsset } from "./parts/assets.js";
import { ANIMAL_SIDE } from "./parts/animals.js";
import { parseNet } from "./parts/nn.js";
import {
  brushed, DIRECTIONS, emptyMeadow, fixedNoise, PAINTS, SCENE_SEEDS, sceneOf, startOf, translated, withErrors,
  withPaint,
} from "./parts/translation.js";
import { paintChoice, paintPad, pictureGrid, SHORTCUTS } from "./parts/translation_view.js";
import {
  backSentence, controlSentence, disturbanceName, errorRows, forwardSentence, grainSentence, pictureNames, pixelText,
} from "./parts/translation_words.js";
import { button, choice, element, pressedChoice, sharedTraits, slider, statusLine } from "./parts/ui.js";

const CHOSEN = ["direction", "scene", "seed", "painted", "steps", "noise", "blur"];
const STEPS = [100, 200, 300, 600];
const SCENE_SLIDERS = [["from left to right", 0], ["from high to low", 1], ["size", 2], ["stride", 4]];
const FACING = 3;
const PAUSE = 40; // milliseconds: while the brush moves, the nets run at most so often
const ABOUT = "The true counterpart is the same scene rendered with the other animal; G and F never saw the two side "
  + "by side. A net that makes a horse of a zebra may leave a trace of the stripes in the coat, and training does not "
  + "mind: the trace helps the way back. A true horse has no trace. So compare the two ways back, then blur the middle "
  + "picture or give it noise: what does each leave of the difference? Look also at nets from early in training.";

// The nets by name and steps, each fetched once, when it is first wanted. `onready` is called when one has come or not.
function netStore(model, onready) {
  const [nets, asked, failed] = [new Map(), new Set(), new Set()];
  const load = (file) => {
    if (asked.has(file)) return;
    asked.add(file);
    failed.delete(file);
    loadAsset(model, file)
      .then((bytes) => { nets.set(file, parseNet(bytes)); })
      .catch(() => { failed.add(file); asked.delete(file); }) // choosing it again asks again
      .then(onready);
  };
  const filesOf = ({ direction, steps }) => {
    const { there, home } = DIRECTIONS[direction];
    return [there, home].map((name) => `weights/animals_${name.toLowerCase()}_${steps}.bin`);
  };
  const pair = (setting) => {
    const [there, home] = filesOf(setting).map((file) => nets.get(file));
    return there && home ? { there, home } : null;
  };
  return {
    pair, request: (setting) => filesOf(setting).forEach(load),
    hasFailed: (setting) => filesOf(setting).some((file) => failed.has(file)),
  };
}

function errorTable() {
  const [head, body] = [element("th", { scope: "col" }), element("tbody")];
  const first = element("th", { scope: "col" });
  const caption = element("caption", { class: "kb-tm-caption" });
  const root = element("table", {}, caption,
    element("thead", {}, element("tr", {}, first, element("th", { scope: "col" }, "undisturbed"), head)), body);
  const show = (rows, start, what) => {
    caption.textContent = `How far the way back ends from ${start}`;
    first.textContent = "way back";
    head.textContent = what ? `with ${what}` : "disturbed";
    const cell = (lines) => element("td", {}, ...lines.map((text) => element("span", {}, text)));
    body.replaceChildren(...rows.map(([name, ...cells]) => (
      element("tr", {}, element("th", { scope: "row" }, name), ...cells.map(cell)))));
  };
  return { root, show };
}

function render({ model, el }) {
  el.classList.add("kbook-widget", "kb-tm");
  const grain = fixedNoise();
  let [paint, size, stroke, timer, kept] = [0, 3, null, null, { key: "" }];
  const undone = []; // what was painted before each stroke
  let lastCell = null;
  const { save, end } = sharedTraits(model, CHOSEN, () => update());
  const nets = netStore(model, () => compute());
  const setting = () => Object.fromEntries(CHOSEN.map((key) => [key, model.get(key)]));
  const painted = () => stroke ?? model.get("painted");

  const direction = pressedChoice("Direction", Object.entries(DIRECTIONS).map(([key, { from, to }]) => (
    [key, `${from} → ${to}`])), (key) => save({ direction: key }));
  const pad = paintPad({
    onstart: (cell) => paintLine(cell, cell), onmove: (cells) => cells.forEach((cell) => paintLine(lastCell, cell)),
    onend: finishStroke, oncursor: (cell) => speak(cell), onpress: (cell) => {
      paintLine(cell, cell);
      finishStroke();
      speak(cell);
    },
  });
  const [padCaption, paintName] = [element("span"), element("span")];
  const spoken = element("span", { class: "kb-tm-spoken", "aria-live": "polite" });
  const paints = paintChoice(paint, (key) => { paint = key; update(); });
  const brush = slider({ label: "brush", min: 1, max: 6, step: 1, value: size, format: (v) => `${v} × ${v}`,
    oninput: (v) => { size = v; } });
  const undo = button("Undo", () => { if (undone.length) save({ painted: undone.pop() }); });
  const clear = button("Clear", () => { if (model.get("painted").length) replacePaint([]); });
  const paintButtons = element("div", { class: "kbook-actions" }, undo, clear,
    button("Empty meadow", () => replacePaint(emptyMeadow(model.get("scene")))));
  const another = button("Another scene", () => {
    const seed = (model.get("seed") + 1) % SCENE_SEEDS;
    undone.length = 0;
    save({ seed, scene: sceneOf(seed), painted: [] });
  });
  const sceneSliders = SCENE_SLIDERS.map(([label, i]) => slider({
    label, min: 0, max: 1, step: 0.05, value: model.get("scene")[i], format: (v) => v.toFixed(2),
    oninput: (v) => changeScene(i, v),
  }));
  const facing = choice({ legend: "It faces", options: [["0", "left"], ["1", "right"]], value: null,
    onchange: (key) => changeScene(FACING, Number(key)) });
  const scenePart = element("details", {}, element("summary", SHORTCUTS, "Move the animal"),
    ...sceneSliders.map(({ root }) => root), facing.root);
  const grid = pictureGrid();
  const [forward, back] = [element("span"), element("span")];
  const status = statusLine();
  status.append(forward, back);
  const steps = slider({ label: "training", min: 0, max: STEPS.length - 1, step: 1,
    value: STEPS.indexOf(model.get("steps")), format: (i) => `${STEPS[i]} steps`,
    oninput: (i) => save({ steps: STEPS[i] }) });
  const blur = element("input", { type: "checkbox", ...SHORTCUTS, onchange: () => save({ blur: blur.checked }) });
  const noise = slider({ label: "noise", min: 0, max: 0.1, step: 0.01, value: model.get("noise"),
    format: (v) => v.toFixed(2), oninput: (v) => save({ noise: v }) });
  const table = errorTable();
  const [lead, grainNote] = [element("p"), element("p", { class: "kbook-note" })];

  function paintLine(from, to) {
    stroke = withPaint(painted(), brushed(from, to, size), paint);
    lastCell = to;
    update();
  }

  function finishStroke() {
    const finished = stroke;
    stroke = null;
    replacePaint(finished);
  }

  function replacePaint(next) {
    undone.push(model.get("painted"));
    save({ painted: next });
  }

  function changeScene(i, value) {
    save({ scene: model.get("scene").map((v, k) => (k === i ? value : v)) });
  }

  function speak([row, column]) {
    const place = ANIMAL_SIDE * row + column;
    spoken.textContent = pixelText(place, new Map(painted()).get(place));
  }

  // What is cheap at once; the nets a little later, so that a brush or a slider never waits for them.
  function update() {
    const now = { ...setting(), painted: painted() };
    const { start } = pictureNames(now.direction, {});
    direction.show(now.direction);
    pad.show(startOf(now).picture);
    padCaption.textContent = now.painted.length ? `${start}, painted by you` : `${start}: paint on it`;
    paintName.textContent = `, with ${PAINTS[paint].name}`;
    pad.root.setAttribute("aria-label", `${padCaption.textContent}. ${ANIMAL_SIDE} by ${ANIMAL_SIDE} pixels; `
      + "arrow keys move, Space paints.");
    paints.show(now.scene);
    undo.setAttribute("aria-disabled", String(!undone.length));
    clear.setAttribute("aria-disabled", String(!now.painted.length));
    sceneSliders.forEach(({ set }, k) => set(now.scene[SCENE_SLIDERS[k][1]]));
    facing.set(now.scene[FACING] < 0.5 ? "0" : "1");
    steps.set(STEPS.indexOf(now.steps));
    noise.set(now.noise);
    blur.checked = now.blur;
    nets.request(now);
    timer ??= setTimeout(compute, PAUSE);
  }

  function compute() {
    clearTimeout(timer);
    timer = null;
    const now = { ...setting(), painted: painted() };
    const pair = nets.pair(now);
    if (!pair) return void showWaiting(now);
    const key = JSON.stringify([now.direction, now.steps, now.scene, now.painted]);
    if (kept.key !== key) {
      const given = startOf(now);
      kept = { key, given, clean: translated(pair, given) };
    }
    const disturbance = { noise: now.noise, blur: now.blur };
    const result = withErrors(pair.home, kept.given, kept.clean, { disturbance, grain });
    const names = pictureNames(now.direction, disturbance);
    grid.show(result, names);
    say(forwardSentence(now, result), backSentence(now, result));
    table.show(errorRows(now, result), names.start, disturbanceName(disturbance));
    lead.textContent = controlSentence(now, result);
    grainNote.textContent = grainSentence(now, result);
  }

  function showWaiting(now) {
    grid.clear();
    say(nets.hasFailed(now) ? "The nets could not be loaded." : `Loading the nets after ${now.steps} steps …`, "");
    table.show([], pictureNames(now.direction, {}).start, "");
    [lead.textContent, grainNote.textContent] = ["", ""];
  }

  function say(...sentences) { // the same text set again would be spoken again
    [forward, back].forEach((node, i) => { if (node.textContent !== sentences[i]) node.textContent = sentences[i]; });
  }

  el.append(
    element("p", { class: "kbook-title" }, "From horse to zebra and back"),
    direction.root,
    element("div", { class: "kb-tm-work" },
      element("div", { class: "kb-tm-paint" }, element("div", {},
        element("p", { class: "kb-tm-caption" }, padCaption, paintName), pad.root, spoken), paints.root,
        element("div", { class: "kb-tm-tools" }, brush.root, paintButtons)),
      grid.root),
    status,
    element("div", { class: "kbook-actions" }, another), scenePart, steps.root,
    element("p", { class: "kb-tm-head" }, "Disturb the middle picture before it goes back"),
    element("label", { class: "kbook-option" }, blur, "blur it: each pixel becomes the mean of 3 × 3"),
    noise.root,
    table.root, lead, grainNote,
    element("details", {}, element("summary", SHORTCUTS, "Why the two ways back may differ"), element("p", {}, ABOUT)),
  );
  update();
  return () => {
    clearTimeout(timer);
    end();
    el.replaceChildren();
  };
}

export default { render };
