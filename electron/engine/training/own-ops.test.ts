/** @file Scores and draws by our own ops against sums in float64, and against the graphs that they replace. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { bfloat16ToFloat32, narrowToBfloat16 } from '../../formats/float-bits.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { createProgram } from '../runtime/create-program.ts';
import { registerOwnOps } from '../runtime/own-ops.ts';
import { float32, type Entry } from '../runtime/program.ts';
import { drawTokens, scoreTokens } from './logprobs.ts';

const runtime = await loadRuntime();
const { native } = runtime;
const scoring = native?.scoring === true;
const TEMPERATURE = 0.5;

/** `count` numbers that bfloat16 holds. */
function numbers(count: number, scale: number, seed: number): { words: Uint16Array; values: Float32Array } {
  const words = new Uint16Array(count);
  narrowToBfloat16(
    Float32Array.from({ length: count }, (_, i) => scale * Math.sin((i + 1) * seed)),
    words,
  );
  return { words, values: Float32Array.from(words, bfloat16ToFloat32) };
}

interface Case {
  rows: number;
  vocabulary: number;
  width: number;
}

const tableOf = ({ vocabulary, width }: Case): ReturnType<typeof numbers> => numbers(vocabulary * width, 0.3, 1.7);
const hiddenOf = ({ rows, width }: Case): Float32Array => numbers(rows * width, 1, 0.9).values;
const idsOf = ({ rows, vocabulary }: Case): Int32Array =>
  Int32Array.from({ length: rows }, (_, i) => (i * 37) % vocabulary);

/** Scores, and the gradient of their sum weighted by 1, 2, 3 … */
async function scored(
  one: Case,
  { hidden = hiddenOf(one), ids = idsOf(one), words = tableOf(one).words, gradient = true } = {},
): Promise<Record<string, Float32Array>> {
  const rows = ids.length;
  const { vocabulary, width } = one;
  const entry = {
    inputs: { hidden: float32([rows, width]), ids: { shape: [rows], dtype: 'int32' as const } },
    run: (given: Record<string, Tensor>, variables: Record<string, Tensor>) => {
      const kept: Tensor[] = [];
      const loss = (h: Tensor): tf.Scalar => {
        const options = { temperature: TEMPERATURE, trainTable: false };
        const { logprobs, entropies } = scoreTokens(h, variables['table']!, given['ids']!, options);
        kept.push(tf.keep(tf.clone(logprobs)), tf.keep(tf.clone(entropies)));
        return tf.sum(tf.mul(logprobs, tf.range(1, rows + 1)));
      };
      if (!gradient) {
        loss(given['hidden']!);
        return { outputs: { logprobs: kept[0]!, entropies: kept[1]! } };
      }
      const { grad } = tf.valueAndGrad(loss)(given['hidden']!);
      return { outputs: { logprobs: kept[0]!, entropies: kept[1]!, gradient: grad } };
    },
  } as unknown as Entry;
  const program = await createProgram(runtime, {
    variables: { table: { role: 'weight', shape: [vocabulary, width], dtype: 'bfloat16' } },
    entries: { entry },
  });
  program.set({ table: new Uint8Array(words.buffer) });
  try {
    return (await program.call(entry, { hidden, ids })) as Record<string, Float32Array>;
  } finally {
    program.dispose();
  }
}

/** The same in float64. */
function expected(one: Case): Record<string, Float32Array> {
  const { rows, vocabulary, width } = one;
  const [table, hidden, ids] = [tableOf(one).values, hiddenOf(one), idsOf(one)];
  const [logprobs, entropies, gradient] = [
    new Float32Array(rows),
    new Float32Array(rows),
    new Float32Array(rows * width),
  ];
  for (let row = 0; row < rows; row++) {
    const z = Float64Array.from({ length: vocabulary }, (_, token) => {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += hidden[row * width + i]! * table[token * width + i]!;
      return sum / TEMPERATURE;
    });
    const largest = z.reduce((most, value) => Math.max(most, value), -Infinity);
    const total = z.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    const logSum = largest + Math.log(total);
    logprobs[row] = z[ids[row]!]! - logSum;
    entropies[row] = logSum - z.reduce((sum, value) => sum + Math.exp(value - logSum) * value, 0);
    for (let i = 0; i < width; i++) {
      let mean = 0;
      for (let token = 0; token < vocabulary; token++) mean += Math.exp(z[token]! - logSum) * table[token * width + i]!;
      gradient[row * width + i] = ((row + 1) * (table[ids[row]! * width + i]! - mean)) / TEMPERATURE;
    }
  }
  return { logprobs, entropies, gradient };
}

function farthest(found: Float32Array | undefined, wanted: Float32Array | undefined): number {
  expect(found?.length).toBe(wanted?.length);
  return found!.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted![i]!)), 0);
}

afterEach(() => {
  if (!scoring) return;
  native.scoring = true;
  registerOwnOps(1);
});

describe.skipIf(!scoring)('scores by our own op', () => {
  const cases: Case[] = [
    { rows: 1, vocabulary: 5, width: 31 },
    { rows: 7, vocabulary: 96, width: 64 },
    { rows: 23, vocabulary: 1001, width: 203 },
    { rows: 205, vocabulary: 305, width: 96 },
  ];

  it.each(cases)('are what float64 gives: $rows rows, $vocabulary tokens, $width wide', async (one) => {
    registerOwnOps(2);
    const wanted = expected(one);
    const found = await scored(one);
    expect(farthest(found['logprobs'], wanted['logprobs'])).toBeLessThan(1e-4);
    expect(farthest(found['entropies'], wanted['entropies'])).toBeLessThan(1e-4);
    // Weights are rounded to bfloat16, by up to 2^-9 of each.
    const size = wanted['gradient']!.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(farthest(found['gradient'], wanted['gradient'])).toBeLessThan(size * 4e-3);
    native!.scoring = false;
    const before = await scored(one);
    expect(farthest(found['logprobs'], before['logprobs'])).toBeLessThan(1e-4);
    expect(farthest(found['gradient'], before['gradient'])).toBeLessThan(size * 8e-3);
  });

  it('of a row are the same beside other rows, on more threads, and without a gradient', async () => {
    const one = { rows: 61, vocabulary: 1001, width: 2048 };
    const together = await scored(one);
    registerOwnOps(3);
    expect(await scored(one)).toEqual(together);
    const { logprobs, entropies } = await scored(one, { gradient: false });
    expect({ logprobs, entropies }).toEqual({ logprobs: together['logprobs'], entropies: together['entropies'] });
    const last = { hidden: hiddenOf(one).slice(60 * one.width), ids: idsOf(one).slice(60) };
    const alone = await scored(one, { ...last, gradient: false });
    expect(alone['logprobs']).toEqual(together['logprobs']!.slice(60));
  });

  it('keep what is not a number to its own row', async () => {
    const one = { rows: 9, vocabulary: 301, width: 96 };
    const hidden = hiddenOf(one);
    hidden[4 * one.width + 3] = Number.NaN;
    const { logprobs } = await scored(one, { hidden });
    expect([...logprobs!.keys()].filter((row) => Number.isNaN(logprobs![row]))).toEqual([4]);
  });

  it.each([true, false])('of no rows are none (by the op: %s)', async (byOp) => {
    native!.scoring = byOp;
    const found = await scored({ rows: 0, vocabulary: 5, width: 31 });
    expect(Object.values(found).map(({ length }) => length)).toEqual([0, 0, 0]);
  });

  it('are refused for a token outside of the vocabulary', async () => {
    const one = { rows: 2, vocabulary: 5, width: 31 };
    await expect(scored(one, { ids: Int32Array.of(0, 5) })).rejects.toThrow(/outside of the vocabulary/);
  });
});

const SUPPRESSED = -1e9;

interface DrawCase {
  /** [rows, vocabulary] */
  logits: Float32Array;
  suppressed: Float32Array;
  /** [rows] */
  uniform: Float32Array;
}

async function drawn(
  { logits, suppressed, uniform }: DrawCase,
  greedy = 0,
): Promise<Record<string, ArrayLike<number>>> {
  const [rows, vocabulary] = [uniform.length, suppressed.length];
  const entry = {
    inputs: {
      logits: float32([rows, vocabulary]),
      suppressed: float32([vocabulary]),
      uniform: float32([rows]),
      greedy: float32([]),
    },
    run: ({ logits, suppressed, uniform, greedy }: Record<string, Tensor>) => ({
      outputs: drawTokens(logits!, suppressed!, uniform!, greedy!, { temperature: 1, topP: 1 }),
    }),
  } as unknown as Entry;
  const program = await createProgram(runtime, { variables: {}, entries: { entry } });
  try {
    const feeds = { logits, suppressed, uniform, greedy: Float32Array.of(greedy) };
    return (await program.call(entry, feeds)) as Record<string, ArrayLike<number>>;
  } finally {
    program.dispose();
  }
}

/** One row of logits, drawn at several places of its distribution: 0 everywhere, except for some. */
function rowOf(vocabulary: number, some: Record<number, number>, not: readonly number[] = []): DrawCase {
  const uniform = Float32Array.of(0, 0.25, 0.5, 0.75, 0.999999);
  const row = Float32Array.from({ length: vocabulary }, (_, token) => some[token] ?? 0);
  const logits = new Float32Array(uniform.length * vocabulary);
  for (let at = 0; at < uniform.length; at++) logits.set(row, at * vocabulary);
  const suppressed = Float32Array.from(row, (_, token) => (not.includes(token) ? SUPPRESSED : 0));
  return { logits, suppressed, uniform };
}

describe.skipIf(!scoring)('tokens drawn by our own op', () => {
  it('are those at which the distribution in float64 passes the number, with their log-probs', async () => {
    const [rows, vocabulary] = [40, 1301];
    const logits = Float32Array.from({ length: rows * vocabulary }, (_, i) => 6 * Math.sin((i + 1) * 1.3));
    const suppressed = Float32Array.from({ length: vocabulary }, (_, token) => (token % 7 === 3 ? SUPPRESSED : 0));
    const uniform = Float32Array.from({ length: rows }, (_, row) => (row + 0.37) / rows);
    registerOwnOps(2);
    const { tokens, logprobs } = await drawn({ logits, suppressed, uniform });
    for (let row = 0; row < rows; row++) {
      const own = Float64Array.from(logits.subarray(row * vocabulary, (row + 1) * vocabulary), (z) => Math.exp(z));
      const all = own.reduce((sum, weight) => sum + weight, 0);
      const allowed = own.map((weight, token) => (suppressed[token] === 0 ? weight : 0));
      const threshold = uniform[row]! * allowed.reduce((sum, weight) => sum + weight, 0);
      let sum = 0;
      const expected = allowed.findIndex((weight) => (sum += weight) > threshold);
      expect(tokens![row], `row ${row}`).toBe(expected);
      expect(logprobs![row]).toBeCloseTo(Math.log(own[expected]! / all), 4);
    }
  });

  it('are the only likely one that is allowed, also beside a suppressed one that is far likelier', async () => {
    const { tokens, logprobs } = await drawn(rowOf(1301, { 700: 90, 3: 200 }, [3]));
    expect([...(tokens as Int32Array)]).toEqual([700, 700, 700, 700, 700]);
    expect(logprobs![0]).toBeCloseTo(-110, 4);
  });

  it('are never those that have no weight next to the likeliest', async () => {
    const { tokens } = await drawn(rowOf(151_936, { 5: 100, 700: 100 }));
    expect([...(tokens as Int32Array)]).toEqual([5, 5, 700, 700, 700]);
  });

  it.each([
    ['what is not a number', rowOf(1301, { 900: Number.NaN })],
    ['infinity', rowOf(1301, { 900: Infinity })],
    ['nothing but minus infinity', rowOf(3, { 0: -Infinity, 1: -Infinity, 2: -Infinity })],
    ['minus infinity where it is allowed', rowOf(3, { 0: 1, 1: -Infinity, 2: -Infinity }, [0])],
    ['no token that is allowed', rowOf(3, {}, [0, 1, 2])],
  ])('are token 0 in a row with %s, as the graph gives it', async (_, row) => {
    expect([...((await drawn(row))['tokens'] as Int32Array)]).toEqual([0, 0, 0, 0, 0]);
    native!.scoring = false;
    expect([...((await drawn(row))['tokens'] as Int32Array)]).toEqual([0, 0, 0, 0, 0]);
  });

  it('are the likeliest ones that are allowed, if so asked', async () => {
    const { tokens } = await drawn(rowOf(1301, { 3: 9, 900: 8 }, [3]), 1);
    expect([...(tokens as Int32Array)]).toEqual([900, 900, 900, 900, 900]);
  });

  it('of no rows are none', async () => {
    const { tokens, logprobs } = await drawn({
      ...rowOf(5, {}),
      logits: new Float32Array(0),
      uniform: new Float32Array(0),
    });
    expect([tokens?.length, logprobs?.length]).toEqual([0, 0]);
  });
});
