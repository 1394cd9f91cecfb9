/** @file A file beside a run's checkpoints by which one Atelier asks another on the same data folder to stop it. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunId } from '../../contract/model/primitives.ts';
import type { Store } from '../../store/connection/open.ts';

function fileOf(store: Store, runId: RunId): string {
  return join(store.runFolder(runId), 'stop-request');
}

export async function requestStop(store: Store, runId: RunId): Promise<void> {
  await mkdir(store.runFolder(runId), { recursive: true });
  await writeFile(fileOf(store, runId), `${process.pid}\n`);
}

export function stopRequested(store: Store, runId: RunId): boolean {
  return existsSync(fileOf(store, runId));
}

export async function forgetStopRequest(store: Store, runId: RunId): Promise<void> {
  await rm(fileOf(store, runId), { force: true });
}
