// What TranslationMachine shows: the pad that is painted on, the paints, and the grid of pictures and error maps.

import { ANIMAL_SIDE } from "./animals.js";
import { followPointer } from "./pointer.js";
import { MOST_ERROR, paintColor, PAINTS, PIXELS } from "./translation.js";
import { element } from "./ui.js";

const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
export const SHORTCUTS = { "data-lm-suppress-shortcuts": "true" };
// Of the error maps: brighter with every step, so that it reads without colors as well.
const ERROR_COLORS = [[0, 0, 0], [120, 30, 60], [235, 110, 30], [255, 225, 120], [255, 255, 255]];

const byteOf = (v) => Math.round(127.5 * (Math.min(Math.max(v, -1), 1) + 1));

function paintCanvas(canvas, colorAt) {
  const image = new ImageData(ANIMAL_SIDE, ANIMAL_SIDE);
  for (let i = 0; i < PIXELS; i++) image.data.set([...colorAt(i), 255], 4 * i);
  canvas.getContext("2d").putImageData(image, 0, 0);
}

const paintPicture = (canvas, picture) => (
  paintCanvas(canvas, (i) => [0, 1, 2].map((channel) => byteOf(picture[channel * PIXELS + i]))));

// The color of an error from 0 (black) to MOST_ERROR and more (white).
export function errorColor(error) {
  const place = Math.min(error / MOST_ERROR, 1) * (ERROR_COLORS.length - 1);
  const low = Math.min(Math.floor(place), ERROR_COLORS.length - 2);
  return ERROR_COLORS[low].map((v, k) => Math.round(v + (ERROR_COLORS[low + 1][k] - v) * (place - low)));
}

function pixelCanvas(attributes) {
  return element("canvas", { width: ANIMAL_SIDE, height: ANIMAL_SIDE, ...attributes });
}

// The pad. A pointer calls onstart(cell), onmove(cells), onend; arrow keys move a cursor, [row, column], and call
// oncursor(cell); Space calls onpress(cell).
export function paintPad({ onstart, onmove, onend, oncursor, onpress }) {
  const canvas = pixelCanvas({ "aria-hidden": "true" });
  const box = element("span", { class: "kb-tm-cursor" });
  const root = element("div", {
    class: "kb-tm-pad", role: "application", tabindex: "0", ...SHORTCUTS,
    // Or a quick stroke would count as a flick, which swallows the tap that follows it.
    ontouchstart: (event) => { if (event.cancelable) event.preventDefault(); },
  }, canvas, box);
  let cursor = [ANIMAL_SIDE / 2, ANIMAL_SIDE / 2];
  const inside = (v) => Math.min(Math.max(v, 0), ANIMAL_SIDE - 1);
  const cellOf = ({ clientX, clientY }) => {
    const frame = canvas.getBoundingClientRect();
    return [(clientY - frame.top) / frame.height, (clientX - frame.left) / frame.width]
      .map((v) => inside(Math.floor(ANIMAL_SIDE * v)));
  };
  const place = () => {
    [box.style.top, box.style.left] = cursor.map((v) => `${(100 * v) / ANIMAL_SIDE}%`);
  };
  followPointer(root, cellOf, { onstart, onmove, onend });
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (!KEYS[event.key] && event.key !== " ") return;
    event.preventDefault(); // the page stays where it is
    event.stopPropagation();
    if (event.key === " ") return void onpress(cursor);
    cursor = cursor.map((v, axis) => inside(v + KEYS[event.key][axis]));
    place();
    oncursor(cursor);
  });
  place();
  return { root, show: (picture) => paintPicture(canvas, picture) };
}

// The paints as radio buttons with a swatch each; what sky and grass are depends on the scene.
export function paintChoice(value, onchange) {
  const name = `kbook-${Math.random().toString(36).slice(2)}`;
  const swatches = PAINTS.map(() => element("span", { class: "kb-tm-swatch", "aria-hidden": "true" }));
  const labels = PAINTS.map((paint, i) => element("label", { class: "kbook-option" },
    element("input", { type: "radio", name, checked: i === value, ...SHORTCUTS, onchange: () => onchange(i) }),
    swatches[i], element("span", { class: "kb-tm-name" }, paint.name)));
  const root = element("fieldset", { class: "kbook-choice kb-tm-paints" }, element("legend", {}, "Paint"), ...labels);
  const show = (scene) => swatches.forEach((swatch, i) => {
    const row = PAINTS[i].name === "grass" ? 24 : 4;
    swatch.style.background = `rgb(${paintColor(i, scene, row).map((v) => Math.round(255 * v))})`;
  });
  return { root, show };
}

function panel() {
  const canvas = pixelCanvas({ role: "img" });
  const caption = element("figcaption", { class: "kb-tm-caption" });
  const root = element("figure", { class: "kb-tm-panel" }, canvas, caption);
  const say = (text, spoken) => {
    caption.textContent = text;
    canvas.setAttribute("aria-label", spoken);
  };
  const show = (picture, text, spoken) => { paintPicture(canvas, picture); say(text, spoken); };
  const showErrors = (map, text, spoken) => { paintCanvas(canvas, (i) => errorColor(map[i])); say(text, spoken); };
  const clear = () => {
    canvas.width = ANIMAL_SIDE; // which empties it
    say("", "Nothing to show yet");
  };
  return { root, show, showErrors, clear };
}

function errorLegend() {
  const stops = ERROR_COLORS.map((color, i) => `rgb(${color}) ${(100 * i) / (ERROR_COLORS.length - 1)}%`).join(", ");
  const bar = element("div", { class: "kb-tm-bar", "aria-hidden": "true" });
  bar.style.background = `linear-gradient(to right, ${stops})`;
  const ends = ["0", String(MOST_ERROR / 2), `${MOST_ERROR} and more`].map((text) => element("span", {}, text));
  return element("div", { class: "kb-tm-legend" },
    element("p", { class: "kb-tm-caption" }, "Error maps: mean difference of a pixel’s colors, which go from 0 to 1"),
    bar, element("div", { class: "kb-tm-ends" }, ...ends));
}

// Three rows of three: the middle picture, the way back, its error; the same from the true counterpart; the error of
// the middle picture itself, beside the scale of the maps.
export function pictureGrid() {
  const [made, back, madeError, truth, control, controlError, forward] = Array.from({ length: 7 }, () => panel());
  const all = [made, back, madeError, truth, control, controlError, forward];
  const none = element("p", { class: "kb-tm-none" }, "No true counterpart: the picture is painted.");
  const root = element("div", { class: "kb-tm-grid" }, ...all.slice(0, 6).map(({ root: node }) => node), none,
    forward.root, errorLegend());
  const size = `${ANIMAL_SIDE} by ${ANIMAL_SIDE} pixels`;

  function showRow([middle, way, error], row, { sent, back: name, start }) {
    const off = row.disturbed ?? row.quiet;
    middle.show(row.sent, sent, `${sent}, a picture of ${size}`);
    way.show(row.back, name, `${name}, a picture of ${size}, ${off.all.toFixed(3)} from ${start}`);
    const text = `|${name} − ${start}|: ${off.all.toFixed(3)}`;
    error.showErrors(row.map, text, `Error map of ${name}, on average ${off.all.toFixed(3)}`);
  }

  const show = (result, names) => {
    const { start } = names;
    showRow([made, back, madeError], result.made, { sent: names.madeSent, back: names.back, start });
    const hasTruth = result.control !== null;
    [truth, control, controlError, forward].forEach(({ root: node }) => { node.hidden = !hasTruth; });
    none.hidden = hasTruth;
    if (!hasTruth) return;
    showRow([truth, control, controlError], result.control, { sent: names.truthSent, back: names.control, start });
    const far = result.forward.all.toFixed(3);
    forward.showErrors(result.forward.map, `|${names.made} − ${names.truth}|: ${far}`,
      `Error map of ${names.made}, on average ${far} from the ${names.truth}`);
  };
  const clear = () => all.forEach((one) => one.clear());
  return { root, show, clear };
}
