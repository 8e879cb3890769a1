// A button that copies a text, and shows it where the browser does not let a page copy.

import { button, element } from "./ui.js";

// Copy a text and say so; where the browser does not allow it, show the text to be copied by hand.
export function copyButton(label, makeText, say) {
  const field = element("textarea", {
    class: "kb-pg-field", readonly: true, hidden: true, rows: 3, "aria-label": `${label}: the text`,
  });
  const copy = async () => {
    const { text, done, problem } = makeText();
    if (problem) { say(problem); return; }
    try {
      await navigator.clipboard.writeText(text);
      field.hidden = true;
      say(done);
    } catch {
      field.hidden = false;
      field.value = text;
      field.select();
      say("This browser does not let a page copy: the text is marked, copy it by hand.");
    }
  };
  return { root: button(label, copy), field };
}
