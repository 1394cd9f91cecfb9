/** @file Tables and archives, each damaged in a few bytes: they are read, or refused in words, and the process lives. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { INTERNAL_WORDS } from '../../contract/errors/cause-words.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { damaged, jsonText } from '../testing/foreign-json.ts';
import { createTableReader, type TableReader } from './table-reader.ts';

const ROWS = [
  { image: 'a.png', question: 'How many?', answer: '3', tags: ['x', 'y'], more: { licence: 'CC0-1.0' } },
  { image: 'b.png', question: 'Which "one"?', answer: '4,5', tags: [], more: { licence: null } },
];

let folder: string;
let reader: TableReader;
const originals = new Map<string, Uint8Array>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-tables-'));
  reader = createTableReader();
  const text = (value: string): Uint8Array => Buffer.from(value);
  originals.set('rows.csv', text('image,question,answer\n"a.png","How\nmany?",3\nb.png,"Which ""one""?",4\n'));
  originals.set('rows.tsv', text('image\tquestion\tanswer\na.png\tHow?\t3\n'));
  originals.set('rows.jsonl', text(ROWS.map((row) => JSON.stringify(row)).join('\n')));
  originals.set('rows.json', text(JSON.stringify({ train: ROWS, test: ROWS })));
  const columns = [
    { name: 'image', data: ['a.png', 'b.png', 'a.png', 'b.png'] },
    { name: 'answer', data: [3, 4, 5, 6] },
    { name: 'score', data: [0.5, 1.5, null, 2.5] },
    { name: 'big', data: [1n, 2n, 3n, 4n] },
  ];
  originals.set('rows.parquet', new Uint8Array(parquetWriteBuffer({ columnData: columns })));
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(JSON.stringify(ROWS[0])), 'metadata.jsonl');
  zip.addBuffer(Buffer.alloc(3000, 'picture'), 'images/a.png');
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(join(folder, 'rows.zip')));
  originals.set('rows.zip', await readFile(join(folder, 'rows.zip')));
});
afterAll(async () => {
  await reader.close();
  await rm(folder, { recursive: true, force: true });
});

/** A few bytes changed, the end cut off, or a part repeated. */
const bytes: fc.Arbitrary<(original: Uint8Array) => Uint8Array> = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xff, 0x22, 0x0a))), {
      maxLength: 6,
    }),
    fc.option(fc.nat()),
    fc.option(fc.tuple(fc.nat(), fc.nat(40))),
  )
  .map(([changes, cut, repeat]) => (original) => {
    let copy: Uint8Array = Uint8Array.from(original);
    for (const [at, byte] of changes) copy[at % copy.length] = byte;
    if (repeat !== null) {
      const from = repeat[0] % copy.length;
      copy = Buffer.concat([copy.subarray(0, from), copy.subarray(from, from + repeat[1]), copy.subarray(from)]);
    }
    return cut === null ? copy : copy.subarray(0, cut % copy.length);
  });

async function readAll(path: string): Promise<void> {
  const source = await reader.open(path);
  for await (const row of source.rows())
    if ('broken' in row) expect(row.broken.replaceAll(/"[^"]*"/g, '')).not.toMatch(INTERNAL_WORDS);
}

async function expectWords(path: string, read: () => Promise<unknown>): Promise<void> {
  const error: unknown = await read().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error === null) return;
  expect(error).toBeInstanceOf(AtelierError);
  const { message } = error as AtelierError;
  expect(message.replaceAll(/"[^"]*"/g, '')).not.toMatch(INTERNAL_WORDS);
  expect(message).toContain(path);
}

describe('a damaged table', () => {
  it.each([
    ['rows.csv', 200],
    ['rows.tsv', 60],
    ['rows.jsonl', 200],
    ['rows.json', 200],
    ['rows.parquet', 600],
  ])('%s (%i times)', { timeout: 300_000 }, async (name, numRuns) => {
    const path = join(folder, name);
    await fc.assert(
      fc.asyncProperty(bytes, async (damage) => {
        await writeFile(path, damage(originals.get(name)!));
        await expectWords(path, () => readAll(path));
      }),
      { seed: 22, numRuns },
    );
  });

  it('rows.zip (100 times)', { timeout: 300_000 }, async () => {
    const path = join(folder, 'rows.zip');
    await fc.assert(
      fc.asyncProperty(bytes, async (damage) => {
        await writeFile(path, damage(originals.get('rows.zip')!));
        const target = await mkdtemp(join(folder, 'unzipped-'));
        await expectWords(path, () => reader.unzip(path, target, { onProgress: () => undefined }));
        await rm(target, { recursive: true, force: true });
      }),
      { seed: 22, numRuns: 100 },
    );
  });

  it('with an odd value in a row (200 times), also nested 20,000 deep', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(damaged(ROWS[0]), fc.constantFrom('odd.jsonl', 'odd.json'), async (row, name) => {
        const path = join(folder, name);
        const line = jsonText(row);
        await writeFile(path, name === 'odd.json' ? `[${line},${line}]` : `${line}\n${line}\n`);
        await expectWords(path, () => readAll(path));
      }),
      { seed: 22, numRuns: 200 },
    );
  });

  it('dataset_info.json beside it (100 times)', { timeout: 300_000 }, async () => {
    const info = { features: { label: { _type: 'ClassLabel', names: ['cat', 'dog'] } } };
    const path = join(folder, 'dataset_info.json');
    await fc.assert(
      fc.asyncProperty(damaged(info), async (value) => {
        await writeFile(path, jsonText(value));
        await expectWords(folder, () => reader.labels(folder));
      }),
      { seed: 22, numRuns: 100 },
    );
  });
});
