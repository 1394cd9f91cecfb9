/** @file Small pictures of what an import would take in: from files, from an archive, and from inside a table. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { localPictures } from '../../../pictures/work.ts';
import { freshDataFolder } from '../testing/data-folder.ts';
import { scenery } from '../testing/scenery.ts';
import { inspectImport } from './import.ts';

const TABLES = join(import.meta.dirname, '..', '..', '..', 'formats', 'fixtures', 'tables');
const on = freshDataFolder();

async function folderOf(count: number): Promise<string> {
  const folder = join(on.work, 'pictures');
  await mkdir(folder, { recursive: true });
  const rows: string[] = [];
  for (let index = 0; index < count; index += 1) {
    await writeFile(join(folder, `${index}.png`), await scenery(index));
    rows.push(JSON.stringify({ file_name: `${index}.png`, question: 'How many?', answer: String(index) }));
  }
  await writeFile(join(folder, 'metadata.jsonl'), rows.join('\n'));
  return folder;
}

const look = (path: string, thumbnails?: number) =>
  inspectImport({ pictures: localPictures }, { path, ...(thumbnails === undefined ? {} : { thumbnails }) });

it('brings as many as were asked for, small and in order, and none unless asked', async () => {
  const folder = await folderOf(5);
  expect((await look(folder)).glimpses).toEqual([]);
  const first = (await look(folder, 3)).glimpses.filter(({ group }) => group === 'first');
  expect(first.map(({ name }) => name)).toEqual(['0.png', '1.png', '2.png']);
  const { format, width, height } = await sharp(Buffer.from(first[0]!.webp, 'base64')).metadata();
  expect(format).toBe('webp');
  expect(Math.max(width, height)).toBeLessThanOrEqual(160);
});

it('draws what a zip holds before the unpacked files are gone', async () => {
  const folder = await folderOf(3);
  const zip = new ZipFile();
  for (const name of ['metadata.jsonl', '0.png', '1.png', '2.png']) zip.addFile(join(folder, name), name);
  zip.end();
  const path = join(on.work, 'pictures.zip');
  await pipeline(zip.outputStream, createWriteStream(path));
  expect((await look(path, 12)).glimpses.filter(({ group }) => group === 'first')).toHaveLength(3);
});

it('draws pictures that are inside a table', async () => {
  const path = join(on.work, 'table.parquet');
  await cp(join(TABLES, 'embedded-zstd.parquet'), path);
  const { glimpses, rowsUsable } = await look(path, 12);
  expect(rowsUsable).toBe(4);
  expect(glimpses.filter(({ group }) => group === 'first')).toHaveLength(4);
});

it('shows those that look alike beside each other', async () => {
  const folder = await folderOf(3);
  const copy = await sharp(join(folder, '1.png')).jpeg({ quality: 90 }).toBuffer();
  await writeFile(join(folder, 'copy.jpg'), copy);
  const more = JSON.stringify({ file_name: 'copy.jpg', question: 'How many?', answer: '9' });
  await writeFile(join(folder, 'metadata.jsonl'), `\n${more}`, { flag: 'a' });
  const { glimpses, nearDuplicates } = await look(folder, 12);
  expect(nearDuplicates).toBe(1);
  expect(glimpses.filter(({ group }) => group === 'alike').map(({ name }) => name)).toEqual(['1.png', 'copy.jpg']);
});
