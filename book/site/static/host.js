// Bring the static twins of widgets to life: the small part of anywidget's model that needs no kernel.

const root = new URL(".", import.meta.url);

class PageModel {
  constructor(state) {
    this.state = state;
    this.listeners = new Map();
  }
  get(name) { return this.state[name]; }
  set(name, value) {
    if (this.state[name] === value) return;
    this.state[name] = value;
    this.emit(`change:${name}`);
    this.emit("change");
  }
  save_changes() {}
  on(event, listener) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }
  off(event, listener) {
    this.listeners.set(event, (this.listeners.get(event) ?? []).filter((other) => other !== listener));
  }
  emit(event, ...values) { (this.listeners.get(event) ?? []).forEach((listener) => listener(...values)); }
  async send(message) {
    if (message.kind !== "asset") return;
    this.emit("msg:custom", message, await assetBuffers(message.name));
  }
}

// No buffer is an answer too: a widget that waits for its file can then say that it did not come.
async function assetBuffers(name) {
  try {
    const response = await fetch(new URL(`assets/${name}`, root));
    return response.ok ? [new DataView(await response.arrayBuffer())] : [];
  } catch {
    return [];
  }
}

async function bring(twin, shared = "") {
  const module = await import(new URL(`widgets/${twin.dataset.module}.js`, root));
  const el = document.createElement("div");
  // Beside its own state a module is told where it stands, to make links, and what a link of its own making brought.
  const state = { ...JSON.parse(twin.dataset.state), page: location.href.split("#")[0], shared };
  module.default.render({ model: new PageModel(state), el });
  twin.replaceChildren(el);
  twin.dataset.alive = "";
}

const inView = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    inView.unobserve(target);
    bring(target);
  }
}, { rootMargin: "400px" });
const twins = [...document.querySelectorAll(".kbook-widget[data-module]")];
// A link page.html#module=text is for the first twin of that module, which lives at once and comes into view: no part
// of the page has that name, so the browser itself would stay at the top.
const readLink = () => location.hash.match(/^#(\w+)=(.+)$/) ?? [];
const addressee = () => twins.find((twin) => twin.dataset.module === readLink()[1]);
const first = addressee();
twins.filter((twin) => twin !== first).forEach((twin) => inView.observe(twin));
if (first) bring(first, readLink()[2]).then(() => first.scrollIntoView());
addEventListener("hashchange", () => { if (addressee()) location.reload(); });
