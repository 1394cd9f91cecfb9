/** @file What a credit needs, from tables and from the metadata of images, up to the lines of NOTICE. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { idOfWords } from '../../../contract/model/stated-licence.ts';
import type { Sample, Source } from '../../../contract/model/datasets.ts';
import { attributionCsv, creditsOf, noticeText } from '../../../provenance/ledger/credits.ts';
import { buildManifest } from '../../../provenance/documents/manifest.ts';
import { openTestStore, type TestStore } from '../testing/data-folder.ts';
import { editSamples, undoEdit } from '../edit/edit.ts';
import { snapshotSha256 } from '../snapshot.ts';
import { importDataset } from './import.ts';

const FIXTURES = fileURLToPath(new URL('../../../provenance/signals/fixtures/', import.meta.url));

let work: string;
let store: TestStore;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'atelier-credits-'));
  store = await openTestStore(join(work, 'home'));
});
afterEach(async () => {
  await store.close();
  await rm(work, { recursive: true, force: true });
});

/** The samples of these rows. A last row, without which there would be one class only, is left out. */
async function imported(stated: readonly Record<string, unknown>[]): Promise<Sample[]> {
  const rows = [...stated, { file_name: 'plus-allowed.png' }];
  const folder = join(work, 'images');
  await mkdir(folder, { recursive: true });
  for (const { file_name: name } of rows) await cp(join(FIXTURES, String(name)), join(folder, String(name)));
  const lines = rows.map((row, at) => `${JSON.stringify({ question: 'How many?', answer: String(at), ...row })}\n`);
  await writeFile(join(folder, 'metadata.jsonl'), lines.join(''));
  const { dataset } = await importDataset(store, { path: folder, testShare: 0 });
  const samples = await store.datasets.allSamples(dataset.id);
  expect(snapshotSha256(samples)).toBe(dataset.snapshotSha256);
  return samples.slice(0, -1);
}

function creditsFor(samples: readonly Sample[]): ReturnType<typeof creditsOf> {
  return creditsOf(buildManifest({ samples, timesSeen: null, evaluatedSampleIds: new Set() }));
}

const SOURCE: Source = {
  title: 'Harbour at dawn',
  author: 'Ada Muster',
  licence: 'CC-BY-4.0',
  url: null,
  notice: '© 2025 Ada Muster',
  creditLine: 'Ada M.; Muster/Agency',
  creditUrl: 'https://example.org/ada',
};

describe('what an image says about its credit', () => {
  it('reaches NOTICE and ATTRIBUTION.csv: title, notice, credit line and its address', async () => {
    const samples = await imported([{ file_name: 'credit-xmp.jpg' }]);
    expect(samples[0]?.sources).toEqual([SOURCE]);
    const credits = creditsFor(samples);
    const notice = noticeText({
      withManifest: true,
      title: 'x',
      licence: null,
      base: { name: 'base', licence: null },
      duties: [],
      credits,
    });
    expect(notice).toContain(
      '- “Harbour at dawn” by Ada Muster, notice: © 2025 Ada Muster, ' +
        'to be credited as: Ada M.; Muster/Agency, https://example.org/ada, ' +
        'licence CC-BY-4.0 (https://creativecommons.org/licenses/by/4.0/); used for training\n',
    );
    expect(attributionCsv(credits).split('\r\n')).toEqual([
      'title,author,source,notice,credit_line,credit_url,licence,licence_url,used_for,images',
      'Harbour at dawn,Ada Muster,https://example.org/ada,© 2025 Ada Muster,Ada M.; Muster/Agency,https://example.org/ada,' +
        'CC-BY-4.0,https://creativecommons.org/licenses/by/4.0/,used for training; not included,1',
      '',
    ]);
  });

  it.each([
    ['credit-iim.jpg', { title: 'Harbour at noon', notice: '(c) 2024 Ada Muster', creditLine: 'Muster/Agency' }],
    ['credit-exif.jpg', { title: 'Harbour at dusk', notice: '(c) 2023 Ada Muster' }],
    ['credit-text.png', { title: 'Harbour at night', notice: '(c) 2022 Ada Muster' }],
  ])('is read from %s', async (name, credit) => {
    const [sample] = await imported([{ file_name: name }]);
    expect(sample?.sources).toEqual([{ author: 'Ada Muster', licence: null, url: null, ...credit }]);
  });

  it('survives an edit, and comes back when the edit is undone', async () => {
    const [sample] = await imported([{ file_name: 'credit-xmp.jpg' }]);
    const { datasetId } = sample!;
    const { edit } = await editSamples(store, {
      datasetId,
      select: { sampleIds: [sample!.id] },
      set: { licence: 'CC0-1.0' },
    });
    expect((await store.datasets.allSamples(datasetId))[0]?.sources).toEqual([{ ...SOURCE, licence: 'CC0-1.0' }]);
    await undoEdit(store, { datasetId, editId: edit!.id });
    expect((await store.datasets.allSamples(datasetId))[0]?.sources).toEqual([SOURCE]);
  });
});

describe('what a table says about credits', () => {
  it('a title column names the work, and wins over the metadata', async () => {
    const samples = await imported([
      { file_name: 'credit-xmp.jpg', title: 'The harbour' },
      { file_name: 'silent.jpg', title: 'A wall', author: 'Ben' },
    ]);
    expect(samples.map(({ sources }) => sources[0]?.title)).toEqual(['The harbour', 'A wall']);
    // Rows can still be grouped by it.
    expect(samples[1]?.extra).toEqual({ title: 'A wall' });
  });

  it('a source in words is where the work came from, never its title', async () => {
    const samples = await imported([
      { file_name: 'silent.jpg', author: 'Ben', source: 'City archive, box 7', licence: 'CC-BY-4.0' },
      { file_name: 'credit-xmp.jpg', source: 'https://example.org/harbour' },
    ]);
    expect(samples[0]?.sources).toEqual([
      { title: 'silent.jpg', author: 'Ben', licence: 'CC-BY-4.0', url: null, place: 'City archive, box 7' },
    ]);
    // An address says where the image itself came from: what the image says completes its credit.
    expect(samples[1]?.sources).toEqual([{ ...SOURCE, url: 'https://example.org/harbour' }]);
    const lines = attributionCsv(creditsFor(samples));
    expect(lines).toContain('silent.jpg,Ben,"City archive, box 7",');
    expect(lines).toContain('Harbour at dawn,Ada Muster,https://example.org/harbour,');
  });

  it('gives works that are only named by an address the author of the row, never that of the metadata', async () => {
    const works = ['https://example.org/a', 'https://example.org/b'];
    const samples = await imported([
      { file_name: 'credit-exif.jpg', sources: works },
      { file_name: 'silent.jpg', author: 'Dora', licence: 'CC0-1.0', sources: works },
    ]);
    const authorsOf = (sample: Sample | undefined): unknown[] =>
      sample?.sources.slice(0, 2).map(({ author, licence }) => [author, licence]) ?? [];
    expect(samples[0]?.authors).toEqual(['Ada Muster']);
    expect(authorsOf(samples[0])).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(authorsOf(samples[1])).toEqual([
      ['Dora', 'CC0-1.0'],
      ['Dora', 'CC0-1.0'],
    ]);
  });

  it('works in the image are credited beside the image, if it has a credit of its own', async () => {
    const works = [{ title: 'Icon', author: 'Cem', licence: 'MIT', notice: '© Cem' }, 'https://example.org/b'];
    const samples = await imported([
      { file_name: 'credit-exif.jpg', author: 'Dora', sources: works },
      { file_name: 'silent.jpg', author: 'Dora', sources: works },
    ]);
    const stated = [
      { title: 'Icon', author: 'Cem', licence: 'MIT', url: null, notice: '© Cem' },
      { title: '', author: 'Dora', licence: null, url: 'https://example.org/b' },
    ];
    expect(samples[1]?.sources).toEqual(stated);
    const itself = { author: 'Dora', licence: null, url: null, notice: '(c) 2023 Ada Muster' };
    expect(samples[0]?.sources).toEqual([...stated, { title: 'Harbour at dusk', ...itself }]);
    const notice = noticeText({
      withManifest: true,
      title: 'x',
      licence: null,
      base: { name: 'base', licence: null },
      duties: [],
      credits: creditsFor(samples),
    });
    expect(notice).toContain('- An untitled work by Dora, https://example.org/b, unknown licence; used for training');
  });
});

describe('columns of a table about rights', () => {
  /** The first sample of a table with this row, and what the import says about it. */
  async function row(values: Record<string, unknown>): Promise<{ sample: Sample; warnings: string }> {
    const [sample] = await imported([{ file_name: 'silent.jpg', license: 'CC BY 4.0', ...values }]);
    const [dataset] = await store.datasets.list();
    return { sample: sample!, warnings: dataset!.warnings.join(' ') };
  }

  it.each([
    ['rights', 'No AI training'],
    ['Rights Statement', 'Text- und Data-Mining vorbehalten (§ 44b UrhG)'],
    ['usage_terms', 'Not for training AI models.'],
    ['copyright', '© 2025 Ada. No AI training.'],
    ['credit', 'Ada/noai'],
    ['opt_out', true],
    ['ai_training', 'no'],
    ['TDM-Reservation', 1],
    ['trainAllowed', false],
    ['no_ai', 'ask me'],
    ['ai_training', ['yes', 'no']],
  ])('%s: “%s” opts the image out', async (column, text) => {
    const { sample } = await row({ [column]: text });
    expect(sample.verdict).toBe('opted-out');
    expect(sample.excluded?.reason).toContain(`The column “${column}” of the table`);
  });

  it.each([
    ['license_url', 'https://creativecommons.org/licenses/by-nc/4.0/', 'CC-BY-NC-4.0'],
    ['source_license', 'CC BY-NC 4.0', 'CC-BY-NC-4.0'],
    ['rights', 'CC BY-NC-SA 4.0', 'CC-BY-NC-SA-4.0'],
    ['source_licence', 'ask my aunt', `CC-BY-4.0 AND ${idOfWords('ask my aunt')}`],
    ['usage', 'For personal use only', 'CC-BY-4.0 AND LicenseRef-stated-non-commercial-use-only'],
  ])('%s: “%s” beside CC BY 4.0 counts, visibly', async (column, text, licence) => {
    const { sample, warnings } = await row({ [column]: text });
    expect(sample.licence).toBe(licence);
    expect(warnings).toMatch(/the stricter counts \(1 row\): .* instead of "/);
  });

  it.each([
    ['license_url', 'https://creativecommons.org/licenses/by/4.0/'],
    ['license_url', 'https://example.org/licence'],
    ['copyright', '© 2025 Ada. All rights reserved.'],
    ['copyright', 'MIT'],
    ['rights', 'No restrictions, including AI training'],
  ])('%s: “%s” takes nothing away', async (column, text) => {
    const { sample, warnings } = await row({ [column]: text });
    expect(sample).toMatchObject({ licence: 'CC-BY-4.0', verdict: 'unknown' });
    expect(warnings).not.toContain('stricter');
  });

  it('fill an empty licence, and the credit', async () => {
    const { sample } = await row({
      license: '',
      license_url: 'https://creativecommons.org/licenses/by-sa/4.0/',
      copyright: '© Ada',
      credit: 'Ada/Agency',
    });
    expect(sample.licence).toBe('CC-BY-SA-4.0');
    expect(sample.sources[0]).toMatchObject({ notice: '© Ada', creditLine: 'Ada/Agency' });
    expect((await row({ license: '', rights: 'All rights reserved' })).sample.licence).toBe(
      'LicenseRef-all-rights-reserved',
    );
  });

  it('two licence columns count both', async () => {
    expect((await row({ licence: 'CC BY-NC 4.0' })).sample.licence).toBe('CC-BY-NC-4.0');
    expect((await row({ license: 'CC BY-NC 4.0', licence: 'CC BY 4.0' })).sample.licence).toBe('CC-BY-NC-4.0');
  });

  it.each([
    ['opt_out', false],
    ['ai_training', 'yes'],
    ['tdm_reservation', ''],
  ])('%s: “%s” opts nothing out, and is read', async (column, value) => {
    const { sample, warnings } = await row({ [column]: value });
    expect(sample.verdict).toBe('unknown');
    expect(warnings).not.toContain('not read');
  });

  it('inside an object opt out as well', async () => {
    const { sample } = await row({ permissions: { ai_training: false } });
    expect(sample.excluded?.reason).toContain('The column “ai_training” of the table forbids training: “false”.');
  });

  it('that nobody reads are named', async () => {
    const { warnings } = await row({ mood: 'calm', rights: 'CC BY 4.0' });
    expect(warnings).toContain('The column "mood" was not read.');
  });

  it('a source stands beside the works in the image', async () => {
    const source = 'https://ex.org/zebra';
    const samples = await imported([
      { file_name: 'silent.jpg', licence: 'CC0-1.0', sources: [{ title: 'Icon', author: 'Cem', licence: 'MIT' }, 'b'] },
      { file_name: 'c2pa-silent.jpg', licence: 'CC0-1.0', source },
      {
        file_name: 'licence-unknown.jpg',
        licence: 'CC0-1.0',
        source,
        sources: ['https://ex.org/a', 'https://ex.org/b'],
      },
    ]);
    expect(samples[1]?.sources).toMatchObject([{ url: source }]);
    expect(samples[2]?.sources.map(({ url }) => url)).toEqual(['https://ex.org/a', 'https://ex.org/b', source]);
    expect(attributionCsv(creditsFor(samples))).toContain(`licence-unknown.jpg,not known,${source}`);
  });
});
