/** @file Which storages of a plan may share a buffer. */
import { expect, it } from 'vitest';
import { Pool } from './buffers.ts';
import type { Kernel, Step } from './plan.ts';
import type { Storage } from './values.ts';

let ids = 0;

function storage(size: number, place: Storage['place'] = { kind: 'work' }): Storage {
  return { id: ids++, size, type: 'f32', packed: null, place };
}

function kernel(to: Storage, ...reads: Storage[]): Step {
  const made: Kernel = {
    code: '',
    source: { threads: 1, shared: [], body: [] },
    label: '',
    groups: [1, 1, 1],
    writes: [to],
    reads,
  };
  return { kind: 'kernel', kernel: made };
}

it('gives a buffer to the next storage once its last reader has run', () => {
  const [x, a, b, c] = [storage(100, { kind: 'feed', name: 'x' }), storage(100), storage(100), storage(100)] as const;
  const pool = new Pool();
  const steps = [kernel(a, x), kernel(b, a), kernel(c, b)];
  const { places } = pool.place({ steps, inputs: [{ name: 'x', storage: x }], outputs: [{ name: 'c', storage: c }] });
  // A kernel never writes what it reads, and what is fed needs its buffer from the beginning.
  expect([x, a, b, c].map((each) => places.get(each))).toEqual([0, 1, 0, 1]);
  expect(pool.bytes).toBe(2 * 512);
});

it('keeps for a whole loop what was there before it', () => {
  const [x, a, b, c] = [storage(100), storage(100), storage(100), storage(100)] as const;
  const steps: Step[] = [kernel(x), { kind: 'loop', count: 2, body: [kernel(a, x), kernel(b, a)] }, kernel(c, b)];
  const { places } = new Pool().place({ steps, inputs: [], outputs: [{ name: 'c', storage: c }] });
  // b may not take the place of x, which the next iteration reads.
  expect(new Set([x, a, b].map((each) => places.get(each))).size).toBe(3);
});

it('shares buffers between plans, and leaves variables out', () => {
  const pool = new Pool();
  const variable = storage(1000, { kind: 'variable', name: 'w' });
  const one = storage(50_000);
  pool.place({ steps: [kernel(one, variable)], inputs: [], outputs: [{ name: 'one', storage: one }] });
  const before = pool.bytes;
  const other = storage(40_000);
  pool.place({ steps: [kernel(other, variable)], inputs: [], outputs: [{ name: 'other', storage: other }] });
  expect(pool.bytes).toBe(before);
  // One that is much too large is not taken.
  pool.place({ steps: [kernel(storage(20_000))], inputs: [], outputs: [] });
  expect(pool.bytes).toBeGreaterThan(before);
});
