// DepthExplorer. After a minute the reader can say: the deeper plain net is worse on the digits it trains on, so it does
// not over-fit; its residual twin is not; and before training the plain net's gradients do not vanish. The picture:
// above, what eight nets reach over the epochs; below, at one epoch, how large the gradient is in each layer of two.

import {
  depthSentences, edgeNote, epochText, KINDS, measureRows, MEASURES, measureText, nameParts, normRows, valueAt,
} from "./parts/depth_curves.js";
import { depthPlacement, drawCurvesOver, drawNorms, netSample } from "./parts/depth_plot.js";
import {
  button, choice, element, figure, followWidth, numberText, sharedTraits, slider, statusLine, svgElement,
} from "./parts/ui.js";

const CHOSEN = ["depth", "epoch", "measure", "shown"];
const DEPTH_KEYS = { "data-lm-suppress-shortcuts": "true" };
const PAUSE = 450; // milliseconds between two epochs
const SIGNS = {
  play: "M-5,-8L8,0L-5,8Z", pause: "M-6,-7h4v14h-4zM2,-7h4v14h-4z", last: "M-7,-7L3,0L-7,7ZM4,-7h3v14h-3z",
};

// Which nets are drawn: checkboxes that are the legend too, with what each net of the chosen depth reaches.
function kindBoxes(onchange) {
  const cells = KINDS.map((kind) => {
    const chosen = () => cells.filter((cell) => cell.input.checked).map((cell) => cell.kind);
    const input = element("input", { type: "checkbox", ...DEPTH_KEYS, onchange: () => onchange(chosen()) });
    const [name, reading] = [element("span"), element("span", { class: "kb-de-reading" })];
    const label = element("label", { class: "kbook-option" }, input, netSample(kind), name);
    return { kind, input, name, reading, root: element("div", {}, label, reading) };
  });
  const set = (record, { depth, epoch, measure, shown }) => cells.forEach(({ kind, input, name, reading }) => {
    input.checked = shown.includes(kind);
    input.disabled = input.checked && shown.length === 1; // something has to be drawn
    name.textContent = `${kind}-${depth}`;
    const value = valueAt(record, kind, depth, measure, epoch);
    reading.textContent = input.checked ? measureText(value, measure) : "not shown";
  });
  const root = element("fieldset", { class: "kbook-choice kb-de-kinds" }, element("legend", {}, "Nets"),
    ...cells.map((cell) => cell.root));
  return { root, set };
}

// A measure's whole name, of which a narrow page shows the part that tells it from the others.
function measureName(measure) {
  return element("span", {}, ...nameParts(measure).map(([text, isLeftOut]) => (
    element("span", isLeftOut ? { class: "kb-de-long" } : {}, text))));
}

// Both drawings as tables, written only while they are open.
function depthTables(current) {
  const tables = ["All nets over the epochs", "Gradient norm by layer"].map((name) => {
    const [caption, table] = [element("caption"), element("table")];
    const region = { class: "kb-de-scroll", tabindex: 0, role: "region", "aria-label": name, ...DEPTH_KEYS };
    return { caption, table, root: element("div", region, table) };
  });
  const root = element("details", { class: "kb-de-table", ontoggle: () => show() },
    element("summary", DEPTH_KEYS, "The numbers as tables"), ...tables.map((one) => one.root));
  const fill = ({ caption, table }, text, { head, rows }) => {
    caption.textContent = text;
    const cell = (v) => element("td", {}, v === null ? "–" : numberText(v));
    const lines = rows.map(([k, ...values]) => {
      return element("tr", {}, element("th", { scope: "row" }, String(k)), ...values.map(cell));
    });
    table.replaceChildren(caption,
      element("thead", {}, element("tr", {}, ...head.map((title) => element("th", { scope: "col" }, title)))),
      element("tbody", {}, ...lines));
  };
  const show = () => {
    if (!root.open) return tables.forEach(({ table }) => table.replaceChildren());
    const { record, chosen } = current();
    fill(tables[0], `${MEASURES[chosen.measure].axis}, of all nets`, measureRows(record, chosen));
    const when = epochText(chosen.epoch).toLowerCase();
    return fill(tables[1], `gradient norm by layer, ${when}`, normRows(record, chosen));
  };
  return { root, show };
}

function render({ model, el }) {
  el.classList.add("kbook-widget", "kb-de");
  const record = model.get("curves");
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const read = () => Object.fromEntries(CHOSEN.map((key) => [key, model.get(key)]));
  let [timer, widths, said] = [0, [640, 640], ""];
  const { save, end } = sharedTraits(model, CHOSEN, () => draw());

  const depths = choice({
    legend: "Layers", options: record.depths.map(String).map((depth) => [depth, depth]),
    value: String(model.get("depth")),
    onchange: (key) => save({ depth: Number(key) }),
  });
  const measures = choice({
    legend: "Curves", options: Object.keys(MEASURES).map((key) => [key, measureName(key)]), value: model.get("measure"),
    onchange: (key) => save({ measure: key }),
  });
  measures.root.classList.add("kb-de-measures");
  const boxes = kindBoxes((shown) => save({ shown }));
  const [curves, norms] = [figure(640, 240, ""), figure(640, 200, "")];
  const [curvesFrame, normsFrame] = [curves, norms].map((svg) => element("div", { class: "kb-de-frame" }, svg));
  const scrub = slider({
    label: "epoch", min: 0, max: record.epochs, step: 1, value: model.get("epoch"), format: (epoch) => `epoch ${epoch}`,
    oninput: (epoch) => { pause(); save({ epoch }); },
  });
  const sign = svgElement("path");
  const play = button("", () => (timer ? pause() : begin()));
  play.classList.add("kb-de-play");
  play.append(svgElement("svg", { width: 24, height: 24, viewBox: "-12 -12 24 24", "aria-hidden": "true" }, sign));
  const [status, note] = [statusLine(), element("p", { class: "kbook-note" })];
  const tables = depthTables(() => ({ record, chosen: read() }));

  function begin() {
    const isAtEnd = model.get("epoch") === record.epochs;
    if (isCalm) return save({ epoch: isAtEnd ? 0 : record.epochs });
    timer = setInterval(next, PAUSE);
    return isAtEnd ? save({ epoch: 0 }) : next();
  }

  function next() {
    if (!el.isConnected) return stop();
    const epoch = Math.min(model.get("epoch") + 1, record.epochs);
    if (epoch === record.epochs) stop();
    return save({ epoch });
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
  }

  function pause() {
    if (!timer) return;
    stop();
    draw();
  }

  function labelPlay(epoch) {
    const isAtEnd = epoch === record.epochs;
    const [again, on] = isCalm ? ["Go to the start", "Go to the last epoch"] : ["Play again", "Play the epochs"];
    const text = timer ? "Pause" : isAtEnd ? again : on;
    play.setAttribute("aria-label", text);
    play.setAttribute("title", text);
    sign.setAttribute("d", SIGNS[timer ? "pause" : isCalm ? "last" : "play"]);
    sign.setAttribute("transform", isCalm && isAtEnd ? "scale(-1,1)" : "");
  }

  function draw() {
    const chosen = read();
    const [top, below] = widths.map((width, k) => depthPlacement(width, (width < 460 ? [220, 190] : [260, 220])[k]));
    curves.setAttribute("viewBox", `0 0 ${top.width} ${top.height}`);
    norms.setAttribute("viewBox", `0 0 ${below.width} ${below.height}`);
    curves.replaceChildren(...drawCurvesOver(top, record, chosen));
    norms.replaceChildren(...drawNorms(below, record, chosen));
    const names = chosen.shown.map((kind) => `${kind}-${chosen.depth}`).join(" and ");
    curves.setAttribute("aria-label", `${MEASURES[chosen.measure].axis} over ${record.epochs} epochs, of `
      + `${record.depths.length * chosen.shown.length} nets, ${names} drawn strong; the tables have the numbers.`);
    norms.setAttribute("aria-label", `Gradient norm by layer of ${names}, ${epochText(chosen.epoch).toLowerCase()}, `
      + "on a logarithmic axis.");
    depths.set(String(chosen.depth));
    measures.set(chosen.measure);
    boxes.set(record, chosen);
    scrub.set(chosen.epoch);
    labelPlay(chosen.epoch);
    // While the epochs run, nothing speaks all the time.
    const sentences = timer ? ["Playing the recorded epochs."] : depthSentences(record, chosen);
    if (said !== sentences.join()) status.replaceChildren(...sentences.map((text) => element("span", {}, `${text} `)));
    said = sentences.join(); // the same text set again would be spoken again
    note.textContent = edgeNote(record, chosen);
    tables.show();
  }

  curves.addEventListener("click", (event) => {
    const box = curves.getBoundingClientRect();
    const at = depthPlacement(widths[0], 200);
    const share = (((event.clientX - box.left) * widths[0]) / box.width - at.left) / (at.right - at.left);
    pause();
    save({ epoch: Math.round(record.epochs * Math.min(1, Math.max(0, share))) });
  });
  el.append(element("p", { class: "kbook-title" }, "Eight nets in training: choose a depth, move through the epochs"),
    element("div", { class: "kb-de-choices" }, depths.root, boxes.root), measures.root,
    curvesFrame, element("div", { class: "kb-de-time" }, play, scrub.root), normsFrame, status, note, tables.root);
  const unfollow = [curvesFrame, normsFrame].map((frame, k) => followWidth(frame, (width) => {
    widths[k] = width;
    draw();
  }));
  draw();
  return () => {
    stop();
    unfollow.forEach((unfollowOne) => unfollowOne());
    end();
    el.replaceChildren();
  };
}

export default { render };
