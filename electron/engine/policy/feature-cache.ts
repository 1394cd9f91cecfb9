/** @file Image features: the vision tower is frozen, so a prompt's images are encoded once and kept while there is room. */
import { unalignedFloats } from '../../formats/unaligned.ts';
import { featureRows } from '../model/program-inputs.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { Program } from '../runtime/program.ts';
import { visionFeeds, type PreparedPrompt } from '../training/batch.ts';
import type { PolicyShape } from '../training/policy-program.ts';

/** Most patches in one call of the vision tower, unless a single image has more. */
const MOST_PATCHES = 4096;
/** Features that are kept; beyond it those that were used longest ago are let go and encoded again when they come back. */
export const KEPT_FEATURE_BYTES = 512 * 1024 * 1024;

/** Images are encoded some at a time: enough of them to keep the processor busy, few enough to bound the memory. */
export function encodeShape(shape: PolicyShape): PolicyShape {
  return { ...shape, images: Math.min(shape.images, Math.max(1, Math.floor(MOST_PATCHES / shape.patches))) };
}

export interface FeatureCache {
  /** Features of a batch [rows of all its images, hidden], flattened; encodes what is missing. */
  of(prompts: readonly PreparedPrompt[]): Promise<Float32Array>;
  missing(prompts: readonly PreparedPrompt[]): PreparedPrompt[];
  encode(pairs: readonly { prompt: PreparedPrompt; images: PreparedPrompt['images'] }[]): Promise<void>;
}

export function createFeatureCache(
  program: Program,
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
      throw new Error('An image is to be encoded whose pixels were let go: they must be read again first.');
    const encoded = new Float32Array(images.length * perImage);
    for (let start = 0; start < images.length; start += part.images) {
      const some = images.slice(start, start + part.images);
      const { features } = await program.call('encode', visionFeeds(some, part, config));
      const rows = features as Float32Array;
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
  const letGo = (): void => {
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
      letGo();
      return all;
    },
  };
}
