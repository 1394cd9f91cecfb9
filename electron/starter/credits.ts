/** @file Who made the icons of a picture, and under which licence the whole picture stands. */
import type { ArtKind, ArtSet, Catalogue } from './art.ts';
import type { Scene } from './scenes.ts';

/** One icon, or one own drawing, as a source of a picture. */
export interface SourceCredit {
  title: string;
  author: string;
  licence: string;
  /** Null for own work: it lies in this repository. */
  url: string | null;
}

/** Licence, authors and sources of one picture, ready for a dataset's row. */
export interface PictureCredit {
  /** SPDX expression: every licence that something in the picture has, joined by AND. */
  licence: string;
  authors: string[];
  sources: SourceCredit[];
}

/** Name that own work is signed with. */
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

/** Credits of a scene: each icon that occurs in it, once. Throws RangeError for names that the catalogue lacks. */
export function sceneCredit(scene: Scene, catalogue: Catalogue): PictureCredit {
  const keys = [...new Set(scene.objects.map((o) => `${o.set}/${o.kind}`))].sort();
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

/** Credits of a picture that was drawn by this project's own code. */
export function ownCredit(title: string): PictureCredit {
  const source = { title, author: OWN_AUTHOR, licence: 'Apache-2.0', url: null };
  return { licence: source.licence, authors: [OWN_AUTHOR], sources: [source] };
}
