/**
 * @file Counter-based random numbers: a number depends only on (seed, stream, step, index), so a resumed run draws
 * what the uninterrupted run would have drawn. Mixing follows MurmurHash3's 32-bit finaliser, twice per word.
 */

/** Independent uses of one seed. */
export const STREAM = { order: 1, sampling: 2, adapter: 3, weights: 4 } as const;

function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A 32-bit word for the counter. */
function word(seed: number, stream: number, step: number, index: number, half: number): number {
  let h = mix(seed ^ Math.imul(stream, 0x9e3779b1));
  h = mix(h ^ Math.imul(step + 0x7f4a7c15, 0x85ebca77));
  h = mix(h ^ Math.imul(index + 0x165667b1, 0xc2b2ae3d));
  return mix(h ^ Math.imul(half + 1, 0x27d4eb2f));
}

/** Uniform in [0, 1), 53 bits. */
export function uniform(seed: number, stream: number, step: number, index: number): number {
  const high = word(seed, stream, step, index, 0) >>> 5;
  const low = word(seed, stream, step, index, 1) >>> 6;
  return (high * 67108864 + low) / 9007199254740992;
}

/** Positions reserved for one row: rows of a batch never share a random number as long as no answer is longer. */
const POSITIONS_PER_ROW = 8192;

/**
 * The number that draws the token at `position` of a row.
 * @param batch which batch: the training step, or the sample's place in the job plus one
 */
export function samplingUniform(seed: number, batch: number, row: number, position: number): number {
  return uniform(seed, STREAM.sampling, batch, row * POSITIONS_PER_ROW + position);
}

/** Standard normal (Box–Muller). */
export function normal(seed: number, stream: number, step: number, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(seed, stream, step, 2 * index)));
  return radius * Math.cos(2 * Math.PI * uniform(seed, stream, step, 2 * index + 1));
}

/** A permutation of 0..n-1 for the given epoch (Fisher–Yates). */
export function permutation(n: number, seed: number, epoch: number, stream: number = STREAM.order): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(uniform(seed, stream, epoch, i) * (i + 1));
    const a = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = a;
  }
  return order;
}

/** Indices of the samples of a step: epochs of fresh permutations, laid end to end. */
export function samplesOfStep(step: number, perStep: number, n: number, seed: number): number[] {
  const first = (step - 1) * perStep;
  const chosen: number[] = [];
  let epoch = -1;
  let order: number[] = [];
  for (let i = first; i < first + perStep; i++) {
    if (Math.floor(i / n) !== epoch) {
      epoch = Math.floor(i / n);
      order = permutation(n, seed, epoch);
    }
    chosen.push(order[i % n] ?? 0);
  }
  return chosen;
}
