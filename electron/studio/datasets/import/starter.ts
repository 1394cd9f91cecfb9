/** @file The data that ships with Atelier, imported once, just like the user's own data. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetSummary } from '../../../contract/model/datasets.ts';
import { AtelierError } from '../../../contract/errors/errors.ts';
import type { Progress, StarterData, Task } from '../../../contract/model/primitives.ts';
import { sha256Hex } from '../../../store/connection/canonical.ts';
import { importDataset, type ImportStore } from './import.ts';

/** What each dataset is called, and how answers to it are read. */
const DATA: Record<StarterData, { name: string; task: Task }> = {
  counting: { name: 'Counting (starter)', task: 'counting' },
  geometry: { name: 'Geometry (starter)', task: 'geometry' },
  'two-step-counting': { name: 'Two-step counting (starter)', task: 'counting' },
  'two-step-geometry': { name: 'Two-step geometry (starter)', task: 'geometry' },
};
const TABLE = 'metadata.jsonl';

/**
 * Returns a starter dataset from `resourcesDir/datasets/<data>`. The first call imports it; later calls return
 * that dataset, restored if it was removed. New data in a later version of Atelier becomes a new dataset.
 */
export async function importStarter(
  store: ImportStore,
  resourcesDir: string,
  data: StarterData,
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<DatasetSummary> {
  const folder = join(resourcesDir, 'datasets', data);
  const table = join(folder, TABLE);
  if (
    !(await stat(table).then(
      (found) => found.isFile(),
      () => false,
    ))
  ) {
    throw new AtelierError(
      'NOT_FOUND',
      `The starter data "${data}" is not part of this installation (${table} is not there).`,
      {
        place: { file: table, field: 'data' },
        remedy: 'Install Atelier again, or import images of your own.',
      },
    );
  }
  const starterKey = `${data}@${sha256Hex(await readFile(table))}`;
  const known = await store.datasets.findStarter(starterKey);
  if (known !== undefined) return await store.datasets.restore(known.id);
  try {
    const request = { path: folder, ...DATA[data] };
    return (
      await importDataset(store, request, onProgress, signal, { origin: `Ships with Atelier (${data})`, starterKey })
    ).dataset;
  } catch (error) {
    // Another process may have imported it in the meantime; if so, use its dataset.
    const other = await store.datasets.findStarter(starterKey);
    if (other !== undefined) return other;
    throw error;
  }
}
