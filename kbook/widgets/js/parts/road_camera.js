// What a camera behind the windshield sees of a road, as Python's kbook.data.road_camera renders it. A camera keeps its
// arrays, so a frame makes no garbage.

import { hashed, mixBits, normalBytes } from "./counter_hash.js";
import { along } from "./road.js";

const MOUNT = 1.3; // meters from the ground to the camera
const [FAR, NEAR_FAR, HILLS_AWAY] = [70, 50, 200]; // meters
const [PAVED, LINE_FROM, LINE_TO] = [2.4, 1.8, 2]; // meters from the center to the road's edge, and to its lines
const [DASH, PERIOD] = [3, 6];
const [NOISE, RAIN] = [3, 4]; // what a number is drawn for
const GRASS = [0.25, 0.42, 0.15];
const DRY = [0.6, 0.52, 0.28];
const BRICK = [0.52, 0.27, 0.2];
const SKY = [0.36, 0.58, 0.9];
const HAZE = [0.78, 0.84, 0.9];
const HILLS = [0.3, 0.4, 0.38];

const clip = (value, low, high) => (value < low ? low : value > high ? high : value);

// A camera of so many pixels: { height, width, focal, horizon, first, bytes }. `bytes` is the last frame: red, green
// and blue planes in row-major order, from 0 to 255.
export function makeCamera(height, width) {
  const focal = 0.625 * width;
  const horizon = 0.33 * height;
  return {
    height, width, focal, horizon, first: Math.ceil(horizon - 0.5), // of the rows below the horizon
    bytes: new Uint8Array(3 * height * width), colors: new Float64Array(3 * height * width),
    bearings: Float64Array.from({ length: width }, (_, j) => Math.atan((j + 0.5 - width / 2) / focal)),
  };
}

// Render into camera.bytes. `frame` counts the frames: each has other noise and other drops of rain.
export function renderFrame(camera, road, pose, frame, look = road.look) {
  const here = along(road, pose.s, {});
  paintSky(camera, here.heading + pose.psi, look);
  paintLand(camera, road, pose, here, look);
  const { height, width, colors, bytes } = camera;
  const size = height * width;
  const tints = [1 + look.warmth, 1, 1 - look.warmth];
  const key = hashed(road.seed, NOISE, frame);
  const grain = look.noise / 147.8;
  const drops = look.rain > 0 ? hashed(road.seed, RAIN, frame) : null;
  for (let channel = 0; channel < 3; channel += 1) {
    const light = look.light * 255 * tints[channel];
    for (let pixel = 0; pixel < size; pixel += 1) {
      const i = channel * size + pixel;
      let value = colors[i] * light + grain * normalBytes(mixBits(key ^ i)) + 0.5;
      if (drops !== null && isDrop(drops, pixel, width, look.rain)) value += 60;
      bytes[i] = clip(value, 0, 255);
    }
  }
  return bytes;
}

function isDrop(key, pixel, width, share) {
  const row = Math.floor(Math.floor(pixel / width) / 4);
  return (mixBits(key ^ (row * width + pixel % width)) >>> 0) / 2 ** 32 < share;
}

function paintSky(camera, heading, look) {
  const { height, width, horizon, first, focal, colors, bearings } = camera;
  const gray = Math.min(look.fog * 25, 1);
  const seen = Math.exp(-HILLS_AWAY * look.fog);
  for (let j = 0; j < width; j += 1) {
    const bearing = heading - bearings[j];
    const hills = focal * (0.05 + 0.02 * Math.sin(2 * bearing + 1) + 0.015 * Math.sin(5 * bearing));
    for (let i = 0; i < first; i += 1) {
      const above = horizon - 0.5 - i;
      const inside = clip(hills - above + 0.5, 0, 1) * seen;
      for (let c = 0; c < 3; c += 1) {
        const top = SKY[c] + (HAZE[c] - SKY[c]) * gray;
        const color = HAZE[c] + (top - HAZE[c]) * (above / horizon);
        colors[(c * height + i) * width + j] = color + (HILLS[c] - color) * inside;
      }
    }
  }
}

const point = {}; // of the center line

// Where the center line crosses a distance ahead, by four steps of Newton's method: [s, meters to the left, turn].
function crossing(road, pose, here, depth) {
  const [carX, carY] = [here.x - pose.e * Math.sin(here.heading), here.y + pose.e * Math.cos(here.heading)];
  const car = here.heading + pose.psi;
  const [cos, sin] = [Math.cos(car), Math.sin(car)];
  let s = pose.s + depth;
  for (let i = 0; i < 4; i += 1) {
    along(road, s, point);
    const ahead = (point.x - carX) * cos + (point.y - carY) * sin;
    s += (depth - ahead) / Math.max(Math.cos(point.heading - car), 0.3);
  }
  along(road, s, point);
  return [s, -(point.x - carX) * sin + (point.y - carY) * cos, clip(point.heading - car, -1.4, 1.4)];
}

// The share of an interval around a value, `soft` wide, that is from low to high.
function within(value, low, high, soft) {
  return clip((high - value) / soft + 0.5, 0, 1) - clip((low - value) / soft + 0.5, 0, 1);
}

function paintLand(camera, road, pose, here, look) {
  for (let i = camera.first; i < camera.height; i += 1) {
    const slope = (i + 0.5 - camera.horizon) / camera.focal;
    const depth = MOUNT / Math.max(slope, 1e-3);
    paintRow(camera, i, depth, crossing(road, pose, here, Math.min(depth, FAR)), look);
  }
}

function paintRow({ height, width, focal, colors }, i, depth, [s, side, turn], look) {
  const [cos, sin] = [Math.cos(turn), Math.abs(Math.sin(turn))];
  const [across, ahead] = [depth / focal, depth ** 2 / (MOUNT * focal)]; // meters of a pixel
  const wide = across * Math.abs(cos) + Math.min(ahead, 2) * sin;
  const long = ahead * Math.abs(cos) + across * sin;
  const near = clip((FAR - depth) / (FAR - NEAR_FAR), 0, 1);
  const turns = s / PERIOD;
  const off = Math.abs(turns - Math.floor(turns) - 0.5) * PERIOD;
  const dash = clip((DASH / 2 - off) / long + 0.5, 0, 1);
  const left = look.left * near * (look.left_solid < 0.5 ? dash : 1);
  const right = look.right * near * (look.right_solid < 0.5 ? dash : 1);
  const fine = clip(1.2 - depth / 25, 0, 1);
  const waves = [Math.sin(1.1 * s) * fine, Math.sin(0.31 * s)];
  const deep = look.shadow * clip(2 - depth / 20, 0, 1);
  const seen = Math.exp(-look.fog * Math.min(depth, HILLS_AWAY));
  for (let j = 0; j < width; j += 1) {
    const d = (-(j + 0.5 - width / 2) / focal * depth - side) * cos;
    const paved = within(d, -PAVED, PAVED, wide) * near;
    const painted = within(d, LINE_FROM, LINE_TO, wide) * left + within(-d, LINE_FROM, LINE_TO, wide) * right;
    const grain = waves[0] * Math.sin(1.3 * d);
    const shade = clip(3 * (waves[1] + Math.sin(0.53 * s + d)) - 2.4, 0, 1);
    const dark = 1 - deep * shade;
    for (let c = 0; c < 3; c += 1) {
      const grass = GRASS[c] + (DRY[c] - GRASS[c]) * look.dry;
      let color = grass * (1 + 0.15 * grain);
      color += (look.asphalt + (BRICK[c] - look.asphalt) * look.brick - color) * paved;
      color += (look.paint - color) * painted;
      color *= dark;
      colors[(c * height + i) * width + j] = HAZE[c] + (color - HAZE[c]) * seen;
    }
  }
}
