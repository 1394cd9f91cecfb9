/**
 * @file Names of tensors: one short name for each, whichever files it comes from, with its shape, and the names of modules
 * in transformers. Qwen2-VL and Qwen2.5-VL are published under the short names; other families and all PEFT adapters use
 * the names of modules. Pure.
 */
import { familyOf, type ModelConfig } from './model-config.ts';

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
  const { addVision, text } = familyOf(config);
  addVision(shapes, config.vision);
  const { hiddenSize, intermediateSize, headDim } = config;
  const queryWidth = config.numHeads * headDim;
  const keyWidth = config.numKeyValueHeads * headDim;
  shapes.set('model.embed_tokens.weight', [config.vocabSize, hiddenSize]);
  for (let layer = 0; layer < config.numLayers; layer++) {
    const at = `model.layers.${layer}`;
    shapes.set(`${at}.input_layernorm.weight`, [hiddenSize]);
    shapes.set(`${at}.post_attention_layernorm.weight`, [hiddenSize]);
    for (const [module, width] of [
      ['q_proj', queryWidth],
      ['k_proj', keyWidth],
      ['v_proj', keyWidth],
    ] as const) {
      shapes.set(`${at}.self_attn.${module}.weight`, [width, hiddenSize]);
      if (text.qkvBias) shapes.set(`${at}.self_attn.${module}.bias`, [width]);
    }
    if (text.qkNorm) {
      shapes.set(`${at}.self_attn.q_norm.weight`, [headDim]);
      shapes.set(`${at}.self_attn.k_norm.weight`, [headDim]);
    }
    shapes.set(`${at}.self_attn.o_proj.weight`, [hiddenSize, queryWidth]);
    shapes.set(`${at}.mlp.gate_proj.weight`, [intermediateSize, hiddenSize]);
    shapes.set(`${at}.mlp.up_proj.weight`, [intermediateSize, hiddenSize]);
    shapes.set(`${at}.mlp.down_proj.weight`, [hiddenSize, intermediateSize]);
  }
  shapes.set('model.norm.weight', [hiddenSize]);
  if (!config.tieWordEmbeddings) shapes.set('lm_head.weight', [config.vocabSize, hiddenSize]);
  return shapes;
}
