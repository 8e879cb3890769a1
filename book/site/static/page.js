// The page's own controls: colors, search, the two drawers, copy buttons, and where the reader is.

const root = document.documentElement;
const all = (selector) => [...document.querySelectorAll(selector)];

// Colors: automatic, light, dark, in turn.
const system = matchMedia("(prefers-color-scheme: dark)");
function paint(mode) {
  root.dataset.mode = mode;
  root.dataset.theme = mode === "auto" ? (system.matches ? "dark" : "light") : mode;
}
document.querySelector(".kb-theme").addEventListener("click", () => {
  const modes = system.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
  const mode = modes[(modes.indexOf(root.dataset.mode) + 1) % 3];
  try { localStorage.setItem("mode", mode); } catch { /* forbidden: this page only */ }
  paint(mode);
});
system.addEventListener("change", () => paint(root.dataset.mode));

// Search, in the browser's own dialog: it traps the focus and closes on Escape.
const search = document.querySelector(".kb-search");
document.querySelector(".kb-search-button").addEventListener("click", () => search.showModal());
search.addEventListener("click", (event) => { if (event.target === search) search.close(); });
addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  if (!search.open) search.showModal();
});

// Drawers: chapters and contents, where the window is too narrow to show them beside the text.
const drawers = all(".kb-bar [aria-controls]").map((button) => [button, document.getElementById(button.getAttribute("aria-controls"))]);
function open(wanted) {
  for (const [button, drawer] of drawers) {
    const shown = drawer === wanted;
    drawer.classList.toggle("open", shown);
    button.setAttribute("aria-expanded", shown);
  }
}
for (const [button, drawer] of drawers) {
  button.addEventListener("click", () => {
    open(drawer.classList.contains("open") ? null : drawer);
    if (drawer.classList.contains("open")) drawer.querySelector("a")?.focus();
  });
  drawer.addEventListener("click", (event) => { if (event.target.closest("a")) open(null); });
}
addEventListener("keydown", (event) => {
  const shown = drawers.find(([, drawer]) => drawer.classList.contains("open"));
  if (event.key !== "Escape" || !shown) return;
  open(null);
  shown[0].focus();
});
document.querySelector("main").addEventListener("click", () => open(null));

// Copy buttons. Without https there is no clipboard, hence no button.
for (const block of navigator.clipboard ? all("div.highlight:not(.output *)") : []) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "kb-copy", textContent: "Copy" });
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("pre").innerText.trimEnd());
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  block.append(button);
}

// Each box that may scroll comes as a tab stop; near the window, those that need not scroll cease to be one.
const parts = all("article > section > section");
const near = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) if (isIntersecting) markScrollers(target);
}, { rootMargin: "100% 0px" });
function markScrollers(part) {
  const boxes = [...part.querySelectorAll(".kbook-scroll, pre, .text_html")];
  const wide = boxes.map((box) => box.scrollWidth > box.clientWidth);
  boxes.forEach((box, index) => (wide[index] ? box.setAttribute("tabindex", 0) : box.removeAttribute("tabindex")));
}
function markNear() {
  near.disconnect();
  for (const part of parts.length ? parts : all("article")) near.observe(part);
}
document.fonts.ready.then(markNear);
addEventListener("resize", markNear);
addEventListener("toggle", (event) => markScrollers(event.target), true);

// Search results quote the pages that they found: each formula once, not in every layer of its HTML.
addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return;
  const plain = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    page.querySelectorAll(".katex-html, annotation, .kb-neighbors").forEach((layer) => layer.remove());
    return plain(page.documentElement.outerHTML, anchor);
  };
});

// Print on white paper, with everything unfolded.
addEventListener("beforeprint", () => {
  root.dataset.theme = "light";
  for (const fold of all("article details:not([open])")) { fold.open = true; fold.dataset.printed = ""; }
});
addEventListener("afterprint", () => {
  paint(root.dataset.mode);
  for (const fold of all("[data-printed]")) { fold.open = false; delete fold.dataset.printed; }
});

// Mark the section in view in "On this page": the innermost one that crosses a line below the bar.
const links = all(".kb-contents a");
const sections = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
const crossing = new Set();
const line = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) crossing[isIntersecting ? "add" : "delete"](target);
  const here = sections.findLastIndex((section) => crossing.has(section));
  links.forEach((link, index) => {
    if (index === here) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  });
}, { rootMargin: "-16% 0px -83% 0px" });
sections.filter(Boolean).forEach((section) => line.observe(section));
