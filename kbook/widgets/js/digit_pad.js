// DigitPad. The reader draws a digit and shifts it by whole pixels: a feature map moves with the digit, and whether
// the answer stays depends on the net. One glance at 25 answers shows which shifts a net does not survive.

import { button, choice, element, statusLine } from "./parts/ui.js";
import { loadAsset } from "./parts/assets.js";
import { strokesToPixels } from "./parts/digits.js";
import { parseNet } from "./parts/nn.js";
import { answerText, captioned, drawingPad, probabilityBars, withPoints, withStroke } from "./parts/pad.js";
import {
  CENTERED, everywhereSentence, framed, isBlank, lookAt, readAt, readEverywhere, shiftSentence, stepped,
} from "./parts/shifts.js";
import { digitFrame, mapsView, netMenu, shiftButtons, shiftTable } from "./parts/digit_pad_view.js";

const NETS = {
  cnn_shifted: { text: "CNN, trained with shifts", file: "weights/digits_cnn.bin" },
  cnn_centered: { text: "CNN, trained on centered digits", file: "weights/digits_cnn_centered.bin" },
  dense: { text: "Dense net, trained on centered digits", file: "weights/digits_dense.bin" },
};
const BLOCKS = [1, 2, 3, 4];
const NO_MAPS = "A dense net has no maps: each of its hidden units looks at all 144 pixels at once, "
  + "so nothing in it moves with the digit.";
const ABOUT = "Your drawing, large or small, is cut out and becomes 8\u00a0×\u00a08 gray values, as the training digits did, "
  + "in the middle of a frame of 12\u00a0×\u00a012: the arrows move it. All maps of a block share one scale; "
  + "the largest number is the darkest (on a dark page, the lightest). "
  + "Half-way, after block 2, max pooling keeps one pixel of every 2\u00a0×\u00a02.";

function render({ model, el }) {
  el.classList.add("kbook-widget");
  const nets = new Map();
  const asked = new Set();
  const failed = new Set();
  let { strokes, shift, net, block } = readState();
  let pixels = strokesToPixels(strokes);
  let everywhere = null; // the 25 digits; unknown while the pen is down
  let isExample = true; // or set by Python: the reader's first stroke replaces it
  let exampleShown = 0;
  let writing = false;

  const menu = netMenu({
    label: "Net", value: net, options: Object.entries(NETS).map(([key, { text }]) => [key, text]),
    onchange: (key) => { net = key; readAll(); write(); },
  });
  const pad = drawingPad({
    onstart: start, onpoint: (points) => draw(withPoints(strokes, points)), onend: () => { readAll(); write(); },
  });
  const padCaption = element("p", { class: "kb-pad-caption" });
  const moves = { onstep: (step) => moveTo(stepped(shift, step)), oncenter: () => moveTo(CENTERED) };
  const frame = digitFrame(moves);
  const arrows = shiftButtons(moves);
  const bars = probabilityBars();
  const [answer, effect] = [element("span"), element("span")];
  const status = statusLine();
  status.append(answer, effect);
  const table = shiftTable();
  const summary = element("p", { class: "kb-dp-summary" });
  const maps = mapsView();
  const blocks = choice({
    legend: "Block", value: String(block), options: BLOCKS.map((k) => [String(k), String(k)]),
    onchange: (key) => { block = Number(key); show(); write(); },
  });
  const mapsPart = captioned("Its feature maps, after ReLU", "kb-dp-see", maps.root, blocks.root);
  const noMaps = element("p", { class: "kb-dp-none" }, NO_MAPS);
  const buttons = element("div", { class: "kb-dp-buttons" },
    button("Clear", () => replace([], false)), button("Example", showExample));

  function readState() {
    return Object.fromEntries(["strokes", "shift", "net", "block"].map((name) => [name, model.get(name)]));
  }

  function start(point) {
    const kept = isExample ? [] : strokes;
    if (!kept.length) shift = CENTERED;
    isExample = false;
    draw(withStroke(kept, point));
  }

  // While the pen is down only the answer here is worked out, not those at the other 24 places.
  function draw(drawing) {
    [strokes, pixels, everywhere] = [drawing, strokesToPixels(drawing), null];
    show();
  }

  function replace(drawing, example) {
    [isExample, shift] = [example, CENTERED];
    draw(drawing);
    readAll();
    write();
  }

  function showExample() {
    const examples = model.get("examples");
    exampleShown = (exampleShown + 1) % examples.length;
    replace(examples[exampleShown], true);
  }

  function moveTo(place) {
    shift = place;
    show();
    write();
  }

  // Four traits, one change.
  function write() {
    writing = true;
    model.set("strokes", strokes.map((line) => [...line]));
    model.set("shift", [...shift]);
    model.set("net", net);
    model.set("block", block);
    writing = false;
    model.save_changes();
  }

  function load(name) {
    if (asked.has(name)) return;
    asked.add(name);
    failed.delete(name);
    loadAsset(model, NETS[name].file)
      .then((bytes) => { nets.set(name, parseNet(bytes)); })
      .catch(() => { failed.add(name); asked.delete(name); }) // choosing it again asks again
      .then(() => { if (name === net) readAll(false); });
  }

  function readAll(mayLoad = true) {
    if (mayLoad) load(net);
    const ready = nets.get(net);
    everywhere = ready && !isBlank(pixels) ? readEverywhere(ready, pixels) : null;
    show();
  }

  function show() {
    const ready = isBlank(pixels) ? null : nets.get(net);
    const { p, maps: blockMaps } = ready ? lookAt(ready, pixels, shift) : { p: null, maps: [] };
    pad.show(strokes);
    const isOwn = strokes.length && !isExample;
    padCaption.textContent = isOwn ? "Your drawing" : strokes.length ? "Draw your own digit" : "Draw a digit here";
    pad.canvas.setAttribute("aria-label", `Pad to draw on with mouse, pen or finger. ${padCaption.textContent}.`);
    frame.show(framed(pixels, shift), shift);
    arrows.show(shift);
    bars.show(p);
    answer.textContent = p ? answerText(p) : waiting();
    effect.textContent = p ? shiftSentence(shift, isCentered() ? p : readAt(ready, pixels, CENTERED), p) : "";
    table.show(everywhere, shift);
    summary.textContent = everywhere ? everywhereSentence(everywhere) : "";
    if (blockMaps[block - 1]) maps.show(blockMaps[block - 1], block);
    else maps.clear();
    mapsPart.hidden = net === "dense";
    noMaps.hidden = net !== "dense";
  }

  function isCentered() {
    return shift.every((v) => v === 0);
  }

  function waiting() {
    if (isBlank(pixels)) return "Nothing to read yet: draw a digit.";
    return failed.has(net) ? "The net could not be loaded." : "Loading the net …";
  }

  const changed = () => {
    if (writing) return;
    ({ strokes, shift, net, block } = readState());
    [pixels, isExample] = [strokesToPixels(strokes), true];
    menu.select.value = net;
    blocks.set(String(block));
    readAll();
  };
  const events = ["change:strokes", "change:shift", "change:net", "change:block"];
  events.forEach((event) => model.on(event, changed));
  el.append(
    element("p", { class: "kbook-title" }, "Shift a digit: does the answer stay?"),
    element("div", { class: "kb-dp" }, menu.root, element("div", { class: "kb-dp-work" },
      element("div", {}, padCaption, pad.root, buttons),
      captioned("What the net sees", "", frame.root, arrows.root),
      status, mapsPart, noMaps, captioned("What it says", "kb-dp-says", bars.root),
      element("div", { class: "kb-dp-all" }, table.root, summary))),
    element("p", { class: "kbook-note" }, ABOUT),
  );
  changed();
  return () => {
    events.forEach((event) => model.off(event, changed));
    el.replaceChildren();
  };
}

export default { render };
