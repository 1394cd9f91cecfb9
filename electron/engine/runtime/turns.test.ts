/** @file Turns: sequences of calls never interleave, and a failed one does not block the next. */
import { expect, it } from 'vitest';
import { handleMessages } from './event-loop.ts';
import { inTurn } from './turns.ts';

it('runs sequences one after another, in the order in which they asked', async () => {
  const seen: string[] = [];
  const sequence = (name: string) => (): Promise<string> =>
    inTurn(async () => {
      for (const part of [1, 2, 3]) {
        seen.push(`${name}${String(part)}`);
        await handleMessages();
      }
      return name;
    });
  const results = await Promise.all([sequence('a')(), sequence('b')(), sequence('c')()]);
  expect(results).toEqual(['a', 'b', 'c']);
  expect(seen).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1', 'c2', 'c3']);
});

it('continues after a failure, which only its own caller sees', async () => {
  const failed = inTurn(() => Promise.reject(new Error('out of memory')));
  const next = inTurn(() => Promise.resolve('done'));
  await expect(failed).rejects.toThrow('out of memory');
  await expect(next).resolves.toBe('done');
});
