// The controls of OptimizerRace: who races, the start on the map, the table.

import { raceCsv, raceRows, runnerAt, RUNNERS } from "./race.js";
import { legendSample } from "./race_plot.js";
import { short } from "./race_words.js";
import { REACH } from "./surfaces.js";
import { button, element, figure, numberText, svgElement } from "./ui.js";

const RACE_KEYS = { "data-lm-suppress-shortcuts": "true" };
const GRID = 0.05; // the start stands on multiples of this, so that 0 can be met
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// A start on the grid and on the map.
export function startAt(x, y) {
  return [x, y].map((v) => Number((GRID * Math.round(Math.min(REACH, Math.max(-REACH, v)) / GRID)).toFixed(2)) || 0);
}

// Who races: checkboxes that are the legend too, with height and last step of each runner.
export function runnerBoxes(onchange) {
  const cells = Object.entries(RUNNERS).map(([key, name]) => {
    const chosen = () => cells.filter((cell) => cell.input.checked).map((cell) => cell.key);
    const input = element("input", { type: "checkbox", ...RACE_KEYS, onchange: () => onchange(chosen()) });
    const reading = element("span", { class: "kb-or-reading" });
    const text = name[0].toUpperCase() + name.slice(1);
    const label = element("label", { class: "kbook-option" }, input, legendSample(key), text);
    return { key, input, reading, root: element("div", {}, label, reading) };
  });
  const root = element("fieldset", { class: "kbook-choice kb-or-runners" }, element("legend", {}, "Who races"),
    ...cells.map((cell) => cell.root));
  const set = (race, step) => cells.forEach(({ key, input, reading }) => {
    const runner = race.runners.find((one) => one.key === key);
    input.checked = Boolean(runner);
    input.disabled = input.checked && race.runners.length === 1; // somebody has to race
    const now = runner && runnerAt(runner, step);
    const texts = !now ? ["not racing"]
      : now.left ? ["left the map", `at step ${now.left}`]
        : [`height ${short(now.height)}`, ...(step ? [`moved ${short(now.moved)}`] : [])];
    reading.replaceChildren(...texts.map((text) => element("span", {}, text)));
  });
  return { root, set };
}

// The knob on the start: dragged by a pointer, or moved by the arrow keys.
export function startHandle(onmove) {
  const root = svgElement("g", {
    class: "kb-or-start", tabindex: 0, role: "slider", "aria-label": "Start of the race, moved by the arrow keys",
    "aria-valuemin": -REACH, "aria-valuemax": REACH, ...RACE_KEYS,
  }, svgElement("circle", { r: 22, class: "kb-or-target" }), svgElement("circle", { r: 11, class: "kb-or-knob" }),
  svgElement("path", { d: "M-5,0H5M0,-5V5", class: "kb-or-knob" }));
  let place = [0, 0];
  root.addEventListener("keydown", (event) => {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    const size = event.shiftKey ? 5 * GRID : GRID;
    onmove(startAt(place[0] + size * way[0], place[1] + size * way[1]));
  });
  // Where touch-action is not known on parts of a drawing, this keeps the page still while the knob is dragged.
  root.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  const set = (at, start) => {
    place = start;
    root.setAttribute("transform", `translate(${at.X(start[0])},${at.Y(start[1])})`);
    root.setAttribute("aria-valuenow", start[0]);
    root.setAttribute("aria-valuetext", `x ${numberText(start[0])}, y ${numberText(start[1])}`);
  };
  return { root, set };
}

// A drag of the knob, or a tap elsewhere on the map, chooses the start; a scroll with the finger on the map does not.
export function followStart(svg, knob, placeOf, onmove) {
  let shift = null;
  const move = (event, [dx, dy]) => {
    const [x, y] = placeOf(event);
    onmove(startAt(x - dx, y - dy));
  };
  knob.root.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    const [x, y] = placeOf(event);
    shift = [x - knob.start[0], y - knob.start[1]];
    knob.root.setPointerCapture(event.pointerId);
    knob.root.focus({ preventScroll: true });
  });
  knob.root.addEventListener("pointermove", (event) => { if (shift) move(event, shift); });
  const end = () => { shift = null; };
  knob.root.addEventListener("pointerup", end);
  knob.root.addEventListener("pointercancel", end);
  svg.addEventListener("click", (event) => { if (!knob.root.contains(event.target)) move(event, [0, 0]); });
}

// The race as a table, written only while it is open.
export function raceTable(current) {
  const table = element("table");
  const note = element("span", { role: "status", class: "kbook-note" });
  const copy = button("Copy as CSV", async () => {
    const [race, step] = current();
    try {
      await navigator.clipboard.writeText(raceCsv(race, step));
      note.textContent = `Copied ${step + 1} rows.`;
    } catch {
      note.textContent = "The browser did not allow copying: select the table instead.";
    }
  });
  const root = element("details", { class: "kb-or-table", ontoggle: () => show() },
    element("summary", RACE_KEYS, "The race as a table"),
    element("p", { class: "kbook-note" }, "After each step: where, how high, and how long the step was."),
    element("div", { class: "kb-or-copy" }, copy, note),
    element("div", { class: "kb-or-scroll", tabindex: 0, role: "region", "aria-label": "Race", ...RACE_KEYS }, table));
  const show = () => {
    note.textContent = "";
    if (!root.open) return table.replaceChildren();
    const { head, rows } = raceRows(...current());
    const cell = (v) => element("td", {}, v === null ? "–" : numberText(v));
    return table.replaceChildren(
      element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
      element("tbody", {}, ...rows.map(([k, ...values]) => element("tr", {},
        element("th", { scope: "row" }, String(k)), ...values.map(cell)))),
    );
  };
  return { root, show };
}

export function mapFigure() {
  const [svg, ground, paths] = [figure(300, 300, ""), svgElement("g"), svgElement("g")];
  const picture = svgElement("g", { role: "img" }, ground, paths);
  svg.setAttribute("role", "group"); // the knob inside can be focused, which an image's parts cannot
  svg.setAttribute("aria-label", "Map of the race");
  svg.append(picture);
  const canvas = element("canvas", { "aria-hidden": "true" });
  return { svg, ground, paths, picture, canvas, frame: element("div", { class: "kb-or-map" }, canvas, svg) };
}
