// The landscapes of OptimizerRace: heights over two weights, their gradients derived by hand, and contour lines.

export const REACH = 2; // the map shows −2 to 2 both ways: a circle is a circle, and slopes cross contours squarely

// A valley with curvature `gentle` along (c, s) and `steep` across it, lowest (0) at (½, ½).
function quadratic([gentle, steep], c, s) {
  const along = (x, y) => c * (x - 0.5) + s * (y - 0.5);
  const across = (x, y) => c * (y - 0.5) - s * (x - 0.5);
  return {
    curvatures: [gentle, steep],
    value: (x, y) => 0.5 * (gentle * along(x, y) ** 2 + steep * across(x, y) ** 2),
    gradient: (x, y) => [
      c * gentle * along(x, y) - s * steep * across(x, y),
      s * gentle * along(x, y) + c * steep * across(x, y),
    ],
  };
}

export const SURFACES = {
  bowl: {
    label: "bowl", start: [-1.6, 1.4], minima: [[0.5, 0.5]], formula: "½(x − ½)² + ½(y − ½)²",
    ...quadratic([1, 1], 1, 0),
  },
  valley: {
    label: "valley", start: [-1.6, 1.4], minima: [[0.5, 0.5]], formula: "⅛(x − ½)² + 12½(y − ½)²",
    ...quadratic([0.25, 25], 1, 0),
  },
  tilted: {
    label: "tilted valley", start: [-1.7, -1.2], minima: [[0.5, 0.5]],
    formula: "that of the valley, turned by 45° about its minimum", ...quadratic([0.25, 25], Math.SQRT1_2, Math.SQRT1_2),
  },
  banana: {
    label: "banana", start: [-1.4, 0.6], minima: [[1, 1]], formula: "(1 − x)²/20 + (y − x²)²/2",
    value: (x, y) => (1 - x) ** 2 / 20 + (y - x * x) ** 2 / 2,
    gradient: (x, y) => [(x - 1) / 10 - 2 * x * (y - x * x), y - x * x],
  },
  saddle: {
    label: "saddle", start: [-1.6, 0.05], minima: [[0, 1], [0, -1]], formula: "x²/2 + (y² − 1)²/4",
    value: (x, y) => (x * x) / 2 + (y * y - 1) ** 2 / 4,
    gradient: (x, y) => [x, y * (y * y - 1)],
  },
  ripples: {
    label: "ripples", start: [1.9, -1.7], minima: [[0, 0]], formula: "(x² + y²)/4 + (2 − cos 4x − cos 4y)/4",
    value: (x, y) => (x * x + y * y) / 4 + (2 - Math.cos(4 * x) - Math.cos(4 * y)) / 4,
    gradient: (x, y) => [x / 2 + Math.sin(4 * x), y / 2 + Math.sin(4 * y)],
  },
};

// Whether the surface rises all around: a runner near by that rests does not rest on a crest.
export function isLocalMinimum(name, x, y) {
  const { value } = SURFACES[name];
  return [[0.15, 0], [-0.15, 0], [0, 0.15], [0, -0.15]].every(([dx, dy]) => value(x + dx, y + dy) > value(x, y));
}

// Heights on a lattice of (cells + 1)² points, row by row, from the lower left.
export function lattice(value, cells) {
  const at = (i) => -REACH + (2 * REACH * i) / cells;
  return Array.from({ length: cells + 1 }, (_, j) => Array.from({ length: cells + 1 }, (_, i) => value(at(i), at(j))));
}

// Levels that grow with the square: in a quadratic bowl the rings then stand equally far apart.
export function contourLevels(heights, count) {
  const top = Math.max(...heights.map((row) => Math.max(...row)));
  return Array.from({ length: count }, (_, k) => top * ((k + 1) / (count + 1)) ** 2);
}

// Marching squares: the pieces of the contour line of a level, each [x1, y1, x2, y2] in the surface's coordinates.
export function contourPieces(heights, level) {
  const [cells, pieces] = [heights.length - 1, []];
  const at = (i) => -REACH + (2 * REACH * i) / cells;
  for (let j = 0; j < cells; j++) {
    for (let i = 0; i < cells; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const under = corners.filter(([a, b]) => heights[b][a] < level).length;
      if (under === 0 || under === 4) continue;
      const cuts = corners.flatMap(([a, b], k) => { // where the level crosses the edge to the next corner
        const [c, d] = corners[(k + 1) % 4];
        const [from, to] = [heights[b][a] - level, heights[d][c] - level];
        if (from < 0 === to < 0) return [];
        const t = from / (from - to);
        return [[at(a + t * (c - a)), at(b + t * (d - b))]];
      });
      for (let k = 0; k < cuts.length; k += 2) pieces.push([...cuts[k], ...cuts[k + 1]]);
    }
  }
  return pieces;
}
