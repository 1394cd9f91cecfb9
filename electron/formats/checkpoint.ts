/** @file A Qwen2-VL checkpoint folder: configuration, weights, and the identity of its files. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AtelierError } from '../contract/errors/errors.ts';
import { openFile, readError, readJsonObject, readJsonObjectIfAny } from './files.ts';
import { fieldsOf } from './json-fields.ts';
import { parseQwen2VLConfig, type Qwen2VLConfig } from './qwen2-vl-config.ts';
import { openCheckpointTensors, type TensorReader } from './safetensors.ts';
import { expectedTensors, hubName } from './tensor-names.ts';

export { expectedTensors, hubName, moduleName } from './tensor-names.ts';

export interface GenerationConfig {
  /** Tokens that end a completion; training appends the first one. */
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
}

export interface PreprocessorConfig {
  readonly minPixels: number;
  readonly maxPixels: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** Contents of Atelier's own optional `atelier.json` in a checkpoint. */
export interface CheckpointCard {
  readonly name: string | null;
  readonly description: string | null;
  readonly licence: string | null;
  readonly promptTemplate: string | null;
  /** Where the model is published, `OWNER/NAME`. */
  readonly hubId: string | null;
}

export interface Checkpoint extends CheckpointCard {
  readonly dir: string;
  readonly config: Qwen2VLConfig;
  readonly generation: GenerationConfig;
  readonly preprocessor: PreprocessorConfig;
  /** The number of parameters; tied weights count once. */
  readonly parameters: number;
  /** Weights under their published names, whichever names the files use. Close it after use. */
  readonly tensors: TensorReader;
}

/** A checkpoint's configuration without its weights. */
export type CheckpointSettings = Omit<Checkpoint, 'tensors' | 'parameters'>;

/** The class defaults. Published preprocessor files allow 12,845,056 pixels and state so explicitly. */
const DEFAULT_MIN_PIXELS = 3136;
const DEFAULT_MAX_PIXELS = 1_003_520;
/** Smaller pictures are enlarged to min_pixels, so it bounds their memory. Published files stay far below. */
const MOST_MIN_PIXELS = 16 * 1024 * 1024;
const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const CLIP_STD = [0.26862954, 0.26130258, 0.27577711] as const;

/**
 * Reads a checkpoint's small files, opens its weights, and checks that every tensor exists with its shape.
 * @throws AtelierError NOT_FOUND or BAD_INPUT naming the file and the field or tensor
 */
export async function readCheckpoint(dir: string): Promise<Checkpoint> {
  const settings = await readCheckpointSettings(dir);
  const tensors = withHubNames(await openCheckpointTensors(dir), dir);
  try {
    return { ...settings, tensors, parameters: checkTensors(tensors, settings.config, dir) };
  } catch (cause) {
    await tensors.close();
    throw cause;
  }
}

/** Reads everything of a checkpoint except its weights. */
export async function readCheckpointSettings(dir: string): Promise<CheckpointSettings> {
  const configPath = join(dir, 'config.json');
  const config = parseQwen2VLConfig(await readJsonObject(configPath), { file: configPath });
  return {
    dir,
    config,
    generation: await readGeneration(dir, config),
    preprocessor: await readPreprocessor(dir, config),
    ...(await readCard(dir)),
  };
}

async function readGeneration(dir: string, config: Qwen2VLConfig): Promise<GenerationConfig> {
  const file = join(dir, 'generation_config.json');
  const json = fieldsOf((await readJsonObjectIfAny(file)) ?? {}, '', { file });
  const eosTokenIds = json.has('eos_token_id') ? json.naturals('eos_token_id') : config.eosTokenIds;
  if (eosTokenIds.length === 0) throw json.bad('eos_token_id', 'is in neither generation_config.json nor config.json');
  const padTokenId = json.has('pad_token_id') ? json.natural('pad_token_id', 0) : config.padTokenId;
  const outside = (id: number): boolean => id >= config.vocabSize;
  if (eosTokenIds.some(outside)) throw json.bad('eos_token_id', `is not within the vocabulary of ${config.vocabSize}`);
  if (padTokenId !== null && outside(padTokenId))
    throw json.bad('pad_token_id', `is not within the vocabulary of ${config.vocabSize}`);
  return { eosTokenIds, padTokenId };
}

async function readPreprocessor(dir: string, config: Qwen2VLConfig): Promise<PreprocessorConfig> {
  const file = join(dir, 'preprocessor_config.json');
  const json = fieldsOf((await readJsonObjectIfAny(file)) ?? {}, '', { file });
  // transformers 5 may write the limits as size.{shortest_edge, longest_edge}.
  const size = json.object('size');
  const { vision } = config;
  for (const [key, value] of [
    ['patch_size', vision.patchSize],
    ['temporal_patch_size', vision.temporalPatchSize],
    ['merge_size', vision.spatialMergeSize],
  ] as const) {
    if (json.positive(key, value) !== value) throw json.bad(key, `is not ${value}, as in config.json`);
  }
  const minPixels = json.positive('min_pixels', size.positive('shortest_edge', DEFAULT_MIN_PIXELS));
  const maxPixels = json.positive('max_pixels', size.positive('longest_edge', DEFAULT_MAX_PIXELS));
  if (minPixels > MOST_MIN_PIXELS)
    throw json.bad(
      'min_pixels',
      `is ${minPixels}: smaller pictures would be enlarged beyond ${MOST_MIN_PIXELS} pixels`,
    );
  if (minPixels > maxPixels) throw json.bad('min_pixels', `(${minPixels}) is above max_pixels (${maxPixels})`);
  return {
    minPixels,
    maxPixels,
    mean: json.triple('image_mean', CLIP_MEAN),
    std: json.triple('image_std', CLIP_STD),
  };
}

async function readCard(dir: string): Promise<CheckpointCard> {
  const file = join(dir, 'atelier.json');
  const json = fieldsOf((await readJsonObjectIfAny(file)) ?? {}, '', { file });
  const text = (key: string): string | null => (json.has(key) ? json.text(key, '') : null);
  const promptTemplate = text('promptTemplate');
  if (promptTemplate !== null && !promptTemplate.includes('{question}')) {
    throw json.bad('promptTemplate', 'does not contain {question}');
  }
  const hubId = text('hubId');
  if (hubId !== null && !HUB_ID.test(hubId)) throw json.bad('hubId', 'is not of the form OWNER/NAME');
  return { name: text('name'), description: text('description'), licence: text('licence'), promptTemplate, hubId };
}

const HUB_ID = /^[\w.-]+\/[\w.-]+$/;
/** A snapshot in the hub's cache: `models--OWNER--NAME/snapshots/REVISION`. */
const HUB_SNAPSHOT = /[\\/]models--([\w.-]+?)--([\w.-]+)[\\/]snapshots[\\/]([\w.-]+)[\\/]?$/;

/** Where other tools find a model: its hub id and revision if they are known, otherwise its folder. */
export interface BaseModelLocation {
  readonly nameOrPath: string;
  readonly revision: string | null;
  readonly published: boolean;
}

/** What a PEFT adapter should name as its base model, so that `AutoPeftModel` finds it. */
export async function baseModelLocation(dir: string): Promise<BaseModelLocation> {
  const snapshot = HUB_SNAPSHOT.exec(dir);
  if (snapshot !== null) {
    return { nameOrPath: `${snapshot[1]!}/${snapshot[2]!}`, revision: snapshot[3]!, published: true };
  }
  const { hubId } = await readCard(dir);
  return { nameOrPath: hubId ?? resolve(dir), revision: null, published: hubId !== null };
}

/** The same tensors under published names. */
function withHubNames(reader: TensorReader, dir: string): TensorReader {
  const stored = new Map<string, string>();
  for (const name of reader.names()) {
    const hub = hubName(name);
    if (stored.has(hub)) {
      throw new AtelierError('BAD_INPUT', `${dir}: the weights contain "${hub}" twice, under an old and a new name.`, {
        place: { file: dir, field: hub },
      });
    }
    stored.set(hub, name);
  }
  const nameOf = (hub: string): string => stored.get(hub) ?? hub;
  return {
    metadata: reader.metadata,
    names: () => [...stored.keys()].sort(),
    has: (name) => stored.has(name),
    info: (name) => reader.info(nameOf(name)),
    readFloat32: (name) => reader.readFloat32(nameOf(name)),
    readBytes: (name) => reader.readBytes(nameOf(name)),
    readInto: (name, offset, target) => reader.readInto(nameOf(name), offset, target),
    close: () => reader.close(),
  };
}

/** Checks the tensors against what the configuration requires; returns the number of parameters. */
function checkTensors(tensors: TensorReader, config: Qwen2VLConfig, dir: string): number {
  const bad = (name: string, why: string): AtelierError =>
    new AtelierError('BAD_INPUT', `${dir}: tensor "${name}" ${why}.`, {
      place: { file: dir, field: name },
      remedy: 'Check that config.json and the weights belong together.',
    });
  // Before anything is made that grows with these numbers.
  const { length: count } = tensors.names();
  for (const [field, layers] of [
    ['num_hidden_layers', config.numLayers],
    ['vision_config.depth', config.vision.depth],
  ] as const) {
    if (layers <= count) continue;
    const file = join(dir, 'config.json');
    throw new AtelierError(
      'BAD_INPUT',
      `${file}: "${field}" is ${layers}, but the weights have only ${count} tensors.`,
      {
        place: { file, field },
        remedy: 'Check that config.json and the weights belong together.',
      },
    );
  }
  const expected = expectedTensors(config);
  let parameters = 0;
  for (const [name, shape] of expected) {
    if (!tensors.has(name)) throw bad(name, 'is missing from the weights');
    const { shape: found, dtype } = tensors.info(name);
    if (found.join() !== shape.join()) {
      throw bad(name, `has shape [${found.join(', ')}], but config.json requires [${shape.join(', ')}]`);
    }
    if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16')
      throw bad(name, `is stored as ${dtype}, which is not a usable float type`);
    parameters += shape.reduce((product, size) => product * size, 1);
  }
  for (const name of tensors.names()) {
    // Some files keep a copy of the tied output matrix, and old files the rotary frequencies. Neither is a weight.
    const harmless = (config.tieWordEmbeddings && name === 'lm_head.weight') || name.endsWith('rotary_emb.inv_freq');
    if (!expected.has(name) && !harmless) throw bad(name, 'does not belong to this architecture');
  }
  return parameters;
}

/** The files of a transformers checkpoint other than its weights. */
export const MODEL_FILES =
  /^(config|generation_config|preprocessor_config|processor_config|video_preprocessor_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|chat_template)\.json$|^merges\.txt$|^chat_template\.jinja$/;

const HASHED_NAMES =
  /^(config\.json|.*\.safetensors|.*\.safetensors\.index\.json|tokenizer.*|chat_template.*|preprocessor_config\.json|generation_config\.json)$/;

/**
 * The identity of a checkpoint: SHA-256 (hex) over the lines `name sha256\n`, sorted by name, of the files that
 * determine what it computes. Descriptions, licences and `atelier.json` do not affect it.
 */
export async function hashCheckpoint(dir: string): Promise<string> {
  return checkpointHashOf(await digestCheckpoint(dir));
}

/** Name and SHA-256 of each file that `hashCheckpoint` covers, sorted by name, for provenance records. */
export async function digestCheckpoint(dir: string): Promise<{ name: string; sha256: string }[]> {
  const names = (await hashedFiles(dir)).sort();
  if (names.length === 0) {
    throw new AtelierError('NOT_FOUND', `${dir} contains no checkpoint files.`, { place: { file: dir } });
  }
  const digests: { name: string; sha256: string }[] = [];
  for (const name of names) digests.push({ name, sha256: await hashFile(join(dir, name)) });
  return digests;
}

/** The checkpoint's identity from its files' digests, in the order of `digestCheckpoint`. */
export function checkpointHashOf(digests: readonly { name: string; sha256: string }[]): string {
  const total = createHash('sha256');
  for (const { name, sha256 } of digests) total.update(`${name} ${sha256}\n`);
  return total.digest('hex');
}

async function hashedFiles(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory() && HASHED_NAMES.test(entry.name)).map((entry) => entry.name);
  } catch (cause) {
    throw readError(dir, cause);
  }
}

/** SHA-256 (hex) of a file's bytes, read as a stream. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  const { handle } = await openFile(path);
  try {
    const piece = new Uint8Array(1024 * 1024);
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, piece.length);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, bytesRead));
    }
  } catch (cause) {
    throw readError(path, cause);
  } finally {
    await handle.close();
  }
}
