/** @file Everything that an import can read: file types, encodings, conversations, Parquet, archives, folder trees. */
import { createWriteStream } from 'node:fs';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { ImportRequest } from '../../../contract/model/datasets.ts';
import { importDataset, inspectImport, type ImportInput } from './import.ts';
import { peekTable } from './peek.ts';
import { freshDataFolder } from '../testing/data-folder.ts';
import { picture } from '../testing/pictures.ts';
import { localPictures } from '../../../pictures/work.ts';

const tables = join(import.meta.dirname, '..', '..', '..', 'formats', 'fixtures', 'tables');

const on = freshDataFolder();

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(on.work, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function pictures(folder: string, count = 4): Promise<void> {
  for (let index = 0; index < count; index += 1) await put(join(folder, `${index}.png`), await picture(index));
}

async function imported(request: ImportInput) {
  const { dataset, report } = await importDataset(on.store, request);
  const { samples } = await on.store.datasets.samples({ datasetId: dataset.id, offset: 0, limit: 100 });
  return { dataset, report, samples, says: samples.map(({ prompt, answer }) => [prompt, answer]) };
}

const peek = (request: object) => peekTable(ImportRequest.parse(request));

describe('tables', () => {
  it.each([
    [';', 'utf-8'],
    ['\t', 'utf-8'],
    ['|', 'utf-16le'],
    [';', 'windows-1252'],
  ] as const)('CSV with "%s" in %s', async (delimiter, encoding) => {
    await pictures('csv');
    const rows = [
      ['file', 'Frage', 'Antwort', 'Künstler'],
      ...[0, 1, 2, 3].map((index) => [`${index}.png`, `Wie viele Bäume, bei ${index}?`, String(index), 'Müller']),
    ];
    const text = rows.map((row) => row.join(delimiter)).join('\r\n');
    const bytes =
      encoding === 'utf-16le'
        ? Buffer.from(`\uFEFF${text}`, 'utf16le')
        : Buffer.from(text, encoding === 'utf-8' ? 'utf8' : 'latin1');
    const path = await put('csv/table.csv', bytes);
    const seen = await peek({ path });
    expect(seen).toMatchObject({
      delimiter,
      encoding,
      detected: { image: 'file', prompt: 'Frage', answer: 'Antwort', author: 'Künstler' },
      missing: [],
    });
    expect(seen.rows[0]).toMatchObject({ Antwort: '0' });
    const { samples, report } = await imported({ path });
    expect(samples[1]).toMatchObject({ prompt: 'Wie viele Bäume, bei 1?', answer: '1', authors: ['Müller'] });
    expect(report.warnings.some((warning) => warning.includes('Windows-1252'))).toBe(encoding === 'windows-1252');
  });

  it('CSV in which one row is broken keeps the others, with the line of each', async () => {
    await pictures('broken');
    const lines = [
      'image,question,answer',
      '0.png,"two\nlines?",1',
      '1.png,Q?',
      '2.png,"never closed,2',
      '3.png,"a ""b""",3',
    ];
    const path = await put('broken/table.csv', lines.join('\n'));
    const report = await inspectImport({ pictures: localPictures }, { path, onProblem: 'skip' });
    expect(report.problems).toMatchObject([
      { row: 4, reason: expect.stringContaining('fewer values than the header has columns') as string },
      { row: 5, reason: expect.stringContaining('quote') as string },
    ]);
    expect(report.preview.map(({ prompt }) => prompt)).toEqual(['two\nlines?', 'a "b"']);
  });

  it('conversations of LLaVA and VLM-R1, as a JSON array and as JSON Lines; chat messages too', async () => {
    await pictures('talk');
    const talk = (index: number) => ({
      id: index,
      image: index === 0 ? ['0.png'] : `${index}.png`,
      conversations: [
        { from: 'human', value: `<image>\nHow many in ${index}?` },
        { from: 'gpt', value: `<think>…</think><answer>${index}</answer>` },
        ...(index === 2
          ? [
              { from: 'human', value: 'And why?' },
              { from: 'gpt', value: 'Because.' },
            ]
          : []),
      ],
    });
    const array = await put('talk/a.json', JSON.stringify([0, 1, 2].map(talk), null, 1));
    const lines = await put('talk/b.jsonl', [0, 1, 2].map((index) => JSON.stringify(talk(index))).join('\n'));
    for (const path of [array, lines]) {
      const { says, report } = await imported({ path });
      expect(says).toEqual([
        ['How many in 0?', '0'],
        ['How many in 1?', '1'],
        ['How many in 2?', '2'],
      ]);
      expect(report.mapping).toMatchObject({ prompt: 'conversations', answer: 'conversations' });
      expect(report.warnings.join()).toContain('In 1 row the conversation has other turns too');
    }
    const chat = [0, 1].map((index) => ({
      images: [`${index}.png`],
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'image' }, { type: 'text', text: `How many, ${index}?` }] },
        { role: 'assistant', content: String(index) },
      ],
    }));
    const nested = await put(
      'talk/c.json',
      JSON.stringify({ info: { year: 2026 }, data: chat.map((row) => ({ ...row, image: row.images })) }),
    );
    expect((await imported({ path: nested })).says[1]).toEqual(['How many, 1?', '1']);
  });
});

describe('Parquet', () => {
  it.each(['snappy', 'zstd', 'gzip', 'brotli', 'lz4', 'none'])('with embedded images, %s', async (codec) => {
    const { samples, report } = await imported({ path: join(tables, `embedded-${codec}.parquet`) });
    expect(report).toMatchObject({ format: 'parquet', imagesFound: 4, problems: [] });
    expect(samples.map(({ answer, imageName, width, extra }) => [answer, imageName, width, extra['scene']])).toEqual([
      ['1', '0.png', 12, 7],
      ['2', '1.png', 12, 7],
      ['3', '2.png', 12, 8],
      ['4', '3.png', 12, 2 ** 40],
    ]);
  });

  it('with referenced images, and as shards whose names tell the split', async () => {
    await pictures('refer');
    await cp(join(tables, 'referenced.parquet'), join(on.work, 'refer', 'table.parquet'));
    expect((await imported({ path: join(on.work, 'refer') })).report).toMatchObject({
      imagesFound: 4,
      imagesMissing: 0,
    });
    await mkdir(join(on.work, 'hub', 'data'), { recursive: true });
    await cp(join(tables, 'embedded-zstd.parquet'), join(on.work, 'hub', 'data', 'train-00000-of-00001.parquet'));
    const other = join(on.work, 'hub', 'data', 'test-00000-of-00001.parquet');
    await cp(join(tables, 'embedded-gzip.parquet'), other);
    const report = await inspectImport({ pictures: localPictures }, { path: join(on.work, 'hub'), onProblem: 'skip' });
    // Both have the same four images, and test images cannot be used for training.
    expect(report).toMatchObject({ rowsRead: 8, rowsUsable: 4, duplicates: 4 });
    expect(report.preview[0]?.split).toBe('test');
  });
});

describe('folders and archives', () => {
  it('a folder tree: the folder is the answer, the question is asked of all', async () => {
    for (const [index, name] of ['cats/1.png', 'cats/2.png', 'dogs/10.png', 'dogs/9.png'].entries())
      await put(`tree/${name}`, await picture(index * 9));
    const path = join(on.work, 'tree');
    expect(await peek({ path })).toMatchObject({
      format: 'folder',
      missing: ['prompt'],
      detected: { answer: 'folder' },
    });
    await expect(importDataset(on.store, { path })).rejects.toMatchObject({ place: { field: 'prompt' } });
    const { says, samples } = await imported({
      path,
      fixed: { prompt: 'Which animal?', author: 'Ada', licence: 'CC0-1.0' },
    });
    expect(says).toEqual(['cats', 'cats', 'dogs', 'dogs'].map((answer) => ['Which animal?', answer]));
    expect(samples.map((sample) => sample.imageName)).toEqual(['1.png', '2.png', '9.png', '10.png']);
    expect(samples[0]).toMatchObject({ authors: ['Ada'], licence: 'CC0-1.0', extra: { folder: 'cats' } });
  });

  it('a flat folder of pictures is refused in one sentence that says what to add', async () => {
    await pictures('flat', 3);
    await expect(inspectImport(on.store, { path: join(on.work, 'flat') })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('holds 3 pictures, but no table') as string,
      remedy: expect.stringContaining('metadata.csv') as string,
    });
  });

  it('captions beside images are answers', async () => {
    await pictures('caption', 3);
    for (const index of [0, 1, 2]) await put(`caption/${index}.txt`, `a picture of ${index}\n`);
    const { says } = await imported({ path: join(on.work, 'caption'), fixed: { prompt: 'What is this?' } });
    expect(says[2]).toEqual(['What is this?', 'a picture of 2']);
  });

  it('a caption that is a link is not followed: it could lead to any file', async () => {
    await pictures('linked', 3);
    for (const index of [0, 1]) await put(`linked/${index}.txt`, `a picture of ${index}\n`);
    const secret = await put('secret.txt', 'a secret of yours');
    await symlink(secret, join(on.work, 'linked', '2.txt')).catch(() => undefined);
    const report = await inspectImport(on.store, {
      path: join(on.work, 'linked'),
      fixed: { prompt: 'What?' },
      onProblem: 'skip',
    });
    expect(report).toMatchObject({ rowsUsable: 2, problems: [{ row: 3 }] });
    expect(JSON.stringify(report)).not.toContain('secret of yours');
  });

  it('paths are looked for beside the table, then in the folder, and it is said where', async () => {
    await pictures('deep/train');
    await put('deep/train/metadata.csv', 'file_name,question,answer\n0.png,a?,1\n1.png,b?,2\n');
    await put('deep/test/metadata.csv', 'file_name,question,answer\ntrain/2.png,c?,3\ntrain/3.png,d?,1\n');
    const { samples, report } = await imported({ path: join(on.work, 'deep') });
    expect(samples.map(({ split }) => split)).toEqual(['test', 'test', 'train', 'train']);
    expect(report.resolved.map(({ folder, images }) => [folder.split('/').at(-1), images]).sort()).toEqual([
      ['deep', 2],
      ['train', 2],
    ]);
  });

  it('rows that share an author stay on one side', async () => {
    await pictures('by', 8);
    const rows = Array.from({ length: 8 }, (_, index) => `${index}.png,q${index}?,${index},${index % 4}`);
    const path = await put('by/t.csv', `image,question,answer,author\n${rows.join('\n')}\n`);
    const { samples } = await imported({ path, splitBy: 'author', testShare: 0.25 });
    const sides = new Map(samples.map(({ authors, split }) => [`${authors.join()} ${split}`, true]));
    expect(sides.size).toBe(4);
    expect(samples.filter(({ split }) => split === 'test')).toHaveLength(2);
  });

  it('a zip of a folder with its table and evidence', async () => {
    const zip = new ZipFile();
    zip.addBuffer(
      Buffer.from(
        [0, 1, 2]
          .map((index) => JSON.stringify({ file_name: `images/${index}.png`, question: 'q?', answer: String(index) }))
          .join('\n'),
      ),
      'shop/metadata.jsonl',
    );
    for (const index of [0, 1, 2]) zip.addBuffer(await picture(index), `shop/images/${index}.png`);
    zip.addBuffer(
      Buffer.from(JSON.stringify([{ location: '/images/1.png', 'tdm-reservation': 1 }])),
      'shop/tdmrep.json',
    );
    zip.end();
    const path = join(on.work, 'shop.zip');
    await pipeline(zip.outputStream, createWriteStream(path));
    const { dataset, samples, report } = await imported({ path });
    expect(samples).toHaveLength(3);
    expect(report.table).toBe(`${path}/shop/metadata.jsonl`);
    expect(report.preview[0]?.path).toBe(`${path}/shop/images/0.png`);
    expect(dataset.name).toBe('shop');
    expect(samples[1]?.verdict).toBe('opted-out');
  });
});
