/** @file Splits samples into train and test while keeping related samples together. */
import type { Split } from '../../../contract/model/primitives.ts';
import { sha256Hex } from '../../../store/connection/canonical.ts';
import { Groups } from '../../../formats/perceptual-hash-index.ts';

export type SplitItem = {
  imageSha256: string;
  /** Value of the grouping column; null or empty = a group of its own. */
  group: string | null;
};

export type GroupedSplit = {
  splits: Split[];
  groups: number;
  /** Share of the items used for testing. */
  testShare: number;
};

/**
 * Assigns a split to each item. Samples that share an image or a group, or whose images are linked in `together`, end
 * up on the same side. Groups are ordered by SHA-256 of `seed:` and their first member's name; each is held out if that
 * brings the held-out items closer to the share. With two or more groups, at least one is held out and one is not.
 */
export function splitByGroup(
  items: readonly SplitItem[],
  together: readonly { a: string; b: string }[],
  testShare: number,
  seed: number,
): GroupedSplit {
  const joined = new Groups();
  const ofGroup = new Map<string, string>();
  for (const { imageSha256, group } of items) {
    if (group === null || group === '') continue;
    const other = ofGroup.get(group);
    if (other === undefined) ofGroup.set(group, imageSha256);
    else joined.join(other, imageSha256);
  }
  for (const { a, b } of together) joined.join(a, b);
  const sizes = new Map<string, number>();
  for (const { imageSha256 } of items) {
    const root = joined.root(imageSha256);
    sizes.set(root, (sizes.get(root) ?? 0) + 1);
  }
  const ordered = [...sizes]
    .map(([root, size]) => ({ root, size, key: sha256Hex(`${seed}:${root}`) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const wanted = items.length * testShare;
  const held = new Set<string>();
  let count = 0;
  for (const { root, size } of ordered) {
    if (held.size + 1 >= ordered.length) break;
    if (Math.abs(count + size - wanted) > Math.abs(count - wanted)) continue;
    held.add(root);
    count += size;
  }
  // Every group is too large, so the smallest comes closest to the share.
  const [smallest] = [...ordered].sort((a, b) => a.size - b.size);
  if (held.size === 0 && testShare > 0 && ordered.length >= 2 && smallest !== undefined) {
    held.add(smallest.root);
    count = smallest.size;
  }
  return {
    splits: items.map(({ imageSha256 }) => (held.has(joined.root(imageSha256)) ? 'test' : 'train')),
    groups: ordered.length,
    testShare: items.length === 0 ? 0 : count / items.length,
  };
}
