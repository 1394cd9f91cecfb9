/**
 * @file The files of Qwen3.5 (dense): Qwen3-VL's tower without DeepStack, and a text model in which most layers have linear attention
 * (Gated DeltaNet) and the others gated attention. Pure.
 */
import type { Fields } from '../json-fields.ts';
import { MOST, QWEN, type FamilyFormat, type LinearAttention } from './config.ts';
import { addTower, parseTower } from './qwen3-vl.ts';

const KINDS = ['linear_attention', 'full_attention'];

export const QWEN3_5: FamilyFormat = {
  family: 'qwen3_5',
  title: 'Qwen3.5',
  denseOnly: true,
  architecture: 'Qwen3_5ForConditionalGeneration',
  module: 'transformers.models.qwen3_5.modeling_qwen3_5',
  nested: true,
  ...QWEN,
  tokens: { image: 248_056, others: [248_057, 248_053, 248_054] },
  // Layers that predict several tokens at once, which transformers leaves out too.
  ignored: ['mtp.'],
  // Nothing here could check its linear attention in those programs.
  notWritten: ['gguf', 'mlx'],
  text: {
    qkvBias: false,
    qkNorm: true,
    gated: true,
    rope: 'interleaved',
    partialRotary: 0.25,
    refused: ['attention_bias'],
    parseLinear,
    defaults: {
      vocabSize: 248_320,
      hiddenSize: 4096,
      intermediateSize: 12_288,
      numLayers: 32,
      numHeads: 16,
      numKeyValueHeads: 4,
      headDim: 256,
      maxPositionEmbeddings: 32_768,
      rmsNormEps: 1e-6,
      ropeTheta: 10_000,
    },
  },
  parseVision: (vision, textHiddenSize) => {
    const { deepstackLayers = [], ...tower } = parseTower(vision, textHiddenSize, []);
    if (deepstackLayers.length > 0)
      throw vision.bad('deepstack_visual_indexes', 'is not empty, as it is in this family');
    return tower;
  },
  addVision: addTower,
};

function parseLinear(text: Fields, numLayers: number): LinearAttention {
  if (!text.boolean('attn_output_gate', true)) throw text.bad('attn_output_gate', 'is false, which is not supported');
  const keyHeads = text.positive('linear_num_key_heads', 16, MOST.width);
  const valueHeads = text.positive('linear_num_value_heads', 32, MOST.width);
  if (valueHeads % keyHeads !== 0)
    throw text.bad('linear_num_value_heads', `is ${valueHeads}, which ${keyHeads} heads of keys do not divide`);
  return {
    layers: linearLayers(text, numLayers),
    kernelSize: text.positive('linear_conv_kernel_dim', 4, MOST.patch),
    keyHeads,
    valueHeads,
    keyDim: text.positive('linear_key_head_dim', 128, MOST.width),
    valueDim: text.positive('linear_value_head_dim', 128, MOST.width),
  };
}

/** Which layers have linear attention: as `layer_types` says, or all but every fourth. */
function linearLayers(text: Fields, numLayers: number): number[] {
  const numbers = Array.from({ length: numLayers }, (_, layer) => layer);
  const interval = text.positive('full_attention_interval', 4, MOST.layers);
  const kinds = text.has('layer_types')
    ? text.texts('layer_types', KINDS)
    : numbers.map((layer) => KINDS[(layer + 1) % interval === 0 ? 1 : 0]);
  if (kinds.length !== numLayers)
    throw text.bad('layer_types', `names ${kinds.length} layers, but "num_hidden_layers" is ${numLayers}`);
  return numbers.filter((layer) => kinds[layer] === KINDS[0]);
}
