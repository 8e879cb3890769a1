// Random numbers without a state, the same bits as Python's kbook.data.counter_hash: a hash of counters.

// 32 random bits, as an unsigned number, from one or more counters (whole numbers from 0 to 2**32 - 1).
export function hashed(...counters) {
  let bits = 0;
  for (const counter of counters) bits = mixBits(bits ^ counter);
  return bits >>> 0;
}

// "lowbias32" (C. Wellons, 2018), on a signed or unsigned word.
export function mixBits(bits) {
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return bits ^ (bits >>> 16);
}

// A number from 0 to below 1.
export function uniform(...counters) {
  return hashed(...counters) / 2 ** 32;
}

// The sum of a word's four bytes less 510: nearly normal, with the standard deviation 147.8.
export function normalBytes(bits) {
  return (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + ((bits >>> 24) & 255) - 510;
}
