/**
 * @file A vision-language model as llama.cpp loads it: a file for the language model and one for the vision tower (mmproj),
 * each with its metadata and the place of every tensor in the checkpoint. Pure.
 */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { PreprocessorConfig } from '../checkpoint.ts';
import { familyOf, type ModelConfig } from '../model-config.ts';
import { refuseLayout } from '../families/layouts.ts';
import { expectedTensors } from '../tensor-names.ts';
import { GGML_TYPES, type GgufTensorInfo, type GgufValue, type WrittenType } from './gguf-header.ts';

/** Where a tensor's values stand in the checkpoint, under its short name. */
export interface GgufSource {
  readonly tensor: string;
  /** Absent = all of it. */
  readonly rows?: { readonly first: number; readonly count: number };
  /** Rows of a head as transformers rotates them (halves), to be written as Llama's original code did (pairs). */
  readonly headDim?: number;
  /** One time step of a convolution [out, in, time, height, width]. */
  readonly time?: number;
}

export interface GgufTensor extends GgufTensorInfo {
  readonly type: WrittenType;
  /** Whether its rows do not fill the blocks of the type that it would have. */
  readonly isFallback: boolean;
  readonly name: string;
  readonly source: GgufSource;
}

export interface GgufPlan {
  readonly metadata: readonly (readonly [string, GgufValue])[];
  readonly tensors: readonly GgufTensor[];
}

/** How the matrices of an export are stored. */
export type GgufWeights = 'f16' | 'bf16' | 'q8_0' | 'q4_k_m';

interface Storage {
  /** Number of `llama_ftype`. */
  readonly fileType: number;
  /** Of most matrices. */
  readonly type: WrittenType;
  /** In file names. */
  readonly label: string;
}

const STORAGE: Readonly<Record<GgufWeights, Storage>> = {
  f16: { fileType: 1, type: 'F16', label: 'F16' },
  bf16: { fileType: 32, type: 'BF16', label: 'BF16' },
  q8_0: { fileType: 7, type: 'Q8_0', label: 'Q8_0' },
  q4_k_m: { fileType: 15, type: 'Q4_K', label: 'Q4_K_M' },
};

/** Vision towers lose too much in 4 bits: they stay in 8, as in the files that llama.cpp's makers publish. */
function towerWeights(weights: GgufWeights): GgufWeights {
  return weights === 'q4_k_m' ? 'q8_0' : weights;
}

/** Names of the two files of an export. */
export function ggufFileNames(weights: GgufWeights): { readonly model: string; readonly mmproj: string } {
  return {
    model: `model-${STORAGE[weights].label}.gguf`,
    mmproj: `mmproj-${STORAGE[towerWeights(weights)].label}.gguf`,
  };
}

const QUANTIZATION_VERSION = 2;

type Entry = readonly [string, GgufValue];

/** llama.cpp's name of a language model, by family. */
export function ggufArchitecture({ family }: Pick<ModelConfig, 'family'>): string {
  if (family === 'qwen3_vl') return 'qwen3vl';
  return family === 'smolvlm' || family === 'idefics3' ? 'llama' : 'qwen2vl';
}

/** Modules of a language model layer, and llama.cpp's names of them. */
const LAYER: Readonly<Record<string, string>> = {
  input_layernorm: 'attn_norm',
  post_attention_layernorm: 'ffn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  'self_attn.o_proj': 'attn_output',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
};

const TEXT_LAYER = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/;

/** llama.cpp's name of a language model's tensor, from its short name; null if it belongs to the vision tower. */
export function ggufTextName(name: string): string | null {
  if (name === 'model.embed_tokens.weight') return 'token_embd.weight';
  if (name === 'model.norm.weight') return 'output_norm.weight';
  if (name === 'lm_head.weight') return 'output.weight';
  const match = TEXT_LAYER.exec(name);
  const module = match === null ? undefined : LAYER[match[2]!];
  return module === undefined ? null : `blk.${match![1]!}.${module}.${match![3]!}`;
}

/** Heads of Llama's queries and keys are written in another order of rows; the other architectures keep theirs. */
export function ggufHeadDim(name: string, config: ModelConfig): number | undefined {
  const permuted = ggufArchitecture(config) === 'llama' && /\.self_attn\.[qk]_proj\./.test(name);
  return permuted ? config.headDim : undefined;
}

/** @param general name, licence, provenance: entries for both files */
export function ggufLanguageModel(config: ModelConfig, weights: GgufWeights, general: readonly Entry[]): GgufPlan {
  refuseLayout(familyOf(config), 'gguf');
  const architecture = ggufArchitecture(config);
  const key = (name: string): string => `${architecture}.${name}`;
  const tensors: GgufTensor[] = [];
  for (const [tensor, shape] of expectedTensors(config)) {
    const name = ggufTextName(tensor);
    if (name === null) continue;
    const headDim = ggufHeadDim(tensor, config);
    const source = headDim === undefined ? { tensor } : { tensor, headDim };
    tensors.push({ name, shape, ...typeOfText(name, shape, weights, config), source });
  }
  const metadata: Entry[] = [
    ['general.architecture', ['string', architecture]],
    ['general.type', ['string', 'model']],
    ...fileEntries(weights),
    ...general,
    [key('block_count'), ['u32', config.numLayers]],
    [key('context_length'), ['u32', config.maxPositionEmbeddings]],
    [key('embedding_length'), ['u32', config.hiddenSize]],
    [key('feed_forward_length'), ['u32', config.intermediateSize]],
    [key('vocab_size'), ['u32', config.vocabSize]],
    [key('attention.head_count'), ['u32', config.numHeads]],
    [key('attention.head_count_kv'), ['u32', config.numKeyValueHeads]],
    [key('attention.key_length'), ['u32', config.headDim]],
    [key('attention.value_length'), ['u32', config.headDim]],
    [key('attention.layer_norm_rms_epsilon'), ['f32', config.rmsNormEps]],
    [key('rope.freq_base'), ['f32', config.ropeTheta]],
    [key('rope.dimension_count'), ['u32', config.headDim]],
    ...(config.mropeSection === null
      ? []
      : [[key('rope.dimension_sections'), ['i32[]', [...config.mropeSection, 0]]] as const]),
    ...(config.vision.deepstackLayers === undefined
      ? []
      : [[key('n_deepstack_layers'), ['u32', config.vision.deepstackLayers.length]] as const]),
  ];
  return { metadata, tensors };
}

function fileEntries(weights: GgufWeights): Entry[] {
  return [
    ['general.file_type', ['u32', STORAGE[weights].fileType]],
    ['general.quantization_version', ['u32', QUANTIZATION_VERSION]],
  ];
}

type Type = Pick<GgufTensor, 'type' | 'isFallback'>;

/** What llama.cpp stores instead, where the rows of a matrix do not fill the blocks of a type; all others become f16. */
const FALLBACKS: Readonly<Partial<Record<WrittenType, WrittenType>>> = { Q4_K: 'Q5_0', Q6_K: 'Q8_0' };

/** Norms and biases stay in float32. */
function typeFor(shape: readonly number[], type: WrittenType): Type {
  if (shape.length < 2) return { type: 'F32', isFallback: false };
  const fits = (each: WrittenType): boolean => shape.at(-1)! % GGML_TYPES[each].block === 0;
  if (fits(type)) return { type, isFallback: false };
  const smaller = FALLBACKS[type];
  return { type: smaller !== undefined && fits(smaller) ? smaller : 'F16', isFallback: true };
}

/** In q4_K_M, some matrices get 6 bits, chosen as `llama-quantize` does: they cost the most quality. */
function typeOfText(name: string, shape: readonly number[], weights: GgufWeights, config: ModelConfig): Type {
  const { type } = STORAGE[weights];
  if (weights !== 'q4_k_m') return typeFor(shape, type);
  const isOutput = name === 'output.weight' || (config.tieWordEmbeddings && name === 'token_embd.weight');
  const layer = /^blk\.(\d+)\.(?:attn_v|ffn_down)\.weight$/.exec(name)?.[1];
  const isFiner = isOutput || (layer !== undefined && hasMoreBits(Number(layer), config.numLayers));
  return typeFor(shape, isFiner ? 'Q6_K' : type);
}

/** The first and last eighth of the layers, and every third between. */
function hasMoreBits(layer: number, layers: number): boolean {
  const eighth = Math.floor(layers / 8);
  return layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2;
}

/** Modules of a tower's layer, in every family, and llama.cpp's names of them. */
const TOWER_LAYER: Readonly<Record<string, string>> = {
  norm1: 'ln1',
  norm2: 'ln2',
  layer_norm1: 'ln1',
  layer_norm2: 'ln2',
  'attn.proj': 'attn_out',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.out_proj': 'attn_out',
  'mlp.fc1': 'ffn_up',
  'mlp.fc2': 'ffn_down',
  'mlp.linear_fc1': 'ffn_up',
  'mlp.linear_fc2': 'ffn_down',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
};

/** Modules outside the layers. */
const TOWER: Readonly<Record<string, string>> = {
  'visual.patch_embed.proj': 'v.patch_embd',
  'visual.embeddings.patch_embedding': 'v.patch_embd',
  'visual.pos_embed': 'v.position_embd',
  'visual.embeddings.position_embedding': 'v.position_embd',
  'visual.post_layernorm': 'v.post_ln',
  'visual.merger.ln_q': 'v.post_ln',
  'visual.merger.norm': 'v.post_ln',
  'visual.merger.mlp.0': 'mm.0',
  'visual.merger.mlp.2': 'mm.2',
  'visual.merger.linear_fc1': 'mm.0',
  'visual.merger.linear_fc2': 'mm.2',
  'visual.connector.modality_projection.proj': 'mm.model.fc',
};

const DEEPSTACK: Readonly<Record<string, string>> = { norm: 'norm', linear_fc1: 'fc1', linear_fc2: 'fc2' };

/** The tower's own epsilon, which no family lets its files change. */
const TOWER_EPSILON = 1e-6;
/** Only a size for warming up: the towers with rotated positions take any. The value is llama.cpp's. */
const ANY_IMAGE_SIZE = 560;

/** @throws AtelierError BAD_INPUT for a tower that llama.cpp cannot compute */
export function ggufProjector(
  config: ModelConfig,
  preprocessor: PreprocessorConfig,
  weights: GgufWeights,
  general: readonly Entry[],
): GgufPlan {
  const { vision } = config;
  const stored = towerWeights(weights);
  const tensors = [...expectedTensors(config)].flatMap(([tensor, shape]) =>
    tensor.startsWith('visual.') ? towerTensors(tensor, shape, config, stored) : [],
  );
  const metadata: Entry[] = [
    ['general.architecture', ['string', 'clip']],
    ['general.type', ['string', 'mmproj']],
    ...fileEntries(stored),
    ...general,
    ['clip.has_vision_encoder', ['bool', true]],
    ['clip.vision.image_size', ['u32', (vision.learned?.side ?? 0) * vision.patchSize || ANY_IMAGE_SIZE]],
    ['clip.vision.patch_size', ['u32', vision.patchSize]],
    ['clip.vision.embedding_length', ['u32', vision.embedDim]],
    ['clip.vision.feed_forward_length', ['u32', vision.intermediateSize]],
    ['clip.vision.projection_dim', ['u32', config.hiddenSize]],
    ['clip.vision.block_count', ['u32', vision.depth]],
    ['clip.vision.attention.head_count', ['u32', vision.numHeads]],
    ['clip.vision.attention.layer_norm_epsilon', ['f32', TOWER_EPSILON]],
    ['clip.vision.image_mean', ['f32[]', preprocessor.mean]],
    ['clip.vision.image_std', ['f32[]', preprocessor.std]],
    ...familyEntries(config, preprocessor),
  ];
  return { metadata, tensors };
}

function familyEntries(config: ModelConfig, { minPixels, maxPixels, tiles }: PreprocessorConfig): Entry[] {
  const { vision } = config;
  const pixels: Entry[] = [
    ['clip.vision.spatial_merge_size', ['u32', vision.spatialMergeSize]],
    ['clip.vision.image_min_pixels', ['u32', minPixels]],
    ['clip.vision.image_max_pixels', ['u32', maxPixels]],
  ];
  const projector = (type: string): Entry => ['clip.projector_type', ['string', type]];
  switch (config.family) {
    case 'qwen2_vl':
      return [projector('qwen2vl_merger'), ...pixels];
    case 'qwen2_5_vl':
      return [
        projector('qwen2.5vl_merger'),
        ...pixels,
        ['clip.use_silu', ['bool', true]],
        ['clip.vision.n_wa_pattern', ['u32', windowPattern(config)]],
        ['clip.vision.window_size', ['u32', (vision.windows?.side ?? 0) * vision.patchSize * vision.spatialMergeSize]],
      ];
    case 'qwen3_vl':
      return [
        projector('qwen3vl_merger'),
        ...pixels,
        ['clip.use_gelu', ['bool', true]],
        [
          'clip.vision.is_deepstack_layers',
          [
            'bool[]',
            Array.from({ length: vision.depth }, (_, layer) => vision.deepstackLayers?.includes(layer) ?? false),
          ],
        ],
      ];
    case 'qwen3_5':
      throw new Error('Files for llama.cpp are refused for this family.');
    case 'smolvlm':
    case 'idefics3':
      return [
        projector('idefics3'),
        ['clip.use_gelu', ['bool', true]],
        ['clip.vision.projector.scale_factor', ['u32', vision.spatialMergeSize]],
        ['clip.vision.preproc_image_size', ['u32', tiles?.longestEdge ?? vision.patchSize]],
      ];
  }
}

/** llama.cpp knows one number: every n-th layer attends to the whole picture, and the others within windows. */
function windowPattern({ vision, family }: ModelConfig): number {
  const full = vision.windows?.fullLayers ?? [];
  const pattern = (full[0] ?? 0) + 1;
  const expected = Array.from({ length: Math.floor(vision.depth / pattern) }, (_, index) => (index + 1) * pattern - 1);
  if (full.join() === expected.join()) return pattern;
  throw new AtelierError(
    'BAD_INPUT',
    `The ${familyOf({ family }).title} tower attends to the whole picture in the layers ${full.join(', ')}, and llama.cpp can only compute every n-th.`,
    { remedy: 'Export the model merged (--form merged).' },
  );
}

function towerTensors(
  tensor: string,
  shape: readonly number[],
  config: ModelConfig,
  weights: GgufWeights,
): GgufTensor[] {
  const split = tensor.lastIndexOf('.');
  const [module, kind] = [tensor.slice(0, split), tensor.slice(split + 1)];
  const type = typeFor(shape, STORAGE[weights].type);
  const layer = /^visual\.(?:blocks|encoder\.layers)\.(\d+)\.(.+)$/.exec(module);
  if (layer !== null) {
    const at = `v.blk.${layer[1]!}`;
    if (layer[2] === 'attn.qkv') {
      const count = config.vision.embedDim;
      return ['attn_q', 'attn_k', 'attn_v'].map((part, index) => ({
        name: `${at}.${part}.${kind}`,
        shape: [count, ...shape.slice(1)],
        ...type,
        source: { tensor, rows: { first: index * count, count } },
      }));
    }
    return [{ name: `${at}.${TOWER_LAYER[layer[2]!]!}.${kind}`, shape, ...type, source: { tensor } }];
  }
  const deepstack = /^visual\.deepstack_merger_list\.(\d+)\.(.+)$/.exec(module);
  if (deepstack !== null) {
    const at = config.vision.deepstackLayers?.[Number(deepstack[1])] ?? 0;
    return [{ name: `v.deepstack.${at}.${DEEPSTACK[deepstack[2]!]!}.${kind}`, shape, ...type, source: { tensor } }];
  }
  const name = `${TOWER[module]!}.${kind}`;
  // The convolution and the learned positions are small, and not every backend takes them in other types.
  if (!name.startsWith('v.') || shape.length < 2) return [{ name, shape, ...type, source: { tensor } }];
  if (shape.length !== 5) return [{ name, shape, type: 'F32', isFallback: false, source: { tensor } }];
  const [out, input, times, height, width] = shape as [number, number, number, number, number];
  if (times !== 2)
    throw new AtelierError('BAD_INPUT', `The tower sees ${times} frames at a time, and llama.cpp can only compute 2.`, {
      remedy: 'Export the model merged (--form merged).',
    });
  return [0, 1].map((time) => ({
    name: time === 0 ? name : `${name}.1`,
    shape: [out, input, height, width],
    type: 'F32',
    isFallback: false,
    source: { tensor, time },
  }));
}
