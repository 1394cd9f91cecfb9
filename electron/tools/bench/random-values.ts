/** @file Random numbers for weights and pictures that mean nothing. */

/** Uniform values in ±`limit`, by Marsaglia's xorshift32. */
export function randomValues(seed: number, count: number, limit: number): Float32Array {
  const values = new Float32Array(count);
  const scale = limit / 2 ** 31;
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  for (let i = 0; i < count; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[i] = state * scale;
  }
  return values;
}
