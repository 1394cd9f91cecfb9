/** @file For tests: folders of small real images with a table. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

/** A single-colour PNG, different for every `shade`. */
export async function picture(shade: number, size = 8): Promise<Buffer> {
  const background = { r: shade % 256, g: Math.floor(shade / 256) % 256, b: 77 };
  return await sharp({ create: { width: size, height: size, channels: 3, background } })
    .png()
    .toBuffer();
}

export type Row = Record<string, unknown>;

/** Writes `metadata.jsonl` and, for every name in `images`, a file. */
export async function writeFolder(
  folder: string,
  rows: readonly Row[],
  images: Record<string, Buffer>,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'metadata.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  for (const [name, bytes] of Object.entries(images)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return folder;
}

/** `count` valid rows with pictures `0.png`, `1.png`, … */
export async function goodRows(count: number): Promise<{ rows: Row[]; images: Record<string, Buffer> }> {
  const rows: Row[] = [];
  const images: Record<string, Buffer> = {};
  for (let index = 0; index < count; index += 1) {
    const name = `${index}.png`;
    images[name] = await picture(index);
    rows.push({
      file_name: name,
      question: `How many things are in picture ${index}?`,
      answer: String(index),
      licence: 'CC0-1.0',
      author: 'Ada',
    });
  }
  return { rows, images };
}
