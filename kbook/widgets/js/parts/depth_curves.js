// What DepthExplorer reads from the recorded run, where it stands on the axes, and what is true about it.

import { numberText } from "./ui.js";

export const KINDS = ["plain", "residual"];
// `guess` is what a net has that gives each of the ten digits the probability 1/10; `short` is what stays of a name where
// there is little room.
export const MEASURES = {
  "training accuracy": {
    axis: "training accuracy (%)", short: "training", guess: 10, of: "of its own training digits",
  },
  "validation accuracy": {
    axis: "validation accuracy (%)", short: "validation", guess: 10, of: "of the validation digits",
  },
  "training loss": { axis: "training loss", short: "loss", guess: Math.log(10) },
};
const LAGGING = "Measured in evaluation mode, with running statistics that lag behind the weights while the learning "
  + "rate is high.";
const PERCENT = "\u00a0%"; // not torn off its number
const MOST_LOSS = 2; // power of ten: higher losses run along the upper edge
const SMALL = 0.1; // a gradient below this share of both ends is named
const [LEAST_NORM, MOST_NORM] = [-8, 4]; // powers of ten, likewise

const isNumber = (v) => typeof v === "number" && Number.isFinite(v);
const isAccuracy = (measure) => measure !== "training loss";

// One net's measure, an entry for each epoch from 0 (before training) on.
export function curveOf(record, kind, depth, measure) {
  return record[`${kind}-${depth}, ${MEASURES[measure].axis}`];
}

export function valueAt(record, kind, depth, measure, epoch) {
  return curveOf(record, kind, depth, measure)[epoch];
}

// All nets of some kinds, as [kind, depth].
function netsOf(record, kinds) {
  return kinds.flatMap((kind) => record.depths.map((depth) => [kind, depth]));
}

// The norms of the gradient by each convolution's weights, the one next to the input first.
export function normsOf(record, kind, depth, epoch) {
  return record[`${kind}-${depth}, gradient norms`][epoch];
}

// The powers of ten that hold all positive values, but none outside [least, most].
export function powersFor(values, least, most) {
  const logs = values.filter((v) => isNumber(v) && v > 0).map(Math.log10);
  if (!logs.length) return { low: -1, high: 0 };
  const low = Math.min(most - 1, Math.max(least, Math.floor(Math.min(...logs))));
  const high = Math.max(low + 1, Math.min(most, Math.ceil(Math.max(...logs))));
  return { low, high };
}

// How far up a value stands on a logarithmic axis, 0 to 1; beyond the axis, and at 0, at its edge; null where there is
// no value.
export function logShare(value, { low, high }) {
  if (!isNumber(value)) return null;
  return Math.min(1, Math.max(0, (Math.log10(value) - low) / (high - low)));
}

// The powers of ten written at a logarithmic axis, at most six.
export function powerTicks({ low, high }) {
  const step = Math.ceil((high - low) / 5);
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, k) => low + k * step);
}

// The axis of a measure, the same for all depths and epochs so that nothing jumps.
export function measureAxis(record, measure) {
  if (isAccuracy(measure)) {
    return { share: (v) => (isNumber(v) ? v / 100 : null), ticks: [0, 25, 50, 75, 100], cap: 100 };
  }
  const all = netsOf(record, KINDS).flatMap(([kind, depth]) => curveOf(record, kind, depth, measure));
  const powers = powersFor(all, -8, MOST_LOSS);
  const ticks = powerTicks(powers).map((power) => Number(`1e${power}`));
  return { share: (v) => logShare(v, powers), ticks, cap: 10 ** powers.high };
}

export function normPowers(record) {
  const all = netsOf(record, KINDS).flatMap((net) => record[`${net.join("-")}, gradient norms`].flat());
  return powersFor(all, LEAST_NORM, MOST_NORM);
}

// The numbers written under the layers: the first, round ones that are not too near to the last, the last.
export function layerTicks(count) {
  const step = count <= 10 ? 1 : count <= 25 ? 5 : 10;
  const round = Array.from({ length: count }, (_, k) => k + 1).filter((k) => k % step === 0 && count - k > 0.6 * step);
  return [...new Set([1, ...round, count])];
}

// A line through points of which some are null, as the lists of those that are joined.
export function joinedPieces(points) {
  const pieces = [[]];
  for (const point of points) {
    if (point) pieces.at(-1).push(point);
    else pieces.push([]);
  }
  return pieces.filter((piece) => piece.length);
}

// A name as what is left out where there is little room, and what stays, in order: [text, isLeftOut] pairs.
export function nameParts(measure) {
  const { short } = MEASURES[measure];
  const [before, after] = measure.split(short);
  return [[before, true], [short, false], [after, true]].filter(([text]) => text);
}

// Move labels apart, from the top down, so that each has `gap` pixels; the lowest stays above `bottom`.
export function spreadApart(heights, gap, bottom) {
  const order = heights.map((y, k) => [y, k]).sort(([a], [b]) => a - b);
  const moved = [...heights];
  order.forEach(([y, k], place) => {
    moved[k] = place ? Math.max(y, moved[order[place - 1][1]] + gap) : y;
  });
  order.reverse().forEach(([, k], place) => {
    moved[k] = Math.min(moved[k], place ? moved[order[place - 1][1]] - gap : bottom);
  });
  return moved;
}

// Where the curves of each kind end, from the top down; depths that end within `near` pixels share a label.
export function curveEnds(record, measure, shown, heightOf, near) {
  return shown.flatMap((kind) => {
    const endOf = (depth) => heightOf(curveOf(record, kind, depth, measure).at(-1));
    const ends = record.depths.map((depth) => ({ kind, depths: [depth], y: endOf(depth) }))
      .filter(({ y }) => y !== null).sort((a, b) => a.y - b.y);
    return ends.reduce((groups, end) => {
      const last = groups.at(-1);
      if (!last || end.y - last.y > near) return [...groups, end];
      return [...groups.slice(0, -1), { ...last, depths: [...last.depths, ...end.depths].sort((a, b) => a - b) }];
    }, []);
  });
}

// A net at an epoch. `ratio` says how much larger the gradient is in the first layer than in the last.
export function netFacts(record, kind, depth, epoch) {
  const accuracy = valueAt(record, kind, depth, "training accuracy", epoch);
  const loss = valueAt(record, kind, depth, "training loss", epoch);
  const norms = normsOf(record, kind, depth, epoch);
  const [first, last] = [norms[0], norms.at(-1)];
  const ratio = isNumber(first) && isNumber(last) && last > 0 ? first / last : null;
  const least = ratio === null ? null : smallestInside(norms);
  return { kind, depth, name: `${kind}-${depth}`, accuracy, loss, first, last, ratio, least };
}

// The layer, counted from 1, whose gradient is the smallest, if that is far below both ends; null otherwise.
export function smallestInside(norms) {
  const norm = Math.min(...norms.filter(isNumber));
  return norm < SMALL * Math.min(norms[0], norms.at(-1)) ? { layer: norms.indexOf(norm) + 1, norm } : null;
}

// Down to a millionth without powers of ten.
export function readingText(value, unit = "", digits = 3) {
  if (!isNumber(value)) return "(not recorded)";
  const isSmall = Math.abs(value) >= 1e-6 && Math.abs(value) < 1e-3;
  const text = isSmall ? String(Number(value.toPrecision(digits))).replace("-", "−") : numberText(value, digits);
  return text + unit;
}

export function measureText(value, measure) {
  return readingText(value, isAccuracy(measure) ? PERCENT : "");
}

export function epochText(epoch) {
  return epoch === 0 ? "Before training" : `After ${epoch} epoch${epoch > 1 ? "s" : ""}`;
}

function standings(record, { depth, epoch, measure, shown }) {
  const reading = (kind) => measureText(valueAt(record, kind, depth, measure, epoch), measure);
  const [first, second] = shown.map((kind) => [`${kind}-${depth}`, reading(kind)]);
  const when = epochText(epoch);
  if (!isAccuracy(measure)) {
    const other = second ? `, that of ${second.join(" ")}` : "";
    return `${when} the training loss of ${first.join(" is ")}${other}.`;
  }
  return `${when} ${first.join(" reads ")} ${MEASURES[measure].of}${second ? `, ${second.join(" ")}` : ""}.`;
}

function twinsRemark(plain, residual, isLast) {
  const gain = residual.accuracy - plain.accuracy; // percentage points
  if (Math.abs(gain) >= 1) return `${gain > 0 ? residual.name : plain.name} is ahead`;
  return isLast && plain.accuracy > 95 ? "so few layers train as well without skips" : "no difference here";
}

function deeperRemark(net, shallowest, isLast) {
  const gain = net.accuracy - shallowest.accuracy;
  if (Math.abs(gain) < 1) return isLast ? "this much depth does no harm" : "no difference here";
  if (gain > 0) return "the deeper net is ahead";
  if (net.kind === "residual") return isLast ? "the deeper net is behind" : "the deeper net is behind at this epoch";
  return "more layers hurt the training itself, so this is no over-fitting";
}

// What depth did to the training accuracy: the chosen net beside the shallowest of its kind; at that depth, the twins.
export function depthRemark(record, { depth, epoch, measure, shown }) {
  const isShallow = depth === record.depths[0];
  if (epoch === 0 || (isShallow && shown.length < 2)) return "";
  const net = netFacts(record, shown[0], depth, epoch);
  const peer = netFacts(record, isShallow ? shown[1] : shown[0], record.depths[0], epoch);
  if (!isNumber(net.accuracy) || !isNumber(peer.accuracy)) return "";
  const [ours, theirs] = [net, peer].map(({ accuracy }) => readingText(accuracy, PERCENT));
  const isLast = epoch === record.epochs;
  const verdict = isShallow ? twinsRemark(net, peer, isLast) : deeperRemark(net, peer, isLast);
  if (measure !== "training accuracy") {
    return ` On the training digits ${net.name} is at ${ours}, ${peer.name} at ${theirs}: ${verdict}.`;
  }
  if (isShallow) return ` ${verdict[0].toUpperCase() + verdict.slice(1)}.`;
  return ` ${peer.name[0].toUpperCase() + peer.name.slice(1)} reads ${theirs}: ${verdict}.`;
}

// Only before training: later, layers differ in the scale of their weights, which scales their gradients too.
function ratioVerdict(ratio, epoch) {
  if (epoch > 0 || ratio < 0.1) return "";
  return ratio < 1.5 ? ", not vanished" : ", the opposite of vanishing";
}

function leastText(least) {
  return least ? `, least in layer ${least.layer}: ${readingText(least.norm, "", 2)}` : "";
}

// How the gradient of the first layer compares with that of the last, for the one or two nets that are shown, and where
// it is the smallest, if that is far inside.
export function gradientRemark(nets, epoch) {
  const [plain, residual] = KINDS.map((kind) => nets.find((net) => net.kind === kind));
  const parts = nets.map(({ kind, name, first, last, ratio, least }) => {
    if (ratio === null) return `${name} ${readingText(first)} and ${readingText(last)}`;
    const verdict = kind === "plain" ? ratioVerdict(ratio, epoch) : "";
    return `${name} ${readingText(first)} ÷ ${readingText(last)} = ${numberText(ratio, 2)}${verdict}${leastText(least)}`;
  });
  const hasLearned = plain && residual && residual.loss < 0.1 * Math.min(1, plain.loss) && residual.first < plain.first;
  const why = hasLearned ? `, small because its loss is, ${readingText(residual.loss)}` : "";
  return `Gradient, first ÷ last layer: ${parts.join("; ")}${why}.`;
}

// Two sentences: what the nets reach, and how their gradients stand.
export function depthSentences(record, chosen) {
  const nets = chosen.shown.map((kind) => netFacts(record, kind, chosen.depth, chosen.epoch));
  return [standings(record, chosen) + depthRemark(record, chosen), gradientRemark(nets, chosen.epoch)];
}

// How the curves were measured, and what the edges of the drawings hide.
export function edgeNote(record, { depth, epoch, measure, shown }) {
  const notes = measure === "validation accuracy" ? [LAGGING] : [];
  const { cap } = measureAxis(record, measure);
  const all = netsOf(record, shown).flatMap(([kind, one]) => curveOf(record, kind, one, measure));
  const highest = Math.max(...all.filter(isNumber));
  if (highest > cap) {
    notes.push(`Losses above ${numberText(cap)} run along the upper edge; the largest is ${numberText(highest, 3)}.`);
  }
  const norms = shown.flatMap((kind) => normsOf(record, kind, depth, epoch));
  if (norms.some((v) => v === 0)) {
    notes.push("A gradient of exactly 0 has no place on a logarithmic axis: it is a cross on the lower edge.");
  }
  if (!norms.every(isNumber)) notes.push("Where a gradient was not recorded the line has a gap.");
  return notes.join(" ");
}

// Tables: the measure of all nets over the epochs, and the gradients of the chosen nets over the layers.
export function measureRows(record, { measure, shown }) {
  const nets = netsOf(record, shown);
  const curves = nets.map(([kind, depth]) => curveOf(record, kind, depth, measure));
  const rowOf = (_, epoch) => [epoch, ...curves.map((curve) => curve[epoch] ?? null)];
  const rows = Array.from({ length: record.epochs + 1 }, rowOf);
  return { head: ["epoch", ...nets.map((net) => net.join("-"))], rows };
}

export function normRows(record, { depth, epoch, shown }) {
  const columns = shown.map((kind) => normsOf(record, kind, depth, epoch));
  const rows = columns[0].map((_, layer) => [layer + 1, ...columns.map((column) => column[layer] ?? null)]);
  return { head: ["layer", ...shown.map((kind) => `${kind}-${depth}`)], rows };
}
