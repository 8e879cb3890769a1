// What TranslationMachine says: names of the pictures, sentences with the measured numbers.

import { ANIMAL_SIDE } from "./animals.js";
import { DIRECTIONS, PAINTS } from "./translation.js";

const three = (v) => v.toFixed(3);

// "noise", "blur", "blur and noise" or nothing.
export function disturbanceName({ noise, blur }) {
  return [blur && "blur", noise > 0 && "noise"].filter(Boolean).join(" and ");
}

// The names of all pictures of a direction. The middle one is followed by what disturbs it.
export function pictureNames(direction, disturbance) {
  const { to, there, home, start } = DIRECTIONS[direction];
  const what = disturbanceName(disturbance);
  const by = what ? ` + ${what.replace(" and ", " + ")}` : "";
  const made = `${there}(${start})`;
  return {
    start, made, truth: `true ${to}`, madeSent: made + by, truthSent: `true ${to}${by}`,
    back: `${home}(${made}${by})`, control: `${home}(true ${to}${by})`,
  };
}

// How far the translation is from the truth, and whether doing nothing would be nearer.
export function forwardSentence({ direction }, { forward, nothing }) {
  const { from, to } = DIRECTIONS[direction];
  const { made } = pictureNames(direction, {});
  if (!forward) return "You painted this picture, so it has no true counterpart: only the way back can be measured.";
  const verdict = forward.all < nothing.all ? "" : " Doing nothing would be nearer to the truth.";
  return `${made} is ${three(forward.all)} from the true ${to}; the untouched ${from} is `
    + `${three(nothing.all)} from it.${verdict}`;
}

export function backSentence({ direction, noise, blur }, { made }) {
  const { start, back } = pictureNames(direction, {});
  if (!made.disturbed) return `The way back, ${back}, is ${three(made.quiet.all)} from ${start}.`;
  const what = disturbanceName({ noise, blur });
  return `The way back is wrong by ${three(made.quiet.all)} without ${what} `
    + `and by ${three(made.disturbed.all)} with it.`;
}

const leadText = (made, control) => {
  const lead = Number(three(control)) - Number(three(made)); // of the numbers as they are shown
  const numbers = `(${three(made)} against ${three(control)})`;
  if (Math.abs(lead) < 0.0005) return `as well as ${numbers}`;
  return `${three(Math.abs(lead))} ${lead > 0 ? "better" : "worse"} than ${numbers}`;
};

// Whether the made picture leads back better than the true one, on the animal, and what disturbance leaves of that.
export function controlSentence({ direction, noise, blur }, { made, control }) {
  if (!control) return "";
  const names = pictureNames(direction, {});
  const [before, numbers] = leadText(made.quiet.animal, control.quiet.animal).split(" (");
  const start = `On the animal, ${names.made} leads back ${before} the ${names.truth} does (${numbers}`;
  if (!made.disturbed) return `${start}.`;
  const [after, others] = leadText(made.disturbed.animal, control.disturbed.animal).split(" (");
  return `${start}; with ${disturbanceName({ noise, blur })}, ${after} the ${names.truth} (${others}.`;
}

export function grainSentence({ noise }, { grain }) {
  if (!noise) return "";
  return `The noise alone changes a color by ${three(grain)} on average; what a net copies of it counts as error.`;
}

// The rows of the table: [name, without disturbance, with it], the last two as one or two lines.
export function errorRows({ direction }, { made, control }) {
  const names = pictureNames(direction, {});
  const cell = (error) => {
    if (!error) return ["–"];
    return [three(error.all), ...(error.animal === null ? [] : [`animal ${three(error.animal)}`])];
  };
  const row = (name, { quiet, disturbed: shaken }) => [name, cell(quiet), cell(shaken)];
  return [row(`from ${names.made}`, made), ...(control ? [row(`from the ${names.truth}`, control)] : [])];
}

export function pixelText(place, paint) {
  const [row, column] = [Math.floor(place / ANIMAL_SIDE) + 1, (place % ANIMAL_SIDE) + 1];
  return `Row ${row}, column ${column}${paint === undefined ? "" : `, painted ${PAINTS[paint].name}`}`;
}
