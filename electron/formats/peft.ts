/**
 * @file PEFT LoRA adapters (`adapter_config.json` and `adapter_model.safetensors`): strict reading, and writing with
 * current names.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError } from '../contract/errors/errors.ts';
import { existsFile, readJsonObject, writeAside, writeError } from './files.ts';
import { fieldsOf, type Fields } from './json-fields.ts';
import { openSafetensors, writeSafetensors, type TensorEntry, type TensorReader } from './safetensors.ts';
import { hubName, moduleName } from './tensor-names.ts';

export const ADAPTER_CONFIG = 'adapter_config.json';
export const ADAPTER_WEIGHTS = 'adapter_model.safetensors';

/** The two factors of one linear layer: W + scaling · B A. */
export interface LoraWeights {
  /** [r, in], row-major. */
  readonly a: Float32Array;
  /** [out, r], row-major. */
  readonly b: Float32Array;
  readonly inFeatures: number;
  readonly outFeatures: number;
}

export interface Adapter {
  readonly r: number;
  readonly loraAlpha: number;
  /** Scaling is loraAlpha / √r if true, loraAlpha / r if false. */
  readonly useRslora: boolean;
  /** As in the config: suffixes, or one regular expression. */
  readonly targetModules: readonly string[] | string;
  readonly baseModelNameOrPath: string | null;
  /** Free-form metadata of the weights file, such as provenance. */
  readonly metadata: Readonly<Record<string, string>>;
  /** By published module name, such as `model.layers.0.self_attn.q_proj`. */
  readonly weights: ReadonlyMap<string, LoraWeights>;
}

export interface AdapterToWrite {
  readonly r: number;
  readonly loraAlpha: number;
  readonly useRslora?: boolean;
  readonly targetModules: readonly string[] | string;
  readonly baseModelNameOrPath: string;
  readonly weights: ReadonlyMap<string, Pick<LoraWeights, 'a' | 'b'>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly dtype?: TensorEntry['dtype'];
}

/** The PEFT version against which this file's reading and writing were checked. */
const PEFT_VERSION = '0.21.0';
const KEY_PREFIX = 'base_model.model.';
const KEY = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/;

/** The factor applied to B A while the adapter is active. */
export function loraScaling(adapter: {
  readonly r: number;
  readonly loraAlpha: number;
  readonly useRslora?: boolean;
}): number {
  return adapter.loraAlpha / (adapter.useRslora === true ? Math.sqrt(adapter.r) : adapter.r);
}

/**
 * Reads an adapter folder. Keys with and without `language_model.` are accepted. Anything this reader would have to
 * ignore (other adapter types, DoRA, per-layer ranks, extra saved modules, unknown keys, half a pair) is an error,
 * because a partly loaded adapter silently computes something else.
 * @throws AtelierError NOT_FOUND or BAD_INPUT naming the file and the field or tensor
 */
export async function readAdapter(dir: string): Promise<Adapter> {
  const settings = await readAdapterConfig(dir);
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
    return { ...settings, metadata: reader.metadata, weights: await readPairs(reader, settings.r, file) };
  } finally {
    await reader.close();
  }
}

async function readAdapterConfig(dir: string): Promise<Omit<Adapter, 'weights' | 'metadata'>> {
  const file = join(dir, ADAPTER_CONFIG);
  const json = await readJsonObject(file);
  const fields = fieldsOf(json, '', { file });
  const type = fields.text('peft_type', '(none)');
  if (type !== 'LORA') throw fields.bad('peft_type', `is "${type}"; only LoRA adapters are supported`);
  refuseUnsupported(json, fields);
  return {
    r: fields.positive('r', 8),
    loraAlpha: fields.number('lora_alpha', 8),
    useRslora: fields.boolean('use_rslora', false),
    targetModules: targetModulesOf(json, fields),
    baseModelNameOrPath: fields.has('base_model_name_or_path') ? fields.text('base_model_name_or_path', '') : null,
  };
}

function targetModulesOf(json: Record<string, unknown>, fields: Fields): readonly string[] | string {
  const found = json['target_modules'];
  if (typeof found === 'string') return found;
  if (Array.isArray(found) && found.length > 0 && found.every((item) => typeof item === 'string')) return found;
  throw fields.bad('target_modules', 'is neither a list of names nor a regular expression');
}

/** Refuses unimplemented settings that would change what the adapter computes or which tensors it has. */
function refuseUnsupported(json: Record<string, unknown>, fields: Fields): void {
  for (const key of ['use_dora', 'lora_bias', 'fan_in_fan_out', 'use_qalora', 'use_bdlora']) {
    if (json[key] !== undefined && json[key] !== null && json[key] !== false)
      throw fields.bad(key, 'is set, which is not supported');
  }
  const unsupported = [
    'modules_to_save',
    'rank_pattern',
    'alpha_pattern',
    'target_parameters',
    'layer_replication',
    'trainable_token_indices',
    'alora_invocation_tokens',
    'arrow_config',
    'kasa_config',
    'monteclora_config',
    'velora_config',
  ];
  for (const key of unsupported) {
    const value = json[key];
    const empty =
      value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
    if (!empty) throw fields.bad(key, 'is set, which is not supported');
  }
  if (fields.text('bias', 'none') !== 'none')
    throw fields.bad('bias', 'is not "none"; trained biases are not supported');
}

async function readPairs(reader: TensorReader, r: number, file: string): Promise<Map<string, LoraWeights>> {
  const bad = (key: string, why: string): AtelierError =>
    new AtelierError('BAD_INPUT', `${file}: tensor "${key}" ${why}.`, { place: { file, field: key } });
  const keys = new Map<string, { A?: string; B?: string }>();
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
  for (const module of [...keys.keys()].sort()) {
    const { A, B } = keys.get(module)!;
    if (A === undefined) throw bad(B!, 'has no matching lora_A');
    if (B === undefined) throw bad(A, 'has no matching lora_B');
    const [rows, inFeatures] = matrixShape(reader, A, bad);
    const [outFeatures, columns] = matrixShape(reader, B, bad);
    if (rows !== r) throw bad(A, `has rank ${rows} where ${ADAPTER_CONFIG} says ${r}`);
    if (columns !== r) throw bad(B, `has rank ${columns} where ${ADAPTER_CONFIG} says ${r}`);
    weights.set(module, { a: await reader.readFloat32(A), b: await reader.readFloat32(B), inFeatures, outFeatures });
  }
  return weights;
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
 * Checks that every layer of an adapter is a linear layer of the model and has its sizes.
 * @param shapes the model's tensors, as `expectedTensors(config)` returns them
 * @param dir the adapter's folder, for errors
 * @throws AtelierError BAD_INPUT naming the first layer that does not fit
 */
export function checkAdapterFits(
  adapter: Pick<Adapter, 'weights'>,
  shapes: ReadonlyMap<string, readonly number[]>,
  dir: string,
): void {
  for (const [module, { inFeatures, outFeatures }] of adapter.weights) {
    const shape = shapes.get(`${module}.weight`);
    if (shape?.length === 2 && shape[0] === outFeatures && shape[1] === inFeatures) continue;
    const why = shape === undefined ? 'which the model does not have' : `which is [${shape.join(', ')}] in the model`;
    throw new AtelierError('BAD_INPUT', `${dir} adapts "${module}" as [${outFeatures}, ${inFeatures}], ${why}.`, {
      place: { file: dir, field: module },
      remedy: 'Use the adapter with the model it was trained on.',
    });
  }
}

/**
 * Writes an adapter that current transformers and PEFT load completely (with `language_model.` in its keys; they
 * silently load other keys as zero). Each file is written under a temporary name and renamed. The weights go first, so
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
    const at = `${KEY_PREFIX}${moduleName(hubName(module))}`;
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
