/** @file Tables are read in an expendable thread: whatever a parser does to it, the process and next file survive. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRows } from './open-rows.ts';
import { createTableReader, READER_LIMITS } from './table-reader.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'tables');
const CRASH = join(import.meta.dirname, '..', '..', 'studio', 'datasets', 'fixtures', 'cases', 'crash-0.parquet');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-reader-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function all(rows: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

describe('a table reader', () => {
  it('gives what the readers themselves give, each time it is asked, images included', async () => {
    const reader = createTableReader();
    const lines = Array.from({ length: 500 }, (_, index) => `{"n": ${index}, "big": 9007199254740993}`);
    const jsonl = join(folder, 'many.jsonl');
    await writeFile(jsonl, `${lines.join('\n')}\n`);
    for (const path of [join(FIXTURES, 'embedded-zstd.parquet'), jsonl]) {
      const { rows, ...facts } = await openRows(path);
      const apart = await reader.open(path);
      const { rows: apartRows, ...apartFacts } = apart;
      expect(apartFacts).toEqual(facts);
      expect(await all(apartRows())).toEqual(await all(rows()));
      // Stop reading early; the next iteration must start from the beginning.
      for await (const row of apart.rows()) {
        expect(row).toMatchObject({ line: 1 });
        break;
      }
      expect(await all(apart.rows())).toHaveLength((await all(rows())).length);
    }
    await reader.close();
  });

  it('survives a Parquet file that rejects promises nobody hears, and reads the next file', async () => {
    const reader = createTableReader();
    await expect(
      (async () => {
        for (let turn = 0; turn < 3; turn += 1) await all((await reader.open(CRASH)).rows());
      })(),
    ).rejects.toMatchObject({ code: 'BAD_INPUT', place: { file: CRASH } });
    const next = await reader.open(join(FIXTURES, 'referenced.parquet'));
    expect(await all(next.rows())).toHaveLength(4);
    await reader.close();
  });

  it('ends a thread that gives no sign of life for too long, with the file named', async () => {
    const path = join(FIXTURES, 'referenced.parquet');
    // No thread has even started after a millisecond.
    const reader = createTableReader({ ...READER_LIMITS, stillMs: 1 });
    await expect(reader.open(path)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: path },
      message: expect.stringContaining('took longer than') as string,
    });
    await reader.close();
  });

  it('ends a thread that needs too much memory', async () => {
    const path = join(folder, 'large.jsonl');
    await writeFile(path, `{"list": [${'{},'.repeat(1_200_000)}{}]}\n`.repeat(6));
    const reader = createTableReader({ ...READER_LIMITS, memoryMb: 64 });
    await expect(
      (async () => {
        await all((await reader.open(path)).rows());
      })(),
    ).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('more than 64 MB') as string });
    await reader.close();
  });
});
