/** @file Tokens drawn by the kernel of a GPU are those that plain ops draw, with the same numbers. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadRuntime, type Runtime } from '../runtime/backend.ts';
import { createEagerProgram } from '../runtime/eager-program.ts';
import { entryOf, float32 } from '../runtime/program.ts';
import { createWgslProgram } from '../runtime/wgsl/wgsl-program.ts';
import { useSwiftShader } from '../testing/swiftshader.ts';
import { drawTokens, type Sampling } from './logprobs.ts';

const here = useSwiftShader();
let runtime: Runtime;

beforeAll(async () => {
  if (here) runtime = await loadRuntime();
});

const ROWS = 20;

/** Logits of all sizes, with some that must never come: tokens and log-probs, drawn both ways. */
async function drawn(vocabulary: number, sampling: Sampling, greedy = 0) {
  const suppressed = Float32Array.from({ length: vocabulary }, (_, token) => (token % 7 === 3 ? -1e9 : 0));
  // Among very many tokens few are likely: within rounding of an edge between two, either would be right.
  const logits = Float32Array.from({ length: ROWS * vocabulary }, (_, i) => {
    const rare = vocabulary > 3000 && (i % vocabulary) % 4001 !== 8;
    return rare ? -40 : 6 * Math.sin(i * 12.9898 + (i % 13));
  });
  // Two equal likeliest tokens: the first is taken.
  logits.set([9, 9], 4);
  const uniform = Float32Array.from({ length: ROWS }, (_, row) => (row === 1 ? 0.99999994 : row / ROWS));
  const inputs = { logits: float32([ROWS, vocabulary]), uniform: float32([ROWS]), greedy: float32([]) };
  const entry = entryOf(['tokens', 'logprobs'], inputs, (fed) => ({
    outputs: drawTokens(fed.logits, tf.tensor1d(suppressed), fed.uniform, fed.greedy, sampling),
  }));
  const feeds = { logits, uniform, greedy: Float32Array.of(greedy) };
  const spec = { variables: {}, entries: { entry } };
  const program = createWgslProgram(spec, runtime.gpu!);
  const onGpu = await program.call(entry, feeds);
  program.dispose();
  await tf.setBackend('cpu');
  const plain = await createEagerProgram(spec).call(entry, feeds);
  await tf.setBackend('webgpu');
  return { onGpu, plain };
}

describe.skipIf(!here)('a token drawn on a GPU', () => {
  it.each<[number, Sampling, number?]>([
    [50, { temperature: 1, topP: 1 }],
    [700, { temperature: 0.7, topP: 1 }],
    [700, { temperature: 1, topP: 0.8 }],
    [300, { temperature: 2, topP: 1, minP: 0.05 }],
    [2048, { temperature: 1.5, topP: 0.9, minP: 0.01 }],
    [300, { temperature: 1, topP: 0.9 }, 1],
    [66_000, { temperature: 1, topP: 1 }],
  ])('of %d, with %j and greedy %s, is the plain one', async (vocabulary, sampling, greedy) => {
    const { onGpu, plain } = await drawn(vocabulary, sampling, greedy);
    expect(onGpu.tokens).toEqual(plain.tokens);
    expect(onGpu.tokens!.every((token) => token % 7 !== 3)).toBe(true);
    onGpu.logprobs!.forEach((value, row) => expect(value).toBeCloseTo(plain.logprobs![row]!, 4));
  });
});
