// The nets that drive in DriveSim, each fetched when it is first wanted.

import { loadAsset } from "./assets.js";
import { parseNet } from "./nn.js";

const FAILED = "The net could not be loaded; choose it again to try once more.";

export const isNet = (driver) => driver === "clone" || driver === "dagger";

// { find, retry }: `find(driver)` gives its net, or null as long as there is none; `onready` hears of each that came, or
// in a sentence why not. One that failed is asked for again after `retry`.
export function netStore(model, onready) {
  const [nets, asked] = [new Map(), new Set()];
  const find = (driver) => {
    if (isNet(driver) && !asked.has(driver)) {
      asked.add(driver);
      loadAsset(model, `weights/drive_${driver}_0.bin`)
        .then((bytes) => { nets.set(driver, parseNet(bytes)); onready(""); })
        .catch(() => onready(FAILED));
    }
    return nets.get(driver) ?? null;
  };
  const retry = (driver) => { if (!nets.has(driver)) asked.delete(driver); };
  return { find, retry };
}
