/**
 * @file Licences that are stated in words that Atelier does not understand. They permit nothing, but the words are kept:
 * an SPDX id (`LicenseRef-stated-…`) holds them, so that they go wherever an SPDX expression goes, and can be shown again.
 */

/** Stands in an expression for a part whose licence is not known. */
export const NOT_STATED = 'LicenseRef-not-stated';

/** Begins the ids of terms that are stated in a way that Atelier does not understand. */
export const NOT_UNDERSTOOD = 'LicenseRef-stated-';

/** Longer statements are cut. */
const MAX_CHARACTERS = 300;

/**
 * The id that holds these words. SPDX allows letters, digits, `.` and `-` there: a space becomes `-`, a hyphen `--`, and any
 * other character `.uHEX.` with its code point.
 */
export function idOfWords(words: string): string {
  const text = Array.from(words.normalize('NFC').replaceAll(/\s+/g, ' ').trim());
  const kept = text.length > MAX_CHARACTERS ? [...text.slice(0, MAX_CHARACTERS), '…'] : text;
  const encoded = kept.map((character, at) => {
    if (/[A-Za-z0-9]/.test(character)) return character;
    if (character === ' ') return '-';
    // Beside a space, "--" would be read as another pair; ".u" would be read as a code.
    if (character === '-' && ![kept[at - 1], kept[at + 1]].some((next) => next === ' ' || next === '-')) return '--';
    if (character === '.' && kept[at + 1] !== 'u') return '.';
    return `.u${(character.codePointAt(0) ?? 0).toString(16)}.`;
  });
  return `${NOT_UNDERSTOOD}${encoded.join('')}`;
}

/** The words in such an id; ids of earlier versions hold them without punctuation. */
export function wordsOfId(id: string): string {
  return id
    .slice(NOT_UNDERSTOOD.length)
    .replaceAll(/\.u([0-9a-f]{1,5}|10[0-9a-f]{4})\.|--|-/g, (found: string, code: string | undefined) => {
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      return found === '--' ? '-' : ' ';
    });
}

/** An expression for people to read: what is not understood in its own words, what is not known as such. */
export function licenceInWords(expression: string): string {
  return expression
    .replaceAll(NOT_STATED, 'an unknown licence')
    .replaceAll(/LicenseRef-stated-[A-Za-z0-9.-]+/g, (id) => `“${wordsOfId(id)}” (not understood)`);
}
