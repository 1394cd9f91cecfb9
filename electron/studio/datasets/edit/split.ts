/** @file Chooses the held-out samples: as the table states, otherwise by image hash, so the choice never changes. */
import type { Split } from '../../../contract/model/primitives.ts';
import { sha256Hex } from '../../../store/connection/canonical.ts';

export type SplitRow = { imageSha256: string; given: Split | null };

/**
 * Assigns a split to each row. Each image has one split: rows without a split take that of other rows with the same
 * image. The remaining images are ordered by SHA-256 of `seed:hash`, and the first share of them is held out; if
 * there are two or more, at least one and never all of them.
 */
export function assignSplits(rows: readonly SplitRow[], testShare: number, seed: number): Split[] {
  const splitOf = new Map<string, Split>();
  for (const row of rows)
    if (row.given !== null && !splitOf.has(row.imageSha256)) splitOf.set(row.imageSha256, row.given);
  const free = [...new Set(rows.map((row) => row.imageSha256))].filter((image) => !splitOf.has(image));
  const ordered = free
    .map((image) => ({ image, key: sha256Hex(`${seed}:${image}`) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const wanted = Math.round(ordered.length * testShare);
  const held = testShare > 0 && ordered.length >= 2 ? Math.min(Math.max(wanted, 1), ordered.length - 1) : wanted;
  for (const [index, { image }] of ordered.entries()) splitOf.set(image, index < held ? 'test' : 'train');
  return rows.map((row) => splitOf.get(row.imageSha256) ?? 'train');
}
