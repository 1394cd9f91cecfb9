/** @file How much memory this process holds, and held at most. */
import { readFileSync } from 'node:fs';

/**
 * The largest resident memory so far, in bytes. Linux counts it per program (VmHWM); elsewhere the process's own
 * maximum is taken, which may include its parent's at the moment of the start.
 */
export function peakResidentBytes(): number {
  const fromKernel = statusField('VmHWM');
  return fromKernel ?? process.resourceUsage().maxRSS * 1024;
}

function statusField(name: string): number | null {
  try {
    const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
    return line === null ? null : Number(line[1]) * 1024;
  } catch {
    return null;
  }
}
