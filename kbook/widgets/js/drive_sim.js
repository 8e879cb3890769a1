// DriveSim. The reader watches a net drive a rendered road, pushes it off its line, hands over to another driver or
// takes the wheel, and sends the road with the score to a friend.

import { loadAsset } from "./parts/assets.js";
import {
  decodeDrive, DRIVERS, driveTick, encodeDrive, isOver, lookOf, netFrame, occludePatch, push, SEEDS, scoreOf, scoreText,
  startDrive,
} from "./parts/drive_session.js";
import { errorStrip, pictureCanvas, showPatches } from "./parts/drive_view.js";
import { purePursuit, TICKS } from "./parts/driving.js";
import { parseNet } from "./parts/nn.js";
import { copyButton } from "./parts/copy_button.js";
import { followPointer } from "./parts/pointer.js";
import { makeCamera, renderFrame } from "./parts/road_camera.js";
import { button, element, pressedChoice, sharedTraits, slider, statusLine } from "./parts/ui.js";

const CHOSEN = ["seed", "driver", "wind", "light", "noise"];
const KEYS = { ArrowLeft: 1, a: 1, ArrowRight: -1, d: -1 };
const SHORTCUTS = { "data-lm-suppress-shortcuts": "true" };
const MOST_TICKS = 3; // in one frame of the screen, where the machine is slow
const HOW = "With the road in focus, the left and right arrow keys (or A and D) take the wheel; so does a finger or the "
  + "mouse on the left or right half of the picture. Space starts and pauses.";

const signed = (v) => v.toFixed(3).replace("-", "−");

// The nets, each fetched when it is first wanted.
function netStore(model, onready) {
  const [nets, asked] = [new Map(), new Set()];
  return (driver) => {
    if (driver !== "clone" && driver !== "dagger") return null;
    if (!nets.has(driver) && !asked.has(driver)) {
      asked.add(driver);
      loadAsset(model, `weights/drive_${driver}_0.bin`)
        .then((bytes) => { nets.set(driver, parseNet(bytes)); onready(""); })
        .catch(() => { asked.delete(driver); onready("The net could not be loaded; choose it again to try once more."); });
    }
    return nets.get(driver) ?? null;
  };
}

function render({ model, el }) {
  el.classList.add("kbook-widget", "kb-ds");
  const { save, end } = sharedTraits(model, CHOSEN, () => changed());
  const setting = () => Object.fromEntries(CHOSEN.map((key) => [key, model.get(key)]));
  const netOf = netStore(model, (problem) => { say(problem || status.textContent); draw(); });
  let [drive, friend, running, last, due, patch, announced] = [startDrive(setting()), null, false, 0, 0, 0, 0];
  const map = new Array(96).fill(0);
  const eye = makeCamera(128, 384);

  const road = pictureCanvas(128, 384, { "aria-hidden": "true" });
  const view = element("div", {
    class: "kb-ds-view", role: "application", tabindex: "0", ...SHORTCUTS,
    "aria-label": "The road ahead. Left and right arrow keys steer, space starts and pauses.",
  }, road.canvas);
  const frame = pictureCanvas(32, 96, { "aria-hidden": "true", class: "kb-ds-frame" });
  const strip = errorStrip();
  const [answer, score] = [element("p", { class: "kb-ds-line" }), element("p", { class: "kb-ds-line" })];
  const status = statusLine();
  const say = (text) => { status.textContent = text; };

  const drivers = pressedChoice("Who steers", Object.entries(DRIVERS), (driver) => {
    drive.wish = 0;
    map.fill(0);
    save({ driver });
    say(`${DRIVERS[driver]} at the wheel.`);
  });
  const go = button("Start", () => toggle());
  const pushed = (side, name) => button(`Push ${name}`, () => {
    push(drive, side);
    say(`Pushed 0.7 m to the ${name}, nose 9° further away.`);
    start();
    draw();
  });
  const again = button("Restart", () => restart("Back at the start."));
  const another = button("Another road", () => {
    friend = null;
    save({ seed: (model.get("seed") + 1) % SEEDS });
    restart(`Road ${model.get("seed")}.`);
  });
  const sliders = [
    ["wind", 0, 2, 0.1, (v) => v.toFixed(1)], ["light", 0.3, 1.3, 0.05, (v) => `× ${v.toFixed(2)}`],
    ["noise", 0, 20, 1, (v) => `${v} of 255`],
  ].map(([name, min, max, step, format]) => [name, slider({
    label: name, min, max, step, value: model.get(name), format, oninput: (v) => save({ [name]: v }),
  })]);
  const steers = element("input", { type: "checkbox", ...SHORTCUTS, onchange: () => { map.fill(0); draw(); } });
  const legend = element("p", { class: "kbook-note kb-ds-line" });
  const page = model.get("page");
  const link = () => ({
    text: `${page}#drive_sim=${encodeDrive(setting(), drive)}`,
    done: "Copied a link: whoever opens it meets this road and your score.",
  });
  const copy = page ? [copyButton("Copy link", link, say)] : [];
  const row = (...nodes) => element("div", { class: "kbook-actions" }, ...nodes);
  el.append(
    element("p", { class: "kbook-title" }, "Who keeps the car on the road?"), drivers.root, view,
    row(go, pushed(1, "left"), pushed(-1, "right"), again, another), score, status,
    element("div", { class: "kb-ds-side" },
      element("div", {}, element("p", { class: "kbook-note" }, "what the net sees, 96 × 32"), frame.canvas, answer),
      element("div", {}, element("p", { class: "kbook-note" }, "left or right of the line, the last ten seconds"), strip.root)),
    ...sliders.map(([, { root }]) => root),
    row(...copy.flatMap(({ root, field }) => [root, field])),
    element("label", { class: "kbook-option" }, steers, "Show what steers"), legend,
    element("p", { class: "kbook-note" }, HOW),
  );

  function draw() {
    const now = setting();
    const net = netOf(now.driver);
    const look = lookOf(drive, now);
    road.show(renderFrame(eye, drive.road, drive.pose, drive.ticks, look));
    netFrame(drive, now);
    frame.show(drive.camera.bytes);
    if (steers.checked) showPatches(frame.context, map);
    legend.textContent = steers.checked ? "Yellow: covering it would change the net's answer." : "Nothing is marked.";
    strip.show(drive.past);
    const expert = purePursuit(drive.road, drive.pose);
    const own = net ? signed(drive.said) : "–";
    answer.textContent = `Curvature in 1/m: net ${own}, expert ${signed(expert)}.`;
    score.textContent = scoreText(drive);
    go.textContent = running ? "Pause" : "Start";
  }

  function toggle() {
    if (running) { running = false; draw(); } else start();
  }

  function start() {
    if (isOver(drive)) restart("");
    if (running) return;
    [running, last, due] = [true, performance.now(), 0];
    requestAnimationFrame(animate);
    draw();
  }

  function restart(text) {
    drive = startDrive(setting());
    if (text) say(text);
    draw();
  }

  function changed() {
    const now = setting();
    drivers.show(now.driver);
    sliders.forEach(([name, { set }]) => set(now[name]));
    draw();
  }

  // One sixtieth of a second, and a part of the map of what steers.
  function step() {
    const now = setting();
    const net = netOf(now.driver);
    const missing = now.driver in { clone: 1, dagger: 1 } && !net;
    if (!missing && driveTick(drive, now, net)) {
      announced += 1;
      say(`Somebody took the wheel (${drive.tally.interventions}).`);
    }
    if (steers.checked && net && drive.ticks % TICKS !== 1) { // not in a tick in which the net decides
      patch = (patch + 1) % map.length;
      occludePatch(net, drive.decidedOn, drive.said, map, patch);
    }
    if (isOver(drive)) finish();
  }

  function finish() {
    running = false;
    const beaten = friend ? ` The link's score: ${(100 * friend.autonomy).toFixed(0)} % in ${friend.seconds} s.` : "";
    say(`The round is over. ${scoreText(drive)}${beaten}`);
  }

  function isOutOfView() {
    const { top, bottom } = view.getBoundingClientRect();
    return bottom < 0 || top > window.innerHeight;
  }

  function animate(now) {
    if (!running || !el.isConnected) { running = false; return; }
    if (isOutOfView()) { toggle(); return; }
    due = Math.min(due + ((now - last) * 60) / 1000, MOST_TICKS);
    last = now;
    for (; due >= 1 && running; due -= 1) step();
    draw();
    if (running) requestAnimationFrame(animate);
  }

  function takeWheel(side) {
    drive.wish = side;
    if (model.get("driver") !== "you") { save({ driver: "you" }); say("You are at the wheel."); }
    start();
  }
  view.addEventListener("keydown", (event) => {
    const side = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (event.key === " ") toggle();
    else if (side === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    else takeWheel(side);
    event.preventDefault();
  });
  view.addEventListener("keyup", (event) => { if (event.key.toLowerCase() in KEYS || event.key in KEYS) drive.wish = 0; });
  const share = ({ clientX }) => {
    const box = view.getBoundingClientRect();
    return Math.min(Math.max(1 - (2 * (clientX - box.left)) / box.width, -1), 1);
  };
  followPointer(view, share, {
    onstart: (side) => takeWheel(side), onmove: (sides) => { drive.wish = sides.at(-1); }, onend: () => { drive.wish = 0; },
  });
  const pause = () => { if (document.hidden && running) toggle(); };
  document.addEventListener("visibilitychange", pause);
  const shared = model.get("shared");
  if (shared) open(shared);

  function open(text) {
    const { setting: given, score: theirs, problem } = decodeDrive(text);
    if (problem) { say(problem); return; }
    friend = theirs;
    save(given);
    const driven = theirs.seconds > 0
      ? `: ${(100 * theirs.autonomy).toFixed(0)} % in ${theirs.seconds} s, ${DRIVERS[given.driver]} at the wheel. Can you do `
        + "better?"
      : ".";
    restart(`A friend's road${driven}`);
  }

  el.driveStep = () => { // for tests and benchmarks: milliseconds of a step, with the drawing of the view
    const begun = performance.now();
    step();
    draw();
    return { spent: performance.now() - begun, ...scoreOf(drive), announced };
  };
  changed();
  return () => { running = false; end(); document.removeEventListener("visibilitychange", pause); };
}

export default { render };
