/** @file The data that ships with Atelier, imported once, just like the user's own data. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatasetSummary } from '../../../contract/model/datasets.ts';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { StarterData, TaskStarter, type Progress, type Task } from '../../../contract/model/primitives.ts';
import type { Pictures } from '../../../pictures/pictures.ts';
import { STARTER_NAMES } from '../../../method/starter-names.ts';
import { EXAMPLES_VERSION } from '../../../starter/examples-version.ts';
import { sha256Hex } from '../../../store/connection/canonical.ts';
import { importDataset, type ImportStore } from './import.ts';
import { shippedAs } from './starter-origin.ts';

/** How answers to each dataset are read. */
const TASKS: Record<StarterData, Task> = {
  counting: 'counting',
  geometry: 'geometry',
  'two-step-counting': 'counting',
  'two-step-geometry': 'geometry',
};
const TABLE = 'metadata.jsonl';

/** Where starter data goes. An example is drawn where pictures are: this process must not load libvips. */
export type StarterStore = ImportStore & { pictures: Pick<Pictures, 'drawExample'> };

/**
 * Returns a starter dataset from `resourcesDir/datasets/<data>`. The first call imports it; later calls return
 * that dataset, restored if it was removed. New data in a later version of Atelier becomes a new dataset.
 * @param name of a new dataset, in the language of who adds it
 */
export async function importStarter(
  store: StarterStore,
  resourcesDir: string,
  data: StarterData | TaskStarter,
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
  name = STARTER_NAMES[data],
): Promise<DatasetSummary> {
  const task = TaskStarter.safeParse(data);
  if (task.success)
    return await importExample(store, join(resourcesDir, 'art'), { task: task.data, name }, onProgress, signal);
  return await importShipped(store, resourcesDir, { data: StarterData.parse(data), name }, onProgress, signal);
}

async function importShipped(
  store: ImportStore,
  resourcesDir: string,
  { data, name }: { data: StarterData; name: string },
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<DatasetSummary> {
  const folder = join(resourcesDir, 'datasets', data);
  const table = join(folder, TABLE);
  if (!(await isFile(table))) throw notInstalled(data, table);
  const starterKey = `${data}@${sha256Hex(await readFile(table))}`;
  const request = { path: folder, name, task: TASKS[data] };
  return await importOnce(store, starterKey, async () => {
    const origin = shippedAs(data);
    return (await importDataset(store, request, onProgress, signal, { origin, starterKey })).dataset;
  });
}

/** Draws the example of a task into a temporary folder and imports it from there. */
async function importExample(
  store: StarterStore,
  artFolder: string,
  { task, name }: { task: TaskStarter; name: string },
  onProgress?: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<DatasetSummary> {
  const table = join(artFolder, 'catalogue.json');
  if (!(await isFile(table))) throw notInstalled(task, table);
  const starterKey = `task:${task}@${String(EXAMPLES_VERSION)}`;
  return await importOnce(store, starterKey, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'atelier-example-'));
    try {
      await store.pictures.drawExample(task, artFolder, folder);
      const request = { path: folder, name, task: 'other' as const };
      const origin = `Drawn by Atelier (${task})`;
      return (await importDataset(store, request, onProgress, signal, { origin, starterKey })).dataset;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function importOnce(
  store: ImportStore,
  starterKey: string,
  add: () => Promise<DatasetSummary>,
): Promise<DatasetSummary> {
  const known = await store.datasets.findStarter(starterKey);
  if (known !== undefined) return await store.datasets.restore(known.id);
  try {
    return await add();
  } catch (error) {
    // Another process may have imported it in the meantime; if so, use its dataset.
    const other = await store.datasets.findStarter(starterKey);
    if (other !== undefined) return other;
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

function notInstalled(data: string, file: string): AtelierError {
  return new AtelierError(
    'NOT_FOUND',
    `The starter data "${data}" is not part of this installation (${file} is not there).`,
    { place: { file, field: 'data' }, remedy: 'Install Atelier again, or import images of your own.' },
  );
}
