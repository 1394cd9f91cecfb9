/**
 * @file Checkpoints with random weights, written once under .cache/bench-models and then reused. Weights are drawn from
 * a fixed seed, tensor by tensor as they are written, so that a large model is never entirely in memory.
 */
import { bytes as sizeText } from '../../reporting/figures.ts';
import { mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { AtelierError } from '../../contract/errors/errors.ts';
import { loraNames } from '../../engine/model/lora.ts';
import { freshAdapter, loadModel } from '../../engine/policy/loaded-model.ts';
import { DEFAULT_ADAPTER } from '../../method/defaults.ts';
import { ADAPTER_CONFIG, writeAdapter } from '../../formats/peft.ts';
import { expectedTensors } from '../../formats/tensor-names.ts';
import { existsFile } from '../../formats/files.ts';
import { parseModelConfig } from '../../formats/model-config.ts';
import { writeSafetensors, type TensorEntry } from '../../formats/safetensors.ts';
import { randomValues } from './random-values.ts';
import { specialId, TEMPLATE_TOKENS, tokenizerFiles } from './tokenizer-files.ts';
import { imageTokens, LORA_RANK, PROJECTIONS, type BenchModel, type PhotoSize, type Workload } from './works.ts';

const SHARD_BYTES = 1.5e9;
const WEIGHT_STD = 0.02;
/** Part of the folder's name: raise it when the written files change. */
const VERSION = 1;

/** The folder of a model, created if missing. @throws AtelierError DISK_FULL before anything is written */
export async function ensureModel(model: BenchModel, root: string): Promise<string> {
  const folder = join(root, `${model.name}-v${String(VERSION)}`);
  if (await existsFile(join(folder, 'config.json'))) return folder;
  const aside = `${folder}.part`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  const config = configJson(model);
  const shapes = expectedTensors(parseModelConfig(config, { file: join(folder, 'config.json') }));
  await refuseFullDisk(root, shapes, model);
  await writeWeights(aside, shapes, model);
  const files = { ...settingsFiles(model, config), ...tokenizerFiles(model.text.vocabSize) };
  for (const [name, text] of Object.entries(files)) await writeFile(join(aside, name), text);
  await rename(aside, folder);
  return folder;
}

/** The folder of an adapter on all projections of a model's layers, created if missing. */
export async function ensureAdapter(model: BenchModel, root: string): Promise<string> {
  const folder = join(root, `${model.name}-adapter-v${String(VERSION)}`);
  if (await existsFile(join(folder, ADAPTER_CONFIG))) return folder;
  const loraAlpha = 2 * LORA_RANK;
  const config = { ...DEFAULT_ADAPTER, kind: 'lora', r: LORA_RANK, loraAlpha, targetModules: PROJECTIONS } as const;
  const modelPath = await ensureModel(model, root);
  const { modules, values } = freshAdapter(
    { ...config, targetModules: [...PROJECTIONS] },
    await loadModel(modelPath),
    1,
  );
  const weights = modules.map((module, index) => {
    const { a, b } = loraNames(module);
    // A fresh adapter changes nothing: its B is zero.
    const changed = randomValues(index + 1, values[b]?.length ?? 0, WEIGHT_STD);
    return [module, { a: values[a] ?? new Float32Array(), b: changed }] as const;
  });
  await writeAdapter(folder, {
    r: LORA_RANK,
    loraAlpha,
    targetModules: PROJECTIONS,
    baseModelNameOrPath: modelPath,
    naming: { family: 'qwen2_vl' },
    weights: new Map(weights),
  });
  return folder;
}

/** Paths of square pictures with the given side, drawn from a fixed seed. */
export async function ensureImages(side: number, count: number, root: string): Promise<string[]> {
  const folder = join(root, `images-${String(side)}`);
  await mkdir(folder, { recursive: true });
  const paths = Array.from({ length: count }, (_, i) => join(folder, `${String(i).padStart(3, '0')}.png`));
  for (const [index, path] of paths.entries()) {
    if (await existsFile(path)) continue;
    const pixels = Buffer.from(randomValues(index + 1, side * side * 3, 127).map((value) => value + 128));
    await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toFile(path);
  }
  return paths;
}

/** The path of a photo-like picture of the given size: smooth shades with some noise. */
export async function ensurePhoto({ width, height }: PhotoSize, root: string): Promise<string> {
  const folder = join(root, 'photos');
  const path = join(folder, `${String(width)}x${String(height)}.png`);
  if (await existsFile(path)) return path;
  await mkdir(folder, { recursive: true });
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++)
        pixels[(y * width + x) * 3 + channel] =
          128 + 90 * Math.sin(x / 97 + channel) * Math.cos(y / 61) + ((x * y) % 23);
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 3 })
    .toFile(path);
  return path;
}

/** The words of a prompt of exactly the work's length; they differ from prompt to prompt. */
export function promptText(work: Workload, index: number): string {
  const bytes = work.promptTokens - imageTokens(work.imageSide) - TEMPLATE_TOKENS;
  return `${String(index)}: `.padEnd(bytes, 'how many are there? ').slice(0, bytes);
}

function byteSize(shapes: ReadonlyMap<string, readonly number[]>, model: BenchModel): number {
  const each = model.dtype === 'F32' ? 4 : 2;
  return [...shapes.values()].reduce((sum, shape) => sum + each * elements(shape), 0);
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

async function refuseFullDisk(
  root: string,
  shapes: ReadonlyMap<string, readonly number[]>,
  model: BenchModel,
): Promise<void> {
  const needed = byteSize(shapes, model) * 1.1;
  const { bavail, bsize } = await statfs(root);
  if (bavail * bsize > needed) return;
  throw new AtelierError('DISK_FULL', `There is no room to write the model ${model.name} under ${root}.`, {
    place: { file: root },
    remedy: `Free ${sizeText(needed)}, or measure a smaller work.`,
  });
}

async function writeWeights(
  folder: string,
  shapes: ReadonlyMap<string, readonly number[]>,
  model: BenchModel,
): Promise<void> {
  const each = model.dtype === 'F32' ? 4 : 2;
  const shards: TensorEntry[][] = [[]];
  let filled = 0;
  let seed = 0;
  for (const [name, shape] of shapes) {
    const size = elements(shape);
    if (filled > 0 && filled + size * each > SHARD_BYTES) {
      shards.push([]);
      filled = 0;
    }
    filled += size * each;
    const own = ++seed;
    shards.at(-1)?.push({
      name,
      dtype: model.dtype,
      shape,
      data: () => Promise.resolve(initialValues(name, own, size)),
    });
  }
  const fileOf = (index: number): string =>
    shards.length === 1
      ? 'model.safetensors'
      : `model-${String(index + 1).padStart(5, '0')}-of-${String(shards.length).padStart(5, '0')}.safetensors`;
  for (const [index, entries] of shards.entries())
    await writeSafetensors(join(folder, fileOf(index)), entries, { format: 'pt' });
  if (shards.length === 1) return;
  const index = {
    metadata: { total_size: byteSize(shapes, model) },
    weight_map: Object.fromEntries(shards.flatMap((entries, at) => entries.map(({ name }) => [name, fileOf(at)]))),
  };
  await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
}

function initialValues(name: string, seed: number, size: number): Float32Array {
  const isNorm = /norm\d?\.weight$|ln_q\.weight$/.test(name);
  const values = randomValues(seed, size, WEIGHT_STD * Math.sqrt(3));
  if (isNorm) for (let i = 0; i < size; i++) values[i] = 1 + (values[i] ?? 0);
  return values;
}

/** The model as config.json describes it. */
export function configJson({ text, vision, dtype }: BenchModel): Record<string, unknown> {
  const id = (token: Parameters<typeof specialId>[0]): number => specialId(token, text.vocabSize);
  return {
    architectures: ['Qwen2VLForConditionalGeneration'],
    model_type: 'qwen2_vl',
    attention_dropout: 0,
    bos_token_id: id('<|endoftext|>'),
    eos_token_id: id('<|vision_pad|>'),
    pad_token_id: id('<|endoftext|>'),
    vision_start_token_id: id('<|vision_start|>'),
    vision_end_token_id: id('<|vision_end|>'),
    vision_token_id: id('<|vision_pad|>'),
    image_token_id: id('<|image_pad|>'),
    video_token_id: id('<|video_pad|>'),
    hidden_act: 'silu',
    hidden_size: text.hiddenSize,
    intermediate_size: text.intermediateSize,
    num_hidden_layers: text.numLayers,
    num_attention_heads: text.numHeads,
    num_key_value_heads: text.numKeyValueHeads,
    max_position_embeddings: 32_768,
    max_window_layers: text.numLayers,
    initializer_range: WEIGHT_STD,
    rms_norm_eps: 1e-6,
    rope_theta: 1_000_000,
    rope_scaling: { type: 'mrope', mrope_section: text.mropeSection },
    sliding_window: 32_768,
    use_sliding_window: false,
    tie_word_embeddings: true,
    torch_dtype: dtype === 'F32' ? 'float32' : 'bfloat16',
    use_cache: true,
    vocab_size: text.vocabSize,
    vision_config: {
      depth: vision.depth,
      embed_dim: vision.embedDim,
      num_heads: vision.numHeads,
      mlp_ratio: 4,
      in_chans: 3,
      hidden_size: text.hiddenSize,
      patch_size: 14,
      spatial_merge_size: 2,
      spatial_patch_size: 14,
      temporal_patch_size: 2,
    },
  };
}

/** Every `every`-th word token of the vocabulary: with random weights, all are about equally likely. */
function endTokens(every: number, { text }: BenchModel): number[] {
  const words = specialId('<|endoftext|>', text.vocabSize);
  return Array.from({ length: Math.floor(words / every) }, (_, index) => (index + 1) * every - 1);
}

function settingsFiles(model: BenchModel, config: Record<string, unknown>): Record<string, string> {
  const generation = {
    bos_token_id: config['bos_token_id'],
    eos_token_id: model.endsEvery === undefined ? config['eos_token_id'] : endTokens(model.endsEvery, model),
    pad_token_id: config['pad_token_id'],
    do_sample: true,
  };
  const preprocessor = {
    min_pixels: 3136,
    max_pixels: model.maxPixels ?? 1_003_520,
    patch_size: 14,
    temporal_patch_size: 2,
    merge_size: 2,
    image_mean: [0.48145466, 0.4578275, 0.40821073],
    image_std: [0.26862954, 0.26130258, 0.27577711],
    image_processor_type: 'Qwen2VLImageProcessor',
    processor_class: 'Qwen2VLProcessor',
  };
  return {
    'config.json': JSON.stringify(config, null, 1),
    'generation_config.json': JSON.stringify(generation, null, 1),
    'preprocessor_config.json': JSON.stringify(preprocessor, null, 1),
  };
}
