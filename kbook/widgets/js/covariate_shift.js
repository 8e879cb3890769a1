// CovariateShift. After a minute the reader can say: the wind takes the car to states that the demonstration did not
// show; there the cloned net is far more often wrong; a round of DAgger shows it these states, and the error is gone.

import { drawShift, markSample, shiftLabel, shiftPlacement } from "./parts/shift_plot.js";
import { errorText, mostDegrees, percentText, shiftRows, shiftSentences, titleOf } from "./parts/shift_states.js";
import { choice, element, figure, followWidth, sharedTraits, statusLine } from "./parts/ui.js";

const SHIFT_KEYS = { "data-lm-suppress-shortcuts": "true" };

// Four numbers of the chosen round.
function readings() {
  const names = ["autonomy", "interventions", "largest distance", "error on its states"];
  const values = names.map(() => element("dd"));
  const root = element("dl", { class: "kb-cs-readings" },
    ...names.map((name, k) => element("div", {}, element("dt", {}, name), values[k])));
  const set = ({ autonomy, interventions, largest, gap }) => {
    const texts = [percentText(autonomy), String(interventions), `${largest.toFixed(2)} m`,
      typeof gap === "number" ? errorText(gap) : "–"];
    texts.forEach((text, k) => { values[k].textContent = text; });
  };
  return { root, set };
}

function shiftTable(rounds) {
  const { head, rows } = shiftRows(rounds);
  const cells = ([name, ...values]) => element("tr", {}, element("th", { scope: "row" }, name),
    ...values.map((value) => element("td", {}, value ?? "–")));
  const table = element("table", {}, element("caption", {}, "All drivers on the same twenty roads"),
    element("thead", {}, element("tr", {}, ...head.map((title) => element("th", { scope: "col" }, title)))),
    element("tbody", {}, ...rows.map(cells)));
  const region = { class: "kb-cs-scroll", tabindex: 0, role: "region", "aria-label": "All drivers", ...SHIFT_KEYS };
  return element("details", {}, element("summary", SHIFT_KEYS, "The numbers as a table"), element("div", region, table));
}

function render({ model, el }) {
  el.classList.add("kbook-widget", "kb-cs");
  const rounds = model.get("rounds");
  const degrees = mostDegrees(rounds);
  let [width, said] = [640, ""];
  const { save, end } = sharedTraits(model, ["chosen"], () => draw());
  const drivers = choice({
    legend: "Driver", options: rounds.map((round, k) => [String(k), titleOf(round)]), value: String(model.get("chosen")),
    onchange: (key) => save({ chosen: Number(key) }),
  });
  const drawing = figure(640, 360, "");
  const paper = element("div", { class: "kb-cs-frame" }, drawing);
  const legend = element("p", { class: "kb-cs-legend" }, ...[
    ["kb-cs-region", "shown by the demonstration"], ["kb-cs-in", "state inside"], ["kb-cs-out", "state outside"],
  ].map(([name, text]) => element("span", {}, markSample(name), text)));
  const [numbers, status] = [readings(), statusLine()];

  function draw() {
    const k = model.get("chosen");
    const at = shiftPlacement(width, width < 460 ? 300 : 360, degrees);
    drawing.setAttribute("viewBox", `0 0 ${at.width} ${at.height}`);
    drawing.replaceChildren(...drawShift(at, rounds, k));
    drawing.setAttribute("aria-label", shiftLabel(rounds, k, titleOf(rounds[k])));
    drivers.set(String(k));
    numbers.set(rounds[k]);
    const sentences = shiftSentences(rounds, k);
    if (said !== sentences.join()) status.replaceChildren(...sentences.map((text) => element("span", {}, `${text} `)));
    said = sentences.join(); // the same text set again would be spoken again
  }

  el.append(element("p", { class: "kbook-title" }, "Where the cars are: from the demonstration to the last round"),
    drivers.root, numbers.root, paper, legend, status,
    element("p", { class: "kbook-note" }, `Each mark is one of ${rounds[0].e.length} decisions, taken evenly from drives of `
      + "20 roads that no net has seen; the demonstration on a calm day, all others in the same wind. Error: mean of "
      + "(20 κ − 20 κ of the expert)², κ in 1/m. Recorded from one training."),
    shiftTable(rounds));
  const unfollow = followWidth(paper, (now) => {
    width = now;
    draw();
  });
  draw();
  return () => {
    unfollow();
    end();
    el.replaceChildren();
  };
}

export default { render };
