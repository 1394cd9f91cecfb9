/** @file Image features: the vision tower is frozen, so a prompt's images are encoded once and kept while there is room. */
import { unalignedFloats } from '../../formats/unaligned.ts';
import { featureRows, type VisionSpecs } from '../model/program-inputs.ts';
import type { LoadedModel } from './loaded-model.ts';
import { floats, type Entry, type Program } from '../runtime/program.ts';
import { visionFeeds, type PreparedPrompt } from '../training/batch.ts';
import type { PolicyShape } from '../training/policy-program.ts';

/** Most patches in one call of the vision tower, unless a single image has more. */
const MOST_PATCHES = 4096;
/** Features that are kept. Beyond this, the least recently used are dropped, and encoded again when they are needed. */
export const KEPT_FEATURE_BYTES = 512 * 1024 * 1024;

/** The shape of one call of the vision tower: enough images to keep the processor busy, few enough to bound the memory. */
export function encodeShape(shape: PolicyShape): PolicyShape {
  return { ...shape, images: Math.min(shape.images, Math.max(1, Math.floor(MOST_PATCHES / shape.patches))) };
}

export type EncodeEntry = Entry<VisionSpecs, 'features'>;

export interface FeatureCache {
  /** Features of a batch [rows of all its images, hidden], flattened; encodes what is missing. */
  of(prompts: readonly PreparedPrompt[]): Promise<Float32Array>;
  missing(prompts: readonly PreparedPrompt[]): PreparedPrompt[];
  encode(pairs: readonly { prompt: PreparedPrompt; images: PreparedPrompt['images'] }[]): Promise<void>;
}

export function createFeatureCache(
  program: Program,
  encoder: EncodeEntry,
  model: LoadedModel,
  shape: PolicyShape,
  keptBytes = KEPT_FEATURE_BYTES,
): FeatureCache {
  const { config } = model.processor;
  const perImage = (featureRows(shape, config) / shape.images) * config.hiddenSize;
  const part = encodeShape(shape);
  /** In the order of last use. */
  const kept = new Map<PreparedPrompt, Float32Array>();
  let bytes = 0;

  const missing = (prompts: readonly PreparedPrompt[]): PreparedPrompt[] => [
    ...new Set(prompts.filter((prompt) => !kept.has(prompt))),
  ];
  const encode: FeatureCache['encode'] = async (pairs) => {
    const images = pairs.flatMap((pair) => pair.images);
    if (images.some(({ pixelValues }) => pixelValues.length === 0))
      throw new Error('The pixels of an image are no longer in memory: they must be read again before it is encoded.');
    const encoded = new Float32Array(images.length * perImage);
    for (let start = 0; start < images.length; start += part.images) {
      const some = images.slice(start, start + part.images);
      const rows = floats(await program.call(encoder, visionFeeds(some, part, config)), 'features');
      encoded.set(rows.subarray(0, some.length * perImage), start * perImage);
    }
    let at = 0;
    for (const { prompt, images: own } of pairs) {
      const features = encoded.slice(at * perImage, (at + own.length) * perImage);
      kept.set(prompt, features);
      bytes += features.byteLength;
      at += own.length;
    }
  };
  const dropOldest = (): void => {
    for (const [prompt, features] of kept) {
      if (bytes <= keptBytes) return;
      kept.delete(prompt);
      bytes -= features.byteLength;
    }
  };
  return {
    missing,
    encode,
    of: async (prompts) => {
      await encode(missing(prompts).map((prompt) => ({ prompt, images: prompt.images })));
      const all = unalignedFloats(shape.images * perImage);
      let at = 0;
      for (const prompt of prompts) {
        const own = kept.get(prompt) ?? new Float32Array();
        kept.delete(prompt);
        kept.set(prompt, own);
        all.set(own, at);
        at += own.length;
      }
      dropOldest();
      return all;
    },
  };
}
