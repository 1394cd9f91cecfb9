/** @file Removes what killed processes left in the system's temporary folder: an unpacked archive can be large. */
import { readFileSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { ownerOfTemporary } from '../formats/temporary-folder.ts';
import { processExists } from '../store/connection/owner.ts';

/** Linux counts the start of a process in hundredths of a second since the system started. */
const TICK_MS = 10;
/** Clocks are read one after the other, and may be set meanwhile. */
const CLOCK_SLACK_MS = 2000;

/**
 * Removes what dead processes on this machine left behind and returns the names. Folders that cannot be removed (for
 * example because they belong to another user) are left for another time; a start never fails because of them.
 */
export async function clearStaleTemporaries(): Promise<string[]> {
  const cleared: string[] = [];
  for (const name of await staleIn(tmpdir())) {
    try {
      await rm(join(tmpdir(), name), { recursive: true, force: true });
      cleared.push(name);
    } catch {
      // Left for another time.
    }
  }
  return cleared;
}

/** The names of the folders in `parent` that dead processes on this machine left behind. */
export async function staleIn(parent: string): Promise<string[]> {
  const stale: string[] = [];
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = ownerOfTemporary(name);
    if (pid === null) continue;
    // A link under such a name is not ours, and is not followed.
    const found = await lstat(join(parent, name)).catch(() => null);
    if (found?.isDirectory() === true && !mayBeInUse(pid, found.mtimeMs)) stale.push(name);
  }
  return stale;
}

/** Whether the process that wrote a folder may still run. A process that began after the last write only has its number. */
function mayBeInUse(pid: number, writtenMs: number): boolean {
  if (pid === process.pid || !processExists(pid)) return false;
  const startedMs = startOfProcess(pid);
  return startedMs === null || startedMs < writtenMs + CLOCK_SLACK_MS;
}

/** When a process began, in milliseconds since 1970; null where the system does not say (Linux does). */
function startOfProcess(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may itself contain spaces and parentheses; the start is the 22nd field, the 20th after it.
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    return Number.isFinite(ticks) ? Date.now() - uptime() * 1000 + ticks * TICK_MS : null;
  } catch {
    return null;
  }
}
