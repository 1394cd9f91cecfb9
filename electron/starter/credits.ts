/** @file Who made a picture's icons, and the licence of the whole picture. */
import type { ArtKind, ArtSet, Catalogue } from './catalogue.ts';

/** One icon, or one own drawing, as a source of a picture. */
export interface SourceCredit {
  title: string;
  author: string;
  licence: string;
  /** Null for our own work, which is in this repository. */
  url: string | null;
}

/** Licence, authors and sources of one picture, ready for a dataset's row. */
export interface PictureCredit {
  /** SPDX expression: every licence of anything in the picture, joined by AND. */
  licence: string;
  authors: string[];
  sources: SourceCredit[];
}

/** Name used to sign our own work. */
export const OWN_AUTHOR = 'The Atelier authors';

/** The credit of one kind's icon in a set. */
export function iconCredit(set: ArtSet, kind: ArtKind): SourceCredit {
  const person = kind.authors[set.id];
  return {
    title: `${set.name}: ${kind.name} (U+${kind.codepoint})`,
    author: person === undefined ? set.author : `${person} (${set.name})`,
    licence: set.licence,
    url: set.url.startsWith('https://') ? set.url : null,
  };
}

/** Credits of the icons in a scene, each once. Throws RangeError for names not in the catalogue. */
export function creditOf(objects: readonly { set: string; kind: string }[], catalogue: Catalogue): PictureCredit {
  const keys = [...new Set(objects.map((o) => `${o.set}/${o.kind}`))].sort();
  const sources = keys.map((key) => {
    const [setId, kindName] = key.split('/');
    const set = catalogue.sets.find((s) => s.id === setId);
    const kind = catalogue.kinds.find((k) => k.name === kindName);
    if (set === undefined || kind === undefined) throw new RangeError(`The art catalogue has no ${key}.`);
    return iconCredit(set, kind);
  });
  return {
    licence: [...new Set(sources.map((s) => s.licence))].sort().join(' AND '),
    authors: [...new Set(sources.map((s) => s.author))].sort(),
    sources,
  };
}

/** Credits of a picture drawn by this project's own code. */
export function ownCredit(title: string): PictureCredit {
  const source = { title, author: OWN_AUTHOR, licence: 'Apache-2.0', url: null };
  return { licence: source.licence, authors: [OWN_AUTHOR], sources: [source] };
}
