/**
 * @file Image features: while the vision tower is frozen, a picture is encoded once and its features are kept. Prompts that
 * show the same picture share them. What does not fit in memory goes to a folder if there is one, and is encoded again if
 * there is none.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelConfig } from '../../formats/model-config.ts';
import { unalignedFloats } from '../../formats/unaligned.ts';
import { TILE_ROWS } from '../model/blocks.ts';
import { imageTokenCount, type ProcessedImage } from '../model/image-processor.ts';
import { featureRows, featureWidth, type VisionSpecs } from '../model/program-inputs.ts';
import type { LoadedModel } from './loaded-model.ts';
import { floats, type Entry, type Program } from '../runtime/program.ts';
import { patchCount, visionFeeds, type PreparedPrompt } from '../training/batch.ts';
import type { PolicyShape } from '../training/policy-program.ts';

/** Most patches in one call of the vision tower, unless a single image has more. */
const MOST_PATCHES = 4096;
/** Features that are kept in memory. Beyond this, the least recently used leave. */
export const KEPT_FEATURE_BYTES = 512 * 1024 * 1024;
/** Features that are kept in the folder. */
const STORED_FEATURE_BYTES = 16 * 1024 ** 3;

/** Pictures of fewer patches are not filled up: the share of padding would be too large. */
const FEWEST_TILED_PATCHES = 256;

/**
 * The shapes of calls of the vision tower, for pictures from large to small: enough images to keep the processor busy, few
 * enough to bound the memory.
 */
export function encodeShapes(shape: PolicyShape): PolicyShape[] {
  return [shape.patches, ...(shape.smaller ?? [])].map((patches) => ({
    ...shape,
    patches: tiledPatches(patches),
    images: Math.min(shape.images, Math.max(1, Math.floor(MOST_PATCHES / patches))),
  }));
}

/** Patches filled up to whole tiles of rows. Large pictures stay as they are: they are computed in blocks, and padding would copy them. */
function tiledPatches(patches: number): number {
  if (patches < FEWEST_TILED_PATCHES || patches > MOST_PATCHES) return patches;
  return Math.ceil(patches / TILE_ROWS) * TILE_ROWS;
}

/** Bytes that the features of all different pictures of these prompts take in memory. */
export function featureBytes(prompts: readonly PreparedPrompt[], config: ModelConfig): number {
  const pictures = new Map(prompts.flatMap(({ images }) => images.map((image) => [keyOf(image), image])));
  const rows = [...pictures.values()].reduce((sum, image) => sum + rowsOf(image, config), 0);
  return Math.min(KEPT_FEATURE_BYTES, 4 * rows * featureWidth(config));
}

export type EncodeEntry = Entry<VisionSpecs, 'features'>;

export interface FeatureCache {
  /** Features of a batch [rows of all its images, hidden], flattened; encodes what is missing. */
  of(prompts: readonly PreparedPrompt[]): Promise<Float32Array>;
  /** Prompts with a picture whose features are not kept. */
  missing(prompts: readonly PreparedPrompt[]): PreparedPrompt[];
  encode(images: readonly ProcessedImage[]): Promise<void>;
  /** Forgets everything that is kept, in memory and in the folder. */
  forget(): void;
  /** Removes what is in the folder. */
  dispose(): void;
}

export interface FeatureLimits {
  keptBytes?: number;
  /** Holds what does not fit in memory; emptied before use. Absent = it is encoded again. */
  folder?: string | undefined;
}

export function createFeatureCache(
  program: Program,
  encoders: readonly EncodeEntry[],
  model: LoadedModel,
  shape: PolicyShape,
  { keptBytes = KEPT_FEATURE_BYTES, folder }: FeatureLimits = {},
): FeatureCache {
  const { config } = model.processor;
  const rowsPerImage = (each: PolicyShape): number => featureRows(each, config) / each.images;
  const perImage = rowsPerImage(shape) * featureWidth(config);
  const parts = encodeShapes(shape);
  const store = folder === undefined ? null : createStore(folder);
  /** In the order of last use. */
  const kept = new Map<PictureKey, Float32Array>();
  let bytes = 0;

  const isMissing = (image: ProcessedImage): boolean => !kept.has(keyOf(image)) && store?.has(keyOf(image)) !== true;
  const missing = (prompts: readonly PreparedPrompt[]): PreparedPrompt[] => [
    ...new Set(prompts.filter(({ images }) => images.some(isMissing))),
  ];
  const keep = (key: PictureKey, features: Float32Array): void => {
    if (!kept.has(key)) bytes += features.byteLength;
    kept.delete(key);
    kept.set(key, features);
  };
  const encode = async (images: readonly ProcessedImage[]): Promise<void> => {
    const wanted = [...new Map(images.filter(isMissing).map((image) => [keyOf(image), image])).values()];
    if (wanted.some(({ pixelValues }) => pixelValues.length === 0))
      throw new Error('The pixels of an image are no longer in memory: they must be read again before it is encoded.');
    for (const [index, part] of parts.entries()) {
      const encoder = encoders[index];
      if (encoder === undefined) throw new Error('A size of pictures has no encoder.');
      const below = parts[index + 1]?.patches ?? 0;
      const own = wanted.filter(
        (image) => patchCount(image) > below && (index === 0 || patchCount(image) <= part.patches),
      );
      const width = rowsPerImage(part) * featureWidth(config);
      for (let start = 0; start < own.length; start += part.images) {
        const some = own.slice(start, start + part.images);
        const rows = floats(await program.call(encoder, visionFeeds(some, part, config)), 'features');
        some.forEach((image, at) => {
          const length = rowsOf(image, config) * featureWidth(config);
          keep(keyOf(image), rows.slice(at * width, at * width + length));
        });
      }
    }
  };
  const dropOldest = async (): Promise<void> => {
    for (const [key, features] of kept) {
      if (bytes <= keptBytes) return;
      await store?.put(key, features);
      kept.delete(key);
      bytes -= features.byteLength;
    }
  };
  return {
    missing,
    encode,
    of: async (prompts) => {
      const images = prompts.flatMap((prompt) => prompt.images);
      await encode(images);
      const all = unalignedFloats(shape.images * perImage);
      for (const [index, image] of images.entries()) {
        const key = keyOf(image);
        const features = kept.get(key) ?? (await store?.get(key)) ?? new Float32Array();
        keep(key, features);
        all.set(features, index * perImage);
      }
      await dropOldest();
      return all;
    },
    forget: () => {
      kept.clear();
      bytes = 0;
      store?.forget();
    },
    dispose: () => store?.dispose(),
  };
}

/** What equal pictures have in common: how they were read, or the object if nobody said. */
type PictureKey = string | ProcessedImage;

function keyOf(image: ProcessedImage): PictureKey {
  return image.source ?? image;
}

/** Rows of features, gaps between windows included. */
function rowsOf({ grid, layout }: ProcessedImage, { vision: { spatialMergeSize } }: ModelConfig): number {
  return layout === undefined ? imageTokenCount(grid, spatialMergeSize) : layout.rows / spatialMergeSize ** 2;
}

/** Features in files. Where none can be written, pictures are encoded again. */
function createStore(folder: string): {
  has(key: PictureKey): boolean;
  get(key: PictureKey): Promise<Float32Array | null>;
  put(key: PictureKey, features: Float32Array): Promise<void>;
  forget(): void;
  dispose(): void;
} {
  const stored = new Map<PictureKey, string>();
  let bytes = 0;
  let begun = false;
  const dispose = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    has: (key) => stored.has(key),
    get: async (key) => {
      const path = stored.get(key);
      if (path === undefined) return null;
      const content = await readFile(path);
      return new Float32Array(content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength));
    },
    put: async (key, features) => {
      if (stored.has(key) || bytes + features.byteLength > STORED_FEATURE_BYTES) return;
      const path = join(folder, String(stored.size));
      try {
        // What an engine that was lost left behind.
        if (!begun) dispose();
        begun = true;
        mkdirSync(folder, { recursive: true });
        await writeFile(path, new Uint8Array(features.buffer, features.byteOffset, features.byteLength));
      } catch {
        await rm(path, { force: true }).catch(() => undefined);
        return;
      }
      stored.set(key, path);
      bytes += features.byteLength;
    },
    forget: () => {
      if (stored.size > 0) dispose();
      stored.clear();
      bytes = 0;
      begun = false;
    },
    dispose,
  };
}
