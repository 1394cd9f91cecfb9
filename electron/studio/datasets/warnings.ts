/** @file What a person should know about rows that can be used all the same. */
import type { NewSample } from '../../store/datasets.ts';
import type { UsableRow } from './plan.ts';

const NAMED = 5;

/** One sentence per kind of finding, with the first few places. */
export function collectWarnings(rows: readonly UsableRow[], samples: readonly NewSample[]): string[] {
  const warnings: string[] = [];
  const unread = rows.filter((row) => row.values.unreadLicences.length > 0);
  if (unread.length > 0) {
    const texts = [...new Set(unread.flatMap((row) => row.values.unreadLicences))];
    warnings.push(
      `A licence that is no SPDX expression counts as unknown (${rowCount(unread.length)}): ${list(texts.map((text) => `"${text}"`))}.`,
    );
  }
  const unknown = samples.filter((sample) => sample.licence === null).length;
  if (unknown > 0) {
    warnings.push(
      `The licence of ${unknown} of ${samples.length} images is unknown. Unknown is never taken for free: an export will say so.`,
    );
  }
  const images = [...new Map(rows.map((row) => [row.image.record.sha256, row])).values()];
  const animated = images.filter((row) => row.image.frames > 1);
  if (animated.length > 0)
    warnings.push(`Only the first frame of animated images is used (${animated.length}): ${names(animated)}.`);
  const turned = images.filter((row) => row.image.orientation !== 1);
  if (turned.length > 0) {
    warnings.push(
      `Photographs that ask to be turned when shown (EXIF) are seen by models as they are stored, lying on their side (${turned.length}): ${names(turned)}.`,
    );
  }
  const placeholders = rows.filter((row) => row.values.hadPlaceholder).length;
  if (placeholders > 0)
    warnings.push(
      `In ${rowCount(placeholders)} the mark <image> was taken out of the question; the model's template puts the image in.`,
    );
  for (const split of ['train', 'test'] as const) {
    if (samples.length > 0 && !samples.some((sample) => sample.split === split)) {
      warnings.push(
        split === 'train'
          ? 'No sample is for training: the dataset can only be evaluated on.'
          : 'No sample is held out: what is learned cannot be tested on this dataset.',
      );
    }
  }
  return warnings;
}

function names(rows: readonly UsableRow[]): string {
  return list(rows.map((row) => row.values.image));
}

function list(items: readonly string[]): string {
  return items.length > NAMED
    ? `${items.slice(0, NAMED).join(', ')} and ${items.length - NAMED} more`
    : items.join(', ');
}

function rowCount(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}
