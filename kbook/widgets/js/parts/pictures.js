// The pictures of KernelLab: 24 × 24 gray values from 0 (black) to 1 (white), in hundredths so that they can be shown
// exactly. Four are rendered from formulas, one is made from a picture that the reader chooses.

export const PICTURE_SIZE = 24;
const SAMPLES = 4; // a side, within each pixel: edges between two pixels become gray
const TWO = [
  [6.4, 8.2], [7.6, 5.6], [10, 4.2], [13.4, 4.1], [15.9, 5.8], [16.4, 8.8], [14.7, 12.2], [11, 15.8], [7, 19.6],
  [12, 19.2], [17.8, 19.4],
];
const PEN_RADIUS = 1.4;

const isWithin = (v, low, high) => v >= low && v < high;

// x goes to the right and y down, in pixels. What stands in front is asked first.
function houseGray(x, y) {
  if (isWithin(x, 14, 16.5) && isWithin(y, 15, 20)) return 0.05; // door
  if (isWithin(x, 9, 12) && isWithin(y, 14, 17)) return 1; // window
  if (isWithin(x, 8, 18) && isWithin(y, 12, 20)) return 0.6; // wall
  if (isWithin(y, 6, 12) && Math.abs(x - 13) <= 1.2 * (y - 6)) return 0.4; // roof
  if (isWithin(x, 16, 18) && isWithin(y, 6, 12)) return 0.5; // chimney
  if (Math.hypot(x - 5, y - 5) <= 2.8) return 1; // sun
  return y < 20 ? 0.25 : 0.1; // sky at dusk, ground
}

function pictureDistance(x, y, [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const t = Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0), 1);
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

function digitGray(x, y) {
  return TWO.slice(1).some((end, i) => pictureDistance(x, y, TWO[i], end) <= PEN_RADIUS) ? 1 : 0;
}

// Four quarters: upright stripes, level stripes, slanted stripes, checks.
function stripesGray(x, y) {
  const half = PICTURE_SIZE / 2;
  const isLight = y < half ? (x < half ? x : y) % 4 < 2
    : x < half ? (x + y) % 6 < 3 : (Math.floor(x / 3) + Math.floor(y / 3)) % 2 === 0;
  return isLight ? 0.9 : 0.1;
}

function dotGray(x, y) {
  return Math.floor(x) === 12 && Math.floor(y) === 12 ? 1 : 0;
}

export const PICTURES = {
  house: { label: "house and sun", gray: houseGray },
  digit: { label: "digit", gray: digitGray },
  stripes: { label: "stripes and checks", gray: stripesGray },
  dot: { label: "one dot", gray: dotGray },
};

function pictureRows(valueAt) {
  const places = Array.from({ length: PICTURE_SIZE }, (_, i) => i);
  return places.map((row) => places.map((column) => Math.round(100 * valueAt(row, column)) / 100));
}

// A rendered picture: in each pixel the mean of 4 × 4 samples.
export function renderPicture(name) {
  const steps = Array.from({ length: SAMPLES }, (_, i) => (i + 0.5) / SAMPLES);
  const { gray } = PICTURES[name];
  return pictureRows((row, column) => {
    const samples = steps.flatMap((down) => steps.map((across) => gray(column + across, row + down)));
    return samples.reduce((a, b) => a + b) / samples.length;
  });
}

// The middle square of a picture: where it starts, and its side.
export function middleSquare(width, height) {
  const side = Math.min(width, height);
  return { left: (width - side) / 2, top: (height - side) / 2, side };
}

// From the bytes (red, green, blue, alpha) of a square picture to 24 × 24 gray values: the mean brightness of each
// block, with the weights of red, green and blue that television has used (Rec. 601).
export function grayPicture(bytes, side) {
  const block = side / PICTURE_SIZE;
  return pictureRows((row, column) => {
    let sum = 0;
    for (let y = row * block; y < (row + 1) * block; y += 1) {
      for (let x = column * block; x < (column + 1) * block; x += 1) {
        const i = 4 * (y * side + x);
        sum += 0.299 * bytes[i] + 0.587 * bytes[i + 1] + 0.114 * bytes[i + 2];
      }
    }
    return sum / (255 * block * block);
  });
}
