/** @file The user's settings for this data folder: `<home>/preferences.json`, always replaced as a whole. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeError } from '../../formats/files.ts';
import { Preferences } from '../../contract/model/system.ts';
import { endpointOf } from '../models/hub/endpoint.ts';

const DEFAULTS: Preferences = {
  memoryLimitBytes: null,
  modelDownloads: true,
  clusterJobs: false,
  gpu: 'automatic',
  hubEndpoint: null,
};
const DAMAGED: Preferences = { ...DEFAULTS, modelDownloads: false };

type PreferencesChange = { [K in keyof Preferences]?: Preferences[K] | undefined };

function fileOf(home: string): string {
  return join(home, 'preferences.json');
}

/**
 * The preferences; the defaults if none were set. If the file cannot be read as preferences, downloads are off too, because
 * somebody may have switched them off.
 */
export async function readPreferences(home: string): Promise<Preferences> {
  let text: string;
  try {
    text = await readFile(fileOf(home), 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? DEFAULTS : DAMAGED;
  }
  try {
    return changed(DEFAULTS, Preferences.partial().parse(JSON.parse(text)));
  } catch {
    return DAMAGED;
  }
}

function changed(before: Preferences, change: PreferencesChange): Preferences {
  const { memoryLimitBytes, modelDownloads, clusterJobs, gpu, hubEndpoint } = change;
  return {
    memoryLimitBytes: memoryLimitBytes === undefined ? before.memoryLimitBytes : memoryLimitBytes,
    modelDownloads: modelDownloads ?? before.modelDownloads,
    clusterJobs: clusterJobs ?? before.clusterJobs,
    gpu: gpu ?? before.gpu,
    hubEndpoint: hubEndpoint === undefined ? before.hubEndpoint : hubEndpoint,
  };
}

/** The memory limit, ready to be spread into a job of the engine; empty without one. */
export async function memoryLimitOf(home: string): Promise<{ memoryLimitBytes?: number }> {
  const { memoryLimitBytes } = await readPreferences(home);
  return memoryLimitBytes === null ? {} : { memoryLimitBytes };
}

/**
 * Changes the given preferences and returns all.
 * @throws AtelierError if a value cannot be used or the write fails, leaving all unchanged
 */
export async function writePreferences(home: string, change: PreferencesChange): Promise<Preferences> {
  const before = await readPreferences(home);
  if (typeof change.hubEndpoint === 'string') endpointOf(change.hubEndpoint);
  const next = changed(before, change);
  const aside = `${fileOf(home)}.${randomUUID()}`;
  try {
    await writeFile(aside, `${JSON.stringify(next, null, 2)}\n`);
    await rename(aside, fileOf(home));
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw writeError(fileOf(home), error);
  }
  return next;
}

/** The same for a person: who sets the GPU again wants it tried again. */
export async function changePreferences(
  { home, gpu }: { home: string; gpu: { forget(): Promise<void> } },
  change: PreferencesChange,
): Promise<Preferences> {
  const next = await writePreferences(home, change);
  if (change.gpu !== undefined) await gpu.forget();
  return next;
}
