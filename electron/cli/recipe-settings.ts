/** @file `--set key=value`: any field of a recipe, by its full name, or by its last word if that is unambiguous. */
import { z } from 'zod';
import {
  DEFAULT_ACCURACY_SCHEDULE,
  DEFAULT_ADAPTER,
  DEFAULT_GRPO,
  DEFAULT_OPTIMISER,
  DEFAULT_STEPS,
  DEFAULT_TARGET_KL_SCHEDULE,
  defaultScheduleFor,
} from '../method/defaults.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import type { Arguments } from './arguments.ts';
import type { Method } from '../contract/model/recipe.ts';
import { AdapterConfig, GrpoConfig, KlSchedule, OptimiserConfig, Recipe } from '../contract/model/recipe.ts';

type Fields = Record<string, unknown>;

/** Options that set a field of the recipe alone: with a `--set` for it too, one of the two would be dropped. */
const OWN_OPTIONS: readonly [option: string, ...fields: string[]][] = [
  ['steps', 'steps'],
  ['seed', 'seed'],
  ['seeds', 'seed'],
  ['name', 'name'],
  ['samples', 'evalSamples'],
  ['reward', 'rewards'],
  ['layers', 'adapter.layers'],
  ['frozen-weights', 'frozenWeights'],
  ['detail', 'maxPixels'],
  ['start-from', 'startFrom'],
  ['adapter', 'startAdapter'],
];

/** Groups whose fields can be set individually, with their starting values. */
const GROUPS = ['grpo', 'optimiser', 'klSchedule', 'adapter'] as const;

/** Fields that the command line has its own options for, or that the studio fills in. */
const NOT_SETTABLE = new Set(['modelId', 'modelSha256', 'datasetId', 'datasetSha256', 'mixture', 'method']);

/**
 * The part of a run request that `--set` describes.
 * @param file fields that the request has already; a setting changes only its own field of theirs
 * @throws AtelierError BAD_INPUT naming the setting
 */
export function recipeSettings(
  settings: readonly string[],
  method: Method,
  steps = DEFAULT_STEPS,
  file: Fields = {},
): Fields {
  const groups: Record<(typeof GROUPS)[number], Fields> = {
    grpo: { ...DEFAULT_GRPO },
    // As the studio does by default: the default warm-up must not outlast a short run.
    optimiser: { ...DEFAULT_OPTIMISER, warmupSteps: Math.min(DEFAULT_OPTIMISER.warmupSteps, steps - 1) },
    klSchedule: { ...defaultScheduleFor(method) },
    adapter: { ...DEFAULT_ADAPTER },
  };
  for (const name of GROUPS) {
    const given = file[name];
    if (typeof given === 'object' && given !== null) groups[name] = { ...given };
  }
  const request: Fields = {};
  for (const setting of settings) {
    const [key, ...rest] = setting.split('=');
    if (key === undefined || rest.length === 0) throw unusable(setting, 'is not of the form key=value');
    const value = parseValue(rest.join('='));
    const path = fullPath(key, setting);
    const group = GROUPS.find((name) => name === path[0]);
    const field = path[1];
    if (group === undefined || field === undefined) {
      request[path[0] ?? ''] = path[0] === 'rewards' ? rewards(value, setting) : value;
      if (group !== undefined) groups[group] = value as Fields;
      continue;
    }
    // Another kind of schedule or adapter has other fields: it starts empty.
    if (field === 'kind' && groups[group]['kind'] !== value)
      groups[group] = startOf(value, groups[group], defaultScheduleFor(method));
    groups[group][field] = value;
    request[group] = groups[group];
  }
  return request;
}

/**
 * The settings of `--set`, to be read by `recipeSettings`.
 * @throws AtelierError BAD_INPUT if an option or an earlier setting is for the same field
 */
export function settingsOf(args: Arguments): string[] {
  const settings = args.all('set');
  const earlier = new Map<string, string>();
  for (const setting of settings) {
    for (const field of fieldsOf(setting)) {
      const option = OWN_OPTIONS.find(([name, ...fields]) => args.flag(name) && fields.includes(field))?.[0];
      const other = option === undefined ? earlier.get(field) : `--${option}`;
      if (other !== undefined)
        throw new AtelierError('BAD_INPUT', `${other} and --set ${setting} both set ${field}.`, {
          place: { field: '--set' },
          remedy: 'Leave one of the two out.',
        });
      earlier.set(field, `--set ${setting}`);
    }
  }
  return settings;
}

/** What a setting sets: a field, and those that its JSON names. */
function fieldsOf(setting: string): string[] {
  const [key = '', ...rest] = setting.split('=');
  // `recipeSettings` says what is wrong with it.
  if (rest.length === 0) return [];
  const field = fullPath(key, setting).join('.');
  const value = parseValue(rest.join('='));
  const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value);
  return [field, ...(isGroup ? Object.keys(value).map((name) => `${field}.${name}`) : [])];
}

/** Measurement-driven schedules have their own defaults, which only earlier settings override. */
function startOf(kind: unknown, fields: Fields, unset: Fields): Fields {
  const shared = sharedFields(fields, kind);
  const known: Fields[] = [DEFAULT_TARGET_KL_SCHEDULE, DEFAULT_ACCURACY_SCHEDULE];
  const defaults = known.find((schedule) => schedule['kind'] === kind);
  if (defaults === undefined) return shared;
  return {
    ...defaults,
    ...Object.fromEntries(Object.entries(shared).filter(([name, value]) => unset[name] !== value)),
  };
}

/** Fields common to both kinds of schedule keep their values. */
function sharedFields(fields: Fields, kind: unknown): Fields {
  const option = KlSchedule.options.find((schedule) => schedule.shape.kind.value === kind);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => option !== undefined && name in option.shape));
}

function fullPath(key: string, setting: string): string[] {
  const known = knownPaths();
  const path = known.filter((candidate) => candidate === key || candidate.endsWith(`.${key}`));
  const [only] = path;
  if (only !== undefined && path.length === 1) return only.split('.');
  const exact = path.find((candidate) => candidate === key);
  if (exact !== undefined) return exact.split('.');
  const what = path.length > 1 ? `could mean ${path.join(' or ')}` : 'names no field of a recipe';
  throw unusable(setting, what, `Fields are ${known.join(', ')}.`);
}

function knownPaths(): string[] {
  const scheduleFields = new Set(KlSchedule.options.flatMap((option) => Object.keys(option.shape)));
  const adapterFields = new Set(AdapterConfig.options.flatMap((option) => Object.keys(option.shape)));
  return [
    ...Object.keys(Recipe.shape).filter((name) => !NOT_SETTABLE.has(name)),
    ...Object.keys(GrpoConfig.shape).map((name) => `grpo.${name}`),
    ...Object.keys(OptimiserConfig.shape).map((name) => `optimiser.${name}`),
    ...[...scheduleFields].map((name) => `klSchedule.${name}`),
    ...[...adapterFields].map((name) => `adapter.${name}`),
  ];
}

/** `accuracy:1,format:0.5`, or JSON in the contract's format. */
function rewards(value: unknown, setting: string): unknown {
  if (typeof value !== 'string') return value;
  return value.split(',').map((part) => {
    const [name, weight = '1'] = part.split(':');
    if (!Number.isFinite(Number(weight))) throw unusable(setting, `has a weight that is not a number: ${weight}`);
    return { name, weight: Number(weight) };
  });
}

function parseValue(text: string): unknown {
  const json = z.json().safeParse(tryJson(text));
  return json.success ? json.data : text;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function unusable(setting: string, what: string, remedy = 'For example `--set learningRate=0.0005`.'): AtelierError {
  return new AtelierError('BAD_INPUT', `--set ${setting} ${what}.`, { place: { field: '--set' }, remedy });
}
