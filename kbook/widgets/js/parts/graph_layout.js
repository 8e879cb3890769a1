// Where the boxes and wires of a computation graph stand in a column of a given width: leaves above, the result below.
// Every wire runs straight down through the rows that it passes, so that it crosses no box.

const GAP = { x: 12, y: 64, pass: 2 }; // between boxes, between rows, room for a wire that passes a row
const SWEEPS = 12;

// Rows from the result (0) upward: a node stands above all that use it, as low as there is room.
function assignRows(graph, sizes, width) {
  const [rows, filled] = [graph.nodes.map(() => 0), []];
  for (const i of [...graph.nodes.keys()].reverse()) {
    const users = graph.edges.filter((edge) => edge.from === i).map((edge) => rows[edge.to]);
    rows[i] = Math.max(-1, ...users) + 1;
    while (filled[rows[i]] && filled[rows[i]] + GAP.x + sizes[i].width > width) rows[i] += 1;
    filled[rows[i]] = (filled[rows[i]] ? filled[rows[i]] + GAP.x : 0) + sizes[i].width;
  }
  makeRoom(graph, rows, sizes, width);
  return rows;
}

// Wires that pass need room, too: where a row is too full for them, its widest box moves up into a new row; where there is
// but one, it becomes as narrow as its text allows.
function makeRoom({ nodes, edges }, rows, sizes, width) {
  for (let row = 0; row <= Math.max(...rows); row += 1) {
    const boxes = [...nodes.keys()].filter((i) => rows[i] === row);
    const passing = edges.filter(({ from, to }) => rows[from] > row && rows[to] < row).length;
    const needed = boxes.reduce((sum, i) => sum + sizes[i].width + GAP.x, 0) + passing * (GAP.pass + GAP.x) - GAP.x;
    if (needed <= width || !boxes.length) continue;
    const widest = boxes.reduce((a, b) => (sizes[b].width > sizes[a].width ? b : a));
    if (boxes.length === 1) sizes[widest].width = Math.max(sizes[widest].least, sizes[widest].width - (needed - width));
    if (boxes.length === 1) continue;
    rows.forEach((other, i) => { if (other > row) rows[i] += 1; });
    rows[widest] += 1;
    row -= 1; // it may still be too full
  }
}

// One item for each node, and one for each row that an edge passes; `links` joins items of neighboring rows, `chains`
// lists for each edge its items from the operand down to its user.
function makeItems({ nodes, edges }, rows, sizes) {
  const items = nodes.map((_, i) => ({ row: rows[i], width: sizes[i].width, x: 0 }));
  const chains = edges.map(({ from, to }) => {
    const passed = Array.from({ length: rows[from] - rows[to] - 1 }, (_, k) => items.push({ row: rows[from] - 1 - k, width: GAP.pass, x: 0 }) - 1);
    return [from, ...passed, to];
  });
  const links = chains.flatMap((chain) => chain.slice(1).map((item, k) => [chain[k], item]));
  return { items, chains, links };
}

// A first place from left to right: that of the operands in the expression.
function spread(graph, { items, chains }) {
  let leaves = 0;
  const seen = new Map();
  const visit = (i) => {
    if (seen.has(i)) return seen.get(i);
    const below = graph.edges.filter((edge) => edge.to === i).map((edge) => visit(edge.from));
    const place = below.length ? below.reduce((a, b) => a + b, 0) / below.length : leaves++;
    seen.set(i, place);
    return place;
  };
  visit(graph.result);
  seen.forEach((place, i) => { items[i].x = 100 * place; });
  chains.forEach((chain) => chain.slice(1, -1).forEach((item) => { items[item].x = 50 * (seen.get(chain[0]) + seen.get(chain.at(-1))); }));
}

// The places nearest to the wanted ones (least squares) at which neighbors keep apart: pool those that collide.
export function placeApart(wanted, widths, width) {
  const offsets = widths.map((w, k) => w / 2 + widths.slice(0, k).reduce((sum, other) => sum + other + GAP.x, 0));
  const pools = [];
  wanted.forEach((x, k) => {
    pools.push({ sum: x - offsets[k], count: 1 });
    while (pools.length > 1 && mean(pools.at(-2)) >= mean(pools.at(-1))) {
      const last = pools.pop();
      pools.at(-1).sum += last.sum;
      pools.at(-1).count += last.count;
    }
  });
  const spare = width - offsets.at(-1) - widths.at(-1) / 2; // below 0 where a row is too full: then it moves together
  const squeeze = spare < 0 ? 1 + spare / (width - spare) : 1;
  const shifts = pools.flatMap((pool) => Array(pool.count).fill(Math.min(Math.max(mean(pool), 0), Math.max(spare, 0))));
  return offsets.map((offset, k) => (offset + shifts[k]) * squeeze);
}

const mean = ({ sum, count }) => sum / count;

// How bad a drawing is: crossings first, then how far the wires run sideways.
function badness({ items, links }) {
  const run = ([a, b]) => Math.abs(items[a].x - items[b].x);
  const cross = ([a, b], [c, d]) => items[a].row === items[c].row && (items[a].x - items[c].x) * (items[b].x - items[d].x) < 0;
  const crossings = links.reduce((sum, one, k) => sum + links.slice(k + 1).filter((other) => cross(one, other)).length, 0);
  return 1000 * crossings + links.reduce((sum, link) => sum + run(link), 0);
}

// Move every row to where its neighbors are, downward and upward in turn; the best of all states stays.
function settle(scene, width) {
  const { items, links } = scene;
  const rows = [];
  items.forEach((item, k) => (rows[item.row] ??= []).push(k));
  const neighbors = items.map((_, k) => links.flatMap(([a, b]) => (a === k ? [b] : b === k ? [a] : [])));
  let best = { cost: Infinity, places: [] };
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const row of sweep % 2 ? rows : [...rows].reverse()) {
      const wish = new Map(row.map((k) => [k, neighbors[k].reduce((sum, other) => sum + items[other].x, 0) / (neighbors[k].length || 1)]));
      if (sweep === 0) row.sort((j, k) => items[j].x - items[k].x);
      else row.sort((j, k) => wish.get(j) - wish.get(k));
      const wanted = row.map((k) => (sweep === 0 || !neighbors[k].length ? width / 2 : wish.get(k)));
      placeApart(wanted, row.map((k) => items[k].width), width).forEach((x, j) => { items[row[j]].x = x; });
    }
    const cost = badness(scene);
    if (cost < best.cost - 1e-6) best = { cost, places: items.map((item) => item.x) };
  }
  items.forEach((item, k) => { item.x = best.places[k]; });
}

// The wires of a box stand side by side on its edge, in the order of where they go, so that their labels find room.
// `end` is 0 for the operands' lower edges, 1 for the users' upper ones.
function portPlaces(graph, { items, chains }, boxes, end) {
  const box = (e) => (end ? graph.edges[e].to : graph.edges[e].from);
  const beyond = (e) => items[chains[e].at(end ? -2 : 1)].x;
  return graph.edges.map((_, e) => {
    const beside = graph.edges.flatMap((_edge, other) => (box(other) === box(e) ? [other] : []));
    const place = beside.sort((a, b) => beyond(a) - beyond(b) || a - b).indexOf(e);
    const { x, width } = boxes[box(e)];
    return x - width / 2 + (width * (place + 0.5)) / beside.length;
  });
}

// Down from one point to the next, straight through rows and bent between them.
function wirePath(points) {
  return points.slice(1).reduce((path, [x, y], k) => {
    const [fromX, fromY] = points[k];
    if (Math.abs(x - fromX) < 0.5) return `${path}L${x.toFixed(1)},${y}`;
    const bend = (y - fromY) / 2;
    return `${path}C${fromX.toFixed(1)},${fromY + bend} ${x.toFixed(1)},${y - bend} ${x.toFixed(1)},${y}`;
  }, `M${points[0][0].toFixed(1)},${points[0][1]}`);
}

// `sizes` has for each node its width, the least that its text needs, its height, and the room for labels below it. Gives boxes (x is the middle, y the top) and for each edge its path and ends.
export function layoutGraph(graph, sizes, width) {
  const held = sizes.map((size) => ({ ...size, width: Math.min(size.width, width), least: Math.min(size.least, width) }));
  const rows = assignRows(graph, held, width);
  const scene = makeItems(graph, rows, held);
  spread(graph, scene);
  settle(scene, width);
  const count = Math.max(...rows) + 1;
  const heights = Array.from({ length: count }, (_, row) => Math.max(...held.filter((_size, i) => rows[i] === row).map((size) => size.height)));
  const below = heights.map((_, row) => GAP.y + Math.max(...held.filter((_size, i) => rows[i] === row).map((size) => size.below)));
  const tops = heights.map((_, row) => heights.reduce((sum, h, above) => (above > row ? sum + h + below[above] : sum), 2));
  const inside = (x, half) => Math.min(Math.max(x, half), width - half);
  const boxes = held.map((size, i) => ({ ...size, x: inside(scene.items[i].x, size.width / 2), y: tops[rows[i]] + heights[rows[i]] - size.height }));
  const [outs, ins] = [0, 1].map((end) => portPlaces(graph, scene, boxes, end));
  const wires = graph.edges.map(({ from, to }, e) => {
    const [start, end] = [[outs[e], boxes[from].y + boxes[from].height], [ins[e], boxes[to].y]];
    const passed = scene.chains[e].slice(1, -1).flatMap((item) => {
      const { x, row } = scene.items[item];
      return [[x, tops[row]], [x, tops[row] + heights[row]]];
    });
    return { path: wirePath([start, ...passed, end]), start, end };
  });
  return { boxes, wires, width, height: tops[0] + heights[0] + 2 };
}
