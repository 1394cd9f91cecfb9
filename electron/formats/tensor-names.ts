/** @file Names of Qwen2-VL's tensors: the published (hub) names with their shapes, and the newer module names. Pure. */
import type { Qwen2VLConfig } from './qwen2-vl-config.ts';

/**
 * The published name of a tensor or module. Since 4.52, transformers uses `model.language_model.*` and
 * `model.visual.*` in memory; checkpoints are still saved as `model.*` and `visual.*`.
 */
export function hubName(name: string): string {
  if (name.startsWith('model.language_model.')) return `model.${name.slice('model.language_model.'.length)}`;
  if (name.startsWith('model.visual.')) return name.slice('model.'.length);
  return name;
}

/** The in-memory name (transformers ≥ 4.52) of a published name; adapters use these. */
export function moduleName(name: string): string {
  if (name.startsWith('visual.')) return `model.${name}`;
  if (name.startsWith('model.') && hubName(name) === name) return `model.language_model.${name.slice('model.'.length)}`;
  return name;
}

/** The published name and shape of every tensor in a checkpoint, with `lm_head.weight` only if it is not tied. */
export function expectedTensors(config: Qwen2VLConfig): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  addVision(shapes, config);
  const { hiddenSize, intermediateSize, headDim } = config;
  const queryWidth = config.numHeads * headDim;
  const keyWidth = config.numKeyValueHeads * headDim;
  shapes.set('model.embed_tokens.weight', [config.vocabSize, hiddenSize]);
  for (let layer = 0; layer < config.numLayers; layer++) {
    const at = `model.layers.${layer}`;
    shapes.set(`${at}.input_layernorm.weight`, [hiddenSize]);
    shapes.set(`${at}.post_attention_layernorm.weight`, [hiddenSize]);
    addLinear(shapes, `${at}.self_attn.q_proj`, queryWidth, hiddenSize);
    addLinear(shapes, `${at}.self_attn.k_proj`, keyWidth, hiddenSize);
    addLinear(shapes, `${at}.self_attn.v_proj`, keyWidth, hiddenSize);
    shapes.set(`${at}.self_attn.o_proj.weight`, [hiddenSize, queryWidth]);
    shapes.set(`${at}.mlp.gate_proj.weight`, [intermediateSize, hiddenSize]);
    shapes.set(`${at}.mlp.up_proj.weight`, [intermediateSize, hiddenSize]);
    shapes.set(`${at}.mlp.down_proj.weight`, [hiddenSize, intermediateSize]);
  }
  shapes.set('model.norm.weight', [hiddenSize]);
  if (!config.tieWordEmbeddings) shapes.set('lm_head.weight', [config.vocabSize, hiddenSize]);
  return shapes;
}

function addVision(shapes: Map<string, number[]>, { vision }: Qwen2VLConfig): void {
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
}

function addLinear(shapes: Map<string, number[]>, at: string, out: number, input: number): void {
  shapes.set(`${at}.weight`, [out, input]);
  shapes.set(`${at}.bias`, [out]);
}

function addNorm(shapes: Map<string, number[]>, at: string, width: number): void {
  shapes.set(`${at}.weight`, [width]);
  shapes.set(`${at}.bias`, [width]);
}
