/** @file Where images come from by their own account: the digital source type of IPTC, in XMP or a Content Credential. */
import type { ManifestRow } from './manifest.ts';

const MADE_BY_MODEL = 'trainedAlgorithmicMedia';
const PARTLY_MADE_BY_MODEL = 'compositeWithTrainedAlgorithmicMedia';

export interface Origins {
  /** Images that say that a trained model made them. */
  byModel: number;
  /** Images that say that a trained model made a part of them, or one of their ingredients. */
  partlyByModel: number;
  /** Images that name another origin. */
  otherwise: number;
  /** Images that say nothing about their origin. */
  silent: number;
}

/** Counts the images by the origin that they name. Null if nobody looked. */
export function originsOf(rows: readonly ManifestRow[]): Origins | null {
  if (rows.length > 0 && rows.every((row) => row.signals === undefined)) return null;
  const counts: Origins = { byModel: 0, partlyByModel: 0, otherwise: 0, silent: 0 };
  for (const row of rows) counts[originOf(row)] += 1;
  return counts;
}

function originOf({ signals = [] }: ManifestRow): keyof Origins {
  const stated = signals.filter(({ locator }) => /digitalSourceType$/i.test(locator));
  const terms = stated.map(({ raw, locator }) => ({
    term: raw.split('/').at(-1) ?? raw,
    isOfPart: /ingredient/i.test(locator),
  }));
  if (terms.some(({ term, isOfPart }) => term === MADE_BY_MODEL && !isOfPart)) return 'byModel';
  if (terms.some(({ term }) => term === MADE_BY_MODEL || term === PARTLY_MADE_BY_MODEL)) return 'partlyByModel';
  return stated.length > 0 ? 'otherwise' : 'silent';
}
