// The experiments of SkipLab: one change each, three guesses of what the gradient does, and what it did.

import { evaluateSkips } from "./skip_stack.js";
import { skipNumber, switchText, timesThat } from "./skip_words.js";
import { button, element, numberText } from "./ui.js";

const START = { blocks: 20, off: [], gain: 0.5, normalize: false, seed: 1 }; // weights that behave like most
const none = (blocks) => Array.from({ length: blocks }, (_, i) => i + 1);

// Each changes one thing; `why` explains what the numbers then show.
export const SKIP_EXPERIMENTS = [
  {
    before: START, after: { ...START, off: [5, 10, 15] }, change: "the skips of blocks 5, 10 and 15 go off",
    why: "Each missing skip costs one factor: its block hands back about 0.5 times what it gets, no longer about 1.1 "
      + "times.",
  },
  {
    before: { ...START, blocks: 10, gain: 2 }, after: { ...START, blocks: 10, gain: 2, off: [2] },
    change: "the skip of block 2 goes off",
    why: "Half of the 1,024 paths are gone, and little is missing: at gain 2 the branch carries most, about 2 of √5, so "
      + "that a missing skip costs a factor of 2/√5 = 0.89 on average. The gradient does not follow the number of paths.",
  },
  {
    before: { ...START, off: none(20) }, after: { ...START, off: none(20), gain: 1 }, change: "the gain is doubled",
    why: "Without skips and normalization the gain is a factor of every block: twice the gain is exactly 2²⁰ = "
      + "1,048,576 times the gradient.",
  },
  {
    before: { ...START, off: none(20) }, after: { ...START, off: none(20), normalize: true },
    change: "normalization is switched on",
    why: "Dividing by the small σ of each block's input undoes the small weights. The gradient no longer vanishes: it "
      + "grows toward the input instead, as in a plain net with batch norm.",
  },
  {
    before: { ...START, blocks: 10, normalize: true }, after: { ...START, blocks: 30, normalize: true },
    change: "the stack gets 30 blocks, all with their skips",
    why: "Skips and normalization together: each branch adds about 0.5 to a signal that gets larger block by block, so "
      + "its share gets smaller, and the gradient grows only like the root of the depth.",
  },
];
export const SKIP_GUESSES = { shrinks: "It shrinks", stays: "It stays within a factor of 2", grows: "It grows" };

export function settingText({ blocks, off, gain, normalize }) {
  return `${blocks} blocks, ${switchText(blocks, off.length)}, gain ${numberText(gain)}, `
    + `${normalize ? "with" : "without"} normalization`;
}

export function changeName(factor) {
  if (factor < 0.5) return "shrinks";
  return factor > 2 ? "grows" : "stays";
}

function gradientAtInput(setting) {
  return evaluateSkips(setting).now.gradient[0];
}

export function experimentStart({ before }) {
  return `Now the gradient at the input ${timesThat(gradientAtInput(before), "at the output")}.`;
}

// What is said of a guess: the numbers before and after, and why.
export function experimentAnswer({ before, after, why }, guess) {
  const [from, to] = [before, after].map(gradientAtInput);
  const name = changeName(to / from);
  return `${guess === name ? "Right" : "Not so"}. ${SKIP_GUESSES[name]}: the gradient at the input goes from `
    + `${skipNumber(from)} to ${skipNumber(to)} times that at the output, a factor of ${skipNumber(to / from)}. ${why}`;
}

// Where the reader stands: which experiment is shown, and of each the guess and whether its start or its end is set.
export function experimentsStart() {
  return { shown: 0, cards: SKIP_EXPERIMENTS.map(() => ({ guess: null, side: null })) };
}

function withCard(state, changes) {
  return { ...state, cards: state.cards.map((card, i) => (i === state.shown ? { ...card, ...changes } : card)) };
}

// A press: "next", "setting", or a guess. Only the first guess counts; after it "setting" goes to and fro.
export function experimentStep(state, press) {
  const { guess, side } = state.cards[state.shown];
  if (press === "next") return { ...state, shown: (state.shown + 1) % state.cards.length };
  if (press === "setting") return withCard(state, { side: guess && side === "before" ? "after" : "before" });
  return guess ? state : withCard(state, { guess: press, side: "after" });
}

// All that is shown of a state.
export function experimentView({ shown, cards }) {
  const [experiment, { guess, side }] = [SKIP_EXPERIMENTS[shown], cards[shown]];
  const start = side ? experimentStart(experiment) : "";
  return {
    title: `Experiment ${shown + 1} of ${cards.length}`,
    task: `Start: ${settingText(experiment.before)}. Then ${experiment.change}. What does the gradient at the input do?`,
    setting: !guess ? "Set it up" : side === "before" ? "See the change again" : "See the start again",
    guesses: Object.keys(SKIP_GUESSES).map((key) => ({ key, isPressed: key === guess, isLocked: guess !== null })),
    answer: guess ? experimentAnswer(experiment, guess) : start,
  };
}

// One experiment at a time. `save` gets the settings of its start and of its end.
export function skipExperiments(save) {
  let state = experimentsStart();
  const press = (name) => {
    const before = state;
    state = experimentStep(state, name);
    const { side } = state.cards[state.shown];
    if (name !== "next" && state !== before) save(SKIP_EXPERIMENTS[state.shown][side]);
    show();
  };
  const [title, task] = [element("strong"), element("p", { "aria-live": "polite" })];
  const answer = element("p", { role: "status", class: "kb-sk-answer" });
  const setting = button("", () => press("setting"));
  const guesses = Object.entries(SKIP_GUESSES).map(([key, text]) => button(text, () => press(key)));
  const show = () => {
    const view = experimentView(state);
    [title.textContent, task.textContent, setting.textContent] = [view.title, view.task, view.setting];
    if (answer.textContent !== view.answer) answer.textContent = view.answer;
    view.guesses.forEach(({ isPressed, isLocked }, i) => {
      guesses[i].setAttribute("aria-pressed", String(isPressed));
      guesses[i].setAttribute("aria-disabled", String(isLocked && !isPressed));
    });
  };
  show();
  return element("details", { class: "kb-sk-experiments" },
    element("summary", { "data-lm-suppress-shortcuts": "true" }, "Predict first: five experiments"),
    element("div", { class: "kb-sk-head" }, title, button("Next experiment", () => press("next"))), task,
    element("div", { class: "kb-sk-actions" }, setting,
      element("div", { class: "kb-sk-guesses", role: "group", "aria-label": "Your guess" }, ...guesses)), answer);
}
