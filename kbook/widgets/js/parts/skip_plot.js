// The drawings of SkipLab: the blocks as buttons with their skips, and the bars of signal and gradient.

import { MOST_BLOCKS } from "./skip_stack.js";
import { skipNumber, skipPower } from "./skip_words.js";
import { element, numberText, svgElement } from "./ui.js";

const KEYS = { "data-lm-suppress-shortcuts": "true" };

// The powers of ten at the ends of an axis that holds all values and 1: ±2 at least, then multiples of 4, so that small
// changes leave the axis as it is. Zeros have no place on it.
export function powerRange(values) {
  const powers = values.filter((v) => v > 0).map(Math.log10);
  const reach = (p) => (p <= 2 ? 2 : 4 * Math.ceil(p / 4));
  return [-reach(Math.max(...powers.map((p) => -p), 0)), reach(Math.max(...powers, 0))];
}

export function powerTicks([low, high]) {
  const step = [2, 4, 8].find((size) => high - low <= 4 * size) ?? 12;
  const first = step * Math.ceil(low / step);
  return Array.from({ length: Math.floor((high - first) / step) + 1 }, (_, i) => first + i * step + 0); // + 0: no −0
}

// Where everything stands in a drawing of this width. Two panels of one scale, signal above gradient.
export function skipPlacement(width, blocks, [low, high]) {
  const [left, right, tall] = [52, width - 6, width < 480 ? 112 : 128];
  const [tops, column] = [[24, 24 + tall + 32], (right - left) / blocks];
  const perPower = (tall - 8) / (high - low);
  return {
    width, left, right, tall, tops, column, low, high, height: tops[1] + tall + 38,
    X: (i) => left + i * column, // the left edge of column i, counted from 0
    Y: (panel, power) => tops[panel] + 4 + (high - power) * perPower,
  };
}

// A bar from 1 to the value, as top and height, at least 2 pixels high to be seen; what is 0 goes down to the end of
// the axis.
export function barSpan(at, panel, value) {
  const [one, end] = [at.Y(panel, 0), at.Y(panel, value > 0 ? Math.log10(value) : at.low)];
  const height = Math.abs(end - one);
  return height < 2 ? { y: one - 1, height: 2 } : { y: Math.min(one, end), height };
}

function words(text, x, y, anchor = "start", name = "") {
  return svgElement("text", { x, y, class: `kb-sk-text ${name}`, "text-anchor": anchor }, text);
}

function stroke(d, name) {
  return svgElement("path", { d, class: name });
}

function rectangle(x, y, width, height, name) {
  return svgElement("rect", { x, y, width, height, class: name });
}

function tickText(power) {
  return Math.abs(power) <= 2 ? numberText(10 ** power, 1) : skipPower(10, power);
}

function drawAxes(at) {
  return at.tops.flatMap((top, panel) => [
    rectangle(at.left, top, at.right - at.left, at.tall, "kb-sk-paper"),
    ...powerTicks([at.low, at.high]).flatMap((power) => [
      stroke(`M${at.left},${at.Y(panel, power)}H${at.right}`, power === 0 ? "kb-sk-one" : "kb-sk-grid"),
      words(tickText(power), at.left - 5, at.Y(panel, power) + 4.5, "end"),
    ]),
  ]);
}

// Columns of blocks without skip are shaded through both panels, with a cross below.
function drawOff(at, isOn) {
  return isOn.flatMap((on, i) => {
    if (on) return [];
    const [x, y, r] = [at.X(i + 0.5), at.height - 33, Math.min(4, 0.3 * at.column)];
    return [
      ...at.tops.map((top) => rectangle(at.X(i), top, at.column, at.tall, "kb-sk-gap")),
      stroke(`M${x - r},${y - r}L${x + r},${y + r}M${x - r},${y + r}L${x + r},${y - r}`, "kb-sk-cross"),
    ];
  });
}

// All that is redrawn: bars, and where a skip is off a line over each bar where it would end with all skips on.
export function drawSkips(at, { isOn, now, other }) {
  const panels = [["signal", 1], ["gradient", 0]]; // after a block, at its input
  const isSwitched = isOn.includes(false);
  const bars = panels.flatMap(([key, shift], panel) => isOn.flatMap((_, i) => {
    const { y, height } = barSpan(at, panel, now[key][i + shift]);
    const bar = rectangle(at.X(i + 0.2), y, 0.6 * at.column, height, `kb-sk-${key}`);
    const level = at.Y(panel, Math.log10(other[key][i + shift]));
    return isSwitched ? [bar, stroke(`M${at.X(i + 0.05)},${level}h${0.9 * at.column}`, "kb-sk-all")] : [bar];
  }));
  const every = [1, 2, 5].find((step) => step * at.column >= 22) ?? 10;
  const numbers = isOn.flatMap((_, i) => (
    (i + 1) % every === 0 || i === 0 ? [words(String(i + 1), at.X(i + 0.5), at.height - 14, "middle")] : []));
  return [
    ...drawAxes(at), ...drawOff(at, isOn), ...bars, ...numbers,
    words("signal after each block →", at.left, 15),
    words(skipNumber(now.signal.at(-1)), at.right, 15, "end", "kb-sk-end"),
    words(skipNumber(now.gradient[0]), at.left, at.tops[1] - 9, "start", "kb-sk-end"),
    words("← gradient at each input", at.right, at.tops[1] - 9, "end"),
    words("block", 2, at.height - 14),
  ];
}

// One block: its branch as a box on the line, its skip as an arc into a plus sign, or the word off.
function blockPicture(number) {
  return svgElement("svg", { viewBox: "0 0 44 52", width: 44, height: 52, "aria-hidden": "true" },
    stroke("M0,36H44", "kb-sk-wire"), stroke("M3,36V17a8,8 0 0 1 8,-8H30a8,8 0 0 1 8,8V30", "kb-sk-arc"),
    svgElement("rect", { x: 8, y: 25, width: 22, height: 22, rx: 3, class: "kb-sk-box" }),
    svgElement("text", { x: 19, y: 40.5, "text-anchor": "middle", class: "kb-sk-number" }, String(number)),
    svgElement("g", { class: "kb-sk-plus" },
      svgElement("circle", { cx: 38, cy: 36, r: 5.5 }), svgElement("path", { d: "M38,33v6m-3,-3h6" })),
    svgElement("text", { x: 19, y: 17, "text-anchor": "middle", class: "kb-sk-off" }, "off"));
}

// The switches of the skips: one stop of the Tab key, arrow keys inside. `onswitch` gets the number of a block.
export function skipButtons(onswitch) {
  const buttons = Array.from({ length: MOST_BLOCKS }, (_, i) => element("button", {
    type: "button", class: "kb-sk-block", "aria-label": `skip of block ${i + 1}`, tabindex: -1, ...KEYS,
    onclick: () => onswitch(i + 1), onfocus: () => choose(i),
  }, blockPicture(i + 1)));
  const root = element("div", { role: "toolbar", "aria-label": "Skips, one button a block", class: "kb-sk-blocks" });
  let chosen = 0;
  const choose = (i) => {
    buttons[chosen].tabIndex = -1;
    chosen = i;
    buttons[i].tabIndex = 0;
  };
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const shown = root.children.length;
    const inRow = [...root.children].filter((one) => one.offsetTop === root.children[0].offsetTop).length;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -inRow, ArrowDown: inRow, Home: -shown, End: shown };
    if (!(event.key in steps)) return;
    event.preventDefault();
    buttons[Math.min(Math.max(chosen + steps[event.key], 0), shown - 1)].focus();
  });
  const set = (isOn) => {
    if (root.children.length !== isOn.length) root.replaceChildren(...buttons.slice(0, isOn.length));
    isOn.forEach((on, i) => buttons[i].setAttribute("aria-pressed", String(on)));
    choose(Math.min(chosen, isOn.length - 1));
  };
  return { root, set };
}
