import { button, element } from "./parts/ui.js";
import {
  explanation, forget, keepKeys, letter, memoryName, questionCard, recall, remember, verdict,
} from "./parts/questions.js";

export function lockedText(chosen, where) {
  return `Locked in: ${letter(chosen)}. ${where}`;
}

export function outcomeText(question, chosen) {
  const right = letter(question.answer);
  if (chosen === question.answer) return `The answer is ${right}, as you predicted.`;
  return `The answer is ${right}, not ${letter(chosen)}: now you know what to look for in the experiment.`;
}

// What a memory or a kernel may hand over, turned into what can be shown: no stage without a choice.
export function soundState({ chosen, stage }, question) {
  const isChoice = Number.isInteger(chosen) && chosen >= 0 && chosen < question.choices.length;
  const isStage = ["locked", "revealed"].includes(stage);
  return { chosen: isChoice ? chosen : null, stage: isChoice && isStage ? stage : "open" };
}

function restore(model) {
  const question = model.get("question");
  const memory = recall(memoryName("predict", question));
  if (!memory || model.get("stage") !== "open") return;
  const { chosen, stage } = soundState(memory, question);
  model.set("chosen", chosen);
  model.set("stage", stage);
  model.save_changes();
}

function outcomeNodes(question, chosen) {
  const isRight = chosen === question.answer;
  const others = isRight ? [] : [explanation(question, chosen, `You chose ${letter(chosen)}.`)];
  const right = explanation(question, question.answer, `${letter(question.answer)}.`);
  return [element("p", {}, outcomeText(question, chosen)), ...others, right];
}

function render({ model, el }) {
  el.classList.add("kbook-widget");
  restore(model);
  const page = element("div");
  const message = element("div", { class: "kq-feedback", role: "status", tabindex: "-1" });
  const lock = button("Lock in my prediction", lockIn);
  const reveal = button("Reveal the answer (better after the experiment)", () => move("revealed"));
  const again = button("Forget my prediction", () => { move("open", null); card.focus(); });
  lock.classList.add("kq-main");
  const root = element("div", { class: "kq" }, page, message, element("div", { class: "kq-row" }, lock, reveal, again));
  let card = null;

  function move(stage, chosen = model.get("chosen")) {
    model.set("chosen", chosen);
    model.set("stage", stage);
    model.save_changes();
    const name = memoryName("predict", model.get("question"));
    if (stage === "open") forget(name);
    else remember(name, { chosen, stage });
    message.focus();
  }

  function lockIn() {
    if (model.get("chosen") !== null) move("locked");
    else {
      message.replaceChildren(element("p", {}, "Choose an answer first."));
      card.focusChoice();
    }
  }

  function showQuestion(question) {
    card = questionCard({
      title: "Predict", question, onenter: lockIn,
      onchange: (chosen) => { model.set("chosen", chosen); model.save_changes(); },
    });
    page.replaceChildren(card.root);
  }

  // The answer comes into the page only with the stage "revealed".
  function draw() {
    const question = model.get("question");
    const { chosen, stage } = soundState({ chosen: model.get("chosen"), stage: model.get("stage") }, question);
    card.select(chosen);
    card.freeze(stage !== "open");
    question.choices.forEach((_, i) => {
      const isRight = i === question.answer;
      const signs = stage === "revealed" && (isRight || i === chosen) ? [verdict(isRight, isRight ? "right" : "wrong")] : [];
      const own = stage !== "open" && i === chosen ? ["your prediction "] : [];
      card.mark(i, ...own, ...signs);
    });
    if (stage === "open") message.replaceChildren();
    if (stage === "locked") message.replaceChildren(element("p", {}, lockedText(chosen, model.get("where"))));
    if (stage === "revealed") message.replaceChildren(...outcomeNodes(question, chosen));
    lock.hidden = stage !== "open";
    reveal.hidden = stage !== "locked";
    again.hidden = stage !== "revealed";
    keepKeys(root);
  }

  const redraw = () => { showQuestion(model.get("question")); draw(); };
  const events = ["change:chosen", "change:stage", "change:where"];
  events.forEach((event) => model.on(event, draw));
  model.on("change:question", redraw);
  redraw();
  el.append(root);
  return () => {
    events.forEach((event) => model.off(event, draw));
    model.off("change:question", redraw);
    el.replaceChildren();
  };
}

export default { render };
