/**
 * @file The files of SmolVLM (`idefics3`) and SmolVLM2 (`smolvlm`): a SigLIP tower over tiles, whose patches are shuffled
 * together, and a Llama text model. transformers computes the same for both names. Pure.
 */
import type { Fields } from '../json-fields.ts';
import { addLinear, addNorm, MOST, type FamilyFormat, type VisionConfig } from './config.ts';

/** The only epsilon that published towers have, and the one that all towers are computed with. */
const EPSILON = 1e-6;

const SHARED: Omit<FamilyFormat, 'family' | 'title' | 'architecture' | 'module'> = {
  nested: true,
  modules: [
    ['visual.connector.', 'model.connector.'],
    ['visual.', 'model.vision_model.'],
    ['model.', 'model.text_model.'],
  ],
  vision: { layers: 'visual.encoder.layers.', merged: ['visual.connector.'] },
  tokens: { image: 128257, others: null },
  text: {
    qkvBias: false,
    qkNorm: false,
    rope: 'plain',
    refused: ['attention_bias', 'mlp_bias', 'qk_layer_norms', 'rope_interleaved'],
    defaults: {
      vocabSize: 32000,
      hiddenSize: 4096,
      intermediateSize: 11008,
      numLayers: 32,
      numHeads: 32,
      maxPositionEmbeddings: 2048,
      rmsNormEps: 1e-6,
      ropeTheta: 10_000,
    },
  },
  parseVision: (vision, textHiddenSize, top) => {
    vision.oneOf('hidden_act', ['gelu_pytorch_tanh'], 'gelu_pytorch_tanh');
    top.object('text_config').oneOf('model_type', ['llama'], 'llama');
    if (vision.number('layer_norm_eps', EPSILON) !== EPSILON)
      throw vision.bad('layer_norm_eps', `is not ${EPSILON}, the only one that is supported`);
    const embedDim = vision.positive('hidden_size', 1152, MOST.width);
    const numHeads = vision.positive('num_attention_heads', 16, MOST.width);
    if (embedDim % numHeads !== 0) throw vision.bad('num_attention_heads', `does not divide the width ${embedDim}`);
    if (vision.positive('num_channels', 3) !== 3) throw vision.bad('num_channels', 'is not 3 (red, green, blue)');
    const patchSize = vision.positive('patch_size', 32, MOST.patch);
    const scale = top.positive('scale_factor', 2, MOST.patch);
    return {
      embedDim,
      depth: vision.positive('num_hidden_layers', 12, MOST.layers),
      numHeads,
      headDim: embedDim / numHeads,
      intermediateSize: vision.positive('intermediate_size', 3072, MOST.width),
      patchSize,
      temporalPatchSize: 1,
      spatialMergeSize: scale,
      inChannels: 3,
      rotary: false,
      hiddenSize: textHiddenSize,
      learned: { side: parseSide(vision, patchSize, scale), taps: 1 },
    };
  },
  addVision: (shapes, vision) => {
    const { embedDim, patchSize, inChannels, intermediateSize } = vision;
    shapes.set('visual.embeddings.patch_embedding.weight', [embedDim, inChannels, patchSize, patchSize]);
    shapes.set('visual.embeddings.patch_embedding.bias', [embedDim]);
    shapes.set('visual.embeddings.position_embedding.weight', [sideOf(vision) ** 2, embedDim]);
    for (let layer = 0; layer < vision.depth; layer++) {
      const at = `visual.encoder.layers.${layer}`;
      for (const module of ['q_proj', 'k_proj', 'v_proj', 'out_proj'])
        addLinear(shapes, `${at}.self_attn.${module}`, embedDim, embedDim);
      addNorm(shapes, `${at}.layer_norm1`, embedDim);
      addNorm(shapes, `${at}.layer_norm2`, embedDim);
      addLinear(shapes, `${at}.mlp.fc1`, intermediateSize, embedDim);
      addLinear(shapes, `${at}.mlp.fc2`, embedDim, intermediateSize);
    }
    addNorm(shapes, 'visual.post_layernorm', embedDim);
    const merged = embedDim * vision.spatialMergeSize ** 2;
    shapes.set('visual.connector.modality_projection.proj.weight', [vision.hiddenSize, merged]);
  },
};

export const SMOLVLM: FamilyFormat = {
  family: 'idefics3',
  title: 'SmolVLM',
  architecture: 'Idefics3ForConditionalGeneration',
  module: 'transformers.models.idefics3.modeling_idefics3',
  ...SHARED,
};

export const SMOLVLM2: FamilyFormat = {
  family: 'smolvlm',
  title: 'SmolVLM2',
  architecture: 'SmolVLMForConditionalGeneration',
  module: 'transformers.models.smolvlm.modeling_smolvlm',
  ...SHARED,
};

/** Patches along a side of the grid of learned positions. */
function sideOf({ learned }: VisionConfig): number {
  return learned?.side ?? 0;
}

function parseSide(vision: Fields, patchSize: number, scale: number): number {
  const imageSize = vision.positive('image_size', 224, MOST.positions);
  const side = Math.floor(imageSize / patchSize);
  if (side === 0) throw vision.bad('image_size', `is ${imageSize}, less than a patch`);
  if (side % scale !== 0)
    throw vision.bad('image_size', `makes ${side} patches along a side, which scale_factor ${scale} does not divide`);
  if (side > MOST.patch) throw vision.bad('image_size', `makes more than ${MOST.patch} patches along a side`);
  if (!placesAreSure(side))
    throw vision.bad(
      'image_size',
      `makes ${side} patches along a side, for which PyTorch rounds the learned positions differently from machine to machine`,
    );
  return side;
}

/** Numbers that PyTorch computes at once in `torch.arange`, on the processors that it knows. */
const LANES = [1, 4, 8, 16, 32];

/**
 * transformers finds a patch's learned position by `torch.bucketize` of i · (1 / side) among `torch.arange(1 / side, 1, 1 / side)`,
 * in float32. That should be place i, and is for all published models. For some sides, rounding moves patches to the
 * place before, and `torch.arange` rounds differently with other vector instructions.
 */
function placesAreSure(side: number): boolean {
  const share = 1 / side;
  const step = Math.fround(share);
  const count = Math.ceil((1 - share) / share);
  const boundary = (index: number, lanes: number): number => {
    const lane = index < count - (count % lanes) ? index % lanes : 0;
    return Math.fround(Math.fround(share + share * (index - lane)) + lane * share);
  };
  return LANES.every((lanes) =>
    Array.from({ length: side }, (_, place) => Math.fround(place * step)).every(
      (at, place) =>
        (place === 0 || at >= boundary(place - 1, lanes)) && (place >= count || at < boundary(place, lanes)),
    ),
  );
}
