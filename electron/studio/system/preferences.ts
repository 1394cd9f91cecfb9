/** @file The user's settings for this data folder: `<home>/preferences.json`, always replaced as a whole. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeError } from '../../formats/files.ts';
import { Preferences } from '../../contract/model/system.ts';

const DEFAULTS: Preferences = { memoryLimitBytes: null };

function fileOf(home: string): string {
  return join(home, 'preferences.json');
}

/** The preferences; defaults if none were set or the file cannot be read as preferences. */
export async function readPreferences(home: string): Promise<Preferences> {
  try {
    const found = Preferences.partial().parse(JSON.parse(await readFile(fileOf(home), 'utf8')));
    return { memoryLimitBytes: found.memoryLimitBytes ?? DEFAULTS.memoryLimitBytes };
  } catch {
    return DEFAULTS;
  }
}

/** The memory limit, ready to be spread into a job of the engine; empty without one. */
export async function memoryLimitOf(home: string): Promise<{ memoryLimitBytes?: number }> {
  const { memoryLimitBytes } = await readPreferences(home);
  return memoryLimitBytes === null ? {} : { memoryLimitBytes };
}

/** Changes the given preferences and returns all. @throws AtelierError if the write fails, leaving all unchanged */
export async function writePreferences(
  home: string,
  change: { [K in keyof Preferences]?: Preferences[K] | undefined },
): Promise<Preferences> {
  const before = await readPreferences(home);
  const next: Preferences = {
    memoryLimitBytes: change.memoryLimitBytes === undefined ? before.memoryLimitBytes : change.memoryLimitBytes,
  };
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
