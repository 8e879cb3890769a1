// Ask whoever hosts the widget, a kernel or a page, for the bytes of one of the widget's assets.
export function loadAsset(model, name) {
  return new Promise((resolve, reject) => {
    const answer = (message, buffers) => {
      if (message.kind !== "asset" || message.name !== name) return;
      model.off("msg:custom", answer);
      const view = buffers && buffers[0];
      if (!view) reject(new Error(`could not load ${name}`));
      else if (view instanceof ArrayBuffer) resolve(view);
      else resolve(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    };
    model.on("msg:custom", answer);
    model.send({ kind: "asset", name });
  });
}
