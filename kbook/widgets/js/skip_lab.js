// SkipLab. The reader can say beforehand what becomes of signal and gradient when skips are switched off, when the
// stack gets deeper, and when the weights' gain changes: a block without its skip is one factor, a stack without skips
// their product, and a skip hands signal and gradient around its branch, y = x + F(x) and I + J.

import { skipExperiments } from "./parts/skip_experiments.js";
import { drawSkips, powerRange, skipButtons, skipPlacement } from "./parts/skip_plot.js";
import { evaluateSkips, MOST_BLOCKS } from "./parts/skip_stack.js";
import { skipPathText, skipPictureText, skipRows, skipRule, skipSentence } from "./parts/skip_words.js";
import { button, element, figure, followWidth, numberText, sharedTraits, slider, statusLine } from "./parts/ui.js";

const CHOSEN = ["blocks", "off", "gain", "normalize", "seed"];
const SHORTCUTS = { "data-lm-suppress-shortcuts": "true" };
const SEEDS = 10_000;
const COMPUTED = "Computed in this page for 32 samples of 16 numbers: F(x) = W₂ relu(W₁ x) with random weights, where "
  + "gain 1 is He's scale, and a loss that is a weighted sum of the output. Sizes are root mean squares over all "
  + "samples, relative to the input for the signal and to the output for the gradient. The rule of thumb is the mean "
  + "over all weights, which a few large values lift: most stacks without skips stay below it. "
  + "Normalization stands in front of the branch here, while the chapter's blocks normalize behind each convolution.";

// The gain from its power of two, in three digits.
export function gainAt(power) {
  return Number((2 ** power).toPrecision(3));
}

// The numbers of the blocks without skip after one of them is switched.
export function switchSkip(off, block) {
  return off.includes(block) ? off.filter((other) => other !== block) : [...off, block].sort((a, b) => a - b);
}

// Every `step`-th of the blocks.
export function everyBlock(blocks, step) {
  return Array.from({ length: Math.floor(blocks / step) }, (_, i) => (i + 1) * step);
}

function skipTable(current) {
  const table = element("table");
  const root = element("details", { ontoggle: () => show() },
    element("summary", SHORTCUTS, "All numbers, and how they are computed"),
    element("p", { class: "kbook-note" }, COMPUTED),
    element("div", { class: "kb-sk-scroll", tabindex: 0, role: "region", "aria-label": "Numbers", ...SHORTCUTS },
      table));
  const head = ["block", "skip", "signal after it", "gradient at its input"];
  const show = () => {
    if (!root.open) return table.replaceChildren();
    return table.replaceChildren(
      element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
      element("tbody", {}, ...skipRows(current()).map(([block, ...cells]) => element("tr", {},
        element("th", { scope: "row" }, block), ...cells.map((text) => element("td", {}, text))))),
    );
  };
  return { root, show };
}

function render({ model, el }) {
  el.classList.add("kbook-widget", "kb-sk");
  let [width, result] = [340, null];
  const { save, end } = sharedTraits(model, CHOSEN, () => update());
  const setting = () => {
    const all = Object.fromEntries(CHOSEN.map((key) => [key, model.get(key)]));
    return { ...all, off: all.off.filter((block) => block <= all.blocks) };
  };

  const skips = skipButtons((block) => save({ off: switchSkip(setting().off, block) }));
  const allOf = (step) => save({ off: step ? everyBlock(model.get("blocks"), step) : [] });
  const actions = [["All skips on", 0], ["All off", 1], ["Every second off", 2]].map(([text, step]) => (
    button(text, () => allOf(step))));
  const picture = figure(width, 300, "");
  const frame = element("div", {}, picture);
  const keys = { signal: "signal", gradient: "gradient", all: "with all skips on", gap: "× skip off" };
  const legend = element("p", { class: "kbook-note kb-sk-legend" },
    ...Object.entries(keys).map(([key, text]) => element("span", { class: `kb-sk-key-${key}` }, text)));
  const [status, rule, paths] = [statusLine(), element("p"), element("p")];
  const depth = slider({
    label: "blocks", min: 1, max: MOST_BLOCKS, step: 1, value: model.get("blocks"),
    oninput: (blocks) => save({ off: setting().off.filter((block) => block <= blocks), blocks }),
  });
  const gain = slider({
    label: "gain", min: -2, max: 1, step: 0.25, value: Math.log2(model.get("gain")),
    format: (power) => numberText(gainAt(power), 3), oninput: (power) => save({ gain: gainAt(power) }),
  });
  const renew = button("New weights", () => save({ seed: (model.get("seed") + 1) % SEEDS }));
  const seed = element("span", { class: "kbook-note" });
  const check = element("input", {
    type: "checkbox", ...SHORTCUTS, onchange: () => save({ normalize: check.checked }),
  });
  const table = skipTable(() => result);

  function draw() {
    const { isOn, now, other } = result;
    const shown = isOn.includes(false) ? [now, other] : [now];
    const range = powerRange(shown.flatMap(({ signal, gradient }) => [...signal, ...gradient]));
    const at = skipPlacement(width, isOn.length, range);
    picture.setAttribute("viewBox", `0 0 ${width} ${at.height}`);
    picture.replaceChildren(...drawSkips(at, result));
  }

  function update() {
    const now = setting();
    result = evaluateSkips(now);
    skips.set(result.isOn);
    depth.set(now.blocks);
    gain.set(Math.log2(now.gain));
    check.checked = now.normalize;
    seed.textContent = `weights number ${now.seed}`;
    draw();
    picture.setAttribute("aria-label", skipPictureText(result.now));
    const sentence = skipSentence(now, result);
    if (status.textContent !== sentence) status.textContent = sentence; // set again it would be spoken again
    rule.textContent = skipRule(now);
    paths.textContent = skipPathText(result.isOn);
    table.show();
  }

  el.append(
    element("p", { class: "kbook-title" }, "Switch the skips of a stack of blocks"),
    element("p", {}, "With its skip a block computes y = x + F(x), without it y = F(x). Press a block to switch its "
      + "skip; arrow keys go from block to block."),
    skips.root,
    element("div", { class: "kb-sk-actions" }, ...actions),
    skipExperiments(save), frame, legend, status,
    element("div", { class: "kb-sk-sliders" }, depth.root, gain.root),
    element("div", { class: "kb-sk-actions" }, renew, seed),
    element("label", { class: "kbook-option" }, check, "normalize in front of each branch (batch norm)"),
    element("details", {}, element("summary", SHORTCUTS, "Why? The rule behind the numbers"),
      element("div", { class: "kbook-note" }, rule, paths)),
    table.root,
  );
  const unfollow = followWidth(frame, (pixels) => { width = pixels; draw(); });
  update();
  return () => {
    unfollow();
    end();
    el.replaceChildren();
  };
}

export default { render };
