/** @file The files of Qwen2.5-VL: a tower with RMSNorm, gated MLPs and attention within windows. Pure. */
import {
  addLinear,
  MOST,
  parseHeads,
  parseLayers,
  parseOutput,
  parsePatches,
  QWEN,
  type FamilyFormat,
} from './config.ts';
import { QWEN2_VL } from './qwen2-vl.ts';

export const QWEN2_5_VL: FamilyFormat = {
  family: 'qwen2_5_vl',
  title: 'Qwen2.5-VL',
  architecture: 'Qwen2_5_VLForConditionalGeneration',
  module: 'transformers.models.qwen2_5_vl.modeling_qwen2_5_vl',
  nested: false,
  ...QWEN,
  text: QWEN2_VL.text,
  parseVision: (vision, textHiddenSize) => {
    vision.oneOf('hidden_act', ['silu'], 'silu');
    const embedDim = vision.positive('hidden_size', 3584, MOST.width);
    const depth = vision.positive('depth', 32, MOST.layers);
    const patches = parsePatches(vision, 14);
    const windowSize = vision.positive('window_size', 112);
    const side = windowSize / patches.patchSize / patches.spatialMergeSize;
    if (!Number.isInteger(side))
      throw vision.bad('window_size', `is ${windowSize}, which is no multiple of a merged token`);
    return {
      embedDim,
      depth,
      ...parseHeads(vision, embedDim),
      intermediateSize: vision.positive('intermediate_size', 3420, MOST.width),
      ...patches,
      hiddenSize: parseOutput(vision, 'out_hidden_size', textHiddenSize),
      windows: { side, fullLayers: parseLayers(vision, 'fullatt_block_indexes', [7, 15, 23, 31], depth) },
    };
  },
  addVision: (shapes, vision) => {
    const { embedDim, patchSize, temporalPatchSize, inChannels, intermediateSize } = vision;
    const merged = embedDim * vision.spatialMergeSize ** 2;
    shapes.set('visual.patch_embed.proj.weight', [embedDim, inChannels, temporalPatchSize, patchSize, patchSize]);
    for (let block = 0; block < vision.depth; block++) {
      const at = `visual.blocks.${block}`;
      shapes.set(`${at}.norm1.weight`, [embedDim]);
      shapes.set(`${at}.norm2.weight`, [embedDim]);
      addLinear(shapes, `${at}.attn.qkv`, 3 * embedDim, embedDim);
      addLinear(shapes, `${at}.attn.proj`, embedDim, embedDim);
      addLinear(shapes, `${at}.mlp.gate_proj`, intermediateSize, embedDim);
      addLinear(shapes, `${at}.mlp.up_proj`, intermediateSize, embedDim);
      addLinear(shapes, `${at}.mlp.down_proj`, embedDim, intermediateSize);
    }
    shapes.set('visual.merger.ln_q.weight', [embedDim]);
    addLinear(shapes, 'visual.merger.mlp.0', merged, merged);
    addLinear(shapes, 'visual.merger.mlp.2', vision.hiddenSize, merged);
  },
};
