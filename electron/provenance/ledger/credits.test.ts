/** @file Credits as lines and as a table, in this version's columns and in those of earlier bundles. */
import { describe, expect, it } from 'vitest';
import { attributionCsv, creditLine, creditsOf, earlierCreditsOf, isAttributionOf } from './credits.ts';
import { ManifestRow } from '../documents/manifest.ts';
import type { Credit } from './credits.ts';

const CREDIT: Credit = {
  title: 'Harbour',
  author: 'Ada',
  licence: 'CC-BY-4.0',
  url: 'https://example.org/harbour',
  images: 2,
  usedFor: 'training',
};
const ADDRESS = 'https://creativecommons.org/licenses/by/4.0/';

describe('a credit', () => {
  it('names title, author, source, notice, requested credit and licence', () => {
    expect(creditLine(CREDIT)).toBe(
      `“Harbour” by Ada, https://example.org/harbour, licence CC-BY-4.0 (${ADDRESS}); used for training`,
    );
    const full = { ...CREDIT, notice: '© 2025 Ada.', creditLine: 'Photo: Ada', creditUrl: 'https://ada.example' };
    expect(creditLine(full)).toBe(
      '“Harbour” by Ada, https://example.org/harbour, notice: © 2025 Ada, to be credited as: Photo: Ada, https://ada.example, ' +
        `licence CC-BY-4.0 (${ADDRESS}); used for training`,
    );
  });

  it('invents neither title, author nor source', () => {
    const bare: Credit = { ...CREDIT, title: '', author: null, url: null, licence: null };
    expect(creditLine(bare)).toBe(
      'An untitled work by an unknown author, unknown source, unknown licence; used for training',
    );
    expect(creditLine({ ...bare, creditLine: 'Museum', place: 'Room 3' })).toBe(
      'An untitled work, Room 3, to be credited as: Museum, unknown licence; used for training',
    );
    expect(attributionCsv([bare])).toContain('untitled,not known,not known,,,,not known,,used for training');
  });
});

describe('the credits of an image with works in it', () => {
  const work = (title: string, author: string): ManifestRow['sources'][number] => ({
    title,
    author,
    licence: 'MIT',
    url: null,
  });
  const row = ManifestRow.parse({
    imageSha256: 'a'.repeat(64),
    names: ['collage.png'],
    width: 28,
    height: 28,
    samples: [{ id: 's', split: 'train', task: 'other', timesSeen: 1 }],
    use: 'training',
    why: 'drawn in training',
    licence: 'CC-BY-4.0',
    authors: ['Ada', 'Ben'],
    sources: [work('Harbour', 'Ben; Cem'), work('Tree', 'Dora')],
  });
  const named = (rows: readonly ManifestRow[]): (string | null)[][] =>
    creditsOf(rows).map(({ author, title, licence }) => [author, title, licence]);

  it('name the authors of the image itself whom no work names', () => {
    expect(named([row])).toEqual([
      ['Ada', 'collage.png', 'CC-BY-4.0'],
      ['Ben; Cem', 'Harbour', 'MIT'],
      ['Dora', 'Tree', 'MIT'],
    ]);
    expect(earlierCreditsOf([row]).map(({ author }) => author)).toEqual(['Ben; Cem', 'Dora']);
  });

  it('name nobody twice', () => {
    expect(named([{ ...row, authors: ['Ben', 'Dora'] }])).toHaveLength(2);
    expect(named([{ ...row, sources: [] }])).toEqual([['Ada, Ben', 'collage.png', 'CC-BY-4.0']]);
  });
});

describe('ATTRIBUTION.csv', () => {
  it('of an earlier bundle, with seven columns, is still the table of its credits', () => {
    const earlier =
      'title,author,source,licence,licence_url,used_for,images\r\n' +
      `Harbour,Ada,https://example.org/harbour,CC-BY-4.0,${ADDRESS},used for training; not included,2\r\n`;
    expect(isAttributionOf(earlier, [CREDIT])).toBe(true);
    expect(isAttributionOf(attributionCsv([CREDIT]), [CREDIT])).toBe(true);
    expect(isAttributionOf(earlier.replace('Ada', 'Eve'), [CREDIT])).toBe(false);
    // What the manifest states about a work cannot be left out with the columns.
    expect(isAttributionOf(earlier, [{ ...CREDIT, notice: '© Ada' }])).toBe(false);
  });
});
