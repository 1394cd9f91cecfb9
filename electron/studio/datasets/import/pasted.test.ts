import { readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { localPictures } from '../../../pictures/work.ts';
import { temporaryFolder } from '../../fixtures/test-studio.ts';
import { keepPasted } from './pasted.ts';

async function picture(red: number): Promise<string> {
  const background = { r: red, g: 20, b: 30 };
  return (
    await sharp({ create: { width: 8, height: 8, channels: 3, background } })
      .png()
      .toBuffer()
  ).toString('base64');
}

it('keeps each picture byte for byte, in one folder or in a new one', async () => {
  const studio = { home: temporaryFolder(), pictures: localPictures };
  const base64 = await picture(1);
  const first = await keepPasted(studio, { base64 });
  expect(readFileSync(`${first.folderPath}/${first.file}`).toString('base64')).toBe(base64);
  expect(first.file).toMatch(/^picture-[0-9a-f]{12}\.png$/);

  const second = await keepPasted(studio, { base64: await picture(2), folder: first.folder });
  const again = await keepPasted(studio, { base64, folder: first.folder });
  expect(again).toEqual(first);
  expect(readdirSync(first.folderPath).sort()).toEqual([first.file, second.file].sort());

  const other = await keepPasted(studio, { base64 });
  expect(other.folder).not.toBe(first.folder);
});

it('keeps nothing that is no picture, and knows its own folders only', async () => {
  const home = temporaryFolder();
  const studio = { home, pictures: localPictures };
  await expect(keepPasted(studio, { base64: Buffer.from('text').toString('base64') })).rejects.toMatchObject({
    code: 'BAD_INPUT',
  });
  expect(readdirSync(home)).toEqual([]);
  const folder = '2026-01-01-1';
  await expect(keepPasted(studio, { base64: await picture(1), folder })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
