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
    const response = await fetch(new URL(`assets/${message.name}`, root));
    const buffers = response.ok ? [new DataView(await response.arrayBuffer())] : [];
    this.emit("msg:custom", message, buffers);
  }
}

async function bring(twin) {
  const module = await import(new URL(`widgets/${twin.dataset.module}.js`, root));
  const el = document.createElement("div");
  module.default.render({ model: new PageModel(JSON.parse(twin.dataset.state)), el });
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
document.querySelectorAll(".kbook-widget[data-module]").forEach((twin) => inView.observe(twin));
