// One pointer, be it mouse, pen or finger, from its press to its release.

// `place(event)` says where it is, in units of the caller's. Calls onstart(place), onmove(places) with all that came
// since the last time, and onend.
export function followPointer(target, place, { onstart, onmove, onend }) {
  let pointer = null; // a second finger is none of ours
  target.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button !== 0) return;
    pointer = event.pointerId;
    target.setPointerCapture(pointer);
    onstart(place(event));
  });
  target.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const steps = event.getCoalescedEvents?.() ?? [];
    onmove((steps.length ? steps : [event]).map(place));
  });
  for (const end of ["pointerup", "pointercancel"]) {
    target.addEventListener(end, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      onend();
    });
  }
}
