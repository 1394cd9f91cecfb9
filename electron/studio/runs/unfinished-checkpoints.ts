/** @file Removes the checkpoints that killed processes were writing. Going on with the run would do so too, but it may never go on. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RunId } from '../../contract/model/primitives.ts';
import type { Store } from '../../store/connection/open.ts';

/** As `writeCheckpoint` of the engine names a folder until it is complete. */
const UNFINISHED = /^\.writing-step-\d+$/;

/**
 * Leaves alone what a run in progress writes, here or in another process. A start never fails because of a folder that
 * cannot be removed; the next one tries again.
 * @returns the folders that were removed
 */
export async function clearUnfinishedCheckpoints(store: Pick<Store, 'home' | 'runs'>): Promise<string[]> {
  const cleared: string[] = [];
  for (const name of await namesIn(join(store.home, 'runs'))) {
    const root = join(store.home, 'runs', name, 'checkpoints');
    for (const folder of (await namesIn(root)).filter((each) => UNFINISHED.test(each))) {
      // Asked last: from here on, a run that is resumed takes far longer to its first checkpoint than a folder to go.
      const status = (await store.runs.get(RunId.parse(name)).catch(() => null))?.summary.status;
      if (status === undefined || status === 'running' || status === 'queued') continue;
      const isGone = await rm(join(root, folder), { recursive: true, force: true }).then(
        () => true,
        () => false,
      );
      if (isGone) cleared.push(join(root, folder));
    }
  }
  return cleared;
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}
