/** @file Removes what a killed process had begun to take back (`take-back.ts`): copies of adapters that nothing names. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RunId } from '../../contract/model/primitives.ts';
import type { Store } from '../../store/connection/open.ts';
import { staleIn } from '../temporary-folders.ts';

/** As `take-back.ts` names the folder of a checkpoint. */
const CHECKPOINT = /^step-(\d{6,})$/;

/**
 * Leaves alone what a live process takes back. A start never fails because of what cannot be removed; the next one tries
 * again.
 * @returns the folders that were removed
 */
export async function clearUnfinishedReturns(store: Pick<Store, 'home' | 'runs' | 'transaction'>): Promise<string[]> {
  const root = join(store.home, 'runs');
  const cleared: string[] = [];
  const remove = async (path: string): Promise<void> => {
    await rm(path, { recursive: true, force: true });
    cleared.push(path);
  };
  for (const name of await staleIn(root)) await remove(join(root, name)).catch(() => undefined);
  for (const name of await namesIn(root)) {
    const id = RunId.safeParse(name);
    if (!id.success || (await staleIn(join(root, name))).length === 0) continue;
    // In a transaction, because another process may be taking the same folder back.
    await store
      .transaction(async () => {
        const stale = await staleIn(join(root, name));
        if (stale.length === 0) return;
        const isKnown = (await store.runs.get(id.data).catch(() => null)) !== null;
        if (!isKnown) {
          await remove(join(root, name));
          return;
        }
        const recorded = (await store.runs.checkpoints(id.data)).map(({ step }) => step);
        for (const folder of await namesIn(join(root, name, 'checkpoints'))) {
          const step = Number(CHECKPOINT.exec(folder)?.[1]);
          if (step > 0 && !recorded.includes(step)) await remove(join(root, name, 'checkpoints', folder));
        }
        // Last: it says that there is something to look for.
        for (const left of stale) await remove(join(root, name, left));
      })
      .catch(() => undefined);
  }
  return cleared;
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}
