// The plane of Playground, which takes points by tap and by key, and a button that copies a text.

import { contourPath, paintPlane, pointMarks, CELLS, PLANE, across, down } from "./playground_plot.js";
import { EDGE, roundInside } from "./points.js";
import { element, svgElement } from "./ui.js";

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// The plane: a tap places a point, as do Enter and Space at the cross-hair, which the arrow keys move.
export function makePlane({ onplace, onlook }) {
  let cross = [0, 0];
  const canvas = element("canvas", { width: CELLS, height: CELLS, "aria-hidden": "true" });
  const [halo, line] = ["kb-pg-halo", "kb-pg-line"].map((name) => svgElement("path", { class: name }));
  const [marks, hair] = [svgElement("g"), svgElement("path", { class: "kb-pg-hair" })];
  const view = { viewBox: `0 0 ${PLANE} ${PLANE}`, "aria-hidden": "true" };
  const root = element("div", {
    class: "kb-pg-plane", role: "application", tabindex: "0", "data-lm-suppress-shortcuts": "true",
    onclick: tap, onkeydown: press,
  }, canvas, svgElement("svg", view, halo, line, marks, hair));

  function tap(event) {
    const box = root.getBoundingClientRect();
    const share = (at, from, size) => Math.min(Math.max((at - from) / size, 0), 1) * 2 * EDGE - EDGE;
    aim([share(event.clientX, box.left, box.width), -share(event.clientY, box.top, box.height)]);
    onplace(cross);
  }

  function aim(place) {
    cross = place.map(roundInside);
    const [x, y] = [across(cross[0]), down(cross[1])];
    hair.setAttribute("d", `M${x},0V${PLANE}M0,${y}H${PLANE}M${x - 7},${y}a7,7 0 1 0 14,0a7,7 0 1 0 -14,0`);
  }

  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = MOVES[event.key];
    if (!move && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    if (!move) { onplace(cross); return; }
    aim(cross.map((v, k) => v + move[k] * (event.shiftKey ? 1 : 0.1)));
    onlook(cross);
  }

  aim(cross);
  return {
    root,
    describe: ({ train, test }) => root.setAttribute("aria-label", "The plane from −3 to 3, with "
      + `${train.length} training points and ${test.length} test points. `
      + "Arrow keys move a cross-hair, Enter places a point."),
    showPoints: (points) => marks.replaceChildren(...pointMarks(points)),
    showOutput(logits) {
      paintPlane(canvas, logits);
      const d = contourPath(logits);
      [halo, line].forEach((path) => path.setAttribute("d", d));
    },
  };
}
