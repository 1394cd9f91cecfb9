/** @file Held-out samples: determined by seed and image, never shared with training. */
import { expect, it } from 'vitest';
import { sha256Hex } from '../../../store/connection/canonical.ts';
import { assignSplits, type SplitRow } from './split.ts';

const rows = (count: number): SplitRow[] =>
  Array.from({ length: count }, (_, index) => ({ imageSha256: sha256Hex(String(index)), given: null }));

it('holds out the share asked for, the same images whatever the order of the rows', () => {
  const given = rows(50);
  const forward = assignSplits(given, 0.2, 7);
  expect(forward.filter((split) => split === 'test')).toHaveLength(10);
  expect(assignSplits([...given].reverse(), 0.2, 7).reverse()).toEqual(forward);
  expect(assignSplits(given, 0.2, 8)).not.toEqual(forward);
});

it('keeps at least one image on each side of a small dataset, none held out for a share of 0', () => {
  expect(new Set(assignSplits(rows(2), 0.05, 7))).toEqual(new Set(['train', 'test']));
  expect(new Set(assignSplits(rows(2), 0.9, 7))).toEqual(new Set(['train', 'test']));
  expect(new Set(assignSplits(rows(20), 0, 7))).toEqual(new Set(['train']));
});

it('puts all rows of an image on one side, that of a row that names it', () => {
  const images = rows(10);
  const several = [...images, ...images, ...images];
  const splits = assignSplits(several, 0.3, 7);
  for (let index = 0; index < 10; index += 1)
    expect(new Set([splits[index], splits[index + 10], splits[index + 20]]).size).toBe(1);
  const named = assignSplits(
    [{ imageSha256: 'a', given: null }, { imageSha256: 'a', given: 'test' }, ...rows(3)],
    0,
    7,
  );
  expect(named.slice(0, 2)).toEqual(['test', 'test']);
});
