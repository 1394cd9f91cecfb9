/** @file Words that are kept in an id come back as they were. */
import { describe, expect, it } from 'vitest';
import { readLicence } from '../documents/spdx.ts';
import { idOfWords, licenceInWords, wordsOfId } from '../../contract/model/stated-licence.ts';

describe('words in place of a licence', () => {
  it.each([
    'ask my aunt',
    'Free for educators; ask us',
    'non-commercial',
    'a - b -- c',
    'https://ex.org/my-own_licence/?v=1',
    'Nur für Schulen (§ 5)',
    'v1.u3b. and 1.2.u',
    '仅限学校 🏫',
    '?',
    'and or with',
  ])('%s: are a valid SPDX id, and come back', (words) => {
    const id = idOfWords(words);
    expect(id).toMatch(/^LicenseRef-stated-[A-Za-z0-9.-]+$/);
    expect(readLicence(id)).toMatchObject({ kind: 'stated', expression: id, alternatives: [[id]] });
    expect(wordsOfId(id)).toBe(words);
  });

  it('are cut where they are long, visibly', () => {
    expect(wordsOfId(idOfWords('x'.repeat(5000)))).toBe(`${'x'.repeat(300)}…`);
  });

  it('are shown in an expression as what they are', () => {
    expect(licenceInWords(`(MIT OR CC0-1.0) AND ${idOfWords('ask us first!')} AND LicenseRef-not-stated`)).toBe(
      '(MIT OR CC0-1.0) AND “ask us first!” (not understood) AND an unknown licence',
    );
    // As earlier versions wrote them.
    expect(licenceInWords('LicenseRef-stated-ex.org-my-own-license')).toBe('“ex.org my own license” (not understood)');
  });
});
