/**
 * @file PEFT LoRA adapters (`adapter_config.json` and `adapter_model.safetensors`): strict reading, and writing with
 * current names.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '../contract/errors/errors.ts';
import { existsFile, writeAside, writeError } from './files.ts';
import { ADAPTER_CONFIG, readAdapterConfig, type AdapterConfig } from './peft-config.ts';
import { scalingsOf, targetedModules } from './peft-targets.ts';
import { openSafetensors, writeSafetensors, type TensorEntry, type TensorReader } from './safetensors.ts';
import type { ModelConfig } from './model-config.ts';
import { hubName, moduleName, namingOf } from './tensor-names.ts';

export { ADAPTER_CONFIG } from './peft-config.ts';
export { loraScaling } from './peft-targets.ts';
export const ADAPTER_WEIGHTS = 'adapter_model.safetensors';

/** The two factors of one linear layer: W + scaling · B A. */
export interface LoraWeights {
  /** [r, in], row-major. */
  readonly a: Float32Array;
  /** [out, r], row-major. */
  readonly b: Float32Array;
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly r: number;
  /** The factor applied to B A. */
  readonly scaling: number;
}

export interface Adapter extends AdapterConfig {
  /** Free-form metadata of the weights file, such as provenance. */
  readonly metadata: Readonly<Record<string, string>>;
  /** By published module name, such as `model.layers.0.self_attn.q_proj`. */
  readonly weights: ReadonlyMap<string, LoraWeights>;
  /** How its tensors are called. */
  readonly naming: Pick<ModelConfig, 'family'>;
}

/** The layers that change nothing, because their B matrix is zero. */
export function silentLayers(adapter: Pick<Adapter, 'weights'> | null): string[] {
  const layers = [...(adapter?.weights ?? [])];
  return layers.filter(([, { b }]) => b.every((value) => value === 0)).map(([module]) => module);
}

export interface AdapterToWrite {
  readonly r: number;
  readonly loraAlpha: number;
  readonly useRslora?: boolean;
  readonly targetModules: readonly string[] | string;
  readonly baseModelNameOrPath: string;
  /** How the base model's tensors are called. */
  readonly naming: Pick<ModelConfig, 'family'>;
  readonly weights: ReadonlyMap<string, Pick<LoraWeights, 'a' | 'b'>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly dtype?: TensorEntry['dtype'];
}

/** The PEFT version against which this file's reading and writing were checked. */
const PEFT_VERSION = '0.21.0';
const KEY_PREFIX = 'base_model.model.';
/** The input embeddings and the output layer: PEFT keeps their tensors in ways of its own. */
const EMBEDDINGS = ['embed_tokens', 'lm_head'] as const;
const KEY = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/;

/**
 * Reads an adapter folder. Keys with and without `language_model.` (or `text_model.`) are accepted. Anything this reader would have to
 * ignore (other adapter types, DoRA, extra saved modules, unknown keys, half a pair) is an error, because a partly
 * loaded adapter silently computes something else. `fitAdapter` checks it against a model.
 * @throws AtelierError NOT_FOUND or BAD_INPUT naming the file and the field or tensor
 */
export async function readAdapter(dir: string): Promise<Adapter> {
  const config = await readAdapterConfig(dir);
  const file = join(dir, ADAPTER_WEIGHTS);
  if (!(await existsFile(file)) && (await existsFile(join(dir, 'adapter_model.bin')))) {
    throw new AtelierError(
      'BAD_INPUT',
      `${dir} stores its weights in adapter_model.bin, a Python pickle, which Atelier does not read.`,
      {
        place: { file: join(dir, 'adapter_model.bin') },
        remedy: 'Save the adapter again in safetensors format.',
      },
    );
  }
  const reader = await openSafetensors(file);
  try {
    const naming = namingOf(reader.names().map((key) => key.slice(KEY_PREFIX.length)));
    return { ...config, naming, metadata: reader.metadata, weights: await readPairs(reader, config, naming, dir) };
  } finally {
    await reader.close();
  }
}

async function readPairs(
  reader: TensorReader,
  config: AdapterConfig,
  naming: Adapter['naming'],
  dir: string,
): Promise<Map<string, LoraWeights>> {
  const file = join(dir, ADAPTER_WEIGHTS);
  const bad = (key: string, why: string): AtelierError =>
    new AtelierError('BAD_INPUT', `${file}: tensor "${key}" ${why}.`, { place: { file, field: key } });
  const keys = new Map<string, { A?: string; B?: string }>();
  refuseEmbeddings(reader.names(), file);
  for (const key of reader.names()) {
    const match = KEY.exec(key);
    if (match === null) throw bad(key, 'is not part of a LoRA adapter');
    const module = hubName(match[1]!);
    const pair = keys.get(module) ?? {};
    const side = match[2] as 'A' | 'B';
    if (pair[side] !== undefined) throw bad(key, `means the same layer as "${pair[side]}"`);
    keys.set(module, { ...pair, [side]: key });
  }
  if (keys.size === 0) throw new AtelierError('BAD_INPUT', `${file} contains no tensors.`, { place: { file } });
  const weights = new Map<string, LoraWeights>();
  const modules = [...keys.keys()].sort();
  const scalings = scalingsOf(config, modules, naming, join(dir, ADAPTER_CONFIG));
  for (const module of modules) {
    const { A, B } = keys.get(module)!;
    if (A === undefined) throw bad(B!, 'has no matching lora_A');
    if (B === undefined) throw bad(A, 'has no matching lora_B');
    const [rows, inFeatures] = matrixShape(reader, A, bad);
    const [outFeatures, columns] = matrixShape(reader, B, bad);
    const { r, scaling } = scalings.get(module)!;
    if (rows !== r) throw bad(A, `has rank ${rows} where ${ADAPTER_CONFIG} says ${r}`);
    if (columns !== r) throw bad(B, `has rank ${columns} where ${ADAPTER_CONFIG} says ${r}`);
    const [a, b] = [await reader.readFloat32(A), await reader.readFloat32(B)];
    weights.set(module, { a, b, inFeatures, outFeatures, r, scaling });
  }
  return weights;
}

/** Embeddings are looked up, not multiplied, and a tied output layer is the same tensor: neither can be a plain pair. */
function refuseEmbeddings(keys: readonly string[], file: string): void {
  const found = EMBEDDINGS.filter((name) => keys.some((key) => key.split('.').includes(name)));
  if (found.length === 0) return;
  const names = found.join(' and ');
  throw new AtelierError(
    'BAD_INPUT',
    `${file} changes ${names}, and Atelier applies adapters to layers between them only.`,
    {
      place: { file, field: names },
      remedy: `Train the adapter again without ${names} in target_modules and modules_to_save, or merge it into its base model with PEFT and add the result as a model.`,
    },
  );
}

function matrixShape(
  reader: TensorReader,
  key: string,
  bad: (key: string, why: string) => AtelierError,
): [number, number] {
  const { shape } = reader.info(key);
  if (shape.length !== 2) throw bad(key, `has shape [${shape.join(', ')}], which is not a matrix`);
  return [shape[0]!, shape[1]!];
}

/**
 * The adapter as it applies to a model: every layer is a linear layer of the model and has its sizes, and the file holds
 * exactly the layers that `target_modules` covers. PEFT ignores a tensor outside `target_modules` and leaves a covered
 * layer without tensors as in the base model, both with a warning at most.
 * @param shapes the model's tensors, as `expectedTensors(config)` returns them
 * @param dir the adapter's folder, for errors
 * @param partial do as PEFT does, instead of refusing an adapter that is not whole
 * @throws AtelierError BAD_INPUT naming what does not fit, or the tensors that are missing or too many
 */
export function fitAdapter(
  adapter: Adapter,
  shapes: ReadonlyMap<string, readonly number[]>,
  dir: string,
  partial = false,
): Adapter {
  const linear = [...shapes].flatMap(([name, shape]) =>
    shape.length === 2 && name.endsWith('.weight') ? [name.slice(0, -'.weight'.length)] : [],
  );
  const modules = linear.filter((module) => !EMBEDDINGS.some((name) => module.endsWith(name)));
  const config = join(dir, ADAPTER_CONFIG);
  const meant = [...new Set([...modules, ...adapter.weights.keys()])];
  const covered = targetedModules(adapter, meant, config);
  const stray = [...adapter.weights.keys()].filter((module) => !covered.has(module));
  const missing = modules.filter((module) => covered.has(module) && !adapter.weights.has(module));
  if (!partial && stray.length > 0) {
    throw partialError(
      adapter.naming,
      dir,
      stray,
      'holds tensors that its target_modules does not cover, which PEFT would ignore',
    );
  }
  const weights = new Map([...adapter.weights].filter(([module]) => covered.has(module)));
  for (const [module, { inFeatures, outFeatures }] of weights) {
    const shape = shapes.get(`${module}.weight`);
    if (shape?.length === 2 && shape[0] === outFeatures && shape[1] === inFeatures) continue;
    const why = shape === undefined ? 'which the model does not have' : `which is [${shape.join(', ')}] in the model`;
    throw new AtelierError('BAD_INPUT', `${dir} adapts "${module}" as [${outFeatures}, ${inFeatures}], ${why}.`, {
      place: { file: dir, field: module },
      remedy: 'Use the adapter with the model it was trained on.',
    });
  }
  if (!partial && missing.length > 0) {
    throw partialError(adapter.naming, dir, missing, 'lacks tensors of layers that its target_modules covers');
  }
  return { ...adapter, weights };
}

/** Names of tensors that an error lists before it only counts. */
const KEYS_SHOWN = 6;

function partialError(naming: Adapter['naming'], dir: string, modules: readonly string[], what: string): AtelierError {
  const file = join(dir, ADAPTER_WEIGHTS);
  const keys = modules.flatMap((module) =>
    ['A', 'B'].map((side) => `${KEY_PREFIX}${moduleName(module, naming)}.lora_${side}.weight`),
  );
  const rest = keys.length > KEYS_SHOWN ? ` and ${keys.length - KEYS_SHOWN} more` : '';
  return new AtelierError('BAD_INPUT', `${file} ${what}: ${keys.slice(0, KEYS_SHOWN).join(', ')}${rest}.`, {
    place: { file, field: 'target_modules' },
    remedy:
      'Save the adapter again, completely. To use what is there, as PEFT would, pass --partial-adapter (partialAdapter).',
  });
}

/**
 * Writes an adapter that current transformers and PEFT load completely (with the names of the family's modules in its
 * keys; they silently load other keys as zero). Each file is written under a temporary name and renamed. The weights go first, so
 * a folder with a config is complete.
 * @throws AtelierError if a pair does not fit the rank, or the folder cannot be written
 */
export async function writeAdapter(dir: string, adapter: AdapterToWrite): Promise<void> {
  const { r } = adapter;
  const dtype = adapter.dtype ?? 'F32';
  const entries: TensorEntry[] = [];
  for (const [module, { a, b }] of adapter.weights) {
    if (a.length % r !== 0 || b.length % r !== 0 || a.length === 0 || b.length === 0) {
      throw new AtelierError('INTERNAL', `The adapter's matrices of ${module} do not have rank ${r}.`, {
        place: { field: module },
      });
    }
    const at = `${KEY_PREFIX}${moduleName(hubName(module), adapter.naming)}`;
    entries.push({ name: `${at}.lora_A.weight`, dtype, shape: [r, a.length / r], data: a });
    entries.push({ name: `${at}.lora_B.weight`, dtype, shape: [b.length / r, r], data: b });
  }
  if (entries.length === 0) throw new AtelierError('INTERNAL', 'An adapter without weights cannot be written.');
  try {
    await mkdir(dir, { recursive: true });
  } catch (cause) {
    throw writeError(dir, cause);
  }
  await writeSafetensors(join(dir, ADAPTER_WEIGHTS), entries, { format: 'pt', ...adapter.metadata });
  const config = new TextEncoder().encode(`${JSON.stringify(adapterConfig(adapter), null, 2)}\n`);
  await writeAside(join(dir, ADAPTER_CONFIG), (write) => write(config));
}

function adapterConfig(adapter: AdapterToWrite): Record<string, unknown> {
  return {
    alpha_pattern: {},
    base_model_name_or_path: adapter.baseModelNameOrPath,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layers_to_transform: null,
    lora_alpha: adapter.loraAlpha,
    lora_dropout: 0.0,
    modules_to_save: null,
    peft_type: 'LORA',
    peft_version: PEFT_VERSION,
    r: adapter.r,
    rank_pattern: {},
    target_modules: adapter.targetModules,
    task_type: 'CAUSAL_LM',
    use_dora: false,
    use_rslora: adapter.useRslora ?? false,
  };
}
