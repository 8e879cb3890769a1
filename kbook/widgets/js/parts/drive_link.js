// A road of DriveSim with its setting, and with the score of a whole round, as a text for a link.

import { hashed } from "./counter_hash.js";
import { SEEDS, wholeScore } from "./drive_session.js";
import { DRIVERS } from "./drive_words.js";

const VERSION = "2";
const RANGES = { seed: [0, SEEDS - 1], wind: [0, 2], light: [0.3, 1.3], noise: [0, 20] };

const markOf = (text) => hashed(...text.split("").map((letter) => letter.charCodeAt(0))) % 1000;

export function encodeDrive(setting, drive) {
  const score = wholeScore(drive, setting);
  const fields = [setting.seed, setting.wind, setting.light, setting.noise, setting.driver];
  const record = score ? [Math.round(1000 * score.autonomy), Math.round(100 * score.mean)] : ["", ""];
  const text = [VERSION, ...fields, ...record].join("~");
  return `${text}~${markOf(text)}`;
}

// { setting, score }, where the score may be null, or { problem }: one sentence.
export function decodeDrive(text) {
  const damaged = { problem: "This link is damaged: a part of it is missing or changed. Here is the first road instead." };
  const [version, seed, wind, light, noise, driver, share, off, mark] = text.split("~");
  const body = text.slice(0, text.lastIndexOf("~"));
  if (version !== VERSION || !Object.hasOwn(DRIVERS, driver ?? "")) return damaged;
  if (String(markOf(body)) !== mark) return damaged;
  const number = (field) => (field === "" ? NaN : Number(field));
  const numbers = { seed: number(seed), wind: number(wind), light: number(light), noise: number(noise) };
  const fits = Object.entries(RANGES).every(([name, [low, high]]) => numbers[name] >= low && numbers[name] <= high);
  const score = { autonomy: number(share) / 1000, mean: number(off) / 100 };
  const isScored = score.autonomy >= 0 && score.autonomy <= 1 && score.mean >= 0 && score.mean <= 1;
  if (!fits || !Number.isInteger(numbers.seed) || (!isScored && share + off !== "")) return damaged;
  return { setting: { ...numbers, driver }, score: isScored ? score : null };
}
