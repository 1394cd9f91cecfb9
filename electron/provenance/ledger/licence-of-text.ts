/**
 * @file Which licence a file's text is. A permissive licence must be there word for word, since a sentence that someone
 * added may restrict it; for licences with terms of their own, their title is enough.
 */
import { licenceText } from '../documents/licence-texts.ts';

/** Licences whose whole text is compared. */
const COMPARED = [
  'Apache-2.0',
  'MIT',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'Unlicense',
  'CC0-1.0',
  'CC-BY-3.0',
  'CC-BY-4.0',
  'CC-BY-SA-3.0',
  'CC-BY-SA-4.0',
  'CC-BY-NC-4.0',
  'CC-BY-NC-SA-4.0',
  'CC-BY-ND-4.0',
  'CC-BY-NC-ND-4.0',
  'CDLA-Permissive-2.0',
];

/** Titles of licences with terms of their own, as their texts begin. */
const TITLES: readonly (readonly [RegExp, string])[] = [
  [/^(?:qwen|tongyi qianwen) research license agreement/, 'LicenseRef-Qwen-Research'],
  [/^tongyi qianwen license agreement/, 'LicenseRef-Tongyi-Qianwen'],
  [/^qwen license agreement/, 'LicenseRef-Qwen'],
  [/^(?:meta )?llama (2|3|3 1|3 2|3 3|4) (?:community )?license agreement/, 'LicenseRef-Llama-$1'],
  [/^gemma terms of use/, 'LicenseRef-Gemma'],
  [/^(?:copyright .{0,120})?creativeml open rail \+\+ m/, 'LicenseRef-OpenRAIL-PlusPlus-M'],
  [/^(?:copyright .{0,120})?creativeml open ?rail m/, 'LicenseRef-CreativeML-OpenRAIL-M'],
  [/^(?:copyright .{0,120})?bigscience open ?rail m/, 'LicenseRef-BigScience-OpenRAIL-M'],
  [/^(?:copyright .{0,120})?bigscience (?:bloom )?rail/, 'LicenseRef-BigScience-BLOOM-RAIL-1.0'],
  [/^(?:copyright .{0,120})?bigcode open ?rail m/, 'LicenseRef-BigCode-OpenRAIL-M'],
  [/^gnu affero general public license version 3/, 'AGPL-3.0-only'],
  [/^gnu lesser general public license version 3/, 'LGPL-3.0-only'],
  [/^gnu general public license version 3/, 'GPL-3.0-only'],
  [/^gnu general public license version 2/, 'GPL-2.0-only'],
];

/** Where the terms of a text end, and what may follow: how to apply them to a work of one's own. */
const END_OF_TERMS = 'end of terms and conditions';

/**
 * The SPDX id of the licence that a text is; null if it is none that is known, or one with words changed or added.
 */
export function licenceOfText(text: string): string | null {
  const words = wordsOf(text);
  for (const id of COMPARED) {
    const known = licenceText(id);
    if (known !== null && isSame(words, wordsOf(known))) return id;
  }
  for (const [title, id] of TITLES) {
    const match = title.exec(words);
    if (match !== null) return id.replace('$1', (match[1] ?? '').replace(' ', '.'));
  }
  return null;
}

function isSame(text: string, known: string): boolean {
  if (text === known) return true;
  const end = known.indexOf(END_OF_TERMS);
  if (end < 0) return false;
  const terms = known.slice(0, end + END_OF_TERMS.length);
  if (!text.startsWith(terms)) return false;
  const rest = text.slice(terms.length).trim();
  return rest === '' || rest === known.slice(terms.length).trim();
}

/** The first lines may name the licence and its owner. */
const HEAD_LINES = 6;
const OWNER =
  /^\W*(?:copyright\b(?=.*(?:\d{4}|\[yyyy\]|<year>|\(c\)))|(?:\(c\)|©) ?(?:\d{4}|<year>)|all rights reserved\W*$)/i;
const HEAD = /^\W*(?:copyright\b|(?:the )?(?:mit|isc|bsd [23]-clause(?: "\w+")?) license(?: \((?:mit|isc)\))?\W*$)/i;

/** Lower-case words on one line, without titles, copyright lines, numbers of paragraphs, punctuation and markup. */
function wordsOf(text: string): string {
  return text
    .normalize('NFKC')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .filter((line, index) => !OWNER.test(line) && !(index < HEAD_LINES && HEAD.test(line)))
    .join(' ')
    .replaceAll(/(?<=^|\s)\(?(?:[a-z]|\d{1,2})[).](?=\s)/gi, ' ')
    .replaceAll(/https?:/gi, ' ')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}+]+/gu, ' ')
    .trim();
}
