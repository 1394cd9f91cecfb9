/** @file Texts of licences: which must be passed on, and how a changed one is told. */
import { describe, expect, it } from 'vitest';
import { knownIds } from '../ledger/licence-facts.ts';
import { isTextOf, licenceText, requiredTexts } from './licence-texts.ts';
import { ManifestRow } from './manifest.ts';

function row(licence: string | null, sourceLicence: string | null, use: ManifestRow['use'] = 'training'): ManifestRow {
  return ManifestRow.parse({
    imageSha256: 'a'.repeat(64),
    names: ['a.png'],
    width: 28,
    height: 28,
    samples: [{ id: 's', split: 'train', task: 'other', timesSeen: 1 }],
    use,
    why: 'drawn in training',
    licence,
    authors: [],
    sources: [{ title: 'x', author: null, licence: sourceLicence, url: null }],
  });
}

describe('texts to pass on', () => {
  it('are those of images, works in them, base model and reward code whose licence asks for it', () => {
    const rows = [row('CC-BY-4.0', 'MIT'), row('ISC OR CC0-1.0', null), row('OFL-1.1', null, 'not-used')];
    const code = [{ name: 'own', licence: 'GPL-3.0-only' }];
    expect(requiredTexts(rows, 'Apache-2.0', code)).toEqual({
      ids: ['Apache-2.0', 'GPL-3.0-only', 'ISC', 'MIT'],
      unknown: [],
    });
  });

  it('are said to be unknown where SPDX has none, and taken along where the duties are not known', () => {
    const rows = [row('LicenseRef-OpenRAIL-M', null), row('Artistic-2.0', null), row(null, null)];
    expect(requiredTexts(rows, null, [])).toEqual({ ids: ['Artistic-2.0'], unknown: ['LicenseRef-OpenRAIL-M'] });
  });
});

describe('the text of a licence', () => {
  it('is told from every other, whatever its line breaks and its copyright line', () => {
    const mit = (licenceText('MIT') ?? '').replace('<year>', '2026').replace('<copyright holders>', 'Ada & Ben (both)');
    expect(isTextOf(mit.replaceAll(' ', '\n'), 'MIT')).toBe(true);
    expect(knownIds().filter((id) => licenceText(id) !== null && !isTextOf(licenceText(id) ?? '', id))).toEqual([]);
    expect(knownIds().filter((id) => isTextOf(mit, id))).toEqual(['MIT']);
    expect(isTextOf(mit.replace('WITHOUT WARRANTY', 'WITH WARRANTY'), 'MIT')).toBe(false);
    expect(isTextOf(`${mit} And one more thing.`, 'MIT')).toBe(false);
  });

  it('is not looked for outside of SPDX’s list', () => {
    expect(licenceText('LicenseRef-own-work')).toBeNull();
    expect(licenceText('../package')).toBeNull();
  });
});
