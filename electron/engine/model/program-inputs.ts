/** @file What programs are fed for prompts and images: names, shapes, and how feeds become the model's inputs. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../../formats/model-config.ts';
import { float32, int32, type TensorsOf, type TensorSpec } from '../runtime/program.ts';
import { embedPrompts, type Model, type PromptInputs } from './language.ts';
import { rotaryWidth } from './rotary.ts';
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
  /** Patches of smaller pictures that are encoded at a size of their own, from many to few; absent = none. */
  smaller?: readonly number[];
}

/** Merged image tokens in a batch. */
export function featureRows(shape: BatchShape, config: ModelConfig): number {
  return shape.images * (shape.patches / config.vision.spatialMergeSize ** 2);
}

/** Values of one merged image token: its embedding, and what joins later layers of the language model (DeepStack). */
export function featureWidth({ hiddenSize, vision }: ModelConfig): number {
  return hiddenSize * (1 + (vision.deepstackLayers?.length ?? 0));
}

export type PromptSpecs = {
  promptIds: TensorSpec<'int32'>;
  /** The row of image features that each token takes; negative for text. */
  promptFeature: TensorSpec<'int32'>;
  promptCos: TensorSpec<'float32'>;
  promptSin: TensorSpec<'float32'>;
  promptMask: TensorSpec<'float32'>;
};

export function promptSpecs(shape: BatchShape, config: ModelConfig): PromptSpecs {
  const tokens = shape.batch * shape.promptLength;
  return {
    promptIds: int32([tokens]),
    promptFeature: int32([tokens]),
    promptCos: float32([tokens, 1, rotaryWidth(config)]),
    promptSin: float32([tokens, 1, rotaryWidth(config)]),
    promptMask: float32([shape.batch, 1, 1, shape.promptLength]),
  };
}

export type FeatureSpecs = { features: TensorSpec<'float32'> };

export function featureSpec(shape: BatchShape, config: ModelConfig): FeatureSpecs {
  return { features: float32([featureRows(shape, config), featureWidth(config)]) };
}

export type VisionSpecs = {
  pixels: TensorSpec<'float32'>;
  /** Only for families that rotate queries and keys by the patch's place. */
  visionCos?: TensorSpec<'float32'>;
  visionSin?: TensorSpec<'float32'>;
  /** Only for families with learned positions. */
  visionTaps?: TensorSpec<'float32'>;
  visionMask: TensorSpec<'float32'>;
};

export function visionSpecs(shape: BatchShape, config: ModelConfig): VisionSpecs {
  const { headDim, inChannels, patchSize, rotary, learned } = config.vision;
  const { images, patches } = shape;
  return {
    pixels: float32([images, patches, inChannels * patchSize ** 2]),
    ...(rotary
      ? { visionCos: float32([images, patches, headDim]), visionSin: float32([images, patches, headDim]) }
      : {}),
    ...(learned === undefined ? {} : { visionTaps: float32([images, patches, 2 * learned.taps]) }),
    visionMask: float32([images, 1, 1, patches]),
  };
}

export function visionInputs(feeds: TensorsOf<VisionSpecs>): VisionInputs {
  return {
    pixels: feeds.pixels,
    cos: feeds.visionCos,
    sin: feeds.visionSin,
    taps: feeds.visionTaps,
    mask: feeds.visionMask,
  };
}

/** A batch of prompts with features of their images, or with the pixels if the vision tower is trained. */
export type PromptTensors = TensorsOf<PromptSpecs> & Partial<TensorsOf<FeatureSpecs & VisionSpecs>>;

/** Embeds a batch of prompts. */
export function promptInputs(model: Model, feeds: PromptTensors, shape: BatchShape): PromptInputs {
  const features = { rows: imageRows(model, feeds), index: feeds.promptFeature };
  const { embeds, stacked } = embedPrompts(model, feeds.promptIds, features);
  return {
    embeds,
    stacked,
    batch: shape.batch,
    length: shape.promptLength,
    rotary: { cos: feeds.promptCos, sin: feeds.promptSin },
    mask: feeds.promptMask,
  };
}

/** Features of all images [n, D]. */
function imageRows(
  model: Model,
  { features, pixels, visionCos, visionSin, visionTaps, visionMask }: PromptTensors,
): Tensor {
  if (features !== undefined) return features;
  if (pixels === undefined || visionMask === undefined) throw new Error('A batch needs image features or pixels.');
  const inputs = { pixels, cos: visionCos, sin: visionSin, taps: visionTaps, mask: visionMask };
  return encodeImages(inputs, model);
}
