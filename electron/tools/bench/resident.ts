/** @file This process's current and peak memory. */
import { readFileSync } from 'node:fs';

/**
 * The largest resident memory so far, in bytes. Linux counts it per program (VmHWM); elsewhere this is the process's
 * own maximum, which may include its parent's memory at start-up.
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
