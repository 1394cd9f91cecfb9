/** @file The files of Qwen2-VL: the vision tower's configuration and tensors. Pure. */
import { addLinear, addNorm, MOST, parseHeads, parseOutput, parsePatches, QWEN, type FamilyFormat } from './config.ts';

export const QWEN2_VL: FamilyFormat = {
  family: 'qwen2_vl',
  title: 'Qwen2-VL',
  architecture: 'Qwen2VLForConditionalGeneration',
  module: 'transformers.models.qwen2_vl.modeling_qwen2_vl',
  nested: false,
  ...QWEN,
  text: {
    qkvBias: true,
    qkNorm: false,
    rope: 'mrope',
    refused: [],
    defaults: {
      vocabSize: 152064,
      hiddenSize: 8192,
      intermediateSize: 29568,
      numLayers: 80,
      numHeads: 64,
      numKeyValueHeads: 8,
      maxPositionEmbeddings: 32768,
      rmsNormEps: 1e-5,
      ropeTheta: 1_000_000,
    },
  },
  parseVision: (vision, textHiddenSize) => {
    vision.oneOf('hidden_act', ['quick_gelu'], 'quick_gelu');
    const embedDim = vision.positive('embed_dim', 1280, MOST.width);
    const heads = parseHeads(vision, embedDim);
    const mlpRatio = vision.number('mlp_ratio', 4);
    if (embedDim * mlpRatio > MOST.width) throw vision.bad('mlp_ratio', `makes the layers wider than ${MOST.width}`);
    if (!Number.isInteger(embedDim * mlpRatio))
      throw vision.bad('mlp_ratio', `does not give a whole number of channels for ${embedDim}`);
    const patches = parsePatches(vision, 14);
    return {
      embedDim,
      depth: vision.positive('depth', 32, MOST.layers),
      ...heads,
      intermediateSize: embedDim * mlpRatio,
      ...patches,
      hiddenSize: parseOutput(vision, 'hidden_size', textHiddenSize),
    };
  },
  addVision: (shapes, vision) => {
    const { embedDim, patchSize, temporalPatchSize, inChannels } = vision;
    const merged = embedDim * vision.spatialMergeSize ** 2;
    shapes.set('visual.patch_embed.proj.weight', [embedDim, inChannels, temporalPatchSize, patchSize, patchSize]);
    for (let block = 0; block < vision.depth; block++) {
      const at = `visual.blocks.${block}`;
      addNorm(shapes, `${at}.norm1`, embedDim);
      addNorm(shapes, `${at}.norm2`, embedDim);
      addLinear(shapes, `${at}.attn.qkv`, 3 * embedDim, embedDim);
      addLinear(shapes, `${at}.attn.proj`, embedDim, embedDim);
      addLinear(shapes, `${at}.mlp.fc1`, vision.intermediateSize, embedDim);
      addLinear(shapes, `${at}.mlp.fc2`, embedDim, vision.intermediateSize);
    }
    addNorm(shapes, 'visual.merger.ln_q', embedDim);
    addLinear(shapes, 'visual.merger.mlp.0', merged, merged);
    addLinear(shapes, 'visual.merger.mlp.2', vision.hiddenSize, merged);
  },
};
