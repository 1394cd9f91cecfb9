/**
 * @file Which modules an adapter's configuration means, and with which rank and scaling, by PEFT's rules
 * (`check_target_module_exists` and `get_pattern_key` of PEFT 0.21).
 */
import { runInNewContext } from 'node:vm';
import { AtelierError } from '../contract/errors/errors.ts';
import type { AdapterConfig } from './peft-config.ts';
import type { ModelConfig } from './model-config.ts';
import { hubName, moduleName } from './tensor-names.ts';

/** A pattern from a file may backtrack for ever; on a few hundred short names an honest one takes microseconds. */
const MATCH_MILLISECONDS = 1000;

/** PEFT's shorthand for every linear layer but the output. */
const ALL_LINEAR = 'all-linear';

/** How modules are called in transformers. */
type Naming = Pick<ModelConfig, 'family'>;

/** The modules among `modules` (short names) that the configuration adapts. */
export function targetedModules(
  config: AdapterConfig & { readonly naming: Naming },
  modules: readonly string[],
  file: string,
): Set<string> {
  const { naming } = config;
  const included = matches(config.targetModules, modules, naming, file, 'target_modules');
  const excluded =
    config.excludeModules === null
      ? modules.map(() => false)
      : matches(config.excludeModules, modules, naming, file, 'exclude_modules');
  return new Set(
    modules.filter((module, index) => included[index]! && !excluded[index]! && inChosenLayers(config, module, naming)),
  );
}

/** Rank and scaling of each module; a pattern's first match counts. */
export function scalingsOf(
  config: AdapterConfig,
  modules: readonly string[],
  naming: Naming,
  file: string,
): Map<string, { r: number; scaling: number }> {
  const ranks = patternValues(config.rankPattern, modules, naming, file, 'rank_pattern');
  const alphas = patternValues(config.alphaPattern, modules, naming, file, 'alpha_pattern');
  return new Map(
    modules.map((module, index) => {
      const r = ranks[index] ?? config.r;
      return [
        module,
        { r, scaling: loraScaling({ r, loraAlpha: alphas[index] ?? config.loraAlpha, useRslora: config.useRslora }) },
      ];
    }),
  );
}

/** The factor applied to B A while the adapter is active. */
export function loraScaling(adapter: {
  readonly r: number;
  readonly loraAlpha: number;
  readonly useRslora?: boolean;
}): number {
  return adapter.loraAlpha / (adapter.useRslora === true ? Math.sqrt(adapter.r) : adapter.r);
}

function matches(
  names: readonly string[] | string,
  modules: readonly string[],
  naming: Naming,
  file: string,
  field: string,
): boolean[] {
  if (typeof names !== 'string') {
    return modules.map((module) =>
      names.some((name) =>
        spellings(module, naming).some((spelling) => spelling === name || spelling.endsWith(`.${name}`)),
      ),
    );
  }
  if (names.toLowerCase() === ALL_LINEAR) return modules.map(() => true);
  return fullMatches(names, modules, naming, file, field);
}

/** The names that a module has in transformers, before and since version 4.52. */
function spellings(module: string, naming: Naming): string[] {
  return [...new Set([hubName(module), moduleName(module, naming)])];
}

/** `layers_to_transform` counts only beside a list of suffixes. */
function inChosenLayers(config: AdapterConfig, module: string, naming: Naming): boolean {
  const { layersToTransform: chosen, layersPattern: lists, targetModules } = config;
  if (chosen === null || chosen.length === 0 || typeof targetModules === 'string') return true;
  if (targetModules.includes(module) || targetModules.includes(moduleName(module, naming))) return true;
  const found = /^.*?\.([^.]*)\.(\d+)\./.exec(module);
  if (found === null) return false;
  return (lists.length === 0 || lists.includes(found[1]!)) && chosen.includes(Number(found[2]));
}

function patternValues(
  pattern: Readonly<Record<string, number>>,
  modules: readonly string[],
  naming: Naming,
  file: string,
  field: string,
): (number | undefined)[] {
  const values: (number | undefined)[] = modules.map(() => undefined);
  for (const [key, value] of Object.entries(pattern)) {
    fullMatches(`(.*\\.)?(${key})`, modules, naming, file, field).forEach((found, index) => {
      if (found) values[index] ??= value;
    });
  }
  return values;
}

/** Whether Python's `re.fullmatch` would accept each module under one of its names. */
function fullMatches(
  pattern: string,
  modules: readonly string[],
  naming: Naming,
  file: string,
  field: string,
): boolean[] {
  // Python and JavaScript differ in how they write named groups, and in little else that names of modules need.
  const source = `^(?:${pattern.replaceAll('(?P<', '(?<')})$`;
  const bad = (why: string, cause: unknown): AtelierError =>
    new AtelierError('BAD_INPUT', `${file}: "${field}" ${why}.`, { place: { file, field }, cause });
  let expression: RegExp;
  try {
    expression = new RegExp(source);
  } catch (cause) {
    throw bad(`holds the regular expression ${JSON.stringify(pattern)}, which cannot be read`, cause);
  }
  try {
    const context = { expression, names: modules.map((module) => spellings(module, naming)) };
    return runInNewContext('names.map((each) => each.some((name) => expression.test(name)))', context, {
      timeout: MATCH_MILLISECONDS,
    }) as boolean[];
  } catch (cause) {
    throw bad(`holds the regular expression ${JSON.stringify(pattern)}, which takes too long to match`, cause);
  }
}
