// KernelLab. The reader sees that an output pixel is the sum of nine products of a window of the picture with the
// kernel, and that the window, moved over all places, makes the whole output picture; then what kernel, stride, padding
// and dilation change in it. A picture of the reader's own never becomes a trait: it stays in the page.

import {
  kernelInside, kernelNearest, kernelOutput, kernelScale, kernelSum, kernelWindow,
} from "./parts/convolution.js";
import { followKeys, followPlace, kernelEditor, pictureChooser } from "./parts/kernel_controls.js";
import {
  colorScale, drawInput, drawOutput, KERNEL_FIELD, outputOrigin, pictureFrame, productGrid,
} from "./parts/kernel_plot.js";
import {
  kernelInputText, kernelLeftOverText, kernelMeaning, kernelName, kernelNumber, KERNELS, kernelOutputText,
  kernelSizeText, kernelSumText,
} from "./parts/kernel_words.js";
import { PICTURE_SIZE, PICTURES, renderPicture } from "./parts/pictures.js";
import { choice, element, sharedTraits, slider, statusLine } from "./parts/ui.js";

const CHOSEN = ["picture", "kernel", "stride", "padding", "dilation", "output_pixel"];
const SIDE = 3; // of the kernel
const SIZE_RULE = "Output size = floor((size + 2·padding − dilation·(3 − 1) − 1)/stride) + 1:";

// All that is shown, from all that is chosen. A place outside of the output means the nearest pixel.
export function evaluateKernel(picture, kernel, setting, place) {
  const output = kernelOutput(picture, kernel, setting);
  const pixel = place.map((v) => kernelInside(v, output.length));
  const taps = kernelWindow(picture, kernel, setting, pixel);
  return { output, largest: kernelScale(output), pixel, taps, sum: kernelSum(taps) };
}

function render({ model, el }) {
  el.classList.add("kbook-widget", "kb-kl");
  let [own, isOwn, now] = [null, false, null];
  const forgetOwn = () => { isOwn = false; };
  model.on("change:picture", forgetOwn); // before the redraw that the same change asks for
  const { save, end } = sharedTraits(model, CHOSEN, () => update());
  const setting = () => Object.fromEntries(["stride", "padding", "dilation"].map((key) => [key, model.get(key)]));
  const goTo = (place) => {
    const pixel = place.map((v) => kernelInside(v, now.output.length));
    if (String(pixel) !== String(model.get("output_pixel"))) save({ output_pixel: pixel });
  };

  const labels = (named) => Object.entries(named).map(([key, { label }]) => [key, label]);
  const pictures = choice({
    legend: "Picture", options: [...labels(PICTURES), ["own", "your own"]], value: model.get("picture"),
    onchange: (key) => {
      isOwn = key === "own";
      chooser.note.textContent = "";
      if (isOwn) update(); else save({ picture: key });
    },
  });
  const ownOption = pictures.root.lastChild;
  const chooser = pictureChooser((picture) => {
    [own, isOwn] = [picture, true];
    update();
  });
  const [input, output] = [pictureFrame(), pictureFrame()];
  input.root.classList.add("kb-kl-input");
  output.svg.setAttribute("aria-hidden", "true");
  for (const [name, value] of [["role", "application"], ["tabindex", 0], ["data-lm-suppress-shortcuts", "true"]]) {
    output.root.setAttribute(name, value);
  }
  const captions = [element("p"), element("p")];
  const [scale, products, status] = [colorScale(), productGrid(), statusLine()];
  const presets = choice({
    legend: "Kernel", options: labels(KERNELS), value: null, onchange: (key) => save({ kernel: KERNELS[key].weights }),
  });
  const editor = kernelEditor((kernel) => save({ kernel }));
  const sliders = [["stride", 1, 3], ["padding", 0, 2], ["dilation", 1, 3]].map(([label, min, max]) => slider({
    label, min, max, step: 1, value: model.get(label), oninput: (v) => save({ [label]: v }),
  }));
  const meaning = element("p", { class: "kbook-note" });
  const formula = element("p", { class: "kb-kl-formula" });
  const leftOver = element("p", { class: "kbook-note kb-kl-note" });

  function update() {
    const picture = isOwn ? own : renderPicture(model.get("picture"));
    const label = isOwn ? "your own" : PICTURES[model.get("picture")].label;
    const kernel = model.get("kernel");
    now = evaluateKernel(picture, kernel, setting(), model.get("output_pixel"));
    pictures.set(isOwn ? "own" : model.get("picture"));
    ownOption.hidden = !own;
    presets.set(kernelName(kernel));
    editor.set(kernel);
    sliders.forEach(({ set }, i) => set(Object.values(setting())[i]));
    drawInput(input, picture, now.taps, model.get("padding"));
    drawOutput(output, now.output, now.largest, now.pixel);
    scale.show(now.largest, now.sum);
    products.show(now.taps);
    const size = `${PICTURE_SIZE} × ${PICTURE_SIZE}`;
    captions[0].replaceChildren(element("b", {}, "Input"), ` ${size}, padding ${model.get("padding")}`);
    captions[1].replaceChildren(element("b", {}, "Output"), ` ${now.output.length} × ${now.output.length}, here `,
      element("b", {}, kernelNumber(now.sum)));
    input.svg.setAttribute("aria-label", kernelInputText(label, now.taps));
    output.root.setAttribute("aria-label", kernelOutputText(now.output));
    const sentence = kernelSumText(now.taps, now.sum, now.pixel);
    if (status.textContent !== sentence) status.textContent = sentence; // the same text set again would be spoken again
    meaning.textContent = kernelMeaning(kernel);
    formula.textContent = kernelSizeText(PICTURE_SIZE, SIDE, setting());
    leftOver.textContent = kernelLeftOverText(PICTURE_SIZE, SIDE, setting());
  }

  followPlace(input.root, (...place) => {
    const margin = (KERNEL_FIELD - PICTURE_SIZE) / 2;
    goTo(place.map((v) => kernelNearest(v - margin, PICTURE_SIZE, SIDE, setting())));
  });
  followPlace(output.root, (...place) => goTo(place.map((v) => Math.floor(v - outputOrigin(now.output.length)))));
  followKeys(output.root, (steps) => goTo(now.pixel.map((v, axis) => v + steps[axis])));
  el.append(
    element("p", { class: "kbook-title" }, "One window, nine products, one sum"),
    pictures.root,
    element("div", { class: "kb-kl-own" }, chooser.label,
      element("p", { class: "kbook-note" }, "It is read in this page and never leaves it."), chooser.note),
    element("p", {}, "Move over a picture, tap it, or use the arrow keys on the output: the window on the input makes "
      + "the marked pixel of the output."),
    element("div", { class: "kb-kl-view" },
      element("div", {}, captions[0], input.root), element("div", {}, captions[1], output.root, scale.root)),
    element("div", { class: "kb-kl-work" },
      element("div", { class: "kb-kl-sum" },
        element("p", { class: "kb-kl-head" }, "Pixel × weight"), products.root, status),
      presets.root, editor.root),
    meaning,
    element("div", { class: "kb-kl-sliders" }, ...sliders.map(({ root }) => root)),
    element("p", { class: "kbook-note" }, SIZE_RULE), formula, leftOver,
  );
  update();
  return () => {
    end();
    model.off("change:picture", forgetOwn);
    el.replaceChildren();
  };
}

export default { render };
