/** @file What the machine can still give to this process. */
import { freemem, totalmem } from 'node:os';

export interface AvailableMemory {
  /** What the process has now. */
  residentBytes: number;
  /** What it may have in all without pushing others out of memory. */
  limitBytes: number;
}

/** Left to the rest of the machine: a page that cannot be kept in memory makes everything slow. */
const LEFT_FREE = 0.1;

/** Memory that is free or can be freed at once, within a container's limit where there is one. */
export function availableMemory(): AvailableMemory {
  const residentBytes = process.memoryUsage.rss();
  const constrained = process.constrainedMemory();
  const ceiling = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  const limitBytes = Math.min(residentBytes + freemem(), ceiling) - LEFT_FREE * ceiling;
  return { residentBytes, limitBytes: Math.max(0, Math.round(limitBytes)) };
}
