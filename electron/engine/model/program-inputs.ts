/** @file What programs are fed for prompts and images: names, shapes, and how feeds become the model's inputs. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Qwen2VLConfig } from '../../formats/qwen2-vl-config.ts';
import { float32, int32, type TensorsOf, type TensorSpec } from '../runtime/program.ts';
import { embedTokens, type Model, type PromptInputs } from './language.ts';
import { encodeImages, type VisionInputs } from './vision.ts';

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

export type PromptSpecs = {
  promptIds: TensorSpec<'int32'>;
  /** The row of image features that each token takes; negative for text. */
  promptFeature: TensorSpec<'int32'>;
  promptCos: TensorSpec<'float32'>;
  promptSin: TensorSpec<'float32'>;
  promptMask: TensorSpec<'float32'>;
};

export function promptSpecs(shape: BatchShape, config: Qwen2VLConfig): PromptSpecs {
  const tokens = shape.batch * shape.promptLength;
  return {
    promptIds: int32([tokens]),
    promptFeature: int32([tokens]),
    promptCos: float32([tokens, 1, config.headDim]),
    promptSin: float32([tokens, 1, config.headDim]),
    promptMask: float32([shape.batch, 1, 1, shape.promptLength]),
  };
}

export type FeatureSpecs = { features: TensorSpec<'float32'> };

export function featureSpec(shape: BatchShape, config: Qwen2VLConfig): FeatureSpecs {
  return { features: float32([featureRows(shape, config), config.hiddenSize]) };
}

export type VisionSpecs = {
  pixels: TensorSpec<'float32'>;
  visionCos: TensorSpec<'float32'>;
  visionSin: TensorSpec<'float32'>;
  visionMask: TensorSpec<'float32'>;
};

export function visionSpecs(shape: BatchShape, config: Qwen2VLConfig): VisionSpecs {
  const { embedDim, numHeads, inChannels, patchSize } = config.vision;
  const { images, patches } = shape;
  return {
    pixels: float32([images, patches, inChannels * patchSize ** 2]),
    visionCos: float32([images, patches, embedDim / numHeads]),
    visionSin: float32([images, patches, embedDim / numHeads]),
    visionMask: float32([images, 1, 1, patches]),
  };
}

export function visionInputs(feeds: TensorsOf<VisionSpecs>): VisionInputs {
  return { pixels: feeds.pixels, cos: feeds.visionCos, sin: feeds.visionSin, mask: feeds.visionMask };
}

/** A batch of prompts with features of their images, or with the pixels if the vision tower is trained. */
export type PromptTensors = TensorsOf<PromptSpecs> & Partial<TensorsOf<FeatureSpecs & VisionSpecs>>;

/** Embeds a batch of prompts. */
export function promptInputs(model: Model, feeds: PromptTensors, shape: BatchShape): PromptInputs {
  return {
    embeds: embedTokens(model, feeds.promptIds, { rows: imageRows(model, feeds), index: feeds.promptFeature }),
    batch: shape.batch,
    length: shape.promptLength,
    rotary: { cos: feeds.promptCos, sin: feeds.promptSin },
    mask: feeds.promptMask,
  };
}

/** Features of all images [n, D]. */
function imageRows(model: Model, { features, pixels, visionCos, visionSin, visionMask }: PromptTensors): Tensor {
  if (features !== undefined) return features;
  if (pixels === undefined || visionCos === undefined || visionSin === undefined || visionMask === undefined)
    throw new Error('A batch needs image features or pixels.');
  return encodeImages({ pixels, cos: visionCos, sin: visionSin, mask: visionMask }, { ...model, adapter: null });
}
