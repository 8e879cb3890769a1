// The controls of KernelLab: nine weights, a picture of the reader's own, the place of the window.

import { KERNEL_FIELD } from "./kernel_plot.js";
import { grayPicture, middleSquare, PICTURE_SIZE } from "./pictures.js";
import { element } from "./ui.js";

const KERNEL_KEYS = { "data-lm-suppress-shortcuts": "true" };
const LARGEST_WEIGHT = 9;
const READ_SIDE = 10 * PICTURE_SIZE; // a chosen picture is drawn this large and then reduced by blocks, evenly
const KERNEL_MOVES = {
  ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -99], End: [0, 99],
};

// A weight from what stands in its field, or null.
export function readWeight(text) {
  const weight = Number(text);
  return text.trim() !== "" && Math.abs(weight) <= LARGEST_WEIGHT ? weight : null;
}

// Nine fields. A field is written to only where its weight has changed, so that typing is never disturbed.
export function kernelEditor(onchange) {
  const shown = new Array(9).fill(null);
  const note = element("p", { class: "kbook-note kb-kl-note", role: "status" });
  const inputs = shown.map((_, i) => element("input", {
    type: "number", min: -LARGEST_WEIGHT, max: LARGEST_WEIGHT, step: "any", ...KERNEL_KEYS,
    "aria-label": `row ${Math.floor(i / 3) + 1}, column ${(i % 3) + 1}`,
    oninput: () => read(i), onchange: () => settle(i),
  }));
  function read(i) {
    const weight = readWeight(inputs[i].value);
    const isWrong = weight === null && inputs[i].value !== ""; // an empty field is one that is being filled
    inputs[i].setAttribute("aria-invalid", String(isWrong));
    note.textContent = isWrong ? "A weight goes from −9 to 9: the one before stays." : "";
    if (weight === null) return;
    shown[i] = weight;
    onchange([0, 3, 6].map((start) => shown.slice(start, start + 3)));
  }
  function settle(i) {
    if (readWeight(inputs[i].value) !== null) return;
    inputs[i].value = shown[i];
    inputs[i].removeAttribute("aria-invalid");
  }
  const set = (kernel) => kernel.flat().forEach((weight, i) => {
    if (weight === shown[i]) return;
    [shown[i], inputs[i].value] = [weight, weight];
    inputs[i].removeAttribute("aria-invalid");
  });
  const root = element("fieldset", { class: "kb-kl-editor" }, element("legend", {}, "Weights"), ...inputs, note);
  return { root, set };
}

// The gray pixels of the middle square of a file's picture; fails if the browser cannot read it.
async function readPicture(file) {
  const bitmap = await createImageBitmap(file);
  const { left, top, side } = middleSquare(bitmap.width, bitmap.height);
  const canvas = element("canvas", { width: READ_SIDE, height: READ_SIDE });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  Object.assign(context, { fillStyle: "white", imageSmoothingQuality: "high" }); // what is transparent becomes white
  context.fillRect(0, 0, READ_SIDE, READ_SIDE);
  context.drawImage(bitmap, left, top, side, side, 0, 0, READ_SIDE, READ_SIDE);
  bitmap.close();
  return grayPicture(context.getImageData(0, 0, READ_SIDE, READ_SIDE).data, READ_SIDE);
}

// A button that lets the reader choose a file. Of several choices in a row the last one counts.
export function pictureChooser(onpicture) {
  let asked = 0;
  const note = element("p", { class: "kbook-note kb-kl-note", role: "status" });
  const input = element("input", {
    type: "file", accept: "image/*", class: "kb-kl-hidden", ...KERNEL_KEYS, onchange: read,
  });
  const label = element("label", { class: "kbook-button kb-kl-file" }, "Use your own picture", input);
  async function read() {
    const file = input.files[0];
    if (!file) return;
    asked += 1;
    const mine = asked;
    const picture = await readPicture(file).catch(() => null);
    if (mine !== asked) return;
    input.value = ""; // so that the same file can be chosen again
    note.textContent = picture ? `Your picture: its middle square, in gray, ${PICTURE_SIZE} × ${PICTURE_SIZE}.`
      : `“${file.name}” is not a picture that this browser can read, so the old one stays.`;
    if (picture) onpicture(picture);
  }
  return { label, note };
}

// Call `onplace` with the row and column, in pixels of the drawing, under a mouse that moves or a finger that taps. A
// finger that moves scrolls the page.
export function followPlace(frame, onplace) {
  const tell = (event) => {
    const box = frame.getBoundingClientRect();
    const place = (at, start, size) => Math.floor((KERNEL_FIELD * (at - start)) / size);
    onplace(place(event.clientY, box.top, box.height), place(event.clientX, box.left, box.width));
  };
  frame.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch") tell(event); });
  frame.addEventListener("click", tell);
}

// Call `onmove` with the steps down and to the right that a key stands for.
export function followKeys(root, onmove) {
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = KERNEL_MOVES[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    onmove(way.map((step) => step * (event.shiftKey ? 5 : 1)));
  });
}
