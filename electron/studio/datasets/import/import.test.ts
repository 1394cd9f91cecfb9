/** @file Importing: what users supply, what can be wrong with it, and that nothing is ever half-imported. */
import { appendFile, mkdir, readFile, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { licenceInWords } from '../../../contract/model/stated-licence.ts';
import { ledgerForDatasets } from '../../ledger/report.ts';
import { sha256Hex } from '../../../store/connection/canonical.ts';
import type { Database } from '../../../store/connection/connection.ts';
import { withDatabase } from '../../../store/testing/raw-database.ts';
import { startChild } from '../../../store/testing/processes.ts';
import { engineSamples } from '../engine-samples.ts';
import { importDataset, inspectImport } from './import.ts';
import { snapshotSha256 } from '../snapshot.ts';
import { importStarter } from './starter.ts';
import { freshDataFolder, openTestStore } from '../testing/data-folder.ts';
import { goodRows, picture, writeFolder, type Row } from '../testing/pictures.ts';
import { localPictures } from '../../../pictures/work.ts';

const on = freshDataFolder();

/** Expects nothing in the tables, the blob store or the audit log. */
async function expectUntouched(): Promise<void> {
  for (const table of ['dataset', 'sample', 'image', 'source', 'licence', 'audit']) {
    const rows = await withDatabase(on.home, (database) => database.get(`SELECT count(*) AS n FROM ${table}`));
    expect(rows, table).toEqual({ n: 0 });
  }
  expect(await on.store.blobs.list()).toEqual([]);
}

async function folderWith(
  change: (rows: Row[], images: Record<string, Buffer>) => void | Promise<void>,
  count = 6,
): Promise<string> {
  const { rows, images } = await goodRows(count);
  await change(rows, images);
  return await writeFolder(join(on.work, 'pictures'), rows, images);
}

describe('a good folder', () => {
  it('is counted up to its number of rows, also where no line break ends the table', async () => {
    const folder = await folderWith(() => undefined, 3);
    const table = join(folder, 'metadata.jsonl');
    await writeFile(table, (await readFile(table, 'utf8')).trimEnd());
    const told: string[] = [];
    await importDataset(on.store, { path: folder }, ({ phase, done, total }) => {
      if (phase === 'Checking images') told.push(`${done}/${String(total)}`);
    });
    expect(new Set(told)).toEqual(new Set(['1/3', '2/3', '3/3']));
  });

  it('becomes a dataset with its images, credits, splits and record', async () => {
    const folder = await folderWith((rows) => {
      rows[0] = { ...rows[0], licence: 'mit', authors: undefined, note: { kept: [1, 2] } };
      rows[1] = { ...rows[1], licence: null };
    }, 10);
    const phases = new Set<string>();
    const { dataset, report } = await importDataset(on.store, { path: folder, task: 'counting' }, (progress) =>
      phases.add(progress.phase),
    );
    expect(dataset).toMatchObject({
      name: 'pictures',
      samples: 10,
      train: 8,
      test: 2,
      authors: 1,
      tasks: [{ task: 'counting', samples: 10 }],
    });
    expect(dataset.id).toBe(`ds-${dataset.snapshotSha256.slice(0, 8)}`);
    expect(dataset.licences).toEqual([
      { licence: 'CC0-1.0', samples: 8 },
      { licence: 'MIT', samples: 1 },
      { licence: null, samples: 1 },
    ]);
    expect(report).toMatchObject({
      rowsRead: 10,
      rowsUsable: 10,
      problems: [],
      imagesFound: 10,
      imagesMissing: 0,
      duplicates: 0,
    });
    expect(report.warnings.join()).toContain('The licence of 1 of 10 images is unknown');
    expect([...phases]).toEqual(['Reading the table', 'Checking images', 'Writing the dataset']);

    const { samples } = await on.store.datasets.samples({ datasetId: dataset.id, offset: 0, limit: 100 });
    expect(snapshotSha256([...samples].reverse())).toBe(dataset.snapshotSha256);
    expect(samples[0]).toMatchObject({
      position: 0,
      imageName: '0.png',
      width: 8,
      height: 8,
      licence: 'MIT',
      authors: ['Ada'],
      extra: { note: { kept: [1, 2] } },
      sources: [{ title: '0.png', author: 'Ada', licence: 'MIT', url: null }],
    });
    const bytes = await readFile(join(folder, '0.png'));
    expect(samples[0]?.imageSha256).toBe(sha256Hex(bytes));
    expect(await readFile(await on.store.blobs.get(sha256Hex(bytes)))).toEqual(bytes);
    expect((await on.store.audit.all()).map((entry) => entry.action)).toEqual(['dataset.imported']);
    expect(await engineSamples(on.store, dataset.id, 'test')).toHaveLength(2);
    expect(
      await on.store.datasets.samples({ datasetId: dataset.id, offset: 0, limit: 1, licence: null }),
    ).toMatchObject({
      total: 1,
    });
  });

  it('inspected first, promises exactly what the import then does, and writes nothing', async () => {
    const folder = await folderWith((rows) => {
      rows[2] = { ...rows[2], answer: '' };
    });
    const promised = await inspectImport({ pictures: localPictures }, { path: folder, onProblem: 'skip' });
    await expectUntouched();
    expect((await importDataset(on.store, { path: folder, onProblem: 'skip' })).report).toEqual(promised);
  });

  it('is read by other column names, by a mapping, as CSV and from a subfolder', async () => {
    const folder = join(on.work, 'csv');
    const { images } = await goodRows(3);
    await writeFolder(join(folder, 'images'), [], images);
    const rows = [
      '0.png,Q 0?,"<answer> 4 </answer>",test,https://example.org/a',
      'images\\1.png,<image>Q 1?,5,train,',
      './2.png,"Q 2, really?",6,,',
    ];
    await writeFile(join(folder, 'table.csv'), `Image Path,Problem,Solution,Split,Source URL\n${rows.join('\n')}\n`);
    const { dataset, report } = await importDataset(on.store, { path: folder });
    expect(report.mapping).toEqual({
      image: 'Image Path',
      prompt: 'Problem',
      answer: 'Solution',
      split: 'Split',
      source: 'Source URL',
    });
    const { samples } = await on.store.datasets.samples({ datasetId: dataset.id, offset: 0, limit: 9 });
    expect(samples.map(({ prompt, answer }) => [prompt, answer])).toEqual([
      ['Q 0?', '4'],
      ['Q 1?', '5'],
      ['Q 2, really?', '6'],
    ]);
    expect(samples.map((sample) => sample.split).slice(0, 2)).toEqual(['test', 'train']);
    expect(samples[0]?.sources).toEqual([
      { title: '0.png', author: null, licence: null, url: 'https://example.org/a' },
    ]);
    const swapped = await inspectImport(
      { pictures: localPictures },
      {
        path: join(folder, 'table.csv'),
        mapping: { prompt: 'Solution', answer: 'Problem' },
      },
    );
    expect(swapped.preview[1]).toMatchObject({ prompt: '5', answer: '<image>Q 1?' });
  });

  it('with one broken line is refused, or imported without that line, which is listed', async () => {
    const folder = await folderWith(() => undefined);
    await appendFile(join(folder, 'metadata.jsonl'), '{"file_name": \n[1, 2]\n');
    await expect(importDataset(on.store, { path: folder })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { row: 7 },
    });
    await expectUntouched();
    const { dataset, report } = await importDataset(on.store, { path: folder, onProblem: 'skip' });
    expect(dataset.samples).toBe(6);
    expect(report.problems).toMatchObject([
      { row: 7, reason: expect.stringContaining('not JSON') as string },
      { row: 8, reason: 'This is not a JSON object.' },
    ]);
  });

  it('finds a file whose accents are written the other way', async () => {
    const folder = await folderWith((rows, images) => {
      images['Bär'.normalize('NFD') + '.png'] = images['0.png'] ?? Buffer.alloc(0);
      rows[0] = { ...rows[0], file_name: `${'Bär'.normalize('NFC')}.png` };
    });
    expect((await importDataset(on.store, { path: folder })).dataset.samples).toBe(6);
  });

  it('imported again is the dataset that is there', async () => {
    const folder = await folderWith(() => undefined);
    const first = await importDataset(on.store, { path: folder });
    for (const request of [{ path: folder }, { path: folder, name: 'pictures' }]) {
      const again = await importDataset(on.store, request);
      expect(again.dataset).toEqual(first.dataset);
      expect(again.report.alreadyHere).toContain('so nothing was imported again.');
      expect(again.report.standsBeside).toEqual([]);
    }
    expect(await on.store.datasets.list()).toHaveLength(1);
    for (const change of [{ orientation: 'as-stored' }, { unknownUse: 'ask' }, { seed: 8 }] as const)
      expect((await importDataset(on.store, { path: folder, ...change })).dataset.id).not.toBe(first.dataset.id);
  });

  it('imported again after what lies beside its pictures has changed is another dataset', async () => {
    const folder = await folderWith(() => undefined);
    const { dataset } = await importDataset(on.store, { path: folder });
    const optOut = join(folder, 'tdmrep.json');
    await writeFile(optOut, JSON.stringify([{ location: '/', 'tdm-reservation': 1 }]));
    const refused = await importDataset(on.store, { path: folder });
    expect(refused.dataset.id).not.toBe(dataset.id);
    expect([dataset.name, refused.dataset.name]).toEqual(['pictures', 'pictures (2)']);
    expect(refused.report.standsBeside).toEqual([
      `Exactly this data is already here as "pictures" (${dataset.id}).`,
      'A dataset is already named "pictures", so this one is named "pictures (2)".',
    ]);
    expect(refused.dataset.excluded.train).toBeGreaterThan(0);
    expect((await importDataset(on.store, { path: folder })).dataset.id).toBe(refused.dataset.id);
    await rm(optOut);
    // The opt-out follows its images, and that it came from elsewhere is said.
    const freed = await importDataset(on.store, { path: folder });
    expect(freed.dataset.excluded).toEqual(refused.dataset.excluded);
    expect((await importDataset(on.store, { path: folder })).dataset.id).toBe(freed.dataset.id);
  });

  it('changed and imported again gets a name of its own, and says what it stands beside', async () => {
    const folder = await folderWith(() => undefined);
    const first = await importDataset(on.store, { path: folder });
    expect(first.report.standsBeside).toEqual([]);
    const others = [];
    for (const text of ['What is 40 + 2?', 'What is 41 + 1?']) {
      const table = join(folder, 'metadata.jsonl');
      await writeFile(table, (await readFile(table, 'utf8')).replace(/"question":"[^"]*"/, `"question":"${text}"`));
      others.push(await importDataset(on.store, { path: folder }));
    }
    expect(others.map(({ dataset }) => dataset.name)).toEqual(['pictures (2)', 'pictures (3)']);
    const [second, third] = others;
    expect(second?.report.standsBeside).toEqual([
      `"pictures" (${first.dataset.id}) came from the same place and differs from this data, so both are here now.`,
      'A dataset is already named "pictures", so this one is named "pictures (2)".',
    ]);
    expect(third?.dataset.warnings).toEqual(expect.arrayContaining(third?.report.standsBeside ?? []));
    const named = await importDataset(on.store, { path: folder, name: 'pictures', seed: 8 });
    expect(named.dataset.name).toBe('pictures');
    expect(named.report.standsBeside).toContain('Another dataset is named "pictures" too; their ids tell them apart.');
  });

  it('imported again under another name is two datasets, and says so', async () => {
    const folder = await folderWith(() => undefined);
    const first = await importDataset(on.store, { path: folder });
    const second = await importDataset(on.store, { path: folder, name: 'Again' });
    expect(second.dataset).toMatchObject({
      id: `${first.dataset.id}-2`,
      name: 'Again',
      snapshotSha256: first.dataset.snapshotSha256,
    });
    expect(second.report.standsBeside.join()).toContain(`already here as "pictures" (${first.dataset.id})`);
    expect(await on.store.blobs.list()).toHaveLength(6);
  });

  it('warns about animations and turned photographs, and uses their first frame as stored', async () => {
    const folder = await folderWith(async (rows, images) => {
      const frames = await sharp([await picture(1), await picture(200)], { join: { animated: true } })
        .gif()
        .toBuffer();
      images['moving.gif'] = frames;
      images['turned.jpg'] = await sharp({ create: { width: 20, height: 10, channels: 3, background: 'red' } })
        .withMetadata({ orientation: 6 })
        .jpeg()
        .toBuffer();
      rows[0] = { ...rows[0], file_name: 'moving.gif' };
      rows[1] = { ...rows[1], file_name: 'turned.jpg' };
    });
    const { dataset, report } = await importDataset(on.store, { path: folder });
    expect(report.warnings).toContainEqual(expect.stringMatching(/first frame of animated.*moving\.gif/));
    expect(report.warnings).toContainEqual(expect.stringMatching(/turned.*turned\.jpg/));
    const { samples } = await on.store.datasets.samples({ datasetId: dataset.id, offset: 0, limit: 2 });
    expect(samples.map(({ width, height }) => [width, height])).toEqual([
      [8, 8],
      [20, 10],
    ]);
  });
});

describe('rows that cannot be used', () => {
  const cases: [string, (rows: Row[], images: Record<string, Buffer>) => void | Promise<void>, RegExp, string][] = [
    [
      'a missing file',
      (rows) => void (rows[2] = { ...rows[2], file_name: 'gone.png' }),
      /There is no file "gone\.png"/,
      'file_name',
    ],
    [
      'an empty file',
      (_, images) => void (images['2.png'] = Buffer.alloc(0)),
      /2\.png is not a complete, readable image/,
      'file_name',
    ],
    [
      'a text called .png',
      (_, images) => void (images['2.png'] = Buffer.from('not a picture')),
      /not a complete, readable image/,
      'file_name',
    ],
    [
      'a truncated image',
      async (_, images) => void (images['2.png'] = (await picture(2, 300)).subarray(0, 200)),
      /not a complete, readable image/,
      'file_name',
    ],
    [
      'a gigantic image',
      async (_, images) => void (images['2.png'] = await picture(2, 8200)),
      /8200 × 8200 pixels, above the limit/,
      'file_name',
    ],
    [
      'an image that no processor takes',
      async (_, images) =>
        void (images['2.png'] = await sharp({ create: { width: 603, height: 3, channels: 3, background: '#fff' } })
          .png()
          .toBuffer()),
      /603 × 3 pixels is too long and thin/,
      'file_name',
    ],
    [
      'a way out of the folder',
      (rows) => void (rows[2] = { ...rows[2], file_name: '../../etc/passwd' }),
      /leads out of the folder/,
      'file_name',
    ],
    [
      'an absolute path',
      (rows) => void (rows[2] = { ...rows[2], file_name: '/etc/hostname' }),
      /leads out of the folder/,
      'file_name',
    ],
    [
      'an address',
      (rows) => void (rows[2] = { ...rows[2], file_name: 'https://example.org/a.png' }),
      /uses no network/,
      'file_name',
    ],
    [
      'an empty question',
      (rows) => void (rows[2] = { ...rows[2], question: '  ' }),
      /The column "question" is empty/,
      'question',
    ],
    ['no answer', (rows) => void (rows[2] = { ...rows[2], answer: null }), /The column "answer" is empty/, 'answer'],
    [
      'an answer that is an object',
      (rows) => void (rows[2] = { ...rows[2], answer: { is: 3 } }),
      /holds an object instead of text/,
      'answer',
    ],
    ['an unknown split', (rows) => void (rows[2] = { ...rows[2], split: 'maybe' }), /neither train nor test/, 'split'],
    [
      'an unknown task',
      (rows) => void (rows[2] = { ...rows[2], task: 'cooking' }),
      /not one of counting, geometry, other/,
      'task',
    ],
    ['a duplicate', (rows) => void (rows[2] = { ...rows[1] }), /same question as in row 2\./, 'file_name'],
    [
      'a duplicate with another answer',
      (rows) => void (rows[2] = { ...rows[1], answer: '9' }),
      /another answer \("9" instead of "1"\)/,
      'file_name',
    ],
  ];

  it.each(cases)('%s: stops with row and field, or is left out and listed', async (_, change, reason, field) => {
    const folder = await folderWith(change);
    await expect(importDataset(on.store, { path: folder })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(reason) as string,
      place: { file: join(folder, 'metadata.jsonl'), row: 3, field },
      remedy: expect.stringContaining('skip') as string,
    });
    await expectUntouched();
    const { dataset, report } = await importDataset(on.store, { path: folder, onProblem: 'skip' });
    expect(dataset.samples).toBe(5);
    expect(report.problems).toEqual(
      [{ row: 3, file: expect.anything() as unknown, field, reason: expect.stringMatching(reason) as string }].map(
        (problem) => ({ ...problem, file: report.problems[0]?.file ?? null }),
      ),
    );
    expect(dataset.warnings.join()).toContain('left out');
  });

  it('refuses a link that leads out of the folder', async () => {
    await mkdir(join(on.work, 'elsewhere'));
    await writeFile(join(on.work, 'elsewhere', 'private.png'), await picture(9));
    const folder = await folderWith((rows) => void (rows[0] = { ...rows[0], file_name: 'link.png' }));
    await symlink(join(on.work, 'elsewhere', 'private.png'), join(folder, 'link.png'));
    await expect(importDataset(on.store, { path: folder })).rejects.toThrow('leads out of the folder');
    await expectUntouched();
  });

  it('keeps one image out of both splits', async () => {
    const folder = await folderWith((rows) => {
      rows[0] = { ...rows[0], split: 'train' };
      rows[1] = { ...rows[0], question: 'Another question?', split: 'test' };
      rows[2] = { ...rows[0], question: 'A third one, with no split?', split: undefined };
    });
    const { dataset, report } = await importDataset(on.store, { path: folder, onProblem: 'skip' });
    expect(report.problems).toMatchObject([
      { row: 2, field: 'split', reason: expect.stringContaining('split "train" in row 1') as string },
    ]);
    const { samples } = await on.store.datasets.samples({ datasetId: dataset.id, offset: 0, limit: 9, split: 'train' });
    expect(samples.map((sample) => sample.prompt)).toContain('A third one, with no split?');
  });

  it('keeps a licence that it cannot read in its own words, shows them, and permits nothing by it', async () => {
    const folder = await folderWith((rows) => {
      rows[0] = { ...rows[0], licence: 'Ask my aunt; she is nice!' };
      rows[1] = { ...rows[1], source: [{ title: 'Painting', license: 'the museum’s terms' }] };
      rows[2] = { ...rows[2], licence: ['CC BY 4.0', 'and my blessing'] };
    });
    const { dataset, report } = await importDataset(on.store, { path: folder });
    expect(report.warnings.join()).toContain('"Ask my aunt; she is nice!"');
    const { samples } = await on.store.datasets.samples({ datasetId: dataset.id, offset: 0, limit: 3 });
    const [first, second, third] = samples;
    expect(first).toMatchObject({ licenceSource: 'table', extra: { licence: 'Ask my aunt; she is nice!' } });
    expect(licenceInWords(first!.licence!)).toBe('“Ask my aunt; she is nice!” (not understood)');
    expect(licenceInWords(second!.sources[0]!.licence!)).toBe('“the museum’s terms” (not understood)');
    expect(licenceInWords(third!.licence!)).toBe('(CC-BY-4.0) AND (“and my blessing” (not understood))');
    // The words are in the ledger and in the audit log.
    const { lines, purposes } = await ledgerForDatasets(on.store, { datasetIds: [dataset.id] });
    expect(lines.find(({ licence }) => licence === first!.licence)?.reading).toBe(
      'Unknown: the stated terms “Ask my aunt; she is nice!” are not understood, so read them yourself.',
    );
    expect(purposes.map(({ verdict }) => verdict)).toEqual(['needs-decision', 'needs-decision', 'needs-decision']);
    const [entry] = (await on.store.audit.all()).filter(({ action }) => action === 'dataset.imported');
    expect(entry?.body['licencesNotUnderstood']).toContain('“Ask my aunt; she is nice!” (not understood)');
  });

  it('reads a licence that is an object by every text in it that names or restricts one', async () => {
    const folder = await folderWith((rows) => {
      rows[0] = { ...rows[0], licence: { name: 'CC BY-NC 4.0' } };
      rows[1] = { ...rows[1], licence: { id: 3, name: 'MIT', note: 'non-commercial use only' } };
      rows[2] = { ...rows[2], licence: { terms: 'my own' } };
    });
    const { dataset } = await importDataset(on.store, { path: folder });
    const { samples } = await on.store.datasets.samples({ datasetId: dataset.id, offset: 0, limit: 3 });
    expect(samples[0]).toMatchObject({ licence: 'CC-BY-NC-4.0', extra: { licence: { name: 'CC BY-NC 4.0' } } });
    expect(samples.map(({ licence }) => licenceInWords(licence ?? ''))).toEqual([
      'CC-BY-NC-4.0',
      '(MIT) AND (“non-commercial use only” (not understood))',
      '“{"terms":"my own"}” (not understood)',
    ]);
  });

  it('lets words against training in a licence column or a notice opt the image out', async () => {
    const folder = await folderWith((rows) => {
      rows[0] = { ...rows[0], licence: 'CC BY 4.0, no AI training' };
      rows[1] = { ...rows[1], source: [{ title: 'Painting', notice: '© Ada. Text- und Data-Mining vorbehalten.' }] };
      rows[2] = { ...rows[2], licence: 'No restrictions, including AI training' };
    });
    const { dataset } = await importDataset(on.store, { path: folder });
    const { samples } = await on.store.datasets.samples({ datasetId: dataset.id, offset: 0, limit: 3 });
    expect(samples.map(({ verdict }) => verdict)).toEqual(['opted-out', 'opted-out', 'unknown']);
    expect(samples[0]?.signals).toMatchObject([
      { locator: 'table', value: 'disallow', raw: 'CC BY 4.0, no AI training' },
    ]);
    expect(samples[0]?.excluded?.reason).toContain('The licence in the table forbids training or data mining');
  });

  it('reads licences as people write them, and keeps and shows the words', async () => {
    const written = [
      'CC BY 4.0',
      'https://creativecommons.org/licenses/by-nc/2.0/',
      'All Rights Reserved.',
      'cc0',
      'CC BY',
    ];
    const folder = await folderWith((rows) => {
      written.forEach((licence, at) => (rows[at] = { ...rows[at], licence }));
      rows[5] = { ...rows[5], source: [{ title: 'Painting', license: 'CC BY-SA 4.0' }] };
    });
    const { dataset, report } = await importDataset(on.store, { path: folder });
    const { samples } = await on.store.datasets.samples({ datasetId: dataset.id, offset: 0, limit: 6 });
    expect(samples.map(({ licence, extra }) => [licence, extra['licence']])).toEqual([
      ['CC-BY-4.0', 'CC BY 4.0'],
      ['CC-BY-NC-2.0', 'https://creativecommons.org/licenses/by-nc/2.0/'],
      ['LicenseRef-all-rights-reserved', 'All Rights Reserved.'],
      ['CC0-1.0', 'cc0'],
      ['LicenseRef-CC-BY', 'CC BY'],
      ['CC0-1.0', undefined],
    ]);
    expect(samples[5]).toMatchObject({
      sources: [{ title: 'Painting', licence: 'CC-BY-SA-4.0' }],
      extra: { source: [{ license: 'CC BY-SA 4.0' }] },
    });
    expect(report.warnings.join(' ')).toContain('"CC BY 4.0" as CC-BY-4.0');
  });

  it('refuses a licence for all rows that it does not understand', async () => {
    const folder = await folderWith((rows) => void (rows[0] = { ...rows[0], licence: '' }));
    await expect(importDataset(on.store, { path: folder, fixed: { licence: 'ask my aunt' } })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { field: 'licence' },
    });
    const { dataset } = await importDataset(on.store, { path: folder, fixed: { licence: 'CC BY 4.0' } });
    const { samples } = await on.store.datasets.samples({ datasetId: dataset.id, offset: 0, limit: 1 });
    expect(samples[0]?.licence).toBe('CC-BY-4.0');
  });
});

describe('tables that cannot be used', () => {
  it.each<[string, (rows: Row[]) => void, RegExp]>([
    ['one class', (rows) => rows.forEach((row) => (row['answer'] = '3')), /same answer \("3"\).*one class/],
    ['one usable row', (rows) => rows.splice(1), /Only one row/],
    [
      'no usable row',
      (rows) => rows.forEach((row) => (row['file_name'] = 'gone.png')),
      /No row.*row 1: There is no file/,
    ],
  ])('%s, even when rows may be left out', async (_, change, reason) => {
    const folder = await folderWith(change);
    await expect(importDataset(on.store, { path: folder, onProblem: 'skip' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(reason) as string,
    });
    expect(
      (await inspectImport({ pictures: localPictures }, { path: folder, onProblem: 'skip' })).problems[0],
    ).toMatchObject({ row: null });
    await expectUntouched();
  });

  it('says which columns there are when one is named wrongly or not found', async () => {
    const folder = await folderWith(() => undefined);
    await expect(importDataset(on.store, { path: folder, mapping: { answer: 'anser' } })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { field: 'answer' },
      message: expect.stringMatching(/no column "anser".*file_name, question, answer, licence, author/) as string,
    });
    const odd = await writeFolder(join(on.work, 'odd'), [{ picture: 'a.png', spørsmål: 'Hvor mange?', svar: '3' }], {});
    await expect(inspectImport({ pictures: localPictures }, { path: odd })).rejects.toMatchObject({
      place: { field: 'image' },
      message: expect.stringContaining('picture, spørsmål, svar') as string,
    });
  });

  it('says what a folder holds instead of a table', async () => {
    await expect(inspectImport({ pictures: localPictures }, { path: on.work })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('no table') as string,
    });
    for (const name of ['a.csv', 'b.csv']) await writeFile(join(on.work, name), 'file_name,question,answer\n');
    await expect(inspectImport({ pictures: localPictures }, { path: on.work })).rejects.toThrow(
      '2 tables (a.csv, b.csv)',
    );
    await expect(inspectImport({ pictures: localPictures }, { path: join(on.work, 'nowhere') })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('an import that does not come to its end', () => {
  it('leaves nothing when it is cancelled, at whatever point', async () => {
    const folder = await folderWith(() => undefined, 8);
    for (const phase of ['Reading the table', 'Checking images', 'Writing the dataset']) {
      const controller = new AbortController();
      const stop = (progress: { phase: string }): void => (progress.phase === phase ? controller.abort() : undefined);
      await expect(importDataset(on.store, { path: folder }, stop, controller.signal)).rejects.toMatchObject({
        code: 'CANCELLED',
      });
      await expectUntouched();
    }
    expect((await importDataset(on.store, { path: folder })).dataset.samples).toBe(8);
  });

  it('leaves nothing when the disk is full while images are stored, and keeps what was there', async () => {
    const folder = await folderWith(() => undefined, 8);
    const kept = await importDataset(on.store, {
      path: await writeFolder(
        join(on.work, 'kept'),
        ...(Object.values(await goodRows(2)) as [Row[], Record<string, Buffer>]),
      ),
    });
    let files = 0;
    const full = await openTestStore(on.home, {
      blobWriter: {
        async write(handle, bytes) {
          files += 1;
          if (files > 5) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
          await handle.write(bytes);
        },
      },
    });
    await expect(importDataset(full, { path: folder })).rejects.toMatchObject({ code: 'DISK_FULL' });
    await full.close();
    expect((await on.store.datasets.list()).map((dataset) => dataset.id)).toEqual([kept.dataset.id]);
    expect(await on.store.blobs.list()).toHaveLength(2);
    expect(await readdir(join(on.home, 'blobs', 'incoming'))).toEqual([]);
  });

  it('leaves nothing when the database is full while it is written', async () => {
    const folder = await folderWith((rows) => rows.forEach((row) => (row['note'] = 'x'.repeat(20_000))), 8);
    let database: Database | undefined;
    const full = await openTestStore(on.home, { onDatabase: (opened) => (database = opened) });
    const { page_count: pages } = (await database!.get<{ page_count: number }>('PRAGMA page_count'))!;
    await database!.all(`PRAGMA max_page_count = ${pages + 3}`);
    await expect(importDataset(full, { path: folder })).rejects.toMatchObject({ code: 'DISK_FULL' });
    await expectUntouched();
    await database!.all('PRAGMA max_page_count = 1000000');
    expect((await importDataset(full, { path: folder })).dataset.samples).toBe(8);
    await full.close();
  });

  it.each(['4', 'writing'])(
    'leaves no dataset when its process is killed (at %s), and a second start clears up',
    { timeout: 120_000 },
    async (point) => {
      const folder = await folderWith(() => undefined, 12);
      const child = startChild(join(import.meta.dirname, '..', 'testing', 'child.ts'), [on.home, folder, point]);
      expect(await child.ended).toBe('SIGKILL');
      const left = await on.store.blobs.list();
      expect(left.length).toBeGreaterThan(0);
      const yesterday = new Date(Date.now() - 24 * 3600 * 1000);
      for (const sha256 of left) await utimes(on.store.blobs.pathOf(sha256), yesterday, yesterday);
      const again = await openTestStore(on.home);
      await expectUntouched();
      expect(await readdir(join(on.home, 'blobs', 'incoming'))).toEqual([]);
      expect((await importDataset(again, { path: folder })).dataset.samples).toBe(12);
      await again.close();
    },
  );
});

describe('starter data', () => {
  it('is imported once, comes back after it was removed, and anew when it changed', async () => {
    const { rows, images } = await goodRows(5);
    const resources = join(on.work, 'resources');
    const folder = await writeFolder(join(resources, 'datasets', 'counting'), rows, images);
    const first = await importStarter(on.store, resources, 'counting');
    expect(first).toMatchObject({ samples: 5, tasks: [{ task: 'counting', samples: 5 }] });
    expect((await importStarter(on.store, resources, 'counting', undefined, undefined, 'Zählen')).id).toBe(first.id);
    await on.store.datasets.remove(first.id);
    expect((await importStarter(on.store, resources, 'counting')).id).toBe(first.id);
    expect(await on.store.datasets.list()).toHaveLength(1);
    await writeFolder(folder, rows.slice(1), {});
    expect((await importStarter(on.store, resources, 'counting')).id).not.toBe(first.id);
    await expect(importStarter(on.store, resources, 'geometry')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
