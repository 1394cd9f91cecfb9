/**
 * @file From 8-bit RGB to the rows that vision towers expect (transformers' Qwen2VLImageProcessor and SmolVLMImageProcessor,
 * Pillow backend).
 */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { PixelLimits, TileLimits } from '../../contract/model/detail.ts';
import { cutTiles, tileCount, type TilePlan } from '../../formats/picture-tiles.ts';
import { resizeBicubic, type RgbImage } from '../../formats/resample.ts';
import { seenSize } from '../../formats/seen-size.ts';
import { smartResize, type Size } from '../../formats/smart-resize.ts';
import { unalignedFloats } from '../../formats/unaligned.ts';

export type { RgbImage } from '../../formats/resample.ts';

export interface ImageProcessorOptions {
  readonly minPixels: number;
  readonly maxPixels: number;
  /** Per channel, of values in 0…1. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  readonly patchSize: number;
  readonly mergeSize: number;
  /** Pictures are cut into tiles; absent = they are not. */
  readonly tiles?: TileLimits;
}

/** Frames, rows and columns of patches; frames is 1 for a still. */
export type Grid = readonly [t: number, h: number, w: number];

/** Rows of the vision tower that an image takes. */
export interface PatchLayout {
  /** Gaps included. */
  readonly rows: number;
  /** The row of each patch. The patches of a merged token stay together. */
  readonly places: Int32Array;
}

export interface ProcessedImage {
  /** [gridH * gridW, 3 * patchSize²] (588 columns for Qwen2-VL), row-major. One frame, since a still image is the same in all. */
  readonly pixelValues: Float32Array;
  readonly grid: Grid;
  /** Where the vision tower has the patches; absent = in their order, without gaps. */
  readonly layout?: PatchLayout | undefined;
  /** The file and how it was read: the same for equal pictures. */
  readonly source?: string;
}

export const DEFAULT_IMAGE_OPTIONS: ImageProcessorOptions = {
  minPixels: 56 * 56,
  maxPixels: 28 * 28 * 1280,
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
  patchSize: 14,
  mergeSize: 2,
};

/**
 * Resizes (smart_resize, bicubic), normalises ((x/255 - mean) / std, float32) and cuts an image into patches.
 * Patches are ordered by merge block, then within the block; a patch is (channel, row, column). The original repeats a
 * still image for each of two frames. Here the tower sums its weights over the frames instead (vision.ts).
 * @throws AtelierError BAD_INPUT if the image is too long and thin, or has no pixels
 */
export function processImage(image: RgbImage, options: ImageProcessorOptions = DEFAULT_IMAGE_OPTIONS): ProcessedImage {
  if (image.rgb.length !== image.width * image.height * 3) {
    throw new AtelierError(
      'BAD_INPUT',
      `An image of ${image.width} × ${image.height} pixels needs ${image.width * image.height * 3} bytes and has ${image.rgb.length}.`,
    );
  }
  const size = resizedSize(image, options);
  return patchify(resizeBicubic(image, size.width, size.height), options);
}

/** The options as limits of pixels. */
export function limitsOf({ minPixels, maxPixels, patchSize, mergeSize, tiles }: ImageProcessorOptions): PixelLimits {
  const pixelsPerToken = (patchSize * mergeSize) ** 2;
  return { minPixels, maxPixels, pixelsPerToken, ...(tiles === undefined ? {} : { tiles }) };
}

/** What the vision tower gets of a picture: one image, or its tiles one after another. */
export interface PictureParts<T> {
  readonly images: readonly T[];
  /** How the picture is cut; absent = it is not. */
  readonly plan?: TilePlan;
}

/** @throws AtelierError BAD_INPUT if the picture is too long and thin, or has no pixels */
export function processPicture(image: RgbImage, options: ImageProcessorOptions): PictureParts<ProcessedImage> {
  const { tiles: plan } = seenSize(image, limitsOf(options));
  if (plan === undefined || options.tiles === undefined) return { images: [processImage(image, options)] };
  return { images: cutTiles(image, plan, options.tiles.side).map((tile) => patchify(tile, options)), plan };
}

/** The grids of what a picture of the given size becomes. */
export function pictureGrids(size: Size, options: ImageProcessorOptions): PictureParts<Grid> {
  const { tiles: plan } = seenSize(size, limitsOf(options));
  if (plan === undefined || options.tiles === undefined) return { images: [gridOf(size, options)] };
  const side = Math.floor(options.tiles.side / options.patchSize);
  return { images: Array.from({ length: tileCount(plan) }, (): Grid => [1, side, side]), plan };
}

/** The size in pixels to which an image of the given size is resized. */
export function resizedSize(size: Size, options: ImageProcessorOptions): Size {
  const factor = options.patchSize * options.mergeSize;
  return smartResize(size, { factor, minPixels: options.minPixels, maxPixels: options.maxPixels });
}

/** The grid of patches that an image of the given size becomes. */
export function gridOf(size: Size, options: ImageProcessorOptions): Grid {
  const resized = resizedSize(size, options);
  return [1, resized.height / options.patchSize, resized.width / options.patchSize];
}

/** How many tokens a grid of patches takes in the prompt. */
export function imageTokenCount(grid: Grid, mergeSize: number): number {
  return (grid[0] * grid[1] * grid[2]) / (mergeSize * mergeSize);
}

/** Cuts an image into normalised patches. What remains of a tile at its right and bottom edges is left out. */
function patchify(image: RgbImage, options: ImageProcessorOptions): ProcessedImage {
  const { patchSize, mergeSize } = options;
  const gridH = Math.floor(image.height / patchSize);
  const gridW = Math.floor(image.width / patchSize);
  const levels = normalisedLevels(options);
  const pixelValues = unalignedFloats(gridH * gridW * 3 * patchSize * patchSize);
  let out = 0;
  for (let blockY = 0; blockY < gridH; blockY += mergeSize) {
    for (let blockX = 0; blockX < gridW; blockX += mergeSize) {
      for (let inBlock = 0; inBlock < mergeSize * mergeSize; inBlock++) {
        const top = (blockY + Math.floor(inBlock / mergeSize)) * patchSize;
        const left = (blockX + (inBlock % mergeSize)) * patchSize;
        for (let channel = 0; channel < 3; channel++) {
          for (let y = top; y < top + patchSize; y++) {
            let from = (y * image.width + left) * 3 + channel;
            for (let x = 0; x < patchSize; x++, from += 3) {
              pixelValues[out++] = levels[channel * 256 + image.rgb[from]!]!;
            }
          }
        }
      }
    }
  }
  return { pixelValues, grid: [1, gridH, gridW] };
}

/** The normalised value of each of the 256 levels of each channel, with the float32 rounding of the original. */
function normalisedLevels(options: ImageProcessorOptions): Float32Array {
  const levels = new Float32Array(3 * 256);
  for (let channel = 0; channel < 3; channel++) {
    const mean = Math.fround(options.mean[channel]!);
    const std = Math.fround(options.std[channel]!);
    for (let level = 0; level < 256; level++) {
      const scaled = Math.fround(level * (1 / 255));
      levels[channel * 256 + level] = Math.fround(scaled - mean) / std;
    }
  }
  return levels;
}
