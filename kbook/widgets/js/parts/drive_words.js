// What DriveSim says: who is at the wheel, scores, and a friend's challenge.

import { scoreOf } from "./drive_session.js";
import { DECISION, OFTEN, STRONGEST, WEAKEST } from "./driving.js";

export const DRIVERS = { you: "You", expert: "Expert", clone: "Cloned net", dagger: "DAgger net" };
const NAMES = { you: "your friend", expert: "the expert", clone: "the cloned net", dagger: "the DAgger net" };

export const friendName = (driver) => NAMES[driver];

const capital = (text) => text[0].toUpperCase() + text.slice(1);

export const wheelText = (driver) => `${driver === "you" ? "You are" : `${capital(NAMES[driver])} is`} at the wheel`;

// A score in short; `score` is scoreOf's.
export const briefText = ({ autonomy: share, mean }) => `${(100 * share).toFixed(0)} %, ${(100 * mean).toFixed(0)} cm`;

export function scoreText(drive) {
  const { autonomy: share, interventions, mean, seconds } = scoreOf(drive);
  const helped = interventions === 1 ? "1 intervention" : `${interventions} interventions`;
  return `${DRIVERS[drive.driver]}, ${seconds.toFixed(0)} s: autonomy ${(100 * share).toFixed(0)} %, ${helped}, `
    + `${(100 * mean).toFixed(0)} cm from the line on average.`;
}

// What a strength of the wind means.
export function windText(wind) {
  if (wind === 0) return "A calm day: no gusts.";
  const [low, high] = [WEAKEST, STRONGEST].map((turn) => ((180 / Math.PI) * turn * wind).toFixed(0));
  return `A gust of this wind turns the car by ${low}° to ${high}°, every ${(DECISION / OFTEN).toFixed(0)} seconds or so.`;
}

// What a link's record says to whoever opens it; `score` is null if it has none.
export function challengeText(driver, score) {
  if (!score) return "A friend's road. You are at the wheel.";
  return `${capital(NAMES[driver])} drove this road with ${briefText(score)}. Can you do better?`;
}

// At the end of a round: one driver beside another, each { name, score }.
export function compareText(mine, theirs) {
  return `${mine.name} ${briefText(mine.score)}; ${theirs.name} ${briefText(theirs.score)}.`;
}
