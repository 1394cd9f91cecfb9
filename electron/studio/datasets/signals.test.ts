/** @file From an image's embedded statements to the training data: import, exclusion, overrides and their records. */
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../contract/model/datasets.ts';
import { OverrideRequest } from '../../contract/model/signals.ts';
import { idOfWords, licenceInWords } from '../../contract/model/stated-licence.ts';
import { withDatabase } from '../../store/testing/raw-database.ts';
import { ledgerForDatasets } from '../ledger/report.ts';
import { engineSamples } from './engine-samples.ts';
import { importDataset, inspectImport } from './import/import.ts';
import { freshDataFolder, openTestStore } from './testing/data-folder.ts';
import { picture, writeFolder, type Row } from './testing/pictures.ts';
import { localPictures } from '../../pictures/work.ts';

const on = freshDataFolder();
const folder = (): string => join(on.work, 'images');

const FIXTURES = fileURLToPath(new URL('../../provenance/signals/fixtures/', import.meta.url));

/** A folder with copies of real images (`fixtures`) and plain images, one row each, in the training split. */
async function makeFolder(fixtures: string[], plain: string[] = [], columns: Row = {}): Promise<void> {
  const names = [...fixtures, ...plain];
  const rows = names.map((name, index) => ({
    file_name: name,
    question: 'How many?',
    answer: String(index),
    split: 'train',
    ...columns,
  }));
  await writeFolder(folder(), rows, {});
  for (const name of fixtures) await copyFile(join(FIXTURES, name), join(folder(), name));
  for (const [index, name] of plain.entries()) {
    await mkdir(join(folder(), name, '..'), { recursive: true });
    await writeFile(join(folder(), name), await picture(index));
  }
}

async function importFolder() {
  return await importDataset(on.store, { path: folder() });
}

async function samplesByName(datasetId: Sample['datasetId'], asOf?: string): Promise<Map<string, Sample>> {
  return new Map(
    (await on.store.datasets.allSamples(datasetId, undefined, asOf)).map((sample) => [sample.imageName, sample]),
  );
}

async function offered(datasetId: Sample['datasetId'], asOf?: string): Promise<string[]> {
  const names = new Map((await on.store.datasets.allSamples(datasetId)).map(({ id, imageName }) => [id, imageName]));
  return (await engineSamples(on.store, datasetId, 'train', 0, asOf)).map((sample) => names.get(sample.id) ?? '');
}

function decide(request: Parameters<typeof OverrideRequest.parse>[0]) {
  return on.store.signals.decide(OverrideRequest.parse(request));
}

describe('opted-out images', () => {
  it('are imported and shown with their reason, and training does not see them', async () => {
    await makeFolder(['c2pa-not-allowed.jpg', 'plus-prohibited.jpg', 'silent.jpg'], ['plain.png']);
    const promised = await inspectImport({ pictures: localPictures }, { path: folder() });
    const { dataset, report } = await importFolder();
    expect(report).toEqual(promised);
    expect(report.optedOut).toBe(2);
    expect(report.signals).toContainEqual({ kind: 'plus', value: 'disallow', images: 1 });
    expect(report.warnings.join('\n')).toContain(
      'Opted out of training, so imported but left out of training and evaluation: 2 images: c2pa-not-allowed.jpg, plus-prohibited.jpg.',
    );
    expect(dataset).toMatchObject({ samples: 4, train: 4, excluded: { train: 2, test: 0 } });
    const samples = await samplesByName(dataset.id);
    expect(samples.get('plus-prohibited.jpg')).toMatchObject({
      verdict: 'opted-out',
      excluded: {
        cause: 'opted-out',
        reason:
          "The image's metadata prohibits training of AI and machine learning (not signed). Found in XMP, plus:DataMining.",
      },
      override: null,
    });
    expect(samples.get('plain.png')).toMatchObject({ verdict: 'unknown', excluded: null, signals: [] });
    expect(await offered(dataset.id)).toEqual(['silent.jpg', 'plain.png']);
    expect(await engineSamples(on.store, dataset.id, 'train', 1)).toHaveLength(1);
  });

  it('are those whose words forbid training, wherever in the file people write them', async () => {
    const words = ['words-exif-copyright.jpg', 'words-iim-copyright.jpg', 'words-comment.jpg', 'words-iim.png'];
    await makeFolder([...words, 'words-none.jpg'], ['plain.png']);
    const { dataset, report } = await importFolder();
    expect(report.optedOut).toBe(words.length);
    const samples = await samplesByName(dataset.id);
    expect(samples.get('words-exif-copyright.jpg')).toMatchObject({
      verdict: 'opted-out',
      excluded: {
        cause: 'opted-out',
        reason: 'EXIF Copyright forbids training or data mining: “No AI training”. Found in image, EXIF Copyright.',
      },
    });
    expect(samples.get('words-exif-copyright.jpg')!.signals.map(({ value, raw }) => [value, raw])).toEqual([
      ['unknown', 'No AI training'],
      ['disallow', 'No AI training'],
    ]);
    expect(samples.get('words-none.jpg')).toMatchObject({ verdict: 'unknown', excluded: null });
    expect(await offered(dataset.id)).toEqual(['words-none.jpg', 'plain.png']);
  });

  it('are told when nothing is left to train on', async () => {
    await makeFolder(['c2pa-not-allowed.jpg', 'plus-prohibited.jpg']);
    const { dataset, report } = await importFolder();
    expect(report.excluded).toEqual(dataset.excluded);
    expect(report.stopsTraining).toBe(
      'Every training sample is left out by the words of its image: nothing can be trained on this dataset as it is.',
    );
    expect(report.warnings).not.toContain(report.stopsTraining);
    expect(dataset.warnings.filter((warning) => warning === report.stopsTraining)).toHaveLength(1);
  });

  it('are told by their table, and so is a table with nothing but tests', async () => {
    await makeFolder([], ['a.png', 'b.png'], { opt_out: true });
    const { report } = await importFolder();
    expect(report.stopsTraining).toBe(
      'Every training sample is left out by its table: nothing can be trained on this dataset as it is. The column “opt_out” of the table forbids training: “true”.',
    );
    await makeFolder([], ['a.png', 'b.png'], { split: 'test' });
    const tests = await inspectImport({ pictures: localPictures }, { path: folder() });
    expect(tests.stopsTraining).toBe('No sample is for training: the dataset can only be evaluated on.');
    expect(tests.warnings).not.toContain(tests.stopsTraining);
  });

  it('are those of files beside them, too: sidecar, saved headers, and rules of the site above them', async () => {
    await makeFolder([], ['a.png', 'b.png', 'c.png', 'site/d.png', 'site/deep/e.png', 'f.png']);
    const xmp = await readFile(join(FIXTURES, 'plus-prohibited.jpg'), 'latin1');
    const packet = /<x:xmpmeta[\s\S]*<\/x:xmpmeta>/.exec(xmp)![0];
    await writeFile(join(folder(), 'a.png.xmp'), packet, 'latin1');
    await writeFile(join(folder(), 'b.xmp'), packet, 'latin1');
    await writeFile(join(folder(), 'c.png.headers.txt'), 'HTTP/1.1 200 OK\nX-Robots-Tag: noai\n');
    await writeFile(join(folder(), 'site', 'tdmrep.json'), '[{"location":"/deep/*","tdm-reservation":1}]');
    await writeFile(join(on.work, 'elsewhere.xmp'), packet, 'latin1');
    await symlink(join(on.work, 'elsewhere.xmp'), join(folder(), 'f.png.xmp'));
    const { dataset } = await importFolder();
    const samples = await samplesByName(dataset.id);
    const out = [...samples.values()].filter((sample) => sample.excluded !== null).map((sample) => sample.imageName);
    expect(out).toEqual(['a.png', 'b.png', 'c.png', 'e.png']);
    expect(samples.get('e.png')!.signals[0]!.locator).toBe('site/tdmrep.json, rule 1');
    expect(samples.get('a.png')).toMatchObject({ authors: ['Zoë Müller', '岡田 健'], authorsSource: 'sidecar' });
    const evidence = await withDatabase(on.home, (database) =>
      database.all<{ name: string; bytes: Uint8Array }>('SELECT name, bytes FROM signal_evidence ORDER BY name'),
    );
    expect(evidence.map((file) => file.name)).toEqual(['a.png.xmp', 'b.xmp', 'c.png.headers.txt', 'site/tdmrep.json']);
    expect(Buffer.from(evidence[0]!.bytes).toString('latin1')).toBe(packet);
  });

  it('are found in every file beside them, whatever the case of its name, and all of them count', async () => {
    const names = [
      'a.png',
      'b.png',
      'site/c.png',
      'robots/d.png',
      'ai/e.png',
      'Page_files/f.png',
      'shown.png',
      'g.png',
    ];
    await makeFolder([], names);
    const at = (name: string): string => join(folder(), name);
    const xmp = await readFile(join(FIXTURES, 'plus-prohibited.jpg'), 'latin1');
    const packet = /<x:xmpmeta[\s\S]*<\/x:xmpmeta>/.exec(xmp)![0];
    const silent = packet.replace('DMI-PROHIBITED-AIMLTRAINING', 'DMI-UNSPECIFIED');
    await writeFile(at('a.XMP'), packet, 'latin1');
    await writeFile(at('b.png.xmp'), silent, 'latin1');
    await writeFile(at('b.xmp'), packet, 'latin1');
    await mkdir(at('site/.well-known'));
    await writeFile(at('site/.well-known/tdmrep.json'), '[{"location":"/","tdm-reservation":1}]');
    await writeFile(at('robots/robots.txt'), 'User-agent: *\nContent-Usage: train-ai=n\n');
    await writeFile(at('ai/ai.txt'), 'User-Agent: *\nDisallow: /\n');
    await writeFile(at('Page.html'), '<meta name="robots" content="noai"><img src="Page_files/f.png">');
    await writeFile(at('gallery.htm'), '<meta name="tdm-reservation" content="1"><img src="shown.png">');
    const { dataset } = await importFolder();
    const samples = await samplesByName(dataset.id);
    const out = [...samples.values()].filter((sample) => sample.excluded !== null).map((sample) => sample.imageName);
    expect(out.sort()).toEqual(['a.png', 'b.png', 'c.png', 'd.png', 'e.png', 'f.png', 'shown.png']);
    const evidence = await withDatabase(on.home, (database) =>
      database.all<{ name: string }>('SELECT name FROM signal_evidence ORDER BY name'),
    );
    expect(evidence.map(({ name }) => name)).toContain('site/.well-known/tdmrep.json');
  });

  it('stay so when they are imported again without the file that said it', async () => {
    await makeFolder([], ['a.png', 'b.png']);
    await writeFile(join(folder(), 'a.png.headers.txt'), 'tdm-reservation: 1');
    const first = await importFolder();
    await writeFile(join(folder(), 'a.png.headers.txt'), '');
    const second = await importFolder();
    expect(second.dataset.snapshotSha256).toBe(first.dataset.snapshotSha256);
    expect(second.report.optedOut).toBe(1);
    const sample = (await samplesByName(second.dataset.id)).get('a.png')!;
    expect(sample.excluded).not.toBeNull();
    expect(sample.signals[0]!.locator).toBe(`a.png.headers.txt, tdm-reservation (import ${first.dataset.id})`);
  });
});

describe('licence and author', () => {
  it('come from the metadata where the table names none, and it is recorded from where', async () => {
    await makeFolder(['cc-by.jpg', 'iptc-exif.jpg', 'silent.jpg']);
    const { dataset, report } = await importFolder();
    const samples = await samplesByName(dataset.id);
    expect(samples.get('cc-by.jpg')).toMatchObject({
      licence: 'CC-BY-4.0',
      licenceSource: 'embedded',
      authors: ['Ada Example'],
      authorsSource: 'embedded',
      sources: [{ title: 'cc-by.jpg', author: 'Ada Example', licence: 'CC-BY-4.0', url: null }],
    });
    expect(samples.get('iptc-exif.jpg')).toMatchObject({
      licence: null,
      licenceSource: null,
      authors: ['Jürgen Groß'],
    });
    expect(samples.get('silent.jpg')).toMatchObject({ licence: null, authors: [], authorsSource: null });
    expect(report.licences).toEqual([
      { licence: null, samples: 2 },
      { licence: 'CC-BY-4.0', samples: 1 },
    ]);
  });

  it('of the table stand, and a difference is a warning', async () => {
    await makeFolder(['cc-by.jpg', 'silent.jpg'], [], { licence: 'CC0-1.0', author: 'Somebody Else' });
    const { dataset, report } = await importFolder();
    expect((await samplesByName(dataset.id)).get('cc-by.jpg')).toMatchObject({
      licence: 'CC0-1.0',
      licenceSource: 'table',
      authors: ['Somebody Else'],
      authorsSource: 'table',
    });
    const warnings = report.warnings.filter((warning) => warning.includes('stands'));
    expect(warnings).toEqual([
      "The table's licence stands, but the metadata name another one, in 1 image: cc-by.jpg.",
      "The table's author stands, but the metadata name another one, in 1 image: cc-by.jpg.",
    ]);
  });

  it('of the whole import count only where neither table nor metadata name one', async () => {
    const names = ['cc-by.jpg', 'licence-web-by-nc.jpg', 'licence-terms-nc.jpg', 'silent.jpg'];
    await makeFolder(names);
    const { dataset, report } = await importDataset(on.store, { path: folder(), fixed: { licence: 'CC0' } });
    const samples = await samplesByName(dataset.id);
    expect(names.map((name) => [samples.get(name)?.licence, samples.get(name)?.licenceSource])).toEqual([
      ['CC-BY-4.0', 'embedded'],
      ['CC-BY-NC-4.0', 'embedded'],
      ['CC-BY-4.0 AND LicenseRef-stated-non-commercial-use-only', 'embedded'],
      ['CC0-1.0', 'given'],
    ]);
    expect(report.warnings).toContain(
      'The licence you gave for rows without one was not used where the metadata state another, in 3 images: cc-by.jpg, licence-web-by-nc.jpg, licence-terms-nc.jpg.',
    );
    expect(report.warnings.join(' ')).not.toContain("The table's licence stands");
  });

  it('name the author of the image, not the author given for rows without one', async () => {
    await makeFolder(['cc-by.jpg', 'silent.jpg']);
    const own = (await samplesByName((await importFolder()).dataset.id)).get('cc-by.jpg');
    const { dataset, report } = await importDataset(on.store, { path: folder(), fixed: { author: 'Max Muster' } });
    const samples = await samplesByName(dataset.id);
    expect(own?.authors).not.toEqual([]);
    expect(samples.get('cc-by.jpg')).toMatchObject({ authors: own?.authors, authorsSource: 'embedded' });
    expect(samples.get('cc-by.jpg')?.sources[0]?.author).toBe(own?.authors.join('; '));
    expect(samples.get('silent.jpg')).toMatchObject({ authors: ['Max Muster'], authorsSource: 'given' });
    expect(report.warnings).toContain(
      'The author you gave for rows without one was not used where the metadata name another, in 1 image: cc-by.jpg.',
    );
  });

  it('of the table do not let a warning claim that the metadata count', async () => {
    await makeFolder(['licence-web-by-nc.jpg', 'silent.jpg'], [], { licence: 'CC0-1.0' });
    const { report } = await importFolder();
    expect(report.warnings.join(' ')).toContain("The table's licence stands");
    expect(report.warnings.join(' ')).not.toContain('the stricter one counts');
  });

  it('are not filled in where the table says something that is not a licence expression', async () => {
    await makeFolder(['cc-by.jpg', 'silent.jpg'], [], { licence: 'ask my lawyer' });
    const { dataset } = await importFolder();
    expect((await samplesByName(dataset.id)).get('cc-by.jpg')).toMatchObject({
      licence: 'LicenseRef-stated-ask-my-lawyer',
      licenceSource: 'table',
    });
  });
});

describe('images that say nothing about training', () => {
  it('are used unless the import says otherwise', async () => {
    await makeFolder(['plus-prohibited.jpg', 'silent.jpg'], ['plain.png']);
    const { dataset } = await importFolder();
    expect(dataset).toMatchObject({ unknownUse: 'use', excluded: { train: 1, test: 0 } });
    expect(await offered(dataset.id)).toEqual(['silent.jpg', 'plain.png']);
  });

  it.each(['leave-out', 'ask'] as const)(
    'are left out with "%s" until somebody decides, and it is recorded',
    async (unknownUse) => {
      await makeFolder(['plus-prohibited.jpg', 'silent.jpg'], ['plain.png'], { licence: 'CC BY 4.0' });
      const { dataset, report } = await importDataset(on.store, { path: folder(), unknownUse });
      expect(dataset).toMatchObject({ unknownUse, excluded: { train: 3, test: 0 } });
      expect(report.warnings.join(' ')).toContain('Nothing is known about training on them');
      const samples = await samplesByName(dataset.id);
      expect(samples.get('plain.png')).toMatchObject({ verdict: 'unknown', excluded: { cause: 'unknown' } });
      expect(samples.get('plus-prohibited.jpg')).toMatchObject({ excluded: { cause: 'opted-out' } });
      expect(await offered(dataset.id)).toEqual([]);
      const { purposes } = await ledgerForDatasets(on.store, { datasetIds: [dataset.id] });
      expect(purposes[2]).toMatchObject({
        verdict: 'needs-decision',
        sentence:
          'No image here trains, so there is nothing to permit. 2 images say nothing about training and are left out until you decide about them.',
      });
      const { entries } = await on.store.audit.page({ offset: 0, limit: 5 });
      expect(entries.find(({ action }) => action === 'dataset.imported')?.body).toMatchObject({
        unknownUse,
        unknown: 2,
      });
      const reason = 'I took these photographs myself.';
      const before = new Date().toISOString();
      await new Promise((resolve) => setTimeout(resolve, 5));
      await decide({ datasetId: dataset.id, which: 'unknown', basis: 'own-work', reason });
      // The opt-out stays.
      expect(await offered(dataset.id)).toEqual(['silent.jpg', 'plain.png']);
      expect(await offered(dataset.id, before)).toEqual([]);
      expect((await samplesByName(dataset.id)).get('plain.png')).toMatchObject({
        override: { reason },
        excluded: null,
      });
      await decide({ datasetId: dataset.id, which: 'unknown', use: false, reason });
      expect(await offered(dataset.id)).toEqual([]);
    },
  );
});

describe('licences that contradict each other', () => {
  it('in one file resolve to the stricter, and every image says so', async () => {
    await makeFolder(['licence-web-by-nc.jpg', 'silent.jpg']);
    const { dataset, report } = await importFolder();
    const sample = (await samplesByName(dataset.id)).get('licence-web-by-nc.jpg')!;
    expect(sample).toMatchObject({ licence: 'CC-BY-NC-4.0', licenceSource: 'embedded', verdict: 'unknown' });
    expect(sample.signals.find(({ kind }) => kind === 'licence')?.statement).toBe(
      'The metadata name different licences: CC-BY-4.0 (XMP, cc:license), CC-BY-NC-4.0 (XMP, xmpRights:WebStatement). The strictest reading of them is CC-BY-NC-4.0.',
    );
    expect(report.warnings).toContain(
      'The metadata name different licences, and the stricter one counts, in 1 image: licence-web-by-nc.jpg.',
    );
  });

  it.each([
    ['licence-exif-by-nc.jpg', 'CC-BY-NC-4.0', 'CC-BY-NC-4.0 (image, EXIF Copyright)'],
    ['licence-iim-by-nc.jpg', 'CC-BY-NC-4.0', 'CC-BY-NC-4.0 (image, IIM Copyright Notice)'],
    ['licence-text-by-nc.png', 'CC-BY-NC-4.0', 'CC-BY-NC-4.0 (image, PNG tEXt Copyright)'],
    ['licence-reserved.jpg', 'LicenseRef-all-rights-reserved', 'LicenseRef-all-rights-reserved (XMP, dc:rights)'],
    [
      'licence-terms-nc.jpg',
      'CC-BY-4.0 AND LicenseRef-stated-non-commercial-use-only',
      '“non commercial use only” (not understood) (XMP, xmpRights:UsageTerms)',
    ],
    [
      'licence-unknown.jpg',
      `CC-BY-4.0 AND ${idOfWords('https://ex.org/my-own-license')}`,
      '“https://ex.org/my-own-license” (not understood) (XMP, cc:license)',
    ],
  ])('in %s resolve to %s', async (name, licence, named) => {
    await makeFolder([name, 'silent.jpg']);
    const { dataset, report } = await importFolder();
    const sample = (await samplesByName(dataset.id)).get(name)!;
    expect(sample).toMatchObject({ licence, licenceSource: 'embedded' });
    const says = sample.signals.find(({ kind }) => kind === 'licence')?.statement;
    expect(says).toContain(named);
    expect(says).toContain(`The strictest reading of them is ${licenceInWords(licence)}.`);
    expect(report.warnings.join(' ')).toContain(`the stricter one counts, in 1 image: ${name}.`);
    expect(report.warnings.some((warning) => warning.includes('does not understand'))).toBe(
      licence.includes('LicenseRef-stated-'),
    );
  });

  it('must both be met where neither is the stricter', async () => {
    await makeFolder(['licence-terms-by-nc.jpg', 'silent.jpg']);
    const { dataset } = await importFolder();
    expect((await samplesByName(dataset.id)).get('licence-terms-by-nc.jpg')).toMatchObject({
      licence: 'CC-BY-NC-4.0 AND CC-BY-SA-4.0',
    });
  });

  it('in an image and the file beside it resolve to the stricter', async () => {
    await makeFolder(['licence-cc0.jpg', 'silent.jpg']);
    await copyFile(join(FIXTURES, 'licence-cc0.xmp'), join(folder(), 'licence-cc0.xmp'));
    const { dataset, report } = await importFolder();
    const sample = (await samplesByName(dataset.id)).get('licence-cc0.jpg')!;
    expect(sample).toMatchObject({ licence: 'CC-BY-NC-4.0', licenceSource: 'sidecar' });
    expect(sample.signals.find(({ kind }) => kind === 'licence')?.statement).toContain('licence-cc0.xmp, cc:license');
    expect(report.warnings.join(' ')).toContain('the stricter one counts, in 1 image');
  });

  it('of the same pixels in several files resolve to the stricter for each of them', async () => {
    await makeFolder(['licence-cc0.jpg', 'licence-web-by-nc.jpg', 'silent.jpg']);
    const { dataset, report } = await importFolder();
    const samples = await samplesByName(dataset.id);
    for (const name of ['licence-cc0.jpg', 'licence-web-by-nc.jpg']) {
      expect(samples.get(name)).toMatchObject({ licence: 'CC-BY-NC-4.0', sources: [{ licence: 'CC-BY-NC-4.0' }] });
      expect(samples.get(name)!.signals.map(({ statement }) => statement)).toContain(
        'The same picture is in this dataset under CC0-1.0 (licence-cc0.jpg) and CC-BY-NC-4.0 (licence-web-by-nc.jpg). The stricter counts for every copy: CC-BY-NC-4.0.',
      );
    }
    expect(samples.get('silent.jpg')).toMatchObject({ licence: null, signals: [] });
    expect(report.warnings.join(' ')).toContain('One picture is here under several licences');
    expect(report.licences).toEqual([
      { licence: 'CC-BY-NC-4.0', samples: 2 },
      { licence: null, samples: 1 },
    ]);
  });

  it('of one file in several rows of the table resolve to the stricter, too', async () => {
    const row = { file_name: 'a.png', split: 'train' };
    await writeFolder(
      folder(),
      [
        { ...row, question: 'How many?', answer: '1', licence: 'CC BY 4.0' },
        { ...row, question: 'Which colour?', answer: 'red', licence: 'CC BY-ND 4.0' },
        { ...row, question: 'Where?', answer: 'here', licence: '' },
      ],
      { 'a.png': await picture(1) },
    );
    const { dataset } = await importFolder();
    const samples = await on.store.datasets.allSamples(dataset.id);
    // A row that states none contradicts nothing; the ledger takes the image for unknown all the same.
    expect(samples.map(({ licence }) => licence)).toEqual(['CC-BY-ND-4.0', 'CC-BY-ND-4.0', null]);
  });
});

describe('a decision to use opted-out images', () => {
  it('holds for one image from then on, is in the audit log, and can be taken back', async () => {
    await makeFolder(['c2pa-not-allowed.jpg', 'plus-prohibited.jpg', 'silent.jpg']);
    const { dataset } = await importFolder();
    const before = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { imageSha256 } = (await samplesByName(dataset.id)).get('plus-prohibited.jpg')!;
    const reason = 'I took this photograph myself.';
    const result = await decide({ datasetId: dataset.id, imageSha256, basis: 'own-work', reason });
    expect(result).toEqual({ datasetId: dataset.id, images: [imageSha256], excluded: { train: 1, test: 0 } });
    expect((await samplesByName(dataset.id)).get('plus-prohibited.jpg')).toMatchObject({
      verdict: 'opted-out',
      excluded: null,
      override: { basis: 'own-work', reason },
    });
    expect(await offered(dataset.id)).toEqual(['plus-prohibited.jpg', 'silent.jpg']);
    // A run that started earlier keeps its samples.
    expect(await offered(dataset.id, before)).toEqual(['silent.jpg']);
    const [entry] = (await on.store.audit.page({ offset: 0, limit: 1 })).entries;
    expect(entry).toMatchObject({
      action: 'dataset.override',
      body: { datasetId: dataset.id, imageSha256, use: true, basis: 'own-work', reason, images: 1 },
    });
    await decide({ datasetId: dataset.id, imageSha256, use: false, reason: 'It was not mine after all.' });
    expect(await offered(dataset.id)).toEqual(['silent.jpg']);
    expect((await on.store.audit.verify()).intact).toBe(true);
  });

  it('for a whole dataset covers each opted-out image, and no other dataset', async () => {
    await makeFolder(['c2pa-not-allowed.jpg', 'plus-prohibited.jpg', 'silent.jpg']);
    const { dataset } = await importFolder();
    const other = await importDataset(on.store, { path: folder(), name: 'Another' });
    const hash = await on.store.signals.exclusionSha256(dataset.id);
    const result = await decide({ datasetId: dataset.id, basis: 'permission', reason: 'Written permission, on file.' });
    expect(result.images).toHaveLength(2);
    expect((await on.store.datasets.get(dataset.id)).excluded).toEqual({ train: 0, test: 0 });
    expect((await on.store.datasets.get(other.dataset.id)).excluded).toEqual({ train: 2, test: 0 });
    expect(await on.store.signals.exclusionSha256(dataset.id)).toBeNull();
    expect(hash).toBe(await on.store.signals.exclusionSha256(other.dataset.id));
  });

  it('is refused without a reason, and where there is nothing to decide; nothing is recorded then', async () => {
    await makeFolder(['plus-prohibited.jpg', 'silent.jpg']);
    const { dataset } = await importFolder();
    const samples = await samplesByName(dataset.id);
    const count = await on.store.audit.count();
    expect(() => decide({ datasetId: dataset.id, reason: '       ' })).toThrow();
    const silent = samples.get('silent.jpg')!.imageSha256;
    const reason = 'A reason that is long enough.';
    await expect(decide({ datasetId: dataset.id, imageSha256: silent, reason })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(decide({ datasetId: dataset.id, use: false, reason })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(decide({ datasetId: 'ds-none' as Sample['datasetId'], reason })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await on.store.audit.count()).toBe(count);
  });

  it('cannot be altered, nor can signals and verdicts, and all of it outlives the process', async () => {
    await makeFolder(['plus-prohibited.jpg', 'silent.jpg']);
    const { dataset } = await importFolder();
    await decide({ datasetId: dataset.id, reason: 'A reason that is long enough.' });
    for (const sql of [
      `UPDATE signal SET value = 'allow'`,
      `UPDATE signal_verdict SET verdict = 'allowed'`,
      `UPDATE signal_decision SET reason = 'another'`,
      'DELETE FROM signal_decision',
    ]) {
      await expect(withDatabase(on.home, (database) => database.run(sql))).rejects.toThrow();
    }
    const before = await on.store.datasets.allSamples(dataset.id);
    await on.store.close();
    on.store = await openTestStore(on.home);
    expect(await on.store.datasets.allSamples(dataset.id)).toEqual(before);
  });
});
