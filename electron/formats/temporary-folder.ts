/**
 * @file Folders whose names include the process they belong to, in the system's temporary folder or beside what they are
 * for, so that a later start can tell what a killed process left behind from what a live one uses
 * (`studio/temporary-folders.ts`).
 */
import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export type TemporaryKind = 'import' | 'zip' | 'playground' | 'program' | 'backup' | 'store' | 'hub' | 'handback';

/** `atelier-zip-4711-1a2b3c4d-99aabbccddee`: kind, process, machine, random suffix. */
const NAME =
  /^atelier-(?:import|zip|playground|program|backup|store|hub|handback)-(\d{1,10})-([0-9a-f]{8})-[0-9a-f]{12}$/;

/** Folders of this very process by name; any other folder with its process ID is from an earlier process with the same ID. */
const own = new Map<string, string>();

/** Creates an empty folder in `parent`, which exists; the caller removes it with `removeTemporary`. */
export async function makeTemporary(kind: TemporaryKind, parent = tmpdir()): Promise<string> {
  const name = `atelier-${kind}-${process.pid}-${machine()}-${randomBytes(6).toString('hex')}`;
  // Registered as ours before it exists, so that no start in this process mistakes it for a leftover.
  if (own.size === 0) process.on('exit', removeAll);
  const folder = join(parent, name);
  own.set(name, folder);
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

export async function removeTemporary(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  own.delete(basename(folder));
  if (own.size === 0) process.off('exit', removeAll);
}

/** A process that ends in the middle of its work, for example because its parent was killed, takes its folders along. */
function removeAll(): void {
  for (const folder of own.values()) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // The next start removes it.
    }
  }
}

/**
 * The process that a folder with this name belongs to; null if the name is not one of these, if this process uses the
 * folder, or if the process is on another machine (or in a container), where nobody can ask about it.
 */
export function ownerOfTemporary(name: string): number | null {
  const [, pid, host] = NAME.exec(name) ?? [];
  return pid === undefined || host !== machine() || own.has(name) ? null : Number(pid);
}

function machine(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}
