/**
 * @file Finds similar pictures among many. The 64 bits of each hash are split into four bands of 16. A lookup tries the
 * picture's own value of each band and the 16 values that differ from it in one bit. Two hashes that differ in at most
 * 7 bits agree in at least one band up to one bit, so the index misses none of them and checks few others.
 */
import { hashDistance, MIN_DETAIL, NEAR_BITS, ones, tonesAgree, type PerceptualHash } from './perceptual-hash.ts';

/** The distance up to which the bands guarantee a match. */
export const MOST_BITS = 7;
const BANDS = 4;
/** The maximum pairs per picture. Otherwise, frames of one film would give endless pairs that nobody reads. */
const MOST_FOUND = 200;

export type HashEntry = PerceptualHash & { sha256: string };
export type Alike<Entry> = { entry: Entry; distance: number };

export type HashIndex<Entry extends HashEntry> = {
  /** False if the picture is too plain for its hash to distinguish it from others. */
  add(entry: Entry): boolean;
  /** Earlier similar pictures with different bytes, nearest first; a few hundred at most. */
  near(entry: HashEntry, maxDistance?: number): Alike<Entry>[];
};

export function createHashIndex<Entry extends HashEntry>(): HashIndex<Entry> {
  const entries: Entry[] = [];
  const high: number[] = [];
  const low: number[] = [];
  const bands = Array.from({ length: BANDS }, () => new Map<number, number[]>());

  return {
    add(entry) {
      if (entry.detail < MIN_DETAIL) return false;
      const words = wordsOf(entry.dhash);
      const index = entries.push(entry) - 1;
      high.push(words[0]);
      low.push(words[1]);
      for (const [band, value] of bandsOf(words).entries()) {
        const bucket = bands[band]!.get(value);
        if (bucket === undefined) bands[band]!.set(value, [index]);
        else bucket.push(index);
      }
      return true;
    },
    near(entry, maxDistance = NEAR_BITS) {
      if (entry.detail < MIN_DETAIL) return [];
      const words = wordsOf(entry.dhash);
      const found = new Map<number, number>();
      search: for (const [band, value] of bandsOf(words).entries()) {
        for (let bit = -1; bit < 16; bit++) {
          if (found.size >= MOST_FOUND) break search;
          for (const index of bands[band]!.get(bit === -1 ? value : value ^ (1 << bit)) ?? []) {
            const distance = ones(high[index]! ^ words[0]) + ones(low[index]! ^ words[1]);
            if (distance <= Math.min(maxDistance, MOST_BITS)) found.set(index, distance);
          }
        }
      }
      return [...found]
        .map(([index, distance]) => ({ entry: entries[index]!, distance }))
        .filter((alike) => alike.entry.sha256 !== entry.sha256 && tonesAgree(alike.entry.tones, entry.tones))
        .sort((a, b) => a.distance - b.distance || (a.entry.sha256 < b.entry.sha256 ? -1 : 1));
    },
  };
}

/** Groups of things that belong together, directly or through others. */
export class Groups {
  readonly #parents = new Map<string, string>();

  root(key: string): string {
    let at = key;
    for (;;) {
      const parent = this.#parents.get(at);
      if (parent === undefined || parent === at) break;
      at = parent;
    }
    // Shorten the paths for later lookups.
    for (let step = key; step !== at;) {
      const next = this.#parents.get(step) ?? at;
      this.#parents.set(step, at);
      step = next;
    }
    return at;
  }

  join(a: string, b: string): void {
    const [first, second] = [this.root(a), this.root(b)];
    if (first !== second) this.#parents.set(first < second ? second : first, first < second ? first : second);
  }
}

/** Distance of two perceptual hashes in bits; null if the pictures are not similar. */
export function alikeDistance(a: HashEntry, b: HashEntry, maxDistance = NEAR_BITS): number | null {
  if (a.detail < MIN_DETAIL || b.detail < MIN_DETAIL) return null;
  const distance = hashDistance(a.dhash, b.dhash);
  return distance <= maxDistance && tonesAgree(a.tones, b.tones) ? distance : null;
}

function wordsOf(dhash: string): [number, number] {
  return [Number.parseInt(dhash.slice(0, 8), 16) | 0, Number.parseInt(dhash.slice(8), 16) | 0];
}

function bandsOf([high, low]: [number, number]): number[] {
  return [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff];
}
