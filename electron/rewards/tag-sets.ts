/**
 * @file Answers that are a set of tags: `bird, sea, sunset`. Order and capital letters do not matter. A closed vocabulary
 * names the allowed tags and their synonyms: `bird, dog = hound = puppy`.
 */
import { fold } from './folding.ts';
import { unwrapMarkup } from './markup.ts';

/** From every allowed spelling to the tag it stands for. */
export type Vocabulary = ReadonlyMap<string, string>;

/** An answer may have this many times the tags of the reference, plus two: listing everything is no answer. */
const MOST_TIMES = 2;
const UNDECIDED = /(?:^|\s)(?:or|not|no|nor|maybe)(?:\s|$)|[\n/|]/;

/**
 * Tags are separated by commas or semicolons. Null for a tag that is named twice or is empty, for words that take a tag
 * back or leave it open (`not a dog`, `cat or dog`), and for a tag outside the vocabulary.
 */
export function readTags(text: string, vocabulary?: Vocabulary): Set<string> | null {
  const tags = new Set<string>();
  for (const part of unwrapMarkup(fold(text)).split(/[,;]/)) {
    const spelled = spelling(part);
    if (spelled === '' || UNDECIDED.test(part.trim().toLowerCase())) return null;
    const tag = vocabulary === undefined ? spelled : vocabulary.get(spelled);
    if (tag === undefined || tags.has(tag)) return null;
    tags.add(tag);
  }
  return tags;
}

/** Reads `bird, dog = hound = puppy`. Null where a spelling is empty or named twice, or where there is no tag. */
export function readVocabulary(text: string): Vocabulary | null {
  const spellings = new Map<string, string>();
  for (const entry of fold(text).split(/[,;\n]/)) {
    const [tag = '', ...synonyms] = entry.split('=').map(spelling);
    for (const word of [tag, ...synonyms]) {
      if (word === '' || spellings.has(word)) return null;
      spellings.set(word, tag);
    }
  }
  return spellings;
}

/** Whether an answer lists so many more tags than the reference that it commits to none. */
export function isTooMany(given: ReadonlySet<string>, reference: ReadonlySet<string>): boolean {
  return given.size > MOST_TIMES * reference.size + 2;
}

/** F1 of two sets, 0 to 1: 2 × shared / (size of one + size of the other). */
export function setF1(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((tag) => b.has(tag)).length;
  return a.size + b.size === 0 ? 0 : (2 * shared) / (a.size + b.size);
}

function spelling(part: string): string {
  return part
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/^#|[.!]$/g, '')
    .toLowerCase();
}
