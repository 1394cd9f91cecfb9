/** @file Turns prompts and completions of different lengths into the fixed shapes of a program. */
import type { Qwen2VLConfig } from '../../formats/qwen2-vl-config.ts';
import { unalignedFloats } from '../../formats/unaligned.ts';
import type { ProcessedImage } from '../model/image-processor.ts';
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

/** The smallest batch shape that holds any `batch` of these prompts. */
export function shapeFor(prompts: readonly PreparedPrompt[], batch: number): BatchShape {
  // A data set may have more samples than a call may have arguments.
  const largest = (least: number, of: (prompt: PreparedPrompt) => number): number =>
    prompts.reduce((most, prompt) => Math.max(most, of(prompt)), least);
  const longest = largest(0, ({ inputIds }) => inputIds.length);
  const perPrompt = largest(1, ({ images }) => images.length);
  const patches = largest(4, ({ images }) => Math.max(0, ...images.map(patchCount)));
  return { batch, promptLength: roundUp(longest, 8), images: batch * perPrompt, patches };
}

function patchCount(image: ProcessedImage): number {
  return image.grid[0] * image.grid[1] * image.grid[2];
}

/** Prompt feeds: left-padded ids, which feature row each image token takes, rotary tables and padding mask. */
export function promptFeeds(
  prompts: readonly PreparedPrompt[],
  shape: BatchShape,
  config: Qwen2VLConfig,
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
    const sizes = prompt.images.map((each) => patchCount(each) / config.vision.spatialMergeSize ** 2);
    let current = 0;
    let within = 0;
    prompt.inputIds.forEach((id, offset) => {
      if (id !== config.imageTokenId) return;
      while (within >= (sizes[current] ?? Infinity)) {
        current++;
        within = 0;
      }
      feature[start + offset] = (image + current) * rowsPerImage + within;
      within++;
    });
    image += prompt.images.length;
  });
  const rotary = textRotary(positions, config.headDim, config.mropeSection, config.ropeTheta);
  return { promptIds: ids, promptFeature: feature, promptCos: rotary.cos, promptSin: rotary.sin, promptMask: mask };
}

/** Vision feeds for the images of a batch, in order, padded to the shape. */
export function visionFeeds(
  images: readonly ProcessedImage[],
  shape: BatchShape,
  config: Qwen2VLConfig,
): FeedsOf<VisionSpecs> {
  const { embedDim, numHeads, spatialMergeSize, inChannels, patchSize } = config.vision;
  if (images.length > shape.images)
    throw new Error(`${String(images.length)} images do not fit in ${String(shape.images)}.`);
  const headDim = embedDim / numHeads;
  const values = inChannels * patchSize ** 2;
  const [first] = images;
  // A large picture that fills the batch is fed as it is: a copy of 12 megapixels takes 146 MB.
  const whole = shape.images === 1 && first !== undefined && patchCount(first) === shape.patches;
  const pixels = whole ? first.pixelValues : unalignedFloats(shape.images * shape.patches * values);
  const cos = unalignedFloats(shape.images * shape.patches * headDim);
  const sin = unalignedFloats(shape.images * shape.patches * headDim);
  const mask = new Float32Array(shape.images * shape.patches).fill(MASKED);
  const tables = new Map<string, RotaryTable>();
  images.forEach((image, index) => {
    const key = image.grid.join('x');
    const table =
      tables.get(key) ?? visionRotary([image.grid[0], image.grid[1], image.grid[2]], headDim, spatialMergeSize);
    tables.set(key, table);
    const start = index * shape.patches;
    if (!whole) pixels.set(image.pixelValues, start * values);
    cos.set(table.cos, start * headDim);
    sin.set(table.sin, start * headDim);
    mask.fill(0, start, start + patchCount(image));
  });
  return { pixels, visionCos: cos, visionSin: sin, visionMask: mask };
}

/** Rotary tables for tokens that follow their prompts: row r stands at `starts[r] + offset`, on all three axes. */
export function followingRotary(
  starts: readonly number[],
  offsets: readonly number[],
  config: Qwen2VLConfig,
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
  return textRotary(positions, config.headDim, config.mropeSection, config.ropeTheta);
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
  config: Qwen2VLConfig,
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
