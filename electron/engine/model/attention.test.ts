/** @file Attention in blocks gives what attention at once gives, forward and backward, compiled and op by op. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadRuntime, type Runtime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import { entryOf, float32, floats, type Entry, type FeedsOf } from '../runtime/program.ts';
import { farthest } from '../testing/tiny.ts';
import { attendInBlocks, MASKED, partEnds } from './attention.ts';
import type { KeySet } from './fused-attention.ts';

const runtime = await loadRuntime();
const GROUPS = 4;
const QUERIES = 10;
const DIM = 8;
const SHARED = 7;
const SCALE = DIM ** -0.5;

const numbers = (shape: readonly number[], seed: number): Float32Array =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 12.9898 + seed));

const inputs = {
  queries: float32([GROUPS, QUERIES, DIM]),
  // Two groups of queries share a set of keys, and all sets share a mask.
  keys: float32([2, SHARED, DIM]),
  values: float32([2, SHARED, DIM]),
  mask: float32([1, SHARED]),
  ownKeys: float32([GROUPS, 5, DIM]),
  ownValues: float32([GROUPS, 5, DIM]),
  towards: float32([GROUPS, QUERIES, DIM]),
};
type Inputs = typeof inputs;
const GRADIENTS = ['queries', 'keys', 'values', 'ownKeys', 'ownValues'] as const;
const feeds = Object.fromEntries(
  Object.entries(inputs).map(([name, { shape }], seed) => [name, numbers(shape, seed)]),
) as FeedsOf<Inputs>;
feeds.mask.set([MASKED, 0, 0, 0, 0, 0, MASKED]);

type Attention = (queries: Tensor, sets: readonly KeySet[], scale: number) => Tensor;

/** The formula with whole scores. Queries stand at place r mod 5 among their own keys. */
const atOnce: Attention = (queries, [shared, own], scale) => {
  if (shared?.mask === undefined || own === undefined) throw new Error('There are two sets of keys.');
  const spread = (x: Tensor): Tensor => tf.reshape(tf.tile(tf.expandDims(x, 1), [1, 2, 1, 1]), [GROUPS, SHARED, DIM]);
  const causal = tf.tensor2d(
    Array.from({ length: QUERIES }, (_, row) =>
      Array.from({ length: 5 }, (_, place) => (place > row % 5 ? MASKED : 0)),
    ),
  );
  const toShared = tf.add(tf.mul(tf.matMul(queries, spread(shared.keys), false, true), scale), shared.mask);
  const toOwn = tf.add(tf.mul(tf.matMul(queries, own.keys, false, true), scale), causal);
  const weights = tf.softmax(tf.concat([toShared, toOwn], -1));
  const [first, second] = tf.split(weights, [SHARED, 5], -1) as [Tensor, Tensor];
  return tf.add(tf.matMul(first, spread(shared.values)), tf.matMul(second, own.values));
};

function entryWith(attention: Attention): Entry<Inputs> {
  return entryOf(['value', ...GRADIENTS] as string[], inputs, (given) => {
    const run = (...parts: Tensor[]): Tensor => {
      const [queries, keys, values, ownKeys, ownValues] = parts as [Tensor, Tensor, Tensor, Tensor, Tensor];
      const sets = [
        { keys, values, mask: given.mask },
        { keys: ownKeys, values: ownValues, causal: { first: 0, places: 5 } },
      ];
      return attention(queries, sets, SCALE);
    };
    const parameters = GRADIENTS.map((name) => given[name]);
    const grads = tf.grads(run)(parameters, given.towards);
    return {
      outputs: { value: run(...parameters), ...Object.fromEntries(GRADIENTS.map((name, i) => [name, grads[i]])) },
    };
  });
}

async function resultsOf(attention: Attention, on: Runtime): Promise<Record<string, ArrayLike<number>>> {
  const entry = entryWith(attention);
  const program = await createProgram(on, { variables: {}, entries: { entry } });
  const outputs = await program.call(entry, feeds);
  program.dispose();
  return outputs as Record<string, ArrayLike<number>>;
}

describe('attention in blocks', () => {
  // One row a block, blocks that do not divide the queries, and one block for all.
  it.each([1, 36, 60, 1000])('of %i scores has the values and gradients of attention at once', async (most) => {
    const expected = await resultsOf(atOnce, runtime);
    const blocks: Attention = (queries, sets, scale) => attendInBlocks(queries, sets, scale, most);
    for (const on of [runtime, { ...runtime, native: null }]) {
      const found = await resultsOf(blocks, on);
      expect(Object.keys(found)).toEqual(Object.keys(expected));
      for (const [name, values] of Object.entries(expected))
        expect(farthest(found[name], values), name).toBeLessThan(2e-6);
    }
  });
});

describe('the parts of a prompt', () => {
  it.each([
    [2, [2]],
    [4000, [4000]],
    [4096, [2048, 4096]],
    [6323, [2108, 4216, 6323]],
    [15_596, [3899, 7798, 11_697, 15_596]],
    [62_001, [15_501, 31_001, 46_501, 62_001]],
  ])('of %i tokens end at %j', (length, ends) => {
    expect(partEnds(length)).toEqual(ends);
  });

  it('attend to what precedes their end, and give what the whole prompt gives', async () => {
    const [heads, length, places] = [2, 9, [0, 1, 2, 3, 4, 5, 6, 7, 8]];
    const spec = float32([heads, length, DIM]);
    const entry = entryOf(['parts', 'whole'], { q: spec, k: spec, v: spec }, ({ q, k, v }) => {
      const later = places.map((own) => places.map((place) => (place > own ? MASKED : 0)));
      const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), SCALE), tf.tensor2d(later));
      const ends = partEnds(length, 36);
      expect(ends).toEqual([3, 6, 9]);
      const parts = ends.map((end, part) => {
        const first = ends[part - 1] ?? 0;
        const rows = (x: Tensor, from: number, to: number): Tensor => tf.slice(x, [0, from, 0], [-1, to - from, -1]);
        const causal = { first, places: end - first };
        const set = { keys: rows(k, 0, end), values: rows(v, 0, end), causal };
        return attendInBlocks(rows(q, first, end), [set], SCALE, 18);
      });
      return { outputs: { parts: tf.concat(parts, 1), whole: tf.matMul(tf.softmax(scores), v) } };
    });
    const program = await createProgram(runtime, { variables: {}, entries: { entry } });
    const [q, k, v] = [1, 2, 3].map((seed) => numbers(spec.shape, seed)) as [Float32Array, Float32Array, Float32Array];
    const outputs = await program.call(entry, { q, k, v });
    program.dispose();
    expect(farthest(floats(outputs, 'parts'), floats(outputs, 'whole'))).toBeLessThan(2e-6);
  });
});
