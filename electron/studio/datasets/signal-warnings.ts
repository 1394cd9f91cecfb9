/** @file What a person should know about the words that images bring along. */
import type { ImportReport } from '../../contract/datasets.ts';
import { isAgainstTraining } from '../../provenance/signals/combine.ts';
import type { ImageStatement } from '../../provenance/signals/read-image.ts';
import type { NewSample } from '../../store/datasets.ts';
import type { UsableRow } from './plan.ts';

const NAMED = 5;

/** One sentence per kind of finding, with the first few images. */
export function signalWarnings(
  rows: readonly UsableRow[],
  samples: readonly NewSample[],
  said: ReadonlyMap<string, ImageStatement>,
): string[] {
  const images = [...new Map(rows.map((row) => [row.image.record.sha256, row])).values()].flatMap((row) => {
    const statement = said.get(row.image.record.sha256);
    return statement === undefined ? [] : [{ row, name: row.values.image, statement }];
  });
  const warnings: string[] = [];
  const warn = (found: readonly { name: string }[], sentence: (count: string) => string): void => {
    if (found.length > 0)
      warnings.push(`${sentence(found.length === 1 ? '1 image' : `${found.length} images`)} ${list(found)}.`);
  };

  const optedOut = images.filter(({ statement }) => statement.verdict === 'opted-out');
  warn(optedOut, (count) => `Opted out of training, so imported but left out of training and evaluation: ${count}:`);
  const [first] = optedOut;
  const says = first?.statement.signals.find(isAgainstTraining)?.statement;
  if (first !== undefined && says !== undefined) warnings.push(`What “${first.name}” says, for example: ${says}`);
  const trained = samples.filter((sample) => sample.split === 'train');
  if (trained.length > 0 && trained.every((sample) => said.get(sample.imageSha256)?.verdict === 'opted-out'))
    warnings.push(
      'Every training sample is left out by the words of its image: nothing can be trained on this dataset as it is.',
    );
  warn(
    images.filter(({ statement }) => statement.signals.some((signal) => signal.value === 'error')),
    (count) => `Something about rights is there but cannot be read, so it is not taken for a permission, in ${count}:`,
  );
  warn(
    images.filter(({ statement }) => statement.signals.some((signal) => signal.statement.includes('(AI-generated)'))),
    (count) => `Made, wholly or in part, by a trained model, as their metadata say: ${count}:`,
  );
  const sample = new Map(samples.map((entry) => [entry.imageSha256, entry]));
  const filled = (key: 'licenceSource' | 'authorsSource'): typeof images =>
    images.filter(({ row }) => ['embedded', 'sidecar'].includes(sample.get(row.image.record.sha256)?.[key] ?? ''));
  warn(filled('licenceSource'), (count) => `The table names no licence; it was read from the metadata of ${count}:`);
  warn(
    filled('authorsSource'),
    (count) => `The table names no author; the name was read from the metadata of ${count}:`,
  );
  warn(
    images.filter(licencesDiffer),
    (count) => `The table's licence stands, but the metadata name another one, in ${count}:`,
  );
  warn(
    images.filter(authorsDiffer),
    (count) => `The table's author stands, but the metadata name another one, in ${count}:`,
  );
  return warnings;
}

/** How many images hold a signal of each kind and value. */
export function countSignals(said: Iterable<ImageStatement>): ImportReport['signals'] {
  const counts = new Map<string, ImportReport['signals'][number]>();
  for (const { signals } of said) {
    const kinds = new Map(signals.map(({ kind, value }) => [`${kind} ${value}`, { kind, value }]));
    for (const [key, entry] of kinds) {
      const count = counts.get(key) ?? { ...entry, images: 0 };
      count.images += 1;
      counts.set(key, count);
    }
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
}

type Said = { row: UsableRow; statement: ImageStatement };

function licencesDiffer({ row, statement }: Said): boolean {
  const { licence, unreadLicences } = row.values;
  const stated = licence ?? unreadLicences[0];
  if (stated === undefined || statement.licence === null) return false;
  const words = stated.split(/[\s()]+/);
  return !words.includes(statement.licence.id);
}

function authorsDiffer({ row, statement }: Said): boolean {
  if (row.values.authors.length === 0 || statement.creators === null) return false;
  const named = new Set(row.values.authors.map(plain));
  return !statement.creators.names.some((name) => named.has(plain(name)));
}

function plain(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

function list(items: readonly { name: string }[]): string {
  const names = items.map(({ name }) => name);
  return names.length > NAMED
    ? `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`
    : names.join(', ');
}
