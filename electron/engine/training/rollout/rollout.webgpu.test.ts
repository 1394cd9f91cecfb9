/** @file On a GPU several tokens are drawn before the host looks at them, and nobody can tell from the answers. */
import { afterAll, describe, expect, it } from 'vitest';
import type { Program } from '../../runtime/program.ts';
import { roller } from '../../testing/roller.ts';
import { useSwiftShader } from '../../testing/swiftshader.ts';

const here = useSwiftShader();
const programs: Program[] = [];
afterAll(() => {
  for (const program of programs) program.dispose();
});

describe.skipIf(!here)('answers drawn on a GPU', () => {
  it('are the same whether the host waits for every token or reads back a few at a time', async () => {
    const roll = await roller(programs, { batch: 1, groupSize: 2, length: 8 });
    const calls: string[] = [];
    const few = await roll([], { calls });
    expect(calls).toEqual(['prefill', 'decode/0 × 4', 'decode/0 × 3']);
    expect(few).toEqual(await roll([], { oneByOne: true }));
    // Both answers end within the first few tokens: nothing is drawn after those.
    const ends = few.tokens.map((tokens) => tokens[2] ?? 0);
    const ended: string[] = [];
    const short = await roll(ends, { calls: ended });
    expect(ended).toEqual(['prefill', 'decode/0 × 4']);
    expect(short.tokens).toEqual((await roll(ends, { oneByOne: true })).tokens);
    expect(Math.max(...short.tokens.map(({ length }) => length))).toBeLessThanOrEqual(3);
  });
});
