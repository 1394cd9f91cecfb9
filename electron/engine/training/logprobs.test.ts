/** @file Drawing tokens against transformers' probabilities, and scores from hidden states in chunks against the plain way. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadRuntime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import type { Entry, FeedData } from '../runtime/program.ts';
import { farthest, goldenTensors } from '../testing/tiny.ts';
import { drawTokens, scoreTokens, type Sampling } from './logprobs.ts';
import { uniform } from './random.ts';

beforeAll(async () => {
  await loadRuntime();
});

async function once(entry: Entry, feeds: Record<string, FeedData>): Promise<Record<string, ArrayLike<number>>> {
  const program = await createProgram(await loadRuntime(), { variables: {}, entries: { run: entry } });
  const result = await program.call(entry, feeds);
  program.dispose();
  return result as Record<string, ArrayLike<number>>;
}

describe('drawTokens', () => {
  const DRAWS = 2000;

  /** How often each token comes when the uniform numbers are spread evenly: its probability, to one part in DRAWS. */
  async function shares(logits: Float32Array, sampling: Sampling, greedy = 0): Promise<number[]> {
    const vocabulary = logits.length;
    const entry: Entry = {
      inputs: { logits: { shape: [1, vocabulary], dtype: 'float32' }, uniform: { shape: [DRAWS], dtype: 'float32' } },
      run: (inputs) => ({
        outputs: drawTokens(
          tf.tile(inputs['logits'] as tf.Tensor2D, [DRAWS, 1]),
          tf.zeros([vocabulary]),
          inputs['uniform'] as tf.Tensor,
          tf.scalar(greedy),
          sampling,
        ),
      }),
    };
    const spread = Float32Array.from({ length: DRAWS }, (_, i) => (i + 0.5) / DRAWS);
    const { tokens } = await once(entry, { logits, uniform: spread });
    const counts = new Array<number>(vocabulary).fill(0);
    for (const token of Array.from(tokens ?? [])) counts[token] = (counts[token] ?? 0) + 1;
    return counts.map((count) => count / DRAWS);
  }

  it.each<[string, Sampling]>([
    ['temperature_0.7', { temperature: 0.7, topP: 1 }],
    ['top_p_0.8', { temperature: 1, topP: 0.8 }],
    ['min_p_0.05', { temperature: 1, topP: 1, minP: 0.05 }],
  ])('draws with the probabilities of transformers: %s', async (name, sampling) => {
    const golden = await goldenTensors('sampling.safetensors');
    const expected = golden[`${name}.probs`] as Float32Array;
    const found = await shares(golden['logits'] as Float32Array, sampling);
    expect(farthest(found, expected)).toBeLessThan(1.5 / DRAWS);
    // What must not be drawn is never drawn.
    expected.forEach((probability, token) => {
      if (probability === 0) expect(found[token]).toBe(0);
    });
  });

  it('applies min-p after temperature, and together with top-p', async () => {
    const logits = Float32Array.from([4, 3, 2, 1, 0], (value) => 2 * value);
    // At temperature 2 the ratios are e⁻¹, e⁻², …: 0.2 keeps the first two.
    expect((await shares(logits, { temperature: 2, topP: 1, minP: 0.2 })).map((share) => share > 0)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    const both = await shares(logits, { temperature: 2, topP: 0.5, minP: 0.2 });
    expect(both).toEqual([1, 0, 0, 0, 0]);
  });

  it('takes the likeliest token if it is asked to, whatever the limits', async () => {
    const found = await shares(Float32Array.of(0, 2, 1), { temperature: 1, topP: 0.9, minP: 0.3 }, 1);
    expect(found).toEqual([0, 1, 0]);
  });
});

describe('scoreTokens', () => {
  const [n, d, v] = [23, 8, 50];
  const numbers = (count: number, stream: number): Float32Array =>
    Float32Array.from({ length: count }, (_, i) => 2 * uniform(3, stream, 1, i) - 1);
  const feeds = {
    hidden: numbers(n * d, 1),
    table: numbers(v * d, 2),
    dy: numbers(n, 3),
    ids: Int32Array.from({ length: n }, (_, i) => Math.floor(uniform(3, 4, 1, i) * v)),
  };
  const inputs = {
    hidden: { shape: [n, d], dtype: 'float32' as const },
    table: { shape: [v, d], dtype: 'float32' as const },
    dy: { shape: [n], dtype: 'float32' as const },
    ids: { shape: [n], dtype: 'int32' as const },
  };

  /** Values and the gradients of Σ dy · logprob. */
  function entryOf(trainTable: boolean, score: (h: tf.Tensor, t: tf.Tensor, ids: tf.Tensor) => tf.Tensor[]): Entry {
    return {
      inputs,
      run: (given) => {
        const { hidden, table, dy, ids } = given as Record<string, tf.Tensor> as Record<keyof typeof inputs, tf.Tensor>;
        const kept: tf.Tensor[] = [];
        const f = (...[h, t]: tf.Tensor[]): tf.Scalar => {
          const [logprobs, entropies] = score(h as tf.Tensor, t ?? table, ids);
          kept.push(tf.keep(tf.clone(logprobs as tf.Tensor)), tf.keep(tf.clone(entropies as tf.Tensor)));
          return tf.sum(tf.mul(logprobs as tf.Tensor, dy));
        };
        const { grads } = tf.valueAndGrads(f)(trainTable ? [hidden, table] : [hidden]);
        const [dHidden, dTable] = grads;
        return {
          outputs: {
            logprobs: kept[0] as tf.Tensor,
            entropies: kept[1] as tf.Tensor,
            dHidden: dHidden as tf.Tensor,
            ...(dTable === undefined ? {} : { dTable }),
          },
        };
      },
    };
  }

  const plain = entryOf(true, (hidden, table, ids) => {
    const logits = tf.matMul(hidden as tf.Tensor2D, table as tf.Tensor2D, false, true);
    const logSoftmax = tf.logSoftmax(tf.div(logits, 0.7));
    const chosen = tf.oneHot(ids as tf.Tensor1D, v);
    return [tf.sum(tf.mul(logSoftmax, chosen), -1), tf.neg(tf.sum(tf.mul(tf.exp(logSoftmax), logSoftmax), -1))];
  });

  it.each([
    ['at once', {}],
    ['in chunks of 5 rows, the last one smaller', { chunkLogits: 5 * v }],
    ['row by row', { chunkLogits: 1 }],
  ])('gives the values and gradients of the plain way %s', async (_, chunking) => {
    const expected = await once(plain, feeds);
    for (const trainTable of [true, false]) {
      const options = { temperature: 0.7, trainTable, ...chunking };
      const found = await once(
        entryOf(trainTable, (hidden, table, ids) => {
          const { logprobs, entropies } = scoreTokens(hidden, table, ids, options);
          return [logprobs, entropies];
        }),
        feeds,
      );
      const keys = ['logprobs', 'entropies', 'dHidden', ...(trainTable ? ['dTable'] : [])];
      for (const key of keys) expect(farthest(found[key], expected[key] ?? []), key).toBeLessThan(2e-6);
      expect('dTable' in found).toBe(trainTable);
    }
  });

  it('never makes a tensor of all rows times the vocabulary when it works in chunks', async () => {
    const sizes: number[] = [];
    const entry = entryOf(true, (hidden, table, ids) => {
      const { logprobs, entropies } = scoreTokens(hidden, table, ids, {
        temperature: 1,
        trainTable: true,
        chunkLogits: 4 * v,
      });
      return [logprobs, entropies];
    });
    const makes = tf.engine().runKernel.bind(tf.engine());
    tf.engine().runKernel = ((name, given, attributes) => {
      const result = makes(name, given, attributes);
      for (const tensor of Array.isArray(result) ? result : [result]) sizes.push((tensor as tf.Tensor).size);
      return result;
    }) as typeof makes;
    try {
      await once(entry, feeds);
    } finally {
      tf.engine().runKernel = makes;
    }
    expect(sizes.length).toBeGreaterThan(50);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(Math.max(v * d, 4 * v));
  });
});
