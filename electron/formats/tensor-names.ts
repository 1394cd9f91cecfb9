/**
 * @file Names of tensors: one short name for each, whichever files it comes from, with its shape, and the names of modules
 * in transformers. Qwen2-VL and Qwen2.5-VL are published under the short names; other families and all PEFT adapters use
 * the names of modules. Pure.
 */
import { familyOf, type LinearAttention, type ModelConfig } from './model-config.ts';

/** How names of modules begin in transformers, in any family, and the short form of it. */
const LONG: readonly (readonly [module: string, short: string])[] = [
  ['model.language_model.', 'model.'],
  ['model.visual.', 'visual.'],
  ['model.text_model.', 'model.'],
  ['model.vision_model.', 'visual.'],
  ['model.connector.', 'visual.connector.'],
];

/**
 * The short name of a tensor or module. Since 4.52, transformers uses `model.language_model.*` and `model.visual.*` in
 * memory; Qwen2-VL and Qwen2.5-VL are still saved as `model.*` and `visual.*`, Qwen3-VL is not.
 */
export function hubName(name: string): string {
  for (const [module, short] of LONG) if (name.startsWith(module)) return `${short}${name.slice(module.length)}`;
  return name;
}

/** The name in transformers (≥ 4.52) of a short name, in a family; adapters use these. */
export function moduleName(name: string, config: Pick<ModelConfig, 'family'>): string {
  if (hubName(name) !== name) return name;
  const found = familyOf(config).modules.find(([short]) => name.startsWith(short));
  return found === undefined ? name : `${found[1]}${name.slice(found[0].length)}`;
}

/** A family whose modules have such names, as far as names tell: SmolVLM's, or else one of Qwen's. */
export function namingOf(names: Iterable<string>): Pick<ModelConfig, 'family'> {
  const smol = ['model.text_model.', 'model.vision_model.', 'model.connector.'];
  for (const name of names) if (smol.some((prefix) => name.startsWith(prefix))) return { family: 'smolvlm' };
  return { family: 'qwen2_vl' };
}

/** The name under which a tensor is published, in the files of its family. */
export function publishedName(name: string, config: Pick<ModelConfig, 'family'>): string {
  return familyOf(config).nested ? moduleName(name, config) : name;
}

/** The short name and shape of every tensor in a checkpoint, with `lm_head.weight` only if it is not tied. */
export function expectedTensors(config: ModelConfig): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  familyOf(config).addVision(shapes, config.vision);
  const { hiddenSize, intermediateSize } = config;
  const linear = new Set(config.linear?.layers);
  shapes.set('model.embed_tokens.weight', [config.vocabSize, hiddenSize]);
  for (let layer = 0; layer < config.numLayers; layer++) {
    const at = `model.layers.${layer}`;
    shapes.set(`${at}.input_layernorm.weight`, [hiddenSize]);
    shapes.set(`${at}.post_attention_layernorm.weight`, [hiddenSize]);
    if (config.linear !== undefined && linear.has(layer))
      addLinearAttention(shapes, `${at}.linear_attn`, hiddenSize, config.linear);
    else addAttention(shapes, `${at}.self_attn`, config);
    shapes.set(`${at}.mlp.gate_proj.weight`, [intermediateSize, hiddenSize]);
    shapes.set(`${at}.mlp.up_proj.weight`, [intermediateSize, hiddenSize]);
    shapes.set(`${at}.mlp.down_proj.weight`, [hiddenSize, intermediateSize]);
  }
  shapes.set('model.norm.weight', [hiddenSize]);
  if (!config.tieWordEmbeddings) shapes.set('lm_head.weight', [config.vocabSize, hiddenSize]);
  return shapes;
}

function addAttention(shapes: Map<string, number[]>, at: string, config: ModelConfig): void {
  const { hiddenSize, headDim, numHeads, numKeyValueHeads, gated = false, qkvBias, qkNorm } = config;
  const queryWidth = numHeads * headDim;
  const keyWidth = numKeyValueHeads * headDim;
  for (const [module, width] of [
    // With a gate for every channel, head by head.
    ['q_proj', gated ? 2 * queryWidth : queryWidth],
    ['k_proj', keyWidth],
    ['v_proj', keyWidth],
  ] as const) {
    shapes.set(`${at}.${module}.weight`, [width, hiddenSize]);
    if (qkvBias) shapes.set(`${at}.${module}.bias`, [width]);
  }
  if (qkNorm) {
    shapes.set(`${at}.q_norm.weight`, [headDim]);
    shapes.set(`${at}.k_norm.weight`, [headDim]);
  }
  shapes.set(`${at}.o_proj.weight`, [hiddenSize, queryWidth]);
}

function addLinearAttention(
  shapes: Map<string, number[]>,
  at: string,
  hiddenSize: number,
  linear: LinearAttention,
): void {
  const { keyHeads, valueHeads, keyDim, valueDim, kernelSize } = linear;
  const values = valueHeads * valueDim;
  const convolved = 2 * keyHeads * keyDim + values;
  shapes.set(`${at}.in_proj_qkv.weight`, [convolved, hiddenSize]);
  shapes.set(`${at}.in_proj_z.weight`, [values, hiddenSize]);
  shapes.set(`${at}.in_proj_b.weight`, [valueHeads, hiddenSize]);
  shapes.set(`${at}.in_proj_a.weight`, [valueHeads, hiddenSize]);
  shapes.set(`${at}.conv1d.weight`, [convolved, 1, kernelSize]);
  shapes.set(`${at}.dt_bias`, [valueHeads]);
  shapes.set(`${at}.A_log`, [valueHeads]);
  shapes.set(`${at}.norm.weight`, [valueDim]);
  shapes.set(`${at}.out_proj.weight`, [hiddenSize, values]);
}
