/** @file A checkpoint folder: configuration, weights, and the identity of its files. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AtelierError } from '../contract/errors/errors.ts';
import { openFile, readError, readJsonObject, readJsonObjectIfAny } from './files.ts';
import { fieldsOf } from './json-fields.ts';
import { readPreprocessor, type PreprocessorConfig } from './preprocessor-config.ts';
import { PROCESSOR_FILE } from './pixel-limits.ts';
import { familyOf, parseModelConfig, UNQUANTISED, type ModelConfig } from './model-config.ts';
import { openCheckpointTensors, type TensorReader } from './safetensors.ts';
import { expectedTensors, hubName } from './tensor-names.ts';

export type { PreprocessorConfig } from './preprocessor-config.ts';
export { expectedTensors, hubName, moduleName } from './tensor-names.ts';

export interface GenerationConfig {
  /** Tokens that end a completion; training appends the first one. */
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
  /** What transformers' generate applies unless it is told otherwise; 1 = nothing. */
  readonly repetitionPenalty: number;
}

/** Contents of Atelier's own optional `atelier.json` in a checkpoint. */
export interface CheckpointCard {
  readonly name: string | null;
  readonly description: string | null;
  readonly licence: string | null;
  readonly promptTemplate: string | null;
  readonly systemPrompt: string | null;
  /** Where the model is published, `OWNER/NAME`. */
  readonly hubId: string | null;
}

export interface Checkpoint extends CheckpointCard {
  readonly dir: string;
  readonly config: ModelConfig;
  readonly generation: GenerationConfig;
  readonly preprocessor: PreprocessorConfig;
  /** The number of parameters; tied weights count once. */
  readonly parameters: number;
  /** Weights under their published names, whichever names the files use. Close it after use. */
  readonly tensors: TensorReader;
}

/** A checkpoint's configuration without its weights. */
export type CheckpointSettings = Omit<Checkpoint, 'tensors' | 'parameters'>;

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
  const config = parseModelConfig(await readJsonObject(configPath), { file: configPath });
  return {
    dir,
    config,
    generation: await readGeneration(dir, config),
    preprocessor: await readPreprocessor(dir, config),
    ...(await readCard(dir)),
  };
}

async function readGeneration(dir: string, config: ModelConfig): Promise<GenerationConfig> {
  const file = join(dir, 'generation_config.json');
  const found = await readJsonObjectIfAny(file);
  const json = fieldsOf(found ?? {}, '', { file });
  const eosTokenIds = json.has('eos_token_id') ? json.naturals('eos_token_id') : config.eosTokenIds;
  if (eosTokenIds.length === 0) throw noEndToken(dir, found === undefined ? null : file);
  const padTokenId = json.has('pad_token_id') ? json.natural('pad_token_id', 0) : config.padTokenId;
  const outside = (id: number): boolean => id >= config.vocabSize;
  if (eosTokenIds.some(outside)) throw json.bad('eos_token_id', `is not within the vocabulary of ${config.vocabSize}`);
  if (padTokenId !== null && outside(padTokenId))
    throw json.bad('pad_token_id', `is not within the vocabulary of ${config.vocabSize}`);
  const repetitionPenalty = json.number('repetition_penalty', 1);
  return { eosTokenIds, padTokenId, repetitionPenalty };
}

/** @param file generation_config.json, if there is one */
function noEndToken(dir: string, file: string | null): AtelierError {
  const config = join(dir, 'config.json');
  const sentence =
    file === null
      ? `${config}: "eos_token_id" is missing, and there is no generation_config.json.`
      : `${file}: "eos_token_id" is missing, as it is in config.json.`;
  return new AtelierError('BAD_INPUT', sentence, {
    place: { file: file ?? config, field: 'eos_token_id' },
    remedy: 'Copy or download generation_config.json of this checkpoint again; it names the tokens that end an answer.',
  });
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
  const [name, description, licence] = [text('name'), text('description'), text('licence')];
  return { name, description, licence, promptTemplate, systemPrompt: text('systemPrompt'), hubId };
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
function checkTensors(tensors: TensorReader, config: ModelConfig, dir: string): number {
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
  refuseQuantised(tensors.names(), dir);
  const expected = expectedTensors(config);
  let parameters = 0;
  for (const [name, shape] of expected) {
    if (!tensors.has(name)) throw bad(name, 'is missing from the weights');
    const { shape: found, dtype } = tensors.info(name);
    if (found.join() !== shape.join()) {
      throw bad(name, `has shape [${found.join(', ')}], but config.json requires [${shape.join(', ')}]`);
    }
    if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16')
      throw dtype.startsWith('F8')
        ? quantised('FP8', dir, name)
        : bad(name, `is stored as ${dtype}, which is not a usable float type`);
    parameters += shape.reduce((product, size) => product * size, 1);
  }
  const { ignored = [] } = familyOf(config);
  for (const name of tensors.names()) {
    // Some files keep a copy of the tied output matrix, and old files the rotary frequencies. Neither is a weight.
    const harmless =
      (config.tieWordEmbeddings && name === 'lm_head.weight') ||
      name.endsWith('rotary_emb.inv_freq') ||
      ignored.some((prefix) => name.startsWith(prefix));
    if (!expected.has(name) && !harmless) throw bad(name, 'does not belong to this architecture');
  }
  return parameters;
}

/** Tensors that only quantised checkpoints have beside their weights, and who writes them. */
const QUANTISED: readonly (readonly [RegExp, string])[] = [
  [/\.(qweight|qzeros|g_idx|scales)$/, 'AWQ or GPTQ'],
  [/\.(absmax|quant_map|nested_absmax|nested_quant_map|SCB|weight_format)$|\.quant_state\./, 'bitsandbytes'],
  [/\.weight_scale(_inv)?$|\.input_scale$/, 'FP8'],
];

function refuseQuantised(names: readonly string[], dir: string): void {
  for (const [pattern, method] of QUANTISED) {
    const name = names.find((each) => pattern.test(each));
    if (name !== undefined) throw quantised(method, dir, name);
  }
}

function quantised(method: string, dir: string, name: string): AtelierError {
  return new AtelierError(
    'BAD_INPUT',
    `${dir}: the weights are quantised with ${method} (tensor "${name}"), which Atelier does not read.`,
    {
      place: { file: dir, field: name },
      remedy: UNQUANTISED,
    },
  );
}

/** Bytes that are searched at a time. */
const SEARCH_BYTES = 8 * 1024 * 1024;

/**
 * The first tensor with a value that is not a finite number (NaN or infinite), which would spoil every answer; null if
 * there is none. Reads all weights.
 */
export async function findNonFinite(tensors: TensorReader): Promise<string | null> {
  const buffer = new ArrayBuffer(SEARCH_BYTES);
  for (const name of tensors.names()) {
    const { dtype, byteLength } = tensors.info(name);
    // The exponent's bits are all ones.
    const [Words, mask] =
      dtype === 'F32' ? [Uint32Array, 0x7f800000] : [Uint16Array, dtype === 'BF16' ? 0x7f80 : 0x7c00];
    for (let done = 0; done < byteLength; done += SEARCH_BYTES) {
      const count = Math.min(SEARCH_BYTES, byteLength - done);
      await tensors.readInto(name, done, new Uint8Array(buffer, 0, count));
      const words = new Words(buffer, 0, count / Words.BYTES_PER_ELEMENT);
      for (let i = 0; i < words.length; i++) if ((words[i]! & mask) === mask) return name;
    }
  }
  return null;
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
    const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    const names = files.filter((name) => HASHED_NAMES.test(name));
    // Older folders have this file too, with nothing in it that changes what is computed.
    const processor = files.includes(PROCESSOR_FILE) ? await readJsonObjectIfAny(join(dir, PROCESSOR_FILE)) : undefined;
    return processor?.['image_processor'] === undefined ? names : [...names, PROCESSOR_FILE];
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
