/** @file The machine that was measured: numbers mean nothing without it. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

export interface Machine {
  cpu: string;
  cores: number;
  memoryBytes: number;
  system: string;
  node: string;
  /** Runnable processes when the bench began, averaged over a minute. */
  loadBefore: number;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    loadBefore: loadavg()[0] ?? NaN,
  };
}

/** Whether Linux runs this process before every ordinary one, as after `chrt`. */
export function isRealtime(): boolean {
  const policy = /^policy\s*:\s*(\d+)/m.exec(readable('/proc/self/sched'))?.[1];
  return policy === '1' || policy === '2';
}

/** The text of a file that not every system has. */
function readable(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
