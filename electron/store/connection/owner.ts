/** @file Who writes a run: one process, identified by a token, and whether that process is still alive. */
import { randomUUID } from 'node:crypto';
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

/** Whether a process with this number is running on this machine. */
export function processExists(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
