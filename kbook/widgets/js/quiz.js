import { button, element } from "./parts/ui.js";
import {
  codeText, explanation, forget, keepKeys, letter, memoryName, questionCard, recall, remember, verdict,
} from "./parts/questions.js";

// `tries` maps a question's id to the choices that were checked, in order; the first one counts.
export function firstTry(question, tries) {
  const tried = tries[question.id] ?? [];
  if (tried.length === 0) return "open";
  return tried[0] === question.answer ? "right" : "wrong";
}

export function isSolved(question, tries) {
  return (tries[question.id] ?? []).includes(question.answer);
}

// Checking the same choice twice in a row is one try.
export function addTry(question, tries, chosen) {
  const tried = tries[question.id] ?? [];
  return tried.at(-1) === chosen ? tries : { ...tries, [question.id]: [...tried, chosen] };
}

export function score(questions, tries) {
  const results = questions.map((question) => firstTry(question, tries));
  const count = (result) => results.filter((other) => other === result).length;
  return { right: count("right"), wrong: count("wrong"), open: count("open"), total: questions.length };
}

export function scoreBySection(questions, tries) {
  const sections = [...new Set(questions.map(({ section }) => section))];
  return sections.map((section) => {
    const asked = questions.filter((question) => question.section === section);
    return { section, ...score(asked, tries) };
  });
}

// The question to go on with; the number of questions, which shows the summary, when none is left.
export function firstUnsolved(questions, tries) {
  const index = questions.findIndex((question) => !isSolved(question, tries));
  return index === -1 ? questions.length : index;
}

export function scoreText({ right, open, total }) {
  const answered = `${right} of ${total} right at the first try`;
  return open === 0 ? `${answered}.` : `${answered}, ${open} not answered yet.`;
}

export function progressText({ right, wrong, open, total }) {
  if (open === total) return "The first try counts.";
  const done = `First tries: ${right} right, ${wrong} wrong`;
  return open === 0 ? `${done}.` : `${done}, ${open} to go.`;
}

export function adviceText(sections) {
  const again = sections.filter(({ wrong }) => wrong > 0).map(({ section }) => `“${section}”`);
  if (again.length > 0) return `Read again: ${again.join(", ")}.`;
  const open = sections.some((section) => section.open > 0);
  return open ? "Nothing to read again so far." : "Nothing to read again.";
}

function feedbackNodes(question, tried) {
  if (tried.length === 0) return [];
  const last = tried.at(-1);
  if (last !== question.answer) {
    return [explanation(question, last, `${letter(last)} is not right.`), element("p", {}, "Try another choice.")];
  }
  const before = tried.length - 1;
  const when = before === 0 ? "at the first try" : `after ${before} wrong ${before === 1 ? "try" : "tries"}`;
  return [explanation(question, last, `Yes, ${letter(last)}, ${when}.`)];
}

function othersNodes(question) {
  const others = question.choices.map((_, i) => i).filter((i) => i !== question.answer);
  const paragraphs = others.map((i) => explanation(question, i, `${letter(i)} is wrong.`));
  return [element("details", {}, element("summary", {}, "Why the other choices are wrong"), ...paragraphs)];
}

function sectionTable(sections) {
  const titles = ["Section", "Right at first try"].map((text) => element("th", { scope: "col" }, text));
  const rows = sections.map(({ section, right, total }) => {
    const cell = element("td", {}, `${right} of ${total}`);
    return element("tr", {}, element("th", { scope: "row" }, section), cell);
  });
  return element("table", {}, element("thead", {}, element("tr", {}, ...titles)), element("tbody", {}, ...rows));
}

// One button for each question with this result, or nothing where there is none.
function questionButtons(words, result, questions, tries, go) {
  const numbers = questions.map((_, i) => i).filter((i) => firstTry(questions[i], tries) === result);
  if (numbers.length === 0) return [];
  const buttons = numbers.map((i) => {
    const goThere = button(String(i + 1), () => go(i));
    goThere.setAttribute("aria-label", `${words} question ${i + 1}`);
    return goThere;
  });
  return [element("p", { class: "kq-row" }, `${words} question`, ...buttons)];
}

function summaryNodes(questions, tries, go, startAgain) {
  const sections = scoreBySection(questions, tries);
  return [
    element("p", { class: "kq-title", tabindex: "-1" }, "Your result"),
    element("p", { class: "kq-score" }, scoreText(score(questions, tries))),
    element("p", {}, adviceText(sections)),
    ...questionButtons("Look again at", "wrong", questions, tries, go),
    ...questionButtons("Answer", "open", questions, tries, go),
    sectionTable(sections),
    element("p", { class: "kq-row" }, button("Start again", startAgain)),
  ];
}

// One sign for each question, and the same in words.
function progressNodes(questions, tries, current) {
  const signs = { right: "✓", wrong: "✗", open: "" };
  const dots = questions.map((question, i) => {
    const result = firstTry(question, tries);
    return element("li", { class: `kq-${result}${i === current ? " kq-here" : ""}` }, signs[result]);
  });
  const list = element("ol", { class: "kq-dots", "aria-hidden": "true" }, ...dots);
  if (current === questions.length) return [list]; // the summary has words enough
  return [list, element("p", { class: "kbook-note" }, progressText(score(questions, tries)))];
}

// All questions, shown on paper only, where nobody can press Next.
function printedSheet(questions) {
  const items = questions.map(({ prompt, choices }) => {
    const list = element("ol", { type: "A" }, ...choices.map(({ text }) => element("li", {}, codeText(text))));
    return element("li", {}, codeText(prompt), list);
  });
  return element("ol", {}, ...items);
}

function restore(model) {
  const questions = model.get("questions");
  const tries = recall(memoryName("quiz", questions));
  if (!tries || Object.keys(model.get("tries")).length > 0) return;
  model.set("tries", tries);
  model.set("current", firstUnsolved(questions, tries));
  model.save_changes();
}

function render({ model, el }) {
  el.classList.add("kbook-widget");
  restore(model);
  const progress = element("div", { class: "kq-progress" });
  const page = element("div");
  const message = element("div", { class: "kq-feedback", role: "status", tabindex: "-1" });
  const others = element("div");
  const check = button("Check", tryChosen);
  const previous = button("Previous", () => go(model.get("current") - 1));
  const next = button("Next", () => go(model.get("current") + 1));
  check.classList.add("kq-main");
  const root = element("div", { class: "kq" }, progress, page, element("div", { class: "kq-row" }, check), message,
    others, element("div", { class: "kq-row kq-nav" }, previous, next));
  const sheet = element("div", { class: "kq-printed" });
  let shown = null; // the question on the page, its card, and the choice that is marked but not checked
  let card = null;
  let chosen = null;

  const triesOf = (question) => model.get("tries")[question.id] ?? [];

  function save(changes) {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    model.save_changes();
    const name = memoryName("quiz", model.get("questions"));
    if (Object.keys(model.get("tries")).length > 0) remember(name, model.get("tries"));
    else forget(name);
  }

  function go(index) {
    save({ current: index });
    if (card) card.focus();
    else page.querySelector(".kq-title").focus();
  }

  function tryChosen() {
    if (!shown || isSolved(shown, model.get("tries"))) return;
    if (chosen === null) {
      message.replaceChildren(element("p", {}, "Choose an answer first."));
      card.focusChoice();
      return;
    }
    save({ tries: addTry(shown, model.get("tries"), chosen) });
    if (isSolved(shown, model.get("tries"))) message.focus();
    message.scrollIntoView({ block: "nearest" });
  }

  function showQuestion(question, index, total) {
    shown = question;
    chosen = isSolved(question, model.get("tries")) ? question.answer : null;
    card = questionCard({
      title: `Question ${index + 1} of ${total}`, question, onenter: tryChosen,
      onchange: (i) => { chosen = i; },
    });
    card.select(chosen);
    page.replaceChildren(card.root);
  }

  function showTries() {
    const solved = isSolved(shown, model.get("tries"));
    shown.choices.forEach((_, i) => {
      const sign = verdict(i === shown.answer, i === shown.answer ? "right" : "tried");
      card.mark(i, ...(triesOf(shown).includes(i) ? [sign] : []));
    });
    card.freeze(solved);
    message.replaceChildren(...feedbackNodes(shown, triesOf(shown)));
    others.replaceChildren(...(solved ? othersNodes(shown) : []));
    check.hidden = solved;
  }

  function showSummary(questions) {
    shown = card = null;
    const startAgain = () => { save({ tries: {} }); go(0); };
    page.replaceChildren(...summaryNodes(questions, model.get("tries"), go, startAgain));
    message.replaceChildren();
    others.replaceChildren();
    check.hidden = true;
  }

  function draw() {
    const questions = model.get("questions");
    const current = Math.min(model.get("current"), questions.length);
    const question = questions[current];
    progress.replaceChildren(...progressNodes(questions, model.get("tries"), current));
    if (!question) showSummary(questions);
    else {
      if (question !== shown) showQuestion(question, current, questions.length);
      showTries();
    }
    previous.hidden = current === 0;
    next.hidden = !question;
    next.textContent = current + 1 < questions.length ? "Next" : "Your result";
    next.classList.toggle("kq-main", check.hidden);
    sheet.replaceChildren(printedSheet(questions));
    keepKeys(root);
  }

  const events = ["change:questions", "change:tries", "change:current"];
  events.forEach((event) => model.on(event, draw));
  draw();
  el.append(root, sheet);
  return () => {
    events.forEach((event) => model.off(event, draw));
    el.replaceChildren();
  };
}

export default { render };
