// What DriveSim draws: the road, the net's frame with what steers it, and the distance from the line.

import { element, figure, followWidth, svgElement } from "./ui.js";

const STRIP_HEIGHT = 84; // pixels
const STRIP_STEPS = 100; // distances, one for each decision

// A canvas that shows a camera's bytes.
export function pictureCanvas(height, width, attributes) {
  const canvas = element("canvas", { height, width, ...attributes });
  const context = canvas.getContext("2d");
  const image = new ImageData(width, height);
  const size = height * width;
  image.data.fill(255);
  const show = (bytes) => {
    for (let i = 0; i < size; i += 1) {
      image.data[4 * i] = bytes[i];
      image.data[4 * i + 1] = bytes[size + i];
      image.data[4 * i + 2] = bytes[2 * size + i];
    }
    context.putImageData(image, 0, 0);
  };
  return { canvas, context, show };
}

// Lay a map of 8 × 12 patches over a picture of 32 × 96: the brighter, the more a patch steers.
export function showPatches(context, map) {
  const most = Math.max(...map, 1e-9);
  map.forEach((value, patch) => {
    context.fillStyle = `rgba(255, 230, 0, ${(0.75 * value) / most})`;
    context.fillRect(8 * (patch % 12), 4 * Math.floor(patch / 12), 8, 4);
  });
}

// The last ten seconds of the distance from the line; a meter to either side is the limit. As wide as its column.
export function errorStrip() {
  let width = 320;
  const drawing = figure(width, STRIP_HEIGHT, "Distance from the center line over the last ten seconds");
  const [middle, meter] = [STRIP_HEIGHT / 2, 34];
  const line = (y, kind) => svgElement("line", { x1: 0, x2: "100%", y1: y, y2: y, class: kind });
  const path = svgElement("polyline", { class: "kb-ds-path" });
  const text = (y, words) => svgElement("text", { x: 4, y, class: "kb-ds-text" }, words);
  drawing.append(line(middle, "kb-ds-middle"), line(middle - meter, "kb-ds-limit"), line(middle + meter, "kb-ds-limit"),
    text(middle - meter + 12, "1 m left of the line"), text(middle + meter - 4, "1 m right"), path);
  const root = element("div", { class: "kb-ds-strip" }, drawing);
  const points = (past) => past.map((e, i) => (
    `${(((i + 1) * width) / STRIP_STEPS).toFixed(1)},${(middle - meter * e).toFixed(1)}`)).join(" ");
  let shown = [];
  const show = (past) => {
    shown = past;
    path.setAttribute("points", points(past));
  };
  const end = followWidth(root, (now) => {
    width = now;
    drawing.setAttribute("viewBox", `0 0 ${width} ${STRIP_HEIGHT}`);
    show(shown);
  });
  return { root, show, end };
}
