/** @file Pictures that cannot be used, or hardly: one sentence each, and no memory for pixels that a header only claims. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineSample } from '../../contract/engine/engine.ts';
import type { SampleId } from '../../contract/model/primitives.ts';
import { shapeFor } from '../training/batch.ts';
import { fixture } from '../testing/tiny.ts';
import { featureBytes } from './feature-cache.ts';
import { loadModel, type LoadedModel } from './loaded-model.ts';
import { measureSamples } from './prepare-samples.ts';

const MIB = 1024 ** 2;
let folder: string;
let model: LoadedModel;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-odd-pictures-'));
  model = await loadModel(join(fixture, 'model'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A PNG whose header claims a size, with the data of a few kilobytes of zeros. */
function bomb(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const parts = [
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(4 * MIB))),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]);
}

async function written(name: string, content: Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const flat = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#87a' } });

const ask = (path: string) => ({ prompt: 'How many?', imagePaths: [path] });

/** The growth of resident memory while `run` fails, and how it fails. */
async function failing(run: () => Promise<unknown>): Promise<{ error: unknown; grown: number }> {
  const before = process.memoryUsage.rss();
  const error: unknown = await run().then(
    () => null,
    (reason: unknown) => reason,
  );
  return { error, grown: process.memoryUsage.rss() - before };
}

describe('a picture', () => {
  it('that claims 60,000 × 60,000 pixels is refused by its header, measured or read', async () => {
    const path = await written('bomb.png', bomb(60_000, 60_000));
    for (const run of [() => model.processor.measure(ask(path)), () => model.processor.prepare(ask(path))]) {
      const { error, grown } = await failing(run);
      expect(error).toMatchObject({
        code: 'BAD_INPUT',
        message: `${path} has 60000 × 60000 pixels, above the limit of 64000000.`,
        place: { file: path },
      });
      expect(grown).toBeLessThan(100 * MIB);
    }
  });

  it('of 12 megapixels that is not complete is refused', async () => {
    const whole = await flat(4032, 3024).jpeg().toBuffer();
    const path = await written('half.jpg', whole.subarray(0, whole.length / 2));
    await expect(model.processor.prepare(ask(path))).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining(`${path} is not a complete, readable image`) as string,
    });
  });

  it('of 3 × 20,000 pixels is too thin for the model', async () => {
    const path = await written('thin.png', await flat(3, 20_000).png().toBuffer());
    await expect(model.processor.measure(ask(path))).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: `${path}: An image of 3 × 20000 pixels is too long and thin: the ratio of its sides must not exceed 200.`,
    });
  });

  it('of one pixel becomes the smallest picture that the model takes', async () => {
    const path = await written('dot.png', await flat(1, 1).png().toBuffer());
    const { images } = await model.processor.prepare(ask(path));
    const [{ grid, pixelValues } = { grid: [], pixelValues: new Float32Array() }] = images;
    expect(grid).toEqual([1, 4, 4]);
    expect(pixelValues.every(Number.isFinite)).toBe(true);
  });

  it('among 10,000 tiny ones takes no memory for its pixels before it is encoded', async () => {
    const path = await written('tiny.png', await flat(20, 20).png().toBuffer());
    const sample = (index: number): EngineSample => ({
      id: `s-${String(index)}` as SampleId,
      imagePath: path,
      imageSize: { width: 20, height: 20 },
      prompt: 'How many?',
      answer: '1',
      task: 'counting',
    });
    const prompts = await measureSamples(
      model,
      { promptTemplate: '{question}' },
      Array.from({ length: 10_000 }, (_, i) => sample(i)),
      {
        stated: true,
      },
    );
    expect(prompts).toHaveLength(10_000);
    expect(prompts.every(({ images }) => images[0]?.pixelValues.length === 0)).toBe(true);
    const [first] = prompts;
    if (first === undefined) throw new Error('There are prompts.');
    expect(shapeFor(prompts, 4)).toEqual(shapeFor([first], 4));
    // All of them show one picture.
    expect(featureBytes(prompts, model.processor.config)).toBe(featureBytes([first], model.processor.config));
  });
});
