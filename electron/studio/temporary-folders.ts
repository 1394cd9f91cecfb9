/**
 * @file Folders in the system's temporary folder whose names include the process they belong to. A later start can thus
 * remove what a killed process left behind (an unpacked archive can be large) and nothing that a live one uses.
 */
import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { processExists } from '../store/connection/owner.ts';

export type TemporaryKind = 'import' | 'zip' | 'playground' | 'backup';

/** `atelier-zip-4711-1a2b3c4d-99aabbccddee`: kind, process, machine, random suffix. */
const NAME = /^atelier-(?:import|zip|playground|backup)-(\d{1,10})-([0-9a-f]{8})-[0-9a-f]{12}$/;

/** Folders of this very process; any other folder with its process ID is from an earlier process with the same ID. */
const own = new Set<string>();

/** Creates an empty folder; the caller removes it with `removeTemporary`. */
export async function makeTemporary(kind: TemporaryKind): Promise<string> {
  const name = `atelier-${kind}-${process.pid}-${machine()}-${randomBytes(6).toString('hex')}`;
  // Registered as ours before it exists, so that no start in this process mistakes it for a leftover.
  own.add(name);
  await mkdir(join(tmpdir(), name), { mode: 0o700 });
  return join(tmpdir(), name);
}

export async function removeTemporary(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  own.delete(basename(folder));
}

/**
 * Removes what dead processes on this machine left behind and returns the names. Folders that cannot be removed (for
 * example because they belong to another user) are left for another time; a start never fails because of them.
 */
export async function clearStaleTemporaries(): Promise<string[]> {
  const cleared: string[] = [];
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    const [, pid, host] = NAME.exec(name) ?? [];
    // A process ID from another machine (or container) that shares the folder cannot be checked.
    if (pid === undefined || host !== machine() || own.has(name)) continue;
    if (Number(pid) !== process.pid && processExists(Number(pid))) continue;
    const path = join(tmpdir(), name);
    try {
      // A link under such a name is not ours, and is not followed.
      if (!(await lstat(path)).isDirectory()) continue;
      await rm(path, { recursive: true, force: true });
      cleared.push(name);
    } catch {
      // Left for another time.
    }
  }
  return cleared;
}

function machine(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}
