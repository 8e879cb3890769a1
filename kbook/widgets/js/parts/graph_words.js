// What a step through a computation graph says: the line that is read aloud, the rows of the table, the drawing's name.

import { OPERATIONS, graphNumber, innerNumber, numbersFormula } from "./operations.js";
import { evaluateGraph, operandNumbers, stepCount } from "./backward.js";
import { nodeFormula } from "./expression.js";

const NUDGE = 0.01;

// The local derivative of an edge: "×3 (= b)".
function slopeText(graph, run, e) {
  const { from, to, slot } = graph.edges[e];
  const { op, operands, name } = graph.nodes[to];
  const names = operands.map(({ node, constant }) => (node === undefined ? innerNumber(constant) : graph.nodes[node].name));
  const [word, number] = [OPERATIONS[op].words(names, name)[slot], `×${graphNumber(run.slopes[e])}`];
  if (op === "relu") return `${number} (${graph.nodes[from].name} ${run.slopes[e] ? "> 0" : "≤ 0"})`;
  return word ? `${number} (=\u00a0${word})` : number;
}

function edgesInto({ edges }, i) {
  return edges.flatMap(({ to }, e) => (to === i ? [e] : []));
}

function edgesOutOf({ edges }, i) {
  return edges.flatMap(({ from }, e) => (from === i ? [e] : []));
}

// "6 + (−1) = 5"
function arithmetic(graph, run, i) {
  return `${numbersFormula(graph.nodes[i].op, operandNumbers(graph, run.values, i))} = ${graphNumber(run.values[i])}`;
}

function forwardText(graph, run, { active, step }) {
  const { name } = graph.nodes[active];
  const slopes = edgesInto(graph, active).map((e) => `to ${graph.nodes[graph.edges[e].from].name} ${slopeText(graph, run, e)}`);
  const done = step === graph.ops.length ? ` The forward pass is done: ${name} = ${graphNumber(run.values[active])}.` : "";
  return `${name} = ${nodeFormula(graph, active)} = ${arithmetic(graph, run, active)}. Local derivative${slopes.length > 1 ? "s" : ""}: ${slopes.join(", ")}.${done}`;
}

// "10 × 3": gradient × local derivative, "?" where it was not sent yet.
function productText(graph, run, messages, e) {
  return messages[e] === null ? "?" : `${graphNumber(run.gradients[graph.edges[e].to])} × ${innerNumber(run.slopes[e])}`;
}

// What a node knows that is used more than once.
function forkText(graph, { heard, gradients }, i) {
  const [{ name }, all] = [graph.nodes[i], heard[i]];
  if (all.length < 2) return "";
  const came = all.filter((message) => message !== null);
  if (gradients[i] === null) return ` ${name} has heard from ${came.length} of its ${all.length} uses and waits.`;
  const sum = came.map((message, k) => (k ? innerNumber(message) : graphNumber(message))).join(" + ");
  return ` ${name} has now heard from ${all.length === 2 ? "both" : `all ${all.length}`} uses: ${sum} = ${graphNumber(gradients[i])}.`;
}

function backwardText(graph, run, moment) {
  const { active, messages } = moment;
  const [{ name }, mine] = [graph.nodes[active], edgesInto(graph, active)];
  const sent = mine.map((e) => `to ${graph.nodes[graph.edges[e].from].name}, ${productText(graph, run, messages, e)} = ${graphNumber(messages[e])}`);
  const receivers = [...new Set(mine.map((e) => graph.edges[e].from))];
  const isBlocked = run.gradients[active] !== 0 && mine.every((e) => run.slopes[e] === 0);
  const blocked = isBlocked ? ` A local derivative of 0: nothing gets past ${name}.` : "";
  return `${name} passes on grad × local derivative: ${sent.join("; ")}.${blocked}${receivers.map((i) => forkText(graph, moment, i)).join("")}`;
}

// The gradient's promise against what a small change really does.
export function nudgeText(graph, run, given) {
  const leaf = graph.leaves.find((i) => run.gradients[i] !== 0) ?? graph.leaves[0];
  const [{ name }, result] = [graph.nodes[leaf], graph.nodes[graph.result].name];
  const after = evaluateGraph(graph, { ...given, [name]: given[name] + NUDGE });
  if (after.problem) return "";
  const change = graphNumber(Number((after.values[graph.result] - run.values[graph.result]).toPrecision(4)));
  const kink = graph.nodes.some(({ op, operands }) => op === "relu" && run.values[operands[0].node] === 0);
  const excuse = kink ? " At a relu of 0 the slope is a convention, and the promise may fail." : "";
  return ` Done. Test: raise ${name} by ${NUDGE} and ${result} changes by ${change}; grad × ${NUDGE} promised ${graphNumber(run.gradients[leaf] * NUDGE)}.${excuse}`;
}

// One to three sentences on what the step of this moment did.
export function stepText(graph, run, moment, given) {
  const [{ step, phase }, n] = [moment, graph.ops.length];
  const stop = run.problem && step === run.last ? ` Here it stops: ${run.problem}` : "";
  if (phase === "start") return `Only the variables have values. Each step forward computes one operation.${stop}`;
  if (phase === "forward") return `Forward, ${step} of ${n}: ${forwardText(graph, run, moment)}${stop}`;
  const { name } = graph.nodes[graph.result];
  const seed = `the result's own gradient is ∂${name}/∂${name} = 1.`;
  const said = phase === "seed" ? seed : backwardText(graph, run, moment);
  const end = step === stepCount(graph) ? nudgeText(graph, run, given) : "";
  return `Backward, ${step - n} of ${n + 1}: ${said}${stop}${end}`;
}

// For each node what is known: name, formula, value, its local derivatives, its gradient as the sum of products.
export function tableRows(graph, run, moment) {
  return graph.nodes.map(({ name, op }, i) => {
    const isKnown = moment.values[i] !== null;
    const slopes = op && isKnown ? edgesInto(graph, i).map((e) => `to ${graph.nodes[graph.edges[e].from].name}: ${slopeText(graph, run, e)}`) : [];
    const products = edgesOutOf(graph, i).map((e) => productText(graph, run, moment.messages, e)).join(" + ");
    const gradient = moment.gradients[i] === null ? "?" : graphNumber(moment.gradients[i]);
    return {
      name, formula: op ? nodeFormula(graph, i) : "", value: isKnown ? graphNumber(moment.values[i]) : "?", slopes: op && !isKnown ? ["?"] : slopes,
      gradient: moment.heard[i].every((message) => message === null) ? gradient : `${products}${gradient === "?" ? "" : ` = ${gradient}`}`,
    };
  });
}

// The drawing in words.
export function graphText(graph, moment) {
  const parts = graph.nodes.map(({ name, op }, i) => {
    const [value, gradient] = [moment.values[i], moment.gradients[i]];
    const formula = op ? ` = ${nodeFormula(graph, i)}` : "";
    return `${name}${formula}${value === null ? "" : ` = ${graphNumber(value)}`}${gradient === null ? "" : `, grad ${graphNumber(gradient)}`}`;
  });
  return `Computation graph of ${graph.text}. ${parts.join("; ")}.`;
}
