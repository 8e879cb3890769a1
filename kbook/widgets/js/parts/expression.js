// From a typed expression, in Python's grammar, to its computation graph. A name is one node however often it is used:
// that makes the forks. A variable is a leaf; a step with a name, x = a*a; before the last expression, is an inner node.
// Numbers are no nodes, they stay in the operation that uses them. Nothing here draws.

import { FUNCTIONS, OPERATIONS, formulaText, innerNumber, operationProblem } from "./operations.js";

export const MOST_OPERATIONS = 20;
const MOST_CHARACTERS = 200;
const MOST_LETTERS = 12;
const SAME = { "^": "**", "−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/" };
const TOKEN = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([\p{L}_][\p{L}\p{Nd}_]*)|(\*\*|[-+*/^()=;−–×·⋅÷]))/uy;
const MISSED = /(?<![\p{L}\p{Nd}_])(max|maximum|sqrt|ln|pow|sin|cos|tan|abs)\s*\(/u; // functions that readers try
const INSTEAD = {
  max: "for max(a, 0) write relu(a)", maximum: "for maximum(a, 0) write relu(a)", sqrt: "for the square root of a write a**0.5",
  ln: "log is the natural logarithm, so write log(a)", pow: "for a power write a**3",
};

class Unreadable extends Error {}

// The last part of what was read, quoted.
function quoteEnd(text) {
  const read = text.trim();
  return `“${read.length > 24 ? `…${read.slice(-24)}` : read}”`;
}

function tokenize(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== "") {
    const start = TOKEN.lastIndex;
    const [, number, name, sign] = TOKEN.exec(text) ?? [];
    if (!(number ?? name ?? sign)) {
      const stranger = [...text.slice(start).trim()][0];
      throw new Unreadable(`${start ? `I read ${quoteEnd(text.slice(0, start))} and then found` : "I found"} “${stranger}”, which I cannot read.`);
    }
    const kind = number ? "number" : name ? "name" : "sign";
    tokens.push({ kind, text: SAME[sign] ?? number ?? name ?? sign, start, end: TOKEN.lastIndex });
  }
  return [...tokens, { kind: "end", text: "", start: text.length, end: text.length }];
}

// Collects nodes in the order in which Python would compute them: operands always stand before their operation. Until the
// end, only variables and named steps have names.
function builder() {
  const nodes = [];
  const mention = (name) => {
    const known = nodes.findIndex((node) => node.name === name);
    return { node: known >= 0 ? known : nodes.push({ name, op: null, operands: [] }) - 1 };
  };
  const assign = (name, { node }) => {
    const known = nodes.find((other) => other.name === name);
    if (known) throw new Unreadable(`“${name}” ${known.op ? "names a step already" : "is used as a variable before"}: give this step another name.`);
    if (!nodes[node] || nodes[node].name) throw new Unreadable(`The step “${name}” computes nothing: a variable, a step or a number needs no second name.`);
    nodes[node].name = name;
  };
  const apply = (op, ...operands) => {
    if (operands.some((operand) => "node" in operand)) return { node: nodes.push({ name: "", op, operands }) - 1 };
    const x = operands.map((operand) => operand.constant);
    const constant = OPERATIONS[op].value(...x);
    if (!Number.isFinite(constant)) throw new Unreadable(operationProblem(op, x));
    return { constant };
  };
  return { nodes, mention, assign, apply };
}

// Recursive descent; each rule returns a node's place or a constant. The rules are those of Python's grammar, so that
// -a**2 is -(a**2), a**b**c is a**(b**c) and a - b - c is (a - b) - c.
function parse(text, { mention, assign, apply }) {
  const tokens = tokenize(text);
  let at = 0;
  const here = () => tokens[at];
  const is = (...signs) => here().kind === "sign" && signs.includes(here().text);
  const read = () => quoteEnd(text.slice(0, at ? tokens[at - 1].end : 0));
  const chain = (rule, ...signs) => {
    let left = rule();
    while (is(...signs)) left = apply(tokens[at++].text, left, rule());
    return left;
  };
  const sum = () => chain(product, "+", "-");
  const product = () => chain(signed, "*", "/");
  const signed = () => {
    if (!is("+", "-")) return power();
    return tokens[at++].text === "-" ? apply("neg", signed()) : signed();
  };
  const power = () => {
    const base = atom();
    if (!is("**")) return base;
    at += 1;
    return apply("**", base, signed());
  };
  const atom = () => {
    const { kind, text: word } = here();
    if (kind === "number") return number(word);
    if (kind === "name") return named(word);
    if (is("(")) return group();
    const wanted = "a number, a name or “(” must stand";
    if (kind !== "end") throw new Unreadable(at ? `I read ${read()} and then found “${word}”, where ${wanted}.` : `It starts with “${word}”, where ${wanted}.`);
    throw new Unreadable(`The expression ends with ${read()}, where ${wanted.replace("stand", "follow")}.`);
  };
  const number = (word) => {
    if (!Number.isFinite(Number(word))) throw new Unreadable(`${word} is too large for 64 bits.`);
    at += 1;
    return { constant: Number(word) };
  };
  const named = (word) => {
    at += 1;
    if (FUNCTIONS.includes(word)) {
      if (!is("(")) throw new Unreadable(`I read ${read()}, and ${word} is a function: “(” must follow.`);
      return apply(word, group());
    }
    if (is("(")) throw new Unreadable(`I know no function “${word}”, only ${FUNCTIONS.join(", ")}; a product needs a sign: ${word}*(…).`);
    return mention(fitting(word));
  };
  const fitting = (word) => {
    if ([...word].length > MOST_LETTERS) throw new Unreadable(`“${word}” is too long for the drawing: a name may have ${MOST_LETTERS} letters.`);
    return word;
  };
  const group = () => {
    at += 1;
    const opened = read();
    const inside = sum();
    if (here().kind === "end" || is(";")) throw new Unreadable(`The “(” at the end of ${opened} is never closed.`);
    if (!is(")")) throw missingSign();
    at += 1;
    return inside;
  };
  const missingSign = () => new Unreadable(`I read ${read()} and then found “${here().text}”: ${is("=") ? "before it must stand one name alone, as in x = a*a; x*x" : "a sign such as * is missing between them"}.`);
  const statement = () => {
    const isNamed = here().kind === "name" && tokens[at + 1].text === "=";
    const name = isNamed ? fitting(here().text) : "";
    if (FUNCTIONS.includes(name)) throw new Unreadable(`${name} is a function: give the step another name.`);
    at += isNamed ? 2 : 0;
    const value = sum();
    if (is(")")) throw new Unreadable(`I read ${read()} and then found “)” without an opening one.`);
    if (here().kind !== "end" && !is(";")) throw missingSign();
    const isLast = here().kind === "end" || tokens[at + 1].kind === "end";
    if (isLast && isNamed) throw new Unreadable(`The last step is the result and needs no name: leave out “${name} =”, or use ${name} in one more step.`);
    if (isLast) return value;
    if (!isNamed) throw new Unreadable(`I read ${read()} and then found “;”: a step before the last needs a name, as in x = a*a; x*x.`);
    assign(name, value);
    at += 1;
    return statement();
  };
  return statement();
}

const subscript = (k) => String(k).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);

// Names for the operations that the reader gave none: v₁, v₂, … and L for the last, unless the reader has an L.
function nameNodes(nodes, ops) {
  const taken = nodes.map((node) => node.name);
  const nameless = ops.filter((i) => !nodes[i].name);
  nameless.forEach((i, k) => { nodes[i].name = `v${subscript(k + 1)}`; });
  if (nameless.includes(ops.at(-1))) nodes[ops.at(-1)].name = ["L", "out", "result"].find((name) => !taken.includes(name)) ?? "value";
}

function buildGraph(text) {
  if (text.trim() === "") throw new Unreadable("Type an expression, for example a*b + c.");
  if (text.length > MOST_CHARACTERS) throw new Unreadable(`The expression has ${text.length} characters; at most ${MOST_CHARACTERS} can be read.`);
  const [, missed] = text.match(MISSED) ?? [];
  if (missed) throw new Unreadable(`There is no ${missed} here; ${INSTEAD[missed] ?? `the functions are ${FUNCTIONS.join(", ")}`}.`);
  const parts = builder();
  const result = parse(text, parts);
  const { nodes } = parts;
  if (!nodes.length) throw new Unreadable("There is no variable in it, so there is nothing to differentiate.");
  const places = nodes.map((_, i) => i);
  const [leaves, ops] = [places.filter((i) => nodes[i].op === null), places.filter((i) => nodes[i].op !== null)];
  if (ops.length > MOST_OPERATIONS) throw new Unreadable(`It has ${ops.length} operations; at most ${MOST_OPERATIONS} can be drawn.`);
  const edges = ops.flatMap((to) => nodes[to].operands.flatMap((operand, slot) => ("node" in operand ? [{ from: operand.node, to, slot }] : [])));
  const unused = nodes.find(({ name }, i) => name && i !== result.node && edges.every(({ from }) => from !== i));
  if (unused) throw new Unreadable(`The step “${unused.name}” is never used: mention ${unused.name} after its “;”, or leave the step out.`);
  nameNodes(nodes, ops);
  return { text: text.trim(), nodes, edges, leaves, ops, result: result.node };
}

// {graph} or {problem}, a sentence that says where reading stopped. In the graph, `edges` has one entry for every use of a
// node as an operand (`slot` tells which), `leaves` and `ops` are places in `nodes`, in the order of computation.
export function readExpression(text) {
  try {
    return { graph: buildGraph(text) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { problem: error.message };
  }
}

// What node i computes, in names: "v₁ + c".
export function nodeFormula({ nodes }, i) {
  const { op, operands } = nodes[i];
  const word = ({ node, constant }) => (node === undefined ? innerNumber(constant) : nodes[node].name);
  return op === null ? nodes[i].name : formulaText(op, operands.map(word));
}
