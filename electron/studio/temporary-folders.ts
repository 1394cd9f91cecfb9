/**
 * @file Folders in the system's temporary folder that carry the process they belong to in their name, so that what a
 * killed process left there (an unpacked archive can be large) is removed at a later start, and nothing of a living one.
 */
import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { processExists } from '../store/connection/owner.ts';

export type TemporaryKind = 'import' | 'zip' | 'playground';

/** `atelier-zip-4711-1a2b3c4d-99aabbccddee`: kind, process, machine, chance. */
const NAME = /^atelier-(?:import|zip|playground)-(\d{1,10})-([0-9a-f]{8})-[0-9a-f]{12}$/;

/** Of this very process: another folder with its number is from a process before it that had the same one. */
const own = new Set<string>();

/** Makes an empty folder; whoever asks for it removes it with `removeTemporary`. */
export async function makeTemporary(kind: TemporaryKind): Promise<string> {
  const name = `atelier-${kind}-${process.pid}-${machine()}-${randomBytes(6).toString('hex')}`;
  // Known as ours before it is there, so that no start in this process takes it for a left one.
  own.add(name);
  await mkdir(join(tmpdir(), name), { mode: 0o700 });
  return join(tmpdir(), name);
}

export async function removeTemporary(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  own.delete(basename(folder));
}

/**
 * Removes what dead processes of this machine left behind; gives the names. What cannot be removed (it belongs to somebody
 * else, say) stays for another time: a start never fails for it.
 */
export async function clearStaleTemporaries(): Promise<string[]> {
  const cleared: string[] = [];
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    const [, pid, host] = NAME.exec(name) ?? [];
    // A process number of another machine (or container) that shares the folder cannot be asked.
    if (pid === undefined || host !== machine() || own.has(name)) continue;
    if (Number(pid) !== process.pid && processExists(Number(pid))) continue;
    const path = join(tmpdir(), name);
    try {
      // A link under such a name is not ours, and is not followed.
      if (!(await lstat(path)).isDirectory()) continue;
      await rm(path, { recursive: true, force: true });
      cleared.push(name);
    } catch {
      // See above.
    }
  }
  return cleared;
}

function machine(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}
