// What Quiz and Predict share: a question's card, its verdict, and the answers a browser remembers.
import { choice, element } from "./ui.js";

// Cut a text at its backticks into [piece, is it code]; a lone backtick stays as it is.
export function splitCode(text) {
  const pieces = text.split(/`([^`]+)`/);
  return pieces.map((piece, i) => [piece, i % 2 === 1]).filter(([piece]) => piece !== "");
}

// The text as a span. All of it becomes text nodes, so that no text can ever become markup.
export function codeText(text) {
  const nodes = splitCode(text).map(([piece, isCode]) => (isCode ? element("code", {}, piece) : piece));
  return element("span", {}, ...nodes);
}

export function letter(i) {
  return String.fromCharCode(65 + i);
}

// A choice's explanation, opened by its letter and the verdict in words.
export function explanation(question, i, words) {
  const isRight = i === question.answer;
  return element("p", {}, verdict(isRight, words), " ", codeText(question.choices[i].why));
}

// The prompt as a legend and one row for each choice. `onenter` is called for Enter in a row.
export function questionCard({ title, question, onchange, onenter }) {
  const legend = element("span", {}, element("span", { class: "kq-title" }, title), codeText(question.prompt));
  const options = question.choices.map(({ text }, i) => [String(i), lettered(letter(i), text)]);
  const { root, set } = choice({ legend, options, onchange: (key) => onchange(Number(key)) });
  const inputs = [...root.querySelectorAll("input")];
  const marks = inputs.map((input) => {
    const mark = element("span", { class: "kq-mark" });
    input.parentElement.append(mark);
    return mark;
  });
  root.classList.add("kq-card");
  root.firstChild.tabIndex = -1;
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !inputs.includes(event.target)) return;
    event.preventDefault();
    onenter();
  });
  return {
    root,
    mark: (i, ...words) => marks[i].replaceChildren(...words),
    select: (i) => set(String(i)),
    freeze: (frozen) => { root.disabled = frozen; },
    focus: () => root.firstChild.focus(),
    focusChoice: () => (inputs.find((input) => input.checked) ?? inputs[0]).focus(),
  };
}

function lettered(name, text) {
  return element("span", { class: "kq-text" }, element("b", {}, name), " ", codeText(text));
}

// "✓ right" in green, "✗ wrong" in red: the sign and the word carry the meaning, not the color.
export function verdict(isRight, words) {
  const sign = element("span", { "aria-hidden": "true" }, isRight ? "✓ " : "✗ ");
  return element("strong", { class: isRight ? "kb-good" : "kb-bad" }, sign, words);
}

// The page around the widget must not act on its keys: neither JupyterLab's shortcuts (which
// look only at the focused element itself) nor a page's own; those with Ctrl, Alt or Meta may pass.
export function keepKeys(root) {
  for (const node of root.querySelectorAll("input, button, summary, [tabindex]")) {
    node.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  root.onkeydown = (event) => {
    if (!event.ctrlKey && !event.altKey && !event.metaKey) event.stopPropagation();
  };
}

// A name for the browser's memory that changes with the data: old answers never meet new questions.
export function memoryName(kind, data) {
  let hash = 0x811c9dc5; // FNV-1a, 32 bits
  for (const sign of JSON.stringify(data)) hash = Math.imul(hash ^ sign.codePointAt(0), 0x01000193) >>> 0;
  return `kbook-${kind}-${hash.toString(16).padStart(8, "0")}`;
}

// A browser may refuse its memory (private windows, sandboxed frames): then answers live on the page alone.
export function recall(name) {
  try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
}

export function remember(name, value) {
  try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* nothing to do */ }
}

export function forget(name) {
  try { localStorage.removeItem(name); } catch { /* nothing to do */ }
}
