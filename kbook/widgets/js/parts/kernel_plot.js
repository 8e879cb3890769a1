// The drawings of KernelLab: two pictures of pixels at one scale, with marks over them, and the grid of products.

import { kernelNumber } from "./kernel_words.js";
import { PICTURE_SIZE } from "./pictures.js";
import { element, figure, svgElement } from "./ui.js";

const MARGIN = 2; // pixels around the picture: room for the widest padding
export const KERNEL_FIELD = PICTURE_SIZE + 2 * MARGIN; // the side of both drawings, in pixels of the picture
const NEGATIVE = [255, 150, 40]; // the brightest orange; the brightest positive value is white
const DASHED_FROM = 0.3; // darker negative pixels are too dark to show a dash

// The color of a value on a scale from −largest to largest: 0 is black, on one side to white, on the other to orange.
export function signedColor(value, largest) {
  const share = largest ? Math.min(Math.abs(value) / largest, 1) : 0;
  return (value < 0 ? NEGATIVE : [255, 255, 255]).map((brightest) => Math.round(share * brightest));
}

// Where the first pixel of the output stands: a smaller output is drawn smaller, in the middle.
export function outputOrigin(size) {
  return (KERNEL_FIELD - size) / 2;
}

// A frame that holds a canvas of pixels, and a drawing over it whose unit is a pixel of the picture.
export function pictureFrame() {
  const padding = element("div", { class: "kb-kl-padding" });
  const canvas = element("canvas", { "aria-hidden": "true" });
  const svg = figure(KERNEL_FIELD, KERNEL_FIELD, "");
  return { padding, canvas, svg, root: element("div", { class: "kb-kl-frame" }, padding, canvas, svg) };
}

function placeSquare(node, origin, size) {
  const percent = (v) => `${(100 * v) / KERNEL_FIELD}%`;
  const [start, side] = [percent(origin), percent(size)];
  Object.assign(node.style, { left: start, top: start, width: side, height: side });
}

function paintPixels({ canvas }, rows, largest, origin) {
  [canvas.width, canvas.height] = [rows[0].length, rows.length];
  const image = new ImageData(canvas.width, canvas.height);
  rows.flat().forEach((value, i) => image.data.set([...signedColor(value, largest), 255], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
  placeSquare(canvas, origin, rows.length);
}

// Two lines of two colors: one of them is seen on every gray.
function mark(x, y, side, name) {
  const place = { x, y, width: side, height: side };
  return ["kb-kl-under", "kb-kl-over"].map((line) => svgElement("rect", { ...place, class: `${line} ${name}` }));
}

// The input with its padding, and the taps of the window; those in the padding show their zero.
export function drawInput(frame, picture, taps, padding) {
  paintPixels(frame, picture, 1, MARGIN);
  placeSquare(frame.padding, MARGIN - padding, PICTURE_SIZE + 2 * padding);
  const [first, last] = [taps[0], taps.at(-1)];
  const zeros = taps.filter((tap) => tap.isPadding).flatMap(({ row, column }) => {
    const [x, y] = [column + MARGIN, row + MARGIN];
    return [svgElement("rect", { x, y, width: 1, height: 1, class: "kb-kl-zero" }),
      svgElement("text", { x: x + 0.5, y: y + 0.8, "text-anchor": "middle" }, "0")];
  });
  frame.svg.replaceChildren(
    ...zeros, ...taps.flatMap(({ row, column }) => mark(column + MARGIN, row + MARGIN, 1, "kb-kl-tap")),
    ...mark(first.column + MARGIN, first.row + MARGIN, last.row - first.row + 1, "kb-kl-window"),
  );
}

// A dash in each pixel that is clearly negative, so that the sign is seen without colors.
export function dashPath(output, largest) {
  const origin = outputOrigin(output.length);
  const dash = (row, column) => `M${origin + column + 0.25},${origin + row + 0.5}h0.5`;
  return output.flatMap((values, row) => values.map((value, column) => (
    value < 0 && -value >= DASHED_FROM * largest ? dash(row, column) : ""))).join("");
}

// The output and the pixel that belongs to the window.
export function drawOutput(frame, output, largest, [row, column]) {
  const origin = outputOrigin(output.length);
  paintPixels(frame, output, largest, origin);
  frame.svg.replaceChildren(
    svgElement("path", { d: largest ? dashPath(output, largest) : "", class: "kb-kl-dash" }),
    ...mark(origin + column, origin + row, 1, "kb-kl-window"),
  );
}

// The scale of the output's colors, with a pointer at one value.
export function colorScale() {
  const ends = [0, 1, 2].map(() => element("span"));
  const pointer = element("div", { class: "kb-kl-pointer" });
  const root = element("div", { class: "kb-kl-scale" },
    element("div", { class: "kb-kl-bar" }, pointer),
    element("div", { class: "kb-kl-ends" }, ...ends),
    element("p", { class: "kbook-note" },
      "Symmetric around 0: black is 0, white positive, orange with a dash negative."));
  const show = (largest, value) => {
    [-largest, 0, largest].forEach((v, i) => { ends[i].textContent = largest || i === 1 ? kernelNumber(v) : ""; });
    pointer.style.left = `${largest ? 50 + (50 * value) / largest : 50}%`;
  };
  return { root, show };
}

// The nine products, each as pixel × weight = product.
export function productGrid() {
  const cells = Array.from({ length: 9 }, () => element("div"));
  const name = { role: "group", "aria-label": "Nine products, pixel × weight" };
  const root = element("div", { class: "kb-kl-products", ...name }, ...cells);
  const show = (taps) => taps.forEach(({ pixel, weight, product, isPadding }, i) => {
    cells[i].classList.toggle("kb-kl-outside", isPadding);
    cells[i].replaceChildren(
      element("div", {}, `${kernelNumber(pixel)} `, element("span", {}, `× ${kernelNumber(weight)}`)),
      element("b", {}, `= ${kernelNumber(product)}`), ...(isPadding ? [element("small", {}, " padding")] : []),
    );
  });
  return { root, show };
}
