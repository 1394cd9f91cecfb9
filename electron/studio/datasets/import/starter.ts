/** @file The data that ships with Atelier, imported once, just like the user's own data. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetSummary } from '../../../contract/model/datasets.ts';
import { AtelierError } from '../../../contract/errors/errors.ts';
import type { Progress, Task } from '../../../contract/model/primitives.ts';
import { sha256Hex } from '../../../store/connection/canonical.ts';
import { importDataset, type ImportStore } from './import.ts';

const NAMES: Record<Task, string> = {
  counting: 'Counting (starter)',
  geometry: 'Geometry (starter)',
  other: 'Starter',
};
const TABLE = 'metadata.jsonl';

/**
 * Returns a task's starter dataset from `resourcesDir/datasets/<task>`. The first call imports it; later calls return
 * that dataset, restored if it was removed. New data in a later version of Atelier becomes a new dataset.
 */
export async function importStarter(
  store: ImportStore,
  resourcesDir: string,
  task: Task,
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<DatasetSummary> {
  const folder = join(resourcesDir, 'datasets', task);
  const table = join(folder, TABLE);
  if (
    !(await stat(table).then(
      (found) => found.isFile(),
      () => false,
    ))
  ) {
    throw new AtelierError(
      'NOT_FOUND',
      `Atelier ships no starter data for the task "${task}" (${table} is not there).`,
      {
        place: { file: table, field: 'task' },
        remedy: 'Choose counting or geometry, or import images of your own.',
      },
    );
  }
  const starterKey = `${task}@${sha256Hex(await readFile(table))}`;
  const known = await store.datasets.findStarter(starterKey);
  if (known !== undefined) return await store.datasets.restore(known.id);
  try {
    const request = { path: folder, name: NAMES[task], task };
    return (
      await importDataset(store, request, onProgress, signal, { origin: `Ships with Atelier (${task})`, starterKey })
    ).dataset;
  } catch (error) {
    // Another process may have imported it in the meantime; if so, use its dataset.
    const other = await store.datasets.findStarter(starterKey);
    if (other !== undefined) return other;
    throw error;
  }
}
