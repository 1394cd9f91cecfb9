/** @file Names and shapes of what programs are fed for prompts and images, and how those feeds become tensors. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Qwen2VLConfig } from '../../formats/qwen2-vl-config.ts';
import type { Tensors, TensorSpec } from '../runtime/program.ts';
import { embedTokens, type Model, type PromptInputs, type Rotary } from './language.ts';
import { encodeImages, type VisionInputs } from './vision.ts';
import type { Weights } from './lora.ts';

/** Fixed sizes of one program. */
export interface BatchShape {
  /** Prompts in a batch. */
  batch: number;
  /** Tokens per prompt, padding included. */
  promptLength: number;
  /** Images in a batch and patches per image, padding included. */
  images: number;
  patches: number;
}

/** Merged image tokens in a batch. */
export function featureRows(shape: BatchShape, config: Qwen2VLConfig): number {
  return shape.images * (shape.patches / config.vision.spatialMergeSize ** 2);
}

export function promptSpecs(shape: BatchShape, config: Qwen2VLConfig): Record<string, TensorSpec> {
  const tokens = shape.batch * shape.promptLength;
  return {
    promptIds: { shape: [tokens], dtype: 'int32' },
    promptFeature: { shape: [tokens], dtype: 'int32' },
    promptCos: { shape: [tokens, 1, config.headDim], dtype: 'float32' },
    promptSin: { shape: [tokens, 1, config.headDim], dtype: 'float32' },
    promptMask: { shape: [shape.batch, 1, 1, shape.promptLength], dtype: 'float32' },
  };
}

export function featureSpec(shape: BatchShape, config: Qwen2VLConfig): Record<string, TensorSpec> {
  return { features: { shape: [featureRows(shape, config), config.hiddenSize], dtype: 'float32' } };
}

export function visionSpecs(shape: BatchShape, config: Qwen2VLConfig): Record<string, TensorSpec> {
  const { embedDim, numHeads, inChannels, patchSize } = config.vision;
  const { images, patches } = shape;
  return {
    pixels: { shape: [images, patches, inChannels * patchSize ** 2], dtype: 'float32' },
    visionCos: { shape: [images, patches, embedDim / numHeads], dtype: 'float32' },
    visionSin: { shape: [images, patches, embedDim / numHeads], dtype: 'float32' },
    visionMask: { shape: [images, 1, 1, patches], dtype: 'float32' },
  };
}

function feed(feeds: Tensors, name: string): Tensor {
  const tensor = feeds[name];
  if (tensor === undefined) throw new Error(`The feed ${name} is missing.`);
  return tensor;
}

export function visionInputs(feeds: Tensors): VisionInputs {
  return {
    pixels: feed(feeds, 'pixels'),
    cos: feed(feeds, 'visionCos'),
    sin: feed(feeds, 'visionSin'),
    mask: feed(feeds, 'visionMask'),
  };
}

export function promptRotary(feeds: Tensors): Rotary {
  return { cos: feed(feeds, 'promptCos'), sin: feed(feeds, 'promptSin') };
}

/**
 * Embeds a batch of prompts.
 * @param features image rows [n, D]; when absent they are computed from the fed pixels (trainable tower)
 */
export function promptInputs(model: Model, feeds: Tensors, shape: BatchShape, weights: Weights): PromptInputs {
  const rows = feeds['features'] ?? encodeImages(visionInputs(feeds), weights, model.config);
  return {
    embeds: embedTokens(model, feed(feeds, 'promptIds'), { rows, index: feed(feeds, 'promptFeature') }),
    batch: shape.batch,
    length: shape.promptLength,
    rotary: promptRotary(feeds),
    mask: feed(feeds, 'promptMask'),
  };
}
