/** @file Photos with an EXIF orientation: model and screen show them the same way up, and the dataset records which. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../formats/image-decode.ts';
import { localPictures } from '../../../pictures/work.ts';
import { withDatabase } from '../../../store/testing/raw-database.ts';
import { engineSamples } from '../engine-samples.ts';
import { importDataset, type ImportInput } from './import.ts';
import { freshDataFolder } from '../testing/data-folder.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', '..', 'formats', 'fixtures', 'images');
const on = freshDataFolder();

async function imported(request: Partial<ImportInput> = {}) {
  const folder = join(on.work, 'photographs');
  await mkdir(folder, { recursive: true });
  for (const name of ['exif_orientation_6.jpg', 'colour.bmp']) await cp(join(FIXTURES, name), join(folder, name));
  const rows = 'file_name,question,answer,split\nexif_orientation_6.jpg,q?,1,train\ncolour.bmp,q?,2,train\n';
  await writeFile(join(folder, 'metadata.csv'), rows);
  const { dataset, report } = await importDataset(on.store, { path: folder, ...request });
  const samples = await engineSamples(on.store, dataset.id, 'train');
  const [photograph] = samples;
  if (photograph === undefined) throw new Error('There is no photograph.');
  const { imagePath: path, upright = false } = photograph;
  const { width, height } = await decodeImage(path, { autoOrient: upright });
  const shown = await sharp(await localPictures.thumbnail({ path, upright }, 160)).metadata();
  return {
    dataset,
    report,
    samples,
    picture: { path, upright },
    model: [width, height],
    screen: [shown.width, shown.height],
  };
}

describe('a photograph that asks to be turned', () => {
  it('is turned for the model and on the screen, and the report says so', async () => {
    const { dataset, report, samples, picture, model, screen } = await imported();
    expect(dataset.orientation).toBe('upright');
    expect(samples.map(({ upright }) => upright)).toEqual([true, true]);
    expect(model).toEqual([18, 27]);
    expect(screen).toEqual([18, 27]);
    // The browser applies the file's orientation itself.
    expect(await localPictures.redrawn(picture)).toBeNull();
    expect(report.warnings).toContainEqual(
      expect.stringMatching(/are turned as their EXIF orientation says.*\(1\): exif_orientation_6\.jpg/),
    );
  });

  it('is used as stored for the model and on the screen where that was chosen', async () => {
    const { dataset, report, picture, model, screen } = await imported({ orientation: 'as-stored' });
    expect(dataset.orientation).toBe('as-stored');
    expect(model).toEqual([27, 18]);
    expect(screen).toEqual([27, 18]);
    const whole = await sharp((await localPictures.redrawn(picture)) ?? Buffer.alloc(0)).metadata();
    expect([whole.width, whole.height, whole.orientation]).toEqual([27, 18, undefined]);
    expect(report.warnings).toContainEqual(expect.stringMatching(/used as they are stored.*exif_orientation_6\.jpg/));
  });

  it('stays as stored in a dataset from before the choice existed', async () => {
    const { dataset } = await imported();
    await withDatabase(on.home, (database) =>
      database.run(`UPDATE dataset SET request_json = json_remove(request_json, '$.orientation')`),
    );
    expect((await on.store.datasets.get(dataset.id)).orientation).toBe('as-stored');
    expect((await engineSamples(on.store, dataset.id, 'train')).map(({ upright }) => upright)).toEqual([false, false]);
  });
});

it('a bitmap is shown although browsers and libvips read it differently or not at all', async () => {
  const { samples } = await imported();
  const path = samples[1]?.imagePath ?? '';
  const { rgb } = await decodeImage(path);
  const whole = await localPictures.redrawn({ path, upright: true });
  expect(
    new Uint8Array(
      await sharp(whole ?? Buffer.alloc(0))
        .raw()
        .toBuffer(),
    ),
  ).toEqual(rgb);
  expect((await sharp(await localPictures.thumbnail({ path, upright: true }, 160)).metadata()).width).toBe(27);
});
