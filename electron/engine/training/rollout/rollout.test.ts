/** @file Rows that have ended leave the batch, and nobody can tell from the others' answers. */
import { afterAll, describe, expect, it } from 'vitest';
import type { Program } from '../../runtime/program.ts';
import { LINEAR, roller } from '../../testing/roller.ts';
import { cacheSources, decodeStages, placesToKeep, promptSources } from './decode-stages.ts';

const LENGTH = 16;
const programs: Program[] = [];
afterAll(() => {
  for (const program of programs) program.dispose();
});

describe.each([
  ['16 answers to each of 2 prompts', 2, 16, 1],
  ['8 answers to each of 4 prompts, in 2 lanes', 4, 8, 2],
  ['2 answers to each of 8 prompts', 8, 2, 1],
  ['one answer to each of 32 prompts', 32, 1, 1],
  ['one answer to each of 32 prompts, in 2 lanes', 32, 1, 2],
  ['3 answers to each of 2 prompts (nothing to halve)', 2, 3, 1],
  ['8 answers to each of 4 prompts in 2 lanes, with linear attention', 4, 8, 2, LINEAR],
  ['one answer to each of 32 prompts, with linear attention', 32, 1, 1, LINEAR],
] as const)('%s', (_what, batch, groupSize, lanes, folder?: string) => {
  it('are the same, token by token, whether rows leave the batch or stay', async () => {
    const roll = await roller(programs, { batch, groupSize, lanes, length: LENGTH }, folder);
    const whole = await roll([]);
    // A fifth of the vocabulary ends an answer: rows end at very different places.
    const eosIds = Array.from({ length: 64 }, (_, index) => index * 5);
    const calls: string[] = [];
    const short = await roll(eosIds, { calls });
    whole.tokens.forEach((tokens, row) => {
      const end = tokens.findIndex((token) => eosIds.includes(token));
      const length = end === -1 ? tokens.length : end + 1;
      expect(short.tokens[row]).toEqual(tokens.slice(0, length));
      expect(short.truncated[row]).toBe(end === -1);
      short.logprobs[row]?.forEach((value, index) => expect(value).toBeCloseTo(whole.logprobs[row]?.[index] ?? NaN, 4));
    });
    const used = new Set(calls.filter((entry) => entry.startsWith('decode/')));
    const compacted = calls.filter((entry) => entry.startsWith('compact/')).length;
    expect(used.size).toBe(compacted + 1);
    if (decodeStages({ batch, groupSize } as never, lanes).length > 1) expect(compacted).toBeGreaterThan(0);
  });
});

it('rows that only fill the batch leave it first', async () => {
  const roll = await roller(programs, { batch: 32, groupSize: 1, length: LENGTH });
  const calls: string[] = [];
  const few = await roll([], { calls, activeRows: 5 });
  expect(calls.slice(0, 4)).toEqual(['prefill', 'compact/0', 'compact/1', 'decode/2']);
  const all = await roll([]);
  expect(few.tokens.slice(0, 5)).toEqual(all.tokens.slice(0, 5));
});

describe('stages', () => {
  const of = (batch: number, groupSize: number, lanes = 1): string[] =>
    decodeStages({ batch, groupSize } as never, lanes).map(
      (stage) => `${String(stage.batch)}×${String(stage.groupSize)}`,
    );

  it('halve the answers, or the prompts where each has one, and never go below what is worth it', () => {
    expect(of(8, 8)).toEqual(['8×8', '8×4', '8×2']);
    expect(of(2, 8)).toEqual(['2×8', '2×4']);
    expect(of(1, 4)).toEqual(['1×4']);
    expect(of(8, 6)).toEqual(['8×6', '8×3']);
    expect(of(64, 1, 2)).toEqual(['64×1', '32×1', '16×1']);
    expect(of(12, 1, 4)).toEqual(['12×1']);
  });

  it('keep every row that is alive, in order, and refuse where they do not fit', () => {
    const [from, to] = [
      { batch: 2, groupSize: 4 },
      { batch: 2, groupSize: 2 },
    ];
    const alive = [false, true, false, true, false, false, true, false];
    expect(placesToKeep(alive, from, to, 1)).toEqual([1, 3, 4, 6]);
    expect(placesToKeep([true, true, true, false, ...alive.slice(4)], from, to, 1)).toBeNull();
    // Caches are laid out prompt, head, answer.
    expect([...cacheSources([1, 3, 4, 6], from, to, 2, 1)]).toEqual([1, 3, 5, 7, 8, 10, 12, 14]);
    expect([...promptSources([1, 3, 4, 6], from, to, 1)]).toEqual([0, 1]);
    expect([...cacheSources([1, 3, 4, 6], from, to, 2, 2)]).toEqual([1, 3, 5, 7, 0, 2, 4, 6]);
  });
});
