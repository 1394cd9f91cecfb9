/** @file Order and errors do not depend on which item is done first. */
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { sideBySide } from './side-by-side.ts';

it('gives results in the order of the items, and works on no more than allowed', async () => {
  let [now, most] = [0, 0];
  const found = await sideBySide([5, 1, 3, 0, 2], 2, async (item) => {
    now++;
    most = Math.max(most, now);
    await wait(item);
    now--;
    return 10 * item;
  });
  expect(found).toEqual([50, 10, 30, 0, 20]);
  expect(most).toBe(2);
  expect(await sideBySide([], 2, () => Promise.resolve(1))).toEqual([]);
});

it('throws what the first item threw, and begins no more', async () => {
  const begun: number[] = [];
  const all = sideBySide([0, 1, 2, 3, 4, 5], 3, async (item) => {
    begun.push(item);
    await wait(item === 1 ? 20 : 1);
    if (item === 1 || item === 2) throw new Error(`item ${String(item)}`);
  });
  await expect(all).rejects.toThrow('item 1');
  expect(begun).not.toContain(5);
});
