/**
 * @file Counter-based random numbers: the same (seed, index, stream) always gives the same draws, regardless of earlier
 * draws for other indices. Quality is that of a 32-bit mixing function: fine for pictures, not for secrets.
 */

/** A private sequence of draws. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in [low, high). */
  range(low: number, high: number): number;
  /** Uniform whole number, both ends included. */
  int(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** A new array in random order. */
  shuffle<T>(items: readonly T[]): T[];
  /** Index drawn in proportion to the weights. */
  weighted(weights: readonly number[]): number;
}

/** Mixes 32 bits well (the finaliser of MurmurHash3). */
function mix32(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix32(h);
}

/**
 * Opens the sequence of draws number `index` of a named stream.
 * @param seed whole number, the run's seed
 * @param index which item of the stream (an example's number)
 * @param stream name that keeps uses apart (`pretrain`, `dataset/counting/test`, …)
 */
export function createRandom(seed: number, index: number, stream: string): Random {
  const a = mix32(mix32(seed) ^ hashText(stream));
  const b = mix32(a + Math.imul(index | 0, 0x9e3779b1)) ^ mix32(Math.floor(index / 0x100000000) + 0x51ed270b);
  let counter = 0;
  const next = (): number => {
    counter += 1;
    const high = mix32(mix32(b + Math.imul(counter, 0x9e3779b9)) ^ a);
    return high / 0x100000000;
  };
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    range: (low, high) => low + next() * (high - low),
    int,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[int(0, items.length - 1)];
      if (item === undefined && items.length === 0) throw new RangeError('pick from an empty list');
      return item as (typeof items)[number];
    },
    shuffle: (items) => {
      const out = [...items];
      for (let i = out.length - 1; i > 0; i--) {
        const j = int(0, i);
        [out[i], out[j]] = [out[j] as (typeof out)[number], out[i] as (typeof out)[number]];
      }
      return out;
    },
    weighted: (weights) => {
      const total = weights.reduce((sum, w) => sum + w, 0);
      let left = next() * total;
      for (let i = 0; i < weights.length; i++) {
        left -= weights[i] ?? 0;
        if (left < 0) return i;
      }
      return weights.length - 1;
    },
  };
}
