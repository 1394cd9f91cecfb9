/** @file Removes what killed processes left in the system's temporary folder: an unpacked archive can be large. */
import { lstat, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownerOfTemporary } from '../formats/temporary-folder.ts';
import { processExists } from '../store/connection/owner.ts';

/**
 * Removes what dead processes on this machine left behind and returns the names. Folders that cannot be removed (for
 * example because they belong to another user) are left for another time; a start never fails because of them.
 */
export async function clearStaleTemporaries(): Promise<string[]> {
  const cleared: string[] = [];
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    const pid = ownerOfTemporary(name);
    if (pid === null || (pid !== process.pid && processExists(pid))) continue;
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
