/** @file tfjs-node on a Node that lacks `util.isNullOrUndefined`, as every Node since 23 does. */
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { restoreNodeUtil } from './node-util.ts';

const util = createRequire(import.meta.url)('node:util') as Record<string, (value: unknown) => boolean>;

it('gives packages back the functions that newer Nodes lack', () => {
  delete util['isNullOrUndefined'];
  restoreNodeUtil();
  const { isNullOrUndefined, isArray } = util;
  expect([null, undefined, 0, '', false].map((value) => isNullOrUndefined?.(value))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(isArray?.([])).toBe(true);
});
