/** @file Turns prompts and completions of different lengths into the fixed shapes of a program. */
import type { ModelConfig } from '../../formats/model-config.ts';
import { unalignedFloats } from '../../formats/unaligned.ts';
import { imageTokenCount, type ProcessedImage } from '../model/image-processor.ts';
import { positionTaps } from '../model/patch-positions.ts';
import { MASKED } from '../model/attention.ts';
import {
  featureRows,
  type BatchShape,
  type FeatureSpecs,
  type PromptSpecs,
  type VisionSpecs,
} from '../model/program-inputs.ts';
import { textRotary, visionRotary, type RotaryTable } from '../model/rotary.ts';
import type { FeedsOf, TensorSpec } from '../runtime/program.ts';

/** A prompt ready for the model: ids with image tokens expanded, M-RoPE positions, and its images. */
export interface PreparedPrompt {
  inputIds: readonly number[];
  /** [3, length], flattened: t, h, w. */
  positions: Int32Array;
  /** Position of the next token = length + delta. */
  delta: number;
  images: readonly ProcessedImage[];
  /** How many images each picture became; absent = one. */
  imagesOfPictures?: readonly number[];
}

/** Prompts with the features of their images. */
export type BatchFeeds = FeedsOf<PromptSpecs & FeatureSpecs>;

export type CompletionSpecs = {
  completionIds: TensorSpec<'int32'>;
  completionCos: TensorSpec<'float32'>;
  completionSin: TensorSpec<'float32'>;
};

/** Completions with their mask: 1 for tokens that count. */
export type CompletionFeeds = FeedsOf<CompletionSpecs & { mask: TensorSpec<'float32'> }>;

/** Rounds up, so that few different shapes are compiled. */
export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** Patches of a batch without pictures: whole merged tokens, whatever the merge size (2, 3 or 4). */
export const NO_PICTURE = 144;

/** The smallest batch shape that holds any `batch` of these prompts. */
export function shapeFor(prompts: readonly PreparedPrompt[], batch: number): BatchShape {
  // A data set may have more samples than a call may have arguments.
  const largest = (least: number, of: (prompt: PreparedPrompt) => number): number =>
    prompts.reduce((most, prompt) => Math.max(most, of(prompt)), least);
  const longest = largest(0, ({ inputIds }) => inputIds.length);
  const perPrompt = largest(1, ({ images }) => images.length);
  const patches = largest(0, ({ images }) => Math.max(0, ...images.map(patchCount))) || NO_PICTURE;
  const smaller = smallerSizes(prompts, patches);
  return {
    batch,
    promptLength: roundUp(longest, 8),
    images: batch * perPrompt,
    patches,
    ...(smaller.length === 0 ? {} : { smaller }),
  };
}

/** A picture of fewer patches is encoded so quickly that a size of its own would not pay for its graph. */
const LARGE_PICTURE = 1024;
/** Each size is at most this share of the one before. */
const SMALLER = 1 / 4;
const MOST_SIZES = 3;

/** Sizes for pictures that are far smaller than the largest: at its size, each would take as long as it does. */
function smallerSizes(prompts: readonly PreparedPrompt[], largest: number): number[] {
  const sizes: number[] = [];
  for (let last = largest; last >= LARGE_PICTURE && sizes.length < MOST_SIZES - 1;) {
    const limit = last * SMALLER;
    const next = prompts.reduce(
      (most, { images }) =>
        images.map(patchCount).reduce((found, count) => (count <= limit ? Math.max(found, count) : found), most),
      0,
    );
    if (next === 0) break;
    sizes.push(next);
    last = next;
  }
  return sizes;
}

/** Rows of the vision tower that an image takes. */
export function patchCount({ grid, layout }: ProcessedImage): number {
  return layout?.rows ?? grid[0] * grid[1] * grid[2];
}

/** Prompt feeds: left-padded ids, which feature row each image token takes, rotary tables and padding mask. */
export function promptFeeds(
  prompts: readonly PreparedPrompt[],
  shape: BatchShape,
  config: ModelConfig,
  padId: number,
): FeedsOf<PromptSpecs> {
  const { batch, promptLength } = shape;
  if (prompts.length !== batch)
    throw new Error(`${String(prompts.length)} prompts were given for a batch of ${String(batch)}.`);
  const ids = new Int32Array(batch * promptLength).fill(padId);
  const feature = new Int32Array(batch * promptLength).fill(-1);
  const positions = new Int32Array(3 * batch * promptLength);
  const mask = new Float32Array(batch * promptLength).fill(MASKED);
  const rowsPerImage = featureRows(shape, config) / shape.images;
  const merge = config.vision.spatialMergeSize;
  let image = 0;
  prompts.forEach((prompt, row) => {
    const length = prompt.inputIds.length;
    if (length > promptLength)
      throw new Error(`A prompt of ${String(length)} tokens does not fit in ${String(promptLength)}.`);
    const start = row * promptLength + promptLength - length;
    ids.set(prompt.inputIds, start);
    mask.fill(0, start, start + length);
    for (let axis = 0; axis < 3; axis++) {
      positions.set(prompt.positions.subarray(axis * length, (axis + 1) * length), axis * batch * promptLength + start);
    }
    const sizes = prompt.images.map(({ grid }) => imageTokenCount(grid, merge));
    let current = 0;
    let within = 0;
    prompt.inputIds.forEach((id, offset) => {
      if (id !== config.imageTokenId) return;
      while (within >= (sizes[current] ?? Infinity)) {
        current++;
        within = 0;
      }
      // The patches of a merged token stay together, wherever they lie.
      const place = prompt.images[current]?.layout?.places[within * merge ** 2];
      feature[start + offset] = (image + current) * rowsPerImage + (place === undefined ? within : place / merge ** 2);
      within++;
    });
    image += prompt.images.length;
  });
  const rotary = textRotary(positions, config);
  return { promptIds: ids, promptFeature: feature, promptCos: rotary.cos, promptSin: rotary.sin, promptMask: mask };
}

/** Vision feeds for the images of a batch, in order, padded to the shape. */
export function visionFeeds(
  images: readonly ProcessedImage[],
  shape: BatchShape,
  config: ModelConfig,
): FeedsOf<VisionSpecs> {
  const { headDim, spatialMergeSize, inChannels, patchSize, rotary, learned } = config.vision;
  if (images.length > shape.images)
    throw new Error(`${String(images.length)} images do not fit in ${String(shape.images)}.`);
  const values = inChannels * patchSize ** 2;
  const rows = shape.images * shape.patches;
  const [first] = images;
  // A large picture that fills the batch is fed as it is: a copy of 12 megapixels takes 146 MB.
  const whole =
    shape.images === 1 && first !== undefined && first.layout === undefined && patchCount(first) === shape.patches;
  const pixels = whole ? first.pixelValues : unalignedFloats(rows * values);
  const rotated = rotary ? { cos: unalignedFloats(rows * headDim), sin: unalignedFloats(rows * headDim) } : undefined;
  const taps = learned === undefined ? undefined : new Float32Array(rows * 2 * learned.taps);
  const mask = new Float32Array(rows).fill(MASKED);
  const tables = new Map<string, { rotary: RotaryTable | undefined; taps: Float32Array | undefined }>();
  images.forEach((image, index) => {
    const { grid, layout } = image;
    const key = grid.join('x');
    const table = tables.get(key) ?? {
      rotary: rotary ? visionRotary(grid, headDim, spatialMergeSize) : undefined,
      taps: learned === undefined ? undefined : positionTaps(grid, spatialMergeSize, learned),
    };
    tables.set(key, table);
    const start = index * shape.patches;
    if (!whole) placeRows(image.pixelValues, pixels, values, start, layout);
    if (rotated !== undefined && table.rotary !== undefined) {
      placeRows(table.rotary.cos, rotated.cos, headDim, start, layout);
      placeRows(table.rotary.sin, rotated.sin, headDim, start, layout);
    }
    if (taps !== undefined && table.taps !== undefined) placeRows(table.taps, taps, taps.length / rows, start, layout);
    if (layout === undefined) mask.fill(0, start, start + patchCount(image));
    else for (const place of layout.places) mask[start + place] = 0;
  });
  return {
    pixels,
    ...(rotated === undefined ? {} : { visionCos: rotated.cos, visionSin: rotated.sin }),
    ...(taps === undefined ? {} : { visionTaps: taps }),
    visionMask: mask,
  };
}

/** Copies the rows of an image's patches to where its layout has them, from row `start` on. */
function placeRows(
  from: Float32Array,
  to: Float32Array,
  width: number,
  start: number,
  layout: ProcessedImage['layout'],
): void {
  if (layout === undefined) {
    to.set(from, start * width);
    return;
  }
  layout.places.forEach((place, patch) => {
    to.set(from.subarray(patch * width, (patch + 1) * width), (start + place) * width);
  });
}

/** Rotary tables for tokens that follow their prompts: row r stands at `starts[r] + offset`, on all three axes. */
export function followingRotary(
  starts: readonly number[],
  offsets: readonly number[],
  config: ModelConfig,
): RotaryTable {
  const n = starts.length * offsets.length;
  const positions = new Int32Array(3 * n);
  let i = 0;
  for (const start of starts) {
    for (const offset of offsets) {
      positions[i] = positions[n + i] = positions[2 * n + i] = start + offset;
      i++;
    }
  }
  return textRotary(positions, config);
}

/** Position of the first completion token of every row. */
export function completionStarts(prompts: readonly PreparedPrompt[], groupSize: number): number[] {
  return prompts.flatMap(({ inputIds, delta }) => Array.from({ length: groupSize }, () => inputIds.length + delta));
}

/** Completion feeds for training and scoring: right-padded ids, mask of counted tokens, rotary tables. */
export function completionFeeds(
  completions: readonly (readonly number[])[],
  prompts: readonly PreparedPrompt[],
  groupSize: number,
  length: number,
  config: ModelConfig,
  padId: number,
): CompletionFeeds {
  const ids = new Int32Array(completions.length * length).fill(padId);
  const mask = new Float32Array(completions.length * length);
  completions.forEach((tokens, row) => {
    if (tokens.length > length)
      throw new Error(`A completion of ${String(tokens.length)} tokens does not fit in ${String(length)}.`);
    ids.set(tokens, row * length);
    mask.fill(1, row * length, row * length + tokens.length);
  });
  const offsets = Array.from({ length: length - 1 }, (_, i) => i);
  const rotary = followingRotary(completionStarts(prompts, groupSize), offsets, config);
  return { completionIds: ids, mask, completionCos: rotary.cos, completionSin: rotary.sin };
}

/** Lays out per-token values of different lengths as [rows, length], with zero where there is no token. */
export function padRows(rows: readonly ArrayLike<number>[], length: number): Float32Array {
  const padded = new Float32Array(rows.length * length);
  rows.forEach((row, index) => padded.set(row, index * length));
  return padded;
}
