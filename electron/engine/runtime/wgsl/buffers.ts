/**
 * @file Gives the storages of a plan their buffers. Everything about a plan is known before it runs: a storage needs its buffer from
 * the step that first writes it to the step that last reads it, and what is written in a loop and read after it until then.
 */
import type { Kernel, Plan, Step } from './plan.ts';
import { bytesOf, type Storage } from './values.ts';

/** By the number of a buffer in `sizes`. */
export interface Placement {
  places: ReadonlyMap<Storage, number>;
}

/** Bytes of buffers that plans of a program share, because only one of them runs at a time. */
export class Pool {
  readonly sizes: number[] = [];

  /** Bytes of all buffers. */
  get bytes(): number {
    return this.sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Places a plan's own storages; those of variables and constants have buffers already. */
  place(plan: Plan): Placement {
    const lives = livesOf(plan);
    const places = new Map<Storage, number>();
    const free = new Set(this.sizes.keys());
    const starting = group([...lives], ([, { first }]) => first);
    const ending = group([...lives], ([, { last }]) => last);
    const positions = [...new Set([...starting.keys(), ...ending.keys()])].sort((a, b) => a - b);
    for (const position of positions) {
      // The largest first, so that they find the largest buffers.
      const begun = (starting.get(position) ?? []).map(([storage]) => storage);
      for (const storage of begun.sort((a, b) => bytesOf(b) - bytesOf(a)))
        places.set(storage, this.take(bytesOf(storage), free));
      // Only now: a kernel cannot write where it reads.
      for (const [storage] of ending.get(position) ?? []) free.add(places.get(storage) ?? 0);
    }
    return { places };
  }

  /** A free buffer that is not much too large, or a new one. */
  private take(bytes: number, free: Set<number>): number {
    let best = -1;
    for (const at of free) {
      const size = this.sizes[at] ?? 0;
      const fits = size >= bytes && (size <= SMALL || size <= bytes * MOST_WASTE);
      if (fits && (best < 0 || size < (this.sizes[best] ?? 0))) best = at;
    }
    if (best < 0) best = this.sizes.push(Math.ceil(bytes / ALIGNED) * ALIGNED) - 1;
    free.delete(best);
    return best;
  }
}

/** Buffers are multiples of so many bytes. */
const ALIGNED = 256;
/** A buffer that is larger than what it holds, but no larger than this, does not matter. */
const SMALL = 64 * 1024;
const MOST_WASTE = 1.5;

interface Life {
  first: number;
  last: number;
}

function livesOf({ steps, inputs, outputs }: Plan): Map<Storage, Life> {
  const lives = new Map<Storage, Life>();
  let position = 0;
  const touch = (storage: Storage, at: number): void => {
    if (storage.place.kind === 'variable' || storage.place.kind === 'constant') return;
    const life = lives.get(storage);
    if (life === undefined) lives.set(storage, { first: at, last: at });
    else life.last = Math.max(life.last, at);
  };
  // Fed before anything runs.
  for (const { storage } of inputs) touch(storage, position);
  const walk = (all: readonly Step[]): Set<Storage> => {
    const touched = new Set<Storage>();
    for (const step of all) {
      position += 1;
      if (step.kind === 'loop') {
        const begin = position;
        const inside = walk(step.body);
        position += 1;
        for (const storage of inside) {
          touched.add(storage);
          // What was there before the loop is read in every iteration, and so is what one leaves for the next.
          if ((lives.get(storage)?.first ?? begin) < begin) touch(storage, position);
        }
      } else
        for (const storage of storagesOf(step)) {
          touch(storage, position);
          touched.add(storage);
        }
    }
    return touched;
  };
  walk(steps);
  for (const { storage } of outputs) touch(storage, position + 1);
  return lives;
}

export function storagesOf(step: Exclude<Step, { kind: 'loop' }>): Storage[] {
  switch (step.kind) {
    case 'kernel':
      return bindingsOf(step.kernel);
    case 'copy':
      return [step.from, step.to];
    case 'clear':
      return [step.storage];
  }
}

/** In the order in which they are bound. */
export function bindingsOf({ writes, reads }: Kernel): Storage[] {
  return [...writes, ...reads];
}

function group<T>(all: readonly T[], key: (each: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const each of all) {
    const known = groups.get(key(each));
    if (known === undefined) groups.set(key(each), [each]);
    else known.push(each);
  }
  return groups;
}
