/** @file The gated delta rule in chunks gives what it gives token by token, forward and backward, compiled and op by op. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { loadRuntime, type Runtime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import { entryOf, float32, type FeedsOf } from '../runtime/program.ts';
import { briefly, farthest, largest } from '../testing/tiny.ts';
import { chunkLength, deltaRule, deltaStep, type DeltaInputs } from './delta-rule.ts';

const runtime = await loadRuntime();
const NAMES = ['q', 'k', 'v', 'g', 'beta', 'state'] as const;
const SEQUENCES = 2;

type Rule = (inputs: DeltaInputs) => { out: Tensor; state: Tensor };

const tokenByToken: Rule = ({ q, k, v, g, beta, state }) => {
  const [chunks = 0, , length = 0] = v.shape;
  const outs: Tensor[] = [];
  let current = state;
  for (let chunk = 0; chunk < chunks; chunk++)
    for (let place = 0; place < length; place++) {
      const row = (x: Tensor): Tensor =>
        tf.reshape(tf.slice(x, [chunk, 0, place, 0], [1, -1, 1, -1]), [SEQUENCES, 1, -1]);
      const one = (x: Tensor): Tensor => row(tf.expandDims(x, 3));
      current = deltaStep({ k: row(k), v: row(v), g: one(g), beta: one(beta), state: current });
      outs.push(tf.matMul(row(q), current));
    }
  const together = tf.reshape(tf.concat(outs, 1), [SEQUENCES, chunks, length, -1]);
  return { out: tf.transpose(together, [1, 0, 2, 3]), state: current };
};

async function resultsOf(rule: Rule, chunks: number, length: number, alike: number, on: Runtime) {
  const inputs = {
    q: float32([chunks, SEQUENCES, length, 4]),
    k: float32([chunks, SEQUENCES, length, 4]),
    v: float32([chunks, SEQUENCES, length, 6]),
    g: float32([chunks, SEQUENCES, length]),
    beta: float32([chunks, SEQUENCES, length]),
    state: float32([SEQUENCES, 4, 6]),
  };
  const wave = (name: keyof typeof inputs, seed: number): Float32Array =>
    Float32Array.from({ length: inputs[name].shape.reduce((a, b) => a * b, 1) }, (_, i) =>
      Math.sin(i * 12.9898 + seed),
    );
  const feeds = Object.fromEntries(NAMES.map((name, seed) => [name, wave(name, seed)])) as FeedsOf<typeof inputs>;
  // Keys of length 1, more or less alike; decays and shares as a model has them.
  feeds.k = feeds.k.map((value) => (1 - alike) * value * 0.5 + alike / 2);
  feeds.g = feeds.g.map((value) => -(1 - alike) * (1.1 + value));
  feeds.beta = feeds.beta.map((value) => 0.5 + 0.49 * (alike + (1 - alike) * value));
  const entry = entryOf(['out', 'last', ...NAMES] as string[], inputs, (given) => {
    const run = (...parts: Tensor[]): Tensor => {
      const { out, state } = rule(
        Object.fromEntries(NAMES.map((name, index) => [name, parts[index]])) as unknown as DeltaInputs,
      );
      return tf.add(tf.sum(tf.mul(out, tf.tanh(out))), tf.sum(tf.square(state)));
    };
    const { out, state } = rule(given);
    const grads = tf.grads(run)(NAMES.map((name) => given[name]));
    return { outputs: { out, last: state, ...Object.fromEntries(NAMES.map((name, i) => [name, grads[i]])) } };
  });
  const program = await createProgram(on, { variables: {}, entries: { entry } });
  const outputs = await program.call(entry, feeds);
  program.dispose();
  return outputs as Record<string, Float32Array>;
}

const { gpu } = runtime;
/** The same functions op by op. */
const plain: Runtime = {
  ...runtime,
  native: null,
  gpu: gpu === null ? null : { ...gpu, programs: { ...gpu.programs, kind: 'op-by-op' } },
};

it.each(
  briefly([
    ['several chunks', 3, 4, 0],
    ['keys that are all alike, which take everything and forget nothing', 1, 16, 1],
  ] as const),
)('%s have the values and gradients of one token after another', async (_, chunks, length, alike) => {
  const expected = await resultsOf(tokenByToken, chunks, length, alike, gpu === null ? runtime : plain);
  for (const on of briefly([runtime, plain])) {
    const found = await resultsOf(deltaRule, chunks, length, alike, on);
    for (const [name, values] of Object.entries(expected))
      expect(farthest(found[name], values) / largest(values), name).toBeLessThan(1e-5);
  }
  expect(gpu?.programs.notCompiled ?? null).toBeNull();
});

it('divides short sequences into one chunk, a power of two', () => {
  expect([1, 3, 20, 1000].map(chunkLength)).toEqual([1, 4, 32, 32]);
});
