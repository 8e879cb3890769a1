// The mathematics of DigitReader: from the strokes of a pen to 8 × 8 counts, made as the data set made its own,
// and from the counts to ten probabilities. What the data set did is read off NIST's routines, which its authors
// used (Garris et al., NISTIR 5469, 1994): stretch the digit to a box, bring the pen to a common thickness,
// straighten what leans; then the authors counted the ink in blocks of 4 × 4 (Alpaydin and Kaynak, 1998).

import { softmax } from "./math.js";
import { runNet } from "./nn.js";

const BITMAP = 32; // pixels a side
const BLOCK = 4;
const BOX = { width: 20, height: 32 }; // where a digit must fit; it fills one of the two
const MOST_STRETCH = 1.5; // of width against height, or a straight 1 would become a bar; the data's are not
const PEN = 0.1; // radius over the drawing's size: so the data's strokes are about 5 pixels wide
const LEAST_SIZE = 0.25; // of the pad: what is smaller is not enlarged further, so that a slip of the pen stays small

function squaredDistance(x, y, [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const t = length ? Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / length, 0), 1) : 0;
  return (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2;
}

// The pen's radius, the drawing's middle, and the bitmap's pixels per unit of the pad, across and down.
export function drawingFrame(strokes) {
  const [xs, ys] = [0, 1].map((axis) => strokes.flat().map((point) => point[axis]));
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const radius = PEN * Math.max(right - left, bottom - top, LEAST_SIZE);
  const across = BOX.width / (right - left + 2 * radius);
  const down = BOX.height / (Math.max(bottom - top, LEAST_SIZE) + 2 * radius);
  return {
    radius, x: (left + right) / 2, y: (top + bottom) / 2,
    across: Math.min(across, MOST_STRETCH * down), down: Math.min(down, MOST_STRETCH * across),
  };
}

// Rows of 0 and 1: a pixel has ink if its middle is within the pen's radius of a stroke.
export function strokesToBitmap(strokes) {
  const frame = drawingFrame(strokes);
  const lines = strokes.flatMap((points) => points.map((point, i) => [points[Math.max(i - 1, 0)], point]));
  const place = (i) => i + 0.5 - BITMAP / 2;
  return Array.from({ length: BITMAP }, (_, row) => Array.from({ length: BITMAP }, (_, column) => {
    const [x, y] = [frame.x + place(column) / frame.across, frame.y + place(row) / frame.down];
    return lines.some(([a, b]) => squaredDistance(x, y, a, b) <= frame.radius ** 2) ? 1 : 0;
  }));
}

// Shift the rows so that the leftmost ink at the top stands above that at the bottom. The outermost two rows of
// the digit do not count, they may be ragged; a mark of five rows or fewer has no slant.
export function straighten(bitmap) {
  const inked = bitmap.flatMap((row, i) => (row.includes(1) ? [i] : []));
  const [top, bottom] = [inked[0] + 2, inked[inked.length - 1] - 2];
  if (!(bottom > top)) return bitmap;
  const slant = (bitmap[bottom].indexOf(1) - bitmap[top].indexOf(1)) / (bottom - top);
  return bitmap.map((row, i) => {
    const shift = Math.round((i - BITMAP / 2) * slant);
    return row.map((_, column) => row[column + shift] ?? 0);
  });
}

// The ink in each block of 4 × 4 pixels, 0 to 16: 64 counts, row by row.
export function blockCounts(bitmap) {
  const side = BITMAP / BLOCK;
  return Array.from({ length: side * side }, (_, i) => {
    const [top, left] = [BLOCK * Math.floor(i / side), BLOCK * (i % side)];
    return bitmap.slice(top, top + BLOCK).flatMap((row) => row.slice(left, left + BLOCK)).reduce((a, b) => a + b);
  });
}

// What the model sees of a drawing; 64 zeros of an empty one.
export function strokesToPixels(strokes) {
  if (!strokes.flat().length) return new Array((BITMAP / BLOCK) ** 2).fill(0);
  return blockCounts(straighten(strokesToBitmap(strokes)));
}

// p = softmax(W x / 16 + b): what the softmax regression of chapter 1, as a net of one layer, says to 64 counts.
export function digitProbabilities(pixels, net) {
  const logits = runNet(net, { shape: [64], data: pixels.map((count) => count / 16) });
  return softmax(Array.from(logits.data));
}

// A probability in whole percent; only what is exactly 0 or 1 may say so.
export function percentText(p) {
  if (p > 0 && p < 0.005) return "<1\u00a0%";
  if (p < 1 && p >= 0.995) return ">99\u00a0%";
  return `${Math.round(100 * p)}\u00a0%`;
}

// The digits from the most to the least probable.
export function ranking(p) {
  return p.map((_, k) => k).sort((a, b) => p[b] - p[a]);
}
