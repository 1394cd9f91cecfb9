/** @file Sizes, resampling and patches, exactly as the reference image processor gives them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from '../../formats/image-decode.ts';
import { openSafetensors, type TensorReader } from '../../formats/safetensors.ts';
import { DEFAULT_IMAGE_OPTIONS, gridOf, imageTokenCount, processImage, resizedSize } from './image-processor.ts';
import { resizeBicubic } from '../../formats/resample.ts';
import { roundHalfToEven, smartResize } from '../../formats/smart-resize.ts';

interface GoldenImage {
  file: string;
  width: number;
  height: number;
  resized_width: number;
  resized_height: number;
  image_grid_thw: [number, number, number];
  image_tokens: number;
}
interface GoldenResize {
  height: number;
  width: number;
  min_pixels: number;
  max_pixels: number;
  out?: [number, number];
  error?: string;
}

const TINY = fileURLToPath(new URL('../fixtures/qwen2vl-tiny/', import.meta.url));
const GOLDEN = JSON.parse(readFileSync(join(TINY, 'golden/preprocess.json'), 'utf8')) as {
  images: GoldenImage[];
  smart_resize: GoldenResize[];
  min_pixels: number;
  max_pixels: number;
};
const OPTIONS = { ...DEFAULT_IMAGE_OPTIONS, minPixels: GOLDEN.min_pixels, maxPixels: GOLDEN.max_pixels };

let tensors: TensorReader;
beforeAll(async () => {
  tensors = await openSafetensors(join(TINY, 'golden/preprocess.safetensors'));
});
afterAll(() => tensors.close());

/** The number of entries that differ; comparing arrays of this size with toEqual takes long and prints too much. */
function differing(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let count = Math.abs(found.length - expected.length);
  for (let i = 0; i < Math.min(found.length, expected.length); i++) if (found[i] !== expected[i]) count++;
  return count;
}

/** A still as the reference hands it on: every channel of every patch twice, once for each frame. */
function inTwoFrames(pixelValues: Float32Array): number[] {
  const frame = OPTIONS.patchSize ** 2;
  return Array.from({ length: pixelValues.length / frame }, (_, at) => [
    ...pixelValues.subarray(at * frame, (at + 1) * frame),
  ]).flatMap((values) => [...values, ...values]);
}

describe('smartResize', () => {
  it.each(GOLDEN.smart_resize)('$width × $height within $min_pixels … $max_pixels', (row) => {
    const resize = (): unknown =>
      smartResize(row, { factor: 28, minPixels: row.min_pixels, maxPixels: row.max_pixels });
    if (row.out === undefined) {
      expect(resize).toThrow(/ratio of its sides must not exceed 200/);
    } else {
      expect(resize()).toEqual({ height: row.out[0], width: row.out[1] });
    }
  });

  it('rounds halves to the even number', () => {
    expect([0.5, 1.5, 2.5, 3.5, 2.4, 2.6, 3].map(roundHalfToEven)).toEqual([0, 2, 2, 4, 2, 3, 3]);
  });

  it('refuses an image without pixels', () => {
    expect(() => smartResize({ width: 0, height: 5 }, { factor: 28, minPixels: 1, maxPixels: 9 })).toThrow(/0 × 5/);
  });
});

describe('processImage', () => {
  it.each(GOLDEN.images)('$file equals the reference in every pixel and every value', async (golden) => {
    const image = await decodeImage(join(TINY, golden.file));
    const size = resizedSize(image, OPTIONS);
    expect(size).toEqual({ width: golden.resized_width, height: golden.resized_height });
    const key = golden.file.replace('images/', '').replace('.png', '');
    const resized = resizeBicubic(image, size.width, size.height);
    expect(differing(resized.rgb, await tensors.readBytes(`${key}.resized_rgb_u8`))).toBe(0);

    const { pixelValues, grid } = processImage(image, OPTIONS);
    expect(grid).toEqual(golden.image_grid_thw);
    expect(gridOf(image, OPTIONS)).toEqual(golden.image_grid_thw);
    expect(imageTokenCount(grid, 2)).toBe(golden.image_tokens);
    expect(differing(inTwoFrames(pixelValues), await tensors.readFloat32(`${key}.pixel_values`))).toBe(0);
  });

  it('refuses pixels that do not fill the image', () => {
    expect(() => processImage({ width: 4, height: 4, rgb: new Uint8Array(47) })).toThrow(/needs 48 bytes and has 47/);
  });
});

describe('resizeBicubic', () => {
  it('keeps a flat colour flat, at any size', () => {
    const flat = { width: 13, height: 7, rgb: new Uint8Array(13 * 7 * 3).fill(201) };
    for (const [width, height] of [
      [13, 7],
      [1, 1],
      [40, 3],
      [5, 90],
    ] as const) {
      const { rgb } = resizeBicubic(flat, width, height);
      expect([rgb.length, new Set(rgb)]).toEqual([width * height * 3, new Set([201])]);
    }
  });
});
