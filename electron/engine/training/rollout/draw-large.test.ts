/** @file Drawing from a vocabulary of Qwen's size, where running sums are taken over blocks: the same tokens as the plain way. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadRuntime } from '../../runtime/backend.ts';
import { createProgram } from '../../runtime/create-program.ts';
import { entryOf, float32 } from '../../runtime/program.ts';
import { drawTokens } from '../logprobs.ts';

beforeAll(async () => {
  await loadRuntime();
});

const VOCABULARY = 151_936;
const ROWS = 6;

/** The first token whose running sum exceeds uniform · total, in double precision. */
function plainDraw(
  logits: Float32Array,
  forbidden: ReadonlySet<number>,
  uniform: number,
): { token: number; edge: number } {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const weights = Array.from(logits, (value, token) => (forbidden.has(token) ? 0 : Math.exp(value - largest)));
  const threshold = uniform * weights.reduce((a, b) => a + b, 0);
  let sum = 0;
  for (let token = 0; token < weights.length; token++) {
    const next = sum + (weights[token] ?? 0);
    if (next > threshold) return { token, edge: Math.min(threshold - sum, next - threshold) / (weights[token] ?? 1) };
    sum = next;
  }
  throw new Error('No token was drawn.');
}

describe('drawing from a large vocabulary', () => {
  it('takes the token that the plain way takes, never a forbidden one, and gives its log-probability', async () => {
    const forbidden = new Set([5, 77_000, VOCABULARY - 1]);
    const suppressed = new Float32Array(VOCABULARY);
    for (const token of forbidden) suppressed[token] = -1e9;
    // A few likely tokens above a floor, so that most draws are far from the edge between two tokens.
    const logits = Float32Array.from({ length: ROWS * VOCABULARY }, (_, i) => {
      const token = i % VOCABULARY;
      return forbidden.has(token) ? 12 : token % 12_345 === 7 ? 9 + Math.sin(token) : Math.sin(i * 12.9898);
    });
    const uniform = Float32Array.of(0, 0.1, 0.37, 0.62, 0.88, 0.999999);
    const inputs = { logits: float32([ROWS, VOCABULARY]), uniform: float32([ROWS]) };
    const draw = entryOf(['tokens', 'logprobs'], inputs, (fed) => ({
      outputs: drawTokens(fed.logits, tf.tensor1d(suppressed), fed.uniform, tf.scalar(0), { temperature: 1, topP: 1 }),
    }));
    const program = await createProgram(await loadRuntime(), { variables: {}, entries: { draw } });
    const drawn = await program.call(draw, { logits, uniform });
    program.dispose();
    for (let row = 0; row < ROWS; row++) {
      const own = logits.subarray(row * VOCABULARY, (row + 1) * VOCABULARY);
      const token = drawn.tokens?.[row] ?? -1;
      expect(forbidden.has(token)).toBe(false);
      const plain = plainDraw(own, forbidden, uniform[row] ?? 0);
      // Within rounding of an edge either neighbour is right.
      if (plain.edge > 1e-2) expect(token, `row ${String(row)}`).toBe(plain.token);
      const largest = own.reduce((a, b) => Math.max(a, b));
      const logSum = largest + Math.log(own.reduce((sum, value) => sum + Math.exp(value - largest), 0));
      expect(drawn.logprobs?.[row]).toBeCloseTo((own[token] ?? NaN) - logSum, 3);
    }
  });
});
