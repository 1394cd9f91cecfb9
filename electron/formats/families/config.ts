/** @file What a model's configuration says, whatever its family, and what the parsers of the families share. Pure. */
import type { Fields } from '../json-fields.ts';

/** The families that Atelier computes, by `model_type`. */
export type FamilyName = 'qwen2_vl' | 'qwen2_5_vl' | 'qwen3_vl' | 'qwen3_5' | 'smolvlm' | 'idefics3';

export interface VisionConfig {
  /** Width of the vision tower. */
  readonly embedDim: number;
  readonly depth: number;
  readonly numHeads: number;
  readonly headDim: number;
  /** Width of the middle of an MLP. */
  readonly intermediateSize: number;
  readonly patchSize: number;
  readonly temporalPatchSize: number;
  readonly spatialMergeSize: number;
  readonly inChannels: number;
  /** Width of the merger's output to the language model. */
  readonly hiddenSize: number;
  /** Qwen2.5-VL: layers attend within windows of `side` × `side` merged tokens, except `fullLayers`. */
  readonly windows?: { readonly side: number; readonly fullLayers: readonly number[] };
  /**
   * Learned positions: a square grid with this side. A patch's position is the sum of so many of its places, each with a
   * weight: four around it (Qwen3-VL), or its own (SmolVLM).
   */
  readonly learned?: { readonly side: number; readonly taps: 1 | 4 };
  /** Queries and keys are rotated by the patch's row and column (all but SmolVLM). */
  readonly rotary: boolean;
  /** Qwen3-VL (DeepStack): layers whose output, merged, is added to that of the first text layers, in order. */
  readonly deepstackLayers?: readonly number[];
}

/** Layers of the language model that keep a state of fixed size instead of keys and values (Gated DeltaNet). */
export interface LinearAttention {
  /** Their numbers, from 0. */
  readonly layers: readonly number[];
  /** Tokens that the convolution before the state sees, the current one included. */
  readonly kernelSize: number;
  /** Each head of keys serves as many heads of values. */
  readonly keyHeads: number;
  readonly valueHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
}

export interface ModelConfig {
  readonly family: FamilyName;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numLayers: number;
  readonly numHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly vocabSize: number;
  readonly maxPositionEmbeddings: number;
  readonly rmsNormEps: number;
  readonly ropeTheta: number;
  /** The number of channels (of headDim / 2) that follow the t, h and w axes; null = positions have one axis (SmolVLM). */
  readonly mropeSection: readonly [number, number, number] | null;
  /** The axes take turns (Qwen3-VL) instead of following one another. */
  readonly mropeInterleaved: boolean;
  /** Queries, keys and values have biases (Qwen2-VL and 2.5). */
  readonly qkvBias: boolean;
  /** Queries and keys are normalised, head by head (Qwen3-VL). */
  readonly qkNorm: boolean;
  /** The channels of a head that positions rotate, the first ones (Qwen3.5); absent = all. */
  readonly rotaryDim?: number;
  /** Norms scale by 1 + weight, and the result of attention is gated by the sigmoid of a second half of the queries (Qwen3.5). */
  readonly gated?: true;
  /** Absent = every layer has attention (all but Qwen3.5). */
  readonly linear?: LinearAttention;
  readonly tieWordEmbeddings: boolean;
  readonly imageTokenId: number;
  /** Null in families that have no such token, as are the next two. */
  readonly videoTokenId: number | null;
  readonly visionStartTokenId: number | null;
  readonly visionEndTokenId: number | null;
  readonly bosTokenId: number | null;
  /** As in config.json; generation_config.json takes precedence if it exists. */
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
  readonly vision: VisionConfig;
}

/** Programs other than transformers that Atelier writes models for. */
export type ProgramLayout = 'gguf' | 'mlx';

/** What the files of a family look like. The engine computes it in `engine/model/families/`. */
export interface FamilyFormat {
  readonly family: FamilyName;
  /** As people know it. */
  readonly title: string;
  /** It has siblings with a mixture of experts, which are not supported. */
  readonly denseOnly?: true;
  /** The class in transformers, and its module. */
  readonly architecture: string;
  readonly module: string;
  /** Published under the names of its modules (`modules`) instead of the short names. */
  readonly nested: boolean;
  /** How the names of modules in transformers begin, by the beginning of the short name; the first that fits counts. */
  readonly modules: readonly (readonly [short: string, module: string])[];
  /** How the short names of the tower's layers begin, and those of its matrices that see merged tokens. */
  readonly vision: { readonly layers: string; readonly merged: readonly string[] };
  /** Default ids of the tokens that stand for pictures. */
  readonly tokens: { readonly image: number; readonly others: readonly [number, number, number] | null };
  readonly text: Pick<ModelConfig, 'qkvBias' | 'qkNorm' | 'gated'> & {
    /** `mrope` has three axes of positions, `interleaved` too, taking turns; `plain` has one. */
    readonly rope: 'mrope' | 'interleaved' | 'plain';
    /** Settings that other language models of the kind have, and this one has not. */
    readonly refused: readonly string[];
    /** The share of a head that positions rotate, unless the configuration states it; absent = all of it. */
    readonly partialRotary?: number;
    /** Absent = no layer has linear attention. */
    readonly parseLinear?: (text: Fields, numLayers: number) => LinearAttention;
    /** The defaults of transformers' configuration class, where families differ. */
    readonly defaults: {
      readonly vocabSize: number;
      readonly hiddenSize: number;
      readonly intermediateSize: number;
      readonly numLayers: number;
      readonly numHeads: number;
      /** Absent = as many as heads. */
      readonly numKeyValueHeads?: number;
      /** Absent = hidden size / heads. */
      readonly headDim?: number;
      readonly maxPositionEmbeddings: number;
      readonly rmsNormEps: number;
      readonly ropeTheta: number;
    };
  };
  /**
   * @param top the whole configuration
   * @throws AtelierError BAD_INPUT naming the field
   */
  parseVision(vision: Fields, textHiddenSize: number, top: Fields): VisionConfig;
  /** Adds the published names and shapes of the vision tower's tensors. */
  addVision(shapes: Map<string, number[]>, vision: VisionConfig): void;
  /** How tensors begin that published files hold and transformers does not read. */
  readonly ignored?: readonly string[];
  /** Layouts of other programs that Atelier does not write for it. */
  readonly notWritten?: readonly ProgramLayout[];
}

/** What Qwen's families have in common. */
export const QWEN = {
  modules: [
    ['visual.', 'model.visual.'],
    ['model.', 'model.language_model.'],
  ],
  vision: { layers: 'visual.blocks.', merged: ['visual.merger.', 'visual.deepstack_merger_list.'] },
  tokens: { image: 151655, others: [151656, 151652, 151653] },
} as const;

/** Far above any published model, and low enough that nothing made from these numbers alone exhausts the memory. */
export const MOST = { width: 1 << 20, layers: 1024, vocabulary: 1 << 24, positions: 1 << 24, patch: 256 };

/** The heads of a vision tower. @throws AtelierError BAD_INPUT if they do not divide its width into fours */
export function parseHeads(vision: Fields, embedDim: number): Pick<VisionConfig, 'numHeads' | 'headDim'> {
  const numHeads = vision.positive('num_heads', 16, MOST.width);
  if (embedDim % numHeads !== 0 || (embedDim / numHeads) % 4 !== 0) {
    throw vision.bad('num_heads', `does not divide the width ${embedDim} into heads with a multiple of four channels`);
  }
  return { numHeads, headDim: embedDim / numHeads };
}

/** How pictures are cut into patches. */
export function parsePatches(
  vision: Fields,
  patchSize: number,
): Pick<VisionConfig, 'patchSize' | 'temporalPatchSize' | 'spatialMergeSize' | 'inChannels' | 'rotary'> {
  const inChannels = vision.has('in_channels') ? vision.positive('in_channels', 3) : vision.positive('in_chans', 3);
  if (inChannels !== 3) throw vision.bad('in_channels', 'is not 3 (red, green, blue)');
  return {
    patchSize: vision.positive('patch_size', patchSize, MOST.patch),
    temporalPatchSize: vision.positive('temporal_patch_size', 2, MOST.patch),
    spatialMergeSize: vision.positive('spatial_merge_size', 2, MOST.patch),
    inChannels,
    rotary: true,
  };
}

/** The width that the tower's output has, which must be that of the language model. */
export function parseOutput(vision: Fields, key: string, textHiddenSize: number): number {
  const hiddenSize = vision.positive(key, 3584, MOST.width);
  if (hiddenSize === textHiddenSize) return hiddenSize;
  throw vision.bad(key, `is ${hiddenSize}, but the language model is ${textHiddenSize} wide`);
}

/** Numbers of tower layers. @throws AtelierError BAD_INPUT if one does not exist, or is there twice */
export function parseLayers(vision: Fields, key: string, fallback: readonly number[], depth: number): number[] {
  const layers = vision.has(key) ? vision.naturals(key) : [...fallback];
  if (layers.some((layer) => layer >= depth)) throw vision.bad(key, `names a layer beyond the ${depth} of the tower`);
  if (new Set(layers).size < layers.length) throw vision.bad(key, 'names a layer twice');
  return layers;
}

export function addLinear(shapes: Map<string, number[]>, at: string, out: number, input: number): void {
  shapes.set(`${at}.weight`, [out, input]);
  shapes.set(`${at}.bias`, [out]);
}

export function addNorm(shapes: Map<string, number[]>, at: string, width: number): void {
  shapes.set(`${at}.weight`, [width]);
  shapes.set(`${at}.bias`, [width]);
}
