/** @file A Parquet page that lies about how many values it holds is refused before room is made for them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openParquet } from './parquet.ts';

const ROWS = 40;
/** Marks of Thrift's compact protocol. */
const [STRUCT, INT32] = [12, 5];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-pages-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(bytes: Buffer): Promise<unknown[]> {
  const path = join(folder, 'table.parquet');
  await writeFile(path, bytes);
  const found: unknown[] = [];
  for await (const { values } of (await openParquet(path)).rows() as AsyncIterable<{ values: { n: number } }>)
    found.push(values.n);
  return found;
}

function sound(codec: 'UNCOMPRESSED' | 'SNAPPY' = 'UNCOMPRESSED'): Buffer {
  const data = Array.from({ length: ROWS }, (_, index) => index * 7);
  return Buffer.from(parquetWriteBuffer({ codec, columnData: [{ name: 'n', data, type: 'INT32' }] }));
}

/** A number as the compact protocol writes it. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value * 2;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

/** The file with another count of values in the header of its first data page. */
function lying(bytes: Buffer, count: number): Buffer {
  const column = parquetMetadata(new Uint8Array(bytes).buffer).row_groups[0]?.columns[0]?.meta_data;
  const from = Number(column?.data_page_offset);
  // `data_page_header` (a struct) or its second version, and in it the first field: the count.
  const field = [...varint(ROWS)];
  for (let at = from; at < from + 40; at += 1) {
    const isCount = (bytes[at] ?? 0) % 16 === STRUCT && bytes[at + 1] === 16 + INT32;
    if (!isCount || !field.every((byte, index) => bytes[at + 2 + index] === byte)) continue;
    const rest = bytes.subarray(at + 2 + field.length);
    return Buffer.concat([bytes.subarray(0, at + 2), Buffer.from(varint(count)), rest]);
  }
  throw new Error('The page header has no count.');
}

it('reads a sound table, compressed or not', async () => {
  for (const codec of ['UNCOMPRESSED', 'SNAPPY'] as const) expect(await read(sound(codec))).toHaveLength(ROWS);
});

it('refuses a page that claims more values than its column has, and names the column', async () => {
  for (const count of [ROWS + 1, 2 ** 31 - 1])
    await expect(read(lying(sound(), count))).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: join(folder, 'table.parquet') },
      message: expect.stringContaining(
        `column "n" claims to hold ${count} values, and the column has ${ROWS}`,
      ) as string,
    });
});

it('refuses a page that claims fewer than no values', async () => {
  await expect(read(lying(sound(), 2 ** 32 - 1))).rejects.toMatchObject({ code: 'BAD_INPUT' });
});
