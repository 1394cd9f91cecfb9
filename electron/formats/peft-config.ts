/** @file `adapter_config.json` of a PEFT LoRA adapter: what Atelier applies exactly, and a refusal of everything else. */
import { join } from 'node:path';
import { readJsonObject } from './files.ts';
import { fieldsOf, type Fields } from './json-fields.ts';

export const ADAPTER_CONFIG = 'adapter_config.json';

export interface AdapterConfig {
  readonly r: number;
  readonly loraAlpha: number;
  /** Scaling is loraAlpha / √r if true, loraAlpha / r if false. */
  readonly useRslora: boolean;
  /** As in the config: suffixes, or one regular expression. */
  readonly targetModules: readonly string[] | string;
  readonly baseModelNameOrPath: string | null;
  /** Narrows `targetModules`, in the same notation. */
  readonly excludeModules: readonly string[] | string | null;
  /** Only these layers are adapted; null = all. Applies to a list of suffixes only, as in PEFT. */
  readonly layersToTransform: readonly number[] | null;
  /** Names of the lists that hold those layers; empty = any. */
  readonly layersPattern: readonly string[];
  /** Ranks and alphas of modules whose name ends in a match of the key. */
  readonly rankPattern: Readonly<Record<string, number>>;
  readonly alphaPattern: Readonly<Record<string, number>>;
}

/** Ways to begin training that leave the base model as it is, so the file holds everything the adapter does. */
const HARMLESS_INITS = ['gaussian', 'orthogonal', 'eva'];

/** Settings that change what the adapter computes or which tensors it has, and what their names stand for. */
const UNSUPPORTED: readonly (readonly [key: string, what: string])[] = [
  ['use_dora', 'DoRA'],
  ['lora_bias', 'a bias beside B'],
  ['fan_in_fan_out', 'transposed weights'],
  ['use_qalora', 'QALoRA'],
  ['use_bdlora', 'block-diagonal LoRA'],
  ['modules_to_save', 'whole modules trained beside the adapter'],
  ['target_parameters', 'parameters that are no module'],
  ['layer_replication', 'repeated layers'],
  ['trainable_token_indices', 'trained token embeddings'],
  ['alora_invocation_tokens', 'activated LoRA'],
  ['arrow_config', 'Arrow'],
  ['kasa_config', 'KaSA'],
  ['monteclora_config', 'MonteCLoRA'],
  ['velora_config', 'VeLoRA'],
];

/** @throws AtelierError NOT_FOUND or BAD_INPUT naming the file and the field */
export async function readAdapterConfig(dir: string): Promise<AdapterConfig> {
  const file = join(dir, ADAPTER_CONFIG);
  const json = await readJsonObject(file);
  const fields = fieldsOf(json, '', { file });
  const type = fields.text('peft_type', '(none)');
  if (type !== 'LORA') throw fields.bad('peft_type', `is "${type}"; only LoRA adapters are supported`);
  refuseUnsupported(json, fields);
  refuseChangedBase(json['init_lora_weights'], fields);
  return {
    r: fields.positive('r', 8),
    loraAlpha: fields.number('lora_alpha', 8),
    useRslora: fields.boolean('use_rslora', false),
    targetModules: namesOf(json['target_modules']) ?? refuseNames(fields, 'target_modules'),
    excludeModules: fields.has('exclude_modules')
      ? (namesOf(json['exclude_modules']) ?? refuseNames(fields, 'exclude_modules'))
      : null,
    layersToTransform: fields.has('layers_to_transform') ? fields.naturals('layers_to_transform') : null,
    layersPattern: [namesOf(json['layers_pattern']) ?? []].flat().filter((name) => name !== ''),
    rankPattern: numbersOf(fields, 'rank_pattern', (pattern, key) => pattern.positive(key, 1)),
    alphaPattern: numbersOf(fields, 'alpha_pattern', (pattern, key) => pattern.number(key, 1)),
    baseModelNameOrPath: fields.has('base_model_name_or_path') ? fields.text('base_model_name_or_path', '') : null,
  };
}

/** A list of names, or one regular expression; undefined for anything else. */
function namesOf(found: unknown): readonly string[] | string | undefined {
  if (typeof found === 'string') return found;
  return Array.isArray(found) && found.length > 0 && found.every((item) => typeof item === 'string')
    ? found
    : undefined;
}

function refuseNames(fields: Fields, key: string): never {
  throw fields.bad(key, 'is neither a list of names nor a regular expression');
}

function numbersOf(
  fields: Fields,
  key: string,
  read: (pattern: Fields, key: string) => number,
): Record<string, number> {
  const pattern = fields.object(key);
  return Object.fromEntries(pattern.keys().map((name) => [name, read(pattern, name)]));
}

function refuseUnsupported(json: Record<string, unknown>, fields: Fields): void {
  for (const [key, what] of UNSUPPORTED) {
    const value = json[key];
    const empty =
      value === undefined ||
      value === null ||
      value === false ||
      (typeof value === 'object' && Object.keys(value).length === 0);
    if (!empty) throw fields.bad(key, `asks for ${what}${listed(value)}, which is not supported`);
  }
  if (fields.text('bias', 'none') !== 'none')
    throw fields.bad('bias', 'is not "none"; trained biases are not supported');
}

/** ` (embed_tokens, lm_head)`: the names in a list. */
function listed(value: unknown): string {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? ` (${value.join(', ')})` : '';
}

/**
 * PiSSA, OLoRA, CorDA, LoftQ, MiCA and LoRA-GA replace the base model's weights before training. Their adapter belongs
 * to that changed base, which is not in the file.
 */
function refuseChangedBase(init: unknown, fields: Fields): void {
  if (init === undefined || init === null || typeof init === 'boolean') return;
  if (typeof init === 'string' && HARMLESS_INITS.includes(init.toLowerCase())) return;
  throw fields.bad(
    'init_lora_weights',
    `is ${JSON.stringify(init)}: training began from a changed base model, and this file alone does not say which. ` +
      "Save the adapter again with PEFT's `save_pretrained(…, path_initial_model_for_weight_conversion=…)`, which turns it into a plain one",
  );
}
