// One forward and one backward pass over a computation graph, and what is known of them after each step.
//
// With n operations there are 2n + 1 steps after step 0, at which only the leaves have values: steps 1 to n compute one
// operation each, with its local derivatives; step n + 1 gives the result the gradient 1; each step from n + 2 on lets one
// operation send gradient × local derivative to its operands, the last operation first.

import { OPERATIONS, operationProblem, slopeProblem } from "./operations.js";

const START_VALUES = [2, 3, -1, 0.5, 1.5, -2, 1, -0.5];

// A value for every leaf: the given one, else one from a short list.
export function leafValues({ nodes, leaves }, given) {
  return Object.fromEntries(leaves.map((i, k) => {
    const { name } = nodes[i];
    return [name, Object.hasOwn(given, name) ? given[name] : START_VALUES[k % START_VALUES.length]];
  }));
}

export function stepCount({ ops }) {
  return 2 * ops.length + 1;
}

// At which step the k-th operation sends.
function sendingStep({ ops }, k) {
  return 2 * ops.length + 1 - k;
}

// The numbers that go into node i.
export function operandNumbers({ nodes }, values, i) {
  return nodes[i].operands.map(({ node, constant }) => (node === undefined ? constant : values[node]));
}

function forwardPass(graph, given) {
  const { nodes, edges, ops } = graph;
  const values = nodes.map(({ op, name }) => (op === null ? given[name] : null));
  const slopes = edges.map(() => null);
  for (const [k, i] of ops.entries()) {
    const [{ op }, numbers] = [nodes[i], operandNumbers(graph, values, i)];
    const mine = edges.flatMap((edge, e) => (edge.to === i ? [e] : []));
    const problem = operationProblem(op, numbers) ?? mine.map((e) => slopeProblem(op, numbers, edges[e].slot)).find(Boolean);
    if (problem) return { values, slopes, problem, last: k };
    values[i] = OPERATIONS[op].value(...numbers);
    const all = OPERATIONS[op].slopes(numbers, values[i]);
    mine.forEach((e) => { slopes[e] = all[edges[e].slot]; });
  }
  return { values, slopes, problem: null, last: stepCount(graph) };
}

// Everything that both passes compute: `values` and `gradients` by node, `slopes` and `messages` by edge. Where something
// has no value, `problem` says why and `last` is the last step that can be shown.
export function evaluateGraph(graph, given) {
  const { nodes, edges, ops, result } = graph;
  const run = { ...forwardPass(graph, given), messages: edges.map(() => null), gradients: nodes.map(() => 0) };
  if (run.problem) return run;
  run.gradients[result] = 1;
  for (const k of [...ops.keys()].reverse()) {
    edges.forEach(({ from, to }, e) => {
      if (to !== ops[k]) return;
      run.messages[e] = run.gradients[to] * run.slopes[e];
      run.gradients[from] += run.messages[e];
    });
    if (run.gradients.every(Number.isFinite)) continue;
    return { ...run, problem: `What ${nodes[ops[k]].name} passes on is too large for 64 bits.`, last: sendingStep(graph, k) - 1 };
  }
  return run;
}

// What is known after a step: as in `evaluateGraph`, with null for what is still to come. `heard` lists for each node the
// messages of its edges, `active` is the node that this step is about, `phase` is start, forward, seed or backward.
export function momentAt(graph, run, wanted) {
  const { nodes, edges, ops, result } = graph;
  const step = Math.min(wanted, run.last);
  const n = ops.length;
  const computed = (i) => nodes[i].op === null || ops.indexOf(i) < step;
  const sent = (i) => step >= sendingStep(graph, ops.indexOf(i));
  const messages = run.messages.map((message, e) => (sent(edges[e].to) ? message : null));
  const heard = nodes.map((_, i) => messages.filter((_message, e) => edges[e].from === i));
  const complete = (i) => step > n && heard[i].every((message) => message !== null);
  const phase = step === 0 ? "start" : step <= n ? "forward" : step === n + 1 ? "seed" : "backward";
  return {
    step, phase, messages, heard,
    active: phase === "start" ? null : step <= n ? ops[step - 1] : phase === "seed" ? result : ops[2 * n + 1 - step],
    values: nodes.map((_, i) => (computed(i) ? run.values[i] : null)),
    slopes: run.slopes.map((slope, e) => (computed(edges[e].to) ? slope : null)),
    gradients: nodes.map((_, i) => (complete(i) ? run.gradients[i] : null)),
  };
}
