/** @file Whose an image is, as its own metadata say: what an import fills into columns that a table leaves empty. */

export interface RightsFacts {
  creators: string[];
  copyright: string[];
  credit: string[];
  /** SPDX id read from a Creative Commons address, with the property that held it; null = none stated. */
  licence: { id: string; locator: string } | null;
}

export const NO_FACTS: RightsFacts = { creators: [], copyright: [], credit: [], licence: null };

/** Earlier readings win: XMP before IIM before EXIF, the image's own packet before a file beside it. */
export function joinFacts(all: readonly RightsFacts[]): RightsFacts {
  const first = (pick: (facts: RightsFacts) => string[]): string[] =>
    all.map(pick).find((list) => list.length > 0) ?? [];
  return {
    creators: first((facts) => facts.creators),
    copyright: first((facts) => facts.copyright),
    credit: first((facts) => facts.credit),
    licence: all.find((facts) => facts.licence !== null)?.licence ?? null,
  };
}
