/** @file The files of Qwen3-VL (dense): learned positions, DeepStack, and a text model that normalises queries and keys. Pure. */
import {
  addLinear,
  addNorm,
  MOST,
  parseHeads,
  parseLayers,
  parseOutput,
  parsePatches,
  QWEN,
  type FamilyFormat,
  type VisionConfig,
} from './config.ts';
import type { Fields } from '../json-fields.ts';

export const QWEN3_VL: FamilyFormat = {
  family: 'qwen3_vl',
  title: 'Qwen3-VL',
  denseOnly: true,
  architecture: 'Qwen3VLForConditionalGeneration',
  module: 'transformers.models.qwen3_vl.modeling_qwen3_vl',
  nested: true,
  ...QWEN,
  text: {
    qkvBias: false,
    qkNorm: true,
    rope: 'interleaved',
    refused: ['attention_bias'],
    defaults: {
      vocabSize: 151936,
      hiddenSize: 4096,
      intermediateSize: 22016,
      numLayers: 32,
      numHeads: 32,
      numKeyValueHeads: 32,
      headDim: 128,
      maxPositionEmbeddings: 128_000,
      rmsNormEps: 1e-6,
      ropeTheta: 500_000,
    },
  },
  parseVision: (vision, textHiddenSize) => parseTower(vision, textHiddenSize, [8, 16, 24]),
  addVision: addTower,
};

/** @param deepstack layers of the DeepStack features, unless the configuration states them */
export function parseTower(vision: Fields, textHiddenSize: number, deepstack: readonly number[]): VisionConfig {
  vision.oneOf('hidden_act', ['gelu_pytorch_tanh'], 'gelu_pytorch_tanh');
  const embedDim = vision.positive('hidden_size', 1152, MOST.width);
  const depth = vision.positive('depth', 27, MOST.layers);
  const positions = vision.positive('num_position_embeddings', 2304, MOST.positions);
  const side = Math.sqrt(positions);
  if (!Number.isInteger(side)) throw vision.bad('num_position_embeddings', `is ${positions}, which is no square`);
  return {
    embedDim,
    depth,
    ...parseHeads(vision, embedDim),
    intermediateSize: vision.positive('intermediate_size', 4304, MOST.width),
    ...parsePatches(vision, 16),
    hiddenSize: parseOutput(vision, 'out_hidden_size', textHiddenSize),
    learned: { side, taps: 4 },
    deepstackLayers: parseLayers(vision, 'deepstack_visual_indexes', deepstack, depth),
  };
}

export function addTower(shapes: Map<string, number[]>, vision: VisionConfig): void {
  const { embedDim, patchSize, temporalPatchSize, inChannels, intermediateSize } = vision;
  const merged = embedDim * vision.spatialMergeSize ** 2;
  shapes.set('visual.patch_embed.proj.weight', [embedDim, inChannels, temporalPatchSize, patchSize, patchSize]);
  shapes.set('visual.patch_embed.proj.bias', [embedDim]);
  shapes.set('visual.pos_embed.weight', [(vision.learned?.side ?? 0) ** 2, embedDim]);
  for (let block = 0; block < vision.depth; block++) {
    const at = `visual.blocks.${block}`;
    addNorm(shapes, `${at}.norm1`, embedDim);
    addNorm(shapes, `${at}.norm2`, embedDim);
    addLinear(shapes, `${at}.attn.qkv`, 3 * embedDim, embedDim);
    addLinear(shapes, `${at}.attn.proj`, embedDim, embedDim);
    addLinear(shapes, `${at}.mlp.linear_fc1`, intermediateSize, embedDim);
    addLinear(shapes, `${at}.mlp.linear_fc2`, embedDim, intermediateSize);
  }
  const addMerger = (at: string, normWidth: number): void => {
    addNorm(shapes, `${at}.norm`, normWidth);
    addLinear(shapes, `${at}.linear_fc1`, merged, merged);
    addLinear(shapes, `${at}.linear_fc2`, vision.hiddenSize, merged);
  };
  addMerger('visual.merger', embedDim);
  (vision.deepstackLayers ?? []).forEach((_, index) => {
    addMerger(`visual.deepstack_merger_list.${index}`, merged);
  });
}
