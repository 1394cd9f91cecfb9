/**
 * @file How long a thread may take. What counts is its processor time: on a busy machine a sound file takes many times as
 * long by the clock.
 */
import { readFileSync, readlinkSync } from 'node:fs';

/** A thread that uses no processor time waits for something that may never come; it gets this many times as long. */
export const WAITING_FACTOR = 5;
/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

export interface Spent {
  /** By the clock. */
  wallMs: number;
  /** Processor time. */
  cpuMs: number;
}

/** Whether a thread that was given `limitMs` has had its time. */
export function isOver(limitMs: number, { wallMs, cpuMs }: Spent): boolean {
  return wallMs > WAITING_FACTOR * limitMs || (wallMs > limitMs && cpuMs > limitMs);
}

/** The number by which the system knows the calling thread; null where it does not say (Linux does). */
export function ownTask(): number | null {
  try {
    const task = Number(/\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1]);
    return Number.isInteger(task) ? task : null;
  } catch {
    return null;
  }
}

/**
 * Processor time of one of this process's threads so far, in milliseconds.
 * @param task as `ownTask` gave it there; null = that of the whole process, which is never less
 */
export function cpuMsOf(task: number | null): number {
  try {
    if (task !== null) {
      const stat = readFileSync(`/proc/self/task/${task}/stat`, 'utf8');
      // The name in parentheses may itself contain spaces and parentheses; user and system time follow 11 fields later.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    }
  } catch {
    // The thread has ended.
  }
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
