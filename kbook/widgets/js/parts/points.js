// The points of Playground: three data sets on the plane from −3 to 3, or the reader's own points. Coordinates have
// two decimals, so that they can be written down exactly.

export const EDGE = 3;
export const MOST_POINTS = 200;
const COUNT = 80; // training points of a data set; as many test points
const HELD_OUT = 5; // of the reader's own points every fifth is a test point

// Numbers from 0 to 1 from a linear congruential generator (the constants of "Numerical Recipes"): the same in every
// language, as every product stays below 2^53. Seeds are spread first, or near seeds would begin with like numbers.
export function generator(seed) {
  let state = (2654435761 * (seed + 1)) % 2 ** 32;
  return () => {
    state = (1664525 * state + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

// Where class `label` lies at t from 0 to 1.
const SHAPES = {
  moons(t, label) {
    const [x, y] = [Math.cos(Math.PI * t), Math.sin(Math.PI * t)];
    return label ? [1.6 * (0.5 - x), 1.6 * (0.25 - y)] : [1.6 * (x - 0.5), 1.6 * (y - 0.25)];
  },
  circles(t, label) {
    const radius = label ? 0.9 : 2.2;
    return [radius * Math.cos(2 * Math.PI * t), radius * Math.sin(2 * Math.PI * t)];
  },
  spirals(t, label) {
    const [radius, angle] = [0.25 + 2.35 * t, 2 * Math.PI * t + Math.PI * label];
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  },
};

export function roundInside(v) {
  return Math.round(100 * Math.min(Math.max(v, -EDGE), EDGE)) / 100 + 0; // + 0: no −0
}

function drawSample(shape, noise, random) {
  // The sum of twelve uniform numbers less 6 is nearly normal, with standard deviation 1.
  const normal = () => Array.from({ length: 12 }, random).reduce((sum, u) => sum + u, -6);
  return Array.from({ length: COUNT }, (_, i) => {
    const label = i % 2;
    const place = shape(random(), label).map((v) => roundInside(v + noise * normal()));
    return [...place, label];
  });
}

export function isHeldOut(i) {
  return i % HELD_OUT === HELD_OUT - 1;
}

// The training and the test points, each a list of [x, y, label].
export function makePoints({ data, noise, seed, points }) {
  if (data === "own") {
    return { train: points.filter((_, i) => !isHeldOut(i)), test: points.filter((_, i) => isHeldOut(i)) };
  }
  const random = generator(seed + 1_000_000); // other numbers than those of the start weights
  return { train: drawSample(SHAPES[data], noise, random), test: drawSample(SHAPES[data], noise, random) };
}

// The same as the arrays that the net reads: x and y in turn, and the labels.
export function asArrays(points) {
  const inputs = Float64Array.from(points.flatMap(([x, y]) => [x, y]));
  return { inputs, labels: Float64Array.from(points, ([, , label]) => label) };
}
