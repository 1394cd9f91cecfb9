/**
 * @file Class names for columns that hold class numbers: Hugging Face's `ClassLabel`, as stated in Parquet's metadata
 * (`huggingface`), `dataset_info.json` or the YAML front matter of a README.md.
 * https://huggingface.co/docs/datasets/about_dataset_features
 */
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { existsFile, readBytes } from '../files.ts';
import type { RowItem } from './row-source.ts';

/** For each column of class numbers, the name of each number. */
export type LabelNames = ReadonlyMap<string, readonly string[]>;

const MAX_CARD_BYTES = 4 * 1024 * 1024;

/** The label names in the metadata of a Parquet file written by `datasets`; empty if it states none. */
export function labelNamesOfInfo(json: string): LabelNames {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return new Map();
  }
  const info = field(value, 'info') ?? value;
  return labelNamesOfFeatures(field(info, 'features'));
}

/** The label names in this folder's `dataset_info.json` or README.md; empty if neither states any. */
export async function labelNamesIn(folder: string): Promise<LabelNames> {
  const info = await textOf(join(folder, 'dataset_info.json'));
  if (info !== null) {
    const names = labelNamesOfInfo(info);
    if (names.size > 0) return names;
  }
  const card = await textOf(join(folder, 'README.md'));
  const head = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---/.exec(card ?? '')?.[1];
  if (head === undefined) return new Map();
  try {
    const stated: unknown = field(parseYaml(head, { maxAliasCount: 20 }), 'dataset_info');
    const first: unknown = Array.isArray(stated) ? stated[0] : stated;
    return labelNamesOfFeatures(field(first, 'features'));
  } catch {
    return new Map();
  }
}

/** Replaces the row's class numbers with their names; a number without a name makes it a broken row. */
export function withLabelNames(item: RowItem, names: LabelNames): RowItem {
  if (names.size === 0 || 'broken' in item) return item;
  const values: Record<string, unknown> = { ...item.values };
  for (const [column, labels] of names) {
    if (!Object.hasOwn(values, column)) continue;
    const named = nameOf(values[column], labels);
    if (named === undefined)
      return {
        line: item.line,
        broken: `The class ${JSON.stringify(values[column])} in the column "${column}" has no name; the dataset names ${labels.length}.`,
      };
    values[column] = named;
  }
  return { ...item, values };
}

/** Undefined for a number without a name. Non-numeric text is already a name; -1 means "not labelled". */
function nameOf(value: unknown, labels: readonly string[]): unknown {
  if (Array.isArray(value)) {
    const names = value.map((part) => nameOf(part, labels));
    return names.includes(undefined) ? undefined : names;
  }
  const number = typeof value === 'string' && /^-?\d+$/.test(value.trim()) ? Number(value) : value;
  if (typeof number !== 'number') return value ?? null;
  return number === -1 ? null : labels[number];
}

/** One warning sentence for each column whose numbers are replaced. */
export function labelWarnings(table: string, names: LabelNames): string[] {
  return [...names].map(
    ([column, labels]) =>
      `The numbers in the column "${column}" of ${table} were replaced by the names that the dataset gives them (${labels.slice(0, 5).join(', ')}${labels.length > 5 ? ', …' : ''}).`,
  );
}

function labelNamesOfFeatures(features: unknown): LabelNames {
  const found = new Map<string, readonly string[]>();
  const entries: [string, unknown][] = Array.isArray(features)
    ? features.map((feature): [string, unknown] => [String(field(feature, 'name')), feature])
    : Object.entries(isObject(features) ? features : {});
  for (const [column, feature] of entries) {
    const names = namesOf(feature);
    if (names !== null) found.set(column, names);
  }
  return found;
}

function namesOf(feature: unknown): readonly string[] | null {
  if (Array.isArray(feature)) return namesOf(feature[0]);
  const inner = field(feature, 'feature') ?? field(feature, 'sequence') ?? field(feature, 'list');
  if (isObject(inner) || Array.isArray(inner)) return namesOf(inner);
  const label = field(field(feature, 'dtype'), 'class_label') ?? field(feature, 'class_label');
  const names =
    field(label, 'names') ?? (field(feature, '_type') === 'ClassLabel' ? field(feature, 'names') : undefined);
  if (Array.isArray(names)) return names.map(String);
  // In YAML, the names are a map from number to name.
  if (!isObject(names)) return null;
  return Object.entries(names)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, name]) => String(name));
}

function field(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Links are followed, as in the hub's cache; a pipe or a device is refused, because it might never end. */
async function textOf(path: string): Promise<string | null> {
  return (await existsFile(path)) ? new TextDecoder().decode(await readBytes(path, MAX_CARD_BYTES)) : null;
}
