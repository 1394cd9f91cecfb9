/** @file Who writes a run: one process, identified by a token, and whether that process is still alive. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** One opening of the store by one process. */
export type Owner = { token: string; host: string; pid: number };

/** After this long without a heartbeat, a run counts as abandoned, whatever its process number says. */
export const HEARTBEAT_TIMEOUT_MS = 120_000;
export const HEARTBEAT_EVERY_MS = 15_000;

/** Owners in this process: a record with its number but a different token belongs to an earlier process. */
const ownTokens = new Set<string>();

export function newOwner(): Owner {
  const owner = { token: randomUUID(), host: hostname(), pid: process.pid };
  ownTokens.add(owner.token);
  return owner;
}

/** Declares that nothing more will be written under this owner. */
export function retireOwner(owner: Owner): void {
  ownTokens.delete(owner.token);
}

export type OwnerRecord = {
  owner: string | null;
  owner_host: string | null;
  owner_pid: number | null;
  heartbeat_at: string | null;
};

/**
 * Whether the process that wrote `record` may still be running. A fresh heartbeat counts only while its process is
 * alive. The process number of another machine cannot be checked, so there the heartbeat decides.
 */
export function mayBeAlive(record: OwnerRecord, self: Owner, nowMs: number): boolean {
  if (record.owner === null || record.heartbeat_at === null) return false;
  if (record.owner === self.token) return true;
  if (nowMs - Date.parse(record.heartbeat_at) > HEARTBEAT_TIMEOUT_MS) return false;
  if (record.owner_host !== self.host || record.owner_pid === null) return true;
  if (record.owner_pid === self.pid) return ownTokens.has(record.owner);
  return processExists(record.owner_pid);
}

/** Whether a process with this number is running on this machine. One that is ending does no more work. */
export function processExists(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return !isEnding(pid);
  } catch (error) {
    // EPERM: the process exists, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM' && !isEnding(pid);
  }
}

/** `PF_EXITING` of Linux: the process gives back its memory, which takes a while if it had much. */
const EXITING = 0x4;

/**
 * True for a process that was killed and is still being taken apart, or that nobody has collected yet: its number is in use
 * for a moment longer. False where the system does not say (Linux does).
 */
function isEnding(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may itself contain spaces and parentheses. After it: state, five numbers, flags.
    const [state = '', , , , , , flags = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return 'ZXx'.includes(state) || (Number(flags) & EXITING) !== 0;
  } catch {
    return false;
  }
}
