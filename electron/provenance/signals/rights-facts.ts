/** @file Who made an image and who owns it, from its metadata: an import fills empty columns of the table with it. */
import { bounded } from './make-signal.ts';

export interface RightsFacts {
  creators: string[];
  title: string[];
  copyright: string[];
  /** How the owner asks to be credited. */
  credit: string[];
  /** Address to which the owner asks a credit to lead. */
  creditUrl: string[];
  /** Every licence that the metadata name, with the property that holds it. They may contradict each other. */
  licences: { id: string; locator: string }[];
}

/** Anything beyond these bounds is not a list of names. */
const MAX_NAMES = 50;
const MAX_NAME_CHARACTERS = 300;

/** Names as they are stored: bounded, each once. */
export function namesOf(texts: readonly string[]): string[] {
  const names = texts.slice(0, MAX_NAMES).map((text) => bounded(text, MAX_NAME_CHARACTERS).trim());
  return [...new Set(names)].filter((name) => name !== '');
}

export const NO_FACTS: RightsFacts = {
  creators: [],
  title: [],
  copyright: [],
  credit: [],
  creditUrl: [],
  licences: [],
};

/**
 * Earlier readings win (XMP before IIM before EXIF, the image's own packet before a file beside it), except for licences:
 * all of them count.
 */
export function joinFacts(all: readonly RightsFacts[]): RightsFacts {
  const first = (pick: (facts: RightsFacts) => string[]): string[] =>
    all.map(pick).find((list) => list.length > 0) ?? [];
  return {
    creators: first((facts) => facts.creators),
    title: first((facts) => facts.title),
    copyright: first((facts) => facts.copyright),
    credit: first((facts) => facts.credit),
    creditUrl: first((facts) => facts.creditUrl),
    licences: all.flatMap((facts) => facts.licences),
  };
}
