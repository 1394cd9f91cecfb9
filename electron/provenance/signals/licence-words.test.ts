/** @file Licences and restrictions in the texts of an image's metadata. */
import { describe, expect, it } from 'vitest';
import { idOfWords } from '../../contract/model/stated-licence.ts';
import { countingLicences, licenceStated, licencesInWords } from './licence-words.ts';

const idsIn = (text: string): string[] => licencesInWords(text, 'here').map(({ id }) => id);
const counting = (...ids: string[]): string[] =>
  countingLicences(ids.map((id) => ({ id, locator: 'here' }))).map(({ id }) => id);

describe('licences in words', () => {
  it.each([
    ['This work is licensed under CC BY-NC 4.0.', ['CC-BY-NC-4.0']],
    ['For non-commercial use only', ['LicenseRef-stated-non-commercial-use-only']],
    ['© Ada, CC BY-NC, see my page', ['LicenseRef-stated-non-commercial-use-only']],
    ['Nur für private Zwecke', ['LicenseRef-stated-non-commercial-use-only']],
    ['Free for all, no derivatives please', ['LicenseRef-stated-no-derivatives']],
    ['© 2020 Ana Gil. All rights reserved. Ask me.', ['LicenseRef-all-rights-reserved']],
    ['Free for commercial and non-commercial use', []],
    ['Not all rights reserved', []],
    ['© 2023 Maja Novak', []],
  ])('%s → %j', (text, ids) => {
    expect(idsIn(text)).toEqual(ids);
  });

  it('keep a statement that is not understood, and never read it as a known licence', () => {
    const stated = (text: string): string[] => licenceStated(text, 'here').map(({ id }) => id);
    expect(stated('https://ex.org/my own license/')).toEqual([idOfWords('https://ex.org/my own license/')]);
    expect(stated('own-work')).toEqual(['LicenseRef-stated-own--work']);
    expect(stated('§§')).toEqual(['LicenseRef-stated-.ua7..ua7.']);
    expect(stated('x'.repeat(5000))[0]?.length).toBeLessThan(400);
    expect(stated(' unknown ')).toEqual([]);
  });
});

describe('licences that count', () => {
  it('leave out a formula and a restriction that a licence already holds', () => {
    expect(counting('CC-BY-4.0', 'LicenseRef-all-rights-reserved')).toEqual(['CC-BY-4.0']);
    expect(counting('LicenseRef-all-rights-reserved')).toEqual([]);
    expect(counting('CC-BY-NC-4.0', 'LicenseRef-stated-non-commercial-use-only')).toEqual(['CC-BY-NC-4.0']);
  });

  it('keep a notice that contradicts a dedication, and a restriction that no licence holds', () => {
    for (const ids of [
      ['CC0-1.0', 'LicenseRef-all-rights-reserved'],
      ['CC-BY-4.0', 'LicenseRef-stated-non-commercial-use-only'],
      ['CC-BY-NC-4.0 OR MIT', 'LicenseRef-stated-non-commercial-use-only'],
    ])
      expect(counting(...ids)).toEqual(ids);
  });
});
