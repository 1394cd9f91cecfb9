/**
 * @file What the desktop app needs of the studio. It takes longer to load than everything else together, so index.ts imports
 * it only once there is a window.
 */
import { createRouterClient } from '@orpc/server';
import type { SafeStorage } from 'electron';
import { RunId } from '../contract/model/primitives.ts';
import { openPictureProcess } from '../pictures/picture-process.ts';
import type { ChildExit } from '../processes/child.ts';
import { nodeChild } from '../processes/node-child.ts';
import { restoreWithin } from '../studio/backup/restore-within.ts';
import { wrappedKeyVault } from '../studio/exports/build/wrapped-key.ts';
import { unpacked, type Places } from '../studio/places.ts';
import { openStudio, type Studio } from '../studio/studio.ts';
import { keyChain } from './key-chain.ts';
import type { RestoredReport } from './restoring.ts';

export { describeBackup } from '../studio/backup/restore-backup.ts';
export { portServer } from './serve-port.ts';

export interface StudioPlace {
  home: string;
  places: Places;
  /** Receives a sentence for each part of the opening that may take a while. */
  onPhase: (sentence: string) => void;
}

/**
 * Opens the studio on this data folder; its engine and its pictures run under plain Node.
 * @param program Node's program
 */
export async function openHere(
  { home, places, onPhase }: StudioPlace,
  { program, safeStorage, onCrash }: { program: string; safeStorage: SafeStorage; onCrash: (exit: ChildExit) => void },
): Promise<Studio> {
  // Electron's own arguments mean nothing to Node.
  const child = { program, execArgv: [] };
  return await openStudio({
    home,
    resourcesDir: places.resourcesDir,
    version: places.version,
    onPhase,
    setUp: { root: unpacked(places.root), program },
    keys: wrappedKeyVault(home, keyChain(safeStorage)),
    spawnEngine: nodeChild({ ...child, entry: places.engineEntry, onCrash }),
    pictures: openPictureProcess({ spawn: nodeChild({ ...child, entry: places.picturesEntry }) }),
  });
}

/** Restores a backup into this data folder, and says how far it is. Throws like `restoreWithin`. */
export async function restoreHere(
  file: string,
  { home, places, onPhase }: StudioPlace,
  signal: AbortSignal,
): Promise<RestoredReport> {
  const { manifest, previous, modelsMissing } = await restoreWithin(file, {
    home,
    resourcesDir: places.resourcesDir,
    signal,
    onProgress: (done, total) => onPhase(`Checking and unpacking your backup: ${done} of ${total} files …`),
  });
  return { createdAt: manifest.createdAt, previous, modelsMissing };
}

export type Client = ReturnType<typeof clientOf>;

/** The studio's procedures, for the app itself. */
export function clientOf(studio: Studio) {
  const client = createRouterClient(studio.router, { context: {} });
  return {
    runs: () => client.runs.list(),
    resume: async (runId: string) => void (await client.runs.resume({ runId: RunId.parse(runId) })),
    exports: () => client.exports.list({}),
    dataset: client.datasets.get,
    report: client.reports.page,
  };
}
