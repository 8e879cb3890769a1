// How a person takes DriveSim's wheel: by arrow keys, with the mouse, or with a finger that may also just scroll the page.

const SIDES = { arrowleft: 1, a: 1, arrowright: -1, d: -1 };
const [SLOP, REST] = [8, 120]; // pixels and milliseconds, after which a finger's meaning is clear
const TYPED = "input, select, textarea"; // their keys are their own

// Where held keys want to go: as the last one pressed. Left is 1.
export const wishOf = (held) => SIDES[[...held].at(-1)] ?? 0;

// What a finger wants that has moved by (dx, dy) pixels: "steer", "scroll", or not clear yet.
export function meaningOf(dx, dy, milliseconds) {
  if (Math.hypot(dx, dy) > SLOP) return Math.abs(dx) > Math.abs(dy) ? "steer" : "scroll";
  return milliseconds >= REST ? "steer" : "";
}

// Keys anywhere in `root`. `steers(event)` says whether a key may steer; `onwish` gets where the held ones want to go,
// and whether one was pressed just now.
export function followKeys(root, { steers, onwish, onspace }) {
  const held = new Set();
  const release = (key) => { if (held.delete(key)) onwish(wishOf(held), false); };
  root.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches(TYPED)) return;
    if (key === " " && onspace(event)) event.preventDefault();
    if (!(key in SIDES) || !steers(event)) return;
    held.add(key);
    onwish(wishOf(held), !event.repeat);
    event.preventDefault();
  });
  root.addEventListener("keyup", (event) => release(event.key.toLowerCase()));
  root.addEventListener("focusout", () => { [...held].forEach(release); }); // a key may be let go elsewhere
}

// The mouse steers at once; a finger when it moves to a side or rests. Upward and downward it scrolls the page, and the
// browser says so with pointercancel. Calls onstart, onmove with `place(event)`, then onend or oncancel.
export function followHand(target, place, { onstart, onmove, onend, oncancel }) {
  let hand = null; // { id, x, y, at, last, grips, timer }; a second finger is none of ours
  const ours = ({ pointerId }) => hand !== null && pointerId === hand.id;
  const grip = () => { hand.grips = true; onstart(place(hand.last)); };
  const drop = () => { clearTimeout(hand.timer); hand = null; };
  target.addEventListener("pointerdown", (event) => {
    if (hand !== null || event.button !== 0) return;
    hand = { id: event.pointerId, x: event.clientX, y: event.clientY, at: event.timeStamp, last: event, grips: false };
    target.setPointerCapture(hand.id);
    if (event.pointerType === "mouse") grip();
    else hand.timer = setTimeout(() => { if (ours(event) && !hand.grips) grip(); }, REST);
  });
  target.addEventListener("pointermove", (event) => {
    if (!ours(event)) return;
    hand.last = event;
    if (hand.grips) { onmove(place(event)); return; }
    const meaning = meaningOf(event.clientX - hand.x, event.clientY - hand.y, event.timeStamp - hand.at);
    if (meaning === "steer") grip();
    if (meaning === "scroll") drop();
  });
  for (const [name, finish] of [["pointerup", onend], ["pointercancel", oncancel]]) {
    target.addEventListener(name, (event) => {
      if (!ours(event)) return;
      const { grips } = hand;
      drop();
      if (grips) finish();
    });
  }
}
