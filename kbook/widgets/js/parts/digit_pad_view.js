// What DigitPad shows: the frame with the digit, the buttons that shift it, the table of all shifts, the feature maps.

import { FRAME_SIDE, DIGIT_SIDE, MOST_SHIFT, SHIFTS, shiftWords, stepped } from "./shifts.js";
import { button, element } from "./ui.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const ARROWS = [
  ["↑", "up", "ArrowUp"], ["←", "left", "ArrowLeft"], ["→", "right", "ArrowRight"], ["↓", "down", "ArrowDown"],
];
const KEYS_WORDS = "What the net sees, 12 by 12 pixels. Arrow keys shift the digit, Home centers it.";
const MOST_MAPS = 32;

// White ink with more or less cover: the style sheet makes it dark on light paper and light on dark paper.
function paintInk(canvas, values, side, top) {
  if (canvas.width !== side) Object.assign(canvas, { width: side, height: side });
  const image = new ImageData(side, side);
  image.data.fill(255);
  values.forEach((v, i) => { image.data[4 * i + 3] = top > 0 ? Math.round(255 * Math.min(v / top, 1)) : 0; });
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function spoken(text) {
  return element("span", { class: "kb-pad-spoken" }, text);
}

// A labelled menu; `options` is a list of [value, text].
export function netMenu({ label, options, value, onchange }) {
  const select = element("select", { "data-lm-suppress-shortcuts": "true", onchange: () => onchange(select.value) },
    ...options.map(([key, text]) => element("option", { value: key }, text)));
  select.value = value;
  return { root: element("label", { class: "kb-dp-menu" }, element("span", {}, label), select), select };
}

// What the net sees; the arrow keys call onstep([dx, dy]), Home calls oncenter.
export function digitFrame({ onstep, oncenter }) {
  const canvas = element("canvas", { "aria-hidden": "true" });
  const box = element("div", { class: "kb-dp-digit" });
  const root = element("div", {
    class: "kb-dp-frame", role: "application", tabindex: "0", "data-lm-suppress-shortcuts": "true",
  }, canvas, box);
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (!STEPS[event.key] && event.key !== "Home") return;
    event.preventDefault(); // the page stays where it is
    event.stopPropagation();
    if (STEPS[event.key]) onstep(STEPS[event.key]);
    else oncenter();
  });
  const percent = (pixels) => `${(100 * pixels) / FRAME_SIDE}%`;
  box.style.width = percent(DIGIT_SIDE);
  const show = (picture, shift) => {
    paintInk(canvas, picture.data, FRAME_SIDE, 1);
    box.style.left = percent(MOST_SHIFT + shift[0]);
    box.style.top = percent(MOST_SHIFT + shift[1]);
    root.setAttribute("aria-label", `${KEYS_WORDS} Shift: ${shiftWords(shift)}`);
  };
  return { root, show };
}

// Four arrows around "center"; those that would leave the frame say that they do nothing, and keep the focus.
export function shiftButtons({ onstep, oncenter }) {
  const arrows = ARROWS.map(([sign, word, key]) => {
    const node = button(sign, () => onstep(STEPS[key]));
    node.setAttribute("aria-label", `Shift ${word}`);
    node.classList.add(`kb-dp-${word}`);
    return { node, step: STEPS[key] };
  });
  const center = button("center", oncenter);
  center.classList.add("kb-dp-center");
  const [up, left, right, down] = arrows.map(({ node }) => node);
  const group = { class: "kb-dp-arrows", role: "group", "aria-label": "Shift the digit" };
  const root = element("div", group, up, left, center, right, down);
  const show = (shift) => arrows.forEach(({ node, step }) => {
    node.setAttribute("aria-disabled", String(stepped(shift, step).every((v, axis) => v === shift[axis])));
  });
  return { root, show };
}

// The digits read at all 25 shifts; where the answer is not that of the middle, the cell is filled.
export function shiftTable() {
  const side = SHIFTS.length;
  const cells = Array.from({ length: side * side }, () => element("td"));
  const sign = (v, before, after) => (v < 0 ? `${before}${-v}` : v > 0 ? after : "0");
  const head = (shift, scope, text) => element("th", { scope, "aria-label": shiftWords(shift) }, text);
  const columns = SHIFTS.map((dx) => head([dx, 0], "col", sign(dx, "←", `${dx}→`)));
  const rows = SHIFTS.map((dy, i) => element("tr", {},
    head([0, dy], "row", sign(dy, "↑", `↓${dy}`)), ...cells.slice(side * i, side * (i + 1))));
  const root = element("table", { class: "kb-dp-table" },
    element("caption", { class: "kb-pad-caption" }, "What it reads at each shift"),
    element("thead", {}, element("tr", {}, element("td"), ...columns)), element("tbody", {}, ...rows));
  const show = (digits, [dx, dy]) => cells.forEach((cell, i) => {
    const differs = digits !== null && digits[i] !== digits[(cells.length - 1) / 2];
    const isHere = SHIFTS[i % side] === dx && SHIFTS[Math.floor(i / side)] === dy;
    cell.classList.toggle("kb-dp-other", differs);
    cell.classList.toggle("kb-dp-here", isHere);
    const remarks = [differs && ", another answer", isHere && ", here"].filter(Boolean);
    cell.replaceChildren(digits ? String(digits[i]) : "·", ...remarks.map(spoken));
  });
  return { root, show };
}

// The maps of one block side by side, on one scale: the darkest pixel is the block's largest number.
export function mapsView() {
  const canvases = Array.from({ length: MOST_MAPS }, () => element("canvas", { "aria-hidden": "true" }));
  const cells = canvases.map((canvas) => element("span", {}, canvas));
  const root = element("div", { class: "kb-dp-maps", role: "img" });
  const show = ({ count, side, data }, block) => {
    const top = data.reduce((a, b) => Math.max(a, b), 0);
    if (root.childElementCount !== count) root.replaceChildren(...cells.slice(0, count));
    const map = (i) => data.subarray(i * side * side, (i + 1) * side * side);
    canvases.slice(0, count).forEach((canvas, i) => paintInk(canvas, map(i), side, top));
    const name = `${count} feature maps of ${side} by ${side} pixels after block ${block}`;
    root.setAttribute("aria-label", `${name}; the largest number is ${top.toFixed(2)}`);
  };
  const clear = () => {
    canvases.forEach((canvas) => { canvas.width = canvas.height; }); // which empties it
    root.setAttribute("aria-label", "No feature maps yet");
  };
  return { root, show, clear };
}
