/** @file `atelier generate --why` with the fake engine: the picture that is written, the text, the document, what is refused. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, expect, it } from 'vitest';
import { copyTinyModel, fakeEngine, temporaryFolder, writeDataset } from '../studio/fixtures/test-studio.ts';
import { commandRunner, type CommandRunner } from './testing/run-command.ts';

let folder: string;
let run: CommandRunner['run'];

beforeEach(async () => {
  folder = temporaryFolder();
  await writeDataset(folder);
  copyTinyModel(folder);
  ({ run } = commandRunner({ home: join(folder, 'home'), cwd: folder, spawnEngine: fakeEngine }));
});

const ASKED = ['generate', '--model', 'tiny', '--prompt', 'How many?'];
const IMAGE = ['--image', join('images', 'image-1.png')];
const SECOND = ['--image', join('images', 'image-2.png')];

/** The mean brightness of each cell of a picture that is divided into 2 rows and 3 columns. */
async function cellsOf(path: string): Promise<number[]> {
  const { width, height } = await sharp(path).metadata();
  const [w, h] = [Math.floor(width / 3), Math.floor(height / 2)];
  return Promise.all(
    [0, 1, 2, 3, 4, 5].map(async (cell) => {
      const place = { left: (cell % 3) * w, top: Math.floor(cell / 3) * h, width: w, height: h };
      const { channels } = await sharp(await sharp(path).extract(place).png().toBuffer()).stats();
      return channels.reduce((sum, { mean }) => sum + mean, 0);
    }),
  );
}

it('writes the picture, bright where it looked, and says how likely each token was', async () => {
  const { status, out } = await run(...ASKED, ...IMAGE, '--why', 'seen/looked.png');
  expect(status).toBe(0);
  expect(out).toMatch(/^tiny: How many\?\n\nWhere it looked: attention over all heads and 2 layers\./);
  expect(out).toContain('pictures 50%, words of the prompt 40%, its own answer so far 10%');
  expect(out).toMatch(/most at row 1 of 2, column 1 of 3: .*looked\.png/);
  expect(out).toContain('60.7%  "1"');
  const path = join(folder, 'seen', 'looked.png');
  const [first = 0, ...others] = await cellsOf(path);
  expect(Math.max(...others)).toBeLessThan(first);
  expect((await sharp(path).metadata()).width).toBeGreaterThanOrEqual(560);
});

it('numbers the files of several pictures, and gives everything as JSON', async () => {
  const { json } = await run(...ASKED, ...IMAGE, ...SECOND, '--why', 'looked.png', '--json');
  const { why } = json() as { why: { overlays: string[]; attention: { layers: number; tokens: unknown[] } } };
  expect(why.overlays).toEqual([join(folder, 'looked-1.png'), join(folder, 'looked-2.png')]);
  expect(why.overlays.every((path) => existsSync(path))).toBe(true);
  expect(why.attention).toMatchObject({
    layers: 2,
    pictures: [
      { rows: 2, columns: 3 },
      { rows: 2, columns: 3 },
    ],
  });
  expect(why.attention.tokens).toHaveLength(3);
});

it.each([
  [[...ASKED, '--why', 'looked.png'], 2, '--why needs a picture'],
  [[...ASKED, ...IMAGE, '--why', 'looked.jpg'], 2, 'looked.jpg does not end in .png'],
  [[...ASKED, ...IMAGE, '--why', 'there.png'], 4, 'there.png exists already'],
])('refuses before anything is asked: %j', async (argv, status, words) => {
  writeFileSync(join(folder, 'there.png'), 'mine');
  const done = await run(...argv);
  expect(done.status).toBe(status);
  expect(done.err).toContain(words);
});
