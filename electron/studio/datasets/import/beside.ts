/** @file The name of a new dataset, and what is told about the datasets that it is added beside. */
import { basename, dirname } from 'node:path';
import type { DatasetSummary, ImportRequest } from '../../../contract/model/datasets.ts';
import type { Store } from '../../../store/connection/open.ts';
import type { ImportPlan } from './plan.ts';

const LONGEST_NAME = 200;

/**
 * A name that you give is kept; any other gets a number where a dataset has it already, so that no two look the same.
 * Call it in the transaction that writes the dataset.
 */
export async function placeBeside(
  { datasets }: Pick<Store, 'datasets'>,
  request: Pick<ImportRequest, 'name'>,
  { report, snapshotSha256 }: Pick<ImportPlan, 'report' | 'snapshotSha256'>,
  { called, starterKey }: { called?: string; starterKey?: string },
): Promise<{ name: string; standsBeside: string[] }> {
  const wanted = request.name ?? called ?? nameFor(report.table);
  // What Atelier draws has a name of its own, and a new version of it may stand beside an old one.
  if (starterKey !== undefined) return { name: wanted, standsBeside: [] };
  const others = await datasets.list();
  const taken = new Set(others.map((other) => other.name));
  const name = request.name ?? freeName(wanted, taken);
  const [alike] = await datasets.findBySnapshot(snapshotSha256);
  const earlier = others.find(({ origin }) => origin === report.table);
  const standsBeside = [
    ...(alike !== undefined ? [alreadyHere(alike)] : earlier !== undefined ? [differs(earlier)] : []),
    ...(!taken.has(wanted) ? [] : name === wanted ? [sameName(wanted)] : [numbered(wanted, name)]),
  ];
  return { name, standsBeside };
}

function alreadyHere({ id, name }: DatasetSummary): string {
  return `Exactly this data is already here as "${name}" (${id}).`;
}

/** Of two imports from one place, one has other rows, pictures or settings. */
function differs({ id, name }: DatasetSummary): string {
  return `"${name}" (${id}) came from the same place and differs from this data, so both are here now.`;
}

function sameName(name: string): string {
  return `Another dataset is named "${name}" too; their ids tell them apart.`;
}

function numbered(wanted: string, name: string): string {
  return `A dataset is already named "${wanted}", so this one is named "${name}".`;
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let free = wanted;
  for (let number = 2; taken.has(free); number += 1) {
    const suffix = ` (${number})`;
    free = `${wanted.slice(0, LONGEST_NAME - suffix.length)}${suffix}`;
  }
  return free;
}

/** The name metadata.jsonl is not descriptive, so the folder's name is used instead. */
function nameFor(table: string): string {
  const stem = basename(table).replace(/\.[^.]+$/, '');
  const name = stem === 'metadata' ? basename(dirname(table)) : stem;
  return (name === '' ? 'Dataset' : name).slice(0, LONGEST_NAME);
}
