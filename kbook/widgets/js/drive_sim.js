// DriveSim. The reader watches a net drive a rendered road, pushes it off its line, hands over to another driver or
// takes the wheel, and sends the road with the score to a friend.

import { loadAsset } from "./parts/assets.js";
import { decodeDrive, encodeDrive } from "./parts/drive_link.js";
import {
  copyOf, driveTick, isOver, lookOf, netFrame, occludePatch, push, SEEDS, scoreOf, startDrive, wholeScore,
} from "./parts/drive_session.js";
import { errorStrip, pictureCanvas, showPatches } from "./parts/drive_view.js";
import { followHand, followKeys } from "./parts/drive_wheel.js";
import { challengeText, compareText, DRIVERS, friendName, scoreText, wheelText, windText } from "./parts/drive_words.js";
import { purePursuit, TICKS } from "./parts/driving.js";
import { parseNet } from "./parts/nn.js";
import { copyButton } from "./parts/copy_button.js";
import { makeCamera, renderFrame } from "./parts/road_camera.js";
import { button, element, pressedChoice, sharedTraits, slider, statusLine } from "./parts/ui.js";

const CHOSEN = ["seed", "driver", "wind", "light", "noise"];
const SHORTCUTS = { "data-lm-suppress-shortcuts": "true" };
const MOST_TICKS = 3; // in one frame of the screen, where the machine is slow
const UNDONE = 1000; // milliseconds in which a finger that scrolls after all gives the wheel back
const HOW = "To steer, a finger or the mouse on the picture: the further from the middle, the sharper; let go and the wheel "
  + "straightens. ";
const HOW_KEYS = "With the picture in focus, the left and right arrow keys (or A and D) steer too; space starts and pauses.";

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
  let [passing, before] = ["", null]; // what to say until the car moves; what to go back to
  const map = new Array(96).fill(0);
  const eye = makeCamera(128, 384);

  const road = pictureCanvas(128, 384, { "aria-hidden": "true" });
  const view = element("div", {
    class: "kb-ds-view", role: "application", tabindex: "0", ...SHORTCUTS,
    "aria-label": "The road ahead. Left and right arrow keys steer, space starts and pauses.",
  }, road.canvas);
  const frame = pictureCanvas(32, 96, { "aria-hidden": "true", class: "kb-ds-frame" });
  const strip = errorStrip();
  const [answer, score] = ["", " kb-ds-score"].map((more) => element("p", { class: `kb-ds-line${more}` }));
  const status = statusLine();
  const say = (text) => { status.textContent = text; };

  const drivers = pressedChoice("Who steers", Object.entries(DRIVERS), (driver) => choose(driver));
  const go = button("Start", () => toggle());
  const pushed = (side, name) => button(`Push ${name}`, () => {
    start();
    push(drive, side);
    say(`Pushed 0.7 m to the ${name}, nose 9° further away.`);
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
    label: name, min, max, step, value: model.get(name), format,
    oninput: (v) => { save({ [name]: v }); if (name === "wind") say(windText(v)); },
  })]);
  const [wind, light, noise] = sliders.map(([, { root }]) => root);
  const steers = element("input", { type: "checkbox", ...SHORTCUTS, onchange: () => { map.fill(0); draw(); } });
  const legend = element("p", { class: "kbook-note" });
  const page = model.get("page");
  const link = () => ({
    text: `${page}#drive_sim=${encodeDrive(setting(), drive)}`,
    done: wholeScore(drive, setting()) ? "Copied a link: whoever opens it meets this road and the score."
      : "Copied a link to this road. A score goes with it after a whole round of one driver, without a push or a change.",
  });
  const copy = page ? [copyButton("Copy link", link, say)] : [];
  const row = (...nodes) => element("div", { class: "kbook-actions" }, ...nodes);
  const more = element("details", { ontoggle: () => draw() }, element("summary", SHORTCUTS, "More"),
    row(again, another, ...copy.flatMap(({ root, field }) => [root, field])), light, noise,
    element("p", { class: "kbook-note" }, "What the net sees, 96 × 32 pixels:"), frame.canvas, answer,
    element("label", { class: "kbook-option" }, steers, "Show what steers"), legend);
  const first = row(go, pushed(1, "left"), pushed(-1, "right"));
  first.classList.add("kb-ds-first");
  el.append(
    element("p", { class: "kbook-title" }, "Who keeps the car on the road?"), view, strip.root, first, score, status,
    drivers.root, wind,
    element("p", { class: "kbook-note" }, HOW, element("span", { class: "kb-ds-keys" }, HOW_KEYS)), more,
  );

  function draw() {
    const now = setting();
    const net = netOf(now.driver);
    const look = lookOf(drive, now);
    road.show(renderFrame(eye, drive.road, drive.pose, drive.ticks, look));
    strip.show(drive.past);
    score.textContent = scoreText(drive);
    go.textContent = running ? "Pause" : "Start";
    if (more.open) drawMore(now, net);
  }

  function drawMore(now, net) {
    netFrame(drive, now);
    frame.show(drive.camera.bytes);
    if (steers.checked) showPatches(frame.context, map);
    legend.textContent = steers.checked ? "Yellow: covering it would change the net's answer." : "Nothing is marked.";
    const expert = purePursuit(drive.road, drive.pose);
    const own = net ? signed(drive.said) : "–";
    answer.textContent = `Curvature in 1/m: net ${own}, expert ${signed(expert)}.`;
  }

  function toggle() {
    if (running) { running = false; draw(); } else start();
  }

  function start() {
    if (isOver(drive)) restart("");
    if (running) return;
    [running, last, due] = [true, performance.now(), 0];
    requestAnimationFrame(animate);
    if (model.get("driver") === "you") focusView();
    draw();
  }

  function focusView() {
    view.focus({ preventScroll: true }); // the arrow keys steer at once
  }

  function restart(text) {
    drive = startDrive(setting());
    map.fill(0);
    passing = text;
    if (text) say(text);
    draw();
  }

  // A car that drives is handed over where it is, and the new driver's score begins there.
  function choose(driver) {
    const isAnother = driver !== model.get("driver");
    drive.wish = 0;
    map.fill(0);
    save({ driver });
    if (isAnother && !running) restart("");
    say(`${wheelText(driver)}${isAnother && running ? "; the score counts from here" : ""}.`);
    if (driver === "you") focusView();
  }

  function changed() {
    const now = setting();
    if (drive.seed !== now.seed) drive = startDrive(now);
    drivers.show(now.driver);
    sliders.forEach(([name, { set }]) => set(now[name]));
    draw();
  }

  // One sixtieth of a second, and a part of the map of what steers.
  function step() {
    const now = setting();
    if (passing && status.textContent === passing) say("");
    passing = "";
    const net = netOf(now.driver);
    const missing = now.driver in { clone: 1, dagger: 1 } && !net;
    if (!missing && driveTick(drive, now, net)) {
      announced += 1;
      say(`Somebody took the wheel (${drive.tally.interventions}).`);
    }
    if (more.open && steers.checked && net && drive.ticks % TICKS !== 1) { // not in a tick in which the net decides
      patch = (patch + 1) % map.length;
      occludePatch(net, drive.decidedOn, drive.said, map, patch);
    }
    if (isOver(drive)) finish();
  }

  function finish() {
    running = false;
    const score = friend && wholeScore(drive, setting());
    const beside = score ? ` ${compareText({ name: DRIVERS[drive.driver], score }, friend)}` : "";
    say(`The round is over.${beside}`);
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
    if (model.get("driver") !== "you") choose("you");
    if (isOver(drive)) return; // a key that is still held does not wipe out the score
    start();
    drive.wish = side;
  }

  function undo() {
    drive.wish = 0;
    const isLate = performance.now() - before.at > UNDONE;
    if (isLate || (before.driver === "you" && before.running)) return;
    ({ drive, running } = before);
    save({ driver: before.driver });
    say(before.text);
  }

  const share = ({ clientX }) => {
    const box = view.getBoundingClientRect();
    return Math.min(Math.max(1 - (2 * (clientX - box.left)) / box.width, -1), 1);
  };
  const wish = (side) => { drive.wish = side; };
  followKeys(el, {
    steers: ({ target }) => target === view || model.get("driver") === "you",
    onwish: (side, isPress) => (isPress ? takeWheel : wish)(side),
    onspace: ({ target }) => { if (target === view) toggle(); return target === view; },
  });
  followHand(view, share, {
    onstart: (side) => {
      const [driver, text, at] = [model.get("driver"), status.textContent, performance.now()];
      before = { driver, text, at, running, drive: copyOf(drive) };
      takeWheel(side);
    },
    onmove: wish, onend: () => wish(0), oncancel: undo,
  });
  const pause = () => { if (document.hidden && running) toggle(); };
  document.addEventListener("visibilitychange", pause);
  const shared = model.get("shared");
  if (shared) open(shared);

  function open(text) {
    const { setting: given, score: theirs, problem } = decodeDrive(text);
    if (problem) { say(problem); return; }
    friend = theirs && { name: friendName(given.driver), score: theirs };
    save({ ...given, driver: "you" });
    restart("");
    say(challengeText(given.driver, theirs));
  }

  el.driveStep = () => { // for tests and benchmarks: milliseconds of a step, with the drawing of the view
    const begun = performance.now();
    step();
    draw();
    return { spent: performance.now() - begun, ...scoreOf(drive), announced };
  };
  changed();
  return () => { running = false; end(); strip.end(); document.removeEventListener("visibilitychange", pause); };
}

export default { render };
